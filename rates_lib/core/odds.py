"""Odds: American and decimal prices, implied probabilities, and probabilities without the book's margin (vig).

Belongs here: the arithmetic of prices, for numbers, arrays and Polars expressions, and as DuckDB macros (`MACROS`) for `sql/`. Does not
belong here: selection of quotes (`sql/silver/odds_game.sql`, `questions/props.py`), chances from worlds (`questions/price.py`).

A positive American price is the win of a stake of 100, a negative one the stake that wins 100; its absolute value is at least 100.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
T = TypeVar("T", float, pl.Expr, Floats)

LEAST_AMERICAN = 100.0
"""Least absolute value of American odds."""
VIG_FREE = "multiplicative normalisation of both implied probabilities"
"""Name of the method of `without_vig`."""


def decimal(american_price: float) -> float:
    """Decimal odds of American odds: the payout per unit staked, stake included."""
    return 1 + american_price / 100 if american_price > 0 else 1 - 100 / american_price


def american(chance: float) -> float:
    """Fair American odds of a chance, infinite for a chance of 0 or 1."""
    return float(american_prices(np.clip(np.float64(chance), 0.0, 1.0)))


def american_prices(chances: Floats | np.float64) -> Floats:
    """`american` of every chance within 0 and 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(chances >= 0.5, -100 * chances / (1 - chances), 100 * (1 - chances) / chances), dtype=np.float64)


def implied(american_price: pl.Expr) -> pl.Expr:
    """Probability that an American price implies, including the book's margin."""
    return pl.when(american_price < 0).then(-american_price / (100 - american_price)).otherwise(100 / (100 + american_price))


def without_vig(implied_prob: T, implied_other: T) -> T:
    """Probability of an outcome without the book's margin: its implied probability / the sum of both outcomes' implied probabilities.

    Multiplicative normalisation, the usual method ("basic" of the R package implied; Strumbelj 2014 compares it with others).
    """
    return implied_prob / (implied_prob + implied_other)


def vig_free(over: float | None, under: float | None) -> float | None:
    """A book's probability of over without its margin, from American prices of both sides; None if either is None."""
    return None if over is None or under is None else without_vig(1 / decimal(over), 1 / decimal(under))


def expected_value(chance: float, american_price: float, push: float = 0.0) -> float:
    """Expected gain of a unit staked.

    Args:
        chance: probability of a win, given no push.
        american_price: price of the bet.
        push: probability that the stake is returned.
    """
    return (1 - push) * (chance * decimal(american_price) - 1)


#: Bodies of `CREATE MACRO`: the same in SQL.
MACROS = (
    f"is_american(price) AS abs(price) >= {LEAST_AMERICAN:.0f}",
    "implied(price) AS if(price < 0, -price / (100 - price), 100 / (100 + price))",
    "without_vig(implied_prob, implied_other) AS implied_prob / (implied_prob + implied_other)",
)
