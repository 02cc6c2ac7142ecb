"""A season's games, all at once: from active players to five-on-five segments and counts.

Belongs here: the clock, the score, the order of events. Does not belong here: tables, published data, the truth.

All games advance together from period to period, because the score decides the line-ups of the fourth quarter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rates_lib.core.basketball import GAME_SECONDS, OVERTIME_SECONDS, QUARTER_SECONDS, QUARTERS
from rates_lib.sources.synthetic import chances, rotation
from rates_lib.sources.synthetic.base import COUNT, COUNTS, ROSTER, Bools, Floats, Ints

BASE_PPP = 1.134  # points of a possession between average fives
PACE = 99.6  # possessions of a team in 48 minutes
_FEEDBACK = 0.15  # share of the lead beyond the expected margin that is lost per quarter
_FOUL_LIMIT = 6
_PACE_NOISE = 0.027
_LAST_SHOT = 0.45  # probability that a team two or three points behind gets one more shot to tie
_NOISE = np.array([0.14, 0.11, 0.20, 0.15, 0.23, 0.20, 0.17, 0.16, 0.22, 0.10])  # game-to-game, by LATENTS


@dataclass(frozen=True)
class Setup:
    """Inputs that are fixed before tip-off. n = 2 x games team-games, home then away; 15 places on the roster.

    `target`: tonight's minutes as the coach plans them; `base`: usual minutes; `starters` (n, 5): places PG to C;
    `rate` (n, 15, 10), `pct` (n, 15, 3), `offence`, `defence` (n, 15); `style` (n, 6): factors on the offence's chances;
    `edge` (n,): points per 100 possessions of home court and rest for the offence; `pace` (n // 2,): expected possessions
    in 48 minutes; `expected_margin` (n // 2,).
    """

    target: Floats
    base: Floats
    active: Bools
    starters: Ints
    rate: Floats
    pct: Floats
    offence: Floats
    defence: Floats
    style: Floats
    edge: Floats
    pace: Floats
    expected_margin: Floats


@dataclass(frozen=True)
class Segments:
    """Stretches without a change, in order of game and second; `five` (k, 2, 5) places; `points`, `turns` (k, 2)."""

    game: Ints
    start: Ints
    end: Ints
    five: Ints
    points: Ints
    turns: Ints


@dataclass(frozen=True)
class Played:
    """`counts` (n, 15, 13) by team-game, place and COUNTS; `seconds` (n, 15); `plus_minus` (n, 15); `overtimes` (games,)."""

    segments: Segments
    counts: Ints
    seconds: Ints
    plus_minus: Ints
    overtimes: Ints


def play_season(setup: Setup, rng: np.random.Generator) -> Played:
    """Simulate all games of a season."""
    games = setup.pace.size
    every_game = np.arange(games)
    night = _Night.begin(setup, rng)
    flat = np.zeros(games * 2 * ROSTER * len(COUNTS), np.int64)
    parts: list[Segments] = []

    def advance(phase: _Phase) -> None:
        part, events = _play(setup, night, phase, _fives(setup, night, phase, rng), rng)
        flat[:] += np.bincount(events, minlength=flat.size)
        parts.append(part)

    quarters = [rotation.slot_bounds(games, QUARTER_SECONDS, rotation.SLOTS, QUARTER_SECONDS * q, rng) for q in range(QUARTERS)]
    half = rotation.SLOTS // 2
    for quarter in range(3):
        advance(_Phase(every_game, quarters[quarter]))
    advance(_Phase(every_game, quarters[3][:, : half + 1], blown=24))
    advance(_Phase(every_game, quarters[3][:, half:], blown=17, closing=True))

    overtimes = np.zeros(games, np.int64)
    tied = np.flatnonzero(night.lead(every_game) == 0)
    while tied.size:
        start = GAME_SECONDS + OVERTIME_SECONDS * int(overtimes[tied[0]])
        overtimes[tied] += 1
        bounds = rotation.slot_bounds(tied.size, OVERTIME_SECONDS, rotation.OVERTIME_SLOTS, start, rng)
        advance(_Phase(tied, bounds, closing=True))
        tied = tied[night.lead(tied) == 0]

    segments = _in_order(parts)
    counts = flat.reshape(-1, ROSTER, len(COUNTS))
    counts[:, :, COUNT["PF"]] = np.minimum(counts[:, :, COUNT["PF"]], _FOUL_LIMIT)  # further fouls do not count
    return Played(segments, counts, night.played, plus_minus(segments, games), overtimes)


def law_of(setup: Setup, game: Ints, five: Ints, night: Floats | None, push: Floats) -> chances.Lineups:
    """The probabilities of chances for line-ups.

    Args:
        setup: the season.
        game: (k,) game of each pair of fives.
        five: (k, 2, 5) places, home and away.
        night: (n, 15, 10) tonight's form, None for its mean.
        push: (k, 2) points per possession added to either offence.

    Returns:
        2 k rows: home's offence, away's offence, home's, ...
    """
    own = (2 * game[:, None] + np.array([0, 1])).ravel()
    opponent = own ^ 1
    attackers = five.reshape(-1, 5)
    defenders = five[:, ::-1].reshape(-1, 5)
    attack, defend = setup.rate[own[:, None], attackers], setup.rate[opponent[:, None], defenders]
    if night is not None:
        attack = attack * night[own[:, None], attackers]
        defend = defend * night[opponent[:, None], defenders]
    rating = setup.offence[own[:, None], attackers].sum(1) - setup.defence[opponent[:, None], defenders].sum(1)
    points = BASE_PPP + (rating + setup.edge[own]) / 100 + push.ravel()
    return chances.lineups(attack, setup.pct[own[:, None], attackers], defend, setup.style[own], points)


def plus_minus(segments: Segments, games: int) -> Ints:
    """Points scored minus points allowed while on the floor, (2 games, 15)."""
    diff = segments.points - segments.points[:, ::-1]
    out = np.zeros((2 * games, ROSTER), np.int64)
    for side in (0, 1):
        np.add.at(out, ((2 * segments.game + side)[:, None], segments.five[:, side]), diff[:, side, None])
    return out


@dataclass(frozen=True)
class _Phase:
    """Part of a period.

    `g`: games in this phase; `bounds` (games, slots + 1): seconds at which line-ups may change; `blown`: lead above which the
    benches play; `closing`: whether a game may end with this phase.
    """

    g: Ints
    bounds: Ints
    blown: int = 1000
    closing: bool = False

    @property
    def start(self) -> int:
        """First second of the phase in the first game; other games begin within a few minutes of it."""
        return int(self.bounds[0, 0])

    @property
    def rows(self) -> Ints:
        """Team-games of the phase."""
        return np.asarray((2 * self.g[:, None] + np.array([0, 1])).ravel())


@dataclass(frozen=True)
class _Night:
    """Form and tempo of every game, and its state so far; `score`, `played` and `on` are updated in place.

    `form` (n, 15, 10): factors on traits; `tempo` (games,): possessions in 48 minutes; `score` (games, 2); `played` (n, 15):
    seconds; `on` (n, 15): on the floor now.
    """

    form: Floats
    tempo: Floats
    score: Ints
    played: Ints
    on: Bools

    @classmethod
    def begin(cls, setup: Setup, rng: np.random.Generator) -> _Night:
        """The state at tip-off."""
        games, shape = setup.pace.size, setup.base.shape
        return cls(
            form=rng.gamma(1 / _NOISE**2, _NOISE**2, setup.rate.shape),
            tempo=setup.pace * np.exp(rng.normal(-(_PACE_NOISE**2) / 2, _PACE_NOISE, games)),
            score=np.zeros((games, 2), np.int64),
            played=np.zeros(shape, np.int64),
            on=np.zeros(shape, np.bool_),
        )

    def lead(self, g: Ints) -> Ints:
        """Lead of the home side in the games `g`."""
        return np.asarray(self.score[g, 0] - self.score[g, 1])


def _fives(setup: Setup, night: _Night, phase: _Phase, rng: np.random.Generator) -> Ints:
    """The coaches' line-ups by slot, (games, slots, 2, 5); updates `night.played` and `night.on`."""
    rows, bounds = phase.rows, phase.bounds
    target, active, base = setup.target[rows], setup.active[rows], setup.base[rows]
    starter = np.zeros(target.shape, np.bool_)
    np.put_along_axis(starter, setup.starters[rows], True, axis=1)
    slots, quarter = bounds.shape[1] - 1, phase.start // QUARTER_SECONDS
    opening = {0: 3, 2: 2}.get(quarter, 0)  # slots that belong to the starters
    lead = np.repeat(np.abs(night.lead(phase.g)), 2)[:, None]
    bench = np.where(active, -base if phase.closing else -np.abs(base - 13.0), -1e6)
    fives = np.empty((phase.g.size, slots, 2, 5), np.int64)
    for s in range(slots):
        start, end = np.repeat(bounds[:, s], 2), np.repeat(bounds[:, s + 1], 2)
        due = rotation.minutes_due(target, night.played[rows], end)
        score = rotation.preference(due, night.on[rows], active & (target > 0), rng)
        score = np.where(active, score, -1e6)
        if s < opening:
            score = score + 1000.0 * starter
        if phase.closing and (s > 0 or phase.start >= GAME_SECONDS):
            score = np.where((lead <= 12) & active, target + 3.0 * starter, score)
        if quarter < 2 and s == slots - 1:
            score = score + 1000.0 * _cameo(target, active, rng)
        score = np.where(lead > phase.blown, bench, score)
        chosen = rotation.five_best(score)
        night.on[rows] = False
        night.on[rows[:, None], chosen] = True
        night.played[rows[:, None], chosen] += (end - start)[:, None]
        fives[:, s] = chosen.reshape(-1, 2, 5)
    return fives


def _cameo(target: Floats, active: Bools, rng: np.random.Generator) -> Bools:
    """Players outside the plan who end a quarter, which gives rows with a few seconds: one active player in 5 % of the quarters."""
    spare = np.where(active & (target <= 0), rng.random(target.shape), -1.0)
    pick = (spare == spare.max(1, keepdims=True)) & (spare > 0)
    return np.asarray(pick & (rng.random((len(target), 1)) < 0.05))


def _play(setup: Setup, night: _Night, phase: _Phase, fives: Ints, rng: np.random.Generator) -> tuple[Segments, Ints]:
    """Simulate a phase's possessions; updates `night.score`; returns segments and events (see `chances.play`)."""
    g, bounds, slots = phase.g, phase.bounds, fives.shape[1]
    game = np.repeat(g, slots)
    begin, length = bounds[:, 0], bounds[:, -1] - bounds[:, 0]
    ahead = night.lead(g) - setup.expected_margin[g] * begin / GAME_SECONDS
    give = _FEEDBACK / 2 * ahead / (setup.pace[g] / 4) * (begin < GAME_SECONDS)
    push = np.repeat(np.stack([-give, give], axis=1), slots, axis=0)
    law = law_of(setup, game, fives.reshape(-1, 2, 5), night.form, push)

    turns = np.floor(2 * night.tempo[g] * length / GAME_SECONDS + rng.random(g.size)).astype(np.int64)
    which = np.repeat(np.arange(g.size), turns)
    order = np.arange(which.size) - np.repeat(np.cumsum(turns) - turns, turns)
    clock = begin[which] + (order + rng.random(which.size)) / turns[which] * length[which]
    slot = (clock[:, None] >= bounds[which, 1:-1]).sum(1)
    row = 2 * (which * slots + slot) + (order + rng.integers(0, 2, g.size)[which]) % 2  # offences alternate

    teams = (2 * game[:, None] + np.array([0, 1])).ravel()
    cells = (teams[:, None] * ROSTER + fives.reshape(-1, 5)) * len(COUNTS)
    counted = chances.Cells(cells, cells.reshape(-1, 2, 5)[:, ::-1].reshape(-1, 5))
    events, points = chances.play(law, row, counted, rng)
    scored = np.bincount(row, points, len(teams)).astype(np.int64)
    had = np.bincount(row, minlength=len(teams)).astype(np.int64)
    night.score[g] += scored.reshape(g.size, slots, 2).sum(1)
    if phase.closing and phase.start < GAME_SECONDS:
        lead = night.lead(g)
        close = np.flatnonzero((np.abs(lead) >= 2) & (np.abs(lead) <= 3) & (rng.random(g.size) < _LAST_SHOT))
        behind = (lead[close] > 0).astype(np.int64)
        late = 2 * (close * slots + slots - 1) + behind
        more, extra = chances.play(law, late, counted, rng, kind=np.abs(lead[close]) - 2)
        scored[late] += extra
        had[late] += 1
        night.score[g[close], behind] += extra
        events = np.concatenate([events, more])
    ends = bounds[:, :-1].ravel(), bounds[:, 1:].ravel()
    return Segments(game, *ends, fives.reshape(-1, 2, 5), scored.reshape(-1, 2), had.reshape(-1, 2)), events


def _in_order(parts: list[Segments]) -> Segments:
    names = ("game", "start", "end", "five", "points", "turns")
    joined = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    order = np.lexsort((joined["start"], joined["game"]))
    return Segments(**{name: values[order] for name, values in joined.items()})
