"""Impact estimates beside the true impacts of a league with planted ones, and beside the games that follow."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from rates_lib.evaluation.impact import impact_season
from rates_lib.evaluation.reports.impact import impact_page
from rates_lib.features.impact.estimates import player_impact_season
from rates_lib.lake import Lake
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check
from tests.frames.stints import ROSTER, TEAMS, league, true_impacts


def test_ratings_are_measured_on_the_truth_and_on_the_games_that_follow(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    games = league((2020, 2021), rounds=40, possessions=8.0)
    ids = games.game.select("game_id", "season")
    teams = games.team_game.join(ids, on="game_id")
    for season in (2020, 2021):
        own = {
            "silver.game": games.game,
            "silver.player_game": games.player_game,
            "silver.team_game": teams,
            "silver.lineup_stint": games.stint,
        }
        for table, frame in own.items():
            lake.write(table, frame.filter(pl.col("season") == season), season)
        for table in ("bronze.player_bio", "bronze.impact_rating"):
            lake.write(table, TABLES[table].empty(), season)
        lake.write("gold.player_impact", player_impact_season(lake, season), season)
    truth = pl.DataFrame(
        {
            "season": 2021,
            "player_id": [f"p{n:02d}" for n in range(TEAMS * ROSTER)],
            "impact_off_per_100": true_impacts()[:, 0],
            "impact_def_per_100": true_impacts()[:, 1],
        }
    )
    rows = impact_season(lake, 2021, truth)
    check(rows, "evals.impact")
    by_metric = {m: dict(zip(f["predictor"], f["value"], strict=True)) for (m,), f in rows.filter(
        pl.col("target").is_in(["total", "margin"])).group_by("metric")}  # fmt: skip
    assert by_metric["correlation_truth"]["stints"] > 0.6
    assert by_metric["margin_r"]["impact"] > by_metric["margin_r"]["plus_minus_before"] > 0
    assert by_metric["margin_mae"]["impact"] < by_metric["margin_mae"]["plus_minus_before"]
    assert rows.filter(metric="margin_r")["rows"].unique().to_list() == [40 * TEAMS // 2]  # all on the same games
    reductions = rows.filter(metric="left_out_rmse_reduction")
    assert reductions["value"].max() > 0
    page = impact_page(rows)
    assert "| 2021-22 | gold.player_impact of 12 October |" in page
    assert page.endswith("|\n")
