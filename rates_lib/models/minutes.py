"""`minutes_v1`: minutes if he plays (mean, p10, p50, p90) and the probability to play. A plain, fast baseline: no offset, no decay.

The four minutes boosters learn from rows that played; the probability booster from candidates of games with a real list (active list or
injury report), because elsewhere those who appeared were listed for having appeared. A player listed out or inactive has probability 0
by rule, whatever the booster says. In a share of training team-games the announced five, or all that was published, is hidden, so
that the model also works hours before either is known.

Belongs here: training and prediction of minutes. Does not belong here: the sum of 240 a team (`reconcile.py`), files (`bundle.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from rates_lib.errors import SchemaError
from rates_lib.evaluation import metrics as m
from rates_lib.features.player_form import bench_tier
from rates_lib.features.roster import EXPECTED_WITHIN_DAYS, UNKNOWN_PRIOR
from rates_lib.lake import Lake
from rates_lib.models.boosting import Floats, base_params, dataset, fit_early, fit_final, floats, matrix, predict
from rates_lib.models.bundle import Bundle, describe_run, load_bundle, require_model
from rates_lib.models.config import MinutesConfig
from rates_lib.models.feature_sets import ABSENCES, MINUTES_FEATURES, STATUS_KNOWN
from rates_lib.models.fingerprint import frame_fingerprint, team_game_fractions
from rates_lib.models.windows import Windows, split_windows
from rates_lib.schemas.columns import COLUMNS

MODEL = "minutes_v1"
METRIC = "mae"
KEY = ("season", "game_id", "team_id", "player_id")
MINUTES_MAX = 53.0  # a game and one overtime; the longest nights are not worth a band that reaches for them
OUT = ("out", "inactive")
REAL_LISTS = ("active_list", "injury_report")
_FEATURES = (*MINUTES_FEATURES, STATUS_KNOWN)
_OBJECTIVES: dict[str, dict[str, Any]] = {
    "minutes_mean": {"objective": "regression", "metric": "l2"},
    "minutes_p10": {"objective": "quantile", "alpha": 0.1, "metric": "quantile"},
    "minutes_p50": {"objective": "quantile", "alpha": 0.5, "metric": "quantile"},
    "minutes_p90": {"objective": "quantile", "alpha": 0.9, "metric": "quantile"},
}
_PLAY: dict[str, Any] = {"objective": "binary", "metric": "binary_logloss"}

MinutesBundle = Bundle


def with_minutes_label(features: pl.DataFrame, player_game: pl.DataFrame) -> pl.DataFrame:
    """Candidate rows with the label `minutes` from silver.player_game: minutes played, null for who did not (no row, or MIN 0).

    Args:
        features: one row per candidate, from `features.assemble.player_features`.
        player_game: rows of silver.player_game; season, game_id, player_id, min, minutes are read.

    Returns:
        `features` in its order, with `minutes`.
    """
    labels = player_game.filter(pl.col("min") > 0).select("season", "game_id", "player_id", "minutes")
    return features.drop("minutes", strict=False).join(labels, on=["season", "game_id", "player_id"], how="left", maintain_order="left")


def train_minutes(training: pl.DataFrame, window: date, config: MinutesConfig | None = None) -> MinutesBundle:
    """Train the minutes boosters, and the one for the probability to play, for one retrain window.

    Args:
        training: candidate rows (see `with_minutes_label`), in any order; rows from `window` on are not looked at.
        window: first day the model may be used on.
        config: settings; the defaults if None.

    Returns:
        A bundle with boosters minutes_mean, minutes_p10, minutes_p50, minutes_p90 and, where at least `min_listed_rows` candidates of
        games with a real list lie before the window, play_prob. Its bytes depend on those rows, the settings and the code alone.

    Raises:
        RatesError: if fewer than three days with rows lie before the window.
        SchemaError: if a column is missing.
    """
    config = config or MinutesConfig()
    wanted = (*KEY, "game_date", "status", "availability_source", "minutes", *MINUTES_FEATURES)
    _require(training, wanted)
    known = training.filter(pl.col("game_date") < window).select(wanted).sort(KEY)
    played = pl.col("minutes").fill_null(0) > 0
    windows = split_windows(known.filter(played)["game_date"], window, config.windows)
    clear, masked = _with_status_known(known), _mask(known, config)
    label = pl.col("minutes").clip(config.minutes_floor).alias("y")
    rounds, metrics, models = _fit_minutes(clear.filter(played).with_columns(label), masked.filter(played).with_columns(label), windows,
                                           config)  # fmt: skip
    play = played.cast(pl.Int8).alias("y")
    clear, masked = clear.filter(_fit_for_play()).with_columns(play), masked.filter(_fit_for_play()).with_columns(play)
    if masked.height >= config.min_listed_rows and 0 < masked["y"].sum() < masked.height:
        # lists may end long before the window, as they do in the real files: their own days are shared out
        play_windows = split_windows(clear["game_date"], window, config.windows)
        rounds["play_prob"], metrics["play_prob"], models["play_prob"] = _fit_play(clear, masked, play_windows, config)
    val = windows.part(known.filter(played), "val")
    meta = describe_run(
        model=MODEL,
        recipe=config.recipe,
        feature_set="all",
        windows=windows,
        rows={n: windows.part(known.filter(played), n).height for n in ("train", "cal", "val")}
        | {"final": known.filter(played).height, "final_play_prob": masked.height if "play_prob" in models else 0},
        config=config,
        features=_FEATURES,
        data_fingerprint=frame_fingerprint(known, KEY),
        val_fingerprint=frame_fingerprint(val.select(*KEY, "minutes"), KEY),
        rounds=rounds,
        metrics=metrics,
        metric=METRIC,
        metric_cal=metrics["minutes_mean"]["mae_cal"],
        metric_val=metrics["minutes_mean"]["mae_val"],
    )
    return MinutesBundle(models, list(_FEATURES), meta)


def predict_minutes(features: pl.DataFrame, bundle: MinutesBundle) -> pl.DataFrame:
    """Minutes if he plays, and the probability to play.

    Args:
        features: candidate rows: the bundle's features, `status`, `availability_source`, `play_prob_prior`.
        bundle: a run of minutes_v1.

    Returns:
        minutes_mean, minutes_p10, minutes_p50, minutes_p90 (minutes, within 0 and 53, quantiles in order) and play_prob, row-aligned with
        `features`, never null. play_prob is 0 for status out or inactive; it is the status's prior where the bundle has no booster for it.

    Raises:
        SchemaError: names the columns that are missing.
    """
    require_model(bundle, MODEL)
    _require(features, ("status", "availability_source", "play_prob_prior"))
    x = matrix(_with_status_known(features), bundle.feature_cols)
    threads = int(bundle.meta["config"]["num_threads"])
    minutes = _in_order({t: predict(bundle.models[t], x, threads) for t in _OBJECTIVES})
    prob = predict(bundle.models["play_prob"], x, threads) if "play_prob" in bundle.models else floats(features, "play_prob_prior")
    ruled_out = features["status"].is_in(OUT).to_numpy()
    return pl.DataFrame({**minutes, "play_prob": np.where(ruled_out, 0.0, np.clip(prob, 0.0, 1.0))})


def load_minutes_bundle(run_id: str, lake: Lake) -> MinutesBundle:
    """Read a run of minutes_v1 from the lake.

    Raises:
        MissingModelError: if there is no such run.
    """
    return load_bundle(lake, MODEL, run_id)


Fitted = tuple[dict[str, int], dict[str, dict[str, float]], dict[str, Any]]


def _fit_minutes(clear: pl.DataFrame, masked: pl.DataFrame, windows: Windows, config: MinutesConfig) -> Fitted:
    """Rounds, figures and final boosters of the four minutes targets; fitted on masked rows, measured on clear ones."""
    base = base_params(config)
    train_rows = windows.part(masked, "train")
    parts = {name: windows.part(clear, name) for name in ("cal", "val")}
    x = {name: matrix(part, _FEATURES) for name, part in parts.items()}
    train = dataset(matrix(train_rows, _FEATURES), _FEATURES, base)
    val = dataset(x["val"], _FEATURES, base, reference=train)
    early = {
        target: fit_early(base | goal, (train, floats(train_rows, "y")), (val, floats(parts["val"], "y")), config)
        for target, goal in _OBJECTIVES.items()
    }
    metrics: dict[str, dict[str, float]] = {"minutes_mean": {}, "minutes_p50": {}, "band_80": {}}
    for name, part in parts.items():
        got = _in_order({t: predict(booster, x[name], config.num_threads) for t, booster in early.items()})
        y, low, high = floats(part, "minutes"), got["minutes_p10"], got["minutes_p90"]
        metrics["minutes_mean"] |= {f"mae_{name}": m.mae(y, got["minutes_mean"]), f"rmse_{name}": m.rmse(y, got["minutes_mean"])}
        metrics["minutes_p50"] |= {f"mae_{name}": m.mae(y, got["minutes_p50"])}
        metrics["band_80"] |= {
            f"coverage_{name}": m.coverage(y, low, high),
            f"width_{name}": m.width(low, high),
            f"winkler_{name}": m.winkler(y, low, high),
        }
    del train, val, x
    full = dataset(matrix(masked, _FEATURES), _FEATURES, base)
    rounds = {target: booster.best_iteration for target, booster in early.items()}
    final = {t: fit_final(base | goal, full, floats(masked, "y"), rounds[t]) for t, goal in _OBJECTIVES.items()}
    return rounds, metrics, final


def _fit_play(clear: pl.DataFrame, masked: pl.DataFrame, windows: Windows, config: MinutesConfig) -> tuple[int, dict[str, float], Any]:
    """Rounds, figures and final booster of the probability to play."""
    params = base_params(config) | _PLAY
    train_rows = windows.part(masked, "train")
    parts = {name: windows.part(clear, name) for name in ("cal", "val")}
    x = {name: matrix(part, _FEATURES) for name, part in parts.items()}
    train = dataset(matrix(train_rows, _FEATURES), _FEATURES, params)
    val = dataset(x["val"], _FEATURES, params, reference=train)
    early = fit_early(params, (train, floats(train_rows, "y")), (val, floats(parts["val"], "y")), config)
    metrics: dict[str, float] = {}
    for name, part in parts.items():
        y, prob, prior = floats(part, "y"), predict(early, x[name], config.num_threads), floats(part, "play_prob_prior")
        metrics |= {
            f"brier_{name}": m.brier(y, prob),
            f"brier_prior_{name}": m.brier(y, prior),
            f"log_loss_{name}": m.log_loss(y, prob),
            f"log_loss_prior_{name}": m.log_loss(y, prior),
        }
    full = dataset(matrix(masked, _FEATURES), _FEATURES, params)
    return early.best_iteration, metrics, fit_final(params, full, floats(masked, "y"), early.best_iteration)


def _in_order(raw: dict[str, Floats]) -> dict[str, Floats]:
    """Clip to possible minutes; sort the three quantiles of each row, for fits of their own may cross."""
    clipped = {target: np.clip(values, 0.0, MINUTES_MAX) for target, values in raw.items()}
    names = ["minutes_p10", "minutes_p50", "minutes_p90"]
    ordered = np.sort(np.column_stack([clipped[n] for n in names]), axis=1)
    return {"minutes_mean": clipped["minutes_mean"]} | {n: np.ascontiguousarray(ordered[:, i]) for i, n in enumerate(names)}


def _with_status_known(frame: pl.DataFrame) -> pl.DataFrame:
    # active and unknown have the same prior, but one who is listed active is surer to play
    unmentioned = pl.col("availability_source") == "injury_report"
    known = pl.when(pl.col("status") != "unknown").then(1).when(unmentioned).then(0)
    return frame.with_columns(known.cast(pl.Int8).alias(STATUS_KNOWN))


def _fit_for_play() -> pl.Expr:
    """Rows the probability to play can be learnt from.

    Of those without a status only the players who would be candidates without any list (see `features.roster`) stay: the others are
    there because they appeared, or because of the list that is hidden.
    """
    recent = (pl.col("days_since_last_game") <= EXPECTED_WITHIN_DAYS).fill_null(False) & (
        pl.col("last10_appearance_share").fill_null(1) > 0
    )
    published = (pl.col("status") != "unknown") & ~pl.col("status").is_in(OUT)
    return pl.col("availability_source").is_in(REAL_LISTS) & (published | ((pl.col("status") == "unknown") & recent))


def _mask(known: pl.DataFrame, config: MinutesConfig) -> pl.DataFrame:
    """Hide the announced five in one share of team-games, and all statuses with what follows from them in another.

    The shares are drawn by a hash of game and team.
    """
    no_five = team_game_fractions(known, f"starters {config.seed}") < config.mask_starters
    no_status = team_game_fractions(known, f"status {config.seed}") < config.mask_status
    masked = _with_status_known(known).with_columns(
        pl.when(no_five).then(None).otherwise(pl.col("is_starter")).alias("is_starter"),
        pl.when(no_status).then(pl.lit("unknown")).otherwise(pl.col("status")).alias("status"),
        pl.when(no_status).then(UNKNOWN_PRIOR).otherwise(pl.col("play_prob_prior")).alias("play_prob_prior"),
        pl.when(no_status).then(None).otherwise(pl.col(STATUS_KNOWN)).alias(STATUS_KNOWN),
        *(pl.when(no_status).then(0).otherwise(pl.col(c)).cast(COLUMNS[c].dtype).alias(c) for c in ABSENCES),
    )
    return masked.with_columns(bench_tier())  # or the tier would tell what the mask hides


def _require(frame: pl.DataFrame, columns: tuple[str, ...]) -> None:
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise SchemaError(f"minutes rows lack {', '.join(missing)}: build them with features.assemble.player_features")
