"""The compiled part of `sims.worlds`: the simulation of one game's worlds, possession by possession.

Belongs here: the simulation of a world from a game's inputs and the fitted parameters. Does not belong here: frames (`worlds.py`), the
inputs (`game.py`), the meaning of the parameters (`parameters.py`), their fit (`models/world_parameters.py`).

One world, in order:

1. active players: a coin with `play_prob` for each player, at least `LEAST_PLAYERS` a team;
2. wanted minutes: a split normal around the player's centre, sometimes cut short by an early exit;
3. three quarters: the wanted minutes are moved to a team's sum of 180, each player's in proportion to their variance;
4. possessions: both teams share a pace. A play falls on one cell of the team's table {2PA, 3PA, trip to the line, turnover} x player in
   proportion to rate x minutes x form; after an offensive rebound the possession continues. A basket may be assisted by a team-mate,
   a missed two blocked, a turnover stolen, a miss rebounded, and a trip is charged to a defender as a foul: each credit has its event;
5. between quarters a team ahead of its expected margin shoots slightly worse and a trailing team slightly better (`feedback`), and the
   total settles towards the expected one (`settling`);
6. fourth quarter: new minutes and tables from the margin (garbage time), the fouls so far, and the players' points and turnovers;
7. a team behind by one to three may tie as time runs out; ties go to overtime, played mostly by the usual closers.

Randomness is counter-based: each number is splitmix64's finaliser of (the game's key, world, purpose, index or player), so a world depends
on nothing else, and a scenario that changes or removes one player leaves the other draws as they were. The code uses only +, -, x, /,
exp and integer arithmetic without reassociation, so the bits are the same for any number of threads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from rates_lib.core.basketball import FOULS_ALLOWED, OVERTIME_MINUTES, QUARTERS, REGULATION_MINUTES, TEAM_MINUTES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_PLAYERS = 8  # of a team: of 23,958 team-games of 2015-25, 24 had fewer
KINDS = ("fga2", "fga3", "trips", "tov")
CREDITS = ("ast", "oreb", "dreb", "stl", "blk", "pf")
FORMS = ("activity", "fga2", "style", "trips", "tov", "ast", "oreb", "dreb", "stl", "blk")  # factors of a player's form in a game
LEVELS = 1024  # quantiles of form and of a normal draw
QUARTER_MINUTES = TEAM_MINUTES / QUARTERS  # of a team
MAX_OVERTIMES = 10

_FG2M, _FGA2, _FG3M, _FGA3, _FTM, _FTA, _OREB, _DREB, _AST, _STL, _BLK, _TOV, _PF, _PTS = range(14)  # core.stats.WORLD_COUNTS
_FOULED_OUT = FOULS_ALLOWED
_OVERTIME = OVERTIME_MINUTES / REGULATION_MINUTES
_GUIDE = 64
_UNIT = 1.0 / 9007199254740992.0  # 2 ** -53
_HALF = 1.0 / 4294967296.0  # 2 ** -32
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_WORLD = np.uint64(0xD1342543DE82EF95)
_PLAYS = np.uint64(0xA0761D6478BD642F)
_LOW32 = np.uint64(0xFFFFFFFF)
_U8, _U10, _U11, _U20, _U27, _U30, _U31, _U32, _U40, _U54 = (np.uint64(k) for k in (8, 10, 11, 20, 27, 30, 31, 32, 40, 54))
_TEN = np.uint64(LEVELS - 1)
_BYTE = np.uint64(255)
SETUP_BITS = 4  # random words of a player before the game: coin, minutes, form, form


class Game(NamedTuple):
    """Inputs of a game's worlds: one entry per player with a play_prob above 0, the first team's first.

    Attributes:
        first: number of the first team's players.
        keys: (n,) key of the player's random numbers before the game; it does not depend on the other players.
        fouls: (n,) personal fouls at the start: 0 except in scenarios.
        play_prob: (n,) above 0.
        centre, below, above: (n,) centre of the minutes of regulation if the player plays, and the spread on either side.
        plays: (n, 4) per minute, by KINDS.
        makes: (n, 3) share of twos, threes, free throws.
        credits: (n, 6) per minute, by CREDITS.
        possessions: (2,) of a team in regulation.
        points: expected total of both teams in regulation.
        ahead: expected margin of the first team.
        scoring: (n, 2) expected points and turnovers per minute.
        usual: (2, 6) expected sum of a team's credit weights in regulation.
        chance: (2, 6) probability that an event is credited to a player of the team when the usual minutes are played: a basket
            (assist), an own miss, the opponents' miss (rebounds), turnover (steal), missed two (block); last the non-shooting fouls per
            possession defended.
    """

    first: int
    keys: NDArray[np.uint64]
    fouls: Ints
    play_prob: Floats
    centre: Floats
    below: Floats
    above: Floats
    plays: Floats
    makes: Floats
    credits: Floats
    possessions: Floats
    points: float
    ahead: float
    scoring: Floats
    usual: Floats
    chance: Floats


class Chances(NamedTuple):
    """The fitted parameters in the form in which the kernel reads them, the same for all games of a run.

    Attributes:
        normal: (LEVELS,) quantiles of the standard normal distribution.
        form: (10, LEVELS) quantiles of form by FORMS, of mean 1.
        pace: (LEVELS,) factors of the possessions of both teams.
        drag: (LEVELS,) factors of the shooting of both teams at each pace.
        spread: factor of the spread of minutes of players expected to play 33 or more.
        mid_spread, low_spread, bench_spread: the same at 25, at 17, and at 10 or fewer minutes; linear in between.
        bench_form: factor of the spread of form of players expected to play 15 or fewer minutes; 1 from 25 on.
        exit_prob: probability that a player leaves early and does not return.
        regular: share of plays that follow a low-discrepancy sequence: real shots are spread more evenly than independent draws.
        single, triple: shares of trips with one and with three throws.
        feedback: relative loss of shooting per point ahead of the expected margin.
        settling: relative loss of shooting of both teams per point that their total is above the expected one.
        garbage: how fast the fourth quarter's minutes move to the bench with the margin.
        trouble: share of the fourth quarter that five fouls cost.
        merit: how fast fourth-quarter minutes rise with points above expectation.
        blame: how fast they fall with turnovers above expectation.
        tie: probability that a team behind by one to three ties the game as time runs out.
        ot_focus: exponent of the usual minutes in overtime.
        ot_pace: pace of overtime relative to regulation.
    """

    normal: Floats
    form: Floats
    pace: Floats
    drag: Floats
    spread: float
    mid_spread: float
    low_spread: float
    bench_spread: float
    bench_form: float
    exit_prob: float
    regular: float
    single: float
    triple: float
    feedback: float
    settling: float
    garbage: float
    trouble: float
    merit: float
    blame: float
    tie: float
    ot_focus: float
    ot_pace: float


_jit = njit(cache=True, nogil=True, error_model="numpy")


@_jit
def mix(x: np.uint64) -> np.uint64:  # pragma: no cover - compiled
    """Finaliser of splitmix64 (Steele, Lea and Flood 2014): a bijection of 64 bits whose output passes for random."""
    x = (x ^ (x >> _U30)) * _M1
    x = (x ^ (x >> _U27)) * _M2
    return x ^ (x >> _U31)


@_jit
def _unit(x: np.uint64) -> float:  # pragma: no cover - compiled
    return np.float64(x >> _U11) * _UNIT


@_jit
def _fill(total: float, cap: float, minutes: Floats, first: int, last: int) -> None:  # pragma: no cover - compiled
    """Scale `minutes[first:last]` to the sum `total`, none above `cap`; players at 0 stay at 0."""
    weight = 0.0
    for i in range(first, last):
        weight += minutes[i]
    for i in range(first, last):
        minutes[i] *= total / weight
    for _ in range(8):
        free, capped = 0.0, 0.0
        for i in range(first, last):
            if minutes[i] >= cap:
                minutes[i] = cap
                capped += cap
            else:
                free += minutes[i]
        if free <= 0.0:
            break
        factor = (total - capped) / free
        if factor <= 0.0:
            break
        over = False
        for i in range(first, last):
            if minutes[i] < cap:
                minutes[i] *= factor
                over = over or minutes[i] > cap
        if not over:
            return
    have, room = 0.0, 0.0
    for i in range(first, last):
        minutes[i] = min(minutes[i], cap)
        have += minutes[i]
        if minutes[i] > 0.0:
            room += cap - minutes[i]
    missing = total - have
    if missing > 0.0 and room > 0.0:
        share = min(missing / room, 1.0)
        for i in range(first, last):
            if minutes[i] > 0.0:
                minutes[i] += (cap - minutes[i]) * share


@_jit
def _who_plays(
    play_prob: Floats, bits: NDArray[np.uint64], first: int, last: int, plays: NDArray[np.bool_]
) -> None:  # pragma: no cover - compiled
    """A coin for each player; if fewer than LEAST_PLAYERS play, the nearest misses play as well."""
    count = 0
    for i in range(first, last):
        plays[i] = _unit(bits[SETUP_BITS * i]) < play_prob[i]
        count += plays[i]
    while count < min(LEAST_PLAYERS, last - first):
        best, nearest = -1, 0.0
        for i in range(first, last):
            score = _unit(bits[SETUP_BITS * i]) / play_prob[i]
            if not plays[i] and (best < 0 or score < nearest):
                best, nearest = i, score
        plays[best] = True
        count += 1


@_jit
def _between(centre: float, bench: float, low: float, mid: float, star: float) -> float:  # pragma: no cover - compiled
    """A factor linear between its values at 10, 17, 25 and 33 expected minutes."""
    if centre < 17.0:
        return bench + (low - bench) * max((centre - 10.0) / 7.0, 0.0)
    if centre < 25.0:
        return low + (mid - low) * (centre - 17.0) * 0.125
    return mid + (star - mid) * min((centre - 25.0) * 0.125, 1.0)


@_jit
def _spreads(game: Game, chances: Chances, spread: Floats) -> None:  # pragma: no cover - compiled
    """Fill `spread` (4, n): spread of minutes below and above the centre, weight in the correction to a team's sum, width of form."""
    for i in range(len(game.centre)):
        bench = min(max((25.0 - game.centre[i]) * 0.1, 0.0), 1.0)
        factor = _between(game.centre[i], chances.bench_spread, chances.low_spread, chances.mid_spread, chances.spread)
        spread[0, i] = factor * game.below[i]
        spread[1, i] = factor * game.above[i]
        spread[2, i] = (game.below[i] + game.above[i]) ** 2 + 0.5
        spread[3, i] = 1.0 + (chances.bench_form - 1.0) * bench


