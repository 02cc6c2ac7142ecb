"""`rates_v1`: nine per-minute means (north star, sections 5 and 6). Holds the spec and the recipe `plain`, the permanent baseline.

The recipe that serves is in `rates_offset.py`.

plain: L2 on the raw rate of the game, unweighted, one LightGBM regressor per target. Rows under a minute are left out: one rebound in
three seconds is a rate of 20, and an L2 fit bends to it. The validation rows set the number of rounds; the calibration rows only give
figures; the final fit takes all rows before the window.

Belongs here: training and prediction of rates. Does not belong here: features (`features/`), files (`bundle.py`), the choice of a run
(`registry.py`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.models.boosting import base_params, dataset, fit_early, fit_final, floats, matrix, predict
from rates_lib.models.bundle import Bundle, require_model
from rates_lib.models.config import OffsetConfig, RatesConfig
from rates_lib.models.contract import PLAYER_KEY, Baseline, ModelSpec
from rates_lib.models.feature_sets import RATES_FEATURE_SETS
from rates_lib.models.rates_common import METRIC, MODEL, PER_MIN_TARGETS, clipped, described, figures
from rates_lib.models.rates_offset import predict_offset, train_offset
from rates_lib.models.windows import split_windows
from rates_lib.schemas.columns import RATE_TARGETS


def train_rates(training_base: pl.DataFrame, window: date, feature_set: str, config: RatesConfig | None = None) -> Bundle:
    """Train the nine regressors for one retrain window.

    Args:
        training_base: rows of gold.rates_training_base, in any order; rows from `window` on are not read.
        window: first day the model may be used on.
        feature_set: stage0 or stage2.
        config: settings; the defaults if None.

    Returns:
        A bundle whose bytes depend on the rows before the window, the settings and the code alone.

    Raises:
        RatesError: if the feature set does not exist, or fewer than three days with rows lie before the window.
        SchemaError: if a feature is missing.
    """
    config = config or RatesConfig()
    if feature_set not in RATES_FEATURE_SETS:
        raise RatesError(f"feature set {feature_set!r} does not exist: choose from {', '.join(RATES_FEATURE_SETS)}")
    features = RATES_FEATURE_SETS[feature_set]
    known = training_base.filter((pl.col("game_date") < window) & (pl.col("minutes_actual") >= config.min_minutes)).sort(PLAYER_KEY)
    windows = split_windows(known["game_date"], window, config.windows)
    parts = {name: windows.part(known, name) for name in ("train", "cal", "val")}
    x = {name: matrix(part, features) for name, part in parts.items()}
    params = {**base_params(config.trees), "objective": "regression", "metric": "l2"}
    train = dataset(x["train"], features, params)
    val = dataset(x["val"], features, params, reference=train)
    y = {name: {t: floats(part, t) for t in PER_MIN_TARGETS} for name, part in parts.items()}
    early = {t: fit_early(params, (train, y["train"][t]), (val, y["val"][t]), config) for t in PER_MIN_TARGETS}
    rounds = {t: booster.best_iteration for t, booster in early.items()}
    metrics: dict[str, dict[str, float]] = {t: {} for t in PER_MIN_TARGETS}
    for t, booster in early.items():
        for name in ("cal", "val"):
            rate = clipped(predict(booster, x[name], config.trees.num_threads), t)
            metrics[t] |= figures(name, floats(parts[name], "minutes_actual"), y[name][t], rate)
    del train, val, x
    full = dataset(matrix(known, features), features, params)
    models = {t: fit_final(params, (full, floats(known, t)), rounds[t]) for t in PER_MIN_TARGETS}
    return Bundle(models, list(features), described(config, feature_set, windows, known, features, rounds, metrics))


def predict_rates(df_features: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """Per-minute means.

    Args:
        df_features: holds the bundle's `feature_cols`; other columns are ignored. Nulls are allowed.
        bundle: a run of rates_v1.

    Returns:
        `fga2_per_min_mean` … `blk_per_min_mean`, row-aligned with `df_features`; within the bounds of `columns.py`, never null.

    Raises:
        SchemaError: names the features that are missing.
    """
    require_model(bundle, MODEL)
    if bundle.meta["recipe"] == OffsetConfig.recipe:
        return predict_offset(df_features, bundle)
    x = matrix(df_features, bundle.feature_cols)
    return pl.DataFrame({f"{t}_mean": clipped(predict(bundle.models[t], x, bundle.num_threads), t) for t in PER_MIN_TARGETS})


SPEC = ModelSpec(
    name=MODEL,
    config=OffsetConfig,
    train=train_offset,
    predict=predict_rates,
    outputs=tuple(f"{target}_mean" for target in PER_MIN_TARGETS),
    metric=METRIC,
    metric_text="mean Poisson deviance",
    summary="Fit the nine rates on everything before the month; once a season also the plain baseline.",
    description="{target} per minute, for the games of a month; in a season's first month the plain baseline beside it",
    assets=dict(zip(PER_MIN_TARGETS, RATE_TARGETS, strict=True)),
    tuned=True,
    searched={target: target for target in RATE_TARGETS},
    baselines=tuple(
        Baseline(f"plain_{name}", RatesConfig, lambda rows, window, config, name=name: train_rates(rows, window, name, config))  # type: ignore[misc]
        for name in RATES_FEATURE_SETS
    ),
)
