"""Players: bodies, roles, latent traits, and their changes from season to season.

Belongs here: everything about a player or a team's style that is fixed within a season. Does not belong here: availability,
minutes, events of a game.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from rates_lib.sources.synthetic.base import AST, BLK, DREB, FGA2, FGA3, OREB, ROSTER, ROSTER_POSITION, STL, TOV, TRIP, Dates, Floats, Ints

ARCHETYPES = ("star", "scorer", "playmaker", "three_and_d", "rim_protector", "big", "bench")
STAR, SCORER, PLAYMAKER, THREE_AND_D, RIM_PROTECTOR, BIG, BENCH = range(7)

# Rows: positions; columns: LATENTS. The shape of the league per minute, guards to centres.
_BY_POSITION = np.array(
    [
        [0.95, 1.15, 0.95, 1.25, 1.75, 0.35, 0.75, 1.20, 0.40, 0.85],
        [0.90, 1.25, 0.90, 0.95, 1.00, 0.45, 0.75, 1.10, 0.50, 0.90],
        [0.95, 1.05, 0.95, 0.90, 0.80, 0.75, 0.95, 1.05, 0.80, 0.95],
        [1.05, 0.90, 1.00, 0.90, 0.70, 1.20, 1.15, 0.90, 1.20, 1.10],
        [1.20, 0.40, 1.25, 1.00, 0.60, 2.20, 1.55, 0.75, 2.20, 1.25],
    ]
)
_BY_ROLE = {
    STAR: {FGA2: 1.35, FGA3: 1.25, TRIP: 1.6, TOV: 1.25, AST: 1.25},
    SCORER: {FGA2: 1.15, FGA3: 1.2, TRIP: 1.15, AST: 0.85},
    PLAYMAKER: {AST: 1.3, TOV: 1.15, FGA3: 0.9},
    THREE_AND_D: {FGA2: 0.65, FGA3: 1.25, TRIP: 0.6, TOV: 0.7, STL: 1.2, AST: 0.7},
    RIM_PROTECTOR: {BLK: 1.6, DREB: 1.1, OREB: 1.15, FGA3: 0.4, AST: 0.7},
    BIG: {OREB: 1.2, DREB: 1.15, FGA2: 1.05, FGA3: 0.8},
    BENCH: {FGA2: 0.95, TRIP: 0.9},
}
_SPREAD = np.array([0.18, 0.25, 0.28, 0.17, 0.28, 0.25, 0.15, 0.20, 0.30, 0.12])
_HEIGHT = np.array([74.5, 76.5, 78.8, 80.8, 83.2])  # inches
_WEIGHT = np.array([192.0, 204.0, 217.0, 231.0, 248.0])  # pounds
_PCT = np.array([[0.505, 0.365, 0.83], [0.51, 0.37, 0.82], [0.53, 0.365, 0.79], [0.55, 0.355, 0.76], [0.60, 0.34, 0.71]])
_PCT_SPREAD = np.array([0.03, 0.022, 0.055])
# A team's style as log factors on FGA2 FGA3 TRIP TOV AST OREB, of the offence, then allowed by the defence, then its pace.
_STYLE_SPREAD = np.array([0.05, 0.07, 0.08, 0.05, 0.05, 0.06] * 2 + [0.018])


@dataclass(frozen=True)
class Players:
    """All players so far, struct of arrays; the row is the player's number, in order of arrival.

    `birth`: datetime64[D]; `draft_number`: 0 is undrafted; `talent`: standard score; `skill` (n, 10): log of LATENTS;
    `pct` (n, 3): make probabilities of 2, 3 and free throws before context; `lean` (n, 2): impact on offence and
    defence, points per 100 possessions, in addition to talent and traits.
    """

    position: Ints
    role: Ints
    height: Floats
    weight: Floats
    birth: Dates
    country: Ints
    draft_year: Ints
    draft_number: Ints
    talent: Floats
    skill: Floats
    pct: Floats
    lean: Floats


@dataclass(frozen=True)
class Traits:
    """A season's players: `rate` (n, 10) relative traits, `pct` (n, 3), `offence` and `defence` (n,) per 100."""

    rate: Floats
    pct: Floats
    offence: Floats
    defence: Floats


def birth_age(birth: Dates, season: int) -> Floats:
    """Age in years on the season's 1 February."""
    return np.asarray((np.datetime64(f"{season + 1}-02-01") - birth).astype(np.int64) / 365.25)


def found_league(teams: int, season: int, rng: np.random.Generator) -> tuple[Players, Ints]:
    """The first season's players and rosters (teams, 15), positions in the order of ROSTER_POSITION."""
    position = np.tile(ROSTER_POSITION, teams)
    talent = rng.normal(0.0, 1.0, position.size) + np.repeat(rng.normal(0.0, 0.4, teams), ROSTER)
    age = rng.triangular(19.5, 24.5, 37.0, position.size)
    return _newcomers(position, talent, age, season, rng), np.arange(position.size).reshape(teams, ROSTER)


