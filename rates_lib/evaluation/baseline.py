"""Accuracy of the walk-forward predictions of a season: rows of evals.player.

Belongs here: which predictions meet which outcomes and baselines, on which rows. Does not belong here: formulas (`metrics.py`), text
(`report.py`). Nothing at or after a game is used but its outcome: minutes come from gold.minutes_walk_forward, rates from the newest
run of a window not after the game's month, baselines from form of the day before.

Every predictor of a segment is measured on the same rows: those for which all of them exist; `rows_missing` counts the rest.

Minutes (rows that played: MIN > 0 in the log)
    minutes_v1      minutes_mean, and its band p10..p90
    last5           mean of the last five games played; without one, season_mean
    season_mean     season's minutes per game (the previous season's before the first game); without either, the mean of all
                    player-games of the previous season
    segments        all, starters_known, starter, bench (of those known), and one per source of the list (active_list, …): under
                    proxy who appears was listed for having appeared, which flatters
Probability to play (candidates of games with a real list; target play_prob) against play_prob_prior; and the product, play_prob x
minutes_mean, against 0 or the minutes played (target minutes_expected), with last5 x prior beside it.
Rates (rows of at least a minute; Poisson deviance of the count given actual minutes)
    rates_v1:plain          of both feature sets the one with the better validation figure, window by window
    rates_v1:plain:stage0   …:stage2
    season_to_date          .95 x raw season-to-date rate + .05 x the league's rate of the previous season: the raw rate of a player without
                            a block yet is 0, and his first block would cost infinity
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from rates_lib.errors import MissingModelError, RatesError
from rates_lib.evaluation import metrics as m
from rates_lib.lake import Lake
from rates_lib.models.feature_sets import RATES_FEATURE_SETS
from rates_lib.models.minutes import REAL_LISTS
from rates_lib.models.walk_forward import rates_walk_forward
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES

Floats = m.Floats
MIN_MINUTES = 1.0
LEAGUE_SHARE = 0.05
MEAN_TARGET = "mean of nine"
_SEASON_COLUMN = {t: f"season_{t}_per_min" for t in RATE_TARGETS} | {"fga3": "season_3pa_per_min"}
_KEY = ["season", "game_id", "player_id"]
_RowDict = dict[str, object]
_Functions = Mapping[str, Callable[[Floats, Floats], float]]


class _Subject(NamedTuple):
    model: str
    target: str
    segment: str


class _Predictor(NamedTuple):
    column: str
    run_ids: str | None = None


def evaluate_season(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of evals.player for one season, sorted by key.

    Args:
        lake: holds silver.player_game, gold.player_form, gold.minutes_walk_forward and gold.rates_training_base of the season, the runs,
            and silver.player_game of the season before for the baselines' fall-backs.
        season: start year.

    Raises:
        RatesError: if a table has no rows of the season.
        MissingModelError: if no rates run serves any game of the season.
    """
    for table in ("silver.player_game", "gold.player_form", "gold.minutes_walk_forward", "gold.rates_training_base"):
        if str(season) not in lake.partitions(table):
            raise RatesError(f"{table} has no season {season}: run `rates backfill --seasons {season}` first")
    rows = [*_minutes_rows(lake, season), *_rates_rows(lake, season)]
    spec = TABLES["evals.player"]
    return pl.DataFrame([{"season": season, **row} for row in rows], schema=spec.schema, orient="row").sort(spec.key)


# --- minutes ------------------------------------------------------------------------------------------------------------


def _minutes_rows(lake: Lake, season: int) -> Iterator[_RowDict]:
    candidates = _candidates(lake, season)
    run_ids = _run_ids(candidates)
    errors = {"mae": m.mae, "rmse": m.rmse, "bias": m.bias}
    given_played = {
        "minutes_v1": _Predictor("minutes_mean", run_ids),
        "last5": _Predictor("last5"),
        "season_mean": _Predictor("season_mean"),
    }
    for segment, chosen in _minutes_segments(candidates.filter(pl.col("minutes") > 0)).items():
        subject = _Subject("minutes_v1", "minutes", segment)
        yield from _measured(chosen, subject, "minutes", given_played, errors)
        yield from _band(chosen, subject, run_ids)
    play = {"minutes_v1": _Predictor("play_prob", run_ids), "play_prob_prior": _Predictor("play_prob_prior")}
    product = {"minutes_v1": _Predictor("expected", run_ids), "last5": _Predictor("last5_expected")}
    for source in REAL_LISTS:
        listed = candidates.filter(pl.col("availability_source") == source)
        scores = {"brier": m.brier, "log_loss": m.log_loss}
        yield from _measured(listed, _Subject("minutes_v1", "play_prob", source), "happened", play, scores)
        yield from _measured(listed, _Subject("minutes_v1", "minutes_expected", source), "minutes", product, errors)
    yield from _team_sums(candidates, run_ids)


