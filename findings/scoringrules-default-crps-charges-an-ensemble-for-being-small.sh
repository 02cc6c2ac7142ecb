#!/usr/bin/env bash
# Twenty draws from the true distribution lose to two hundred draws from the same distribution by 5
# % of CRPS.
#
# Expected: the CRPS of an ensemble estimates the CRPS of what it was drawn from; fewer members mean
#           noise, not a penalty.
# Happens:  the default estimator "qd" (as "nrg") scores the sample as if it were the forecast. For
#           m draws it is too high by half the mean distance of two draws divided by m: 5 % at
#           twenty members for a normal distribution, 10 % at ten. "fair" (as "pwm") is free of it.
#           The gain is as large as those that papers report for better models.
# Hurts:    "our 10,000 simulations against the player's last 20 games": a good part of the skill is
#           the number of draws.
# Instead:  `estimator="fair"` when ensembles of different sizes stand for distributions, or the
#           same number of members.
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
rng = np.random.default_rng(7)
actual = 20 + 6 * rng.normal(size=20_000)
draws = lambda members: 20 + 6 * rng.normal(size=(actual.size, members))
score = lambda members, **how: float(np.mean(scoringrules.crps_ensemble(actual, members, **how)))
many, twenty, ten = draws(200), draws(20), draws(10)
default = {"200": score(many), "20": score(twenty), "10": score(ten)}
fair = {"20": score(twenty, estimator="fair"), "10": score(ten, estimator="fair")}
exact = float(np.mean(scoringrules.crps_normal(actual, 20.0, 6.0)))
print(f"closed form {exact:.3f}")
for name, scores in (("default", default), ("fair", fair)):
    print(name, {members: f"{value:.3f} ({value / exact - 1:+.1%})" for members, value in scores.items()})
assert abs(default["200"] / exact - 1.005) < 0.005
assert abs(default["20"] / exact - 1.05) < 0.01
assert abs(default["10"] / exact - 1.10) < 0.01
assert all(abs(value / exact - 1) < 0.01 for value in fair.values())
EOF
