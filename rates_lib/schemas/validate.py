"""Check frames against table specs; separate the rows that break a rule.

Belongs here: turning `TableSpec` into a pandera schema, and the split into good and quarantined rows. Does not belong here: rules that
need other tables (`sql/checks`), the meaning of columns (`columns.py`).
"""

from __future__ import annotations

from functools import cache

import pandera.polars as pa
import polars as pl

from rates_lib.core.errors import SchemaError
from rates_lib.schemas.tables import SPECS, TableSpec

_QUARANTINE_SCHEMA = {"season": pl.Int64, "row_key": pl.String, "reason": pl.String, "row_json": pl.String}


@cache
def pandera_schema(table: str) -> pa.DataFrameSchema:
    """The pandera schema of `table` (or exported file): exact columns in order, dtypes, nulls, bounds, allowed values, unique key.

    Raises:
        KeyError: if no table has this name.
    """
    spec = SPECS[table]
    columns = {}
    for c in spec.specs:
        checks = []
        if c.lo is not None:
            checks.append(pa.Check.ge(c.lo))
        if c.hi is not None:
            checks.append(pa.Check.le(c.hi))
        if c.allowed:
            checks.append(pa.Check.isin(c.allowed))
        if c.dtype == pl.Float64:
            checks.append(_finite())
        columns[c.name] = pa.Column(c.dtype, checks=checks, nullable=spec.is_nullable(c.name))
    return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=list(spec.key), name=table)


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
        first = failures.group_by("rule", maintain_order=True).agg(pl.len().alias("n"), pl.col("index").first())
        shown = "; ".join(
            f"{rule} in {n} rows, e.g. {frame.row(i, named=True) if i is not None else ''!s:.300}" for rule, n, i in first.rows()[:3]
        )
        raise SchemaError(f"{table}: {shown}. Fix the producer, or widen the bound in rates_lib/schemas/columns.py if it is wrong.")
    return frame


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
    try:
        pandera_schema(table).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases: pl.DataFrame = error.failure_cases.select(
            pl.col("index").cast(pl.UInt32),
            pl.when(pl.col("check") == "multiple_fields_uniqueness")
            .then(pl.lit("duplicate key"))
            .otherwise(pl.format("{}: {}", "column", "check"))
            .alias("rule"),
        )
        if first_of_key_is_good:
            duplicate = ~frame.select(pl.struct(SPECS[table].key).is_first_distinct()).to_series()
            later = pl.DataFrame({"index": duplicate.arg_true().cast(pl.UInt32)})
            cases = pl.concat([cases.filter(pl.col("rule") != "duplicate key"), later.with_columns(rule=pl.lit("duplicate key"))])
        return cases
    return pl.DataFrame(schema={"index": pl.UInt32, "rule": pl.String})
