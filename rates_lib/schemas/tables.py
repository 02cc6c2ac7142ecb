"""Every table of the lake: its columns (by name, defined in `columns.py`), key, partition and grain.

Belongs here: one `TableSpec` per table. Does not belong here: what a column means (`columns.py`), how a table is made
(`sql/`, `features/`, `models/`). Rows of a table are always sorted by its key; a null in a key counts as a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from rates_lib.fantasy import SITES
from rates_lib.schemas.columns import COLUMNS, POSITIONS, RATE_TARGETS, ColumnSpec

Partition = Literal["season", "game_date", "none"]


@dataclass(frozen=True)
class TableSpec:
    """One table.

    Attributes:
        name: `<layer>.<table>`: at once asset key, DuckDB schema and table, lake folder and SQL file.
        partition: the column the lake splits the table by, "none" for a table in one file.
        grain: what one row is.
        key: columns that identify a row, and the sort order.
        columns: names in order.
        required: columns that are nullable in general but never null here.
        optional: columns that are never null in general but may be here (each with its reason in `grain`).
        quarantine: whether rows that break a rule go to `<name>_quarantine` (else the table is refused whole).
    """

    name: str
    partition: Partition
    grain: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    quarantine: bool = False

    @property
    def layer(self) -> str:
        """The part of the name before the dot."""
        return self.name.split(".", 1)[0]

    @property
    def quarantine_name(self) -> str:
        """Name of the sibling table that holds rows which broke a rule."""
        return f"{self.name}_quarantine"

    @property
    def specs(self) -> tuple[ColumnSpec, ...]:
        """The columns' definitions, in order."""
        return tuple(COLUMNS[c] for c in self.columns)

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


def _t(
    name: str,
    partition: Partition,
    grain: str,
    key: str,
    *columns: str,
    required: str = "",
    optional: str = "",
    quarantine: bool = False,
) -> None:
    spec = TableSpec(name, partition, grain, _cols(key), _cols(*columns), _cols(required), _cols(optional), quarantine)
    _TABLES.append(spec)
    if quarantine:
        _TABLES.append(
            TableSpec(
                spec.quarantine_name,
                partition,
                f"row that {name} refused, once per rule it breaks",
                ("season", "row_key", "reason", "row_json"),
                ("season", "row_key", "reason", "row_json"),
                ("reason",),
            )
        )


_SOURCE_COUNTS = "fgm fga fg3m fg3a ftm fta oreb dreb reb ast stl blk tov pf pts plus_minus"
_COUNTS = "fga2 fg2m fga3 fg3m fga fgm fta ftm oreb dreb reb ast stl blk tov pf pts plus_minus"
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
    "season",
    "scheduled game (a postponed one keeps its row)",
    "season game_id",
    "season game_id game_date tipoff_utc tipoff_assumed home_team_id home_team_abbreviation away_team_id away_team_abbreviation "
    "neutral_site game_status",
    _LANDED,
    quarantine=True,
)
_t(
    "bronze.player_boxscore",
    "season",
    "player and game of the log, as the source gives it",
    "season game_id player_id",
    "season game_id game_date team_id team_abbreviation player_id player_name matchup wl min minutes_decimal",
    _SOURCE_COUNTS,
    "pts_paint pts_fast_break",
    _LANDED,
    quarantine=True,
)
_t(
    "bronze.team_boxscore",
    "season",
    "team and game of the log, as the source gives it",
    "season game_id team_id",
    "season game_id game_date team_id team_abbreviation matchup wl min",
    _SOURCE_COUNTS,
    _LANDED,
    quarantine=True,
)
_t(
    "bronze.player_status",
    "season",
    "player, game, publication and source",
    "season game_id player_id published_utc source",
    "season game_id player_id player_name",
    _PUB,
    "source team_id status reason starter_announced position_listed",
    _LANDED,
    quarantine=True,
)
_t(
    "bronze.odds",
    "season",
    "game, book, market, subject and publication",
    "season game_id book market subject_id published_utc",
    "season game_id book market subject_id",
    _PUB,
    "line price_home price_away source",
    _LANDED,
    quarantine=True,
)
_t(
    "bronze.player_tracking",
    "season",
    "player and game, or player and season where only that is published (grain, game_id null)",
    "season grain game_id player_id team_id",
    "season grain game_id player_id team_id gp",
    _TRACKING,
    _LANDED,
    optional="game_id",
    quarantine=True,
)
_t(
    "bronze.lineup_stint",
    "season",
    "stint of a game, as the source gives it",
    "season game_id stint",
    "season game_id stint",
    _STINT,
    _LANDED,
    quarantine=True,
)
_t(
    "bronze.player_bio",
    "season",
    "player",
    "season player_id",
    "season player_id player_name height_inches weight_lbs age_years birth_date position_listed country draft_year draft_number",
    _LANDED,
    quarantine=True,
)

