#!/usr/bin/env bash
# penaltyblog's simultaneous Kelly stakes 71 % of the bankroll on two games where 9 % is right.
#
# Expected: `multiple_kelly_criterion(odds, chances, method="simultaneous")` sizes several bets that
#           are open at the same time.
# Happens:  it takes them for the outcomes of ONE event, of which at most one occurs: two games at
#           .50 and .48 hedge each other, so nearly everything is staked. Both lose in 26 of 100
#           cases. For two bets at .55 it raises (chances over one), with `method="independent"`
#           too, which is the only sign; two slight favourites of the market pass.
# Hurts:    anyone who sizes an evening's slate with it, as long as the chances happen to sum to
#           less than one.
# Instead:  one call of `kelly_criterion` per game, scaled down by a cap of your own; this function
#           for one market's outcomes only.
#
# Seen on 2026-11-28 with penaltyblog 1.13.1, numpy 2.4.6, scipy 1.17.1 and pandas 3.1.1 on Python
# 3.11.7.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install -q penaltyblog==1.13.1 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1
"$room/venv/bin/python" -W ignore - <<'EOF'
from importlib.metadata import version
from itertools import product
import numpy as np
from penaltyblog.betting import kelly_criterion, multiple_kelly_criterion

print("penaltyblog", version("penaltyblog"))
odds, chances = [2.1, 2.2], [0.50, 0.48]
together = multiple_kelly_criterion(odds, chances, method="simultaneous")
alone = [float(kelly_criterion(price, chance).stake) for price, chance in zip(odds, chances)]


def growth(stakes: list[float]) -> float:
    """Expected log of the bankroll after two independent games."""
    total = 0.0
    for won in product((0, 1), repeat=2):
        weight = np.prod([chance if win else 1 - chance for chance, win in zip(chances, won)])
        total += weight * np.log(1 + sum(stake * (price - 1 if win else -1) for stake, price, win in zip(stakes, odds, won)))
    return float(total)


print("simultaneous:", np.round(together.stakes, 3), "sum", round(together.total_stake, 3), "warnings", together.warnings)
print("one by one:  ", np.round(alone, 3), "sum", round(sum(alone), 3))
print("growth per evening of two independent games:", round(growth(together.stakes), 4), "against", round(growth(alone), 4))
try:
    raised = multiple_kelly_criterion([2.1, 2.2], [0.55, 0.55], method="independent")
except ValueError as error:
    raised = str(error)
print("two games at .55, method independent:", raised)
assert together.total_stake > 0.65 and not together.warnings
assert 0.09 < sum(alone) < 0.095
assert growth(together.stakes) < -0.1 < 0 < growth(alone)
assert "exceed 1.0" in str(raised)
EOF
