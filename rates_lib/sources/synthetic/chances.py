"""Events of one chance of a five against another: probabilities, their means, and draws.

Belongs here: the play-by-play law of the synthetic league. Does not belong here: line-ups, the clock, the score.

A possession is a run of chances; a chance ends in a two, a three, a trip to the line or a turnover of one of the five. The
share of each player is the player's weight among the five. One factor per five scales the make probabilities so that the expected
points of a *possession* are exactly those of the ten players' impacts (see `Lineups.make`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rates_lib.sources.synthetic.base import AST, BLK, COUNT, COUNTS, DREB, OREB, PF, STL, TRIP, Bools, Floats, Ints

_MIX = np.array([0.478, 0.318, 0.0935, 0.120])  # of a chance: two, three, trip to the line, turnover
_AND_ONE = 0.055
_ASSISTED = np.array([0.535, 0.82])  # of made twos and threes
_OREB, _TEAM_OREB, _TEAM_DREB = 0.216, 0.03, 0.08  # of missed shots; team rebounds are credited to no player
_FT_OREB, _FT_DREB = 0.10, 0.80  # of a trip's last free throw, missed
_STOLEN, _BLOCKED = 0.54, 0.205  # of turnovers; of missed twos
_IDLE_FOULS = 0.09  # per chance, by the defence, without free throws
_MAX_CHANCES = 8


@dataclass(frozen=True)
class Lineups:
    """One row per five on offence against another.

    `use` (n, 5, 4): share of chances by player and kind; `make` (n, 5, 3): make probability of 2, 3 and free throws;
    `and_one` (n, 5): of a made two; `assisted` (n, 5, 2): of made twos and threes; `passing` (n, 5): weights;
    `oreb`, `steal`, `block` (n,): of a miss, a turnover, a missed two; `crash` (n, 5): offence's rebound shares; `board`,
    `hands`, `rim`, `hack` (n, 5): the defence's shares of rebounds, steals, blocks and fouls.
    """

    use: Floats
    make: Floats
    and_one: Floats
    assisted: Floats
    passing: Floats
    oreb: Floats
    steal: Floats
    block: Floats
    crash: Floats
    board: Floats
    hands: Floats
    rim: Floats
    hack: Floats


@dataclass(frozen=True)
class Cells:
    """Start of each player's counts in a flat count array: `offence`, `defence` (n, 5), rows as in `Lineups`."""

    offence: Ints
    defence: Ints


def lineups(attack: Floats, pct: Floats, defend: Floats, style: Floats, per_possession: Floats) -> Lineups:
    """The law of chances of fives against fives.

    Args:
        attack: (n, 5, 10) traits of the offence, LATENTS.
        pct: (n, 5, 3) its make probabilities before context.
        defend: (n, 5, 10) traits of the defence.
        style: (n, 6) factors on FGA2, FGA3, TRIP, TOV, AST, OREB: offence's style times what the defence allows.
        per_possession: (n,) expected points of a possession, to which the make probabilities are fitted.
    """
    total = attack.sum(1) / 5
    against = defend.sum(1) / 5
    weight = attack[:, :, :4] * _MIX * style[:, None, :4]
    weight[:, :, 3] *= (against[:, STL] ** 0.5)[:, None]
    use = weight / weight.sum((1, 2), keepdims=True)
    oreb = np.clip(_OREB * style[:, 5] * total[:, OREB] ** 0.7 * against[:, DREB] ** -0.6, 0.05, 0.45)
    and_one = np.clip(_AND_ONE * attack[:, :, TRIP], 0.0, 0.2)

    # Points of a possession: (a f + b) / (1 - chance that it continues), with f times the players' own make probabilities. Solved for f.
    fg2, fg3, ft = pct[:, :, 0], pct[:, :, 1], pct[:, :, 2]
    two, three, trip = use[:, :, 0], use[:, :, 1], use[:, :, 2]
    a = (two * fg2 * (2 + and_one * ft) + three * fg3 * 3).sum(1)
    b = (trip * 2 * ft).sum(1)
    again = oreb + _TEAM_OREB
    shots, made = (two + three).sum(1), (two * fg2 + three * fg3).sum(1)
    line = (trip * (1 - ft)).sum(1) * _FT_OREB
    f = (per_possession * (1 - shots * again - line) - b) / (a - per_possession * made * again)
    make = np.stack([np.clip(f[:, None] * fg2, 0.05, 0.92), np.clip(f[:, None] * fg3, 0.02, 0.8), ft], axis=2)

    passing = attack[:, :, AST]
    mates = (passing.sum(1, keepdims=True) - passing) / 4
    helped = np.clip(_ASSISTED * style[:, None, 4:5] * mates[:, :, None] ** np.array([0.55, 0.25]), 0.05, np.array([0.9, 0.97]))
    return Lineups(
        use=use,
        make=make,
        and_one=and_one,
        assisted=helped,
        passing=passing,
        oreb=oreb,
        steal=np.clip(_STOLEN * against[:, STL] ** 0.5, 0.0, 0.9),
        block=np.clip(_BLOCKED * against[:, BLK] ** 0.85, 0.0, 0.6),
        crash=_share(attack[:, :, OREB]),
        board=_share(defend[:, :, DREB]),
        hands=_share(defend[:, :, STL]),
        rim=_share(defend[:, :, BLK]),
        hack=_share(defend[:, :, PF]),
    )


