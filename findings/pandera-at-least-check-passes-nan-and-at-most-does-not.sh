#!/usr/bin/env bash
# In a nullable float column pandera's `ge(0)` accepts NaN and `le(60)` refuses it; without nullable
# NaN is called a null.
#
# Expected: NaN is a value, and no comparison holds for it (as in Python, NumPy and pandas): every
#           bound refuses it. Or it is a missing value and nullable columns accept it, whatever the
#           bound.
# Happens:  the Polars backend compares as Polars does, where NaN is larger than everything: lower
#           bounds hold, upper bounds do not, and a column without bounds takes it. If the column is
#           not nullable, the same NaN fails as "contains null values". So one NaN is missing, too
#           large, or fine, by the options of the column.
# Hurts:    prices, odds and rates, which have a lower bound and no upper one and may be null: NaN
#           lands, passes, sorts on top of every ranking and turns sums into NaN.
# Instead:  `fill_nan(None)` at the door, or an `is_nan` check of your own on every float column.
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
rows = pl.DataFrame({"price": [110.0, float("nan")]})


def verdict(check: pa.Check | None, nullable: bool) -> str:
    try:
        pa.DataFrameSchema({"price": pa.Column(pl.Float64, check, nullable=nullable)}).validate(rows)
        return "accepted"
    except pa.errors.SchemaError as error:
        return "null" if "null values" in str(error) else "refused"


checks = {"no bound": None, "ge(0)": pa.Check.ge(0), "le(10_000)": pa.Check.le(10_000), "in_range(0, 10_000)": pa.Check.in_range(0, 10_000)}
got = {name: (verdict(check, nullable=True), verdict(check, nullable=False)) for name, check in checks.items()}
for name, (nullable, required) in got.items():
    print(f"NaN under {name:<22}nullable: {nullable:<10}not nullable: {required}")
assert [nullable for nullable, _ in got.values()] == ["accepted", "accepted", "refused", "refused"], got
assert {required for _, required in got.values()} == {"null"}, got
EOF
