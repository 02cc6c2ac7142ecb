"""Models, each partitioned by the month in which it is used, and the registry that says which run serves.

Asked for on purpose: a history backfill never pulls a fit along, or it would refit every later month.
"""

from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field

from rates_assets.assets.gold import FORM_TABLES
from rates_assets.partitions import RETRAIN, SEASON, SEASONS_BEFORE_MONTH
from rates_assets.step import Step, asset_key, asset_spec, table_assets
from rates_lib.core.calendar import first_window
from rates_lib.models.box import train_box
from rates_lib.models.bundle import Bundle, save_bundle
from rates_lib.models.config import (
    BoxConfig,
    EfficiencyConfig,
    MinutesConfig,
    OffsetConfig,
    RatesConfig,
    TeamConfig,
    WorldsConfig,
    config_from_dict,
)
from rates_lib.models.efficiency import TARGETS as SHOT_TARGETS
from rates_lib.models.efficiency import train_efficiency
from rates_lib.models.feature_sets import RATES_FEATURE_SETS
from rates_lib.models.minutes import train_minutes
from rates_lib.models.rates import train_rates
from rates_lib.models.rates_offset import TARGETS, train_offset
from rates_lib.models.registry import registry_frame
from rates_lib.models.team import TARGETS as TEAM_TARGETS
from rates_lib.models.team import train_team
from rates_lib.models.tuned import tuned_config, tuned_to_dict
from rates_lib.models.windows import Windows
from rates_lib.models.world_parameters import train_worlds
from rates_lib.pipeline.training import box_training, minutes_training, rates_training, team_training, worlds_training
from rates_lib.pipeline.tuning import refuse_reported, tune
from rates_lib.schemas.columns import RATE_TARGETS

_ON_REQUEST = {"rates/refresh": "on-request"}
RATES_ASSETS = [f"models.rates_v1.{target}" for target in RATE_TARGETS]
BOX_ASSET = "models.box_v1"
TUNING_ASSET = "models.tuning"
WORLDS_ASSET = "models.worlds_v1"
EFFICIENCY_ASSETS = [f"models.efficiency_v1.{target}" for target in SHOT_TARGETS]
TEAM_ASSETS = [f"models.team_v1.{target}" for target in TEAM_TARGETS]


class FitConfig(dg.Config):
    """How to fit.

    Attributes:
        settings: what differs from the recipe's settings (`rates_lib.models.config`, `tuned.json`), by name.
    """

    settings: dict[str, Any] = Field(default_factory=dict)


class RatesFitConfig(FitConfig):
    """How to fit the rates.

    Attributes:
        plain: whether the kept baseline is fitted too: "season" in a season's first window, "always", "never".
        efficiency_settings, box_settings, plain_settings: what differs from the settings of efficiency_v1, box_v1 and the baseline.
    """

    plain: str = "season"
    efficiency_settings: dict[str, Any] = Field(default_factory=dict)
    box_settings: dict[str, Any] = Field(default_factory=dict)
    plain_settings: dict[str, Any] = Field(default_factory=dict)


class TuneConfig(dg.Config):
    """What to search.

    Attributes:
        targets: names of `tuning.TARGETS`; empty: all.
        trials: settings to try for each.
        seed: of the proposals.
    """

    targets: list[str] = Field(default_factory=list)
    trials: int = 12
    seed: int = 7


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
    settings = tuned_config(MinutesConfig, config.settings)
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
            f"{name.rsplit('.', 1)[1]} per minute, for the games of a month; in a season's first month the plain baseline beside it",
            _earlier("gold.player_game_training"),
            RETRAIN,
            _ON_REQUEST,
        )
        for name in RATES_ASSETS
    ]
    + [
        asset_spec(
            name,
            f"{name.rsplit('.', 1)[1]}: share of shots made, for the games of a month",
            _earlier("gold.player_game_training"),
            RETRAIN,
            _ON_REQUEST,
        )
        for name in EFFICIENCY_ASSETS
    ]
    + [
        asset_spec(
            BOX_ASSET,
            "second stage: what the team's sums and the lines add to the box score, for the games of a month",
            _earlier("gold.player_game_training", *FORM_TABLES, "gold.minutes_walk_forward", "silver.player_game"),
            RETRAIN,
            _ON_REQUEST,
        )
    ],
    partitions_def=RETRAIN,
    config=RatesFitConfig,
)
def rates_v1(step: Step, config: RatesFitConfig) -> None:
    """Fit rates, percentages and, on their out-of-fold predictions, the second stage; once a season also the plain baseline."""
    settings = tuned_config(OffsetConfig, config.settings)
    shooting = config_from_dict(EfficiencyConfig, config.efficiency_settings)
    second = config_from_dict(BoxConfig, config.box_settings)
    plain = config_from_dict(RatesConfig, config.plain_settings)
    for window in step.partitions:
        first_day = date.fromisoformat(window)
        rows = rates_training(step.lake, first_day)
        bundles = {"offset": train_offset(rows, first_day, settings)}
        efficiency = train_efficiency(rows, first_day, shooting)
        save_bundle(step.lake, efficiency)
        for name, target in zip(EFFICIENCY_ASSETS, SHOT_TARGETS, strict=True):
            step.note(name, {"run_id": efficiency.run_id, **efficiency.meta["metrics"][target]}, window)
        _second_stage(step, bundles["offset"], efficiency, second, window)
        if config.plain == "always" or (config.plain == "season" and first_day == first_window(first_day.year)):
            bundles |= {f"plain_{name}": train_rates(rows, first_day, name, plain) for name in RATES_FEATURE_SETS}
        for bundle in bundles.values():
            save_bundle(step.lake, bundle)
        for name, target in zip(RATES_ASSETS, TARGETS, strict=True):
            by_recipe = {f"{k}_{recipe}": v for recipe, b in bundles.items() for k, v in b.meta["metrics"][target].items()}
            runs = {f"run_{recipe}": b.run_id for recipe, b in bundles.items()}
            step.note(name, runs | by_recipe, window)


