"""What a defence allows, as actual over expected: counts of opponents divided by what these players had been expected to do.

    ratio = (A + g c) / (E + g c)

with A and E the decayed actual and expected counts against the team, c the league's expected count per game and g a number of games:
shrunk to 1, so that a schedule of weak opponents does not look like a good defence.

Belongs here: the ratios by any grouping of games played. Does not belong here: which table they go to.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib import asof
from rates_lib.features.history import History
from rates_lib.features.player_rates import STATS, expected_games

CARRY = 0.5
# league's counts of a team and game, rounded: only their order of magnitude matters, as the strength of the shrinkage
PER_GAME = {
    "fga2": 55, "fga3": 33, "fta": 22, "ast": 25, "tov": 14, "oreb": 10, "dreb": 34, "stl": 7.5, "blk": 5,
    "pf": 20, "fg2m": 28, "fg3m": 12, "ftm": 17, "pts": 110,
}  # fmt: skip


def allowed_ratios(
    rows: pl.DataFrame, history: History, by: Sequence[str], half_lives: Sequence[float], games: float
) -> NDArray[np.float64]:
    """Actual over expected of all STATS before the rows' dates.

    Args:
        rows: season, game_date and `by`.
        history: the clean tables.
        by: columns of games played, e.g. opponent_id (the defending team) or opponent_id and position_primary.
        half_lives: in games of a group.
        games: strength of the shrinkage to 1, in games; for one of the five positions a fifth of a team's counts.

    Returns:
        (rows, half-lives, len(STATS)), never null.
    """
    expected = [f"expected_{stat}" for stat in STATS]
    totals = (
        expected_games(history)
        .group_by("season", "game_id", "game_date", *by)
        .agg(*(pl.col(s).cast(pl.Float64).sum() for s in STATS), *(asof.exact(pl.col(e)).sum() for e in expected))
    )
    sums = asof.decayed_before(rows, asof.decayed_totals(totals, list(by), [*STATS, *expected], half_lives, carry=CARRY))
    actual, foreseen = sums[:, :, : len(STATS)], sums[:, :, len(STATS) :]
    share = 0.2 if "position_primary" in by else 1.0
    prior = games * share * np.array([PER_GAME[stat] for stat in STATS])
    return np.asarray((actual + prior) / (foreseen + prior), dtype=np.float64)
