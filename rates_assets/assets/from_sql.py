"""Tables that SQL makes: one step per table, with its quarantine. What a table is made from is read from its SQL, so that it cannot lie."""

import dagster as dg

from rates_assets.partitions import SEASON
from rates_assets.step import Step, asset_key, table_assets
from rates_lib.pipeline import transform
from rates_lib.schemas.tables import TABLES


def sql_assets(layer: str) -> list[dg.AssetsDefinition]:
    """The steps of one layer."""
    return [_build(spec.name) for spec in TABLES.values() if spec.layer == layer and spec.quarantine]


def _build(table: str) -> dg.AssetsDefinition:
    sources = sorted({"landing.zone" if name.startswith("landing.") else name for name in transform.sql_inputs(table)} - {table})
    quarantine = TABLES[table].quarantine_name

    def body(step: Step) -> None:
        with step.duckdb.get_connection() as con:  # one for all seasons: no table is made from itself
            for season in step.partitions:
                built = transform.build(step.lake, table, int(season), con)
                step.write_split(table, built.good, built.quarantine, season)

    body.__doc__ = f"Run sql/{table.replace('.', '/')}.sql for each season and set apart the rows that break a rule."
    # the daily schedule makes the running season's partition again
    return table_assets(
        tables=[table, quarantine],
        deps=[dg.AssetDep(asset_key(name)) for name in sources],
        partitions_def=SEASON,
        tags={"rates/refresh": "daily"},
    )(body)
