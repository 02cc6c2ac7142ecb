"""Error measures: plain functions of arrays of equal length.

Belongs here: formulas with their source. Does not belong here: selection of the measured rows (`evaluation/`).
All take arrays of shape (n,), n >= 1, without NaN. `*_losses` give one loss per row, the others one float.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEAN_FLOOR = 1e-3
"""Least expected count in `poisson_deviance`: a prediction of 0 with one event would cost infinity, with this floor about 12."""


def poisson_losses(count: Floats, mean: Floats, floor: float = MEAN_FLOOR) -> Floats:
    """Poisson deviance of each row, 2 (y log(y / m) - y + m) (McCullagh & Nelder 1989, 2.3).

    Args:
        count: observed counts, >= 0.
        mean: expected counts; values below `floor` are raised to it.
        floor: least expected count.
    """
    m = np.maximum(mean, floor)
    y_log = np.where(count > 0, count * np.log(np.where(count > 0, count, 1.0) / m), 0.0)
    return np.asarray(2 * (y_log - count + m), dtype=np.float64)


def poisson_deviance(count: Floats, mean: Floats, floor: float = MEAN_FLOOR) -> float:
    """Mean of `poisson_losses`."""
    return float(np.mean(poisson_losses(count, mean, floor)))


def actual_over_expected(count: Floats, mean: Floats) -> float:
    """Observed counts / expected counts; 1 is unbiased."""
    return float(count.sum() / max(mean.sum(), 1e-9))


def absolute_losses(actual: Floats, predicted: Floats) -> Floats:
    """Absolute error of each row."""
    return np.asarray(np.abs(actual - predicted), dtype=np.float64)


def mae(actual: Floats, predicted: Floats) -> float:
    """Mean absolute error."""
    return float(np.mean(absolute_losses(actual, predicted)))


def pinball(actual: Floats, quantile: Floats, share: float) -> float:
    """Mean pinball loss of a quantile, max(q (y - x), (q - 1)(y - x)); half the absolute error for the median.

    Source: Koenker & Bassett 1978.
    """
    over = actual - quantile
    return float(np.mean(np.maximum(share * over, (share - 1) * over)))


def mse(actual: Floats, predicted: Floats) -> float:
    """Mean squared error."""
    return float(np.mean((actual - predicted) ** 2))


def rmse(actual: Floats, predicted: Floats) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(mse(actual, predicted)))


def bias(actual: Floats, predicted: Floats) -> float:
    """Mean of predicted minus actual."""
    return float(np.mean(predicted - actual))


def coverage(actual: Floats, low: Floats, high: Floats) -> float:
    """Share of values within [low, high], inclusive."""
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


def brier_losses(happened: Floats, prob: Floats) -> Floats:
    """Squared error of the probability of a 0/1 outcome, each row."""
    return np.asarray((prob - happened) ** 2, dtype=np.float64)


def brier(happened: Floats, prob: Floats) -> float:
    """Mean of `brier_losses` (Brier 1950)."""
    return float(np.mean(brier_losses(happened, prob)))


def log_losses(happened: Floats, prob: Floats, clip: float = 1e-3) -> Floats:
    """Negative log likelihood of each row; probabilities are clipped to [clip, 1 - clip] so that one surprise is not infinite."""
    p = np.clip(prob, clip, 1 - clip)
    return np.asarray(-(happened * np.log(p) + (1 - happened) * np.log(1 - p)), dtype=np.float64)


def log_loss(happened: Floats, prob: Floats, clip: float = 1e-3) -> float:
    """Mean of `log_losses`."""
    return float(np.mean(log_losses(happened, prob, clip)))
