"""Inputs of a day's predictions for some games, original and with changed statuses, starters and lines.

The forms are those of the day's predictions: form tables for a past day, else the kept slate. For a changed status the feature functions
that read statuses run again (`STATUS_FAMILIES`; a test checks that no others read them).

Belongs here: forms, and their changes by a scenario. Does not belong here: features (`features/`), minutes (`minutes.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from rates_lib.core.basketball import PLAYERS
from rates_lib.core.calendar import known_before, season_of
from rates_lib.core.errors import RatesError
from rates_lib.features.assemble import player_features
from rates_lib.features.history import History, load_history
from rates_lib.features.registry import FAMILIES
from rates_lib.features.roster import UNKNOWN_PRIOR
from rates_lib.features.team_matchup import TEAM_TABLES, TeamInputs
from rates_lib.lake import Lake
from rates_lib.pipeline.kept_slates import kept
from rates_lib.pipeline.past_slates import days_over, stale
from rates_lib.pipeline.slate import Known, PredictionInputs, knowing, known_by
from rates_lib.questions.whatif.replacement import fill, form_of, reason, team_games
from rates_lib.questions.whatif.request import Night, Scenario
from rates_lib.schemas.columns import COLUMNS

STATUS_FAMILIES = ("gold.player_form", "gold.team_form", "gold.rotation")
"""Form tables that read statuses."""
_NEEDED = tuple(family.table for family in FAMILIES if family.table != "gold.player_role")  # estimates: play_style has the player's own
_LISTS = ("silver.player_availability", "silver.odds_game")
_BUILD = {family.table: family.build for family in FAMILIES}
_REGULAR = 0.8  # of the last ten games started
_OUT = {"status": "out", "play_prob_prior": 0.0}
_PLAYS = {"status": "active", "play_prob_prior": UNKNOWN_PRIOR}


@dataclass(frozen=True)
class ScenarioInputs:
    """Inputs of the predictions of some games of a day.

    Attributes:
        day: Eastern date.
        known_before: box scores of this day and later are not used.
        history: all earlier games.
        games: silver.game columns plus as_of_utc.
        odds: rows of silver.odds_game of the games.
        forms: rows of the form tables by table.
        names: game_date, player_id, player_name.
        source: origin of the forms, in words.
    """

    day: date
    known_before: date
    history: History
    games: pl.DataFrame
    odds: pl.DataFrame
    forms: Mapping[str, pl.DataFrame]
    names: pl.DataFrame
    source: str

    def for_prediction(self) -> PredictionInputs:
        """The argument of `predict_candidates`."""
        features = player_features(self.forms, self.odds, self.games).filter(pl.col("foreseen_flag") == 1)
        teams = TeamInputs({table: self.forms[table] for table in TEAM_TABLES}, self.history.player_impact, self.odds)
        return PredictionInputs(self.games, features, self.names, teams, self.known_before)


def scenario_inputs(lake: Lake, day: date, as_of_utc: datetime, night: Night, game_ids: Sequence[str]) -> ScenarioInputs:
    """The inputs of some games as the day's predictions used them.

    Args:
        lake: holds the day's predictions.
        day: Eastern date.
        as_of_utc: of the predictions.
        night: of the day.
        game_ids: of the games.
    """
    known, forms, source = _known(lake, day, as_of_utc)
    of_games = pl.col("game_id").is_in(list(game_ids))
    clock = night.players.select("game_id", "as_of_utc").unique("game_id", keep="first", maintain_order=True)
    games = known.history.game.filter(of_games).join(clock, on="game_id", how="left", maintain_order="left")
    names = night.players.unique("player_id", keep="first", maintain_order=True)
    names = names.select(pl.lit(day).alias("game_date"), "player_id", "player_name")
    if forms is None:
        forms = {table: _BUILD[table](known.history, games.drop("as_of_utc")) for table in _NEEDED}
    forms = {table: rows.filter(of_games) for table, rows in forms.items()}
    return ScenarioInputs(day, known.known_before, known.history, games, known.odds.filter(of_games), forms, names, source)


def _known(lake: Lake, day: date, as_of_utc: datetime) -> tuple[Known, dict[str, pl.DataFrame] | None, str]:
    """Usable information, the stored forms (None if they must be built), and their origin in words."""
    season, today = season_of(day), pl.col("game_date") == day
    history = load_history(lake, [season])
    before = known_before(day, as_of_utc)
    if not stale(lake, season) and days_over(lake, season, [day], as_of_utc):
        forms = {table: lake.read(table, [season]) for table in _NEEDED}
        odds = lake.read("silver.odds_game", [season]).filter(today)
        return knowing(history, before, history.availability.filter(today), odds), forms, "form tables"
    slate = kept(lake, day, as_of_utc, (*_NEEDED, *_LISTS))
    if isinstance(slate, dict):
        availability, odds = (slate.pop(name) for name in _LISTS)
        return knowing(history, before, availability, odds), slate, "the day's slate"
    source = f"features rebuilt, which takes some seconds: {slate}; `rates slate {day}` stores them"
    return known_by(lake, day, as_of_utc, history), None, source


def changed(inputs: ScenarioInputs, scenario: Scenario, night: Night, teams: pl.DataFrame) -> tuple[ScenarioInputs, list[str]]:
    """The inputs changed by a scenario, and its consequences for the starting five, in words.

    Args:
        inputs: the original ones.
        scenario: the changes.
        night: of the day.
        teams: rows of predictions.team of the games; they replace lines that are neither quoted nor requested.

    Raises:
        RatesError: if only one of a game's two lines is requested and the other is unknown.
    """
    availability = inputs.history.availability
    for player in scenario.out:
        availability = _set(availability, inputs, night, player, _OUT)
    plays = {*scenario.minutes, *(player for five in scenario.lineups for player in five.players)}
    back = sorted(plays & night.ruled_out())
    for player in back:
        availability = _set(availability, inputs, night, player, _PLAYS)
    five, notes = _fives(availability, inputs, scenario, night)
    moved = replace(inputs, odds=_lines(inputs, scenario, teams))
    if scenario.out or back or five:
        moved = with_fives(moved, availability, five, night)
    return moved, notes


def with_fives(inputs: ScenarioInputs, availability: pl.DataFrame, five: Mapping[str, int], night: Night) -> ScenarioInputs:
    """The inputs with other statuses and announced starters.

    Args:
        inputs: the original ones.
        availability: replaces that of `inputs`.
        five: new values of starter_announced by player.
        night: of the day.
    """
    for player, starts in five.items():
        availability = _set(availability, inputs, night, player, {"starter_announced": starts})
    history = replace(inputs.history, availability=availability)
    forms = {table: _BUILD[table](history, inputs.games.drop("as_of_utc")) for table in STATUS_FAMILIES}
    return replace(inputs, history=history, forms={**inputs.forms, **forms})


def _set(availability: pl.DataFrame, inputs: ScenarioInputs, night: Night, player: str, values: Mapping[str, object]) -> pl.DataFrame:
    """Availability with some values of a player's row replaced; a player without a row gets one."""
    of_player = (pl.col("player_id") == player) & (pl.col("game_date") == inputs.day)
    if availability.filter(of_player).is_empty():
        game, team = night.of("game_id")[player], night.of("team_id")[player]
        mates = availability.filter((pl.col("game_id") == game) & (pl.col("team_id") == team))
        source = mates["availability_source"][0] if mates.height else "injury_report"
        season = inputs.games["season"][0]
        row = {"season": season, "game_id": game, "player_id": player, "team_id": team, "game_date": inputs.day, "status": "unknown"}
        row |= {"starter_announced": None, "play_prob_prior": None, "availability_source": source}
        availability = pl.concat([availability, pl.DataFrame([row], schema=availability.schema)])
    return availability.with_columns(
        pl.when(of_player).then(pl.lit(value, availability.schema[name])).otherwise(name).alias(name) for name, value in values.items()
    )


