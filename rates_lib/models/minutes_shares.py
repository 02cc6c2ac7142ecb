"""Likely line-ups within `minutes_v1`: minutes of team-mates, weighted by their probability to play.

`gold.rotation` sums team-mates by status alone, yet an active list of thirteen names four who hardly ever play. Here each candidate counts
with the probability to play, which gives a share of 240: likely_share = 240 x prior / (prior + sum of the others' prob x prior).

Belongs here: columns of the minutes boosters that need the probability of all candidates of a team. Does not belong here: the probability
itself (`minutes.py`), as-of features (`features/`).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib import asof
from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.features.rotation import LEAST_TEAM_MINUTES, nearby, position_index
from rates_lib.models.feature_sets import AWARE, FROM_STATUSES, STATUS_KNOWN

_TEAM = ["game_id", "team_id"]
_EVEN = {"spread_close": 0.0, "total_close": 220.0, "team_itt": 110.0, "opp_itt": 110.0}


def prepared(features: pl.DataFrame) -> pl.DataFrame:
    """Candidate rows with position_index, month and status_known, and with null in FROM_STATUSES if no status is published."""
    # active and unknown have the same prior, but a player listed active is more likely to play
    unmentioned = pl.col("availability_source") == "injury_report"
    known = pl.when(pl.col("status") != "unknown").then(1).when(unmentioned).then(0)
    published = pl.col("availability_source") != "none"
    return features.with_columns(
        known.cast(pl.Int8).alias(STATUS_KNOWN),
        position_index().alias("position_index"),
        pl.col("game_date").dt.month().alias("month"),
        *(pl.when(published).then(pl.col(c)).alias(c) for c in FROM_STATUSES),
    )


def hide_starters(features: pl.DataFrame) -> pl.DataFrame:
    """`features` as before the announcement of the starters."""
    return features.with_columns(
        pl.lit(None, features.schema["is_starter"]).alias("is_starter"),
        pl.lit(0.0).alias("minutes_role_change"),
        pl.lit(None, pl.Float64).alias("starters_minutes_blind"),
        *(pl.col(blind).alias(aware) for aware, blind in AWARE.items()),
    )


def without_lines(features: pl.DataFrame) -> pl.DataFrame:
    """`features` with the same neutral line and total in all games, so that predicted minutes do not depend on the market."""
    return features.with_columns(pl.lit(value).alias(c) for c, value in _EVEN.items())


def add_likely_columns(rows: pl.DataFrame, prob: NDArray[np.float64]) -> pl.DataFrame:
    """`rows` with LIKELY_COLUMNS (`feature_sets.py`).

    Args:
        rows: candidates of whole teams: game_id, team_id, position_index, minutes_prior, minutes_prior_blind.
        prob: probability to play of each row; 0 for a row that does not count as a team-mate.
    """
    weight = pl.col("_prob")
    kinds = {
        "likely_minutes": weight * pl.col("minutes_prior"),
        "likely_minutes_blind": weight * pl.col("minutes_prior_blind"),
        "likely_count": weight,
    }
    rows = rows.with_columns(pl.Series("_prob", prob)).with_columns(asof.exact(value).alias(f"_{name}") for name, value in kinds.items())
    rows = rows.with_columns(
        *((pl.col(f"_{k}").sum().over(_TEAM) - pl.col(f"_{k}")).alias(f"{k}_team") for k in kinds),
        *((nearby(f"_{k}", _TEAM) - pl.col(f"_{k}")).alias(f"{k}_near") for k in kinds),
    )
    return rows.with_columns(
        _share("minutes_prior", "likely_minutes_team").alias("likely_share"),
        _share("minutes_prior_blind", "likely_minutes_blind_team").alias("likely_share_blind"),
    ).drop("_prob", *(f"_{k}" for k in kinds))


def base_minutes(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Base of the minutes boosters: the mean of the likely share and the prior, within 1 and 44 minutes."""
    mean = ((pl.col("likely_share") + pl.col("minutes_prior")) / 2).clip(1.0, 44.0)
    return np.asarray(rows.select(mean.alias("base"))["base"].to_numpy(), dtype=np.float64)


def _share(prior: str, others: str) -> pl.Expr:
    return TEAM_MINUTES * pl.col(prior) / (pl.col(others) + pl.col(prior)).clip(lower_bound=LEAST_TEAM_MINUTES)
