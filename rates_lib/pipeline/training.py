"""Training rows of the models, and rows of walk-forward tables, read from the lake.

Belongs here: seasons and tables that a training run or a walk-forward table reads. Does not belong here: joins of features
(`features/assemble.py`), fits (`models/`), writing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from rates_lib import asof
from rates_lib.core.calendar import season_of
from rates_lib.core.errors import MissingModelError, NothingToLearnError, RatesError
from rates_lib.features.assemble import add_minutes, add_supply, player_features, player_game_training
from rates_lib.features.history import load_impact
from rates_lib.features.lineup import COLUMNS as LINEUP_COLUMNS
from rates_lib.features.registry import FAMILIES
from rates_lib.features.team_matchup import TEAM_TABLES, TeamInputs, matchups, team_matchup_training
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle, load_early
from rates_lib.models.config import OffsetConfig
from rates_lib.models.efficiency import predict_efficiency
from rates_lib.models.feature_sets import SHOTS
from rates_lib.models.minutes import with_minutes_label
from rates_lib.models.minutes_shares import without_lines
from rates_lib.models.rates import predict_rates
from rates_lib.models.rates_offset import prior_rate
from rates_lib.models.reconcile import reconcile_minutes
from rates_lib.models.registry import choose_run
from rates_lib.models.second_stage import labels, second_stage_frame, with_windows
from rates_lib.pipeline.walk_forward import minutes_walk_forward
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import LABEL_COUNTS
from rates_lib.sim.moments import PLAY_WEIGHTS

PRIOR_HL10 = OffsetConfig.prior_hl10


def season_features(lake: Lake, seasons: Iterable[int]) -> pl.DataFrame:
    """`assemble.player_features` of whole seasons: one row per candidate and game; none for seasons without form tables."""
    seasons = list(seasons)
    forms = {family.table: lake.read(family.table, seasons) for family in FAMILIES}
    return player_features(forms, lake.read("silver.odds_game", seasons), lake.read("silver.game", seasons))


def minutes_training(lake: Lake, window: date) -> pl.DataFrame:
    """Training rows of `minutes_v1`: all candidates before `window`, with the label `minutes`.

    Raises:
        RatesError: if no form table holds a season that begins before the window.
    """
    seasons = _seasons_before(lake, "gold.player_form", window)
    rows = with_minutes_label(season_features(lake, seasons), lake.read("silver.player_game", seasons))
    return rows.filter(pl.col("game_date") < window)


def rates_training(lake: Lake, window: date) -> pl.DataFrame:
    """Training rows of `rates_v1` and `efficiency_v1`: rows of gold.player_game_training before `window`.

    Raises:
        RatesError: if it holds no season that begins before the window.
    """
    return _rows_before(lake, "gold.player_game_training", window)


def box_training(lake: Lake, window: date) -> pl.DataFrame:
    """Training rows of `box_v1`: candidates of the calibration and validation days of a window, predicted out of fold.

    Args:
        lake: lake with the window's runs of rates_v1:offset and efficiency_v1, and form tables and gold.minutes_walk_forward of these days.
        window: first day of the month that the second stage serves.

    Returns:
        `second_stage.second_stage_frame` with game_date, the labels and the windows of the rates run; empty if no minutes were
        predicted.

    Raises:
        MissingModelError: if a run of the window is missing, or has no early boosters (a run of an earlier version).
    """
    rates, efficiency = (_early_of_window(lake, model, window) for model in ("rates_v1", "efficiency_v1"))
    windows = rates.windows
    first, last = windows.cal_start, windows.val_end
    seasons = list(range(season_of(first), season_of(last) + 1))
    minutes = lake.read("gold.minutes_walk_forward", seasons).filter(pl.col("minutes_source") == "walk_forward")
    rows = season_features(lake, seasons).filter(pl.col("game_date").is_between(first, last) & (pl.col("foreseen_flag") == 1))
    features = add_supply(add_minutes(rows, minutes))
    columns = ("game_id", "player_id", "minutes_mean", "minutes_p10", "minutes_p90")
    features = features.join(minutes.select(columns), on=["game_id", "player_id"], how="inner", maintain_order="left")
    predicted = pl.concat(
        [
            features.select("minutes_mean", "play_prob", reconcile_minutes(features)),
            predict_rates(features, rates),
            predict_efficiency(features, efficiency),
        ],
        how="horizontal",
    )
    frame = with_windows(second_stage_frame(features, predicted).with_columns(features["game_date"]), windows)
    return frame.join(labels(lake.read("silver.player_game", seasons)), on=["season", "game_id", "player_id"], how="left")


def _early_of_window(lake: Lake, model: str, window: date) -> Bundle:
    run = choose_run(lake, model, window, recipe=OffsetConfig.recipe)
    if run.window != window:
        raise MissingModelError(f"no {model} run of {window:%Y-%m} for box_v1 to learn from: fit one with `rates train --as-of {window}`")
    return load_early(lake, model, run.run_id)


def team_matchup_training_season(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of gold.team_matchup_training of one season, with out-of-fold minutes predicted without the lines."""
    game, rows = lake.read("silver.game", [season]), season_features(lake, [season])
    features = add_minutes(rows.select(LINEUP_COLUMNS), minutes_walk_forward(without_lines(rows), game, lake))
    earlier = [key for key in lake.partitions("gold.player_impact") if int(key) <= season]
    forms = {table: lake.read(table, [season]) for table in TEAM_TABLES}
    inputs = TeamInputs(forms, load_impact(lake, earlier), lake.read("silver.odds_game", [season]))
    return team_matchup_training(matchups(inputs, features, game), game)


