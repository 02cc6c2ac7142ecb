"""Every table of the lake: its columns (by name, defined in `columns.py`), key, partition and grain.

Belongs here: one `TableSpec` per table. Does not belong here: the meaning of columns (`columns.py`), the computation of tables
(`sql/`, `features/`, `models/`). Rows of a table are always sorted by its key; a null in a key counts as a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

from rates_lib.core.box_score import BOX_COUNTS
from rates_lib.core.fantasy import SITES
from rates_lib.core.stats import EXPORTED, MEDIANS, WORLD_COUNTS
from rates_lib.schemas.columns import (
    COLUMNS,
    DVP_STATS,
    EXTRA_STATS,
    FORM_RATES,
    LAST3,
    NEUTRAL,
    PLAYER_RECONCILED,
    POSITIONS,
    RATE_TARGETS,
    RECENT_FORM,
    ROLES,
    TEAM_FEATURES,
    TEAM_LEAGUE,
    TEAM_RECONCILED,
    TEAM_STRENGTH,
    ColumnSpec,
    DType,
)

Partition = Literal["season", "game_date", "none"]


@dataclass(frozen=True)
class TableSpec:
    """One table.

    Attributes:
        name: `<layer>.<table>`: at once asset key, DuckDB schema and table, lake folder and SQL file.
        partition: the column by which the lake partitions the table, "none" for a table in one file.
        grain: meaning of one row, as the end of "one row per …".
        key: columns that identify a row, and the sort order.
        columns: names in order.
        required: columns that are nullable in general but never null in this table.
        optional: columns that are never null in general but nullable in this table (`grain` gives the reason).
        quarantine: whether rows that break a rule go to `<name>_quarantine`; without it one such row refuses the whole partition.
        narrow: narrower dtypes than the columns' own, for tables with many rows and small numbers.
    """

    name: str
    partition: Partition
    grain: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    quarantine: bool = False
    narrow: Mapping[str, DType] = field(default_factory=dict)

    @property
    def layer(self) -> str:
        """The part of the name before the dot."""
        return self.name.split(".", 1)[0]

    @property
    def quarantine_name(self) -> str:
        """Name of the table that holds rows that broke a rule."""
        return f"{self.name}_quarantine"

    @property
    def specs(self) -> tuple[ColumnSpec, ...]:
        """The columns' definitions, in order."""
        return tuple(replace(COLUMNS[c], dtype=self.narrow[c]) if c in self.narrow else COLUMNS[c] for c in self.columns)

    @property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Column name to Polars dtype, in order."""
        return {c.name: c.dtype for c in self.specs}

    def empty(self) -> pl.DataFrame:
        """A frame of the table's schema without rows."""
        return pl.DataFrame(schema=self.schema)

    def is_nullable(self, column: str) -> bool:
        """Whether `column` may be null in this table."""
        return (COLUMNS[column].nullable or column in self.optional) and column not in self.required


def _cols(*parts: str) -> tuple[str, ...]:
    return tuple(name for part in parts for name in part.split())


_TABLES: list[TableSpec] = []


_PARTITION_OF_LAYER: dict[str, Partition] = {
    **dict.fromkeys(("bronze", "silver", "gold", "evals"), "season"),
    **dict.fromkeys(("predictions", "sims", "exports"), "game_date"),
    "models": "none",
}
_LAYERS_WITH_QUARANTINE = ("bronze", "silver")
_AT_MOST_ONE = ("prob", "share", "0/1")  # units whose values are at most 1 by definition
_QUARANTINE_COLUMNS = ("season", "row_key", "reason", "row_json")


def _t(
    name: str,
    grain: str,
    key: str,
    *columns: str,
    required: str = "",
    optional: str = "",
    narrow: Mapping[str, DType] | None = None,
) -> None:
    layer = name.split(".", 1)[0]
    partition, quarantine = _PARTITION_OF_LAYER[layer], layer in _LAYERS_WITH_QUARANTINE
    spec = TableSpec(name, partition, grain, _cols(key), _cols(*columns), _cols(required), _cols(optional), quarantine, narrow or {})
    _TABLES.append(spec)
    if quarantine:
        refused = f"row of {name} that broke a rule, once per rule"
        _TABLES.append(TableSpec(spec.quarantine_name, partition, refused, _QUARANTINE_COLUMNS, _QUARANTINE_COLUMNS, ("reason",)))


