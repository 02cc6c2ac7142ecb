"""What a day's predictions are made from, for some games, and the same with other statuses, starters and lines.

The forms are those that the day's predictions rest on: of the form tables for a day that is over, else those that the slate kept. A changed
status goes through the very functions that made them (`STATUS_FAMILIES`: the others do not read statuses, which a test holds).

Belongs here: forms and what a scenario changes of them. Does not belong here: features (`features/`), minutes (`minutes.py`).
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
from rates_lib.features.matchup import TEAM_TABLES, TeamInputs
from rates_lib.features.registry import FAMILIES
from rates_lib.features.roster import UNKNOWN_PRIOR
from rates_lib.lake import Lake
from rates_lib.pipeline.kept_slates import kept
from rates_lib.pipeline.past_slates import days_over, stale
from rates_lib.pipeline.slate import Known, PredictionInputs, knowing, known_by
from rates_lib.questions.whatif.asked import Night, Scenario

STATUS_FAMILIES = ("gold.player_form", "gold.team_form", "gold.rotation")
"""Form tables that read statuses."""
_NEEDED = tuple(family.table for family in FAMILIES if family.table != "gold.player_role")  # estimates: play_style holds a player's own
_LISTS = ("silver.player_availability", "silver.odds_game")
_BUILD = {family.table: family.build for family in FAMILIES}
_REGULAR = 0.8  # of the last ten games started
_OUT = {"status": "out", "play_prob_prior": 0.0}
_PLAYS = {"status": "active", "play_prob_prior": UNKNOWN_PRIOR}


@dataclass(frozen=True)
class Inputs:
    """What some games of a day are predicted from.

    Attributes:
        day: Eastern date.
        known_before: box scores of this day and later are not known.
        history: as known then.
        games: silver.game columns plus as_of_utc.
        odds: rows of silver.odds_game of the day.
        forms: rows of the form tables by name.
        names: game_date, player_id, player_name.
        source: where the forms come from.
    """

    day: date
    known_before: date
    history: History
    games: pl.DataFrame
    odds: pl.DataFrame
    forms: Mapping[str, pl.DataFrame]
    names: pl.DataFrame
    source: str

    def candidates(self) -> PredictionInputs:
        """What `predict_candidates` takes."""
        features = player_features(self.forms, self.odds, self.games).filter(pl.col("foreseen_flag") == 1)
        teams = TeamInputs({table: self.forms[table] for table in TEAM_TABLES}, self.history.player_impact, self.odds)
        return PredictionInputs(self.games, features, self.names, teams, self.known_before)


def inputs_of(lake: Lake, day: date, as_of_utc: datetime, night: Night, game_ids: Sequence[str]) -> Inputs:
    """The inputs of some games as the day's predictions had them.

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
    return Inputs(day, known.known_before, known.history, games, known.odds.filter(of_games), forms, names, source)


def _known(lake: Lake, day: date, as_of_utc: datetime) -> tuple[Known, dict[str, pl.DataFrame] | None, str]:
    """What may be looked at, the forms where they need not be built, and where both come from."""
    season, today = season_of(day), pl.col("game_date") == day
    history = load_history(lake, [season])
    before = known_before(day, as_of_utc)
    if not stale(lake, season) and days_over(lake, season, [day], as_of_utc):
        forms = {table: lake.read(table, [season]) for table in _NEEDED}
        odds = lake.read("silver.odds_game", [season]).filter(today)
        return knowing(history, before, history.availability.filter(today), odds), forms, "form tables"
    found = kept(lake, day, as_of_utc, (*_NEEDED, *_LISTS))
    if isinstance(found, dict):
        availability, odds = (found.pop(name) for name in _LISTS)
        return knowing(history, before, availability, odds), found, "the day's slate"
    why = f"{found}; `rates slate {day}` makes one"
    return known_by(lake, day, as_of_utc, history), None, f"built anew, which takes some seconds: {why}"


def changed(inputs: Inputs, scenario: Scenario, night: Night, teams: pl.DataFrame) -> tuple[Inputs, list[str]]:
    """The inputs as a scenario has them, and what follows from it, in words: who starts instead.

    Args:
        inputs: as they are.
        scenario: what changes.
        night: of the day.
        teams: rows of predictions.team of the games, which stand for a line that nobody has quoted or asked for.

    Raises:
        RatesError: if one of two lines is asked for, and nothing says what the other is.
    """
    availability, told = inputs.history.availability, []
    for player in scenario.out:
        availability = _set(availability, inputs, night, player, _OUT)
    plays = {*scenario.minutes, *(player for five in scenario.lineups for player in five.players)}
    back = sorted(plays & night.ruled_out())
    for player in back:
        availability = _set(availability, inputs, night, player, _PLAYS)
    five, words = _fives(availability, inputs.forms["gold.player_form"], scenario, night)
    told += words
    for player, starts in five.items():
        availability = _set(availability, inputs, night, player, {"starter_announced": starts})
    forms = dict(inputs.forms)
    history = inputs.history
    if scenario.out or back or five:
        history = replace(history, availability=availability)
        forms |= {table: _BUILD[table](history, inputs.games.drop("as_of_utc")) for table in STATUS_FAMILIES}
    return replace(inputs, history=history, forms=forms, odds=_lines(inputs, scenario, teams)), told


