"""A page in Markdown on the screen: its tables fitted to the console, its prose without markup. Files get the page itself."""

import re

from rich.console import Console
from rich.text import Text

from rates_assets.cli.views.fitted import Column, print_fitted

_LONG = 16  # letters: a cell of more is a text that may be wrapped
_ROOM = (12, 26)  # letters of such a text at least: those of its longest word within these bounds
_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")
_FIGURE = re.compile(r"[-+.<>=~\d]")
_MARKUP = re.compile(r"\*\*|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|`")
_REMEDY = "use a wider terminal, --output or --json"


def print_page(console: Console, markdown: str) -> None:
    """Print a page; pictures are left out."""
    blocks = [block for block in re.split(r"\n{2,}", markdown.strip()) if not block.startswith("![")]
    for i, block in enumerate(blocks):
        if i:
            console.print()
        lines = block.splitlines()
        if len(lines) > 1 and _RULE.fullmatch(lines[1].strip()):
            print_fitted(console, table_columns(lines), remedy=_REMEDY)
        elif block.startswith("#"):
            console.print(Text(lines[0].lstrip("# "), "bold"))
            _print_prose(console, lines[1:])
        else:
            _print_prose(console, lines)


def table_columns(lines: list[str]) -> list[Column]:
    """The columns of a Markdown table: those before the first figure are always shown, of the others the last is left out first."""
    head, _, *rows = ([_MARKUP.sub("", cell.strip()) for cell in line.strip().strip("|").split("|")] for line in lines)
    columns: list[Column] = []
    for i, name in enumerate(head):
        cells = [row[i] for row in rows]
        figures = all(_FIGURE.match(cell) for cell in cells if cell) and any(cells)
        rank = i if figures or any(column.rank for column in columns) else 0
        kind = "words" if not figures and max(map(len, cells), default=0) > _LONG else "number" if figures else "label"
        longest = max((len(word) for cell in cells for word in cell.split()), default=0)
        columns.append(Column(name, cells, kind, rank, min(max(longest, _ROOM[0]), _ROOM[1])))  # type: ignore[arg-type]
    return columns


def _print_prose(console: Console, lines: list[str]) -> None:
    for item in re.split(r"\n(?=- )", "\n".join(lines)):
        if item.strip():
            console.print(Text(_MARKUP.sub("", " ".join(item.split()))))