_SOURCE_COUNTS = "fgm fga fg3m fg3a ftm fta oreb dreb reb ast stl blk tov pf pts plus_minus"
LABEL_COUNTS = _cols("fga2 fg2m fga3 fg3m fga fgm fta ftm oreb dreb reb ast stl blk tov pf pts")
_COUNTS = " ".join((*LABEL_COUNTS, "plus_minus"))
_LANDED = "provider fetched_at_utc"
_PUB = "published_utc published_assumed"
_TRACKING = (
    "minutes_tracking touches front_ct_touches time_of_poss_seconds passes_made passes_received potential_ast secondary_ast drives "
    "catch_shoot_fga pull_up_fga paint_touches post_touches elbow_touches oreb_chances dreb_chances distance_miles"
)
_FLAGS = " ".join(f"position_flags_{p}" for p in POSITIONS)
_STINT = "start_sec end_sec seconds_stint home_lineup away_lineup home_possessions away_possessions home_pts_stint away_pts_stint source"

# --- bronze -----------------------------------------------------------------------------------------------------------
_t(
    "bronze.schedule",
    "scheduled game (a postponed one keeps its row)",
    "season game_id",
    "season game_id game_date tipoff_utc tipoff_assumed home_team_id home_team_abbreviation away_team_id away_team_abbreviation "
    "neutral_site game_status",
    _LANDED,
)
_t(
    "bronze.player_boxscore",
    "player and game of the log, as the source gives it",
    "season game_id player_id",
    "season game_id game_date team_id team_abbreviation player_id player_name matchup wl min minutes_decimal",
    _SOURCE_COUNTS,
    "pts_paint pts_fast_break",
    _LANDED,
)
_t(
    "bronze.team_boxscore",
    "team and game of the log, as the source gives it",
    "season game_id team_id",
    "season game_id game_date team_id team_abbreviation matchup wl min",
    _SOURCE_COUNTS,
    _LANDED,
)
_t(
    "bronze.player_status",
    "player, game, publication and source",
    "season game_id player_id published_utc source",
    "season game_id player_id player_name",
    _PUB,
    "source team_id status reason starter_announced position_listed",
    _LANDED,
)
_t(
    "bronze.odds",
    "game, book, market, subject and publication",
    "season game_id book market subject_id published_utc",
    "season game_id book market subject_id",
    _PUB,
    "line price_home price_away source",
    _LANDED,
)
_t(
    "bronze.player_tracking",
    "player and game, or player and season if only totals are published (see grain; game_id is then null)",
    "season grain game_id player_id team_id",
    "season grain game_id player_id team_id gp",
    _TRACKING,
    _LANDED,
    optional="game_id",
)
_t(
    "bronze.lineup_stint",
    "stint of a game, as the source gives it",
    "season game_id stint",
    "season game_id stint",
    _STINT,
    _LANDED,
)
_t(
    "bronze.player_bio",
    "player",
    "season player_id",
    "season player_id player_name height_inches weight_lbs age_years birth_date position_listed country draft_year draft_number",
    _LANDED,
)

_PEER = "forecast forecast_floor forecast_ceiling price_over price_under salary scored"
_t(
    "bronze.peer_forecast",
    "peer's forecast as published: source, stat, book (null: the source's own projection), day, teams if given, name, publication",
    "season source stat book game_date team_abbreviation home_team_abbreviation player_name published_utc",
    "season source stat book player_name game_date team_abbreviation home_team_abbreviation away_team_abbreviation",
    _PEER,
    _PUB,
    _LANDED,
    required="player_name",
    optional="book team_abbreviation home_team_abbreviation away_team_abbreviation",
)

_t(
    "bronze.impact_rating",
    "published rating of a player's season, or of the part with one team if the source splits it; for comparison, never a feature",
    "season source player_id team_id",
    "season source player_id team_id player_name rating_per_100 rating_off_per_100 rating_def_per_100 exposure",
    _LANDED,
    optional="team_id",
)