def worlds_training(lake: Lake, window: date, seasons: int) -> pl.DataFrame:
    """Training rows of `worlds_v1`: candidates of past games, with their expected minutes and rates, and their box scores.

    Args:
        lake: lake with the form tables, gold.minutes_walk_forward, silver.player_game and silver.game of the seasons.
        window: first day of the month that the parameters serve; games from it on are left out.
        seasons: number of seasons before the window, including the season of the window.

    Returns:
        One row per foreseen candidate of a finished game with walk-forward minutes and a line: keys, home_flag, spread_close,
        total_close, season_pace_team, season_pace_opp, play_prob, minutes_mean, minutes_p10, minutes_p50, minutes_p90, minutes_reconciled,
        the shrunk decayed rates (at one pace for both teams) as `*_per_min_mean` and percentages as `*_pct_mean`; then overtimes, home_pts,
        away_pts, and minutes and counts of the player, null if the player did not play.

    Raises:
        NothingToLearnError: if no minutes of a season before the window were predicted.
    """
    have = [int(key) for key in lake.partitions("gold.minutes_walk_forward") if int(key) <= season_of(window)]
    parts = [_worlds_season(lake, season, window) for season in have[-seasons:]]
    if all(part.is_empty() for part in parts):
        raise NothingToLearnError(f"no minutes were predicted before {window:%Y-%m}: the worlds have no expected minutes to start from")
    return pl.concat(parts)


def _worlds_season(lake: Lake, season: int, window: date) -> pl.DataFrame:
    key = ["game_id", "player_id"]
    minutes = lake.read("gold.minutes_walk_forward", [season]).filter(pl.col("minutes_source") == "walk_forward")
    rows = season_features(lake, [season]).filter((pl.col("foreseen_flag") == 1) & (pl.col("game_date") < window))
    known = rows.select(
        *("season", "game_date", "game_id", "team_id", "player_id", "home_flag", "spread_close", "total_close"),
        *("season_pace_team", "season_pace_opp"),
        *(pl.Series(f"{t}_per_min_mean", prior_rate(rows, t, PRIOR_HL10)) for t in RATE_TARGETS),
        *(pl.col(f"{shot}_prior").alias(f"{shot}_mean") for shot in SHOTS),
    ).join(minutes.select(*key, "minutes_mean", "minutes_p10", "minutes_p50", "minutes_p90", "play_prob"), on=key, how="inner")
    known = _at_one_pace(known.with_columns(reconcile_minutes(known)))
    played = lake.read("silver.player_game", [season]).filter(pl.col("min") > 0).select(*key, "minutes", *LABEL_COUNTS)
    game = lake.read("silver.game", [season], ["game_id", "overtimes", "home_pts", "away_pts"]).drop_nulls()
    lined = known.drop_nulls(["spread_close", "total_close"])
    return lined.join(game, on="game_id", how="inner").join(played, on=key, how="left").sort("game_date", "game_id", "team_id", "player_id")


