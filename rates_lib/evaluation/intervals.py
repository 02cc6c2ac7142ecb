"""Uncertainty of a difference between two predictors: paired bootstrap by game.

Rows of one game share its pace, its overtime and its blow-out, so whole games are drawn, and both predictors are measured on the same
draw (Efron & Tibshirani 1993, ch. 8: draw the units that are independent).

Belongs here: draws and quantiles. Does not belong here: what is compared (`player.py`, `peers.py`).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
REPLICATES = 1000
LEVEL = 0.95


class GameBootstrap:
    """Draws of a season's games, the same for every comparison.

    Attributes:
        weights: shape (replicates, games): how often each game is in each draw.
    """

    def __init__(self, games: pl.Series, replicates: int = REPLICATES, seed: int = 7) -> None:
        """Draw.

        Args:
            games: game_id of each row that will be measured, in any order, repeated.
            replicates: draws.
            seed: of the random numbers.
        """
        self._index = games.rank("dense").to_numpy().astype(np.int64) - 1
        count = int(self._index.max()) + 1
        draws = np.random.default_rng(seed).integers(0, count, (replicates, count))
        self.weights = np.stack([np.bincount(draw, minlength=count) for draw in draws]).astype(np.float64)

    def means(self, values: Floats, chosen: NDArray[np.bool_] | None = None) -> Floats:
        """Mean of each column over the rows of every draw.

        Args:
            values: shape (rows, k), rows as `games` was.
            chosen: shape (rows,): the rows that count; all if None.

        Returns:
            Shape (replicates, k). A draw without a row that counts is NaN.
        """
        chosen = np.ones(len(values), dtype=np.bool_) if chosen is None else chosen
        index, count = self._index[chosen], self.weights.shape[1]
        columns = [np.bincount(index, weights=column[chosen], minlength=count) for column in values.T]
        sums = np.stack([*columns, np.bincount(index, minlength=count).astype(np.float64)])
        # einsum adds in a fixed order; the order of a BLAS product may depend on the number of threads
        drawn = np.einsum("bg,kg->bk", self.weights, sums)
        with np.errstate(invalid="ignore"):
            return np.asarray(drawn[:, :-1] / drawn[:, -1:], dtype=np.float64)


def interval(replicates: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Central interval of bootstrap replicates, shape (replicates,), by percentiles, without NaN replicates; NaN if all are NaN."""
    if np.isnan(replicates).all():
        return np.nan, np.nan
    tail = (1 - level) / 2
    low, high = np.nanquantile(replicates, [tail, 1 - tail])
    return float(low), float(high)
