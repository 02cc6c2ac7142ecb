#!/usr/bin/env bash
# pandera with `drop_invalid_rows=True` lets duplicate keys through: no error, no row dropped.
#
# Expected: either one of two equal keys is dropped, or both, or the failed check is raised. The
#           same schema without the option raises.
# Happens:  with `unique=["game_id", "player_id"]` on the schema of a Polars frame all rows come
#           back and the check has no effect. With `unique=True` on a column both copies are
#           dropped, the good one too. And a null in a column that may not be null is dropped.
# Hurts:    a quarantine step ("drop what fails, keep the rest"): a player who was delivered twice
#           is counted twice in every sum, and the log is clean.
# Instead:  check keys apart, without `drop_invalid_rows`.
#
# Seen on 2026-11-28 with pandera 0.35.0 and polars 2.1.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q pandera==0.35.0 polars==2.1.0
"$room/venv/bin/python" -W ignore - <<'EOF'
import pandera, polars as pl
import pandera.polars as pa

print("pandera", pandera.__version__, "polars", pl.__version__)
rows = pl.DataFrame({"player_id": [1, 1, 2], "points": [20, 20, -7]})


def kept(unique_column: bool = False, unique: list[str] | None = None, drop: bool = True) -> list | str:
    columns = {"player_id": pa.Column(pl.Int64, unique=unique_column), "points": pa.Column(pl.Int64, pa.Check.ge(0) if drop else None)}
    try:
        return pa.DataFrameSchema(columns, unique=unique, drop_invalid_rows=drop).validate(rows, lazy=True).rows()
    except pa.errors.SchemaErrors as error:
        return type(error).__name__


got = {
    "unique key of the schema, nothing dropped": kept(unique=["player_id"], drop=False),
    "unique key of the schema, invalid dropped": kept(unique=["player_id"]),
    "unique column, invalid dropped": kept(unique_column=True),
}
for way, rows_kept in got.items():
    print(f"{way:<44}{rows_kept}")
assert list(got.values()) == ["SchemaErrors", [(1, 20), (1, 20)], []], got
EOF
