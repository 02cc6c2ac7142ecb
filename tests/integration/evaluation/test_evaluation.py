from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from rates_lib.core import metrics as m
from rates_lib.core.errors import MissingModelError, RatesError
from rates_lib.evaluation import ablation as ab
from rates_lib.evaluation import goals
from rates_lib.evaluation.calibration import calibration_evals, calibration_slope
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.evaluation.player import MEAN_TARGET, MIN_MINUTES, player_evals
from rates_lib.evaluation.reports.accuracy import Evals, ablation_table, accuracy_page, accuracy_summary
from rates_lib.evaluation.scored import BOX_STATS, missing_predictions, scored_season
from rates_lib.evaluation.segments import DESCRIPTIONS, segments
from rates_lib.lake import Lake
from rates_lib.pipeline.walk_forward import walk_forward
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check
from tests.frames.evaluation import KEY, MISSING_DAY, write_lake
from tests.frames.model import RATE


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


# --- formulas -------------------------------------------------------------------------------------------------------------


def test_poisson_deviance():
    assert m.poisson_deviance(array(2, 0), array(1, 1)) == pytest.approx((2 * (2 * np.log(2) - 1) + 2) / 2)
    assert m.poisson_deviance(array(3, 1), array(3, 1)) == 0
    assert m.poisson_deviance(array(1), array(0)) == pytest.approx(2 * (np.log(1000) - 1 + 0.001))  # the floor keeps it finite
    rng = np.random.default_rng(0)
    counts = rng.poisson(4, 20_000).astype(float)
    scores = [m.poisson_deviance(counts, np.full(20_000, x)) for x in (3.5, counts.mean(), 4.5)]
    assert scores[1] == min(scores)


def test_errors_and_bands():
    y, low, high = array(10, 20, 30), array(8, 21, 20), array(12, 25, 28)
    assert m.mae(y, low) == pytest.approx(13 / 3)
    assert m.rmse(y, low) == pytest.approx(np.sqrt(105 / 3))
    assert m.bias(y, low) == pytest.approx(-11 / 3)
    assert m.coverage(y, low, high) == pytest.approx(1 / 3)
    assert m.coverage(array(8, 12), array(8, 8), array(12, 12)) == 1
    assert m.width(low, high) == pytest.approx(16 / 3)
    assert m.winkler(y, low, high) == pytest.approx((4 + (4 + 10) + (8 + 20)) / 3)
    assert m.brier(array(1, 0), array(0.8, 0.4)) == pytest.approx((0.04 + 0.16) / 2)
    assert m.log_loss(array(1, 0), array(0.5, 0.5)) == pytest.approx(np.log(2))
    assert np.isfinite(m.log_loss(array(1), array(0)))
    assert m.actual_over_expected(array(1, 2), array(2, 4)) == pytest.approx(0.5)


def test_pinball():
    assert m.pinball(array(10, 4), array(8, 8), 0.1) == pytest.approx((0.1 * 2 + 0.9 * 4) / 2)
    assert m.pinball(array(10, 4), array(8, 8), 0.5) == pytest.approx(m.mae(array(10, 4), array(8, 8)) / 2)


# --- intervals ------------------------------------------------------------------------------------------------------------


def test_bootstrap_draws_games_and_not_rows():
    rng = np.random.default_rng(1)
    games = pl.Series(np.repeat([f"g{i:03}" for i in range(300)], 8))
    of_game = np.repeat(rng.normal(0, 1, 300), 8)  # the rows of a game are all the same, so 2,400 rows tell as much as 300
    drawn = GameBootstrap(games, replicates=2000).means(np.stack([of_game, np.ones(2400)], axis=1))
    assert drawn[:, 0].std() == pytest.approx(of_game.std() / np.sqrt(300), rel=0.1)
    assert np.allclose(drawn[:, 1], 1)
    low, high = interval(drawn[:, 0])
    assert low < of_game.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * drawn[:, 0].std(), rel=0.05)


def test_bootstrap_leaves_out_what_is_not_chosen():
    games = pl.Series(["b", "a", "a", "b"])
    values = array(1, 5, 99, 3)[:, None]
    drawn = GameBootstrap(games, replicates=50).means(values, np.array([True, True, False, True]))
    assert set(np.round(drawn[:, 0], 9)) <= {2.0, 5.0, 3.0}  # both rows of b, the one of a, or one game of each
    assert len(set(np.round(drawn[:, 0], 9))) == 3


