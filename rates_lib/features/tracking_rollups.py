"""gold.tracking_rollups: touches, possession time, drives and passes of the candidates, as of the day before.

The season to date where tracking is published by game; else the previous season's totals, because totals of the running season include
its future.
"""

from __future__ import annotations

import polars as pl

from rates_lib.features.history import History
from rates_lib.features.role_profile import seasons_of_tracking
from rates_lib.features.roster import candidates
from rates_lib.schemas.tables import TABLES

_COUNTS = ("touches", "time_of_poss_seconds", "drives", "passes_made", "minutes_tracking")
MIN_MINUTES = 10.0  # of this season; below, the previous season's rates are used


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Tracking rates of the candidates of `games`: gold.tracking_rollups rows, sorted by season, game_id, player_id."""
    rows = candidates(history, games).select("season", "game_id", "game_date", "team_id", "opponent_id", "player_id")
    rows = seasons_of_tracking(rows, history, _COUNTS)
    this = pl.col("_g_minutes_tracking") >= MIN_MINUTES * 1000
    previous = pl.coalesce("_s_minutes_tracking", "_q_minutes_tracking") > 0
    rows = rows.with_columns(
        pl.when(this).then(pl.lit("season_to_date")).when(previous).then(pl.lit("previous_season")).otherwise(pl.lit("none"))
        .alias("tracking_source"),
        *(pl.when(this).then(f"_g_{c}").when(previous).then(pl.coalesce(f"_s_{c}", f"_q_{c}")).alias(c) for c in _COUNTS),
    )  # fmt: skip
    minutes = pl.col("minutes_tracking")
    return rows.with_columns(
        (pl.col("touches") / minutes).alias("season_touches_per_min"),
        pl.when(pl.col("touches") > 0).then(pl.col("time_of_poss_seconds") / pl.col("touches")).alias("season_sec_per_touch"),
        (pl.col("drives") / minutes).alias("season_drives_per_min"),
        (pl.col("passes_made") / minutes).alias("season_passes_per_min"),
    ).select(TABLES["gold.tracking_rollups"].columns)
