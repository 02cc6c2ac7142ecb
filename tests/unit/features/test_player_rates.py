"""Decayed, shrunk rates by hand: a player of three games, a rookie, a summer."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from rates_lib.features import player_rates
from rates_lib.features.history import History
from rates_lib.features.player_rates import (
    FIRST_DAY,
    RATE_CARRY,
    RATE_STATS,
    STRENGTH,
    add_rates,
    expected_games,
    position_means,
    shrunk_rates,
)
from tests.frames.histories import hand_history, random_history

DAYS = [date(2023, 11, 1) + timedelta(days=2 * i) for i in range(4)]
AST = RATE_STATS.index("ast")


def three_games() -> History:
    games = [(f"g{i}", day, "A", "B") for i, day in enumerate(DAYS)]
    box = [
        {"game_id": f"g{i}", "player_id": "him", "team_id": "A", "min": minutes, "ast": ast}
        for i, (minutes, ast) in enumerate([(30, 6), (20, 1), (36, 9), (40, 99)])
    ]
    return hand_history(games, box, heights={"him": 72.0})


def rows(*when: date, player: str = "him", position: str = "PG") -> pl.DataFrame:
    years = [day.year - (day.month < 9) for day in when]
    return pl.DataFrame({"season": years, "game_date": when, "player_id": player, "position_primary": position})


def shrunk(count: float, minutes: float, mean: float, stat: str = "ast") -> float:
    return (count + STRENGTH[stat] * mean) / (minutes + STRENGTH[stat])


def test_three_games_by_hand() -> None:
    rates, minutes, means = shrunk_rates(rows(*DAYS), three_games(), [1, 2])
    assert means[:, AST].tolist() == [FIRST_DAY["ast"]] * 4  # too few seconds of any position yet
    assert minutes[:, 0].tolist() == [0.0, 30.0, 15 + 20.0, 7.5 + 10 + 36]
    assert rates[:, 0, AST].tolist() == pytest.approx([
        FIRST_DAY["ast"], shrunk(6, 30, FIRST_DAY["ast"]), shrunk(3 + 1, 15 + 20, FIRST_DAY["ast"]),
        shrunk(1.5 + 0.5 + 9, 7.5 + 10 + 36, FIRST_DAY["ast"]),
    ], rel=1e-12)  # fmt: skip
    k = 0.5**0.5
    assert rates[3, 1, AST] == pytest.approx(shrunk(6 * k**2 + k + 9, 30 * k**2 + 20 * k + 36, FIRST_DAY["ast"]), rel=1e-12)


def test_a_summer_keeps_six_tenths() -> None:
    assert RATE_CARRY == 0.6
    one, two, after = date(2024, 11, 1), date(2025, 11, 1), DAYS[-1] + timedelta(days=1)
    rates, minutes, _ = shrunk_rates(rows(after, one, two), three_games(), [10])
    assert minutes[1:, 0] == pytest.approx([0.6 * minutes[0, 0], 0.36 * minutes[0, 0]])
    count = rates[0, 0, AST] * (minutes[0, 0] + STRENGTH["ast"]) - STRENGTH["ast"] * FIRST_DAY["ast"]
    assert rates[1, 0, AST] == pytest.approx(shrunk(0.6 * count, 0.6 * minutes[0, 0], FIRST_DAY["ast"]))


def test_a_rookie_has_the_mean_of_his_position(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player_rates, "_ENOUGH_SECONDS", 60 * 50)
    history, day = three_games(), DAYS[2]
    as_guard, as_center = rows(day, player="new"), rows(day, player="new", position="C")
    for asked, mean in ((as_guard, 7 / 50), (as_center, FIRST_DAY["ast"])):
        rates, minutes, means = shrunk_rates(asked, history)
        assert rates[0, :, AST] == pytest.approx([mean] * len(player_rates.HALF_LIVES))
        assert means[0, AST] == pytest.approx(mean)
        assert not minutes.any()
    # the day after the third game it counts as well, next season it still does, two seasons later it is forgotten
    later = rows(DAYS[2] + timedelta(days=1), date(2024, 11, 1), date(2025, 11, 1), player="new")
    assert position_means(later, history)[:, AST] == pytest.approx([16 / 86, 115 / 126, FIRST_DAY["ast"]])


def test_luck_is_shrunk_more_than_roles() -> None:
    assert STRENGTH["stl"] > STRENGTH["ast"] > STRENGTH["fga2"]
    assert set(FIRST_DAY) == set(STRENGTH) == set(RATE_STATS)


def test_columns_are_the_rates_of_their_half_life() -> None:
    history = random_history(seed=4)
    days = history.game["game_date"].unique().sort().to_list()
    asked = rows(days[20], player="p3")
    rates, minutes, means = shrunk_rates(asked, history)
    made = add_rates(asked, history).row(0, named=True)
    for h, half_life in enumerate(player_rates.HALF_LIVES):
        assert made[f"ast_per_min_hl{half_life}"] == rates[0, h, AST]
    assert made["minutes_weight_hl30"] == minutes[0, 2]
    assert made["ast_per_min_position"] == means[0, AST]
    assert made["pts_per_min_hl30"] == rates[0, 2, RATE_STATS.index("pts")]


def test_expected_counts_are_minutes_times_what_was_known_before() -> None:
    history = three_games()
    games = expected_games(history).sort("game_date")
    rates, _, _ = shrunk_rates(rows(*DAYS), history, (10, 30))
    minutes = np.array([30, 20, 36, 40])
    assert games["expected_ast"].to_numpy() == pytest.approx(minutes * rates[:, :, AST].mean(axis=1))
    assert games["expected_ast"][0] == pytest.approx(30 * FIRST_DAY["ast"])
