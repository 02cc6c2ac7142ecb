"""Team ratings updated game by game, in the order of the games: Elo, and a Kalman filter of offence, defence and pace.

The same games give the same bits on any machine, whatever games follow: the loops are compiled by numba and add in a fixed order.

Belongs here: the loops. Does not belong here: selection of past games (`asof.py`), the features
(`features/team_strength.py`).
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@numba.njit(cache=True)
def elo_after(  # pragma: no cover - compiled
    season: Ints, home: Ints, away: Ints, margin: Floats, edge: Floats, teams: int, k: float, carry: float, mean: float
) -> Floats:
    """Elo ratings of both teams after each game (Silver & Fischer-Baum 2015, "How we calculate NBA Elo ratings").

    A win moves k (|margin| + 3)^.8 / (7.5 + .006 lead) (1 - expected) points from loser to winner, where `lead` is the winner's before
    the game with the home edge; a new season starts at carry x rating + (1 - carry) x mean.

    Args:
        season: (games,) start year; games in order of time.
        home: (games,) number of the home team.
        away: (games,) number of the away team.
        margin: (games,) home minus away points.
        edge: (games,) Elo points of the home edge, 0 at a neutral site.
        teams: number of teams.
        k: size of the update.
        carry: share of the distance to the mean that remains after a summer.
        mean: rating of a new team.

    Returns:
        (games, 2): rating of the home and of the away team after the game.
    """
    rating = np.full(teams, mean)
    last = np.full(teams, -1)
    after = np.empty((len(season), 2))
    for g in range(len(season)):
        for team in (home[g], away[g]):
            if last[team] >= 0:
                for _ in range(season[g] - last[team]):
                    rating[team] = carry * rating[team] + (1.0 - carry) * mean
            last[team] = season[g]
        lead = rating[home[g]] + edge[g] - rating[away[g]]
        won = 1.0 if margin[g] > 0 else 0.0
        winners_lead = lead if won == 1.0 else -lead
        expected = 1.0 / (1.0 + 10.0 ** (-lead / 400.0))
        size = (abs(margin[g]) + 3.0) ** 0.8 / (7.5 + 0.006 * winners_lead)
        step = k * size * (won - expected)
        rating[home[g]] += step
        rating[away[g]] -= step
        after[g, 0] = rating[home[g]]
        after[g, 1] = rating[away[g]]
    return after


@numba.njit(cache=True)
def _observe(mean: Floats, cov: Floats, where: Ints, sign: Floats, value: float, noise: float) -> float:  # pragma: no cover - compiled
    """One scalar observation `value` = sum of sign x state[where] + noise; updates in place and returns the expected value."""
    n = len(mean)
    expected = 0.0
    gain = np.zeros(n)
    for i in range(len(where)):
        expected += sign[i] * mean[where[i]]
        for j in range(n):
            gain[j] += cov[j, where[i]] * sign[i]
    spread = noise
    for i in range(len(where)):
        spread += sign[i] * gain[where[i]]
    for j in range(n):
        mean[j] += gain[j] / spread * (value - expected)
    for j in range(n):
        if gain[j] != 0.0:
            for i in range(n):
                cov[j, i] -= gain[j] * gain[i] / spread
    return expected


@numba.njit(cache=True)
def kalman_after(  # pragma: no cover - compiled
    day: Ints, season: Ints, home: Ints, away: Ints, edge: Floats, observed: Floats, teams: int, start: Floats, settings: Floats
) -> tuple[Floats, Floats]:
    """Kalman filter (Kalman 1960; of team ratings: Glickman & Stern 1998) of offence, defence and pace of all teams at once.

        home points per 100 = level + offence_home - defence_away + edge / 2      away points per 100 = ... - edge / 2
        possessions per 48  = pace level + pace_home + pace_away

    All states follow a random walk with a variance per day; a summer shrinks a team's rating and adds a variance. The full covariance is
    kept, so a result also updates the past opponents of both teams.

    Args:
        day: (games,) days since any fixed date, in ascending order.
        season: (games,) start year.
        home: (games,) number of the home team.
        away: (games,) number of the away team.
        edge: (games,) 1, or 0 at a neutral site.
        observed: (games, 3): points per 100 of home and away, possessions per 48 minutes.
        teams: number of teams.
        start: level, home edge, pace level before the first game.
        settings: values of `features.team_strength.KALMAN`, in order.

    Returns:
        Before each game the expected three observations, (games, 3); after each game the state: level, edge, pace level, then
        offence of all teams, defence of all teams, pace of all teams, (games, 3 + 3 teams).
    """
    noise_eff, noise_pace, wander, wander_pace, level, level_pace, first, first_pace, carry, carry_pace, summer, summer_pace = settings
    n, m = 2 + 2 * teams, 1 + teams
    mean, cov = np.zeros(n), np.zeros((n, n))
    pace, pace_cov = np.zeros(m), np.zeros((m, m))
    mean[0], mean[1], pace[0] = start[0], start[1], start[2]
    cov[0, 0], cov[1, 1], pace_cov[0, 0] = 30.0, 3.0, 9.0
    for t in range(2, n):
        cov[t, t] = first
    for t in range(1, m):
        pace_cov[t, t] = first_pace
    before, after = np.empty((len(day), 3)), np.empty((len(day), 3 + 3 * teams))
    for g in range(len(day)):
        if g > 0:
            for _ in range(season[g] - season[g - 1]):
                for i in range(2, n):
                    mean[i] *= carry
                    for j in range(n):
                        cov[i, j] *= carry
                        cov[j, i] *= carry
                    cov[i, i] += summer
                for i in range(1, m):
                    pace[i] *= carry_pace
                    for j in range(m):
                        pace_cov[i, j] *= carry_pace
                        pace_cov[j, i] *= carry_pace
                    pace_cov[i, i] += summer_pace
            if season[g] == season[g - 1]:
                days = float(day[g] - day[g - 1])
                cov[0, 0] += level * days
                pace_cov[0, 0] += level_pace * days
                for t in range(2, n):
                    cov[t, t] += wander * days
                for t in range(1, m):
                    pace_cov[t, t] += wander_pace * days
        h, a = home[g], away[g]
        sign = np.array([1.0, 0.5 * edge[g], 1.0, -1.0])
        where = np.array([0, 1, 2 + h, 2 + teams + a])
        before[g, 0] = _observe(mean, cov, where, sign, observed[g, 0], noise_eff)
        sign[1] = -sign[1]
        where[2], where[3] = 2 + a, 2 + teams + h
        before[g, 1] = _observe(mean, cov, where, sign, observed[g, 1], noise_eff)
        before[g, 2] = _observe(pace, pace_cov, np.array([0, 1 + h, 1 + a]), np.ones(3), observed[g, 2], noise_pace)
        after[g, 0], after[g, 1], after[g, 2] = mean[0], mean[1], pace[0]
        after[g, 3 : 3 + 2 * teams] = mean[2:]
        after[g, 3 + 2 * teams :] = pace[1:]
    return before, after
