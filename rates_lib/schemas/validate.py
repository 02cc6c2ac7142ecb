"""Check frames against table specs; separate the rows that break a rule.

Belongs here: turning `TableSpec` into a pandera schema, and the split into good and quarantined rows. Does not belong here: rules that
need other tables (`sql/checks`), the meaning of columns (`columns.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandera.polars as pa
import polars as pl

from rates_lib.core.errors import SchemaError
from rates_lib.schemas.columns import ColumnSpec
from rates_lib.schemas.tables import SPECS, TableSpec, blocking_bounds

_QUARANTINE_SCHEMA = {"season": pl.Int64, "row_key": pl.String, "reason": pl.String, "row_json": pl.String}


@cache
def pandera_schema(table: str, columns: tuple[str, ...] | None = None) -> pa.DataFrameSchema:
    """The pandera schema of `table` (or exported file): exact columns in order, dtypes, nulls, bounds, allowed values, unique key.

    Bounds are those that block (`tables.blocking_bounds`). With `columns` the schema is of these columns alone, and without the key.

    Raises:
        KeyError: if no table has this name.
    """
    spec = SPECS[table]
    checked = {}
    for c in spec.specs:
        if columns is not None and c.name not in columns:
            continue
        lo, hi = blocking_bounds(c)
        checks = []
        if lo is not None:
            checks.append(pa.Check.ge(lo))
        if hi is not None:
            checks.append(pa.Check.le(hi))
        if c.allowed:
            checks.append(pa.Check.isin(c.allowed))
        if c.dtype == pl.Float64:
            checks.append(_finite())
        checked[c.name] = pa.Column(c.dtype, checks=checks, nullable=spec.is_nullable(c.name))
    return pa.DataFrameSchema(checked, strict=True, ordered=True, unique=list(spec.key) if columns is None else None, name=table)


def _finite() -> pa.Check:
    # a NaN or an infinity passes bounds in one direction and every unbounded column
    return pa.Check(lambda d: d.lazyframe.select(pl.col(d.key).is_finite() | pl.col(d.key).is_null()), name="finite")


def require_columns(frame: pl.DataFrame, spec: TableSpec) -> None:
    """Raise unless `frame` has exactly the columns and dtypes of `spec`, in any order.

    Raises:
        SchemaError: names the table, the missing, surplus or mistyped columns, and the remedy.
    """
    have, want = frame.schema, spec.schema
    missing = [c for c in want if c not in have]
    surplus = [c for c in have if c not in want]
    wrong = [f"{c} is {have[c]}, not {want[c]}" for c in want if c in have and have[c] != want[c]]
    if missing or surplus or wrong:
        parts = [f"missing {missing}" * bool(missing), f"surplus {surplus}" * bool(surplus), "; ".join(wrong)]
        raise SchemaError(
            f"{spec.name}: {', '.join(p for p in parts if p)}. Make the producer and the list of columns in "
            "rates_lib/schemas/tables.py agree."
        )


def check(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Return `frame` with its columns in the table's order, sorted by key, or raise.

    Raises:
        SchemaError: names the table, the first three broken rules with counts and examples, and the remedy.
    """
    spec = SPECS[table]
    require_columns(frame, spec)
    frame = frame.select(spec.columns).sort(spec.key, nulls_last=False)
    failures = broken_rules(frame, table)
    if failures.height:
        first = failures.group_by("rule", maintain_order=True).agg(pl.len().alias("n"), pl.col("index").min()).sort("rule")
        shown = "; ".join(f"{rule} in {n:,} row{'s' * (n != 1)}, e.g. {example(frame, table, i, rule)}" for rule, n, i in first.rows()[:3])
        more = f"; and {first.height - 3} more rules" * (first.height > 3)
        raise SchemaError(f"{table}: {shown}{more}. Fix the producer, or widen the bound in rates_lib/schemas/columns.py if it is wrong.")
    return frame


def example(frame: pl.DataFrame, table: str, row: int, rule: str = "", columns: Sequence[str] = ()) -> str:
    """Key of a row in words, with the values of `columns`, or of the column that `rule` (of `broken_rules`) begins with."""
    key = SPECS[table].key
    column = rule.split(":", 1)[0]
    shown = dict.fromkeys([*key, *(columns or [c for c in [column] if c in frame.columns])])
    return ", ".join(f"{c} = {_text(frame[c][row])}" for c in shown)


