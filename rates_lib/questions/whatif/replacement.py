"""Who starts in the place of a starter who is out: a score of each team-mate, from games before the day.

A score adds up, with weights fitted to real vacancies (`evaluation/replacements.py` fits and measures them):

- the share of the games that the absent player missed in which the candidate started, of those in which the candidate played; recent games
  and games in which the rest of the five started count more;
- the candidate's decayed share of starts, and whether the candidate started the last game played;
- expected minutes, without knowledge of tonight's five;
- the shape of the five: how far its positions are from one of each, PG to C; and how far the candidate's height is from that of the
  absent player.

Without a history the first terms are 0, and minutes, shape and height decide. The rise of a candidate's minutes while the absent player is
out was tried and did not help.

Belongs here: scores and reasons. Does not belong here: the announced five and its other changes (`inputs.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

import polars as pl

from rates_lib.core.basketball import PLAYERS
from rates_lib.schemas.columns import POSITIONS

WEIGHTS = {"started_before": 2.67, "start_share": 0.566, "started_last": 1.36, "minutes": 0.115, "shape": 0.519, "height": 0.0942}
"""Weights of the terms of a score: of shares, of a yes, of a minute, of a step between positions, of an inch. Fitted to the vacancies of
2021-22 and 2022-23; 2023-24 and 2024-25 are measured (docs/worlds.md)."""
FORM = ("player_id", "position_primary", "height_inches", "minutes_prior_blind", "start_share_hl8", "started_lag1")
"""Columns of gold.player_form that a score reads."""
HALF_LIFE_GAMES = 15.0
_PRIOR_GAMES = 0.5  # games without a start that the share of starts begins with
_INDEX = {position: i for i, position in enumerate(POSITIONS)}

Form = Mapping[str, Mapping[str, Any]]
"""A row of gold.player_form (at least FORM) by player."""


@dataclass(frozen=True)
class TeamGame:
    """A past game of a team whose five is known.

    Attributes:
        season: start year.
        game_date: Eastern date.
        started: ids of the five.
        played: ids of all who played.
        ago: number of the team's games that followed before the day.
    """

    season: int
    game_date: date
    started: frozenset[str]
    played: frozenset[str]
    ago: int


@dataclass(frozen=True)
class Replacement:
    """A player who takes a free place.

    Attributes:
        player: id.
        absent: id of the player replaced; None if the place was free before.
        started, missed: of the games that the absent player missed and the player played, number started, and number.
    """

    player: str
    absent: str | None
    started: int
    missed: int


def form_of(rows: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Rows of gold.player_form of one game by player."""
    return {row["player_id"]: row for row in rows.select(FORM).iter_rows(named=True)}


def team_games(player_game: pl.DataFrame, team: str, day: date, season: int) -> list[TeamGame]:
    """The games of a team before a day, of this season and the last, oldest first; games with an unknown five are left out.

    Args:
        player_game: rows of silver.player_game, also of the day and later.
        team: id.
        day: Eastern date; the day itself is left out.
        season: of the day.
    """
    rows = player_game.filter(
        (pl.col("team_id") == team) & (pl.col("game_date") < day) & (pl.col("season") >= season - 1) & (pl.col("min") > 0)
    )
    started = pl.col("player_id").filter(pl.col("starter") == 1).alias("started")
    games = rows.group_by("season", "game_date", "game_id").agg(started, "player_id").sort("game_date", "game_id")
    found = []
    for number, (of_season, game_date, _, five, played) in enumerate(games.iter_rows()):
        if len(five) == PLAYERS:
            found.append(TeamGame(of_season, game_date, frozenset(five), frozenset(played), games.height - 1 - number))
    return found


