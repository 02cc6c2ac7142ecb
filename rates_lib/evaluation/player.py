"""Accuracy of a season's predictions: rows of evals.player.

Belongs here: what is measured on which rows against which baselines. Does not belong here: how rows are built (`scored.py`,
`segments.py`), formulas (`core/metrics.py`, `intervals.py`), calibration (`calibration.py`), text (`reports/accuracy.py`).

All predictors of a target and segment are measured on the same rows: those for which every one of them has a value. `rows_missing`
counts the rows with an outcome that are left out; if no row remains, the value is null.

minutes_v1, minutes           rows that played: minutes_v1, :reconciled, :p50, :starters_hidden; decayed_mean, last5, season_mean
minutes_v1, play_prob         candidates of games with a real list (a proxy lists exactly the players who played): minutes_v1;
                              play_prob_prior
minutes_v1, minutes_expected  the same rows, 0 for players who did not play: minutes_v1 (play_prob x minutes_mean), :reconciled;
                              decayed_mean and last5, times the prior
minutes_v1, team_minutes      teams: their sums of expected minutes against 240
rates_v1, the nine rates      rows that played at least a minute, the count given actual minutes: rates_v1, :plain; decayed_prior,
                              season_to_date
player_box, a box score       rows that played: player_box (from reconciled minutes), :p50 (medians), :raw_minutes;
                              rates_v1:plain (its rates, our minutes),
                              decayed_means, season_to_date, actual_minutes (the floor: our rates with actual minutes)
player_box, <stat>_expected   as minutes_expected: player_box, :raw_minutes; decayed_means times the prior

Metrics `<loss>_minus_<baseline>` (for rates `poisson_deviance_over_<baseline>`) compare the product with another predictor; value_low and
value_high are a 95 % interval by bootstrap of games. `mean of nine` is the mean over the nine rates, of deviances and of ratios alike.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core import metrics as m
from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.core.stats import MEDIANS
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.evaluation.scored import BOX_STATS
from rates_lib.evaluation.segments import ALL, segments
from rates_lib.models.minutes import REAL_LISTS
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES

Floats = m.Floats
Bools = NDArray[np.bool_]
MIN_MINUTES = 1.0
MEAN_TARGET = "mean of nine"
EXPECTED_STATS = ("pts", "dk_points")
ROW_SETS = (ALL, *REAL_LISTS, "proxy", "starters_known")
"""Segments with intervals: those whose figures are compared with the design's."""

_RowDict = dict[str, object]
_ERRORS = ("mae", "rmse", "bias")
_METRICS: dict[str, Callable[[Floats, Floats], float]] = {
    "mae": m.mae,
    "rmse": m.rmse,
    "bias": m.bias,
    "brier": m.brier,
    "log_loss": m.log_loss,
    "poisson_deviance": m.poisson_deviance,
    "actual_over_expected": m.actual_over_expected,
}
_LOSSES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "mae": m.absolute_losses,
    "brier": m.brier_losses,
    "log_loss": m.log_losses,
    "poisson_deviance": m.poisson_losses,
}


@dataclass(frozen=True)
class Task:
    """One target and its predictors; arrays of shape (rows of the scored frame,).

    Attributes:
        model: the model whose target it is.
        target: name of the predicted quantity.
        eligible: rows with an outcome to measure on.
        actual: outcome.
        predictors: predictions by name, NaN where there is none; the product's first.
        metrics: names of error measures.
        run_ids: runs behind a predictor's predictions, where there are any.
    """

    model: str
    target: str
    eligible: Bools
    actual: Floats
    predictors: dict[str, Floats]
    metrics: tuple[str, ...]
    run_ids: dict[str, str | None]

    @cached_property
    def usable(self) -> dict[str, Floats]:
        """Predictors with a value in some eligible row."""
        return {name: p for name, p in self.predictors.items() if np.isfinite(p[self.eligible]).any()}

    @cached_property
    def complete(self) -> Bools:
        """Eligible rows in which all usable predictors have a value."""
        usable = list(self.usable.values())
        return self.eligible & np.isfinite(usable).all(axis=0) if usable else np.zeros_like(self.eligible)


