#!/usr/bin/env bash
# A team that LightGBM never saw is predicted at 103 when the thirty that it saw average 110.
#
# Expected: an unknown category gets the mean, or the prediction of the parent node.
# Happens:  a categorical split lists the categories that go left; everything else, unseen or
#           missing, goes right at every split, so it ends in a leaf of real teams: here about the
#           fifth from the bottom. The numbering of the teams does not matter: turned round, the
#           same 103.06 comes out. Fed as a plain number the code 40 is instead scored like team 29,
#           by accident the best or the worst one.
# Hurts:    a new arena, a traded player's new team code, a rookie: wrong by the spread of the
#           teams, in one direction, silently.
# Instead:  map what was not in training to a category of its own that training has, or leave ids
#           out and use strengths.
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
TEAMS, GAMES = 30, 100
params = {"objective": "regression", "num_leaves": 31, "seed": 1, "num_threads": 1, "deterministic": True, "verbose": -1}
team = np.repeat(np.arange(float(TEAMS)), GAMES)[:, None]
points = np.repeat(np.linspace(100, 120, TEAMS), GAMES)
asked = np.array([[0.0], [29.0], [40.0], [np.nan]])


def fit(points: np.ndarray, categorical: list[int]) -> np.ndarray:
    data = lightgbm.Dataset(team, points, categorical_feature=categorical)
    return lightgbm.train(params, data, 200).predict(asked).round(2)


print("mean of all teams", points.mean(), "; predicted for team 0, team 29, unseen team 40, no team:")
ways = {"categories": fit(points, [0]), "categories, turned round": fit(points[::-1], [0]), "plain numbers": fit(points, [])}
for way, got in ways.items():
    print(f"{way:<26}", got)
assert np.allclose(ways["categories"], [100, 120, 103.06, 103.06], atol=0.2)
assert np.allclose(ways["categories, turned round"], [120, 100, 103.06, 103.06], atol=0.2)
assert np.allclose(ways["plain numbers"], [100, 120, 120, 100], atol=0.2)
EOF
