"""Who is there tonight, on a team of five made by hand: shares, absences, trades, comebacks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.features import player_form, rotation
from rates_lib.features.history import History
from rates_lib.features.registry import FAMILIES, Family
from rates_lib.features.rotation import absent_members
from rates_lib.features.vacated import add_vacated
from tests.frames.histories import hand_history

MINUTES = {"pg": 36, "sg": 34, "sf": 30, "pf": 24, "c": 6}
COUNTS = {"pg": 36.0, "sg": 34.0, "sf": 30.0, "pf": 24.0, "c": 3.0}  # six minutes count by half
HEIGHTS = {"pg": 72.0, "sg": 76.0, "sf": 79.0, "pf": 80.5, "c": 84.0, "bg": 72.0, "new": 79.0}
FIRST = date(2023, 11, 1)


def days(n: int) -> list[date]:
    return [FIRST + timedelta(days=2 * i) for i in range(n)]


def league(
    n: int,
    *,
    tonight: dict[str, dict[str, Any]] | None = None,
    absent: dict[str, Iterable[int]] | None = None,
    box: Iterable[dict[str, Any]] = (),
    lists: Iterable[dict[str, Any]] = (),
) -> History:
    """Team A of five and team B of one meet `n` times, then once more tonight.

    Args:
        n: games before tonight.
        tonight: by player of A what the list of tonight says; all five active if None.
        absent: by player the games in which he did not play.
        box, lists: further rows.
    """
    games = [(f"g{i:03}", day, "A", "B") for i, day in enumerate(days(n + 1))]
    played = [
        {"game_id": f"g{i:03}", "player_id": p, "team_id": "A", "min": minutes, "starter": int(p != "c")}
        for i in range(n)
        for p, minutes in MINUTES.items()
        if i not in (absent or {}).get(p, ())
    ]
    played += [{"game_id": f"g{i:03}", "player_id": "bg", "team_id": "B", "min": 40} for i in range(n)]
    listed = [{"game_id": f"g{n:03}", "player_id": p, "team_id": "A", **x} for p, x in (tonight or {key: {} for key in MINUTES}).items()]
    listed += [{"game_id": f"g{n:03}", "player_id": "bg", "team_id": "B"}]
    return hand_history(games, [*played, *box], [*listed, *lists], HEIGHTS)


def of_tonight(history: History, table: str = "gold.rotation") -> dict[str, dict[str, Any]]:
    games = history.game.filter(pl.col("game_date") == history.game["game_date"].max())
    build = next(f.build for f in FAMILIES if f.table == table)
    return {row["player_id"]: row for row in build(history, games).iter_rows(named=True)}


def test_shares_of_a_whole_team() -> None:
    rows = of_tonight(league(4))
    total = sum(COUNTS.values())
    for p, minutes in MINUTES.items():
        assert rows[p]["minutes_share"] == pytest.approx(240 * minutes / total)
        assert rows[p]["mates_minutes_team"] == pytest.approx(total - COUNTS[p])
        assert rows[p]["mates_count_team"] == pytest.approx(4.5 - min(1, minutes / 12))
        assert rows[p]["absent_minutes_team"] == rows[p]["fresh_absent_minutes_team"] == rows[p]["returning_minutes_team"] == 0
    # who counts by half has half a share: together they have the 240 minutes
    assert sum(rows[p]["minutes_share"] * COUNTS[p] / MINUTES[p] for p in MINUTES) == pytest.approx(240)
    assert [rows[p]["minutes_rank"] for p in MINUTES] == [1, 2, 3, 4, 5]
    assert rows["pg"]["mates_minutes_near"] == pytest.approx(0.6 * 34 + 0.3 * 30 + 0.1 * 24)
    assert rows["sf"]["mates_minutes_near"] == pytest.approx(0.3 * 36 + 0.6 * 34 + 0.6 * 24 + 0.3 * 3)
    assert rows["bg"]["mates_minutes_team"] == 0  # the other team is another team
    assert rows["bg"]["minutes_share"] == pytest.approx(240 * 40 / 120)  # and 120 minutes are the least a team counts as


def test_how_a_player_did_against_his_share() -> None:
    lists = [{"game_id": f"g00{i}", "player_id": p, "team_id": "A"} for i in range(2) for p in MINUTES]
    first = 36 - 240 * 11 / 120  # nobody is known on the first day: 11 minutes each, and a team counts as 120 minutes at least
    assert of_tonight(league(1, lists=lists[:5]))["pg"]["over_share_hl3"] == pytest.approx(first / 2)  # shrunk by one game
    second, keep = 36 - 240 * 36 / sum(COUNTS.values()), 0.5 ** (1 / 3)
    rows = of_tonight(league(2, lists=lists))
    assert rows["pg"]["over_share_hl3"] == pytest.approx((first * keep + second) / (keep + 2))
    assert rows["pg"]["mates_minutes_blind_team_hl3"] == pytest.approx((4 * 11 * 11 / 12 * keep + 91) / (keep + 1), abs=1e-5)


def test_who_is_listed_out_is_absent() -> None:
    rows = of_tonight(league(4, tonight={key: {} for key in MINUTES} | {"sf": {"status": "inactive"}}))
    total = sum(COUNTS.values()) - 30
    for p in ("pg", "sg", "pf", "c"):
        assert rows[p]["absent_minutes_team"] == rows[p]["fresh_absent_minutes_team"] == 30
        assert rows[p]["regular_starters_out"] == 1
        assert rows[p]["mates_minutes_team"] == pytest.approx(total - COUNTS[p])
        assert rows[p]["minutes_share"] == pytest.approx(240 * MINUTES[p] / max(total, 120))
    assert rows["pg"]["absent_minutes_near"] == pytest.approx(0.3 * 30)
    assert rows["pf"]["absent_minutes_near"] == pytest.approx(0.6 * 30)
    assert rows["sf"]["absent_minutes_team"] == 0  # he does not miss himself
    assert rows["sf"]["minutes_rank"] is None
    assert [rows[p]["minutes_rank"] for p in ("pg", "sg", "pf", "c")] == [1, 2, 3, 4]
    assert rows["bg"]["absent_minutes_team"] == 0


@pytest.mark.parametrize("missed", [1, 3, 9])
def test_an_old_absence_is_less_fresh(missed: int) -> None:
    history = league(12, tonight={key: {} for key in MINUTES} | {"sf": {"status": "out"}}, absent={"sf": range(12 - missed, 12)})
    row = of_tonight(history)["pg"]
    assert row["absent_minutes_team"] == pytest.approx(30)
    assert row["fresh_absent_minutes_team"] == pytest.approx(30 * 0.5 ** (missed / 3), abs=1e-6)
    assert row["regular_starters_out"] == 1


def test_who_a_full_list_does_not_name_is_absent() -> None:
    tonight: dict[str, dict[str, Any]] = {p: {} for p in MINUTES if p != "sf"}
    rows = of_tonight(league(4, tonight=tonight))
    assert "sf" not in rows
    assert rows["pg"]["absent_minutes_team"] == rows["pg"]["fresh_absent_minutes_team"] == 30
    gone_for_a_month = league(30, tonight=tonight, absent={"sf": range(14, 30)})  # 34 days since he last played
    assert of_tonight(gone_for_a_month)["pg"]["absent_minutes_team"] == 0
    injury_report = {p: {"source": "injury_report", "status": "questionable"} for p in ("pg", "sg")}
    rows = of_tonight(league(4, tonight=injury_report))  # a partial list: who is not on it is expected
    assert "sf" in rows
    assert rows["pg"]["absent_minutes_team"] == 0
    assert rows["pg"]["mates_minutes_team"] == pytest.approx(sum(COUNTS.values()) - 36)


WITHOUT_SF: dict[str, dict[str, Any]] = {p: {} for p in MINUTES if p != "sf"}


@cache
def without_sf(family: Family) -> pl.DataFrame:
    """Features of the family for tonight, of an evening to which sf does not come."""
    history = league(4, tonight=WITHOUT_SF)
    return family.build(history, history.game.filter(pl.col("game_id") == "g004")).drop(family.labels)


@pytest.mark.parametrize("who", ["new", "sf"], ids=["a stranger", "a member whom the list left out"])
def test_who_merely_appeared_counts_for_nobody(who: str) -> None:
    before = league(4, tonight=WITHOUT_SF)
    after = league(4, tonight=WITHOUT_SF, box=[{"game_id": "g004", "player_id": who, "team_id": "A", "min": 48, "pts": 50}])
    games = before.game.filter(pl.col("game_id") == "g004")
    for family in FAMILIES:
        known, then = without_sf(family), family.build(after, games).drop(family.labels)
        if {"game_id", "player_id"} <= set(known.columns):
            assert who in then["player_id"].to_list()
            then = then.filter(pl.col("player_id") != who)
        assert_frame_equal(then, known, check_exact=True)
    assert_frame_equal(absent_members(after, games), absent_members(before, games), check_exact=True)


def test_what_is_vacated_is_minutes_times_rates() -> None:
    history = league(4, tonight={key: {} for key in MINUTES} | {"sf": {"status": "inactive"}})
    games = history.game.filter(pl.col("game_id") == "g004")
    form = {r["player_id"]: r for r in player_form.build(history, games).iter_rows(named=True)}
    teams = pl.DataFrame({"game_id": ["g004"] * 2, "team_id": ["A", "B"]})
    a, b = add_vacated(teams, history, games).rows(named=True)
    assert a["vacated_ast"] == pytest.approx(30 * form["sf"]["ast_per_min_hl30"], abs=1e-6)
    assert a["fresh_vacated_ast"] == a["vacated_ast"]
    assert a["absent_minutes_SF"] == 30
    assert a["absent_minutes_PG"] == a["absent_minutes_C"] == b["vacated_ast"] == 0


# --- trades and comebacks -------------------------------------------------------------------------------------------------------


def traded() -> History:
    """`sf` plays two games for A; then A and B play C and D, and he is listed for B, where he plays once before tonight."""
    games = [("g0", FIRST, "A", "B"), ("g1", FIRST + timedelta(2), "A", "B"), ("g2", FIRST + timedelta(4), "C", "B"),
             ("g3", FIRST + timedelta(4), "A", "D"), ("g4", FIRST + timedelta(6), "B", "A")]  # fmt: skip
    home = {"A": ["pg", "sg", "pf"], "B": ["bg"], "C": ["c1"], "D": ["d1"]}
    box = [{"game_id": g, "player_id": p, "team_id": t, "min": 30}
           for g, _, *teams in games[:4] for t in teams for p in home[t]]  # fmt: skip
    box += [{"game_id": g, "player_id": "sf", "team_id": t, "min": 30} for g, t in (("g0", "A"), ("g1", "A"), ("g2", "B"))]
    lists = [{"game_id": g, "player_id": p, "team_id": t} for g, _, *teams in games[2:] for t in teams for p in home[t]]
    lists += [{"game_id": g, "player_id": "sf", "team_id": "B"} for g in ("g2", "g4")]
    return hand_history(games, box, lists, HEIGHTS)


def test_a_traded_player_has_the_team_of_that_night() -> None:
    history = traded()

    def row(game: str) -> dict[str, Any]:
        games = history.game.filter(pl.col("game_id") == game)
        rows = rotation.build(history, games).join(player_form.build(history, games), on=["game_id", "player_id"])
        return rows.filter(pl.col("player_id") == "sf").row(0, named=True)

    first = row("g2")  # his first night at B
    assert (first["team_id"], first["opponent_id"]) == ("B", "C")
    assert first["new_team_flag"] == 1
    assert first["team_games_missed"] is None
    assert first["mates_minutes_blind_team"] == pytest.approx(30)  # bg alone
    second = row("g4")  # against his old team
    assert (second["team_id"], second["opponent_id"]) == ("B", "A")
    assert second["new_team_flag"] == 0
    assert second["team_games_missed"] == 0
    assert second["mates_minutes_blind_team"] == pytest.approx(30)


def test_the_old_team_misses_him_and_the_new_one_does_not() -> None:
    history = traded()
    for game, missing in (("g3", ["sf"]), ("g2", []), ("g4", [])):  # on the night itself he counts as gone, then as somebody else's
        games = history.game.filter(pl.col("game_id") == game)
        assert absent_members(history, games)["player_id"].to_list() == missing


def test_back_after_months() -> None:
    gone = range(3, 43)
    tonight = of_tonight(league(43, absent={"sf": gone}), "gold.player_form")["sf"]
    assert tonight["team_games_missed"] == 40
    assert tonight["games_since_return"] is None
    assert tonight["minutes_prior_blind"] == pytest.approx(30)
    assert tonight["minutes_last30d"] == 0
    company = of_tonight(league(43, absent={"sf": gone}))
    assert company["pg"]["returning_minutes_team"] == pytest.approx(30 * (1 - 0.5 ** (40 / 3)), abs=1e-5)
    assert company["sf"]["returning_minutes_team"] == 0

    later = of_tonight(league(46, absent={"sf": gone}), "gold.player_form")["sf"]  # three games played since
    assert later["team_games_missed"] == 0
    assert later["games_since_return"] == 2  # after the comeback itself
    assert later["last_absence_games"] == 40
    assert later["minutes_last30d"] == 90
    two_missed = of_tonight(league(8, absent={"sf": range(3, 5)}), "gold.player_form")["sf"]
    assert two_missed["last_absence_games"] is None  # no absence to speak of
