"""Sums over the worlds of two cases, from which means, differences and their standard errors follow.

Worlds are added in blocks and not kept, so memory does not depend on their number. The sums are those of all worlds at once: counts are
integers, so their sums are exact in any grouping.

Belongs here: sums, means and errors. Does not belong here: the meaning of a figure, frames (`compare.py`), drawing (`sim/worlds.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.core.stats import EXPORTED, of_kind
from rates_lib.sim.moments import PLAY_WEIGHTS
from rates_lib.sim.summary import values_of
from rates_lib.sim.worlds import Drawn

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Masks = tuple[Mask, Mask]
"""Which worlds of a block count, of the first and of the second case, each (worlds,)."""
Compared = tuple[float, float, float, float]
"""Before, after, difference, and the standard error of the difference."""

PLAYER_FIGURES = of_kind(EXPORTED, "time", "count", "fantasy")
"""Figures that are compared by player."""
GAME_FIGURES = ("margin", "total", "home_win")


class Sums:
    """Sums of some quantities over the worlds of two cases.

    Attributes:
        worlds: number of worlds added, of each case.
        counted: (2,) number of those that count, by case.
    """

    def __init__(self, quantities: int) -> None:
        """No worlds yet."""
        self.worlds = 0
        self.counted = np.zeros(2, np.int64)
        self._sums, self._squares = np.zeros((2, quantities)), np.zeros((2, quantities))
        self._moved, self._moved_squares = np.zeros(quantities), np.zeros(quantities)

    def add(self, before: Floats, after: Floats, counted: Masks) -> None:
        """Add a block of worlds; `before` and `after` have the shape (quantities, worlds)."""
        self.worlds += before.shape[1]
        for case, (values, mask) in enumerate(zip((before, after), counted, strict=True)):
            self.counted[case] += np.count_nonzero(mask)
            chosen = values if mask.all() else values[:, mask]
            self._sums[case] += chosen.sum(axis=1)
            self._squares[case] += (chosen * chosen).sum(axis=1)
        moved = after - before
        self._moved += moved.sum(axis=1)
        self._moved_squares += (moved * moved).sum(axis=1)

    def mean(self, case: int, i: int) -> float:
        """Mean of a quantity over the worlds that count; 0 for the first case, 1 for the second."""
        return float(self._sums[case, i] / self.counted[case])

    def compare(self, i: int) -> Compared:
        """Means of a quantity, their difference and its standard error: of paired worlds if all count, else of two independent samples."""
        before, after = self.mean(0, i), self.mean(1, i)
        if (self.counted == self.worlds).all():
            variance = self._moved_squares[i] / self.worlds - (self._moved[i] / self.worlds) ** 2
            error = np.sqrt(max(variance, 0.0) / self.worlds)
        else:
            error = _error(self.counted, self._sums[:, i], self._squares[:, i])
        return before, after, after - before, float(error)


class Ratio:
    """Points per 100 possessions of a team, a ratio of means; its error is that of its linearisation."""

    def __init__(self) -> None:
        """No worlds yet."""
        self._worlds = 0
        self._counted = np.zeros(2, np.int64)
        self._sums, self._products = np.zeros((2, 2)), np.zeros((2, 2, 2))
        self._paired = np.zeros((4, 4))

    def add(self, before: Floats, after: Floats, counted: Masks) -> None:
        """Add a block of worlds; `before` and `after` are points and possessions, shape (2, worlds)."""
        self._worlds += before.shape[1]
        for case, (values, mask) in enumerate(zip((before, after), counted, strict=True)):
            chosen = values if mask.all() else values[:, mask]
            self._counted[case] += chosen.shape[1]
            self._sums[case] += chosen.sum(axis=1)
            self._products[case] += chosen @ chosen.T
        # differences instead of the second case: identical cases then have an error of exactly 0
        both = np.concatenate([before, after - before])
        self._paired += both @ both.T

    def compare(self) -> Compared:
        """The ratio in both cases, its difference and the standard error of the difference."""
        means = self._sums / self._counted[:, None]
        ratio = 100 * means[:, 0] / means[:, 1]
        linear = np.stack([np.full(2, 100.0), -ratio], axis=1) / means[:, 1:]  # weights of points and possessions, mean 0
        if (self._counted == self._worlds).all():
            weights = np.concatenate([linear[1] - linear[0], linear[1]])
            error = np.sqrt(max(weights @ self._paired @ weights, 0.0)) / self._worlds
        else:
            squares = np.array([w @ p @ w for w, p in zip(linear, self._products, strict=True)])
            error = _error(self._counted, np.zeros(2), squares)
        return float(ratio[0]), float(ratio[1]), float(ratio[1] - ratio[0]), float(error)


def _error(counted: NDArray[np.int64], sums: Floats, squares: Floats) -> float:
    """Standard error of the difference of the means of two independent samples, each (2,); infinite if one has fewer than two values."""
    if counted.min() < 2:
        return np.inf
    return float(np.sqrt((np.maximum(squares - sums * sums / counted, 0.0) / (counted - 1) / counted).sum()))


class GameTally:
    """Sums of everything that is compared about a game.

    Attributes:
        players: ids of players with worlds in either case, sorted.
        team_of: their team's id.
        home: id of the home team.
        games: sums of GAME_FIGURES.
        teams: by team id, sums of points and of both teams' mean possessions.
        ratings: points per 100 possessions by team id.
        figures: sums by PLAYER_FIGURES, a quantity per player.
    """

    def __init__(self, before: Drawn, after: Drawn, home: str) -> None:
        """No worlds yet; the drawn worlds say only who plays."""
        slots = [drawn.slot for drawn in (before, after)]
        team_of = {p: slot.team_ids[t] for slot in slots for p, t in zip(slot.player_ids, slot.teams, strict=True)}
        self.team_of = dict(sorted(team_of.items()))
        self.players = list(self.team_of)
        self.home = home
        place = {player: i for i, player in enumerate(self.players)}
        self._places = [np.array([place[player] for player in slot.player_ids], np.int64) for slot in slots]
        self.games = Sums(len(GAME_FIGURES))
        self.teams = {team: Sums(2) for team in slots[1].team_ids}
        self.ratings = {team: Ratio() for team in slots[1].team_ids}
        self.figures = {stat: Sums(len(self.players)) for stat in PLAYER_FIGURES}

    @property
    def counted(self) -> int:
        """Number of worlds of the second case that count."""
        return int(self.games.counted[1])

    def add(self, before: Drawn, after: Drawn, counted: Masks) -> None:
        """Add a block of worlds: the same numbers in both cases."""
        self.games.add(_results(before, self.home), _results(after, self.home), counted)
        for team, sums in self.teams.items():
            one, two = _of_team(before, team), _of_team(after, team)
            sums.add(one, two, counted)
            self.ratings[team].add(one, two, counted)
        for stat, sums in self.figures.items():
            values = np.zeros((2, len(self.players), before.seconds.shape[1]))
            for case, (drawn, place) in enumerate(zip((before, after), self._places, strict=True)):
                values[case, place] = values_of(drawn, stat)
            sums.add(values[0], values[1], counted)

    def played(self, case: int, team: str) -> dict[str, float]:
        """Mean minutes of a team's players over the worlds that count, scaled to the sum of 240 so that overtime drops out."""
        minutes = {p: self.figures["minutes"].mean(case, i) for i, p in enumerate(self.players) if self.team_of[p] == team}
        total = sum(minutes.values())
        return {player: TEAM_MINUTES * value / total for player, value in minutes.items()}


def tally_of(before: Mapping[str, Drawn], after: Mapping[str, Drawn], homes: Mapping[str, str]) -> dict[str, GameTally]:
    """An empty tally for each game of two cases, by game id; `homes` has the home team's id by game id."""
    return {game: GameTally(before[game], drawn, homes[game]) for game, drawn in after.items()}


def _results(drawn: Drawn, home: str) -> Floats:
    """GAME_FIGURES of each world, shape (3, worlds)."""
    ours, theirs = drawn.home_and_away(home).astype(np.float64)
    return np.stack([ours - theirs, ours + theirs, (ours > theirs).astype(np.float64)])


def _of_team(drawn: Drawn, team_id: str) -> Floats:
    """Points of a team and mean possessions of both teams, shape (2, worlds)."""
    in_team = drawn.slot.teams == drawn.slot.team_ids.index(team_id)
    plays = [w * drawn.count(name).sum(axis=0, dtype=np.int64) for name, w in PLAY_WEIGHTS.items()]
    return np.stack([drawn.count("pts")[in_team].sum(axis=0, dtype=np.int64).astype(np.float64), np.sum(plays, axis=0) / 2])
