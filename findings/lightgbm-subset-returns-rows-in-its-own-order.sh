#!/usr/bin/env bash
# `Dataset.subset([399, 398])` holds row 398 first: LightGBM sorts the indices that it is given.
#
# Expected: rows, labels and weights in the order of the list, as `array[indices]` and
#           `frame[indices]` give them.
# Happens:  the list is sorted, repeats are kept: [5, 5, 3, 5] becomes 3, 5, 5, 5. Nothing is said.
#           What is set on the subset afterwards (`set_weight`, `set_init_score`, `set_label` from
#           `array[indices]`) then belongs to other rows.
# Hurts:    bootstraps, and time-ordered folds with an offset per row: the offsets go to the wrong
#           games and the fit only looks a little worse.
# Instead:  sort the indices first, or build a Dataset from `x[indices]`.
#
# Seen on 2026-11-28 with lightgbm 4.7.0, numpy 2.4.6 and scipy 1.17.1 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q lightgbm==4.7.0 numpy==2.4.6 scipy==1.17.1
"$room/venv/bin/python" - <<'EOF'
import lightgbm, numpy as np

print("lightgbm", lightgbm.__version__)
x = np.random.default_rng(1).normal(size=(400, 2))
row = np.arange(400.0)
whole = lightgbm.Dataset(x, label=row, weight=row).construct()
for indices, seen in (([399, 398], [398, 399]), ([5, 5, 3, 5], [3, 5, 5, 5])):
    part = whole.subset(indices).construct()
    labels, weights = part.get_label().tolist(), part.get_weight().tolist()
    print("asked for rows", indices, "labels", labels, "weights", weights, "numpy would give", row[indices].tolist())
    assert labels == weights == seen, (labels, weights)
EOF
