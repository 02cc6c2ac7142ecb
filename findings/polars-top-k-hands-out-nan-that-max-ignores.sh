#!/usr/bin/env bash
# The best bet by `top_k(1)` is NaN where `max()` of the same column is .04.
#
# Expected: `top_k(1)`, `max()`, the first after a descending sort and rank 1 name the same value.
# Happens:  for Polars NaN is the largest float there is. `top_k` and a descending sort put it first
#           and `rank(descending=True)` gives it rank 1, while `max` and `arg_max` ignore it and
#           `bottom_k` is not touched. A null beside it comes first in the descending sort but is
#           never in `top_k`.
# Hurts:    a slate ranked by edge: a player with 0/0 (no minutes, no price) leads the list, one for
#           each NaN, and the real best falls off the end of a short list.
# Instead:  `fill_nan(None)` before anything is ranked.
#
# Seen on 2026-11-28 with polars 2.1.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q polars==2.1.0
"$room/venv/bin/python" - <<'EOF'
import polars as pl

print("polars", pl.__version__)
edge = pl.Series("edge", [0.01, 0.0, 0.04, None]) / pl.Series([1.0, 0.0, 1.0, 1.0])  # 0 / 0: no minutes
got = {
    "edge": edge,
    "max()": edge.max(),
    "arg_max()": edge.arg_max(),
    "top_k(1)": edge.top_k(1),
    "bottom_k(1)": edge.bottom_k(1),
    "sort(descending=True)": edge.sort(descending=True),
    "rank(descending=True)": edge.rank(descending=True),
    "fill_nan(None).top_k(1)": edge.fill_nan(None).top_k(1),
}
got = {name: value.to_list() if isinstance(value, pl.Series) else value for name, value in got.items()}
for name, value in got.items():
    print(f"{name:<26}{value}")
seen = "[[0.01, nan, 0.04, None], 0.04, 2, [nan], [0.01], [None, nan, 0.04, 0.01], [3.0, 1.0, 2.0, None], [0.04]]"
assert str(list(got.values())) == seen, got
EOF
