"""Minutes of a team with fixed or bounded minutes of some players.

With e, v and caps as in `models/reconcile.py` each team's x solves

    minimise  sum (x - e)^2 / v    subject to    sum x = 240,   low <= x <= high,

which is x = clip(e + lambda v, low, high): the sum rises with lambda, so bisection gives lambda.

Belongs here: the adjustment of a scenario. Does not belong here: expected minutes (`models/minutes.py`, `models/reconcile.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.core.errors import RatesError
from rates_lib.models.reconcile import CAP_MAX, expected_and_cap, minutes_variance

Floats = NDArray[np.float64]

HELD_SPREAD = 2.0  # minutes between fixed minutes and their p10 or p90
_LEAST_VARIANCE = 1e-6
_SHORT = 1e-6


def held(bounds: Mapping[str, tuple[float, float]], codes: Mapping[str, str] | None = None) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """A function that changes predicted minutes so that `bounds` hold; it leaves teams without bounds as they are.

    The function maps a frame of whole teams (game_id, team_id, player_id, play_prob, minutes_mean, minutes_p10, minutes_p50, minutes_p90
    and optionally minutes_reconciled) to a frame of the same columns and order. A player with a lower bound above 0 gets play_prob 1; the
    band moves with the mean.

    Args:
        bounds: lowest and highest minutes by player id.
        codes: team abbreviations by id, for errors.

    Raises:
        RatesError: in the function, if a team cannot reach 240 minutes within the bounds.
    """
    if not bounds:
        return lambda rows: rows
    limits = pl.DataFrame(
        [(player, *values) for player, values in bounds.items()],
        schema={"player_id": pl.String, "_low": pl.Float64, "_high": pl.Float64},
        orient="row",
    )

    def change(rows: pl.DataFrame) -> pl.DataFrame:
        bound = rows.join(limits, on="player_id", how="left", maintain_order="left")
        plays = pl.col("_low").fill_null(0) > 0
        fixed = plays & (pl.col("_low") == pl.col("_high"))
        bound = bound.with_columns(pl.when(plays).then(1.0).otherwise("play_prob").alias("play_prob"))
        expected, cap = expected_and_cap()
        problem = bound.select(
            *("game_id", "team_id", "player_id"),
            expected.alias("e"),
            pl.when(fixed).then(_LEAST_VARIANCE).otherwise(minutes_variance().clip(lower_bound=_LEAST_VARIANCE)).alias("v"),
            pl.col("_low").fill_null(0.0).alias("low"),
            pl.when(plays).then("_high").otherwise(pl.min_horizontal(cap, pl.col("_high").fill_null(CAP_MAX))).alias("high"),
        ).with_row_index("row")
        touched = bound.filter(pl.col("_low").is_not_null()).select("game_id", "team_id").unique()
        x = np.full(rows.height, np.nan)
        teams = problem.join(touched, on=["game_id", "team_id"], how="semi", maintain_order="left")
        for (_, team_id), team in teams.group_by("game_id", "team_id", maintain_order=True):
            e, v, low, high = (team[c].to_numpy() for c in ("e", "v", "low", "high"))
            x[team["row"].to_numpy()] = solve(e, v, low, high, name=(codes or {}).get(str(team_id), str(team_id)))
        bound = bound.with_columns(pl.Series("_x", x, nan_to_null=True))
        if_plays = pl.col("_x") / pl.col("play_prob").clip(lower_bound=1e-9)
        reached = pl.col("_low").is_not_null() & ((pl.col("_x") <= pl.col("_low")) & plays | (pl.col("_x") >= pl.col("_high")))
        moved = pl.when(reached | fixed).then(if_plays - pl.col("minutes_mean")).otherwise(0.0)
        band = [(pl.col(c) + moved).clip(0, CAP_MAX).alias(c) for c in ("minutes_mean", "minutes_p10", "minutes_p50", "minutes_p90")]
        tight = {"minutes_mean": 0.0, "minutes_p10": -HELD_SPREAD, "minutes_p50": 0.0, "minutes_p90": HELD_SPREAD}
        bound = bound.with_columns(band).with_columns(
            pl.when(fixed).then((pl.col("_low") + by).clip(lower_bound=0)).otherwise(c).alias(c) for c, by in tight.items()
        )
        if "minutes_reconciled" in rows.columns:
            bound = bound.with_columns(pl.coalesce("_x", "minutes_reconciled").alias("minutes_reconciled"))
        return bound.select(rows.columns)

    return change


def solve(e: Floats, v: Floats, low: Floats, high: Floats, total: float = TEAM_MINUTES, name: str = "") -> Floats:
    """Solve the problem of the module docstring for one team; all arrays (players,), minutes.

    Raises:
        RatesError: if no x within the bounds has the sum `total`.
    """
    high = np.maximum(high, low)
    if math.fsum(low) > total + _SHORT or math.fsum(high) < total - _SHORT:
        raise RatesError(
            f"team {name} cannot play {total:g} minutes: the bounds allow {math.fsum(low):.0f} to {math.fsum(high):.0f}; "
            "change the minutes, or take fewer players out"
        )
    below, above = -1e9, 1e9
    for _ in range(200):
        middle = (below + above) / 2
        if math.fsum(np.clip(e + middle * v, low, high)) < total:
            below = middle
        else:
            above = middle
    return np.clip(e + above * v, low, high)
