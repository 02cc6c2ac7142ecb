"""Exports: the day's files for people and programs that have no DuckDB, and the slate report."""

from datetime import date

import dagster as dg
import polars as pl

from rates_assets.partitions import GAME_DATE
from rates_assets.step import Step, asset_key, table_assets
from rates_lib.calendar import season_of
from rates_lib.exports import write_day
from rates_lib.projections import PREDICTIONS

_SIMS = ("sims.worlds", "sims.player_summary", "sims.game_summary")


@table_assets(
    tables=["exports.files"],
    deps=[dg.AssetDep(asset_key(name)) for name in (*PREDICTIONS, *_SIMS, "silver.game")],
    partitions_def=GAME_DATE,
    tags={"rates/refresh": "daily"},
)
def files(step: Step) -> None:
    """Write the day's CSV, JSON, Parquet and the HTML report with its picture."""
    for day in step.partitions:
        game_date = date.fromisoformat(day)
        minutes, rates, box, worlds, players, games = (step.lake.read(table, [day]) for table in (*PREDICTIONS, *_SIMS))
        schedule = step.lake.read("silver.game", [season_of(game_date)]).filter(pl.col("game_date") == game_date)
        written = write_day(
            step.lake,
            game_date,
            games=schedule,
            minutes=minutes,
            rates=rates,
            box=box,
            worlds=worlds,
            player_summary=players,
            game_summary=games,
            as_of_utc=minutes["as_of_utc"].max(),
        )
        step.write("exports.files", written, day, {"bytes": int(written["bytes"].sum())})


ASSETS = [files]
