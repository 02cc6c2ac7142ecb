"""Questions to the worlds: a small grammar, compiled to one SQL statement over sims.worlds.

    question   condition { "and" condition }
    condition  PLAYER STAT OP NUMBER        Jokic PTS >= 26.5 · jokic pra > 45 · Murray double_double
               TEAM wins | TEAM NUMBER      DEN wins · DEN -4.5 (gives four and a half points)
               TEAM total OP NUMBER         DEN total < 231 (both teams together)

A player's question stands if he plays, as books have it: the chance is that of all conditions among the worlds in which all named players
play. A line that is hit exactly is neither won nor lost: the stake goes back, so those worlds do not count either. Conditions on several
games are independent, for a world of one game has nothing to do with the same number of another.

Belongs here: reading a question, the statement that answers it, chances to odds. Does not belong here: worlds (`sim/`), screens.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import duckdb
import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.core.odds import american
from rates_lib.core.player_names import find_player
from rates_lib.core.stats import BY_WORD, EVENTS, sql_of
from rates_lib.lake import Lake, games_of

_OPS = {">=": ">=", ">": ">", "<=": "<=", "<": "<", "over": ">", "under": "<", "=": "="}
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_STAT = "|".join(sorted(map(re.escape, BY_WORD), key=len, reverse=True))
_OP = "|".join(re.escape(op) for op in sorted(_OPS, key=len, reverse=True))
_OF_PLAYER = re.compile(rf"(?P<who>.+?)\s+(?P<stat>{_STAT})\s*(?P<op>{_OP})\s*(?P<number>{_NUMBER})$", re.IGNORECASE)
_EVENT = re.compile(rf"(?P<who>.+?)\s+(?P<stat>{'|'.join(word for word, stat in BY_WORD.items() if stat in EVENTS)})$", re.IGNORECASE)
_TOTAL = re.compile(rf"(?P<who>\w+)\s+total\s*(?P<op>{_OP})\s*(?P<number>{_NUMBER})$", re.IGNORECASE)
_WINS = re.compile(r"(?P<who>\w+)\s+(?:wins?|ml)$", re.IGNORECASE)
_SPREAD = re.compile(rf"(?P<who>\w+)\s+(?P<number>{_NUMBER})$", re.IGNORECASE)
Z95 = 1.959963984540054


class NothingToSayError(RatesError):
    """No world speaks about a question: a bet on it would be void."""


@dataclass(frozen=True)
class Condition:
    """One condition, with ids.

    Attributes:
        text: as it was asked, in full words.
        game_id: the game it is about.
        kind: what it is about.
        subject: player id, or team id.
        value: SQL of the quantity that is compared.
        op: of SQL.
        number: what it is compared with.
    """

    text: str
    game_id: str
    kind: Literal["player", "margin", "total"]
    subject: str
    value: str
    op: str
    number: float


@dataclass(frozen=True)
class Price:
    """An answer.

    Attributes:
        conditions: in full words.
        chance: share of the worlds that count in which all conditions hold.
        low, high: 95 % interval from the number of worlds (Wilson 1927).
        worlds: that count.
        drawn: worlds drawn.
        sql: the statement that counted.
    """

    conditions: list[str]
    chance: float
    low: float
    high: float
    worlds: int
    drawn: int
    sql: str

    @property
    def decimal_odds(self) -> float:
        """Fair decimal odds; infinite for a chance of 0."""
        return 1 / self.chance if self.chance > 0 else math.inf

    @property
    def american_odds(self) -> float:
        """Fair American odds, infinite for a chance of 0 or 1."""
        return american(self.chance)


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927): it holds for few and for no hits too."""
    if trials == 0:
        return 0.0, 1.0
    p, z2 = hits / trials, Z95**2
    middle = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z95 / (1 + z2 / trials) * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def ask(lake: Lake, text: str, day: date) -> Price:
    """Answer a question about one day from its worlds.

    Raises:
        RatesError: if no worlds of the day have been drawn, if the question cannot be read, or nothing can be said.
    """
    players = lake.read("sims.player_summary", [day.isoformat()], ["game_id", "team_id", "player_id", "player_name"])
    if players.is_empty():
        raise RatesError(f"no worlds of {day}: run `rates slate {day}` first")
    games = games_of(lake, day)
    conditions = read_question(text, players.unique(maintain_order=True), games)
    with lake.connect() as con:
        return price(con, conditions, day.isoformat())


def newest_day(lake: Lake) -> date:
    """The newest day with worlds.

    Raises:
        RatesError: if there is none.
    """
    days = lake.partitions("sims.worlds")
    if not days:
        raise RatesError("no worlds have been drawn: run `rates slate YYYY-MM-DD` first")
    return date.fromisoformat(days[-1])


def read_question(text: str, players: pl.DataFrame, games: pl.DataFrame) -> list[Condition]:
    """The conditions of a question about one day.

    Args:
        text: see the module's grammar; case does not count.
        players: game_id, team_id, player_id, player_name of who may play (sims.player_summary).
        games: game_id, home_team_id, away_team_id, home_team_abbreviation, away_team_abbreviation of the day.

    Raises:
        RatesError: names the condition that cannot be read, and how one is written.
        UnknownPlayerError: if a name fits nobody of the day, or several.
    """
    parts = [part.strip() for part in re.split(r"\s+and\s+|\s*[&,]\s*", text.strip(), flags=re.IGNORECASE) if part.strip()]
    if not parts:
        raise RatesError('nothing is asked: write e.g. "Jokic PTS >= 26.5 and DEN -4.5"')
    names = dict(
        players.filter(pl.col("player_name").is_not_null()).select("player_id", "player_name").unique(maintain_order=True).iter_rows()
    )
    game_of = dict(players.select("player_id", "game_id").iter_rows())
    teams = {}
    for row in games.iter_rows(named=True):
        for side in ("home", "away"):
            teams[row[f"{side}_team_abbreviation"].upper()] = (row[f"{side}_team_id"], row["game_id"])
    return [_condition(part, names, game_of, teams) for part in parts]