_t(
    "bronze.team_forecast",
    "peer's forecast of a game as published",
    "season source stat game_date home_team_abbreviation published_utc",
    "season source stat game_date home_team_abbreviation away_team_abbreviation forecast",
    _PUB,
    _LANDED,
)

# --- silver -----------------------------------------------------------------------------------------------------------
_t(
    "silver.game",
    "game that is not postponed",
    "season game_id",
    "season game_id game_date tipoff_utc tipoff_assumed home_team_id away_team_id home_team_abbreviation away_team_abbreviation "
    "neutral_site game_status overtimes home_pts away_pts home_win",
)
_t(
    "silver.player_game",
    "player and game with an appearance, also of 0 minutes",
    "season game_id player_id",
    "season game_id game_date team_id opponent_id player_id player_name home_flag min minutes minutes_source seconds played starter "
    "start_position",
    _COUNTS,
    "pts_paint",
)
_t(
    "silver.team_game",
    "team and played game",
    "season game_id team_id",
    "season game_id game_date team_id opponent_id home_flag overtimes seconds",
    _COUNTS,
    "opp_pts possessions",
    required="overtimes",
)
_t(
    "silver.tracking_game",
    "player and game with tracking (north star, section 4)",
    "season game_id team_id player_id",
    "season game_id team_id player_id game_date",
    _TRACKING,
    "touches_per_min top_per_min passes_per_min drives_per_min",
    required="touches time_of_poss_seconds passes_made drives",
)
_t(
    "silver.odds_game",
    "game and quote label",
    "season game_id as_of",
    "season game_id as_of game_date spread_home total home_itt away_itt moneyline_home moneyline_away home_win_prob_market books",
    _PUB,
)
_t(
    "silver.player_availability",
    "player, game and status label",
    "season game_id player_id as_of",
    "season game_id player_id as_of player_name team_id game_date status reason starter_announced position_listed play_prob_prior "
    "availability_source",
    _PUB,
)
_t(
    "silver.lineup_stint",
    "five-on-five stint, reconciled with the final score if there is one",
    "season game_id stint",
    "season game_id stint",
    _STINT,
    required="home_lineup away_lineup home_possessions away_possessions home_pts_stint away_pts_stint",
)

_t(
    "silver.peer_forecast",
    "peer's forecast for a player's game, played or missed: source, stat, book (null: the source's own projection); the last before "
    "tip-off, or the first of the day if tip-off is assumed",
    "season source stat book game_id player_id",
    "season source stat book game_id player_id player_name name_match game_date",
    _PEER,
    _PUB,
    required="player_name",
    optional="book",
)

_t(
    "silver.team_forecast",
    "peer's forecast of a game: source, stat; the last before tip-off, from the home side's view",
    "season source stat game_id",
    "season source stat game_id game_date forecast",
    _PUB,
)

# --- gold -------------------------------------------------------------------------------------------------------------
_ROW = "season game_id game_date team_id opponent_id player_id"
_RATE_FORM = " ".join(f"season_{s}_per_min" for s in FORM_RATES)
_LAST3 = "last3_minutes_per_game " + " ".join(f"last3_{s}_per_min" for s in LAST3)
_POSITION = f"position_primary {_FLAGS}"
_ABSENCES = (
    "num_rotation_players_out team_minutes_vacated team_usage_vacated star_scorer_out_flag primary_ballhandler_out_flag "
    "starting_center_out_flag"
)
_MINUTES = "minutes_mean minutes_p10 minutes_p50 minutes_p90 play_prob"
_STAMP = "as_of_utc tipoff_utc model_run_id model_window model_fallback"
_RATE_LABELS = " ".join(f"{t}_per_min" for t in RATE_TARGETS)
_RATE_MEANS = " ".join(f"{t}_per_min_mean" for t in RATE_TARGETS)

