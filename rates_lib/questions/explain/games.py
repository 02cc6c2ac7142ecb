"""The player whom a text names, and the player's games before and on the day.

Belongs here: finding the player among the day's candidates, the last games, the result. Does not belong here: the information before the
game (`circumstances.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.core.player_names import find_player
from rates_lib.features.history import History
from rates_lib.lake import Lake
from rates_lib.pipeline.slate import PredictionInputs
from rates_lib.schemas.columns import RATE_TARGETS

LAST_GAMES = 5
LINE_COUNTS = ("pts", "reb", "fg2m", "fg3m", "ftm", *RATE_TARGETS)


@dataclass(frozen=True)
class GameLine:
    """A game that the player played; `started` is None if unknown."""

    game_date: date
    opponent: str
    home: bool
    minutes: float
    started: bool | None
    counts: dict[str, int]


@dataclass(frozen=True)
class GameResult:
    """The result of the game, shown apart from the explanation; `line` is None if the player did not play."""

    home_pts: int
    away_pts: int
    line: GameLine | None


def require_games(history: History, day: date) -> None:
    """Check that the day has games.

    Raises:
        RatesError: if it has none; names the days with games before and after.
    """
    days = history.game["game_date"].unique().sort()
    if day not in days:
        raise RatesError(f"no games on {day} in silver.game: {_before_and_after(days.to_list(), day, 'the last day with games was')}")


def find_candidate(player: str, day: date, rows: PredictionInputs, history: History) -> str:
    """Id of the candidate with this name; candidates of the day take precedence over other players.

    Args:
        player: id, name or part of a name.
        day: Eastern date.
        rows: candidates of the day.
        history: all seasons up to the day's, for names and dates in errors.

    Raises:
        UnknownPlayerError: if no player fits, or several do.
        RatesError: if the player is not a candidate that day; names the player's games before and after.
    """
    today = dict(rows.player_names.filter(pl.col("game_date") == day).select("player_id", "player_name").drop_nulls().iter_rows())
    ids = set(rows.features["player_id"])
    first = {player_id: today.get(player_id, player_id) for player_id in sorted(ids)}
    all_names = newest_names(rows, history)
    player_id = find_player(player, first, all_names)
    if player_id in ids:
        return player_id
    played = history.appearances().filter(pl.col("player_id") == player_id).sort("game_date")
    team = played.filter(pl.col("game_date") < day)["team_id"].tail(1).to_list()
    sides = pl.col("home_team_id").is_in(team) | pl.col("away_team_id").is_in(team)
    of_team = history.game.filter(sides)["game_date"].to_list()
    days = sorted({*played["game_date"].to_list(), *(d for d in of_team if d > day)})
    why = f"is not a candidate of the team's game on {day}" if day in of_team else f"has no game on {day}"
    raise RatesError(f"{all_names[player_id]} {why}: {_before_and_after(days, day, 'the last game was on')}")


def _before_and_after(days: list[date], day: date, last: str) -> str:
    before, after = [d for d in days if d < day], [d for d in days if d > day]
    clauses = [f"{last} {before[-1]}"] if before else []
    clauses += [f"the next is {after[0]}"] if after else []
    return ", ".join(clauses) or "none is known before or after"


def newest_names(rows: PredictionInputs, history: History) -> dict[str, str]:
    """Newest name of each player in `rows` and `history`, by id."""
    named = ("player_id", "player_name")
    known = pl.concat(
        [
            history.player_bio.sort("season", maintain_order=True).select(named),
            history.player_game.sort("game_date", "game_id", maintain_order=True).select(named),
            rows.player_names.sort("game_date", maintain_order=True).select(named),
        ]
    )
    return dict(known.drop_nulls().iter_rows())


def with_codes(lake: Lake, games: pl.DataFrame) -> pl.DataFrame:
    """`games` with the abbreviations of both teams, and tipoff_assumed."""
    names = ["game_id", "home_team_abbreviation", "away_team_abbreviation", "tipoff_assumed"]
    codes = lake.read("silver.game", games["season"].unique().sort().to_list(), names)
    return games.join(codes, on="game_id", how="left", maintain_order="left")


def _line(row: dict[str, Any]) -> GameLine:
    return GameLine(
        row["game_date"],
        row["away_team_abbreviation"] if row["home_flag"] == 1 else row["home_team_abbreviation"],
        row["home_flag"] == 1,
        row["minutes"],
        None if row["starter"] is None else row["starter"] == 1,
        {name: row[name] for name in LINE_COUNTS},
    )


def last_games(lake: Lake, history: History, player_id: str) -> list[GameLine]:
    """The player's last LAST_GAMES games in `history`, which ends before the day; newest first."""
    played = history.appearances().filter(pl.col("player_id") == player_id).sort("game_date", "game_id").tail(LAST_GAMES).reverse()
    return [_line(row) for row in with_codes(lake, played).iter_rows(named=True)]


def result_of(lake: Lake, game: dict[str, Any], player_id: str) -> GameResult | None:
    """The result of the game; None as long as the lake has no result."""
    final = lake.read("silver.game", [game["season"]], ["game_id", "home_pts", "away_pts"]).filter(pl.col("game_id") == game["game_id"])
    home, away = final.select("home_pts", "away_pts").row(0)
    if home is None or away is None:
        return None
    of_player = (pl.col("game_id") == game["game_id"]) & (pl.col("player_id") == player_id)
    played = lake.read("silver.player_game", [game["season"]]).filter(of_player, pl.col("min") > 0)
    return GameResult(home, away, _line(with_codes(lake, played).row(0, named=True)) if played.height else None)
