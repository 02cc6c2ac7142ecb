"""A game's inputs for the kernel: predicted minutes, rates and percentages, corrected so that the worlds' means are the predicted ones.

Means bend in a world: minutes are cut at their limits, plays are shared out among who plays, overtime adds to all. So each game's
centres and weights are corrected on a lattice of worlds without plays (`kernel.expectations`); what is left over is the same for all games
and levelled by the fitted `Parameters.level`.

Belongs here: arithmetic on means. Does not belong here: frames (`worlds.py`), what happens in a world (`kernel.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.sim.kernel import CREDITS, Chances, Game, expectations
from rates_lib.sim.parameters import FOUL_RATES, Parameters

Floats = NDArray[np.float64]

LATTICE = 512  # worlds without plays that correct a game's means
ROUNDS = 3
_Z90 = 1.2815515655446004
_LEAST_SPREAD = 0.3
_RATE = {name: i for i, name in enumerate(RATE_TARGETS)}


@dataclass(frozen=True)
class Means:
    """What is predicted of a game; one entry per player who may play, the first team's first.

    Attributes:
        first: number of the first team's players.
        keys: (n,) random words of their own.
        fouls: (n,) with which they enter.
        play_prob: (n,) above 0.
        band: (n, 3) p10, p50, p90 of his minutes if he plays.
        minutes: (n,) mean, counting that he may not play; of a team 240 together.
        rates: (n, 9) per minute, by RATE_TARGETS.
        percentages: (n, 3) of twos, threes, free throws.
    """

    first: int
    keys: NDArray[np.uint64]
    fouls: NDArray[np.int64]
    play_prob: Floats
    band: Floats
    minutes: Floats
    rates: Floats
    percentages: Floats


def foul_rates(rates: Floats, parameters: Parameters) -> Floats:
    """Fouls per minute of (n, 9) rates: nobody publishes a projection of them, but who rebounds and blocks also fouls."""
    foul = parameters.foul
    made = foul["constant"] + sum(foul.get(name, 0.0) * rates[:, _RATE[name]] for name in FOUL_RATES)
    return np.asarray(np.clip(made, 0.02, 0.25), dtype=np.float64)


def make_game(means: Means, parameters: Parameters, chances: Chances) -> Game:
    """The kernel's view of a game whose worlds have the means `means`.

    The means of who plays are kept to the last percent: see `docs/worlds.md` for the tolerance that is tested.
    """
    p, n = parameters, len(means.play_prob)
    level = np.array([p.level.get(t, 1.0) for t in RATE_TARGETS]) / (1.0 + p.overtime)
    rates = means.rates * level
    share = means.percentages * np.array([p.level["fg2m"], p.level["fg3m"], 1.0])
    trips = rates[:, _RATE["fta"]] / p.throws
    plays = np.stack([rates[:, _RATE["fga2"]], rates[:, _RATE["fga3"]], trips, rates[:, _RATE["tov"]]], axis=1)
    credits = np.stack([*(rates[:, _RATE[c]] for c in CREDITS[:5]), foul_rates(rates, p)], axis=1)
    count, credit = plays * means.minutes[:, None], credits * means.minutes[:, None]
    made = count[:, :2] * share[:, :2]
    sides = (slice(0, means.first), slice(means.first, n))
    possessions, chance = np.zeros(2), np.zeros((2, 6))
    baskets, missed, missed2, lost, to_line = (np.zeros(2) for _ in range(5))
    for t, side in enumerate(sides):
        miss = count[side, :2] - made[side]
        last = count[side, 2] * (1 - p.single)
        possessions[t] = count[side][:, [0, 1, 3]].sum() + last.sum() - credit[side, 1].sum()
        baskets[t], missed2[t], lost[t], to_line[t] = made[side].sum(), miss[:, 0].sum(), count[side, 3].sum(), count[side, 2].sum()
        missed[t] = miss.sum() + (last * (1 - share[side, 2])).sum()
    sums = np.stack([credit[side].sum(axis=0) for side in sides])
    for t in (0, 1):
        o = 1 - t
        events = (baskets[t], missed[t], missed[o], lost[o], missed2[o])
        chance[t, :5] = [sums[t, k] / event if event > 0 else 0.0 for k, event in enumerate(events)]
        ended = max(possessions[o] - to_line[o] * (1 - p.single), 1e-9)
        chance[t, 5] = max(sums[t, 5] - to_line[o], 0.0) / ended
    shots = rates[:, [_RATE["fga2"], _RATE["fga3"], _RATE["fta"]]] * share
    per_minute = shots @ np.array([2.0, 3.0, 1.0])
    points = np.array([(per_minute * means.minutes)[side].sum() for side in sides])
    below, above = (np.maximum(np.diff(means.band, axis=1), 0.0) / _Z90).T
    game = Game(
        first=means.first,
        keys=means.keys,
        fouls=means.fouls,
        play_prob=means.play_prob,
        centre=means.band[:, 1].copy(),
        below=np.maximum(below, _LEAST_SPREAD),
        above=np.maximum(above, _LEAST_SPREAD),
        plays=np.ascontiguousarray(plays),
        makes=np.ascontiguousarray(share),
        credits=np.ascontiguousarray(credits),
        possessions=np.maximum(possessions, 1.0),
        points=float(points.sum()),
        ahead=float(points[0] - points[1]),
        scoring=np.column_stack([per_minute, rates[:, _RATE["tov"]]]),
        usual=sums,
        chance=chance,
    )
    for side in sides:
        game.credits[side, 0] = _assisting(credits[side, 0] * means.minutes[side], made[side].sum(axis=1), credits[side, 0])
    _correct(game, chances, means, count, credit, p.late_sd, game.ahead)
    return game


def _assisting(assists: Floats, baskets: Floats, weight: Floats) -> Floats:
    """Weights with which team-mates' baskets are assisted so that each has his share although nobody assists himself."""
    if assists.sum() <= 0 or baskets.sum() <= 0:
        return weight
    wanted, scores = assists / assists.sum(), baskets / baskets.sum()
    share = wanted.copy()
    for _ in range(12):
        open_to = scores / np.maximum(1 - share, 1e-3)
        share *= np.where(wanted > 0, wanted / np.maximum(share * (open_to.sum() - open_to), 1e-12), 0.0)
        share /= share.sum()
    return weight * np.where(wanted > 0, share / np.maximum(wanted, 1e-12), 0.0)