def fill(five: Sequence[str], absent: Sequence[str], candidates: Sequence[str], games: Sequence[TeamGame], form: Form) -> list[Replacement]:
    """Fill the free places of a five, the clearest case first.

    Args:
        five: ids of the starters who are left.
        absent: ids of starters who are out; fewer or more than the free places are possible.
        candidates: ids of team-mates who may play, the first of equals preferred.
        games: of `team_games`.
        form: of the game; players without a row have no history, position or height.

    Returns:
        A replacement for each free place while there are candidates.
    """
    five, left, found = list(five), list(absent), list[Replacement]()
    free = [player for player in candidates if player not in five]
    while len(five) < PLAYERS and free:
        places: list[str | None] = [*left] or [None]
        values = {gone: terms(gone, five, free, games, form) for gone in places}
        pairs = [(gone, player) for gone in places for player in free]
        gone, player = max(pairs, key=lambda pair: score(values[pair[0]][pair[1]]))
        found.append(Replacement(player, gone, *_record(gone, player, games)))
        five.append(player)
        free.remove(player)
        left = [other for other in left if other != gone]
    return found


def terms(
    absent: str | None, five: Sequence[str], candidates: Iterable[str], games: Sequence[TeamGame], form: Form
) -> dict[str, dict[str, float]]:
    """The terms of the candidates' scores, by candidate and name of WEIGHTS."""
    missed = _missed(absent, games)
    others = [_INDEX[row["position_primary"]] for player in five if (row := form.get(player))]
    height = form.get(absent or "", {}).get("height_inches")
    found = {}
    for player in candidates:
        row = form.get(player, {})
        weights = [(_weight(game, five), player in game.started) for game in missed if player in game.played]
        place = [_INDEX[row["position_primary"]]] if row else []
        apart = abs(row["height_inches"] - height) if height and row.get("height_inches") else 0.0
        found[player] = {
            "started_before": sum(w for w, started in weights if started) / (sum(w for w, _ in weights) + _PRIOR_GAMES),
            "start_share": row.get("start_share_hl8") or 0.0,
            "started_last": float(row.get("started_lag1") or 0),
            "minutes": row.get("minutes_prior_blind") or 0.0,
            "shape": -float(_off_shape([*others, *place])),
            "height": -float(apart),
        }
    return found


def score(values: Mapping[str, float], weights: Mapping[str, float] = WEIGHTS) -> float:
    """The score of a candidate from the terms: the logarithm of the chance to start, up to a constant."""
    return sum(weight * values[name] for name, weight in weights.items())


def reason(replacement: Replacement, names: Mapping[str, str]) -> str:
    """Why the player starts, in words: "started 4 of the 5 games that Chris Paul missed"."""
    if replacement.absent is None:
        return "has the best mix of starts, minutes and position for the free place"
    absent = names[replacement.absent]
    if replacement.missed and replacement.started:
        return f"started {replacement.started} of the {replacement.missed} games that {absent} missed"
    before = f"started none of the {replacement.missed} games that {absent} missed" if replacement.missed else f"{absent} missed no game"
    return f"{before}; the best mix of starts, minutes and position"


def _missed(absent: str | None, games: Sequence[TeamGame]) -> list[TeamGame]:
    """Games that a player missed since the first one for the team."""
    first = next((i for i, game in enumerate(games) if absent in game.played), len(games))
    return [game for game in games[first:] if absent not in game.played]


def _record(absent: str | None, player: str, games: Sequence[TeamGame]) -> tuple[int, int]:
    together = [game for game in _missed(absent, games) if player in game.played]
    return sum(player in game.started for game in together), len(together)


def _weight(game: TeamGame, five: Sequence[str]) -> float:
    shared = len(game.started.intersection(five)) / max(len(five), 1)
    return float(0.5 ** (game.ago / HALF_LIFE_GAMES)) * shared**2


def _off_shape(places: Sequence[int]) -> int:
    """Least number of steps that turns the positions of up to five players into different ones of PG to C."""
    ordered = sorted(places)
    return min(sum(abs(a - b) for a, b in zip(ordered, slots, strict=True)) for slots in combinations(range(len(POSITIONS)), len(ordered)))