def player_evals(scored: pl.DataFrame) -> pl.DataFrame:
    """Rows of evals.player for one season, sorted by key.

    Args:
        scored: result of `scored_season`.
    """
    masks = segments(scored)
    bootstrap = GameBootstrap(scored["game_id"])
    rows: list[_RowDict] = []
    for task in (*minutes_tasks(scored), *box_tasks(scored)):
        for segment, mask in masks.items():
            rows += measured(task, segment, mask)
        for segment in ROW_SETS:
            if segment in masks:
                rows += compared(task, segment, masks[segment], bootstrap)
    rows += _minutes_only(scored, masks)
    rows += _rates(scored, masks, bootstrap)
    spec = TABLES["evals.player"]
    season = scored["season"].item(0)
    return pl.DataFrame([{"season": season, **row} for row in rows], schema=spec.schema, orient="row").sort(spec.key)


# --- tasks ----------------------------------------------------------------------------------------------------------------


def minutes_tasks(scored: pl.DataFrame) -> list[Task]:
    """Minutes given play, the probability to play, and the product of both."""
    played, listed = _played(scored), _listed(scored)
    run_ids = _run_ids(scored, "minutes_run_id")
    runs: dict[str, str | None] = dict.fromkeys(("minutes_v1", "minutes_v1:reconciled", "minutes_v1:p50"), run_ids)
    given = {
        "minutes_v1": "minutes_mean",
        "minutes_v1:reconciled": "minutes_given_play",
        "minutes_v1:p50": "minutes_p50",
        "minutes_v1:starters_hidden": "minutes_blind",
        "decayed_mean": "minutes_decayed",
        "last5": "minutes_last5",
        "season_mean": "minutes_season",
    }
    prior = floats(scored, "play_prob_prior")
    expected = {
        "minutes_v1": floats(scored, "minutes_expected"),
        "minutes_v1:reconciled": floats(scored, "minutes_reconciled"),
        "decayed_mean": prior * floats(scored, "minutes_decayed"),
        "last5": prior * floats(scored, "minutes_last5"),
    }
    probabilities = {"minutes_v1": floats(scored, "play_prob"), "play_prob_prior": prior}
    minutes = floats(scored, "minutes")
    return [
        Task("minutes_v1", "minutes", played, minutes, {name: floats(scored, c) for name, c in given.items()}, _ERRORS, runs),
        Task("minutes_v1", "play_prob", listed, floats(scored, "played"), probabilities, ("brier", "log_loss"), runs),
        Task("minutes_v1", "minutes_expected", listed, minutes, expected, _ERRORS, runs),
    ]


def box_tasks(scored: pl.DataFrame) -> list[Task]:
    """Box scores of players who played, and of all candidates of games with a real list."""
    played, listed = _played(scored), _listed(scored)
    run_ids = _run_ids(scored, "minutes_run_id", "rates_run_id")
    runs: dict[str, str | None] = dict.fromkeys(("player_box", "player_box:p50", "player_box:raw_minutes"), run_ids)
    prior, chance = floats(scored, "play_prob_prior"), floats(scored, "play_prob")
    suffixes = {
        "player_box": "hat",
        "player_box:raw_minutes": "hat_raw",
        "rates_v1:plain": "hat_plain",
        "decayed_means": "decayed",
        "season_to_date": "season",
        "actual_minutes": "floor",
    }
    tasks = []
    for stat in BOX_STATS:
        predictors = {name: floats(scored, f"{stat}_{suffix}") for name, suffix in suffixes.items()}
        if stat in MEDIANS and not scored[f"{stat}_p50"].is_null().all():
            predictors["player_box:p50"] = floats(scored, f"{stat}_p50")
        tasks.append(Task("player_box", stat, played, floats(scored, stat), predictors, _ERRORS, runs))
    for stat in EXPECTED_STATS:
        predictors = {
            "player_box": floats(scored, f"{stat}_mean"),
            "player_box:raw_minutes": chance * floats(scored, f"{stat}_hat_raw"),
            "decayed_means": prior * floats(scored, f"{stat}_decayed"),
        }
        tasks.append(Task("player_box", f"{stat}_expected", listed, floats(scored, stat), predictors, _ERRORS, runs))
    return tasks


def rates_tasks(scored: pl.DataFrame) -> list[Task]:
    """Counts given actual minutes, of players who played at least a minute."""
    minutes = floats(scored, "minutes")
    runs = {"rates_v1": _run_ids(scored, "rates_run_id"), "rates_v1:plain": _run_ids(scored, "plain_run_id")}
    eligible = _played(scored) & (minutes >= MIN_MINUTES)
    suffixes = {"rates_v1": "mean", "rates_v1:plain": "plain", "decayed_prior": "prior", "season_to_date": "season"}
    metrics = ("poisson_deviance", "actual_over_expected")
    return [
        Task(
            "rates_v1",
            target,
            eligible,
            floats(scored, target),
            {name: minutes * floats(scored, f"{target}_per_min_{suffix}") for name, suffix in suffixes.items()},
            metrics,
            runs,
        )
        for target in RATE_TARGETS
    ]