@_jit
def draw_minutes(
    play_prob: Floats,
    centre: Floats,
    spread: Floats,
    normal: Floats,
    exit_prob: float,
    bits: NDArray[np.uint64],
    first: int,
    last: int,
    plays: NDArray[np.bool_],
    early: Floats,
    late: Floats,
) -> None:  # pragma: no cover - compiled
    """Draw the active players of one team, their minutes in the first three quarters (sum 180), and their weights in the fourth.

    Functions called for every world take arrays, not `Game`: passing a tuple of arrays costs as much as ten plays.

    Args:
        play_prob: (n,) of the game.
        centre: (n,) of the game.
        spread: (4, n) of `_spreads`.
        normal: quantiles.
        exit_prob: probability to leave early.
        bits: SETUP_BITS random words a player.
        first: index of the team's first player.
        last: index after the team's last player.
        plays: filled: whether the player is active.
        early: filled: minutes of the first three quarters.
        late: filled: weight of the fourth, 0 for players who have left.
    """
    _who_plays(play_prob, bits, first, last, plays)
    total, weight = 0.0, 0.0
    for i in range(first, last):
        early[i] = late[i] = 0.0
        if not plays[i]:
            continue
        word = bits[SETUP_BITS * i + 1]
        z = normal[word >> _U54]
        wanted = centre[i] + z * (spread[0, i] if z < 0.0 else spread[1, i])
        wanted = min(max(wanted, 0.6), 46.0)
        leaves = np.float64((word >> _U27) & np.uint64(0x7FFFFFF)) * (1.0 / 134217728.0)
        late[i] = 1.0
        if leaves < exit_prob:
            at = leaves / exit_prob  # uniform on the game
            early[i] = max(wanted * min(at, 0.75), 0.3)
            late[i] = 0.0 if at < 0.75 else (at - 0.75) * 4.0
        else:
            early[i] = 0.75 * wanted
            weight += spread[2, i]
        total += early[i]
    for _ in range(6):
        missing = 3.0 * QUARTER_MINUTES - total
        if abs(missing) < 1e-9 or weight <= 0.0:
            break
        step = missing / weight
        total, weight = 0.0, 0.0
        for i in range(first, last):
            if late[i] == 1.0:
                moved = early[i] + step * spread[2, i]
                if moved <= 0.3:
                    early[i] = 0.3 if early[i] > 0.3 or missing < 0.0 else early[i]
                elif moved >= 34.5:
                    early[i] = 34.5
                else:
                    early[i] = moved
                    weight += spread[2, i]
            total += early[i]
    _fill(3.0 * QUARTER_MINUTES, 36.0, early, first, last)
    for i in range(first, last):
        late[i] *= early[i] / 3.0


