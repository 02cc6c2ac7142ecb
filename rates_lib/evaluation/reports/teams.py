"""The Teams section of the accuracy page: rows of `evals.team` of one season as Markdown.

Figures are formatted here, not computed. Does not belong here: players (`accuracy.py`), figures (`evaluation/team.py`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.evaluation.goals import TEAM_GOALS
from rates_lib.evaluation.reports.tables import cell, counts, number, prose, table
from rates_lib.evaluation.team import COMPARED, DESCRIPTIONS, MARKET, MODEL

_PREDICTORS = (MODEL, f"{MODEL}:p50", MARKET, "line", "kalman", "elo", "fivethirtyeight", "climatology")
_DIGITS = {"home_win": 4}
_HEAD = """Each game is predicted by the model of its own month. `team_v1` has not seen a betting line; `with_market` starts from the
closing line. `line` is the closing spread and total; its probability, like that of Elo, is a logistic curve fitted on all earlier
seasons. Errors of `team_v1` are those of its mean, errors of `:p50` and `with_market` those of their medians.

Lower is better for MAE, RMSE, log loss and Brier. The line is the yardstick: a forecast without the market does well if it comes
close to it, and a difference to it is more than chance only where the interval excludes 0."""


def team_section(evals: pl.DataFrame) -> list[str]:
    """The parts of the section, "" for a table without rows."""
    if evals.is_empty():
        return []
    predictors = (_predictors(evals, segment) for segment in ("home", "all"))
    return [prose(_HEAD), _goals(evals), *predictors, _differences(evals), _segments(evals), _bands(evals)]


def team_summary(evals: pl.DataFrame) -> list[str]:
    """The parts shown in the terminal."""
    return [_predictors(evals, "home"), _goals(evals)] if evals.height else []


def _goals(evals: pl.DataFrame) -> str:
    lines = []
    for goal in TEAM_GOALS:
        row = cell(evals, goal.target, goal.segment, goal.predictor, goal.metric)
        if row is None or row["value"] is None or evals["season"].item(0) not in goal.seasons:
            continue
        digits = 4 if goal.target == "home_win" or "over" in goal.metric else 3
        reached = "yes" if row[goal.bound] <= goal.high else "no"
        reach = f"<= {goal.high:g}" if goal.bound == "value" else "not worse: interval reaches 0"
        value = number(row, digits, interval=True, sign="minus" in goal.metric)
        lines.append([goal.target, goal.predictor, goal.metric, goal.segment, value, reach, reached, *counts(row)])
    return table(["target", "predictor", "metric", "games", "ours", "to reach", "reached", "rows", "missing"], lines)


def _predictors(evals: pl.DataFrame, segment: str) -> str:
    lines = []
    for predictor in _PREDICTORS:
        margin, total = (_pair(evals, target, segment, predictor, "mae", "rmse", 3) for target in ("margin", "total"))
        chance = _pair(evals, "home_win", segment, predictor, "log_loss", "brier", 4)
        if margin or total or chance:
            lines.append([predictor, margin, total, chance])
    first = {"margin": "mae", "total": "mae", "home_win": "log_loss"}
    sizes = [cell(evals, target, segment, MODEL, metric) for target, metric in first.items()]
    if lines:
        lines.append(["rows (missing)", *(f"{c['rows']:,} ({c['rows_missing']:,})" if c else "" for c in sizes)])
    head = [f"games: {segment} ({DESCRIPTIONS[segment]})", "margin MAE / RMSE", "total MAE / RMSE", "home win log loss / Brier"]
    return table(head, lines)


def _differences(evals: pl.DataFrame) -> str:
    chosen = evals.filter(pl.col("metric").str.contains("_minus_|_over_") & ~pl.col("metric").str.contains("brier|:p50|with_market"))
    lines = []
    for target in ("margin", "total", "home_win"):
        for segment in COMPARED:
            for row in chosen.filter(target=target, segment=segment).iter_rows(named=True):
                if segment == "all" or row["metric"].endswith("_line"):
                    digits = 4 if target == "home_win" or "over" in row["metric"] else 3
                    value = number(row, digits, interval=True, sign="minus" in row["metric"])
                    lines.append([target, segment, row["predictor"], row["metric"], value, *counts(row)])
    return table(["target", "games", "predictor", "metric", "value", "rows", "missing"], lines)


def _segments(evals: pl.DataFrame) -> str:
    lines = []
    for segment, what in DESCRIPTIONS.items():
        first = cell(evals, "margin", segment, MODEL, "mae")
        if first:
            cells = [
                number(cell(evals, target, segment, predictor, metric), _DIGITS.get(target, 3))
                for target, metric in (("margin", "mae"), ("margin", "bias"), ("total", "mae"), ("total", "bias"), ("home_win", "log_loss"))
                for predictor in (MODEL, "line")
            ]
            lines.append([segment, what, *cells, *counts(first)])
    heads = [f"{what}{of}" for what in ("margin MAE", "margin bias", "total MAE", "total bias", "log loss") for of in ("", ", line")]
    return table(["games", "", *heads, "rows", "missing"], lines)


def _bands(evals: pl.DataFrame) -> str:
    lines = []
    for predictor in (MODEL, MARKET):
        for target in ("margin", "total", "home_pts", "away_pts"):
            cells = [cell(evals, target, "all", predictor, metric) for metric in ("coverage_80", "width_80")]
            if cells[0]:
                lines.append([predictor, target, *(number(row, 3) for row in cells), *counts(cells[0])])
    return table(["band p10 to p90", "target", "covers", "width", "rows", "missing"], lines)


def _pair(evals: pl.DataFrame, target: str, segment: str, predictor: str, first: str, second: str, digits: int) -> str:
    cells = [number(cell(evals, target, segment, predictor, metric), digits) for metric in (first, second)]
    return " / ".join(cells) if all(cells) else ""
