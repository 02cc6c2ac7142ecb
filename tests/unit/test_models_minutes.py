from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from rates_lib.errors import RatesError, SchemaError
from rates_lib.lake import Lake
from rates_lib.models.bundle import save_bundle
from rates_lib.models.config import MinutesConfig, config_from_dict
from rates_lib.models.feature_sets import STATUS_KNOWN
from rates_lib.models.fingerprint import team_game_fractions
from rates_lib.models.minutes import load_minutes_bundle, predict_minutes, train_minutes, with_minutes_label
from rates_lib.models.rates import predict_rates
from tests.unit.model_frames import SMALL_MINUTES, START, candidates

WINDOW = START + timedelta(days=50)
NUMBERS = ["minutes_mean", "minutes_p10", "minutes_p50", "minutes_p90", "play_prob"]


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return candidates()


@pytest.fixture(scope="module")
def bundle(rows):
    return train_minutes(rows, WINDOW, SMALL_MINUTES)


def test_it_learns_minutes_starters_and_who_plays(rows, bundle):
    later = rows.filter(pl.col("game_date") >= WINDOW)
    predicted = pl.concat([later, predict_minutes(later, bundle)], how="horizontal")
    played = predicted.drop_nulls("minutes")
    truth = 0.8 * played["last10_minutes_per_game"] + 6 * played["is_starter"]
    assert np.corrcoef(truth, played["minutes_mean"])[0, 1] > 0.97
    assert 0.7 < (played["minutes"].is_between(played["minutes_p10"], played["minutes_p90"])).mean() < 0.9
    active = predicted.filter(pl.col("status") == "active").sort("last10_appearance_share")
    assert active.tail(100)["play_prob"].mean() > 0.85
    assert active.head(100)["play_prob"].mean() < 0.45


def test_quantiles_never_cross_and_stay_within_a_game(rows, bundle):
    wild = rows.with_columns(pl.lit(500.0).alias("last10_minutes_per_game"), -pl.col("last5_minutes_per_game"))
    for frame in (rows, wild):
        got = predict_minutes(frame, bundle)
        assert got.columns == NUMBERS
        assert (got["minutes_p10"] <= got["minutes_p50"]).all()
        assert (got["minutes_p50"] <= got["minutes_p90"]).all()
        assert got.select(pl.col(NUMBERS[:4]).is_between(0, 53).all()).row(0) == (True,) * 4
        assert got["play_prob"].is_between(0, 1).all()


def test_out_and_inactive_never_play(rows, bundle):
    listed = rows.head(200).with_columns(pl.Series("status", ["out", "inactive", "active", "questionable"] * 50))
    prob = predict_minutes(listed, bundle)["play_prob"]
    never = listed["status"].is_in(["out", "inactive"])
    assert (prob.filter(never) == 0).all()
    assert (prob.filter(~never) > 0).all()


def test_it_works_before_the_five_and_the_statuses_are_known(rows, bundle):
    later = rows.filter((pl.col("game_date") >= WINDOW) & (pl.col("status") == "active"))
    blind = later.with_columns(
        pl.lit(None, pl.Int8).alias("is_starter"), pl.lit("unknown").alias("status"), pl.lit("none").alias("availability_source"),
        pl.lit(0.82).alias("play_prob_prior"),
    )  # fmt: skip
    got = predict_minutes(blind, bundle)
    truth = 0.8 * later["last10_minutes_per_game"] + 6 * 0.4
    assert abs((got["minutes_mean"] - truth).mean()) < 1.5
    assert np.corrcoef(truth, got["minutes_mean"])[0, 1] > 0.9


def test_without_real_lists_the_prior_stands(rows):
    made = train_minutes(rows, WINDOW, replace(SMALL_MINUTES, min_listed_rows=10**6))
    assert "play_prob" not in made.models
    assert made.meta["rows"]["final_play_prob"] == 0
    assert predict_minutes(rows, made)["play_prob"].equals(rows["play_prob_prior"].alias("play_prob"))
    proxy = train_minutes(rows.with_columns(pl.lit("proxy").alias("availability_source")), WINDOW, SMALL_MINUTES)
    assert "play_prob" not in proxy.models