@_jit
def _widened(factor: float, width: float) -> float:  # pragma: no cover - compiled
    return max(1.0 + width * (factor - 1.0), 0.05)


@_jit
def _draw_form(table: Floats, width: Floats, bits: NDArray[np.uint64], form: Floats) -> None:  # pragma: no cover - compiled
    """Fill `form` (9, n): a player's overall activity, style (twos and throws, or threes), and each kind and credit."""
    for i in range(form.shape[1]):
        one, two, wide = bits[SETUP_BITS * i + 2], bits[SETUP_BITS * i + 3], width[i]
        activity = _widened(table[0, one & _TEN], wide)
        style = (one >> _U20) & _TEN
        inside = activity * _widened(table[2, style], wide)
        form[0, i] = inside * _widened(table[1, (one >> _U10) & _TEN], wide)
        form[1, i] = activity * _widened(table[2, _TEN - style], wide)
        form[2, i] = inside * _widened(table[3, (one >> _U30) & _TEN], wide)
        form[3, i] = activity * _widened(table[4, (one >> _U40) & _TEN], wide)
        for f in range(5):
            form[f + 4, i] = activity * _widened(table[f + 5, (two >> np.uint64(10 * f)) & _TEN], wide)


@_jit
def _urges(
    scoring: Floats, merit: float, blame: float, box: Ints, first: int, last: int, early: Floats, urge: Floats
) -> None:  # pragma: no cover - compiled
    """Fill `urge`: log factor of a player's minutes in the fourth quarter, from points and turnovers beyond those expected so far."""
    for i in range(first, last):
        scored = 2 * box[i, _FG2M] + 3 * box[i, _FG3M] + box[i, _FTM] - scoring[i, 0] * early[i]
        lost = box[i, _TOV] - scoring[i, 1] * early[i]
        urge[i] = min(max(merit * scored - blame * lost, -2.0), 2.0)


