"""Tables built by SQL: one step per table, with its quarantine. Dependencies are parsed from the SQL, so that they are always true."""

import dagster as dg

from rates_assets.partitions import SEASON
from rates_assets.step import Step, deps_on, table_assets
from rates_lib.pipeline import transform
from rates_lib.schemas.tables import TABLES


def sql_assets(layer: str) -> list[dg.AssetsDefinition]:
    """The steps of one layer."""
    return [_build(spec.name) for spec in TABLES.values() if spec.layer == layer and spec.quarantine]


def _build(table: str) -> dg.AssetsDefinition:
    sources = sorted({"landing.zone" if name.startswith("landing.") else name for name in transform.sql_inputs(table)} - {table})
    quarantine = TABLES[table].quarantine_name

    def body(step: Step) -> None:
        with step.duckdb.get_connection(transform.tables_read([table])) as con:  # one for all seasons: no table reads itself
            for season in step.partitions:
                built = transform.build(step.lake, table, int(season), con)
                step.write_split(table, built.good, built.quarantine, season)

    body.__doc__ = f"Run sql/{table.replace('.', '/')}.sql for each season and move rows that break a rule to the quarantine."
    # the daily schedule rebuilds the running season's partition
    return table_assets(
        tables=[table, quarantine],
        deps=deps_on(*sources),
        partitions_def=SEASON,
        tags={"rates/refresh": "daily"},
    )(body)
