#!/usr/bin/env bash
# `scoringrules.rps_score` numbers the categories from 1, and scores category 0 without an error,
# worse than is possible.
#
# Expected: the observed category is an index, 0 to K - 1, as in NumPy and in every classifier's
#           `predict_proba`; out of range raises.
# Happens:  1 is the first category. With labels from 0 every observation is scored against its left
#           neighbour, and 0 against none of them: its score, 1.29 here, is above what any true
#           outcome can cost. K + 1 passes as well. Nothing tells.
# Hurts:    loss/push/win, or finishing places: rankings of models come out wrong but plausible,
#           sharp models suffer most.
# Instead:  add one to the labels, or pass `onehot=True`.
#
# Seen on 2026-11-28 with scoringrules 0.10.0, numpy 2.4.6 and scipy 1.17.1 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q scoringrules==0.10.0 numpy==2.4.6 scipy==1.17.1
"$room/venv/bin/python" - <<'EOF'
import numpy as np, scoringrules

print("scoringrules", scoringrules.__version__)
chances = np.array([0.2, 0.3, 0.5])  # loss, push, win


def by_hand(place: int) -> float:
    return float(np.sum((np.cumsum(chances) - np.cumsum(np.eye(3)[place])) ** 2))


got = {label: round(float(scoringrules.rps_score(label, chances)), 4) for label in range(5)}
true = {place: round(by_hand(place), 4) for place in range(3)}
onehot = [round(float(scoringrules.rps_score(np.eye(3)[place], chances, onehot=True)), 4) for place in range(3)]
print("by hand, place 0, 1, 2:      ", true)
print("rps_score, label 0 to 4:     ", got)
print("rps_score, onehot, 0, 1, 2:  ", onehot)
assert [got[place + 1] for place in range(3)] == list(true.values()) == onehot
assert got[0] == 1.29 > max(true.values()), got
assert np.isfinite(got[4]), got
EOF
