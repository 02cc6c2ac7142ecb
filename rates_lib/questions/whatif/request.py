"""Requests of scenarios: names and numbers as a user types them, parsed into ids of the day.

Belongs here: parsing and error messages. Does not belong here: the effect of a change (`inputs.py`, `minutes.py`).
"""

from __future__ import annotations

import contextlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from rates_lib.core.basketball import PLAYERS, REGULATION_MINUTES
from rates_lib.core.errors import RatesError
from rates_lib.core.player_names import UnknownPlayerError, find_player
from rates_lib.schemas.columns import COLUMNS

EARLY_FOULS = 3
"""Fouls with which a player in foul trouble starts."""
MOST_MINUTES = 42.0
"""Highest expected minutes of a player: fouls, routs and early exits prevent more."""
_LEAST_MINUTES = 0.01  # of a player who must play


@dataclass(frozen=True)
class ScenarioRequest:
    """A scenario as the user types it.

    Attributes:
        out: players.
        minutes: "Player=20".
        starters: players, or "A for B" where all five places are taken.
        totals: "TEAM=231", or "231" where one game is meant.
        spreads: "TEAM=-4.5": that team is favoured by four and a half points.
        lineups: "A, B, C, D, E=20": five players of a team and their minutes together on the floor.
        foul_trouble: players.
        given: a question (`questions/conditions.py`): only worlds in which it is true count, e.g. "BOS -15.5" for a rout.
        questions: bets to price before and after the change.
    """

    out: Sequence[str] = ()
    minutes: Sequence[str] = ()
    starters: Sequence[str] = ()
    totals: Sequence[str] = ()
    spreads: Sequence[str] = ()
    lineups: Sequence[str] = ()
    foul_trouble: Sequence[str] = ()
    given: str = ""
    questions: Sequence[str] = ()

    def changes(self) -> bool:
        """Whether the request has a change or a condition `given`."""
        return self.changes_games() or bool(self.given)

    def changes_games(self) -> bool:
        """Whether the request has a change apart from `given`."""
        return any((self.out, self.minutes, self.starters, self.totals, self.spreads, self.lineups, self.foul_trouble))


@dataclass(frozen=True)
class Lineup:
    """Five players of a team and their minutes together on the floor.

    Attributes:
        team_id: of the five.
        players: ids, sorted.
        minutes: of regulation.
    """

    team_id: str
    players: tuple[str, ...]
    minutes: float


@dataclass(frozen=True)
class Scenario:
    """A scenario in ids.

    Attributes:
        out: players who do not play.
        minutes: by player; the player plays, and this is the expectation.
        starters: players in the starting five, each with the player who loses the place, or None.
        totals: points of both teams, by game.
        spreads: by game, of the home team: negative if it is favoured.
        lineups: fives and their minutes.
        fouls: by player, at the start of the player's game.
    """

    out: tuple[str, ...] = ()
    minutes: Mapping[str, float] = field(default_factory=dict)
    starters: Mapping[str, str | None] = field(default_factory=dict)
    totals: Mapping[str, float] = field(default_factory=dict)
    spreads: Mapping[str, float] = field(default_factory=dict)
    lineups: tuple[Lineup, ...] = ()
    fouls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Night:
    """Players and games that a scenario may name.

    Attributes:
        players: rows of predictions.minutes of the day: game_id, team_id, player_id, player_name, play_prob, minutes_reconciled.
        games: rows of silver.game of the day.
    """

    players: pl.DataFrame
    games: pl.DataFrame

    def find(self, text: str) -> str:
        """Id of the day's candidate with this name, part of a name or id.

        Raises:
            UnknownPlayerError: if no candidate fits, or several do.
        """
        return find_player(text, self.names(), {})

    def names(self) -> dict[str, str]:
        """Names of the day's candidates by id; the id where there is no name."""
        named = self.players.select("player_id", "player_name").unique(maintain_order=True)
        return {player: name or player for player, name in named.iter_rows()}

    def codes(self) -> dict[str, str]:
        """Abbreviations of the day's teams by id."""
        sides = [self.games.select(f"{side}_team_id", f"{side}_team_abbreviation").iter_rows() for side in ("home", "away")]
        return {team: code for rows in sides for team, code in rows}

    def of(self, column: str) -> dict[str, str]:
        """A column (game_id or team_id) by player id."""
        return dict(self.players.select("player_id", column).iter_rows())

    def ruled_out(self) -> set[str]:
        """Ids of candidates whose play_prob is 0."""
        return set(self.players.filter(pl.col("play_prob") <= 0)["player_id"])

    def titles(self) -> dict[str, str]:
        """Abbreviations of both teams by game id."""
        sides = (pl.col(f"{side}_team_abbreviation") for side in ("home", "away"))
        return dict(self.games.select("game_id", pl.format("{} - {}", *sides)).iter_rows())

    def team(self, code: str) -> tuple[str, str, bool]:
        """Team id, game id and whether the team is at home.

        Args:
            code: abbreviation, in any case.

        Raises:
            RatesError: if no such team plays that day; lists the teams that do.
        """
        for row in self.games.iter_rows(named=True):
            for side in ("home", "away"):
                if row[f"{side}_team_abbreviation"] == code.upper():
                    return row[f"{side}_team_id"], row["game_id"], side == "home"
        codes = sorted([*self.games["home_team_abbreviation"], *self.games["away_team_abbreviation"]])
        raise RatesError(f"no team {code.upper()} plays that day: {', '.join(codes) or 'there are no games'}")


