"""Every table accepts a good row and refuses bad ones; names, types and the written dictionary agree."""

from __future__ import annotations

import ast
from pathlib import Path

import polars as pl
import pytest

from rates_lib.core.errors import SchemaError
from rates_lib.lake import Lake, duckdb_type
from rates_lib.schemas import dictionary, validate
from rates_lib.schemas.columns import COLUMNS
from rates_lib.schemas.tables import SPECS, TABLES, blocking_bounds, has_plausible_bounds
from tests.frames.rows import example, good_row

ROOT = Path(__file__).parents[3]
NAMES = sorted(TABLES)
FIRST_TABLE = {c: name for name in reversed(NAMES) for c in TABLES[name].columns}


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
    # a row breaks one kind of rule in all columns at once: a row for each column of a wide table took pandera seconds; and pandera sees a
    # column that many tables share in the first of them
    bad: dict[str, dict[str, object]] = {"low": {}, "high": {}, "allowed": {}, "finite": {}}
    for c in spec.specs:
        kind = type(example(c))
        unsigned = spec.schema[c.name] in (pl.UInt8, pl.UInt16, pl.UInt32)  # cannot hold what is below 0
        lo, hi = blocking_bounds(c)
        if lo is not None and not unsigned:
            bad["low"][c.name] = kind(lo - 1)  # type: ignore[call-arg]
        if hi is not None:
            bad["high"][c.name] = kind(hi + 1)  # type: ignore[call-arg]
        if c.allowed:
            bad["allowed"][c.name] = "not allowed"
        if c.dtype == pl.Float64:
            bad["finite"][c.name] = float("nan")
    kinds = [values for values in bad.values() if values]
    if not kinds:
        return
    row = good_row(spec)
    rows = pl.concat([row.with_columns(pl.lit(value, spec.schema[c]).alias(c) for c, value in values.items()) for values in kinds])
    assert validate.suspects(rows, name) == [c for c in spec.columns if any(c in values for values in kinds)]
    own = [c for c in spec.columns if FIRST_TABLE[c] == name]
    kinds = [{c: value for c, value in values.items() if c in own} for values in kinds]
    rows = pl.concat([row.with_columns(pl.lit(value, spec.schema[c]).alias(c) for c, value in values.items()) for values in kinds])
    broken = validate.broken_rules(rows, name)
    for i, values in enumerate(kinds):
        rules = broken.filter(pl.col("index") == i)["rule"].to_list()
        for column, value in values.items():
            assert any(r.startswith(f"{column}:") for r in rules), (column, value, rules)


@pytest.mark.parametrize("name", [name for name in NAMES if has_plausible_bounds(TABLES[name])])
def test_a_value_beyond_a_plausible_bound_is_reported_and_kept(name: str) -> None:
    row = good_row(TABLES[name])
    assert validate.implausible(row, name).is_empty()
    beyond = {}
    for c in TABLES[name].specs:
        lo, hi = blocking_bounds(c)
        if c.hi is not None and hi is None:
            beyond[c.name] = c.hi + 1, f"at most {c.hi:g}"
        elif c.lo is not None and lo is None:
            beyond[c.name] = c.lo - 1, f"at least {c.lo:g}"
    odd = row.with_columns(pl.lit(value, TABLES[name].schema[c]).alias(c) for c, (value, _) in beyond.items())
    reported = validate.implausible(odd, name)
    assert dict(zip(reported["column"], zip(reported["value"], reported["bound"], strict=True), strict=True)) == beyond
    assert set(reported["rows"]) == {1}
    assert validate.check(odd, name).height == 1


def test_thirteen_players_out_do_not_stop_the_graph() -> None:
    """On the last day of a real season a team rested so many that their minutes came to 301."""
    name, row = "gold.team_form", good_row(TABLES["gold.team_form"])
    column = "team_minutes_vacated"
    assert COLUMNS[column].hi == 300
    rows = pl.concat([row.with_columns(team_id=pl.lit(str(i)), **{column: pl.lit(300.0 + i)}) for i in range(3)])
    (reported,) = validate.implausible(validate.check(rows, name), name).iter_rows(named=True)
    assert (reported["column"], reported["bound"], reported["rows"], reported["value"]) == (column, "at most 300", 2, 302)
    assert "team_id = 2" in reported["example"]


def test_what_holds_by_definition_blocks_in_derived_columns() -> None:
    row = good_row(TABLES["predictions.minutes"])
    for column, value in {"play_prob": 1.01, "minutes_mean": -0.1}.items():
        with pytest.raises(SchemaError, match=column):
            validate.check(row.with_columns(pl.lit(value).alias(column)), "predictions.minutes")


def test_a_refusal_names_key_column_value_and_count() -> None:
    row = good_row(TABLES["silver.player_game"])
    rows = pl.concat([row.with_columns(player_id=pl.lit(p), pts=pl.lit(v, pl.Int64)) for p, v in (("a", 3), ("b", 201), ("c", 202))])
    with pytest.raises(SchemaError) as error:
        validate.check(rows, "silver.player_game")
    text = str(error.value)
    assert "pts: less_than_or_equal_to(" in text
    assert "in 2 rows, e.g. season = 2023, game_id = x, player_id = b, pts = 201" in text
    assert "fg3m" not in text


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
    texts = {path: path.read_text() for path in (ROOT / "rates_lib").rglob("*.py")}
    for path, text in texts.items():
        for node in ast.walk(ast.parse(text)) if "dagster" in text else ():
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not [n for n in names if n.split(".")[0] == "dagster"], path