@_jit
def fourth_quarter(
    centre: Floats,
    garbage: float,
    trouble: float,
    margin: float,
    urge: Floats,
    fouls: Ints,
    first: int,
    last: int,
    plays: NDArray[np.bool_],
    late: Floats,
) -> None:  # pragma: no cover - compiled
    """Turn the weights `late` of one team into minutes of the fourth quarter, sum 60, from the margin, `urge` and the fouls so far."""
    rout = garbage * (min(abs(margin), 30.0) / 10.0 - 1.0) / 12.0
    able = 0
    for i in range(first, last):
        if late[i] > 0.0:
            late[i] *= np.exp(urge[i] - rout * (centre[i] - 24.0))
            if fouls[i] >= _FOULED_OUT:
                late[i] = 0.0
            elif fouls[i] == _FOULED_OUT - 1:
                late[i] *= 1.0 - trouble
            able += late[i] > 0.0
    if able < 5:
        _recall(first, last, plays, late)
    _fill(QUARTER_MINUTES, 12.0, late, first, last)


@_jit
def _recall(first: int, last: int, plays: NDArray[np.bool_], minutes: Floats) -> None:  # pragma: no cover - compiled
    """Bring back players who left or fouled out, with a tiny weight, so that a team never plays with fewer than five."""
    for i in range(first, last):
        if plays[i] and minutes[i] == 0.0:
            minutes[i] = 1e-6


@_jit
def _overtime(
    focus: float, early: Floats, fouls: Ints, first: int, last: int, plays: NDArray[np.bool_], late: Floats, extra: Floats
) -> None:  # pragma: no cover - compiled
    """Minutes of one overtime of one team, sum 25, from the minutes of regulation; players out of the fourth quarter get none."""
    able = 0
    for i in range(first, last):
        extra[i] = 0.0
        if late[i] > 0.0 and fouls[i] < _FOULED_OUT:
            extra[i] = (early[i] + late[i] + 1e-3) ** focus
            able += 1
    if able < 5:
        _recall(first, last, plays, extra)
    _fill(25.0, 5.0, extra, first, last)


@_jit
def _cumulate(weight: Floats, first: int, last: int) -> float:  # pragma: no cover - compiled
    """Turn weights into cumulative shares, in place, so that no draw falls on a weight of 0. Returns their sum."""
    total = 0.0
    for i in range(first, last):
        total += weight[i]
    if total <= 0.0:
        return 0.0
    scale, running, end = 1.0 / total, 0.0, first
    for i in range(first, last):
        if weight[i] > 0.0:
            end = i
        running += weight[i] * scale
        weight[i] = running
    for i in range(end, last):
        weight[i] = 2.0
    return total


@_jit
def build_tables(
    split: int,
    plays: Floats,
    credits: Floats,
    usual: Floats,
    base: Floats,
    minutes: Floats,
    share: float,
    form: Floats,
    cells: Floats,
    guide: NDArray[np.int16],
    credit: Floats,
    chance: Floats,
) -> None:  # pragma: no cover - compiled
    """Fill the tables from which a stretch of the game is drawn.

    Args:
        split: number of the first team's players.
        plays: (n, 4) of the game.
        credits: (n, 6) of the game.
        usual: (2, 6) of the game.
        base: (2, 6), the game's `chance`.
        minutes: (n,) of the stretch.
        share: the stretch as a share of regulation.
        form: (9, n) form by KINDS and CREDITS but the last.
        cells: (2, 4 x most) filled: cumulative shares of a team's plays, kind by kind.
        guide: (2, _GUIDE) filled: the first cell that a number in each of _GUIDE equal intervals can fall on.
        credit: (6, n) filled: cumulative shares of a team's credits.
        chance: (2, 6) filled: probability that an event is credited to a player.
    """
    n = len(minutes)
    for t in range(2):
        first, last = (0, split) if t == 0 else (split, n)
        size = last - first
        for k in range(4):
            for i in range(first, last):
                cells[t, k * size + i - first] = plays[i, k] * minutes[i] * form[k, i]
        row = cells[t]
        _cumulate(row, 0, 4 * size)
        c = 0
        for g in range(_GUIDE):
            while row[c] <= g * (1.0 / _GUIDE):
                c += 1
            guide[t, g] = c
        for k in range(6):
            column = credit[k]
            for i in range(first, last):
                column[i] = credits[i, k] * minutes[i] * (form[k + 4, i] if k < 5 else 1.0)
            total = _cumulate(column, first, last)
            expected = usual[t, k] * share
            chance[t, k] = base[t, k] * total / expected if expected > 0.0 else 0.0
        for k in (0, 3, 4):
            chance[t, k] = min(chance[t, k], 0.98)
    for t in range(2):  # a miss is rebounded once
        both = chance[t, 1] + chance[1 - t, 2]
        if both > 1.0:
            chance[t, 1] /= both
            chance[1 - t, 2] /= both


