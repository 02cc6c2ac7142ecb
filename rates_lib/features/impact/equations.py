"""Normal equations of impact: sums over games that can be added and faded.

The model of a possession (Rosenbaum 2004, Sill 2010: regularised adjusted plus-minus, RAPM) is

    100 x points = mu + sum of the attackers' offence - sum of the defenders' defence +- home / 2 + noise,

offence and defence positive when good. Games contribute to its least squares a symmetric matrix and a right side over the unknowns
(offence of each player, defence of each player, home court), which add up over games.

From stints both are exact. From box scores the *net* right side is exact too, because it is 100 x the plus-minus, and so is the diagonal
of the matrix (possessions on the floor). The time that two players share the floor is unknown and is replaced by its expectation given all
players' time: a team-mate j fills 4 s_j / (5 T - s_i) of i's time, an opponent s_k / T. With a ridge, this alone correlates .95 with a
published RAPM from play-by-play. Points scored and allowed *together* are known only for a whole game; they are one observation of all
players' shares and separate offence from defence where traits do not.

Belongs here: equations of given rows. Does not belong here: the choice of the rows (`estimates.py`), solving (`posterior.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from rates_lib.core.basketball import PLAYERS
from rates_lib.features.impact import config

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BOX_COUNTS = ("fga2", "fga3", "fta", "pts", "ast", "tov", "oreb", "dreb", "stl", "blk", "pf")


@dataclass
class Evidence:
    """Sums over games; the unknowns are in the order offence of all players, defence of all players, home court.

    Attributes:
        gram: (2 n + 1, 2 n + 1) matrix of the normal equations, in possessions.
        right: (2 n + 1,) right side, in points per 100 possessions x possessions.
        possessions: (n, 2) each player's possessions on offence and on defence.
        from_stints: (n,) possessions on both ends from stints.
        games: (n,) games with the player.
        box: (n, counts) box-score counts, in the order of BOX_COUNTS.
        box_possessions: (n,) team possessions behind the counts.
    """

    gram: Floats
    right: Floats
    possessions: Floats
    from_stints: Floats
    games: Floats
    box: Floats
    box_possessions: Floats

    @classmethod
    def none(cls, players: int) -> Evidence:
        """No games yet."""
        size = 2 * players + 1
        return cls(
            np.zeros((size, size)), np.zeros(size), np.zeros((players, 2)), np.zeros(players), np.zeros(players),
            np.zeros((players, len(BOX_COUNTS))), np.zeros(players),
        )  # fmt: skip

    def fade(self, factor: float) -> None:
        """Multiply all weights by `factor`."""
        for weighted in vars(self).values():
            np.multiply(weighted, factor, out=weighted)

    def add(self, other: Evidence) -> None:
        """Add the sums of other games of the same players."""
        for name, mine in vars(self).items():
            np.add(mine, getattr(other, name), out=mine)

    def of(self, players: Ints) -> Evidence:
        """The equations of some players (numbers); the others must not occur in any game."""
        n = len(self.games)
        kept = np.concatenate([players, n + players, [2 * n]])
        return Evidence(
            self.gram[np.ix_(kept, kept)], self.right[kept], self.possessions[players], self.from_stints[players], self.games[players],
            self.box[players], self.box_possessions[players],
        )  # fmt: skip


def add_stints(evidence: Evidence, stints: pl.DataFrame, home: Ints, away: Ints) -> None:
    """Add the equations of stints: two rows of the regression each, home attacking and away attacking.

    Args:
        evidence: changed in place.
        stints: home_possessions, away_possessions, home_pts_stint, away_pts_stint, home_court (1, at a neutral site 0), weight; one game's
            rows share `game_id`.
        home: (stints, 5) numbers of the home players.
        away: (stints, 5) numbers of the visitors.
    """
    n, k = len(evidence.games), stints.height
    weight = stints["weight"].to_numpy()
    possessions = np.concatenate([(stints[f"{side}_possessions"].to_numpy() * weight) for side in ("home", "away")])
    points = np.concatenate([stints[f"{side}_pts_stint"].to_numpy() * weight for side in ("home", "away")])
    court = np.concatenate([stints["home_court"].to_numpy(), -stints["home_court"].to_numpy()]) / 2
    attackers, defenders = np.concatenate([home, away]), np.concatenate([away, home])
    columns = np.concatenate([attackers, n + defenders, np.full((2 * k, 1), 2 * n)], axis=1)
    values = np.concatenate([np.ones((2 * k, 5)), -np.ones((2 * k, 5)), court[:, None]], axis=1)
    design = sp.csr_matrix((values.ravel(), columns.ravel(), np.arange(0, 22 * k + 1, 11)), shape=(2 * k, 2 * n + 1))
    level = _level(points, possessions)
    evidence.gram += (design.T @ sp.diags_array(possessions) @ design).toarray()
    evidence.right += design.T @ (100 * points - level * possessions)
    for end, five in ((0, attackers), (1, defenders)):
        counted = np.bincount(five.ravel(), np.repeat(possessions, 5), n)
        evidence.possessions[:, end] += counted
        evidence.from_stints += counted


def add_box_scores(evidence: Evidence, rows: pl.DataFrame, margin_weight: float = config.MARGIN_WEIGHT) -> None:
    """Add the equations of games with box scores only.

    Args:
        evidence: changed in place.
        rows: all players of the games: game_id, team_id, player (number), seconds (of the team's 5 T), team_seconds (5 T), possessions (of
            either team), pts_team, pts_opponent, plus_minus, home_court (1 home, -1 away, 0 at a neutral site), starter, weight; rows of
            a game are adjacent.
        margin_weight: weight of the game's margin as one more observation of all players' shares.
    """
    n = len(evidence.games)
    player = rows["player"].to_numpy()
    share = rows["seconds"].to_numpy() / (rows["team_seconds"].to_numpy() / PLAYERS)
    possessions = rows["possessions"].to_numpy() * rows["weight"].to_numpy()
    court, weight = rows["home_court"].to_numpy(), rows["weight"].to_numpy()
    one, other = _pairs(rows["game_id"].rle_id().to_numpy())
    team, starter = rows["team_id"].to_numpy(), rows["starter"].to_numpy()
    alone = one == other
    mates = (team[one] == team[other]) & ~alone
    foes = team[one] != team[other]
    apart = share[one] * share[other]
    alike = starter[one] == starter[other]
    with_mates = _together(one, other, apart * mates * np.where(alike, config.ALIKE_MATES, 1.0), 4 * share)
    with_foes = _together(one, other, apart * foes * np.where(alike, config.ALIKE_FOES, 1.0), PLAYERS * share)
    net = (np.where(alone, share[one], 0.0) + with_mates - with_foes) * possessions[one]
    cells = player[one], player[other]
    net_gram = sp.csr_matrix((net, cells), shape=(n, n)).toarray()
    total_gram = sp.csr_matrix((apart * possessions[one], cells), shape=(n, n)).toarray()
    margin = np.where(foes, -apart, apart) * possessions[one] * margin_weight
    net_gram += sp.csr_matrix((margin, cells), shape=(n, n)).toarray()

    played = share * possessions
    points, allowed = rows["pts_team"].to_numpy() * weight, rows["pts_opponent"].to_numpy() * weight
    level = _level(points * share, played)
    net_right = np.bincount(player, 100 * (rows["plus_minus"].to_numpy() * weight + margin_weight * share * (points - allowed)), n)
    total_right = np.bincount(player, (100 * (points + allowed) - 2 * level * possessions) * share, n)
    off, def_, home = slice(0, n), slice(n, 2 * n), 2 * n
    evidence.gram[off, off] += (net_gram + total_gram) / 2
    evidence.gram[def_, def_] += (net_gram + total_gram) / 2
    evidence.gram[off, def_] += (net_gram - total_gram) / 2
    evidence.gram[def_, off] += (net_gram - total_gram) / 2
    at_home = np.bincount(player, court * played, n) * (1 + margin_weight) / 2
    for end in (off, def_):
        evidence.gram[end, home] += at_home
        evidence.gram[home, end] += at_home
    # five players a side are on the floor at any time
    evidence.gram[home, home] += float(np.sum(court**2 * played)) * (1 + margin_weight) / 20
    evidence.right[off] += (net_right + total_right) / 2
    evidence.right[def_] += (net_right - total_right) / 2
    evidence.right[home] += float(np.sum(100 * (points - allowed) * court * share)) * (1 + margin_weight) / 20
    evidence.possessions += np.bincount(player, played, n)[:, None]


def add_traits(evidence: Evidence, rows: pl.DataFrame) -> None:
    """Add the counts of box scores; `rows` as for `add_box_scores`, with the columns BOX_COUNTS."""
    n = len(evidence.games)
    player, weight = rows["player"].to_numpy(), rows["weight"].to_numpy()
    share = rows["seconds"].to_numpy() / (rows["team_seconds"].to_numpy() / PLAYERS)
    evidence.box_possessions += np.bincount(player, share * rows["possessions"].to_numpy() * weight, n)
    for k, count in enumerate(BOX_COUNTS):
        evidence.box[:, k] += np.bincount(player, rows[count].to_numpy() * weight, n)


def add_games(evidence: Evidence, player: Ints, weight: Floats) -> None:
    """Add appearances: one entry per player and game."""
    evidence.games += np.bincount(player, weight, len(evidence.games))


def _together(one: Ints, other: Ints, odds: Floats, time: Floats) -> Floats:
    """Expected shares of the game that pairs of players spend together.

    Args:
        one: first row of each pair; each pair occurs in both orders.
        other: second row of each pair.
        odds: relative odds of the pair.
        time: (rows,) required sum over each row's pairs.

    Returns:
        (pairs,) odds x factor of the one x factor of the other (iterative proportional fitting, Deming and Stephan 1940).
    """
    factor = np.ones(len(time))
    for _ in range(config.FITTING_ROUNDS):
        summed = factor * np.bincount(one, odds * factor[other], len(time))
        factor *= np.sqrt(np.divide(time, summed, out=np.zeros(len(time)), where=summed > 0))
    return np.asarray(odds * factor[one] * factor[other])


def _level(points: Floats, possessions: Floats) -> float:
    """Points per 100 possessions of these games, the mean to which impacts are relative."""
    total = float(np.sum(possessions))
    return 100 * float(np.sum(points)) / total if total else 0.0


def _pairs(group: NDArray[np.uint32]) -> tuple[Ints, Ints]:
    """All ordered pairs of rows of the same group, each row also with itself; rows of a group are adjacent."""
    first = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]])) if len(group) else np.zeros(0, np.int64)
    size = np.diff(np.append(first, len(group)))
    one = np.repeat(np.arange(len(group)), np.repeat(size, size))
    within = np.arange(int(np.sum(size**2))) - np.repeat(np.cumsum(size**2) - size**2, size**2)
    return one, np.repeat(first, size**2) + within % np.repeat(size, size**2)
