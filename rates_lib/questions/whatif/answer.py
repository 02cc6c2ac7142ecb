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
from rates_lib.core.limits import LEAST_WORLDS, MOST_WORLDS, check_worlds
from rates_lib.lake import Lake, games_of
from rates_lib.models.consistency import agree
from rates_lib.models.reconcile import BAND_SDS
from rates_lib.models.registry import bundle_of_day
from rates_lib.models.world_parameters import parameters_of
from rates_lib.pipeline.projections import PREDICTIONS, Change, predict_candidates, team_forecast
from rates_lib.questions.conditions import read_question
from rates_lib.questions.price import NothingToSayError, Price, count, price_of, worlds_where
from rates_lib.questions.whatif.compare import games_frame, impact_of, lineups_frame, players_frame, teams_frame
from rates_lib.questions.whatif.inputs import ScenarioInputs, changed, scenario_inputs
from rates_lib.questions.whatif.minutes import held
from rates_lib.questions.whatif.request import Night, Scenario, ScenarioRequest, bounds, read
from rates_lib.questions.whatif.tally import GameTally, Mask, Masks, tally_of
from rates_lib.sim.parameters import Parameters
from rates_lib.sim.worlds import Drawn, Slot, draw_blocks, draw_slate, short_handed, slots

Moved = Callable[[pl.DataFrame], pl.DataFrame]
Case = Mapping[str, Drawn]
"""Worlds of one case, by game."""
Progress = Callable[[int, int], None]
"""Called with the number of worlds drawn so far, of each game and case, and the number of all."""

LEAST_GIVEN = 50  # worlds in which `given` must be true
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


