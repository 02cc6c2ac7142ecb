"""Peers' forecasts of 2023-24 from the landing zone to silver: every name is found, and what is compared is what both speak of."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from rates_lib.core.fantasy import SITES, fantasy_points
from rates_lib.evaluation.peers import compare_peers, consensus_lines
from rates_lib.lake import Lake
from rates_lib.sources.files import read_folder_with_report
from tests.real.conftest import DATA, REAL

SEASON = 2023

pytestmark = REAL


def test_what_is_left_out_at_landing_is_play_in_playoffs_and_the_cup_final() -> None:
    report = read_folder_with_report(DATA, [SEASON])[1]
    assert report.filter(dataset="peer_forecast").rows() == [("peer_forecast", SEASON, "not a regular-season day", 2100 + 3448)]


def joined(whole: Lake) -> pl.DataFrame:
    """linestar's rows of players who played, with their points without DraftKings' bonuses (`plain`) and with them (`paid`): 1.5 for a
    double-double, 3 more for a triple-double.
    """
    key = ["game_id", "player_id"]
    box = whole.read("silver.player_game", [SEASON]).filter(pl.col("min") > 0)
    plain = fantasy_points(pl.col, SITES["dk"])
    doubles = pl.sum_horizontal(pl.col("pts", "reb", "ast", "stl", "blk") >= 10)
    paid = plain + 1.5 * (doubles >= 2) + 3.0 * (doubles >= 3)
    points = box.select(*key, plain=plain, paid=paid, pts="pts", reb="reb", ast="ast")
    return whole.read("silver.peer_forecast", [SEASON]).filter(source="linestar").join(points, on=key)


def test_every_name_and_game_is_found(whole: Lake) -> None:
    assert whole.read("silver.peer_forecast_quarantine", [SEASON]).is_empty()
    counts = whole.read("silver.peer_forecast", [SEASON]).group_by("source", "name_match").len()
    assert sorted(counts.rows()) == [
        ("linestar", "alias", 50),
        ("linestar", "exact", 23082),
        ("linestar", "normalised", 197),
        ("props", "alias", 486),
        ("props", "exact", 23377),
        ("props", "normalised", 1018),
    ]


def test_only_rows_that_the_source_repeats_are_refused(whole: Lake) -> None:
    refused = whole.read("bronze.peer_forecast_quarantine", [SEASON])
    assert refused["reason"].value_counts().rows() == [("duplicate key", 823)]
    assert refused["row_key"].str.json_path_match("$.source").unique().to_list() == ["props"]
    bronze = whole.read("bronze.peer_forecast", [SEASON])
    assert bronze.height + refused.height == 25429 + 29592 - 2100 - 3448


def test_the_alias_list_names_players_as_the_league_does(whole: Lake) -> None:
    aliases = pl.read_csv(Path(__file__).parents[2] / "sql" / "seeds" / "player_aliases.csv", infer_schema=False)
    seasons = [SEASON, SEASON + 1]
    names = whole.read("silver.player_game", seasons, ["player_id", "player_name"]).unique()
    assert aliases.join(names, on=["player_id", "player_name"], how="anti").is_empty()
    used = whole.read("silver.peer_forecast", seasons).filter(name_match="alias")
    assert set(used["player_id"]) == set(aliases["player_id"])
    assert whole.read("silver.peer_forecast_quarantine", seasons).is_empty()


def test_what_is_compared(whole: Lake) -> None:
    rows = joined(whole)
    assert rows.height == 20667
    assert rows.filter(pl.col("forecast") > 0).height == 20663
    said = rows.drop_nulls("scored")
    assert said.height == 20608
    agree = said.select(plain=(pl.col("scored") == pl.col("plain")).mean(), paid=(pl.col("scored") == pl.col("paid")).mean()).row(0)
    assert agree == pytest.approx((0.8998, 0.9920), abs=5e-4)  # linestar counts bonuses; the rest are later corrections of the box score
    lines = consensus_lines(whole.read("silver.peer_forecast", [SEASON]))
    assert (lines.height, lines["game_id"].n_unique(), lines["books"].max()) == (4614, 302, 10)
    box = (
        whole.read("silver.player_game", [SEASON]).filter(pl.col("min") > 0).with_columns(pra=pl.col("pts") + pl.col("reb") + pl.col("ast"))
    )
    met = lines.join(box, on=["game_id", "player_id"])
    assert met.height == 4579
    assert met.select((pl.col("forecast") - pl.col("pra")).mean()).item() == pytest.approx(0, abs=0.1)  # the right night: no bias
    assert met.select((pl.col("forecast") - pl.col("pra")).abs().mean()).item() == pytest.approx(6.13, abs=0.02)


def test_linestar_beside_itself_is_no_difference(whole: Lake) -> None:
    key = ["season", "game_id", "player_id"]
    rows = joined(whole).select(*key, "pts", "reb", "ast", dk_points="plain", dk_points_hat="forecast")
    own = rows.with_columns(
        pts_hat=pl.col("pts").cast(pl.Float64), reb_hat=pl.col("reb").cast(pl.Float64), ast_hat=pl.col("ast").cast(pl.Float64)
    )
    found = compare_peers(whole, own).filter(predictor="player_box", segment="linestar", target="dk_points")
    assert found.filter(metric="mae_minus_peer").select("value", "value_low", "value_high", "rows").rows() == [(0, 0, 0, 20663)]
    assert found.filter(metric="mae")["value"].item() == pytest.approx(7.4476, abs=1e-4)
    books = compare_peers(whole, own).filter(predictor="player_box", segment="books", metric="mae_minus_peer")
    assert books["value_high"].item() < -5  # the outcome itself beats any line
