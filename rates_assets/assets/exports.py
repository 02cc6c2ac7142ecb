"""Exports: the day's files for people and programs that have no DuckDB, and the slate report; also where else they are wanted."""

import os
from datetime import date

import dagster as dg
import polars as pl

from rates_assets.partitions import GAME_DATE
from rates_assets.step import Step, asset_key, table_assets
from rates_lib.exports.day import write_day
from rates_lib.exports.target import VARIABLE, copy_day, open_target
from rates_lib.lake import games_of

_INPUTS = {
    "minutes": "predictions.minutes",
    "rates": "predictions.rates",
    "box": "predictions.player_box",
    "team": "predictions.team",
    "profiles": "predictions.player_profile",
    "matchup": "predictions.matchup",
    "worlds": "sims.worlds",
    "player_summary": "sims.player_summary",
    "game_summary": "sims.game_summary",
}


class ExportConfig(dg.Config):
    """Where else the files are wanted.

    Attributes:
        export_to: a folder or `s3://bucket/prefix`; empty: what RATES_EXPORT_TO says, and nowhere if it says nothing.
    """

    export_to: str = ""


@table_assets(
    tables=["exports.files"],
    deps=[dg.AssetDep(asset_key(name)) for name in (*_INPUTS.values(), "silver.game")],
    partitions_def=GAME_DATE,
    config=ExportConfig,
    tags={"rates/refresh": "daily"},
)
def files(step: Step, config: ExportConfig) -> None:
    """Write the day's CSV, JSON, Parquet with their schemas and the HTML report as a version, then copy what the target lacks."""
    url = config.export_to or os.environ.get(VARIABLE, "")
    target = open_target(url) if url else None
    for day in step.partitions:
        game_date = date.fromisoformat(day)
        frames = {name: step.lake.read(table, [day]) for name, table in _INPUTS.items()}
        as_of_utc = frames["minutes"].select(pl.col("as_of_utc").max()).item()
        written = write_day(step.lake, game_date, games=games_of(step.lake, game_date), as_of_utc=as_of_utc, **frames)
        figures = {"bytes": int(written["bytes"].sum())} | ({"exported_to": url} if url else {})
        step.write("exports.files", written, day, figures)
    if target:  # after all days are written: a store that is out of reach costs none of them
        copied = {day: copy_day(step.lake.exports_root(day), target) for day in step.partitions}
        step.context.log.info(f"exported to {target.url}: {sum(map(len, copied.values()))} versions that it lacked")


ASSETS = [files]