@_jit
def _pick(shares: Floats, x: float, first: int) -> int:  # pragma: no cover - compiled
    """The first index from `first` on whose cumulative share is above `x`."""
    while x >= shares[first]:
        first += 1
    return first


@_jit
def _foul(fouls: Floats, x: float, first: int, box: Ints) -> None:  # pragma: no cover - compiled
    """Charge a foul to the player on whom `x` falls, unless he has fouled out."""
    j = _pick(fouls, x, first)
    if box[j, _PF] < _FOULED_OUT:
        box[j, _PF] += 1


@_jit
def _play(
    makes: Floats,
    split: int,
    trips: tuple[float, float, float],
    t: int,
    possessions: int,
    key: np.uint64,
    spin: np.uint64,
    shooting: float,
    cells: Floats,
    guide: NDArray[np.int16],
    credit: Floats,
    chance: Floats,
    box: Ints,
) -> np.uint64:  # pragma: no cover - compiled
    """Play a stretch of one team's possessions into `box` (n, 14); returns the state of the low-discrepancy sequence.

    Takes arrays instead of `Game` and `Chances`: passing a tuple of arrays costs as much as ten plays.
    """
    first, last = (0, split) if t == 0 else (split, len(makes))
    other = split if t == 0 else 0
    size = last - first
    row = cells[t]
    ahead = guide[t]
    even, single, upto_triple = trips
    assisted, rebounded_o = chance[t, 0], chance[t, 1]
    rebounded = rebounded_o + chance[1 - t, 2]
    stolen, blocked, fouled = chance[1 - t, 3], chance[1 - t, 4], chance[1 - t, 5]
    assists, oreb, dreb, steals, blocks, fouls = credit[0], credit[1], credit[2], credit[3], credit[4], credit[5]
    regular = np.uint64(even * 256.0)
    counter = np.uint64(0)
    left = possessions
    while left > 0:
        counter += np.uint64(1)
        word = mix(key + counter * _GAMMA)
        more = mix(word ^ _PLAYS)
        if (word & _BYTE) < regular:
            spin += _GAMMA
            u = _unit(spin)
        else:
            u = np.float64(word >> _U32) * _HALF
        v = np.float64((word >> _U8) & np.uint64(0xFFFFFF)) * (1.0 / 16777216.0)
        w = np.float64(more & _LOW32) * _HALF
        cell = _pick(row, u, int(ahead[int(u * _GUIDE)]))
        kind = cell // size
        i = first + cell - kind * size
        missed, ends = False, True
        if kind < 2:
            box[i, _FGA2 + 2 * kind] += 1
            p = makes[i, kind] * shooting
            if v < p:
                box[i, _FG2M + 2 * kind] += 1
                if w < assisted:  # by a team-mate: the shooter's own share is cut out of the scale
                    mine = min(assists[i], 1.0)
                    before = min(assists[i - 1], 1.0) if i > first else 0.0
                    rest = 1.0 - (mine - before)
                    if rest > 1e-9:
                        x = w / assisted * rest
                        if x >= before:
                            x += mine - before
                        j = _pick(assists, x, first)
                        if j != i:
                            box[j, _AST] += 1
            else:
                missed = True
                if kind == 0:
                    x = np.float64(more >> _U32) * _HALF
                    if x < blocked:
                        box[_pick(blocks, x / blocked, other), _BLK] += 1
        elif kind == 2:
            throws = 2
            x = np.float64(more >> _U32) * _HALF
            if x < single:
                throws, ends = 1, False
            elif x < upto_triple:
                throws = 3
            p = makes[i, 2]
            box[i, _FTA] += throws
            made = v < p
            total = int(made)
            for _ in range(throws - 1):
                v = v / p if made else (v - p) / (1.0 - p)  # the rest of a uniform number is uniform again
                made = v < p
                total += int(made)
            box[i, _FTM] += total
            missed = not made and ends
            if fouled > 0.0:
                _foul(fouls, np.float64((more >> _U32) & np.uint64(0xFFFFF)) * (1.0 / 1048576.0), other, box)
        else:
            box[i, _TOV] += 1
            if w < stolen:
                box[_pick(steals, w / stolen, other), _STL] += 1
        if missed and w < rebounded:
            if w < rebounded_o:
                box[_pick(oreb, w / rebounded_o, first), _OREB] += 1
                ends = False
            else:
                box[_pick(dreb, (w - rebounded_o) / (rebounded - rebounded_o), other), _DREB] += 1
        if ends:
            left -= 1
            x = np.float64((more >> _U32) & np.uint64(0xFFFFF)) * (1.0 / 1048576.0)  # the lower bits: the higher ones decided on a block
            if kind != 2 and x < fouled:
                _foul(fouls, x / fouled, other, box)
    return spin


@_jit
def _points(box: Ints, first: int, last: int) -> int:  # pragma: no cover - compiled
    total = 0
    for i in range(first, last):
        total += 2 * box[i, _FG2M] + 3 * box[i, _FG3M] + box[i, _FTM]
    return total