def _fives(availability: pl.DataFrame, inputs: ScenarioInputs, scenario: Scenario, night: Night) -> tuple[dict[str, int], list[str]]:
    """New values of starter_announced (1 or 0, by player) in teams whose five the scenario changes, and notes on further changes.

    A team without an announced five gets one only if a starter is requested: the players who started most of their last ten games. A free
    place goes to the player who most probably starts there (`replacement.py`). A requested starter takes a free place, else that of the
    named player, else that of the player who started least of late, if that player is not a regular starter.

    Raises:
        RatesError: if all five are regulars and no player is named, or the named player is not one of them.
    """
    forms = inputs.forms["gold.player_form"]
    usual = {player: share or 0.0 for player, share in forms.select("player_id", "last10_start_share").iter_rows()}
    announced: dict[str, int] = {}
    notes = []
    names, team_of = night.names(), night.of("team_id")
    game_of = night.of("game_id")
    for team in dict.fromkeys(team_of[player] for player in (*scenario.starters, *scenario.out)):
        mates = night.players.filter(pl.col("team_id") == team).sort("minutes_reconciled", "player_id", descending=[True, False])
        able = [p for p in mates.filter(pl.col("play_prob") > 0)["player_id"] if p not in scenario.out]
        requested = [p for p in scenario.starters if team_of[p] == team]
        rows = availability.filter((pl.col("team_id") == team) & (pl.col("game_id") == game_of[mates["player_id"][0]]))
        before = rows.filter(pl.col("starter_announced") == 1)["player_id"].to_list()
        if not before and not requested:
            continue
        five = [p for p in able if p in before] if before else sorted(able, key=lambda p: -usual.get(p, 0.0))[:PLAYERS]
        for new in requested:
            if new not in five:
                five = [*_room(five, requested, scenario.starters[new], usual, names, new), new]
        games = team_games(inputs.history.player_game, team, inputs.known_before, inputs.games["season"][0])
        gone = [p for p in before if p in scenario.out]
        filled = fill(five, gone, able, games, form_of(forms.filter(pl.col("team_id") == team)))
        five += [new.player for new in filled]
        announced |= {p: int(p in five) for p in {*before, *five, *rows.filter(pl.col("starter_announced").is_not_null())["player_id"]}}
        benched = [names[p] for p in before if p not in five and p not in scenario.out]
        notes += [f"{names[new.player]} starts instead: {reason(new, names)}" for new in filled if before]
        notes += [f"{name} comes off the bench" for name in benched]
    return announced, notes