# --- figures --------------------------------------------------------------------------------------------------------------


def measured(task: Task, segment: str, mask: Bools) -> Iterator[_RowDict]:
    """A row per predictor and metric, all on the same rows."""
    chosen, missing = _chosen(task, mask)
    if not chosen.any():
        if missing:
            yield row(task, segment, next(iter(task.predictors)), task.metrics[0], None, rows=0, missing=missing)
        return
    actual = task.actual[chosen]
    for predictor, values in task.usable.items():
        for metric in task.metrics:
            value = _METRICS[metric](actual, values[chosen])
            yield row(task, segment, predictor, metric, value, rows=len(actual), missing=missing)


def compared(task: Task, segment: str, mask: Bools, bootstrap: GameBootstrap) -> Iterator[_RowDict]:
    """The product's loss minus each other predictor's, with an interval."""
    chosen, missing = _chosen(task, mask)
    usable = task.usable
    product = next(iter(task.predictors))
    if not chosen.any() or product not in usable:
        return
    for metric in (name for name in task.metrics if name in _LOSSES):
        means, drawn = losses_of(task, usable, metric, chosen, bootstrap)
        for i, other in enumerate(usable):
            if other != product:
                low, high = interval(drawn[:, 0] - drawn[:, i])
                value = float(means[0] - means[i])
                name = f"{metric}_minus_{other}"
                yield row(task, segment, product, name, value, rows=int(chosen.sum()), missing=missing, low=low, high=high)


def losses_of(task: Task, usable: Mapping[str, Floats], metric: str, chosen: Bools, bootstrap: GameBootstrap) -> tuple[Floats, Floats]:
    """Mean loss of each predictor on the chosen rows, and in every draw of games."""
    losses = np.zeros((len(task.actual), len(usable)))
    for i, values in enumerate(usable.values()):
        losses[chosen, i] = _LOSSES[metric](task.actual[chosen], values[chosen])
    return losses[chosen].mean(axis=0), bootstrap.means(losses, chosen)


def _rates(scored: pl.DataFrame, masks: Mapping[str, Bools], bootstrap: GameBootstrap) -> Iterator[_RowDict]:
    """Rates, and their mean over the nine."""
    collected: dict[tuple[str, str, str], list[_RowDict]] = {}
    ratios: dict[tuple[str, str], list[Floats]] = {}
    for task in rates_tasks(scored):
        for segment, mask in masks.items():
            for figure in measured(task, segment, mask):
                yield figure
                if figure["metric"] == "poisson_deviance" and figure["value"] is not None:
                    collected.setdefault((segment, str(figure["predictor"]), "poisson_deviance"), []).append(figure)
        for segment in (name for name in ROW_SETS if name in masks):
            for figure, replicates in _ratios(task, segment, masks[segment], bootstrap):
                yield figure
                name = str(figure["metric"])
                collected.setdefault((segment, "rates_v1", name), []).append(figure)
                ratios.setdefault((segment, name), []).append(replicates)
    for (segment, _, metric), figures in collected.items():
        values = [float(str(figure["value"])) for figure in figures]
        if len(values) == len(RATE_TARGETS):
            mean = {**figures[0], "target": MEAN_TARGET, "value": sum(values) / len(values)}
            if (segment, metric) in ratios:
                low, high = interval(np.mean(ratios[segment, metric], axis=0))
                mean |= {"value_low": low, "value_high": high}
            yield mean


def _ratios(task: Task, segment: str, mask: Bools, bootstrap: GameBootstrap) -> Iterator[tuple[_RowDict, Floats]]:
    """Ratio of the product's deviance to each other predictor's, and the same ratio in every draw of games."""
    usable = task.usable
    chosen, missing = _chosen(task, mask)
    if not chosen.any() or "rates_v1" not in usable:
        return
    means, drawn = losses_of(task, usable, "poisson_deviance", chosen, bootstrap)
    for i, other in list(enumerate(usable))[1:]:
        replicates = drawn[:, 0] / drawn[:, i]
        low, high = interval(replicates)
        name, value = f"poisson_deviance_over_{other}", float(means[0] / means[i])
        yield row(task, segment, "rates_v1", name, value, rows=int(chosen.sum()), missing=missing, low=low, high=high), replicates


