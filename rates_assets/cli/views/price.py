"""Output of `rates price` on the screen and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.console import Console

from rates_lib.questions.price import Price


def price_as_dict(price: Price) -> dict[str, Any]:
    """For `--json`: the price and its fair odds."""
    return asdict(price) | {"decimal_odds": price.decimal_odds, "american_odds": price.american_odds}


def print_price(console: Console, price: Price, sql: bool) -> None:
    """A chance, its interval and its fair odds; the SQL if `sql`."""
    odds = f"{price.decimal_odds:.2f}, {price.american_odds:+.0f}" if 0 < price.chance < 1 else "none"
    console.print(" and ".join(price.conditions), highlight=False, markup=False, soft_wrap=True)
    console.print(f"{price.chance:.1%} ({price.low:.1%} to {price.high:.1%}), fair odds {odds}", highlight=False)
    apart = "" if price.worlds == price.drawn else f" of {price.drawn:,}: those in which the players play and no line is hit exactly"
    console.print(f"from {price.worlds:,} worlds{apart}", highlight=False, soft_wrap=True)
    if sql:
        console.print(price.sql, highlight=False, markup=False, soft_wrap=True)
