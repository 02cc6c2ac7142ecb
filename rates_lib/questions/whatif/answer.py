"""The answer to a scenario: predict and draw worlds from the original and from changed inputs, and compare both cases.

Both cases are drawn with the same random numbers (`sim/kernel.py`), so chance largely cancels in their difference; the standard error is
that of the differences world by world.

A team forecast with the market starts from the closing line, which does not know the scenario. It is therefore shifted by the change of
the forecast without the market. A line in the request replaces the known line.

Belongs here: the sequence of steps. Does not belong here: parsing (`request.py`), changed inputs (`inputs.py`, `minutes.py`), the
comparison (`compare.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from statistics import NormalDist

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.basketball import REGULATION_MINUTES
from rates_lib.core.errors import RatesError
from rates_lib.lake import Lake, games_of
from rates_lib.models.consistency import agree
from rates_lib.models.reconcile import BAND_SDS
from rates_lib.models.registry import bundle_of_day
from rates_lib.models.world_parameters import parameters_of
from rates_lib.pipeline.projections import PREDICTIONS, Change, predict_candidates, team_forecast
from rates_lib.questions.conditions import Condition, read_question
from rates_lib.questions.price import NothingToSayError, Price, price, worlds_where
from rates_lib.questions.whatif.compare import Case, games_frame, impact_of, lineups_frame, players_frame, teams_frame
from rates_lib.questions.whatif.inputs import ScenarioInputs, changed, scenario_inputs
from rates_lib.questions.whatif.minutes import held
from rates_lib.questions.whatif.request import Night, Scenario, ScenarioRequest, bounds, read
from rates_lib.sim.parameters import Parameters
from rates_lib.sim.worlds import Drawn, draw_slate, short_handed, slots

Moved = Callable[[pl.DataFrame], pl.DataFrame]
Mask = NDArray[np.bool_]

LEAST_WORLDS = 50  # in which `given` must be true
FOUL_WORLDS = 2000  # from which the minutes of a player in foul trouble are estimated
_POINTS = ("margin", "total", "home_pts", "away_pts")


@dataclass(frozen=True)
class Answer:
    """The answer to a scenario; the frames games, teams and players end with before, after, difference and error (its standard error).

    Attributes:
        notes: consequences of the scenario, and the sources of the answer, in words.
        worlds: drawn of each game.
        counted: by game, the number of worlds in which `given` is true in the changed case.
        games: see `games_frame`.
        teams: see `teams_frame`.
        players: see `players_frame`.
        lineups: see `lineups_frame`.
        prices: question, and the `Price` before and after; None where a named player never plays.
    """

    notes: list[str]
    worlds: int
    counted: dict[str, int]
    games: pl.DataFrame
    teams: pl.DataFrame
    players: pl.DataFrame
    lineups: pl.DataFrame
    prices: list[tuple[str, Price | None, Price | None]]


def whatif(lake: Lake, day: date, request: ScenarioRequest, worlds: int = 10_000, seed: int = 7, threads: int = 2) -> Answer:
    """Answer a scenario of one day.

    Args:
        lake: holds predictions of the day, its models and its silver tables.
        day: Eastern date.
        request: the scenario.
        worlds: of each game that the scenario changes.
        seed: of both cases.
        threads: number of threads that draw worlds.

    Raises:
        RatesError: if the day has no predictions, or the request is empty, cannot be parsed or is impossible.
        MissingModelError: if the day has no model of world parameters.
    """
    if not request.changes():
        raise RatesError('the scenario is empty: name a player who is out, plays or starts, or a line that moves, e.g. --out "Jokic"')
    night = _night(lake, day)
    scenario, game_ids = read(request, night)
    for text in (*([request.given] if request.given else []), *request.questions):
        game_ids = sorted({*game_ids, *(c.game_id for c in read_question(text, night.players, night.games))})
    as_of_utc = night.players["as_of_utc"].max()
    before = scenario_inputs(lake, day, as_of_utc, night, game_ids)  # type: ignore[arg-type]
    base = predict_candidates(lake, before.for_prediction())
    after, notes = changed(before, scenario, night, base["predictions.team"])
    notes += [*_notes(request, scenario, night), *([] if before.source in ("form tables", "the day's slate") else [before.source])]
    parameters = parameters_of(bundle_of_day(lake, "worlds_v1", before.known_before))
    limits = held(bounds(scenario, night.of("team_id").items(), night.names()), night.codes())
    teams = _teams_moved(lake, before, after, base["predictions.team"])
    other = predict_candidates(lake, after.for_prediction(), Change(limits, teams))
    if scenario.fouls:
        cases = [_drawn(other, parameters, FOUL_WORLDS, seed, threads, fouls) for fouls in (None, scenario.fouls)]
        other = _with_fouls(lake, other, after, Change(limits, teams), *cases)
    one = _drawn(base, parameters, worlds, seed, threads)
    two = _drawn(other, parameters, worlds, seed, threads, scenario.fouls)
    counted, prices = _questions(one, two, request, night, day, worlds)
    impact = impact_of(night, before.history.player_impact, day)
    return Answer(
        notes,
        worlds,
        {game: int(masks[1].sum()) for game, masks in counted.items()},
        games_frame(one, two, night, counted),
        teams_frame(one, two, night, counted, impact),
        players_frame(one, two, night, counted),
        lineups_frame(one, two, night, scenario, counted, impact),
        prices,
    )


def _notes(request: ScenarioRequest, scenario: Scenario, night: Night) -> list[str]:
    """Remarks on the scenario for the reader."""
    names = night.names()
    notes = [f"{names[player]} was out already" for player in scenario.out if player in night.ruled_out()]
    if request.given:
        cases = "both cases: the worlds" if request.changes_games() else "before: all worlds; after: those"
        notes.append(f"{cases} in which {request.given} holds")
    return notes


def _night(lake: Lake, day: date) -> Night:
    players = lake.read("predictions.minutes", [day.isoformat()])
    if players.is_empty():
        raise RatesError(f"no predictions of {day}: run `rates slate {day}` first")
    return Night(players, games_of(lake, day))


def _teams_moved(lake: Lake, before: ScenarioInputs, after: ScenarioInputs, base: pl.DataFrame) -> Moved:
    """A function that sets the team forecast with the market: that of the line, shifted by the change of the forecast without it."""
    lines = base if after.odds.equals(before.odds) else team_forecast(lake, replace(before, odds=after.odds).for_prediction())

    def change(teams: pl.DataFrame) -> pl.DataFrame:
        if teams.is_empty():
            return teams
        own = base.select("game_id", *(pl.col(f"{c}_mean").alias(f"_{c}") for c in _POINTS))
        points = {f"with_market_{c}_{k}": c for c in _POINTS for k in ("mean", "p10", "p50", "p90")}
        market = [*points, "with_market_home_win_prob"]
        rows = teams.drop(market).join(own, on="game_id", how="left", maintain_order="left")
        rows = rows.join(lines.select("game_id", *market), on="game_id", how="left", maintain_order="left")
        moved = {c: pl.col(f"{c}_mean") - pl.col(f"_{c}") for c in _POINTS}
        spread = ((pl.col("with_market_margin_p90") - pl.col("with_market_margin_p10")) / BAND_SDS).clip(lower_bound=1e-6)
        chance = pl.struct("with_market_home_win_prob", (moved["margin"] / spread).alias("_by")).map_elements(_moved_chance, pl.Float64)
        rows = rows.with_columns(chance.alias("with_market_home_win_prob"))
        rows = rows.with_columns((pl.col(name) + moved[c]).alias(name) for name, c in points.items())
        return rows.select(teams.columns)

    return change


def _with_fouls(
    lake: Lake, tables: Mapping[str, pl.DataFrame], after: ScenarioInputs, change: Change, without: Case, case: Case
) -> dict[str, pl.DataFrame]:
    """Predictions with team forecasts that account for early fouls, by the change of mean minutes between worlds with and without them.

    Players' own minutes stay as predicted, because the worlds themselves reduce them.
    """
    moved = {
        player: float(minutes)
        for game, drawn in case.items()
        for player, minutes in zip(drawn.slot.player_ids, _mean_minutes(drawn) - _mean_minutes(without[game]), strict=True)
    }
    forecast = change.teams(team_forecast(lake, after.for_prediction(), Change(minutes=lambda rows: _moved(change.minutes(rows), moved))))
    box, team = agree(tables["predictions.player_box"], tables["predictions.minutes"], forecast)
    return {**tables, "predictions.player_box": box, "predictions.team": team}


def _mean_minutes(drawn: Drawn) -> NDArray[np.float64]:
    return np.asarray(drawn.seconds.mean(axis=1) / 60)


def _moved(rows: pl.DataFrame, by: Mapping[str, float]) -> pl.DataFrame:
    """Predicted minutes (if the player plays) shifted so that the expectation moves by `by` minutes, by player."""
    moved = pl.col("player_id").replace_strict(by, default=0.0, return_dtype=pl.Float64) / pl.col("play_prob").clip(lower_bound=1e-9)
    return rows.with_columns(
        (pl.col(c) + moved).clip(0, REGULATION_MINUTES) for c in ("minutes_mean", "minutes_p50", "minutes_p10", "minutes_p90")
    )


def _moved_chance(values: Mapping[str, float]) -> float:
    """The chance to win after the margin moves by `_by` standard deviations of a normal distribution."""
    law = NormalDist()
    chance = min(max(values["with_market_home_win_prob"], 1e-9), 1 - 1e-9)
    return law.cdf(law.inv_cdf(chance) + values["_by"])


def _drawn(
    tables: Mapping[str, pl.DataFrame],
    parameters: Parameters,
    worlds: int,
    seed: int,
    threads: int,
    fouls: Mapping[str, int] | None = None,
) -> Case:
    minutes, rates, box = (tables[name] for name in PREDICTIONS)
    for game_id, reason in short_handed(minutes).iter_rows():
        raise RatesError(f"game {game_id} cannot be simulated: {reason}")
    drawn = draw_slate(slots(minutes, rates, box, fouls), parameters, worlds, seed, threads)
    return {game.slot.game_id: game for game in drawn}


def _questions(
    one: Case, two: Case, request: ScenarioRequest, night: Night, day: date, worlds: int
) -> tuple[dict[str, tuple[Mask, Mask]], list[tuple[str, Price | None, Price | None]]]:
    """Masks of the worlds of both cases that count, by game, and the prices of the questions; None where a named player never plays.

    If the scenario has another change, `given` restricts both cases, so that the difference shows that change. Alone it is the change
    itself, and all worlds of the first case count.
    """
    counted = {game: (np.ones(worlds, np.bool_), np.ones(worlds, np.bool_)) for game in two}
    questions = [read_question(text, night.players, night.games) for text in request.questions]
    prices: list[list[Price | None]] = []
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA sims")
        for side, case in enumerate((one, two)):
            if request.given and (side == 1 or request.changes_games()):
                _show(con, case, {game: masks[side] for game, masks in counted.items()})
                given = read_question(request.given, night.players, night.games)
                for game, numbers in worlds_where(con, given, day.isoformat()).items():
                    if len(numbers) < LEAST_WORLDS:
                        raise RatesError(
                            f"{request.given!r} holds in {len(numbers)} of {worlds:,} worlds, and at least {LEAST_WORLDS} are needed: "
                            "draw more --worlds, or choose a more likely condition"
                        )
                    counted[game][side][:] = False
                    counted[game][side][numbers] = True
            if questions:
                _show(con, case, {game: masks[side] for game, masks in counted.items()})
            prices.append([_price(con, conditions, day, worlds) for conditions in questions])
    return counted, list(zip(request.questions, *prices, strict=True))


def _show(con: duckdb.DuckDBPyConnection, case: Case, counted: Mapping[str, Mask]) -> None:
    """Show `con` the worlds that count as sims.worlds."""
    rows = [drawn.rows().filter(pl.col("world").is_in(np.flatnonzero(counted[game]))) for game, drawn in case.items()]
    con.register("rows", pl.concat(rows))
    con.execute("CREATE OR REPLACE VIEW sims.worlds AS SELECT * FROM rows")


def _price(con: duckdb.DuckDBPyConnection, conditions: list[Condition], day: date, worlds: int) -> Price | None:
    try:
        return replace(price(con, conditions, day.isoformat()), drawn=worlds)
    except NothingToSayError:
        return None
