"""Who takes a free place: small teams by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from rates_lib.questions.whatif.replacement import WEIGHTS, Replacement, TeamGame, fill, reason, score, team_games, terms

DAY = date(2025, 1, 15)
FOUR = ("pg", "sg", "sf", "pf")
NAMES = {"c": "The Centre", "sixth": "Sixth Man", "backup": "Backup Centre", "sg": "A Guard"}


def row(position: str, minutes: float, **values: Any) -> dict[str, Any]:
    known = {"position_primary": position, "height_inches": 78, "start_share_hl8": 0.0, "started_lag1": 0}
    return known | {"minutes_prior_blind": minutes} | values


FORM = {
    "pg": row("PG", 34.0, height_inches=74), "sg": row("SG", 33.0), "sf": row("SF", 32.0), "pf": row("PF", 30.0),
    "c": row("C", 31.0, height_inches=84),
    "sixth": row("SG", 26.0, height_inches=76), "backup": row("C", 16.0, height_inches=83), "wing": row("SF", 14.0),
}  # fmt: skip
BENCH = ("sixth", "backup", "wing")


def game(ago: int, *started: str, missing: tuple[str, ...] = ()) -> TeamGame:
    played = frozenset(FORM) - set(missing)
    return TeamGame(2024, DAY - timedelta(days=2 * ago + 2), frozenset(started), played, ago)


WHOLE = [game(ago, *FOUR, "c") for ago in range(9, 4, -1)]
WITHOUT = [game(ago, *FOUR, "backup", missing=("c",)) for ago in (3, 1)]


def test_the_place_goes_to_the_player_who_started_there_before():
    """The sixth man has ten minutes more; in the games that the centre missed the other centre started."""
    games = [*WHOLE, *WITHOUT, game(0, *FOUR, "c")]
    (new,) = fill(FOUR, ["c"], BENCH, games, FORM)
    assert new == Replacement("backup", "c", 2, 2)
    assert reason(new, NAMES) == "started 2 of the 2 games that The Centre missed"
    values = terms("c", FOUR, BENCH, games, FORM)
    # two games, one and three games ago, and half a game without a start
    weights = [0.5 ** (ago / 15) for ago in (3, 1)]
    assert values["backup"]["started_before"] == pytest.approx(sum(weights) / (sum(weights) + 0.5))
    assert values["sixth"]["started_before"] == 0


def test_games_with_another_five_count_less():
    others = [game(ago, "x", "y", "z", "pf", "backup", missing=("c",)) for ago in (3, 1)]
    alike, unlike = (terms("c", FOUR, BENCH, [*WHOLE, *games], FORM)["backup"]["started_before"] for games in (WITHOUT, others))
    assert alike > 0.75
    assert 0 < unlike < 0.25


def test_the_five_keeps_its_shape():
    """Without any history minutes and position decide: not a second centre for a guard, nor a small guard for the centre."""
    equal = {player: {**values, "minutes_prior_blind": 20.0} for player, values in FORM.items()}
    assert fill(FOUR, ["c"], BENCH, [], equal)[0].player == "backup"
    assert fill(("pg", "sf", "pf", "c"), ["sg"], BENCH, [], equal)[0].player == "sixth"


def test_without_history_minutes_decide_among_equals():
    alike = {player: row("SF", minutes) for player, minutes in {"a": 12.0, "b": 25.0, "c2": 20.0}.items()}
    (new,) = fill(FOUR, ["c"], ["a", "b", "c2"], [], {**FORM, **alike})
    assert new == Replacement("b", "c", 0, 0)
    assert reason(new, NAMES | {"b": "B"}) == "The Centre missed no game; the best mix of starts, minutes and position"
    never = Replacement("sixth", "c", 0, 3)
    assert reason(never, NAMES).startswith("started none of the 3 games that The Centre missed; ")


def test_players_of_whom_nothing_is_known():
    """A two-way player without a form, and an absent player whom no game names."""
    (new,) = fill(FOUR, ["stranger"], ["two-way", *BENCH], WHOLE, FORM)
    assert (new.absent, new.missed) == ("stranger", 0)
    assert new.player in BENCH
    assert [new.player for new in fill(FOUR, ["c"], ["two-way"], WHOLE, FORM)] == ["two-way"]
    assert fill(FOUR, ["c"], [], WHOLE, FORM) == []


def test_several_places_are_filled_one_after_the_other():
    games = [*WHOLE, *WITHOUT]
    found = fill(("pg", "sf", "pf"), ["sg", "c"], BENCH, games, FORM)
    assert {new.absent: new.player for new in found} == {"c": "backup", "sg": "sixth"}
    free = fill(("pg", "sg", "sf"), [], BENCH, games, FORM)  # an announced five of three
    assert [new.absent for new in free] == [None, None]
    assert "free place" in reason(free[0], NAMES)
    assert fill((*FOUR, "c"), ["x"], BENCH, games, FORM) == []


def test_a_score_is_the_weighted_sum_of_its_terms():
    assert score(dict.fromkeys(WEIGHTS, 1.0)) == pytest.approx(sum(WEIGHTS.values()))
    assert score({"minutes": 10.0, "other": 5.0}, {"minutes": 0.1}) == 1.0


def player_game(days: list[date], season: int = 2024) -> pl.DataFrame:
    rows = [
        {
            "season": season,
            "team_id": "T",
            "game_date": day,
            "game_id": f"g{day}",
            "player_id": p,
            "starter": int(p in (*FOUR, "c")),
            "min": 20,
        }
        for day in days
        for p in FORM
    ]
    return pl.DataFrame(rows)


def test_only_games_before_the_day_count():
    days = [DAY - timedelta(days=n) for n in (6, 4, 2, 0)] + [DAY + timedelta(days=2)]
    rows = player_game(days)
    games = team_games(rows, "T", DAY, 2024)
    assert [(g.game_date, g.ago) for g in games] == [(days[0], 2), (days[1], 1), (days[2], 0)]
    assert games[0].started == {*FOUR, "c"}
    assert games[0].played == set(FORM)
    poisoned = rows.with_columns(pl.when(pl.col("game_date") >= DAY).then(1 - pl.col("starter")).otherwise("starter").alias("starter"))
    assert team_games(poisoned, "T", DAY, 2024) == games
    assert team_games(rows, "T", DAY, 2026) == []  # two seasons ago
    assert team_games(rows, "other", DAY, 2024) == []
    unknown = rows.with_columns(pl.when(pl.col("game_date") == days[1]).then(None).otherwise("starter").alias("starter"))
    assert [g.ago for g in team_games(unknown, "T", DAY, 2024)] == [2, 0]
    absent = rows.with_columns(pl.when(pl.col("player_id") == "wing").then(0).otherwise("min").alias("min"))
    assert "wing" not in team_games(absent, "T", DAY, 2024)[0].played
