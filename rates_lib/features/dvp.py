"""gold.dvp: defence versus position: what a team allows players of each position, beyond what they were expected to do."""

from __future__ import annotations

import polars as pl

from rates_lib.features.allowed import allowed_ratios
from rates_lib.features.history import History, team_rows
from rates_lib.features.player_rates import STATS, position_means
from rates_lib.schemas.columns import POSITIONS, RATE_TARGETS
from rates_lib.schemas.tables import TABLES

HALF_LIFE = 25
STRENGTH_GAMES = 8.0
DVP_STATS = (*RATE_TARGETS, "fg2m", "fg3m", "pts")


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """What both teams of `games` allow each position: gold.dvp rows, sorted by season, game_id, team_id, position_primary."""
    sides = team_rows(games)
    rows = pl.concat([sides.with_columns(pl.lit(p).alias("position_primary")) for p in POSITIONS]).sort(
        "season", "game_id", "team_id", "position_primary"
    )
    defending = rows.with_columns(pl.col("team_id").alias("opponent_id"))
    ratios = allowed_ratios(defending, history, ["opponent_id", "position_primary"], [HALF_LIFE], STRENGTH_GAMES)[:, 0]
    means = position_means(rows, history)
    columns = [pl.Series(f"dvp_{s}_ratio", ratios[:, STATS.index(s)]) for s in DVP_STATS]
    per_36 = [pl.Series(f"allowed_{s}_per_36", 36 * means[:, i] * ratios[:, i]) for s in DVP_STATS for i in [STATS.index(s)]]
    return rows.with_columns(*columns, *per_36).select(TABLES["gold.dvp"].columns)