_PEER = "forecast forecast_floor forecast_ceiling price_over price_under salary scored"
_t(
    "bronze.peer_forecast",
    "season",
    "peer's forecast as published: source, stat, book (null: the source's own), day, teams as far as given, name, publication",
    "season source stat book game_date team_abbreviation home_team_abbreviation player_name published_utc",
    "season source stat book player_name game_date team_abbreviation home_team_abbreviation away_team_abbreviation",
    _PEER,
    _PUB,
    _LANDED,
    required="player_name",
    optional="book team_abbreviation home_team_abbreviation away_team_abbreviation",
    quarantine=True,
)

# --- silver -----------------------------------------------------------------------------------------------------------
_t(
    "silver.game",
    "season",
    "game that is not postponed",
    "season game_id",
    "season game_id game_date tipoff_utc tipoff_assumed home_team_id away_team_id home_team_abbreviation away_team_abbreviation "
    "neutral_site game_status overtimes home_pts away_pts home_win",
    quarantine=True,
)
_t(
    "silver.player_game",
    "season",
    "player and game he appears in (also with minutes 0)",
    "season game_id player_id",
    "season game_id game_date team_id opponent_id player_id player_name home_flag min minutes minutes_source seconds played starter "
    "start_position",
    _COUNTS,
    quarantine=True,
)
_t(
    "silver.team_game",
    "season",
    "team and played game",
    "season game_id team_id",
    "season game_id game_date team_id opponent_id home_flag overtimes seconds",
    _COUNTS,
    "opp_pts possessions",
    required="overtimes",
    quarantine=True,
)
_t(
    "silver.tracking_game",
    "season",
    "player and game with tracking (north star, section 4)",
    "season game_id team_id player_id",
    "season game_id team_id player_id game_date",
    _TRACKING,
    "touches_per_min top_per_min passes_per_min drives_per_min",
    required="touches time_of_poss_seconds passes_made drives",
    quarantine=True,
)
_t(
    "silver.odds_game",
    "season",
    "game and label of publication",
    "season game_id as_of",
    "season game_id as_of game_date spread_home total home_itt away_itt moneyline_home moneyline_away home_win_prob_market books",
    _PUB,
    quarantine=True,
)
_t(
    "silver.player_availability",
    "season",
    "player, game and label of publication",
    "season game_id player_id as_of",
    "season game_id player_id as_of player_name team_id game_date status reason starter_announced position_listed play_prob_prior "
    "availability_source",
    _PUB,
    quarantine=True,
)
_t(
    "silver.lineup_stint",
    "season",
    "five-on-five stint, reconciled with the final score where there is one",
    "season game_id stint",
    "season game_id stint",
    _STINT,
    required="home_lineup away_lineup home_possessions away_possessions home_pts_stint away_pts_stint",
    quarantine=True,
)

_t(
    "silver.peer_forecast",
    "season",
    "peer's forecast for a player's game, also one he then missed: source, stat, book (null: the source's own); the last before tip-off",
    "season source stat book game_id player_id",
    "season source stat book game_id player_id player_name name_match game_date",
    _PEER,
    _PUB,
    required="player_name",
    optional="book",
    quarantine=True,
)

