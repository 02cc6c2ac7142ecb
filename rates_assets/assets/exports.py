"""Exports: the day's files for people and programs without DuckDB, the slate report, and copies of them in another place."""

import os
from datetime import date

import polars as pl

from rates_assets.partitions import GAME_DATE
from rates_assets.staging import DayConfig
from rates_assets.step import Step, deps_on, table_assets
from rates_lib.exports.day import INPUTS, write_day
from rates_lib.exports.target import VARIABLE, copy_day, open_target
from rates_lib.lake import games_of


class ExportConfig(DayConfig):
    """Where to copy the files.

    Attributes:
        export_to: a folder or `s3://bucket/prefix`; empty: the value of RATES_EXPORT_TO, no copy if that is empty too.
    """

    export_to: str = ""


@table_assets(
    tables=["exports.files"],
    deps=deps_on(*INPUTS.values(), "silver.game"),
    partitions_def=GAME_DATE,
    config=ExportConfig,
    tags={"rates/refresh": "daily"},
)
def files(step: Step, config: ExportConfig) -> None:
    """Write the day's CSV, JSON and Parquet with their schemas and the HTML report as a version, then copy missing versions.

    A set that will not become the day's current one has no files.
    """
    url = config.export_to or os.environ.get(VARIABLE, "")
    target = open_target(url) if url else None
    assert step.stage is not None
    for day in step.partitions:
        if step.stage.why_lesser(day):
            continue  # an experiment: what people consume stays
        game_date = date.fromisoformat(day)
        frames = {name: step.lake.read(table, [day]) for name, table in INPUTS.items()} | {"games": games_of(step.lake, game_date)}
        written = write_day(step.lake, game_date, frames, frames["minutes"].select(pl.col("as_of_utc").max()).item())
        figures = {"bytes": int(written["bytes"].sum())} | ({"exported_to": url} if url else {})
        step.write("exports.files", written, day, figures)
    if target:  # after all days are written: an unreachable store must not prevent that
        copied = {day: copy_day(step.lake.exports_root(day), target) for day in step.partitions}
        step.context.log.info(f"exported to {target.url}: {sum(map(len, copied.values()))} new versions")


ASSETS = [files]
