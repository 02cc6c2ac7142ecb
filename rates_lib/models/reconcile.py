"""Expected minutes of a team, adjusted to the sum of a game while no player exceeds a plausible maximum.

Belongs here: the adjustment of expected minutes. Does not belong here: predicted minutes (`minutes.py`), draws of them (`sim/`).

With e = play_prob x minutes_mean and v its variance, each team's x solves

    minimise  sum (x - e)^2 / v    subject to    sum x = 240,   0 <= x <= cap,

the least change relative to each player's uncertainty: certain minutes hardly move, uncertain minutes move most. Without the bounds the
solution is x = e + lambda v with lambda = (240 - sum e) / sum v. With them it is x = clip(e + lambda v, 0, cap): a player beyond a bound
is set to it and lambda is solved again for the others. Only one kind of bound can bind (caps if minutes are missing, zeros if there are
too many) and |lambda| grows from step to step, so no player leaves a bound again and the solution is exact after at most one step per
player.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.basketball import REGULATION_MINUTES, TEAM_MINUTES
from rates_lib.models.feature_sets import require_columns

CAP = 42.0  # largest minutes if the player plays; a higher predicted mean is its own cap, up to CAP_MAX
CAP_MAX = REGULATION_MINUTES
BAND_SDS = 2.5631  # p90 - p10 of a normal distribution in standard deviations
_LEAST_VARIANCE = 1e-6  # so that a team without uncertainty can be adjusted
_NEEDED = ("game_id", "team_id", "play_prob", "minutes_mean", "minutes_p10", "minutes_p90")


def reconcile_minutes(frame: pl.DataFrame, team_minutes: float = TEAM_MINUTES) -> pl.Series:
    """Expected minutes, adjusted so that each team's sum is that of a game.

    Args:
        frame: candidates of whole teams: game_id, team_id, play_prob, minutes_mean, minutes_p10, minutes_p90, in any order.
        team_minutes: sum to reach per team and game.

    Returns:
        `minutes_reconciled`, row-aligned: minutes times the probability to play (divide by it for minutes if the player plays). The cap of
        a player is play_prob x max(42, minutes_mean), with a mean of 48 at most. If the caps of a team sum to less than `team_minutes`
        (five players left), all players are at their cap and the sum is short. Null if play_prob or minutes_mean is null; such a player
        takes no part.

    Raises:
        SchemaError: names the columns that are missing.
    """
    require_columns(frame, _NEEDED, "reconcile_minutes", "pass the rows of predict_minutes with their game and team")
    expected, cap = expected_and_cap()
    columns = (expected.alias("expected"), minutes_variance().alias("variance"), cap.alias("cap"))
    rows = frame.select("game_id", "team_id", *columns).with_row_index("row")
    result = np.full(frame.height, np.nan)
    for _, team in rows.drop_nulls("expected").group_by("game_id", "team_id", maintain_order=True):
        e, v, most = (team[c].to_numpy() for c in ("expected", "variance", "cap"))
        result[team["row"].to_numpy()] = adjust(e, v, most, team_minutes)
    return pl.Series("minutes_reconciled", result, nan_to_null=True)


def expected_and_cap() -> tuple[pl.Expr, pl.Expr]:
    """Expected minutes of a player (0 if the player sits out), and their cap."""
    prob, mean = pl.col("play_prob"), pl.col("minutes_mean").clip(0, CAP_MAX)
    return prob * mean, prob * pl.max_horizontal(mean, pl.lit(CAP))


def minutes_variance() -> pl.Expr:
    """Variance of a player's minutes (0 if the player sits out): the spread given play, plus the uncertainty of play."""
    prob, mean = pl.col("play_prob"), pl.col("minutes_mean").clip(0, CAP_MAX)
    sd = (pl.col("minutes_p90") - pl.col("minutes_p10")).fill_null(0) / BAND_SDS
    return prob * sd**2 + prob * (1 - prob) * mean**2


def adjust(expected: NDArray[np.float64], variance: NDArray[np.float64], cap: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Solve the problem of this module for one team; arrays of shape (players,), 0 <= expected <= cap.

    Sums are exact (`math.fsum`), so the result does not depend on the order of the players.
    """
    if math.fsum(cap) <= total:
        return cap.copy()
    v = np.where(cap > 0, np.maximum(variance, _LEAST_VARIANCE), 0.0)
    x = expected.copy()
    free = cap > 0
    while free.any():
        lam = (total - math.fsum(x[~free]) - math.fsum(expected[free])) / math.fsum(v[free])
        x[free] = expected[free] + lam * v[free]
        over = free & ((x > cap) | (x < 0))
        x = np.clip(x, 0.0, cap)
        if not over.any():
            break
        free &= ~over
    return x
