"""Error measures: plain functions of arrays of equal length, one float each.

Belongs here: formulas with their source. Does not belong here: which rows are measured (`baseline.py`).
All take arrays of shape (n,), n >= 1, without NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEAN_FLOOR = 1e-3
"""Least expected count in `poisson_deviance`: a prediction of 0 with one event would cost infinity, with this floor about 12."""


def poisson_deviance(count: Floats, mean: Floats, floor: float = MEAN_FLOOR) -> float:
    """Mean Poisson deviance 2 (y log(y / m) - y + m) (McCullagh & Nelder 1989, 2.3).

    Args:
        count: events counted, >= 0.
        mean: events expected; raised to `floor` where below it.
        floor: least expected count.
    """
    m = np.maximum(mean, floor)
    y_log = np.where(count > 0, count * np.log(np.where(count > 0, count, 1.0) / m), 0.0)
    return float(np.mean(2 * (y_log - count + m)))


def mae(actual: Floats, predicted: Floats) -> float:
    """Mean absolute error."""
    return float(np.mean(np.abs(actual - predicted)))


def rmse(actual: Floats, predicted: Floats) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.mean((actual - predicted) ** 2)))


def bias(actual: Floats, predicted: Floats) -> float:
    """Mean of predicted minus actual."""
    return float(np.mean(predicted - actual))


def coverage(actual: Floats, low: Floats, high: Floats) -> float:
    """Share of values within [low, high], bounds included."""
    return float(np.mean((actual >= low) & (actual <= high)))


def width(low: Floats, high: Floats) -> float:
    """Mean width of the band."""
    return float(np.mean(high - low))


def winkler(actual: Floats, low: Floats, high: Floats, share: float = 0.8) -> float:
    """Mean Winkler (interval) score of a central band: width plus 2 / (1 - share) per unit outside it; lower is better.

    Source: Winkler 1972; Gneiting & Raftery 2007, eq. 43.
    """
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return float(np.mean(high - low + 2 / (1 - share) * outside))


def brier(happened: Floats, prob: Floats) -> float:
    """Mean squared error of probabilities of a 0/1 outcome."""
    return float(np.mean((prob - happened) ** 2))


def log_loss(happened: Floats, prob: Floats, clip: float = 1e-3) -> float:
    """Mean negative log likelihood; probabilities are clipped to [clip, 1 - clip] so that one surprise is not infinite."""
    p = np.clip(prob, clip, 1 - clip)
    return float(-np.mean(happened * np.log(p) + (1 - happened) * np.log(1 - p)))
