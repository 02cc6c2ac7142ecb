"""Walk-forward predictions: each game is predicted by a model fitted on earlier games only.

Belongs here: the choice of the run per month, and predictions of many months at once. Does not belong here: the slate of one day
(`projections.py`).
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
        minutes_features: candidate rows of any games (see `predict_minutes`) with season, game_id, game_date, team_id, player_id.
        game: rows of silver.game of these games: season, game_id, tipoff_utc.
        lake: lake with the minutes runs.

    Returns:
        One row per candidate, sorted by the table's key. If no window begins by the month of the game, the minutes columns are null and
        `minutes_source` is none. `as_of_utc` is tip-off: lists and lines of past games are those of the last publication before it.
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
    """Past rows, each predicted by the newest run of a window not after the month of its game.

    Args:
        rows: game_date and the model's features; labels are not read. Months served by one run are predicted together.
        lake: lake with the runs.
        model: name of the model.
        recipe: as in `choose_run`; None for the run in production.
        feature_set: the same.

    Returns:
        `rows` in order with the model's outputs, model_run_id, model_window, model_fallback. Without a run the outputs, model_run_id and
        model_window are null and model_fallback is false.
    """
    outputs = model_spec(model).outputs
    schema = {**dict.fromkeys(outputs, pl.Float64), **_STAMP}
    numbered = rows.drop(*schema, strict=False).with_row_index("_row").with_columns(pl.col("game_date").dt.month_start().alias("_month"))
    by_run: dict[RunChoice | None, list[date]] = {}
    for month in numbered["_month"].unique().sort().to_list():
        try:
            choice = choose_run(lake, model, month, recipe=recipe, feature_set=feature_set)
        except MissingModelError:
            choice = None
        by_run.setdefault(choice, []).append(month)
    parts = [numbered.clear().with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items())]
    for choice, months in by_run.items():
        part = numbered.filter(pl.col("_month").is_in(months))
        if choice is None:
            parts.append(part.with_columns(pl.lit(False).alias("model_fallback")))
            continue
        predicted = predict(part, load_bundle(lake, model, choice.run_id)).select(outputs)
        stamp = zip(_STAMP, (choice.run_id, choice.window.isoformat(), choice.fallback), strict=True)
        parts.append(pl.concat([part, predicted], how="horizontal").with_columns(pl.lit(value).alias(name) for name, value in stamp))
    return pl.concat(parts, how="diagonal").sort("_row").drop("_row", "_month")
