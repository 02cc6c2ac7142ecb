"""Predictions: one day's minutes, rates and mean box scores, from what was published by `as_of_utc`."""

from datetime import UTC, date, datetime
from functools import lru_cache

import dagster as dg

from rates_assets.assets.models import RATES_ASSETS
from rates_assets.partitions import GAME_DATE
from rates_assets.step import Step, asset_key, table_assets
from rates_lib.calendar import season_of
from rates_lib.errors import RatesError
from rates_lib.features.history import load_history
from rates_lib.features.slate import build_slate
from rates_lib.projections import predict_day

PREDICTION_TABLES = ("predictions.minutes", "predictions.rates", "predictions.player_box")
_HISTORY = (
    *("silver.game", "silver.player_game", "silver.team_game", "silver.tracking_game", "silver.player_availability", "silver.odds_game"),
    *("bronze.player_status", "bronze.odds", "bronze.player_tracking", "bronze.player_bio"),
)


class AsOfConfig(dg.Config):
    """What may be known.

    Attributes:
        as_of_utc: ISO instant up to which statuses and lines count; empty: now. Each game's tip-off caps it.
    """

    as_of_utc: str = ""

    def instant(self) -> datetime:
        """The instant, with its time zone.

        Raises:
            RatesError: if it is not one.
        """
        if not self.as_of_utc:
            return datetime.now(UTC)
        try:
            instant = datetime.fromisoformat(self.as_of_utc)
        except ValueError:
            raise RatesError(f"as_of {self.as_of_utc!r} is no instant: write it as 2024-12-25T16:30:00Z") from None
        return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)


# the day's season and month (Dagster's default mapping); a day whose month has no model is served by the newest earlier one
_DEPS = [*_HISTORY, "models.minutes_v1", *RATES_ASSETS]


@table_assets(
    name="predictions__slate",
    tables=PREDICTION_TABLES,
    deps=[dg.AssetDep(asset_key(name)) for name in _DEPS],
    partitions_def=GAME_DATE,
    config=AsOfConfig,
    tags={"rates/refresh": "daily"},
)
def slate(step: Step, config: AsOfConfig) -> None:
    """Build the day's features by the functions that made training's, and predict."""
    as_of_utc = config.instant()
    history = lru_cache(1)(lambda season: load_history(step.lake, [season]))  # many days of one season share it
    for day in step.partitions:
        game_date = date.fromisoformat(day)
        tonight = build_slate(step.lake, game_date, as_of_utc, history(season_of(game_date)))
        for table, rows in predict_day(step.lake, tonight).items():
            runs = rows["model_run_id"].unique().sort().to_list() if rows.height else []
            figures = {"games": tonight.games.height, "model_run_id": ", ".join(runs), "as_of_utc": as_of_utc.isoformat()}
            step.write(table, rows, day, figures)


ASSETS = [slate]
