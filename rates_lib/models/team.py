"""`team_v1`: margin, total and home win of a game, with and without the market.

    margin = Kalman margin + ridge(differences)      total = Kalman total + ridge(sums)      home points = (total + margin) / 2
    with the market: line + w x (ours - line), w >= 0 as far as games before the window show that it pays

Errors are estimated out of fold: each stretch of earlier games is predicted by a fit on the games before it. These errors give the spread
by context, the quantiles of the standardised residual, the curve from margin to win probability, and w. So no prediction rests on the
outcome of its own game.

Belongs here: design matrix, fits, distributions. Does not belong here: features (`features/team_matchup.py`), the ridge (`ridge.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import minimize

from rates_lib.core import metrics as m
from rates_lib.core.errors import RatesError
from rates_lib.models.boosting import Floats, floats, matrix
from rates_lib.models.bundle import Bundle, describe_run, require_model
from rates_lib.models.config import TeamConfig
from rates_lib.models.contract import ModelSpec
from rates_lib.models.ridge import Ridge, fit_ridge
from rates_lib.models.windows import split_windows
from rates_lib.schemas.columns import CHANGE, LINEUP, NEUTRAL, TEAM_LEAGUE, TEAM_STRENGTH

MODEL = "team_v1"
METRIC = "margin_mae"
POINTS = ("margin", "total", "home_pts", "away_pts")
_KEY = ("season", "game_id")
OF_TEAM = (*TEAM_STRENGTH, *LINEUP, *CHANGE)
"""Features of a side. Those of gold.team_form are left out: on 2023-24 they worsened the total and did not improve the margin."""
OF_GAME = (*NEUTRAL, *TEAM_LEAGUE)
FEATURES = (*OF_GAME, *(f"{side}_{c}" for side in ("home", "away", "diff") for c in OF_TEAM))
READ_COLUMNS = ("game_date", "kalman_margin", "kalman_total", "spread_home", "total", *FEATURES)
"""Columns that a prediction reads; one row per game."""
_LABELS = {"margin": "home_margin", "total": "total_points", "home_pts": "home_pts", "away_pts": "away_pts"}
_OFFSET = {"margin": "kalman_margin", "total": "kalman_total"}
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
_OWN_OUTPUTS = ("home_win_prob", *(f"{kind}_{stat}" for kind in POINTS for stat in ("mean", *QUANTILES)))
TEAM_OUTPUTS = (*_OWN_OUTPUTS, *(f"with_market_{name}" for name in _OWN_OUTPUTS))
"""Columns of `predict_team`."""
_LEAST_GAMES = 10  # games that a fit or a distribution needs


@dataclass(frozen=True)
class Errors:
    """Distribution of errors: spread exp(a + b context), and quantiles of error / spread.

    Attributes:
        slope: (1 + contexts,) a and b.
        quantiles: by name of QUANTILES, in units of the spread.
    """

    slope: Floats
    quantiles: dict[str, float]

    def spread(self, context: Floats) -> Floats:
        """Shape (rows,) for contexts of shape (rows, contexts)."""
        return np.asarray(np.exp(self.slope[0] + np.einsum("nk,k->n", context, self.slope[1:])), dtype=np.float64)


def train_team(rows: pl.DataFrame, window: date, config: TeamConfig | None = None) -> Bundle:
    """Train the models of a window.

    Args:
        rows: gold.team_matchup_training; rows from the window on are not read.
        window: first day the model may be used on.
        config: settings; the defaults if None.

    Returns:
        A bundle without boosters: ridges, errors, curves and weights are in its metadata, under `team`. The figures of calibration and
        validation days come from fits on the training part.

    Raises:
        RatesError: if too few games lie before the window.
    """
    config = config or TeamConfig()
    rows = rows.filter(pl.col("game_date") < window).sort("game_date", *_KEY)
    if rows.height < 2 * _LEAST_GAMES:
        raise RatesError(
            f"window {window:%Y-%m} has {rows.height} games before it in gold.team_matchup_training and needs {2 * _LEAST_GAMES}: "
            "backfill an earlier season, or train a later window"
        )
    windows = split_windows(rows["game_date"], window, config.windows)
    folds = _out_of_fold(rows, config)
    team = _distributions(folds, config) | {"ridges": {kind: ridge.to_dict() for kind, ridge in _fit(rows, window, config).items()}}
    early = _fit(windows.part(rows, "train"), windows.cal_start, config)
    figures = {name: _figures(windows.part(rows, name), early) for name in ("cal", "val")}
    meta = describe_run(
        model=MODEL,
        config=config,
        windows=windows,
        data=rows.select(*_KEY, *_LABELS.values(), *READ_COLUMNS),
        rows=rows,
        key=_KEY,
        labels=tuple(_LABELS.values()),
        features=READ_COLUMNS,
        rounds={},
        metrics=_metrics(figures, folds, team),
        metric=METRIC,
        metric_cal=figures["cal"]["margin"]["mae"],
        metric_val=figures["val"]["margin"]["mae"],
        extra={"team": team},
    )
    return Bundle({}, list(READ_COLUMNS), meta)


def predict_team(rows: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """Means, quantiles and win probability of games.

    Args:
        rows: `features.team_matchup.matchups`, or rows of gold.team_matchup_training; labels are not read.
        bundle: a run of team_v1.

    Returns:
        Row-aligned: mean, p10, p50 and p90 of POINTS and home_win_prob, then the same with_market_*, which equal the former if a line is
        missing. Means of home and away points sum to the total's and differ by the margin's.
    """
    require_model(bundle, MODEL)
    team = bundle.meta["team"]
    own = _means(rows, {kind: Ridge.from_dict(values) for kind, values in team["ridges"].items()})
    outputs = _described(rows, own, team["own"])
    # only with both lines, else the points of the sides would mix two kinds of error
    lined = np.isfinite(_line(rows, "margin")) & np.isfinite(_line(rows, "total"))
    medians = _with_market(rows, own, team["market_weight"])
    market = _described(rows, _sides({kind: medians[kind] + team["market_shift"][kind] for kind in _OFFSET}), team["market"])
    market |= {f"{kind}_p50": medians[kind] for kind in _OFFSET}  # the line is a median
    outputs |= {f"with_market_{name}": np.where(lined, values, outputs[name]) for name, values in market.items()}
    return pl.DataFrame(outputs).select(TEAM_OUTPUTS)


# --- means ----------------------------------------------------------------------------------------------------------------


def _design(rows: pl.DataFrame, kind: str) -> Floats:
    """Design matrix: differences of the sides for the margin or sums for the total, and the features of the game."""
    sides = {side: matrix(rows, [f"{side}_{c}" for c in OF_TEAM]) for side in (("diff",) if kind == "margin" else ("home", "away"))}
    return np.column_stack([matrix(rows, OF_GAME), sum(sides.values())])


def _fit(rows: pl.DataFrame, window: date, config: TeamConfig) -> dict[str, Ridge]:
    """Ridges for margin and total on the residuals of the Kalman filter; older games weigh less."""
    age = (pl.lit(window, pl.Date) - pl.col("game_date")).dt.total_days()
    weight = 0.5 ** (rows.select(age.alias("age"))["age"].to_numpy() / config.half_life_days)
    return {
        kind: fit_ridge(_design(rows, kind), floats(rows, _LABELS[kind]) - floats(rows, offset), weight, config.penalty)
        for kind, offset in _OFFSET.items()
    }


def _means(rows: pl.DataFrame, ridges: Mapping[str, Ridge]) -> dict[str, Floats]:
    """Means of margin and total, and the points of both sides that follow from them."""
    return _sides({kind: floats(rows, offset) + ridges[kind].predict(_design(rows, kind)) for kind, offset in _OFFSET.items()})


def _sides(means: Mapping[str, Floats]) -> dict[str, Floats]:
    margin, total = means["margin"], means["total"]
    return {"margin": margin, "total": total, "home_pts": (total + margin) / 2, "away_pts": (total - margin) / 2}


def _line(rows: pl.DataFrame, kind: str) -> Floats:
    """The closing line as a margin or a total; NaN if there is none."""
    return -floats(rows, "spread_home") if kind == "margin" else floats(rows, "total")


def _with_market(rows: pl.DataFrame, own: Mapping[str, Floats], weight: Mapping[str, float]) -> dict[str, Floats]:
    """Margin and total: the line plus a share of our difference from it."""
    lines = {kind: _line(rows, kind) for kind in _OFFSET}
    return {kind: line + weight[kind] * (own[kind] - line) for kind, line in lines.items()}


# --- distribution of errors ------------------------------------------------------------------------------------------------


def _out_of_fold(rows: pl.DataFrame, config: TeamConfig) -> pl.DataFrame:
    """The last games, each predicted by a fit on the games before it: rows with `_margin` and `_total`.

    The games are cut into stretches of `fold_days` league days (a quarter of a short history) that cover the last `residual_days`; a
    stretch with fewer than _LEAST_GAMES games before it is left out.
    """
    days = rows["game_date"].unique().sort()
    first = max(0, len(days) - config.residual_days)
    parts = []
    step = min(config.fold_days, max(1, len(days) // 4))
    for start in range(first, len(days), step):
        begin, end = days[start], days[min(start + step, len(days)) - 1]
        before, fold = rows.filter(pl.col("game_date") < begin), rows.filter(pl.col("game_date").is_between(begin, end))
        if before.height >= _LEAST_GAMES:
            means = _means(fold, _fit(before, begin, config))
            parts.append(fold.with_columns(pl.Series(f"_{kind}", means[kind]) for kind in _OFFSET))
    return pl.concat(parts)


def _distributions(folds: pl.DataFrame, config: TeamConfig) -> dict[str, Any]:
    """Errors, curves and the weight of our difference from the market, from out-of-fold predictions."""
    own = _sides({kind: floats(folds, f"_{kind}") for kind in _OFFSET})
    lined = folds.filter(pl.col("spread_home").is_not_null() & pl.col("total").is_not_null())
    own_errors = _learnt(folds, own)
    nothing = dict.fromkeys(_OFFSET, 0.0)
    if lined.height < _LEAST_GAMES:
        return {"own": own_errors, "market": own_errors, "market_weight": nothing, "market_shift": nothing}
    ours = {kind: floats(lined, f"_{kind}") for kind in _OFFSET}
    actual = {kind: floats(lined, _LABELS[kind]) for kind in _OFFSET}
    lines = {kind: _line(lined, kind) for kind in _OFFSET}
    weight = {kind: _market_weight(actual[kind] - lines[kind], ours[kind] - lines[kind], config.market_errors) for kind in _OFFSET}
    medians = _with_market(lined, ours, weight)
    shift = {kind: _sure_mean(actual[kind] - medians[kind]) for kind in _OFFSET}
    market = _learnt(lined, _sides({kind: medians[kind] + shift[kind] for kind in _OFFSET}))
    return {"own": own_errors, "market": market, "market_weight": weight, "market_shift": shift}


def _market_weight(beyond: Floats, ours: Floats, errors: float) -> float:
    """Share of our difference from the line that pays: least squares minus `errors` standard errors, within 0 and 1.

    Args:
        beyond: outcome minus line.
        ours: our mean minus line.
        errors: standard errors to subtract.
    """
    ours = ours - ours.mean()
    beyond = beyond - beyond.mean()
    power = float(np.einsum("n,n->", ours, ours))
    if power <= 0:
        return 0.0
    share = float(np.einsum("n,n->", ours, beyond)) / power
    left = beyond - share * ours
    error = float(np.sqrt(np.einsum("n,n->", left, left) / len(left) / power))
    return float(np.clip(share - errors * error, 0.0, 1.0))


def _sure_mean(residual: Floats) -> float:
    """Mean, moved one standard error towards 0."""
    mean, error = float(residual.mean()), float(residual.std()) / np.sqrt(len(residual))
    return float(np.sign(mean) * max(abs(mean) - error, 0.0))


def _context(rows: pl.DataFrame, means: Mapping[str, Floats]) -> Floats:
    """(rows, 3): absolute expected margin, expected total, earliness in the season; scaled."""
    early = 1 / (1 + np.minimum(floats(rows, "home_games_played"), floats(rows, "away_games_played")))
    return np.column_stack([np.abs(means["margin"]) / 10 - 0.6, (means["total"] - 220) / 20, early])


def _learnt(rows: pl.DataFrame, means: Mapping[str, Floats]) -> dict[str, Any]:
    """Errors of POINTS and the curve of the home side's win probability, ready for JSON."""
    context = _context(rows, means)
    errors = {kind: _errors(floats(rows, label) - means[kind], context) for kind, label in _LABELS.items()}
    spread = errors["margin"].spread(context)
    curve = logistic(means["margin"] / spread, (floats(rows, "home_margin") > 0).astype(np.float64))
    return {"curve": curve} | {kind: {"slope": e.slope.tolist(), "quantiles": e.quantiles} for kind, e in errors.items()}