def _second_stage(step: Step, rates: Bundle, efficiency: Bundle, config: BoxConfig, window: str) -> None:
    windows = Windows(**{name: date.fromisoformat(day) for name, day in rates.meta["windows"].items()})
    frame = box_training(step.lake, windows, rates, efficiency)
    if windows.part(frame.drop_nulls("pts"), "cal").is_empty():  # before the first minutes model nothing is out of fold
        step.note(BOX_ASSET, {"run_id": "none: no minutes were predicted on the days it would learn from"}, window)
        return
    bundle = train_box(frame, windows, config)
    save_bundle(step.lake, bundle)
    step.note(BOX_ASSET, _figures(bundle), window)


@table_assets(
    name="models__team_v1",
    specs=[
        asset_spec(
            name,
            f"{name.rsplit('.', 1)[1]} of a game with and without the market, for the games of a month",
            _earlier("gold.team_matchup_training"),
            RETRAIN,
            _ON_REQUEST,
        )
        for name in TEAM_ASSETS
    ],
    partitions_def=RETRAIN,
    config=FitConfig,
)
def team_v1(step: Step, config: FitConfig) -> None:
    """Fit margin, total and chance of a home win on all games before the month."""
    settings = config_from_dict(TeamConfig, config.settings)
    for window in step.partitions:
        first_day = date.fromisoformat(window)
        bundle = train_team(team_training(step.lake, first_day), first_day, settings)
        save_bundle(step.lake, bundle)
        for name, target in zip(TEAM_ASSETS, TEAM_TARGETS, strict=True):
            step.note(name, {"run_id": bundle.run_id, "rows": bundle.meta["rows"], **bundle.meta["metrics"][target]}, window)


@table_assets(
    specs=[
        asset_spec(
            WORLDS_ASSET,
            "parameters of the worlds (dispersion, correlation, minutes, overtime), for the games of a month",
            _earlier(*FORM_TABLES, "gold.minutes_walk_forward", "silver.odds_game", "silver.game", "silver.player_game"),
            RETRAIN,
            _ON_REQUEST,
        )
    ],
    partitions_def=RETRAIN,
    config=FitConfig,
)
def worlds_v1(step: Step, config: FitConfig) -> None:
    """Fit the worlds' parameters to what games before the month were like."""
    settings = config_from_dict(WorldsConfig, config.settings)
    for window in step.partitions:
        first_day = date.fromisoformat(window)
        games = worlds_training(step.lake, first_day, settings.seasons)
        if games.is_empty():  # before the first minutes model nothing is known of who would play
            step.note(WORLDS_ASSET, {"run_id": "none: no minutes were predicted on the days it would learn from"}, window)
            continue
        bundle = train_worlds(games, first_day, settings)
        save_bundle(step.lake, bundle)
        step.note(WORLDS_ASSET, _figures(bundle) | {"parameters": bundle.meta["parameters"]}, window)


@table_assets(
    tables=["models.registry"],
    deps=[
        dg.AssetDep(asset_key(name))
        for name in ("models.minutes_v1", *RATES_ASSETS, *EFFICIENCY_ASSETS, BOX_ASSET, *TEAM_ASSETS, WORLDS_ASSET)
    ],
    partitions_def=None,
    tags=_ON_REQUEST,
)
def registry(step: Step) -> None:
    """List all runs, which serve and why: a pure function of the run directories."""
    rows = registry_frame(step.lake)
    step.write("models.registry", rows, figures={"in_production": rows.filter(rows["run_status"] == "production").height})


@table_assets(
    specs=[
        asset_spec(
            TUNING_ASSET,
            "search for the settings that do best on a season; `rates tune --output` writes them to a file, the run alone changes nothing",
            [dg.AssetDep(asset_key(table)) for table in ("gold.player_game_training", *FORM_TABLES, "silver.player_game")],
            SEASON,
            _ON_REQUEST | {"rates/time": "after-the-game"},
        )
    ],
    partitions_def=SEASON,
    config=TuneConfig,
)
def tuning(step: Step, config: TuneConfig) -> None:
    """Search settings on a season, none of the report period; what was found is the materialisation's metadata."""
    for season in step.partitions:
        refuse_reported(int(season))
    for season in step.partitions:
        found = tune(step.lake, int(season), config.targets, config.trials, config.seed, step.report_fit)
        step.note(TUNING_ASSET, {"tuned": tuned_to_dict(found)}, season)


def _figures(bundle: Bundle) -> dict[str, Any]:
    flat = {f"{target}_{name}": value for target, values in bundle.meta["metrics"].items() for name, value in values.items()}
    return {"run_id": bundle.run_id, "rows": bundle.meta["rows"], **flat}


ASSETS = [minutes_v1, rates_v1, team_v1, worlds_v1, registry, tuning]
