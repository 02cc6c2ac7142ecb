"""Which columns each model reads.

Belongs here: the feature lists, derived from the tables that hold them, so that a numeric column added to a form table is a feature
from the next training on. Does not belong here: how a feature is made (`features/`). A bundle carries the list it was trained with;
these lists only say what the next training uses.
"""

from __future__ import annotations

import polars as pl

from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES

_NOT_FEATURES = {"season", "played", "minutes_actual", *(f"{t}_per_min" for t in RATE_TARGETS)}  # key and labels
_TRACKING = ("season_touches_per_min", "season_sec_per_touch", "season_drives_per_min")


def _numeric(table: str) -> tuple[str, ...]:
    numeric = (pl.Float64, pl.Int64, pl.Int8)
    return tuple(c.name for c in TABLES[table].specs if c.dtype in numeric and c.name not in _NOT_FEATURES)


ABSENCES: tuple[str, ...] = (
    "num_rotation_players_out",
    "team_minutes_vacated",
    "team_usage_vacated",
    "star_scorer_out_flag",
    "primary_ballhandler_out_flag",
    "starting_center_out_flag",
)
"""What follows from the statuses of a team: 0 where none is published."""

_TEAM_AND_CONTEXT = (
    "days_rest",
    *ABSENCES,
    "spread_close",
    "total_close",
    "team_itt",
    "opp_itt",
)

MINUTES_FEATURES: tuple[str, ...] = (*_numeric("gold.player_form"), *_TEAM_AND_CONTEXT)
"""Columns of a candidate row that `minutes_v1` reads; it also reads `status` and `availability_source`."""

STATUS_KNOWN = "status_known"
"""What `minutes_v1` derives from status: 1 published for the player, 0 he is not on the injury report, null nothing is published."""

RATES_STAGE2: tuple[str, ...] = _numeric("gold.rates_training_base")
"""All numeric columns of the training base but key and labels."""

RATES_STAGE0: tuple[str, ...] = tuple(c for c in RATES_STAGE2 if c not in _TRACKING)
"""The same without tracking."""

RATES_FEATURE_SETS: dict[str, tuple[str, ...]] = {"stage0": RATES_STAGE0, "stage2": RATES_STAGE2}
"""Feature sets of `rates_v1` by name, the simplest first: it wins a tie."""
