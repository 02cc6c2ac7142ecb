#!/usr/bin/env bash
# `time_bucket` by day puts a 22:30 Eastern tip-off in a bucket that starts at 19:00, although the
# session is Eastern.
#
# Expected: `time_bucket(INTERVAL 1 day, tipoff)` and `date_trunc('day', tipoff)` name the same day
#           for a TIMESTAMPTZ.
# Happens:  `date_trunc` cuts at midnight of the session's zone, `time_bucket` at midnight UTC,
#           unless the zone is given again as a third argument. Printed in Eastern time its days run
#           from 19:00 to 19:00 (in summer 20:00).
# Hurts:    lines or bets summed by game day: games that tip off before and after 19:00 fall on
#           different days, and the month of a game on the last evening is the next one.
# Instead:  `time_bucket(INTERVAL 1 day, tipoff, 'America/New_York')`, or `date_trunc`.
#
# Seen on 2026-11-28 with duckdb 2.0.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q duckdb==2.0.0 pytz==2026.6
"$room/venv/bin/python" - <<'EOF'
import duckdb

print("duckdb", duckdb.__version__)
lake = duckdb.connect()
lake.execute("SET timezone = 'America/New_York'")
TIPOFF = "TIMESTAMPTZ '2025-01-31 22:30:00-05'"
ways = {
    f"time_bucket(INTERVAL 1 day, {TIPOFF})": "2025-01-31 19:00:00-05",
    f"time_bucket(INTERVAL 1 day, {TIPOFF}, 'America/New_York')": "2025-01-31 00:00:00-05",
    f"date_trunc('day', {TIPOFF})": "2025-01-31 00:00:00-05",
    f"time_bucket(INTERVAL 1 month, {TIPOFF})": "2025-01-31 19:00:00-05",
    f"date_trunc('month', {TIPOFF})": "2025-01-01 00:00:00-05",
}
for way, seen in ways.items():
    got = lake.sql(f"SELECT ({way})::VARCHAR").fetchall()[0][0]
    print(got, "=", way)
    assert got == seen, (way, got)
EOF
