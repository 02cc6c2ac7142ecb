"""Evaluations: a season's walk-forward predictions against outcomes, baselines and others' forecasts; what groups of features are worth."""

import dagster as dg
from pydantic import Field

from rates_assets.assets.gold import FORM_TABLES
from rates_assets.assets.models import model_assets
from rates_assets.partitions import SEASON, WITHIN_SEASON
from rates_assets.step import Step, asset_key, table_assets
from rates_lib.core.errors import RatesError
from rates_lib.evaluation.ablation import TARGETS, ablate_season, merged
from rates_lib.evaluation.consistency import consistency_evals
from rates_lib.evaluation.evaluate import blind_minutes, evaluate_season
from rates_lib.evaluation.impact import impact_season
from rates_lib.evaluation.scored import missing_predictions, predicted_days
from rates_lib.evaluation.team import team_evals
from rates_lib.evaluation.worlds import evaluate_worlds
from rates_lib.features.impact.estimates import IMPACT_TABLE
from rates_lib.models.feature_groups import GROUPS
from rates_lib.models.minutes_shares import hide_starters
from rates_lib.pipeline.projections import PREDICTIONS

_SEASON_TABLES = ("evals.player", "evals.calibration")
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


class WorldsEvalConfig(dg.Config):
    """How many worlds to judge.

    Attributes:
        worlds: of each game; tails need 2,000 at the least.
        seed: of all games.
    """

    worlds: int = 2000
    seed: int = 7


@table_assets(
    name="evals__season",
    tables=_SEASON_TABLES,
    deps=[
        *(dg.AssetDep(asset_key(table)) for table in _TABLES),
        *(
            dg.AssetDep(asset_key(name), partition_mapping=WITHIN_SEASON)
            for name in (*PREDICTIONS, *model_assets("minutes_v1", "rates_v1"))
        ),
    ],
    partitions_def=SEASON,
    tags=_ON_REQUEST,
)
def season(step: Step) -> None:
    """Measure each season's predictions of minutes, rates and box scores, every predictor on the same rows."""
    for key in step.partitions:
        year = int(key)
        measured = evaluate_season(step.lake, year, blind_minutes(step.lake, year, hide_starters))
        missing = missing_predictions(step.lake, year)
        games = missing.filter(missing["whole_game"])["game_id"].n_unique()
        figures = {
            "days_predicted": len(predicted_days(step.lake, year)),
            "player_games_without_prediction": missing.height,
            "games_without_prediction": games,
        }
        for table in _SEASON_TABLES:
            step.write(table, measured[table], key, figures)


@table_assets(
    tables=["evals.team"],
    deps=[
        *(dg.AssetDep(asset_key(table)) for table in ("gold.team_matchup_training", "silver.team_forecast")),
        *(dg.AssetDep(asset_key(name), partition_mapping=WITHIN_SEASON) for name in ("predictions.team", *model_assets("team_v1"))),
    ],
    partitions_def=SEASON,
    tags=_ON_REQUEST,
)
def teams(step: Step) -> None:
    """Measure each season's predictions of games against lines, ratings, published probabilities and outcomes."""
    for key in step.partitions:
        step.write("evals.team", team_evals(step.lake, int(key)), key)


@table_assets(
    tables=["evals.consistency"],
    deps=[
        *(dg.AssetDep(asset_key(table)) for table in ("silver.game", "silver.player_game")),
        *(dg.AssetDep(asset_key(name), partition_mapping=WITHIN_SEASON) for name in ("predictions.team", "predictions.player_box")),
    ],
    partitions_def=SEASON,
    tags=_ON_REQUEST,
)
def consistency(step: Step) -> None:
    """Measure players and teams of each season before and after they are made to agree."""
    for key in step.partitions:
        step.write("evals.consistency", consistency_evals(step.lake, int(key)), key)


@table_assets(
    tables=["evals.ablation"],
    deps=[
        *(dg.AssetDep(asset_key(table)) for table in ("gold.player_game_training", *FORM_TABLES, "silver.player_game")),
        *(dg.AssetDep(asset_key(name), partition_mapping=WITHIN_SEASON) for name in model_assets("minutes_v1", "rates_v1")),
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
        rows = ablate_season(step.lake, int(key), groups, config.targets or TARGETS, step.report_fit)
        step.write("evals.ablation", merged(step.lake.read("evals.ablation", [key]), rows), key)


@table_assets(
    tables=["evals.worlds"],
    deps=[
        *(dg.AssetDep(asset_key(table)) for table in ("silver.player_game", "silver.game", "silver.odds_game", "silver.peer_forecast")),
        *(dg.AssetDep(asset_key(name), partition_mapping=WITHIN_SEASON) for name in (*PREDICTIONS, *model_assets("worlds_v1"))),
    ],
    partitions_def=SEASON,
    config=WorldsEvalConfig,
    tags=_ON_REQUEST,
)
def worlds(step: Step, config: WorldsEvalConfig) -> None:
    """Draw each season's games again from its stored predictions and measure the distributions against what happened."""
    for key in step.partitions:
        step.write("evals.worlds", evaluate_worlds(step.lake, int(key), config.worlds, config.seed), key)


@table_assets(
    tables=["evals.impact"],
    deps=[
        dg.AssetDep(asset_key(table))
        for table in (IMPACT_TABLE, "silver.game", "silver.player_game", "silver.team_game", "silver.lineup_stint", "bronze.impact_rating")
    ],
    partitions_def=SEASON,
    tags=_ON_REQUEST,
)
def impact(step: Step) -> None:
    """Measure ratings of players against a published one, against the games that follow and on games left out."""
    for key in step.partitions:
        step.write("evals.impact", impact_season(step.lake, int(key)), key)


ASSETS = [season, teams, consistency, ablation, worlds, impact]
