"""JSON schemas of exported files, derived from their `TableSpec`.

Belongs here: the translation. Does not belong here: the meaning of columns (`columns.py`), writing files (`exports/files.py`).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from rates_lib.schemas.columns import ColumnSpec
from rates_lib.schemas.tables import TableSpec, blocking_bounds

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_UTC_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"
_DATE_PATTERN = r"^\d{4}-\d{2}-\d{2}$"
_TYPES: dict[Any, dict[str, Any]] = {
    pl.String: {"type": "string"},
    pl.Int64: {"type": "integer"},
    pl.Int8: {"type": "integer"},
    pl.Float64: {"type": "number"},
    pl.Boolean: {"type": "boolean"},
    pl.Date: {"type": "string", "format": "date", "pattern": _DATE_PATTERN},
    pl.Datetime: {"type": "string", "format": "date-time", "pattern": _UTC_PATTERN},
}


def json_schema(spec: TableSpec) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of the JSON file of `spec`: an array with one object per row.

    Every column is required and no other is allowed; dates are strings, because JSON has no dates. `x-key` lists the columns that
    identify a row, `x-unit` is a column's unit. The CSV and the Parquet file have the same columns in the same order.
    """
    return {
        "$schema": DIALECT,
        "title": spec.name,
        "description": f"One record per {spec.grain}.",
        "x-key": list(spec.key),
        "type": "array",
        "items": {
            "type": "object",
            "properties": {c.name: _property(c, nullable=spec.is_nullable(c.name)) for c in spec.specs},
            "required": list(spec.columns),
            "additionalProperties": False,
        },
    }


def _property(column: ColumnSpec, *, nullable: bool) -> dict[str, Any]:
    schema = dict(_TYPES[column.dtype.base_type()])
    if nullable:
        schema["type"] = [schema["type"], "null"]
    lo, hi = blocking_bounds(column)  # a value beyond a plausible bound is exported
    if lo is not None:
        schema["minimum"] = lo
    if hi is not None:
        schema["maximum"] = hi
    if column.allowed:
        schema["enum"] = [*column.allowed, *([None] if nullable else [])]
    schema["description"] = column.description
    if column.unit:
        schema["x-unit"] = column.unit
    return schema
