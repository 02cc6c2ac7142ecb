from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError, SchemaError
from rates_lib.lake import Lake
from rates_lib.models import minutes
from rates_lib.models.bundle import load_bundle, save_bundle
from rates_lib.models.config import MinutesConfig, config_from_dict
from rates_lib.models.feature_groups import GROUPS
from rates_lib.models.feature_sets import ABSENCES, AWARE, FROM_STATUSES, MINUTES_FEATURES, STATUS_KNOWN
from rates_lib.models.fingerprint import team_game_fractions
from rates_lib.models.minutes import predict_minutes, train_minutes, with_minutes_label
from rates_lib.models.minutes_shares import add_likely_columns, hide_starters
from rates_lib.models.rates import predict_rates
from tests.frames.model import SMALL_MINUTES, START, candidates

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
        predicted = predict_minutes(frame, bundle)
        assert predicted.columns == NUMBERS
        assert (predicted["minutes_p10"] <= predicted["minutes_p50"]).all()
        assert (predicted["minutes_p50"] <= predicted["minutes_p90"]).all()
        assert predicted.select(pl.col(NUMBERS[:4]).is_between(0, 53).all()).row(0) == (True,) * 4
        assert predicted["play_prob"].is_between(0, 1).all()


def test_out_and_inactive_never_play(rows, bundle):
    listed = rows.head(200).with_columns(pl.Series("status", ["out", "inactive", "active", "questionable"] * 50))
    prob = predict_minutes(listed, bundle)["play_prob"]
    never = listed["status"].is_in(["out", "inactive"])
    assert (prob.filter(never) == 0).all()
    assert (prob.filter(~never) > 0).all()


def test_it_works_before_the_five_and_the_statuses_are_known(rows, bundle):
    later = rows.filter((pl.col("game_date") >= WINDOW) & (pl.col("status") == "active"))
    blind = hide_starters(later).with_columns(
        pl.lit("unknown").alias("status"), pl.lit("none").alias("availability_source"), pl.lit(0.82).alias("play_prob_prior"),
    )  # fmt: skip
    predicted = predict_minutes(blind, bundle)
    truth = 0.8 * later["last10_minutes_per_game"] + 6 * 0.4
    assert abs((predicted["minutes_mean"] - truth).mean()) < 1.5
    assert np.corrcoef(truth, predicted["minutes_mean"])[0, 1] > 0.9


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
    predicted = predict_minutes(rows, train_minutes(tiny, WINDOW, SMALL_MINUTES))
    error = predicted["minutes_mean"] - 0.5  # what a played row counts as at least
    assert abs(error.mean()) < 0.1
    assert error.abs().quantile(0.9) < 1.0


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
    loaded = load_bundle(lake, "minutes_v1", bundle.run_id)
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


def test_masks_hide_all_that_follows_from_what_they_hide():
    listed, proxies = candidates(days=60, seed=1), candidates(days=60, seed=2, source="proxy", season=2024)
    rows = pl.concat([listed, proxies]).sort("season", "game_id", "team_id", "player_id")
    config = replace(SMALL_MINUTES, mask_starters=0.3, mask_status=0.2)
    masked = minutes._mask(rows, config)
    key = ["season", "game_id", "team_id", "player_id"]
    assert masked.select(key).equals(rows.select(key))
    untouched = [c for c in rows.columns if c not in {*AWARE, *FROM_STATUSES, *ABSENCES, "is_starter", "minutes_role_change",
                                                      "starters_minutes_blind", "status", "play_prob_prior"}]  # fmt: skip
    assert masked.select(untouched).equals(rows.select(untouched))

    no_five = masked["is_starter"].is_null()
    assert no_five.mean() == pytest.approx(0.3, abs=0.05)
    hidden = masked.filter(no_five)
    assert (hidden["minutes_prior"] == hidden["minutes_prior_blind"]).all()
    assert (hidden["minutes_role_change"] == 0).all()
    assert hidden["starters_minutes_blind"].null_count() == hidden.height

    no_status = masked["status"] == "unknown"
    assert no_status.filter(masked["availability_source"] == "active_list").mean() == pytest.approx(0.2, abs=0.05)
    assert not no_status.filter(masked["availability_source"] == "proxy").any()
    hidden = masked.filter(no_status)
    assert hidden.select(FROM_STATUSES).null_count().row(0) == (hidden.height,) * len(FROM_STATUSES)
    assert hidden.select(pl.col(ABSENCES).abs().sum()).sum_horizontal().item() == 0
    assert set(hidden["play_prob_prior"]) == {0.82}
    seen = masked.filter(~no_five & ~no_status)
    assert seen.equals(rows.filter(~no_five & ~no_status))  # and nothing is hidden from the rest


def test_who_a_proxy_lists_plays(rows, bundle):
    proxy = rows.with_columns(pl.lit("proxy").alias("availability_source"))
    prob = predict_minutes(proxy, bundle)["play_prob"]
    assert (prob.filter(proxy["status"] == "active") == 1).all()
    assert (prob.filter(proxy["status"] == "inactive") == 0).all()


def test_bands_cover_four_fifths_of_rows_never_seen(bundle):
    fresh = candidates(days=40, seed=77)
    predicted = pl.concat([fresh, predict_minutes(fresh, bundle)], how="horizontal").drop_nulls("minutes")
    assert predicted.height > 1500
    assert predicted.select(pl.col("minutes").is_between("minutes_p10", "minutes_p90").mean()).item() == pytest.approx(0.8, abs=0.035)
    for beyond in (pl.col("minutes") < pl.col("minutes_p10"), pl.col("minutes") > pl.col("minutes_p90")):
        assert predicted.select(beyond.mean()).item() == pytest.approx(0.1, abs=0.03)