def _candidates(lake: Lake, season: int) -> pl.DataFrame:
    """Candidates with prediction, baselines and outcome; `minutes` is 0 for who did not appear."""
    form = lake.read(
        "gold.player_form",
        [season],
        [*_KEY, "team_id", "availability_source", "is_starter", "play_prob_prior", "last5_minutes_per_game", "season_mpg"],
    )
    walk = lake.read(
        "gold.minutes_walk_forward",
        [season],
        [*_KEY, "minutes_mean", "minutes_p10", "minutes_p90", "play_prob", "model_run_id"],
    )
    outcome = lake.read("silver.player_game", [season], [*_KEY, "min", "minutes"]).filter(pl.col("min") > 0).drop("min")
    before = lake.read("silver.player_game", [season - 1], ["min", "minutes"]).filter(pl.col("min") > 0)["minutes"]
    league = float(np.mean(before.to_numpy())) if len(before) else None
    season_mean = pl.col("season_mpg").fill_null(pl.lit(league, dtype=pl.Float64))
    return (
        outcome.join(form, on=_KEY, how="full", coalesce=True)
        .join(walk, on=_KEY, how="left")
        .with_columns(pl.col("minutes").fill_null(0), season_mean.alias("season_mean"))
        .with_columns(pl.col("last5_minutes_per_game").fill_null(pl.col("season_mean")).alias("last5"))
        .with_columns(
            (pl.col("play_prob") * pl.col("minutes_mean")).alias("expected"),
            (pl.col("play_prob_prior") * pl.col("last5")).alias("last5_expected"),
            (pl.col("minutes") > 0).cast(pl.Float64).alias("happened"),
        )
        .sort(_KEY)
    )


def _minutes_segments(played: pl.DataFrame) -> dict[str, pl.DataFrame]:
    known = played.filter(pl.col("is_starter").is_not_null())
    sources = played["availability_source"].drop_nulls().unique().sort().to_list()
    return {
        "all": played,
        "starters_known": known,
        "starter": known.filter(pl.col("is_starter") == 1),
        "bench": known.filter(pl.col("is_starter") == 0),
        **{source: played.filter(pl.col("availability_source") == source) for source in sources},
    }


def _band(played: pl.DataFrame, subject: _Subject, run_ids: str | None) -> Iterator[_RowDict]:
    rows = played.drop_nulls(["minutes_p10", "minutes_p90"])
    if rows.is_empty():
        return
    actual, low, high = (rows[c].to_numpy() for c in ("minutes", "minutes_p10", "minutes_p90"))
    values = {
        "coverage_80": m.coverage(actual, low, high),
        "width_80": m.width(low, high),
        "winkler_80": m.winkler(actual, low, high),
    }
    for metric, value in values.items():
        yield _row(subject, "minutes_v1", metric, value, rows=rows.height, missing=played.height - rows.height, run_ids=run_ids)


def _team_sums(candidates: pl.DataFrame, run_ids: str | None) -> Iterator[_RowDict]:
    """How far a team's expected minutes are from 240 before they are reconciled."""
    rows = candidates.drop_nulls("expected").sort("game_id", "team_id", "player_id")
    sums = rows.group_by("game_id", "team_id", "availability_source", maintain_order=True).agg(pl.col("expected").implode())
    for source in sums["availability_source"].unique().sort().to_list():
        totals = np.array([sum(x) for x in sums.filter(pl.col("availability_source") == source)["expected"].to_list()])
        whole = np.full(len(totals), 240.0)
        for metric, value in {"mean": float(totals.mean()), "mae": m.mae(whole, totals)}.items():
            subject = _Subject("minutes_v1", "team_minutes", source)
            yield _row(subject, "minutes_v1", metric, value, rows=len(totals), missing=0, run_ids=run_ids)


# --- rates --------------------------------------------------------------------------------------------------------------


