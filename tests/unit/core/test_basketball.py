"""Lengths of games and formulas, in Python and as the macros that the statements of sql/ use."""

import duckdb
import numpy as np
import polars as pl
import pytest

from rates_lib.core import basketball as b


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for macro in b.MACROS:
        con.execute(f"CREATE MACRO {macro}")
    return con


def value(con: duckdb.DuckDBPyConnection, sql: str) -> float:
    return float(con.execute(f"SELECT {sql}").fetchall()[0][0])


def test_lengths_of_a_game() -> None:
    assert (b.TEAM_MINUTES, b.TEAM_OVERTIME_MINUTES, b.TEAM_SECONDS, b.TEAM_OVERTIME_SECONDS) == (240, 25, 14_400, 1500)
    assert (b.GAME_SECONDS, b.QUARTER_SECONDS, b.OVERTIME_SECONDS) == (2880, 720, 300)
    assert [b.team_minutes(n) for n in range(3)] == [240, 265, 290]
    assert [b.team_seconds(n) for n in range(3)] == [14_400, 15_900, 17_400]


def test_points_and_plays() -> None:
    assert b.points(*(np.array([n]) for n in (7.0, 3.0, 4.0))).tolist() == [27.0]
    assert b.plays(np.array([90.0]), np.array([25.0])).tolist() == [101.0]
    frame = pl.DataFrame({"fga": [86], "fta": [25]})
    assert frame.select(b.plays(pl.col("fga"), pl.col("fta"))).item() == 97.0


def test_plays_of_sums_are_summed_plays() -> None:
    actions, fta = np.random.default_rng(3).integers(0, 100, (2, 50)).astype(np.float64)
    assert b.plays(actions, fta).sum() == pytest.approx(float(b.plays(actions.sum(), fta.sum())))


def test_macros_say_the_same(con: duckdb.DuckDBPyConnection) -> None:
    assert value(con, "points(7, 3, 4)") == 27
    assert value(con, "plays(90, 25)") == 101
    for overtimes in range(4):
        assert value(con, f"team_minutes({overtimes})") == b.team_minutes(overtimes)
        assert value(con, f"team_seconds({overtimes})") == b.team_seconds(overtimes)
        assert value(con, f"game_seconds({overtimes})") == b.GAME_SECONDS + b.OVERTIME_SECONDS * overtimes
        assert value(con, f"overtimes_in(team_minutes({overtimes}))") == overtimes
        assert value(con, f"overtimes_by(game_seconds({overtimes}))") == pytest.approx(overtimes)
