"""The published warehouse: every table as a real one in a single DuckDB file, for any client; an output, never read by the graph."""

import dagster as dg

from rates_assets.step import OWNERS, Step, asset_key, table_assets
from rates_lib.schemas.tables import TABLES

# it holds what the tables held when it was published; that they have been made again does not make it wrong
_TABLES = [spec.name for spec in TABLES.values() if not spec.name.endswith("_quarantine")]


@table_assets(
    specs=[
        dg.AssetSpec(
            asset_key("warehouse"),
            deps=[dg.AssetDep(asset_key(table)) for table in _TABLES],
            description="warehouse.duckdb: all tables in one file, built beside the old one and swapped in",
            group_name="warehouse",
            kinds={"duckdb"},
            owners=OWNERS,
            tags={"rates/time": "as-published"},
        )
    ],
    partitions_def=None,
    pool="warehouse",  # two builds of the same file would only undo each other's work
)
def warehouse(step: Step) -> None:
    """Build the file from the lake and swap it in: an open session keeps the old file."""
    path = step.lake.publish_warehouse()
    step.note("warehouse", {"path": dg.MetadataValue.path(str(path)), "bytes": path.stat().st_size})


ASSETS = [warehouse]