_MINUTES_DECAYED = (
    "minutes_hl2 minutes_hl4 minutes_hl10 minutes_hl30 minutes_weight_hl10 minutes_sd_hl10 minutes_started_hl8 minutes_benched_hl8 "
    "starts_weight_hl8 benched_weight_hl8 start_share_hl8 minutes_prior minutes_prior_blind minutes_role_change minutes_lag1 minutes_lag2 "
    "minutes_lag3 minutes_lag4 started_lag1 started_lag2 last_game_fouls last_game_margin minutes_last4d games_last4d minutes_last7d "
    "games_last7d minutes_last30d games_last30d team_games_missed new_team_flag games_since_return last_absence_games"
)
_RATES_DECAYED = " ".join(
    [
        *(f"{t}_per_min_hl{n}" for t in RATE_TARGETS for n in (3, 10, 30, 100)),
        *(f"{s}_per_min_hl{n}" for s in ("fg2m", "fg3m", "ftm") for n in (10, 30, 100)),
        *("pf_per_min_hl30", "pts_per_min_hl30", "minutes_weight_hl30"),
        *(f"{t}_per_min_position" for t in RATE_TARGETS),
    ]
)
_KINDS = ("mates_minutes", "mates_minutes_blind", "absent_minutes", "fresh_absent_minutes", "returning_minutes", "mates_count")
_ROTATION = " ".join(
    [
        *(f"{kind}_{where}" for kind in _KINDS for where in ("team", "near")),
        "minutes_share minutes_share_blind minutes_rank minutes_rank_blind starters_minutes_blind regular_starters_out",
        *(f"{name}_hl{n}" for name in ("over_share", "over_share_blind", "absent_minutes_near") for n in (3, 10)),
        *(f"{name}_hl{n}" for name in ("mates_minutes_blind_team", "mates_count_team") for n in (3, 10)),
    ]
)
_HABITS = "minutes_concentration_hl6 players_used_hl6 starters_minutes_hl6"
_VACATED = " ".join(
    [
        *(f"{kind}_{t}" for kind in ("vacated", "fresh_vacated") for t in RATE_TARGETS),
        *(f"absent_minutes_{p}" for p in POSITIONS),
    ]
)
_ALLOWED = " ".join(
    name for name in ("dvp_{}_ratio", "allowed_{}_per_36", "allowed_{}_per_100", "dvp_{}_rank") for name in map(name.format, DVP_STATS)
)
_ROLE_PROBS = " ".join(f"role_prob_{role}" for role in ROLES)
_STYLE = (
    "style_3pa_share style_fta_per_fga style_paint_pts_per_min style_paint_share style_catch_shoot_share style_catch_shoot_per_min "
    "style_pull_up_per_min style_drives_per_min style_inside_touches_per_min"
)
_MATCHUP = (
    "matchup_fga_ratio matchup_3pa_share matchup_fta_per_fga matchup_pts_ratio matchup_paint_pts_per_min matchup_paint_share "
    "matchup_catch_shoot_per_min matchup_pull_up_per_min matchup_drives_fta_per_min matchup_inside_touches_per_min"
)

