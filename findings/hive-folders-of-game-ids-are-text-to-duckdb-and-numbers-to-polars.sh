#!/usr/bin/env bash
# The folder `game_id=0022400001` is the text '0022400001' for DuckDB and the integer 22400001 for
# Polars.
#
# Expected: both readers of one hive-partitioned Parquet lake agree about a key, either way; most
#           expect both to guess an integer.
# Happens:  DuckDB guesses a type for each partition column but keeps text where a number would lose
#           its leading zeros; `season=2024` beside it is an integer. Polars makes both integers.
#           What Polars writes back by the same key stands in a second folder, game_id=22400001, and
#           DuckDB then reads both as text: one game, two ids.
# Hurts:    a join of a frame of one with a table of the other raises or, after a cast to text,
#           finds nothing: '22400001' is not '0022400001'. Leagues whose ids begin with 1 or 2
#           (WNBA, G League) work, which hides it.
# Instead:  give `hive_schema={"game_id": pl.String}` in Polars and `hive_types` in DuckDB; or
#           partition by season and date only.
#
# Seen on 2026-11-28 with polars 2.1.0 and duckdb 2.0.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q polars==2.1.0 duckdb==2.0.0
cd "$room"
"$room/venv/bin/python" - <<'EOF'
from pathlib import Path
import duckdb, polars as pl

print("polars", pl.__version__, "duckdb", duckdb.__version__)


def land(league: str, game: str) -> None:
    folder = Path(league, "season=2024", f"game_id={game}")
    folder.mkdir(parents=True)
    pl.DataFrame({"points": [110]}).write_parquet(folder / "part.parquet")


def of_duckdb(league: str) -> list[tuple]:
    return duckdb.sql(f"SELECT game_id, season FROM read_parquet('{league}/**/*.parquet', hive_partitioning = true) ORDER BY 1").fetchall()


land("nba", "0022400001")
land("other", "1022400001")
for league in ("nba", "other"):
    print(f"{league:<6}DuckDB", of_duckdb(league), " Polars", pl.scan_parquet(f"{league}/").select("game_id", "season").collect().rows())
assert of_duckdb("nba") == [("0022400001", 2024)]
assert of_duckdb("other") == [(1022400001, 2024)]
polars_nba = pl.scan_parquet("nba/").collect()
assert polars_nba.select("game_id", "season").rows() == [(22400001, 2024)]
schema = {"season": pl.Int64, "game_id": pl.String}
asked = pl.scan_parquet("nba/", hive_schema=schema).select("game_id", "season").collect().rows()
print("nba   Polars, hive_schema given", asked)
assert asked == [("0022400001", 2024)]

game, season = polars_nba.select("game_id", "season").row(0)
land("nba", str(game))  # what a step in Polars writes back
print("nba   DuckDB after a step in Polars", of_duckdb("nba"))
assert of_duckdb("nba") == [("0022400001", 2024), ("22400001", 2024)]
EOF
