"""Predictions by date: features of each day's candidates, and the models that serve the day.

A day that is over is predicted together with its month, from the form tables (`past_slates.py`); any other day from a slate of its own,
built as of the instant asked for. Both ways give the same rows.

Belongs here: choosing the run of the day, and shaping its output into the columns of `predictions.*`. Does not belong here: features
(`features/`, `past_slates.py`), models (`models/`), worlds (`sim/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby

import polars as pl
import polars.selectors as cs

from rates_lib.core.calendar import season_of, window_of
from rates_lib.core.errors import MissingModelError
from rates_lib.features.assemble import add_minutes, with_minutes
from rates_lib.features.history import History, load_history
from rates_lib.features.team_matchup import matchups
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle
from rates_lib.models.consistency import agree, nothing_reconciled
from rates_lib.models.efficiency import predict_efficiency
from rates_lib.models.minutes import predict_minutes
from rates_lib.models.minutes_shares import without_lines
from rates_lib.models.rates import predict_rates
from rates_lib.models.reconcile import reconcile_minutes
from rates_lib.models.registry import bundle_of_day
from rates_lib.models.second_stage import predict_second_stage, second_stage_frame
from rates_lib.models.team import predict_team
from rates_lib.pipeline.fallbacks import game_fell_back_on
from rates_lib.pipeline.lineage import fingerprints, slate_inputs
from rates_lib.pipeline.mean_box import project_box
from rates_lib.pipeline.past_slates import days_over, past_slates, stale
from rates_lib.pipeline.profiles import profiles_of
from rates_lib.pipeline.slate import PredictionInputs, Slate, build_slate
from rates_lib.schemas.columns import TEAM_RECONCILED
from rates_lib.schemas.tables import TABLES

PREDICTIONS = ("predictions.minutes", "predictions.rates", "predictions.player_box")
ALL_PREDICTIONS = (*PREDICTIONS, "predictions.team", "predictions.player_profile", "predictions.matchup")
FROM_FORM_TABLES = "form tables"
PREDICTED_BY = ("minutes_v1", "rates_v1", "efficiency_v1", "box_v1", "team_v1")
"""Models that predict a day."""


@dataclass(frozen=True)
class Predicted:
    """Predictions of some days of one month.

    Attributes:
        days: Eastern dates, sorted.
        tables: rows of these days by table name, sorted by key; a day without games has none.
        features_from: source of the features, with the reason if it is not the form tables.
        slate: the slate they are made from, if one was built.
        made_from: fingerprints of the inputs of the slate (`lineage.slate_inputs`).
    """

    days: list[date]
    tables: dict[str, pl.DataFrame]
    features_from: str
    slate: Slate | None = None
    made_from: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """Changes that a scenario makes to predictions; none by default.

    Attributes:
        minutes: function of rows of whole teams with game_id, team_id, player_id, the columns of `predict_minutes` and, if present,
            minutes_reconciled.
        teams: function of rows of predictions.team before they are reconciled with the players' points.
    """

    minutes: Callable[[pl.DataFrame], pl.DataFrame] = lambda rows: rows
    teams: Callable[[pl.DataFrame], pl.DataFrame] = lambda rows: rows


NO_CHANGE = Change()


def predict_days(lake: Lake, days: Iterable[date], as_of_utc: datetime) -> Iterator[Predicted]:
    """Predictions of any days, in the order of their months.

    Args:
        lake: lake with silver tables of the days' seasons and models of a month not after theirs.
        days: Eastern dates.
        as_of_utc: as in `build_slate`.

    Yields:
        Each day once: the days of a month that are over or without games together, every other day by itself.

    Raises:
        MissingModelError: if no model of a window up to a day's month exists.
    """
    for season, of_season in groupby(sorted(days), season_of):
        asked = list(of_season)
        made_from = fingerprints(lake, slate_inputs(), season)
        history = load_history(lake, [season])
        with_games = set(history.game.filter(pl.col("season") == season)["game_date"])
        why_not = stale(lake, season)
        over = [] if why_not else days_over(lake, season, asked, as_of_utc)
        slates = past_slates(lake, season, over, history) if over else None
        for _, of_month in groupby(asked, window_of):
            in_month = list(of_month)
            at_once = [day for day in in_month if day in over or day not in with_games]
            if at_once:
                yield Predicted(at_once, predict_candidates(lake, _of_days(slates, at_once)) if slates else _nothing(), FROM_FORM_TABLES)
            for day in in_month:
                if day not in at_once:
                    slate = build_slate(lake, day, as_of_utc, history)
                    yield Predicted([day], predict_candidates(lake, slate.inputs), _own_slate(why_not), slate, made_from)


def candidates_of_day(lake: Lake, day: date, as_of_utc: datetime, history: History | None = None) -> tuple[PredictionInputs, str]:
    """Inputs of the predictions of one day, as in `predict_days`.

    Args:
        lake: lake with silver tables of the day's season.
        day: Eastern date.
        as_of_utc: as in `predict_days`.
        history: `load_history` of the day's season; read from the lake if None.

    Returns:
        The inputs (without rows on a day without games), and the source of the features, in words.
    """
    season = season_of(day)
    history = history or load_history(lake, [season])
    why_not = stale(lake, season)
    if not why_not and days_over(lake, season, [day], as_of_utc):
        return _of_days(past_slates(lake, season, [day], history), [day]), FROM_FORM_TABLES
    return build_slate(lake, day, as_of_utc, history).inputs, _own_slate(why_not)


def _own_slate(why_not: str) -> str:
    return f"a slate of its own: {why_not or 'not over by as_of_utc'}"


def _of_days(inputs: PredictionInputs, days: list[date]) -> PredictionInputs:
    of_days = pl.col("game_date").is_in(days)
    return replace(inputs, games=inputs.games.filter(of_days), features=inputs.features.filter(of_days), known_before=days[0])


def predict_candidates(lake: Lake, rows: PredictionInputs, change: Change = NO_CHANGE) -> dict[str, pl.DataFrame]:
    """Rows of `ALL_PREDICTIONS` by table name, for whole games, with the changes of a scenario; empty without games.

    Raises:
        MissingModelError: if no model of a window up to their month exists; without a team model predictions.team is empty instead.
    """
    if rows.features.is_empty():
        return _nothing()
    minutes = _minutes_table(lake, rows, change)
    features = with_minutes(rows.features, minutes)
    rates = _rates_table(lake, rows, features)
    efficiency = _efficiency(lake, rows, features)
    box = project_box(minutes, rates, features, efficiency, _second_stage(lake, rows, features, minutes, rates, efficiency))
    games = _clock(team_matchups(lake, rows, change), rows)
    box, team = agree(box, minutes, change.teams(_team_table(lake, rows, games)))
    profiles = profiles_of(_names(_clock(rows.features, rows), rows), rows.teams.player_impact)
    tables = (minutes, rates, box, team, profiles, games.select(TABLES["predictions.matchup"].columns))
    return dict(zip(ALL_PREDICTIONS, tables, strict=True))


def _nothing() -> dict[str, pl.DataFrame]:
    return {name: TABLES[name].empty() for name in ALL_PREDICTIONS}


def team_forecast(lake: Lake, rows: PredictionInputs, change: Change = NO_CHANGE) -> pl.DataFrame:
    """Rows of predictions.team, not reconciled with the players' points; empty without a team model."""
    return _team_table(lake, rows, _clock(team_matchups(lake, rows, change), rows))


