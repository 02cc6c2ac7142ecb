"""Output of `rates tables` on the screen and as JSON."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from rates_assets.cli.views.fitted import Column, print_fitted
from rates_lib.lake import duckdb_type
from rates_lib.questions.contents import Contents


def tables_as_dict(contents: Sequence[Contents]) -> list[dict[str, Any]]:
    """For `--json`: an object per table, with its columns."""
    return [
        {
            "table": of.spec.name,
            "grain": of.spec.grain,
            "key": of.spec.key,
            "partitioned_by": of.spec.partition,
            "partitions": [key for key in of.partitions if key],
            "damaged_partitions": of.damaged,
            "rows": of.rows,
            "columns": [
                {
                    "column": c.name,
                    "type": duckdb_type(c.dtype),
                    "unit": c.unit,
                    "null": of.spec.is_nullable(c.name),
                    "meaning": c.description,
                }
                for c in of.spec.specs
            ],
        }
        for of in contents
    ]


def print_tables(console: Console, contents: Sequence[Contents]) -> None:
    """A line per table; quarantine tables only if they have rows, and counted otherwise."""
    shown = [of for of in contents if of.rows or of.damaged or not of.spec.name.endswith("_quarantine")]
    columns = [
        Column("table", [of.spec.name for of in shown], "label"),
        Column("rows", [f"{of.rows:,}" for of in shown]),
        Column("partitions", [_partitions(of) for of in shown], "label", rank=1),
        Column("columns", [str(len(of.spec.columns)) for of in shown], rank=2),
        Column("one row per", [of.spec.grain for of in shown], "words", rank=3),
    ]
    print_fitted(console, columns)
    empty = len(contents) - len(shown)
    if empty:
        console.print(f"{empty} quarantine tables (<table>_quarantine) have no rows", style="dim", highlight=False)
    for of in contents:
        if of.damaged:
            console.print(
                f"damaged: {of.spec.name} of {', '.join(key or 'one file' for key in of.damaged)}", style="yellow", highlight=False
            )


def print_table(console: Console, of: Contents) -> None:
    """One table: what a row is, what the lake holds of it, and its columns."""
    held = f"{of.rows:,} rows, {_partitions(of) or 'no partition'}"
    console.print(f"[bold]{of.spec.name}[/]: one row per {of.spec.grain}", highlight=False)
    console.print(f"key: {', '.join(of.spec.key)}; {held}", highlight=False)
    specs = of.spec.specs
    columns = [
        Column("column", [c.name for c in specs], "label"),
        Column("type", [duckdb_type(c.dtype) for c in specs], "label"),
        Column("unit", [c.unit for c in specs], "label", rank=2),
        Column("null", ["yes" if of.spec.is_nullable(c.name) else "" for c in specs], "label", rank=1),
        Column("meaning", [c.description for c in specs], "words"),
    ]
    print_fitted(console, columns)


def _partitions(of: Contents) -> str:
    keys = of.partitions
    if not keys or keys == [""]:
        return "one file" if keys else ""
    return keys[0] if len(keys) == 1 else f"{keys[0]}..{keys[-1]} ({len(keys)})"
