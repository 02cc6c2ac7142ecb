"""Play style against defence: a player's shot profile times the ratios that the opponent allows.

Belongs here: arithmetic on a row's own columns, all as of the day before. Does not belong here: joins to the past.
"""

from __future__ import annotations

import polars as pl

from rates_lib import asof

_POINTS = {"fg2m": 2, "fg3m": 3, "ftm": 1}
_PRODUCTS = {
    "matchup_paint_pts_per_min": ("style_paint_pts_per_min", "pts_paint"),
    "matchup_paint_share": ("style_paint_share", "pts_paint"),
    "matchup_catch_shoot_per_min": ("style_catch_shoot_per_min", "fga3"),
    "matchup_pull_up_per_min": ("style_pull_up_per_min", "fga2"),
    "matchup_drives_fta_per_min": ("style_drives_per_min", "fta"),
    "matchup_inside_touches_per_min": ("style_inside_touches_per_min", "pts_paint"),
}


def add_style_matchup(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the matchup_ columns.

    Args:
        rows: columns of gold.play_style, <fg2m, fg3m, ftm>_per_min_hl30 and opp_<stat>_ratio_hl30.
    """
    ratio = {s: pl.col(f"opp_{s}_ratio_hl30") for s in ("fga2", "fga3", "fta", "fg2m", "fg3m", "ftm", "pts_paint")}
    threes = pl.col("style_3pa_share")
    points = {s: worth * pl.col(f"{s}_per_min_hl30") for s, worth in _POINTS.items()}
    scored = asof.added(points.values())
    against = asof.added(points[s] * ratio[s] for s in _POINTS)
    return rows.with_columns(
        (threes * ratio["fga3"] + (1 - threes) * ratio["fga2"]).alias("matchup_fga_ratio"),
        pl.when(scored > 0).then(against / scored).alias("matchup_pts_ratio"),
        *((pl.col(style) * ratio[s]).alias(name) for name, (style, s) in _PRODUCTS.items()),
    ).with_columns(
        (threes * ratio["fga3"] / pl.col("matchup_fga_ratio")).alias("matchup_3pa_share"),
        (pl.col("style_fta_per_fga") * ratio["fta"] / pl.col("matchup_fga_ratio")).alias("matchup_fta_per_fga"),
    )
