"""Every game predicted by a model that had not seen it.

Belongs here: the choice of the run per month and the predictions of many months at once. Does not belong here: one day's slate, which
calls `predict_minutes` and `predict_rates` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from rates_lib.core.errors import MissingModelError
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle
from rates_lib.models.minutes import load_minutes_bundle, predict_minutes
from rates_lib.models.rates import load_rates_bundle, predict_rates
from rates_lib.models.rates_offset import TARGETS
from rates_lib.models.registry import RunChoice, choose_run
from rates_lib.models.team import OUTPUTS, load_team_bundle, predict_team
from rates_lib.schemas.tables import TABLES

_MINUTES = ("minutes_mean", "minutes_p10", "minutes_p50", "minutes_p90", "play_prob")
_STAMP = {"model_run_id": pl.String, "model_window": pl.String, "model_fallback": pl.Boolean}


def minutes_walk_forward(minutes_features: pl.DataFrame, game: pl.DataFrame, lake: Lake) -> pl.DataFrame:
    """Rows of gold.minutes_walk_forward.

    Args:
        minutes_features: candidate rows of any number of games (see `predict_minutes`) with season, game_id, game_date, team_id,
            player_id.
        game: rows of silver.game for them: season, game_id, tipoff_utc.
        lake: where the minutes runs lie.

    Returns:
        One row per candidate, sorted by the table's key. Where no window begins by the month of the game, the minutes columns are null and
        `minutes_source` is none. `as_of_utc` is tip-off: history's lists and lines are those of the last publication before it.
    """
    spec = TABLES["gold.minutes_walk_forward"]
    predicted = _by_month(
        minutes_features.sort(spec.key),
        _MINUTES,
        lambda day: choose_run(lake, "minutes_v1", day),
        lambda run_id: load_minutes_bundle(run_id, lake),
        predict_minutes,
    )
    source = pl.when(pl.col("model_run_id").is_null()).then(pl.lit("none")).otherwise(pl.lit("walk_forward"))
    clock = game.select("season", "game_id", "tipoff_utc")
    return (
        predicted.drop("tipoff_utc", "as_of_utc", strict=False)
        .join(clock, on=["season", "game_id"], how="left", maintain_order="left")
        .with_columns(source.alias("minutes_source"), pl.col("tipoff_utc").alias("as_of_utc"))
        .select(spec.columns)
        .sort(spec.key)
    )


def rates_walk_forward(
    training_base: pl.DataFrame, lake: Lake, *, recipe: str | None = None, feature_set: str | None = None
) -> pl.DataFrame:
    """Rates of past games, each by the newest run of a window not after the month of the game.

    Args:
        training_base: rows of gold.rates_training_base; its labels are not read.
        lake: where the runs lie.
        recipe: as in `choose_run`: None for the run in production.
        feature_set: the same.

    Returns:
        `training_base` in its order with the nine `*_per_min_mean`, `model_run_id`, `model_window`, `model_fallback`; nulls where there
        is no run.
    """
    return _by_month(
        training_base,
        tuple(f"{t}_mean" for t in TARGETS),
        lambda day: choose_run(lake, "rates_v1", day, recipe=recipe, feature_set=feature_set),
        lambda run_id: load_rates_bundle(run_id, lake),
        predict_rates,
    )


def team_walk_forward(matchups: pl.DataFrame, lake: Lake) -> pl.DataFrame:
    """Past games, each by the newest run of a window not after its month.

    Args:
        matchups: rows of gold.team_matchup_training; labels are not read.
        lake: where the runs lie.

    Returns:
        `matchups` in its order with the columns of `predict_team`, model_run_id, model_window, model_fallback; nulls where there is no run.
    """
    return _by_month(
        matchups,
        OUTPUTS,
        lambda day: choose_run(lake, "team_v1", day),
        lambda run_id: load_team_bundle(run_id, lake),
        predict_team,
    )


def _by_month(
    frame: pl.DataFrame,
    outputs: tuple[str, ...],
    choose: Callable[[date], RunChoice],
    load: Callable[[str], Bundle],
    predict: Callable[[pl.DataFrame, Bundle], pl.DataFrame],
) -> pl.DataFrame:
    """`frame` in its order with predictions and the stamp of the run that made them; months served by one run are predicted together."""
    frame = frame.drop(*outputs, *_STAMP, strict=False)
    schema = {**dict.fromkeys(outputs, pl.Float64), **_STAMP}
    if frame.is_empty():
        return frame.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items())
    numbered = frame.with_row_index("_row").with_columns(pl.col("game_date").dt.month_start().alias("_month"))
    by_run: dict[RunChoice | None, list[date]] = {}
    for month in numbered["_month"].unique().sort().to_list():
        try:
            choice = choose(month)
        except MissingModelError:
            choice = None
        by_run.setdefault(choice, []).append(month)
    done, bundles = [], dict[str, Bundle]()
    for choice, months in by_run.items():
        rows = numbered.filter(pl.col("_month").is_in(months))
        if choice is None:
            made = pl.DataFrame([pl.Series(name, [None] * rows.height, dtype=dtype) for name, dtype in schema.items()])
            made = made.with_columns(model_fallback=pl.lit(False))
        else:
            if choice.run_id not in bundles:
                bundles[choice.run_id] = load(choice.run_id)
            made = predict(rows, bundles[choice.run_id]).with_columns(
                pl.lit(choice.run_id).alias("model_run_id"),
                pl.lit(choice.window.isoformat()).alias("model_window"),
                pl.lit(choice.fallback).alias("model_fallback"),
            )
        done.append(pl.concat([rows, made.select(list(schema))], how="horizontal"))
    return pl.concat(done).sort("_row").drop("_row", "_month")
