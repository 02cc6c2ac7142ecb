"""What both recipes of `rates_v1` share: names, bounds, figures and metadata of the nine per-minute means.

Belongs here: what the recipes must do alike to be comparable. Does not belong here: fits (`rates.py`: plain, `rates_offset.py`: offset).
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
from rates_lib.models.fingerprint import frame_fingerprint
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
    """Metadata of a run of either recipe; `known` are the rows of the final fit."""
    parts = {name: windows.part(known, name) for name in ("train", "cal", "val")}
    return describe_run(
        model=MODEL,
        recipe=config.recipe,
        feature_set=feature_set,
        windows=windows,
        rows={name: part.height for name, part in parts.items()} | {"final": known.height},
        config=config,
        features=features,
        data_fingerprint=frame_fingerprint(known.select(*PLAYER_KEY, "game_date", *LABELS, *features), PLAYER_KEY),
        val_fingerprint=frame_fingerprint(parts["val"].select(*PLAYER_KEY, *LABELS), PLAYER_KEY),
        rounds=rounds,
        metrics=metrics,
        metric=METRIC,
        metric_cal=mean_figure(metrics, "poisson_deviance_cal"),
        metric_val=mean_figure(metrics, "poisson_deviance_val"),
    )


def clipped(rate: Floats, target: str) -> Floats:
    """`rate` within the bounds of its column."""
    spec = COLUMNS[f"{target}_mean"]
    return np.clip(rate, spec.lo, spec.hi)


def figures(part: str, minutes: Floats, rate: Floats, predicted: Floats) -> dict[str, float]:
    """Figures of one target on one part: Poisson deviance of the count given actual minutes, L2 of the rate, count over expected."""
    count = np.rint(minutes * rate)  # the label is count / minutes, so this is the count again
    expected = minutes * predicted
    return {
        f"poisson_deviance_{part}": poisson_deviance(count, expected),
        f"l2_{part}": mse(rate, predicted),
        f"actual_over_expected_{part}": float(count.sum() / max(expected.sum(), 1e-9)),
    }
