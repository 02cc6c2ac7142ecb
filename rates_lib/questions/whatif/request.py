"""What is asked of a scenario: names and numbers as somebody types them, turned into ids of the day.

Belongs here: reading and refusing. Does not belong here: what a change does (`inputs.py`, `minutes.py`).
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

EARLY_FOULS = 3
"""With how many fouls a player in foul trouble enters."""
MOST_MINUTES = 42.0
"""Of a player, on average: fouls, routs and early exits take what is above it."""
_SOME = 0.01  # minutes of who plays, however long


@dataclass(frozen=True)
class ScenarioRequest:
    """A scenario as it is typed.

    Attributes:
        out: players.
        minutes: "Player=20".
        starters: players, or "A for B" where all five places are taken.
        totals: "TEAM=231", or "231" where one game is meant.
        spreads: "TEAM=-4.5": that team gives four and a half points.
        lineups: "A, B, C, D, E=20": five of a team and the minutes they are on the floor together.
        foul_trouble: players.
        given: a question (`questions/price.py`): only worlds in which it holds count, e.g. "BOS -15.5" for a rout.
        questions: prices to be told before and after.
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
        """Whether anything is asked to be otherwise."""
        return self.changes_more() or bool(self.given)

    def changes_more(self) -> bool:
        """Whether anything is but what is given."""
        return any((self.out, self.minutes, self.starters, self.totals, self.spreads, self.lineups, self.foul_trouble))


@dataclass(frozen=True)
class Lineup:
    """Five players of a team and how long they are on the floor together.

    Attributes:
        team_id: theirs.
        players: their ids, sorted.
        minutes: of the game.
    """

    team_id: str
    players: tuple[str, ...]
    minutes: float


@dataclass(frozen=True)
class Scenario:
    """A scenario in ids.

    Attributes:
        out: who does not play.
        minutes: by player, expected if he plays, and he does.
        starters: who is among the five, each with who gives up his place, if that is said.
        totals: by game.
        spreads: by game, in the home side's view: negative if it is favoured.
        lineups: fives and their minutes.
        fouls: by player, with which he enters.
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
    """Whom a scenario may be about.

    Attributes:
        players: rows of predictions.minutes of the day: game_id, team_id, player_id, player_name, play_prob, minutes_reconciled.
        games: rows of silver.game of the day.
    """

    players: pl.DataFrame
    games: pl.DataFrame

    def find(self, text: str) -> str:
        """Id of the candidate of the day that a text means.

        Raises:
            UnknownPlayerError: if it is nobody, or several.
        """
        return find_player(text, self.names(), {})

    def names(self) -> dict[str, str]:
        """Id to name of all candidates of the day."""
        named = self.players.select("player_id", "player_name").unique(maintain_order=True)
        return {player: name or player for player, name in named.iter_rows()}

    def codes(self) -> dict[str, str]:
        """Three letters of each team of the day, by id."""
        sides = [self.games.select(f"{side}_team_id", f"{side}_team_abbreviation").iter_rows() for side in ("home", "away")]
        return {team: code for rows in sides for team, code in rows}

    def of(self, column: str) -> dict[str, str]:
        """game_id or team_id of each candidate."""
        return dict(self.players.select("player_id", column).iter_rows())

    def ruled_out(self) -> set[str]:
        """Candidates who are predicted not to play."""
        return set(self.players.filter(pl.col("play_prob") <= 0)["player_id"])

    def titles(self) -> dict[str, str]:
        """Id to letters of both sides of the day's games."""
        sides = (pl.col(f"{side}_team_abbreviation") for side in ("home", "away"))
        return dict(self.games.select("game_id", pl.format("{} - {}", *sides)).iter_rows())

    def team(self, code: str) -> tuple[str, str, bool]:
        """Team id, game id and whether at home, of three letters.

        Raises:
            RatesError: if no such team plays that day; names those that do.
        """
        for row in self.games.iter_rows(named=True):
            for side in ("home", "away"):
                if row[f"{side}_team_abbreviation"] == code.upper():
                    return row[f"{side}_team_id"], row["game_id"], side == "home"
        codes = sorted([*self.games["home_team_abbreviation"], *self.games["away_team_abbreviation"]])
        raise RatesError(f"no team {code.upper()} plays that day: {', '.join(codes) or 'nobody does'}")


