from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import MissingModelError, RatesError, SchemaError
from rates_lib.lake import Lake
from rates_lib.models.bundle import load_bundle, save_bundle
from rates_lib.models.config import RatesConfig, config_from_dict, config_to_dict
from rates_lib.models.feature_sets import EFFICIENCY_FEATURES, MINUTES_COLUMNS, RATES_FEATURES, RATES_STAGE0, RATES_STAGE2
from rates_lib.models.fingerprint import frame_fingerprint
from rates_lib.models.rates import predict_rates, train_rates
from rates_lib.models.rates_common import PER_MIN_TARGETS
from rates_lib.schemas.columns import COLUMNS
from rates_lib.schemas.tables import LABEL_COUNTS
from tests.frames.model import RATE, SMALL_RATES, START, training_base

WINDOW = START + timedelta(days=50)


@pytest.fixture(scope="module")
def base() -> pl.DataFrame:
    return training_base()


@pytest.fixture(scope="module")
def bundle(base):
    return train_rates(base, WINDOW, "stage0", SMALL_RATES)


def files(lake: Lake, run_id: str) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(lake.run_path("rates_v1", run_id).iterdir())}


def test_feature_sets_hold_numeric_columns_and_no_label():
    labels = {"season", "played", "minutes", "minutes_actual", "foreseen_flag", *LABEL_COUNTS, *PER_MIN_TARGETS}
    for features in (MINUTES_COLUMNS, RATES_STAGE0, RATES_STAGE2, EFFICIENCY_FEATURES, RATES_FEATURES):
        assert len(set(features)) == len(features)
        assert all(COLUMNS[f].dtype in (pl.Float64, pl.Int64, pl.Int8) for f in features)
        assert not set(features) & labels
    assert set(RATES_STAGE2) - set(RATES_STAGE0) == {"season_touches_per_min", "season_sec_per_touch", "season_drives_per_min"}


def test_it_learns_the_signal(base, bundle):
    later = base.filter(pl.col("game_date") >= WINDOW)
    predicted = predict_rates(later, bundle)
    assert predicted.columns == [f"{t}_mean" for t in PER_MIN_TARGETS]
    for target in ("fga2", "ast", "dreb"):
        truth = later["season_pts_per_min"] * RATE[target]
        assert np.corrcoef(truth, predicted[f"{target}_per_min_mean"])[0, 1] > 0.75
    assert predicted.select(pl.all().is_between(0, 10).all()).row(0) == (True,) * 9


def test_metadata_says_what_was_done(base, bundle):
    meta = bundle.meta
    rows = base.filter((pl.col("game_date") < WINDOW) & (pl.col("minutes_actual") >= 1))
    assert meta["rows"]["final"] == rows.height == sum(meta["rows"][p] for p in ("train", "cal", "val"))
    assert meta["windows"]["val_end"] < meta["window"] == WINDOW.isoformat()
    assert set(meta["metrics"]["fga2_per_min"]) == {
        f"{name}_{part}" for name in ("poisson_deviance", "l2", "actual_over_expected") for part in ("cal", "val")
    }
    assert meta["metric_val"] == pytest.approx(np.mean([meta["metrics"][t]["poisson_deviance_val"] for t in PER_MIN_TARGETS]))
    assert config_from_dict(RatesConfig, meta["config"]) == SMALL_RATES
    assert bundle.run_id.startswith(f"rates_v1-plain-stage0-{WINDOW:%Y-%m}-")


def test_the_same_training_gives_the_same_bytes(base, bundle, tmp_path):
    lakes = [Lake(tmp_path / name) for name in ("a", "b")]
    again = train_rates(base.sample(fraction=1, shuffle=True, seed=9).select(reversed(base.columns)), WINDOW, "stage0", SMALL_RATES)
    for lake, made in zip(lakes, (bundle, again), strict=True):
        save_bundle(lake, made)
    assert files(lakes[0], bundle.run_id) == files(lakes[1], again.run_id)


def test_rows_from_the_window_on_change_nothing(base, bundle, tmp_path):
    future = pl.col("game_date") >= WINDOW
    poisoned = base.with_columns(pl.when(future).then(999.0).otherwise(pl.col(c)).alias(c) for c in (*PER_MIN_TARGETS, "minutes_actual"))
    lake = Lake(tmp_path)
    made = train_rates(poisoned.with_columns(pl.when(future).then(-5.0).otherwise("season_pts_per_min").alias("season_pts_per_min")),
                       WINDOW, "stage0", SMALL_RATES)  # fmt: skip
    save_bundle(lake, made)
    poison = files(lake, made.run_id)
    save_bundle(lake, bundle)
    assert made.run_id == bundle.run_id
    assert poison == files(lake, bundle.run_id)