def test_the_conformal_step_moves_each_bound_by_group():
    rng = np.random.default_rng(1)
    mean = rng.uniform(2, 40, 6000)
    sd = np.where(mean < 15, 8.0, 4.0)
    actual = mean + rng.normal(0, 1, 6000) * sd
    predicted = {"minutes_mean": mean, "minutes_p10": mean - 5, "minutes_p50": mean, "minutes_p90": mean + 5}
    bands = minutes._bands(actual, predicted)
    assert bands["low"] == pytest.approx([8 * 1.2816 - 5, 4 * 1.2816 - 5, 4 * 1.2816 - 5], abs=0.6)  # wider on the bench, narrower else
    after = minutes._conformed(predicted, bands)
    for group in (mean < 15, (mean >= 15) & (mean < 27), mean >= 27):
        assert np.mean(actual[group] < after["minutes_p10"][group]) == pytest.approx(0.1, abs=0.01)
        assert np.mean(actual[group] > after["minutes_p90"][group]) == pytest.approx(0.1, abs=0.01)
    assert (minutes._bands(actual[:0], {k: v[:0] for k, v in predicted.items()})["low"]) == [0.0, 0.0, 0.0]


def test_the_order_of_rows_does_not_matter(rows, bundle):
    straight = pl.concat([rows, predict_minutes(rows, bundle)], how="horizontal")
    mixed = rows.sample(fraction=1, shuffle=True, seed=3)
    shuffled = pl.concat([mixed, predict_minutes(mixed, bundle)], how="horizontal")
    key = ["game_id", "player_id"]
    assert shuffled.sort(key).equals(straight.sort(key))


def test_who_merely_appeared_counts_for_no_team_mate(rows, bundle):
    later = rows.filter(pl.col("game_date") >= WINDOW)
    stranger = later.filter(pl.col("game_id") == later["game_id"][0]).head(1).with_columns(
        pl.lit("P999").alias("player_id"), pl.lit(0, pl.Int8).alias("foreseen_flag"), pl.lit("unknown").alias("status"),
        pl.lit(48.0).alias("minutes_prior"), pl.lit(48.0).alias("minutes_prior_blind"),
    )  # fmt: skip
    both = pl.concat([later, stranger])
    assert predict_minutes(both, bundle).head(later.height).equals(predict_minutes(later, bundle))
    foreseen = pl.concat([later, stranger.with_columns(pl.lit(1, pl.Int8).alias("foreseen_flag"), pl.lit("active").alias("status"))])
    assert not predict_minutes(foreseen, bundle).head(later.height).equals(predict_minutes(later, bundle))  # as one who is at hand does


def test_team_mates_share_240():
    mates = {"minutes_prior": [36.0, 30.0, 24.0, 30.0, 40.0], "minutes_prior_blind": [36.0, 30.0, 24.0, 30.0, 40.0]}
    rows = pl.DataFrame({"game_id": "g", "team_id": "A", "position_index": [0, 0, 2, 4, 4], **mates})
    predicted = add_likely_columns(rows, np.array([1.0, 1.0, 1.0, 1.0, 0.0]))
    assert predicted["likely_minutes_team"].to_list() == [84.0, 90.0, 96.0, 90.0, 120.0]
    assert predicted["likely_share"].to_list() == pytest.approx([240 * 36 / 120, 240 * 30 / 120, 240 * 24 / 120, 60.0, 240 * 40 / 160])
    assert predicted["likely_count_team"].to_list() == [3.0, 3.0, 3.0, 3.0, 4.0]
    # same position 1, two steps away .3, four steps 0
    assert predicted["likely_minutes_near"].to_list() == pytest.approx([30 + 0.3 * 24, 36 + 0.3 * 24, 0.3 * 96, 0.3 * 24, 30 + 0.3 * 24])
    few = add_likely_columns(rows.head(2), np.array([1.0, 1.0]))
    assert few["likely_share"].to_list() == pytest.approx([240 * 36 / 120, 240 * 30 / 120])  # a team counts as 120 minutes at least


def test_dropped_groups_are_read_by_no_booster(rows):
    made = train_minutes(rows, WINDOW, replace(SMALL_MINUTES, max_rounds=2, play_rounds=2, drop_groups=("lines", "team-mates in and out")))
    gone = {*GROUPS["lines"], *GROUPS["team-mates in and out"]}
    for booster in made.models.values():
        assert not gone & set(booster.feature_name())
    assert set(made.feature_cols) | gone >= set(MINUTES_FEATURES)
    assert predict_minutes(rows.head(10), made).null_count().sum_horizontal().item() == 0


def test_errors_name_the_remedy(rows, bundle):
    with pytest.raises(SchemaError, match=r"minutes_v1 needs days_rest, status: build the rows with"):
        train_minutes(rows.drop("status", "days_rest"), WINDOW, SMALL_MINUTES)
    with pytest.raises(SchemaError, match=r"minutes_v1 needs play_prob_prior"):
        predict_minutes(rows.drop("play_prob_prior"), bundle)
    with pytest.raises(RatesError, match=r"is a minutes_v1 model, not rates_v1"):
        predict_rates(rows, bundle)
    with pytest.raises(RatesError, match=r"window 2020-01 has 0 days"):
        train_minutes(rows, date(2020, 1, 1), SMALL_MINUTES)
