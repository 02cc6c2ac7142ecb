"""The section of the accuracy page about points that add up: rows of `evals.consistency` of one season as Markdown.

Figures are formatted here, not computed. Does not belong here: figures (`evaluation/consistency.py`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.evaluation.consistency import GAPS, SEGMENT
from rates_lib.evaluation.reports.tables import cell, counts, number, prose, table

_HEAD = """Forecasts of players and of teams before and after they are reconciled, in games with a stored team prediction; those of
players are given that they played. *team* is the team model with the market, *players* the sum of its players. All predictors of a
line are compared on the same rows. The first table shows by how much the sums disagree, which should be 0 afterwards; the second
what the agreement costs or gains in accuracy: after minus before, below 0 is better."""
_OTHERS = {"pts": ("raw",), "fg3m": ("raw",), "dk_points": ("raw",), "minutes": ("raw",)} | dict.fromkeys(
    ("team_points", "margin", "total"), ("team", "players")
)


def consistency_section(evals: pl.DataFrame) -> list[str]:
    """The parts of the section, none where there are no rows."""
    if evals.is_empty():
        return []
    return [prose(_HEAD), _violations(evals), _errors(evals)]


def _violations(evals: pl.DataFrame) -> str:
    lines = []
    for target in GAPS:
        before, after = (
            [cell(evals, target, SEGMENT, kind, f"{size}_violation") for size in ("mean", "largest")] for kind in ("raw", "reconciled")
        )
        if before[0]:
            cells = (number(row, digits) for pair in zip(before, after, strict=True) for row, digits in zip(pair, (2, 5), strict=True))
            lines.append([target, *cells, *counts(before[0])[:1]])
    return table(["what should be 0", "mean before", "mean after", "largest before", "largest after", "teams"], lines)


def _errors(evals: pl.DataFrame) -> str:
    lines = []
    for target, others in _OTHERS.items():
        ours = [cell(evals, target, SEGMENT, "reconciled", metric) for metric in ("mae", "rmse")]
        if ours[0] is None:
            continue
        for other in others:
            before = [cell(evals, target, SEGMENT, other, metric) for metric in ("mae", "rmse")]
            difference = number(cell(evals, target, SEGMENT, "reconciled", f"mae_minus_{other}"), 4, interval=True, sign=True)
            pairs = [" / ".join(number(row, 3) for row in pair) for pair in (before, ours)]
            lines.append([target, other, *pairs, difference, *counts(ours[0])])
    return table(["target", "before", "MAE / RMSE before", "after", "MAE after - before", "rows", "missing"], lines)
