"""Evaluations: a season's walk-forward predictions against outcomes, baselines and others' forecasts; the value of feature groups."""

from collections.abc import Callable, Sequence

import dagster as dg
from pydantic import Field

from rates_assets.assets.gold import FAMILY_TABLES
from rates_assets.assets.models import model_assets
from rates_assets.partitions import SEASON, WITHIN_SEASON
from rates_assets.progress import parts_reporter
from rates_assets.step import Step, deps_on, table_assets
from rates_lib.core.errors import RatesError
from rates_lib.core.limits import LEAST_WORLDS, MOST_STORED_WORLDS, check_worlds
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

_ACCURACY_TABLES = ("evals.player", "evals.calibration")


class AblationConfig(dg.Config):
    """Which models to fit again, and without which features; an empty list means all.

    Attributes:
        targets: minutes, or names of rates.
        groups: names of feature groups.
    """

    targets: list[str] = Field(default_factory=list)
    groups: list[str] = Field(default_factory=list)


class WorldsEvalConfig(dg.Config):
    """How to draw the worlds that are measured.

    Attributes:
        worlds: of each game; tails need at least 2,000.
        seed: of all games.
    """

    worlds: int = 2000
    seed: int = 7


def season_evals(
    *tables: str, of: Sequence[str], within: Sequence[str] = (), name: str | None = None, config: type[dg.Config] | None = None
) -> Callable[[Callable[..., None]], dg.AssetsDefinition]:
    """A step by season, run on request, that writes `tables` from tables by season (`of`) and assets by day or month (`within`)."""
    deps = deps_on(*of) + deps_on(*within, mapping=WITHIN_SEASON)
    return table_assets(name=name, tables=tables, deps=deps, partitions_def=SEASON, config=config, tags={"rates/refresh": "on-request"})


@season_evals(
    *_ACCURACY_TABLES,
    of=("gold.rates_training_base", "gold.player_form", "gold.team_form", "silver.player_game", "silver.peer_forecast"),
    within=(*PREDICTIONS, *model_assets("minutes_v1", "rates_v1")),
    name="evals__season",
)
def season(step: Step) -> None:
    """Measure each season's predictions of minutes, rates and box scores, every predictor on the same rows."""
    for key in step.partitions:
        year = int(key)
        tables = evaluate_season(step.lake, year, blind_minutes(step.lake, year, hide_starters))
        missing = missing_predictions(step.lake, year)
        figures = {
            "days_predicted": len(predicted_days(step.lake, year)),
            "player_games_without_prediction": missing.height,
            "games_without_prediction": missing.filter(missing["whole_game"])["game_id"].n_unique(),
        }
        for table in _ACCURACY_TABLES:
            step.write(table, tables[table], key, figures)


@season_evals(
    "evals.team",
    of=("gold.team_matchup_training", "silver.team_forecast"),
    within=("predictions.team", *model_assets("team_v1")),
)
def teams(step: Step) -> None:
    """Measure each season's predictions of games against lines, ratings, published probabilities and outcomes."""
    for key in step.partitions:
        step.write("evals.team", team_evals(step.lake, int(key)), key)


@season_evals("evals.consistency", of=("silver.game", "silver.player_game"), within=("predictions.team", "predictions.player_box"))
def consistency(step: Step) -> None:
    """Measure players and teams of each season before and after they are reconciled with each other."""
    for key in step.partitions:
        step.write("evals.consistency", consistency_evals(step.lake, int(key)), key)


@season_evals(
    "evals.ablation",
    of=("gold.player_game_training", *FAMILY_TABLES, "silver.player_game"),
    within=model_assets("minutes_v1", "rates_v1"),
    config=AblationConfig,
)
def ablation(step: Step, config: AblationConfig) -> None:
    """Fit the season's first models without each group of features; rows of the same run that were not requested stay."""
    unknown = [name for name in config.groups if name not in GROUPS]
    if unknown:
        raise RatesError(f"no feature group {', '.join(unknown)}: choose from {', '.join(GROUPS)}")
    groups = {name: columns for name, columns in GROUPS.items() if name in (config.groups or GROUPS)}
    for key in step.partitions:
        rows = ablate_season(step.lake, int(key), groups, config.targets or TARGETS, step.report_fit)
        step.write("evals.ablation", merged(step.lake.read("evals.ablation", [key]), rows), key)


@season_evals(
    "evals.worlds",
    of=("silver.player_game", "silver.game", "silver.odds_game", "silver.peer_forecast"),
    within=(*PREDICTIONS, *model_assets("worlds_v1")),
    config=WorldsEvalConfig,
)
def worlds(step: Step, config: WorldsEvalConfig) -> None:
    """Draw each season's games again from its stored predictions and measure the distributions against outcomes."""
    check_worlds(config.worlds, LEAST_WORLDS, MOST_STORED_WORLDS)
    for key in step.partitions:
        progress = parts_reporter(step.context, f"{key}: day")
        step.write("evals.worlds", evaluate_worlds(step.lake, int(key), config.worlds, config.seed, progress=progress), key)


@season_evals(
    "evals.impact",
    of=(IMPACT_TABLE, "silver.game", "silver.player_game", "silver.team_game", "silver.lineup_stint", "bronze.impact_rating"),
)
def impact(step: Step) -> None:
    """Measure impacts of players against a published rating, against the games that follow and on games left out."""
    for key in step.partitions:
        step.write("evals.impact", impact_season(step.lake, int(key)), key)


ASSETS = [season, teams, consistency, ablation, worlds, impact]