def read(request: ScenarioRequest, night: Night) -> tuple[Scenario, list[str]]:
    """The scenario in ids, and the ids of the games that it changes, sorted.

    Raises:
        RatesError: if the text cannot be parsed, contradicts itself or names an unknown player or team.
    """
    minutes = _agreed((_number(night, text) for text in request.minutes), night.names())
    for player, value in minutes.items():
        if not 0 <= value <= MOST_MINUTES:
            raise RatesError(
                f"{night.names()[player]} cannot play {value:g} minutes on average: request 0 to {MOST_MINUTES:g}; fouls and routs take "
                "the rest of the game, and 0 is the same as --out"
            )
    out = [night.find(text) for text in request.out] + [player for player, value in minutes.items() if value == 0]
    minutes = {player: value for player, value in minutes.items() if value > 0}
    starters = dict(_starter(night, text) for text in request.starters)
    lineups = tuple(_lineup(night, text) for text in request.lineups)
    fouls = {night.find(text): EARLY_FOULS for text in request.foul_trouble}
    bound = {*minutes, *(player for five in lineups for player in five.players)}
    plays = {*bound, *starters, *fouls}
    for player in sorted(plays & set(out)):
        raise RatesError(f"{night.names()[player]} cannot be out and play: choose one of the two")
    for player in (*starters, *fouls):
        if player in night.ruled_out() - bound:
            name = night.names()[player]
            raise RatesError(f'{name} is ruled out: give minutes too, as in --minutes "{name}=20"')
    for count in Counter(night.of("team_id")[player] for player in starters).values():
        if count > PLAYERS:
            raise RatesError(f"{count} starters of one team are requested: a team has five")
    games = {night.of("game_id")[player] for player in {*plays, *out}}
    spreads = _agreed((_spread(night, text) for text in request.spreads), night.titles())
    games |= set(spreads)
    totals = _agreed((_total(night, text, sorted(games)) for text in request.totals), night.titles())
    games |= set(totals)
    scenario = Scenario(tuple(dict.fromkeys(out)), minutes, starters, totals, spreads, lineups, fouls)
    return scenario, sorted(games)


def _agreed(pairs: Iterable[tuple[str, float]], names: Mapping[str, str]) -> dict[str, float]:
    """Values by id; a value may be repeated, but not contradicted."""
    values: dict[str, float] = {}
    for key, value in pairs:
        if values.setdefault(key, value) != value:
            raise RatesError(f"{names[key]} has two values: {values[key]:g} and {value:g}")
    return values


def _starter(night: Night, text: str) -> tuple[str, str | None]:
    name, for_, other = text.partition(" for ")
    player, gone = night.find(name), night.find(other) if for_ else None
    if gone and night.of("team_id")[gone] != night.of("team_id")[player]:
        raise RatesError(f"{night.names()[player]} cannot start for {night.names()[gone]}: they play for two teams")
    return player, gone


def _number(night: Night, text: str) -> tuple[str, float]:
    name, minutes = _assignment(text, '"Player=20"')
    return night.find(name), minutes


def _spread(night: Night, text: str) -> tuple[str, float]:
    code, line = _assignment(text, '"BOS=-4.5"')
    _, game, home = night.team(code)
    return game, _plausible("spread_home", f"a spread of {code.upper()}", line) * (1 if home else -1)


def _total(night: Night, text: str, games: Sequence[str]) -> tuple[str, float]:
    code, line = _assignment(text if "=" in text else f"={text}", '"BOS=231", or "231" for the only game')
    _plausible("total", "a total", line)
    if "=" in text:
        return night.team(code)[1], line
    possible = list(games) or night.games["game_id"].to_list()
    if len(possible) != 1:
        raise RatesError(f"a total of {line:g} may be that of {len(possible)} games: name a team of the game, as in --total BOS={line:g}")
    return possible[0], line


