"""The design's goals as data, and which of them were reached.

Belongs here: the design's figures (its page *What is known to work, and the figures to beat*: "design targets" in the report). Does not
belong here: our own figures, which come from `evals.*`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from rates_lib.evaluation.player import MEAN_TARGET
from rates_lib.schemas.columns import RATE_TARGETS

ALLOWED = 0.05
"""By how much a figure may be worse where the active list replaces the design's proxy, which flatters: minutes MAE, DK points MAE."""


@dataclass(frozen=True)
class Goal:
    """One figure to reach.

    Attributes:
        season: start year.
        section: rates, minutes, box or peers.
        target, segment, metric: of the row of evals.player; metric `slope` is that of evals.calibration.
        high: the figure must not be above it.
        low: the figure must not be below it.
        stretch: a stricter bound than `high`, reported where it is reached.
        allowance: by how much the figure may be worse on rows with an active list.
        bound: the column that must not be above `high`: the value, or the upper end of its interval.
    """

    season: int
    section: str
    target: str
    segment: str
    metric: str
    high: float
    low: float | None = None
    stretch: float | None = None
    allowance: float = 0.0
    bound: str = "value"


DESIGN_DEVIANCE: dict[str, float] = {
    "fga2": 1.075, "fga3": 0.889, "fta": 1.920, "ast": 1.116, "tov": 1.055, "oreb": 1.105, "dreb": 1.120, "stl": 1.033, "blk": 0.848,
}  # fmt: skip
"""Poisson deviance of the design's prototype on 2024-25, rows of at least a minute, proxy lists."""

PART = 0.01
"""With more than this share of rows without a prediction, a goal is reported as judged on part of the rows."""

_BOX = {  # the prototype's MAE and RMSE on 2024-25, and by how much the stretch is below the MAE
    "pts": (4.340, 5.696, 0.04),
    "reb": (1.824, 2.418, 0.01),
    "ast": (1.282, 1.746, 0.01),
    "fg3m": (0.868, 1.216, 0.01),
    "pra": (5.614, 7.274, 0.01),
    "dk_points": (7.171, 9.253, 0.04),
}
_SLOPE_HIGH = {"stl": 1.04, "tov": 1.04}


def _goals() -> Iterator[Goal]:
    over_plain = "poisson_deviance_over_rates_v1:plain"
    yield Goal(2024, "rates", MEAN_TARGET, "all", over_plain, 0.973, stretch=0.968)
    for target in RATE_TARGETS:
        yield Goal(2024, "rates", target, "all", over_plain, 0.985)
    for target in RATE_TARGETS:
        yield Goal(2024, "rates", target, "all", "slope", _SLOPE_HIGH.get(target, 1.02), low=0.98)
    yield Goal(2024, "minutes", "minutes", "all", "mae", 4.28, stretch=4.25, allowance=ALLOWED)
    yield Goal(2024, "minutes", "minutes", "all", "rmse", 5.58, stretch=5.55)
    yield Goal(2024, "minutes", "minutes", "starters_known", "mae", 4.125, allowance=ALLOWED)
    yield Goal(2024, "minutes", "minutes", "starters_known", "rmse", 5.34)
    yield Goal(2024, "minutes", "minutes", "all", "coverage_80", 0.81, low=0.79)
    yield Goal(2024, "minutes", "minutes", "all", "winkler_80", 19.3)
    for stat, (mae, rmse, better) in _BOX.items():
        yield Goal(2024, "box", stat, "all", "mae", mae, stretch=mae - better, allowance=ALLOWED if stat == "dk_points" else 0.0)
        yield Goal(2024, "box", stat, "all", "rmse", rmse)
    yield Goal(2023, "peers", "dk_points", "linestar", "mae_minus_peer", 0.0, bound="value_high")
    yield Goal(2023, "peers", "pra", "books", "mae_minus_peer", 0.0)


GOALS: tuple[Goal, ...] = tuple(_goals())


@dataclass(frozen=True)
class TeamGoal:
    """One figure of evals.team that must not be above `high`.

    Attributes:
        seasons: start years in which it is judged.
        target, segment, predictor, metric: of the row of evals.team.
        high: the figure must not be above it.
        bound: the column that must not be above `high`: the value, or its interval's lower end where the goal is to be no worse.
    """

    target: str
    predictor: str
    metric: str
    high: float
    segment: str = "home"
    seasons: tuple[int, ...] = (2023, 2024)
    bound: str = "value"