def _errors(residual: Floats, context: Floats) -> Errors:
    """Spread by context (normal likelihood of the residuals, log-linear spread), then quantiles of residual / spread."""
    x = np.column_stack([np.ones(len(residual)), context])
    start = np.zeros(x.shape[1])
    start[0] = np.log(np.std(residual) + 1e-9)
    pull = np.array([0.0, *([25.0] * context.shape[1])])  # towards one spread for all games; in games

    def loss(b: Floats) -> tuple[float, Floats]:
        log_spread = np.clip(np.einsum("nk,k->n", x, b), -5, 6)
        square = residual**2 * np.exp(-2 * log_spread)
        value = float(np.sum(log_spread + square / 2) + np.sum(pull * b**2) / 2)
        return value, np.asarray(np.einsum("nk,n->k", x, 1 - square) + pull * b)

    slope = np.asarray(minimize(loss, start, jac=True, method="BFGS").x, dtype=np.float64)
    left = residual / Errors(slope, {}).spread(context)
    return Errors(slope, {name: float(np.quantile(left, share)) for name, share in QUANTILES.items()})


def logistic(x: Floats, won: Floats) -> list[float]:
    """a, b of P(win) = 1 / (1 + exp(-(a + b x))), by maximum likelihood with a weak pull of a to 0 (Platt 1999)."""

    def loss(b: Floats) -> tuple[float, Floats]:
        score = b[0] + b[1] * x
        p = 1 / (1 + np.exp(-score))
        value = float(np.sum(np.logaddexp(0, score) - won * score) + 5 * b[0] ** 2)
        return value, np.array([np.sum(p - won) + 10 * b[0], np.sum((p - won) * x)])

    return [float(v) for v in minimize(loss, np.array([0.0, 1.5]), jac=True, method="BFGS").x]


