"""Decayed totals against a sum over all pairs of rows, and what makes them the same on every machine and in every order."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from rates_lib import asof
from rates_lib.core.numerics.decayed import decayed_sums

HALF_LIVES = (1.5, 4, 10, 100)
VALUES = ("x", "y")


def history(seed: int = 5, players: int = 7, games: int = 60) -> pl.DataFrame:
    """Players with games in seasons 2019, 2020 and 2022 (some leave one out), two games on one day now and then, unsorted."""
    rng = np.random.default_rng(seed)
    rows = []
    for p in range(players):
        for season in (2019, 2020, 2022):
            if rng.random() < 0.2:
                continue
            day = date(season, 10, 20)
            for g in range(games // 3):
                day += timedelta(days=int(rng.choice([0, 1, 2, 5])))
                rows.append((season, day, f"{season}{g:03}", f"p{p}", rng.normal(), float(rng.integers(0, 30)), rng.uniform(0, 1)))
    names = ["season", "game_date", "game_id", "player_id", "x", "y", "w"]
    return pl.DataFrame(rows, schema=names, orient="row").sample(fraction=1, shuffle=True, seed=seed)


def asked() -> pl.DataFrame:
    """Days on and between games, before the first and summers after the last, in no order; one player who never played."""
    days = [date(s, 10, 20) + timedelta(days=d) for s in (2019, 2020, 2021, 2022, 2024) for d in (0, 1, 9, 30, 80)]
    rows = [(d.year, d, f"p{p}") for d in days for p in (*range(7), 99)]
    return pl.DataFrame(rows, schema=["season", "game_date", "player_id"], orient="row").sample(fraction=1, shuffle=True, seed=1)


def oracle(rows: pl.DataFrame, past: pl.DataFrame, half_life: float, carry: float, value: str, weight: str | None) -> list[float]:
    """By definition: the n-th newest earlier game counts .5 ** ((n - 1) / half-life), times `carry` for each summer since."""
    found = []
    for row in rows.iter_rows(named=True):
        earlier = past.filter((pl.col("player_id") == row["player_id"]) & (pl.col("game_date") < row["game_date"]))
        newest_first = earlier.sort("game_date", "game_id", descending=True).rows(named=True)
        found.append(
            sum(
                0.5 ** (n / half_life) * carry ** (row["season"] - game["season"]) * game[value] * (game[weight] if weight else 1.0)
                for n, game in enumerate(newest_first)
            )
        )
    return found


@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize("carry", [0.6, 1.0, 0.0])
def test_totals_equal_the_sum_over_all_earlier_games(carry: float, weight: str | None) -> None:
    past, rows = history(), asked()
    sums = asof.decayed_before(rows, asof.decayed_totals(past, ["player_id"], VALUES, HALF_LIVES, carry=carry, weight=weight))
    assert sums.shape == (rows.height, len(HALF_LIVES), len(VALUES))
    for h, half_life in enumerate(HALF_LIVES):
        for v, value in enumerate(VALUES):
            assert sums[:, h, v] == pytest.approx(oracle(rows, past, half_life, carry, value, weight), rel=1e-10, abs=1e-10)
    assert not sums[(rows["player_id"] == "p99").to_numpy()].any()


def test_the_half_life_by_hand() -> None:
    past = pl.DataFrame(
        {
            "season": [2023, 2023, 2024], "game_date": [date(2023, 11, 1), date(2023, 11, 3), date(2024, 11, 1)],
            "game_id": ["1", "2", "3"], "player_id": ["a"] * 3, "x": [8.0, 1.0, 100.0],
        }
    )  # fmt: skip
    rows = pl.DataFrame(
        {
            "season": [2023, 2023, 2023, 2024, 2024, 2024, 2025],
            "game_date": [date(2023, 11, 1), date(2023, 11, 2), date(2023, 11, 4), date(2024, 10, 30), date(2024, 11, 1),
                          date(2024, 11, 2), date(2025, 11, 1)],
        }
    ).with_columns(pl.lit("a").alias("player_id"))  # fmt: skip
    sums = asof.decayed_before(rows, asof.decayed_totals(past, ["player_id"], ["x"], [1.0], carry=0.5))[:, 0, 0]
    last_summer = (8 / 2 + 1) / 2
    assert sums.tolist() == [0.0, 8.0, 5.0, last_summer, last_summer, last_summer / 2 + 100, (last_summer / 2 + 100) / 2]


def test_what_follows_changes_no_bit() -> None:
    past, rows = history(), asked().filter(pl.col("game_date") <= date(2020, 11, 1))
    whole = asof.decayed_totals(past, ["player_id"], VALUES, HALF_LIVES, carry=0.6)
    cut = asof.decayed_totals(past.filter(pl.col("game_date") < date(2020, 11, 1)), ["player_id"], VALUES, HALF_LIVES, carry=0.6)
    assert np.array_equal(asof.decayed_before(rows, whole), asof.decayed_before(rows, cut))


def test_the_order_of_the_rows_changes_no_bit() -> None:
    past, rows = history(), asked()
    for other in (past.reverse(), past.sort("player_id", "game_date"), past.sample(fraction=1, shuffle=True, seed=9)):
        a, b = (asof.decayed_before(rows, asof.decayed_totals(h, ["player_id"], VALUES, HALF_LIVES, carry=0.6)) for h in (past, other))
        assert np.array_equal(a, b)


def test_no_history_is_zero() -> None:
    totals = asof.decayed_totals(history().clear(), ["player_id"], VALUES, HALF_LIVES, carry=0.6)
    assert not asof.decayed_before(asked(), totals).any()


def test_nothing_left_is_a_plain_zero() -> None:
    """A negative total that a summer ends, or that is somebody else's, leaves 0.0: -0.0 would be other bytes."""
    past = history().with_columns(-pl.col("y").abs().alias("y"))
    sums = asof.decayed_before(asked(), asof.decayed_totals(past, ["player_id"], ["y"], [10], carry=0.0))
    assert (sums == 0).any()
    assert not np.signbit(sums[sums == 0]).any()