@_jit
def _tie(split: int, chance: float, word: np.uint64, margin: int, cells: Floats, box: Ints) -> int:  # pragma: no cover - compiled
    """Let the team behind by one to three tie as time runs out: with one throw of two, a two or a three. Returns the margin."""
    behind = abs(margin)
    if behind == 0 or behind > 3 or _unit(word) >= chance:
        return margin
    t = 0 if margin < 0 else 1
    first, last = (0, split) if t == 0 else (split, len(box))
    size = last - first
    kind = 2 if behind == 1 else behind - 2
    low = cells[t, kind * size - 1] if kind > 0 else 0.0
    high = min(cells[t, (kind + 1) * size - 1], 1.0)
    if high - low <= 1e-9:  # no player of the team shoots that
        return margin
    x = low + _unit(mix(word)) * (high - low)
    i = first
    while i < last - 1 and x >= cells[t, kind * size + i - first]:
        i += 1
    if kind == 2:
        box[i, _FTA] += 2
        box[i, _FTM] += 1
    else:
        box[i, _FGA2 + 2 * kind] += 1
        box[i, _FG2M + 2 * kind] += 1
    return 0


@_jit
def draw_worlds(
    game: Game, chances: Chances, key: np.uint64, first_world: int, last_world: int, counts: NDArray[np.uint8], seconds: NDArray[np.uint16]
) -> None:  # pragma: no cover - compiled
    """Draw the worlds `first_world` to `last_world` - 1 of a game.

    Args:
        game: the game.
        chances: the parameters.
        key: the game's key, from seed and game id.
        first_world: number of the first world.
        last_world: number after the last.
        counts: (14, n, worlds) filled at [:, :, world - first_world], by WORLD_COUNTS.
        seconds: (n, worlds) filled; 0 for players who do not play.
    """
    n, split = len(game.play_prob), game.first
    keys, fouls = game.keys, game.fouls
    play_prob, centre, makes, weights, credits = game.play_prob, game.centre, game.makes, game.plays, game.credits
    usual, base, scoring, normal = game.usual, game.chance, game.scoring, chances.normal
    spread = np.empty((4, n))
    _spreads(game, chances, spread)
    trips = (chances.regular, chances.single, chances.single + chances.triple)
    most = max(split, n - split)
    bits = np.empty(SETUP_BITS * n, np.uint64)
    plays = np.empty(n, np.bool_)
    early, late, extra, played, urge = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    form = np.empty((9, n))
    cells, guide = np.empty((2, 4 * most)), np.empty((2, _GUIDE), np.int16)
    credit, chance = np.empty((6, n)), np.empty((2, 6))
    box = np.empty((n, 14), np.int64)
    charged = box[:, _PF]
    spin, offset = np.empty(2, np.uint64), np.empty(2)
    teams = np.array([0, game.first, n])
    for world in range(first_world, last_world):
        root = mix(key ^ (np.uint64(world + 1) * _WORLD))
        box[:] = 0
        for i in range(n):
            for b in range(SETUP_BITS):
                bits[SETUP_BITS * i + b] = mix(root + keys[i] + np.uint64(b + 1) * _GAMMA)
            box[i, _PF] = fouls[i]
        whole = mix(root ^ _M1)
        _draw_form(chances.form, spread[3], bits, form)
        for t in range(2):
            draw_minutes(play_prob, centre, spread, normal, chances.exit_prob, bits, teams[t], teams[t + 1], plays, early, late)
            spin[t] = mix(root ^ (_M2 + np.uint64(t)))
            offset[t] = _unit(mix(spin[t]))
        pace = chances.pace[whole & _TEN]
        drag = chances.drag[whole & _TEN]
        build_tables(split, weights, credits, usual, base, early, 0.75, form, cells, guide, credit, chance)
        margin, excess = 0, 0.0
        for quarter in range(4):
            if quarter == 3:
                for t in range(2):
                    first, last = teams[t], teams[t + 1]
                    _urges(scoring, chances.merit, chances.blame, box, first, last, early, urge)
                    fourth_quarter(centre, chances.garbage, chances.trouble, float(margin), urge, charged, first, last, plays, late)
                build_tables(split, weights, credits, usual, base, late, 0.25, form, cells, guide, credit, chance)
            swing = chances.feedback * min(max(float(margin) - game.ahead * 0.25 * quarter, -40.0), 40.0)
            calm = chances.settling * min(max(excess, -40.0), 40.0)
            for t in range(2):
                expected = game.possessions[t] * pace * 0.25
                number = int(expected * (quarter + 1) + offset[t]) - int(expected * quarter + offset[t])
                factor = drag * (1.0 - calm) * (1.0 - swing if t == 0 else 1.0 + swing)
                stretch = mix(root ^ (_PLAYS + np.uint64(2 * quarter + t)))
                spin[t] = _play(makes, split, trips, t, number, stretch, spin[t], factor, cells, guide, credit, chance, box)
            ours, theirs = _points(box, 0, split), _points(box, split, n)
            margin = ours - theirs
            excess = float(ours + theirs) - game.points * 0.25 * (quarter + 1)
        for i in range(n):
            played[i] = early[i] + late[i]
        margin = _tie(split, chances.tie, mix(root ^ np.uint64(99)), margin, cells, box)
        overtime = 0
        while margin == 0:
            overtime += 1
            for t in range(2):
                _overtime(chances.ot_focus, early, charged, teams[t], teams[t + 1], plays, late, extra)
            build_tables(split, weights, credits, usual, base, extra, _OVERTIME, form, cells, guide, credit, chance)
            for t in range(2):
                expected = game.possessions[t] * pace * chances.ot_pace * _OVERTIME
                stretch = mix(root ^ (_PLAYS + np.uint64(100 * overtime + t)))
                number = int(expected + _unit(mix(stretch)))
                spin[t] = _play(makes, split, trips, t, number, stretch, spin[t], drag, cells, guide, credit, chance, box)
            for i in range(n):
                played[i] += extra[i]
            margin = _points(box, 0, split) - _points(box, split, n)
            if overtime == MAX_OVERTIMES and margin == 0:
                i = 0
                while not plays[i]:
                    i += 1
                box[i, _FTA] += 1
                box[i, _FTM] += 1
                margin = 1
            elif margin != 0:
                margin = _tie(split, chances.tie, mix(root ^ np.uint64(99 + overtime)), margin, cells, box)
        w = world - first_world
        for t in range(2):
            running, before = 0.0, 0
            for i in range(teams[t], teams[t + 1]):
                running += 60.0 * played[i]
                now = int(running + 0.5)
                seconds[i, w] = now - before
                before = now
        for i in range(n):
            box[i, _PTS] = 2 * box[i, _FG2M] + 3 * box[i, _FG3M] + box[i, _FTM]
            for c in range(14):
                counts[c, i, w] = box[i, c]


