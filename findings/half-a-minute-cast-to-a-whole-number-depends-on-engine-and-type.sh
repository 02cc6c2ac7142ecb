#!/usr/bin/env bash
# 20.7 minutes cast to whole minutes are 20 in Polars and 21 in DuckDB, and 20.5 are 20 or 21 by the
# type.
#
# Expected: a strict cast refuses a number that does not fit, or all engines of one pipeline round
#           alike.
# Happens:  Polars cuts towards zero, although `strict=True` is the default ("20.7" as text is
#           refused). DuckDB rounds; a DOUBLE half goes to the even neighbour (20.5 to 20, 21.5 to
#           22), a DECIMAL half away from zero (20.5 to 21), and a literal is DECIMAL. DuckDB's
#           `round` sends halves of both types away from zero, Polars' `round` sends them to the
#           even neighbour.
# Hurts:    a step that moves from SQL to a frame, or a test written with literals for a column of
#           doubles: every half-minute, half-point average or 37.5 % moves by one. Counts that
#           arrive as averages (20.7 points) are accepted as counts.
# Instead:  compare with `floor` first and refuse fractions; write the rounding that is meant.
#
# Seen on 2026-11-28 with duckdb 2.0.0 and polars 2.1.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q duckdb==2.0.0 polars==2.1.0
"$room/venv/bin/python" - <<'EOF'
import duckdb, polars as pl

print("duckdb", duckdb.__version__, "polars", pl.__version__)
minutes = [20.5, 20.7, 21.5]


def in_duckdb(term: str) -> list[int]:
    rows = duckdb.sql(f"SELECT {term} FROM (VALUES (20.5), (20.7), (21.5)) v(decimal)").fetchall()
    return [int(value) for (value,) in rows]


got = {
    "Polars cast(Int64)": pl.Series(minutes).cast(pl.Int64, strict=True).to_list(),
    "DuckDB DOUBLE::INTEGER": in_duckdb("decimal::DOUBLE::INTEGER"),
    "DuckDB DECIMAL::INTEGER": in_duckdb("decimal::INTEGER"),
    "Polars round()": [int(value) for value in pl.Series(minutes).round()],
    "DuckDB round(DOUBLE)": in_duckdb("round(decimal::DOUBLE)"),
    "DuckDB round(DECIMAL)": in_duckdb("round(decimal)"),
}
print(f"{'':<26}{minutes}")
for way, whole in got.items():
    print(f"{way:<26}{whole}")
try:
    text = pl.Series(["20.7"]).cast(pl.Int64, strict=True).to_list()
except pl.exceptions.InvalidOperationError as error:
    text = type(error).__name__
print(f"{'Polars cast of text 20.7':<26}{text}")
assert list(got.values()) == [[20, 20, 21], [20, 21, 22], [21, 21, 22], [20, 21, 22], [21, 21, 22], [21, 21, 22]], got
assert text == "InvalidOperationError", text
EOF
