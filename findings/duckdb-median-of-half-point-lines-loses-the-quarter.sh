#!/usr/bin/env bash
# The median of the lines 5.5 and 6.0 is 5.7 in DuckDB, if the lines are DECIMAL.
#
# Expected: 5.75, as for DOUBLE and as `avg` of the same two values says.
# Happens:  `median` and `quantile_cont` give DECIMAL back with the scale of the input and cut what
#           does not fit, towards zero: 5.7, and -5.7 for -5.5 and -6.0. Of the prices -110 and -115
#           as DECIMAL(6,0) the median is -112. `mad` cuts as well: .2 instead of .25. A literal
#           such as 5.5 is DECIMAL(2,1) in DuckDB, so a test written with VALUES meets it, and so
#           does a Parquet file with DECIMAL(5,1) columns.
# Hurts:    consensus lines of two books, a spread that is pulled towards zero on both sides, an
#           "edge" of .05 points.
# Instead:  cast to DOUBLE before `median` and `quantile_cont`.
#
# Seen on 2026-11-28 with duckdb 2.0.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q duckdb==2.0.0
"$room/venv/bin/python" - <<'EOF'
from decimal import Decimal
import duckdb

print("duckdb", duckdb.__version__)
one = lambda question: duckdb.sql(question).fetchall()[0]
LINES = "FROM (VALUES (5.5), (6.0)) v(line)"
decimal = one(f"SELECT median(line), quantile_cont(line, .75), mad(line), avg(line), typeof(median(line)) {LINES}")
double = one(f"SELECT median(line::DOUBLE), quantile_cont(line::DOUBLE, .75), mad(line::DOUBLE) {LINES}")
spread = one("SELECT median(line) FROM (VALUES (-5.5), (-6.0)) v(line)")
price = one("SELECT median(price::DECIMAL(6, 0)) FROM (VALUES (-110), (-115)) v(price)")
print("DECIMAL: median, quantile_cont .75, mad, avg, type of the median:", *decimal)
print("DOUBLE:  median, quantile_cont .75, mad:", *double)
print("median of -5.5 and -6.0:", *spread, "  of -110 and -115:", *price)
assert decimal == (Decimal("5.7"), Decimal("5.8"), Decimal("0.2"), 5.75, "DECIMAL(2,1)"), decimal
assert double == (5.75, 5.875, 0.25), double
assert spread == (Decimal("-5.7"),), spread
assert price == (Decimal("-112"),), price
EOF
