"""team_v1 on made-up games: consistency, what the market's weight does, and that nothing of a game enters what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.evaluation import team as evals
from rates_lib.evaluation.reports.accuracy import Evals, accuracy_page
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle, load_bundle, save_bundle
from rates_lib.models.config import TeamConfig
from rates_lib.models.registry import choose_run
from rates_lib.models.ridge import Ridge, fit_ridge
from rates_lib.models.team import OF_GAME, OF_TEAM, READ_COLUMNS, TEAM_OUTPUTS, predict_team, train_team
from rates_lib.pipeline.walk_forward import walk_forward
from rates_lib.schemas import validate
from rates_lib.schemas.tables import TABLES

CONFIG = TeamConfig(residual_days=200, penalty=100.0)
WINDOW = date(2024, 2, 1)
SPEC = TABLES["gold.team_matchup_training"]


def games(n: int = 900, *, sharp: bool = True, seed: int = 2) -> pl.DataFrame:
    """Rows of gold.team_matchup_training: half of what decides is in lineup_impact; a sharp line knows all, another nothing of it."""
    rng = np.random.default_rng(seed)
    days = [date(2022, 10, 20) + timedelta(days=int(d)) for d in np.sort(rng.integers(0, 560, n))]
    sides = {side: {c: rng.normal(0, 1, n) for c in OF_TEAM} for side in ("home", "away")}
    for side in sides.values():
        side["games_played"] = np.floor(np.abs(side["games_played"]) * 30)
    kalman = rng.normal(2, 5, n)
    impact = 7 * (sides["home"]["lineup_impact"] - sides["away"]["lineup_impact"])
    pace = 3 * (sides["home"]["kalman_pace"] + sides["away"]["kalman_pace"])
    margin = np.rint(kalman + impact + rng.normal(0, 11, n))
    margin[margin == 0] = 1
    total = np.rint(222 + pace + rng.normal(0, 17, n))
    total += (total + margin) % 2
    frame = {
        "season": [day.year if day.month > 9 else day.year - 1 for day in days],
        "game_id": [f"00223{i:05}" for i in range(n)],
        "game_date": days,
        "home_team_id": [f"t{i % 7}" for i in range(n)],
        "away_team_id": [f"t{i % 7 + 7}" for i in range(n)],
        "home_pts": (total + margin) / 2, "away_pts": (total - margin) / 2, "home_margin": margin, "total_points": total,
        "home_win": margin > 0,
        "availability_source": ["active_list", "proxy"] * (n // 2),
        "minutes_source": ["walk_forward"] * n,
        **{c: np.zeros(n) if c == "neutral_flag" else np.full(n, 100.0 if c != "league_home_edge" else 2.0) for c in OF_GAME},
        "kalman_margin": kalman, "kalman_total": np.full(n, 222.0),
        "elo_home_win_prob": 1 / (1 + np.exp(-kalman / 7)),
        "spread_home": -(kalman + (impact if sharp else 0)), "total": 222 + pace,
        **{f"{side}_{c}": values for side, columns in sides.items() for c, values in columns.items()},
        **{f"diff_{c}": sides["home"][c] - sides["away"][c] for c in OF_TEAM},
    }  # fmt: skip
    return pl.DataFrame(frame).select(
        pl.col(c).cast(t) if c in frame else pl.lit(None, t).alias(c) for c, t in SPEC.schema.items()
    ).sort(SPEC.key)  # fmt: skip


ROWS = games()


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return train_team(ROWS, WINDOW, CONFIG)


def later(rows: pl.DataFrame = ROWS) -> pl.DataFrame:
    return rows.filter(pl.col("game_date") >= WINDOW)


def test_the_frame_is_as_the_table() -> None:
    validate.check(ROWS, SPEC.name)


def test_points_of_the_sides_are_consistent_with_margin_and_total(bundle: Bundle) -> None:
    made = predict_team(later(), bundle)
    assert tuple(made.columns) == TEAM_OUTPUTS
    assert made.null_count().sum_horizontal().item() == 0
    for prefix in ("", "with_market_"):
        home, away, total, margin = (made[f"{prefix}{c}_mean"] for c in ("home_pts", "away_pts", "total", "margin"))
        assert (home + away - total).abs().max() < 1e-9  # type: ignore[operator]
        assert (home - away - margin).abs().max() < 1e-9  # type: ignore[operator]
        for kind in ("margin", "total", "home_pts", "away_pts"):
            p10, p50, p90 = (made[f"{prefix}{kind}_p{q}"] for q in (10, 50, 90))
            assert (p10 < p50).all()
            assert (p50 < p90).all()
        chance = made[f"{prefix}home_win_prob"]
        assert chance.is_between(0, 1).all()
        assert pl.DataFrame({"m": margin, "p": chance}).sort("m")["p"].tail(20).min() > 0.6  # type: ignore[operator]


def test_bands_cover_what_they_say(bundle: Bundle) -> None:
    made, actual = predict_team(later(), bundle), later()
    for kind, label in (("margin", "home_margin"), ("total", "total_points"), ("home_pts", "home_pts")):
        assert actual[label].is_between(made[f"{kind}_p10"], made[f"{kind}_p90"]).mean() == pytest.approx(0.8, abs=0.12)


def test_it_learns_what_the_filter_does_not_know(bundle: Bundle) -> None:
    made = predict_team(later(), bundle)
    ours = (later()["home_margin"] - made["margin_mean"]).abs().mean()
    assert ours < 0.93 * (later()["home_margin"] - later()["kalman_margin"]).abs().mean()  # type: ignore[operator]


def test_a_sharp_line_is_not_moved(bundle: Bundle) -> None:
    made = predict_team(later(), bundle)
    assert bundle.meta["team"]["market_weight"]["margin"] < 0.15
    assert (made["with_market_margin_p50"] + later()["spread_home"]).abs().max() < 2  # type: ignore[operator]


def test_a_line_that_knows_less_is_moved_towards_ours() -> None:
    rows = games(sharp=False)
    weak = train_team(rows, WINDOW, CONFIG)
    made = predict_team(later(rows), weak)
    assert weak.meta["team"]["market_weight"]["margin"] > 0.5
    actual = later(rows)["home_margin"]
    assert (actual - made["with_market_margin_p50"]).abs().mean() < (actual + later(rows)["spread_home"]).abs().mean()  # type: ignore[operator]


def test_without_lines_both_variants_are_the_same(bundle: Bundle) -> None:
    bare = later().with_columns(pl.lit(None, pl.Float64).alias("total"))
    made = predict_team(bare, bundle)
    for name in TEAM_OUTPUTS[: len(TEAM_OUTPUTS) // 2]:
        assert made[f"with_market_{name}"].equals(made[name].alias(f"with_market_{name}"))
    assert made["margin_mean"].equals(predict_team(later(), bundle)["margin_mean"])


def test_the_window_and_what_follows_it_are_not_looked_at(bundle: Bundle) -> None:
    poison = pl.col("game_date") >= WINDOW
    spoilt = ROWS.with_columns(
        pl.when(poison).then(pl.lit(9999)).otherwise(pl.col(c)).cast(ROWS.schema[c]).alias(c)
        for c in ("home_pts", "away_pts", "home_margin", "total_points", "spread_home", "home_lineup_impact", "diff_lineup_impact")
    )
    assert json.dumps(train_team(spoilt, WINDOW, CONFIG).meta) == json.dumps(bundle.meta)


def test_errors_are_learnt_out_of_fold() -> None:
    """A column of pure noise per game, learnt by heart, must not make errors look small."""
    rows = games(400)
    free = replace(CONFIG, penalty=1e-6)  # so many columns and so few games: in sample the errors are far too small
    made = train_team(rows, WINDOW, free)
    before = rows.filter(pl.col("game_date") < WINDOW)
    inside = (before["home_margin"] - predict_team(before, made)["margin_mean"]).abs().mean()
    assert made.meta["metrics"]["margin"]["mae_oof"] > 1.2 * inside  # type: ignore[operator]
    width = (predict_team(before, made)["margin_p90"] - predict_team(before, made)["margin_p10"]).mean()
    assert width > 2 * 1.28 * 11  # type: ignore[operator]


def test_labels_are_not_read_by_a_prediction(bundle: Bundle) -> None:
    labels = ["home_pts", "away_pts", "home_margin", "total_points", "home_win"]
    assert predict_team(later().drop(labels), bundle).equals(predict_team(later(), bundle))
    assert set(READ_COLUMNS).isdisjoint(labels)


def test_a_game_alone_is_predicted_as_among_all_and_gaps_are_no_error(bundle: Bundle) -> None:
    whole = predict_team(later(), bundle)
    assert predict_team(later()[7:8], bundle).equals(whole[7:8])
    gaps = later().with_columns(pl.lit(None, pl.Float64).alias(c) for c in ("home_lineup_impact", "diff_lineup_impact", "home_travel_km"))
    assert predict_team(gaps, bundle).null_count().sum_horizontal().item() == 0
    assert predict_team(later()[:0], bundle).height == 0


def test_too_few_games_are_named() -> None:
    with pytest.raises(RatesError, match=r"2022-10 has .* needs 20: backfill an earlier season"):
        train_team(ROWS, date(2022, 10, 25), CONFIG)


def test_a_saved_run_predicts_the_same_bits_and_is_chosen(bundle: Bundle, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    save_bundle(lake, bundle)
    assert predict_team(later(), load_bundle(lake, "team_v1", bundle.run_id)).equals(predict_team(later(), bundle))
    assert choose_run(lake, "team_v1", WINDOW).run_id == bundle.run_id
    walked = walk_forward(ROWS, lake, "team_v1")
    assert walked.filter(pl.col("game_date") < WINDOW)["margin_mean"].is_null().all()
    assert walked.filter(pl.col("game_date") >= WINDOW)["model_run_id"].unique().to_list() == [bundle.run_id]


# --- the ridge ---------------------------------------------------------------------------------------------------------------


def test_ridge_solves_the_augmented_least_squares() -> None:
    rng = np.random.default_rng(1)
    x, y, w = rng.normal(3, 2, (80, 5)), rng.normal(1, 3, 80), rng.random(80) + 0.1
    ridge = fit_ridge(x, y, w, 7.0)
    mean = np.average(x, axis=0, weights=w)
    z = (x - mean) / np.sqrt(np.average((x - mean) ** 2, axis=0, weights=w))
    root = np.sqrt(w)[:, None]
    a = np.vstack([root * np.column_stack([np.ones(80), z]), np.column_stack([np.zeros(5), np.sqrt(7.0) * np.eye(5)])])
    want = np.linalg.lstsq(a, np.concatenate([root[:, 0] * y, np.zeros(5)]), rcond=None)[0]
    np.testing.assert_allclose(ridge.predict(x), np.column_stack([np.ones(80), z]) @ want, rtol=1e-9)
    again = Ridge.from_dict(json.loads(json.dumps(ridge.to_dict())))
    assert np.array_equal(again.predict(x), ridge.predict(x))


def test_ridge_takes_gaps_as_the_mean_and_ignores_what_does_not_vary() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(0, 1, (200, 3)), rng.normal(0, 1, 200)
    y += 2 * x[:, 0]
    x[:, 1] = 5.0
    x[::3, 0] = np.nan
    ridge = fit_ridge(x, y, np.ones(200), 1.0)
    assert ridge.weight[1] == 0
    assert ridge.weight[0] == pytest.approx(2, abs=0.3)
    z = np.nan_to_num((x - ridge.centre) / ridge.spread)
    a = np.vstack([np.column_stack([np.ones(200), z]), np.column_stack([np.zeros(3), np.eye(3)])])
    want = np.linalg.lstsq(a, np.concatenate([y, np.zeros(3)]), rcond=None)[0]
    np.testing.assert_allclose(ridge.predict(x), np.column_stack([np.ones(200), z]) @ want, rtol=1e-8)


# --- evaluation --------------------------------------------------------------------------------------------------------------


def test_a_season_is_measured_on_the_same_rows_and_written(bundle: Bundle, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    save_bundle(lake, bundle)
    for (season,), part in ROWS.partition_by("season", as_dict=True).items():
        lake.write(SPEC.name, part, int(str(season)))
    published = later().select("season", "game_id", "game_date", source=pl.lit("fivethirtyeight"), stat=pl.lit("home_win"),
                               forecast=pl.lit(0.6), published_utc=pl.lit(None), published_assumed=pl.lit(True))  # fmt: skip
    lake.write("silver.team_forecast", published.select(pl.col(c).cast(t) for c, t in TABLES["silver.team_forecast"].schema.items()), 2023)
    made = validate.check(evals.team_evals(lake, 2023), "evals.team")

    def value(target: str, predictor: str, metric: str, segment: str = "all") -> float:
        return float(made.filter(target=target, predictor=predictor, metric=metric, segment=segment)["value"].item())

    rows = later()
    want = (rows["home_margin"] + rows["spread_home"]).abs().mean()
    assert value("margin", "line", "mae") == pytest.approx(want)
    assert value("margin", "team_v1", "mae_over_line") == pytest.approx(value("margin", "team_v1", "mae") / want)
    assert value("margin", "team_v1", "mae_minus_line") == pytest.approx(value("margin", "team_v1", "mae") - want)
    won = rows["home_win"].cast(pl.Float64)
    assert value("home_win", "fivethirtyeight", "brier") == pytest.approx(((won - 0.6) ** 2).mean())
    counts = made.filter(target="margin", segment="all").filter(~pl.col("metric").is_in(["coverage_80", "width_80"]))
    assert counts["rows"].unique().to_list() == [rows.height]
    empty = {name: TABLES[f"evals.{name}"].empty() for name in ("player", "calibration", "ablation", "consistency")}
    page = accuracy_page(Evals(**empty, team=made, missing=pl.DataFrame(schema={"season": pl.Int64})))
    assert "### Teams" in page
    assert "mae_over_line" in page
    one = later().head(1)
    slate = walk_forward(one, lake, "team_v1").select("game_id", *TEAM_OUTPUTS, "model_run_id")
    stored = pl.concat([TABLES["predictions.team"].empty(), slate], how="diagonal_relaxed")
    lake.write("predictions.team", stored, one["game_date"].item().isoformat())
    assert evals.team_evals(lake, 2023).equals(made)
    with pytest.raises(RatesError, match="no team model serves season 2022"):
        evals.team_evals(lake, 2022)
