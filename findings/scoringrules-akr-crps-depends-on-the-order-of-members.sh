#!/usr/bin/env bash
# The CRPS of one and the same ensemble is 1.8 or 3.7, by the order of its members, with
# `estimator="akr"`.
#
# Expected: an ensemble is a set: sorting it changes no score, with whichever estimator.
# Happens:  "akr" pairs each member with the one before it only. On draws in random order it is a
#           fast, noisy estimate; on a sorted ensemble neighbours are equal, the spread term
#           vanishes and the score is more than twice as large. "qd" (the default), "nrg", "fair",
#           "pwm" and "int" do not care.
# Hurts:    members that are quantiles, simulations kept sorted, "the last twenty games" (a trending
#           player is half sorted): two forecasts are compared by their row order.
# Instead:  the default; or shuffle each ensemble before "akr" and "akr_circperm".
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
points = np.random.default_rng(0).poisson(20, size=50).astype(float)
for estimator in ("qd", "nrg", "fair", "pwm", "int", "akr", "akr_circperm"):
    drawn, ordered = (float(scoringrules.crps_ensemble(18.0, members, estimator=estimator)) for members in (points, np.sort(points)))
    print(f"{estimator:<14}as drawn {drawn:.3f}  sorted {ordered:.3f}")
    if estimator == "akr":
        assert ordered > 2 * drawn, (drawn, ordered)
    elif estimator == "akr_circperm":
        assert abs(ordered - drawn) > 0.3, (drawn, ordered)
    else:
        assert abs(ordered - drawn) < 1e-9, (drawn, ordered)
EOF
