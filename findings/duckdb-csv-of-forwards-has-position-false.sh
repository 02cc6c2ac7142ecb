#!/usr/bin/env bash
# A CSV file in which every player is a forward loses its positions: DuckDB reads "F" as false.
#
# Expected: "F" and "C" are text. A file of text columns stays text whichever rows are in it.
# Happens:  DuckDB's CSV sniffer tries BOOLEAN before VARCHAR and takes "t" and "f", in any case,
#           for true and false. A roster with a centre in it has a text column; the same roster
#           filtered to forwards has a BOOLEAN column, and its positions are false. Cast back to
#           text they are "false", not "F". A yes/no column "T"/"F" next to it makes the type look
#           intended.
# Hurts:    anyone who splits players by position and reads the parts, or whose file of one small
#           slate holds forwards only: joins on position = 'F' find nothing, or raise, on that one
#           day.
# Instead:  name the types (`columns=` or `types=`), or read everything as text (`all_varchar=true`)
#           and cast.
#
# Seen on 2026-11-28 with duckdb 2.0.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q duckdb==2.0.0
cd "$room"
printf 'player,position\nAda One,F\nBea Two,F\nCleo Three,C\n' > everyone.csv
printf 'player,position\nAda One,F\nBea Two,F\n' > forwards.csv
"$room/venv/bin/python" - <<'EOF'
import duckdb

print("duckdb", duckdb.__version__)
lake = duckdb.connect()
everyone = lake.sql("SELECT position, typeof(position) FROM 'everyone.csv'").fetchall()
forwards = lake.sql("SELECT position, typeof(position), position::VARCHAR FROM 'forwards.csv'").fetchall()
asked = lake.sql("SELECT position FROM read_csv('forwards.csv', types={'position': 'VARCHAR'})").fetchall()
print("everyone      ", everyone)
print("forwards only ", forwards)
print("types given   ", asked)
assert everyone == [("F", "VARCHAR"), ("F", "VARCHAR"), ("C", "VARCHAR")], everyone
assert forwards == [(False, "BOOLEAN", "false")] * 2, forwards
assert asked == [("F",), ("F",)], asked
EOF
