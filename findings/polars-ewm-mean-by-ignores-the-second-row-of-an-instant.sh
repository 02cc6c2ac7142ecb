#!/usr/bin/env bash
# `ewm_mean_by` gives no weight at all to the second of two observations at the same time.
#
# Expected: two rows of one instant count alike: 10 and 30 give 20, and what follows remembers both.
# Happens:  the weight of a row is 1 - 0.5^(time since the row before / half-life), so it is zero at
#           distance zero. The first row of an instant is taken, every further one is skipped, then
#           and forever. Which of them is first is the order in the frame: swap the two rows and
#           every later value changes. A first observation, on the other hand, is taken whole.
# Hurts:    decayed averages by date of things that happen several times a day: quotes, shots, two
#           games of a tournament day.
# Instead:  aggregate to one row per instant first, or carry sums of weights and of weighted values.
#
# Seen on 2026-11-28 with polars 2.1.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q polars==2.1.0
"$room/venv/bin/python" - <<'EOF'
from datetime import date
import polars as pl

print("polars", pl.__version__)


def decayed(values: list[float]) -> list[float]:
    days = [date(2025, 1, 1), date(2025, 1, 1), date(2025, 1, 2)]
    frame = pl.DataFrame({"day": days, "x": values})
    return frame.select(pl.col("x").ewm_mean_by("day", half_life="1d"))["x"].to_list()


for values, seen in (
    ([10.0, 30.0, 20.0], [10.0, 10.0, 15.0]),
    ([30.0, 10.0, 20.0], [30.0, 30.0, 25.0]),
    ([10.0, 9999.0, 20.0], [10.0, 10.0, 15.0]),
):
    got = decayed(values)
    print("1 Jan, 1 Jan, 2 Jan:", values, "->", got)
    assert got == seen, got
EOF
