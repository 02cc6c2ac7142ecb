#!/usr/bin/env bash
# In DuckDB `2000.0 // 720` is 2.7777…, not 2: the integer division operator divides floats and
# decimals exactly.
#
# Expected: `//` floors, as in Python, NumPy and Polars, or at least drops the fraction whatever the
#           type.
# Happens:  it drops the fraction (towards zero: -7 // 2 is -3, in Python -4) if both sides are
#           integers; if one side is DOUBLE or DECIMAL it is plain division. The literal 720.0 is
#           enough. And since 2.0 `1 // 0` raises where 1.x gave NULL, while `1 / 0` is still
#           infinity.
# Hurts:    the period from seconds (`seconds // 720`), minutes from seconds: right until a source
#           delivers the seconds as 2000.0, then the join on period matches nothing, or GROUP BY
#           makes a group per second.
# Instead:  `floor(a / b)::INTEGER`, or cast both sides to an integer first.
#
# Seen on 2026-11-28 with duckdb 2.0.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q duckdb==2.0.0
"$room/venv/bin/python" - <<'EOF'
import duckdb

print("duckdb", duckdb.__version__)
one = lambda term: duckdb.sql(f"SELECT {term}").fetchall()[0][0]
terms = {
    "2000 // 720": 2,
    "2000.0 // 720": 2000 / 720,
    "2000::DOUBLE // 720": 2000 / 720,
    "2000 // 720.0": 2000 / 720,
    "-7 // 2": -3,
    "1 / 0": float("inf"),
}
for term, seen in terms.items():
    got = one(term)
    print(f"{term:<22}{got}")
    assert got == seen, (term, got)
try:
    raised = one("1 // 0")
except duckdb.Error as error:
    raised = type(error).__name__
print(f"{'1 // 0':<22}{raised}")
assert raised == "InvalidInputException", raised
EOF