def _minutes_table(lake: Lake, rows: PredictionInputs, change: Change) -> pl.DataFrame:
    """Rows of predictions.minutes; minutes_reconciled sums to 240 per team unless too few players are left."""
    run = bundle_of_day(lake, "minutes_v1", rows.known_before)
    predicted = predict_minutes(rows.features, run)
    minutes = pl.concat([rows.features.drop(predicted.columns, strict=False), predicted], how="horizontal")
    minutes = change.minutes(minutes.with_columns(reconcile_minutes(minutes)))
    return _stamped(minutes, rows, run, "predictions.minutes")


def _rates_table(lake: Lake, rows: PredictionInputs, features: pl.DataFrame) -> pl.DataFrame:
    """Rows of predictions.rates; `features` are the features of `rows` with minutes and supply."""
    run = bundle_of_day(lake, "rates_v1", rows.known_before)
    return _stamped(pl.concat([features, predict_rates(features, run)], how="horizontal"), rows, run, "predictions.rates")


def _efficiency(lake: Lake, rows: PredictionInputs, features: pl.DataFrame) -> pl.DataFrame:
    """game_id, player_id and the three percentages of `project_box`."""
    predicted = predict_efficiency(features, bundle_of_day(lake, "efficiency_v1", rows.known_before))
    return pl.concat([features.select("game_id", "player_id"), predicted], how="horizontal")