def _condition(part: str, names: Mapping[str, str], game_of: Mapping[str, str], teams: Mapping[str, tuple[str, str]]) -> Condition:
    if (match := _TOTAL.match(part)) and match["who"].upper() in teams:
        team, game = teams[match["who"].upper()]
        op, number = _OPS[match["op"].lower()], float(match["number"])
        return Condition(f"{match['who'].upper()} game total {op} {number:g}", game, "total", team, "total", op, number)
    if (match := _WINS.match(part)) and match["who"].upper() in teams:
        team, game = teams[match["who"].upper()]
        return Condition(f"{match['who'].upper()} wins", game, "margin", team, "margin", ">", 0.0)
    if (match := _SPREAD.match(part)) and match["who"].upper() in teams:
        team, game = teams[match["who"].upper()]
        number = float(match["number"])
        return Condition(f"{match['who'].upper()} {number:+g}", game, "margin", team, "margin", ">", -number)
    match = _OF_PLAYER.match(part) or _EVENT.match(part)
    if match is None:
        raise RatesError(
            f'{part!r} is no question: write a player, a statistic, a comparison and a number ("Jokic PTS >= 26.5"), a player and '
            f'double_double, or a team ({", ".join(sorted(teams)) or "none plays that day"}) and "wins", a spread or "total < 231"'
        )
    player = find_player(match["who"], names, {})
    stat = BY_WORD[match["stat"].lower()]
    op, number = (_OPS[match["op"].lower()], float(match["number"])) if "op" in match.groupdict() else (">=", 1.0)
    shown = f"{names.get(player, player)} {stat}" + (f" {op} {number:g}" if "op" in match.groupdict() else "")
    return Condition(shown, game_of[player], "player", player, sql_of(stat), op, number)


def worlds_where(con: duckdb.DuckDBPyConnection, conditions: list[Condition], day: str) -> dict[str, list[int]]:
    """Numbers of the worlds in which the conditions on a game hold, by game.

    Args:
        con: shows sims.worlds.
        conditions: of `read_question`.
        day: Eastern date, ISO.
    """
    worlds = {}
    for game in dict.fromkeys(c.game_id for c in conditions):
        head, joined, hit = _values([c for c in conditions if c.game_id == game], day)
        worlds[game] = [world for (world,) in con.execute(f"WITH {head}\nSELECT world FROM {joined} WHERE {hit} ORDER BY ALL").fetchall()]
    return worlds


def _values(conditions: list[Condition], day: str) -> tuple[str, str, str]:
    """Of a statement: a table of world and value for each condition, their join, and what must hold."""
    ctes, joins = [], []
    for i, c in enumerate(conditions):
        where = f"game_date = DATE '{day}' AND game_id = '{c.game_id}'"
        if c.kind == "player":
            body = f"SELECT world, {c.value} AS value FROM sims.worlds WHERE {where} AND player_id = '{c.subject}'"
        else:
            value = "sum(CAST(pts AS INTEGER))" if c.kind == "total" else f"sum(if(team_id = '{c.subject}', 1, -1) * CAST(pts AS INTEGER))"
            body = f"SELECT world, {value} AS value FROM sims.worlds WHERE {where} GROUP BY world"
        ctes.append(f"/* {c.text.replace('*/', '')} */\n     c{i} AS ({body})")
        joins.append(f"c{i}" if i == 0 else f"JOIN c{i} USING (world)")
    hit = " AND ".join(f"c{i}.value {c.op} {c.number:g}" for i, c in enumerate(conditions))
    return ",\n     ".join(ctes), " ".join(joins), hit


def price_sql(conditions: list[Condition], day: str) -> str:
    """SQL that counts: hits and worlds that count; readable, so that it can be taken elsewhere."""
    head, joined, hit = _values(conditions, day)
    push = " OR ".join(f"c{i}.value = {c.number:g}" for i, c in enumerate(conditions) if c.op in (">", "<"))
    lost = f" OR NOT ({' AND '.join(_holds_or_pushes(i, c) for i, c in enumerate(conditions))})" if push else ""
    counts = f"NOT ({push}){lost}" if push else "true"
    return f"WITH {head}\nSELECT count(*) FILTER (WHERE {hit}) AS hits, count(*) FILTER (WHERE {counts}) AS worlds\nFROM {joined}"


def _holds_or_pushes(i: int, c: Condition) -> str:
    return f"(c{i}.value {c.op} {c.number:g}" + (f" OR c{i}.value = {c.number:g})" if c.op in (">", "<") else ")")


def price(con: duckdb.DuckDBPyConnection, conditions: list[Condition], day: str) -> Price:
    """Count.

    Args:
        con: shows sims.worlds.
        conditions: of `read_question`.
        day: Eastern date, ISO.

    Raises:
        RatesError: if no world of the day has been drawn, or the players never play together.
    """
    sql = price_sql(conditions, day)
    hits, worlds = con.execute(sql).fetchall()[0]
    drawn = con.execute(
        "SELECT max(world) + 1 FROM sims.worlds WHERE game_date = ? AND game_id = ?", [day, conditions[0].game_id]
    ).fetchall()[0][0]
    if not drawn:
        raise RatesError(f"no worlds of {day}: run `rates slate {day}` first")
    if not worlds:
        raise NothingToSayError("in no world do all of these players play: nothing can be said; ask about players who may play")
    low, high = wilson(hits, worlds)
    return Price([c.text for c in conditions], hits / worlds, low, high, worlds, int(drawn), sql)
