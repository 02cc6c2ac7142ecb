"""Who is on the floor together, as far as minutes tell, and what impact says of them.

Given how long each plays, the likeliest way that five are chosen is the one of greatest entropy: the chance of a five is proportional to
the product of its members' weights (conditional Bernoulli sampling; Chen, Dempster and Liu 1994, Biometrika 81, 457-469), with weights
such that everybody is on the floor for his share of the game. Line-ups that are asked for take their minutes out first.

Belongs here: shares of line-ups, sums of impact. Does not belong here: impact itself (`features/impact/`), what it does to a game
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
_MOST = 1 - 1e-10  # of the game: who never leaves would have an infinite weight


def together(minutes: Mapping[str, float], five: Sequence[str], asked: Sequence[Lineup] = ()) -> float:
    """Minutes for which five players of a team are on the floor together.

    Args:
        minutes: of regulation by player, all of a team, sum 240.
        five: who is asked about.
        asked: line-ups of this team whose minutes are given; the rest of the game is of greatest entropy.
    """
    known = sum(line.minutes for line in asked if set(line.players) == set(five))
    left, shares = rest_of_game(minutes, asked)
    players = [player for player, share in shares.items() if share > 0]
    if left <= 0 or not set(five) <= set(players):
        return known
    weight = weights(np.minimum([shares[p] for p in players], _MOST))
    chance = float(np.prod([weight[players.index(p)] for p in five]) / symmetric(weight, PLAYERS)[PLAYERS])
    return known + left * chance


def rest_of_game(minutes: Mapping[str, float], asked: Sequence[Lineup]) -> tuple[float, dict[str, float]]:
    """Minutes that asked line-ups of a team leave, and everybody's share of them (sum 5; empty if nothing is left)."""
    left = REGULATION_MINUTES - sum(line.minutes for line in asked)
    rest = {p: max(played - sum(line.minutes for line in asked if p in line.players), 0.0) for p, played in minutes.items()}
    total = sum(rest.values())
    return (left, {p: PLAYERS * value / total for p, value in rest.items()}) if left > 0 and total > 0 else (0.0, {})


def weights(share: Floats, size: int = PLAYERS) -> Floats:
    """Weights of conditional Bernoulli sampling of `size` whose members are chosen with the chances `share` (players,), sum `size`.

    Each chance is above 0 and below 1, or there are no more than `size`.
    Found by an iteration like that of Chen, Dempster and Liu (1994), on odds, which comes near quickly however long somebody plays:
    w_i = share_i / (1 - share_i) x R(size, without i) / R(size - 1, without i), in turns.
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
    found = np.zeros(size + 1)
    found[0] = 1.0
    for value in w:
        found[1:] += value * found[:-1].copy()
    return found


def on_floor(minutes: Mapping[str, float], impact: Mapping[str, float]) -> float:
    """Points per 100 possessions that impact gives a team for who is on the floor, for how long: the sum of share x impact."""
    return sum(played / REGULATION_MINUTES * impact[player] for player, played in minutes.items())
