"""One job per stage, because a run has one kind of partition key. `rates` and the schedule start them in the order of this file."""

import dagster as dg

from rates_assets import freshness
from rates_assets.assets.gold import FAMILY_TABLES, MATCHUP_TABLE, TRAINING_TABLES
from rates_assets.assets.models import TUNING_ASSET, model_assets
from rates_assets.step import asset_key
from rates_lib.features.impact.estimates import IMPACT_TABLE
from rates_lib.models.specs import MODELS

# a job runs the checks of its assets, except those of freshness, which have no meaning for a past day
_FRESHNESS = dg.AssetSelection.checks(*freshness.CHECKS)
# forms of a season start from those before it: runs requested together run in the order of their seasons
_ONE_AT_A_TIME = {"history": {"rates/one_at_a_time": "history"}}


def _assets(*names: str) -> dg.AssetSelection:
    return dg.AssetSelection.assets(*map(asset_key, names))


# name: (assets, description)
_STAGES: dict[str, tuple[dg.AssetSelection, str]] = {
    "land": (_assets("landing.zone"), "Fill the landing zone from a provider."),
    "history": (
        dg.AssetSelection.groups("bronze", "silver") | _assets(*FAMILY_TABLES, IMPACT_TABLE),
        "Landing zone to form and impact tables, by season.",
    ),
    "minutes": (_assets(*model_assets("minutes_v1"), "models.registry"), "Fit the minutes model of a month."),
    "training_sets": (
        _assets("gold.minutes_walk_forward", *TRAINING_TABLES, MATCHUP_TABLE),
        "Out-of-fold minutes, the training base and matchups, by season.",
    ),
    "models": (
        _assets(*model_assets(*(set(MODELS) - {"minutes_v1", "team_v1"})), "models.registry"),
        "Fit the rates, shooting, box-score and worlds models of a month.",
    ),
    "team_models": (_assets(*model_assets("team_v1"), "models.registry"), "Fit the team models of months: a second each."),
    "predictions": (
        dg.AssetSelection.groups("predictions") - _FRESHNESS,
        "Project the games of days, without worlds and files: a past season in one run.",
    ),
    "slate": (
        dg.AssetSelection.groups("predictions", "sims", "exports") - _FRESHNESS,
        "Project and simulate a day's games and write its files.",
    ),
    "evaluate": (
        _assets("evals.player", "evals.calibration", "evals.team", "evals.consistency"),
        "Measure a season's walk-forward predictions.",
    ),
    "evaluate_worlds": (_assets("evals.worlds"), "Measure the distributions of a season's worlds."),
    "ablate": (_assets("evals.ablation"), "Fit a season's first models without each group of features and measure the loss."),
    "impact": (_assets("evals.impact"), "Measure a season's player impacts."),
    "tune": (_assets(TUNING_ASSET), "Search the settings of the models on a season before the report period."),
    "publish": (_assets("warehouse"), "Build warehouse.duckdb from the lake."),
}

JOBS = {
    name: dg.define_asset_job(name, selection=selection, description=description, tags=_ONE_AT_A_TIME.get(name))
    for name, (selection, description) in _STAGES.items()
}
"""Name to job, in the order in which the stages follow each other."""
