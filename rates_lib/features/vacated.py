"""Production vacated by absent players, by statistic and by position: their blind minutes times their rates.

`fresh_` weighs an absence by .5 ** (games missed / 3), because an old absence is already in the others' recent numbers.

Belongs here: sums over a team's absent players. Does not belong here: the list of absent players (`rotation.py`), the north star's flags
(`absences.py`).
"""

from __future__ import annotations

import polars as pl

from rates_lib import asof
from rates_lib.features.history import History
from rates_lib.features.player_rates import RATE_STATS, shrunk_rates
from rates_lib.features.rotation import absent_members, freshness
from rates_lib.schemas.columns import POSITIONS, RATE_TARGETS

HALF_LIFE = 30
_TEAM = ["game_id", "team_id"]


def add_vacated(rows: pl.DataFrame, history: History, games: pl.DataFrame) -> pl.DataFrame:
    """`rows` (game_id, team_id) with vacated_<target>, fresh_vacated_<target> (per game), absent_minutes_<position>; 0 without absences."""
    absent = absent_members(history, games)
    rates, _, _ = shrunk_rates(absent, history, [HALF_LIFE])
    minutes = pl.col("minutes_prior_blind")
    fresh = freshness()
    absent = absent.with_columns(pl.Series(f"_{t}", rates[:, 0, RATE_STATS.index(t)]) for t in RATE_TARGETS).with_columns(
        *(asof.exact(minutes * pl.col(f"_{t}")).alias(f"vacated_{t}") for t in RATE_TARGETS),
        *(asof.exact(minutes * pl.col(f"_{t}") * fresh).alias(f"fresh_vacated_{t}") for t in RATE_TARGETS),
        *(
            pl.when(pl.col("position_primary") == p).then(asof.exact(minutes)).otherwise(0.0).alias(f"absent_minutes_{p}")
            for p in POSITIONS
        ),
    )
    names = [f"{kind}_{t}" for kind in ("vacated", "fresh_vacated") for t in RATE_TARGETS] + [f"absent_minutes_{p}" for p in POSITIONS]
    totals = absent.group_by(_TEAM).agg(pl.col(names).sum())  # exact sums: any order
    return rows.join(totals, on=_TEAM, how="left", maintain_order="left").with_columns(pl.col(n).fill_null(0.0) for n in names)