def expected(law: Lineups) -> tuple[Floats, Floats, Floats]:
    """Means of one possession: offence's counts (n, 5, 13), defence's counts (n, 5, 13), points (n,)."""
    n = len(law.use)
    own, other = np.zeros((n, 5, len(COUNTS))), np.zeros((n, 5, len(COUNTS)))
    two, three, trip, lost = (law.use[:, :, k] for k in range(4))
    made2, made3 = two * law.make[:, :, 0], three * law.make[:, :, 1]
    own[:, :, COUNT["FG2A"]], own[:, :, COUNT["FG2M"]] = two, made2
    own[:, :, COUNT["FG3A"]], own[:, :, COUNT["FG3M"]] = three, made3
    own[:, :, COUNT["FTA"]] = 2 * trip + made2 * law.and_one
    own[:, :, COUNT["FTM"]] = own[:, :, COUNT["FTA"]] * law.make[:, :, 2]
    own[:, :, COUNT["TOV"]] = lost
    helped = made2 * law.assisted[:, :, 0] + made3 * law.assisted[:, :, 1]
    per_weight = helped / (law.passing.sum(1, keepdims=True) - law.passing)
    own[:, :, COUNT["AST"]] = law.passing * (per_weight.sum(1, keepdims=True) - per_weight)
    missed = (two - made2 + three - made3).sum(1)
    short = (trip * (1 - law.make[:, :, 2])).sum(1)
    off = missed * law.oreb + short * _FT_OREB
    own[:, :, COUNT["OREB"]] = off[:, None] * law.crash
    and_one_miss = (made2 * law.and_one * (1 - law.make[:, :, 2])).sum(1)
    caught = missed * (1 - law.oreb - _TEAM_OREB - _TEAM_DREB) + short * _FT_DREB + and_one_miss * _FT_DREB
    other[:, :, COUNT["DREB"]] = caught[:, None] * law.board
    other[:, :, COUNT["STL"]] = (lost.sum(1) * law.steal)[:, None] * law.hands
    other[:, :, COUNT["BLK"]] = ((two - made2).sum(1) * law.block)[:, None] * law.rim
    fouls = trip.sum(1) + (made2 * law.and_one).sum(1) + _IDLE_FOULS
    other[:, :, COUNT["PF"]] = fouls[:, None] * law.hack
    chances = 1 / (1 - off - missed * _TEAM_OREB)
    points = (2 * made2 + 3 * made3 + own[:, :, COUNT["FTM"]]).sum(1) * chances
    return own * chances[:, None, None], other * chances[:, None, None], points


def play(law: Lineups, row: Ints, players: Cells, rng: np.random.Generator, kind: Ints | None = None) -> tuple[Ints, Ints]:
    """Plays possessions.

    Args:
        law: the fives.
        row: (k,) which row of `law` each possession is played by.
        players: where the counts of the players in `law` begin.
        rng: the season's stream.
        kind: (k,) 0 to force a two, 1 a three and end there; None for ordinary play, which goes on after the offence's rebounds.

    Returns:
        Positions in the flat count array, one per event, and the points of each possession (k,).
    """
    events: list[Ints] = []
    points = np.zeros(row.size, np.int64)
    ladder = np.cumsum(law.use.reshape(-1, 20), axis=1)
    live = np.arange(row.size)
    for _ in range(_MAX_CHANCES if kind is None else 1):
        r = row[live]
        if kind is None:
            cell = _climb(ladder[r], rng)
            shooter, what = cell // 4, cell % 4
        else:
            shooter, what = _climb(np.cumsum(law.use[r, :, kind], axis=1), rng), kind
        c = _Chances(law, players, rng, r, shooter, what, events, np.zeros(live.size, np.int64))
        missed, fouled = _field_goals(c)
        short = _free_throws(c, fouled)
        _turnovers(c)
        if kind is None:
            c.note(law.hack, players.defence, np.flatnonzero(rng.random(r.size) < _IDLE_FOULS), "PF")
        goes_on = _rebounds(c, missed, short)
        points[live] += c.points
        live = live[goes_on]
    return np.concatenate(events), points


