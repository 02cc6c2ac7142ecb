"""Contribution of each feature to one prediction: TreeSHAP (Lundberg et al. 2020), additive on the booster's raw scale.

Belongs here: contributions of columns, and their conversion to the unit of the prediction. Does not belong here: text
(`questions/explain/words.py`), the model that explains a figure (`questions/explain/accounts.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.models.boosting import Floats, matrix


@dataclass(frozen=True)
class Contributions:
    """Contributions to the prediction of one booster for one row.

    Attributes:
        base: mean raw output of the booster, the starting point of all rows.
        by_column: contribution of each column on the raw scale; base plus their sum is the raw prediction.
    """

    base: float
    by_column: Mapping[str, float]


@dataclass(frozen=True)
class Scale:
    """Link between the raw scale of a booster and the value that it predicts.

    Attributes:
        name: identity, log or logit.
        to_raw: function from value to raw scale.
        from_raw: its inverse.
        slope: derivative of `from_raw`, as a function of the value.
    """

    name: str
    to_raw: Callable[[float], float]
    from_raw: Callable[[float], float]
    slope: Callable[[float], float]

    def unit_slope(self, start: float, end: float) -> float:
        """Units of value per unit of raw scale between two values, so that raw x this adds up to end - start exactly.

        For a logarithm this is the logarithmic mean of both values (LMDI decomposition, Ang 2005).
        """
        raw = self.to_raw(end) - self.to_raw(start)
        return (end - start) / raw if abs(raw) > 1e-9 else self.slope(start)


def _identity(value: float) -> float:
    return value


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _expit(raw: float) -> float:
    return 1 / (1 + math.exp(-raw))


IDENTITY = Scale("identity", _identity, _identity, lambda _: 1.0)
LOG = Scale("log", math.log, math.exp, _identity)
LOGIT = Scale("logit", _logit, _expit, lambda share: share * (1 - share))


def contributions(booster: lgb.Booster, row: pl.DataFrame, columns: Sequence[str], num_threads: int) -> Contributions:
    """TreeSHAP of one row.

    Args:
        booster: a booster of a bundle; it does not hold the score that its fit started from (`init_score`).
        row: one row with `columns`.
        columns: columns in the order the booster reads them.
        num_threads: number of threads.

    Raises:
        RatesError: if `row` has not exactly one row.
        SchemaError: names the missing columns.
    """
    if row.height != 1:
        raise RatesError(f"{row.height} rows cannot be explained at once: pass one row")
    shap: Floats = np.asarray(booster.predict(matrix(row, columns), pred_contrib=True, num_threads=num_threads), dtype=np.float64)[0]
    return Contributions(float(shap[-1]), dict(zip(columns, map(float, shap[:-1]), strict=True)))
