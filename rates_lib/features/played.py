"""Games played with position, margin and a weight for how typical the minutes were: the input of decayed features.

Belongs here: rows that several families start from, computed once per history. Does not belong here: features of a coming game.
"""

from __future__ import annotations

import polars as pl

from rates_lib.core.basketball import OVERTIME_MINUTES, REGULATION_MINUTES
from rates_lib.features.history import History, once
from rates_lib.features.positions import add_positions

CLOSE_MARGIN = 12.0  # points; beyond it the bench plays the last minutes
FOUL_TROUBLE = {5: 0.8, 6: 0.5}  # weight of a game by fouls
_POSITION = ("position_primary",)


@once
def played(history: History) -> pl.DataFrame:
    """Games played (MIN > 0) of the whole history.

    Returns:
        The columns of silver.player_game and position_primary (as of the day), margin (of the player's team), regulation_minutes (overtime
        removed in proportion), typical (weight of the game's minutes: 1 in a close game, less in a blow-out or in foul trouble), one;
        sorted by season, game_id, player_id. Outcomes: only `asof` may join a row to them.
    """
    teams = history.team_game.select("game_id", "team_id", (pl.col("pts") - pl.col("opp_pts")).alias("margin"), "overtimes")
    rows = add_positions(history.appearances(), history).select(*history.player_game.columns, *_POSITION)
    beyond = (pl.col("margin").abs() - CLOSE_MARGIN).clip(lower_bound=0).fill_null(0)
    fouls = pl.col("pf").replace_strict(FOUL_TROUBLE, default=1.0, return_dtype=pl.Float64)
    minutes = REGULATION_MINUTES + OVERTIME_MINUTES * pl.col("overtimes").fill_null(0)
    return (
        rows.join(teams, on=["game_id", "team_id"], how="left")
        .with_columns(
            (pl.col("seconds") / 60 * REGULATION_MINUTES / minutes).alias("regulation_minutes"),
            (fouls / (1 + beyond / CLOSE_MARGIN)).alias("typical"),
            pl.lit(1.0).alias("one"),
        )
        .sort("season", "game_id", "player_id")
    )