def _second_stage(
    lake: Lake, rows: PredictionInputs, features: pl.DataFrame, minutes: pl.DataFrame, rates: pl.DataFrame, efficiency: pl.DataFrame
) -> pl.DataFrame | None:
    """game_id, player_id and the corrections of `models.second_stage`; None if there is no run yet."""
    try:
        run = bundle_of_day(lake, "box_v1", rows.known_before)
    except MissingModelError:
        return None
    key = ["game_id", "player_id"]
    predicted = features.select(key)
    means = minutes.select(*key, "minutes_mean", "play_prob", "minutes_reconciled"), rates.select(*key, cs.ends_with("_per_min_mean"))
    for frame in (*means, efficiency):
        predicted = predicted.join(frame, on=key, how="left", maintain_order="left")
    frame = second_stage_frame(features.drop("play_prob"), predicted.drop(key))
    return pl.concat([features.select(key), predict_second_stage(frame, run)], how="horizontal")


def _clock(rows: pl.DataFrame, of: PredictionInputs) -> pl.DataFrame:
    """`rows` with as_of_utc and tipoff_utc of their games."""
    return rows.join(of.games.select("game_id", "as_of_utc", "tipoff_utc"), on="game_id", how="left", maintain_order="left")


def _names(rows: pl.DataFrame, of: PredictionInputs) -> pl.DataFrame:
    """`rows` with the names of their players."""
    return rows.join(of.player_names, on=["game_date", "player_id"], how="left", maintain_order="left")


def _team_table(lake: Lake, rows: PredictionInputs, games: pl.DataFrame) -> pl.DataFrame:
    """Rows of predictions.team, none without a team model; `games` are the `matchups` of `rows` with their clock."""
    spec = TABLES["predictions.team"]
    try:
        run = bundle_of_day(lake, "team_v1", rows.known_before)
    except MissingModelError:
        return spec.empty()
    predicted = _with_run(pl.concat([games, predict_team(games, run)], how="horizontal"), run)
    return predicted.with_columns(game_fell_back_on(), *nothing_reconciled(TEAM_RECONCILED)).select(spec.columns).sort(spec.key)


def team_matchups(lake: Lake, rows: PredictionInputs, change: Change = NO_CHANGE) -> pl.DataFrame:
    """`features.team_matchup.matchups` of games, with minutes by the model of their month.

    Minutes are predicted without the lines, so that predictions without the market do not depend on it.
    """
    bundle = bundle_of_day(lake, "minutes_v1", rows.known_before)
    blind = predict_minutes(without_lines(rows.features), bundle).with_columns(pl.lit("walk_forward").alias("minutes_source"))
    minutes = pl.concat([rows.features.select("game_id", "team_id", "player_id"), blind], how="horizontal")
    return matchups(rows.teams, add_minutes(rows.features, change.minutes(minutes)), rows.games)


def _with_run(predicted: pl.DataFrame, run: Bundle) -> pl.DataFrame:
    """`predicted` with the stamp of its run."""
    return predicted.with_columns(
        pl.lit(run.run_id).alias("model_run_id"),
        pl.lit(run.window.isoformat()).alias("model_window"),
        (pl.col("game_date").dt.month_start() != pl.lit(run.window)).alias("model_fallback"),
    )


def _stamped(predicted: pl.DataFrame, rows: PredictionInputs, run: Bundle, table: str) -> pl.DataFrame:
    spec = TABLES[table]
    return _with_run(_names(_clock(predicted, rows), rows), run).select(spec.columns).sort(spec.key)
