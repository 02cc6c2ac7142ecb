"""Scenarios without a lake: what is read and refused, fixed minutes, line-ups, and differences by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.optimize import LinearConstraint, minimize

from rates_lib.core.errors import RatesError
from rates_lib.core.player_names import UnknownPlayerError
from rates_lib.core.stats import WORLD_COUNTS
from rates_lib.models.reconcile import reconcile_minutes
from rates_lib.questions.whatif.compare import games_frame, lineups_frame, players_frame, teams_frame
from rates_lib.questions.whatif.lineups import on_floor, rest_of_game, symmetric, together, weights
from rates_lib.questions.whatif.minutes import HELD_SPREAD, held, solve
from rates_lib.questions.whatif.request import EARLY_FOULS, Lineup, Night, Scenario, ScenarioRequest, bounds, read
from rates_lib.questions.whatif.tally import Compared, GameTally, Masks, Ratio, Sums, tally_of
from rates_lib.sim import worlds
from rates_lib.sim.parameters import Parameters
from rates_lib.sim.worlds import Drawn, Slot, draw_slot, slots
from tests.frames.slate import slate

ONE, TWO = "0022400000", "0022400001"
FIVE = ("00100", "00101", "00102", "00103", "00104")
NAMES = {"00100": "Nikola Jokić", "00101": "Jaylen Brown", "00102": "Bruce Brown", "00112": "Hurt Player", "00201": None}


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    return slate(2)


@pytest.fixture(scope="module")
def night(frames) -> Night:
    name = pl.col("player_id").replace_strict(NAMES, default=pl.col("player_name"), return_dtype=pl.String)
    return Night(frames["minutes"].with_columns(name.alias("player_name")), frames["games"])


# --- what is asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected", "games"),
    [
        (ScenarioRequest(out=["jokic"]), Scenario(out=("00100",)), [ONE]),
        (ScenarioRequest(out=["JOKIĆ", "00100", "nikola jokic"]), Scenario(out=("00100",)), [ONE]),
        (ScenarioRequest(out=["00201"]), Scenario(out=("00201",)), [ONE]),  # a player without a name: the id
        (ScenarioRequest(minutes=["Jokic=20"]), Scenario(minutes={"00100": 20.0}), [ONE]),
        (ScenarioRequest(minutes=[" jaylen brown = 20.5 "]), Scenario(minutes={"00101": 20.5}), [ONE]),
        (ScenarioRequest(minutes=["Jokic=42", "00301=12"]), Scenario(minutes={"00100": 42.0, "00301": 12.0}), [ONE, TWO]),
        (ScenarioRequest(starters=["Bruce Brown for Jokic"]), Scenario(starters={"00102": "00100"}), [ONE]),
        (ScenarioRequest(minutes=["Jokic=0"]), Scenario(out=("00100",)), [ONE]),
        (ScenarioRequest(out=["Jokic"], minutes=["Jokic=0"]), Scenario(out=("00100",)), [ONE]),
        (ScenarioRequest(starters=["Bruce Brown", "bruce"]), Scenario(starters={"00102": None}), [ONE]),
        (ScenarioRequest(minutes=["Hurt=20"], starters=["Hurt"]), Scenario(minutes={"00112": 20.0}, starters={"00112": None}), [ONE]),
        (ScenarioRequest(foul_trouble=["jokic"]), Scenario(fouls={"00100": EARLY_FOULS}), [ONE]),
        (ScenarioRequest(totals=["LAL=231"]), Scenario(totals={TWO: 231.0}), [TWO]),
        (ScenarioRequest(totals=["gsw = 231.5"]), Scenario(totals={TWO: 231.5}), [TWO]),
        (ScenarioRequest(out=["jokic"], totals=["231"]), Scenario(out=("00100",), totals={ONE: 231.0}), [ONE]),
        (ScenarioRequest(spreads=["LAL=-4.5"], totals=["231"]), Scenario(spreads={TWO: -4.5}, totals={TWO: 231.0}), [TWO]),
        (ScenarioRequest(spreads=["LAL=-4.5"]), Scenario(spreads={TWO: -4.5}), [TWO]),
        (ScenarioRequest(spreads=["GSW=-4.5"]), Scenario(spreads={TWO: 4.5}), [TWO]),
        (ScenarioRequest(spreads=["gsw=+3"]), Scenario(spreads={TWO: -3.0}), [TWO]),
        (ScenarioRequest(lineups=["00104, 00103, 00102, 00101, jokic=20"]), Scenario(lineups=(Lineup("001", FIVE, 20.0),)), [ONE]),
        (ScenarioRequest(lineups=["00104+00103 + 00102,00101,jokic = 20"]), Scenario(lineups=(Lineup("001", FIVE, 20.0),)), [ONE]),
        (ScenarioRequest(given="BOS -15.5"), Scenario(), []),
        (ScenarioRequest(), Scenario(), []),
    ],
)
def test_a_scenario_is_read(night, asked, expected, games):
    assert read(asked, night) == (expected, games)
    assert asked.changes() == (asked != ScenarioRequest())


def test_a_total_needs_no_team_on_a_night_of_one_game(night):
    one = Night(night.players.filter(pl.col("game_id") == ONE), night.games.filter(pl.col("game_id") == ONE))
    assert read(ScenarioRequest(totals=["231"]), one) == (Scenario(totals={ONE: 231.0}), [ONE])


def test_a_question_alone_changes_nothing():
    assert not ScenarioRequest(questions=["BOS wins"]).changes()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (ScenarioRequest(out=["Wembanyama"]), "no player is called 'Wembanyama'"),
        (ScenarioRequest(minutes=["Wembanyama=20"]), "no player is called 'Wembanyama'"),
        (ScenarioRequest(out=["Brown"]), r"'Brown' may be Bruce Brown \(00102\), Jaylen Brown \(00101\)"),
        (ScenarioRequest(out=["jokic"], minutes=["jokic=20"]), "Nikola Jokić cannot be out and play"),
        (ScenarioRequest(out=["jokic"], starters=["jokic"]), "Nikola Jokić cannot be out and play"),
        (ScenarioRequest(out=["jokic"], foul_trouble=["jokic"]), "Nikola Jokić cannot be out and play"),
        (ScenarioRequest(minutes=["jokic=0"], starters=["jokic"]), "Nikola Jokić cannot be out and play"),
        (ScenarioRequest(out=["jokic"], lineups=[f"{','.join(FIVE)}=20"]), "Nikola Jokić cannot be out and play"),
        (ScenarioRequest(minutes=["jokic=43"]), "Nikola Jokić cannot play 43 minutes on average: request 0 to 42"),
        (ScenarioRequest(starters=["jokic for 00301"]), "Nikola Jokić cannot start for .*: they play for two teams"),
        (ScenarioRequest(minutes=["jokic=-1"]), "Nikola Jokić cannot play -1 minutes on average: request 0 to 42"),
        (ScenarioRequest(minutes=["jokic=nan"]), "cannot be read"),
        (ScenarioRequest(minutes=["jokic"]), '\'jokic\' cannot be read: write "Player=20"'),
        (ScenarioRequest(minutes=["jokic=many"]), "'jokic=many' cannot be read"),
        (ScenarioRequest(minutes=["jokic=20", "00100=30"]), "Nikola Jokić has two values: 20 and 30"),
        (ScenarioRequest(starters=["Hurt"]), "Hurt Player is ruled out: give minutes too"),
        (ScenarioRequest(foul_trouble=["Hurt"]), "Hurt Player is ruled out: give minutes too"),
        (ScenarioRequest(starters=[*FIVE, "00105"]), "6 starters of one team are requested: a team has five"),
        (ScenarioRequest(totals=["231"]), "a total of 231 may be that of 2 games: name a team"),
        (ScenarioRequest(out=["jokic", "00301"], totals=["231"]), "a total of 231 may be that of 2 games"),
        (ScenarioRequest(totals=["BOS=many"]), "'BOS=many' cannot be read"),
        (ScenarioRequest(totals=["many"]), "'many' cannot be read"),
        (ScenarioRequest(totals=["BOS=inf"]), "'BOS=inf' cannot be read"),
        (ScenarioRequest(totals=["DEN=231"]), "no team DEN plays that day: BOS, GSW, LAL, NYK"),
        (ScenarioRequest(totals=["BOS=231", "NYK=232"]), "BOS - NYK has two values: 231 and 232"),
        (ScenarioRequest(spreads=["DEN=-4.5"]), "no team DEN plays that day"),
        (ScenarioRequest(spreads=["-4.5"]), '\'-4.5\' cannot be read: write "BOS=-4.5"'),
        (ScenarioRequest(spreads=["BOS=pk"]), "'BOS=pk' cannot be read"),
        (ScenarioRequest(spreads=["BOS=-4.5", "NYK=-4.5"]), "BOS - NYK has two values: -4.5 and 4.5"),
        (ScenarioRequest(lineups=[f"{','.join(FIVE[:4])}=20"]), "names 4 players and a line-up has five"),
        (ScenarioRequest(lineups=[f"{','.join([*FIVE[:4], FIVE[0]])}=20"]), "names 4 players and a line-up has five"),
        (ScenarioRequest(lineups=[f"{','.join([*FIVE, '00105'])}=20"]), "names 6 players and a line-up has five"),
        (ScenarioRequest(lineups=[",".join(FIVE)]), "cannot be read: write \"A, B, C, D, E=20\""),
        (ScenarioRequest(lineups=[f"{','.join([*FIVE[:4], '00200'])}=20"]), "names players of 2 teams: a line-up is of one"),
        (ScenarioRequest(lineups=[f"{','.join(FIVE)}=43"]), "floor for 43 minutes on average: request more than 0 and at most 42"),
        (ScenarioRequest(lineups=[f"{','.join(FIVE)}=0"]), "a line-up cannot be on the floor for 0 minutes"),
        (ScenarioRequest(totals=["BOS=2310"]), "a total cannot be 2310 points: request 120 to 300"),
        (ScenarioRequest(totals=["BOS=-231"]), "a total cannot be -231 points: request 120 to 300"),
        (ScenarioRequest(out=["jokic"], totals=["23"]), "a total cannot be 23 points: request 120 to 300"),
        (ScenarioRequest(spreads=["NYK=-200"]), "a spread of NYK cannot be -200 points: request -60 to 60"),
        (ScenarioRequest(spreads=["bos=60.5"]), "a spread of BOS cannot be 60.5 points: request -60 to 60"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(night, asked, message):
    with pytest.raises(RatesError, match=message):
        read(asked, night)


def test_the_same_said_twice_is_said_once(night):
    assert read(ScenarioRequest(minutes=["jokic=20", "00100=20"], spreads=["BOS=-4.5", "NYK=4.5"]), night)[0] == Scenario(
        minutes={"00100": 20.0}, spreads={ONE: -4.5}
    )


def test_nobody_plays_on_an_empty_night(night):
    empty = Night(night.players.clear(), night.games.clear())
    with pytest.raises(RatesError, match="there are no games"):
        read(ScenarioRequest(totals=["BOS=231"]), empty)
    with pytest.raises(RatesError, match="may be that of 0 games"):
        read(ScenarioRequest(totals=["231"]), empty)
    with pytest.raises(UnknownPlayerError):
        read(ScenarioRequest(out=["jokic"]), empty)


PLAYERS = [(f"a{i}", "A") for i in range(7)] + [("b0", "B")]
FIRST, SECOND = Lineup("A", ("a0", "a1", "a2", "a3", "a4"), 20.0), Lineup("A", ("a0", "a1", "a2", "a3", "a5"), 10.0)


def test_bounds_by_hand():
    assert bounds(Scenario(), PLAYERS) == {}
    assert bounds(Scenario(minutes={"b0": 20.0}), PLAYERS) == {"b0": (20.0, 20.0)}
    limits = bounds(Scenario(lineups=(FIRST, SECOND)), PLAYERS)
    assert limits == {
        **{f"a{i}": (30.0, 48.0) for i in range(4)}, "a4": (20.0, 38.0), "a5": (10.0, 28.0), "a6": (0.0, 18.0),
    }  # fmt: skip
    held_too = bounds(Scenario(lineups=(FIRST, SECOND), minutes={"a4": 38.0}, out=("a6", "b0")), PLAYERS)
    assert held_too["a4"] == (38.0, 38.0)
    assert "a6" not in held_too


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (Scenario(lineups=(FIRST, Lineup("A", SECOND.players, 29.0))), "need 49 minutes together: a game has 48"),
        (Scenario(lineups=(FIRST,), minutes={"a0": 19.0}), "a0 cannot play 19 minutes: the player's line-ups need 20 to 48"),
        (Scenario(lineups=(FIRST,), minutes={"a6": 30.0}), "a6 cannot play 30 minutes: the player's line-ups need 0 to 28"),
        (Scenario(lineups=(FIRST,), out=("a1",)), "a1 cannot be out and in a line-up"),
    ],
)
def test_bounds_that_cannot_be(scenario, message):
    with pytest.raises(RatesError, match=message):
        bounds(scenario, PLAYERS)


# --- minutes ----------------------------------------------------------------------------------------------------------


def test_minutes_are_shared_out_by_hand():
    e, v = np.array([10.0, 20.0, 30.0]), np.array([1.0, 2.0, 1.0])
    free, top = np.zeros(3), np.full(3, 48.0)
    assert solve(e, v, free, top, 64.0) == pytest.approx([11, 22, 31])
    assert solve(e, v, free, top, 60.0) == pytest.approx([10, 20, 30])
    assert solve(e, v, np.array([10.5, 0, 0]), np.array([10.5, 48, 48]), 63.5) == pytest.approx([10.5, 22, 31])  # held
    assert solve(e, v, free, np.array([48, 21, 48]), 64.0) == pytest.approx([11.5, 21, 31.5])  # no more than 21
    assert solve(e, v, np.array([0, 0, 35.0]), top, 60.0) == pytest.approx([25 / 3, 50 / 3, 35])  # 35 at least
    assert solve(e, v, free, np.array([10, 20, 30]), 60.0) == pytest.approx([10, 20, 30])  # all at their most


@pytest.mark.parametrize("seed", range(4))
def test_minutes_are_the_least_change(seed):
    """Against a general solver of the same problem."""
    rng = np.random.default_rng(seed)
    n = 11
    e, v = rng.uniform(2, 36, n), rng.uniform(1, 60, n)
    low, high = np.zeros(n), np.full(n, 42.0)
    low[2], high[2] = 20.0, 20.0
    low[5], high[7] = 25.0, 9.0
    x = solve(e, v, low, high)
    assert x.sum() == pytest.approx(240, abs=1e-9)
    assert ((x >= low) & (x <= high)).all()
    optimum = minimize(
        lambda y: ((y - e) ** 2 / v).sum(),
        np.clip(e, low, high),
        jac=lambda y: 2 * (y - e) / v,
        method="SLSQP",
        bounds=list(zip(low, high, strict=True)),
        constraints=[LinearConstraint(np.ones(n), 240, 240)],
        options={"ftol": 1e-13, "maxiter": 500},
    )
    np.testing.assert_allclose(x, optimum.x, atol=1e-3)
    assert ((x - e) ** 2 / v).sum() <= optimum.fun + 1e-6


@pytest.mark.parametrize(("low", "high"), [(0.0, 30.0), (35.0, 48.0)])
def test_minutes_that_no_team_can_play(low, high):
    n = 7
    with pytest.raises(RatesError, match=rf"team XYZ cannot play 240 minutes: the bounds allow {n * low:.0f} to {n * high:.0f}"):
        solve(np.full(n, 34.0), np.ones(n), np.full(n, low), np.full(n, high), name="XYZ")


BAND = ["minutes_mean", "minutes_p10", "minutes_p50", "minutes_p90"]


@pytest.fixture(scope="module")
def predicted(frames) -> pl.DataFrame:
    rows = frames["minutes"].drop("minutes_reconciled")
    return rows.with_columns(reconcile_minutes(rows).alias("minutes_reconciled"))


def of(rows: pl.DataFrame, player: str) -> dict[str, float]:
    return rows.row(by_predicate=pl.col("player_id") == player, named=True)


def sums(rows: pl.DataFrame) -> list[float]:
    return rows.group_by("team_id").agg(pl.col("minutes_reconciled").sum()).sort("team_id")["minutes_reconciled"].to_list()


@pytest.mark.parametrize(("player", "minutes"), [("00100", 20.0), ("00109", 40.0), ("00112", 15.0), ("00101", 48.0), ("00101", 0.5)])
def test_who_is_held_plays_so_long(predicted, player, minutes):
    changed = held({player: (minutes, minutes)})(predicted)
    assert changed.columns == predicted.columns
    assert sums(changed) == pytest.approx([240] * 4, abs=1e-6)
    after, before = of(changed, player), of(predicted, player)
    assert after["minutes_reconciled"] == pytest.approx(minutes, abs=0.01)
    assert after["play_prob"] == 1.0
    assert after["minutes_mean"] == after["minutes_p50"] == minutes
    assert (after["minutes_p10"], after["minutes_p90"]) == (max(minutes - HELD_SPREAD, 0), minutes + HELD_SPREAD)
    others = pl.col("team_id") != "001"
    assert changed.filter(others).equals(predicted.filter(others))
    mates = changed.filter(pl.col("team_id") == "001", pl.col("player_id") != player)
    was = predicted.filter(pl.col("team_id") == "001", pl.col("player_id") != player)
    assert mates.select("play_prob", *BAND).equals(was.select("play_prob", *BAND))
    moved = mates["minutes_reconciled"] - was["minutes_reconciled"]
    assert ((moved * (before["minutes_reconciled"] - minutes)) >= 0).all()  # all to the same side
    assert moved.abs().max() > 0.1


def test_held_without_reconciled_minutes(predicted):
    """As team forecasts call it: with the band, without reconciled minutes."""
    blind = predicted.drop("minutes_reconciled")
    changed = held({"00100": (20.0, 20.0)})(blind)
    assert changed.equals(held({"00100": (20.0, 20.0)})(predicted).drop("minutes_reconciled"))


def test_nothing_held_changes_nothing(predicted):
    assert held({})(predicted) is predicted


def test_a_line_up_holds_its_five_and_leaves_the_rest(predicted):
    five = Lineup("001", ("00100", "00101", "00105", "00106", "00107"), 30.0)
    limits = bounds(Scenario(lineups=(five,)), predicted.select("player_id", "team_id").iter_rows())
    changed = held(limits)(predicted)
    assert sums(changed) == pytest.approx([240] * 4, abs=1e-6)
    for row in changed.filter(pl.col("team_id") == "001").iter_rows(named=True):
        if row["player_id"] in five.players:
            assert row["minutes_reconciled"] >= 30 - 1e-9
            assert row["play_prob"] == 1
        else:
            assert row["minutes_reconciled"] <= 18 + 1e-9
    low, before = of(changed, "00107"), of(predicted, "00107")  # 16 minutes as predicted: moved up to 30, and the band with it
    assert low["minutes_reconciled"] == low["minutes_mean"] == pytest.approx(30)
    assert low["minutes_p90"] - low["minutes_p10"] == pytest.approx(before["minutes_p90"] - before["minutes_p10"])


def test_a_team_that_cannot_reach_its_minutes_is_named(predicted):
    few = predicted.with_columns(
        pl.when((pl.col("team_id") == "001") & (pl.col("player_id") > "00104")).then(0.0).otherwise("play_prob").alias("play_prob")
    )
    with pytest.raises(RatesError, match=r"team 001 cannot play 240 minutes: .* change the minutes, or take fewer players out"):
        held({"00100": (10.0, 10.0)})(few)


# --- minutes of line-ups -------------------------------------------------------------------------------------

PLAYED = {f"p{i}": m for i, m in enumerate([47.9, 41, 38, 36, 33.1, 25.9, 18, 0.1])}
assert sum(PLAYED.values()) == 240


def test_symmetric_polynomials_by_brute_force():
    w = np.random.default_rng(1).uniform(0.1, 3, 9)
    expected = [sum(float(np.prod(c)) for c in combinations(w, k)) for k in range(6)]
    np.testing.assert_allclose(symmetric(w, 5), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "minutes", [[47.9, 36, 34, 31, 26, 22, 18, 14, 8, 3, 0.1], [24.0] * 10, [40] * 5 + [20, 20], [48 - 1e-6] * 4 + [24, 24 + 4e-6]]
)
def test_weights_give_everybody_his_share(minutes):
    share = np.array(minutes) / 48
    w = weights(share)
    chance = np.zeros(len(w))
    for five in combinations(range(len(w)), 5):
        chance[list(five)] += np.prod(w[list(five)])
    np.testing.assert_allclose(chance / symmetric(w, 5)[5], share, atol=1e-8)


def test_all_fives_together_make_a_game():
    per = {five: together(PLAYED, five) for five in combinations(PLAYED, 5)}
    assert sum(per.values()) == pytest.approx(48, abs=1e-6)
    for player, minutes in PLAYED.items():
        assert sum(m for five, m in per.items() if player in five) == pytest.approx(minutes, abs=1e-5)
    assert max(per, key=lambda five: per[five]) == ("p0", "p1", "p2", "p3", "p4")


def test_asked_line_ups_take_their_minutes():
    five = ("p0", "p1", "p2", "p5", "p6")
    line = Lineup("t", five, 10.0)
    assert together(PLAYED, five) < 3
    per = {c: together(PLAYED, c, [line]) for c in combinations(PLAYED, 5)}
    assert per[five] == pytest.approx(10, abs=1.5)
    assert per[five] > 10  # and now and then they are met in the rest of the game
    assert sum(per.values()) == pytest.approx(48, abs=1e-6)
    for player, minutes in PLAYED.items():
        assert sum(m for c, m in per.items() if player in c) == pytest.approx(minutes, abs=1e-5)
    left, shares = rest_of_game(PLAYED, [line])
    assert (left, sum(shares.values())) == (38, pytest.approx(5))
    assert rest_of_game(PLAYED, [Lineup("t", five, 48.0)]) == (0.0, {})
    assert together(PLAYED, five, [Lineup("t", five, 48.0)]) == 48
    assert together(PLAYED, (*five[:4], "absent")) == 0


def test_impact_on_the_floor_by_hand():
    assert on_floor({"a": 48.0, "b": 24.0, "c": 0.0}, {"a": 2.0, "b": -1.0, "c": 100.0}) == pytest.approx(1.5)


# --- before and after -------------------------------------------------------------------------------------------------

ALL = np.ones(4, np.bool_)
SOME = np.array([True, False, True, False])


def compare(before: np.ndarray, after: np.ndarray, counted: Masks) -> Compared:
    sums = Sums(1)
    sums.add(before[None], after[None], counted)
    return sums.compare(0)


def test_differences_by_hand():
    before, after = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 2.0, 5.0, 4.0])
    assert compare(before, after, (ALL, ALL)) == pytest.approx((2.5, 3.25, 0.75, np.std([1, 0, 2, 0]) / 2))
    chosen = compare(before, after, (ALL, SOME))
    assert chosen == pytest.approx((2.5, 3.5, 1.0, np.sqrt(np.var([1, 2, 3, 4], ddof=1) / 4 + np.var([2, 5], ddof=1) / 2)))
    assert compare(before, before, (ALL, ALL)) == (2.5, 2.5, 0.0, 0.0)
    assert compare(before, after, (SOME, SOME))[:3] == (2.0, 3.5, 1.5)


def ratio(before: np.ndarray, after: np.ndarray, counted: Masks | None = None) -> Compared:
    """Of (points, possessions)."""
    sums, everything = Ratio(), np.ones(before.shape[1], np.bool_)
    sums.add(before, after, counted or (everything, everything))
    return sums.compare()


def test_points_per_100_by_hand():
    before = np.array([[100.0, 110.0], [100.0, 100.0]])
    assert ratio(before, np.array([[110.0, 121.0], [110.0, 110.0]])) == pytest.approx((105, 105, 0, 0), abs=1e-6)
    more = np.array([[105.0, 125.0], [100.0, 100.0]])
    assert ratio(before, more) == pytest.approx((105, 115, 10, np.std([5.0, 15.0]) / np.sqrt(2)))
    assert ratio(before, before)[2:] == (0, 0)


def test_the_error_of_a_ratio_is_that_of_resampling():
    rng = np.random.default_rng(5)
    plays = rng.normal(100, 5, 3000)
    before = np.stack([1.1 * plays + rng.normal(0, 10, 3000), plays])
    after = np.stack([before[0] + rng.normal(2, 3, 3000), plays + rng.normal(1, 2, 3000)])
    drawn = rng.integers(0, 3000, (400, 3000))
    ratios = [[100 * case[0][d].mean() / case[1][d].mean() for case in (before, after)] for d in drawn]
    assert ratio(before, after)[3] == pytest.approx(np.std(np.diff(ratios, axis=1)), rel=0.15)
    half = rng.random(3000) < 0.5
    apart = [[100 * case[0][d[m[d]]].mean() / case[1][d[m[d]]].mean() for case, m in ((before, half), (after, ~half))] for d in drawn]
    assert ratio(before, after, (half, ~half))[3] == pytest.approx(np.std(np.diff(apart, axis=1)), rel=0.15)


@pytest.mark.parametrize("given", [False, True])
def test_sums_of_blocks_are_those_of_all_worlds(frames, night, monkeypatch, given):
    """Whatever the size of a block: the figures of all worlds at once, and their errors by NumPy."""
    pair = [slots(frames["minutes"], rates, frames["percentages"]) for rates in (frames["rates"], faster(frames["rates"]))]
    masks = {game: np.random.default_rng(3).random(700) < 0.5 if given else np.ones(700, np.bool_) for game in (ONE, TWO)}
    whole = [{slot.game_id: draw_slot(slot, Parameters(), 700) for slot in case} for case in pair]
    found = []
    for block in (700, 64):
        monkeypatch.setattr(worlds, "BLOCK", block)
        drawn = list(zip(*(worlds.draw_blocks(case, Parameters(), 700) for case in pair), strict=True))
        assert len(drawn) == -(-700 // block)
        tallies = tally_of(*drawn[0], HOMES)
        for before, after in drawn:
            for game, tally in tallies.items():
                first = before[game].first_world
                assert np.array_equal(before[game].counts, whole[0][game].counts[:, :, first : first + block])
                mask = masks[game][first : first + block]
                tally.add(before[game], after[game], (mask, mask))
        impact = dict.fromkeys(night.names(), 1.0)
        found.append([games_frame(tallies, night), teams_frame(tallies, night, impact), players_frame(tallies, night)])
    for one, two in zip(*found, strict=True):
        assert_frame_equal(one, two, rel_tol=1e-9, abs_tol=1e-9)
    points = [case[ONE].count("pts")[0].astype(float) for case in whole]
    chosen = [values[masks[ONE]] for values in points]
    error = np.sqrt(sum(v.var(ddof=1) / len(v) for v in chosen)) if given else (points[1] - points[0]).std() / np.sqrt(700)
    wanted = (chosen[0].mean(), chosen[1].mean(), chosen[1].mean() - chosen[0].mean(), error)
    assert figures(found[1][2], player_id="00100", figure="pts") == pytest.approx(wanted)


def faster(rates: pl.DataFrame) -> pl.DataFrame:
    return rates.with_columns(pl.col("fga2_per_min_mean") * 1.05)


HOMES = {ONE: "001", TWO: "003"}
BOTH = (np.ones(2, np.bool_), np.ones(2, np.bool_))


def drawn_by_hand(slot: Slot, **counts: dict[str, list[int]]) -> Drawn:
    """Two worlds in which each player of `counts` plays ten minutes."""
    box = np.zeros((len(WORLD_COUNTS), len(slot.player_ids), 2), np.uint8)
    seconds = np.zeros((len(slot.player_ids), 2), np.uint16)
    for name, of_players in counts.items():
        for player, values in of_players.items():
            box[WORLD_COUNTS.index(name), slot.player_ids.index(player)] = values
            seconds[slot.player_ids.index(player)] = 600
    return Drawn(slot, 0, seconds, box)


Case = dict[str, Drawn]


def tallied(before: Case, after: Case, counted: Masks, homes: dict[str, str] = HOMES) -> dict[str, GameTally]:
    tallies = tally_of(before, after, homes)
    for game, tally in tallies.items():
        tally.add(before[game], after[game], counted)
    return tallies


@pytest.fixture
def cases(frames) -> tuple[Case, Case]:
    """BOS (001, home) against NYK (002): before 100-95 and 90-95, after 103-95 and 96-95."""
    slot = slots(frames["minutes"], frames["rates"], frames["percentages"])[0]
    fga = {"00100": [80, 80], "00200": [90, 90]}
    one = drawn_by_hand(slot, pts={"00100": [100, 90], "00200": [95, 95]}, fga2=fga)
    two = drawn_by_hand(slot, pts={"00100": [103, 96], "00200": [95, 95]}, fga2=fga | {"00100": [90, 90]})
    return {ONE: one}, {ONE: two}


def figures(frame: pl.DataFrame, **of_row: str) -> tuple[float, ...]:
    row = frame.row(by_predicate=pl.all_horizontal(pl.col(c) == value for c, value in of_row.items()), named=True)
    return tuple(row[c] for c in ("before", "after", "difference", "error"))


def test_frames_by_hand(night, cases):
    tallies = tallied(*cases, BOTH)
    games = games_frame(tallies, night)
    assert set(games["game"]) == {"NYK at BOS"}
    assert figures(games, figure="margin") == pytest.approx((0, 4.5, 4.5, 1.5 / np.sqrt(2)))
    assert figures(games, figure="total") == pytest.approx((190, 194.5, 4.5, 1.5 / np.sqrt(2)))
    assert figures(games, figure="home_win") == pytest.approx((0.5, 1, 0.5, 0.5 / np.sqrt(2)))
    impact = dict.fromkeys(night.names(), 1.0)
    teams = teams_frame(tallies, night, impact)
    assert figures(teams, team="BOS", figure="pts")[:3] == (95, 99.5, 4.5)
    assert figures(teams, team="BOS", figure="possessions") == figures(teams, team="NYK", figure="possessions") == (85, 90, 5, 0)
    assert figures(teams, team="NYK", figure="pts_per_100")[:2] == pytest.approx((9500 / 85, 9500 / 90))
    assert figures(teams, team="NYK", figure="impact_on_floor") == (pytest.approx(5), pytest.approx(5), 0, None)
    players = players_frame(tallies, night)
    assert figures(players, player_id="00100", figure="pts")[:3] == (95, 99.5, 4.5)
    assert figures(players, player_id="00200", figure="pts") == (95, 95, 0, 0)
    assert figures(players, player_id="00100", figure="minutes") == (10, 10, 0, 0)
    assert figures(players, player_id="00101", figure="minutes") == (0, 0, 0, 0)


def test_only_counted_worlds_count_after(night, cases):
    games = games_frame(tallied(*cases, (BOTH[0], np.array([False, True]))), night)
    assert figures(games, figure="margin")[:3] == (0, 1, 1)
    assert figures(games, figure="margin")[3] == np.inf  # one world says nothing of a spread


def test_the_home_side_may_have_the_higher_id(night, cases):
    """Worlds have teams in order of their ids, games have a home side."""
    swapped = night.games.rename(
        {f"{a}_team_{c}": f"{b}_team_{c}" for a, b in (("home", "away"), ("away", "home")) for c in ("id", "abbreviation")}
    )
    games = games_frame(tallied(*cases, BOTH, {ONE: "002"}), Night(night.players, swapped.select(night.games.columns)))
    assert set(games["game"]) == {"BOS at NYK"}
    assert figures(games, figure="margin")[:3] == (0, -4.5, -4.5)
    assert figures(games, figure="home_win")[:2] == (0.5, 0)


def test_who_plays_in_one_case_alone_has_zeros_in_the_other(frames, night, cases):
    without = frames["minutes"].with_columns(pl.when(pl.col("player_id") == "00100").then(0.0).otherwise("play_prob").alias("play_prob"))
    slot = slots(without, frames["rates"], frames["percentages"])[0]
    other = {ONE: drawn_by_hand(slot, pts={"00101": [50, 60], "00200": [95, 95]})}
    players = players_frame(tallied(cases[0], other, BOTH), night)
    assert figures(players, player_id="00100", figure="pts") == (95, 0, -95, pytest.approx(5 / np.sqrt(2)))
    assert figures(players, player_id="00101", figure="pts")[:3] == (0, 55, 55)


def test_identical_cases_differ_by_exactly_nothing(night, cases):
    tallies = tallied(cases[0], cases[0], BOTH)
    impact = dict.fromkeys(night.names(), 1.0)
    for frame in (games_frame(tallies, night), teams_frame(tallies, night, impact), players_frame(tallies, night)):
        assert frame["before"].equals(frame["after"])
        assert set(frame["difference"]) == {0.0}
        assert set(frame["error"].drop_nulls()) == {0.0}


def test_line_ups_by_hand(frames, night, predicted):
    """Before and after by the worlds' own minutes; a five that is asked for takes its minutes out of the game first."""
    five = Lineup("001", FIVE, 20.0)
    impact = {player: float(player[3:]) for player in night.names()}  # 0 to 12
    limits = bounds(Scenario(lineups=(five,)), predicted.select("player_id", "team_id").iter_rows())
    games = [slots(rows, frames["rates"], frames["percentages"])[0] for rows in (predicted, held(limits)(predicted))]
    one, two = ({ONE: draw_slot(slot, Parameters(), 300)} for slot in games)
    tallies = tallied(one, two, (np.ones(300, np.bool_), np.ones(300, np.bool_)))
    frame = lineups_frame(tallies, night, Scenario(lineups=(five,)), impact)
    asked, rest = frame.rows(named=True)
    assert asked["players"] == "Nikola Jokić, Jaylen Brown, Bruce Brown, Player 001-03, Player 001-04"
    assert asked["impact_per_100"] == 0 + 1 + 2 + 3 + 4
    assert asked["minutes_before"] < 20 <= asked["minutes_after"] < 26
    assert (rest["players"], rest["minutes_before"], rest["minutes_after"]) == ("the rest of the game", None, 28)
    on_average = figures(teams_frame(tallies, night, impact), team="BOS", figure="impact_on_floor")[1]
    assert (20 * asked["impact_per_100"] + 28 * rest["impact_per_100"]) / 48 == pytest.approx(on_average, abs=0.3)
    assert lineups_frame(tallies, night, Scenario(), impact).is_empty()
