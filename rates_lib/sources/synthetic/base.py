"""Names, array types and random streams of all modules of the synthetic league.

Belongs here: orders of positions, latent traits and counts. Does not belong here: behaviour of players or games.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
import polars as pl

from rates_lib.schemas.landing import LANDING

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]

POSITIONS = ("PG", "SG", "SF", "PF", "C")
ROSTER = 15  # players per team: three at each position, in the order of POSITIONS
ROSTER_POSITION: Ints = np.repeat(np.arange(5), 3)

#: Relative traits of a player, 1 = mean of the league's minutes. `trip`: trips to the line, `pf`: fouls committed.
LATENTS = ("fga2", "fga3", "trip", "tov", "ast", "oreb", "dreb", "stl", "blk", "pf")
FGA2, FGA3, TRIP, TOV, AST, OREB, DREB, STL, BLK, PF = range(10)

#: Counts of a player in a game, in the order of the count arrays' last axis.
COUNTS = ("FG2M", "FG2A", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "AST", "STL", "BLK", "TOV", "PF")
COUNT = {name: i for i, name in enumerate(COUNTS)}

#: The nine rates of the truth frames, and their counts.
RATE_COUNTS = {
    "fga2_per_min": "FG2A",
    "fga3_per_min": "FG3A",
    "fta_per_min": "FTA",
    "ast_per_min": "AST",
    "tov_per_min": "TOV",
    "oreb_per_min": "OREB",
    "dreb_per_min": "DREB",
    "stl_per_min": "STL",
    "blk_per_min": "BLK",
}


def stream(seed: int, season: int, purpose: str) -> np.random.Generator:
    """Random numbers for one purpose in one season; independent of every other purpose and season."""
    return np.random.default_rng(np.random.SeedSequence([seed, season, zlib.crc32(purpose.encode())]))


def utc(times: Dates) -> pl.Series:
    """A UTC column, microseconds, from naive datetime64 values that are UTC."""
    return pl.Series(times.astype("datetime64[us]")).dt.replace_time_zone("UTC")


def dates(days: Dates) -> pl.Series:
    """A Date column from datetime64[D] values."""
    return pl.Series(days.astype("datetime64[D]"))


def take(values: pl.Series, index: Ints) -> pl.Series:
    """`values` at `index`, as a column; null for -1."""
    return values.gather(pl.Series(index).replace(-1, None))


def landed(dataset: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the columns, dtypes and order of the dataset's landing spec, sorted by its key (nulls first)."""
    spec = LANDING[dataset]
    return frame.select(pl.col(c).cast(t) for c, t in spec.columns.items()).sort(spec.key)
