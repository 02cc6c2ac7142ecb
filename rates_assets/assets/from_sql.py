"""Tables that SQL makes: one step per table, with its quarantine. What a table is made from is read from its SQL, so that it cannot lie."""

import re

import dagster as dg

from rates_assets.partitions import SEASON
from rates_assets.step import Step, asset_key, table_assets
from rates_lib import transform
from rates_lib.lake import SQL_ROOT
from rates_lib.schemas.tables import TABLES

_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+((?:bronze|silver)\.\w+)", re.IGNORECASE)
_COMMENT = re.compile(r"--[^\n]*")


def sql_assets(layer: str) -> list[dg.AssetsDefinition]:
    """The steps of one layer."""
    return [_build(spec.name) for spec in TABLES.values() if spec.layer == layer and spec.quarantine]


def tables_read(table: str) -> list[str]:
    """Tables of the lake that the SQL of `table`, and of its check, name after FROM or JOIN; sorted."""
    folder, name = table.split(".")
    paths = (SQL_ROOT / folder / f"{name}.sql", SQL_ROOT / "checks" / folder / f"{name}.sql")
    texts = [_COMMENT.sub("", path.read_text()) for path in paths if path.exists()]
    return sorted({found.lower() for text in texts for found in _TABLE.findall(text)} - {table})


def _build(table: str) -> dg.AssetsDefinition:
    reads = tables_read(table)
    sources = ["landing.zone", *reads] if table.startswith("bronze.") else reads
    quarantine = TABLES[table].quarantine_name

    def body(step: Step) -> None:
        for season in step.partitions:
            built = transform.build(step.lake, table, int(season))
            step.write_split(table, built.good, built.quarantine, season)

    body.__doc__ = f"Run sql/{table.replace('.', '/')}.sql for each season and set apart the rows that break a rule."
    # the daily schedule makes the running season's partition again
    return table_assets(
        tables=[table, quarantine],
        deps=[dg.AssetDep(asset_key(name)) for name in sources],
        partitions_def=SEASON,
        tags={"rates/refresh": "daily"},
    )(body)
