#!/usr/bin/env bash
# Since Polars 2 `explode` drops a row whose list is empty; a row whose list is null stays. In
# Polars 1 both stayed.
#
# Expected: as in Polars 1, one row with null for a game without props, so that a later count or
#           left join still knows the game.
# Happens:  the empty list makes no row, the missing list makes a row of null. DuckDB's `unnest`
#           drops both.
# Hurts:    "games without a price" counted after the explode: the games that a book has taken down
#           (an empty list) are gone, while those that were never asked for (null) are there.
# Instead:  say what is meant with `empty_as_null=`, and count before exploding.
#
# Seen on 2026-11-28 with polars 2.1.0, polars 1.31.0 and duckdb 2.0.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/new"
python3 -m venv "$room/old"
"$room/new/bin/pip" install -q polars==2.1.0 duckdb==2.0.0
"$room/old/bin/pip" install -q polars==1.31.0
cat > "$room/ask.py" <<'EOF'
import polars as pl

games = pl.DataFrame({"game": ["A", "B", "C"], "points": [[5.5, 6.5], [], None]}, schema={"game": pl.String, "points": pl.List(pl.Float64)})
print(games.explode("points").rows())
if pl.__version__.startswith("2"):
    import duckdb

    print(games.explode("points", empty_as_null=True).rows())
    listed = "(VALUES ('A', [5.5::DOUBLE, 6.5]), ('B', []), ('C', NULL)) v(game, points)"
    print(duckdb.sql(f"SELECT game, unnest(points) FROM {listed}").fetchall())
EOF
new=$("$room/new/bin/python" "$room/ask.py")
old=$("$room/old/bin/python" "$room/ask.py")
printf 'polars 1.31.0:\n%s\npolars 2.1.0, with empty_as_null=True, and DuckDB 2.0.0:\n%s\n' "$old" "$new"
[ "$old" = "[('A', 5.5), ('A', 6.5), ('B', None), ('C', None)]" ]
[ "$new" = "[('A', 5.5), ('A', 6.5), ('C', None)]
[('A', 5.5), ('A', 6.5), ('B', None), ('C', None)]
[('A', 5.5), ('A', 6.5)]" ]