def offseason(players: Players, rosters: Ints, season: int, rng: np.random.Generator) -> tuple[Players, Ints]:
    """The summer before `season`: ageing, retirements and rookies in their places, free agents changing teams."""
    age = birth_age(players.birth, season)
    growth = np.interp(age, [19, 22, 26, 29, 33, 38], [0.35, 0.20, 0.05, -0.03, -0.20, -0.45])
    change = growth + rng.normal(0.0, 0.2, age.size)
    skill = players.skill + rng.normal(0.0, 0.06, players.skill.shape)
    skill[:, [FGA2, FGA3, TRIP, AST]] += 0.08 * change[:, None]
    pct = players.pct + rng.normal(0.0, 0.008, players.pct.shape)
    players = replace(players, talent=players.talent + change, skill=skill, pct=pct)

    leave = np.interp(age, [32, 35, 38, 41], [0.0, 0.15, 0.5, 1.0]) + np.where(players.talent < -1.2, 0.2, 0.02)
    teams, slots = np.nonzero(rng.random(rosters.shape) < leave[rosters])
    rookies = _newcomers(
        ROSTER_POSITION[slots], rng.normal(-0.45, 0.7, teams.size), rng.triangular(19.2, 21.0, 24.0, teams.size), season, rng
    )
    rosters = rosters.copy()
    rosters[teams, slots] = players.talent.size + np.arange(teams.size)
    joined = {f.name: np.concatenate([getattr(players, f.name), getattr(rookies, f.name)]) for f in fields(Players)}
    return Players(**joined), swap(rosters, int(rosters.size * 0.12), rng)


def swap(rosters: Ints, deals: int, rng: np.random.Generator) -> Ints:
    """`rosters` after `deals` one-for-one trades within a position."""
    rosters = rosters.copy()
    for _ in range(deals):
        one, other = rng.choice(len(rosters), 2, replace=False)
        position = 3 * rng.integers(5)
        a, b = position + rng.integers(3), position + rng.integers(3)
        rosters[one, a], rosters[other, b] = rosters[other, b], rosters[one, a]
    return rosters


def traits(players: Players, playing_time: Floats, rng: np.random.Generator) -> Traits:
    """The season's true traits.

    Args:
        players: all players so far.
        playing_time: (n,) usual minutes, 0 for players outside the league; weights of the league's means.
        rng: the season's stream; a season's traits deviate a little from the career's.

    Returns:
        Traits, scaled so that the mean minute of the league has rate 1 and impact 0.
    """
    rate = np.exp(players.skill + rng.normal(0.0, 0.05, players.skill.shape))
    share = playing_time / playing_time.sum()
    rate /= (share[:, None] * rate).sum(0)
    pct = players.pct + rng.normal(0.0, [0.008, 0.006, 0.01], players.pct.shape)
    usage = 0.5 * rate[:, FGA2] + 0.3 * rate[:, FGA3] + 0.2 * rate[:, TRIP]
    shooting = 2.2 * (pct[:, 0] - _PCT[players.position, 0]) + 3.0 * (pct[:, 1] - _PCT[players.position, 1])
    offence = 0.85 * players.talent + 0.9 * (usage - 1) + 0.5 * np.log(rate[:, AST]) + 8.0 * shooting
    defence = 0.6 * players.talent + 0.5 * np.log(rate[:, STL]) + 0.5 * np.log(rate[:, BLK])
    offence = offence + players.lean[:, 0]
    defence = defence + players.lean[:, 1]
    offence -= (share * offence).sum()
    defence -= (share * defence).sum()
    return Traits(rate, pct, offence, defence)


def first_styles(teams: int, rng: np.random.Generator) -> Floats:
    """Log style factors (teams, 13): six of the offence, six of the defence, pace."""
    return rng.normal(0.0, _STYLE_SPREAD, (teams, _STYLE_SPREAD.size))


def next_styles(styles: Floats, rng: np.random.Generator) -> Floats:
    """Next season's styles: the old ones regressed, plus noise."""
    return np.asarray(0.7 * styles + 0.51**0.5 * first_styles(len(styles), rng))


def _newcomers(position: Ints, talent: Floats, age: Floats, season: int, rng: np.random.Generator) -> Players:
    n = position.size
    role = _roles(position, talent, rng)
    factor = np.ones((len(ARCHETYPES), _BY_POSITION.shape[1]))
    for row, columns in _BY_ROLE.items():
        for column, value in columns.items():
            factor[row, column] = value
    skill = np.log(_BY_POSITION[position] * factor[role]) + rng.normal(0.0, _SPREAD, (n, _SPREAD.size))
    skill[:, [FGA2, FGA3, TRIP, AST]] += 0.06 * np.clip(talent, -2, 3)[:, None]
    height = np.round(_HEIGHT[position] + rng.normal(0.0, 1.2, n))
    birth = np.datetime64(f"{season + 1}-02-01") - (age * 365.25).astype("timedelta64[D]")
    number = rng.integers(1, 75, n)
    return Players(
        position=position,
        role=role,
        height=height,
        weight=np.round(_WEIGHT[position] + 4.0 * (height - _HEIGHT[position]) + rng.normal(0.0, 7.0, n)),
        birth=birth,
        country=rng.integers(0, 13, n),
        draft_year=(season - np.maximum(0, np.floor(age - rng.uniform(19, 23, n)))).astype(np.int64),
        draft_number=np.where(number > 60, 0, number),
        talent=talent,
        skill=skill,
        pct=np.clip(_PCT[position] + rng.normal(0.0, _PCT_SPREAD, (n, 3)), [0.38, 0.22, 0.45], [0.72, 0.46, 0.94]),
        lean=rng.normal(0.0, 0.55, (n, 2)),
    )


def _roles(position: Ints, talent: Floats, rng: np.random.Generator) -> Ints:
    small = np.array([[SCORER, PLAYMAKER, PLAYMAKER], [SCORER, THREE_AND_D, SCORER], [THREE_AND_D, SCORER, THREE_AND_D]])
    large = np.array([[BIG, THREE_AND_D, SCORER], [RIM_PROTECTOR, BIG, RIM_PROTECTOR]])
    usual = np.concatenate([small, large])[position, rng.integers(0, 3, position.size)]
    return np.where(talent > 1.35, STAR, np.where(talent < -0.7, BENCH, usual)).astype(np.int64)