def _described(rows: pl.DataFrame, means: Mapping[str, Floats], learnt: Mapping[str, Any]) -> dict[str, Floats]:
    """Means, quantiles and the home side's win probability, by column name."""
    context = _context(rows, means)
    outputs: dict[str, Floats] = {}
    for kind in POINTS:
        errors = Errors(np.array(learnt[kind]["slope"]), learnt[kind]["quantiles"])
        spread = errors.spread(context)
        outputs[f"{kind}_mean"] = means[kind]
        outputs |= {f"{kind}_{name}": means[kind] + q * spread for name, q in errors.quantiles.items()}
        if kind == "margin":
            a, b = learnt["curve"]
            outputs["home_win_prob"] = 1 / (1 + np.exp(-(a + b * means[kind] / spread)))
    return outputs


def _metrics(
    figures: Mapping[str, Mapping[str, Mapping[str, float]]], folds: pl.DataFrame, team: Mapping[str, Any]
) -> dict[str, dict[str, float]]:
    """Figures by target: of calibration and validation days, and of the out-of-fold games (oof; their curves are in sample)."""
    metrics = {kind: {f"{k}_{name}": v for name, f in figures.items() for k, v in f[kind].items()} for kind in _OFFSET}
    own = _described(folds, _sides({kind: floats(folds, f"_{kind}") for kind in _OFFSET}), team["own"])
    for kind in _OFFSET:
        metrics[kind] |= {
            "mae_oof": m.mae(floats(folds, _LABELS[kind]), own[f"{kind}_mean"]),
            "market_weight": team["market_weight"][kind],
        }
    won = (floats(folds, "home_margin") > 0).astype(np.float64)
    return metrics | {"home_win": {"log_loss_oof": m.log_loss(won, own["home_win_prob"]), "games_oof": float(folds.height)}}


def _figures(part: pl.DataFrame, ridges: Mapping[str, Ridge]) -> dict[str, dict[str, float]]:
    means = _means(part, ridges)
    actual = {kind: floats(part, _LABELS[kind]) for kind in _OFFSET}
    return {
        kind: {
            "mae": m.mae(actual[kind], means[kind]),
            "rmse": m.rmse(actual[kind], means[kind]),
            "mae_kalman": m.mae(actual[kind], floats(part, offset)),
        }
        for kind, offset in _OFFSET.items()
    }


SPEC = ModelSpec(
    name=MODEL,
    config=TeamConfig,
    train=train_team,
    predict=predict_team,
    outputs=TEAM_OUTPUTS,
    metric=METRIC,
    metric_text="MAE of the margin",
    summary="Fit margin, total and chance of a home win on all games before the month.",
    description="{target} of a game with and without the market, for the games of a month",
    assets={target: target for target in ("margin", "total", "home_win")},
)
