"""Circumstances of a projection as of its instant: status, starters, lines, absent team-mates.

Belongs here: the as-of inputs that a reader wants to see. Does not belong here: features computed from them (`features/`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from rates_lib.features.rotation import absent_members
from rates_lib.pipeline.slate import Known, PredictionInputs
from rates_lib.questions.explain.games import newest_names

NOT_LISTED = "not listed"


@dataclass(frozen=True)
class Absent:
    """A team-mate who is out.

    Attributes:
        minutes: minutes_prior_blind, recent minutes per game; a newcomer's default for a player without games.
        games_missed: games of the team since the player's last game for it; None for a player new to the team.
        last_game: Eastern date of the player's last game; None for a player without games.
        status: published status, or "not listed" if a full list does not name the player.
        reason: in the words of the list, or None.
    """

    player_id: str
    player_name: str
    position: str
    minutes: float
    games_missed: int | None
    last_game: date | None
    status: str
    reason: str | None


@dataclass(frozen=True)
class Circumstances:
    """Circumstances of a projection; lines are those of the player's team, None if there are none.

    Attributes:
        out: team-mates who are out, sorted by minutes, the most first.
        fell_back_on: of predictions.player_box.
        features_from: origin of the features, in words.
    """

    status: str
    reason: str | None
    availability_source: str
    starter_announced: bool | None
    position: str
    spread: float | None
    total: float | None
    team_total: float | None
    opponent_total: float | None
    days_rest: int
    out: list[Absent]
    fell_back_on: str
    features_from: str


def circumstances_of(
    features: dict[str, Any], rows: PredictionInputs, known: Known, fell_back_on: str, features_from: str
) -> Circumstances:
    """Circumstances of one candidate.

    Args:
        features: the player's row of `features.assemble.player_features`.
        rows: candidates of the player's game.
        known: the information as of the instant.
        fell_back_on: of predictions.player_box.
        features_from: origin of the features, in words.
    """
    of_game = known.availability.filter(pl.col("game_id") == features["game_id"])
    listed = {row["player_id"]: row for row in of_game.iter_rows(named=True)}
    return Circumstances(
        status=features["status"],
        reason=listed.get(features["player_id"], {}).get("reason"),
        availability_source=features["availability_source"],
        starter_announced=None if features["is_starter"] is None else features["is_starter"] == 1,
        position=features["position_primary"],
        spread=features["spread_close"],
        total=features["total_close"],
        team_total=features["team_itt"],
        opponent_total=features["opp_itt"],
        days_rest=features["days_rest"],
        out=_out(features, rows, known, listed),
        fell_back_on=fell_back_on,
        features_from=features_from,
    )


def _out(features: dict[str, Any], rows: PredictionInputs, known: Known, listed: dict[str, dict[str, Any]]) -> list[Absent]:
    games = known.history.game.filter(pl.col("game_id") == features["game_id"])
    absent = absent_members(known.history, games).filter(
        pl.col("team_id") == features["team_id"], pl.col("player_id") != features["player_id"]
    )
    names = newest_names(rows, known.history)
    played = known.history.appearances().filter(pl.col("player_id").is_in(absent["player_id"].implode()))
    last = dict(played.group_by("player_id").agg(pl.col("game_date").max()).iter_rows())
    players = [
        Absent(
            player_id=row["player_id"],
            player_name=names.get(row["player_id"], row["player_id"]),
            position=row["position_primary"],
            minutes=row["minutes_prior_blind"],
            games_missed=row["team_games_missed"],
            last_game=last.get(row["player_id"]),
            status=listed.get(row["player_id"], {}).get("status", NOT_LISTED),
            reason=listed.get(row["player_id"], {}).get("reason"),
        )
        for row in absent.iter_rows(named=True)
    ]
    return sorted(players, key=lambda a: (-a.minutes, a.player_id))
