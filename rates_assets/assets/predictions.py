"""Predictions: each day's minutes, rates and mean box scores, from what was published by `as_of_utc`."""

from datetime import date, datetime
from functools import partial
from typing import Any

import polars as pl

from rates_assets.assets.gold import FAMILY_TABLES
from rates_assets.assets.models import model_assets
from rates_assets.partitions import GAME_DATE
from rates_assets.staging import DayConfig
from rates_assets.step import Step, deps_on, table_assets
from rates_lib.core.calendar import instant_of, season_of
from rates_lib.pipeline.freshness import predicted_by
from rates_lib.pipeline.guards import require_history, require_players
from rates_lib.pipeline.kept_slates import keep
from rates_lib.pipeline.lineage import slate_inputs
from rates_lib.pipeline.projections import ALL_PREDICTIONS, PREDICTED_BY, Predicted, predict_days


class AsOfConfig(DayConfig):
    """Which information may be used.

    Attributes:
        as_of_utc: ISO instant up to which statuses and lines count; empty: now. Each game's tip-off caps it.
    """

    as_of_utc: str = ""

    def instant(self) -> datetime:
        """The instant, with its time zone.

        Raises:
            RatesError: if `as_of_utc` is not an ISO instant.
        """
        return instant_of(self.as_of_utc)


@table_assets(
    name="predictions__slate",
    tables=ALL_PREDICTIONS,
    # Dagster's default mapping: the day's season and month. A day whose month has no model uses the newest earlier one
    deps=deps_on(*slate_inputs(), *FAMILY_TABLES, *model_assets(*PREDICTED_BY)),
    partitions_def=GAME_DATE,
    config=AsOfConfig,
    tags={"rates/refresh": "daily"},
)
def slate(step: Step, config: AsOfConfig) -> None:
    """Predict from the features that training uses: stored ones for past days, else features built as of the instant."""
    as_of_utc = config.instant()
    require_history(step.lake, step.partitions)
    seasons = {season_of(date.fromisoformat(day)) for day in step.partitions}
    made_by = {season: predicted_by(step.lake, season) for season in seasons}
    for predicted in predict_days(step.lake, map(date.fromisoformat, step.partitions), as_of_utc):
        common = {"features_from": predicted.features_from, "as_of_utc": as_of_utc.isoformat()}
        days = [day.isoformat() for day in predicted.days]
        require_players(step.lake, predicted, as_of_utc)
        for table, rows in predicted.tables.items():
            step.write_days(table, rows, days, partial(_figures, common))
        for day in days:
            step.describe(day, as_of_utc=_last_instant(predicted, day), made_by=made_by[season_of(date.fromisoformat(day))])
        if predicted.slate:
            keep(step.lake, predicted.slate, as_of_utc, predicted.made_from)


def _last_instant(predicted: Predicted, day: str) -> str:
    minutes = predicted.tables["predictions.minutes"].filter(pl.col("game_date") == date.fromisoformat(day))
    last = minutes["as_of_utc"].max()
    return last.isoformat() if isinstance(last, datetime) else ""


def _figures(common: dict[str, Any], rows: pl.DataFrame) -> dict[str, Any]:
    runs = {"model_run_id": ", ".join(rows["model_run_id"].unique().sort())} if "model_run_id" in rows.columns else {}
    return {"games": rows["game_id"].n_unique()} | runs | common


ASSETS = [slate]
