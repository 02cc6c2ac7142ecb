"""Models, partitioned by the month in which they are used, and the registry of their runs with the run in production.

Models are fitted only on request: if a history backfill fitted them too, it would refit every later month. Every model of `specs.MODELS`
has a step here. A model that reads other models of its month (`training.TRAINING_ROWS`) can be refitted alone, from their stored runs.
"""

from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field

from rates_assets.assets.gold import FAMILY_TABLES
from rates_assets.partitions import RETRAIN, SEASON, SEASONS_BEFORE_MONTH
from rates_assets.step import Step, asset_spec, deps_on, table_assets
from rates_lib.core.calendar import first_window
from rates_lib.core.errors import NothingToLearnError
from rates_lib.models.bundle import Bundle, poorer, save_bundle
from rates_lib.models.config import config_from_dict
from rates_lib.models.contract import ModelSpec
from rates_lib.models.registry import registry_frame
from rates_lib.models.specs import MODELS
from rates_lib.models.tuned import tuned_config, tuned_to_dict
from rates_lib.pipeline.freshness import model_stamp, set_stamp
from rates_lib.pipeline.guards import require_training
from rates_lib.pipeline.training import TRAINING_ROWS
from rates_lib.pipeline.tuning import refuse_reported, tune

_ON_REQUEST = {"rates/refresh": "on-request"}
TUNING_ASSET = "models.tuning"


class FitConfig(dg.Config):
    """How to fit.

    Attributes:
        settings: by name, those that replace the recipe's (`rates_lib.models.config`, `tuned.json`).
    """

    settings: dict[str, Any] = Field(default_factory=dict)


class BaselineFitConfig(FitConfig):
    """How to fit a model that has baselines.

    Attributes:
        plain: whether the baselines are fitted too: "season" (in a season's first window), "always" or "never".
        plain_settings: those that replace settings of the baselines.
    """

    plain: str = "season"
    plain_settings: dict[str, Any] = Field(default_factory=dict)


class TuneConfig(dg.Config):
    """Which settings to search, and how.

    Attributes:
        targets: names of `tuning.SEARCHED`; empty: all.
        trials: settings to try for each.
        seed: of the proposals.
    """

    targets: list[str] = Field(default_factory=list)
    trials: int = 12
    seed: int = 7


def model_assets(*models: str) -> list[str]:
    """Names of the assets of some models; of all models if none is named."""
    specs = [MODELS[name] for name in models or MODELS]
    return [f"models.{spec.name}{target}" for spec in specs for target in [f".{t}" for t in spec.assets.values()] or [""]]


def fit_step(spec: ModelSpec) -> dg.AssetsDefinition:
    """The step that fits a model for each requested month, and its assets."""
    source = TRAINING_ROWS[spec.name]
    deps = deps_on(*source.tables, mapping=SEASONS_BEFORE_MONTH)
    deps += deps_on(*model_assets(*source.models)) if source.models else []
    names = model_assets(spec.name)

    def body(step: Step, config: BaselineFitConfig) -> None:  # a FitConfig where there are no baselines
        settings = (tuned_config if spec.tuned else config_from_dict)(spec.config, config.settings)
        plain = {b.label: config_from_dict(b.config, config.plain_settings) for b in spec.baselines}
        for window in step.partitions:
            first_day = date.fromisoformat(window)
            require_training(step.lake, source.tables, first_day)
            stamp = model_stamp(step.lake, spec, first_day, config.model_dump())
            try:
                rows = source.rows(step.lake, first_day, settings)
                bundles = {"": spec.train(rows, first_day, settings)}
            except NothingToLearnError as reason:
                for name in names:
                    step.note(name, {"run_id": f"none: {reason}"}, window)
                set_stamp(step.lake, spec.name, first_day, stamp, [])
                continue
            if spec.baselines and _plain_too(config.plain, first_day):
                bundles |= {f"_{b.label}": b.train(rows, first_day, plain[b.label]) for b in spec.baselines}
            for bundle in bundles.values():
                save_bundle(step.lake, bundle)
                if lost := poorer(step.lake, bundle):
                    step.notify(
                        f"{bundle.run_id} was not promoted: it was fitted without {', '.join(map(str, lost))}, which the current run has "
                        f"seen; run `rates backfill --seasons {lost[0]}..{lost[-1]}` and fit again"
                    )
            set_stamp(step.lake, spec.name, first_day, stamp, [bundle.run_id for bundle in bundles.values()])
            _note(step, spec, bundles, window)

    body.__doc__ = spec.summary
    return table_assets(
        name=f"models__{spec.name}",
        specs=[asset_spec(name, spec.description.format(target=name.rsplit(".", 1)[1]), deps, RETRAIN, _ON_REQUEST) for name in names],
        partitions_def=RETRAIN,
        config=config_class(spec),
    )(body)


def config_class(spec: ModelSpec) -> type[FitConfig]:
    """Class of the settings of a model's step."""
    return BaselineFitConfig if spec.baselines else FitConfig


def _plain_too(plain: str, first_day: date) -> bool:
    return plain == "always" or (plain == "season" and first_day == first_window(first_day.year))


def _note(step: Step, spec: ModelSpec, bundles: dict[str, Bundle], window: str) -> None:
    """Record runs and figures: one asset per target, or one asset for the whole model."""
    bundle = bundles[""]
    common = {f"run_id{suffix}": fitted.run_id for suffix, fitted in bundles.items()} | {"rows": bundle.meta["rows"]}
    common |= {key: bundle.meta[key] for key in spec.noted}
    for target, asset in spec.assets.items():
        figures = {f"{k}{suffix}": v for suffix, fitted in bundles.items() for k, v in fitted.meta["metrics"][target].items()}
        step.note(f"models.{spec.name}.{asset}", common | figures, window)
    if not spec.assets:
        figures = {f"{target}_{k}": v for target, values in bundle.meta["metrics"].items() for k, v in values.items()}
        step.note(f"models.{spec.name}", common | figures, window)


@table_assets(
    tables=["models.registry"],
    deps=deps_on(*model_assets()),
    partitions_def=None,
    tags=_ON_REQUEST,
)
def registry(step: Step) -> None:
    """List all runs, which of them are in production and why: a pure function of the run directories."""
    rows = registry_frame(step.lake)
    step.write("models.registry", rows, figures={"in_production": rows.filter(rows["run_status"] == "production").height})


@table_assets(
    specs=[
        asset_spec(
            TUNING_ASSET,
            "search for the settings with the best figures on a season; changes nothing: `rates tune --output` writes them to a file",
            deps_on("gold.player_game_training", *FAMILY_TABLES, "silver.player_game"),
            SEASON,
            _ON_REQUEST | {"rates/time": "after-the-game"},
        )
    ],
    partitions_def=SEASON,
    config=TuneConfig,
)
def tuning(step: Step, config: TuneConfig) -> None:
    """Search settings on a season before the report period; the result is in the metadata of the materialisation."""
    for season in step.partitions:
        refuse_reported(int(season))
    for season in step.partitions:
        tuned = tune(step.lake, int(season), config.targets, config.trials, config.seed, step.report_fit)
        step.note(TUNING_ASSET, {"tuned": tuned_to_dict(tuned)}, season)


ASSETS = [*(fit_step(spec) for spec in MODELS.values()), registry, tuning]