@dataclass(frozen=True)
class _Chances:
    """Chances under way: `r` row of the law, `shooter` place in the five, `what` kind; `events` and `points` are filled."""

    law: Lineups
    players: Cells
    rng: np.random.Generator
    r: Ints
    shooter: Ints
    what: Ints
    events: list[Ints]
    points: Ints

    def own(self, at: Ints, count: str) -> None:
        """Notes an event for the shooters of the chances `at`."""
        self.events.append(self.players.offence[self.r[at], self.shooter[at]] + COUNT[count])

    def note(self, share: Floats, cells: Ints, at: Ints, count: str) -> None:
        """Notes an event for one of five, drawn by `share`, in each of the chances `at`."""
        r = self.r[at]
        self.events.append(cells[r, _climb(np.cumsum(share[r], axis=1), self.rng)] + COUNT[count])

    def luck(self, at: Ints, prob: Floats) -> Bools:
        """Whether something of probability `prob` happens in the chances `at`."""
        return np.asarray(self.rng.random(at.size) < prob)


def _field_goals(c: _Chances) -> tuple[Bools, Ints]:
    """Twos and threes with assists and blocks; returns the missed chances, and the made twos with a foul."""
    missed = np.zeros(c.r.size, np.bool_)
    for shot, value, name in ((0, 2, "FG2"), (1, 3, "FG3")):
        at = np.flatnonzero(c.what == shot)
        good = c.luck(at, c.law.make[c.r[at], c.shooter[at], shot])
        made = at[good]
        c.own(at, name + "A")
        c.own(made, name + "M")
        c.points[made] += value
        missed[at[~good]] = True
        fed = made[c.luck(made, c.law.assisted[c.r[made], c.shooter[made], shot])]
        weight = c.law.passing[c.r[fed]].copy()
        weight[np.arange(fed.size), c.shooter[fed]] = 0.0
        c.events.append(c.players.offence[c.r[fed], _climb(np.cumsum(weight, axis=1), c.rng)] + COUNT["AST"])
    two, made_two = np.flatnonzero(missed & (c.what == 0)), np.flatnonzero(~missed & (c.what == 0))
    c.note(c.law.rim, c.players.defence, two[c.luck(two, c.law.block[c.r[two]])], "BLK")
    return missed, made_two[c.luck(made_two, c.law.and_one[c.r[made_two], c.shooter[made_two]])]


def _free_throws(c: _Chances, fouled: Ints) -> Bools:
    """Free throws: two after a trip, one after a made two; returns whether the last one was missed."""
    short = np.zeros(c.r.size, np.bool_)
    trips = np.flatnonzero(c.what == 2)
    c.note(c.law.hack, c.players.defence, np.concatenate([trips, fouled]), "PF")
    for at in (trips, trips, fouled):
        good = c.luck(at, c.law.make[c.r[at], c.shooter[at], 2])
        c.own(at, "FTA")
        c.own(at[good], "FTM")
        c.points[at[good]] += 1
        short[at] = ~good  # the second of a trip overwrites the first
    return short


def _turnovers(c: _Chances) -> None:
    lost = np.flatnonzero(c.what == 3)
    c.own(lost, "TOV")
    c.note(c.law.hands, c.players.defence, lost[c.luck(lost, c.law.steal[c.r[lost]])], "STL")


def _rebounds(c: _Chances, missed: Bools, short: Bools) -> Bools:
    """Who gets what was missed; whether the offence keeps the ball. It does not after a foul with the basket."""
    off = np.where(missed, c.law.oreb[c.r], np.where(c.what == 2, _FT_OREB, 0.0))
    team_off = np.where(missed, _TEAM_OREB, 0.0)
    board = np.where(missed, 1 - off - _TEAM_OREB - _TEAM_DREB, _FT_DREB)
    loose, fall = missed | short, c.rng.random(c.r.size)
    caught = loose & (fall < off)
    kept = loose & (fall < off + team_off)
    c.note(c.law.crash, c.players.offence, np.flatnonzero(caught), "OREB")
    c.note(c.law.board, c.players.defence, np.flatnonzero(loose & ~kept & (fall < off + team_off + board)), "DREB")
    return kept


def _climb(ladder: Floats, rng: np.random.Generator) -> Ints:
    """A column for each row of running sums (n, m), in proportion to their steps."""
    reach = rng.random(len(ladder)) * ladder[:, -1] if len(ladder) else np.zeros(0)
    return np.asarray((reach[:, None] >= ladder[:, :-1]).sum(1), np.int64)


def _share(weight: Floats) -> Floats:
    return np.asarray(weight / weight.sum(1, keepdims=True))