# --- the scored frame -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    write_lake(lake)
    return lake


@pytest.fixture(scope="module")
def scored(lake) -> pl.DataFrame:
    return scored_season(lake, 2024)


@pytest.fixture(scope="module")
def evals(scored) -> pl.DataFrame:
    return check(player_evals(scored), "evals.player")


@pytest.fixture(scope="module")
def calibration(scored) -> pl.DataFrame:
    return check(calibration_evals(scored), "evals.calibration")


def figure(evals: pl.DataFrame, target: str, predictor: str, metric: str, segment: str = "all") -> float:
    return evals.filter(target=target, predictor=predictor, metric=metric, segment=segment)["value"].item()


def test_nothing_is_left_out_of_the_scored_frame(scored, lake):
    form = lake.read("gold.player_form", [2024], KEY)
    assert scored.select(KEY).equals(form.sort(KEY))
    played = lake.read("silver.player_game", [2024])
    assert scored["played"].sum() == played.height
    counted = scored.filter(pl.col("played") == 1).join(played, on=KEY, suffix="_log")
    assert counted.filter(pl.col("pts") != pl.col("pts_log")).is_empty()
    weights = {"pts": 1.0, "fg3m": 0.5, "reb": 1.25, "ast": 1.5, "stl": 2.0, "blk": 2.0, "tov": -0.5}
    row = counted.row(7, named=True)
    assert row["dk_points"] == sum(weight * row[stat] for stat, weight in weights.items())
    assert row["pra"] == row["pts"] + row["reb"] + row["ast"]


def test_box_scores_are_given_that_he_plays(scored):
    row = scored.filter((pl.col("played") == 1) & (pl.col("play_prob") == 0.8)).row(3, named=True)
    assert row["minutes_given_play"] == pytest.approx(0.95 * row["minutes_mean"])
    assert row["reb_hat"] == pytest.approx(0.95 * row["minutes_mean"] * (RATE["oreb"] + RATE["dreb"]))
    assert row["reb_hat_raw"] == pytest.approx(row["minutes_mean"] * (RATE["oreb"] + RATE["dreb"]))
    assert row["reb_mean"] == pytest.approx(0.8 * row["reb_hat"])
    assert row["ast_decayed"] == pytest.approx(20.0 * 1.1 * RATE["ast"])
    assert row["pts_floor"] == pytest.approx(row["minutes"] * row["pts_hat_raw"] / row["minutes_mean"])
    assert row["pra_hat"] == pytest.approx(row["pts_hat"] + row["reb_hat"] + row["ast_hat"])
    ruled_out = scored.filter(pl.col("play_prob") == 0).row(0, named=True)
    assert ruled_out["reb_hat"] == ruled_out["reb_hat_raw"] > 0 == ruled_out["reb_mean"]


def test_who_has_no_form_gets_last_season_s_mean(scored, lake):
    before = lake.read("silver.player_game", [2023])
    nobody = scored.filter(pl.col("player_id") == "P100")
    assert nobody["minutes_last5"].unique().item() == pytest.approx(before["seconds"].sum() / 60 / before.height)
    assert nobody["ast_per_min_prior"].unique().item() == pytest.approx(before["ast"].sum() * 60 / before["seconds"].sum())
    baselines = [
        *("minutes_last5", "minutes_decayed", "minutes_season"),
        *(f"{t}_per_min_{s}" for t in RATE_TARGETS for s in ("prior", "season")),
    ]
    assert scored.select(pl.col(baselines).null_count().max()).row(0) == (0,) * len(baselines)


def test_rookies_and_new_teams(tmp_path):
    # one who moved: games for T9 in the season before, so his first ten for his new team are "new"; and one who never played before
    other = Lake(tmp_path / "lake")
    write_lake(other)
    before = other.read("silver.player_game", [2023])
    by_games = other.read("silver.player_game", [2024])["player_id"].value_counts().sort("count", "player_id")["player_id"]
    moved, debut = by_games[-1], by_games[-2]
    team = pl.when(pl.col("player_id") == moved).then(pl.lit("T9")).otherwise("team_id").alias("team_id")
    other.write("silver.player_game", before.filter(pl.col("player_id") != debut).with_columns(team), 2023)
    scored = scored_season(other, 2024).sort("game_date", "game_id")
    played = scored.filter((pl.col("player_id") == moved) & (pl.col("played") == 1))
    assert played.height > 12
    assert played["new_team"].to_list() == [True] * 10 + [False] * (played.height - 10)
    assert scored.filter(pl.col("new_team"))["player_id"].unique().to_list() == [moved]
    assert scored.filter(pl.col("rookie"))["player_id"].unique().to_list() == [debut]


