"""Points in the paint, scored by a player and allowed by a defence.

Only live box scores of some seasons have this count: games without it are left out, and all values before the first known game are null.

Belongs here: rates and ratios of this count. Does not belong here: the tables that hold them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rates_lib import asof
from rates_lib.features.allowed import over_expected
from rates_lib.features.history import History, once
from rates_lib.features.played import played
from rates_lib.features.player_rates import RATE_CARRY, Floats, group_means

HALF_LIFE = 30
STRENGTH_MINUTES = 60.0
TEAM_GAMES = 3.0
ENOUGH_SECONDS = 100_000  # of a position: fewer than for other rates, because there is no default before
_PER_GAME = 45.0  # of a team, as the strength of the shrinkage


def paint_rates(rows: pl.DataFrame, history: History) -> Floats:
    """Points in the paint per minute before the rows' dates, decayed and shrunk to the position's mean.

    Args:
        rows: season, game_date, player_id, position_primary.
        history: the clean tables.

    Returns:
        (rows,), NaN where the position has none in this and the previous season.
    """
    games = _known(history)
    totals = asof.decayed_totals(
        games.with_columns((pl.col("seconds") / 60).alias("_minutes")),
        ["player_id"],
        ["pts_paint", "_minutes"],
        [HALF_LIFE],
        carry=RATE_CARRY,
    )
    own = asof.decayed_before(rows, totals)[:, 0]
    mean = group_means(rows, games, "position_primary", {"pts_paint": np.nan}, ENOUGH_SECONDS)[:, 0]
    return np.asarray((own[:, 0] + STRENGTH_MINUTES * mean) / (own[:, 1] + STRENGTH_MINUTES), dtype=np.float64)


def paint_allowed(rows: pl.DataFrame, history: History) -> Floats:
    """Points in the paint against a team over those expected, before the rows' dates, shrunk to 1.

    Args:
        rows: season, game_date, opponent_id (the defending team).
        history: the clean tables.

    Returns:
        (rows,), NaN where the team has allowed none so far.
    """
    games = _expected(history)
    ratio = over_expected(rows, games, ["opponent_id"], {"pts_paint": TEAM_GAMES * _PER_GAME}, [HALF_LIFE])[:, 0, 0]
    state = games.select("opponent_id", "game_date", pl.lit(1).alias("_any")).sort("game_date")
    known = asof.last_before(rows.select("game_date", "opponent_id"), state, ["opponent_id"], {"_any": "_any"})
    return np.where(known["_any"].is_not_null().to_numpy(), ratio, np.nan)


def _known(history: History) -> pl.DataFrame:
    return played(history).drop_nulls("pts_paint")


@once
def _expected(history: History) -> pl.DataFrame:
    """Games with points in the paint and `expected_pts_paint`; without those before the position's mean is known."""
    games = _known(history)
    expected = paint_rates(games, history) * games["seconds"].to_numpy() / 60
    return games.with_columns(pl.Series("expected_pts_paint", expected, nan_to_null=True)).drop_nulls("expected_pts_paint")
