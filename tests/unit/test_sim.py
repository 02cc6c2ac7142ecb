from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from rates_lib.errors import RatesError
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check
from rates_lib.sim.box import project_box
from rates_lib.sim.fallbacks import of_game
from rates_lib.sim.summary import STATS, summarise_games, summarise_players
from rates_lib.sim.worlds import BLOCK, MIN_PLAYERS, TEAM_SECONDS, generator, share_seconds, simulate, who_plays
from tests.unit.slate_frames import second_stage, slate

WORLDS = 1200


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    return slate(3)


def draw(frames: dict[str, pl.DataFrame], worlds: int = WORLDS, seed: int = 7) -> pl.DataFrame:
    return simulate(frames["minutes"], frames["rates"], frames["percentages"], worlds, seed)


@pytest.fixture(scope="module")
def worlds(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return draw(frames)


@pytest.fixture(scope="module")
def box(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return project_box(frames["minutes"], frames["rates"], frames["form"])


@pytest.fixture(scope="module")
def summary(worlds: pl.DataFrame, box: pl.DataFrame) -> pl.DataFrame:
    return summarise_players(worlds, box)


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
    found = words(frames, **changes)
    assert list(found.values()).count(word) == whom
    assert list(found.values()).count("") == 26 - whom
    assert "00103" in {player for player, said in found.items() if said == word}


def test_words_are_joined_and_no_lack_is_forgotten(frames):
    found = words(
        frames, total_close=pl.lit(None, pl.Float64), season_form_source=pl.when(ONE).then(pl.lit("none")).otherwise(pl.lit("season"))
    )
    assert found["00103"] == "no lines; new player"


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


# --- worlds -----------------------------------------------------------------------------------------------------------


def test_worlds_fit_their_table(worlds):
    assert check(worlds, "sims.worlds").equals(worlds)
    assert worlds.group_by("game_id").agg(pl.col("world").n_unique())["world"].to_list() == [WORLDS] * 3
    assert worlds["seconds"].min() >= 30
    assert worlds["seconds"].max() <= 48 * 60


def test_every_world_is_a_possible_box_score(worlds):
    counts = pl.col("seconds", "fg2m", "fga2", "fg3m", "fga3", "ftm", "fta", "oreb", "dreb", "ast", "stl", "blk", "tov", "pts")
    teams = worlds.group_by("game_id", "world", "team_id").agg(counts.sum(), pl.len().alias("players"))
    assert set(teams["seconds"]) == {TEAM_SECONDS}
    assert teams["players"].min() >= MIN_PLAYERS
    assert worlds.filter(
        (pl.col("fg2m") > pl.col("fga2"))
        | (pl.col("fg3m") > pl.col("fga3"))
        | (pl.col("ftm") > pl.col("fta"))
        | (pl.col("pts") != 2 * pl.col("fg2m") + 3 * pl.col("fg3m") + pl.col("ftm"))
        | (pl.min_horizontal(counts) < 0)
    ).is_empty()
    teams = teams.with_columns(
        (pl.col("fg2m") + pl.col("fg3m")).alias("fgm"),
        (pl.col("fga2") - pl.col("fg2m")).alias("missed2"),
        (pl.col("fga3") - pl.col("fg3m") + pl.col("fta") - pl.col("ftm")).alias("missed_else"),
    )
    both = teams.join(teams, on=["game_id", "world"], suffix="_opp").filter(pl.col("team_id") != pl.col("team_id_opp"))
    assert both.height == 2 * 3 * WORLDS
    broken = both.filter(
        (pl.col("ast") > pl.col("fgm"))
        | (pl.col("blk") > pl.col("missed2_opp"))
        | (pl.col("stl") > pl.col("tov_opp"))
        | (pl.col("oreb") + pl.col("dreb_opp") > pl.col("missed2") + pl.col("missed_else"))
    )
    assert broken.is_empty()
    own = worlds.join(teams, on=["game_id", "world", "team_id"], suffix="_team")
    assert own.filter(pl.col("ast") > pl.col("fgm") - pl.col("fg2m") - pl.col("fg3m")).is_empty()


def test_a_game_depends_on_itself_alone(frames, worlds):
    last = {k: v.filter(pl.col("game_id") == "0022400002") for k, v in frames.items()}
    assert draw(last).equals(worlds.filter(pl.col("game_id") == "0022400002"))
    shuffled = {k: v.sample(fraction=1, shuffle=True, seed=3) for k, v in frames.items()}
    assert draw(shuffled).equals(worlds)


@pytest.mark.parametrize("fewer", [1, BLOCK, BLOCK + 1])
def test_a_world_does_not_depend_on_how_many_there_are(frames, worlds, fewer):
    assert draw(frames, fewer).equals(worlds.filter(pl.col("world") < fewer))


def test_the_seed_matters(frames, worlds):
    assert not draw(frames, 10, seed=8).equals(worlds.filter(pl.col("world") < 10))
    assert generator(7, "0022400000", 0).random() != generator(7, "0022400000", 1).random()


def test_means_are_those_of_the_box(box, summary):
    wide = summary.pivot("stat", index=["game_id", "player_id"], values="mean").join(box, on=["game_id", "player_id"])
    for stat in ("pts", "reb", "ast", "fg3m", "stl", "blk", "tov", "dk_points"):
        assert wide[stat].sum() == pytest.approx(wide[f"{stat}_mean"].sum(), rel=0.02), stat
    assert wide["minutes"].sum() == pytest.approx(3 * 2 * 240)
    assert (wide["minutes"] - wide["minutes_reconciled"]).abs().max() < 1.5


def test_both_teams_share_a_pace(worlds):
    plays = (pl.col("fga2") + pl.col("fga3") + pl.col("tov")).sum().alias("plays")
    wide = worlds.group_by("game_id", "world", "team_id").agg(plays).sort("game_id", "world", "team_id")
    pairs = wide["plays"].to_numpy().reshape(3, WORLDS, 2)
    correlations = [np.corrcoef(game.T)[0, 1] for game in pairs]
    assert 0.15 < np.mean(correlations) < 0.55


def test_who_plays():
    rng = np.random.default_rng(0)
    probs = np.array([1.0] * 9 + [0.5, 0.1])
    share = who_plays(probs, rng.random((4000, 11))).mean(axis=0)
    np.testing.assert_allclose(share, probs, atol=0.03)
    doubtful = who_plays(np.full(11, 0.05), rng.random((100, 11)))
    assert (doubtful.sum(axis=1) >= MIN_PLAYERS).all()


def test_seconds_move_the_uncertain_and_keep_the_limits():
    p50 = np.array([36.0, 36, 36, 36, 20, 20, 20, 20])  # 16 minutes short
    half = np.array([1.0, 1, 1, 1, 8, 8, 8, 8])
    plays = np.ones((1, 8), dtype=bool)
    seconds = share_seconds(np.stack([p50 - half, p50, p50 + half]), np.zeros((1, 8)), plays)[0]
    assert seconds.sum() == TEAM_SECONDS
    assert (seconds[:4] < 36.2 * 60).all()
    assert (seconds[4:] > 23.5 * 60).all()
    five = share_seconds(np.stack([p50 - half, p50, p50 + half])[:, :5], np.zeros((1, 5)), plays[:, :5])[0]
    assert five.tolist() == [48 * 60] * 5


def test_a_team_of_four_is_an_error(frames):
    few = frames["minutes"].with_columns(
        pl.when((pl.col("team_id") == "003") & (pl.col("player_id") > "00303")).then(0.0).otherwise("play_prob").alias("play_prob")
    )
    with pytest.raises(RatesError, match=r"game 0022400001: .*'003': 4.*player_availability"):
        simulate(few, frames["rates"], frames["percentages"], 10)


def test_no_games_no_worlds(frames):
    none = {k: v.clear() for k, v in frames.items()}
    assert draw(none).equals(TABLES["sims.worlds"].empty())
    assert summarise_players(draw(none), frames["minutes"]).is_empty()
    assert summarise_games(draw(none), frames["games"], frames["minutes"]).is_empty()


# --- summaries --------------------------------------------------------------------------------------------------------


def by_hand(points: list[tuple[int, str, str, int]]) -> pl.DataFrame:
    """Worlds from (world, team, player, points made of free throws)."""
    spec = TABLES["sims.worlds"]
    zero = {c: 0 for c, t in spec.schema.items() if t == pl.Int64}
    rows = [
        zero | {"world": w, "team_id": t, "player_id": p, "pts": n, "ftm": n, "fta": n, "seconds": 600, "game_id": "0022400000"}
        for w, t, p, n in points
    ]
    return pl.DataFrame(rows, schema=spec.schema).with_columns(pl.lit(slate(1)["games"]["game_date"][0]).alias("game_date"))


def test_absent_worlds_count_as_zero(frames):
    worlds = by_hand([(0, "001", "00100", 10), (1, "001", "00100", 20), (2, "002", "00200", 1), (3, "002", "00200", 3)])
    found = summarise_players(worlds, frames["minutes"])
    assert found.height == 26 * len(STATS)
    row = found.row(by_predicate=_is({"player_id": "00100", "stat": "pts"}), named=True)
    assert (row["worlds"], row["mean"], row["sd"]) == (4, 7.5, pytest.approx(np.std([10, 20, 0, 0])))
    assert [row[f"p{q}"] for q in (5, 10, 25, 50, 75, 90, 95)] == [0, 0, 0, 0, 10, 20, 20]
    never = found.filter(pl.col("player_id") == "00112")
    assert never["mean"].to_list() == [0.0] * len(STATS)
    minutes = found.row(by_predicate=_is({"player_id": "00100", "stat": "minutes"}), named=True)
    assert minutes["mean"] == 5


def test_a_tie_is_half_a_win(frames, box):
    home = [(w, "001", "00100", 10) for w in range(4)]
    away = [(w, "002", "00200", n) for w, n in enumerate([8, 10, 10, 13])]
    row = summarise_games(by_hand(home + away), frames["games"], box).row(0, named=True)
    assert row["home_win_prob"] == 0.5
    assert (row["margin_mean"], row["margin_p10"], row["margin_p50"], row["margin_p90"]) == (-0.25, -3, 0, 2)
    assert (row["total_mean"], row["worlds"]) == (20.25, 4)


def test_summaries_agree_with_the_worlds(frames, worlds, summary, box):
    games = summarise_games(worlds, frames["games"], box)
    points = summary.filter(pl.col("stat") == "pts").group_by("game_id").agg(pl.col("mean").sum()).sort("game_id")
    np.testing.assert_allclose(games["total_mean"], points["mean"])
    assert games.height == 3
    assert summary.height == 3 * 26 * len(STATS)


def _is(values: dict[str, str]) -> pl.Expr:
    return pl.all_horizontal(pl.col(c) == v for c, v in values.items())