def _room(
    five: list[str], requested: Sequence[str], gone: str | None, usual: Mapping[str, float], names: Mapping[str, str], new: str
) -> list[str]:
    """The five without the player who gives up the place for `new`."""
    if gone is not None and gone not in five:
        raise RatesError(f"{names[gone]} is not one of the five: {', '.join(names[p] for p in five)}")
    others = [p for p in five if p not in requested]
    if gone is None and len(five) == PLAYERS:
        gone = min(others, key=lambda p: usual.get(p, 0.0))
        if usual.get(gone, 0.0) >= _REGULAR:
            raise RatesError(f'all five are regular starters: name the player to replace, as in --starter "{names[new]} for {names[gone]}"')
    return [p for p in five if p != gone]


def _lines(inputs: ScenarioInputs, scenario: Scenario, teams: pl.DataFrame) -> pl.DataFrame:
    """Lines with the requested ones at every quote label; a game without lines gets a row, with our forecast as the other line."""
    odds = inputs.odds
    forecast = {game: (-margin, total) for game, margin, total in teams.select("game_id", "margin_mean", "total_mean").iter_rows()}
    for game in {*scenario.totals, *scenario.spreads}:
        this = pl.col("game_id") == game
        if odds.filter(this & (pl.col("as_of") == "close")).is_empty():
            row = {"season": inputs.games["season"][0], "game_id": game, "as_of": "close", "game_date": inputs.day}
            odds = pl.concat([odds, pl.DataFrame([{c: row.get(c) for c in odds.columns}], schema=odds.schema)])
        if game in scenario.totals:
            odds = odds.with_columns(pl.when(this).then(scenario.totals[game]).otherwise("total").alias("total"))
        if game in scenario.spreads:
            odds = odds.with_columns(pl.when(this).then(scenario.spreads[game]).otherwise("spread_home").alias("spread_home"))
        spread, total = forecast.get(game, (None, None))
        odds = odds.with_columns(
            pl.when(this).then(pl.col("spread_home").fill_null(spread)).otherwise("spread_home").alias("spread_home"),
            pl.when(this).then(pl.col("total").fill_null(total)).otherwise("total").alias("total"),
        )
        if odds.filter(this & pl.any_horizontal(pl.col("spread_home", "total").is_null())).height:
            raise RatesError(f"game {game} has no lines and no team model to replace them: set both --total and --spread")
        odds = odds.with_columns(
            pl.when(this).then((pl.col("total") - pl.col("spread_home")) / 2).otherwise("home_itt").alias("home_itt"),
            pl.when(this).then((pl.col("total") + pl.col("spread_home")) / 2).otherwise("away_itt").alias("away_itt"),
        )
        for spread, total, *points in odds.filter(this).select("spread_home", "total", "home_itt", "away_itt").iter_rows():
            _require_points(points, spread, total)
    return odds


def _require_points(points: Sequence[float], spread: float, total: float) -> None:
    """Refuse a pair of lines, each plausible by itself, that imply points of a team that no team scores."""
    spec = COLUMNS["home_itt"]
    for value in points:
        if spec.lo is not None and spec.hi is not None and not spec.lo <= value <= spec.hi:
            raise RatesError(
                f"a total of {total:g} with a spread of {abs(spread):g} means {value:g} points of a team: request lines that mean "
                f"{spec.lo:g} to {spec.hi:g}"
            )
