"""The published warehouse: all tables in a single DuckDB file, for any client; an output that the graph never reads."""

import dagster as dg

from rates_assets.step import OWNERS, Step, asset_key, deps_on, table_assets
from rates_lib.schemas.tables import TABLES

# a snapshot of the tables when it was published
_TABLES = [spec.name for spec in TABLES.values() if not spec.name.endswith("_quarantine")]


@table_assets(
    specs=[
        dg.AssetSpec(
            asset_key("warehouse"),
            deps=deps_on(*_TABLES),
            description="warehouse.duckdb: all tables in one file, built beside the old file, which it then replaces",
            group_name="warehouse",
            kinds={"duckdb"},
            owners=OWNERS,
            tags={"rates/time": "as-published"},
        )
    ],
    partitions_def=None,
    pool="warehouse",  # one build of the file at a time
)
def warehouse(step: Step) -> None:
    """Build the file from the lake and replace the old one; an open session keeps reading the old file."""
    path = step.lake.publish_warehouse()
    step.note("warehouse", {"path": dg.MetadataValue.path(str(path)), "bytes": path.stat().st_size})


ASSETS = [warehouse]
