"""Schedule, places and standings by hand; which estimate of impact counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from rates_lib.features import standings
from rates_lib.features.history import History
from rates_lib.features.impact.config import UNSEEN_PER_100
from rates_lib.features.lineup import add_impact
from rates_lib.features.schedule_load import schedule_load
from tests.frames.histories import hand_history, random_history

HISTORY = random_history()
DAYS = sorted(HISTORY.game["game_date"].unique().to_list())
CUTS = [DAYS[14], DAYS[20]]  # the first day of a season, and one within it


# --- schedule and places ---------------------------------------------------------------------------------------------------


def load_of(history: History, team: str) -> list[dict[str, object]]:
    return schedule_load(history).filter(team_id=team).sort("game_date").to_dicts()


def test_rest_nights_and_travel_follow_from_the_schedule() -> None:
    first = date(2023, 11, 6)
    days = [first, first + timedelta(days=1), first + timedelta(days=3), first + timedelta(days=12)]
    # t0 is BOS, t1 DEN, t3 MIA: at home, in Denver the next night, in Miami two nights later, at home again nine days later
    sides = [("t0", "t4"), ("t1", "t0"), ("t3", "t0"), ("t0", "t5")]
    games = [
        (f"002230000{i}", day, *pair) for i, (day, pair) in enumerate(zip(days, sides, strict=True), start=3)
    ]  # none ends in 2: neutral
    rows = load_of(hand_history(games), "t0")
    assert [r["back_to_back_flag"] for r in rows] == [0, 1, 0, 0]
    assert [r["three_in_four_flag"] for r in rows] == [0, 0, 1, 0]
    assert [r["schedule_games_last7d"] for r in rows] == [0, 1, 2, 0]
    assert [r["days_off"] for r in rows] == [7, 0, 1, 7]
    assert [r["time_zones_crossed"] for r in rows] == [0, -2, 2, 0]
    assert rows[1]["altitude_gain_m"] == 1595
    boston_denver, denver_miami, miami_boston = (float(str(rows[i]["travel_km"])) for i in (1, 2, 3))
    assert rows[0]["travel_km"] == 0  # opening night at home
    assert boston_denver == pytest.approx(2840, abs=30)  # airline distances
    assert denver_miami == pytest.approx(2770, abs=30)
    assert miami_boston == pytest.approx(2020, abs=30)


def test_a_game_elsewhere_is_neutral_and_its_place_known_only_from_the_list() -> None:
    paris, unknown = ("0022300001", date(2024, 1, 11), "t9", "t0"), ("0022300002", date(2024, 1, 20), "t0", "t3")
    history = hand_history([paris, unknown])  # the id of the second says neutral in the fixture
    game = history.game.with_columns(pl.col("home_team_abbreviation").replace("t9", "CLE"))
    rows = load_of(replace(history, game=game), "t0")
    assert [r["neutral_flag"] for r in rows] == [1, 1]
    assert rows[0]["time_zones_crossed"] == 6
    assert float(str(rows[0]["travel_km"])) == pytest.approx(5540, abs=40)
    assert (rows[1]["travel_km"], rows[1]["altitude_gain_m"]) == (None, None)


def test_a_team_in_no_list_has_no_place_and_no_conference() -> None:
    history = hand_history([("0022300001", date(2023, 11, 6), "t8", "t0"), ("0022300003", date(2023, 11, 8), "t8", "t0")])
    assert [r["travel_km"] for r in load_of(history, "t8")] == [None, None]
    rows = standings.add_standings(schedule_load(history), history).filter(team_id="t8")
    assert rows.select("conference_rank", "eliminated_flag").rows() == [(None, 0), (None, 0)]


# --- standings -------------------------------------------------------------------------------------------------------------


def table(wins: list[int], played: list[int], season: int = 2023) -> pl.DataFrame:
    n = len(wins)
    part = pl.DataFrame({
        "season": [season] * n, "game_date": [date(season + 1, 4, 1)] * n, "team_id": [f"x{i:02}" for i in range(n)],
        "conference": ["East"] * n, "wins": wins, "games_played": played,
    })  # fmt: skip
    return standings._conference(part)


def test_places_against_counting() -> None:
    rng = np.random.default_rng(4)
    for season, last_in, last_playing in ((2023, 6, 10), (2018, 8, 8)):
        played = rng.integers(74, 81, 15)
        wins = np.minimum(rng.integers(15, 65, 15), played)
        got = table(wins.tolist(), played.tolist(), season)
        most = wins + 82 - played
        for i in range(15):
            others = np.arange(15) != i
            out = (wins[others] > most[i]).sum() >= last_playing
            safe = (most[others] >= wins[i]).sum() < last_in
            fixed = all(most[j] < wins[i] or wins[j] > most[i] for j in range(15) if j != i)
            assert got["eliminated_flag"][i] == out, (season, i)
            assert got["clinched_flag"][i] == safe, (season, i)
            assert got["locked_flag"][i] == fixed, (season, i)
        assert got["eliminated_flag"].sum() > 0
        assert got["clinched_flag"].sum() > 0


def test_games_ahead_of_the_lines_are_those_of_the_newspaper() -> None:
    wins = [60, 55, 52, 50, 48, 45, 43, 42, 40, 38, 30, 28, 25, 20, 15]
    got = table(wins, [80] * 15)
    assert got["conference_rank"].to_list() == [float(i) for i in range(1, 16)]
    assert got["wins_above_playoff_line"].to_list()[:8] == [17, 12, 9, 7, 5, 2, -2, -3]
    assert got["wins_above_play_in_line"].to_list()[8:] == [10, 8, -8, -10, -13, -18, -23]


def test_no_standing_before_the_first_game_and_none_of_the_day_itself() -> None:
    rows = standings.add_standings(schedule_load(HISTORY), HISTORY)
    first = rows.filter(pl.col("game_date") == DAYS[0])
    assert first["games_played"].unique().to_list() == [0]
    assert first["win_pct"].is_null().all()
    later = rows.filter(pl.col("game_date") == DAYS[5])
    assert later["games_played"].unique().to_list() == [5]


# --- impact ------------------------------------------------------------------------------------------------------------------


def test_an_estimate_counts_from_its_date_on_and_the_unseen_are_below_average() -> None:
    estimates = pl.DataFrame({
        "estimate_date": [date(2023, 11, 1), date(2023, 12, 1)], "player_id": ["p", "p"], "impact_off_per_100": [1.0, 5.0],
        "impact_def_per_100": [1.0, 5.0], "impact_per_100": [2.0, 10.0],
    })  # fmt: skip
    days = [date(2023, 10, 31), date(2023, 11, 1), date(2023, 11, 30), date(2023, 12, 1)]
    rows = add_impact(pl.DataFrame({"game_date": days, "player_id": ["p"] * 4}), estimates)
    assert rows["impact_per_100"].to_list() == [UNSEEN_PER_100, 2.0, 2.0, 10.0]
