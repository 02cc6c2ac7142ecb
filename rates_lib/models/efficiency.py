"""`efficiency_v1`: 2P%, 3P% and FT% of a player in a game: the shrunk percentage, moved by opponent and context.

    logit E[made / tried] = logit(prior) + trees(features)

Cross-entropy on the share made, each row weighted by its shots. The prior is `fg2_pct_prior` (and likewise): the player's percentage of
this and the previous season, shrunk to the league. A percentage is mostly luck, so the trees take few, small steps.

Belongs here: training and prediction of percentages. Does not belong here: numbers of shots (`rates.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import lightgbm as lgb
import numpy as np
import polars as pl

from rates_lib.models.boosting import Floats, base_params, dataset, fit_early, fit_final, floats, matrix, predict
from rates_lib.models.bundle import Bundle, describe_run, require_model
from rates_lib.models.config import EfficiencyConfig
from rates_lib.models.contract import PLAYER_KEY, ModelSpec, mask_starters, mean_figure
from rates_lib.models.feature_groups import without_groups
from rates_lib.models.feature_sets import EFFICIENCY_FEATURES, SHOTS
from rates_lib.models.windows import split_windows

MODEL = "efficiency_v1"
METRIC = "mean_log_loss"
_LOW, _HIGH = 0.02, 0.98
_OBJECTIVE = {"objective": "cross_entropy", "metric": "cross_entropy"}


def train_efficiency(training: pl.DataFrame, window: date, config: EfficiencyConfig | None = None) -> Bundle:
    """Train the three boosters for one retrain window.

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
    config = config or EfficiencyConfig()
    columns = without_groups(EFFICIENCY_FEATURES, config.drop_groups)
    known = training.filter(pl.col("game_date") < window).sort(PLAYER_KEY)
    windows = split_windows(known["game_date"], window, config.windows)
    rounds: dict[str, int] = {}
    metrics: dict[str, dict[str, float]] = {}
    models, early_models = {}, {}
    for target, (made, tried) in SHOTS.items():
        shot = known.filter(pl.col(tried) > 0)
        masked = mask_starters(shot, config)
        train, parts = windows.part(masked, "train"), {name: windows.part(shot, name) for name in ("cal", "val")}
        settings = config.of(target)
        params = base_params(settings.trees) | _OBJECTIVE
        early = fit_target(train, parts["val"], target, columns, settings)
        rounds[target], early_models[target] = early.best_iteration, early
        metrics[target] = {}
        for name, part in parts.items():
            share = predict_target(early, part, target, columns, settings)
            n, k = floats(part, tried), floats(part, made)
            metrics[target] |= {
                f"log_loss_{name}": shot_log_loss(k, n, share),
                f"log_loss_prior_{name}": shot_log_loss(k, n, _expit(prior_logit(part, target))),
                f"actual_over_expected_{name}": float(k.sum() / max((n * share).sum(), 1e-9)),
            }
        full = dataset(matrix(masked, columns), columns, params).set_weight(floats(masked, tried))
        models[target] = fit_final(params, (full, *_label(masked, target)), max(rounds[target], 1))
    labels = tuple(c for shot in SHOTS.values() for c in shot)
    meta = describe_run(
        model=MODEL,
        config=config,
        windows=windows,
        data=known.select(*PLAYER_KEY, "game_date", *labels, *columns),
        rows=known,
        key=PLAYER_KEY,
        labels=labels,
        features=columns,
        rounds=rounds,
        metrics=metrics,
        metric=METRIC,
        metric_cal=mean_figure(metrics, "log_loss_cal"),
        metric_val=mean_figure(metrics, "log_loss_val"),
    )
    return Bundle(models, list(columns), meta, early_models)


def fit_target(train: pl.DataFrame, val: pl.DataFrame, target: str, columns: Sequence[str], settings: EfficiencyConfig) -> lgb.Booster:
    """Booster of one of SHOTS on `train`, stopped early on `val`; each row of both has tried that shot.

    Args:
        train: rows before a window, the starters hidden in a share of team-games.
        val: later rows before the window.
        target: one of SHOTS.
        columns: features.
        settings: settings of the target (`EfficiencyConfig.of`).
    """
    params, tried = base_params(settings.trees) | _OBJECTIVE, SHOTS[target][1]
    data = dataset(matrix(train, columns), columns, params).set_weight(floats(train, tried))
    stop = dataset(matrix(val, columns), columns, params, reference=data).set_weight(floats(val, tried))
    return fit_early(params, (data, *_label(train, target)), (stop, *_label(val, target)), settings)


def predict_target(booster: lgb.Booster, rows: pl.DataFrame, target: str, columns: Sequence[str], settings: EfficiencyConfig) -> Floats:
    """Share of shots made, one per row."""
    return _share(predict(booster, matrix(rows, columns), settings.trees.num_threads, raw=True), rows, target)


def predict_efficiency(df_features: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """Shooting percentages.

    Args:
        df_features: holds the bundle's `feature_cols` and the three `*_pct_prior`.
        bundle: a run of efficiency_v1.

    Returns:
        fg2_pct_mean, fg3_pct_mean, ft_pct_mean, row-aligned with `df_features`, between 0 and 1, never null.

    Raises:
        SchemaError: names the features that are missing.
    """
    require_model(bundle, MODEL)
    x = matrix(df_features, bundle.feature_cols)
    return pl.DataFrame({f"{t}_mean": _share(predict(bundle.models[t], x, bundle.num_threads, raw=True), df_features, t) for t in SHOTS})


def _label(rows: pl.DataFrame, target: str) -> tuple[Floats, Floats]:
    made, tried = SHOTS[target]
    return floats(rows, made) / floats(rows, tried), prior_logit(rows, target)


def prior_logit(rows: pl.DataFrame, target: str) -> Floats:
    """Log-odds of the prior percentage, which the trees start from."""
    share = np.clip(floats(rows, f"{target}_prior"), _LOW, _HIGH)
    return np.log(share / (1 - share))


def _share(trees: Floats, rows: pl.DataFrame, target: str) -> Floats:
    return _expit(trees + prior_logit(rows, target))


def _expit(z: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-z)), dtype=np.float64)


def shot_log_loss(made: Floats, tried: Floats, share: Floats) -> float:
    """Log loss per shot."""
    return float(-np.sum(made * np.log(share) + (tried - made) * np.log(1 - share)) / tried.sum())


SPEC = ModelSpec(
    name=MODEL,
    config=EfficiencyConfig,
    train=train_efficiency,
    predict=predict_efficiency,
    outputs=tuple(f"{target}_mean" for target in SHOTS),
    metric=METRIC,
    metric_text="log loss per shot",
    summary="Fit the three shooting percentages on everything before the month.",
    description="{target}: share of shots made, for the games of a month",
    assets={target: target for target in SHOTS},
    searched={target: target for target in SHOTS},
)
