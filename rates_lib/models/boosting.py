"""All calls of LightGBM, set up so that the same rows and settings give the same bytes.

Belongs here: matrices, datasets, fits, predictions. Does not belong here: targets and training rows (`minutes.py`, `rates.py`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.models.config import Patient, TreeConfig
from rates_lib.models.feature_sets import require_columns

Floats = NDArray[np.float64]


def base_params(trees: TreeConfig) -> dict[str, Any]:
    """LightGBM parameters shared by all fits of a run (without objective and metric)."""
    return dataclasses.asdict(trees) | {
        "boosting_type": "gbdt",
        "bagging_seed": trees.seed,
        "feature_fraction_seed": trees.seed,
        "data_random_seed": trees.seed,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,  # so that fits with other `min_data_in_leaf` can share one binning
        "verbosity": -1,
    }


def matrix(frame: pl.DataFrame, features: Sequence[str]) -> Floats:
    """Feature matrix (rows of `frame` x features), null as NaN.

    Raises:
        SchemaError: names the missing features.
    """
    require_columns(frame, features, "the model", "build the frame with rates_lib.features, or retrain on its present features")
    # one contiguous block per row: LightGBM walks rows, and a column-major frame would be copied on every call
    return np.ascontiguousarray(frame.select(pl.col(list(features)).cast(pl.Float64)).to_numpy())


def floats(frame: pl.DataFrame, column: str) -> Floats:
    """One column as an array, null as NaN."""
    return np.asarray(frame[column].cast(pl.Float64).to_numpy(), dtype=np.float64)


def dataset(x: Floats, features: Sequence[str], params: Mapping[str, Any], reference: lgb.Dataset | None = None) -> lgb.Dataset:
    """Binned dataset, in the bins of `reference` if given. Each fit sets its own labels, so that many targets share one binning."""
    return lgb.Dataset(x, label=np.zeros(len(x)), feature_name=list(features), params=dict(params), reference=reference).construct()


Part = tuple[lgb.Dataset, Floats] | tuple[lgb.Dataset, Floats, Floats]
"""Dataset, labels, and the raw score that the fit starts from if not a constant."""


def fit_early(params: Mapping[str, Any], train: Part, val: Part, config: Patient, max_rounds: int | None = None) -> lgb.Booster:
    """Fit `train` until `config.patience` rounds in a row do not improve `val`; `best_iteration` is the best number of rounds.

    At most `max_rounds` rounds; `config.max_rounds` if None.
    """
    _label(train)
    _label(val)
    stop = lgb.early_stopping(config.patience, verbose=False)
    rounds = config.max_rounds if max_rounds is None else max_rounds
    return lgb.train(dict(params), train[0], num_boost_round=rounds, valid_sets=[val[0]], callbacks=[stop])


def fit_final(params: Mapping[str, Any], train: Part, rounds: int) -> lgb.Booster:
    """Fit a given number of rounds."""
    _label(train)
    return lgb.train(dict(params), train[0], num_boost_round=rounds)


def _label(part: Part) -> None:
    part[0].set_label(part[1])
    part[0].set_init_score(part[2] if len(part) == 3 else None)


def predict(booster: lgb.Booster, x: Floats, num_threads: int, *, raw: bool = False) -> Floats:
    """Predictions, one per row of `x`; `raw`: before the link function.

    LightGBM does not store the score that a fit started from (`init_score`): the caller adds it.
    """
    if not len(x):  # LightGBM refuses a matrix without rows
        return np.empty(0)
    return np.asarray(booster.predict(x, num_threads=num_threads, raw_score=raw), dtype=np.float64)
