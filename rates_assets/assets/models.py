"""Models, each partitioned by the month in which it is used, and the registry that says which run serves.

Asked for on purpose: a history backfill never pulls a fit along, or it would refit every later month.
"""

from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field

from rates_assets.assets.gold import FORM_TABLES
from rates_assets.partitions import RETRAIN, SEASONS_BEFORE_MONTH
from rates_assets.step import Step, asset_key, asset_spec, table_assets
from rates_lib.models.bundle import Bundle, save_bundle
from rates_lib.models.config import MinutesConfig, RatesConfig, config_from_dict
from rates_lib.models.feature_sets import RATES_FEATURE_SETS
from rates_lib.models.minutes import train_minutes
from rates_lib.models.rates import TARGETS, train_rates
from rates_lib.models.registry import registry_frame
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.training import minutes_training, rates_training

_ON_REQUEST = {"rates/refresh": "on-request"}
RATES_ASSETS = [f"models.rates_v1.{target}" for target in RATE_TARGETS]


class FitConfig(dg.Config):
    """How to fit.

    Attributes:
        settings: what differs from the recipe's settings in `rates_lib.models.config`, by name.
    """

    settings: dict[str, Any] = Field(default_factory=dict)


def _earlier(*tables: str) -> list[dg.AssetDep]:
    return [dg.AssetDep(asset_key(table), partition_mapping=SEASONS_BEFORE_MONTH) for table in tables]


@table_assets(
    specs=[
        asset_spec(
            "models.minutes_v1",
            "minutes if he plays (mean, p10, p50, p90) and the probability to play, for the games of a month",
            _earlier(*FORM_TABLES, "silver.odds_game", "silver.game", "silver.player_game"),
            RETRAIN,
            _ON_REQUEST,
        )
    ],
    partitions_def=RETRAIN,
    config=FitConfig,
)
def minutes_v1(step: Step, config: FitConfig) -> None:
    """Fit the minutes boosters on everything before the month."""
    settings = config_from_dict(MinutesConfig, config.settings)
    for window in step.partitions:
        first_day = date.fromisoformat(window)
        bundle = train_minutes(minutes_training(step.lake, first_day), first_day, settings)
        save_bundle(step.lake, bundle)
        step.note("models.minutes_v1", _figures(bundle), window)


@table_assets(
    name="models__rates_v1",
    specs=[
        asset_spec(
            name,
            f"{name.rsplit('.', 1)[1]} per minute, for the games of a month; one run without tracking, one with it",
            _earlier("gold.rates_training_base"),
            RETRAIN,
            _ON_REQUEST,
        )
        for name in RATES_ASSETS
    ],
    partitions_def=RETRAIN,
    config=FitConfig,
)
def rates_v1(step: Step, config: FitConfig) -> None:
    """Fit the nine regressors twice, without tracking (stage0) and with it (stage2); the registry chooses."""
    settings = config_from_dict(RatesConfig, config.settings)
    for window in step.partitions:
        first_day = date.fromisoformat(window)
        rows = rates_training(step.lake, first_day)
        bundles = {name: train_rates(rows, first_day, name, settings) for name in RATES_FEATURE_SETS}
        for bundle in bundles.values():
            save_bundle(step.lake, bundle)
        for name, target in zip(RATES_ASSETS, TARGETS, strict=True):
            by_set = {f"{k}_{feature_set}": v for feature_set, b in bundles.items() for k, v in b.meta["metrics"][target].items()}
            runs = {f"run_{feature_set}": b.run_id for feature_set, b in bundles.items()}
            step.note(name, runs | by_set, window)


@table_assets(
    tables=["models.registry"],
    deps=[dg.AssetDep(asset_key(name)) for name in ("models.minutes_v1", *RATES_ASSETS)],
    partitions_def=None,
    tags=_ON_REQUEST,
)
def registry(step: Step) -> None:
    """List all runs, which serve and why: a pure function of the run directories."""
    rows = registry_frame(step.lake)
    step.write("models.registry", rows, figures={"in_production": rows.filter(rows["run_status"] == "production").height})


def _figures(bundle: Bundle) -> dict[str, Any]:
    flat = {f"{target}_{name}": value for target, values in bundle.meta["metrics"].items() for name, value in values.items()}
    return {"run_id": bundle.run_id, "rows": bundle.meta["rows"], **flat}


ASSETS = [minutes_v1, rates_v1, registry]
