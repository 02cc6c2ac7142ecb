"""Every table accepts a good row and refuses bad ones; names, types and the written dictionary agree."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from rates_lib.core.errors import SchemaError
from rates_lib.lake import Lake, duckdb_type
from rates_lib.schemas import dictionary, validate
from rates_lib.schemas.columns import COLUMNS, ColumnSpec
from rates_lib.schemas.tables import SPECS, TABLES, TableSpec

ROOT = Path(__file__).parents[3]
NAMES = sorted(TABLES)


def example(c: ColumnSpec) -> object:
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
    return pl.DataFrame({c.name: [example(c)] for c in spec.specs}, schema=spec.schema)


@pytest.mark.parametrize("name", NAMES)
def test_a_good_row_passes(name: str) -> None:
    assert validate.check(good_row(TABLES[name]), name).height == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_row_without_its_key_fails(name: str) -> None:
    spec = TABLES[name]
    column = next(k for k in spec.key if not spec.is_nullable(k))
    row = good_row(spec).with_columns(pl.lit(None, spec.schema[column]).alias(column))
    with pytest.raises(SchemaError, match=column):
        validate.check(row, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_twice_fails(name: str) -> None:
    row = good_row(TABLES[name])
    with pytest.raises(SchemaError, match="duplicate key"):
        validate.check(pl.concat([row, row]), name)


@pytest.mark.parametrize("name", NAMES)
def test_every_bound_is_checked(name: str) -> None:
    spec = TABLES[name]
    # a row breaks one kind of rule in all columns at once: a row for each column of a wide table took pandera seconds
    bad: dict[str, dict[str, object]] = {"low": {}, "high": {}, "allowed": {}, "finite": {}}
    for c in spec.specs:
        kind = type(example(c))
        unsigned = spec.schema[c.name] in (pl.UInt8, pl.UInt16, pl.UInt32)  # cannot hold what is below 0
        if c.lo is not None and not unsigned:
            bad["low"][c.name] = kind(c.lo - 1)  # type: ignore[call-arg]
        if c.hi is not None:
            bad["high"][c.name] = kind(c.hi + 1)  # type: ignore[call-arg]
        if c.allowed:
            bad["allowed"][c.name] = "not allowed"
        if c.dtype == pl.Float64:
            bad["finite"][c.name] = float("nan")
    kinds = [values for values in bad.values() if values]
    if not kinds:
        return
    row = good_row(spec)
    rows = pl.concat([row.with_columns(pl.lit(value, spec.schema[c]).alias(c) for c, value in values.items()) for values in kinds])
    broken = validate.broken_rules(rows, name)
    for i, values in enumerate(kinds):
        rules = broken.filter(pl.col("index") == i)["rule"].to_list()
        for column, value in values.items():
            assert any(r.startswith(f"{column}:") for r in rules), (column, value, rules)


def test_missing_and_mistyped_columns_are_named() -> None:
    row = good_row(TABLES["silver.game"])
    with pytest.raises(SchemaError, match=r"missing \['home_pts'\]"):
        validate.check(row.drop("home_pts"), "silver.game")
    with pytest.raises(SchemaError, match="season is String"):
        validate.check(row.with_columns(pl.col("season").cast(pl.String)), "silver.game")


def test_split_loses_nothing() -> None:
    name = "silver.player_game"
    row = good_row(TABLES[name])
    rows = pl.concat([row, row, row.with_columns(player_id=pl.lit("y"), pts=pl.lit(-1, pl.Int64)), row.with_columns(player_id=pl.lit("z"))])
    failures = pl.DataFrame({"season": row["season"], "game_id": ["x"], "player_id": ["z"], "reason": ["a rule"]})
    good, quarantine = validate.split(rows, name, failures)
    assert good["player_id"].to_list() == ["x"]
    assert sorted(quarantine["reason"].to_list()) == ["a rule", "duplicate key", "pts: greater_than_or_equal_to(0)"]
    validate.check(quarantine, f"{name}_quarantine")


def test_empty_views_have_the_tables_types(tmp_path: Path) -> None:
    con = Lake(tmp_path).connect()
    for name, spec in TABLES.items():
        found = {row[0]: row[1] for row in con.execute(f"DESCRIBE {name}").fetchall()}
        assert found == {c.name: duckdb_type(c.dtype).replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE") for c in spec.specs}, name


def test_every_column_is_used() -> None:
    assert set(COLUMNS) == {c for t in SPECS.values() for c in t.columns}


def test_the_dictionary_is_up_to_date() -> None:
    assert (ROOT / "docs" / "data_dictionary.md").read_text() == dictionary.markdown(), "run `make docs`"


def test_the_library_never_imports_dagster() -> None:
    for path in (ROOT / "rates_lib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not [n for n in names if n.split(".")[0] == "dagster"], path