_t(
    "gold.player_form",
    "candidate (listed, expected or appearing player) and game; as of the day before",
    "season game_id player_id",
    _ROW,
    "home_flag played status availability_source play_prob_prior is_starter bench_tier",
    _POSITION,
    "position_source height_inches weight_lbs age_years season_form_source season_games season_minutes season_mpg",
    _RATE_FORM,
    "season_usage",
    _LAST3,
    " ".join(RECENT_FORM),
    "fg2_pct_prior fg3_pct_prior ft_pct_prior",
    _MINUTES_DECAYED,
    _RATES_DECAYED,
    "foreseen_flag",
)
_t(
    "gold.rotation",
    "candidate and game: team-mates who are available, absent or returning; as of the day before, with the day's statuses",
    "season game_id player_id",
    _ROW,
    _ROTATION,
)
_t(
    "gold.team_form",
    "team and game; as of the day before",
    "season game_id team_id",
    "season game_id game_date team_id opponent_id home_flag days_rest team_season_games season_pace season_off_rating season_def_rating",
    _ABSENCES,
    _HABITS,
    _VACATED,
    "availability_source",
)
_t(
    "gold.team_strength",
    "team and game: ratings, style, schedule, standings; as of the day before",
    "season game_id team_id",
    "season game_id game_date team_id opponent_id home_flag",
    " ".join((*NEUTRAL, *TEAM_LEAGUE, *TEAM_STRENGTH)),
)
_t(
    "gold.opponent_allowed",
    "defending team and game; as of the day before",
    "season game_id team_id",
    "season game_id game_date team_id opponent_id def_rating def_3pa_allowed def_reb_rate def_ast_rate",
    " ".join(f"def_{s}_ratio_hl{n}" for s in (*RATE_TARGETS, *EXTRA_STATS) for n in (8, 30)),
    " ".join(f"own_{s}_ratio_hl8" for s in (*RATE_TARGETS, *EXTRA_STATS)),
    "def_pts_paint_ratio_hl30",
)
_t(
    "gold.dvp",
    "defending team, game and position of the opponents; as of the day before",
    "season game_id team_id position_primary",
    "season game_id game_date team_id opponent_id position_primary",
    _ALLOWED,
    required=" ".join(f"dvp_{s}_ratio" for s in DVP_STATS),
)
_t(
    "gold.dvp_role",
    "defending team, game and role of the opponents (gold.player_role); as of the day before",
    "season game_id team_id player_role",
    "season game_id game_date team_id opponent_id player_role",
    _ALLOWED,
    required="player_role " + " ".join(f"dvp_{s}_ratio" for s in DVP_STATS),
)
_t(
    "gold.player_role",
    "player with a game in this or the previous season, and date of estimate; as of the day before that date",
    "season estimate_date player_id",
    "season estimate_date player_id position_primary role_minutes player_role role_prior",
    _ROLE_PROBS,
    " ".join(f"role_dist_{role}" for role in ROLES),
    required=f"player_role {_ROLE_PROBS}",
)
_t(
    "gold.play_style",
    "candidate and game: role by the newest estimate, and sources of the player's shots; as of the day before",
    "season game_id player_id",
    _ROW,
    "player_role role_source",
    _ROLE_PROBS,
    _STYLE,
)
_t(
    "gold.tracking_rollups",
    "candidate and game; as of the day before",
    "season game_id player_id",
    _ROW,
    "tracking_source season_touches_per_min season_sec_per_touch season_drives_per_min season_passes_per_min",
)
_t(
    "gold.player_impact",
    "player with a game in this season or the three before, and date of estimate; from games strictly before it",
    "season estimate_date player_id",
    "season estimate_date player_id player_name impact_off_per_100 impact_def_per_100 impact_per_100 impact_se possessions_off "
    "possessions_def impact_source",
)
_t(
    "gold.minutes_walk_forward",
    "candidate and game, by the newest model whose window is not after the game's month",
    "season game_id player_id",
    "season game_id game_date team_id player_id minutes_source",
    _MINUTES,
    _STAMP,
)
_t(
    "gold.rates_training_base",
    "player and game with minutes > 0 in the log (north star, section 3)",
    "season game_id team_id player_id",
    "season game_id game_date team_id opponent_id player_id minutes_actual",
    _RATE_LABELS,
    _POSITION,
    "height_inches weight_lbs",
    _RATE_FORM,
    "season_touches_per_min season_sec_per_touch season_drives_per_min "
    "minutes_expected_p50 minutes_spread play_prob minutes_source is_starter bench_tier home_flag days_rest spread_close total_close "
    "team_itt opp_itt season_pace_team season_pace_opp opp_def_rating opp_def_3pa_allowed opp_def_reb_rate opp_def_ast_rate",
    _ABSENCES,
    _LAST3,
    "availability_source tracking_source season_form_source",
)

_FORM = next(t for t in _TABLES if t.name == "gold.player_form")
_ALL_FEATURES = dict.fromkeys(
    [
        *(c for c in _FORM.columns if c not in (*_cols(_ROW), "played", "status")),
        *(c for c in next(t for t in _TABLES if t.name == "gold.rates_training_base").columns if c not in _cols(_ROW, _RATE_LABELS)),
        *_cols(_HABITS, _VACATED, _ROTATION, "season_passes_per_min team_season_games season_off_rating season_def_rating"),
        *(f"opp_{s}_ratio_hl{n}" for s in (*RATE_TARGETS, *EXTRA_STATS) for n in (8, 30)),
        *(f"own_{s}_ratio_hl8" for s in (*RATE_TARGETS, *EXTRA_STATS)),
        *(f"dvp_{s}_ratio" for s in DVP_STATS),
        *(f"mates_{t}_per_min" for t in RATE_TARGETS),
        *(f"opp_{t}_expected" for t in RATE_TARGETS),
        *_cols("player_role role_source", _ROLE_PROBS),
        *(f"dvp_role_{s}_ratio" for s in DVP_STATS),
        *_cols(_STYLE, "opp_pts_paint_ratio_hl30", _MATCHUP),
    ]
)
_t(
    "gold.player_game_training",
    "player and game with minutes > 0 in the log: the training base, all other features, and all labels (counts of the game)",
    "season game_id team_id player_id",
    _ROW,
    " ".join(LABEL_COUNTS),
    _RATE_LABELS,
    " ".join(_ALL_FEATURES),
)