def whatif(
    lake: Lake,
    day: date,
    request: ScenarioRequest,
    worlds: int = 10_000,
    seed: int = 7,
    threads: int = 2,
    progress: Progress | None = None,
) -> Answer:
    """Answer a scenario of one day.

    Worlds are drawn in blocks and only counted, so memory does not depend on their number.

    Args:
        lake: holds predictions of the day, its models and its silver tables.
        day: Eastern date.
        request: the scenario.
        worlds: of each game that the scenario changes.
        seed: of both cases.
        threads: number of threads that draw worlds.
        progress: called after each block of worlds.

    Raises:
        RatesError: if the day has no predictions, the request is empty, cannot be parsed or is impossible, or `worlds` is out of bounds.
        MissingModelError: if the day has no model of world parameters.
    """
    if not request.changes():
        raise RatesError('the scenario is empty: name a player who is out, plays or starts, or a line that moves, e.g. --out "Jokic"')
    check_worlds(worlds, LEAST_WORLDS, MOST_WORLDS)
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
        cases = [_drawn(other, parameters, seed, threads, fouls) for fouls in (None, scenario.fouls)]
        other = _with_fouls(lake, other, after, Change(limits, teams), *cases)
    questions = _Questions(request, night, day, worlds)
    pair = (_slots(base), _slots(other, scenario.fouls))
    tallies = _counted(pair, parameters, worlds, seed, threads, questions, night, progress)
    impact = impact_of(night, before.history.player_impact, day)
    return Answer(
        notes,
        worlds,
        {game: tally.counted for game, tally in tallies.items()},
        games_frame(tallies, night),
        teams_frame(tallies, night, impact),
        players_frame(tallies, night),
        lineups_frame(tallies, night, scenario, impact),
        questions.prices(),
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


def _slots(tables: Mapping[str, pl.DataFrame], fouls: Mapping[str, int] | None = None) -> list[Slot]:
    minutes, rates, box = (tables[name] for name in PREDICTIONS)
    for game_id, reason in short_handed(minutes).iter_rows():
        raise RatesError(f"game {game_id} cannot be simulated: {reason}")
    return slots(minutes, rates, box, fouls)


def _drawn(tables: Mapping[str, pl.DataFrame], parameters: Parameters, seed: int, threads: int, fouls: Mapping[str, int] | None) -> Case:
    return {game.slot.game_id: game for game in draw_slate(_slots(tables, fouls), parameters, FOUL_WORLDS, seed, threads)}


def _counted(
    pair: tuple[list[Slot], list[Slot]],
    parameters: Parameters,
    worlds: int,
    seed: int,
    threads: int,
    questions: _Questions,
    night: Night,
    progress: Progress | None,
) -> dict[str, GameTally]:
    """Draw the worlds of both cases and add them to the games' sums and to the counts of `questions`."""
    homes = dict(night.games.select("game_id", "home_team_id").iter_rows())
    tallies: dict[str, GameTally] = {}
    done = 0
    for before, after in zip(*(draw_blocks(games, parameters, worlds, seed, threads) for games in pair), strict=True):
        tallies = tallies or tally_of(before, after, homes)
        masks = questions.add(before, after)
        for game, tally in tallies.items():
            tally.add(before[game], after[game], masks[game])
        done += before[next(iter(tallies))].seconds.shape[1]
        if progress:
            progress(done, worlds)
    questions.require()
    return tallies


class _Questions:
    """Counts of the worlds in which `given` and the questions of a request hold, added block by block.

    If the scenario has another change, `given` restricts both cases, so that the difference shows that change. Alone it is the change
    itself, and all worlds of the first case count.
    """

    def __init__(self, request: ScenarioRequest, night: Night, day: date, worlds: int) -> None:
        """Parse `given` and the questions."""
        self._request, self._day, self._worlds = request, day.isoformat(), worlds
        self._given = read_question(request.given, night.players, night.games) if request.given else []
        self._asked = [read_question(text, night.players, night.games) for text in request.questions]
        self._hold: dict[tuple[str, int], int] = {}
        self._counts = np.zeros((2, len(self._asked), 2), np.int64)

    def add(self, before: Case, after: Case) -> dict[str, Masks]:
        """Count a block of worlds; returns by game which of them count, in both cases."""
        masks: dict[str, Masks] = {game: (_all(before[game]), _all(after[game])) for game in after}
        if not self._given and not self._asked:
            return masks
        with duckdb.connect() as con:
            con.execute("CREATE SCHEMA sims")
            for side, case in enumerate((before, after)):
                if self._given and (side == 1 or self._request.changes_games()):
                    _show(con, case, {game: of[side] for game, of in masks.items()})
                    for game, numbers in worlds_where(con, self._given, self._day).items():
                        self._hold[game, side] = self._hold.get((game, side), 0) + len(numbers)
                        masks[game][side][:] = False
                        masks[game][side][np.array(numbers, np.int64) - case[game].first_world] = True
                if self._asked:
                    _show(con, case, {game: of[side] for game, of in masks.items()})
                for i, conditions in enumerate(self._asked):
                    self._counts[side, i] += count(con, conditions, self._day)
        return masks

    def require(self) -> None:
        """Refuse a condition that holds in too few worlds.

        Raises:
            RatesError: if `given` holds in fewer than LEAST_GIVEN worlds of a game.
        """
        for hold in self._hold.values():
            if hold < LEAST_GIVEN:
                raise RatesError(
                    f"{self._request.given!r} holds in {hold:,} of {self._worlds:,} worlds, and at least {LEAST_GIVEN} are needed: "
                    "draw more --worlds, or choose a more likely condition"
                )

    def prices(self) -> list[tuple[str, Price | None, Price | None]]:
        """The prices of the questions in both cases; None where a named player never plays."""
        return [(text, self._price(0, i), self._price(1, i)) for i, text in enumerate(self._request.questions)]

    def _price(self, side: int, i: int) -> Price | None:
        try:
            hits, worlds = self._counts[side, i]
            return price_of(self._asked[i], self._day, int(hits), int(worlds), self._worlds)
        except NothingToSayError:
            return None


def _all(drawn: Drawn) -> Mask:
    return np.ones(drawn.seconds.shape[1], np.bool_)


def _show(con: duckdb.DuckDBPyConnection, case: Case, counted: Mapping[str, Mask]) -> None:
    """Show `con` the worlds that count as sims.worlds."""
    numbers = {game: np.flatnonzero(counted[game]) + drawn.first_world for game, drawn in case.items()}
    con.register("rows", pl.concat(drawn.rows().filter(pl.col("world").is_in(numbers[game])) for game, drawn in case.items()))
    con.execute("CREATE OR REPLACE VIEW sims.worlds AS SELECT * FROM rows")
