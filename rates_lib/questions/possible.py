"""Whether conditions can hold at all by the rules of basketball, for questions that no world, or every world, answers with yes.

The rules are those of `sim/identities.py`, as linear constraints on whole numbers: the counts of each named player, of the others of each
team together, and the overtimes. Conditions are further constraints, and a solver says whether any box score satisfies all of them. A rule
more would make more conditions impossible; nothing is called impossible that a box score could show.

Belongs here: constraints. Does not belong here: parsing and counting (`price.py`), the check of worlds (`sim/identities.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import eq, ge, gt, le, lt

import numpy as np
from numpy.typing import NDArray

from rates_lib.core.basketball import FOULS_ALLOWED, PLAYERS, TEAM_OVERTIME_SECONDS, TEAM_SECONDS, points
from rates_lib.core.stats import STATS, TEN, WORLD_COUNTS, of_world
from rates_lib.questions.conditions import Condition
from rates_lib.schemas.rules import MADE_AND_TRIED

Row = NDArray[np.float64]

_COUNTS = ("seconds", *(count for count in WORLD_COUNTS if count != "pts"))  # points follow from shots made
_MOST = 1000.0  # more than any count of a box score
_MOST_OVERTIMES = 20.0
_MOST_SECONDS = TEAM_SECONDS + _MOST_OVERTIMES * TEAM_OVERTIME_SECONDS
_STEP = 1e-4  # by which a strict inequality is exceeded; all values are multiples of 1/60 or larger
_INFEASIBLE = 2  # status of `milp`
_COMPARE = {">=": ge, ">": gt, "<=": le, "<": lt, "=": eq}
_OPPOSITE = {">=": "<", ">": "<", "<=": ">", "<": ">"}  # an exact hit of a line is a push: neither


def impossible(conditions: Sequence[Condition]) -> bool:
    """Whether no box scores satisfy all conditions, each named player playing."""
    games = dict.fromkeys(condition.game_id for condition in conditions)
    return any(not _feasible([condition for condition in conditions if condition.game_id == game]) for game in games)


def certain(conditions: Sequence[Condition]) -> bool:
    """Whether all box scores in which the named players play satisfy all conditions, pushes aside."""
    return all(c.op in _OPPOSITE and not _feasible([replace(c, op=_OPPOSITE[c.op])]) for c in conditions)


def _feasible(conditions: Sequence[Condition]) -> bool:
    """Whether a box score of one game satisfies all conditions on it: with either winner."""
    return any(_Game(conditions, sign).has_solution() for sign in (1.0, -1.0))


class _Game:
    """Constraints on one game whose first team wins (`sign` 1) or loses (-1): no game ends in a tie."""

    def __init__(self, conditions: Sequence[Condition], sign: float) -> None:
        self._rows: list[Row] = []
        self._low: list[float] = []
        self._high: list[float] = []
        team_of = {c.subject: c.team_id for c in conditions if c.kind == "player"}
        first = next(c.team_id for c in conditions)
        # a line of counts each: the named players, the others of the first team, those of the second
        self._lines = [*team_of, "first", "second"]
        self._events = sum(len(STATS[c.stat].parts) for c in conditions if c.kind == "player" and STATS[c.stat].kind == "event")
        self._size = len(self._lines) * len(_COUNTS) + 1 + self._events
        self._next_event = self._size - self._events
        self._teams = [
            [*(player for player, team in team_of.items() if (team == first) == own), name]
            for own, name in ((True, "first"), (False, "second"))
        ]
        self._rules(list(team_of))
        self._add(sign * self._margin(), 1.0)
        for condition in conditions:
            self._condition(condition, first)

    def has_solution(self) -> bool:
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - half a second that most questions do not need

        high = np.full(self._size, _MOST)
        for i in range(len(self._lines)):
            high[i * len(_COUNTS)] = _MOST_SECONDS
        overtimes = self._size - self._events - 1
        high[overtimes:] = 1.0
        high[overtimes] = _MOST_OVERTIMES
        found = milp(
            np.zeros(self._size),
            integrality=np.ones(self._size),
            bounds=Bounds(np.zeros(self._size), high),
            constraints=LinearConstraint(np.array(self._rows), np.array(self._low), np.array(self._high)),
        )
        return bool(found.status != _INFEASIBLE)

    # --- what a row of coefficients says --------------------------------------------------------------------------------

    def _count(self, line: str, count: str) -> Row:
        row = np.zeros(self._size)
        row[self._lines.index(line) * len(_COUNTS) + _COUNTS.index(count)] = 1.0
        return row

    def _of(self, line: str, stat: str) -> Row:
        def column(count: str) -> Row:
            if count == "pts":
                return np.asarray(points(*(self._count(line, made) for made in ("fg2m", "fg3m", "ftm"))), dtype=np.float64)
            return self._count(line, count)

        return np.asarray(of_world(stat, column), dtype=np.float64)

    def _team(self, team: int, stat: str) -> Row:
        return np.asarray(np.sum([self._of(line, stat) for line in self._teams[team]], axis=0), dtype=np.float64)

    def _margin(self) -> Row:
        return self._team(0, "pts") - self._team(1, "pts")

    def _add(self, row: Row, low: float = -np.inf, high: float = np.inf) -> None:
        self._rows.append(row)
        self._low.append(low)
        self._high.append(high)

    # --- constraints -----------------------------------------------------------------------------------------------------

    def _rules(self, players: Sequence[str]) -> None:
        overtimes = np.zeros(self._size)
        overtimes[self._size - self._events - 1] = 1.0
        for line in self._lines:
            for made, tried in MADE_AND_TRIED:
                self._add(self._of(line, tried) - self._of(line, made), 0.0)
        for player in players:
            self._add(self._of(player, "pf"), high=FOULS_ALLOWED)
            self._add(self._of(player, "seconds"), 1.0)
            self._add(self._of(player, "seconds") - overtimes * (TEAM_OVERTIME_SECONDS / PLAYERS), high=TEAM_SECONDS / PLAYERS)
        for team, other in ((0, 1), (1, 0)):
            for player in self._teams[team][:-1]:
                mates = self._team(team, "fgm") - self._of(player, "fgm")
                self._add(mates - self._of(player, "ast"), 0.0)
            self._add(self._team(team, "seconds") - overtimes * TEAM_OVERTIME_SECONDS, TEAM_SECONDS, TEAM_SECONDS)
            self._add(self._team(team, "fgm") - self._team(team, "ast"), 0.0)
            self._add(self._team(other, "fga2") - self._team(other, "fg2m") - self._team(team, "blk"), 0.0)
            self._add(self._team(other, "tov") - self._team(team, "stl"), 0.0)
            missed = self._team(team, "fga") - self._team(team, "fgm") + self._team(team, "fta") - self._team(team, "ftm")
            self._add(missed - self._team(team, "oreb") - self._team(other, "dreb"), 0.0)

    def _condition(self, condition: Condition, first: str) -> None:
        if condition.kind == "player" and STATS[condition.stat].kind == "event":
            self._event(condition)
            return
        if condition.kind == "player":
            row = self._of(condition.subject, condition.stat)
        elif condition.kind == "total":
            row = self._team(0, "pts") + self._team(1, "pts")
        else:
            row = self._margin() * (1.0 if condition.team_id == first else -1.0)
        low = {">=": condition.number, ">": condition.number + _STEP, "=": condition.number}.get(condition.op, -np.inf)
        high = {"<=": condition.number, "<": condition.number - _STEP, "=": condition.number}.get(condition.op, np.inf)
        self._add(row, low, high)

    def _event(self, condition: Condition) -> None:
        """A double-double or its like: how many counts reach ten, by one variable of 0 or 1 per count."""
        stat = STATS[condition.stat]
        yes, no = (_COMPARE[condition.op](value, condition.number) for value in (1, 0))
        if yes and no:
            return
        reached = []
        for part in stat.parts:
            one = np.zeros(self._size)
            one[self._next_event] = 1.0
            self._next_event += 1
            reached.append(one)
            if yes:
                self._add(self._of(condition.subject, part) - TEN * one, 0.0)
            else:
                self._add(self._of(condition.subject, part) - _MOST * one, high=TEN - 1.0)
        together = np.sum(reached, axis=0)
        if yes:
            self._add(together, stat.least)
        elif no:
            self._add(together, high=stat.least - 1.0)
        else:
            self._add(together, stat.least, stat.least - 1.0)
