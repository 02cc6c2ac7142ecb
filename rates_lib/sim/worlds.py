"""`sims.worlds`: simulated box scores drawn from the day's predictions; any probability is then a share of the rows of one table.

Belongs here: predictions to inputs of the kernel, and its arrays to rows. Does not belong here: the simulation of one world
(`kernel.py`), means (`models/`), the fit of the parameters (`models/world_parameters.py`), summaries of worlds (`summary.py`).

A game's worlds depend only on the seed, the game's predictions and the parameters: not on the other games, their order, the number of
worlds or of threads. World 17 is the same whether a hundred or a million are drawn.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.errors import RatesError
from rates_lib.core.stats import WORLD_COUNTS
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from rates_lib.sim import kernel
from rates_lib.sim.game import Means, make_game
from rates_lib.sim.kernel import Chances, Game, draw_worlds
from rates_lib.sim.parameters import Parameters, chances_of
from rates_lib.sim.player_means import PERCENTAGE_MEANS, join_inputs

Floats = NDArray[np.float64]

CHUNK = 2000  # worlds per call of the kernel
BLOCK = 20_000  # worlds of a game that `draw_blocks` keeps in memory
BAND = ("minutes_p10", "minutes_p50", "minutes_p90")
_BOX = ("fga", "fg3m", "fta", "ast", "tov", "oreb", "dreb", "stl", "blk")
_LEAST_MINUTES = 0.05  # below it a mean count says nothing about a rate


@dataclass(frozen=True)
class Slot:
    """A game before it is drawn.

    Attributes:
        game_date, game_id: of the game.
        team_ids: of both teams, sorted.
        player_ids: players with a play_prob above 0, the first team's first, each team's sorted.
        means: their predictions, in the same order.
    """

    game_date: date
    game_id: str
    team_ids: tuple[str, str]
    player_ids: list[str]
    means: Means

    @property
    def teams(self) -> NDArray[np.int64]:
        """0 or 1 for each player."""
        return np.repeat([0, 1], [self.means.first, len(self.player_ids) - self.means.first])


@dataclass(frozen=True)
class Drawn:
    """Worlds of a game.

    Attributes:
        slot: the game.
        first_world: number of the first.
        seconds: shape (players, worlds); 0 where the player does not play.
        counts: shape (14, players, worlds), by `core.stats.WORLD_COUNTS`.
    """

    slot: Slot
    first_world: int
    seconds: NDArray[np.uint16]
    counts: NDArray[np.uint8]

    def count(self, name: str) -> NDArray[np.uint8]:
        """One of `core.stats.WORLD_COUNTS`, shape (players, worlds)."""
        return np.asarray(self.counts[WORLD_COUNTS.index(name)])

    def team_points(self) -> NDArray[np.int64]:
        """Shape (2, worlds), in order of `slot.team_ids`."""
        points, first = self.count("pts"), self.slot.means.first
        return np.stack([points[:first].sum(axis=0, dtype=np.int64), points[first:].sum(axis=0, dtype=np.int64)])

    def home_and_away(self, home_team_id: str) -> NDArray[np.int64]:
        """`team_points` in order of home side, visitors."""
        points = self.team_points()
        return points if self.slot.team_ids[0] == home_team_id else points[::-1]

    def rows(self) -> pl.DataFrame:
        """Rows of sims.worlds, sorted by key: one per player and world in which the player plays."""
        order = np.argsort(np.array(self.slot.player_ids), kind="stable")
        seconds = self.seconds[order]
        played = seconds > 0
        player, world = np.nonzero(played)
        ids = pl.Series(self.slot.player_ids, dtype=pl.String).gather(order)
        team = pl.Series(self.slot.team_ids, dtype=pl.String).gather(self.slot.teams[order])
        columns = {name: np.ascontiguousarray(self.counts[c][order][played]) for c, name in enumerate(WORLD_COUNTS)}
        rows = pl.DataFrame({"world": (world + self.first_world).astype(np.uint32), "seconds": seconds[played], **columns})
        return rows.with_columns(
            pl.lit(self.slot.game_date).alias("game_date"),
            pl.lit(self.slot.game_id).alias("game_id"),
            ids.gather(player).alias("player_id"),
            team.gather(player).alias("team_id"),
        ).select(TABLES["sims.worlds"].columns)


def game_key(seed: int, game_id: str) -> np.uint64:
    """Key of a game's random numbers: the same on every machine, in every process."""
    return np.uint64(int.from_bytes(blake2b(f"{seed}|{game_id}".encode(), digest_size=8).digest(), "little"))