def test_predictions_that_are_missing_are_named(lake):
    missing = missing_predictions(lake, 2024)
    days = lake.read("silver.player_game", [2024])["game_date"].unique().sort()
    whole = missing.filter(pl.col("whole_game"))
    assert whole["game_date"].unique().to_list() == [days[MISSING_DAY]]
    assert whole["game_id"].n_unique() == 4
    (single,) = missing.filter(~pl.col("whole_game")).iter_rows(named=True)
    assert single["game_date"] == days[0]
    assert single["player_name"] == f"Name {single['player_id']}"


def test_a_season_without_predictions_or_models_says_what_to_run(lake, tmp_path):
    with pytest.raises(RatesError, match=r"silver\.player_game has no season 2031: run `rates backfill --seasons 2031` first"):
        scored_season(lake, 2031)
    with pytest.raises(RatesError, match=r"no day of season 2023 is in predictions.minutes: run .* --through predictions` first"):
        scored_season(lake, 2023)
    other = Lake(tmp_path / "lake")
    write_lake(other)
    shutil.rmtree(other.runs_root("rates_v1"))
    with pytest.raises(MissingModelError, match=r"rates_v1:plain serves season 2024: run `rates backfill --seasons 2024 --through models`"):
        scored_season(other, 2024)


# --- evals.player -----------------------------------------------------------------------------------------------------------


def test_every_predictor_of_a_segment_has_the_same_rows(evals):
    counts = evals.group_by("model", "target", "segment").agg(pl.col("rows", "rows_missing").n_unique())
    assert counts.select(pl.col("rows", "rows_missing").max()).row(0) == (1, 1)


def test_missing_predictions_are_counted(evals, lake):
    played, missing = lake.read("silver.player_game", [2024]).height, missing_predictions(lake, 2024).height
    for target in ("minutes", *BOX_STATS):
        rows = evals.filter(target=target, segment="all").filter(pl.col("model") != "rates_v1")
        assert rows.select("rows", "rows_missing").unique().row(0) == (played - missing, missing), target
    parts = dict(evals.filter(target="minutes", predictor="minutes_v1", metric="mae").select("segment", "rows").rows())
    assert parts["starter"] + parts["bench"] == parts["starters_known"] < parts["all"] == parts["active_list"] + parts["proxy"]


def test_a_segment_without_predictions_is_still_there(scored):
    gone = scored.filter(pl.col("minutes_mean").is_null() & (pl.col("played") == 1))
    day = gone["game_date"].mode().item(0)
    other_month = scored.with_columns(pl.when(pl.col("game_date") == day).then(pl.lit("2030-01")).otherwise("month").alias("month"))
    (row,) = player_evals(other_month).filter(target="minutes", segment="month_2030-01").iter_rows(named=True)
    assert (row["value"], row["rows"]) == (None, 0)
    assert row["rows_missing"] == gone.filter(pl.col("game_date") == day).height > 0


def test_figures_are_those_of_the_stored_tables(evals, lake):
    played = lake.read("silver.player_game", [2024], [*KEY, "minutes", "ast"])
    days = lake.partitions("predictions.minutes")
    minutes = lake.read(
        "predictions.minutes", days, [*KEY, "minutes_mean", "minutes_p10", "minutes_p90", "play_prob", "availability_source"]
    )
    joined = played.join(minutes, on=KEY)
    error = (joined["minutes"] - joined["minutes_mean"]).abs()
    assert figure(evals, "minutes", "minutes_v1", "mae") == pytest.approx(error.mean())
    inside = joined["minutes"].is_between(joined["minutes_p10"], joined["minutes_p90"]).mean()
    assert figure(evals, "minutes", "minutes_v1", "coverage_80") == pytest.approx(inside)
    expected = (joined["minutes_mean"] * 0.95 * RATE["ast"] - joined["ast"]).abs().mean()
    assert figure(evals, "ast", "player_box", "mae") == pytest.approx(expected)
    form = lake.read("gold.player_form", [2024], [*KEY, "availability_source"]).filter(pl.col("availability_source") == "active_list")
    listed = form.join(minutes.drop("availability_source"), on=KEY).join(played, on=KEY, how="left")
    brier = ((listed["play_prob"] - listed["minutes"].is_not_null().cast(pl.Float64)) ** 2).mean()
    assert figure(evals, "play_prob", "minutes_v1", "brier") == pytest.approx(brier)
    product = (listed["play_prob"] * listed["minutes_mean"] - listed["minutes"].fill_null(0)).abs().mean()
    assert figure(evals, "minutes_expected", "minutes_v1", "mae") == pytest.approx(product)
    games = evals.filter(target="minutes", metric="games", segment="all")["value"].item()
    assert games == played.join(minutes, on=KEY)["game_id"].n_unique()