_PUBLISHED = tuple(range(2017, 2022))
TEAM_GOALS: tuple[TeamGoal, ...] = (
    TeamGoal("margin", "team_v1", "mae_over_line", 1.02),
    TeamGoal("total", "team_v1", "mae_over_line", 1.012),
    TeamGoal("home_win", "team_v1", "log_loss_minus_line", 0.010),
    TeamGoal("home_win", "team_v1", "log_loss_minus_elo", 0.0),
    TeamGoal("home_win", "team_v1", "log_loss_minus_fivethirtyeight", 0.0, "all", _PUBLISHED),
    TeamGoal("margin", "team_v1:with_market", "mae_minus_line", 0.0, bound="value_low"),
    TeamGoal("total", "team_v1:with_market", "mae_minus_line", 0.0, bound="value_low"),
    TeamGoal("home_win", "team_v1:with_market", "log_loss_minus_line", 0.0, bound="value_low"),
)
_MODELS = {"rates": "rates_v1", "minutes": "minutes_v1", "box": "player_box", "peers": "player_box"}


def judge(evals: pl.DataFrame, calibration: pl.DataFrame) -> pl.DataFrame:
    """The goals of the measured seasons, and whether each was reached.

    Args:
        evals: rows of evals.player.
        calibration: rows of evals.calibration.

    Returns:
        Goals in their order: season, section, target, segment, metric, value, value_low, value_high (interval, may be null), low, high,
        stretch, allowed (by how much this row set may be worse: the allowance times its share of rows with an active list), rows,
        rows_missing, reached (stretch, yes, "with allowance", no; followed by ", of part of the rows" where more than 1 % are missing). A
        goal that was not measured has no row.
    """
    slopes = calibration.filter(kind="slope").select(
        "season", "model", "target", "segment", "predictor", pl.lit("slope").alias("metric"), pl.col("slope").alias("value"),
        (pl.col("slope") - 1.96 * pl.col("slope_se")).alias("value_low"), (pl.col("slope") + 1.96 * pl.col("slope_se")).alias("value_high"),
        "rows", "rows_missing",
    )  # fmt: skip
    figures = pl.concat([evals.select(slopes.columns), slopes])
    judged = []
    for goal in GOALS:
        model = _MODELS[goal.section]
        row = _row(figures, goal, model, goal.segment, goal.metric)
        if row is not None and row["value"] is not None:
            listed = _row(figures, goal, model, "active_list", "mae") if goal.segment == "all" else row
            share = min(1.0, listed["rows"] / row["rows"]) if listed and row["rows"] else 0.0
            judged.append(_judged(goal, row, goal.allowance * share))
    schema = {
        "season": pl.Int64, **dict.fromkeys(("section", "target", "segment", "metric"), pl.String),
        **dict.fromkeys(("value", "value_low", "value_high", "low", "high", "stretch", "allowed"), pl.Float64),
        "rows": pl.Int64, "rows_missing": pl.Int64, "reached": pl.String,
    }  # fmt: skip
    return pl.DataFrame(judged, schema=schema, orient="row")


def _row(figures: pl.DataFrame, goal: Goal, model: str, segment: str, metric: str) -> dict[str, Any] | None:
    matches = figures.filter(season=goal.season, model=model, target=goal.target, segment=segment, predictor=model, metric=metric)
    return matches.row(0, named=True) if matches.height else None


def _judged(goal: Goal, row: dict[str, Any], allowed: float) -> dict[str, Any]:
    bounded, value = row[goal.bound], row["value"]
    if goal.low is not None and value < goal.low:
        reached = "no"
    elif goal.stretch is not None and bounded <= goal.stretch:
        reached = "stretch"
    elif bounded <= goal.high:
        reached = "yes"
    else:
        reached = "with allowance" if bounded <= goal.high + allowed else "no"
    if row["rows_missing"] > PART * (row["rows"] + row["rows_missing"]):
        reached += ", of part of the rows"
    kept = ("value", "value_low", "value_high", "rows", "rows_missing")
    named = {name: getattr(goal, name) for name in ("season", "section", "target", "segment", "metric", "low", "high", "stretch")}
    return {**named, **{name: row[name] for name in kept}, "allowed": allowed, "reached": reached}