def implausible(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Values beyond the plausible bounds of derived columns (see `tables.blocking_bounds`), which are kept.

    Args:
        frame: rows with the table's columns and dtypes.
        table: name of the table.

    Returns:
        column, bound ("at most 300"), rows (number beyond it), value (the farthest), example (its key in words), by column and bound.
    """
    beyond = {}
    for c in SPECS[table].specs:
        lo, hi = blocking_bounds(c)
        if c.lo is not None and lo is None:
            beyond[c.name, f"at least {c.lo:g}"] = pl.col(c.name) < c.lo
        if c.hi is not None and hi is None:
            beyond[c.name, f"at most {c.hi:g}"] = pl.col(c.name) > c.hi
    counts = frame.select(is_beyond.sum().alias(f"{column} {bound}") for (column, bound), is_beyond in beyond.items())
    found = []
    for column, bound in beyond:
        rows = int(counts[f"{column} {bound}"][0]) if counts.height else 0
        if rows:
            at = frame[column].arg_max() if bound.startswith("at most") else frame[column].arg_min()
            assert at is not None
            found.append((column, bound, rows, float(frame[column][at]), example(frame, table, at, columns=[column])))
    schema = {"column": pl.String, "bound": pl.String, "rows": pl.Int64, "value": pl.Float64, "example": pl.String}
    return pl.DataFrame(found, schema=schema, orient="row").sort("column", "bound")


def split(frame: pl.DataFrame, table: str, rule_failures: pl.DataFrame | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Separate the rows of `frame` that break a rule.

    Of rows that share a key the first is good and the others are quarantined. Every row is in exactly one of the two results.

    Args:
        frame: rows with the table's columns and dtypes, in any order.
        table: name of a table with `quarantine`.
        rule_failures: the key columns and `reason`, one row per broken rule (from `sql/checks`).

    Returns:
        (good, quarantine): good sorted by key; quarantine with columns season, row_key, reason, row_json, one row per quarantined row
        and reason.

    Raises:
        SchemaError: if columns are missing, surplus or mistyped.
    """
    spec = SPECS[table]
    require_columns(frame, spec)
    frame = frame.select(spec.columns).sort(spec.key, nulls_last=False, maintain_order=True).with_row_index("index")
    failures = broken_rules(frame.drop("index"), table, first_of_key_is_good=True)
    if rule_failures is not None and rule_failures.height:
        hit = frame.select("index", *spec.key).join(rule_failures, on=list(spec.key), how="inner", nulls_equal=True)
        failures = pl.concat([failures, hit.select("index", pl.col("reason").alias("rule"))])
    if not failures.height:
        return frame.drop("index"), pl.DataFrame(schema=_QUARANTINE_SCHEMA)
    bad = failures.unique().sort("index", "rule")
    refused = frame.join(bad, on="index", how="inner").sort("index", "rule")
    quarantine = refused.select(
        pl.col("season"),
        pl.struct(pl.col(k).cast(pl.String) for k in spec.key).struct.json_encode().alias("row_key"),
        pl.col("rule").alias("reason"),
        pl.struct(pl.col(c).cast(pl.String) for c in spec.columns).struct.json_encode().alias("row_json"),
    )
    good = frame.join(bad.select("index").unique(), on="index", how="anti").sort("index").drop("index")
    return good, quarantine.unique().sort("season", "row_key", "reason", "row_json")


def broken_rules(frame: pl.DataFrame, table: str, *, first_of_key_is_good: bool = False) -> pl.DataFrame:
    """Rows of `frame` that break a rule of `table`, once per rule.

    Args:
        frame: rows with the table's columns and dtypes, in its order of columns.
        table: name of the table.
        first_of_key_is_good: True reports only the later rows of those that share a key; False reports all of them.

    Returns:
        index (UInt32, into `frame`) and rule, in no particular order.
    """
    cases = [pl.DataFrame(schema={"index": pl.UInt32, "rule": pl.String})]
    # pandera takes milliseconds for each check of each column, seconds for a wide table without a fault: it gets columns that have one
    if names := suspects(frame, table):
        try:
            pandera_schema(table, tuple(names)).validate(frame.select(names), lazy=True)
        except pa.errors.SchemaErrors as error:
            cases.append(error.failure_cases.select(pl.col("index").cast(pl.UInt32), pl.format("{}: {}", "column", "check").alias("rule")))
    keys = frame.select(pl.struct(SPECS[table].key).alias("key"))["key"]
    repeated = ~keys.is_first_distinct() if first_of_key_is_good else keys.is_duplicated()
    if repeated.any():
        cases.append(pl.DataFrame({"index": repeated.arg_true().cast(pl.UInt32)}).with_columns(rule=pl.lit("duplicate key")))
    return pl.concat(cases)


def suspects(frame: pl.DataFrame, table: str) -> list[str]:
    """Columns in which a value breaks a rule of `pandera_schema`, in the table's order."""
    spec = SPECS[table]
    broken = frame.select(_breaks(c, spec).any() for c in spec.specs)
    return [c for c in spec.columns if broken.height and broken[c][0]]


def _breaks(c: ColumnSpec, spec: TableSpec) -> pl.Expr:
    """Whether a value of a column breaks one of the rules in `pandera_schema`."""
    value = pl.col(c.name)
    lo, hi = blocking_bounds(c)
    broken = [] if spec.is_nullable(c.name) else [value.is_null()]
    broken += [value < lo] if lo is not None else []
    broken += [value > hi] if hi is not None else []
    broken += [~value.is_in(c.allowed)] if c.allowed else []
    broken += [~value.is_finite()] if c.dtype == pl.Float64 else []
    return pl.any_horizontal(broken or [pl.lit(value=False)]).alias(c.name)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
