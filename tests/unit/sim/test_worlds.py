"""Worlds: what must hold in each, what they may depend on, and what their means are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.core.stats import SUMMARISED, WORLD_COUNTS
from rates_lib.models.consistency import agree
from rates_lib.models.reconcile import reconcile_minutes
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check
from rates_lib.sim import kernel, worlds
from rates_lib.sim.game import make_game
from rates_lib.sim.identities import impossible
from rates_lib.sim.parameters import Parameters, chances_of, factors, parameters_from_dict
from rates_lib.sim.summary import QUANTILES, lines_as_of, summaries, summarise_game, summarise_players, values_of
from rates_lib.sim.worlds import Drawn, Slot, draw_slate, draw_slot, game_key, short_handed, slots
from tests.frames.slate import AS_OF, DAY, slate

WORLDS = 1500
PARAMETERS = Parameters()


@pytest.fixture(scope="module")
def drawn(frames: dict[str, pl.DataFrame], box: pl.DataFrame) -> list[Drawn]:
    return list(draw_slate(slots(frames["minutes"], frames["rates"], box), PARAMETERS, WORLDS))


@pytest.fixture(scope="module")
def rows(drawn: list[Drawn]) -> pl.DataFrame:
    return pl.concat([game.rows() for game in drawn])


def draw(frames: dict[str, pl.DataFrame], box: pl.DataFrame, count: int = 200, seed: int = 7) -> pl.DataFrame:
    return pl.concat(game.rows() for game in draw_slate(slots(frames["minutes"], frames["rates"], box), PARAMETERS, count, seed))


# --- what must hold in every world ------------------------------------------------------------------------------------


def test_every_world_is_a_possible_box_score(rows):
    assert impossible(rows) == {}
    assert check(rows, "sims.worlds").equals(rows)
    assert rows.group_by("game_id").agg(pl.col("world").n_unique())["world"].to_list() == [WORLDS] * 3
    overtime = rows.group_by("game_id", "world", "team_id").agg(pl.col("seconds").cast(pl.Int64).sum() > 14400)["seconds"]
    assert 0.02 < overtime.mean() < 0.12


def test_a_planted_bug_is_seen(rows):
    few = rows.filter(pl.col("world") < 5)
    wrong = {
        "not five on the floor all the time": few.with_columns(pl.col("seconds") + (pl.col("player_id") == "00100").cast(pl.UInt16)),
        "an assist without a basket": few.with_columns(pl.lit(60, pl.UInt8).alias("ast")),
        "a steal without a turnover": few.with_columns(pl.lit(9, pl.UInt8).alias("stl")),
        "a tie": few.with_columns(pl.lit(4, pl.UInt8).alias("pts"), pl.lit(2, pl.UInt8).alias("fg2m")).filter(
            pl.int_range(pl.len()).over("game_id", "world", "team_id") < 8
        ),
    }
    for what, frame in wrong.items():
        assert what in impossible(frame)


def changed(frames: dict[str, pl.DataFrame], **columns: pl.Expr) -> dict[str, pl.DataFrame]:
    return frames | {"minutes": frames["minutes"].with_columns(**columns)}


SLATES = {
    "eight actives": {"play_prob": pl.when(pl.col("player_id").str.slice(3).cast(pl.Int64) < 8).then(1.0).otherwise(0.0)},
    "five actives": {"play_prob": pl.when(pl.col("player_id").str.slice(3).cast(pl.Int64) < 5).then(1.0).otherwise(0.0)},
    "zero expected minutes": {
        "minutes_reconciled": pl.when(pl.col("player_id").str.ends_with("11")).then(0.0).otherwise("minutes_reconciled"),
        "minutes_p50": pl.when(pl.col("player_id").str.ends_with("11")).then(0.0).otherwise("minutes_p50"),
    },
    "everybody doubtful": {"play_prob": pl.lit(0.05)},
    "certain minutes": {"minutes_p10": pl.col("minutes_p50"), "minutes_p90": pl.col("minutes_p50")},
    "wild minutes": {"minutes_p10": pl.lit(0.0), "minutes_p90": pl.lit(47.0)},
}


@pytest.mark.parametrize("name", SLATES)
def test_odd_slates_are_simulated(name):
    frames = changed(slate(2), **SLATES[name])
    found = draw(frames, frames["percentages"], 300)
    assert impossible(found) == {}
    players = found.group_by("game_id", "world", "team_id").len()["len"]
    able = int(frames["minutes"].group_by("team_id").agg((pl.col("play_prob") > 0).sum())["play_prob"].min())
    assert players.min() >= min(kernel.LEAST_PLAYERS, able)
    if name == "five actives":
        assert set(found.filter(pl.col("seconds") < 2880)["world"]) == set()


def test_a_player_who_does_nothing_gets_nothing():
    frames = slate(1)
    idle = pl.col("player_id") == "00103"
    frames["rates"] = frames["rates"].with_columns(
        pl.when(idle).then(0.0).otherwise(f"{t}_per_min_mean").alias(f"{t}_per_min_mean") for t in RATE_TARGETS
    )
    found = draw(frames, frames["percentages"], 300)
    assert impossible(found) == {}
    his = found.filter(idle)
    assert his["seconds"].mean() > 1200
    assert his.select(pl.sum_horizontal(pl.col(c) for c in WORLD_COUNTS if c not in ("pf", "pts"))).sum().item() == 0


def test_a_team_of_four_is_an_error(frames):
    few = changed(
        frames, play_prob=pl.when((pl.col("team_id") == "003") & (pl.col("player_id") > "00303")).then(0.0).otherwise("play_prob")
    )
    with pytest.raises(RatesError, match=r"game 0022400001: .*'003': 4.*player_availability"):
        draw(few, frames["percentages"], 10)
    assert short_handed(few["minutes"])["game_id"].to_list() == ["0022400001"]


def test_no_games_no_worlds(frames):
    none = {k: v.clear() for k, v in frames.items()}
    assert slots(none["minutes"], none["rates"], none["percentages"]) == []


# --- what a world depends on ------------------------------------------------------------------------------------------


def test_the_random_numbers_are_those_of_splitmix64():
    """First outputs of the reference implementation for seed 0 (Vigna, xoshiro.di.unimi.it/splitmix64.c)."""
    gamma = 0x9E3779B97F4A7C15
    found = [int(kernel.mix(np.uint64(gamma * i % 2**64))) for i in (1, 2, 3)]
    assert found == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_a_game_depends_on_itself_alone(frames, box, rows):
    last = {k: v.filter(pl.col("game_id") == "0022400002") for k, v in frames.items()}
    first = pl.col("world") < 200
    assert draw(last, box).equals(rows.filter((pl.col("game_id") == "0022400002") & first))
    shuffled = {k: v.sample(fraction=1, shuffle=True, seed=3) for k, v in frames.items()}
    assert draw(shuffled, box.sample(fraction=1, shuffle=True, seed=4)).equals(rows.filter(first))


@pytest.mark.parametrize(("threads", "chunk"), [(1, 2000), (2, 1), (2, 77), (3, 500), (4, 100)])
def test_worlds_do_not_depend_on_threads_or_chunks(monkeypatch, drawn, threads, chunk):
    monkeypatch.setattr(worlds, "CHUNK", chunk)
    again = draw_slot(drawn[0].slot, PARAMETERS, 300, threads=threads)
    assert np.array_equal(again.counts, drawn[0].counts[:, :, :300])
    assert np.array_equal(again.seconds, drawn[0].seconds[:, :300])


def test_worlds_can_be_continued(drawn):
    later = draw_slot(drawn[1].slot, PARAMETERS, 100, first_world=1000)
    assert np.array_equal(later.counts, drawn[1].counts[:, :, 1000:1100])
    assert later.rows()["world"].min() == 1000


def test_the_seed_and_the_game_matter(drawn):
    assert not np.array_equal(draw_slot(drawn[0].slot, PARAMETERS, 100, seed=8).counts, drawn[0].counts[:, :, :100])
    assert len({int(game_key(seed, game)) for seed in (7, 8) for game in ("0022400000", "0022400001")}) == 4


def test_a_scenario_leaves_the_other_draws_where_they_were(frames):
    """Common random numbers: with one rate changed a little, most of the game stays as it was."""
    rates = frames["rates"].with_columns(
        pl.when(pl.col("player_id") == "00100")
        .then(pl.col("ast_per_min_mean") * 1.02)
        .otherwise("ast_per_min_mean")
        .alias("ast_per_min_mean")
    )
    other = draw_slot(slots(frames["minutes"], rates, frames["percentages"])[0], PARAMETERS, 300)
    base = draw_slot(slots(frames["minutes"], frames["rates"], frames["percentages"])[0], PARAMETERS, 300)
    assert np.corrcoef(other.team_points()[0], base.team_points()[0])[0, 1] > 0.99


def without(frames: dict[str, pl.DataFrame], player: str) -> pl.DataFrame:
    """Minutes of the slate with a player (or nobody) out, made to sum to 240 a team."""
    him = pl.when(pl.col("player_id") == player).then(0.0).otherwise("play_prob")
    rows = frames["minutes"].with_columns(him.alias("play_prob")).drop("minutes_reconciled")
    return rows.with_columns(reconcile_minutes(rows).alias("minutes_reconciled"))


STEADY = replace(PARAMETERS, garbage=0.0, trouble=0.0, merit=0.0, blame=0.0)  # minutes hang on what is drawn before the game alone


@pytest.mark.parametrize("player", ["00100", "00107"])
@pytest.mark.parametrize("parameters", [PARAMETERS, STEADY], ids=["fitted", "steady"])
def test_without_a_player_the_others_draw_what_they_drew(frames, player, parameters):
    """The first and the eighth of a team: everybody after him moves up a place."""
    base, other = (
        draw_slot(slots(rows, frames["rates"], frames["percentages"])[0], parameters, 1000)
        for rows in (without(frames, "nobody"), without(frames, player))
    )
    gone = base.slot.player_ids.index(player)
    seconds = np.delete(base.seconds, gone, axis=0)
    assert [p for p in base.slot.player_ids if p != player] == other.slot.player_ids
    teams = other.slot.teams
    assert np.array_equal(seconds[teams == 1] > 0, other.seconds[teams == 1] > 0)
    enough = (seconds[teams == 0] > 0).sum(axis=0) >= kernel.LEAST_PLAYERS  # else one more has to play
    assert enough.mean() > 0.8
    assert np.array_equal((seconds > 0)[:, enough], (other.seconds > 0)[:, enough])
    together = [np.corrcoef(one, two)[0, 1] for one, two in zip(seconds[:, enough], other.seconds[:, enough], strict=True)]
    assert min(together) > (0.75 if parameters == PARAMETERS else 0.85)
    assert np.corrcoef(base.team_points()[1], other.team_points()[1])[0, 1] > 0.9
    if parameters == STEADY:
        of_second = [drawn.slot.teams == 1 for drawn in (base, other)]
        same = np.ones(1000, np.bool_)  # regulation, and nobody fouled out
        for drawn, second in zip((base, other), of_second, strict=True):
            same &= (drawn.seconds[second].sum(axis=0, dtype=np.int64) == 14400) & (drawn.count("pf")[second].max(axis=0) < 6)
        assert same.mean() > 0.4
        assert np.array_equal(base.seconds[of_second[0]][:, same], other.seconds[of_second[1]][:, same])


def test_early_fouls_cost_minutes(frames):
    fouls = {"00100": 3, "00201": 3}
    base, other = (
        draw_slot(slots(frames["minutes"], frames["rates"], frames["percentages"], f)[0], PARAMETERS, 2000) for f in (None, fouls)
    )
    assert impossible(other.rows()) == {}
    mean, was = other.seconds.mean(axis=1), base.seconds.mean(axis=1)
    for player in fouls:
        i = other.slot.player_ids.index(player)
        assert other.count("pf")[i].min() == 3
        assert base.count("pf")[i].min() == 0
        assert mean[i] < was[i] - 120
        assert np.array_equal(base.seconds[i] > 0, other.seconds[i] > 0)
    for t in (0, 1):  # of whom it is the others' gain
        mates = (other.slot.teams == t) & ~np.isin(other.slot.player_ids, list(fouls))
        assert mean[mates].sum() > was[mates].sum() + 120
    again = draw_slot(other.slot, PARAMETERS, 2000, threads=1)
    assert np.array_equal(again.counts, other.counts)


# --- means ------------------------------------------------------------------------------------------------------------


def test_means_are_those_of_the_box(frames, box):
    """The tolerance that docs/worlds.md states, with what sampling adds."""
    slot = slots(frames["minutes"], frames["rates"], box)[0]
    drawn = draw_slot(slot, PARAMETERS, 20_000)
    wanted = dict(box.filter(pl.col("game_id") == slot.game_id).select("player_id", pl.struct(pl.all())).iter_rows())
    for name, column in {"fg3m": "fg3m_mean", "pts": "pts_mean", "ast": "ast_mean", "dreb": "dreb_mean", "tov": "tov_mean"}.items():
        mean = drawn.count(name).mean(axis=1)
        target = np.array([wanted[player][column] for player in slot.player_ids])
        assert np.abs(mean - target).max() < 0.03 * target.max(), name
        assert mean.sum() == pytest.approx(target.sum(), rel=0.02), name
    minutes = drawn.seconds.mean(axis=1) / 60
    assert np.abs(minutes - slot.means.minutes).max() < 0.8


# about what the fits of real seasons find: routs, points and fouls decide on more of the fourth quarter than with the defaults
LIVELY = replace(PARAMETERS, garbage=1.5, merit=0.045, blame=0.14, trouble=0.65, ot_focus=3.0)


@pytest.mark.parametrize("parameters", [PARAMETERS, LIVELY], ids=["default", "lively"])
def test_means_agree_for_stars_and_for_the_bench(frames, box, parameters):
    """What takes minutes from the best players (routs, fouls, limits) is made up for: by band of expected minutes."""
    found = []
    for slot in slots(frames["minutes"], frames["rates"], box):
        drawn, means = draw_slot(slot, parameters, 20_000), slot.means
        minutes = drawn.seconds.mean(axis=1) / 60
        overtime = np.array([minutes[slot.teams == t].sum() / 240 for t in (0, 1)])[slot.teams]
        points = (means.rates[:, :3] * means.percentages) @ np.array([2.0, 3.0, 1.0]) * means.minutes
        values = np.stack([means.minutes, minutes / overtime, points, drawn.count("pts").mean(axis=1)], axis=1)
        found.append(np.column_stack([means.minutes / means.play_prob, values]))
    rows = np.concatenate(found)
    for least, most, off in ((34, 48, 0.003), (28, 34, 0.003), (20, 28, 0.004), (10, 20, 0.008)):
        expected, played, wanted, scored = rows[(rows[:, 0] >= least) & (rows[:, 0] < most), 1:].sum(axis=0)
        assert played == pytest.approx(expected, rel=off), least
        assert scored == pytest.approx(wanted, rel=off), least


def test_the_sample_spreads_every_number_evenly():
    keys = np.array([3, 4], np.uint64)
    bits, luck = np.zeros((256, kernel.SETUP_BITS * 2), np.uint64), np.zeros((256, 2), np.uint64)
    kernel.draw_sample(keys, 256, bits, luck)
    fields = [(bits[:, 0], 54), (bits[:, 1], 54), (bits[:, 1] << np.uint64(10), 37), (luck[:, 0], 32)]
    fields += [(bits[:, 2 + w] >> np.uint64(10 * f), 0) for w in (0, 1) for f in range(5)] + [(luck[:, 1] >> np.uint64(10), 0)]
    for values, shift in fields:
        width = {54: 10, 37: 27, 32: 32, 0: 10}[shift]
        number = (values >> np.uint64(shift)) & np.uint64(2**width - 1)
        assert sorted(number >> np.uint64(width - 8)) == list(range(256))
    alone = np.zeros((256, kernel.SETUP_BITS), np.uint64), np.zeros((256, 1), np.uint64)
    kernel.draw_sample(keys[1:], 256, *alone)
    assert np.array_equal(alone[0], bits[:, kernel.SETUP_BITS :])
    assert np.array_equal(alone[1], luck[:, 1:])


@pytest.mark.parametrize("favour", [0.0, 20.0, -20.0])
def test_means_are_those_on_which_players_and_teams_agree(frames, box, favour):
    """However big a favourite is: what pulls margins together must pull them to the expected one."""
    margin = [f"with_market_margin_{k}" for k in ("mean", "p10", "p50", "p90")]
    sides = {"home": favour / 2, "away": -favour / 2}
    moved = [(pl.col(f"with_market_{side}_pts_mean") + by).alias(f"with_market_{side}_pts_mean") for side, by in sides.items()]
    forecast = frames["team"].with_columns(*(pl.col(c) + favour for c in margin), *moved)
    agreed, team = agree(box.select(TABLES["predictions.player_box"].columns), frames["minutes"], forecast)
    game = team.row(0, named=True)
    assert abs(game["margin_reconciled"]) > abs(favour) / 2
    drawn = draw_slot(slots(frames["minutes"], frames["rates"], agreed)[0], PARAMETERS, 20_000)
    home, away = drawn.team_points()
    assert (home - away).mean() == pytest.approx(game["margin_reconciled"], abs=0.3)
    assert home.mean() == pytest.approx(game["home_pts_reconciled"], rel=0.015)
    assert away.mean() == pytest.approx(game["away_pts_reconciled"], rel=0.015)
    wanted = dict(agreed.select("player_id", "pts_reconciled").iter_rows())
    target = np.array([wanted[player] for player in drawn.slot.player_ids])
    assert np.abs(drawn.count("pts").mean(axis=1) - target).max() < 0.03 * target.max()


def test_who_plays(drawn):
    game = drawn[0]
    share = (game.seconds > 0).mean(axis=1)
    np.testing.assert_allclose(share, game.slot.means.play_prob, atol=0.05)


def test_both_teams_share_a_pace(drawn):
    points = drawn[0].team_points()
    assert 0.05 < np.corrcoef(points)[0, 1] < 0.6


def test_minutes_are_filled_up_to_the_caps():
    def fill(total: float, cap: float, minutes: list[float]) -> list[float]:
        array = np.array(minutes, dtype=np.float64)
        kernel._fill(total, cap, array, 0, len(array))
        return array.tolist()

    assert fill(60, 12, [1, 1, 1, 1, 1]) == pytest.approx([12] * 5)
    assert fill(60, 12, [100, 1, 1, 1, 1, 1]) == pytest.approx([12, 9.6, 9.6, 9.6, 9.6, 9.6])
    assert fill(25, 5, [1600, 1600, 1600, 1600, 400, 400]) == pytest.approx([5, 5, 5, 5, 2.5, 2.5])
    assert fill(60, 12, [12, 12, 12, 12, 1e-6, 0]) == pytest.approx([12, 12, 12, 12, 12, 0])


def test_parameters_travel_as_json():
    assert parameters_from_dict(PARAMETERS.to_dict()) == PARAMETERS
    with pytest.raises(RatesError, match="no parameter hotness"):
        parameters_from_dict({"hotness": 1.0})
    values = factors(0.3)
    assert values.mean() == pytest.approx(1.0)
    assert values.std() == pytest.approx(0.3, rel=0.03)


# --- what is read off -------------------------------------------------------------------------------------------------


def by_hand(seconds: list[list[int]], **counts: list[list[int]]) -> Drawn:
    """Worlds of a game of two players, 00100 at home and 00200 away, from (player, world) lists."""
    slot = Slot(DAY, "0022400000", ("001", "002"), ["00100", "00200"], slots_means())
    made = np.zeros((len(WORLD_COUNTS), 2, len(seconds[0])), np.uint8)
    for name, values in counts.items():
        made[WORLD_COUNTS.index(name)] = values
    return Drawn(slot, 0, np.array(seconds, np.uint16), made)


def slots_means():
    words, fouls = np.array([1, 2], np.uint64), np.zeros(2, np.int64)
    return worlds.Means(1, words, fouls, np.ones(2), np.ones((2, 3)), np.ones(2), np.ones((2, 9)), np.ones((2, 3)))


def test_absent_worlds_count_as_zero(box):
    game = by_hand([[600, 600, 0, 0], [600, 0, 600, 0]], pts=[[10, 20, 0, 0], [1, 0, 3, 0]], ast=[[10, 9, 0, 0], [0, 0, 0, 0]])
    found = summarise_players(game, box)
    assert found.height == 26 * len(SUMMARISED)
    row = found.row(by_predicate=(pl.col("player_id") == "00100") & (pl.col("stat") == "pts"), named=True)
    assert (row["worlds"], row["mean"], row["sd"]) == (4, 7.5, pytest.approx(np.std([10, 20, 0, 0])))
    assert [row[f"p{q}"] for q in QUANTILES] == [0, 0, 0, 0, 10, 20, 20]
    of = dict(found.filter(pl.col("player_id") == "00100").select("stat", "mean").iter_rows())
    assert (of["minutes"], of["double_double"], of["triple_double"]) == (5, 0.25, 0)
    assert of["dk_points"] == pytest.approx((10 + 15 + 20 + 13.5) / 4)
    assert set(found.filter(pl.col("player_id") == "00112")["mean"]) == {0.0}


def test_tails_are_counts_of_worlds(box):
    game = by_hand([[600] * 4, [600] * 4], pts=[[1, 2, 2, 5], [0, 0, 0, 0]])
    found = dict(
        summaries_of(game, box)["sims.player_tails"].filter(pl.col("stat") == "pts").select("at_least", "at_least_prob").iter_rows()
    )
    assert found == {2: 0.75, 3: 0.25, 4: 0.25, 5: 0.25}  # at least 1 is certain, and not told


def summaries_of(game: Drawn, box: pl.DataFrame, lines: pl.DataFrame | None = None) -> dict[str, pl.DataFrame]:
    return dict(summaries(game, box, slate(3)["games"], lines))


def test_a_game_by_hand(frames, box):
    lines = pl.DataFrame({"game_id": ["0022400000"], "spread_home": [-2.0], "total": [200.0]})
    game = by_hand([[14400, 14400, 15900, 14400]] * 2, pts=[[100, 100, 112, 100], [98, 101, 110, 103]])
    row = summarise_game(game, frames["games"], box, lines).row(0, named=True)
    assert (row["home_win_prob"], row["overtime_prob"]) == (0.5, 0.25)
    assert (row["home_cover_prob"], row["over_prob"]) == (0.25, 0.75)  # won by exactly two twice: half each
    assert (row["margin_mean"], row["margin_p10"], row["margin_p50"], row["margin_p90"]) == (0, -3, -1, 2)
    assert (row["home_pts_mean"], row["away_pts_mean"], row["total_mean"]) == (103, 103, 206)
    bare = summarise_game(game, frames["games"], box).row(0, named=True)
    assert (bare["home_cover_prob"], bare["over_prob"], bare["spread_home"]) == (None, None, None)
    assert summarise_game(game, frames["games"].clear(), box).is_empty()


def test_lines_count_once_they_are_published(box):
    odds = pl.DataFrame(
        [("0022400000", "open", -1.0, 220.0, 10), ("0022400000", "close", -3.0, 222.0, 16), ("0022400000", "latest", -9.0, 230.0, 18)],
        ["game_id", "as_of", "spread_home", "total", "hour"], orient="row",
    ).with_columns(pl.datetime(2024, 12, 25, pl.col("hour"), time_zone="UTC").alias("published_utc"))  # fmt: skip
    found = lines_as_of(odds, box)  # as of 16:00
    assert AS_OF.hour == 16
    assert found.rows() == [("0022400000", -3.0, 222.0)]
    assert lines_as_of(odds.filter(pl.col("hour") > 16), box).is_empty()


def test_summaries_agree_with_the_worlds(drawn, rows, box):
    found = summaries_of(drawn[0], box)
    game = rows.filter(pl.col("game_id") == "0022400000")
    mean = found["sims.player_summary"].filter((pl.col("stat") == "pts") & (pl.col("player_id") == "00100"))["mean"].item()
    assert mean == pytest.approx(game.filter(pl.col("player_id") == "00100")["pts"].cast(pl.Int64).sum() / WORLDS)
    total = game.group_by("world").agg(pl.col("pts").cast(pl.Int64).sum())["pts"]
    assert found["sims.game_summary"]["total_mean"].item() == pytest.approx(total.mean())
    pair = found["sims.correlations"].row(0, named=True)
    values = [
        values_of(drawn[0], pair[s])[drawn[0].slot.player_ids.index(pair[p])]
        for p, s in (("player_id", "stat"), ("other_player_id", "other_stat"))
    ]
    assert pair["correlation"] == pytest.approx(np.corrcoef(*values)[0, 1])


def test_the_first_call_says_that_it_compiles(monkeypatch, caplog):
    worlds.warn_of_compilation.cache_clear()
    monkeypatch.setattr(worlds, "compiled_since", lambda: False)
    worlds.warn_of_compilation()
    assert "compiling" in caplog.text
    caplog.clear()
    worlds.warn_of_compilation.cache_clear()
    monkeypatch.setattr(worlds, "compiled_since", lambda: True)
    worlds.warn_of_compilation()
    assert caplog.text == ""


def test_a_game_has_the_possessions_of_its_means(drawn):
    """Centres and weights are corrected, so a game's inputs are not the predicted ones; but possessions are what they come to."""
    made = chances_of(PARAMETERS)
    game = make_game(drawn[0].slot.means, PARAMETERS, made)
    assert 85 < game.possessions.min() < game.possessions.max() < 130
    assert (game.chance[:, :5] > 0).all()
    assert (game.chance[:, :5] < 1).all()
