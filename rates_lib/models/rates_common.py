"""Names, bounds, figures and metadata of the nine per-minute means, shared by both recipes of `rates_v1`.

Belongs here: what both recipes must do alike to be comparable. Does not belong here: fits (`rates.py`: plain, `rates_offset.py`: offset).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from rates_lib.core.metrics import mse, poisson_deviance
from rates_lib.models.boosting import Floats
from rates_lib.models.bundle import describe_run
from rates_lib.models.config import OffsetConfig, RatesConfig
from rates_lib.models.contract import PLAYER_KEY, mean_figure
from rates_lib.models.windows import Windows
from rates_lib.schemas.columns import COLUMNS, RATE_TARGETS

MODEL = "rates_v1"
METRIC = "mean_poisson_deviance"
PER_MIN_TARGETS = tuple(f"{t}_per_min" for t in RATE_TARGETS)
LABELS = ("minutes_actual", *PER_MIN_TARGETS)


def described(
    config: RatesConfig | OffsetConfig,
    feature_set: str,
    windows: Windows,
    known: pl.DataFrame,
    features: Sequence[str],
    rounds: dict[str, int],
    metrics: dict[str, dict[str, float]],
) -> dict[str, Any]:
    """Metadata of a run of either recipe; `known` holds the rows of the final fit."""
    return describe_run(
        model=MODEL,
        config=config,
        windows=windows,
        data=known.select(*PLAYER_KEY, "game_date", *LABELS, *features),
        rows=known,
        key=PLAYER_KEY,
        labels=LABELS,
        features=features,
        rounds=rounds,
        metrics=metrics,
        metric=METRIC,
        metric_cal=mean_figure(metrics, "poisson_deviance_cal"),
        metric_val=mean_figure(metrics, "poisson_deviance_val"),
        feature_set=feature_set,
    )


def clipped(rate: Floats, target: str) -> Floats:
    """`rate` within the bounds of its column."""
    spec = COLUMNS[f"{target}_mean"]
    return np.clip(rate, spec.lo, spec.hi)


def figures(part: str, minutes: Floats, rate: Floats, predicted: Floats) -> dict[str, float]:
    """Figures of one target on one part: Poisson deviance of the count given actual minutes, L2 of the rate, actual over expected count."""
    count = np.rint(minutes * rate)  # the label is count / minutes
    expected = minutes * predicted
    return {
        f"poisson_deviance_{part}": poisson_deviance(count, expected),
        f"l2_{part}": mse(rate, predicted),
        f"actual_over_expected_{part}": float(count.sum() / max(expected.sum(), 1e-9)),
    }
