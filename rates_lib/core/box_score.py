"""Identities of the box score: points, rebounds and shots from counts and percentages.

Belongs here: arithmetic for any counts and percentages, also a baseline's. Does not belong here: predicting them (`models/`,
`evaluation/scored.py`), fantasy points (`fantasy.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from rates_lib.core.basketball import points

BOX_COUNTS = ("pts", "reb", "oreb", "dreb", "ast", "fg3m", "fga", "fgm", "fta", "ftm", "stl", "blk", "tov")
"""Counts of a projected box score, in the order of its table's columns; also the counts that fantasy scoring may use."""


def box_score(count: Mapping[str, pl.Expr], pct: Callable[[str], pl.Expr]) -> dict[str, pl.Expr]:
    """`count` with pts, reb, fg3m, fga, fgm and ftm.

    Args:
        count: expressions of the nine targets' counts, by name.
        pct: returns the expression of a percentage: fg2, fg3, ft.
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
    """The percentage fg2, fg3 or ft as predicted by `efficiency_v1`."""
    return pl.col(f"{name}_pct_mean")


def minutes_given_play() -> pl.Expr:
    """Reconciled minutes if the player plays: minutes_reconciled / play_prob; minutes_mean if play_prob is 0."""
    possible = pl.col("play_prob") > 0
    return pl.when(possible).then(pl.col("minutes_reconciled") / pl.col("play_prob")).otherwise("minutes_mean").alias("minutes_given_play")
