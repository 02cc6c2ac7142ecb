"""gold.opponent_allowed: what a team's defence has allowed this season before the game."""

from __future__ import annotations

import polars as pl

from rates_lib.features.history import History, team_rows
from rates_lib.features.team_form import possessions, team_history, with_team_totals
from rates_lib.schemas.tables import TABLES


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """What both teams of `games` allow: gold.opponent_allowed rows, sorted by season, game_id, team_id."""
    rows = with_team_totals(team_rows(games).sort("season", "game_id", "team_id"), team_history(history))
    rows = rows.with_columns(
        (100 * pl.col("_f_opp_pts") / possessions()).alias("def_rating"),
        (100 * pl.col("_f_opp_fga3") / possessions()).alias("def_3pa_allowed"),
        (pl.col("_f_opp_reb") / (pl.col("_f_opp_reb") + pl.col("_f_reb"))).alias("def_reb_rate"),
        (pl.col("_f_opp_ast") / pl.col("_f_opp_fgm")).alias("def_ast_rate"),
    )
    return rows.select(TABLES["gold.opponent_allowed"].columns)
