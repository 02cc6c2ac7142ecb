#!/usr/bin/env bash
# openskill with `margin=`: an underdog that wins by 50 gains less than one that wins by 5.
#
# Expected: the larger the margin of victory, the more the winner gains, most of all in an upset.
# Happens:  what the margin adds is a multiple of the gap in ratings with its sign: the favourite's
#           rout is rewarded (the gap grows), the underdog's rout is punished, and between equals
#           the margin does nothing at all, 5 or 50 points. So in all three models that were tried
#           (Plackett-Luce, Bradley-Terry, Thurstone-Mosteller).
# Hurts:    power ratings from scores: with the margin switched on, early seasons of equal ratings
#           learn nothing from it and a wrong favourite stays favourite longer.
# Instead:  leave `margin` at 0, or use a rating that models the points.
#
# Seen on 2026-11-28 with openskill 6.2.0 on Python 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q openskill==6.2.0
"$room/venv/bin/python" - <<'EOF'
import openskill
from openskill.models import BradleyTerryFull, PlackettLuce, ThurstoneMostellerFull

print("openskill", openskill.__version__)


def gain(kind: type, winner: float, loser: float, by: int) -> float:
    model = kind(margin=10.0)
    (won,), _ = model.rate([[model.rating(mu=winner, sigma=4)], [model.rating(mu=loser, sigma=4)]], scores=[100 + by, 100])
    return round(won.mu - winner, 2)


for kind in (PlackettLuce, BradleyTerryFull, ThurstoneMostellerFull):
    favourite, equal, upset = ([gain(kind, *mus, by) for by in (5, 50)] for mus in ((30, 20), (25, 25), (20, 30)))
    print(f"{kind.__name__:<24}winner's gain by 5 and by 50: favourite {favourite}, equals {equal}, upset {upset}")
    assert favourite[1] > favourite[0]
    assert equal[1] == equal[0]
    assert upset[1] < upset[0]
EOF