# --- gold -------------------------------------------------------------------------------------------------------------
_ROW = "season game_id game_date team_id opponent_id player_id"
_RATE_FORM = " ".join(f"season_{s}_per_min" for s in ("fga", "3pa", "fta", "ast", "tov", "reb", "oreb", "dreb", "stl", "blk", "pts"))
_LAST3 = "last3_minutes_per_game " + " ".join(f"last3_{s}_per_min" for s in ("fga", "3pa", "fta", "ast", "tov", "reb"))
_MINUTES_FORM = (
    "last5_minutes_per_game last10_minutes_per_game last_game_minutes last5_minutes_min last5_minutes_max last5_minutes_median "
    "last10_start_share last10_appearance_share days_since_last_game prev_season_mpg prev_season_games"
)
_POSITION = f"position_primary {_FLAGS}"
_ABSENCES = (
    "num_rotation_players_out team_minutes_vacated team_usage_vacated star_scorer_out_flag primary_ballhandler_out_flag "
    "starting_center_out_flag"
)
_MINUTES = "minutes_mean minutes_p10 minutes_p50 minutes_p90 play_prob"
_STAMP = "as_of_utc tipoff_utc model_run_id model_window model_fallback"
_RATE_LABELS = " ".join(f"{t}_per_min" for t in RATE_TARGETS)
_RATE_MEANS = " ".join(f"{t}_per_min_mean" for t in RATE_TARGETS)

_EXTRA = ("pf", "fg2m", "fg3m", "ftm", "pts")
_DVP = (*RATE_TARGETS, "fg2m", "fg3m", "pts")
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