@_jit
def _stratum(axis: np.uint64, world: int, worlds: int) -> np.uint64:  # pragma: no cover - compiled
    """A number of 32 random bits; over all worlds, a power of two up to LEVELS, each of as many equal intervals is hit once.

    `axis` chooses the order: multiplications by odd numbers and shifts permute the numbers below a power of two.
    """
    mask = np.uint64(worlds - 1)
    x = (np.uint64(world) * (axis | np.uint64(1)) + (axis >> _U32)) & mask
    x ^= x >> np.uint64(4)
    x = x * ((axis >> _U40) | np.uint64(1)) & mask
    x ^= x >> np.uint64(5)
    x = (x * ((axis >> _U20) | np.uint64(1)) + (axis >> _U54)) & mask
    size = np.uint64(4294967296) // np.uint64(worlds)
    return x * size + (mix(axis + np.uint64(world)) & (size - np.uint64(1)))


@_jit
def draw_sample(keys: NDArray[np.uint64], worlds: int, bits: NDArray[np.uint64], luck: NDArray[np.uint64]) -> None:  # pragma: no cover
    """Random words of a Latin hypercube (McKay, Beckman and Conover 1979): over its worlds, each number by itself is spread evenly.

    So the mean over few worlds of anything that is a sum of functions of single numbers is exact. A player's words do not depend on the
    other players.

    Args:
        keys: (n,) of the game.
        worlds: their number, a power of two up to LEVELS.
        bits: (worlds, SETUP_BITS x n) filled: the words that `draw_minutes` and `_draw_form` read.
        luck: (worlds, n) filled: 32 bits for fouls, 10 for turnovers, 10 for points.
    """
    for i in range(len(keys)):
        for f in range(16):
            axis = mix(keys[i] + np.uint64(f + 1) * _GAMMA)
            for world in range(worlds):
                x = _stratum(axis, world, worlds)
                level = x >> np.uint64(22)
                if f == 0:
                    bits[world, SETUP_BITS * i] = x << _U32
                elif f == 1:
                    bits[world, SETUP_BITS * i + 1] = level << _U54
                elif f == 2:
                    bits[world, SETUP_BITS * i + 1] |= (x >> np.uint64(5)) << _U27
                elif f < 8:
                    bits[world, SETUP_BITS * i + 2] |= level << np.uint64(10 * (f - 3))
                elif f < 13:
                    bits[world, SETUP_BITS * i + 3] |= level << np.uint64(10 * (f - 8))
                elif f == 13:
                    luck[world, i] = x << _U32
                else:
                    luck[world, i] |= level << np.uint64(10 * (f - 14))


@_jit
def _fouls_of(mean: float, x: float) -> int:  # pragma: no cover - compiled
    """Quantile `x` of the Poisson distribution with this mean, at most _FOULED_OUT."""
    chance = np.exp(-mean)
    below, count = chance, 0
    while x >= below and count < _FOULED_OUT:
        count += 1
        chance *= mean / count
        below += chance
    return count


