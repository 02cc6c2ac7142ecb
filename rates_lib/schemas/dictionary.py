"""The data dictionary as Markdown, generated from the schemas: `python -m rates_lib.schemas.dictionary > docs/data_dictionary.md`."""

from __future__ import annotations

from rates_lib.schemas.columns import COLUMNS, ColumnSpec
from rates_lib.schemas.landing import LANDING
from rates_lib.schemas.tables import EXPORTS, SPECS, TABLES, TableSpec, blocking_bounds

_HEAD = """# Data dictionary

Generated from `rates_lib/schemas` by `make docs`; a test fails when the two differ. Every column is defined once, with its formula.
Every table is sorted by its key. If a table says so, rows that break a rule go to `<table>_quarantine` (season, key, reason, row).
"""
_LANDING_HEAD = """
## Landing zone

Files `landing/<provider>/<dataset>/<season or date>.parquet`, each with `fetched_at_utc`. A file is never overwritten: changed content
becomes `<season>~2.parquet`, and the newest version counts.

| dataset | content | key | columns |
|---|---|---|---|
"""


_EXPORTS_HEAD = """
## Exported files

Each as CSV, JSON and Parquet with `<name>.schema.json`, in `exports/<game_date>/<as_of_utc>/`; `rates_lib/exports/versions.py`
documents the versions.
"""


def markdown() -> str:
    """The whole dictionary: tables of the lake, exported files, columns (each once), landing zone."""
    used = {name: [t.name for t in SPECS.values() if name in t.columns] for t in SPECS.values() for name in t.columns}
    specs = {name: COLUMNS[name] for t in SPECS.values() for name in t.columns}
    parts = [_HEAD, "\n## Tables\n"]
    parts += [_table(t) for t in TABLES.values() if not t.name.endswith("_quarantine")]
    parts.append(_EXPORTS_HEAD)
    parts += [_table(t) for t in EXPORTS.values()]
    parts += ["\n## Columns\n\n| column | type | unit | bounds | null | meaning | tables |\n|---|---|---|---|---|---|---|\n"]
    parts += [_column(specs[name], used[name]) for name in sorted(specs)]
    parts.append(_LANDING_HEAD)
    for d in LANDING.values():
        columns = ", ".join(f"{c}{'?' * (c in d.optional)}" for c in d.columns)
        parts.append(f"| `{d.name}` | {d.description} | {', '.join(d.key)} | {columns} |\n".replace(" joined by |", " joined by \\|"))
    parts.append("\nA `?` marks a column that a provider may leave out.\n")
    return "".join(parts)


def _table(table: TableSpec) -> str:
    where = "one file" if table.partition == "none" else f"by {table.partition}"
    quarantine = "; rows that break a rule go to the quarantine table" if table.quarantine else ""
    columns = ", ".join(f"{c}{'?' * table.is_nullable(c)}" for c in table.columns)
    kinds = ", ".join(f"{c} {dtype}" for c, dtype in table.narrow.items())
    narrow = f" Stored with narrower types than elsewhere: {kinds}." if kinds else ""
    head = f"One row per {table.grain}. Key: {', '.join(table.key)}. Partitioned: {where}{quarantine}.{narrow}"
    return f"\n### {table.name}\n\n{head}\n\n{columns}\n"


def _column(c: ColumnSpec, tables: list[str]) -> str:
    lo, hi = blocking_bounds(c)
    low = "" if c.lo is None else f"≥ {c.lo:g}" + " (warns)" * (lo is None)
    high = "" if c.hi is None else f"≤ {c.hi:g}" + " (warns)" * (hi is None)
    bounds = " ".join(x for x in (low, high) if x) or ", ".join(c.allowed)
    name = str(c.dtype).replace("(time_unit='us', time_zone='UTC')", " UTC")
    kept = [t for t in tables if not t.endswith("_quarantine")]
    where = ", ".join(kept[:3]) + (f" and {len(kept) - 3} more" if len(kept) > 3 else "")
    return f"| `{c.name}` | {name} | {c.unit} | {bounds} | {'yes' if c.nullable else ''} | {c.description} | {where} |\n".replace(
        "joined by |", "joined by \\|"
    )


if __name__ == "__main__":
    print(markdown(), end="")
