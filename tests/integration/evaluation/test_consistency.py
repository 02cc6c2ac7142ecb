"""Before and after players and teams agree: figures by hand, on a lake of two games."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from rates_lib.evaluation.consistency import consistency_evals
from rates_lib.evaluation.reports.consistency import consistency_section
from rates_lib.lake import Lake
from rates_lib.models.consistency import agree
from rates_lib.pipeline.mean_box import project_box
from rates_lib.schemas.tables import TABLES
from tests.frames.slate import DAY, made_up, slate

SEASON = 2024


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    """Two games that the home sides win 120-100; everybody likely to play plays 20 minutes and scores 10."""
    made = slate(2)
    box, team = agree(project_box(made["minutes"], made["rates"], made["form"]), made["minutes"], made["team"])
    line = {"min": 20, "pts": 10, "fg3m": 1, "reb": 4, "ast": 2, "stl": 1, "blk": 0, "tov": 1}
    counts = [pl.lit(count, pl.Int64).alias(name) for name, count in line.items()]
    played = made["minutes"].filter(pl.col("play_prob") >= 0.9).with_columns(pl.lit(20.0).alias("minutes"), *counts)
    score = [pl.lit(points, pl.Int64).alias(name) for name, points in (("home_pts", 120), ("away_pts", 100))]
    return {
        "predictions.minutes": made["minutes"],
        "predictions.player_box": box,
        "predictions.team": team,
        "silver.player_game": made_up(played.select(set(played.columns) & set(TABLES["silver.player_game"].columns)), "silver.player_game"),
        "silver.game": made_up(made["games"].with_columns(score), "silver.game"),
    }


@pytest.fixture(scope="module")
def lake(frames: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    for table, rows in frames.items():
        lake.write(table, rows, SEASON if table.startswith("silver") else DAY.isoformat())
    return lake


def value(rows: pl.DataFrame, target: str, predictor: str, metric: str) -> float:
    return rows.filter(target=target, predictor=predictor, metric=metric)["value"].item()


def test_figures_are_those_of_the_stored_predictions(lake: Lake, frames: dict[str, pl.DataFrame]) -> None:
    rows = consistency_evals(lake, SEASON)
    box, team = frames["predictions.player_box"], frames["predictions.team"]
    who = box.join(frames["silver.player_game"].select("game_id", "player_id"), on=["game_id", "player_id"])
    for predictor, column in (("raw", "pts_mean"), ("reconciled", "pts_reconciled")):
        assert value(rows, "pts", predictor, "mae") == pytest.approx((who[column] / who["play_prob"] - 10).abs().mean())
    assert value(rows, "minutes", "reconciled", "mae") == pytest.approx((who["minutes_reconciled"] / who["play_prob"] - 20).abs().mean())
    sums = box.group_by("team_id").agg(pl.col("pts_mean").sum()).sort("team_id")["pts_mean"].to_list()
    homes, aways = sums[::2], sums[1::2]
    assert value(rows, "team_points", "players", "mae") == pytest.approx(
        sum(abs(h - 120) for h in homes) / 4 + sum(abs(a - 100) for a in aways) / 4
    )
    assert value(rows, "margin", "players", "bias") == pytest.approx(sum(h - a for h, a in zip(homes, aways, strict=True)) / 2 - 20)
    assert value(rows, "margin", "team", "bias") == pytest.approx((7 + 5) / 2 - 20)
    assert value(rows, "total", "reconciled", "bias") == pytest.approx(team["total_reconciled"].mean() - 220)
    difference = value(rows, "pts", "reconciled", "mae_minus_raw")
    assert difference == pytest.approx(value(rows, "pts", "reconciled", "mae") - value(rows, "pts", "raw", "mae"))


def test_what_should_agree_does_afterwards(lake: Lake) -> None:
    rows = consistency_evals(lake, SEASON)
    assert value(rows, "points_gap", "raw", "largest_violation") > 1
    assert value(rows, "points_gap", "reconciled", "largest_violation") < 1e-4
    assert value(rows, "minutes_gap", "raw", "largest_violation") > 1
    assert value(rows, "minutes_gap", "reconciled", "largest_violation") < 1e-6
    page = "\n".join(consistency_section(rows))
    assert "| points_gap |" in page
    assert "| team_points | players |" in page


def test_without_team_predictions_there_is_nothing_to_say(frames: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for table, rows in frames.items():
        if table != "predictions.team":
            lake.write(table, rows, SEASON if table.startswith("silver") else DAY.isoformat())
    assert consistency_evals(lake, SEASON).equals(TABLES["evals.consistency"].empty())
    assert consistency_section(consistency_evals(lake, SEASON)) == []