_t(
    "gold.player_form",
    "season",
    "candidate (listed, expected or appearing player) and game; as of the day before",
    "season game_id player_id",
    _ROW,
    "home_flag played status availability_source play_prob_prior is_starter bench_tier",
    _POSITION,
    "position_source height_inches weight_lbs age_years season_form_source season_games season_minutes season_mpg",
    _RATE_FORM,
    "season_usage",
    _LAST3,
    _MINUTES_FORM,
    "fg2_pct_prior fg3_pct_prior ft_pct_prior",
    _MINUTES_DECAYED,
    _RATES_DECAYED,
    "foreseen_flag",
)
_t(
    "gold.rotation",
    "season",
    "candidate and game: who else is at hand, absent or coming back; as of the day before, and of the day's statuses",
    "season game_id player_id",
    _ROW,
    _ROTATION,
)
_t(
    "gold.team_form",
    "season",
    "team and game; as of the day before",
    "season game_id team_id",
    "season game_id game_date team_id opponent_id home_flag days_rest team_season_games season_pace season_off_rating season_def_rating",
    _ABSENCES,
    _HABITS,
    _VACATED,
    "availability_source",
)
_t(
    "gold.opponent_allowed",
    "season",
    "defending team and game; as of the day before",
    "season game_id team_id",
    "season game_id game_date team_id opponent_id def_rating def_3pa_allowed def_reb_rate def_ast_rate",
    " ".join(f"def_{s}_ratio_hl{n}" for s in (*RATE_TARGETS, *_EXTRA) for n in (8, 30)),
    " ".join(f"own_{s}_ratio_hl8" for s in (*RATE_TARGETS, *_EXTRA)),
)
_t(
    "gold.dvp",
    "season",
    "defending team, game and position of the opponents; as of the day before",
    "season game_id team_id position_primary",
    "season game_id game_date team_id opponent_id position_primary",
    " ".join(f"dvp_{s}_ratio" for s in _DVP),
    " ".join(f"allowed_{s}_per_36" for s in _DVP),
    required=" ".join(f"dvp_{s}_ratio" for s in _DVP),
)
_t(
    "gold.tracking_rollups",
    "season",
    "candidate and game; as of the day before",
    "season game_id player_id",
    _ROW,
    "tracking_source season_touches_per_min season_sec_per_touch season_drives_per_min season_passes_per_min",
)
_t(
    "gold.minutes_walk_forward",
    "season",
    "candidate and game, by the newest model of a window not after the game's month",
    "season game_id player_id",
    "season game_id game_date team_id player_id minutes_source",
    _MINUTES,
    _STAMP,
)
_t(
    "gold.rates_training_base",
    "season",
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

LABEL_COUNTS = _cols("fga2 fg2m fga3 fg3m fga fgm fta ftm oreb dreb reb ast stl blk tov pf pts")
_FORM = next(t for t in _TABLES if t.name == "gold.player_form")
_ALL_FEATURES = dict.fromkeys(
    [
        *(c for c in _FORM.columns if c not in (*_cols(_ROW), "played", "status")),
        *(c for c in next(t for t in _TABLES if t.name == "gold.rates_training_base").columns if c not in _cols(_ROW, _RATE_LABELS)),
        *_cols(_HABITS, _VACATED, _ROTATION, "season_passes_per_min team_season_games season_off_rating season_def_rating"),
        *(f"opp_{s}_ratio_hl{n}" for s in (*RATE_TARGETS, *_EXTRA) for n in (8, 30)),
        *(f"own_{s}_ratio_hl8" for s in (*RATE_TARGETS, *_EXTRA)),
        *(f"dvp_{s}_ratio" for s in _DVP),
        *(f"mates_{t}_per_min" for t in RATE_TARGETS),
        *(f"opp_{t}_expected" for t in RATE_TARGETS),
    ]
)
_t(
    "gold.player_game_training",
    "season",
    "player and game with minutes > 0 in the log: the training base, all further features, and all labels (counts of the game)",
    "season game_id team_id player_id",
    _ROW,
    " ".join(LABEL_COUNTS),
    _RATE_LABELS,
    " ".join(_ALL_FEATURES),
)

# --- models, predictions, sims, evals, exports ----------------------------------------------------------------------------
_t(
    "models.registry",
    "none",
    "training run",
    "model window recipe feature_set run_id",
    "run_id model recipe feature_set window run_status why metric metric_cal metric_val train_start train_end cal_start cal_end val_start "
    "val_end rows_train rows_final data_fingerprint code_version",
)
_PRED = "season game_date game_id team_id player_id player_name"
_t(
    "predictions.minutes",
    "game_date",
    "candidate and game",
    "game_date game_id team_id player_id",
    _PRED,
    "opponent_id status availability_source is_starter",
    _MINUTES,
    "minutes_reconciled",
    _STAMP,
    required="minutes_mean minutes_p10 minutes_p50 minutes_p90 play_prob",
)
_t("predictions.rates", "game_date", "candidate and game", "game_date game_id team_id player_id", _PRED, _RATE_MEANS, _STAMP)
_BOX_MEANS = " ".join(f"{s}_mean" for s in ("pts", "reb", "oreb", "dreb", "ast", "fg3m", "fga", "fgm", "fta", "ftm", "stl", "blk", "tov"))
_t(
    "predictions.player_box",
    "game_date",
    "candidate and game",
    "game_date game_id team_id player_id",
    _PRED,
    "play_prob minutes_mean minutes_reconciled",
    _BOX_MEANS,
    " ".join(site.column for site in SITES.values()),
    "fg2_pct_mean fg3_pct_mean ft_pct_mean",
    " ".join(f"{s}_p50" for s in ("pts", "reb", "ast", "fg3m", "pra", "dk_points")),
    "fell_back_on",
    _STAMP,
    required="play_prob minutes_mean",
)
_t(
    "sims.worlds",
    "game_date",
    "game, world and player",
    "game_date game_id world player_id",
    "game_date game_id world team_id player_id seconds fg2m fga2 fg3m fga3 ftm fta oreb dreb ast stl blk tov pts",
)
_t(
    "sims.player_summary",
    "game_date",
    "player and stat",
    "game_date game_id team_id player_id stat",
    "season game_date game_id team_id player_id player_name stat worlds mean sd p5 p10 p25 p50 p75 p90 p95",
    _STAMP,
)
_t(
    "sims.game_summary",
    "game_date",
    "game",
    "game_date game_id",
    "season game_date game_id home_team_id away_team_id worlds home_win_prob margin_mean margin_sd margin_p10 margin_p50 margin_p90 "
    "total_mean total_sd total_p10 total_p50 total_p90",
    _STAMP,
)
_t(
    "evals.player",
    "season",
    "season, model, target, segment, predictor and metric (value null where no row could be measured)",
    "season model target segment predictor metric",
    "season model target segment predictor metric value value_low value_high rows rows_missing model_run_id",
    optional="value",
)
_t(
    "evals.calibration",
    "season",
    "season, model, target, segment, predictor and bin",
    "season model target segment predictor kind bin",
    "season model target segment predictor kind bin bin_low bin_high predicted actual slope slope_se rows rows_missing",
)
_t(
    "evals.ablation",
    "season",
    "season, target and feature group: the season's first model fitted without the group, on all rows of the season",
    "season model target feature_group",
    "season model target feature_group metric value value_without loss_pct features_dropped rows window model_run_id",
)
_t("exports.files", "game_date", "file written for the day", "game_date path", "season game_date path format bytes as_of_utc")

TABLES: dict[str, TableSpec] = {t.name: t for t in _TABLES}