def test_rates_are_judged_given_actual_minutes(evals, lake):
    played = lake.read("silver.player_game", [2024], [*KEY, "minutes", "stl"]).filter(pl.col("minutes") >= MIN_MINUTES)
    predicted = lake.read("predictions.rates", lake.partitions("predictions.rates"), KEY)
    rows = played.join(predicted, on=KEY)
    count, minutes = rows["stl"].cast(pl.Float64).to_numpy(), rows["minutes"].to_numpy()
    ours = m.poisson_deviance(count, minutes * RATE["stl"])
    assert figure(evals, "stl", "rates_v1", "poisson_deviance") == pytest.approx(ours)
    plain = walk_forward(lake.read("gold.rates_training_base", [2024]), lake, "rates_v1", recipe="plain").select(*KEY, "stl_per_min_mean")
    rate = rows.join(plain, on=KEY, how="left", maintain_order="left")["stl_per_min_mean"].to_numpy()
    theirs = m.poisson_deviance(count, minutes * rate)
    assert figure(evals, "stl", "rates_v1:plain", "poisson_deviance") == pytest.approx(theirs)
    (ratio,) = evals.filter(target="stl", segment="all", metric="poisson_deviance_over_rates_v1:plain").iter_rows(named=True)
    assert ratio["value"] == pytest.approx(ours / theirs)
    assert ratio["value_low"] < ratio["value"] < ratio["value_high"]
    assert evals.filter(model="rates_v1", target="stl", segment="all")["rows"].unique().to_list() == [rows.height]


def test_the_mean_of_nine_is_a_mean_of_ratios(evals):
    for metric in ("poisson_deviance", "poisson_deviance_over_rates_v1:plain"):
        single = [figure(evals, t, "rates_v1", metric) for t in RATE_TARGETS]
        assert figure(evals, MEAN_TARGET, "rates_v1", metric) == pytest.approx(np.mean(single))
    (mean,) = evals.filter(target=MEAN_TARGET, segment="all", metric="poisson_deviance_over_decayed_prior").iter_rows(named=True)
    assert mean["value_low"] < mean["value"] < mean["value_high"] < 1  # predictions hold the true rates, that baseline 1.1 times them


def test_differences_have_the_sign_of_better_is_negative(evals):
    (row,) = evals.filter(target="minutes", segment="all", metric="mae_minus_decayed_mean").iter_rows(named=True)
    assert row["value"] == pytest.approx(figure(evals, "minutes", "minutes_v1", "mae") - figure(evals, "minutes", "decayed_mean", "mae"))
    assert row["value_low"] < row["value"] < row["value_high"] < 0


