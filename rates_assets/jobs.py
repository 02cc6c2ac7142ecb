"""One job per stage: a run carries one kind of partition key. `rates` and the schedule start them in the order they stand here."""

import dagster as dg

from rates_assets import freshness
from rates_assets.assets.gold import FORM_TABLES, IMPACT_TABLE, MATCHUP_TABLE, TRAINING_TABLES
from rates_assets.assets.models import TUNING_ASSET, model_assets
from rates_assets.step import asset_key
from rates_lib.models.specs import MODELS


def _assets(*names: str) -> dg.AssetSelection:
    return dg.AssetSelection.assets(*map(asset_key, names))


land = dg.define_asset_job("land", selection=_assets("landing.zone"), description="Fill the landing zone from a provider.")

history = dg.define_asset_job(
    "history",
    selection=dg.AssetSelection.groups("bronze", "silver") | _assets(*FORM_TABLES, IMPACT_TABLE),
    # forms of a season start from those before it: runs that are asked for together run in the order of their seasons
    tags={"rates/one_at_a_time": "history"},
    description="Landing zone to form and impact tables, by season.",
)

minutes = dg.define_asset_job(
    "minutes",
    selection=_assets(*model_assets("minutes_v1"), "models.registry"),
    description="Fit the minutes model of a month.",
)

training_sets = dg.define_asset_job(
    "training_sets",
    selection=_assets("gold.minutes_walk_forward", *TRAINING_TABLES, MATCHUP_TABLE),
    description="Out-of-fold minutes, the training base and matchups, by season.",
)

models = dg.define_asset_job(
    "models",
    selection=_assets(*model_assets(*(set(MODELS) - {"minutes_v1", "team_v1"})), "models.registry"),
    description="Fit the rates, shooting, box-score and worlds models of a month.",
)

team_models = dg.define_asset_job(
    "team_models",
    selection=_assets(*model_assets("team_v1"), "models.registry"),
    description="Fit the team models of months: a second each.",
)

# checks come with their assets, but not whether today is there: that says nothing about an old day that is made again
_WHETHER_TODAY_IS_THERE = dg.AssetSelection.checks(*freshness.CHECKS)

predictions = dg.define_asset_job(
    "predictions",
    selection=dg.AssetSelection.groups("predictions") - _WHETHER_TODAY_IS_THERE,
    description="Project the games of days, without worlds and files: a past season in one run.",
)

slate = dg.define_asset_job(
    "slate",
    selection=dg.AssetSelection.groups("predictions", "sims", "exports") - _WHETHER_TODAY_IS_THERE,
    description="Project and simulate a day's games and write its files.",
)

evaluate = dg.define_asset_job(
    "evaluate",
    selection=_assets("evals.player", "evals.calibration", "evals.team", "evals.consistency"),
    description="Measure a season's walk-forward predictions.",
)

evaluate_worlds = dg.define_asset_job(
    "evaluate_worlds",
    selection=_assets("evals.worlds"),
    description="Measure the distributions that a season's worlds gave.",
)

ablate = dg.define_asset_job(
    "ablate",
    selection=_assets("evals.ablation"),
    description="Fit a season's first models without each group of features and measure what is lost.",
)

impact = dg.define_asset_job(
    "impact",
    selection=_assets("evals.impact"),
    description="Measure a season's player impacts.",
)

tune = dg.define_asset_job(
    "tune",
    selection=_assets(TUNING_ASSET),
    description="Search the settings of the models on a season before those that figures are reported on.",
)

publish = dg.define_asset_job("publish", selection=_assets("warehouse"), description="Build warehouse.duckdb from the lake.")

JOBS = [
    land,
    history,
    minutes,
    training_sets,
    models,
    team_models,
    predictions,
    slate,
    evaluate,
    evaluate_worlds,
    ablate,
    impact,
    tune,
    publish,
]
