"""True means of the generating process, for evaluation: nothing here is ever landed.

Belongs here: expectations before a game's random effects. Does not belong here: draws.

The mean of a count is computed for the actual line-ups, without the game's form, tempo and score: the realised count minus
this mean has expectation 0, given anything known before the game.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf

import numpy as np
import polars as pl

from rates_lib.core.basketball import GAME_SECONDS, REGULATION_MINUTES
from rates_lib.sources.synthetic import chances, season
from rates_lib.sources.synthetic.base import COUNT, COUNTS, POSITIONS, RATE_COUNTS, ROSTER, Bools, Floats, Ints, take
from rates_lib.sources.synthetic.cast import Cast
from rates_lib.sources.synthetic.players import Players, Traits

MARGIN_SD = 13.4
_DEGREE = 5  # of the curve from planned to expected minutes
_EXTRA_TOTAL = 1.2  # mean points of overtimes and last shots


@dataclass(frozen=True)
class Outlook:
    """Expected home margin and total points, (games,) each."""

    margin: Floats
    total: Floats


def outlook(impact: tuple[Floats, Floats], minutes: Floats, edge: Floats, pace: Floats) -> Outlook:
    """Expected results of the games if players with `impact` (offence, defence) play `minutes`, all (n, 15)."""
    share = minutes / REGULATION_MINUTES
    offence = (share * impact[0]).sum(1).reshape(-1, 2)
    defence = (share * impact[1]).sum(1).reshape(-1, 2)
    rating = offence - defence[:, ::-1] + edge.reshape(-1, 2)
    margin = pace * (rating[:, 0] - rating[:, 1]) / 100
    return Outlook(margin, pace * (2 * season.BASE_PPP + rating.sum(1) / 100) + _EXTRA_TOTAL)


def win_prob(margin: Floats) -> Floats:
    """Probability that home wins, from the expected margin: a normal law of standard deviation MARGIN_SD."""
    return np.array([0.5 * (1 + erf(m / MARGIN_SD / 2**0.5)) for m in margin.tolist()], np.float64)


def expected_counts(setup: season.Setup, segments: season.Segments) -> Floats:
    """Means of the counts (n, 15, 13) given the fives of each segment and its length, at the expected pace."""
    out = np.zeros((len(setup.base) * ROSTER, len(COUNTS)))
    for chunk in np.array_split(np.arange(segments.game.size), max(1, segments.game.size // 12_000)):
        game, five = segments.game[chunk], segments.five[chunk]
        own, other, _ = chances.expected(season.law_of(setup, game, five, None, np.zeros((chunk.size, 2))))
        turns = setup.pace[game] * (segments.end[chunk] - segments.start[chunk]) / GAME_SECONDS
        rows = 2 * game[:, None] + np.array([0, 1])
        cells = rows[:, :, None] * ROSTER + five
        both = own.reshape(-1, 2, 5, len(COUNTS)) + other.reshape(-1, 2, 5, len(COUNTS))[:, ::-1]
        both *= turns[:, None, None, None]
        for k in range(len(COUNTS)):
            out[:, k] += np.bincount(cells.ravel(), both[..., k].ravel(), len(out))
    return out.reshape(-1, ROSTER, len(COUNTS))


def expected_minutes(plain: Floats, starter: Bools, active: Bools, seconds: Ints) -> Floats:
    """Mean minutes of a player given the active list, from the plan without the game's noise.

    Blow-outs and close finishes change minutes by an amount that depends on the plan alone: one curve for starters and one for
    the bench, fitted on the games of the season.
    """
    out = np.zeros(plain.shape)
    for group in (active & starter, active & ~starter):
        x = plain[group] / 20.0 - 1.0
        basis = np.stack([x**k for k in range(_DEGREE + 1)], axis=1)
        normal = np.array([[(basis[:, i] * basis[:, j]).sum() for j in range(_DEGREE + 1)] for i in range(_DEGREE + 1)])
        right = np.array([(basis[:, i] * seconds[group] / 60.0).sum() for i in range(_DEGREE + 1)])
        weights = np.linalg.solve(normal + 1e-6 * np.eye(_DEGREE + 1), right)
        out[group] = np.clip((basis * weights).sum(1), 0.0, 44.0)
    return out


def player_season_frame(
    cast: Cast, players: Players, traits: Traits, who: Ints, season_means: Floats, *, first_team: pl.Series
) -> pl.DataFrame:
    """Truth `player_season`.

    Args:
        cast: the season's games and rosters.
        players: all players.
        traits: the season's traits.
        who: (k,) numbers of the rostered players.
        season_means: (k, 14) season sums of expected counts, then of minutes.
        first_team: team id at the season's start, by row of `who`.

    Returns:
        One row per rostered player; rates and percentages are null for players without minutes.
    """
    minutes = season_means[:, -1]
    played = minutes > 0

    def ratio(over: Floats, under: Floats) -> pl.Series:
        return pl.Series(np.divide(over, under, out=np.full(over.shape, np.nan), where=played)).fill_nan(None)

    def count(name: str) -> Floats:
        return np.asarray(season_means[:, COUNT[name]])

    return pl.DataFrame(
        {
            "season": np.full(who.size, cast.games.season, np.int64),
            "player_id": take(cast.ids, who),
            "team_id": first_team,
            "position": take(pl.Series(POSITIONS), players.position[who]),
            **{name: ratio(count(stat), minutes) for name, stat in RATE_COUNTS.items()},
            "fg2_pct": ratio(count("FG2M"), count("FG2A")),
            "fg3_pct": ratio(count("FG3M"), count("FG3A")),
            "ft_pct": ratio(count("FTM"), count("FTA")),
            "impact_off_per_100": traits.offence[who],
            "impact_def_per_100": traits.defence[who],
        }
    ).sort("player_id")


def player_game_frame(cast: Cast, minutes: Floats, prob: Floats, means: Floats, seconds: Ints) -> pl.DataFrame:
    """Truth `player_game`: one row per rostered player and game; rates are null if the player did not play."""
    row = np.repeat(np.arange(len(cast.roster)), ROSTER)
    floor = np.where(seconds > 0, seconds / 60.0, np.nan).ravel()
    rates = {name: pl.Series(means[:, :, COUNT[stat]].ravel() / floor).fill_nan(None) for name, stat in RATE_COUNTS.items()}
    return pl.DataFrame(
        {
            "season": np.full(row.size, cast.games.season, np.int64),
            "game_id": take(cast.games.ids, row // 2),
            "player_id": take(cast.ids, cast.roster.ravel()),
            "minutes_expected": minutes.ravel(),
            "play_prob": prob.ravel(),
            **rates,
        }
    ).sort("game_id", "player_id")


def game_frame(cast: Cast, expected: Outlook) -> pl.DataFrame:
    """Truth `game`: expected margin and total given the active lists, and the probability of a home win."""
    return pl.DataFrame(
        {
            "season": np.full(expected.margin.size, cast.games.season, np.int64),
            "game_id": cast.games.ids,
            "expected_home_margin": expected.margin,
            "expected_total": expected.total,
            "home_win_prob": win_prob(expected.margin),
        }
    ).sort("game_id")
