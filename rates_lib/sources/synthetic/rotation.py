"""Coaches: usual minutes, tonight's shares, starters, and the five on the floor at every moment.

Belongs here: playing time. Does not belong here: events on the floor.
"""

from __future__ import annotations

import numpy as np

from rates_lib.core.basketball import GAME_SECONDS, TEAM_MINUTES
from rates_lib.sources.synthetic.base import ROSTER, Bools, Floats, Ints

_PROFILE = np.array(
    [[34.6, 32.8, 31.0, 28.8, 26.2], [22.5, 19.5, 16.5, 13.5, 10.5], [6.0, 3.0, 1.5, 0.6, 0.2]]
)  # minutes by string (first, second, third) and rank within it
_CAP = 37.5
SLOTS = 8  # line-up changes per quarter at most
OVERTIME_SLOTS = 4


def usual_minutes(talent: Floats) -> Floats:
    """Usual minutes (teams, 15) of a fully fit team, from talent (teams, 15) in the coach's estimate.

    The best player at each of the five positions starts; within first, second and third string better players play longer.
    """
    teams = len(talent)
    string = _rank(talent.reshape(teams, 5, 3))
    minutes = np.empty((teams, 5, 3))
    for s in range(3):
        of_string = np.where(string == s, talent.reshape(teams, 5, 3), 0.0).sum(2)
        minutes[string == s] = _PROFILE[s][_rank(of_string)].ravel()
    return minutes.reshape(teams, ROSTER)


def allot(base: Floats, present: Floats, noise: Floats | float = 1.0, keep: Ints | None = None) -> Floats:
    """Minutes (n, 15) summing to 240.

    Args:
        base: (n, 15) usual minutes.
        present: (n, 15) 1 for active players, 0 for inactive players, or the probability of being active.
        noise: factors on each share before scaling to 240.
        keep: (n,) number of players in tonight's rotation; None: all present players.

    Returns:
        Minutes; about half of those of absent players go to their position, the rest to all players; at most 37.5 each.
    """
    n = len(base)
    vacated = ((1 - present) * base).reshape(n, 5, 3).sum(2)
    room = (present * np.maximum(37.0 - base, 0.5) * (base + 3.0)).reshape(n, 5, 3)
    share = room / np.maximum(room.sum(2, keepdims=True), 1e-9)
    raw = present * (base + 0.55 * (vacated[:, :, None] * share).reshape(n, ROSTER)) * noise
    if keep is not None:
        raw = np.where(_rank(raw) < keep[:, None], raw, 0.0)
    cap = np.maximum(_CAP, 250.0 / np.maximum((raw > 0).sum(1), 1))[:, None]
    scale = np.ones((n, 1))
    for _ in range(8):
        full = raw * scale >= cap
        free = np.where(full, 0.0, raw).sum(1, keepdims=True)
        scale = (TEAM_MINUTES - (full * cap).sum(1, keepdims=True)) / np.maximum(free, 1e-9)
    return np.asarray(np.minimum(raw * scale, cap))


def starting_fives(base: Floats, active: Bools) -> Ints:
    """Starters (n, 5), places on the roster in the order PG to C: the best active player of each position, else the best remaining."""
    n = len(base)
    value = np.where(active, base, -1e6)
    first = (_rank(value.reshape(n, 5, 3)) == 0).reshape(n, ROSTER)
    return five_best(value + 100.0 * first)


def five_best(score: Floats) -> Ints:
    """The five highest of (n, 15), as places on the roster in ascending order."""
    return np.sort(np.argsort(-score, axis=1, kind="stable")[:, :5], axis=1).astype(np.int64)


def slot_bounds(games: int, length: int, slots: int, start: int, rng: np.random.Generator) -> Ints:
    """Seconds (games, slots + 1) at which fives may change in a period; the last slot is short."""
    last = rng.integers(8, 46, (games, 1))
    parts = rng.uniform(0.6, 1.4, (games, slots - 1))
    inner = np.cumsum(parts, axis=1)[:, :-1] / parts.sum(1, keepdims=True) * (length - last)
    ends = np.full((games, 1), length)
    return start + np.concatenate([np.zeros((games, 1)), np.floor(inner), length - last, ends], axis=1).astype(np.int64)


def minutes_due(target: Floats, played: Ints, end: Ints) -> Floats:
    """Minutes behind plan (n, 15) at second `end` (n,), from minutes for 48 (n, 15) and seconds so far (n, 15)."""
    return np.asarray(target * (end[:, None] / GAME_SECONDS) - played / 60.0)


def preference(due: Floats, on: Bools, planned: Bools, rng: np.random.Generator) -> Floats:
    """Scores (n, 15) for the next slot in ordinary play: players behind their plan come on, players on the floor tend to stay.

    Args:
        due: minutes behind plan.
        on: players on the floor.
        planned: players in tonight's rotation.
        rng: stream of the coaches' noise.
    """
    score = due + 1.25 * on + rng.normal(0.0, 0.35, due.shape) - 30.0 * ~planned
    return np.asarray(score - 0.9 * _rank(score.reshape(-1, 5, 3)).reshape(due.shape))  # avoids two players of a position


def _rank(score: Floats) -> Ints:
    order = np.argsort(-score, axis=-1, kind="stable")
    return np.argsort(order, axis=-1, kind="stable").astype(np.int64)
