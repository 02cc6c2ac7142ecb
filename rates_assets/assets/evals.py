"""Evaluations: a season's walk-forward predictions against outcomes, baselines and others' forecasts; what groups of features are worth."""

import dagster as dg
from pydantic import Field

from rates_assets.assets.gold import FORM_TABLES
from rates_assets.assets.models import RATES_ASSETS
from rates_assets.partitions import SEASON, WITHIN_SEASON
from rates_assets.step import FITTING, Step, asset_key, table_assets
from rates_lib.errors import RatesError
from rates_lib.evaluation.ablation import TARGETS, ablate_season, merged
from rates_lib.evaluation.evaluate import blind_minutes, evaluate_season
from rates_lib.evaluation.scored import missing_predictions, predicted_days
from rates_lib.models.feature_groups import GROUPS
from rates_lib.models.lineup import hide_starters
from rates_lib.projections import PREDICTIONS

_MADE = ("evals.player", "evals.calibration")
_TABLES = ("gold.rates_training_base", "gold.player_form", "gold.team_form", "silver.player_game", "silver.peer_forecast")
_ON_REQUEST = {"rates/refresh": "on-request"}


class AblationConfig(dg.Config):
    """What to fit without which features; an empty list is all.

    Attributes:
        targets: minutes, or names of rates.
        groups: names of feature groups.
    """

    targets: list[str] = Field(default_factory=list)
    groups: list[str] = Field(default_factory=list)


@table_assets(
    name="evals__season",
    tables=_MADE,
    deps=[
        *(dg.AssetDep(asset_key(table)) for table in _TABLES),
        *(dg.AssetDep(asset_key(name), partition_mapping=WITHIN_SEASON) for name in (*PREDICTIONS, "models.minutes_v1", *RATES_ASSETS)),
    ],
    partitions_def=SEASON,
    tags=_ON_REQUEST,
)
def season(step: Step) -> None:
    """Measure each season's predictions of minutes, rates and box scores, every predictor on the same rows."""
    for key in step.partitions:
        year = int(key)
        made = evaluate_season(step.lake, year, blind_minutes(step.lake, year, hide_starters))
        missing = missing_predictions(step.lake, year)
        games = missing.filter(missing["whole_game"])["game_id"].n_unique()
        figures = {
            "days_predicted": len(predicted_days(step.lake, year)),
            "player_games_without_prediction": missing.height,
            "games_without_prediction": games,
        }
        for table in _MADE:
            step.write(table, made[table], key, figures)


@table_assets(
    tables=["evals.ablation"],
    deps=[
        *(dg.AssetDep(asset_key(table)) for table in ("gold.player_game_training", *FORM_TABLES, "silver.player_game")),
        *(dg.AssetDep(asset_key(name), partition_mapping=WITHIN_SEASON) for name in ("models.minutes_v1", *RATES_ASSETS)),
    ],
    partitions_def=SEASON,
    config=AblationConfig,
    tags=_ON_REQUEST,
)
def ablation(step: Step, config: AblationConfig) -> None:
    """Fit the season's first models without each group of features; rows of the same run that were not asked for stay."""
    unknown = [name for name in config.groups if name not in GROUPS]
    if unknown:
        raise RatesError(f"no feature group {', '.join(unknown)}: choose from {', '.join(GROUPS)}")
    groups = {name: columns for name, columns in GROUPS.items() if name in (config.groups or GROUPS)}
    for key in step.partitions:
        made = ablate_season(step.lake, int(key), groups, config.targets or TARGETS, lambda what: step.context.log.info(FITTING + what))
        step.write("evals.ablation", merged(step.lake.read("evals.ablation", [key]), made), key)


ASSETS = [season, ablation]
