"""Odds: American and decimal prices, the probability that a price implies, and a book's margin (vig) taken out of it.

Belongs here: the arithmetic of prices, for numbers, arrays and Polars expressions, and as DuckDB macros (`MACROS`) for the statements of
`sql/`. Does not belong here: which quotes count (`sql/silver/odds_game.sql`, `questions/props.py`), chances from worlds
(`questions/price.py`).

An American price is what a stake of 100 wins (positive) or what must be staked to win 100 (negative); it is at least 100 either way.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
T = TypeVar("T", float, pl.Expr, Floats)

LEAST_AMERICAN = 100.0
"""American odds are at least this far from 0."""
VIG_FREE = "multiplicative normalisation of both implied probabilities"
"""How `without_vig` takes a book's margin out."""


def decimal(american_price: float) -> float:
    """Decimal odds of American ones: what a unit staked comes back as if it wins."""
    return 1 + american_price / 100 if american_price > 0 else 1 - 100 / american_price


def american(chance: float) -> float:
    """Fair American odds of a chance, infinite for a chance of 0 or 1."""
    return float(american_prices(np.clip(np.float64(chance), 0.0, 1.0)))


def american_prices(chances: Floats | np.float64) -> Floats:
    """`american` of every chance within 0 and 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(chances >= 0.5, -100 * chances / (1 - chances), 100 * (1 - chances) / chances), dtype=np.float64)


def implied(american_price: pl.Expr) -> pl.Expr:
    """Probability that an American price implies, the book's margin in it."""
    return pl.when(american_price < 0).then(-american_price / (100 - american_price)).otherwise(100 / (100 + american_price))


def without_vig(implied_prob: T, implied_other: T) -> T:
    """Probability of an outcome without the book's margin: implied probability over the sum of both outcomes'.

    Multiplicative normalisation, the usual way ("basic" of the R package implied; Strumbelj 2014 compares it with others).
    """
    return implied_prob / (implied_prob + implied_other)


def vig_free(over: float | None, under: float | None) -> float | None:
    """A book's probability of over without its margin, from American prices of both sides; None unless both are there."""
    return None if over is None or under is None else without_vig(1 / decimal(over), 1 / decimal(under))


def expected_value(chance: float, american_price: float, push: float = 0.0) -> float:
    """Expected gain of a unit staked.

    Args:
        chance: of winning, if it is no push.
        american_price: what is paid.
        push: chance that the stake comes back.
    """
    return (1 - push) * (chance * decimal(american_price) - 1)


#: For `CREATE MACRO`: the same in SQL.
MACROS = (
    f"is_american(price) AS abs(price) >= {LEAST_AMERICAN:.0f}",
    "implied(price) AS if(price < 0, -price / (100 - price), 100 / (100 + price))",
    "without_vig(implied_prob, implied_other) AS implied_prob / (implied_prob + implied_other)",
)
