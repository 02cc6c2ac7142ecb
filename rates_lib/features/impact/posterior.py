"""Impacts and their standard errors from evidence: a ridge towards the impact expected from traits.

With the unknowns theta ~ N(centre, s^2 / penalty) and noise of variance s^2 per possession, the posterior mean solves
(A + penalty I) (theta - centre) = r - A centre, and its covariance is s^2 (A + penalty I)^-1 (Hoerl and Kennard 1970; Lindley and Smith
1972). Players with few possessions stay near the centre, with the error of the prior.

Belongs here: solving. Does not belong here: evidence (`equations.py`), the centre (`traits.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from rates_lib.features.impact import config
from rates_lib.features.impact.equations import Evidence

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Impact:
    """Points per 100 possessions, relative to the mean possession of the evidence; positive is good on both ends.

    Attributes:
        offence: (n,).
        defence: (n,).
        error: (n,) standard error of offence + defence; NaN if not requested.
        home_court: of the home team's margin.
    """

    offence: Floats
    defence: Floats
    error: Floats
    home_court: float


def estimate(evidence: Evidence, centre: Floats | None = None, penalty: float = config.PENALTY, *, errors: bool = True) -> Impact:
    """Solve for the players of `evidence`.

    Args:
        evidence: of players who all have possessions.
        centre: (2 n + 1,) centre of the ridge: offence, defence, home court; None: 0.
        penalty: of the ridge, in possessions.
        errors: whether to compute standard errors, which take longer than the impacts.
    """
    n = len(evidence.games)
    system = evidence.gram.copy()
    ends = np.arange(2 * n)
    system[ends, ends] += penalty
    system[2 * n, 2 * n] += 1.0  # keeps the system regular if all games are at neutral sites
    start = np.zeros(2 * n + 1) if centre is None else centre
    with threadpool_limits(1, user_api="blas"):  # sums in one order: the same bits on any number of cores
        factor = sl.cho_factor(system, lower=True, check_finite=False)
        solution = start + sl.cho_solve(factor, evidence.right - evidence.gram @ start, check_finite=False)
        error = _errors(factor[0], evidence.possessions.sum(1)) if errors else np.full(n, np.nan)
    weight = evidence.possessions / evidence.possessions.sum(0)
    offence, defence = solution[:n], solution[n : 2 * n]
    return Impact(offence - weight[:, 0] @ offence, defence - weight[:, 1] @ defence, error, float(solution[2 * n]))


def _errors(factor: Floats, possessions: Floats) -> Floats:
    """Standard error of offence + defence less the league's mean, from the Cholesky factor of the system."""
    n = len(possessions)
    inverse, info = sl.lapack.dpotri(factor, lower=1)
    if info:
        raise np.linalg.LinAlgError(f"dpotri failed ({info}) on {len(factor)} unknowns")
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    net = inverse[:n, :n] + inverse[n : 2 * n, n : 2 * n] + inverse[:n, n : 2 * n] + inverse[n : 2 * n, :n]
    weight = possessions / possessions.sum()
    with_mean = net @ weight
    variance = np.diag(net) - 2 * with_mean + weight @ with_mean
    return np.asarray(config.POINTS_SD * np.sqrt(np.maximum(variance, 0.0)))
