"""One row that fits a table."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from rates_lib.schemas.columns import ColumnSpec
from rates_lib.schemas.tables import TableSpec


def example(c: ColumnSpec) -> object:
    """A value that a column allows."""
    if c.allowed:
        return c.allowed[0]
    if c.dtype == pl.String:
        return "x"
    if c.dtype == pl.Date:
        return date(2024, 12, 25)
    if c.dtype == pl.Boolean:
        return True
    if isinstance(c.dtype, pl.Datetime):
        return datetime(2024, 12, 25, 17, tzinfo=UTC)
    low = c.lo if c.lo is not None else 0
    high = c.hi if c.hi is not None else low + 2
    middle = (low + high) / 2
    return middle if c.dtype == pl.Float64 else int(middle)


def good_row(spec: TableSpec) -> pl.DataFrame:
    """A row without nulls, every column within its bounds."""
    return pl.DataFrame({c.name: [example(c)] for c in spec.specs}, schema=spec.schema)
