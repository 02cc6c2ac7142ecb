"""`minutes_v1`: the probability to play, and minutes if he plays: mean, p10, p50, p90.

    probability   binary booster on candidates of games with a real list; 0 by rule for out and inactive; 1 by rule where the list is a
                  proxy, because there whoever is listed is listed for having appeared
    line-up       shares of 240 from everybody's probability (`minutes_shares.py`); that of a training row comes from a fit on other games
    minutes       Huber (mean) and quantile boosters of minutes - base, base = (likely share + minutes_prior) / 2; rows that played
    band          p10 and p90 moved so that a tenth of the calibration rows lies beyond each, by predicted minutes: conformalised quantile
                  regression (Romano, Patterson & Candes 2019, asymmetric form) within three groups

In a share of training team-games the announced five, or all that was published, is hidden, so that the model also works hours before
either is known.

Belongs here: training and prediction of minutes. Does not belong here: the sum of 240 a team (`reconcile.py`), files (`bundle.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from rates_lib.core import metrics as m
from rates_lib.core.errors import SchemaError
from rates_lib.features.roster import EXPECTED_WITHIN_DAYS, UNKNOWN_PRIOR
from rates_lib.models.boosting import Floats, base_params, dataset, fit_early, fit_final, floats, matrix, predict
from rates_lib.models.bundle import Bundle, describe_run, require_model
from rates_lib.models.config import MinutesConfig
from rates_lib.models.contract import PLAYER_KEY, ModelSpec
from rates_lib.models.feature_groups import without_groups
from rates_lib.models.feature_sets import ABSENCES, FROM_STATUSES, MINUTES_COLUMNS, MINUTES_FEATURES, PLAY_FEATURES, STATUS_KNOWN
from rates_lib.models.fingerprint import frame_fingerprint, team_game_fractions
from rates_lib.models.minutes_shares import add_likely_columns, base_minutes, hide_starters, prepared
from rates_lib.models.windows import Windows, split_windows
from rates_lib.schemas.columns import COLUMNS

MODEL = "minutes_v1"
METRIC = "mae"
MINUTES_MAX = 53.0  # a game and one overtime; the longest nights are not worth a band that reaches for them
RULED_OUT = ("out", "inactive")
REAL_LISTS = ("active_list", "injury_report")
GROUP_EDGES = (15.0, 27.0)  # of minutes_mean: deep bench, rotation, starters
_READ = (*MINUTES_COLUMNS, "status", "availability_source", "position_primary", "foreseen_flag")
_PLAY_COLUMNS = (*PLAY_FEATURES, STATUS_KNOWN)
_MINUTES_COLUMNS = (*MINUTES_FEATURES, STATUS_KNOWN)
_QUANTILES = {"minutes_p10": 0.1, "minutes_p50": 0.5, "minutes_p90": 0.9}
_TARGETS = ("minutes_mean", *_QUANTILES)
_PLAY: dict[str, Any] = {"objective": "binary", "metric": "binary_logloss"}


@dataclass(frozen=True)
class _Fit:
    """Boosters with the columns each kind reads; `play` is None where no real list was there to learn from."""

    play: lgb.Booster | None
    minutes: dict[str, lgb.Booster]
    play_columns: tuple[str, ...]
    minutes_columns: tuple[str, ...]


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
    wanted = (*PLAYER_KEY, "game_date", "minutes", *_READ)
    _require(training, wanted)
    known = training.filter(pl.col("game_date") < window).select(wanted).sort(PLAYER_KEY)
    played = known.filter(_played())
    windows = split_windows(played["game_date"], window, config.windows)
    clear, masked = prepared(known), prepared(_mask(known, config))
    columns = without_groups(_PLAY_COLUMNS, config.drop_groups), without_groups(_MINUTES_COLUMNS, config.drop_groups)

    train = _with_lineup(windows.part(masked, "train"), columns[0], config)
    early, rounds, metrics, bands = _fit_early(train, clear, windows, columns, config)
    whole = _with_lineup(masked, columns[0], config)
    final = _fit_final(whole, early, rounds, config)
    val = windows.part(played, "val")
    meta = describe_run(
        model=MODEL,
        recipe=config.recipe,
        feature_set="all",
        windows=windows,
        rows={n: windows.part(played, n).height for n in ("train", "cal", "val")}
        | {"final": played.height, "final_play_prob": masked.filter(_fit_for_play()).height if final.play else 0},
        config=config,
        features=columns[1],
        data_fingerprint=frame_fingerprint(known, PLAYER_KEY),
        val_fingerprint=frame_fingerprint(val.select(*PLAYER_KEY, "minutes"), PLAYER_KEY),
        rounds=rounds,
        metrics=metrics,
        metric=METRIC,
        metric_cal=metrics["minutes_mean"]["mae_cal"],
        metric_val=metrics["minutes_mean"]["mae_val"],
        extra={"bands": bands, "play_features": list(columns[0])},
    )
    models = dict(final.minutes) | ({"play_prob": final.play} if final.play else {})
    return Bundle(models, list(columns[1]), meta)


def predict_minutes(features: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """The probability to play, and minutes if he plays.

    Args:
        features: candidate rows of whole teams (a row's share depends on its team-mates), from `features.assemble.player_features`.
        bundle: a run of minutes_v1.

    Returns:
        minutes_mean, minutes_p10, minutes_p50, minutes_p90 (minutes, within 0 and 53, quantiles in order) and play_prob, row-aligned with
        `features`, never null. play_prob is 0 for status out or inactive and 1 for who is listed by a proxy; it is the status's prior where
        the bundle has no booster for it.

    Raises:
        SchemaError: names the columns that are missing.
    """
    rows, prob = lineup_rows(features, bundle)
    got = _minutes(rows, bundle.models, bundle.feature_cols, bundle.num_threads)
    return pl.DataFrame({**_in_order(_conformed(got, bundle.meta["bands"])), "play_prob": prob})


def lineup_rows(features: pl.DataFrame, bundle: Bundle) -> tuple[pl.DataFrame, Floats]:
    """`features` as the minutes boosters read them, row-aligned, and the probability to play.

    Raises:
        SchemaError: names the columns that are missing.
    """
    require_model(bundle, MODEL)
    _require(features, (*PLAYER_KEY, "game_date", "play_prob_prior", *_READ))
    rows = prepared(features)
    prob = _probability(rows, bundle.models.get("play_prob"), bundle.meta["play_features"], bundle.num_threads)
    return add_likely_columns(rows, np.where(_is_team_mate(rows), prob, 0.0)), prob


def search_rows(training: pl.DataFrame, window: date, config: MinutesConfig) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rows with line-ups, of who played, for many fits with other settings (`pipeline/tuning.py`); the line-ups are those of `config`.

    Args:
        training: candidate rows of whole teams, also from `window` on.
        window: first day the fits may be used on.
        config: settings of the probability to play.

    Returns:
        The rows to learn from, those to stop early on, and those from the window on as they would be predicted.

    Raises:
        RatesError: if fewer than three days with rows lie before the window.
        SchemaError: if a column is missing.
    """
    wanted = (*PLAYER_KEY, "game_date", "minutes", *_READ)
    _require(training, wanted)
    rows = training.select(wanted).sort(PLAYER_KEY)
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


# --- fits -----------------------------------------------------------------------------------------------------------------


def _fit_early(
    train: pl.DataFrame, clear: pl.DataFrame, windows: Windows, columns: tuple[tuple[str, ...], tuple[str, ...]], config: MinutesConfig
) -> tuple[_Fit, dict[str, int], dict[str, dict[str, float]], dict[str, Any]]:
    """Fits on the training part: rounds found on the validation part, figures of both others, band corrections from calibration."""
    play, rounds, metrics = _fit_play(train, clear, windows, columns[0], config)
    parts = {name: _lined_up(windows.part(clear, name), play, columns[0], config) for name in ("cal", "val")}
    boosters = fit_targets(train.filter(_played()), parts["val"], columns[1], config)
    rounds |= {t: booster.best_iteration for t, booster in boosters.items()}
    got = {name: _minutes(part, boosters, columns[1], config.trees.num_threads) for name, part in parts.items()}
    bands = _bands(floats(parts["cal"], "minutes"), got["cal"])
    for name, part in parts.items():
        metrics |= _figures(metrics, name, floats(part, "minutes"), _in_order(_conformed(got[name], bands)))
    return _Fit(play, boosters, *columns), rounds, metrics, bands


def fit_targets(
    train: pl.DataFrame, val: pl.DataFrame, columns: Sequence[str], config: MinutesConfig, targets: Sequence[str] = _TARGETS
) -> dict[str, lgb.Booster]:
    """Boosters of minutes - base on `train`, stopped early on `val`: rows with line-ups, of who played."""
    params = base_params(config.trees)
    data = dataset(matrix(train, columns), columns, params)
    stop = dataset(matrix(val, columns), columns, params, reference=data)
    parts, made = ((data, _residual(train, config)), (stop, _residual(val, config))), {}
    for t in targets:
        settings = config.of(t)
        made[t] = fit_early(base_params(settings.trees) | _objective(t, settings), *parts, settings)
    return made


def _lined_up(rows: pl.DataFrame, play: lgb.Booster | None, columns: tuple[str, ...], config: MinutesConfig) -> pl.DataFrame:
    """Those of `rows` (whole teams) who played, with line-ups."""
    prob = _probability(rows, play, columns, config.trees.num_threads)
    return add_likely_columns(rows, np.where(_is_team_mate(rows), prob, 0.0)).filter(_played())


def _fit_final(whole: pl.DataFrame, early: _Fit, rounds: dict[str, int], config: MinutesConfig) -> _Fit:
    """One fit each on everything before the window, with the rounds found."""
    base = base_params(config.trees)
    rows = whole.filter(_played())
    data = dataset(matrix(rows, early.minutes_columns), early.minutes_columns, base), _residual(rows, config)
    settings = {t: config.of(t) for t in _TARGETS}
    minutes = {t: fit_final(base_params(own.trees) | _objective(t, own), data, rounds[t]) for t, own in settings.items()}
    play = None
    if early.play is not None:
        listed = whole.filter(_fit_for_play())
        bins = dataset(matrix(listed, early.play_columns), early.play_columns, base)
        play = fit_final(base | _PLAY, (bins, _happened(listed)), rounds["play_prob"])
    return _Fit(play, minutes, early.play_columns, early.minutes_columns)


def _fit_play(
    train: pl.DataFrame, clear: pl.DataFrame, windows: Windows, columns: tuple[str, ...], config: MinutesConfig
) -> tuple[lgb.Booster | None, dict[str, int], dict[str, dict[str, float]]]:
    """The probability to play, with rounds and figures; nothing where too few rows have a real list."""
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
    """Training rows with line-ups; each row's probability comes from a fit on other games."""
    params = base_params(config.trees) | _PLAY
    listed = _fit_for_play()
    by_game = team_game_fractions(rows.with_columns(pl.lit("").alias("team_id")), f"fold {config.trees.seed}")
    fold = np.floor(by_game.to_numpy() * config.folds)
    x = matrix(rows, columns)
    usable = rows.select(listed.alias("use"))["use"].fill_null(False).to_numpy()
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
    """Rows the probability to play can be learnt from.

    Of those without a status only the players who would be candidates without any list (see `features.roster`) stay: the others are
    there because they appeared, or because of the list that is hidden.
    """
    published = (pl.col("status") != "unknown") & ~pl.col("status").is_in(RULED_OUT)
    return pl.col("availability_source").is_in(REAL_LISTS) & (published | ((pl.col("status") == "unknown") & _recent()))


def _recent() -> pl.Expr:
    seen = (pl.col("days_since_last_game") <= EXPECTED_WITHIN_DAYS).fill_null(False)
    return seen & (pl.col("last10_appearance_share").fill_null(1) > 0)


def _is_team_mate(rows: pl.DataFrame) -> Floats:
    """1 for who counts as a team-mate: named by a list, or expected without one; 0 for who is here only because he appeared."""
    named = (pl.col("status") != "unknown") | _recent() | (pl.col("availability_source") == "none")
    return rows.select((named & (pl.col("foreseen_flag") == 1)).alias("c"))["c"].to_numpy()


def _mask(known: pl.DataFrame, config: MinutesConfig) -> pl.DataFrame:
    """Hide the announced five in one share of team-games, and all statuses with what follows from them in another.

    The shares are drawn by a hash of game and team. Statuses of a proxy stay: without them nobody would be left out.
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
    prob = predict(play, matrix(rows, columns), threads) if play is not None else floats(rows, "play_prob_prior")
    return _ruled(rows, prob)


def _ruled(rows: pl.DataFrame, prob: Floats) -> Floats:
    """`prob` where nothing settles it: 0 for who is out, 1 for who a proxy lists (he is listed for having appeared)."""
    out = rows["status"].is_in(RULED_OUT).to_numpy()
    appeared = ((rows["availability_source"] == "proxy") & (rows["status"] == "active")).to_numpy()
    return np.asarray(np.where(out, 0.0, np.where(appeared, 1.0, np.clip(prob, 0.0, 1.0))), dtype=np.float64)


def _minutes(rows: pl.DataFrame, boosters: dict[str, lgb.Booster], columns: list[str] | tuple[str, ...], threads: int) -> dict[str, Floats]:
    x, base = matrix(rows, columns), base_minutes(rows)
    return {t: base + predict(boosters[t], x, threads) for t in _TARGETS}


def _bands(actual: Floats, got: dict[str, Floats]) -> dict[str, Any]:
    """How far p10 goes down and p90 goes up in each group of predicted minutes, so that a tenth of the rows lies beyond."""
    group = np.digitize(got["minutes_mean"], GROUP_EDGES)
    low, high = [], []
    for g in range(len(GROUP_EDGES) + 1):
        rows = group == g
        n = int(rows.sum())
        level = min(1.0, 0.9 * (1 + 1 / max(n, 1)))
        low.append(float(np.quantile(got["minutes_p10"][rows] - actual[rows], level)) if n else 0.0)
        high.append(float(np.quantile(actual[rows] - got["minutes_p90"][rows], level)) if n else 0.0)
    return {"edges": list(GROUP_EDGES), "low": low, "high": high}


def _conformed(got: dict[str, Floats], bands: dict[str, Any]) -> dict[str, Floats]:
    group = np.digitize(got["minutes_mean"], bands["edges"])
    return got | {
        "minutes_p10": got["minutes_p10"] - np.array(bands["low"])[group],
        "minutes_p90": got["minutes_p90"] + np.array(bands["high"])[group],
    }


def _in_order(raw: dict[str, Floats]) -> dict[str, Floats]:
    """Clip to possible minutes; sort the three quantiles of each row, for fits of their own may cross."""
    clipped = {target: np.clip(values, 0.0, MINUTES_MAX) for target, values in raw.items()}
    ordered = np.sort(np.column_stack([clipped[n] for n in _QUANTILES]), axis=1)
    return {"minutes_mean": clipped["minutes_mean"]} | {n: np.ascontiguousarray(ordered[:, i]) for i, n in enumerate(_QUANTILES)}


def _figures(metrics: dict[str, dict[str, float]], part: str, actual: Floats, got: dict[str, Floats]) -> dict[str, dict[str, float]]:
    low, high = got["minutes_p10"], got["minutes_p90"]
    new = {
        "minutes_mean": {f"mae_{part}": m.mae(actual, got["minutes_mean"]), f"rmse_{part}": m.rmse(actual, got["minutes_mean"])},
        "minutes_p50": {f"mae_{part}": m.mae(actual, got["minutes_p50"])},
        "band_80": {
            f"coverage_{part}": m.coverage(actual, low, high),
            f"width_{part}": m.width(low, high),
            f"winkler_{part}": m.winkler(actual, low, high),
        },
    }
    return {name: metrics.get(name, {}) | figures for name, figures in new.items()}


def _require(frame: pl.DataFrame, columns: tuple[str, ...]) -> None:
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise SchemaError(f"minutes rows lack {', '.join(missing)}: build them with features.assemble.player_features")


SPEC = ModelSpec(
    name=MODEL,
    config=MinutesConfig,
    train=train_minutes,
    predict=predict_minutes,
    outputs=(*_TARGETS, "play_prob"),
    metric=METRIC,
    metric_text="minutes MAE",
    summary="Fit the minutes boosters on everything before the month.",
    description="minutes if he plays (mean, p10, p50, p90) and the probability to play, for the games of a month",
    tuned=True,
    searched={"minutes": "minutes_mean"},
)
