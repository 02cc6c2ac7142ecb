"""What follows in a box score from counts and percentages: the identities, written once.

Belongs here: arithmetic that holds for any minutes, rates and percentages, also baselines'. Does not belong here: where those come from
(`models/`, `evaluation/scored.py`), fantasy points (`fantasy.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from rates_lib.core.basketball import points

BOX_COUNTS = ("pts", "reb", "oreb", "dreb", "ast", "fg3m", "fga", "fgm", "fta", "ftm", "stl", "blk", "tov")
"""Counts of a projected box score, in the order of its table's columns; also what a rule of fantasy scoring may count."""


def box_score(count: Mapping[str, pl.Expr], pct: Callable[[str], pl.Expr]) -> dict[str, pl.Expr]:
    """`count` with pts, reb, fg3m, fga, fgm and ftm.

    Args:
        count: expressions of the nine targets' counts, by name.
        pct: gives the expression of a percentage: fg2, fg3, ft.
    """
    fg2m, fg3m, ftm = count["fga2"] * pct("fg2"), count["fga3"] * pct("fg3"), count["fta"] * pct("ft")
    return {
        **count,
        "pts": points(fg2m, fg3m, ftm),
        "reb": count["oreb"] + count["dreb"],
        "fg3m": fg3m,
        "fga": count["fga2"] + count["fga3"],
        "fgm": fg2m + fg3m,
        "ftm": ftm,
    }


def percentage(name: str) -> pl.Expr:
    """The percentage that `efficiency_v1` predicts: fg2, fg3 or ft."""
    return pl.col(f"{name}_pct_mean")


def minutes_given_play() -> pl.Expr:
    """Reconciled minutes if he plays; minutes_mean where he is given no chance, for his reconciled ones are 0 then."""
    possible = pl.col("play_prob") > 0
    return pl.when(possible).then(pl.col("minutes_reconciled") / pl.col("play_prob")).otherwise("minutes_mean").alias("minutes_given_play")
