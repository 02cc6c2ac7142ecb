"""What was known of the night: status, starters, lines, who is out.

Belongs here: the as-of inputs that a reader asks for. Does not belong here: features made of them (`features/`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from rates_lib.features.rotation import absent_members
from rates_lib.pipeline.slate import Known, PredictionInputs
from rates_lib.questions.explain.games import names_of

NOT_LISTED = "not listed"


@dataclass(frozen=True)
class Absent:
    """A team-mate who is out.

    Attributes:
        minutes: minutes_prior_blind, what he plays lately.
        games_missed: games of the team since his last one; None for who is new to it.
        last_game: when he last played; None for who never did: his minutes are then a newcomer's.
        status: published status, or "not listed" where a full list does not name him.
        reason: as the list words it.
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
class Inputs:
    """What was known; lines in his team's view, None where there are none.

    Attributes:
        out: team-mates who are out, the one with most minutes first.
        fell_back_on: of predictions.player_box.
        features_from: where the features come from, in words.
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


def inputs_of(him: dict[str, Any], rows: PredictionInputs, known: Known, fell_back_on: str, features_from: str) -> Inputs:
    """Inputs of one candidate.

    Args:
        him: his row of `features.assemble.player_features`.
        rows: candidates of his game.
        known: what may be looked at.
        fell_back_on: of predictions.player_box.
        features_from: where the features come from.
    """
    of_game = known.availability.filter(pl.col("game_id") == him["game_id"])
    listed = {row["player_id"]: row for row in of_game.iter_rows(named=True)}
    return Inputs(
        status=him["status"],
        reason=listed.get(him["player_id"], {}).get("reason"),
        availability_source=him["availability_source"],
        starter_announced=None if him["is_starter"] is None else him["is_starter"] == 1,
        position=him["position_primary"],
        spread=him["spread_close"],
        total=him["total_close"],
        team_total=him["team_itt"],
        opponent_total=him["opp_itt"],
        days_rest=him["days_rest"],
        out=_out(him, rows, known, listed),
        fell_back_on=fell_back_on,
        features_from=features_from,
    )


def _out(him: dict[str, Any], rows: PredictionInputs, known: Known, listed: dict[str, dict[str, Any]]) -> list[Absent]:
    games = known.history.game.filter(pl.col("game_id") == him["game_id"])
    absent = absent_members(known.history, games).filter(pl.col("team_id") == him["team_id"], pl.col("player_id") != him["player_id"])
    names = names_of(rows, known.history)
    played = known.history.appearances().filter(pl.col("player_id").is_in(absent["player_id"].implode()))
    last = dict(played.group_by("player_id").agg(pl.col("game_date").max()).iter_rows())
    made = [
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
    return sorted(made, key=lambda a: (-a.minutes, a.player_id))
