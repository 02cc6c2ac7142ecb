"""Any frame on the screen: rows as lines if they fit, else one value a line."""

import math

import polars as pl
from rich.console import Console
from rich.text import Text

from rates_assets.cli.views.fitted import Column, print_fitted

_WHOLE_DIGITS = 1e4  # from here on five significant digits would cut whole ones


def print_frame(console: Console, frame: pl.DataFrame, limit: int) -> None:
    """Rows of any frame, at most `limit`; below each other with a value a line if a row is wider than the console."""
    shown = frame.head(limit)
    columns = [
        Column(name, [_cell(value) for value in shown[name].to_list()], "number" if dtype.is_numeric() else "label")
        for name, dtype in frame.schema.items()
    ]
    if sum(column.natural + 1 for column in columns) - 1 <= console.width:
        print_fitted(console, columns)
    else:
        _print_vertically(console, columns, shown.height)
    more = f", first {limit} shown: --limit for more" if frame.height > limit else ""
    console.print(f"[dim]{frame.height:,} rows{more}[/]", highlight=False)


def _print_vertically(console: Console, columns: list[Column], rows: int) -> None:
    width = max(len(column.head) for column in columns)
    for i in range(rows):
        console.print(Text(f"row {i + 1}", "bold"))
        for column in columns:
            console.print(Text.assemble((f"  {column.head:<{width}}  ", "dim"), column.cells[i]), soft_wrap=True)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return number(value) if isinstance(value, float) else " ".join(str(value).splitlines())


def number(value: float) -> str:
    """A float with five significant digits, but all of those before the point."""
    if math.isfinite(value) and abs(value) >= _WHOLE_DIGITS:
        return f"{value:.1f}"
    return f"{value:.5g}"