_t(
    "gold.team_matchup_training",
    "game: features of both sides (as of the day before, with the day's statuses), their differences, closing lines and labels",
    "season game_id",
    "season game_id game_date home_team_id away_team_id home_pts away_pts home_margin total_points home_win",
    "availability_source minutes_source",
    " ".join((*NEUTRAL, *TEAM_LEAGUE)),
    "kalman_margin kalman_total elo_home_win_prob spread_home total",
    " ".join(f"{side}_{c}" for side in ("home", "away", "diff") for c in TEAM_FEATURES),
    required="home_pts away_pts home_margin total_points home_win",
)

# --- models, predictions, sims, evals, exports ----------------------------------------------------------------------------
_t(
    "models.registry",
    "training run",
    "model window recipe feature_set run_id",
    "run_id model recipe feature_set window run_status why metric metric_cal metric_val train_start train_end cal_start cal_end val_start "
    "val_end rows_train rows_final data_fingerprint code_version",
)
_PRED = "season game_date game_id team_id player_id player_name"
_t(
    "predictions.minutes",
    "candidate and game",
    "game_date game_id team_id player_id",
    _PRED,
    "opponent_id status availability_source is_starter",
    _MINUTES,
    "minutes_reconciled",
    _STAMP,
    required="minutes_mean minutes_p10 minutes_p50 minutes_p90 play_prob",
)
_t("predictions.rates", "candidate and game", "game_date game_id team_id player_id", _PRED, _RATE_MEANS, _STAMP)
_BOX_MEANS = " ".join(f"{s}_mean" for s in BOX_COUNTS)
_RECONCILED = " ".join(PLAYER_RECONCILED)
_t(
    "predictions.player_box",
    "candidate and game",
    "game_date game_id team_id player_id",
    _PRED,
    "play_prob minutes_mean minutes_reconciled",
    _BOX_MEANS,
    " ".join(site.column for site in SITES.values()),
    _RECONCILED,
    "fg2_pct_mean fg3_pct_mean ft_pct_mean",
    " ".join(f"{s}_p50" for s in MEDIANS),
    "fell_back_on",
    _STAMP,
    required="play_prob minutes_mean",
)
_OF_GAME = " ".join(f"{name}_{stat}" for name in ("margin", "total", "home_pts", "away_pts") for stat in ("mean", "p10", "p50", "p90"))
_t(
    "predictions.team",
    "game",
    "game_date game_id",
    "season game_date game_id home_team_id away_team_id home_win_prob",
    _OF_GAME,
    "with_market_home_win_prob",
    " ".join(f"with_market_{c}" for c in _OF_GAME.split()),
    " ".join(TEAM_RECONCILED),
    "spread_home total availability_source fell_back_on",
    _STAMP,
)
_t(
    "sims.worlds",
    "game, player and world in which the player plays",
    "game_date game_id player_id world",
    f"game_date game_id player_id world team_id seconds {' '.join(WORLD_COUNTS)}",
    narrow={"world": pl.UInt32, "seconds": pl.UInt16} | dict.fromkeys(WORLD_COUNTS, pl.UInt8),
)
_t(
    "sims.player_summary",
    "player and stat",
    "game_date game_id team_id player_id stat",
    "season game_date game_id team_id player_id player_name stat worlds mean sd p5 p10 p25 p50 p75 p90 p95",
    _STAMP,
)
_t(
    "sims.player_tails",
    "player, statistic and k, where the probability of at least k is neither nearly 0 nor nearly 1",
    "game_date game_id player_id stat at_least",
    "game_date game_id player_id stat at_least at_least_prob worlds",
)
_t(
    "sims.game_summary",
    "game",
    "game_date game_id",
    "season game_date game_id home_team_id away_team_id worlds home_win_prob overtime_prob home_pts_mean away_pts_mean "
    "home_away_correlation spread_home total home_cover_prob over_prob margin_mean margin_sd margin_p10 margin_p50 margin_p90 "
    "total_mean total_sd total_p10 total_p50 total_p90",
    _STAMP,
)
_t(
    "sims.correlations",
    "two statistics of one or two players of a game, each pair once",
    "game_date game_id player_id stat other_player_id other_stat",
    "game_date game_id player_id stat other_player_id other_stat correlation worlds",
)
_t(
    "evals.player",
    "season, model, target, segment, predictor and metric (value null if no row could be measured)",
    "season model target segment predictor metric",
    "season model target segment predictor metric value value_low value_high rows rows_missing model_run_id",
    optional="value",
)
_t(
    "evals.consistency",
    "season, target, segment, predictor (raw, team, players, reconciled) and metric: before and after reconciliation",
    "season target segment predictor metric",
    "season target segment predictor metric value value_low value_high rows rows_missing",
)
_t(
    "evals.team",
    "season, target, segment, predictor and metric of games",
    "season target segment predictor metric",
    "season target segment predictor metric value value_low value_high rows rows_missing model_run_id",
    optional="value",
)
_t(
    "evals.calibration",
    "season, model, target, segment, predictor and bin",
    "season model target segment predictor kind bin",
    "season model target segment predictor kind bin bin_low bin_high predicted actual slope slope_se rows rows_missing",
)
_t(
    "evals.ablation",
    "season, target and feature group: the season's first model fitted without the group, measured on all rows of the season",
    "season model target feature_group",
    "season model target feature_group metric value value_without loss_pct features_dropped rows window model_run_id",
)
_t(
    "evals.impact",
    "season, predictor, target and metric (value_low and value_high null without a bootstrap)",
    "season predictor target metric",
    "season predictor target metric value value_low value_high rows",
)
_t(
    "evals.worlds",
    "season, target, segment, predictor and metric of the worlds",
    "season target segment predictor metric",
    "season target segment predictor metric value value_low value_high rows worlds model_run_id",
)
_t("exports.files", "file of the day's version", "game_date path", "season game_date path format bytes as_of_utc")