def test_lists_that_end_early_still_teach(rows):
    cut = START + timedelta(days=30)
    source = pl.when(pl.col("game_date") < cut).then(pl.lit("active_list")).otherwise(pl.lit("proxy"))
    made = train_minutes(rows.with_columns(source.alias("availability_source")), WINDOW, SMALL_MINUTES)
    assert "play_prob" in made.models


def test_sub_minute_and_zero_rows(rows):
    tiny = rows.with_columns(pl.when(pl.col("minutes") > 0).then(pl.lit(0.05)).alias("minutes"))
    got = predict_minutes(rows, train_minutes(tiny, WINDOW, SMALL_MINUTES))
    assert got["minutes_mean"].to_numpy() == pytest.approx(np.full(rows.height, 0.5))


def test_determinism_and_future_rows(rows, bundle, tmp_path):
    future = pl.col("game_date") >= WINDOW
    poisoned = rows.with_columns(
        pl.when(future).then(99.0).otherwise("minutes").alias("minutes"),
        pl.when(future).then(pl.lit("out")).otherwise("status").alias("status"),
    ).sample(fraction=1, shuffle=True, seed=5)
    contents = []
    for name, made in (("a", bundle), ("b", train_minutes(poisoned, WINDOW, SMALL_MINUTES))):
        folder = save_bundle(Lake(tmp_path / name), made)
        contents.append({p.name: p.read_bytes() for p in folder.iterdir()} | {"run": made.run_id.encode()})
    assert contents[0] == contents[1]


def test_round_trip_is_exact(rows, bundle, tmp_path):
    lake = Lake(tmp_path)
    save_bundle(lake, bundle)
    loaded = load_minutes_bundle(bundle.run_id, lake)
    assert predict_minutes(rows, loaded).equals(predict_minutes(rows, bundle))
    assert loaded.feature_cols[-1] == STATUS_KNOWN
    assert config_from_dict(MinutesConfig, loaded.meta["config"]) == SMALL_MINUTES


def test_label_join_keeps_order():
    rows = candidates(days=3)
    outcome = rows.drop_nulls("minutes").select("season", "game_id", "player_id", pl.lit(1).alias("min"), "minutes")
    outcome = outcome.sample(fraction=1, shuffle=True, seed=2)
    assert with_minutes_label(rows.drop("minutes"), outcome).select(rows.columns).equals(rows)


def test_masks_hit_a_fifth_of_team_games_and_do_not_move():
    rows = candidates(days=100, seed=1)
    drawn = team_game_fractions(rows, "starters 7")
    assert drawn.equals(team_game_fractions(rows, "starters 7"))
    assert drawn[0] == pytest.approx(0.0237777, abs=1e-6)  # in every process, on every machine
    assert (drawn < 0.2).mean() == pytest.approx(0.2, abs=0.05)
    assert rows.with_columns(drawn).group_by("game_id", "team_id").agg(pl.col("fraction").n_unique())["fraction"].max() == 1
    assert not drawn.equals(team_game_fractions(rows, "status 7"))


def test_errors_name_the_remedy(rows, bundle):
    with pytest.raises(SchemaError, match=r"minutes rows lack status, days_rest: build them with"):
        train_minutes(rows.drop("status", "days_rest"), WINDOW, SMALL_MINUTES)
    with pytest.raises(SchemaError, match=r"minutes rows lack play_prob_prior"):
        predict_minutes(rows.drop("play_prob_prior"), bundle)
    with pytest.raises(RatesError, match=r"is a minutes_v1 model, not rates_v1"):
        predict_rates(rows, bundle)
    with pytest.raises(RatesError, match=r"window 2020-01 has 0 days"):
        train_minutes(rows, date(2020, 1, 1), SMALL_MINUTES)
