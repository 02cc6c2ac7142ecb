"""Exports: the day's files for people and programs without DuckDB, the slate report, and copies of them in another place."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from rates_assets.partitions import GAME_DATE
from rates_assets.staging import DayConfig
from rates_assets.step import Step, deps_on, table_assets
from rates_lib.exports.day import INPUTS, PICTURE_FILE, REPORT_FILE, write_day
from rates_lib.exports.report import thumbnail
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
    assert step.stage is not None
    for day in step.partitions:
        if step.stage.why_lesser(day):
            continue  # an experiment: what people consume stays
        game_date = date.fromisoformat(day)
        frames = {name: step.lake.read(table, [day]) for name, table in INPUTS.items()} | {"games": games_of(step.lake, game_date)}
        written = write_day(step.lake, game_date, frames, frames["minutes"].select(pl.col("as_of_utc").max()).item())
        figures = {"bytes": int(written["bytes"].sum())} | ({"copied_to": url} if url else {})
        root = step.lake.exports_root(day).parent
        paths = [root / path for path in written["path"]]
        step.write("exports.files", written, day, figures | _shown(paths, with_picture=len(step.partitions) == 1))
    if url:  # a store that cannot be reached must not prevent that the day's tables become current
        step.afterwards.append(lambda: _copy(step, url))


def _copy(step: Step, url: str) -> None:
    with open_target(url) as target:
        copied = [version for day in step.partitions for version in copy_day(step.lake.exports_root(day), target)]
    step.context.log.info(f"copied to {url}: {len(copied)} new versions")


def _shown(paths: list[Path], with_picture: bool) -> dict[str, dg.MetadataValue[Any]]:
    """The files in the UI: their paths, a link to the report and, if asked for, the slate's picture, whose copy goes to the event log."""
    by_name = {path.name: path for path in paths}
    shown: dict[str, dg.MetadataValue[Any]] = {path.name: dg.MetadataValue.path(str(path)) for path in paths}
    if REPORT_FILE in by_name:
        shown["report"] = dg.MetadataValue.url(by_name[REPORT_FILE].as_uri())
    if with_picture and PICTURE_FILE in by_name:
        shown["picture"] = dg.MetadataValue.md(f"![points over all worlds]({thumbnail(by_name[PICTURE_FILE].read_bytes())})")
    return shown


ASSETS = [files]
