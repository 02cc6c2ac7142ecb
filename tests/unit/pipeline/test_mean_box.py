from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.pipeline.fallbacks import of_game
from rates_lib.pipeline.mean_box import project_box
from tests.frames.slate import second_stage

# --- box --------------------------------------------------------------------------------------------------------------


def test_a_box_by_hand(frames, box):
    key = {"game_id": "0022400000", "player_id": "00103"}
    row, rate = box.row(by_predicate=_is(key), named=True), frames["rates"].row(by_predicate=_is(key), named=True)
    minutes = row["minutes_reconciled"]
    assert row["fg3m_mean"] == pytest.approx(minutes * rate["fga3_per_min_mean"] * 0.36)
    two = minutes * rate["fga2_per_min_mean"] * 0.54
    assert row["pts_mean"] == pytest.approx(2 * two + 3 * row["fg3m_mean"] + minutes * rate["fta_per_min_mean"] * 0.78)
    assert row["tov_mean"] == pytest.approx(minutes * rate["tov_per_min_mean"])


def test_identities_among_means(box):
    assert (box["reb_mean"] == box["oreb_mean"] + box["dreb_mean"]).all()
    assert (box["fgm_mean"] >= box["fg3m_mean"]).all()
    points = 2 * (box["fgm_mean"] - box["fg3m_mean"]) + 3 * box["fg3m_mean"] + box["ftm_mean"]
    np.testing.assert_allclose(box["pts_mean"], points, rtol=1e-12)


def test_percentages_of_a_model_replace_the_shrunk_ones(frames, box):
    model = frames["percentages"].with_columns(pl.lit(0.6).alias("fg2_pct_mean"), pl.lit(0.0).alias("fg3_pct_mean"))
    other = project_box(frames["minutes"], frames["rates"], frames["form"], model)
    twos = box["fgm_mean"] - box["fg3m_mean"]
    np.testing.assert_allclose(other["pts_mean"], 2 * twos * 0.6 / 0.54 + box["ftm_mean"], rtol=1e-9)
    assert set(other["fg2_pct_mean"]) == {0.6}
    assert set(box["fg2_pct_mean"]) == {0.54}


def test_a_site_s_points_are_the_weighted_means(box):
    by_hand = 1.2 * box["reb_mean"] + 1.5 * box["ast_mean"] + 3 * (box["stl_mean"] + box["blk_mean"]) + box["pts_mean"] - box["tov_mean"]
    np.testing.assert_allclose(box["fd_points_mean"], by_hand, rtol=1e-12)


@pytest.mark.parametrize("factor", [1.0, 1.1, 0.8, 2.5])
def test_the_second_stage_moves_a_box_score_that_still_adds_up(frames, box, factor):
    assert set(box["pts_p50"]) == {None}
    assert box["fell_back_on"].str.contains("no second stage").all()
    second = second_stage(box, factor)
    moved = project_box(frames["minutes"], frames["rates"], frames["form"], second=second)
    assert not moved["fell_back_on"].str.contains("no second stage").any()
    by = min(factor, 2.0)  # no count is more than doubled
    for stat in ("pts", "fg3m", "fga", "fgm", "fta", "ftm"):
        np.testing.assert_allclose(moved[f"{stat}_mean"], by * box[f"{stat}_mean"], rtol=1e-6)
    for stat in ("reb", "oreb", "dreb", "ast", "stl", "blk", "tov"):
        np.testing.assert_allclose(moved[f"{stat}_mean"], box[f"{stat}_mean"], rtol=1e-12)
    twos = moved["fgm_mean"] - moved["fg3m_mean"]
    np.testing.assert_allclose(moved["pts_mean"], 2 * twos + 3 * moved["fg3m_mean"] + moved["ftm_mean"], rtol=1e-9)
    np.testing.assert_allclose(moved["reb_mean"], moved["oreb_mean"] + moved["dreb_mean"], rtol=1e-12)
    joined = moved.join(second, on=["game_id", "player_id"], suffix="_said")
    assert joined["pts_p50"].equals(joined["pts_p50_said"].alias("pts_p50"))


# --- what a projection fell back on -----------------------------------------------------------------------------------


