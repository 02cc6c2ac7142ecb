"""`minutes_v1`: the probability to play, and minutes if the player plays: mean, p10, p50, p90.

    probability   binary booster on candidates of games with a real list; 0 by rule for the statuses out and inactive; 1 by rule where the
                  list is a proxy, because a proxy lists the players who appeared
    line-up       shares of 240 minutes from the probabilities of all team-mates (`minutes_shares.py`); the probability of a training row
                  comes from a fit on other games
    minutes       Huber (mean) and quantile boosters of minutes - base, base = (likely share + minutes_prior) / 2; rows that played
    range         p10 and p90 are moved so that a tenth of the calibration rows lies beyond each, by predicted minutes: conformalised
                  quantile regression (Romano, Patterson & Candes 2019, asymmetric form) within three groups

In a share of training team-games the announced starters, or all published statuses, are hidden, so that the model also works hours
before they are known.

Belongs here: training and prediction of minutes. Does not belong here: the sum of 240 per team (`reconcile.py`), files (`bundle.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from rates_lib.core import metrics as m
from rates_lib.features.roster import EXPECTED_WITHIN_DAYS, UNKNOWN_PRIOR
from rates_lib.models.boosting import Floats, base_params, dataset, fit_early, fit_final, floats, matrix, predict
from rates_lib.models.bundle import Bundle, describe_run, require_model
from rates_lib.models.config import MinutesConfig
from rates_lib.models.contract import PLAYER_KEY, ModelSpec
from rates_lib.models.feature_groups import without_groups
from rates_lib.models.feature_sets import (
    ABSENCES,
    FROM_STATUSES,
    MINUTES_COLUMNS,
    MINUTES_FEATURES,
    PLAY_FEATURES,
    STATUS_KNOWN,
    require_columns,
)
from rates_lib.models.fingerprint import team_game_fractions
from rates_lib.models.minutes_shares import add_likely_columns, base_minutes, hide_starters, prepared
from rates_lib.models.windows import Windows, split_windows
from rates_lib.schemas.columns import COLUMNS

MODEL = "minutes_v1"
METRIC = "mae"
MINUTES_MAX = 53.0  # a game and one overtime; longer games are too rare to widen the range for them
RULED_OUT = ("out", "inactive")
REAL_LISTS = ("active_list", "injury_report")
GROUP_EDGES = (15.0, 27.0)  # of minutes_mean: deep bench, rotation, starters
_READ = (*MINUTES_COLUMNS, "status", "availability_source", "position_primary", "foreseen_flag")
_PLAY_COLUMNS = (*PLAY_FEATURES, STATUS_KNOWN)
_MINUTES_COLUMNS = (*MINUTES_FEATURES, STATUS_KNOWN)
_QUANTILES = {"minutes_p10": 0.1, "minutes_p50": 0.5, "minutes_p90": 0.9}
_TARGETS = ("minutes_mean", *_QUANTILES)
_PLAY: dict[str, Any] = {"objective": "binary", "metric": "binary_logloss"}
_REMEDY = "build the rows with features.assemble.player_features"


def with_minutes_label(features: pl.DataFrame, player_game: pl.DataFrame) -> pl.DataFrame:
    """Candidate rows with the label `minutes` of silver.player_game: minutes played; null if the player did not play (no row, or MIN 0).

    Args:
        features: one row per candidate, from `features.assemble.player_features`.
        player_game: rows of silver.player_game; season, game_id, player_id, min, minutes are read.

    Returns:
        `features` in its order, with `minutes`.
    """
    labels = player_game.filter(pl.col("min") > 0).select("season", "game_id", "player_id", "minutes")
    return features.drop("minutes", strict=False).join(labels, on=["season", "game_id", "player_id"], how="left", maintain_order="left")


def train_minutes(training: pl.DataFrame, window: date, config: MinutesConfig | None = None) -> Bundle:
    """Train the probability to play and the minutes boosters for one retrain window.

    Args:
        training: candidate rows of whole teams (see `with_minutes_label`), in any order; rows from `window` on are not looked at.
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
    known = _labelled(training).filter(pl.col("game_date") < window)
    played = known.filter(_played())
    windows = split_windows(played["game_date"], window, config.windows)
    clear, masked = prepared(known), prepared(_mask(known, config))
    play_columns, columns = (without_groups(names, config.drop_groups) for names in (_PLAY_COLUMNS, _MINUTES_COLUMNS))

    train = _with_lineup(windows.part(masked, "train"), play_columns, config)
    play, rounds, metrics = _fit_play(train, clear, windows, play_columns, config)
    parts = {name: _lined_up(windows.part(clear, name), play, play_columns, config) for name in ("cal", "val")}
    early = fit_targets(train.filter(_played()), parts["val"], columns, config)
    rounds |= {target: booster.best_iteration for target, booster in early.items()}
    predicted = {name: _minutes(part, early, columns, config.trees.num_threads) for name, part in parts.items()}
    bands = _bands(floats(parts["cal"], "minutes"), predicted["cal"])
    for name, part in parts.items():
        metrics |= _figures(metrics, name, floats(part, "minutes"), _in_order(_conformed(predicted[name], bands)))

    models = _fit_final(_with_lineup(masked, play_columns, config), play_columns, columns, rounds, config)
    meta = describe_run(
        model=MODEL,
        config=config,
        windows=windows,
        data=known,
        rows=played,
        key=PLAYER_KEY,
        labels=("minutes",),
        features=columns,
        rounds=rounds,
        metrics=metrics,
        metric=METRIC,
        metric_cal=metrics["minutes_mean"]["mae_cal"],
        metric_val=metrics["minutes_mean"]["mae_val"],
        extra={"bands": bands, "play_features": list(play_columns)},
    )
    meta["rows"]["final_play_prob"] = masked.filter(_fit_for_play()).height if "play_prob" in models else 0
    return Bundle(models, list(columns), meta)