# --- profiles of players before the game (pipeline/profiles.py) -----------------------------------------------------------
PLAYER_IMPACT = ("impact_off_per_100", "impact_def_per_100", "impact_per_100", "impact_se")
PROFILE_COUNTS = ("pts", "reb", "oreb", "dreb", "ast", "stl", "blk", "tov", "fga", "3pa", "fta")
_PROFILE = _cols(
    "status availability_source is_starter bench_tier new_team_flag team_games_missed days_since_last_game",
    "position_primary position_source player_role role_source height_inches weight_lbs age_years",
    "season_form_source season_games season_mpg season_usage season_ts_pct season_3pa_share season_fta_per_fga",
    " ".join(f"season_{s}_per_game" for s in PROFILE_COUNTS),
    " ".join(f"season_{s}_per_36" for s in PROFILE_COUNTS),
    " ".join(f"{s}_per_min_hl{n}" for n in (10, 30) for s in (*RATE_TARGETS, "fg2m", "fg3m", "ftm")),
    "pts_per_min_hl30 efg_pct_hl30 fg2_pct_prior fg3_pct_prior ft_pct_prior",
    "last3_minutes_per_game last5_minutes_per_game last10_minutes_per_game last_game_minutes minutes_hl4 minutes_hl10 minutes_prior "
    "start_share_hl8 last10_appearance_share prev_season_mpg prev_season_games",
    "tracking_source season_touches_per_min season_sec_per_touch season_drives_per_min season_passes_per_min",
    " ".join(PLAYER_IMPACT),
)
_t(
    "predictions.player_profile",
    "candidate and game: the player's profile as of as_of_utc",
    "game_date game_id team_id player_id",
    _PRED,
    "opponent_id home_flag",
    " ".join(_PROFILE),
    "as_of_utc tipoff_utc",
    optional=" ".join(PLAYER_IMPACT),
)
# --- features of both sides of a game before tip-off (features/team_matchup.py) --------------------------------------------
_GAME_FEATURES = next(t for t in _TABLES if t.name == "gold.team_matchup_training").columns
_t(
    "predictions.matchup",
    "game: features of both sides and their differences, as of as_of_utc",
    "game_date game_id",
    " ".join(c for c in _GAME_FEATURES if c not in _cols("home_pts away_pts home_margin total_points home_win")),
    "as_of_utc tipoff_utc",
)

