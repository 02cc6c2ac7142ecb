"""Counts that a defence allows, as actual over expected: the opponents' counts divided by those expected of the same players.

    ratio = (A + g c) / (E + g c)

with A and E the decayed actual and expected counts against the team, c the league's expected count per game and g a number of games.
The ratio is shrunk to 1, and a schedule of weak opponents does not look like a good defence.

Belongs here: the ratios by any grouping of games played. Does not belong here: the tables that hold them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib import asof
from rates_lib.features.history import History, once
from rates_lib.features.player_rates import RATE_STATS, expected_games
from rates_lib.features.player_role import roles_of
from rates_lib.schemas.columns import POSITIONS, ROLES

ALLOWED_CARRY = 0.5
# the league's counts per team and game, rounded: they set the strength of the shrinkage, for which the magnitude suffices
PER_GAME = {
    "fga2": 55, "fga3": 33, "fta": 22, "ast": 25, "tov": 14, "oreb": 10, "dreb": 34, "stl": 7.5, "blk": 5,
    "pf": 20, "fg2m": 28, "fg3m": 12, "ftm": 17, "pts": 110,
}  # fmt: skip

GROUP_SIZES = {"position_primary": len(POSITIONS), "player_role": len(ROLES)}


def allowed_ratios(
    rows: pl.DataFrame, history: History, by: Sequence[str], half_lives: Sequence[float], games: float
) -> NDArray[np.float64]:
    """Actual over expected of RATE_STATS before the rows' dates.

    Args:
        rows: season, game_date and `by`.
        history: the clean tables.
        by: columns of games played: opponent_id (the defending team) or team_id, alone or with position_primary or player_role.
        half_lives: in games of a group.
        games: strength of the shrinkage to 1, in games; for one of the five positions a fifth of a team's counts, for a role a ninth.

    Returns:
        (rows, half-lives, len(RATE_STATS)), never null.
    """
    counts = games_with_roles(history) if "player_role" in by else expected_games(history)
    share = min((1 / GROUP_SIZES[column] for column in by if column in GROUP_SIZES), default=1.0)
    return over_expected(rows, counts, by, {stat: games * share * PER_GAME[stat] for stat in RATE_STATS}, half_lives)


def over_expected(
    rows: pl.DataFrame, games: pl.DataFrame, by: Sequence[str], strength: Mapping[str, float], half_lives: Sequence[float]
) -> NDArray[np.float64]:
    """Actual over expected of any counts with an expectation, before the rows' dates.

    Args:
        rows: season, game_date and `by`.
        games: games played with `by`, integer counts and their expected_<count>.
        by: columns that separate the totals.
        strength: g c of each count.
        half_lives: in games of a group.

    Returns:
        (rows, half-lives, counts in the order of `strength`), never null.
    """
    expected = [f"expected_{stat}" for stat in strength]
    totals = games.group_by("season", "game_id", "game_date", *by).agg(
        *(pl.col(s).cast(pl.Float64).sum() for s in strength), *(asof.exact(pl.col(e)).sum() for e in expected)
    )
    sums = asof.decayed_before(rows, asof.decayed_totals(totals, list(by), [*strength, *expected], half_lives, carry=ALLOWED_CARRY))
    prior = np.array(list(strength.values()))
    return np.asarray((sums[:, :, : len(strength)] + prior) / (sums[:, :, len(strength) :] + prior), dtype=np.float64)


@once
def games_with_roles(history: History) -> pl.DataFrame:
    """`expected_games` with player_role as known before each game; without games before the first estimate."""
    return roles_of(expected_games(history), history).drop_nulls("player_role")
