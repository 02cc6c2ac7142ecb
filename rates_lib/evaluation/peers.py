"""Our predictions against other forecasters' on the same rows: errors, and differences with intervals, as rows of evals.player.

Belongs here: which of our rows are compared with which of a peer's. Does not belong here: matching a peer's names and games
(`sql/silver/peer_forecast.sql`), our predictions (`scored.py`), formulas of errors (`core/metrics.py`), draws (`intervals.py`).

Rows are those of players who played (MIN > 0), with a forecast above 0 (a projection of 0 means that the player is not expected to
play) and a value of every predictor; `rows_missing` counts matched rows without one.

linestar    target dk_points: against the box score by the product's own rule, without bonuses, as in our projections
            target dk_points_by_source: against linestar's own count of the points: with bonuses (1.5 a double-double, 3 a
            triple-double), before corrections (one row in 130 differs from the corrected box score), sometimes null
books       target pra: points + rebounds + assists against the consensus, the median over books of the last line before tip-off
segments    the peer's name: all its rows; `<peer> YYYY-MM`: those of a month; `<peer> starter`, `<peer> bench` where starters are known
predictors  player_box: ours; player_box:p50: our median, where the frame has one; linestar or books; blend: half ours, half the peer's
metrics     mae, rmse, bias; mae_minus_peer: negative if our error is smaller; with a 95 % interval by paired bootstrap of games
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from rates_lib.core import metrics as m
from rates_lib.core.errors import RatesError
from rates_lib.core.stats import value_of
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.lake import Lake
from rates_lib.schemas.tables import TABLES

Floats = m.Floats
MODEL = "player_box"
DIFFERENCE = "mae_minus_peer"
DRAWS = 2000
_KEY = ["season", "game_id", "player_id"]
_ERRORS: dict[str, Callable[[Floats, Floats], float]] = {"mae": m.mae, "rmse": m.rmse, "bias": m.bias}
_MONTH = pl.col("game_date").dt.strftime("%Y-%m")
_RowDict = dict[str, object]


@dataclass(frozen=True)
class Interval:
    """A difference of two mean losses on the same rows.

    Attributes:
        difference: mean(loss_a) - mean(loss_b); negative: a is better.
        low, high: 95 % percentile interval.
        games, rows: how many it is computed from.
    """

    difference: float
    low: float
    high: float
    games: int
    rows: int


def paired_bootstrap(differences: Floats, games: pl.Series, draws: int = DRAWS, seed: int = 7) -> list[Interval]:
    """Mean and interval of each column of `differences`, by drawing games with replacement.

    Each difference is between two losses of the same row, so the bootstrap is paired. The module `intervals` explains why games are drawn.

    Args:
        differences: shape (n, k), n >= 1, without NaN: a loss of each row minus another of the same row.
        games: game of each row, length n.
        draws: bootstrap samples, the same for all columns.
        seed: of the draws; the same rows in the same order give the same intervals.
    """
    drawn = GameBootstrap(games, draws, seed).means(differences)
    means = differences.mean(axis=0)
    return [
        Interval(float(mean), *interval(replicates), games.n_unique(), len(games)) for mean, replicates in zip(means, drawn.T, strict=True)
    ]


def compare_peers(lake: Lake, scored: pl.DataFrame) -> pl.DataFrame:
    """All comparisons with the peers whose forecasts the lake holds.

    Args:
        lake: holds silver.peer_forecast of the seasons in `scored`; a season without forecasts gives no rows.
        scored: see `compare_linestar` and `compare_props`.

    Returns:
        Rows of evals.player, sorted by key.
    """
    peer = lake.read("silver.peer_forecast", scored["season"].unique().sort().to_list())
    return _frame([*compare_linestar(scored, peer).iter_rows(named=True), *compare_props(scored, peer).iter_rows(named=True)])


def compare_linestar(scored: pl.DataFrame, peer: pl.DataFrame) -> pl.DataFrame:
    """Compare our and linestar's projection of DraftKings points.

    Args:
        scored: one row per game and player: season, game_id, player_id, dk_points (counted without bonuses), dk_points_hat (ours,
            given play; may be null); optional: played (only rows with 1 are used), dk_points_p50 (our median), is_starter,
            minutes_run_id, rates_run_id.
        peer: rows of silver.peer_forecast.

    Returns:
        Rows of evals.player, sorted by key; none where nothing matches.

    Raises:
        RatesError: if `scored` lacks a column or has a row twice.
    """
    _require(scored, ["dk_points", "dk_points_hat"])
    theirs = peer.filter((pl.col("source") == "linestar") & (pl.col("stat") == "dk_points") & (pl.col("forecast") > 0))
    rows = _matched(scored, theirs.select(*_KEY, "game_date", "forecast", "scored"))
    own = rows.filter(pl.col("scored").is_not_null())
    return _frame(
        [
            *_compared(rows, "linestar", "dk_points", "dk_points", ours="dk_points"),
            *_compared(own, "linestar", "dk_points_by_source", "scored", ours="dk_points"),
        ]
    )


def compare_props(scored: pl.DataFrame, peer: pl.DataFrame) -> pl.DataFrame:
    """Compare our points + rebounds + assists with the books' consensus line.

    Args:
        scored: one row per game and player: season, game_id, player_id, pts, reb, ast, pts_hat, reb_hat, ast_hat (ours, given
            play; may be null); optional as in `compare_linestar`: played, pra_p50, is_starter and runs.
        peer: rows of silver.peer_forecast.

    Returns:
        Rows of evals.player, sorted by key; none where nothing matches.

    Raises:
        RatesError: if `scored` lacks a column or has a row twice.
    """
    _require(scored, ["pts", "reb", "ast", "pts_hat", "reb_hat", "ast_hat"])
    ours = scored.with_columns(value_of("pra", pl.col).alias("pra"), value_of("pra", lambda part: pl.col(f"{part}_hat")).alias("pra_hat"))
    return _frame([*_compared(_matched(ours, consensus_lines(peer)), "books", "pra", "pra", ours="pra")])


def consensus_lines(peer: pl.DataFrame) -> pl.DataFrame:
    """The books' consensus of points + rebounds + assists: the median over books.

    Args:
        peer: rows of silver.peer_forecast.

    Returns:
        season, game_id, player_id, game_date, forecast, books (how many), sorted by season, game_id, player_id.
    """
    lines = peer.filter((pl.col("source") == "props") & (pl.col("stat") == "pra"))
    each = lines.group_by(*_KEY, "game_date").agg(pl.col("forecast").median(), pl.len().cast(pl.Int64).alias("books"))
    return each.sort(_KEY)


def _require(scored: pl.DataFrame, columns: list[str]) -> None:
    missing = [c for c in (*_KEY, *columns) if c not in scored.columns]
    if missing:
        raise RatesError(
            f"scored predictions lack {', '.join(missing)}: the comparison with peers needs outcome and prediction of each row"
        )
    doubled = int(scored.select(_KEY).is_duplicated().sum())
    if doubled:
        raise RatesError(f"{doubled} scored predictions share their season, game and player: give one row for each")


def _matched(scored: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    if "played" in scored.columns:
        scored = scored.filter(pl.col("played") == 1)
    # the peer's `scored` is an outcome, not our column of that name, which is dropped before the join
    return scored.drop("game_date", "forecast", "scored", strict=False).join(theirs, on=_KEY, how="inner").sort(_KEY)


def _compared(matched: pl.DataFrame, peer: str, target: str, outcome: str, *, ours: str) -> Iterator[_RowDict]:
    median = f"{ours}_p50"
    blend = ((pl.col(f"{ours}_hat") + pl.col("forecast")) / 2).alias("_blend")
    predictors = {MODEL: f"{ours}_hat", peer: "forecast", "blend": "_blend"}
    if median in matched.columns and matched[median].count():
        predictors[f"{MODEL}:p50"] = median
    complete = matched.with_columns(blend).drop_nulls([outcome, *predictors.values()])
    for (season,), rows in complete.partition_by("season", as_dict=True).items():
        every = matched.filter(pl.col("season") == season)
        for segment, mask in _segments(rows).items():
            part, missing = rows.filter(mask), every.filter(mask).height
            name = f"{peer} {segment}".strip()
            base = {"season": season, "model": MODEL, "target": target, "segment": name, "rows_missing": missing - part.height}
            yield from _figures(part, base, outcome, predictors, peer)


def _segments(rows: pl.DataFrame) -> dict[str, pl.Expr]:
    masks = {"": pl.lit(value=True)}
    masks |= {month: month == _MONTH for month in rows.select(_MONTH).to_series().unique().sort()}
    if "is_starter" in rows.columns:
        known = {"starter": pl.col("is_starter") == 1, "bench": pl.col("is_starter") == 0}
        masks |= {name: mask for name, mask in known.items() if rows.filter(mask).height}
    return masks


def _figures(rows: pl.DataFrame, base: _RowDict, outcome: str, predictors: dict[str, str], peer: str) -> Iterator[_RowDict]:
    actual = rows[outcome].cast(pl.Float64).to_numpy()
    value = {name: rows[column].to_numpy() for name, column in predictors.items()}
    own = [name for name in predictors if name != peer]
    peer_losses = m.absolute_losses(actual, value[peer])
    differences = np.stack([m.absolute_losses(actual, value[name]) - peer_losses for name in own], axis=1)
    intervals = dict(zip(own, paired_bootstrap(differences, rows["game_id"]), strict=True))
    for name, predicted in value.items():
        row = {**base, "predictor": name, "rows": rows.height, "model_run_id": None if name == peer else _runs(rows)}
        for metric, function in _ERRORS.items():
            yield {**row, "metric": metric, "value": function(actual, predicted)}
        if name in intervals:
            gap = intervals[name]
            difference = {"value": gap.difference, "value_low": gap.low, "value_high": gap.high}
            yield {**row, "metric": DIFFERENCE, **difference}


def _runs(rows: pl.DataFrame) -> str | None:
    """All runs behind the predictions, joined."""
    columns = [c for c in ("model_run_id", "minutes_run_id", "rates_run_id") if c in rows.columns]
    runs = {run for column in columns for ids in rows[column].drop_nulls().unique() for run in ids.split(", ")}
    return ", ".join(sorted(runs)) or None


def _frame(rows: list[_RowDict]) -> pl.DataFrame:
    spec = TABLES["evals.player"]
    return pl.DataFrame(rows, schema=spec.schema, orient="row").sort(spec.key)
