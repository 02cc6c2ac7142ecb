"""Worlds: simulated joint box scores of a day's games, and their summaries by player and game."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import polars as pl

from rates_assets.assets.models import model_assets
from rates_assets.partitions import GAME_DATE
from rates_assets.progress import parts_reporter
from rates_assets.staging import DayConfig
from rates_assets.step import Step, deps_on, table_assets
from rates_lib.core.calendar import known_before, season_of
from rates_lib.core.limits import MOST_STORED_WORLDS, check_worlds
from rates_lib.day_sets import current_set
from rates_lib.lake import games_of
from rates_lib.models.registry import bundle_of_day
from rates_lib.models.world_parameters import parameters_of
from rates_lib.pipeline.projections import PREDICTIONS
from rates_lib.schemas.tables import TABLES
from rates_lib.sim.summary import lines_as_of, summaries
from rates_lib.sim.worlds import Drawn, draw_slate, short_handed, slots

WORLDS, SEED = 2000, 7
SUMMARIES = ("sims.player_summary", "sims.player_tails", "sims.game_summary", "sims.correlations")


class DrawConfig(DayConfig):
    """How to draw worlds.

    Attributes:
        worlds: per game; None: as many as the day's current set has, at first 2,000; tails need at least as many.
        seed: of all games; None: that of the day's current set, at first 7.
        threads: number of threads; the worlds do not depend on it.
    """

    worlds: int | None = None
    seed: int | None = None
    threads: int = 2


@table_assets(
    name="sims__slate",
    tables=["sims.worlds", *SUMMARIES],
    deps=deps_on(*PREDICTIONS, "silver.game", "silver.odds_game", *model_assets("worlds_v1")),
    partitions_def=GAME_DATE,
    config=DrawConfig,
    tags={"rates/refresh": "daily"},
)
def worlds(step: Step, config: DrawConfig) -> None:
    """Draw the worlds of the day's games from its predictions and summarise them."""
    for day in step.partitions:
        minutes, rates, box = (step.lake.read(table, [day]) for table in PREDICTIONS)
        if minutes.is_empty():
            for table in ("sims.worlds", *SUMMARIES):
                step.write(table, TABLES[table].empty(), day)
            continue
        short = short_handed(minutes)
        for game_id, reason in short.iter_rows():
            step.context.log.warning(f"game {game_id} is not simulated: {reason}")
        able = minutes.join(short, on="game_id", how="anti", maintain_order="left")
        run = bundle_of_day(step.lake, "worlds_v1", _known_on(minutes))
        current = current_set(step.duckdb.lake, day).settings
        count, seed = (_first(*of) for of in ((config.worlds, current.worlds, WORLDS), (config.seed, current.seed, SEED)))
        step.describe(day, worlds=count, seed=seed)
        check_worlds(count, 1, MOST_STORED_WORLDS)
        games = slots(able, rates, box)
        drawn = _reported(step, draw_slate(games, parameters_of(run), count, seed, config.threads), len(games))
        figures = {"worlds": count, "seed": seed, "model_run_id": run.run_id, "not_simulated": dict(short.iter_rows())}
        _write(step, day, drawn, box, figures)


def _reported(step: Step, drawn: Iterable[Drawn], games: int) -> Iterator[Drawn]:
    """The drawn games; a run of one day reports each that is done, a run of many days reports days."""
    report = parts_reporter(step.context, "game")
    for number, game in enumerate(drawn):
        if number and len(step.partitions) == 1:
            report(number, games)
        yield game


def _first(*values: int | None) -> int:
    """The first value that is not None."""
    return next(value for value in values if value is not None)


def _known_on(minutes: pl.DataFrame) -> date:
    """The day in whose month the parameters are looked up: that of the games, or of the information if that is earlier."""
    return known_before(minutes["game_date"][0], minutes.select(pl.col("as_of_utc").max()).item())


def _write(step: Step, day: str, drawn: Iterable[Drawn], box: pl.DataFrame, figures: dict[str, Any]) -> None:
    """Write worlds as they are drawn, and their summaries."""
    season = season_of(date.fromisoformat(day))
    games = games_of(step.lake, date.fromisoformat(day))
    lines = lines_as_of(step.lake.read("silver.odds_game", [season]), box)
    parts_of: dict[str, list[pl.DataFrame]] = {table: [TABLES[table].empty()] for table in SUMMARIES}

    def rows() -> Iterator[pl.DataFrame]:
        for game in drawn:
            for table, summary in summaries(game, box, games, lines):
                parts_of[table].append(summary)
            yield game.rows()

    step.write_groups("sims.worlds", rows(), day, figures)
    for table, parts in parts_of.items():
        step.write(table, pl.concat(parts), day)


ASSETS = [worlds]
