#!/usr/bin/env bash
# American dates are read day first for the first twelve days of a month, by DuckDB and by Polars.
#
# Expected: 11/02/2025 is either left as text or read month first, as every American box score
#           writes it; at the least the two files of one month are read alike.
# Happens:  DuckDB's sniffer prefers day first whenever all dates of the file allow it. The file of
#           2 and 9 November becomes 11 February and 11 September 2025; the file of 16 and 23
#           November, which cannot be day first, is right. Polars' `try_parse_dates` does the same
#           with the first file and leaves the second as text. Nobody warns. Read as one list the
#           outcome depends on the order: the later file first is right, the earlier file first
#           raises.
# Hurts:    a weekly download of game logs: half of the rows move by months, some of them into the
#           future, where an as-of join finds them or does not.
# Instead:  give the format (`dateformat='%m/%d/%Y'`; in Polars read text and
#           `str.to_date("%m/%d/%Y")`).
#
# Seen on 2026-11-28 with duckdb 2.0.0 and polars 2.1.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q duckdb==2.0.0 polars==2.1.0
cd "$room"
printf 'game_date,points\n11/02/2025,20\n11/09/2025,25\n' > early.csv
printf 'game_date,points\n11/16/2025,21\n11/23/2025,22\n' > late.csv
"$room/venv/bin/python" - <<'EOF'
import duckdb, polars as pl

print("duckdb", duckdb.__version__, "polars", pl.__version__)
lake = duckdb.connect()


def days(files: str, options: str = "") -> list[str]:
    return [str(day) for (day,) in lake.sql(f"SELECT game_date FROM read_csv({files}{options})").fetchall()]


early, late = days("'early.csv'"), days("'late.csv'")
later_first = days("['late.csv', 'early.csv']")
try:
    earlier_first = days("['early.csv', 'late.csv']")
except duckdb.ConversionException as error:
    earlier_first = type(error).__name__
given = days("'early.csv'", ", dateformat='%m/%d/%Y'")
print("DuckDB, early file     ", early)
print("DuckDB, late file      ", late)
print("DuckDB, late and early ", later_first)
print("DuckDB, early and late ", earlier_first)
print("DuckDB, format given   ", given)
assert early == ["2025-02-11", "2025-09-11"], early
assert late == ["2025-11-16", "2025-11-23"], late
assert later_first == ["2025-11-16", "2025-11-23", "2025-11-02", "2025-11-09"], later_first
assert earlier_first == "ConversionException", earlier_first
assert given == ["2025-11-02", "2025-11-09"], given

read = {name: pl.read_csv(f"{name}.csv", try_parse_dates=True)["game_date"] for name in ("early", "late")}
print("Polars, early file     ", read["early"].dtype, read["early"].to_list())
print("Polars, late file      ", read["late"].dtype, read["late"].to_list())
assert [str(day) for day in read["early"]] == ["2025-02-11", "2025-09-11"]
assert read["late"].dtype == pl.String
EOF