def _minutes_only(scored: pl.DataFrame, masks: Mapping[str, Bools]) -> Iterator[_RowDict]:
    """Figures of the band of minutes, the number of games in each row set, and sums of teams."""
    task = minutes_tasks(scored)[0]
    p10, p50, p90 = (floats(scored, f"minutes_p{q}") for q in (10, 50, 90))
    games = scored["game_id"].to_numpy()
    complete = task.complete & np.isfinite(p10) & np.isfinite(p90)
    for segment, mask in masks.items():
        chosen = complete & mask
        missing = int((task.eligible & mask).sum() - chosen.sum())
        if not chosen.any():
            continue
        actual, low, high = task.actual[chosen], p10[chosen], p90[chosen]
        values = {
            "coverage_80": m.coverage(actual, low, high),
            "width_80": m.width(low, high),
            "winkler_80": m.winkler(actual, low, high),
            "pinball_10": m.pinball(actual, low, 0.1),
            "pinball_50": m.pinball(actual, p50[chosen], 0.5),
            "pinball_90": m.pinball(actual, high, 0.9),
        }
        if segment in ROW_SETS:
            values["games"] = float(len(np.unique(games[chosen])))
        for metric, value in values.items():
            yield row(task, segment, "minutes_v1", metric, value, rows=len(actual), missing=missing)
    yield from _team_sums(scored, task)


def _team_sums(scored: pl.DataFrame, task: Task) -> Iterator[_RowDict]:
    """How far a team's expected minutes are from 240, before and after they are reconciled."""
    names = {"minutes_v1": "minutes_expected", "minutes_v1:reconciled": "minutes_reconciled"}
    rows = scored.drop_nulls([*names.values(), "team_id", "availability_source"]).sort("game_id", "team_id", "player_id")
    lists = [pl.col(column).implode() for column in names.values()]
    teams = rows.group_by("game_id", "team_id", "availability_source", maintain_order=True).agg(lists)
    subject = dataclasses.replace(task, target="team_minutes")
    for source in teams["availability_source"].unique().sort().to_list():
        chosen = teams.filter(pl.col("availability_source") == source)
        for predictor, column in names.items():
            totals = np.array([sum(values) for values in chosen[column].to_list()])
            figures = {"mean": float(totals.mean()), "mae": m.mae(np.full(len(totals), TEAM_MINUTES), totals)}
            for metric, value in figures.items():
                yield row(subject, source, predictor, metric, value, rows=len(totals), missing=0)


# --- both -----------------------------------------------------------------------------------------------------------------


def floats(scored: pl.DataFrame, column: str) -> Floats:
    """A column as floats, NaN for null."""
    return np.asarray(scored[column].cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def row(
    task: Task,
    segment: str,
    predictor: str,
    metric: str,
    value: float | None,
    *,
    rows: int,
    missing: int,
    low: float | None = None,
    high: float | None = None,
) -> _RowDict:
    """One row of evals.player without the season."""
    return {
        "model": task.model,
        "target": task.target,
        "segment": segment,
        "predictor": predictor,
        "metric": metric,
        "value": value,
        "value_low": low,
        "value_high": high,
        "rows": rows,
        "rows_missing": missing,
        "model_run_id": task.run_ids.get(predictor),
    }


def _chosen(task: Task, mask: Bools) -> tuple[Bools, int]:
    """Mask of a segment's measured rows, and the number of its eligible rows that are not measured."""
    chosen = task.complete & mask
    return chosen, int((task.eligible & mask).sum() - chosen.sum())


def _played(scored: pl.DataFrame) -> Bools:
    return np.asarray((scored["played"] == 1).to_numpy(), dtype=np.bool_)


def _listed(scored: pl.DataFrame) -> Bools:
    return np.asarray(scored["availability_source"].is_in(REAL_LISTS).fill_null(value=False).to_numpy(), dtype=np.bool_)


def _run_ids(scored: pl.DataFrame, *columns: str) -> str | None:
    """Ids of all runs behind a season's predictions, comma-separated: one per month and model."""
    return ", ".join(run for column in columns for run in scored[column].drop_nulls().unique().sort().to_list()) or None
