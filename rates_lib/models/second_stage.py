"""`box_v1`: the second stage. It corrects minutes x rates x percentages by what the whole team and the betting lines show.

    points if the player plays = expected + trees(expected counts, team sums, implied points, context)     L2 on the residual
    p50 if the player plays    = the same with L1, for six counts: the median, which minimises the absolute error

All training rows are out of fold: they are the rows of calibration and validation, with rates and percentages from the boosters fitted on
the training part alone and minutes from the walk-forward minutes. So the residuals are as large as those of a future game.

Belongs here: the frame of expected counts and its corrections. Does not belong here: how corrected means become a box score that adds up
(`pipeline/mean_box.py`).
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import lightgbm as lgb
import numpy as np
import polars as pl

from rates_lib import asof
from rates_lib.core import metrics as m
from rates_lib.core.box_score import box_score, minutes_given_play, percentage
from rates_lib.core.errors import NothingToLearnError
from rates_lib.core.stats import MEDIANS, of_kind, value_of
from rates_lib.models.boosting import Floats, base_params, dataset, fit_final, floats, matrix, predict
from rates_lib.models.bundle import Bundle, describe_run, require_model
from rates_lib.models.config import BoxConfig
from rates_lib.models.contract import PLAYER_KEY, ModelSpec
from rates_lib.models.windows import Windows
from rates_lib.schemas.columns import RATE_TARGETS

MODEL = "box_v1"
METRIC = "pts_mae"
MEANS = ("pts",)  # stats with a corrected mean; for rebounds, assists and threes it was no better on 2023-24
_TEAM = ["game_id", "team_id"]
_SUMS = ("pts", "reb", "ast")
_CONTEXT = (
    "spread_close", "total_close", "team_itt", "opp_itt", "is_starter", "minutes_hl4", "minutes_sd_hl10", "minutes_prior", "season_usage",
    "season_games", "team_games_missed", "num_rotation_players_out", "over_share_hl3", "over_share_blind_hl3", "opp_pts_ratio_hl30",
)  # fmt: skip
FEATURES = (
    *(f"expected_{s}" for s in (*MEDIANS, "fga2", "fga3", "fta")), "minutes_given_play", "play_prob",
    *(f"team_{s}" for s in _SUMS), "team_minutes", "team_gap", "team_ratio", "share_of_team",
    "fg2_pct_mean", "fg3_pct_mean", "ft_pct_mean", *_CONTEXT,
)  # fmt: skip


def second_stage_frame(features: pl.DataFrame, predicted: pl.DataFrame) -> pl.DataFrame:
    """Features of the boosters: expected counts if the player plays, and their sums over the team.

    Args:
        features: candidate rows of whole teams with the context columns.
        predicted: row-aligned: minutes_reconciled, minutes_mean, play_prob, the nine `*_per_min_mean`, the three `*_pct_mean`.

    Returns:
        FEATURES with the key, row-aligned. Sums of a team weight each player by the probability to play.
    """
    rows = pl.concat([features.select(*PLAYER_KEY, *_CONTEXT), predicted], how="horizontal")
    prob = pl.col("play_prob")
    rows = rows.with_columns(minutes_given_play())
    count = {t: pl.col("minutes_given_play") * pl.col(f"{t}_per_min_mean") for t in RATE_TARGETS}
    rows = rows.with_columns(value.alias(f"expected_{stat}") for stat, value in box_score(count, percentage).items())
    rows = rows.with_columns(
        value_of(stat, lambda part: pl.col(f"expected_{part}")).alias(f"expected_{stat}")
        for stat in of_kind(MEDIANS, "combination", "fantasy")
    )
    rows = rows.with_columns(
        *(asof.exact(prob * pl.col(f"expected_{s}")).sum().over(_TEAM).alias(f"team_{s}") for s in _SUMS),
        asof.exact(prob * pl.col("minutes_given_play")).sum().over(_TEAM).alias("team_minutes"),
    )
    return rows.select(
        *PLAYER_KEY,
        *(c for c in FEATURES if c not in ("team_gap", "team_ratio", "share_of_team")),
        (pl.col("team_itt") - pl.col("team_pts")).alias("team_gap"),
        (pl.col("team_itt") / pl.col("team_pts").clip(lower_bound=1)).alias("team_ratio"),
        (pl.col("expected_pts") / pl.col("team_pts").clip(lower_bound=1)).alias("share_of_team"),
    )


def with_windows(frame: pl.DataFrame, windows: Windows) -> pl.DataFrame:
    """`frame` with the windows (`windows_*`) of the run that predicted it out of fold: they do not follow from the rows."""
    return frame.with_columns(pl.lit(day).alias(f"windows_{name}") for name, day in vars(windows).items())


def train_second_stage(frame: pl.DataFrame, window: date, config: BoxConfig | None = None) -> Bundle:
    """Train the corrections.

    Args:
        frame: out-of-fold rows of calibration and validation: `second_stage_frame` with game_date, the labels MEDIANS (null for players who
            did not play) and the windows of the rates run (`with_windows`).
        window: first day the model may be used on.
        config: settings; the defaults if None.

    Returns:
        A bundle with boosters `<stat>_mean` and `<stat>_p50`; the figures of validation rows come from a fit on the calibration rows.

    Raises:
        NothingToLearnError: if no player of the calibration rows played.
    """
    config = config or BoxConfig()
    played = frame.drop_nulls("pts").sort(PLAYER_KEY)
    if played.filter(pl.col("game_date") <= pl.col("windows_cal_end")).is_empty():
        raise NothingToLearnError(f"no minutes were predicted on the days that the second stage of {window:%Y-%m} learns from")
    windows = Windows(**{field.name: played[f"windows_{field.name}"][0] for field in fields(Windows)})
    parts = {name: windows.part(played, name) for name in ("cal", "val")}
    metrics: dict[str, dict[str, float]] = {}
    for target, booster in _fit(parts["cal"], config).items():
        stat, rows = target.rsplit("_", 1)[0], parts["val"]
        actual, expected = floats(rows, stat), floats(rows, f"expected_{stat}")
        corrected = expected + predict(booster, matrix(rows, FEATURES), config.trees.num_threads)
        metrics[target] = {
            "mae_val": m.mae(actual, corrected), "mae_before_val": m.mae(actual, expected),
            "rmse_val": m.rmse(actual, corrected), "rmse_before_val": m.rmse(actual, expected),
        }  # fmt: skip
    models = _fit(played, config)
    meta = describe_run(
        model=MODEL,
        config=config,
        windows=windows,
        data=played.select(*PLAYER_KEY, "game_date", *MEDIANS, *FEATURES),
        rows=played,
        key=PLAYER_KEY,
        labels=MEDIANS,
        features=FEATURES,
        rounds=dict.fromkeys(models, config.rounds),
        metrics=metrics,
        metric=METRIC,
        metric_cal=m.mae(floats(parts["cal"], "pts"), floats(parts["cal"], "expected_pts")),
        metric_val=metrics["pts_mean"]["mae_val"],
    )
    return Bundle(models, list(FEATURES), meta)


def predict_second_stage(frame: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """Corrected means and medians if the player plays.

    Args:
        frame: result of `second_stage_frame`.
        bundle: a run of box_v1.

    Returns:
        `<stat>_given` of MEANS and `<stat>_p50` of MEDIANS, row-aligned, never below 0.
    """
    require_model(bundle, MODEL)
    x = matrix(frame, bundle.feature_cols)

    def corrected(stat: str, target: str) -> Floats:
        return np.maximum(floats(frame, f"expected_{stat}") + predict(bundle.models[target], x, bundle.num_threads), 0.0)

    return pl.DataFrame({f"{s}_given": corrected(s, f"{s}_mean") for s in MEANS} | {f"{s}_p50": corrected(s, f"{s}_p50") for s in MEDIANS})


def labels(player_game: pl.DataFrame) -> pl.DataFrame:
    """Outcomes of players who played: season, game_id, player_id and MEDIANS, from rows of silver.player_game."""
    return player_game.filter(pl.col("min") > 0).select(
        *("season", "game_id", "player_id", *of_kind(MEDIANS, "count")),
        *(value_of(stat, pl.col).alias(stat) for stat in of_kind(MEDIANS, "combination", "fantasy")),
    )


def _fit(rows: pl.DataFrame, config: BoxConfig) -> dict[str, lgb.Booster]:
    params = base_params(config.trees)
    data = dataset(matrix(rows, FEATURES), FEATURES, params)
    models: dict[str, lgb.Booster] = {}
    for suffix, objective, stats in (("mean", "regression", MEANS), ("p50", "l1", MEDIANS)):
        for stat in stats:
            residual = floats(rows, stat) - floats(rows, f"expected_{stat}")
            models[f"{stat}_{suffix}"] = fit_final(params | {"objective": objective}, (data, residual), config.rounds)
    return models


SPEC = ModelSpec(
    name=MODEL,
    config=BoxConfig,
    train=train_second_stage,
    predict=predict_second_stage,
    outputs=(*(f"{s}_given" for s in MEANS), *(f"{s}_p50" for s in MEDIANS)),
    metric=METRIC,
    metric_text="MAE of points",
    summary="Fit the second stage on what the month's rates and percentages predict out of fold.",
    description="second stage: corrections of the box score by the team's sums and the lines, for the games of a month",
)