def _at_one_pace(rows: pl.DataFrame) -> pl.DataFrame:
    """Rates of plays and assists, scaled so that both teams of a game have the same number of possessions, that of their season's pace.

    These rates ignore absences, so those of a short-handed team sum to too few plays, and the shortfall would be taken for chance.
    """
    per_minute = {t: pl.col(f"{t}_per_min_mean") for t in (*PLAY_WEIGHTS, "ast")}
    plays = asof.added(w * per_minute[t] for t, w in PLAY_WEIGHTS.items()) * pl.col("minutes_reconciled")
    pace = pl.mean_horizontal("season_pace_team", "season_pace_opp")
    rows = rows.with_columns(asof.exact(plays).sum().over("game_id", "team_id").alias("_plays"), asof.exact(pace).alias("_pace"))
    level = pl.col("_plays").sum() / pl.col("_pace").sum()  # of exact sums: the same in any order
    factor = (level * pl.col("_pace") / pl.col("_plays")).clip(0.8, 1.25).fill_null(1.0)
    return rows.with_columns(rate * factor for rate in per_minute.values()).drop("_plays", "_pace")


def walk_forward_season(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of gold.minutes_walk_forward of one season, each predicted by the model of a window not after its month."""
    return minutes_walk_forward(season_features(lake, [season]), lake.read("silver.game", [season]), lake)


def player_game_training_season(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of gold.player_game_training of one season; `assemble.training_base` selects gold.rates_training_base from them."""
    minutes, player_game = (lake.read(table, [season]) for table in ("gold.minutes_walk_forward", "silver.player_game"))
    return player_game_training(season_features(lake, [season]), minutes, player_game)


def _rows_before(lake: Lake, table: str, window: date) -> pl.DataFrame:
    return lake.read(table, _seasons_before(lake, table, window)).filter(pl.col("game_date") < window)


def _seasons_before(lake: Lake, table: str, window: date) -> list[int]:
    seasons = [int(key) for key in lake.partitions(table) if int(key) <= season_of(window)]
    if not seasons:
        raise RatesError(f"{table} holds nothing before {window:%Y-%m}: {_remedy(lake, window)}")
    return seasons


def _remedy(lake: Lake, window: date) -> str:
    landed = {file.season for file in lake.landed_files("leaguegamelog_player")}
    earlier = sorted(season for season in landed if season <= season_of(window))
    if not earlier:
        return "no earlier season is landed, and the first season has no training rows: land an earlier one with `rates land`"
    return f"run `rates backfill --seasons {'..'.join(str(season) for season in sorted({earlier[0], earlier[-1]}))}` first"


_FORMS = tuple(family.table for family in FAMILIES)


@dataclass(frozen=True)
class TrainingRows:
    """Source of a model's training rows.

    Attributes:
        rows: function of lake, window and settings that reads the rows; it may read later rows, which a fit ignores.
        tables: tables that it reads, in the seasons up to the window's.
        models: models of the same window that it uses.
    """

    rows: Callable[[Lake, date, Any], pl.DataFrame]
    tables: tuple[str, ...]
    models: tuple[str, ...] = ()


#: Training rows by model; the graph cannot fit a model without an entry.
TRAINING_ROWS: dict[str, TrainingRows] = {
    "minutes_v1": TrainingRows(
        lambda lake, window, _: minutes_training(lake, window), (*_FORMS, "silver.odds_game", "silver.game", "silver.player_game")
    ),
    "rates_v1": TrainingRows(lambda lake, window, _: rates_training(lake, window), ("gold.player_game_training",)),
    "efficiency_v1": TrainingRows(lambda lake, window, _: rates_training(lake, window), ("gold.player_game_training",)),
    "box_v1": TrainingRows(
        lambda lake, window, _: box_training(lake, window),
        (*_FORMS, "gold.minutes_walk_forward", "silver.player_game"),
        ("rates_v1", "efficiency_v1"),
    ),
    "team_v1": TrainingRows(
        lambda lake, window, _: _rows_before(lake, "gold.team_matchup_training", window), ("gold.team_matchup_training",)
    ),
    "worlds_v1": TrainingRows(
        lambda lake, window, config: worlds_training(lake, window, config.seasons),
        (*_FORMS, "gold.minutes_walk_forward", "silver.odds_game", "silver.game", "silver.player_game"),
    ),
}