def read(asked: ScenarioRequest, night: Night) -> tuple[Scenario, list[str]]:
    """The scenario in ids, and the games that it touches, sorted.

    Raises:
        RatesError: names what cannot be read, contradicts itself, or is nobody's.
    """
    minutes = _agreed((_number(night, text) for text in asked.minutes), night.names())
    for player, value in minutes.items():
        if not 0 <= value <= MOST_MINUTES:
            raise RatesError(
                f"{night.names()[player]} cannot play {value:g} minutes on average: 42 at most, for fouls and routs take the rest; "
                "for none at all ask for --out"
            )
    out = [night.find(text) for text in asked.out] + [player for player, value in minutes.items() if value == 0]
    minutes = {player: value for player, value in minutes.items() if value > 0}
    starters = dict(_starter(night, text) for text in asked.starters)
    lineups = tuple(_lineup(night, text) for text in asked.lineups)
    fouls = {night.find(text): EARLY_FOULS for text in asked.foul_trouble}
    bound = {*minutes, *(player for five in lineups for player in five.players)}
    plays = {*bound, *starters, *fouls}
    for player in sorted(plays & set(out)):
        raise RatesError(f"{night.names()[player]} cannot be out and play: ask for one of the two")
    for player in (*starters, *fouls):
        if player in night.ruled_out() - bound:
            name = night.names()[player]
            raise RatesError(f'{name} is ruled out: say how long he plays, as in --minutes "{name}=20"')
    for asked_for in Counter(night.of("team_id")[player] for player in starters).values():
        if asked_for > PLAYERS:
            raise RatesError(f"{asked_for} starters of one team are asked for: there are five")
    games = {night.of("game_id")[player] for player in {*plays, *out}}
    spreads = _agreed((_spread(night, text) for text in asked.spreads), night.titles())
    games |= set(spreads)
    totals = _agreed((_total(night, text, sorted(games)) for text in asked.totals), night.titles())
    games |= set(totals)
    scenario = Scenario(tuple(dict.fromkeys(out)), minutes, starters, totals, spreads, lineups, fouls)
    return scenario, sorted(games)


def _agreed(asked: Iterable[tuple[str, float]], names: Mapping[str, str]) -> dict[str, float]:
    """What is asked by id; the same may be said twice, but not something else."""
    found: dict[str, float] = {}
    for key, value in asked:
        if found.setdefault(key, value) != value:
            raise RatesError(f"{names[key]} is asked for twice: {found[key]:g} and {value:g}")
    return found


def _starter(night: Night, text: str) -> tuple[str, str | None]:
    name, for_, other = text.partition(" for ")
    player, gone = night.find(name), night.find(other) if for_ else None
    if gone and night.of("team_id")[gone] != night.of("team_id")[player]:
        raise RatesError(f"{night.names()[player]} cannot start for {night.names()[gone]}: they are of two teams")
    return player, gone


def _number(night: Night, text: str) -> tuple[str, float]:
    name, sign, number = text.rpartition("=")
    if not sign:
        raise _unreadable(text, '"Player=20"')
    return night.find(name), _float(number, text, '"Player=20"')


def _spread(night: Night, text: str) -> tuple[str, float]:
    code, sign, number = text.rpartition("=")
    if not sign:
        raise _unreadable(text, '"BOS=-4.5"')
    _, game, home = night.team(code.strip())
    line = _float(number, text, '"BOS=-4.5"')
    return game, line if home else -line


def _total(night: Night, text: str, games: Sequence[str]) -> tuple[str, float]:
    code, sign, number = text.rpartition("=")
    line = _float(number, text, '"BOS=231", or "231" where one game is meant')
    if sign:
        return night.team(code.strip())[1], line
    meant = list(games) or night.games["game_id"].to_list()
    if len(meant) != 1:
        raise RatesError(f"a total of {line:g} may be that of {len(meant)} games: name a team of the one meant, as in --total BOS={line:g}")
    return meant[0], line


