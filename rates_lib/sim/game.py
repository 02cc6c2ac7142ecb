"""A game's inputs for the kernel: predicted minutes, rates and percentages, corrected so that the worlds' means are the predicted ones.

The simulation shifts means: minutes are cut at their limits, fouls and routs cost the best players minutes, plays are divided among the
players on the floor, overtime adds to all counts. So each game's centres and weights are corrected on a sample of worlds without
possessions (`kernel.expectations`); the error left is the same for all games and removed by the fitted `Parameters.level`.

Belongs here: arithmetic on means. Does not belong here: frames (`worlds.py`), the simulation of a world (`kernel.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rates_lib.core.basketball import OVERTIME_MINUTES, QUARTERS, REGULATION_MINUTES
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.sim.kernel import CREDITS, SETUP_BITS, Chances, Game, draw_sample, expectations
from rates_lib.sim.parameters import FOUL_RATES, Parameters

Floats = NDArray[np.float64]

COARSE, FINE = 128, 512  # worlds without possessions that correct a game's means: first three times roughly, then twice
ROUNDS = 3
_LEAST_MOVE, _FEW, _FOLLOW = 0.02, 12.0, (0.4, 1.0)  # minutes; bounds of a mean's change over its centre's change
_Z90 = 1.2815515655446004
_LEAST_SPREAD = 0.3
_RATE = {name: i for i, name in enumerate(RATE_TARGETS)}


@dataclass(frozen=True)
class Means:
    """Predictions of a game: one entry per player with a play_prob above 0, the first team's first.

    Attributes:
        first: number of the first team's players.
        keys: (n,) key of the player's random numbers.
        fouls: (n,) personal fouls at the start.
        play_prob: (n,) above 0.
        band: (n, 3) p10, p50, p90 of the minutes if the player plays.
        minutes: (n,) expected minutes, including the chance that the player sits out; a team's sum to 240.
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
    """(n,) fouls per minute by a linear model of (n, 9) rates: no model projects fouls, but rebounders and shot blockers foul more."""
    foul = parameters.foul
    expected = foul["constant"] + sum(foul.get(name, 0.0) * rates[:, _RATE[name]] for name in FOUL_RATES)
    return np.asarray(np.clip(expected, 0.02, 0.25), dtype=np.float64)


def make_game(means: Means, parameters: Parameters, chances: Chances) -> Game:
    """The kernel's view of a game whose worlds have the means `means`.

    Means are kept to about a percent: `docs/worlds.md` gives the tolerance that is tested.
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
    below, above = np.maximum(np.maximum(np.diff(means.band, axis=1), 0.0) / _Z90, _LEAST_SPREAD).T
    game = Game(
        first=means.first,
        keys=means.keys,
        fouls=means.fouls,
        play_prob=means.play_prob,
        centre=means.band[:, 1].copy(),
        below=below.copy(),
        above=above.copy(),
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
    _correct(game, chances, means, count, credit, p)
    return game


def _assisting(assists: Floats, baskets: Floats, weight: Floats) -> Floats:
    """Assist weights with which each player gets the expected share of assists although no player assists his own baskets."""
    if assists.sum() <= 0 or baskets.sum() <= 0:
        return weight
    wanted, scores = assists / assists.sum(), baskets / baskets.sum()
    share = wanted.copy()
    for _ in range(12):
        open_to = scores / np.maximum(1 - share, 1e-3)
        share *= np.where(wanted > 0, wanted / np.maximum(share * (open_to.sum() - open_to), 1e-12), 0.0)
        share /= share.sum()
    return weight * np.where(wanted > 0, share / np.maximum(wanted, 1e-12), 0.0)


def _late_sd(field_points: float, parameters: Parameters) -> float:
    """Standard deviation of the margin after three quarters.

    Between quarters `feedback` takes a part of the margin beyond the expected one back, so the margin is autoregressive: after quarter q
    its variance is v(q) = v(1) + stays^2 v(q - 1). The final one, v(4), is that of real games: `late_sd` is the square root of .75 v(4),
    the value after three quarters without feedback.

    Args:
        field_points: expected points of both teams from the field in regulation.
        parameters: feedback and late_sd are read.
    """
    stays = min(max(1.0 - parameters.feedback * field_points / QUARTERS, 0.0), 1.5)
    variance = [1.0]
    for _ in range(QUARTERS - 1):
        variance.append(1.0 + stays**2 * variance[-1])
    return parameters.late_sd * math.sqrt(variance[-2] / variance[-1] / 0.75)


def _correct(game: Game, chances: Chances, means: Means, count: Floats, credit: Floats, parameters: Parameters) -> None:
    """Change centres, play weights and credit weights in place until the sample's means are the predicted ones.

    Overtime adds to minutes: each player's target is the prediction times the team's mean minutes over 240.
    """
    n = len(means.play_prob)
    plays_of, credits_of, minutes_of = np.empty((n, 4)), np.empty((n, 6)), np.empty((n, 2))
    overtimes = parameters.overtime * REGULATION_MINUTES / OVERTIME_MINUTES
    wanted_minutes = means.minutes / means.play_prob * (1.0 + parameters.overtime)
    assisting = game.credits[:, 0] / np.where(credit[:, 0] > 0, credit[:, 0] / np.maximum(means.minutes, 1e-12), 1.0)
    wanted_credit = credit * (1.0 + parameters.overtime * parameters.ot_pace)
    wanted_credit[:, 0] *= assisting
    team = np.repeat([0, 1], [means.first, n - means.first])
    volume = np.bincount(team, count.sum(axis=1)).astype(np.float64)
    wanted_plays = count / volume[team][:, None] * (1.0 + parameters.overtime * parameters.ot_pace)
    wide = _late_sd(float((count[:, :2] * means.percentages[:, :2] * [2.0, 3.0]).sum()), parameters)
    follow, moved, before = np.ones(n), np.zeros(n), np.zeros(n)
    for worlds, rounds in ((COARSE, ROUNDS), (FINE, 2)):
        bits, luck = np.zeros((worlds, SETUP_BITS * n), np.uint64), np.zeros((worlds, n), np.uint64)
        draw_sample(means.keys, worlds, bits, luck)
        for number in range(rounds):
            expectations(game, chances, volume, wide, overtimes, bits, luck, plays_of, credits_of, minutes_of)
            game.plays[:] *= _ratio(wanted_plays, plays_of)
            game.credits[:] *= _ratio(wanted_credit, credits_of)
            if worlds == FINE and number == rounds - 1:
                break  # the plays belong to these minutes
            mean = minutes_of[:, 0] / np.maximum(minutes_of[:, 1], 1e-9)
            if number > 0:  # few minutes follow their centre less and less towards 0: the last step shows by how much
                seen = (np.abs(moved) > _LEAST_MOVE) & (wanted_minutes < _FEW)
                follow[seen] = np.clip((mean - before)[seen] / moved[seen], *_FOLLOW)
            moved, before = np.clip((wanted_minutes - mean) / follow, -4.0, 4.0), mean
            game.centre[:] += moved


def _ratio(wanted: Floats, have: Floats) -> Floats:
    possible = (wanted > 0) & (have > 0)
    return np.clip(np.where(possible, wanted, 1.0) / np.where(possible, have, 1.0), 0.25, 4.0)
