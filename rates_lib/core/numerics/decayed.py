"""Exponentially decayed totals, added row by row: the same rows give the same bits on any machine, whatever rows follow.

Belongs here: the loop, compiled by numba. Does not belong here: selection of past rows (`asof.py`).
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@numba.njit(cache=True)
def decayed_sums(group: Ints, season: Ints, values: Floats, keep: Floats, carry: float) -> Floats:  # pragma: no cover - compiled
    """Totals after each row, in order of the rows.

    Args:
        group: (rows,) number of the player or team; rows of one group are adjacent, oldest first.
        season: (rows,) start year.
        values: (rows, k).
        keep: (h,) factor of the total from one row to the next, .5 ** (1 / half-life).
        carry: additional factor per summer.

    Returns:
        (rows, h, k).
    """
    rows, k = values.shape
    sums = np.zeros((rows, len(keep), k))
    state = np.zeros((len(keep), k))
    for i in range(rows):
        if i == 0 or group[i] != group[i - 1]:
            state[:] = 0.0
        elif season[i] != season[i - 1]:
            summers = 1.0
            for _ in range(season[i] - season[i - 1]):  # an integer power compiles to a different function than it runs uncompiled
                summers *= carry
            state *= summers
        for a in range(len(keep)):
            for b in range(k):
                state[a, b] = state[a, b] * keep[a] + values[i, b]
                sums[i, a, b] = state[a, b]
    return sums
