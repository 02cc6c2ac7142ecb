"""One day's predictions, from its slate and the models that serve it.

Belongs here: choosing the run of the day, and giving its output the columns of `predictions.*`. Does not belong here: features
(`features/slate.py`), models (`models/`), worlds (`sim/`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.calendar import window_of
from rates_lib.features.assemble import add_minutes
from rates_lib.features.slate import Slate
from rates_lib.lake import Lake
from rates_lib.models.minutes import load_minutes_bundle, predict_minutes
from rates_lib.models.rates import load_rates_bundle, predict_rates
from rates_lib.models.reconcile import reconcile_minutes
from rates_lib.models.registry import RunChoice, choose_run
from rates_lib.schemas.tables import TABLES
from rates_lib.sim.box import project_box


def predict_day(lake: Lake, slate: Slate) -> dict[str, pl.DataFrame]:
    """Rows of predictions.minutes, predictions.rates and predictions.player_box for every candidate of a slate, by table name.

    Without a game that day the three are empty.

    Raises:
        MissingModelError: if no model of a window up to the day's month has been trained.
    """
    names = ("predictions.minutes", "predictions.rates", "predictions.player_box")
    if slate.features.is_empty():
        return {name: TABLES[name].empty() for name in names}
    minutes = minutes_table(lake, slate)
    rates = rates_table(lake, slate, minutes)
    return dict(zip(names, (minutes, rates, project_box(minutes, rates, slate.features)), strict=True))


def minutes_table(lake: Lake, slate: Slate) -> pl.DataFrame:
    """Rows of predictions.minutes; minutes_reconciled sums to 240 a team unless too few players are left.

    Raises:
        MissingModelError: if no minutes model serves the day.
    """
    run = choose_run(lake, "minutes_v1", slate.known_before)
    predicted = predict_minutes(slate.features, load_minutes_bundle(run.run_id, lake))
    rows = pl.concat([slate.features.drop(predicted.columns, strict=False), predicted], how="horizontal")
    rows = rows.with_columns(reconcile_minutes(rows).alias("minutes_reconciled"))
    return _stamped(rows, slate, run, "predictions.minutes")


def rates_table(lake: Lake, slate: Slate, minutes: pl.DataFrame) -> pl.DataFrame:
    """Rows of predictions.rates; `minutes` are those of predictions.minutes for the same slate.

    Raises:
        MissingModelError: if no rates model serves the day.
    """
    run = choose_run(lake, "rates_v1", slate.known_before)
    features = add_minutes(slate.features, minutes.with_columns(pl.lit("walk_forward").alias("minutes_source")))
    predicted = predict_rates(features, load_rates_bundle(run.run_id, lake))
    return _stamped(pl.concat([features, predicted], how="horizontal"), slate, run, "predictions.rates")


def _stamped(rows: pl.DataFrame, slate: Slate, run: RunChoice, table: str) -> pl.DataFrame:
    spec = TABLES[table]
    clock = slate.games.select("game_id", "as_of_utc", "tipoff_utc")
    return (
        rows.join(clock, on="game_id", how="left", maintain_order="left")
        .join(slate.player_names, on="player_id", how="left", maintain_order="left")
        .with_columns(
            pl.lit(run.run_id).alias("model_run_id"),
            pl.lit(run.window.isoformat()).alias("model_window"),
            pl.lit(run.window != window_of(slate.game_date)).alias("model_fallback"),
        )
        .select(spec.columns)
        .sort(spec.key)
    )
