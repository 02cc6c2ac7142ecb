"""Every game predicted by a model that had not seen it.

Belongs here: the choice of the run per month and the predictions of many months at once. Does not belong here: one day's slate, which
`projections.py` predicts.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from rates_lib.core.errors import MissingModelError
from rates_lib.lake import Lake
from rates_lib.models.bundle import load_bundle
from rates_lib.models.registry import RunChoice, choose_run
from rates_lib.models.specs import model_spec, predict
from rates_lib.schemas.tables import TABLES

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
    predicted = walk_forward(minutes_features.sort(spec.key), lake, "minutes_v1")
    source = pl.when(pl.col("model_run_id").is_null()).then(pl.lit("none")).otherwise(pl.lit("walk_forward"))
    clock = game.select("season", "game_id", "tipoff_utc")
    return (
        predicted.drop("tipoff_utc", "as_of_utc", strict=False)
        .join(clock, on=["season", "game_id"], how="left", maintain_order="left")
        .with_columns(source.alias("minutes_source"), pl.col("tipoff_utc").alias("as_of_utc"))
        .select(spec.columns)
        .sort(spec.key)
    )


def walk_forward(rows: pl.DataFrame, lake: Lake, model: str, *, recipe: str | None = None, feature_set: str | None = None) -> pl.DataFrame:
    """Rows of the past, each predicted by the newest run of a window not after the month of its game.

    Args:
        rows: game_date and what the model reads; labels are not read. Months served by one run are predicted together.
        lake: where the runs lie.
        model: name of the model.
        recipe: as in `choose_run`: None for the run in production.
        feature_set: the same.

    Returns:
        `rows` in their order with the model's outputs, model_run_id, model_window, model_fallback; nulls where there is no run.
    """
    outputs = model_spec(model).outputs
    frame = rows.drop(*outputs, *_STAMP, strict=False)
    schema = {**dict.fromkeys(outputs, pl.Float64), **_STAMP}
    if frame.is_empty():
        return frame.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items())
    numbered = frame.with_row_index("_row").with_columns(pl.col("game_date").dt.month_start().alias("_month"))
    by_run: dict[RunChoice | None, list[date]] = {}
    for month in numbered["_month"].unique().sort().to_list():
        try:
            choice = choose_run(lake, model, month, recipe=recipe, feature_set=feature_set)
        except MissingModelError:
            choice = None
        by_run.setdefault(choice, []).append(month)
    done = []
    for choice, months in by_run.items():
        part = numbered.filter(pl.col("_month").is_in(months))
        if choice is None:
            predicted = pl.DataFrame([pl.Series(name, [None] * part.height, dtype=dtype) for name, dtype in schema.items()])
            predicted = predicted.with_columns(model_fallback=pl.lit(False))
        else:
            predicted = predict(part, load_bundle(lake, model, choice.run_id)).with_columns(
                pl.lit(choice.run_id).alias("model_run_id"),
                pl.lit(choice.window.isoformat()).alias("model_window"),
                pl.lit(choice.fallback).alias("model_fallback"),
            )
        done.append(pl.concat([part, predicted.select(list(schema))], how="horizontal"))
    return pl.concat(done).sort("_row").drop("_row", "_month")
