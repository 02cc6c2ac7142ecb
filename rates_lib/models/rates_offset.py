"""`rates_v1:offset`: the recipe of the nine per-minute means that serves.

For each target a Poisson booster of the *count*, offset by the expected count:

    log E[count] = log(minutes) + log(prior rate) + trees(features)

The prior rate is a fixed mix of the shrunk, decayed rates at half-lives 10 and 30 (`features/player_rates.py`). LightGBM takes the
offset as `init_score` and does not add it back at prediction, so predictions are rate = prior rate x exp(trees). In a share of training
team-games the announced starters are hidden.

Belongs here: training and prediction of the recipe. Does not belong here: what both recipes share (`rates_common.py`), lists of columns
(`feature_sets.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from rates_lib.models.boosting import Floats, base_params, dataset, fit_early, fit_final, floats, matrix, predict
from rates_lib.models.bundle import Bundle
from rates_lib.models.config import OffsetConfig, config_from_dict
from rates_lib.models.contract import PLAYER_KEY, mask_starters
from rates_lib.models.feature_groups import without_groups
from rates_lib.models.feature_sets import RATES_FEATURES
from rates_lib.models.rates_common import PER_MIN_TARGETS, clipped, described, figures
from rates_lib.models.windows import Windows, split_windows
from rates_lib.schemas.columns import RATE_TARGETS

_LEAST_RATE = 1e-4


def train_offset(training: pl.DataFrame, window: date, config: OffsetConfig | None = None) -> Bundle:
    """Train the nine boosters for one retrain window.

    Args:
        training: rows of gold.player_game_training, in any order; rows from `window` on are not read.
        window: first day the model may be used on.
        config: settings; the defaults if None.

    Returns:
        A bundle whose bytes depend on the rows before the window, the settings and the code alone.

    Raises:
        RatesError: if fewer than three days with rows lie before the window.
        SchemaError: if a feature is missing.
    """
    config = config or OffsetConfig()
    columns = without_groups(RATES_FEATURES, config.drop_groups)
    known, masked, windows = rows_before(training, window, config)
    parts = {name: windows.part(known, name) for name in ("cal", "val")}
    train = binned(windows.part(masked, "train"), columns, config)
    val = binned(parts["val"], columns, config, train)
    whole = binned(masked, columns, config)
    matrices = {name: matrix(part, columns) for name, part in parts.items()}
    rounds: dict[str, int] = {}
    metrics: dict[str, dict[str, float]] = {}
    models, early_models = {}, {}
    for t, target in zip(RATE_TARGETS, PER_MIN_TARGETS, strict=True):
        settings = config.of(t)
        early = fit_target(train, val, t, settings)
        rounds[target], early_models[target] = early.best_iteration, early
        metrics[target] = {}
        for name, part in parts.items():
            rate = predict_target(early, part, matrices[name], t, settings)
            metrics[target] |= figures(name, floats(part, "minutes_actual"), floats(part, target), rate)
        models[target] = fit_final(_params(settings), (whole.data, *_label(whole.rows, t, settings)), max(rounds[target], 1))
    return Bundle(models, list(columns), described(config, "all", windows, known, columns, rounds, metrics), early_models)


def rows_before(training: pl.DataFrame, window: date, config: OffsetConfig) -> tuple[pl.DataFrame, pl.DataFrame, Windows]:
    """The rows that a fit for `window` may learn from, the same with the starters hidden in a share of team-games, and the windows.

    Raises:
        RatesError: if fewer than three days with rows lie before the window.
    """
    known = training.filter((pl.col("game_date") < window) & (pl.col("minutes_actual") >= config.min_minutes)).sort(PLAYER_KEY)
    return known, mask_starters(known, config), split_windows(known["game_date"], window, config.windows)


@dataclass(frozen=True)
class Binned:
    """Rows and their binned features, for the fits of all targets."""

    rows: pl.DataFrame
    data: lgb.Dataset


def binned(rows: pl.DataFrame, columns: Sequence[str], config: OffsetConfig, reference: Binned | None = None) -> Binned:
    """`rows` in bins of their own, or in the bins of `reference`, which rows for early stopping need."""
    params = base_params(config.trees)
    return Binned(rows, dataset(matrix(rows, columns), columns, params, reference.data if reference else None))


def fit_target(train: Binned, val: Binned, target: str, settings: OffsetConfig) -> lgb.Booster:
    """Booster of one of RATE_TARGETS on `train`, stopped early on `val`.

    Args:
        train: part train of the masked rows of `rows_before`.
        val: part val of its known rows, in the bins of `train`.
        target: one of RATE_TARGETS.
        settings: settings of the target (`OffsetConfig.of`).
    """
    fitted, stop = ((part.data, *_label(part.rows, target, settings)) for part in (train, val))
    return fit_early(_params(settings), fitted, stop, settings)


def predict_target(booster: lgb.Booster, rows: pl.DataFrame, x: Floats, target: str, settings: OffsetConfig) -> Floats:
    """Rate per minute of one of RATE_TARGETS, one per row; `x` is the matrix of `rows`."""
    trees = predict(booster, x, settings.trees.num_threads, raw=True)
    return clipped(np.asarray(prior_rate(rows, target, settings.prior_hl10) * np.exp(trees), dtype=np.float64), f"{target}_per_min")


def predict_offset(df_features: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """`rates.predict_rates` for a bundle of this recipe."""
    config = config_from_dict(OffsetConfig, bundle.meta["config"])
    x = matrix(df_features, bundle.feature_cols)
    targets = zip(RATE_TARGETS, PER_MIN_TARGETS, strict=True)
    return pl.DataFrame({f"{m}_mean": predict_target(bundle.models[m], df_features, x, t, config.of(t)) for t, m in targets})


def prior_rate(rows: pl.DataFrame, target: str, prior_hl10: float) -> Floats:
    """The rate per minute that the trees start from, never 0."""
    rate = prior_hl10 * floats(rows, f"{target}_per_min_hl10") + (1 - prior_hl10) * floats(rows, f"{target}_per_min_hl30")
    return np.asarray(np.maximum(rate, _LEAST_RATE), dtype=np.float64)


def _label(rows: pl.DataFrame, target: str, config: OffsetConfig) -> tuple[Floats, Floats]:
    """Counts, and the log of the expected counts."""
    return floats(rows, target), np.log(floats(rows, "minutes_actual") * prior_rate(rows, target, config.prior_hl10))


def _params(settings: OffsetConfig) -> dict[str, Any]:
    return {**base_params(settings.trees), "objective": "poisson", "metric": "poisson"}
