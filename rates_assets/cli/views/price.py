"""Output of `rates price` on the screen and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.console import Console

from rates_lib.questions.price import Answer, Price

_MOST_DIGITS = 6
_LIKELY = 0.95  # from here on two decimals do not tell odds from 1


def price_as_dict(answer: Answer) -> dict[str, Any]:
    """For `--json`: the price, its fair odds (null where there are none), and what it rests on."""
    price = answer.price
    return asdict(price) | {
        "decimal_odds": price.decimal_odds,
        "american_odds": price.american_odds,
        "verdict": answer.verdict,
        "few_worlds": price.few_worlds,
        "game_date": answer.game_date,
        "as_of_utc": answer.as_of_utc,
        "play_probs": answer.play_probs,
    }


def print_price(console: Console, answer: Answer, sql: bool) -> None:
    """A chance, its interval, its fair odds and what they rest on; the SQL if `sql`."""

    def say(text: str, style: str = "") -> None:
        console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)

    price = answer.price
    say(f"{answer.game_date}, projections as of {answer.as_of_utc:%Y-%m-%d %H:%M} UTC")
    say(" and ".join(price.conditions))
    say(_told(answer))
    apart = "" if price.worlds == price.drawn else f" of {price.drawn:,}: those in which the players play and no line is hit exactly"
    say(f"from {price.worlds:,} worlds{apart}")
    for player, prob in answer.play_probs.items():
        plays = "the chance to play is not stored" if prob is None else f"plays with a chance of {chance(prob)}"
        say(f"{player}: {plays}; if not, the bet is void, which the price leaves out")
    if price.few_worlds:
        say(
            f"few worlds: {price.worlds:,} leave the chance open between {chance(price.low)} and {chance(price.high)}; "
            f"`rates slate {answer.game_date} --worlds 10000` draws more",
            "yellow",
        )
    if sql:
        say(price.sql)


def _told(answer: Answer) -> str:
    price = answer.price
    match answer.verdict:
        case "impossible":
            return "0%: impossible by the rules of basketball, whatever the worlds"
        case "certain":
            return "100%: certain by the rules of basketball if the players play, whatever the worlds"
        case "never seen":
            return f"below {chance(price.high)} (95 %): possible, but true in no world; fair odds above {1 / price.high:.0f}"
        case "always seen":
            return f"above {chance(price.low)} (95 %): not certain, but true in every world; fair odds below {1 / price.low:.4f}"
    digits = 2 if price.chance < _LIKELY else 4
    return f"{interval(price)}, fair odds {price.decimal_odds:.{digits}f}, {price.american_odds:+.0f}"


def interval(price: Price) -> str:
    """A chance with its 95 % interval."""
    return f"{chance(price.chance)} ({chance(price.low)} to {chance(price.high)})"


def chance(prob: float) -> str:
    """A probability in percent, with as many digits as tell it from 0 and 1."""
    margin, digits = min(prob, 1 - prob), 1
    while 0 < margin < 10.0 ** -(digits + 2) and digits < _MOST_DIGITS:
        digits += 1
    return f"{prob:.{digits}%}"