def words(frames: dict[str, pl.DataFrame], **changes: pl.Expr) -> dict[str, str]:
    """fell_back_on by player of the first game, with columns of the minutes and form frames changed."""
    rates = frames["rates"].with_columns(model_fallback=pl.lit(False), model_window=pl.lit("2024-12-01"))
    minutes, form = (
        frames[name].with_columns(expr.alias(c) for c, expr in changes.items() if c in frames[name].columns or c == "new_team_flag")
        for name in ("minutes", "form")
    )
    second = second_stage(project_box(minutes, rates, form))
    rows = project_box(minutes, rates, form, second=second).filter(pl.col("game_id") == "0022400000")
    return dict(rows.select("player_id", "fell_back_on").iter_rows())


ONE = pl.col("player_id") == "00103"


@pytest.mark.parametrize(
    ("changes", "word", "whom"),
    [
        ({"total_close": pl.lit(None, pl.Float64)}, "no lines", 26),
        ({"is_starter": pl.when(pl.col("team_id") == "001").then(None).otherwise("is_starter")}, "no starters", 13),
        ({"availability_source": pl.lit("none")}, "no list", 26),
        ({"season_form_source": pl.when(ONE).then(pl.lit("none")).otherwise("season_form_source")}, "new player", 1),
        ({"new_team_flag": ONE.cast(pl.Int8)}, "new team", 1),
        ({"play_prob": pl.when(pl.col("player_id") > "00107", pl.col("team_id") == "001").then(0.0).otherwise("play_prob")},
         "few players: 8", 13),
        ({"model_fallback": pl.lit(True), "model_window": pl.lit("2024-10-01")}, "model of 2024-10", 26),
    ],
)  # fmt: skip
def test_what_lacks_has_a_word(frames, changes, word, whom):
    assert set(words(frames).values()) == {""}
    by_player = words(frames, **changes)
    assert list(by_player.values()).count(word) == whom
    assert list(by_player.values()).count("") == 26 - whom
    assert "00103" in {player for player, text in by_player.items() if text == word}


def test_words_are_joined_and_no_lack_is_forgotten(frames):
    by_player = words(
        frames, total_close=pl.lit(None, pl.Float64), season_form_source=pl.when(ONE).then(pl.lit("none")).otherwise(pl.lit("season"))
    )
    assert by_player["00103"] == "no lines; new player"


def test_a_game_s_words_name_teams_and_players():
    rows = pl.DataFrame(
        [("BOS", "A", 1.0, "no lines; no starters; new player"), ("BOS", "B", 1.0, "no lines; no starters"), ("BOS", "C", 0.0, "new team"),
         ("NYK", "D", 1.0, "no lines"), ("NYK", None, 0.5, "no lines; new player")],
        ["team_abbreviation", "player_name", "play_prob", "fell_back_on"], orient="row",
    ).with_columns(pl.lit("007").alias("player_id"))  # fmt: skip
    assert of_game(rows) == ["no lines", "no starters: BOS", "new player: A, 007"]
    assert of_game(rows.with_columns(fell_back_on=pl.lit(""))) == []
    assert of_game(rows.clear()) == []
    many = pl.concat([rows[:1].with_columns(player_name=pl.lit(f"P{i}")) for i in range(7)] + [rows[1:2]])
    assert of_game(many)[2] == "new player: P0, P1, P2, P3, P4, 2 more"


def test_the_stamp_names_both_models(frames, box):
    assert set(box["model_run_id"]) == {"minutes_v1-plain-all-2024-12-aaaa + rates_v1-plain-stage2-2024-11-bbbb"}
    assert set(box["model_window"]) == {"2024-11-01"}
    assert box["model_fallback"].all()
    assert box.height == frames["minutes"].height


@pytest.mark.parametrize(("frame", "table"), [("rates", "predictions.rates"), ("form", "percentages")])
def test_a_player_without_input_is_named(frames, frame, table):
    lacking = frames | {frame: frames[frame].filter(pl.col("player_id") != "00301")}
    with pytest.raises(RatesError, match=rf"no {table} for player 00301 of game 0022400001 \(1 rows"):
        project_box(lacking["minutes"], lacking["rates"], lacking["form"])


def _is(values: dict[str, str]) -> pl.Expr:
    return pl.all_horizontal(pl.col(c) == v for c, v in values.items())
