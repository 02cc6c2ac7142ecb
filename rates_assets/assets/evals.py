"""Evaluations: a season's walk-forward predictions against outcomes and baselines."""

import dagster as dg

from rates_assets.assets.models import RATES_ASSETS
from rates_assets.partitions import SEASON, WITHIN_SEASON
from rates_assets.step import Step, asset_key, table_assets
from rates_lib.evaluation.baseline import evaluate_season

_TABLES = ("gold.minutes_walk_forward", "gold.rates_training_base", "gold.player_form", "silver.player_game")


@table_assets(
    tables=["evals.player"],
    deps=[
        *(dg.AssetDep(asset_key(table)) for table in _TABLES),
        *(dg.AssetDep(asset_key(name), partition_mapping=WITHIN_SEASON) for name in RATES_ASSETS),
    ],
    partitions_def=SEASON,
    tags={"rates/refresh": "on-request"},
)
def player(step: Step) -> None:
    """Measure minutes and rates of each season, every predictor on the same rows."""
    for season in step.partitions:
        step.write("evals.player", evaluate_season(step.lake, int(season)), season)


ASSETS = [player]
