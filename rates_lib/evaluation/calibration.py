"""Calibration of predictions: rows of evals.calibration.

Belongs here: slopes, deciles, reliability and shares of bands. Does not belong here: errors (`player.py`, on the same rows), text
(`reports/accuracy.py`).

slope         rates: Poisson regression of the count on the logarithm of its expectation given actual minutes, by segment
rate_slope    the same on the logarithm of the rate, with the logarithm of the minutes as a second regressor. Counts need not grow in
              proportion to minutes (a player who is taken off early has had more turnovers per minute); that moves the slope above,
              but is no error of the rate
decile        rates (expected count), minutes and box scores (given that the player plays): mean prediction and mean outcome of each
              tenth of the rows, ordered by prediction
reliability   probability to play, by segment: mean prediction and share that played, by bins of the prediction; 0 (ruled out) is a bin
              of its own
band          minutes, by segment: share of rows inside p10..p90, and below p10, p50 and p90 (a row on a quantile counts half)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core import metrics as m
from rates_lib.evaluation.player import Task, box_tasks, floats, minutes_tasks, rates_tasks
from rates_lib.evaluation.segments import ALL, segments
from rates_lib.schemas.tables import TABLES

Floats = m.Floats
Bools = NDArray[np.bool_]
DECILES = 10
RELIABILITY_EDGES = (0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95)
MIN_ROWS = 100
"""Fewest rows from which a slope is fitted."""

_MAX_STEPS = 50
_RowDict = dict[str, object]


def calibration_evals(scored: pl.DataFrame) -> pl.DataFrame:
    """Rows of evals.calibration for one season, sorted by key.

    Args:
        scored: result of `scored_season`.
    """
    masks = segments(scored)
    games = scored["game_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
    minutes, play_prob, _ = minutes_tasks(scored)
    rows: list[_RowDict] = []
    for task in rates_tasks(scored):
        for predictor in ("rates_v1", "rates_v1:plain"):
            for segment, mask in masks.items():
                rows += _slope(task, predictor, segment, mask, games)
                rows += _slope(task, predictor, segment, mask, games, floats(scored, "minutes"))
            rows += _deciles(task, predictor)
    for task in (minutes, *(box for box in box_tasks(scored) if not box.target.endswith("_expected"))):
        rows += _deciles(task, task.model)
    for predictor in play_prob.predictors:
        for segment, mask in masks.items():
            rows += _reliability(play_prob, predictor, segment, mask)
    band = {name: floats(scored, f"minutes_{name}") for name in ("p10", "p50", "p90")}
    for segment, mask in masks.items():
        rows += _band(minutes, band, segment, mask)
    spec, season = TABLES["evals.calibration"], scored["season"].item(0)
    return pl.DataFrame([{"season": season, **row} for row in rows], schema=spec.schema, orient="row").sort(spec.key)


def calibration_slope(count: Floats, expected: Floats, groups: NDArray[np.int64], exposure: Floats | None = None) -> tuple[float, float]:
    """Slope b of the Poisson regression count ~ exp(a + b log(expected)), and its standard error.

    With an exposure it is count ~ exp(a + b log(expected / exposure) + c log(exposure)): the slope of the rate alone.

    Maximum likelihood by iteratively reweighted least squares (McCullagh & Nelder 1989, 2.5); the slope of a regression of outcomes on
    predictions as a measure of calibration is Cox's (1958). The error is the sandwich over groups (Liang & Zeger 1986): counts vary more
    than a Poisson variable does, and rows of a game vary together.

    Args:
        count: events, shape (n,).
        expected: events expected, > 0; raised to `metrics.MEAN_FLOOR` where below it.
        groups: number of each row's group, from 0.
        exposure: minutes behind each count, > 0.

    Returns:
        (b, standard error); NaN where no slope can be fitted: no events, or all expectations (or rates, or exposures) equal.
    """
    logs = [np.log(np.maximum(expected, m.MEAN_FLOOR))]
    if exposure is not None:
        logs = [logs[0] - np.log(exposure), np.log(exposure)]
    if not count.any() or any(float(np.ptp(x)) < 1e-9 for x in logs):
        return float("nan"), float("nan")
    z = np.stack([np.ones_like(expected), *(x - x.mean() for x in logs)])  # centred, so that intercept and slopes are nearly uncorrelated
    beta = np.zeros(len(z))
    beta[0] = np.log(count.mean())
    inverse = np.zeros((len(z), len(z)))
    for _ in range(_MAX_STEPS):
        mu = np.exp(np.clip(beta @ z, -30, 30))
        inverse = np.linalg.inv(np.einsum("in,n,jn->ij", z, mu, z))
        step = inverse @ (z @ (count - mu))
        # a Newton step of more than 1 in the logarithm can overshoot; it is shortened to 1
        beta += step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < 1e-10:
            break
    residual = count - np.exp(np.clip(beta @ z, -30, 30))
    scores = np.stack([np.bincount(groups, weights=residual * row) for row in z])
    covariance = inverse @ np.einsum("ig,jg->ij", scores, scores) @ inverse
    return float(beta[1]), float(np.sqrt(covariance[1, 1]))


def _slope(
    task: Task, predictor: str, segment: str, mask: Bools, games: NDArray[np.int64], exposure: Floats | None = None
) -> Iterator[_RowDict]:
    chosen = task.complete & mask
    if not chosen.any() or predictor not in task.usable:
        return
    count, expected = task.actual[chosen], task.predictors[predictor][chosen]
    enough = len(count) >= MIN_ROWS
    minutes = None if exposure is None else exposure[chosen]
    slope, error = calibration_slope(count, expected, games[chosen], minutes) if enough else (float("nan"), float("nan"))
    figures = {"slope": None if np.isnan(slope) else slope, "slope_se": None if np.isnan(error) else error}
    kind = "slope" if exposure is None else "rate_slope"
    yield _row(task, predictor, segment, mask, kind, "all", expected, count) | figures


def _deciles(task: Task, predictor: str) -> Iterator[_RowDict]:
    everywhere = np.ones_like(task.eligible)
    if predictor not in task.usable or not task.complete.any():
        return
    actual, predicted = task.actual[task.complete], task.predictors[predictor][task.complete]
    for i, part in enumerate(np.array_split(np.argsort(predicted, kind="stable"), DECILES), start=1):
        if len(part):
            yield _row(task, predictor, ALL, everywhere, "decile", f"{i:02}", predicted[part], actual[part])


def _reliability(task: Task, predictor: str, segment: str, mask: Bools) -> Iterator[_RowDict]:
    chosen = task.complete & mask
    if not chosen.any() or predictor not in task.usable:
        return
    actual, predicted = task.actual[chosen], task.predictors[predictor][chosen]
    # 0 alone, then [0, .05), … the last with 1
    bins = np.where(predicted == 0, 0, 1 + np.searchsorted(RELIABILITY_EDGES, predicted, side="right"))
    names = ["0", *(f"{low:.2f}-{high:.2f}" for low, high in zip((0.0, *RELIABILITY_EDGES), (*RELIABILITY_EDGES, 1.0), strict=True))]
    for i, name in enumerate(names):
        part = bins == i
        if part.any():
            yield _row(task, predictor, segment, mask, "reliability", name, predicted[part], actual[part])


def _band(task: Task, band: Mapping[str, Floats], segment: str, mask: Bools) -> Iterator[_RowDict]:
    chosen = task.complete & mask & np.isfinite(list(band.values())).all(axis=0)
    if not chosen.any():
        return
    actual = task.actual[chosen]
    low, high = band["p10"][chosen], band["p90"][chosen]
    shares = {"inside": (0.8, m.coverage(actual, low, high))}
    for name, nominal in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        quantile = band[name][chosen]
        shares[f"below_{name}"] = (nominal, float(np.mean((actual < quantile) + 0.5 * (actual == quantile))))
    for name, (nominal, share) in shares.items():
        base = _row(task, "minutes_v1", segment, mask, "band", name, actual, actual)
        yield base | {"bin_low": None, "bin_high": None, "predicted": nominal, "actual": share}


def _row(task: Task, predictor: str, segment: str, mask: Bools, kind: str, name: str, predicted: Floats, actual: Floats) -> _RowDict:
    measured = int((task.complete & mask).sum())
    return {
        "model": task.model,
        "target": task.target,
        "segment": segment,
        "predictor": predictor,
        "kind": kind,
        "bin": name,
        "bin_low": float(predicted.min()),
        "bin_high": float(predicted.max()),
        "predicted": float(predicted.mean()),
        "actual": float(actual.mean()),
        "slope": None,
        "slope_se": None,
        "rows": len(actual),
        "rows_missing": int((task.eligible & mask).sum()) - measured,
    }
