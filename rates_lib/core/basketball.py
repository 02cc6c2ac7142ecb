"""Constants of the rules of basketball, and formulas that follow from them: lengths of games, points, plays.

Belongs here: constants of the game and arithmetic for Polars expressions, NumPy arrays and numbers alike, each with its source; the same as
DuckDB macros (`MACROS`) for `sql/`. Does not belong here: single statistics (`stats.py`), thresholds of a model or feature.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
T = TypeVar("T", pl.Expr, Floats)
Ints = NDArray[np.int64]
Count = TypeVar("Count", pl.Expr, Floats, Ints)
Whole = TypeVar("Whole", int, pl.Expr, Ints)

PLAYERS = 5  # players of a team on the floor
QUARTERS = 4
REGULATION_MINUTES = 48
OVERTIME_MINUTES = 5
GAME_SECONDS = 60 * REGULATION_MINUTES
QUARTER_SECONDS = GAME_SECONDS // QUARTERS
OVERTIME_SECONDS = 60 * OVERTIME_MINUTES
TEAM_MINUTES = PLAYERS * REGULATION_MINUTES
"""Minutes of all players of a team in regulation, 240."""
TEAM_OVERTIME_MINUTES = PLAYERS * OVERTIME_MINUTES
TEAM_SECONDS = 60 * TEAM_MINUTES
TEAM_OVERTIME_SECONDS = 60 * TEAM_OVERTIME_MINUTES
FREE_THROW_WEIGHT = 0.44
"""Plays that end at the free-throw line, per attempt (Kubatko et al. 2007, eq. 1)."""
FOULS_ALLOWED = 6


def points(fg2m: Count, fg3m: Count, ftm: Count) -> Count:
    """Points of made shots: 2 x 2PM + 3 x 3PM + FTM."""
    return 2 * fg2m + 3 * fg3m + ftm


def plays(actions: T, fta: T) -> T:
    """Plays that ended with one of `actions` or at the line: actions + .44 FTA.

    With FGA - OREB + TOV as actions these are possessions (Kubatko et al. 2007, eq. 1), with FGA + TOV the plays of usage (Oliver 2004),
    with FGA the attempts of true shooting. Linear, so plays of summed counts are summed plays.
    """
    return actions + FREE_THROW_WEIGHT * fta


def team_minutes(overtimes: Whole) -> Whole:
    """Minutes of all players of a team: 240, plus 25 per overtime."""
    return TEAM_MINUTES + TEAM_OVERTIME_MINUTES * overtimes


def team_seconds(overtimes: Whole) -> Whole:
    """Seconds of all players of a team: 14,400, plus 1,500 per overtime."""
    return TEAM_SECONDS + TEAM_OVERTIME_SECONDS * overtimes


#: Bodies of `CREATE MACRO`: the same in SQL. `overtimes_in` gives the overtimes of a team's minutes, a fraction if these are rounded.
MACROS = (
    "points(fg2m, fg3m, ftm) AS 2 * fg2m + 3 * fg3m + ftm",
    f"plays(actions, fta) AS actions + {FREE_THROW_WEIGHT} * fta",
    f"team_minutes(overtimes) AS {TEAM_MINUTES} + {TEAM_OVERTIME_MINUTES} * overtimes",
    f"team_seconds(overtimes) AS {TEAM_SECONDS} + {TEAM_OVERTIME_SECONDS} * overtimes",
    f"overtimes_in(team_minutes) AS (team_minutes - {TEAM_MINUTES}) / {TEAM_OVERTIME_MINUTES}",
    f"game_seconds(overtimes) AS {GAME_SECONDS} + {OVERTIME_SECONDS} * overtimes",
    f"overtimes_by(game_second) AS game_second / {OVERTIME_SECONDS} - {GAME_SECONDS / OVERTIME_SECONDS}",
)
