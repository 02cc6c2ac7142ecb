"""Features that describe a player's role: usage, passing, shot mix, rebounds, blocks, and tracking where it is known.

Belongs here: the features on which roles are clustered, as of a date. Does not belong here: the clustering (`player_role.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import plays
from rates_lib.features.history import History
from rates_lib.features.player_rates import RATE_STATS, Floats, shrunk_rates

HALF_LIFE = 30
LEAST_TRACKED_MINUTES = 200.0
TRACKED = (
    "touches", "time_of_poss_seconds", "drives", "catch_shoot_fga", "pull_up_fga", "paint_touches", "post_touches", "minutes_tracking",
)  # fmt: skip

# weight of each feature in the squared distance: more for those that define a role, less for those that accompany it
BOX = {"usage": 1.5, "ast": 1.5, "3pa_share": 1.2, "fta": 0.6, "oreb": 1.0, "dreb": 0.8, "blk": 1.0, "stl": 0.4}
TRACKING = {"sec_per_touch": 0.7, "touches": 0.7, "drives": 0.7, "catch_shoot": 0.6, "pull_up": 0.6, "inside_touches": 0.6}
WEIGHT = np.array([*BOX.values(), *TRACKING.values()])


def tracking_totals(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` (season, game_date, player_id) with `_t_<count>` of TRACKED: the previous season's and, where tracking is by game, this one's.

    Totals of the running season include its future and are left out. In thousandths, so that sums are exact; null below
    LEAST_TRACKED_MINUTES.
    """
    rows = seasons_of_tracking(rows, history, TRACKED)
    # a season that is published both ways is counted once
    previous = {c: pl.coalesce(f"_q_{c}", f"_s_{c}").fill_null(0) for c in TRACKED}
    totals = rows.with_columns((pl.col(f"_g_{c}").fill_null(0) + previous[c]).alias(f"_t_{c}") for c in TRACKED)
    enough = pl.col("_t_minutes_tracking") >= LEAST_TRACKED_MINUTES * 1000
    return totals.drop(pl.selectors.matches("^_(g|q|s)_")).with_columns(pl.when(enough).then(f"_t_{c}").alias(f"_t_{c}") for c in TRACKED)


def profiles(rows: pl.DataFrame, history: History) -> tuple[Floats, Floats]:
    """Features of players as of the rows' dates, and the decayed minutes behind those of the box score.

    Args:
        rows: season, game_date, player_id, position_primary.
        history: the clean tables.

    Returns:
        Features (rows, BOX and TRACKING), NaN without tracking, square roots of skewed ones; and minutes (rows,).
    """
    rates, minutes, _ = shrunk_rates(rows, history, [HALF_LIFE])
    rate = {stat: rates[:, 0, i] for i, stat in enumerate(RATE_STATS)}
    tracked = tracking_totals(rows.select("season", "game_date", "player_id"), history)
    total = {c: tracked[f"_t_{c}"].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in TRACKED}
    per_min = {c: total[c] / total["minutes_tracking"] for c in TRACKED}
    shots = rate["fga2"] + rate["fga3"]
    columns = [
        plays(shots, rate["fta"]) + rate["tov"],
        np.sqrt(rate["ast"]),
        rate["fga3"] / shots,
        np.sqrt(rate["fta"]),
        np.sqrt(rate["oreb"]),
        rate["dreb"],
        np.sqrt(rate["blk"]),
        rate["stl"],
        np.where(total["touches"] > 0, total["time_of_poss_seconds"] / np.where(total["touches"] > 0, total["touches"], 1.0), np.nan),
        per_min["touches"],
        np.sqrt(per_min["drives"]),
        per_min["catch_shoot_fga"],
        np.sqrt(per_min["pull_up_fga"]),
        np.sqrt(per_min["paint_touches"] + per_min["post_touches"]),
    ]
    return np.column_stack(columns), minutes[:, 0]


def seasons_of_tracking(rows: pl.DataFrame, history: History, counts: Sequence[str]) -> pl.DataFrame:
    """`rows` with totals of tracking counts in thousandths, as integers, so that sums are exact; null where unknown.

    Args:
        rows: season, game_date, player_id.
        history: the clean tables.
        counts: tracking columns.

    Returns:
        `rows` in their order with `_g_<count>` (this season's games before the row), `_q_<count>` (last season, from games) and
        `_s_<count>` (last season, from season totals).
    """
    by_game, by_season = (
        frame.drop_nulls(counts).with_columns((pl.col(c) * 1000).round().cast(pl.Int64) for c in counts)
        for frame in (history.tracking_game, history.tracking_season)
    )
    by = ["player_id", "season"]
    rows = asof.last_before(rows, asof.running_totals(by_game, by, counts), by, {c: f"_g_{c}" for c in counts})
    rows = asof.season_totals_before(rows, by_game, ["player_id"], counts, "_q_")
    by_season = by_season.with_columns(pl.lit(None, pl.Date).alias("game_date"))
    return asof.season_totals_before(rows, by_season, ["player_id"], counts, "_s_")
