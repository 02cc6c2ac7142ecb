"""A frame as CSV, JSON and Parquet with its JSON schema, which describes every exported column.

Belongs here: formats, and the check that CSV and Parquet hold the frame and JSON fits the schema. Does not belong here: the layout of
folders (`versions.py`), the frames (`datasets.py`).
"""

from __future__ import annotations

import io
import json
from typing import Any

import jsonschema
import polars as pl

from rates_lib.core.errors import SchemaError
from rates_lib.schemas.json_schema import json_schema
from rates_lib.schemas.tables import EXPORTS
from rates_lib.schemas.validate import check

FORMATS = ("csv", "json", "parquet")
_UTC_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def file_names(dataset: str) -> list[str]:
    """Names of the files of one dataset: the three formats and the schema."""
    return [*(f"{dataset}.{form}" for form in FORMATS), f"{dataset}.schema.json"]


def render_dataset(frame: pl.DataFrame, dataset: str) -> dict[str, bytes]:
    """Files of one dataset by name; the same frame gives the same bytes.

    Args:
        frame: rows with the columns of the dataset's spec, in the order of the files; instants are truncated to seconds.
        dataset: name of an exported file in `schemas.tables`.

    Raises:
        SchemaError: if a row breaks a rule of the columns, or a file does not hold the frame's rows.
    """
    frame = frame.with_columns(pl.selectors.datetime().dt.truncate("1s"))
    check(frame, dataset)
    text = frame.with_columns(pl.selectors.datetime().dt.strftime(_UTC_FORMAT))
    schema = json_schema(EXPORTS[dataset])
    parquet = io.BytesIO()
    frame.write_parquet(parquet, compression="zstd")
    csv, records = text.write_csv().encode(), text.write_json().encode()
    require_valid(json.loads(records), schema)
    _require_same(read_csv(csv, dataset), frame, f"{dataset}.csv")
    _require_same(pl.read_parquet(io.BytesIO(parquet.getvalue())), frame, f"{dataset}.parquet")
    contents = (csv, records, parquet.getvalue(), json.dumps(schema, indent=2).encode())
    return dict(zip(file_names(dataset), contents, strict=True))


def require_valid(records: list[dict[str, Any]], schema: dict[str, Any]) -> None:
    """Check records against a JSON schema.

    Raises:
        SchemaError: if a record does not fit; names dataset, record, column, the first broken rule and the remedy.
    """
    error = next(jsonschema.Draft202012Validator(schema).iter_errors(records), None)
    if error is None:
        return
    where = [str(part) for part in error.absolute_path]
    place = f"record {where[0]}, {where[1]}" if len(where) > 1 else f"record {where[0]}" if where else "the file"
    remedy = "fix the producer, or the column in rates_lib/schemas/columns.py if it is wrong"
    raise SchemaError(f"{schema['title']}.json: {place}: {error.message:.200}: {remedy}")


def read_csv(content: bytes, dataset: str) -> pl.DataFrame:
    """Rows of an exported CSV file with the dtypes of its spec."""
    schema = EXPORTS[dataset].schema
    instants = [c for c, dtype in schema.items() if dtype.base_type() == pl.Datetime]
    dtypes = {c: pl.String if c in instants else dtype for c, dtype in schema.items()}
    rows = pl.read_csv(io.BytesIO(content), schema=dtypes)
    return rows.with_columns(pl.col(instants).str.to_datetime(_UTC_FORMAT, time_unit="us", time_zone="UTC"))


def _require_same(read: pl.DataFrame, frame: pl.DataFrame, name: str) -> None:
    if not read.equals(frame):
        raise SchemaError(f"{name} does not hold the rows that were written: this format cannot store the type of a column")
