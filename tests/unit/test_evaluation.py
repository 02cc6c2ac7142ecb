from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from rates_lib.errors import MissingModelError, RatesError
from rates_lib.evaluation import metrics as m
from rates_lib.evaluation.baseline import LEAGUE_SHARE, MEAN_TARGET, evaluate_season
from rates_lib.evaluation.report import accuracy_markdown, accuracy_page
from rates_lib.lake import Lake
from rates_lib.models.bundle import save_bundle
from rates_lib.models.minutes import train_minutes
from rates_lib.models.rates import train_rates
from rates_lib.models.walk_forward import minutes_walk_forward, rates_walk_forward
from rates_lib.schemas.columns import COLUMNS, RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check
from tests.unit.model_frames import SMALL_MINUTES, SMALL_RATES, candidates, noise, training_base

WINDOW = date(2024, 8, 1)


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


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


def fill(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the columns of `table` it lacks, as nulls: only what the evaluation reads is filled."""
    spec = TABLES[table]
    missing = (pl.lit(None, dtype).alias(c) for c, dtype in spec.schema.items() if c not in frame.columns)
    return frame.with_columns(missing).select(spec.columns)


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Lake:
    """Two seasons; the models of one month stand between them and see the first alone."""
    lake = Lake(tmp_path_factory.mktemp("lake"))
    rows = {season: candidates(days=60, seed=season, season=season) for season in (2023, 2024)}
    base = {season: training_base(days=60, seed=season, season=season) for season in (2023, 2024)}
    save_bundle(lake, train_minutes(rows[2023], WINDOW, SMALL_MINUTES))
    for feature_set in ("stage0", "stage2"):
        save_bundle(lake, train_rates(base[2023], WINDOW, feature_set, SMALL_RATES))
    for season in (2023, 2024):
        outcome = rows[season].drop_nulls("minutes").select("season", "game_id", "game_date", "team_id", "player_id", "minutes")
        whole = pl.col("minutes").ceil().cast(pl.Int64)
        outcome = outcome.with_columns((pl.col("minutes") * 60).round().cast(pl.Int64).alias("seconds"), whole.alias("min"))
        lake.write("silver.player_game", fill("silver.player_game", noise(outcome, RATE_TARGETS, np.random.default_rng(1))), season)
        proxy = pl.when(pl.col("home_flag") == 1).then(pl.lit("proxy")).otherwise("availability_source").alias("availability_source")
        unknown = pl.when(pl.col("team_id") != "T3").then("is_starter").alias("is_starter")
        rookie = pl.when(pl.col("player_id") != "P100").then(pl.col("season_mpg", "last5_minutes_per_game"))
        form = fill("gold.player_form", rows[season].with_columns(proxy, unknown, rookie))
        lake.write("gold.player_form", form, season)
        tipoff = pl.lit(datetime(2024, 1, 1, 17, tzinfo=UTC)).cast(COLUMNS["tipoff_utc"].dtype)
        games = rows[season].select("season", "game_id", tipoff.alias("tipoff_utc")).unique()
        lake.write("gold.minutes_walk_forward", minutes_walk_forward(rows[season], games, lake), season)
        lake.write("gold.rates_training_base", base[season], season)
    return lake


@pytest.fixture(scope="module")
def evals(lake) -> pl.DataFrame:
    return check(evaluate_season(lake, 2024), "evals.player")


def value(evals: pl.DataFrame, target: str, predictor: str, metric: str, segment: str = "all") -> float:
    return evals.filter(target=target, predictor=predictor, metric=metric, segment=segment)["value"].item()


def test_every_predictor_of_a_segment_has_the_same_rows(evals, lake):
    counts = evals.group_by("model", "target", "segment").agg(pl.col("rows", "rows_missing").n_unique())
    assert counts.select(pl.col("rows", "rows_missing").max()).row(0) == (1, 1)
    played = lake.read("silver.player_game", [2024]).height
    assert evals.filter(target="minutes", segment="all")["rows"].unique().to_list() == [played]
    parts = evals.filter(target="minutes", predictor="minutes_v1", metric="mae").select("segment", "rows")
    rows = dict(parts.rows())
    assert rows["starter"] + rows["bench"] == rows["starters_known"] < rows["all"] == rows["active_list"] + rows["proxy"]


def test_figures_are_those_of_the_stored_predictions(evals, lake):
    keys = ["season", "game_id", "player_id"]
    joined = lake.read("silver.player_game", [2024]).join(lake.read("gold.minutes_walk_forward", [2024]), on=keys).sort(keys)
    error = (joined["minutes"] - joined["minutes_mean"]).abs().mean()
    assert value(evals, "minutes", "minutes_v1", "mae") == pytest.approx(error)
    inside = joined["minutes"].is_between(joined["minutes_p10"], joined["minutes_p90"]).mean()
    assert value(evals, "minutes", "minutes_v1", "coverage_80") == pytest.approx(inside)
    runs = evals.filter(target="minutes", predictor="minutes_v1")["model_run_id"]
    assert set(runs) == set(joined["model_run_id"])


def test_models_beat_the_baselines_where_there_is_signal(evals):
    assert value(evals, "minutes", "minutes_v1", "mae") < 0.8 * value(evals, "minutes", "last5", "mae")
    play = [value(evals, "play_prob", p, "brier", "active_list") for p in ("minutes_v1", "play_prob_prior")]
    assert play[0] < play[1]
    for predictor in ("rates_v1:plain", "rates_v1:plain:stage0", "rates_v1:plain:stage2"):
        deviance = value(evals, MEAN_TARGET, predictor, "poisson_deviance")
        assert deviance < value(evals, MEAN_TARGET, "season_to_date", "poisson_deviance")
        single = [value(evals, t, predictor, "poisson_deviance") for t in RATE_TARGETS]
        assert deviance == pytest.approx(np.mean(single))


def test_rates_figures_are_on_rows_of_a_minute(evals, lake):
    base = lake.read("gold.rates_training_base", [2024]).filter(pl.col("minutes_actual") >= 1)
    rows = evals.filter(pl.col("model") == "rates_v1")
    assert rows["rows"].unique().to_list() == [base.height]
    predicted = rates_walk_forward(base, lake, recipe="plain", feature_set="stage0")
    count = (base["minutes_actual"] * base["ast_per_min"]).round().to_numpy()
    expected = (base["minutes_actual"] * predicted["ast_per_min_mean"]).to_numpy()
    assert value(evals, "ast", "rates_v1:plain:stage0", "poisson_deviance") == pytest.approx(m.poisson_deviance(count, expected))
    before = lake.read("silver.player_game", [2023])
    league = before["stl"].sum() * 60 / before["seconds"].sum()
    blend = base["season_stl_per_min"] * (1 - LEAGUE_SHARE) + league * LEAGUE_SHARE
    count = (base["minutes_actual"] * base["stl_per_min"]).round().to_numpy()
    assert value(evals, "stl", "season_to_date", "poisson_deviance") == pytest.approx(
        m.poisson_deviance(count, (base["minutes_actual"] * blend).to_numpy())
    )


def test_a_season_without_any_rates_run_is_refused(lake):
    with pytest.raises(MissingModelError, match=r"serves season 2023: run `rates backfill --seasons 2023 --through models` first"):
        evaluate_season(lake, 2023)


def test_a_season_that_is_not_there_is_named(lake):
    with pytest.raises(RatesError, match=r"silver\.player_game has no season 2031: run `rates backfill --seasons 2031` first"):
        evaluate_season(lake, 2031)


def test_the_report_shows_every_figure_with_its_rows(evals):
    text = accuracy_markdown(evals)
    assert text.startswith("## 2024-25, walk-forward\n")
    assert f"{value(evals, 'minutes', 'minutes_v1', 'mae'):.3f}" in text
    assert f"{value(evals, MEAN_TARGET, 'rates_v1:plain', 'poisson_deviance'):.4f}" in text
    assert f"{evals['rows'].max():,}" in text
    widths = {block: {line.count("|") for line in block.splitlines()} for block in text.split("\n\n") if block.startswith("|")}
    assert all(len(w) == 1 for w in widths.values())
    assert accuracy_markdown(evals.clear()) == ""
    page = accuracy_page(evals)
    assert page.endswith(text)
    assert "rates evaluate --seasons 2024 --output" in page
    assert f"`{evals['model_run_id'].drop_nulls()[0].split(',')[0]}`" in page
