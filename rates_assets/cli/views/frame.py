"""Any frame on the screen, and columns of several views."""

import polars as pl
from rich.console import Console
from rich.table import Column, Table


def print_frame(console: Console, frame: pl.DataFrame, limit: int) -> None:
    """Rows of any frame, at most `limit`."""
    table = plain_table()
    for name, dtype in frame.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.head(limit).iter_rows():
        table.add_row(*(_cell(value) for value in row))
    console.print(table)
    more = f", first {limit} shown: --limit for more" if frame.height > limit else ""
    console.print(f"[dim]{frame.height:,} rows{more}[/]", highlight=False)


def right(*names: str) -> list[Column]:
    """Columns of numbers."""
    return [Column(name, justify="right") for name in names]


def plain_table(*columns: str | Column) -> Table:
    """An empty table without lines."""
    return Table(*columns, show_edge=False, box=None, header_style="bold")


def titled_table(title: str) -> Table:
    """An empty table with a title and narrow columns."""
    return Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0), header_style="dim")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
