"""gold.opponent_allowed: counts that a team's defence allowed before the game, and its own players' counts over expectation."""

from __future__ import annotations

import polars as pl

from rates_lib.features.allowed import allowed_ratios
from rates_lib.features.history import History, team_rows
from rates_lib.features.paint import paint_allowed
from rates_lib.features.player_rates import RATE_STATS
from rates_lib.features.team_form import possessions, team_history, with_team_totals
from rates_lib.schemas.tables import TABLES

HALF_LIVES = (8, 30)
OWN_HALF_LIFE = 8
STRENGTH_GAMES = 3.0


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Counts that both teams of `games` allow: gold.opponent_allowed rows, sorted by season, game_id, team_id."""
    rows = with_team_totals(team_rows(games).sort("season", "game_id", "team_id"), team_history(history))
    rows = rows.with_columns(
        (100 * pl.col("_f_opp_pts") / possessions()).alias("def_rating"),
        (100 * pl.col("_f_opp_fga3") / possessions()).alias("def_3pa_allowed"),
        (pl.col("_f_opp_reb") / (pl.col("_f_opp_reb") + pl.col("_f_reb"))).alias("def_reb_rate"),
        (pl.col("_f_opp_ast") / pl.col("_f_opp_fgm")).alias("def_ast_rate"),
    )
    defending = rows.select("season", "game_date", pl.col("team_id").alias("opponent_id"))
    against = allowed_ratios(defending, history, ["opponent_id"], HALF_LIVES, STRENGTH_GAMES)
    own = allowed_ratios(rows, history, ["team_id"], [OWN_HALF_LIFE], STRENGTH_GAMES)[:, 0]
    return rows.with_columns(
        *(pl.Series(f"def_{s}_ratio_hl{n}", against[:, h, i]) for h, n in enumerate(HALF_LIVES) for i, s in enumerate(RATE_STATS)),
        *(pl.Series(f"own_{s}_ratio_hl{OWN_HALF_LIFE}", own[:, i]) for i, s in enumerate(RATE_STATS)),
        pl.Series("def_pts_paint_ratio_hl30", paint_allowed(defending, history), nan_to_null=True),
    ).select(TABLES["gold.opponent_allowed"].columns)