TABLES: dict[str, TableSpec] = {t.name: t for t in _TABLES}


# --- exported files: tables of the lake with names beside ids; not tables of the lake themselves -------------------------------
def _game_first(columns: tuple[str, ...]) -> tuple[str, ...]:
    """`columns` of a game with the teams' abbreviations, the identifying columns first."""
    first = _cols("season game_date game_id tipoff_utc away_team_id away_team_abbreviation home_team_id home_team_abbreviation")
    return (*first, *(c for c in columns if c not in first))


_SIDES = "team_id team_abbreviation opponent_id opponent_abbreviation home_flag"
_EXPORTS = (
    TableSpec(
        "gameday_player_profiles",
        "game_date",
        "candidate and game: the player's profile as of as_of_utc",
        _cols("game_date game_id team_id player_id"),
        _cols("season game_date game_id tipoff_utc", _SIDES, "player_id player_name", *_PROFILE, "as_of_utc"),
        optional=PLAYER_IMPACT,
    ),
    TableSpec(
        "gameday_matchups",
        "game_date",
        "game: features of both sides and their differences, as of as_of_utc",
        _cols("game_date game_id"),
        _game_first(TABLES["predictions.matchup"].columns),
    ),
    TableSpec(
        "gameday_team_predictions",
        "game_date",
        "game: margin, total, points and home win, without and with the market, and points reconciled with the players'",
        _cols("game_date game_id"),
        _game_first(TABLES["predictions.team"].columns),
    ),
    TableSpec(
        "gameday_player_predictions",
        "game_date",
        "candidate and game: projections, and quantiles over the worlds",
        _cols("game_date game_id team_id player_id"),
        _cols(
            "season game_date game_id tipoff_utc",
            _SIDES,
            "player_id player_name status availability_source is_starter play_prob",
            "minutes_mean minutes_p10 minutes_p50 minutes_p90 minutes_reconciled",
            _BOX_MEANS,
            " ".join(site.column for site in SITES.values()),
            _RECONCILED,
            "fg2_pct_mean fg3_pct_mean ft_pct_mean",
            " ".join(f"{s}_world_p{q}" for s in EXPORTED for q in (10, 50, 90)),
            _RATE_MEANS,
            "fell_back_on as_of_utc model_run_id model_window model_fallback",
        ),
        _cols("minutes_mean minutes_p10 minutes_p50 minutes_p90 play_prob"),
    ),
)

EXPORTS: dict[str, TableSpec] = {t.name: t for t in _EXPORTS}
SPECS: dict[str, TableSpec] = TABLES | EXPORTS

# facts of a source: columns of bronze, and of silver, which renames and adds them up, but for what silver computes
_COMPUTED = ("possessions", *(f"{c}_per_min" for c in ("touches", "top", "passes", "drives")))
_OBSERVED = frozenset(c for t in _TABLES if t.layer in ("bronze", "silver") for c in t.columns) - set(_COMPUTED)


def blocking_bounds(column: ColumnSpec) -> tuple[float | None, float | None]:
    """Bounds of a column that no row may break: (lo, hi), None where there is none.

    A fact of a source must lie within all its bounds. A derived column must lie within those that hold by definition (a count is not
    negative, a probability is at most 1); its other bounds are plausibility: a real value beyond them is rare, so it is reported
    (`validate.implausible`) and kept.
    """
    if column.name in _OBSERVED:
        return column.lo, column.hi
    return 0 if column.lo == 0 else None, 1 if column.hi == 1 and column.unit in _AT_MOST_ONE else None


def has_plausible_bounds(spec: TableSpec) -> bool:
    """Whether a column of the table has a bound that does not block."""
    return any(blocking_bounds(c) != (c.lo, c.hi) for c in spec.specs)
