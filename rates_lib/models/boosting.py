"""LightGBM, called in one way only: the same rows and settings give the same bytes.

Belongs here: matrices, datasets, fits, predictions. Does not belong here: what is fitted on which rows (`minutes.py`, `rates.py`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.errors import SchemaError
from rates_lib.models.config import Patient, TreeConfig

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
        "feature_pre_filter": False,  # so that fits with other leaves can share one binning
        "verbosity": -1,
    }


def matrix(frame: pl.DataFrame, features: Sequence[str]) -> Floats:
    """Feature matrix (rows of `frame` x features), null as NaN.

    Raises:
        SchemaError: names the features that `frame` lacks.
    """
    missing = [f for f in features if f not in frame.columns]
    if missing:
        raise SchemaError(
            f"features {', '.join(missing)} are not in the frame: build it with rates_lib.features, or retrain on the present features"
        )
    # one contiguous block per row: LightGBM walks rows, and a column-major frame would be copied on every call
    return np.ascontiguousarray(frame.select(pl.col(list(features)).cast(pl.Float64)).to_numpy())


def floats(frame: pl.DataFrame, column: str) -> Floats:
    """One column as an array, null as NaN."""
    return np.asarray(frame[column].cast(pl.Float64).to_numpy(), dtype=np.float64)


def dataset(x: Floats, features: Sequence[str], params: Mapping[str, Any], reference: lgb.Dataset | None = None) -> lgb.Dataset:
    """Binned dataset without labels: each fit sets its own, so that many targets share one binning."""
    made = lgb.Dataset(x, label=np.zeros(len(x)), feature_name=list(features), params=dict(params), reference=reference)
    return made.construct()


Part = tuple[lgb.Dataset, Floats] | tuple[lgb.Dataset, Floats, Floats]
"""Dataset and labels, and where the fit starts from (raw score) if not from a constant."""


def fit_early(params: Mapping[str, Any], train: Part, val: Part, config: Patient, max_rounds: int | None = None) -> lgb.Booster:
    """Fit `train` until `config.patience` rounds bring nothing on `val`; `best_iteration` has the rounds found.

    At most `max_rounds`; those of `config` if None.
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
    """Predictions, one per row of `x` (`raw`: before the link function); LightGBM refuses a matrix without rows, so that is answered here.

    What a fit started from (`init_score`) is not in it: LightGBM does not keep it, the caller adds it.
    """
    if not len(x):
        return np.empty(0)
    return np.asarray(booster.predict(x, num_threads=num_threads, raw_score=raw), dtype=np.float64)
