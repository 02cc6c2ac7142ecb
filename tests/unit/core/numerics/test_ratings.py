"""Elo by hand, the Kalman filter against a dense textbook filter, and both against what they must not see."""

from __future__ import annotations

import numpy as np
import pytest

from rates_lib.core.numerics.ratings import elo_after, kalman_after
from rates_lib.features.team_strength import ELO_CARRY, ELO_EDGE, ELO_K, ELO_MEAN, KALMAN, KALMAN_START

SETTINGS = np.array(list(KALMAN.values()))
START = np.array(KALMAN_START)


def elo(games: list[tuple[int, int, int, float]], edge: float = 0.0, teams: int = 3) -> np.ndarray:
    season, home, away, margin = (np.array(column) for column in zip(*games, strict=True))
    return elo_after(season, home, away, margin.astype(float), np.full(len(games), edge), teams, ELO_K, ELO_CARRY, ELO_MEAN)


def test_elo_of_a_win_between_equals_is_half_the_stake_times_the_margins_factor() -> None:
    step = 20 * (10 + 3) ** 0.8 / 7.5 * 0.5
    assert elo([(2023, 0, 1, 10.0)])[0] == pytest.approx([1505 + step, 1505 - step])
    assert elo([(2023, 0, 1, -10.0)])[0] == pytest.approx([1505 - step, 1505 + step])


def test_elo_moves_less_for_an_expected_win_and_more_for_an_upset() -> None:
    expected = 1 / (1 + 10 ** (-ELO_EDGE / 400))
    win = elo([(2023, 0, 1, 5.0)], edge=ELO_EDGE)[0, 0] - 1505
    loss = 1505 - elo([(2023, 0, 1, -5.0)], edge=ELO_EDGE)[0, 0]
    assert win == pytest.approx(20 * 8**0.8 / (7.5 + 0.006 * ELO_EDGE) * (1 - expected))
    assert loss == pytest.approx(20 * 8**0.8 / (7.5 - 0.006 * ELO_EDGE) * expected)
    assert loss > win


def test_elo_keeps_three_quarters_over_a_summer_and_its_sum_within_one() -> None:
    after = elo([(2022, 0, 1, 10.0), (2023, 0, 2, 7.0)])
    start = 1505 + 0.75 * (after[0, 0] - 1505)
    lead = start - 1505
    step = 20 * 10**0.8 / (7.5 + 0.006 * lead) * (1 - 1 / (1 + 10 ** (-lead / 400)))
    assert after[1] == pytest.approx([start + step, 1505 - step])


def league(games: int = 60, teams: int = 6, seed: int = 3) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    pairs = np.array([rng.choice(teams, 2, replace=False) for _ in range(games)])
    day = np.sort(rng.integers(0, 60, games))
    season = np.where(np.arange(games) < games // 2, 2021, 2022)
    observed = np.column_stack([rng.normal(110, 12, games), rng.normal(108, 12, games), rng.normal(99, 4, games)])
    edge = (rng.random(games) < 0.9).astype(float)
    return day, season, pairs[:, 0].copy(), pairs[:, 1].copy(), edge, observed


def textbook(day: np.ndarray, season: np.ndarray, home: np.ndarray, away: np.ndarray, edge: np.ndarray, observed: np.ndarray, teams: int):  # type: ignore[no-untyped-def]
    """The same model as one filter over all states, with matrices."""
    s = KALMAN
    n = 3 + 3 * teams
    x, p = np.zeros(n), np.zeros((n, n))
    x[:3] = START
    p[np.diag_indices(n)] = [30, 3, 9, *([s["first"]] * 2 * teams), *([s["first_pace"]] * teams)]
    rated = np.arange(n) >= 3
    paced = np.arange(n) >= 3 + 2 * teams
    before, after = [], []
    for g in range(len(day)):
        if g and season[g] > season[g - 1]:
            keep = np.where(paced, s["carry_pace"], np.where(rated, s["carry"], 1.0))
            x = keep * x
            p = keep[:, None] * p * keep + np.diag(np.where(paced, s["summer_pace"], np.where(rated, s["summer"], 0.0)))
        elif g:
            q = np.where(paced, s["wander_pace"], np.where(rated, s["wander"], 0.0))
            q[0], q[2] = s["level"], s["level_pace"]
            p = p + np.diag(q) * (day[g] - day[g - 1])
        rows = np.zeros((3, n))
        h, a = home[g], away[g]
        rows[0, [0, 1, 3 + h, 3 + teams + a]] = [1, edge[g] / 2, 1, -1]
        rows[1, [0, 1, 3 + a, 3 + teams + h]] = [1, -edge[g] / 2, 1, -1]
        rows[2, [2, 3 + 2 * teams + h, 3 + 2 * teams + a]] = 1
        expected = []
        for row, value, noise in zip(rows, observed[g], (s["noise_eff"], s["noise_eff"], s["noise_pace"]), strict=True):
            expected.append(row @ x)
            gain = p @ row / (row @ p @ row + noise)
            x = x + gain * (value - row @ x)
            p = p - np.outer(gain, row @ p)
        before.append(expected)
        after.append(x)
    return np.array(before), np.array(after)


def test_kalman_is_the_textbook_filter() -> None:
    games = league()
    got, want = kalman_after(*games, 6, START, SETTINGS), textbook(*games, 6)
    np.testing.assert_allclose(got[0], want[0], rtol=1e-9)
    np.testing.assert_allclose(got[1], want[1], rtol=1e-9, atol=1e-9)


def test_kalman_bits_do_not_depend_on_what_follows_or_on_teams_not_met_yet() -> None:
    games = league()
    whole = kalman_after(*games, 6, START, SETTINGS)
    part = kalman_after(*(values[:30] for values in games), 6, START, SETTINGS)
    more = kalman_after(*(values[:30] for values in games), 9, START, SETTINGS)
    assert np.array_equal(whole[0][:30], part[0])
    assert np.array_equal(whole[1][:30], part[1])
    assert np.array_equal(more[0], part[0])


def test_kalman_finds_the_strengths_of_a_league_that_has_them() -> None:
    rng = np.random.default_rng(0)
    teams, games = 10, 600
    off, deff = rng.normal(0, 4, teams), rng.normal(0, 4, teams)
    pairs = np.array([rng.choice(teams, 2, replace=False) for _ in range(games)])
    home, away = pairs[:, 0].copy(), pairs[:, 1].copy()
    eff = np.column_stack([110 + 1.5 + off[home] - deff[away], 110 - 1.5 + off[away] - deff[home]]) + rng.normal(0, 10, (games, 2))
    observed = np.column_stack([eff, np.full(games, 98.0)])
    _, after = kalman_after(np.arange(games) // 6, np.full(games, 2023), home, away, np.ones(games), observed, teams, START, SETTINGS)
    net = after[-1, 3 : 3 + teams] + after[-1, 3 + teams : 3 + 2 * teams]
    assert np.corrcoef(net, off + deff)[0, 1] > 0.93
    assert abs(after[-1, 2] + after[-1, 3 + 2 * teams :].mean() * 2 - 98) < 0.5
