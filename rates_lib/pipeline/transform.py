"""Run the SQL that builds bronze and silver tables, and set apart the rows that break a rule.

Belongs here: relations and parameters of a statement, checks and quarantine. Does not belong here: the meaning of a table (`sql/`), its
columns (`schemas/`), writing it (`lake.py`, by the caller).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache

import duckdb
import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.lake import SQL_ROOT, Lake, seed, sql
from rates_lib.schemas.landing import LANDING
from rates_lib.schemas.tables import TABLES, TableSpec
from rates_lib.schemas.validate import split
from rates_lib.sources.landing import read_landed

_RELATION = re.compile(r"\b(?:FROM|JOIN)\s+((?:landing|bronze|silver)\.\w+)", re.IGNORECASE)
_SEED = re.compile(r"\b(?:FROM|JOIN)\s+seeds\.(\w+)", re.IGNORECASE)
_COMMENT = re.compile(r"--[^\n]*")

#: Bronze and silver tables in an order in which every table follows its inputs.
BUILD_ORDER = tuple(
    name for layer in ("bronze", "silver") for name in TABLES if TABLES[name].layer == layer and not name.endswith("_quarantine")
)
#: Tables of dated publications, which `snapshot` reads as of any instant.
SNAPSHOTS = ("silver.odds_game", "silver.player_availability")


@dataclass(frozen=True)
class Built:
    """One partition of a table.

    Attributes:
        good: rows that keep every rule, sorted by key; the table's columns.
        quarantine: the other rows, once per broken rule: season, row_key, reason, row_json.
    """

    good: pl.DataFrame
    quarantine: pl.DataFrame


@cache
def sql_inputs(table: str) -> tuple[str, ...]:
    """Relations that the statement and the checks of a table read, sorted: `landing.<dataset>` or a table."""
    return tuple(sorted(set(_relations(_statement(table)) + _relations(_checks(table) or ""))))


def tables_read(names: Iterable[str]) -> list[str]:
    """Tables of the lake that the statements and checks of some tables read, sorted."""
    return sorted({name for table in names for name in sql_inputs(table) if name in TABLES})


def build(lake: Lake, table: str, season: int, con: duckdb.DuckDBPyConnection | None = None) -> Built:
    """Build one season of a bronze or silver table from the lake.

    Args:
        lake: the lake to read; nothing is written.
        table: name of a table with a statement in `sql/bronze` or `sql/silver`.
        season: start year.
        con: an open connection with the lake's tables as views (`Lake.add_views`); a new one if None.

    Raises:
        RatesError: if the table has no statement.
        LandingError: if a landed file does not match its spec.
        DamagedFileError: if a partition that the statement reads cannot be read.
        SchemaError: if the columns of the statement do not match the table.
    """
    spec = TABLES[table]
    parameters = {"season": season} | ({"as_of_utc": None} if table in SNAPSHOTS else {})
    relations, read = sql_inputs(table), tables_read([table])
    with lake.naming_damage(read), _connection(lake, con, read) as db, _views(db, _landed(lake, relations, season) | _seeds(table)):
        candidate = _run(db, spec, parameters)
        checks = _checks(table)
        broken = None
        if checks is not None and candidate.height:
            with _views(db, {"candidate": candidate}):
                broken = db.sql(checks, params={"season": season} if "$season" in checks else None).pl()
            broken = broken.select(*(pl.col(c).cast(spec.schema[c]) for c in spec.key), "reason") if broken.height else None
    return Built(*split(candidate, table, broken))


def snapshot(
    lake: Lake, table: str, season: int, as_of_utc: dt.datetime | None, con: duckdb.DuckDBPyConnection | None = None
) -> pl.DataFrame:
    """One season of a table of publications, without publications after `as_of_utc`.

    Args:
        lake: the lake to read.
        table: one of `SNAPSHOTS`.
        season: start year.
        as_of_utc: the instant, with a time zone; None: no limit.
        con: as in `build`; share one connection among many instants.

    Returns:
        The table's columns, sorted by key. Rows that break a rule are left out, as in `build`.

    Raises:
        RatesError: if the table is not one of `SNAPSHOTS`, or the instant has no time zone.
    """
    if table not in SNAPSHOTS:
        raise RatesError(f"{table} has no publications to look back at: take one of {', '.join(SNAPSHOTS)}")
    if as_of_utc is not None and as_of_utc.tzinfo is None:
        raise RatesError(f"as-of instant {as_of_utc} has no time zone: give it in UTC")
    read = tables_read([table])
    with lake.naming_damage(read), _connection(lake, con, read) as db:
        candidate = _run(db, TABLES[table], {"season": season, "as_of_utc": as_of_utc})
    return split(candidate, table)[0]


def _statement(table: str) -> str:
    spec = TABLES.get(table)
    if spec is None or spec.layer not in ("bronze", "silver") or not (SQL_ROOT / f"{_path(table)}.sql").exists():
        raise RatesError(f"no statement makes {table}: the tables of sql/ are {', '.join(BUILD_ORDER)}")
    return sql(_path(table))


def _checks(table: str) -> str | None:
    path = f"checks/{_path(table)}"
    return sql(path) if (SQL_ROOT / f"{path}.sql").exists() else None


def _path(table: str) -> str:
    return table.replace(".", "/")


def _relations(statement: str) -> list[str]:
    return sorted({m.lower() for m in _RELATION.findall(_COMMENT.sub("", statement))})


def _connection(
    lake: Lake, con: duckdb.DuckDBPyConnection | None, tables: Iterable[str]
) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    return lake.connect(tables) if con is None else nullcontext(con)


def _landed(lake: Lake, relations: tuple[str, ...], season: int) -> dict[str, pl.DataFrame]:
    """Rows of one season of the landed datasets among `relations`; tables are already views of the connection."""
    names = [name for name in relations if name.startswith("landing.")]
    unknown = [name for name in names if name.removeprefix("landing.") not in LANDING]
    if unknown:
        raise RatesError(f"sql reads {unknown[0]}, which is not a dataset of rates_lib/schemas/landing.py: correct the name")
    return {name: read_landed(lake, name.removeprefix("landing."), season) for name in names}


def _seeds(table: str) -> dict[str, pl.DataFrame]:
    """The seed lists that the statement of a table reads."""
    names = sorted({m.lower() for m in _SEED.findall(_COMMENT.sub("", _statement(table)))})
    return {f"seeds.{name}": seed(name) for name in names}


@contextmanager
def _views(con: duckdb.DuckDBPyConnection, frames: dict[str, pl.DataFrame]) -> Iterator[None]:
    """Views of `frames` under their names, for the duration of the block."""
    for schema in sorted({"landing", *(name.split(".", 1)[0] for name in frames if "." in name)}):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    handles = {name: "registered_" + name.replace(".", "_") for name in frames}
    for name, handle in handles.items():
        con.register(handle, frames[name])
        con.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {handle}")
    try:
        yield
    finally:
        for name, handle in handles.items():
            con.execute(f"DROP VIEW {name}")
            con.unregister(handle)


def _run(con: duckdb.DuckDBPyConnection, spec: TableSpec, parameters: Mapping[str, object]) -> pl.DataFrame:
    rows: pl.DataFrame = con.sql(_statement(spec.name), params=parameters).pl()
    # DuckDB widens sums, differences and literals, and names UTC differently
    return rows.with_columns(pl.col(c).cast(t) for c, t in spec.schema.items() if c in rows.columns)
