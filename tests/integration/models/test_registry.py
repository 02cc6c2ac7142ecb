from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from rates_lib.core.errors import MissingModelError
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle, save_bundle
from rates_lib.models.efficiency import train_efficiency
from rates_lib.models.minutes import predict_minutes, train_minutes
from rates_lib.models.rates import predict_rates, train_rates
from rates_lib.models.rates_common import PER_MIN_TARGETS
from rates_lib.models.rates_offset import train_offset
from rates_lib.models.registry import choose_run, registry_frame
from rates_lib.pipeline.walk_forward import minutes_walk_forward, walk_forward
from rates_lib.schemas.columns import COLUMNS
from rates_lib.schemas.validate import check
from tests.frames.model import (
    SMALL_EFFICIENCY,
    SMALL_MINUTES,
    SMALL_OFFSET,
    SMALL_RATES,
    candidates,
    player_game_training,
    training_base,
)

JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)


@pytest.fixture(scope="module")
def base() -> pl.DataFrame:
    return training_base(days=110, tracking_signal=0.8)


@pytest.fixture(scope="module")
def rates(base):
    return {(w, s): train_rates(base, w, s, SMALL_RATES) for w in (JANUARY, FEBRUARY) for s in ("stage0", "stage2")}


@pytest.fixture(scope="module")
def minutes_rows() -> pl.DataFrame:
    return candidates(days=110)


