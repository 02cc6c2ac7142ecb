"""Options and arguments of several commands, and the parsing of their text."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rates_lib.core.errors import RatesError

Seasons = Annotated[str, typer.Option(help="Start years: 2015..2024, or 2024.", metavar="RANGE")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seed = Annotated[int, typer.Option(help="Seed of the random numbers.")]
Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Eastern date of the games.", metavar="YYYY-MM-DD")]
AsOf = Annotated[
    str, typer.Option(help="Use nothing published after this instant; default: now. Tip-off is always the limit.", metavar="ISO")
]
Page = Annotated[Path | None, typer.Option(help="Also write the tables to this file, as Markdown.")]


def seasons_of(text: str) -> list[int]:
    """Start years of a range: "2015..2024" or "2024".

    Raises:
        RatesError: if the text is not a range, or the range is empty.
    """
    first, _, last = text.partition("..")
    try:
        years = list(range(int(first), int(last or first) + 1))
    except ValueError:
        years = []
    if not years:
        raise RatesError(f"{text!r} names no seasons: write start years, 2015..2024 or 2024")
    return years


def split_names(text: str) -> list[str]:
    """Names separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]