@pytest.mark.parametrize("carry", [0.6, 0.5, 0.0, 1.0])
def test_compiled_and_plain_python_agree_bit_for_bit(carry: float) -> None:
    rng = np.random.default_rng(3)
    group = np.sort(rng.integers(0, 6, 400))
    season = np.concatenate([np.sort(rng.choice([2012, 2013, 2015, 2019], n)) for n in np.bincount(group)]).astype(np.int64)
    values, keep = rng.normal(0, 1e3, (400, 3)), np.array([0.5 ** (1 / h) for h in HALF_LIVES])
    compiled = decayed_sums(group.astype(np.int64), season, values, keep, carry)
    plain = decayed_sums.py_func(group.astype(np.int64), season, values, keep, carry)
    assert np.array_equal(compiled, plain)


def test_games_since_a_gap() -> None:
    numbers = {"a": [0, 1, 5, 6, 7, 0, 1, 2, 9], "b": [3, 4]}
    seasons = {"a": [2023] * 5 + [2024] * 4, "b": [2023] * 2}
    teams = {"a": ["T"] * 7 + ["U"] * 2, "b": ["T"] * 2}
    rows = [
        (p, date(seasons[p][i], 11, 1) + timedelta(days=i), f"{i:02}", seasons[p][i], teams[p][i], n)
        for p, ns in numbers.items()
        for i, n in enumerate(ns)
    ]
    names = ["player_id", "game_date", "game_id", "season", "team_id", "n"]
    frame = pl.DataFrame(rows, schema=names, orient="row").sample(fraction=1, shuffle=True, seed=2)
    got = asof.since_gap(frame, "player_id", ("season", "team_id"), "n", 3).sort("player_id", "game_date")
    # the step 1 -> 5 leaves out three games; a summer, a trade (1 of T -> 2 of U) and a gap of none are none; 2 -> 9 leaves out six
    a = got.filter(pl.col("player_id") == "a")
    assert a["since"].to_list() == [None, None, 0, 1, 2, 3, 4, 5, 0]
    assert a["gap"].to_list() == [None, None, 3, 3, 3, 3, 3, 3, 6]
    assert got.filter(pl.col("player_id") == "b")["since"].to_list() == [None, None]
    shorter = asof.since_gap(frame, "player_id", ("season", "team_id"), "n", 7)
    assert shorter["gap"].null_count() == shorter.height
    assert asof.since_gap(frame, "player_id", ("season", "team_id"), "n", 3)["game_date"].is_sorted()


def test_exact_sums_do_not_depend_on_the_order() -> None:
    values = pl.Series("x", np.random.default_rng(1).normal(10, 7, 5000))
    orders = [values.sample(fraction=1, shuffle=True, seed=seed) for seed in range(8)]
    frames = [pl.DataFrame({"x": v}) for v in orders]

    def sums(expression: pl.Expr) -> set[float]:
        return {float(np.add.accumulate(f.select(expression)["x"].to_numpy())[-1]) for f in frames}

    assert len(sums(pl.col("x"))) > 1  # as floats they do
    assert len(sums(asof.exact(pl.col("x")))) == 1
    assert frames[0].select((asof.exact(pl.col("x")) - pl.col("x")).abs().max()).item() <= 2**-21
