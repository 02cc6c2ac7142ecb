"""Clusters with stable identities: k-means regularised towards earlier centres, with missing features.

    centre_k = (a c_k + sum of x_i) / (a + n_k)        over the n_k rows nearest to k
    p_ik     = exp(-d_ik / 2t) / sum over l of exp(-d_il / 2t)

with c the earlier centres, a their weight in rows, d squared distances and t a temperature. The first is the posterior mean of a centre
under a normal prior (Fraley & Raftery 2007, "Bayesian regularization for normal mixture estimation"), so a cluster drifts with the league
but never jumps or disappears. A missing feature is left out of a distance, which is then scaled up to all features (partial distances,
Hathaway & Bezdek 2001, "Fuzzy c-means clustering of incomplete data").

Belongs here: the arithmetic, on arrays. Does not belong here: the features, names of clusters (`features/player_role.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_ROUNDS = 100
SPREAD_LIMIT = 3.0  # robust standard deviations; scores are clipped at it


def robust_scores(x: Floats, among: NDArray[np.bool_]) -> Floats:
    """`x` (rows, features) in robust standard deviations from the median of the rows `among`, within SPREAD_LIMIT; NaN stays.

    A feature that is missing for all of them, or does not vary among them, is NaN.
    """
    scores = np.full_like(x, np.nan)
    for j in range(x.shape[1]):
        known = x[among & ~np.isnan(x[:, j]), j]
        if not len(known):
            continue
        low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
        if high > low:
            scores[:, j] = np.clip((x[:, j] - middle) / ((high - low) / 1.349), -SPREAD_LIMIT, SPREAD_LIMIT)
    return scores


def partial_distances(x: Floats, centres: Floats, weight: Floats) -> Floats:
    """Squared distances (rows, centres) over the features known on both sides, scaled up to the weight of all; 0 if none is known."""
    apart = x[:, None, :] - centres[None, :, :]
    known = ~np.isnan(apart)
    near = (np.where(known, apart, 0.0) ** 2 * weight).sum(axis=2)
    share = (known * weight).sum(axis=2) / weight.sum()
    return np.asarray(np.where(share > 0, near / np.where(share > 0, share, 1.0), 0.0), dtype=np.float64)


def anchored_means(x: Floats, anchors: Floats, weight: Floats, strength: float) -> Floats:
    """Centres of k-means that starts from `anchors` and is regularised towards them.

    Args:
        x: (rows, features), NaN where unknown.
        anchors: (clusters, features); NaN for a feature that the cluster has not had so far: its centre is then the mean of its rows.
        weight: (features,) of the squared distance.
        strength: weight of an anchor, in rows.

    Returns:
        (clusters, features), in the order of `anchors`; a cluster without rows keeps its centre.
    """
    centres = anchors.copy()
    before = np.full(len(x), -1)
    for _ in range(MOST_ROUNDS):
        nearest = partial_distances(x, centres, weight).argmin(axis=1)
        if (nearest == before).all():
            break
        before = nearest
        for k in range(len(anchors)):
            rows = x[nearest == k]
            known = ~np.isnan(rows)
            held = np.where(np.isnan(anchors[k]), 0.0, strength)
            total = held * np.nan_to_num(anchors[k]) + np.where(known, rows, 0.0).sum(axis=0)
            behind = held + known.sum(axis=0)
            centres[k] = np.where(behind > 0, total / np.where(behind > 0, behind, 1.0), np.nan)
    return centres


def matched(centres: Floats, to: Floats, weight: Floats) -> Ints:
    """One-to-one match of `centres` to `to` with the least total distance (Kuhn 1955): `centres[result]` is in the order of `to`."""
    _, order = linear_sum_assignment(partial_distances(to, centres, weight))
    return np.asarray(order, dtype=np.int64)


def memberships(distances: Floats, temperature: float) -> Floats:
    """Probabilities (rows, clusters) from squared distances; they sum to 1."""
    logit = -(distances - distances.min(axis=1, keepdims=True)) / (2 * temperature)
    odds = np.exp(logit)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float64)
