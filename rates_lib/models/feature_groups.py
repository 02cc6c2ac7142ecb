"""What the features are about: groups that ablations take out and explanations speak in.

Belongs here: which columns form a group, and its words. Does not belong here: which model reads a column (`feature_sets.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
_COACH = (
    *("minutes_concentration_hl6", "players_used_hl6", "starters_minutes_hl6"),
    *("season_pace_team", "season_off_rating", "season_def_rating"),
)
_CALENDAR = ("home_flag", "month", "team_season_games", "season_games", "new_team_flag")
_RECENT = ("season_mpg", "prev_season_mpg", "prev_season_games", "last10_appearance_share", "last_game_fouls", "last_game_margin")
_TRACKING = ("season_touches_per_min", "season_sec_per_touch", "season_drives_per_min", "season_passes_per_min")
_PREDICTED = ("minutes_expected_p50", "minutes_spread")


# the first that holds counts
_MEMBERS: dict[str, Callable[[str], bool]] = {
    "lines": lambda c: c in _LINES,
    "starting five": lambda c: c in _STARTING,
    "team-mates in and out": lambda c: c in (*ABSENCES, *LIKELY_COLUMNS) or c.startswith(_OUT),
    "roles": lambda c: c.startswith(("role_prob_", "dvp_role_")),
    "play style": lambda c: c.startswith(("style_", "matchup_", "opp_pts_paint_")),
    "opponent": lambda c: c.startswith(("opp_", "dvp_")) or c == "season_pace_opp",
    "own status": lambda c: c in _STATUS,
    "rest, load and absence": lambda c: c in _REST or c.startswith(_LOAD),
    "body and position": lambda c: c in _BODY or c.startswith("position_flags") or c.endswith("_position"),
    "team and coach": lambda c: c in _COACH or c.startswith("own_"),
    "calendar and home": lambda c: c in _CALENDAR,
    "tracking": lambda c: c in _TRACKING,
    "expected minutes": lambda c: c in _PREDICTED,
    "recent minutes": lambda c: "minutes" in c or c in _RECENT or c.startswith("over_share"),
    "own rates and form": lambda _: True,
}


def _group(column: str) -> str:
    return next(name for name, holds in _MEMBERS.items() if holds(column))


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
