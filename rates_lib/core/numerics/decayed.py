"""Exponentially decayed totals, added up row by row: the same rows give the same bits, whatever follows them and on any machine.

Belongs here: the loop, compiled by numba. Does not belong here: which rows are the past of which (`asof.py`).
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
        group: (rows,) number of the player or team; rows of one stand together, oldest first.
        season: (rows,) start year.
        values: (rows, k).
        keep: (h,) share of the total that is kept from one row to the next, .5 ** (1 / half-life).
        carry: share that is kept over a summer, on top.

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
            for _ in range(season[i] - season[i - 1]):  # a power of integers would be another function compiled than not
                summers *= carry
            state *= summers
        for a in range(len(keep)):
            for b in range(k):
                state[a, b] = state[a, b] * keep[a] + values[i, b]
                sums[i, a, b] = state[a, b]
    return sums
