"""What each feature did to one prediction: TreeSHAP (Lundberg et al. 2020), exactly additive in the scale that a booster adds up in.

Belongs here: contributions of columns, and what they come to in the unit that is read. Does not belong here: words (`explain_words.py`),
which model explains what (`explain.py`).
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
    """One row through one booster.

    Attributes:
        base: mean of the booster's raw output, what all rows start from.
        by_column: contribution of each column, raw scale; base + their sum is the raw prediction.
    """

    base: float
    by_column: Mapping[str, float]


@dataclass(frozen=True)
class Scale:
    """What a booster's sum is the logarithm, the log-odds or the value of.

    Attributes:
        name: identity, log or logit.
        to_raw: value to the scale that adds up.
        from_raw: its inverse.
        slope: derivative of `from_raw` at a value.
    """

    name: str
    to_raw: Callable[[float], float]
    from_raw: Callable[[float], float]
    slope: Callable[[float], float]

    def unit_slope(self, start: float, end: float) -> float:
        """Units of value per unit of raw sum between two values, so that amounts = raw x this add up to end - start exactly.

        For a logarithm that is the logarithmic mean of both (the LMDI decomposition, Ang 2005).
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
        booster: a booster of a bundle; what its fit started from (`init_score`) is not in it.
        row: one row with `columns`.
        columns: columns in the order the booster reads them.
        num_threads: threads.

    Raises:
        RatesError: if `row` is not one row.
        SchemaError: names the columns that are missing.
    """
    if row.height != 1:
        raise RatesError(f"one row can be explained at a time, not {row.height}")
    found: Floats = np.asarray(booster.predict(matrix(row, columns), pred_contrib=True, num_threads=num_threads), dtype=np.float64)[0]
    return Contributions(float(found[-1]), dict(zip(columns, map(float, found[:-1]), strict=True)))