def _correct(game: Game, chances: Chances, means: Means, count: Floats, credit: Floats, late_sd: float, margin: float) -> None:
    """Move centres, play weights and credit weights until the lattice's means are those wanted."""
    n = len(means.play_prob)
    plays_of, credits_of, minutes_of = np.empty((n, 4)), np.empty((n, 6)), np.empty((n, 2))
    assisting = game.credits[:, 0] / np.where(credit[:, 0] > 0, credit[:, 0] / np.maximum(means.minutes, 1e-12), 1.0)
    wanted_credit = credit.copy()
    wanted_credit[:, 0] *= assisting
    team = np.repeat([0, 1], [means.first, n - means.first])
    wanted_plays = count / np.bincount(team, count.sum(axis=1))[team][:, None]
    for _ in range(ROUNDS):
        expectations(game, chances, 0.75 * margin, late_sd, LATTICE, plays_of, credits_of, minutes_of)
        share = np.maximum(minutes_of[:, 1], 1e-9)
        game.centre[:] += np.clip(means.minutes / means.play_prob - minutes_of[:, 0] / share, -4.0, 4.0)
        game.plays[:] *= _ratio(wanted_plays, plays_of)
        game.credits[:] *= _ratio(wanted_credit, credits_of)


def _ratio(wanted: Floats, have: Floats) -> Floats:
    possible = (wanted > 0) & (have > 0)
    return np.clip(np.where(possible, wanted, 1.0) / np.where(possible, have, 1.0), 0.25, 4.0)
