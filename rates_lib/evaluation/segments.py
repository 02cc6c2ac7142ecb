"""Segments of `evals.*`: named sets of rows.

Belongs here: masks over the scored frame. Does not belong here: the columns they are computed from (`scored.py`).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Bools = NDArray[np.bool_]

ALL = "all"

DESCRIPTIONS: dict[str, str] = {
    ALL: "every row",
    "active_list": "a published list of the active players says who may play",
    "injury_report": "an injury report says who may not play",
    "proxy": "no list is known: who appeared counts as active, which flatters",
    "starters_known": "the announced five is known",
    "starters_unknown": "it is not",
    "starter": "announced as a starter",
    "bench": "others are announced",
    "tier_0": "starter, announced or expected",
    "tier_1": "primary bench: 15 minutes or more over his last ten games",
    "tier_2": "deep bench",
    "rookie": "played in no earlier season",
    "new_team": "his first ten games after he came from another team",
    "teammate_out": "a rotation player of his team is out",
    "usage_vacated": "those who are out used 30 % of their team's plays or more",
    "back_to_back": "his team played the day before",
}
"""Description of each segment; segments of a month (month_2024-12) need none."""


def segments(scored: pl.DataFrame) -> dict[str, Bools]:
    """Masks over the rows of `scored_season`, by segment; segments without a row are left out.

    A row whose column is null (starters unknown, no earlier season) is in neither segment of a pair.
    """
    starter, tier = pl.col("is_starter"), pl.col("bench_tier")
    sources = scored["availability_source"].drop_nulls().unique().sort().to_list()
    months = scored["month"].drop_nulls().unique().sort().to_list()
    masks: dict[str, pl.Expr] = {
        ALL: pl.lit(True),
        **{source: pl.col("availability_source") == source for source in sources},
        "starters_known": starter.is_not_null(),
        "starters_unknown": starter.is_null(),
        "starter": starter == 1,
        "bench": starter == 0,
        **{f"tier_{i}": tier == i for i in range(3)},
        **{name: pl.col(name) for name in ("rookie", "new_team", "teammate_out", "usage_vacated", "back_to_back")},
        **{f"month_{month}": pl.col("month") == month for month in months},
    }
    frame = scored.select(mask.fill_null(value=False).alias(name) for name, mask in masks.items())
    arrays = {name: frame[name].to_numpy() for name in masks}
    return {name: np.asarray(mask, dtype=np.bool_) for name, mask in arrays.items() if mask.any()}
