#!/usr/bin/env bash
# Minutes played such as 7:15 are seven hours and a quarter, unless somebody in the file played 24
# minutes or more.
#
# Expected: "7:15" and "34:12" are text, always, or a duration, always.
# Happens:  DuckDB's CSV sniffer takes MM:SS for HH:MM while every value is below 24:00, and makes
#           the column TIME. 7:15 becomes 07:15:00. One starter with 34:12 turns the whole column
#           back into text. Its JSON reader does the same to "7:15". `sum(epoch(minutes))` then runs
#           without an error and is sixty times too large.
# Hurts:    box scores by bench unit, by quarter, of a summer league, or of one player: they have no
#           24 minutes. The query that was written on full games fails on them, or worse, does not.
# Instead:  read the column as VARCHAR and split it at the colon. A cast of '34:12' to INTERVAL is
#           no way out: that is 34 hours.
#
# Seen on 2026-11-28 with duckdb 2.0.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q duckdb==2.0.0
cd "$room"
printf 'player,minutes\nAda One,34:12\nBea Two,7:15\n' > game.csv
printf 'player,minutes\nBea Two,7:15\nCleo Three,12:45\n' > bench.csv
printf '{"player": "Bea Two", "minutes": "7:15"}\n' > bench.json
"$room/venv/bin/python" - <<'EOF'
import datetime as dt, duckdb

print("duckdb", duckdb.__version__)
lake = duckdb.connect()
ask = lambda question: lake.sql(question).fetchall()
game = ask("SELECT minutes, typeof(minutes) FROM 'game.csv'")
bench = ask("SELECT minutes, typeof(minutes) FROM 'bench.csv'")
json = ask("SELECT minutes, typeof(minutes) FROM 'bench.json'")
seconds = ask("SELECT sum(epoch(minutes)) FROM 'bench.csv'")[0][0]
interval = ask("SELECT '34:12'::INTERVAL")[0][0]
print("game       ", game)
print("bench      ", bench)
print("bench, JSON", json)
print("seconds of 7:15 and 12:45:", seconds, "instead of 1200")
print("'34:12'::INTERVAL:", interval)
assert game == [("34:12", "VARCHAR"), ("7:15", "VARCHAR")], game
assert bench == [(dt.time(7, 15), "TIME"), (dt.time(12, 45), "TIME")], bench
assert json == [(dt.time(7, 15), "TIME")], json
assert seconds == 60 * 1200, seconds
assert interval == dt.timedelta(hours=34, minutes=12), interval
EOF