def test_other_rows_or_settings_make_another_run(base, bundle):
    first = pl.col("game_date") == START
    changed = base.with_columns(pl.when(first).then(0.0).otherwise("season_pts_per_min").alias("season_pts_per_min"))
    runs = {
        bundle.run_id,
        train_rates(changed, WINDOW, "stage0", SMALL_RATES).run_id,
        train_rates(base, WINDOW, "stage0", config_from_dict(RatesConfig, config_to_dict(SMALL_RATES) | {"seed": 8})).run_id,
    }
    assert len(runs) == 3


def test_bundle_round_trip_is_exact(base, bundle, tmp_path):
    lake = Lake(tmp_path)
    folder = save_bundle(lake, bundle)
    assert {p.name for p in folder.iterdir()} == {f"{t}.txt" for t in PER_MIN_TARGETS} | {"features.json", "metadata.json"}
    loaded = load_bundle(lake, "rates_v1", bundle.run_id)
    assert loaded.feature_cols == list(RATES_STAGE0)
    assert loaded.meta == bundle.meta
    assert predict_rates(base, loaded).equals(predict_rates(base, bundle))


def test_saving_again_replaces_a_damaged_folder(bundle, tmp_path):
    lake = Lake(tmp_path)
    folder = save_bundle(lake, bundle)
    good = files(lake, bundle.run_id)
    (folder / "features.json").write_text("[]")
    save_bundle(lake, bundle)
    assert files(lake, bundle.run_id) == good
    assert not [p for p in folder.parent.iterdir() if p.name.startswith(".")]


def test_no_rows_and_nulls_are_predicted(base, bundle):
    assert predict_rates(base.clear(), bundle).shape == (0, 9)
    blank = base.head(3).with_columns(pl.lit(None, pl.Float64).alias(f) for f in RATES_STAGE0 if COLUMNS[f].dtype == pl.Float64)
    assert predict_rates(blank, bundle).null_count().sum_horizontal().item() == 0


def test_errors_name_the_remedy(base, bundle, tmp_path):
    with pytest.raises(SchemaError, match=r"the model needs days_rest: build the frame"):
        predict_rates(base.drop("days_rest"), bundle)
    with pytest.raises(RatesError, match=r"feature set 'stage9' does not exist: choose from stage0, stage2"):
        train_rates(base, WINDOW, "stage9", SMALL_RATES)
    with pytest.raises(MissingModelError, match=r"rates_v1 has no run nothing-here .*models\.registry"):
        load_bundle(Lake(tmp_path), "rates_v1", "nothing-here")
    with pytest.raises(RatesError, match=r"RatesConfig has no setting leaves"):
        config_from_dict(RatesConfig, {"leaves": 3})
    with pytest.raises(RatesError, match=r"window 2023-10 has 1 days"):
        train_rates(base, START + timedelta(days=1), "stage0", SMALL_RATES)


def test_defaults_are_the_north_star():
    trees = RatesConfig().trees
    assert (trees.num_leaves, trees.learning_rate, trees.feature_fraction, trees.bagging_fraction, trees.bagging_freq,
            trees.min_data_in_leaf, trees.max_depth, trees.lambda_l2) == (64, 0.05, 0.8, 0.8, 1, 50, -1, 1.0)  # fmt: skip


def test_fingerprint_sees_values_and_not_order():
    frame = pl.DataFrame({"id": ["a", "b", "c"], "x": [1.0, None, -0.0], "day": [date(2024, 1, d) for d in (1, 2, 3)]})
    same = frame.reverse().select("day", "x", "id").with_columns(pl.col("x").fill_null(float("nan")).abs())
    assert frame_fingerprint(frame, ["id"]) == frame_fingerprint(same, ["id"])
    assert frame_fingerprint(frame, ["id"]) != frame_fingerprint(frame.with_columns(pl.col("x") + 1e-12), ["id"])
    assert frame_fingerprint(frame.with_columns(pl.Series("id", ["a", "b", "cc"])), ["id"]) != frame_fingerprint(frame, ["id"])
    assert frame_fingerprint(frame, ["id"]).startswith("777607405dfa666c")  # in every process, on every machine
