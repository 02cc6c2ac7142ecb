"""The contract: every model of the list keeps it, and a model that is only in the list is fitted, chosen and served."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import date, timedelta
from typing import Any

import dagster as dg
import numpy as np
import polars as pl
import pytest

from rates_assets import jobs
from rates_assets.assets.models import fit_step, model_assets
from rates_assets.resources import RatesDuckDB
from rates_lib.core.errors import MissingModelError, NothingToLearnError, RatesError
from rates_lib.lake import Lake
from rates_lib.models import second_stage
from rates_lib.models.bundle import Bundle, describe_run, load_bundle, load_early, save_bundle
from rates_lib.models.config import config_from_dict, config_to_dict
from rates_lib.models.contract import PLAYER_KEY, ModelSpec
from rates_lib.models.efficiency import train_efficiency
from rates_lib.models.registry import bundle_of_day, choose_run, registry_frame
from rates_lib.models.specs import MODELS, model_spec, predict
from rates_lib.models.windows import WindowConfig, split_windows
from rates_lib.pipeline.training import TRAINING_ROWS, TrainingRows
from rates_lib.pipeline.walk_forward import walk_forward
from tests.frames.model import SMALL_EFFICIENCY, WINDOWS, candidates, player_game_training
from tests.integration.models.test_team import games

WINDOW = date(2023, 12, 1)
_FEW = {"num_threads": 1, "max_rounds": 3, "min_data_in_leaf": 100, "windows": dataclasses.asdict(WINDOWS)}
SETTINGS: dict[str, dict[str, Any]] = {
    "minutes_v1": _FEW | {"play_rounds": 3, "min_listed_rows": 500},
    "rates_v1": _FEW,
    "efficiency_v1": _FEW,
    "box_v1": {"num_threads": 1, "rounds": 3, "min_data_in_leaf": 20},
    "team_v1": {"residual_days": 200},
}
"""All but worlds_v1, whose fit draws many worlds: `test_world_parameters.py` takes it to disk and back."""


def second_stage_rows() -> pl.DataFrame:
    """Rows of `training.box_training` with random expectations and outcomes."""
    rows, rng = player_game_training(), np.random.default_rng(5)
    windows = split_windows(rows["game_date"], WINDOW, WINDOWS)
    days = rows.filter(pl.col("game_date").is_between(windows.cal_start, windows.val_end)).select(*PLAYER_KEY, "game_date")
    columns = dict.fromkeys((*second_stage.FEATURES, *second_stage.MEDIANS))
    return second_stage.with_windows(days.with_columns(pl.Series(c, rng.uniform(0, 30, days.height)) for c in columns), windows)


def rows_of(model: str) -> tuple[pl.DataFrame, date]:
    """Training rows of a model and a window."""
    if model == "minutes_v1":
        return candidates(), WINDOW
    if model == "box_v1":
        return second_stage_rows(), WINDOW
    if model == "team_v1":
        return games(), date(2024, 2, 1)
    return player_game_training(), WINDOW


@pytest.mark.parametrize("model", list(SETTINGS))
def test_what_comes_back_from_disk_predicts_the_same(model: str, tmp_path: Any) -> None:
    spec, lake = MODELS[model], Lake(tmp_path)
    rows, window = rows_of(model)
    config = config_from_dict(spec.config, SETTINGS[model])
    bundle = spec.train(rows, window, config)
    assert (bundle.model, bundle.window, bundle.meta["metric"]) == (model, window, spec.metric)
    assert config_from_dict(spec.config, bundle.meta["config"]) == config
    assert set(bundle.meta["metrics"]) >= set(spec.assets)
    save_bundle(lake, bundle)
    run = bundle_of_day(lake, model, window)
    assert run.run_id == bundle.run_id
    assert spec.metric_text in registry_frame(lake, [model])["why"].item()
    predicted = predict(rows, run)
    assert predicted.equals(predict(rows, bundle))
    assert tuple(predicted.columns) == spec.outputs
    assert predicted.height == rows.height


def test_every_model_has_rows_assets_and_a_job() -> None:
    assert set(TRAINING_ROWS) == set(MODELS)
    selections = (jobs.JOBS[name].selection for name in ("minutes", "models", "team_models"))
    selected = {".".join(key.path) for selection in selections for key in selection.selected_keys}  # type: ignore[attr-defined]
    assert {*model_assets(), "models.registry"} == selected
    for name, source in TRAINING_ROWS.items():
        assert set(source.models) < set(MODELS), name
    with pytest.raises(RatesError, match=r"model 'rates_v9' does not exist: choose from minutes_v1, rates_v1"):
        model_spec("rates_v9")


# --- settings -------------------------------------------------------------------------------------------------------------------


def test_settings_of_trees_may_stand_alone_or_together() -> None:
    kind = MODELS["rates_v1"].config
    flat = config_from_dict(kind, {"num_leaves": 5, "seed": 3, "max_rounds": 9})
    assert flat == config_from_dict(kind, {"trees": {"num_leaves": 5, "seed": 3}, "max_rounds": 9})
    assert (flat.trees.num_leaves, flat.trees.seed, flat.max_rounds) == (5, 3, 9)
    assert config_from_dict(kind, config_to_dict(flat)) == flat
    with pytest.raises(RatesError, match="OffsetConfig has no setting leaves: choose from"):
        config_from_dict(kind, {"trees": {"leaves": 5}})
    with pytest.raises(RatesError, match="TeamConfig has no setting num_leaves: choose from"):
        config_from_dict(MODELS["team_v1"].config, {"num_leaves": 5})


# --- bundles --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shots() -> Bundle:
    return train_efficiency(player_game_training(), WINDOW, SMALL_EFFICIENCY)


def test_early_boosters_come_back_and_belong_to_the_run(shots: Bundle, tmp_path: Any) -> None:
    rows, lake = player_game_training(), Lake(tmp_path)
    folder = save_bundle(lake, shots)
    early = load_early(lake, shots.model, shots.run_id)
    assert predict(rows, early).equals(predict(rows, dataclasses.replace(shots, models=shots.early)))
    assert not predict(rows, early).equals(predict(rows, shots))
    shutil.rmtree(folder / "early")  # as a run of an earlier version
    with pytest.raises(MissingModelError, match=rf"run {shots.run_id} has no early boosters .*`rates train --as-of 2023-12-01`"):
        load_early(lake, shots.model, shots.run_id)
    save_bundle(lake, shots)
    assert (folder / "early").is_dir()


def test_a_bundle_is_read_once_as_long_as_its_folder_stands(shots: Bundle, tmp_path: Any) -> None:
    lake = Lake(tmp_path)
    folder = save_bundle(lake, shots)
    first = load_bundle(lake, shots.model, shots.run_id)
    assert load_bundle(lake, shots.model, shots.run_id) is first
    save_bundle(lake, dataclasses.replace(shots, meta=shots.meta | {"metric_val": 9.0}))
    assert load_bundle(lake, shots.model, shots.run_id).meta["metric_val"] == 9.0
    shutil.rmtree(folder)
    with pytest.raises(MissingModelError, match="has no run"):
        load_bundle(lake, shots.model, shots.run_id)


def test_runs_with_flat_settings_still_predict(shots: Bundle) -> None:
    config = shots.meta["config"]
    old = dataclasses.replace(shots, meta=shots.meta | {"config": {**config.pop("trees"), **config}})
    rows = player_game_training()
    assert predict(rows, old).height == rows.height
    assert old.num_threads == 1


# --- a model that is only in the list -------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class ToyConfig:
    """Settings of a model that says the same of everybody."""

    recipe: str = "mean"
    factor: float = 1.0
    windows: WindowConfig = dataclasses.field(default_factory=WindowConfig)


def train_toy(rows: pl.DataFrame, window: date, config: ToyConfig) -> Bundle:
    known = rows.filter(pl.col("game_date") < window)
    if known.is_empty():
        raise NothingToLearnError("nobody has played")
    windows = split_windows(known["game_date"], window, config.windows)
    assists = float(known["ast"].mean()) * config.factor  # type: ignore[arg-type]
    meta = describe_run(
        model="toy_v1", config=config, windows=windows, data=known.select(*PLAYER_KEY, "ast"), rows=known, key=PLAYER_KEY, labels=("ast",),
        features=[], rounds={}, metrics={"assists": {"mean": assists}}, metric="bias", metric_cal=0.0, metric_val=0.0,
        extra={"assists": assists},
    )  # fmt: skip
    return Bundle({}, [], meta)


def predict_toy(features: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    return pl.DataFrame({"toy_assists": [bundle.meta["assists"]] * features.height})


TOY = ModelSpec(
    name="toy_v1", config=ToyConfig, train=train_toy, predict=predict_toy, outputs=("toy_assists",), metric="bias",
    metric_text="bias of assists", summary="Take the mean.", description="mean {target}", assets={"assists": "assists"},
)  # fmt: skip


def test_a_model_that_is_only_in_the_list_is_fitted_chosen_and_served(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    lake, rows = Lake(tmp_path / "lake"), player_game_training()
    lake.write("gold.player_game_training", rows, 2023)
    monkeypatch.setitem(MODELS, "toy_v1", TOY)
    table = "gold.player_game_training"
    monkeypatch.setitem(TRAINING_ROWS, "toy_v1", TrainingRows(lambda lake, *_: lake.read(table, [2023]), (table,)))
    assert model_assets("toy_v1") == ["models.toy_v1.assists"]
    for window, status in ((WINDOW, "production"), (date(2023, 10, 1), "none")):
        made = dg.materialize(
            [fit_step(TOY)],
            partition_key=window.isoformat(),
            resources={"duckdb": RatesDuckDB(root=str(lake.root))},
            run_config={"ops": {"models__toy_v1": {"config": {"settings": {"factor": 2.0}}}}},
        )
        (event,) = made.asset_materializations_for_node("models__toy_v1")
        run = event.metadata["run_id"].value
        assert run == "none: nobody has played" if status == "none" else str(run).startswith("toy_v1-mean-all-2023-12-")
    choice = choose_run(lake, "toy_v1", date(2023, 12, 10))
    assert (choice.window, choice.fallback) == (WINDOW, False)
    assert registry_frame(lake).select("model", "run_status").rows() == [("toy_v1", "production")]
    later = rows.filter(pl.col("game_date") >= WINDOW + timedelta(days=3))
    served = walk_forward(later, lake, "toy_v1")
    mean = rows.filter(pl.col("game_date") < WINDOW)["ast"].mean()
    assert served["toy_assists"].unique().to_list() == [pytest.approx(2 * mean)]  # type: ignore[operator]
    assert served["model_run_id"].unique().to_list() == [choice.run_id]