def test_minutes_made_without_the_five_are_judged_on_the_same_rows(scored, lake):
    blind = lake.read("gold.player_form", [2024], KEY).with_columns(minutes_mean=pl.lit(20.0))
    with_blind = player_evals(scored_season(lake, 2024, blind))
    rows = with_blind.filter(target="minutes", segment="starters_known")
    assert rows["rows"].n_unique() == 1
    played = scored.filter((pl.col("played") == 1) & pl.col("minutes_mean").is_not_null() & pl.col("is_starter").is_not_null())
    found = figure(with_blind, "minutes", "minutes_v1:starters_hidden", "mae", "starters_known")
    assert found == pytest.approx((played["minutes"] - 20).abs().mean())
    # a predictor that lacks rows takes them from all, and they are counted
    half = player_evals(scored_season(lake, 2024, blind.head(blind.height // 2))).filter(target="minutes", segment="all")
    assert half.select(pl.col("rows", "rows_missing").n_unique()).row(0) == (1, 1)
    whole = with_blind.filter(target="minutes", segment="all")
    assert half["rows"][0] < whole["rows"][0]
    assert half["rows"][0] + half["rows_missing"][0] == whole["rows"][0] + whole["rows_missing"][0]


def test_every_segment_is_described(scored):
    assert {name for name in segments(scored) if not name.startswith("month_")} <= set(DESCRIPTIONS)


def test_the_same_rows_give_the_same_figures(scored, evals):
    assert player_evals(scored).equals(evals)


# --- evals.calibration --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("true_slope", [0.8, 1.0, 1.25])
def test_calibration_slope_is_found(true_slope):
    rng = np.random.default_rng(5)
    expected = rng.uniform(0.2, 8, 20_000)
    mean = np.exp(0.1 + true_slope * np.log(expected))
    games = np.repeat(np.arange(1000), 20)
    slope, error = calibration_slope(rng.poisson(mean).astype(float), expected, games)
    x = np.log(expected) - np.average(np.log(expected), weights=mean)
    assert error == pytest.approx(1 / np.sqrt(np.sum(mean * x**2)), rel=0.15)  # independent Poisson rows: the information's error
    assert abs(slope - true_slope) < 4 * error < 0.05


def test_calibration_slope_knows_that_rows_of_a_game_vary_together():
    rng = np.random.default_rng(6)
    expected = rng.uniform(0.2, 8, 20_000)
    games = np.repeat(np.arange(1000), 20)
    pull = np.repeat(rng.normal(0, 0.3, 1000), 20)  # a game in which all predictions are spread too wide or too narrow
    counts = rng.poisson(np.exp(np.log(expected) * (1 + pull))).astype(float)
    alone = calibration_slope(counts, expected, np.arange(20_000))[1]
    together = calibration_slope(counts, expected, games)[1]
    assert together > 1.3 * alone


def test_the_slope_of_the_rate_is_told_from_what_minutes_do():
    rng = np.random.default_rng(7)
    rate, minutes, games = rng.uniform(0.02, 0.3, 40_000), rng.uniform(2, 38, 40_000), np.repeat(np.arange(2000), 20)
    counts = rng.poisson(rate * minutes**0.8).astype(float)  # fewer per minute the longer he plays, but the rate is true
    together = calibration_slope(counts, rate * minutes, games)[0]
    alone, error = calibration_slope(counts, rate * minutes, games, minutes)
    assert together < 0.95
    assert abs(alone - 1) < 4 * error < 0.05


def test_calibration_slope_without_anything_to_find():
    assert np.isnan(calibration_slope(np.zeros(50), np.linspace(1, 2, 50), np.arange(50))).all()
    assert np.isnan(calibration_slope(np.ones(50), np.ones(50), np.arange(50))).all()
    assert np.isnan(calibration_slope(np.ones(50), np.linspace(1, 2, 50), np.arange(50), np.ones(50))).all()


def test_slopes_of_true_rates_are_one(calibration):
    rows = calibration.filter(kind="slope", predictor="rates_v1", segment="all")
    assert sorted(rows["target"]) == sorted(RATE_TARGETS)
    off = (rows["slope"] - 1).abs() / rows["slope_se"]
    assert off.max() < 4
    assert rows["slope_se"].max() < 0.15


def test_reliability_bins_hold_every_row(calibration, evals, scored):
    for predictor in ("minutes_v1", "play_prob_prior"):
        for segment in ("all", "starter", "teammate_out"):
            bins = calibration.filter(kind="reliability", predictor=predictor, segment=segment)
            rows = evals.filter(target="play_prob", segment=segment)["rows"][0]
            assert bins["rows"].sum() == rows
    bins = {r["bin"]: r for r in calibration.filter(kind="reliability", predictor="minutes_v1", segment="all").iter_rows(named=True)}
    assert set(bins) == {"0", "0.80-0.90"}
    listed = scored.filter((pl.col("availability_source") == "active_list") & (pl.col("play_prob") == 0.8))
    assert bins["0.80-0.90"]["actual"] == pytest.approx(listed["played"].mean())
    assert bins["0.80-0.90"]["predicted"] == pytest.approx(0.8)
    assert (bins["0"]["actual"], bins["0"]["predicted"]) == (0, 0)


def test_band_shares(calibration, evals, scored):
    band = {r["bin"]: r for r in calibration.filter(kind="band", segment="all").iter_rows(named=True)}
    assert band["inside"]["actual"] == pytest.approx(figure(evals, "minutes", "minutes_v1", "coverage_80"))
    played = scored.filter((pl.col("played") == 1) & pl.col("minutes_mean").is_not_null())
    assert band["below_p10"]["actual"] == pytest.approx((played["minutes"] < played["minutes_p10"]).mean())
    assert band["below_p90"]["actual"] == pytest.approx((played["minutes"] < played["minutes_p90"]).mean())
    assert [band[name]["predicted"] for name in ("inside", "below_p10", "below_p50", "below_p90")] == [0.8, 0.1, 0.5, 0.9]


def test_deciles_hold_every_row_in_order(calibration, evals):
    for target, predictor in (("pts", "player_box"), ("ast", "rates_v1"), ("minutes", "minutes_v1")):
        deciles = calibration.filter(kind="decile", target=target, predictor=predictor).sort("bin")
        assert deciles.height == 10
        model = deciles["model"][0]
        assert deciles["rows"].sum() == evals.filter(model=model, target=target, segment="all")["rows"][0]
        assert deciles["predicted"].is_sorted()
        assert (deciles["bin_high"].head(9) <= deciles["bin_low"].tail(9)).all()


# --- goals and the report -------------------------------------------------------------------------------------------------------


def eval_row(target: str, value: float, **other: Any) -> dict[str, Any]:
    row = {"season": 2024, "model": "player_box", "target": target, "segment": "all", "predictor": "player_box", "metric": "mae"}
    return {**row, "value": value, "rows": 1000, "rows_missing": 0, **other}


def judged(*rows: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    found = goals.judge(pl.DataFrame(list(rows), schema=TABLES["evals.player"].schema, orient="row"), TABLES["evals.calibration"].empty())
    return {(row["target"], row["metric"]): row for row in found.iter_rows(named=True)}


def test_goals_are_judged_by_the_figures():
    assert judged(eval_row("pts", 4.29))["pts", "mae"]["reached"] == "stretch"
    assert judged(eval_row("pts", 4.33))["pts", "mae"]["reached"] == "yes"
    assert judged(eval_row("pts", 4.35))["pts", "mae"]["reached"] == "no"
    assert judged(eval_row("pts", 4.33, rows_missing=9))["pts", "mae"]["reached"] == "yes"
    assert judged(eval_row("pts", 4.33, rows_missing=20))["pts", "mae"]["reached"] == "yes, of part of the rows"
    listed = eval_row("dk_points", 7.0, segment="active_list", rows=400)
    row = judged(eval_row("dk_points", 7.185), listed)["dk_points", "mae"]
    assert row["allowed"] == pytest.approx(0.05 * 0.4)
    assert row["reached"] == "with allowance"
    assert judged(eval_row("dk_points", 7.192), listed)["dk_points", "mae"]["reached"] == "no"
    band = {"model": "minutes_v1", "predictor": "minutes_v1", "metric": "coverage_80"}
    for value, reached in ((0.78, "no"), (0.8, "yes"), (0.82, "no")):
        assert judged(eval_row("minutes", value, **band))["minutes", "coverage_80"]["reached"] == reached
    peer = {"season": 2023, "segment": "linestar", "metric": "mae_minus_peer", "value_low": -0.2}
    assert judged(eval_row("dk_points", -0.1, value_high=-0.01, **peer))["dk_points", "mae_minus_peer"]["reached"] == "yes"
    assert judged(eval_row("dk_points", -0.1, value_high=0.01, **peer))["dk_points", "mae_minus_peer"]["reached"] == "no"


def test_goals_are_those_of_2024_and_of_peers():
    assert {goal.season for goal in goals.GOALS if goal.section != "peers"} == {2024}
    assert len(set(goals.GOALS)) == len(goals.GOALS)


@pytest.fixture(scope="module")
def shown(evals, calibration, lake) -> Evals:
    others = (TABLES[f"evals.{name}"].empty() for name in ("ablation", "team", "consistency"))
    return Evals(evals, calibration, *others, missing_predictions(lake, 2024))


def test_the_page_shows_figures_with_rows_goals_and_what_is_missing(shown, evals, calibration):
    page = accuracy_page(shown)
    assert page.startswith("# Accuracy\n")
    assert page.endswith("|\n")
    assert "rates evaluate --seasons 2024 --output" in page
    assert f"{figure(evals, 'minutes', 'minutes_v1', 'mae'):.3f} / {figure(evals, 'minutes', 'minutes_v1', 'rmse'):.3f}" in page
    assert f"{figure(evals, MEAN_TARGET, 'rates_v1', 'poisson_deviance'):.4f}" in page
    assert f"{figure(evals, 'play_prob', 'minutes_v1', 'brier'):.4f}" in page
    assert "| to reach | 4.280 / 5.580 |" in page
    (day,) = shown.missing.filter(pl.col("whole_game"))["game_date"].unique()
    (single,) = shown.missing.filter(~pl.col("whole_game"))["player_name"]
    prose = " ".join(page.split())
    assert f"{shown.missing.height} player-games were played without a prediction. 4 whole games" in prose
    assert f"on 1 days: {day}" in prose
    assert single in prose
    slope = calibration.filter(kind="slope", predictor="rates_v1", segment="all", target="ast")
    assert f"{slope['slope'].item():.3f} ({slope['slope_se'].item():.3f})" in page
    tables = [block for block in page.split("\n\n") if block.startswith("|")]
    assert len(tables) > 10
    assert all(len({line.count("|") for line in block.splitlines()}) == 1 for block in tables)
    assert all(len(line) <= 120 for line in page.splitlines() if not line.startswith("|"))


def test_days_that_follow_each_other_are_named_as_a_range(shown):
    days = [date(2024, 11, 5), date(2024, 11, 6), date(2024, 11, 7), date(2024, 11, 20)]
    names = ("season", "game_date", "game_id", "player_id", "player_name", "whole_game")
    gone = pl.DataFrame([(2024, day, f"g{day}", "p", "Name", True) for day in days], schema=names, orient="row")
    page = " ".join(accuracy_page(shown._replace(missing=gone.with_columns(pl.col("season").cast(pl.Int64)))).split())
    assert "4 whole games (4 of these rows) on 4 days: 2024-11-05 to 2024-11-07, 2024-11-20." in page


def test_the_terminal_shows_less(shown):
    summary, page = accuracy_summary(shown), accuracy_page(shown)
    assert len(summary) < len(page) / 2
    assert summary.startswith("2024-25, walk-forward: Missing: ")
    assert accuracy_summary(Evals(*(frame.clear() for frame in shown))) == ""


# --- ablation -------------------------------------------------------------------------------------------------------------------

GROUPS = {"lines": ["total_close", "spread_close"], "dvp": ["opp_def_rating"], "unused": ["no_such_column"]}


def bundle(drop: tuple[str, ...] = ()) -> Any:
    columns = {"total_close", "spread_close", "opp_def_rating"}.difference(*(GROUPS[name] for name in drop))
    return SimpleNamespace(feature_cols=sorted(columns), run_id="run", window=date(2024, 10, 1))


def test_ablation_reports_what_each_group_is_worth():
    fitted: list[tuple[str, ...]] = []
    said: list[str] = []
    worth = {(): 1.0, ("lines",): 1.01, ("dvp",): 1.05}

    def fit(drop: tuple[str, ...]) -> Any:
        fitted.append(drop)
        return bundle(drop)

    subject = ab.Subject("rates_v1", ("ast",), "poisson_deviance", fit, lambda _: ({"ast": worth[fitted[-1]]}, 77))
    rows = list(ab.ablate(subject, GROUPS, said.append))
    assert fitted == [(), ("lines",), ("dvp",)]  # no fit without a group that the model does not read
    assert [(r["feature_group"], r["features_dropped"], r["rows"]) for r in rows] == [("lines", 2, 77), ("dvp", 1, 77)]
    assert [r["loss_pct"] for r in rows] == pytest.approx([1.0, 5.0])
    assert said == ["rates_v1 with all groups", "rates_v1 without lines, 1 of 2", "rates_v1 without dvp, 2 of 2"]


def test_ablation_stops_where_a_group_was_not_dropped():
    subject = ab.Subject("rates_v1", ("ast",), "poisson_deviance", lambda _: bundle(), lambda _: ({"ast": 1.0}, 77))
    with pytest.raises(RatesError, match="rates_v1 fitted without lines still reads spread_close, total_close"):
        list(ab.ablate(subject, GROUPS))


def test_ablation_of_a_season_fits_its_first_window_and_measures_the_season(lake, monkeypatch):
    asked: list[tuple[date, Mapping[str, Any]]] = []

    def train(_: pl.DataFrame, window: date, config: Any) -> Any:
        asked.append((window, config))
        return bundle(config.get("drop_groups", ()))

    def predict(rows: pl.DataFrame, _: Any) -> pl.DataFrame:
        assert rows["season"].unique().to_list() == [2024]
        worse = 1.5 if asked[-1][1].get("drop_groups") else 1.0  # without its group the fake model predicts half as much again
        return pl.DataFrame({f"{t}_per_min_mean": np.full(rows.height, worse * RATE[t]) for t in RATE_TARGETS})

    monkeypatch.setattr(ab, "train_offset", train)
    monkeypatch.setattr(ab, "predict_rates", predict)
    monkeypatch.setattr(ab, "config_from_dict", lambda _, values: values)
    meta = {"config": {"num_leaves": 24}, "feature_set": "all"}
    monkeypatch.setattr(ab, "bundle_of_day", lambda *_: SimpleNamespace(meta=meta))
    rows = check(ab.ablate_season(lake, 2024, {"lines": GROUPS["lines"]}, ["ast", "blk"]), "evals.ablation")
    assert [(window, dict(config)) for window, config in asked] == [
        (date(2024, 10, 1), {"num_leaves": 24}),
        (date(2024, 10, 1), {"num_leaves": 24, "drop_groups": ("lines",)}),
    ]
    assert rows["target"].to_list() == ["ast", "blk"]
    base = lake.read("gold.rates_training_base", [2024]).filter(pl.col("minutes_actual") >= MIN_MINUTES)
    minutes, count = base["minutes_actual"].to_numpy(), np.rint((base["minutes_actual"] * base["ast_per_min"]).to_numpy())
    whole, without = (m.poisson_deviance(count, minutes * x * RATE["ast"]) for x in (1.0, 1.5))
    (row,) = rows.filter(target="ast").iter_rows(named=True)
    assert (row["value"], row["value_without"]) == (pytest.approx(whole), pytest.approx(without))
    assert row["loss_pct"] == pytest.approx(100 * (without / whole - 1))
    assert row["rows"] == base.height


def test_ablation_refuses_what_it_does_not_know(lake):
    with pytest.raises(RatesError, match="no target points to fit without a group: choose from minutes, fga2"):
        ab.ablate_season(lake, 2024, GROUPS, ["points"])


def ablated(group: str, target: str, run_id: str, loss: float) -> dict[str, Any]:
    model = "minutes_v1" if target == "minutes" else "rates_v1"
    row = {
        "season": 2024,
        "model": model,
        "target": target,
        "feature_group": group,
        "metric": "x",
        "value": 1.0,
        "value_without": 1 + loss / 100,
    }
    return row | {"loss_pct": loss, "features_dropped": 2, "rows": 1234, "window": date(2024, 10, 1), "model_run_id": run_id}


def ablation_rows(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=TABLES["evals.ablation"].schema, orient="row")


def test_a_part_of_an_ablation_keeps_what_was_compared_with_the_same_run():
    old = ablation_rows(ablated("dvp", "ast", "a", 1), ablated("lines", "ast", "a", 2), ablated("dvp", "minutes", "m", 3))
    again = ab.merged(old, ablation_rows(ablated("dvp", "ast", "a", 9)))
    assert sorted(again["loss_pct"]) == [2, 3, 9]
    other_run = ab.merged(old, ablation_rows(ablated("dvp", "ast", "b", 9)))
    assert sorted(other_run["loss_pct"]) == [3, 9]
    assert check(other_run, "evals.ablation").height == 2


def test_the_ablation_is_a_table_of_groups_by_targets():
    table = ablation_table(ablation_rows(ablated("dvp", "ast", "a", 1.234), ablated("lines", "blk", "a", 2)))
    assert "| dvp | +1.23 |  | 2 |" in table
    assert "| rows | 1,234 | 1,234 |  |" in table
    assert ablation_table(ablation_rows()) == ""
