"""`rates_v1:offset` and `efficiency_v1`: what both start from, what they learn beyond it, and that they are the same every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError, SchemaError
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle, load_bundle, save_bundle
from rates_lib.models.config import EfficiencyConfig, OffsetConfig, config_from_dict, with_settings
from rates_lib.models.contract import mask_starters
from rates_lib.models.efficiency import predict_efficiency, train_efficiency
from rates_lib.models.feature_groups import GROUPS
from rates_lib.models.feature_sets import EFFICIENCY_FEATURES, RATES_FEATURES, SHOTS
from rates_lib.models.rates import predict_rates
from rates_lib.models.rates_common import PER_MIN_TARGETS
from rates_lib.models.rates_offset import prior_rate, train_offset
from rates_lib.schemas.columns import COLUMNS, RATE_TARGETS
from rates_lib.schemas.tables import LABEL_COUNTS
from tests.frames.model import MAKES, RATE, SMALL_EFFICIENCY, SMALL_OFFSET, START, player_game_training

WINDOW = START + timedelta(days=50)
NO_SPLITS = {"min_data_in_leaf": 10**6, "max_rounds": 3}
PERCENTAGES = [f"{shot}_mean" for shot in SHOTS]


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return player_game_training()


@pytest.fixture(scope="module")
def offset(rows: pl.DataFrame) -> Bundle:
    return train_offset(rows, WINDOW, SMALL_OFFSET)


@pytest.fixture(scope="module")
def efficiency(rows: pl.DataFrame) -> Bundle:
    return train_efficiency(rows, WINDOW, SMALL_EFFICIENCY)


def doubled(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return rows.with_columns(pl.col(columns) * 2)


# --- rates ----------------------------------------------------------------------------------------------------------------------


def test_the_contract(rows: pl.DataFrame, offset: Bundle) -> None:
    later = rows.filter(pl.col("game_date") >= WINDOW)
    predicted = predict_rates(later, offset)
    assert predicted.columns == [f"{t}_mean" for t in PER_MIN_TARGETS]
    mixed = later.with_row_index("_n").sample(fraction=1, shuffle=True, seed=2)
    assert predict_rates(mixed, offset).equals(predicted[mixed["_n"]])  # row by row
    wild = later.with_columns(pl.lit(9.9).alias(f"{t}_per_min_hl{h}") for t in RATE_TARGETS for h in (10, 30))
    nulls = later.with_columns(pl.lit(None, pl.Float64).alias(c) for c in RATES_FEATURES if c.startswith("opp_"))
    for frame in (later, wild, nulls):
        made = predict_rates(frame, offset)
        assert made.null_count().sum_horizontal().item() == 0
        for t in PER_MIN_TARGETS:
            spec = COLUMNS[f"{t}_mean"]
            assert made[f"{t}_mean"].is_between(spec.lo or 0, spec.hi or np.inf).all()
    assert predict_rates(rows.clear(), offset).shape == (0, 9)


def test_it_learns_the_opponent_beyond_the_prior(rows: pl.DataFrame, offset: Bundle) -> None:
    later = rows.filter(pl.col("game_date") >= WINDOW)
    predicted = predict_rates(later, offset)
    for t in ("fga2", "fga3", "dreb"):
        truth = (later["season_pts_per_min"] * later[f"opp_{t}_ratio_hl30"] * RATE[t]).to_numpy()
        prior = prior_rate(later, t, SMALL_OFFSET.prior_hl10)
        model = predicted[f"{t}_per_min_mean"].to_numpy()
        assert np.mean((model - truth) ** 2) < 0.7 * np.mean((prior - truth) ** 2)
        assert np.corrcoef(model / prior, later[f"opp_{t}_ratio_hl30"])[0, 1] > 0.5


def test_without_a_split_the_rate_is_the_prior_times_one_number(rows: pl.DataFrame) -> None:
    config = with_settings(SMALL_OFFSET, NO_SPLITS)
    made = train_offset(rows, WINDOW, config)
    predicted = predict_rates(rows, made)
    for t in RATE_TARGETS:
        ratio = predicted[f"{t}_per_min_mean"].to_numpy() / prior_rate(rows, t, config.prior_hl10)
        assert np.ptp(ratio) < 1e-9
        assert 0.8 < ratio[0] < 1.25
    twice = predict_rates(doubled(rows, *(f"{t}_per_min_hl{h}" for t in RATE_TARGETS for h in (10, 30))), made)
    assert np.allclose(twice.to_numpy(), np.clip(2 * predicted.to_numpy(), None, COLUMNS["fga2_per_min_mean"].hi), rtol=1e-12)


def test_the_prior_rate_is_a_mix_and_never_nothing() -> None:
    frame = pl.DataFrame({"ast_per_min_hl10": [0.2, 0.0], "ast_per_min_hl30": [0.1, 0.0]})
    assert prior_rate(frame, "ast", 0.25).tolist() == pytest.approx([0.125, 1e-4])
    assert prior_rate(frame, "ast", 1.0).tolist() == pytest.approx([0.2, 1e-4])


def test_settings_of_one_target_reach_its_booster(rows: pl.DataFrame, tmp_path: Any) -> None:
    config = replace(
        SMALL_OFFSET, max_rounds=2, by_target={"stl": {"num_leaves": 3, "prior_hl10": 1.0, **NO_SPLITS}, "ast": {"num_leaves": 2}}
    )
    made = train_offset(rows, WINDOW, config)
    leaves = {t: max(tree["num_leaves"] for tree in made.models[f"{t}_per_min"].dump_model()["tree_info"]) for t in RATE_TARGETS}
    assert (leaves["stl"], leaves["ast"]) == (1, 2)
    assert leaves["fga2"] == SMALL_OFFSET.trees.num_leaves
    for t in ("stl", "ast"):
        assert f"[num_leaves: {3 if t == 'stl' else 2}]" in made.models[f"{t}_per_min"].model_to_string()
    # the prior of that target as well, also once it comes back from disk
    lake = Lake(tmp_path)
    save_bundle(lake, made)
    loaded = load_bundle(lake, "rates_v1", made.run_id)
    ratio = predict_rates(rows, loaded)["stl_per_min_mean"].to_numpy() / np.maximum(rows["stl_per_min_hl10"].to_numpy(), 1e-4)
    assert np.ptp(ratio) < 1e-9
    assert config_from_dict(OffsetConfig, loaded.meta["config"]).of("stl").trees.num_leaves == 3


def test_nine_boosters_read_the_same_columns_and_no_label(offset: Bundle) -> None:
    assert set(offset.models) == set(PER_MIN_TARGETS)
    for t in RATE_TARGETS:
        read = offset.models[f"{t}_per_min"].feature_name()
        assert read == offset.feature_cols == list(RATES_FEATURES)
        assert not {*LABEL_COUNTS, *PER_MIN_TARGETS, "minutes_actual"} & set(read)
        assert f"dvp_{t}_ratio" in read


def test_masks_hide_the_five_of_whole_teams(rows: pl.DataFrame) -> None:
    masked = mask_starters(rows, replace(SMALL_OFFSET, mask_starters=0.3))
    assert masked["is_starter"].is_null().mean() == pytest.approx(0.3, abs=0.06)
    assert masked.group_by("game_id", "team_id").agg(pl.col("is_starter").is_null().n_unique())["is_starter"].max() == 1
    assert masked["starters_minutes_blind"].is_null().equals(masked["is_starter"].is_null())


# --- percentages ----------------------------------------------------------------------------------------------------------------


def test_percentages_lie_between_nothing_and_all(rows: pl.DataFrame, efficiency: Bundle) -> None:
    later = rows.filter(pl.col("game_date") >= WINDOW)
    extremes = later.with_columns(
        pl.when(pl.int_range(pl.len()) % 2 == 0).then(0.0).otherwise(1.0).alias(f"{shot}_prior") for shot in SHOTS
    )
    for frame in (later, extremes, later.with_columns(pl.lit(None, pl.Float64).alias("opp_fg2m_ratio_hl30"))):
        predicted = predict_efficiency(frame, efficiency)
        assert predicted.columns == PERCENTAGES
        assert predicted.null_count().sum_horizontal().item() == 0
        assert predicted.select(pl.all_horizontal((pl.all() > 0) & (pl.all() < 1)).all()).item()
    mixed = later.with_row_index("_n").sample(fraction=1, shuffle=True, seed=2)
    assert predict_efficiency(mixed, efficiency).equals(predict_efficiency(later, efficiency)[mixed["_n"]])
    assert predict_efficiency(rows.clear(), efficiency).shape == (0, 3)


def test_shots_fall_as_the_prior_and_the_opponent_say(rows: pl.DataFrame, efficiency: Bundle) -> None:
    later = rows.filter(pl.col("game_date") >= WINDOW)
    predicted = predict_efficiency(later, efficiency)
    moved = predicted["fg2_pct_mean"] - later["fg2_pct_prior"]
    assert np.corrcoef(moved, later["opp_fg2m_ratio_hl30"])[0, 1] > 0.4
    for shot in ("fg3_pct", "ft_pct"):  # where there is nothing to learn the prior stays
        assert np.corrcoef(predicted[f"{shot}_mean"], later[f"{shot}_prior"])[0, 1] > 0.9
    metrics = efficiency.meta["metrics"]
    assert metrics["fg2_pct"]["log_loss_val"] < metrics["fg2_pct"]["log_loss_prior_val"]


def test_who_has_not_shot_teaches_nothing_and_has_his_prior(rows: pl.DataFrame) -> None:
    made = train_efficiency(rows, WINDOW, with_settings(SMALL_EFFICIENCY, NO_SPLITS))
    never = rows.with_columns(pl.lit(0).alias(c) for c in ("fg2m", "fga2", "fg3m", "fga3", "ftm", "fta"))
    predicted = predict_efficiency(never, made)
    for shot in SHOTS:  # without a split: the prior, moved by one number in the logit
        logit = np.log(predicted[f"{shot}_mean"] / (1 - predicted[f"{shot}_mean"])) - np.log(
            rows[f"{shot}_prior"] / (1 - rows[f"{shot}_prior"])
        )
        assert np.ptp(logit.to_numpy()) < 1e-9
        assert abs(logit[0]) < 0.1
        assert predicted[f"{shot}_mean"].mean() == pytest.approx(MAKES[shot.removesuffix("_pct")], abs=0.03)
    no_threes = rows.with_columns(
        *(pl.when(pl.col("player_id").str.ends_with("3")).then(0).otherwise(pl.col(c)).alias(c) for c in ("fg3m", "fga3"))
    )
    assert train_efficiency(no_threes, WINDOW, SMALL_EFFICIENCY).meta["rows"]["final"] == made.meta["rows"]["final"]  # no row is lost


def test_a_row_weighs_as_much_as_its_shots(rows: pl.DataFrame) -> None:
    """Half make all of their 18 shots, half none of their 2; the only column that differs says nothing: 90 % of the shots fall."""
    many = pl.int_range(pl.len()) % 2 == 0
    blank = [c for c in EFFICIENCY_FEATURES if c not in ("is_starter", "fg3_pct_prior", "ft_pct_prior")]
    frame = rows.with_columns(*(pl.lit(0.5).cast(rows.schema[c]).alias(c) for c in blank)).with_columns(
        pl.when(many).then(18).otherwise(2).cast(pl.Int64).alias("fga2"), pl.when(many).then(18).otherwise(0).cast(pl.Int64).alias("fg2m")
    )  # fmt: skip
    config = with_settings(
        SMALL_EFFICIENCY,
        {"max_rounds": 60, "learning_rate": 0.3, "feature_fraction": 1.0, "lambda_l2": 0.0, "mask_starters": 0.0},
    )
    predicted = predict_efficiency(frame, train_efficiency(frame, WINDOW, config))["fg2_pct_mean"]
    assert predicted.min() > 0.85  # rows count alike would be .5
    assert predicted.max() < 0.95


# --- both -----------------------------------------------------------------------------------------------------------------------

Train = Callable[[pl.DataFrame], Bundle]
BOTH: list[tuple[str, Train]] = [
    ("rates_v1", lambda rows: train_offset(rows, WINDOW, replace(SMALL_OFFSET, max_rounds=6))),
    ("efficiency_v1", lambda rows: train_efficiency(rows, WINDOW, SMALL_EFFICIENCY)),
]


def contents(lake: Lake, bundle: Bundle) -> dict[str, bytes]:
    folder = save_bundle(lake, bundle)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))}


@pytest.mark.parametrize(("model", "train"), BOTH, ids=[name for name, _ in BOTH])
def test_rows_from_the_window_on_and_the_order_change_no_byte(rows: pl.DataFrame, model: str, train: Train, tmp_path: Any) -> None:
    future = pl.col("game_date") >= WINDOW
    spoilt = [*LABEL_COUNTS, *PER_MIN_TARGETS, "minutes_actual", "opp_fg2m_ratio_hl30", "fg2_pct_prior"]
    poisoned = rows.with_columns(pl.when(future).then(pl.lit(77)).otherwise(pl.col(c)).cast(rows.schema[c]).alias(c) for c in spoilt)
    mixed = poisoned.sample(fraction=1, shuffle=True, seed=4).select(reversed(poisoned.columns))
    clean, again = (train(frame) for frame in (rows, mixed))
    assert clean.run_id == again.run_id
    assert clean.run_id.startswith(f"{model}-offset-all-")
    assert contents(Lake(tmp_path / "a"), clean) == contents(Lake(tmp_path / "b"), again)
    past = rows.with_columns(pl.when(pl.col("game_date") == START).then(pl.col("fg2m") * 0).otherwise("fg2m").alias("fg2m"),
                             pl.when(pl.col("game_date") == START).then(0.0).otherwise("ast_per_min").alias("ast_per_min"))  # fmt: skip
    assert train(past).run_id != clean.run_id


def test_round_trips_are_exact(rows: pl.DataFrame, offset: Bundle, efficiency: Bundle, tmp_path: Any) -> None:
    lake = Lake(tmp_path)
    save_bundle(lake, offset)
    save_bundle(lake, efficiency)
    assert predict_rates(rows, load_bundle(lake, "rates_v1", offset.run_id)).equals(predict_rates(rows, offset))
    assert predict_efficiency(rows, load_bundle(lake, "efficiency_v1", efficiency.run_id)).equals(predict_efficiency(rows, efficiency))
    assert config_from_dict(OffsetConfig, load_bundle(lake, "rates_v1", offset.run_id).meta["config"]) == SMALL_OFFSET
    assert config_from_dict(EfficiencyConfig, load_bundle(lake, "efficiency_v1", efficiency.run_id).meta["config"]) == SMALL_EFFICIENCY


def test_dropped_groups_are_read_by_no_booster(rows: pl.DataFrame) -> None:
    groups = ("opponent", "lines")
    gone = {c for g in groups for c in GROUPS[g]}
    small = {"max_rounds": 2, "drop_groups": groups}
    made = train_offset(rows, WINDOW, replace(SMALL_OFFSET, **small)), train_efficiency(rows, WINDOW, replace(SMALL_EFFICIENCY, **small))
    for bundle in made:
        assert not gone & set(bundle.feature_cols)
        for booster in bundle.models.values():
            assert not gone & set(booster.feature_name())
            assert booster.num_feature() > 20
    assert predict_rates(rows.head(5), made[0]).width == 9
    with pytest.raises(RatesError, match=r"feature group weather does not exist: choose from .*opponent"):
        train_offset(rows, WINDOW, replace(SMALL_OFFSET, drop_groups=("weather",)))


def test_errors_name_the_remedy(rows: pl.DataFrame, offset: Bundle, efficiency: Bundle) -> None:
    with pytest.raises(SchemaError, match=r"the model needs days_rest: build the frame"):
        predict_rates(rows.drop("days_rest"), offset)
    with pytest.raises(SchemaError, match=r"the model needs days_rest: build the frame"):
        predict_efficiency(rows.drop("days_rest"), efficiency)
    with pytest.raises(RatesError, match=r"is a rates_v1 model, not efficiency_v1"):
        predict_efficiency(rows, offset)
    with pytest.raises(RatesError, match=r"is a efficiency_v1 model, not rates_v1|is an efficiency_v1 model, not rates_v1"):
        predict_rates(rows, efficiency)
    with pytest.raises(RatesError, match=r"OffsetConfig has no setting leaves"):
        config_from_dict(OffsetConfig, {"leaves": 3})
