"""What assets reach the world through: the lake, and a DuckDB in which its tables are views."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from dagster_duckdb import DuckDBResource
from pydantic import Field

from rates_lib.lake import Lake


class RatesDuckDB(DuckDBResource):
    """An in-memory DuckDB per step, in which every table of the lake is a view under its own name; `sql/` runs in it.

    In memory, because a DuckDB file admits one writing process and then no reader: the record is the lake's Parquet.
    """

    database: str = Field(default=":memory:", description="Leave it: the lake is the record, DuckDB only the engine.")
    root: str = Field(default="", description="The lake's folder; empty: the environment's RATES_ROOT, else ./lake.")

    @property
    def lake(self) -> Lake:
        """The lake that all assets of a run read and write."""
        return Lake(Path(self.root or os.environ.get("RATES_ROOT", "lake")).resolve())

    @contextmanager
    def get_connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with the lake's views, as the lake is now; closed at the end."""
        with super().get_connection() as con:
            self.lake.add_views(con)
            yield con