@_jit
def expectations(
    game: Game,
    chances: Chances,
    volume: Floats,
    wide: float,
    overtime: float,
    bits: NDArray[np.uint64],
    luck: NDArray[np.uint64],
    plays_of: Floats,
    credits_of: Floats,
    minutes_of: Floats,
) -> None:  # pragma: no cover - compiled
    """Mean minutes, plays and credits of players over worlds without possessions: the part of a world that shifts means.

    Instead of being played out, the three quarters before the last yield a normal margin, and for each player a normal number of points
    and of turnovers and a Poisson number of fouls, with the means that the player's minutes and form imply; these decide on the fourth
    quarter's minutes. Every world counts with the expected number of overtimes. Fouls at the start, which only scenarios have, are left
    out: they are to cost minutes.

    Args:
        game: the game.
        chances: the parameters.
        volume: (2,) expected plays of a team in regulation.
        wide: standard deviation of the margin after three quarters.
        overtime: expected number of overtimes.
        bits: of `draw_sample`.
        luck: of `draw_sample`.
        plays_of: (n, 4) filled: mean plays by KINDS, had a team one play in regulation.
        credits_of: (n, 6) filled: mean credit weight by CREDITS.
        minutes_of: (n, 2) filled: mean minutes with overtime, share of worlds in which the player plays.
    """
    n, worlds = len(game.play_prob), len(bits)
    plays = np.empty(n, np.bool_)
    early, fourth, extra, urge = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    form, spread = np.empty((9, n)), np.empty((4, n))
    formed, fouls = np.empty((n, 5)), np.empty(n, np.int64)  # plays per minute by kind and all, with the form of the evening
    _spreads(game, chances, spread)
    throws = 2.0 - chances.single + chances.triple
    rest = chances.ot_pace * overtime
    teams = np.array([0, game.first, n])
    plays_of[:] = 0.0
    credits_of[:] = 0.0
    minutes_of[:] = 0.0
    for world in range(worlds):
        margin = 0.75 * game.ahead + wide * chances.normal[_stratum(_M1, world, worlds) >> np.uint64(22)]
        words = bits[world]
        _draw_form(chances.form, spread[3], words, form)
        for t in range(2):
            first, last = teams[t], teams[t + 1]
            draw_minutes(game.play_prob, game.centre, spread, chances.normal, chances.exit_prob, words, first, last, plays, early, fourth)
            total, charged = 0.0, 0.0
            for i in range(first, last):
                formed[i, 4] = 0.0
                if plays[i]:
                    for k in range(4):
                        formed[i, k] = game.plays[i, k] * form[k, i]
                        formed[i, 4] += formed[i, k]
                    total += formed[i, 4] * early[i]
                    charged += game.credits[i, 5] * early[i]
            each = 0.75 * volume[t] / total if total > 0.0 else 0.0
            charge = 0.75 * game.usual[t, 5] / charged if charged > 0.0 else 0.0
            for i in range(first, last):
                if not plays[i]:
                    continue
                word, mine = luck[world, i], each * early[i]
                two, three, line = (
                    2.0 * formed[i, 0] * game.makes[i, 0],
                    3.0 * formed[i, 1] * game.makes[i, 1],
                    throws * game.makes[i, 2],
                )
                scored, lost = mine * (two + three + formed[i, 2] * line), mine * formed[i, 3]
                squares = mine * (2.0 * two + 3.0 * three + formed[i, 2] * line * (line + 1.0 - game.makes[i, 2]))
                points = scored + np.sqrt(max(squares - scored * scored / (0.75 * volume[t]), 0.0)) * chances.normal[word & _TEN]
                turnovers = lost + np.sqrt(lost) * chances.normal[(word >> _U10) & _TEN]
                better = chances.merit * (points - game.scoring[i, 0] * early[i])
                worse = chances.blame * (turnovers - game.scoring[i, 1] * early[i])
                urge[i] = min(max(better - worse, -2.0), 2.0)
                fouls[i] = _fouls_of(charge * game.credits[i, 5] * early[i], np.float64(word >> _U32) * _HALF)
            fourth_quarter(game.centre, chances.garbage, chances.trouble, margin, urge, fouls, first, last, plays, fourth)
            _overtime(chances.ot_focus, early, fouls, first, last, plays, fourth, extra)
            ends, overs = 0.0, 0.0
            for i in range(first, last):
                ends += formed[i, 4] * fourth[i]
                overs += formed[i, 4] * extra[i]
            of_early, of_fourth, of_extra = 0.75 / total, 0.25 / ends, rest * _OVERTIME / overs
            for i in range(first, last):
                if not plays[i]:
                    continue
                share = of_early * early[i] + of_fourth * fourth[i] + of_extra * extra[i]
                for k in range(4):
                    plays_of[i, k] += formed[i, k] * share
                on_floor = early[i] + fourth[i] + rest * extra[i]
                for k in range(5):
                    credits_of[i, k] += on_floor * game.credits[i, k] * form[k + 4, i]
                credits_of[i, 5] += on_floor * game.credits[i, 5]
                minutes_of[i, 0] += early[i] + fourth[i] + overtime * extra[i]
                minutes_of[i, 1] += 1.0
    plays_of /= worlds
    credits_of /= worlds
    minutes_of /= worlds
