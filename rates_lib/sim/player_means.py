"""The inputs of a simulated game: minutes, rates and percentages, one row per player.

Belongs here: the join of the three predictions and their stamp. Does not belong here: mean box scores (`pipeline/mean_box.py`),
drawing (`worlds.py`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.schemas.columns import RATE_TARGETS

STAMP = ("as_of_utc", "tipoff_utc", "model_run_id", "model_window", "model_fallback")
PERCENTAGE_MEANS = ("fg2_pct_mean", "fg3_pct_mean", "ft_pct_mean")
PLAYER_GAME = ["game_id", "player_id"]


def join_inputs(minutes: pl.DataFrame, rates: pl.DataFrame, percentages: pl.DataFrame) -> pl.DataFrame:
    """Rows of `minutes` with their rates, percentages and one stamp for both models.

    Args:
        minutes: rows of predictions.minutes.
        rates: rows of predictions.rates.
        percentages: rows with game_id, player_id, fg2_pct_mean, fg3_pct_mean, ft_pct_mean (predictions.player_box has them).

    Returns:
        One row per row of `minutes`, sorted by game, team, player. `model_run_id` names both runs ("<minutes> + <rates>"),
        `model_window` is the older of the two, `model_fallback` true if either run is of an earlier month.

    Raises:
        RatesError: if a player has no rates or percentages; names the first such player and game.
    """
    means = [f"{t}_per_min_mean" for t in RATE_TARGETS]
    stamp = [pl.col(c).alias(f"{c}_rates") for c in STAMP[2:]]
    joined = (
        minutes.join(rates.select(*PLAYER_GAME, *means, *stamp), on=PLAYER_GAME, how="left", validate="1:1")
        .join(percentages.select(*PLAYER_GAME, *PERCENTAGE_MEANS), on=PLAYER_GAME, how="left", validate="1:1")
        .sort("game_date", "game_id", "team_id", "player_id")
    )
    for columns, table in ((means, "predictions.rates"), (list(PERCENTAGE_MEANS), "percentages")):
        lacking = joined.filter(pl.any_horizontal(pl.col(columns).is_null()))
        if lacking.height:
            row = lacking.row(0, named=True)
            raise RatesError(
                f"no {table} for player {row['player_id']} of game {row['game_id']} ({lacking.height} rows of predictions.minutes in all): "
                f"materialise the predictions of {row['game_date']} again"
            )
    ids = [pl.col("model_run_id"), pl.col("model_run_id_rates")]
    return joined.with_columns(
        pl.concat_str(ids, separator=" + ", ignore_nulls=True).alias("model_run_id"),
        pl.min_horizontal("model_window", "model_window_rates").alias("model_window"),
        (pl.col("model_fallback") | pl.col("model_fallback_rates")).alias("model_fallback"),
    ).drop(f"{c}_rates" for c in STAMP[2:])
