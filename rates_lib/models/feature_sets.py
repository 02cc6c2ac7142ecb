"""Columns that each model reads.

Belongs here: the feature lists, derived from the tables that hold the columns, so that a numeric column added to a form table is a feature
from the next training on; the check that a frame has its columns. Does not belong here: the computation of a feature (`features/`,
`minutes_shares.py`), groups of features for readers (`feature_groups.py`). A bundle stores the list that it was trained with; the lists
here only matter for the next training.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from rates_lib.core.errors import SchemaError
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import LABEL_COUNTS, TABLES

_LABELS = {"season", "played", "minutes_actual", "foreseen_flag", *LABEL_COUNTS, *(f"{t}_per_min" for t in RATE_TARGETS)}
_TRACKING = ("season_touches_per_min", "season_sec_per_touch", "season_drives_per_min")


def require_columns(frame: pl.DataFrame, columns: Iterable[str], reader: str, remedy: str) -> None:
    """Check that `frame` has `columns`.

    Raises:
        SchemaError: names the missing columns, their reader and the remedy.
    """
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise SchemaError(f"{reader} needs {', '.join(missing)}: {remedy}")


def _numeric(table: str) -> tuple[str, ...]:
    numeric = (pl.Float64, pl.Int64, pl.Int8)
    return tuple(c.name for c in TABLES[table].specs if c.dtype in numeric and c.name not in _LABELS)


ABSENCES: tuple[str, ...] = (
    "num_rotation_players_out",
    "team_minutes_vacated",
    "team_usage_vacated",
    "star_scorer_out_flag",
    "primary_ballhandler_out_flag",
    "starting_center_out_flag",
)
"""Columns that follow from the statuses of a team; 0 if none is published."""

_KINDS = ("mates_minutes", "mates_minutes_blind", "absent_minutes", "fresh_absent_minutes", "returning_minutes", "mates_count")
FROM_STATUSES: tuple[str, ...] = (
    *(f"{kind}_{where}" for kind in _KINDS for where in ("team", "near")),
    "minutes_share",
    "minutes_share_blind",
    "minutes_rank",
    "minutes_rank_blind",
    "regular_starters_out",
)
"""Columns of gold.rotation that mean little without published statuses: the minutes model then reads null."""

AWARE: dict[str, str] = {
    "minutes_prior": "minutes_prior_blind",
    "mates_minutes_team": "mates_minutes_blind_team",
    "mates_minutes_near": "mates_minutes_blind_near",
    "minutes_share": "minutes_share_blind",
    "minutes_rank": "minutes_rank_blind",
}
"""Columns computed with the announced starters, and the columns that replace them before the announcement."""

LIKELY_COLUMNS: tuple[str, ...] = (
    *(f"likely_{kind}_{where}" for kind in ("minutes", "minutes_blind", "count") for where in ("team", "near")),
    "likely_share",
    "likely_share_blind",
)
"""Columns that `minutes_shares.add_likely_columns` computes from the probabilities to play."""

_MINUTES_CONTEXT = (
    "days_rest", *ABSENCES, "minutes_concentration_hl6", "players_used_hl6", "starters_minutes_hl6", "team_season_games",
    "season_pace_team", "season_off_rating", "season_def_rating", "spread_close", "total_close", "team_itt", "opp_itt",
)  # fmt: skip

PLAY_FEATURES: tuple[str, ...] = (
    *(c for c in _numeric("gold.player_form") if "_per_min_" not in c and c != "bench_tier"),
    *_numeric("gold.rotation"),
    *_MINUTES_CONTEXT,
    "position_index",
    "month",
)
"""Columns of a candidate row (`minutes_shares.prepared`) that the probability to play reads, in addition to STATUS_KNOWN."""

STATUS_KNOWN = "status_known"
"""1: a status is published for the player; 0: the player is not on the injury report; null: nothing is published."""

MINUTES_FEATURES: tuple[str, ...] = (*(c for c in PLAY_FEATURES if c != "play_prob_prior"), *LIKELY_COLUMNS)
"""Columns that the minutes boosters read, in addition to STATUS_KNOWN."""

MINUTES_COLUMNS: tuple[str, ...] = tuple(c for c in PLAY_FEATURES if c not in ("position_index", "month"))
"""Columns of a candidate row that `minutes_v1` needs; it also reads status, availability_source, position_primary and game_date."""

RATES_STAGE2: tuple[str, ...] = _numeric("gold.rates_training_base")
"""All numeric columns of the training base except key and labels."""

RATES_STAGE0: tuple[str, ...] = tuple(c for c in RATES_STAGE2 if c not in _TRACKING)
"""RATES_STAGE2 without tracking columns."""

RATES_FEATURE_SETS: dict[str, tuple[str, ...]] = {"stage0": RATES_STAGE0, "stage2": RATES_STAGE2}
"""Feature sets of `rates_v1:plain` by name, the simplest first; it wins a tie."""

OTHER_STATS = ("pf", "fg2m", "fg3m", "ftm", "pts")
_RATES_CONTEXT = (
    "home_flag", "is_starter", *(f"position_flags_{p}" for p in ("PG", "SG", "SF", "PF", "C")), "height_inches", "weight_lbs", "age_years",
    "season_games", "season_usage", "days_rest", "days_since_last_game", "team_games_missed", "new_team_flag", "team_season_games",
    "season_pace_team", "season_pace_opp", "season_off_rating", "season_def_rating", "spread_close", "total_close", "team_itt", "opp_itt",
    "minutes_hl4", "minutes_hl10", "minutes_hl30", "minutes_sd_hl10", "minutes_lag1", "start_share_hl8", "minutes_weight_hl30",
    "prev_season_mpg", "minutes_expected_p50", "minutes_spread", "play_prob", *ABSENCES,
    "absent_minutes_near", "fresh_absent_minutes_near", "returning_minutes_near", "minutes_rank_blind", "starters_minutes_blind",
    "season_touches_per_min", "season_sec_per_touch", "season_drives_per_min", "season_passes_per_min",
    "opp_def_rating", "opp_def_3pa_allowed", "opp_def_reb_rate", "opp_def_ast_rate",
)  # fmt: skip


def _about(target: str) -> list[str]:
    """Columns for one of RATE_TARGETS."""
    own = [f"{target}_per_min_hl{n}" for n in (3, 10, 30, 100)] + [f"{target}_per_min_position"]
    allowed = [f"opp_{target}_ratio_hl{n}" for n in (8, 30)]
    position = [f"dvp_{target}_ratio", f"own_{target}_ratio_hl8", f"opp_{target}_expected"]
    return [*own, *allowed, *position, f"mates_{target}_per_min", f"vacated_{target}", f"fresh_vacated_{target}"]


_GAME = TABLES["gold.player_game_training"].columns
OPTIONAL_GROUPS: dict[str, tuple[str, ...]] = {
    "roles": (*(c for c in _GAME if c.startswith("role_prob_")), *(f"dvp_role_{t}_ratio" for t in RATE_TARGETS)),
    "play style": tuple(c for c in _GAME if c.startswith("style_")),
    "matchups": (*(c for c in _GAME if c.startswith("matchup_")), "opp_pts_paint_ratio_hl30"),
}
"""Groups of columns that `rates_v1:offset` may read."""

ADOPTED_GROUPS: tuple[str, ...] = ()
"""Members of OPTIONAL_GROUPS that it reads: those that lower the deviance on 2023-24 (`python -m rates_lib.evaluation.optional_groups`)."""

RATES_FEATURES: tuple[str, ...] = (
    *_RATES_CONTEXT,
    *(f"{s}_per_min_hl30" for s in OTHER_STATS),
    *(f"opp_{s}_ratio_hl{n}" for s in ("pts", "fg2m", "fg3m", "pf") for n in (8, 30)),
    "own_pts_ratio_hl8",
    *(c for t in RATE_TARGETS for c in _about(t)),
    *(c for group in ADOPTED_GROUPS for c in OPTIONAL_GROUPS[group]),
)
"""Columns of gold.player_game_training that `rates_v1:offset` reads, the same for all nine targets, so that one binning serves them all."""

SHOTS: dict[str, tuple[str, str]] = {"fg2_pct": ("fg2m", "fga2"), "fg3_pct": ("fg3m", "fga3"), "ft_pct": ("ftm", "fta")}
"""Targets of `efficiency_v1`: column of shots made and column of shots tried."""

EFFICIENCY_FEATURES: tuple[str, ...] = (
    "home_flag", "height_inches", "age_years", "season_usage", "days_rest", "spread_close", "total_close", "team_itt", "opp_itt",
    *(f"position_flags_{p}" for p in ("PG", "SG", "SF", "PF", "C")), "is_starter", "minutes_hl10", "minutes_expected_p50",
    "fg2_pct_prior", "fg3_pct_prior", "ft_pct_prior", "opp_def_rating", "season_off_rating",
    *(f"{s}_per_min_hl{n}" for s in ("fg2m", "fg3m", "ftm", "fga2", "fga3", "fta") for n in (10, 30, 100)),
    *(f"{s}_per_min_hl30" for s in ("ast", "oreb", "blk")),
    *(f"opp_{s}_ratio_hl{n}" for s in ("fg2m", "fg3m", "fga2", "fga3", "pts", "blk") for n in (8, 30)),
    "dvp_fg2m_ratio", "dvp_fg3m_ratio", "own_fg2m_ratio_hl8", "own_fg3m_ratio_hl8", "own_pts_ratio_hl8",
    "mates_fga3_per_min", "mates_ast_per_min",
)  # fmt: skip
"""Columns that `efficiency_v1` reads, the same for all three shots."""
