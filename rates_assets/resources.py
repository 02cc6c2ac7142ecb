"""Resources of assets: the lake, and a DuckDB connection in which its tables are views."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from dagster_duckdb import DuckDBResource
from pydantic import Field

from rates_lib.lake import Lake


class RatesDuckDB(DuckDBResource):
    """An in-memory DuckDB per step, in which every table of the lake is a view under its own name; `sql/` runs in it.

    In memory, because a DuckDB file that a process writes has no other readers; the data are in the lake's Parquet files.
    """

    database: str = Field(default=":memory:", description="Keep the default: data are in the lake, DuckDB only runs the SQL.")
    root: str = Field(default="", description="Folder of the lake; default: RATES_ROOT, else ./lake.")

    @property
    def lake(self) -> Lake:
        """The lake that all assets of a run read and write."""
        return Lake(Path(self.root or os.environ.get("RATES_ROOT", "lake")).resolve())

    @contextmanager
    def get_connection(self, tables: Iterable[str] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with views of the lake's present tables (of `tables`, if given), closed at the end."""
        with super().get_connection() as con:
            self.lake.add_views(con, tables)
            yield con