@pytest.fixture(scope="module")
def lake(rates, minutes_rows, tmp_path_factory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    for bundle in rates.values():
        save_bundle(lake, bundle)
    for window in (JANUARY, FEBRUARY):
        save_bundle(lake, train_minutes(minutes_rows, window, SMALL_MINUTES))
    return lake


def test_empty_lake(tmp_path):
    assert check(registry_frame(Lake(tmp_path)), "models.registry").is_empty()
    with pytest.raises(MissingModelError, match=r"no minutes_v1 model for 2024-03-05 \(there is none at all\): train one with "
                       r"`rates train --as-of 2024-03-05`"):  # fmt: skip
        choose_run(Lake(tmp_path), "minutes_v1", date(2024, 3, 5))


def test_figures_choose_the_run_in_production(lake, rates):
    registry = check(registry_frame(lake), "models.registry").filter(pl.col("model") == "rates_v1")
    assert registry.height == 4
    for row in registry.rows(named=True):
        rival = "stage0" if row["feature_set"] == "stage2" else "stage2"
        mine, other = (rates[row["window"], s].meta["metric_val"] for s in (row["feature_set"], rival))
        assert row["run_status"] == ("production" if mine < other else "candidate")
        assert f"mean Poisson deviance on val {mine:.4f} vs. {other:.4f} for plain:stage" in row["why"]
        assert f"{rates[row['window'], row['feature_set']].meta['rows']['val']:,} same rows" in row["why"]
    assert registry.filter(pl.col("run_status") == "production")["feature_set"].to_list() == ["stage2", "stage2"]  # the signal is there


def test_minutes_runs_stand_alone(lake):
    registry = registry_frame(lake).filter(pl.col("model") == "minutes_v1")
    assert registry["run_status"].to_list() == ["production", "production"]
    assert all(w.startswith("only run of its kind: minutes MAE on val ") for w in registry["why"])


def test_without_signal_the_simpler_set_wins_a_tie(rates, tmp_path):
    lake = Lake(tmp_path)
    for feature_set in ("stage2", "stage0"):
        bundle = rates[JANUARY, feature_set]
        save_bundle(lake, Bundle(bundle.models, bundle.feature_cols, bundle.meta | {"metric_val": 1.0}))
    production = registry_frame(lake).filter(pl.col("run_status") == "production")
    assert production["feature_set"].to_list() == ["stage0"]


def test_offset_serves_where_it_beats_plain_on_the_same_rows(rates, tmp_path):
    lake = Lake(tmp_path)
    training = player_game_training(days=110, tracking_signal=0.8)
    bundles = {"offset": train_offset(training, JANUARY, SMALL_OFFSET), **{s: rates[JANUARY, s] for s in ("stage0", "stage2")}}
    for bundle in bundles.values():
        save_bundle(lake, bundle)
    save_bundle(lake, train_efficiency(training, JANUARY, SMALL_EFFICIENCY))
    registry = check(registry_frame(lake), "models.registry")
    status = {(r["recipe"], r["feature_set"]): r["run_status"] for r in registry.filter(pl.col("model") == "rates_v1").rows(named=True)}
    assert status == {("offset", "all"): "production", ("plain", "stage0"): "candidate", ("plain", "stage2"): "candidate"}
    (why,) = registry.filter(pl.col("recipe") == "offset", pl.col("model") == "rates_v1")["why"]
    for name, bundle in bundles.items():
        assert f"{bundle.meta['metric_val']:.4f}" in why, name
    assert f"{bundles['offset'].meta['rows']['val']:,} same rows" in why
    assert choose_run(lake, "rates_v1", JANUARY).run_id == bundles["offset"].run_id
    assert choose_run(lake, "rates_v1", JANUARY, recipe="plain").run_id == min(
        (bundles[s] for s in ("stage0", "stage2")), key=lambda b: b.meta["metric_val"]
    ).run_id  # fmt: skip
    shots = registry.filter(pl.col("model") == "efficiency_v1")
    assert shots["run_status"].to_list() == ["production"]
    assert shots["why"].item().startswith("only run of its kind: log loss per shot on val ")

    worse = bundles["offset"].meta | {"metric_val": bundles["stage0"].meta["metric_val"] + 1}
    save_bundle(lake, Bundle(bundles["offset"].models, bundles["offset"].feature_cols, worse))
    assert choose_run(lake, "rates_v1", JANUARY).run_id != bundles["offset"].run_id  # the figure decides, not the name


def test_other_validation_rows_are_not_compared(rates, tmp_path):
    lake = Lake(tmp_path)
    save_bundle(lake, rates[JANUARY, "stage0"])
    odd = rates[JANUARY, "stage2"]
    save_bundle(lake, Bundle(odd.models, odd.feature_cols, odd.meta | {"val_fingerprint": "0"}))
    registry = registry_frame(lake)
    assert sorted(registry["run_status"]) == ["candidate", "production"]
    why = registry.filter(pl.col("run_status") == "candidate")["why"].item()
    assert "train both on the same data to compare" in why


def test_trained_again_retires_the_earlier_run(base, rates, tmp_path):
    lake = Lake(tmp_path)
    old = rates[JANUARY, "stage0"]
    new = train_rates(base.filter(pl.col("player_id") != "P000"), JANUARY, "stage0", SMALL_RATES)
    for bundle, other in ((old, new), (new, old), (old, new)):  # whichever was trained last stands, also when the old data come back
        save_bundle(lake, bundle)
        status = dict(registry_frame(lake).select("run_id", "run_status").rows())
        assert status.pop(bundle.run_id) == "production"
        assert status.pop(other.run_id, "retired") == "retired"
    assert f"replaced by {old.run_id}" in registry_frame(lake).filter(pl.col("run_status") == "retired")["why"].item()
    for pointer in lake.runs_root("rates_v1").glob("*.current"):
        pointer.unlink()
    assert sorted(registry_frame(lake)["run_status"]) == ["production", "retired"]


@pytest.mark.parametrize(("day", "window", "fallback"), [
    (date(2024, 1, 1), JANUARY, False), (date(2024, 1, 31), JANUARY, False), (date(2024, 2, 1), FEBRUARY, False),
    (date(2024, 4, 9), FEBRUARY, True),
])  # fmt: skip
def test_the_newest_window_not_after_the_month(lake, rates, day, window, fallback):
    choice = choose_run(lake, "rates_v1", day)
    assert (choice.window, choice.fallback) == (window, fallback)
    assert choice.run_id == rates[window, "stage2"].run_id
    assert choose_run(lake, "rates_v1", day, feature_set="stage0").run_id == rates[window, "stage0"].run_id


def test_no_model_yet_is_one_clear_line(lake):
    with pytest.raises(MissingModelError, match=r"no rates_v1:stage0 model for 2023-12-31 \(the earliest is for 2024-01\): train one"):
        choose_run(lake, "rates_v1", date(2023, 12, 31), feature_set="stage0")


def test_minutes_walk_forward_uses_each_months_model(lake, minutes_rows):
    tipoff = pl.lit(datetime(2024, 1, 1, 17, tzinfo=UTC)).cast(COLUMNS["tipoff_utc"].dtype)
    games = minutes_rows.select("season", "game_id", tipoff.alias("tipoff_utc")).unique()
    rows = check(minutes_walk_forward(minutes_rows.sample(fraction=1, shuffle=True, seed=1), games, lake), "gold.minutes_walk_forward")
    assert rows.height == minutes_rows.height
    early = rows.filter(pl.col("game_date") < JANUARY)
    assert early["minutes_source"].unique().to_list() == ["none"]
    assert early.select("minutes_mean", "play_prob", "model_run_id").null_count().row(0) == (early.height,) * 3
    stamps = rows.filter(pl.col("game_date") >= JANUARY).select(
        pl.col("game_date").dt.month_start().alias("month"), "model_window", "model_fallback", "minutes_source"
    ).unique().sort("month")  # fmt: skip
    assert stamps.rows() == [
        (JANUARY, "2024-01-01", False, "walk_forward"), (FEBRUARY, "2024-02-01", False, "walk_forward"),
    ]  # fmt: skip
    bundle = train_minutes(minutes_rows, FEBRUARY, SMALL_MINUTES)
    keys = ["season", "game_id", "player_id"]
    late = minutes_rows.filter(pl.col("game_date") >= FEBRUARY).sort(keys)
    assert rows.filter(pl.col("game_date") >= FEBRUARY)["minutes_p50"].equals(predict_minutes(late, bundle)["minutes_p50"])


def test_rates_walk_forward_keeps_order_and_says_none(lake, base, rates):
    mixed = base.sample(n=500, shuffle=True, seed=4)
    predicted = walk_forward(mixed, lake, "rates_v1")
    assert predicted.select(mixed.columns).equals(mixed)
    early = pl.col("game_date") < JANUARY
    assert predicted.filter(early)["model_run_id"].null_count() == predicted.filter(early).height > 0
    late = (pl.col("game_date") >= JANUARY) & (pl.col("game_date") < FEBRUARY)
    direct = predict_rates(mixed.filter(late), rates[JANUARY, "stage2"])
    assert predicted.filter(late).select(f"{t}_mean" for t in PER_MIN_TARGETS).equals(direct)
    assert walk_forward(base.clear(), lake, "rates_v1").height == 0


def test_the_registry_is_a_function_of_the_run_directories(lake, tmp_path):
    shutil.copytree(lake.root, tmp_path / "copy")
    assert registry_frame(Lake(tmp_path / "copy")).equals(registry_frame(lake))
    assert registry_frame(lake)["window"].max() - registry_frame(lake)["train_start"].min() > timedelta(days=60)