def _set(availability: pl.DataFrame, inputs: Inputs, night: Night, player: str, values: Mapping[str, object]) -> pl.DataFrame:
    """Statuses with some of a player's changed; who is on no list gets a row."""
    him = (pl.col("player_id") == player) & (pl.col("game_date") == inputs.day)
    if availability.filter(him).is_empty():
        game, team = night.of("game_id")[player], night.of("team_id")[player]
        mates = availability.filter((pl.col("game_id") == game) & (pl.col("team_id") == team))
        source = mates["availability_source"][0] if mates.height else "injury_report"
        season = inputs.games["season"][0]
        row = {"season": season, "game_id": game, "player_id": player, "team_id": team, "game_date": inputs.day, "status": "unknown"}
        row |= {"starter_announced": None, "play_prob_prior": None, "availability_source": source}
        availability = pl.concat([availability, pl.DataFrame([row], schema=availability.schema)])
    return availability.with_columns(
        pl.when(him).then(pl.lit(value, availability.schema[name])).otherwise(name).alias(name) for name, value in values.items()
    )


def _fives(availability: pl.DataFrame, form: pl.DataFrame, scenario: Scenario, night: Night) -> tuple[dict[str, int], list[str]]:
    """Who is announced as a starter and who no longer (1 or 0, by player), in teams of whose five the scenario says something.

    A team whose five nobody announced gets one only if a starter is asked for: those who started most of their last ten games. A place that
    becomes free goes to the one with the most expected minutes of the rest. A starter who is asked for takes a free place, or that of who
    is named, or of the only one who has not been a regular starter of late.

    Raises:
        RatesError: if all five are regulars and nobody is named, or who is named is none of them.
    """
    usual = {player: share or 0.0 for player, share in form.select("player_id", "last10_start_share").iter_rows()}
    found: dict[str, int] = {}
    words = []
    names, team_of = night.names(), night.of("team_id")
    game_of = night.of("game_id")
    for team in dict.fromkeys(team_of[player] for player in (*scenario.starters, *scenario.out)):
        mates = night.players.filter(pl.col("team_id") == team).sort("minutes_reconciled", "player_id", descending=[True, False])
        able = [p for p in mates.filter(pl.col("play_prob") > 0)["player_id"] if p not in scenario.out]
        asked = [p for p in scenario.starters if team_of[p] == team]
        rows = availability.filter((pl.col("team_id") == team) & (pl.col("game_id") == game_of[mates["player_id"][0]]))
        before = rows.filter(pl.col("starter_announced") == 1)["player_id"].to_list()
        if not before and not asked:
            continue
        five = [p for p in able if p in before] if before else sorted(able, key=lambda p: -usual.get(p, 0.0))[:PLAYERS]
        for new in asked:
            if new not in five:
                five = [*_room(five, asked, scenario.starters[new], usual, names, new), new]
        five = (five + [p for p in able if p not in five])[:PLAYERS]
        found |= {p: int(p in five) for p in {*before, *five, *rows.filter(pl.col("starter_announced").is_not_null())["player_id"]}}
        fresh = [names[p] for p in five if before and p not in before and p not in asked]
        gone = [names[p] for p in before if p not in five and p not in scenario.out]
        words += [f"{name} starts instead" for name in fresh] + [f"{name} comes off the bench" for name in gone]
    return found, words


def _room(
    five: list[str], asked: Sequence[str], gone: str | None, usual: Mapping[str, float], names: Mapping[str, str], new: str
) -> list[str]:
    """The five without who gives up his place for `new`."""
    if gone is not None and gone not in five:
        raise RatesError(f"{names[gone]} is none of the five: {', '.join(names[p] for p in five)} are")
    others = [p for p in five if p not in asked]
    if gone is None and len(five) == PLAYERS:
        gone = min(others, key=lambda p: usual.get(p, 0.0))
        if usual.get(gone, 0.0) >= _REGULAR:
            raise RatesError(f'all five are regular starters: say whose place he takes, as in --starter "{names[new]} for {names[gone]}"')
    return [p for p in five if p != gone]


def _lines(inputs: Inputs, scenario: Scenario, teams: pl.DataFrame) -> pl.DataFrame:
    """Lines with those that are asked for, at every label; a game without gets a row, and for the other line what is forecast."""
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
            raise RatesError(f"game {game} has no lines and no team model to stand for them: ask for both --total and --spread")
        odds = odds.with_columns(
            pl.when(this).then((pl.col("total") - pl.col("spread_home")) / 2).otherwise("home_itt").alias("home_itt"),
            pl.when(this).then((pl.col("total") + pl.col("spread_home")) / 2).otherwise("away_itt").alias("away_itt"),
        )
    return odds
