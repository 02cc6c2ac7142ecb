"""What the features are about: groups that ablations take out and explanations speak in.

Belongs here: which columns form a group, and its words. Does not belong here: which model reads a column (`feature_sets.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from rates_lib.core.errors import RatesError
from rates_lib.models.feature_sets import (
    ABSENCES,
    LIKELY_COLUMNS,
    MINUTES_FEATURES,
    PLAY_FEATURES,
    RATES_FEATURES,
    RATES_STAGE2,
    STATUS_KNOWN,
)
from rates_lib.models.feature_sets import EFFICIENCY_FEATURES as _EFFICIENCY

_ALL = tuple(dict.fromkeys([*PLAY_FEATURES, *MINUTES_FEATURES, STATUS_KNOWN, *RATES_STAGE2, *RATES_FEATURES, *_EFFICIENCY]))
_LINES = ("spread_close", "total_close", "team_itt", "opp_itt")
_STARTING = (
    "is_starter", "bench_tier", "minutes_role_change", "starters_minutes_blind", "last10_start_share", "start_share_hl8", "started_lag1",
    "started_lag2", "starts_weight_hl8", "benched_weight_hl8", "minutes_started_hl8", "minutes_benched_hl8",
)  # fmt: skip
_OUT = (
    "absent_", "fresh_absent_", "returning_", "vacated_", "fresh_vacated_", "mates_", "likely_", "minutes_share", "minutes_rank",
    "regular_starters_out",
)  # fmt: skip
_REST = ("days_rest", "days_since_last_game", "team_games_missed", "games_since_return", "last_absence_games")
_STATUS = ("status_known", "play_prob_prior", "play_prob")
_LOAD = ("minutes_last", "games_last")
_BODY = ("height_inches", "weight_lbs", "age_years", "position_index")
_COACH = ("minutes_concentration_hl6", "players_used_hl6", "starters_minutes_hl6")
_CALENDAR = ("home_flag", "month", "team_season_games", "season_games", "new_team_flag")
_RECENT = ("season_mpg", "prev_season_mpg", "prev_season_games", "last10_appearance_share", "last_game_fouls", "last_game_margin")
_PREDICTED = ("minutes_expected_p50", "minutes_spread")


def _group(column: str) -> str:  # noqa: PLR0911, PLR0912 - one line per group reads best
    if column in _LINES:
        return "lines"
    if column in _STARTING:
        return "starting five"
    if column in (*ABSENCES, *LIKELY_COLUMNS) or column.startswith(_OUT):
        return "team-mates in and out"
    if column.startswith(("role_prob_", "dvp_role_")):
        return "roles"
    if column.startswith(("style_", "matchup_", "opp_pts_paint_")):
        return "play style"
    if column.startswith(("opp_", "dvp_")) or column == "season_pace_opp":
        return "opponent"
    if column in _STATUS:
        return "own status"
    if column in _REST or column.startswith(_LOAD):
        return "rest, load and absence"
    if column in _BODY or column.startswith("position_flags") or column.endswith("_position"):
        return "body and position"
    if column in _COACH or column.startswith("own_") or column in ("season_pace_team", "season_off_rating", "season_def_rating"):
        return "team and coach"
    if column in _CALENDAR:
        return "calendar and home"
    if column in ("season_touches_per_min", "season_sec_per_touch", "season_drives_per_min", "season_passes_per_min"):
        return "tracking"
    if column in _PREDICTED:
        return "expected minutes"
    if "minutes" in column or column in _RECENT or column.startswith("over_share"):
        return "recent minutes"
    return "own rates and form"


GROUPS: dict[str, tuple[str, ...]] = {name: tuple(c for c in _ALL if _group(c) == name) for name in dict.fromkeys(_group(c) for c in _ALL)}
"""Group to columns; each column of any model is in exactly one."""

GROUP_OF: dict[str, str] = {column: name for name, columns in GROUPS.items() for column in columns}


def without_groups(columns: Sequence[str], groups: Sequence[str]) -> tuple[str, ...]:
    """`columns` that are in none of `groups`.

    Raises:
        RatesError: names a group that does not exist.
    """
    unknown = [g for g in groups if g not in GROUPS]
    if unknown:
        raise RatesError(f"feature group {', '.join(unknown)} does not exist: choose from {', '.join(GROUPS)}")
    return tuple(c for c in columns if GROUP_OF.get(c) not in groups)
