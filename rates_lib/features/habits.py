"""How a coach distributes minutes: number of players used, minutes of the starters, concentration of minutes.

Belongs here: decayed habits of a team. Does not belong here: production of its players (`team_form.py`, `allowed.py`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.features.history import History
from rates_lib.features.played import played

HALF_LIFE = 6
CARRY = 0.5


def add_habits(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` (season, game_date, team_id) with minutes_concentration_hl6, players_used_hl6, starters_minutes_hl6; null without games."""
    started = (pl.col("starter") == 1).fill_null(False)
    games = (
        played(history)
        .group_by("season", "game_id", "game_date", "team_id")
        .agg(
            # integers: exact sums
            (pl.col("seconds") ** 2).sum().alias("_squares"),
            pl.len().cast(pl.Int64).alias("_used"),
            pl.when(started).then("seconds").otherwise(0).sum().alias("_five"),
            started.cast(pl.Int64).sum().alias("_starters"),
        )
        .with_columns(pl.lit(1).alias("_one"))
    )
    values = ["_squares", "_used", "_five", "_starters", "_one"]
    sums = asof.decayed_before(rows, asof.decayed_totals(games, ["team_id"], values, [HALF_LIFE], carry=CARRY))[:, 0]

    def mean(total: int, weight: int, scale: float) -> pl.Series:
        return pl.Series(
            np.where(sums[:, weight] > 0.01, sums[:, total] / scale / np.maximum(sums[:, weight], 0.01), np.nan), nan_to_null=True
        )

    return rows.with_columns(
        mean(0, 4, 3600.0 * TEAM_MINUTES).alias("minutes_concentration_hl6"),
        mean(1, 4, 1.0).alias("players_used_hl6"),
        mean(2, 3, 60.0).alias("starters_minutes_hl6"),
    )