def predict_minutes(features: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """The probability to play, and minutes if the player plays.

    Args:
        features: candidate rows of whole teams (a row's share depends on its team-mates), from `features.assemble.player_features`.
        bundle: a run of minutes_v1.

    Returns:
        minutes_mean, minutes_p10, minutes_p50, minutes_p90 (minutes, within 0 and 53, quantiles in order) and play_prob, row-aligned with
        `features`, never null. play_prob is 0 for the statuses out and inactive and 1 for players listed by a proxy; it is the prior of
        the status if the bundle has no booster for it.

    Raises:
        SchemaError: names the columns that are missing.
    """
    rows, prob = lineup_rows(features, bundle)
    predicted = _minutes(rows, bundle.models, bundle.feature_cols, bundle.num_threads)
    return pl.DataFrame({**_in_order(_conformed(predicted, bundle.meta["bands"])), "play_prob": prob})


def lineup_rows(features: pl.DataFrame, bundle: Bundle) -> tuple[pl.DataFrame, Floats]:
    """`features` as the minutes boosters read them, row-aligned, and the probability to play.

    Raises:
        SchemaError: names the columns that are missing.
    """
    require_model(bundle, MODEL)
    require_columns(features, (*PLAYER_KEY, "game_date", "play_prob_prior", *_READ), MODEL, _REMEDY)
    rows = prepared(features)
    prob = _probability(rows, bundle.models.get("play_prob"), bundle.meta["play_features"], bundle.num_threads)
    return add_likely_columns(rows, np.where(_is_team_mate(rows), prob, 0.0)), prob


def search_rows(training: pl.DataFrame, window: date, config: MinutesConfig) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rows with line-ups of players who played, for many fits with other settings (`pipeline/tuning.py`); the line-ups follow `config`.

    Args:
        training: candidate rows of whole teams, also from `window` on.
        window: first day the fits may be used on.
        config: settings of the probability to play.

    Returns:
        Rows to learn from, rows to stop early on, and the rows from the window on as the model would read them.

    Raises:
        RatesError: if fewer than three days with rows lie before the window.
        SchemaError: if a column is missing.
    """
    rows = _labelled(training)
    known = rows.filter(pl.col("game_date") < window)
    windows = split_windows(known.filter(_played())["game_date"], window, config.windows)
    columns = without_groups(_PLAY_COLUMNS, config.drop_groups)
    train = _with_lineup(prepared(_mask(windows.part(known, "train"), config)), columns, config)
    clear = prepared(rows)
    play, _, _ = _fit_play(train, clear, windows, columns, config)
    val, later = (
        _lined_up(part, play, columns, config) for part in (windows.part(clear, "val"), clear.filter(pl.col("game_date") >= window))
    )
    return train.filter(_played()), val, later


def _labelled(training: pl.DataFrame) -> pl.DataFrame:
    wanted = (*PLAYER_KEY, "game_date", "minutes", *_READ)
    require_columns(training, wanted, MODEL, _REMEDY)
    return training.select(wanted).sort(PLAYER_KEY)


# --- fits -----------------------------------------------------------------------------------------------------------------


def fit_targets(
    train: pl.DataFrame, val: pl.DataFrame, columns: Sequence[str], config: MinutesConfig, targets: Sequence[str] = _TARGETS
) -> dict[str, lgb.Booster]:
    """Boosters of minutes - base on `train`, stopped early on `val`: rows with line-ups of players who played."""
    params = base_params(config.trees)
    data = dataset(matrix(train, columns), columns, params)
    stop = dataset(matrix(val, columns), columns, params, reference=data)
    parts = (data, _residual(train, config)), (stop, _residual(val, config))
    settings = {t: config.of(t) for t in targets}
    return {t: fit_early(base_params(own.trees) | _objective(t, own), *parts, own) for t, own in settings.items()}


def _lined_up(rows: pl.DataFrame, play: lgb.Booster | None, columns: tuple[str, ...], config: MinutesConfig) -> pl.DataFrame:
    """`rows` (whole teams) with line-ups; only those of players who played."""
    prob = _probability(rows, play, columns, config.trees.num_threads)
    return add_likely_columns(rows, np.where(_is_team_mate(rows), prob, 0.0)).filter(_played())


def _fit_final(
    whole: pl.DataFrame, play_columns: tuple[str, ...], columns: tuple[str, ...], rounds: dict[str, int], config: MinutesConfig
) -> dict[str, lgb.Booster]:
    """Boosters on everything before the window, with the `rounds` of the early fits; play_prob only if it is among them."""
    base = base_params(config.trees)
    rows = whole.filter(_played())
    data = dataset(matrix(rows, columns), columns, base), _residual(rows, config)
    settings = {t: config.of(t) for t in _TARGETS}
    models = {t: fit_final(base_params(own.trees) | _objective(t, own), data, rounds[t]) for t, own in settings.items()}
    if "play_prob" in rounds:
        listed = whole.filter(_fit_for_play())
        bins = dataset(matrix(listed, play_columns), play_columns, base)
        models["play_prob"] = fit_final(base | _PLAY, (bins, _happened(listed)), rounds["play_prob"])
    return models


def _fit_play(
    train: pl.DataFrame, clear: pl.DataFrame, windows: Windows, columns: tuple[str, ...], config: MinutesConfig
) -> tuple[lgb.Booster | None, dict[str, int], dict[str, dict[str, float]]]:
    """Booster of the probability to play, rounds and figures; None and empty if too few rows have a real list."""
    rows = train.filter(_fit_for_play())
    if rows.height < config.min_listed_rows or not 0 < _happened(rows).sum() < rows.height:
        return None, {}, {}
    params = base_params(config.trees) | _PLAY
    data = dataset(matrix(rows, columns), columns, params)
    parts = {name: windows.part(clear, name).filter(_fit_for_play()) for name in ("cal", "val")}
    if parts["val"].is_empty():  # lists may end long before the window, as they do in the real files
        return fit_final(params, (data, _happened(rows)), config.play_rounds // 2), {"play_prob": config.play_rounds // 2}, {}
    val = dataset(matrix(parts["val"], columns), columns, params, reference=data)
    booster = fit_early(params, (data, _happened(rows)), (val, _happened(parts["val"])), config, config.play_rounds)
    figures: dict[str, float] = {}
    for name, part in parts.items():
        if part.height:
            y, prior = _happened(part), floats(part, "play_prob_prior")
            prob = predict(booster, matrix(part, columns), config.trees.num_threads)
            figures |= {
                f"brier_{name}": m.brier(y, prob),
                f"brier_prior_{name}": m.brier(y, prior),
                f"log_loss_{name}": m.log_loss(y, prob),
                f"log_loss_prior_{name}": m.log_loss(y, prior),
            }
    return booster, {"play_prob": max(booster.best_iteration, 1)}, {"play_prob": figures}


def _with_lineup(rows: pl.DataFrame, columns: tuple[str, ...], config: MinutesConfig) -> pl.DataFrame:
    """Training rows with line-ups; the probability of each row comes from a fit on other games."""
    params = base_params(config.trees) | _PLAY
    by_game = team_game_fractions(rows.with_columns(pl.lit("").alias("team_id")), f"fold {config.trees.seed}")
    fold = np.floor(by_game.to_numpy() * config.folds)
    x = matrix(rows, columns)
    usable = rows.select(_fit_for_play().alias("use"))["use"].fill_null(False).to_numpy()
    happened = _happened(rows)
    prob = floats(rows, "play_prob_prior").copy()
    for k in range(config.folds):
        learn = usable & (fold != k)
        if learn.sum() < config.min_listed_rows / config.folds or not 0 < happened[learn].sum() < learn.sum():
            continue
        booster = fit_final(params, (dataset(x[learn], columns, params), happened[learn]), config.play_rounds // 2)
        prob[fold == k] = predict(booster, x[fold == k], config.trees.num_threads)
    return add_likely_columns(rows, np.where(_is_team_mate(rows), _ruled(rows, prob), 0.0))


# --- rows and labels ------------------------------------------------------------------------------------------------------


def _played() -> pl.Expr:
    return pl.col("minutes").fill_null(0) > 0


def _happened(rows: pl.DataFrame) -> Floats:
    return rows.select(_played().cast(pl.Float64).alias("y"))["y"].to_numpy()


def _residual(rows: pl.DataFrame, config: MinutesConfig) -> Floats:
    return np.maximum(floats(rows, "minutes"), config.minutes_floor) - base_minutes(rows)


def _objective(target: str, config: MinutesConfig) -> dict[str, Any]:
    if target == "minutes_mean":
        return {"objective": "huber", "alpha": config.huber, "metric": "huber"}
    return {"objective": "quantile", "alpha": _QUANTILES[target], "metric": "quantile"}


def _fit_for_play() -> pl.Expr:
    """Rows that the probability to play can be learnt from.

    Of the players without a status only those who would be candidates without a list (`features.roster`) stay. The others are candidates
    because they appeared, or because of the list that is hidden.
    """
    published = (pl.col("status") != "unknown") & ~pl.col("status").is_in(RULED_OUT)
    return pl.col("availability_source").is_in(REAL_LISTS) & (published | ((pl.col("status") == "unknown") & _recent()))


def _recent() -> pl.Expr:
    seen = (pl.col("days_since_last_game") <= EXPECTED_WITHIN_DAYS).fill_null(False)
    return seen & (pl.col("last10_appearance_share").fill_null(1) > 0)


def _is_team_mate(rows: pl.DataFrame) -> Floats:
    """1 for a player on a list, or expected without a list; 0 for a candidate only because of having appeared."""
    named = (pl.col("status") != "unknown") | _recent() | (pl.col("availability_source") == "none")
    return rows.select((named & (pl.col("foreseen_flag") == 1)).alias("c"))["c"].to_numpy()


def _mask(known: pl.DataFrame, config: MinutesConfig) -> pl.DataFrame:
    """Hide the announced starters in one share of team-games, and all statuses with what follows from them in another.

    A hash of game and team draws the shares. Statuses of a proxy stay: without them no player would be missing.
    """
    seed = config.trees.seed
    no_five = team_game_fractions(known, f"starters {seed}") < config.mask_starters
    no_status = (team_game_fractions(known, f"status {seed}") < config.mask_status) & known["availability_source"].is_in(REAL_LISTS)
    rows = known.with_row_index("_row").with_columns(no_five.alias("_no_five"), no_status.alias("_no_status"))
    rows = pl.concat([hide_starters(rows.filter("_no_five")), rows.filter(~pl.col("_no_five"))]).sort("_row")
    hidden = pl.col("_no_status")
    return rows.with_columns(
        pl.when(hidden).then(pl.lit("unknown")).otherwise(pl.col("status")).alias("status"),
        pl.when(hidden).then(UNKNOWN_PRIOR).otherwise(pl.col("play_prob_prior")).alias("play_prob_prior"),
        *(pl.when(hidden).then(0).otherwise(pl.col(c)).cast(COLUMNS[c].dtype).alias(c) for c in ABSENCES),
        *(pl.when(~hidden).then(pl.col(c)).alias(c) for c in FROM_STATUSES),
    ).drop("_row", "_no_five", "_no_status")


# --- predictions ----------------------------------------------------------------------------------------------------------


def _probability(rows: pl.DataFrame, play: lgb.Booster | None, columns: list[str] | tuple[str, ...], threads: int) -> Floats:
    return _ruled(rows, floats(rows, "play_prob_prior") if play is None else predict(play, matrix(rows, columns), threads))


def _ruled(rows: pl.DataFrame, prob: Floats) -> Floats:
    """`prob`, but 0 for players ruled out and 1 for players listed by a proxy (it lists those who appeared)."""
    out = rows["status"].is_in(RULED_OUT).to_numpy()
    appeared = ((rows["availability_source"] == "proxy") & (rows["status"] == "active")).to_numpy()
    return np.asarray(np.where(out, 0.0, np.where(appeared, 1.0, np.clip(prob, 0.0, 1.0))), dtype=np.float64)


def _minutes(rows: pl.DataFrame, boosters: dict[str, lgb.Booster], columns: list[str] | tuple[str, ...], threads: int) -> dict[str, Floats]:
    x, base = matrix(rows, columns), base_minutes(rows)
    return {t: base + predict(boosters[t], x, threads) for t in _TARGETS}


def _bands(actual: Floats, predicted: dict[str, Floats]) -> dict[str, Any]:
    """Minutes by which p10 goes down and p90 up in each group of predicted minutes, so that a tenth of the rows lies beyond each."""
    group = np.digitize(predicted["minutes_mean"], GROUP_EDGES)
    low, high = [], []
    for g in range(len(GROUP_EDGES) + 1):
        rows = group == g
        n = int(rows.sum())
        level = min(1.0, 0.9 * (1 + 1 / max(n, 1)))
        low.append(float(np.quantile(predicted["minutes_p10"][rows] - actual[rows], level)) if n else 0.0)
        high.append(float(np.quantile(actual[rows] - predicted["minutes_p90"][rows], level)) if n else 0.0)
    return {"edges": list(GROUP_EDGES), "low": low, "high": high}


def _conformed(predicted: dict[str, Floats], bands: dict[str, Any]) -> dict[str, Floats]:
    group = np.digitize(predicted["minutes_mean"], bands["edges"])
    return predicted | {
        "minutes_p10": predicted["minutes_p10"] - np.array(bands["low"])[group],
        "minutes_p90": predicted["minutes_p90"] + np.array(bands["high"])[group],
    }


def _in_order(raw: dict[str, Floats]) -> dict[str, Floats]:
    """Clip to possible minutes and sort the three quantiles of each row, because separate fits may cross."""
    clipped = {target: np.clip(values, 0.0, MINUTES_MAX) for target, values in raw.items()}
    ordered = np.sort(np.column_stack([clipped[n] for n in _QUANTILES]), axis=1)
    return {"minutes_mean": clipped["minutes_mean"]} | {n: np.ascontiguousarray(ordered[:, i]) for i, n in enumerate(_QUANTILES)}


def _figures(metrics: dict[str, dict[str, float]], part: str, actual: Floats, predicted: dict[str, Floats]) -> dict[str, dict[str, float]]:
    mean, low, high = predicted["minutes_mean"], predicted["minutes_p10"], predicted["minutes_p90"]
    new = {
        "minutes_mean": {f"mae_{part}": m.mae(actual, mean), f"rmse_{part}": m.rmse(actual, mean)},
        "minutes_p50": {f"mae_{part}": m.mae(actual, predicted["minutes_p50"])},
        "band_80": {
            f"coverage_{part}": m.coverage(actual, low, high),
            f"width_{part}": m.width(low, high),
            f"winkler_{part}": m.winkler(actual, low, high),
        },
    }
    return {name: metrics.get(name, {}) | figures for name, figures in new.items()}


SPEC = ModelSpec(
    name=MODEL,
    config=MinutesConfig,
    train=train_minutes,
    predict=predict_minutes,
    outputs=(*_TARGETS, "play_prob"),
    metric=METRIC,
    metric_text="minutes MAE",
    summary="Fit the minutes boosters on everything before the month.",
    description="minutes if the player plays (mean, p10, p50, p90) and the probability to play, for the games of a month",
    tuned=True,
    searched={"minutes": "minutes_mean"},
)
