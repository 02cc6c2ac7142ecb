"""Schedule, places and standings by hand; line-ups against plain sums; matchups against truncation, poison and a planted leak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.features import lineup, standings
from rates_lib.features.assemble import add_minutes
from rates_lib.features.history import History
from rates_lib.features.impact.config import UNSEEN_PER_100
from rates_lib.features.lineup import LINEUP, add_impact, lineup_strength
from rates_lib.features.registry import FAMILIES
from rates_lib.features.schedule_load import schedule_load
from rates_lib.features.team_matchup import TEAM_TABLES, TeamInputs, matchups
from tests.frames.histories import all_features, hand_history, poisoned, random_history

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


# --- line-ups --------------------------------------------------------------------------------------------------------------


def with_minutes(history: History, games: pl.DataFrame) -> pl.DataFrame:
    rows = all_features(history, games)
    made = {"minutes_p10": 10.0, "minutes_p50": 20.0, "minutes_p90": 30.0, "play_prob": 0.9}
    numbers = (pl.lit(value).alias(name) for name, value in made.items())
    return add_minutes(rows, rows.select("game_id", "player_id", *numbers, pl.lit("walk_forward").alias("minutes_source")))


def test_a_line_up_is_minutes_times_rates_of_its_first_ten() -> None:
    games = HISTORY.game.filter(pl.col("game_date") == DAYS[20])
    features = with_minutes(HISTORY, games)
    got = lineup_strength(features, HISTORY.player_impact).row(0, named=True)
    mine = features.filter(game_id=got["game_id"], team_id=got["team_id"], foreseen_flag=1).sort("player_id").head(10)
    assert mine.height < 10  # nine a team: all of them count, with the same minutes
    minutes = 240 / mine.height
    rate = (mine["ast_per_min_hl10"] + mine["ast_per_min_hl30"]) / 2
    assert got["lineup_ast"] == pytest.approx(minutes * rate.sum(), abs=1e-4)
    impact = add_impact(mine, HISTORY.player_impact)["impact_per_100"]
    assert got["lineup_impact"] == pytest.approx(minutes / 48 * impact.sum(), abs=1e-4)
    assert got["lineup_star_impact"] == pytest.approx(minutes / 48 * impact.max(), abs=1e-4)


def test_an_estimate_counts_from_its_date_on_and_the_unseen_are_below_average() -> None:
    estimates = pl.DataFrame({
        "estimate_date": [date(2023, 11, 1), date(2023, 12, 1)], "player_id": ["p", "p"], "impact_off_per_100": [1.0, 5.0],
        "impact_def_per_100": [1.0, 5.0], "impact_per_100": [2.0, 10.0],
    })  # fmt: skip
    days = [date(2023, 10, 31), date(2023, 11, 1), date(2023, 11, 30), date(2023, 12, 1)]
    rows = add_impact(pl.DataFrame({"game_date": days, "player_id": ["p"] * 4}), estimates)
    assert rows["impact_per_100"].to_list() == [UNSEEN_PER_100, 2.0, 2.0, 10.0]


# --- matchups see nothing of their day ---------------------------------------------------------------------------------------


def built(history: History, games: pl.DataFrame) -> pl.DataFrame:
    forms = {family.table: family.build(history, games) for family in FAMILIES if family.table in TEAM_TABLES}
    lines = pl.DataFrame({"game_id": games["game_id"]}).with_columns(as_of=pl.lit("close"), spread_home=pl.lit(-3.5), total=pl.lit(220.0))
    return matchups(TeamInputs(forms, history.player_impact, lines), with_minutes(history, games), games)


def check_truncation(cut: date) -> None:
    games = HISTORY.game.filter(pl.col("game_date") == cut)
    assert_frame_equal(built(HISTORY, games), built(HISTORY.before(cut), games), check_exact=True)


def check_poison(cut: date) -> None:
    games = HISTORY.game.filter(pl.col("game_date").is_in([*DAYS[10:12], cut]))
    assert_frame_equal(built(HISTORY, games), built(poisoned(HISTORY, cut), games), check_exact=True)


@pytest.mark.parametrize("check", [check_truncation, check_poison])
@pytest.mark.parametrize("cut", CUTS)
def test_matchups_see_nothing_of_their_day(check: Callable[[date], None], cut: date) -> None:
    check(cut)


@pytest.mark.parametrize("check", [check_truncation, check_poison])
def test_a_planted_leak_of_an_estimate_turns_the_checks_red(check: Callable[[date], None], monkeypatch: pytest.MonkeyPatch) -> None:
    honest = add_impact

    def peeking(rows: pl.DataFrame, player_impact: pl.DataFrame) -> pl.DataFrame:
        """Takes estimates dated up to 40 days later."""
        return honest(rows, player_impact.with_columns(pl.col("estimate_date") - pl.duration(days=40)))

    monkeypatch.setattr(lineup, "add_impact", peeking)
    with pytest.raises(AssertionError):
        check(DAYS[20])


def test_differences_are_home_minus_away_and_lines_do_not_move_them() -> None:
    rows = built(HISTORY, HISTORY.game.filter(pl.col("game_date") == DAYS[20]))
    for name in ("elo", "kalman_off", "travel_km", next(iter(LINEUP)), "change_impact_hl8"):
        assert rows[f"diff_{name}"].equals((rows[f"home_{name}"] - rows[f"away_{name}"]).alias(f"diff_{name}"))
    assert rows["spread_home"].unique().to_list() == [-3.5]
