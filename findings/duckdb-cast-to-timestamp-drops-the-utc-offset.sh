#!/usr/bin/env bash
# A tip-off of 19:30 at offset -05:00 is cast to TIMESTAMP 19:30; in DuckDB 1.1 the same cast gave
# 00:30 UTC.
#
# Expected: an ISO instant with an offset is converted (to UTC, or to the session's zone), or
#           refused by a type that has no zone. Old versions converted it to UTC, so queries were
#           written for that.
# Happens:  the offset is read and thrown away, in a cast, in `read_csv(types={'tipoff':
#           'TIMESTAMP'})`, and for a DATE near midnight. `strptime` with %z and an undeclared CSV
#           column (sniffed as TIMESTAMP WITH TIME ZONE) do keep the instant, so two columns of one
#           table that came by two ways differ by five hours.
# Hurts:    anyone who upgrades: every "published before tip-off" filter moves by the offset without
#           a word, and late information looks early.
# Instead:  cast to TIMESTAMPTZ first, and only then `AT TIME ZONE 'UTC'`.
#
# Seen on 2026-11-28 with duckdb 2.0.0 and, beside it, 1.1.3 on Python 3.11.7. 1.4.1 already dropped
# the offset.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
for version in 2.0.0 1.1.3; do
    python3 -m venv "$room/$version"
    "$room/$version/bin/pip" install -q "duckdb==$version" pytz==2026.6
done
cd "$room"
printf 'game,tipoff\n1,2025-01-02T19:30:00-05:00\n' > games.csv
cat > ask.py <<'EOF'
import duckdb

lake = duckdb.connect()
lake.execute("SET timezone = 'UTC'")
one = lambda question: str(lake.sql(question).fetchall()[0][0])
print(one("SELECT '2025-01-02T19:30:00-05:00'::TIMESTAMP"))
print(one("SELECT tipoff FROM read_csv('games.csv', types={'tipoff': 'TIMESTAMP'})"))
print(one("SELECT tipoff FROM 'games.csv'"))
print(one("SELECT '2025-01-02T19:30:00-05:00'::TIMESTAMPTZ AT TIME ZONE 'UTC'"))
EOF
new=$(2.0.0/bin/python ask.py)
old=$(1.1.3/bin/python ask.py)
paste -d'|' <(printf '%s\n' cast "declared in read_csv" "sniffed by read_csv" "by way of TIMESTAMPTZ") <(echo "$new") <(echo "$old") |
    awk -F'|' 'BEGIN {printf "%-24s %-28s %s\n", "", "duckdb 2.0.0", "duckdb 1.1.3"} {printf "%-24s %-28s %s\n", $1, $2, $3}'
[ "$new" = "2025-01-02 19:30:00
2025-01-02 19:30:00
2025-01-03 00:30:00+00:00
2025-01-03 00:30:00" ]
[ "$(echo "$old" | head -1)" = "2025-01-03 00:30:00" ]
