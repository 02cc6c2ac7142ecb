"""Prices there and back, and a book's margin taken out the same way in Python, Polars and SQL."""

import math

import duckdb
import numpy as np
import polars as pl
import pytest

from rates_lib.core import odds

PRICES = [-2000, -450, -300, -110, -101, -100, 100, 101, 120, 240, 5000]


def test_known_prices() -> None:
    assert [odds.decimal(p) for p in (100, -100, -200, 250)] == [2, 2, 1.5, 3.5]
    assert [odds.american(p) for p in (0.5, 0.75, 0.2)] == [-100, -300, 400]
    assert (odds.american(0), odds.american(1)) == (math.inf, -math.inf)


@pytest.mark.parametrize("chance", np.linspace(0.01, 0.99, 25).tolist())
def test_a_fair_price_implies_its_chance(chance: float) -> None:
    price = odds.american(chance)
    assert abs(price) >= odds.LEAST_AMERICAN
    assert 1 / odds.decimal(price) == pytest.approx(chance)
    assert odds.expected_value(chance, price) == pytest.approx(0)
    assert odds.american(1 - chance) == pytest.approx(-price) or chance == 0.5


@pytest.mark.parametrize("price", PRICES)
def test_a_price_is_the_fair_one_of_what_it_implies(price: float) -> None:
    assert odds.american(1 / odds.decimal(price)) == pytest.approx(price if price != 100 else -100)  # even money has two names


def test_arrays_are_single_prices() -> None:
    chances = np.linspace(0, 1, 41)
    assert odds.american_prices(chances).tolist() == [odds.american(c) for c in chances]


def test_polars_and_sql_imply_the_same() -> None:
    frame = pl.DataFrame({"price": PRICES}, schema={"price": pl.Float64})
    con = duckdb.connect()
    for macro in odds.MACROS:
        con.execute(f"CREATE MACRO {macro}")
    polars = frame.select(odds.implied(pl.col("price")))["price"]
    sql = con.sql("SELECT implied(price) AS price, without_vig(implied(price), implied(-110)) AS fair FROM frame").pl()
    assert polars.to_list() == sql["price"].to_list()
    assert polars.to_list() == pytest.approx([1 / odds.decimal(p) for p in PRICES])
    assert sql["fair"].to_list() == pytest.approx([odds.vig_free(p, -110) for p in PRICES])
    assert con.sql("SELECT is_american(-100), is_american(99.5), is_american(0)").fetchall() == [(True, False, False)]


@pytest.mark.parametrize("over", PRICES)
@pytest.mark.parametrize("under", PRICES)
def test_without_a_margin_both_sides_sum_to_one(over: float, under: float) -> None:
    one, other = odds.vig_free(over, under), odds.vig_free(under, over)
    assert one is not None
    assert other is not None
    assert one + other == pytest.approx(1)
    assert (one >= 0.5) == (odds.decimal(over) <= odds.decimal(under))


def test_margins_by_hand() -> None:
    assert odds.vig_free(-110, -110) == 0.5
    assert odds.vig_free(-300, 240) == pytest.approx(0.75 / (0.75 + 100 / 340))
    assert odds.vig_free(100, 100) == 0.5


def test_a_price_of_one_side_alone_has_no_margin() -> None:
    assert odds.vig_free(None, -110) is odds.vig_free(-110, None) is None


def test_a_push_gives_the_stake_back() -> None:
    assert odds.expected_value(0.6, 100, push=0.25) == pytest.approx(0.75 * 0.2)
