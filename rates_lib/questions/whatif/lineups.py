"""Minutes of line-ups estimated from players' minutes, and the impact of the players on the floor.

Given each player's minutes, the distribution of fives is the one of greatest entropy: the chance of a five is proportional to the product
of its members' weights (conditional Bernoulli sampling; Chen, Dempster and Liu 1994, Biometrika 81, 457-469), with weights that reproduce
each player's share of the game. Minutes of requested line-ups are subtracted first.

Belongs here: shares of line-ups, sums of impact. Does not belong here: impact itself (`features/impact/`), its effect on a game
(`models/team.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rates_lib.core.basketball import PLAYERS, REGULATION_MINUTES
from rates_lib.questions.whatif.request import Lineup

Floats = NDArray[np.float64]

_ROUNDS = 500
_EXACT = 1e-9
_MOST = 1 - 1e-10  # of the game: a player who never leaves would have an infinite weight


def together(minutes: Mapping[str, float], five: Sequence[str], requested: Sequence[Lineup] = ()) -> float:
    """Minutes for which five players of a team are on the floor together.

    Args:
        minutes: of regulation by player, for all players of a team; sum 240.
        five: ids of the five players.
        requested: line-ups of this team with given minutes; the rest of the game follows the greatest entropy.
    """
    known = sum(line.minutes for line in requested if set(line.players) == set(five))
    left, shares = rest_of_game(minutes, requested)
    players = [player for player, share in shares.items() if share > 0]
    if left <= 0 or not set(five) <= set(players):
        return known
    weight = weights(np.minimum([shares[p] for p in players], _MOST))
    chance = float(np.prod([weight[players.index(p)] for p in five]) / symmetric(weight, PLAYERS)[PLAYERS])
    return known + left * chance


def rest_of_game(minutes: Mapping[str, float], requested: Sequence[Lineup]) -> tuple[float, dict[str, float]]:
    """Minutes left by requested line-ups of a team, and each player's share of them (sum 5; empty if none are left)."""
    left = REGULATION_MINUTES - sum(line.minutes for line in requested)
    rest = {p: max(played - sum(line.minutes for line in requested if p in line.players), 0.0) for p, played in minutes.items()}
    total = sum(rest.values())
    return (left, {p: PLAYERS * value / total for p, value in rest.items()}) if left > 0 and total > 0 else (0.0, {})


def weights(share: Floats, size: int = PLAYERS) -> Floats:
    """Weights (players,) of conditional Bernoulli sampling of `size` players with inclusion probabilities `share` (players,), sum `size`.

    Each probability is above 0 and below 1, unless there are at most `size` players: then all weights are 1. The fixed-point iteration is
    that of Chen, Dempster and Liu (1994) on odds, which converges quickly even for shares near 1:
    w_i = share_i / (1 - share_i) x R(size, without i) / R(size - 1, without i), one player after the other.
    """
    if len(share) <= size:
        return np.ones(len(share))
    odds = share / (1 - share)
    w = odds.copy()
    for _ in range(_ROUNDS):
        worst = 0.0
        for i in range(len(w)):
            without = symmetric(np.delete(w, i), size)
            chance = w[i] * without[size - 1] / (w[i] * without[size - 1] + without[size])
            worst = max(worst, abs(chance - share[i]))
            w[i] = odds[i] * without[size] / without[size - 1]
        w /= np.exp(np.mean(np.log(w)))
        if worst < _EXACT:
            break
    return w


def symmetric(w: Floats, size: int) -> Floats:
    """Elementary symmetric polynomials of `w` of degree 0 to `size`."""
    sums = np.zeros(size + 1)
    sums[0] = 1.0
    for value in w:
        sums[1:] += value * sums[:-1].copy()
    return sums


def on_floor(minutes: Mapping[str, float], impact: Mapping[str, float]) -> float:
    """Impact of a team in points per 100 possessions: the sum over players of their share of the game times their impact."""
    return sum(played / REGULATION_MINUTES * impact[player] for player, played in minutes.items())
