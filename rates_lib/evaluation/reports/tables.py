"""Markdown of pages: rows of `evals.*` as cells and tables, prose as wrapped lines.

Does not belong here: which figures a page shows (`accuracy.py`, `teams.py`).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

import polars as pl

_WIDTH = 100
_INLINE_CODE = re.compile(r"`[^`]*`")


def prose(text: str) -> str:
    """Paragraphs and lists as lines of at most 100 characters; blank lines stay, inline code is not split."""
    return "\n\n".join("\n".join(_filled(item) for item in re.split(r"\n(?=- )", part.strip())) for part in text.split("\n\n"))


def _filled(text: str) -> str:
    unsplit = _INLINE_CODE.sub(lambda code: code.group().replace(" ", "\0"), " ".join(text.split()))
    indent = "  " if unsplit.startswith("- ") else ""
    return textwrap.fill(unsplit, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False).replace("\0", " ")


def cell(evals: pl.DataFrame, target: str, segment: str, predictor: str, metric: str, model: str | None = None) -> dict[str, Any] | None:
    """The row of one figure in a season's rows of a table of `evals.*`, or None; `model` only where the table has that column."""
    key = {"target": target, "segment": segment, "predictor": predictor, "metric": metric}
    matches = evals.filter(**(key if model is None else key | {"model": model}))
    return matches.row(0, named=True) if matches.height else None


def number(row: dict[str, Any] | None, digits: int, *, interval: bool = False, sign: bool = False) -> str:
    """A figure, with its interval where that is asked for; "" where there is none."""
    if row is None or row["value"] is None:
        return ""
    low, high = (row["value_low"], row["value_high"]) if interval else (None, None)
    return with_interval(row["value"], low, high, digits, sign="+" if sign else "")


def with_interval(value: float, low: float | None, high: float | None, digits: int, sign: str = "") -> str:
    """`value`, followed by its interval if it has one."""
    text = f"{value:{sign}.{digits}f}"
    return text if low is None or high is None else f"{text} [{low:{sign}.{digits}f}, {high:{sign}.{digits}f}]"


def counts(row: dict[str, Any]) -> list[str]:
    """Rows and missing rows of a figure."""
    return [f"{row[name]:,}" for name in ("rows", "rows_missing")]


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Lines as a Markdown table; "" where there are none."""
    if not lines:
        return ""
    return "\n".join(f"| {' | '.join(cells)} |" if i != 1 else f"|{'---|' * len(head)}" for i, cells in enumerate([head, head, *lines]))