def _lineup(night: Night, text: str) -> Lineup:
    names, sign, number = text.rpartition("=")
    how = '"A, B, C, D, E=20"'
    players = _of_one_team(night, [name for name in re.split(r"\s*[,+]\s*", names.strip()) if name]) if sign else []
    if len(set(players)) != PLAYERS:
        raise RatesError(f"{text!r} names {len(set(players))} players and a line-up has five: write {how}")
    teams = {night.of("team_id")[player] for player in players}
    if len(teams) != 1:
        raise RatesError(f"{text!r} names players of {len(teams)} teams: a line-up is of one")
    minutes = _float(number, text, how)
    if not 0 < minutes <= MOST_MINUTES:
        raise RatesError(f"a line-up cannot be on the floor for {minutes:g} minutes on average: 42 at most")
    return Lineup(teams.pop(), tuple(sorted(players)), minutes)


def _of_one_team(night: Night, names: Sequence[str]) -> list[str]:
    """Ids of players of a line-up: a name that several bear is his who plays with the others."""
    team_of = night.of("team_id")
    found = []
    for team in dict.fromkeys(team_of.values()):
        mates = {player: name for player, name in night.names().items() if team_of[player] == team}
        with contextlib.suppress(UnknownPlayerError):
            found.append([find_player(name, mates, {}) for name in names])
    return found[0] if len(found) == 1 else [night.find(name) for name in names]


def _float(number: str, text: str, how: str) -> float:
    try:
        value = float(number)
    except ValueError as error:
        raise _unreadable(text, how) from error
    if not math.isfinite(value):
        raise _unreadable(text, how)
    return value


def _unreadable(text: str, how: str) -> RatesError:
    return RatesError(f"{text!r} cannot be read: write {how}")


def bounds(
    scenario: Scenario, players: Iterable[tuple[str, str]], names: Mapping[str, str] | None = None
) -> dict[str, tuple[float, float]]:
    """Least and most expected minutes of those whom a scenario binds.

    Args:
        scenario: minutes and line-ups are read.
        players: (player id, team id) of all candidates.
        names: of players, for errors.

    Returns:
        By player: (20, 20) if his minutes are asked for; of a five's members at least their minutes together, of their team-mates at most
        what is left; (0.01, 48) of who is in foul trouble, and so plays.

    Raises:
        RatesError: if fives of a team are on the floor for longer than a game, or a player is bound to both more and less.
    """
    found = _bounds_of_lineups(scenario.lineups, players)
    named = names or {}
    for player, value in scenario.minutes.items():
        low, high = found.get(player, (0.0, REGULATION_MINUTES))
        if not low <= value <= high:
            raise RatesError(f"{named.get(player, player)} cannot play {value:g} minutes: his line-ups ask for {low:g} to {high:g}")
        found[player] = (value, value)
    for player in scenario.fouls:
        low, high = found.get(player, (0.0, REGULATION_MINUTES))
        found[player] = (max(low, _SOME), high)
    for player, (low, _) in found.items():
        if low > MOST_MINUTES:
            raise RatesError(f"{named.get(player, player)} cannot play {low:g} minutes on average, as his line-ups ask: 42 at most")
    for player in scenario.out:
        if found.get(player, (0.0, 0.0))[0] > 0:
            raise RatesError(f"{named.get(player, player)} cannot be out and in a line-up")
        found.pop(player, None)
    return found


def _bounds_of_lineups(lineups: Sequence[Lineup], players: Iterable[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Of every player of a team with line-ups."""
    bound: dict[str, tuple[float, float]] = {}
    for team in dict.fromkeys(five.team_id for five in lineups):
        fives = [five for five in lineups if five.team_id == team]
        together = sum(five.minutes for five in fives)
        if together > REGULATION_MINUTES:
            raise RatesError(
                f"the line-ups of one team are on the floor for {together:g} minutes together: a game has {REGULATION_MINUTES}"
            )
        for player in (player for player, his in players if his == team):
            own = sum(five.minutes for five in fives if player in five.players)
            bound[player] = (own, REGULATION_MINUTES - (together - own))
    return bound