def _plausible(column: str, what: str, line: float) -> float:
    """The line, if it lies within the plausible values of a column of silver.odds_game."""
    spec = COLUMNS[column]
    if spec.lo is not None and spec.hi is not None and not spec.lo <= line <= spec.hi:
        raise RatesError(f"{what} cannot be {line:g} points: request {spec.lo:g} to {spec.hi:g}")
    return line


def _lineup(night: Night, text: str) -> Lineup:
    names, minutes = _assignment(text, '"A, B, C, D, E=20"')
    players = _of_one_team(night, [name for name in re.split(r"\s*[,+]\s*", names) if name])
    if len(set(players)) != PLAYERS:
        raise RatesError(f'{text!r} names {len(set(players))} players and a line-up has five: write "A, B, C, D, E=20"')
    teams = {night.of("team_id")[player] for player in players}
    if len(teams) != 1:
        raise RatesError(f"{text!r} names players of {len(teams)} teams: a line-up is of one")
    if not 0 < minutes <= MOST_MINUTES:
        raise RatesError(
            f"a line-up cannot be on the floor for {minutes:g} minutes on average: request more than 0 and at most {MOST_MINUTES:g}"
        )
    return Lineup(teams.pop(), tuple(sorted(players)), minutes)


def _of_one_team(night: Night, names: Sequence[str]) -> list[str]:
    """Ids of players of a line-up: of several players with a name, the team-mate of the others is meant."""
    team_of = night.of("team_id")
    fitting = []
    for team in dict.fromkeys(team_of.values()):
        mates = {player: name for player, name in night.names().items() if team_of[player] == team}
        with contextlib.suppress(UnknownPlayerError):
            fitting.append([find_player(name, mates, {}) for name in names])
    return fitting[0] if len(fitting) == 1 else [night.find(name) for name in names]


def _assignment(text: str, form: str) -> tuple[str, float]:
    """Name and number of "name=number"; `form` is an example for the error."""
    name, sign, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not sign or not math.isfinite(value):
        raise RatesError(f"{text.removeprefix('=')!r} cannot be read: write {form}")
    return name.strip(), value


def bounds(
    scenario: Scenario, players: Iterable[tuple[str, str]], names: Mapping[str, str] | None = None
) -> dict[str, tuple[float, float]]:
    """Lowest and highest expected minutes of the players whom a scenario constrains.

    Args:
        scenario: its minutes, line-ups, fouls and absences count.
        players: (player id, team id) of all candidates.
        names: of players by id, for errors.

    Returns:
        By player: (20, 20) for requested minutes; for members of a five at least their minutes together, for their team-mates at most the
        rest of the game; (0.01, 48) for a player in foul trouble, who therefore plays.

    Raises:
        RatesError: if the fives of a team need more than a game, or the bounds of a player contradict each other.
    """
    limits = _bounds_of_lineups(scenario.lineups, players)
    named = names or {}
    for player, value in scenario.minutes.items():
        low, high = limits.get(player, (0.0, REGULATION_MINUTES))
        if not low <= value <= high:
            raise RatesError(f"{named.get(player, player)} cannot play {value:g} minutes: the player's line-ups need {low:g} to {high:g}")
        limits[player] = (value, value)
    for player in scenario.fouls:
        low, high = limits.get(player, (0.0, REGULATION_MINUTES))
        limits[player] = (max(low, _LEAST_MINUTES), high)
    for player, (low, _) in limits.items():
        if low > MOST_MINUTES:
            raise RatesError(
                f"{named.get(player, player)} cannot play the {low:g} minutes of the player's line-ups on average: {MOST_MINUTES:g} at most"
            )
    for player in scenario.out:
        if limits.pop(player, (0.0, 0.0))[0] > 0:
            raise RatesError(f"{named.get(player, player)} cannot be out and in a line-up")
    return limits


def _bounds_of_lineups(lineups: Sequence[Lineup], players: Iterable[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Bounds of all players of teams with line-ups."""
    limits: dict[str, tuple[float, float]] = {}
    for team in dict.fromkeys(five.team_id for five in lineups):
        fives = [five for five in lineups if five.team_id == team]
        together = sum(five.minutes for five in fives)
        if together > REGULATION_MINUTES:
            raise RatesError(f"the line-ups of one team need {together:g} minutes together: a game has {REGULATION_MINUTES}")
        for player in (player for player, own_team in players if own_team == team):
            own = sum(five.minutes for five in fives if player in five.players)
            limits[player] = (own, REGULATION_MINUTES - (together - own))
    return limits
