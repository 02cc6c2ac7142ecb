"""Ridge regression in closed form on standardised columns, with weights.

Belongs here: the solution and its application. Does not belong here: which columns and rows (`team.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl
from threadpoolctl import threadpool_limits

from rates_lib.models.boosting import Floats


@dataclass(frozen=True)
class Ridge:
    """A fitted ridge.

    Attributes:
        centre, spread: (k,) mean and standard deviation of each column; a missing value counts as the centre.
        weight: (k,) coefficients per standard deviation.
        intercept: prediction at the centre.
    """

    centre: Floats
    spread: Floats
    weight: Floats
    intercept: float

    def predict(self, x: Floats) -> Floats:
        """Shape (rows,) for x of shape (rows, k), NaN where missing."""
        # einsum adds in a fixed order: a row gives the same alone and among others
        scaled = np.nan_to_num((x - self.centre) / self.spread)
        return np.asarray(self.intercept + np.einsum("nk,k->n", scaled, self.weight), dtype=np.float64)

    def to_dict(self) -> dict[str, list[float] | float]:
        """Plain numbers for JSON, which restores them to the last bit."""
        vectors = {name: [float(v) for v in getattr(self, name)] for name in ("centre", "spread", "weight")}
        return {**vectors, "intercept": self.intercept}

    @classmethod
    def from_dict(cls, values: dict[str, Sequence[float] | float]) -> Ridge:
        """Inverse of `to_dict`."""
        vectors = {name: np.array(values[name], dtype=np.float64) for name in ("centre", "spread", "weight")}
        return cls(**vectors, intercept=float(values["intercept"]))  # type: ignore[arg-type]


def fit_ridge(x: Floats, y: Floats, rows: Floats, penalty: float) -> Ridge:
    """The weights that minimise sum of rows x (y - prediction)^2 + penalty x |weight|^2 (Hoerl & Kennard 1970).

    Args:
        x: (n, k), NaN if missing; a constant column gets weight 0.
        y: (n,) outcomes.
        rows: (n,) weight of each row, > 0.
        penalty: on the weights per standard deviation, in rows.
    """
    present = np.isfinite(x)
    seen = np.einsum("nk,n->k", present.astype(np.float64), rows)
    filled = np.where(present, x, 0.0)
    centre = np.einsum("nk,n->k", filled, rows) / np.maximum(seen, 1e-9)
    deviation = np.where(present, x - centre, 0.0)
    spread = np.sqrt(np.einsum("nk,n->k", deviation**2, rows) / np.maximum(seen, 1e-9))
    varies = spread > 1e-9 * np.maximum(np.abs(centre), 1.0)
    spread = np.where(varies, spread, 1.0)
    z = deviation / spread * varies
    mean = float(np.average(y, weights=rows))
    with threadpool_limits(1, user_api="blas"):  # sums in one order: the same bits on any number of cores
        gram = (z * rows[:, None]).T @ z
        offset = (z * rows[:, None]).T @ np.ones(len(y)) / rows.sum()
        right = (z * rows[:, None]).T @ (y - mean)
        # columns of a missing value are not centred over all rows: take the intercept out as well
        gram -= rows.sum() * np.outer(offset, offset)
        right -= float(rows @ (y - mean)) * offset
        gram[np.diag_indices_from(gram)] += penalty
        weight = sl.cho_solve(sl.cho_factor(gram, lower=True), right)
    intercept = mean - float(np.einsum("k,k->", offset, weight))
    return Ridge(centre, spread, np.asarray(weight, dtype=np.float64), intercept)
