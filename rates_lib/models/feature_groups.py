"""Groups of features, for ablations (which leave out a group) and explanations (which sum over a group).

Belongs here: names and columns of the groups. Does not belong here: the columns that a model reads (`feature_sets.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from rates_lib.core.errors import RatesError
from rates_lib.models.feature_sets import EFFICIENCY_FEATURES, MINUTES_FEATURES, PLAY_FEATURES, RATES_FEATURES, RATES_STAGE2, STATUS_KNOWN

_PATTERNS = {
    "lines": "spread_close total_close team_itt opp_itt",
    "starting five": "is_starter bench_tier minutes_role_change starters_minutes_blind last10_start_share start_share_hl8 started_lag* "
    "starts_weight_hl8 benched_weight_hl8 minutes_started_hl8 minutes_benched_hl8",
    "team-mates in and out": "*_out *_out_flag team_*_vacated absent_* fresh_absent_* returning_* vacated_* fresh_vacated_* mates_* "
    "likely_* minutes_share* minutes_rank*",
    "roles": "role_prob_* dvp_role_*",
    "play style": "style_* matchup_* opp_pts_paint_*",
    "opponent": "opp_* dvp_* season_pace_opp",
    "own status": "status_known play_prob_prior play_prob",
    "rest, load and absence": "days_rest days_since_last_game team_games_missed games_since_return last_absence_games minutes_last* "
    "games_last*",
    "body and position": "height_inches weight_lbs age_years position_index position_flags* *_position",
    "team and coach": "minutes_concentration_hl6 players_used_hl6 starters_minutes_hl6 season_pace_team season_off_rating "
    "season_def_rating own_*",
    "calendar and home": "home_flag month team_season_games season_games new_team_flag",
    "tracking": "season_touches_per_min season_sec_per_touch season_drives_per_min season_passes_per_min",
    "expected minutes": "minutes_expected_p50 minutes_spread",
    "recent minutes": "*minutes* season_mpg prev_season_mpg prev_season_games last10_appearance_share last_game_fouls last_game_margin "
    "over_share*",
    "own rates and form": "*",
}
"""Patterns of column names by group; a column belongs to the first group with a matching pattern."""

GROUP_OF: dict[str, str] = {
    column: next(name for name, patterns in _PATTERNS.items() if any(fnmatchcase(column, p) for p in patterns.split()))
    for column in (*PLAY_FEATURES, *MINUTES_FEATURES, STATUS_KNOWN, *RATES_STAGE2, *RATES_FEATURES, *EFFICIENCY_FEATURES)
}
"""Group by column, for each column that a model reads."""

GROUPS: dict[str, tuple[str, ...]] = {
    name: tuple(column for column, group in GROUP_OF.items() if group == name) for name in dict.fromkeys(GROUP_OF.values())
}
"""Columns by group; each column is in exactly one group."""


def without_groups(columns: Sequence[str], groups: Sequence[str]) -> tuple[str, ...]:
    """The members of `columns` that are in none of `groups`, in order.

    Raises:
        RatesError: names the unknown groups.
    """
    unknown = [g for g in groups if g not in GROUPS]
    if unknown:
        raise RatesError(f"feature group {', '.join(unknown)} does not exist: choose from {', '.join(GROUPS)}")
    return tuple(c for c in columns if GROUP_OF.get(c) not in groups)
