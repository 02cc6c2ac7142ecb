"""Availability of players, and the reports that the league publishes before a game.

Belongs here: injuries, rest, statuses and their publication. Does not belong here: minutes.

A status is drawn first, then the outcome by the status's probability, so published statuses are calibrated by construction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from rates_lib.sources.synthetic.base import Bools, Dates, Floats, Ints, landed, take, utc
from rates_lib.sources.synthetic.cast import Cast
from rates_lib.sources.synthetic.schedule import eastern

REPORT_STATUSES = ("", "out", "doubtful", "questionable", "probable")
UNLISTED, OUT, DOUBTFUL, QUESTIONABLE, PROBABLE = range(5)
PLAY_PROB = np.array([0.995, 0.0, 0.25, 0.50, 0.85])

# From the evening's status (row) to noon's (column). Each row preserves the evening's probability to within .02.
_UPDATE = np.array(
    [
        [0.984, 0.002, 0.0, 0.004, 0.010],
        [0.0, 1.0, 0.0, 0.0, 0.0],
        [0.0, 0.28, 0.45, 0.27, 0.0],
        [0.0, 0.15, 0.08, 0.50, 0.27],
        [0.13, 0.02, 0.0, 0.05, 0.80],
    ]
)
_FEWEST = 8  # players that a team dresses at least
_REST = 0
_COACH = 1
_INJURIES = (
    "Left Ankle; Sprain",
    "Right Ankle; Sprain",
    "Left Knee; Soreness",
    "Right Knee; Contusion",
    "Left Hamstring; Strain",
    "Right Hamstring; Tightness",
    "Lower Back; Spasms",
    "Left Calf; Strain",
    "Right Groin; Strain",
    "Left Wrist; Sprain",
    "Right Thumb; Fracture",
    "Left Foot; Plantar Fasciitis",
    "Right Shoulder; Soreness",
    "Concussion; Protocol",
    "N/A; Illness",
)
REASONS = ("Rest", "Coach's decision", *(f"Injury/Illness - {text}" for text in _INJURIES))
_LENGTH_MIX = np.array([0.70, 0.22, 0.08])
_LENGTH_LOW = np.array([1, 9, 30])
_LENGTH_HIGH = np.array([9, 30, 110])


@dataclass(frozen=True)
class Availability:
    """Availability by team-game (home, then away) and place on the roster, all (n, 15).

    `active`: on the active list; `evening`, `noon`: indices of REPORT_STATUSES; `reason`: index of REASONS; `evening_prob`,
    `noon_prob`: probability of being active as of each report.
    """

    active: Bools
    evening: Ints
    noon: Ints
    reason: Ints
    evening_prob: Floats
    noon_prob: Floats


def make_availability(cast: Cast, base: Floats, rest: Ints, rng: np.random.Generator) -> Availability:
    """Draw the active players.

    Args:
        cast: the season's games and rosters.
        base: (n, 15) usual minutes.
        rest: (n,) days since the team's last game.
        rng: the season's stream.

    Returns:
        Availability with at least eight active players per team-game.
    """
    games, roster = cast.games, cast.roster
    day = np.repeat((games.day - games.day.min()).astype(np.int64), 2)[:, None]
    away, cause = _absences(len(cast.ids), int(day.max()) + 2, rng)
    to_come = away[roster, day]  # days out from today on: 0 is fit, negative: days since the return
    evening = _evening_status(to_come, rng)
    noon = _advance(evening, rng)
    minor = rng.integers(2, len(REASONS), roster.shape)
    reason = np.where(to_come != 0, cause[roster, day], minor)

    resting = (rest == 1)[:, None] & (base > 31.0) & (evening == UNLISTED) & (rng.random(roster.shape) < 0.12)
    evening, noon = np.where(resting, OUT, evening), np.where(resting, OUT, noon)
    reason = np.where(resting, _REST, reason)

    # If too few players remain, the best injured ones become probable.
    hurt = np.where(noon == OUT, base, -1.0)
    order = np.argsort(np.argsort(-hurt, axis=1, kind="stable"), axis=1, kind="stable")
    needed = (noon == OUT) & (order < _FEWEST - (noon != OUT).sum(1, keepdims=True))
    evening, noon = np.where(needed, PROBABLE, evening), np.where(needed, PROBABLE, noon)

    last_two = np.argsort(np.argsort(base, axis=1, kind="stable"), axis=1, kind="stable") < 2
    send_down = last_two & (noon == UNLISTED)
    noon_prob = PLAY_PROB[noon] * np.where(send_down, 0.5, 1.0)
    evening_prob = (_UPDATE @ PLAY_PROB)[evening] * np.where(last_two & (evening == UNLISTED), 0.5, 1.0)
    active = rng.random(roster.shape) < noon_prob
    reason = np.where(send_down & ~active, _COACH, reason)
    order = np.argsort(-(active * 10 + noon_prob + base / 1000), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    active |= (rank < _FEWEST) & (noon_prob > 0)
    return Availability(active, evening, noon, reason, evening_prob, noon_prob)


def injury_report_frame(cast: Cast, known: Availability) -> pl.DataFrame:
    """The dataset `injury_report`: the evening before (17:30), game-day noon, and the final list an hour before tip-off."""
    games = cast.games
    early = (
        (eastern(games.day - 1, 17 * 60 + 30), known.evening),
        (eastern(games.day, 12 * 60), known.noon),
    )
    parts = [
        _rows(cast, known, published, status != UNLISTED).with_columns(STATUS=take(pl.Series(REPORT_STATUSES), status[status != UNLISTED]))
        for published, status in early
    ]
    last = _rows(cast, known, games.tip_utc - np.timedelta64(3600, "s"), np.ones(cast.roster.shape, np.bool_))
    last = last.with_columns(STATUS=take(pl.Series(["inactive", "active"]), known.active.ravel().astype(np.int64)))
    last = last.with_columns(REASON=pl.when(pl.col("STATUS") == "inactive").then(pl.col("REASON")))
    return landed("injury_report", pl.concat([*parts, last]))


def _rows(cast: Cast, known: Availability, published: Dates, listed: Bools) -> pl.DataFrame:
    row, place = np.nonzero(listed)
    return pl.DataFrame(
        {
            **cast.keys(row, place),
            "REASON": take(pl.Series(REASONS), known.reason[row, place]),
            "PUBLISHED_UTC": utc(published[row // 2]),
            "PUBLISHED_ASSUMED": pl.repeat(False, row.size, eager=True),
        }
    )


def _absences(population: int, days: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """By player and day: days still out (positive), days since the return (-1, -2), else 0; and the cause."""
    most = 14
    frail = rng.gamma(4.0, 0.25, (population, 1))
    gap = rng.exponential(62.0, (population, most)) / np.maximum(frail, 0.2) + 4
    kind = rng.choice(3, (population, most), p=_LENGTH_MIX)
    length = rng.integers(_LENGTH_LOW[kind], _LENGTH_HIGH[kind])
    cause = rng.integers(2, len(REASONS), (population, most))
    begin = np.cumsum(gap, axis=1).astype(np.int64)
    begin[:, 1:] += np.cumsum(length, axis=1)[:, :-1]
    begin -= rng.integers(0, 30, (population, 1))  # some players start the season injured
    state = np.zeros((population, days), np.int64)
    why = np.zeros((population, days), np.int64)
    today = np.arange(days)
    for k in range(most):
        end = (begin[:, k] + length[:, k])[:, None]
        touched = (today >= begin[:, k, None]) & (today < end + 2)
        left = end - today
        state = np.where(touched, np.where(left > 0, left, left - 1), state)
        why = np.where(touched, cause[:, k, None], why)
    return state, why


def _evening_status(to_come: Ints, rng: np.random.Generator) -> Ints:
    odds = np.zeros((to_come.max() + 5, 5))  # row: to_come + 2
    odds[:] = [0.0, 1.0, 0.0, 0.0, 0.0]
    odds[0] = [0.55, 0.0, 0.0, 0.05, 0.40]
    odds[1] = [0.20, 0.0, 0.0, 0.35, 0.45]
    odds[2] = [0.975, 0.0, 0.0, 0.007, 0.018]
    odds[3] = [0.0, 0.35, 0.30, 0.35, 0.0]
    odds[4] = [0.0, 0.70, 0.20, 0.10, 0.0]
    return _draw(odds[np.maximum(to_come, -2) + 2], rng)


def _advance(evening: Ints, rng: np.random.Generator) -> Ints:
    return _draw(_UPDATE[evening], rng)


def _draw(odds: Floats, rng: np.random.Generator) -> Ints:
    edges = np.cumsum(odds, axis=-1)[..., :-1]
    return np.asarray((rng.random(odds.shape[:-1])[..., None] >= edges).sum(-1), np.int64)