def _rates_rows(lake: Lake, season: int) -> Iterator[_RowDict]:
    base = lake.read("gold.rates_training_base", [season]).filter(pl.col("minutes_actual") >= MIN_MINUTES)
    predicted = {"rates_v1:plain": rates_walk_forward(base, lake, recipe="plain")}
    for feature_set in RATES_FEATURE_SETS:
        predicted[f"rates_v1:plain:{feature_set}"] = rates_walk_forward(base, lake, recipe="plain", feature_set=feature_set)
    absent = [name for name, frame in predicted.items() if frame.height and not frame["model_run_id"].count()]
    if absent:
        raise MissingModelError(
            f"no run of {', '.join(absent)} serves season {season}: run `rates backfill --seasons {season} --through models` first "
            "(the very first season has no models: there is nothing before it to learn from)"
        )
    predictors = {name: _Predictor(name, _run_ids(frame)) for name, frame in predicted.items()}
    predictors["season_to_date"] = _Predictor("season_to_date")
    functions: _Functions = {"poisson_deviance": m.poisson_deviance, "actual_over_expected": _ratio}
    league = _league_rates(lake, season - 1)
    minutes = base["minutes_actual"]
    deviances: dict[str, list[_RowDict]] = {}
    for target in RATE_TARGETS:
        expected = {name: minutes * frame[f"{target}_per_min_mean"] for name, frame in predicted.items()}
        expected["season_to_date"] = minutes * _season_to_date(base, target, league.get(target))
        # the label is count / minutes, so this is the count again
        frame = pl.DataFrame({"count": (minutes * base[f"{target}_per_min"]).round(), **expected})
        for row in _measured(frame, _Subject("rates_v1", target, "all"), "count", predictors, functions):
            if row["metric"] == "poisson_deviance":
                deviances.setdefault(str(row["predictor"]), []).append(row)
            yield row
    for rows in deviances.values():
        yield {**rows[0], "target": MEAN_TARGET, "value": sum(float(str(r["value"])) for r in rows) / len(rows)}


def _season_to_date(base: pl.DataFrame, target: str, league: float | None) -> pl.Series:
    raw = base["season_fga_per_min"] - base["season_3pa_per_min"] if target == "fga2" else base[_SEASON_COLUMN[target]]
    if league is None:
        return raw
    return raw.fill_null(league) * (1 - LEAGUE_SHARE) + league * LEAGUE_SHARE


def _league_rates(lake: Lake, season: int) -> dict[str, float]:
    """Events per minute of a whole season, by target; empty where it is not in the lake."""
    rows = lake.read("silver.player_game", [season], ["seconds", *RATE_TARGETS])
    seconds = int(rows["seconds"].sum())
    return {t: int(rows[t].sum()) * 60 / seconds for t in RATE_TARGETS} if seconds else {}


def _ratio(actual: Floats, predicted: Floats) -> float:
    return float(actual.sum() / max(predicted.sum(), 1e-9))


# --- both ---------------------------------------------------------------------------------------------------------------


def _measured(
    frame: pl.DataFrame,
    subject: _Subject,
    actual: str,
    predictors: Mapping[str, _Predictor],
    functions: _Functions,
) -> Iterator[_RowDict]:
    """A row per predictor and metric, all on the rows where every predictor has a value; one without any value is left out."""
    usable = {name: p for name, p in predictors.items() if frame[p.column].count()}
    rows = frame.drop_nulls([p.column for p in usable.values()])
    if rows.is_empty():
        return
    y, missing = rows[actual].to_numpy(), frame.height - rows.height
    for predictor, p in usable.items():
        for metric, function in functions.items():
            value = function(y, rows[p.column].to_numpy())
            yield _row(subject, predictor, metric, value, rows=rows.height, missing=missing, run_ids=p.run_ids)


def _row(subject: _Subject, predictor: str, metric: str, value: float, *, rows: int, missing: int, run_ids: str | None) -> _RowDict:
    counts = {"rows": rows, "rows_missing": missing}
    return {**subject._asdict(), "predictor": predictor, "metric": metric, "value": value, **counts, "model_run_id": run_ids}


def _run_ids(frame: pl.DataFrame) -> str | None:
    """All runs behind a season's predictions, joined: one a month."""
    return ", ".join(frame["model_run_id"].drop_nulls().unique().sort().to_list()) or None
