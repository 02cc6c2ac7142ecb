"""Tables that fit the terminal: the columns that matter least are left out and named, numbers are never cut or wrapped.

Belongs here: widths. Does not belong here: which columns a command shows, and how a figure is written (the other views).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

Kind = Literal["number", "label", "name", "words"]

_ROOM = {"name": 16, "words": 20}  # letters
_GAP = 1


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        head: heading.
        cells: one per row; a `Text` keeps its style.
        kind: number: on the right, always whole. label: on the left, always whole. name: on the left, cut if the width does not suffice
            after columns were left out. words: on the left, wrapped in that case. Names and words share the spare width.
        rank: 0 is always shown; the other columns in order of their rank, of equals the first, as far as there is room for each.
        room: of names and words: letters that they get before other columns are added; 0: `_ROOM`.
    """

    head: str
    cells: Sequence[str | Text]
    kind: Kind = "number"
    rank: int = 0
    room: int = 0

    @property
    def natural(self) -> int:
        """Width at which nothing is cut or wrapped."""
        return max((_len(cell) for cell in (self.head, *self.cells)), default=0)

    @property
    def least(self) -> int:
        """Least width."""
        if self.kind not in _ROOM:
            return self.natural
        return min(self.natural, max(self.room or _ROOM[self.kind], _len(self.head) if self.kind == "name" else 0))


def print_fitted(console: Console, columns: Sequence[Column], title: str = "", remedy: str = "use a wider terminal or --json") -> None:
    """Print a table, at most as wide as the console if the columns of rank 0 are.

    Args:
        console: where.
        columns: of equal length.
        title: line above, not cut.
        remedy: how to see columns that are left out.
    """
    shown, dropped = fitted(columns, console.width)
    widths = _widths(shown, console.width)
    if title:
        console.print(Text(title, "bold"), soft_wrap=True)
    heads = [[column.head for column in shown]] if any(column.head for column in shown) else []
    for i, row in enumerate([*heads, *zip(*(column.cells for column in shown), strict=True)]):
        style = "dim" if heads and not i else ""
        wrapped = [_fit(cell, column, width) for cell, column, width in zip(row, shown, widths, strict=True)]
        for cells in zip_longest(*wrapped, fillvalue=""):
            console.print(_line(shown, widths, cells, style), soft_wrap=True)
    if dropped:
        console.print(Text(f"not shown at this width: {', '.join(c.head for c in dropped)}; {remedy}", "dim"), soft_wrap=True)


def fitted(columns: Sequence[Column], width: int) -> tuple[list[Column], list[Column]]:
    """The columns that fit into `width`, and those left out, both in order."""
    chosen = {i for i, column in enumerate(columns) if not column.rank}
    for i in sorted(set(range(len(columns))) - chosen, key=lambda i: (columns[i].rank, i)):
        if sum(columns[j].least + _GAP for j in chosen | {i}) - _GAP <= width:
            chosen.add(i)
    return [c for i, c in enumerate(columns) if i in chosen], [c for i, c in enumerate(columns) if i not in chosen]


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """Widths of columns: the spare width goes to names and words, in order."""
    widths = [column.least for column in columns]
    spare = width - sum(widths) - _GAP * (len(columns) - 1)
    for i, column in enumerate(columns):
        more = max(min(spare, column.natural - widths[i]), 0)
        widths[i] += more
        spare -= more
    return widths


def _fit(cell: str | Text, column: Column, width: int) -> list[str | Text]:
    """Lines of a cell."""
    if _len(cell) <= width:
        return [cell]
    text = cell if isinstance(cell, Text) else Text(cell)
    if column.kind == "words":
        return list(text.wrap(_UNLIMITED, width))
    cut = text.copy()
    cut.truncate(width, overflow="ellipsis")
    return [cut]


_UNLIMITED = Console(width=10_000)  # Rich asks for one to wrap a text


def _line(columns: Sequence[Column], widths: Iterable[int], cells: Iterable[str | Text], style: str = "") -> Text:
    line = Text(style=style)
    for i, (column, width, cell) in enumerate(zip(columns, widths, cells, strict=True)):
        blank = " " * (width - _len(cell))
        line.append(" " * _GAP * (i > 0) + (blank if column.kind == "number" else ""))
        line.append(cell)
        line.append("" if column.kind == "number" else blank)
    line.rstrip()
    return line


def _len(cell: str | Text) -> int:
    return cell.cell_len if isinstance(cell, Text) else cell_len(cell)
