"""Worlds: joint box scores of a day's games, and what they say about players and games."""

from datetime import date

import dagster as dg
import polars as pl

from rates_assets.partitions import GAME_DATE
from rates_assets.step import Step, asset_key, table_assets
from rates_lib.calendar import season_of
from rates_lib.projections import PREDICTIONS
from rates_lib.sim.summary import summarise_games, summarise_players
from rates_lib.sim.worlds import short_handed, simulate


class WorldsConfig(dg.Config):
    """How much chance.

    Attributes:
        worlds: per game; tails need 2,000 at the least.
        seed: of all games.
    """

    worlds: int = 2000
    seed: int = 7


@table_assets(
    name="sims__slate",
    tables=["sims.worlds", "sims.player_summary", "sims.game_summary"],
    deps=[dg.AssetDep(asset_key(name)) for name in (*PREDICTIONS, "silver.game")],
    partitions_def=GAME_DATE,
    config=WorldsConfig,
    tags={"rates/refresh": "daily"},
)
def worlds(step: Step, config: WorldsConfig) -> None:
    """Draw the day's worlds from its predictions and summarise them."""
    for day in step.partitions:
        minutes, rates, box = (step.lake.read(table, [day]) for table in PREDICTIONS)
        games = step.lake.read("silver.game", [season_of(date.fromisoformat(day))]).filter(pl.col("game_date") == date.fromisoformat(day))
        short = short_handed(minutes)
        for game_id, reason in short.iter_rows():
            step.context.log.warning(f"game {game_id} is not simulated: {reason}")
        minutes = minutes.join(short, on="game_id", how="anti", maintain_order="left")
        drawn = simulate(minutes, rates, box, config.worlds, config.seed)
        step.write("sims.worlds", drawn, day, {"worlds": config.worlds, "seed": config.seed, "not_simulated": dict(short.iter_rows())})
        step.write("sims.player_summary", summarise_players(drawn, box), day)
        step.write("sims.game_summary", summarise_games(drawn, games, box), day)


ASSETS = [worlds]