def short_handed(minutes: pl.DataFrame) -> pl.DataFrame:
    """Games that cannot be simulated because a team has fewer than five players with a play_prob above 0.

    Args:
        minutes: rows of predictions.minutes.

    Returns:
        game_id and reason, sorted; empty if all games can be simulated.
    """
    teams = minutes.group_by("game_id", "team_id").agg((pl.col("play_prob") > 0).sum().alias("players"))
    short = teams.filter(pl.col("players") < 5).sort("game_id", "team_id").unique("game_id", keep="first", maintain_order=True)
    text = "team {} has {} players who may play and needs five: look at silver.player_availability"
    return short.select("game_id", pl.format(text, "team_id", "players").alias("reason"))


def player_key(player_id: str) -> np.uint64:
    """Key of a player's random numbers, the same in every game."""
    return np.uint64(int.from_bytes(blake2b(player_id.encode(), digest_size=8).digest(), "little"))


def slots(minutes: pl.DataFrame, rates: pl.DataFrame, box: pl.DataFrame, fouls: Mapping[str, int] | None = None) -> list[Slot]:
    """The games of a slate, in order of date and id.

    Args:
        minutes: rows of predictions.minutes, whole teams.
        rates: rows of predictions.rates.
        box: rows of predictions.player_box, whose means become those of the worlds (the reconciled ones, if there are any, so that the
            worlds agree with predictions.team); or only game_id, player_id and the three percentages: the means are then minutes x rates.
        fouls: personal fouls at the start by player, for scenarios.

    Raises:
        RatesError: if a row has no rates or percentages, if a game does not have two teams, or a team has fewer than five players.
    """
    joined = join_inputs(minutes, rates, box)
    if "fga_mean" in box.columns:
        names = {stat: [c for c in (f"{stat}_reconciled", f"{stat}_mean") if c in box.columns] for stat in _BOX}
        means = [pl.coalesce(columns).alias(f"{stat}_mean") for stat, columns in names.items()]
        joined = joined.join(box.select("game_id", "player_id", *means), on=["game_id", "player_id"], how="left", validate="1:1")
    return slots_of(joined, fouls)


def slots_of(rows: pl.DataFrame, fouls: Mapping[str, int] | None = None) -> list[Slot]:
    """The games of some rows, in order of date and id.

    Args:
        rows: game_date, game_id, team_id, player_id, play_prob, minutes_p10, minutes_p50, minutes_p90, minutes_reconciled, the nine
            `*_per_min_mean`, the three percentages and, optionally, means of predictions.player_box; whole games, in any order.
        fouls: personal fouls at the start by player, for scenarios.

    Raises:
        RatesError: if a game does not have two teams, or a team has fewer than five players with a play_prob above 0.
    """
    rows = rows.filter(pl.col("play_prob") > 0).sort("game_date", "game_id", "team_id", "player_id")
    return [_slot(game, fouls or {}) for game in rows.partition_by("game_date", "game_id", maintain_order=True)]


def _slot(rows: pl.DataFrame, fouls: Mapping[str, int]) -> Slot:
    game_date, game_id = rows["game_date"][0], rows["game_id"][0]
    sizes = dict(rows["team_id"].value_counts().sort("team_id").iter_rows())
    if len(sizes) != 2 or min(sizes.values()) < 5:
        raise RatesError(
            f"game {game_id}: players who may play by team: {sizes}, and two teams of five are needed: look at silver.player_availability "
            f"of {game_date}"
        )
    home, away = sizes
    players = rows["player_id"].to_list()
    means = Means(
        sizes[home],
        np.array([player_key(player) for player in players], np.uint64),
        np.array([fouls.get(player, 0) for player in players], np.int64),
        rows["play_prob"].to_numpy().astype(np.float64),
        rows.select(BAND).to_numpy().astype(np.float64),
        rows["minutes_reconciled"].to_numpy().astype(np.float64),
        _rates(rows),
        rows.select(PERCENTAGE_MEANS).to_numpy().astype(np.float64),
    )
    return Slot(game_date, game_id, (home, away), players, means)


