"""gold.tracking_rollups: touches, possession time, drives and passes of the candidates, as of the day before.

Where tracking comes by game: the season to date. Where only totals of a season are published: the previous season's, because totals of
the running one hold its future.
"""

from __future__ import annotations

import polars as pl

from rates_lib import asof
from rates_lib.features.history import History
from rates_lib.features.roster import candidates
from rates_lib.schemas.tables import TABLES

_COUNTS = ("touches", "time_of_poss_seconds", "drives", "passes_made", "minutes_tracking")
MIN_MINUTES = 10.0  # of this season: below it the previous season says more


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Tracking rates of the candidates of `games`: gold.tracking_rollups rows, sorted by season, game_id, player_id."""
    rows = candidates(history, games).select("season", "game_id", "game_date", "team_id", "opponent_id", "player_id")
    by_game = _thousandths(history.tracking_game.drop_nulls(_COUNTS))
    totals = asof.running_totals(by_game, ["player_id", "season"], _COUNTS)
    rows = asof.last_before(rows, totals, ["player_id", "season"], {c: f"_g_{c}" for c in _COUNTS})
    by_season = _thousandths(history.tracking_season.drop_nulls(_COUNTS)).with_columns(pl.lit(None, pl.Date).alias("game_date"))
    rows = asof.season_totals_before(rows, by_season, ["player_id"], _COUNTS, "_t_")
    rows = asof.season_totals_before(rows, by_game, ["player_id"], _COUNTS, "_q_")
    enough = MIN_MINUTES * 1000
    this, previous = pl.col("_g_minutes_tracking") >= enough, pl.coalesce("_t_minutes_tracking", "_q_minutes_tracking") > 0
    rows = rows.with_columns(
        pl.when(this).then(pl.lit("season_to_date")).when(previous).then(pl.lit("previous_season")).otherwise(pl.lit("none"))
        .alias("tracking_source"),
        *(pl.when(this).then(f"_g_{c}").when(previous).then(pl.coalesce(f"_t_{c}", f"_q_{c}")).alias(c) for c in _COUNTS),
    )  # fmt: skip
    minutes = pl.col("minutes_tracking")
    return rows.with_columns(
        (pl.col("touches") / minutes).alias("season_touches_per_min"),
        pl.when(pl.col("touches") > 0).then(pl.col("time_of_poss_seconds") / pl.col("touches")).alias("season_sec_per_touch"),
        (pl.col("drives") / minutes).alias("season_drives_per_min"),
        (pl.col("passes_made") / minutes).alias("season_passes_per_min"),
    ).select(TABLES["gold.tracking_rollups"].columns)


def _thousandths(frame: pl.DataFrame) -> pl.DataFrame:
    """Counts as integers of a thousandth, so that totals are exact."""
    return frame.with_columns((pl.col(c) * 1000).round().cast(pl.Int64) for c in _COUNTS)