def _rates(rows: pl.DataFrame) -> Floats:
    """(n, 9) per minute, by RATE_TARGETS: means of the box score over minutes; the rates model's where there is no box score."""
    rate = {t: pl.col(f"{t}_per_min_mean") for t in RATE_TARGETS}
    if "fga_mean" in rows.columns:
        enough = pl.col("minutes_reconciled") >= _LEAST_MINUTES
        fga3 = pl.col("fg3m_mean") / pl.col("fg3_pct_mean").clip(lower_bound=1e-9)
        mean = {t: pl.col(f"{t}_mean") for t in _BOX if t in RATE_TARGETS} | {"fga3": fga3, "fga2": pl.col("fga_mean") - fga3}
        rate |= {t: pl.when(enough).then(mean[t].clip(lower_bound=0) / pl.col("minutes_reconciled")).otherwise(rate[t]) for t in mean}
    return rows.select(expr.alias(t) for t, expr in rate.items()).select(RATE_TARGETS).to_numpy().astype(np.float64)


def draw_slot(slot: Slot, parameters: Parameters, worlds: int, seed: int = 7, threads: int = 2, first_world: int = 0) -> Drawn:
    """Draw worlds of one game.

    Args:
        slot: the game.
        parameters: fitted ones (a run of worlds_v1).
        worlds: number of worlds.
        seed: seed of all games.
        threads: number of threads; the worlds do not depend on it.
        first_world: number of the first world; above 0 to continue an earlier draw.
    """
    chances = chances_of(parameters)
    return draw_game(slot, make_game(slot.means, parameters, chances), chances, worlds, seed, threads, first_world)


def draw_game(slot: Slot, game: Game, chances: Chances, worlds: int, seed: int = 7, threads: int = 2, first_world: int = 0) -> Drawn:
    """`draw_slot` for inputs that are ready for the kernel."""
    warn_of_compilation()
    n = len(slot.player_ids)
    counts, seconds = np.zeros((len(WORLD_COUNTS), n, worlds), np.uint8), np.zeros((n, worlds), np.uint16)
    key = game_key(seed, slot.game_id)

    def chunk(start: int) -> None:
        end = min(start + CHUNK, worlds)
        draw_worlds(game, chances, key, first_world + start, first_world + end, counts[:, :, start:end], seconds[:, start:end])

    if threads > 1 and worlds > CHUNK:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(chunk, range(0, worlds, CHUNK)))
    else:
        for start in range(0, worlds, CHUNK):
            chunk(start)
    return Drawn(slot, first_world, seconds, counts)


def draw_slate(games: Iterable[Slot], parameters: Parameters, worlds: int = 2000, seed: int = 7, threads: int = 2) -> Iterator[Drawn]:
    """Draw the games one by one, so that the worlds of only one are in memory."""
    for slot in games:
        yield draw_slot(slot, parameters, worlds, seed, threads)


def draw_blocks(games: Sequence[Slot], parameters: Parameters, worlds: int, seed: int = 7, threads: int = 2) -> Iterator[dict[str, Drawn]]:
    """Draw all games together, block by block, so that memory does not grow with the number of worlds.

    The worlds are those of `draw_slate`: a world does not depend on the block that it is drawn in.

    Yields:
        The next BLOCK worlds (the last time those that are left) of each game, by game id.
    """
    chances = chances_of(parameters)
    ready = [(slot, make_game(slot.means, parameters, chances)) for slot in games]
    for first in range(0, worlds, BLOCK):
        size = min(BLOCK, worlds - first)
        yield {slot.game_id: draw_game(slot, game, chances, size, seed, threads, first) for slot, game in ready}


@cache
def warn_of_compilation() -> None:
    """Log once that the kernel has to be compiled, unless numba's cache holds it."""
    if not compiled_since():
        logging.getLogger(__name__).warning("compiling the worlds' kernel: the first time takes about half a minute, later runs load it")


def compiled_since() -> bool:
    """Whether numba's cache holds a kernel that is newer than its source."""
    source = Path(kernel.__file__)
    compiled = list(Path(draw_worlds.stats.cache_path or source.parent).glob(f"{source.stem}.draw_worlds-*.nbi"))
    return any(file.stat().st_mtime >= source.stat().st_mtime for file in compiled)
