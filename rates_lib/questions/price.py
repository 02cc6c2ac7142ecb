"""Questions to the worlds: a small grammar, compiled to one SQL statement over sims.worlds.

    question   condition { "and" condition }
    condition  PLAYER STAT OP NUMBER        Jokic PTS >= 26.5 · jokic pra > 45 · Murray double_double
               TEAM wins | TEAM NUMBER      DEN wins · DEN -4.5 (gives four and a half points)
               TEAM total OP NUMBER         DEN total < 231 (both teams together)

As at a book, a bet is void if a named player does not play: the chance is the share of worlds in which all conditions hold, among worlds
in which all named players play. Worlds that hit a line exactly do not count either, because the stake is returned (a push). Games are
independent: worlds of the same number in different games are unrelated draws.

Belongs here: parsing a question, its SQL statement, chances to odds. Does not belong here: worlds (`sim/`), printing.
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
_OF_PLAYER = re.compile(rf"(?P<subject>.+?)\s+(?P<stat>{_STAT})\s*(?P<op>{_OP})\s*(?P<number>{_NUMBER})$", re.IGNORECASE)
_EVENT = re.compile(rf"(?P<subject>.+?)\s+(?P<stat>{'|'.join(word for word, stat in BY_WORD.items() if stat in EVENTS)})$", re.IGNORECASE)
_TOTAL = re.compile(rf"(?P<subject>\w+)\s+total\s*(?P<op>{_OP})\s*(?P<number>{_NUMBER})$", re.IGNORECASE)
_WINS = re.compile(r"(?P<subject>\w+)\s+(?:wins?|ml)$", re.IGNORECASE)
_SPREAD = re.compile(rf"(?P<subject>\w+)\s+(?P<number>{_NUMBER})$", re.IGNORECASE)
Z95 = 1.959963984540054


class NothingToSayError(RatesError):
    """No world counts for a question: a bet on it would be void."""


@dataclass(frozen=True)
class Condition:
    """One condition, with ids.

    Attributes:
        text: the condition with the full name of its subject.
        game_id: of the subject's game.
        kind: a player's count, a team's margin, or the total of both teams.
        subject: player id, or team id.
        value: SQL expression of the compared quantity.
        op: SQL operator.
        number: to compare with.
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
    """The price of a question.

    Attributes:
        conditions: their texts.
        chance: share of `worlds` in which all conditions hold.
        low, high: 95 % interval of the chance for this number of worlds (Wilson 1927).
        worlds: number of worlds that count.
        drawn: number of worlds drawn.
        sql: the statement that counts them.
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
    """95 % interval of a share (Wilson 1927), valid also for few or no hits."""
    if trials == 0:
        return 0.0, 1.0
    p, z2 = hits / trials, Z95**2
    middle = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z95 / (1 + z2 / trials) * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def ask(lake: Lake, text: str, day: date) -> Price:
    """Answer a question about one day from its worlds.

    Raises:
        RatesError: if the day has no worlds, the question cannot be parsed, or no world counts.
    """
    with lake.frozen(day.isoformat()) as now:
        players = now.read("sims.player_summary", [day.isoformat()], ["game_id", "team_id", "player_id", "player_name"])
        if players.is_empty():
            raise RatesError(f"no worlds of {day}: run `rates slate {day}` first")
        conditions = read_question(text, players.unique(maintain_order=True), games_of(now, day))
        with now.connect() as con:
            return price(con, conditions, day.isoformat())


def newest_day(lake: Lake) -> date:
    """The newest day with worlds.

    Raises:
        RatesError: if no day has worlds.
    """
    days = lake.partitions("sims.worlds")
    if not days:
        raise RatesError("no worlds have been drawn: run `rates slate YYYY-MM-DD` first")
    return date.fromisoformat(days[-1])


def read_question(text: str, players: pl.DataFrame, games: pl.DataFrame) -> list[Condition]:
    """The conditions of a question about one day.

    Args:
        text: in the grammar of the module docstring, in any case.
        players: game_id, team_id, player_id, player_name of the day's candidates (sims.player_summary).
        games: game_id, home_team_id, away_team_id, home_team_abbreviation, away_team_abbreviation of the day.

    Raises:
        RatesError: if a condition cannot be parsed; names it and the grammar.
        UnknownPlayerError: if a name fits no player of the day, or several.
    """
    parts = [part.strip() for part in re.split(r"\s+and\s+|\s*[&,]\s*", text.strip(), flags=re.IGNORECASE) if part.strip()]
    if not parts:
        raise RatesError('the question is empty: write e.g. "Jokic PTS >= 26.5 and DEN -4.5"')
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
    for pattern in (_TOTAL, _WINS, _SPREAD):
        if (match := pattern.match(part)) and (code := match["subject"].upper()) in teams:
            team, game = teams[code]
            number = float(match.groupdict().get("number", 0.0))
            if pattern is _TOTAL:
                op = _OPS[match["op"].lower()]
                return Condition(f"{code} game total {op} {number:g}", game, "total", team, "total", op, number)
            text = f"{code} wins" if pattern is _WINS else f"{code} {number:+g}"
            return Condition(text, game, "margin", team, "margin", ">", 0.0 if pattern is _WINS else -number)
    match = _OF_PLAYER.match(part) or _EVENT.match(part)
    if match is None:
        raise RatesError(
            f'{part!r} is not a question: write a player, a statistic, a comparison and a number ("Jokic PTS >= 26.5"), a player and '
            f'double_double, or a team ({", ".join(sorted(teams)) or "none plays that day"}) and "wins", a spread or "total < 231"'
        )
    player = find_player(match["subject"], names, {})
    stat = BY_WORD[match["stat"].lower()]
    op, number = (_OPS[match["op"].lower()], float(match["number"])) if "op" in match.groupdict() else (">=", 1.0)
    shown = f"{names.get(player, player)} {stat}" + (f" {op} {number:g}" if "op" in match.groupdict() else "")
    return Condition(shown, game_of[player], "player", player, sql_of(stat), op, number)


def worlds_where(con: duckdb.DuckDBPyConnection, conditions: list[Condition], day: str) -> dict[str, list[int]]:
    """Numbers of the worlds in which all conditions on a game hold, by game id.

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
    """Parts of a statement: a table (world, value) per condition, their join, and the condition on the values."""
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
    """SQL that counts hits and the worlds that count; formatted to be read and run elsewhere."""
    head, joined, hit = _values(conditions, day)
    push = " OR ".join(f"c{i}.value = {c.number:g}" for i, c in enumerate(conditions) if c.op in (">", "<"))
    lost = f" OR NOT ({' AND '.join(_holds_or_pushes(i, c) for i, c in enumerate(conditions))})" if push else ""
    counts = f"NOT ({push}){lost}" if push else "true"
    return f"WITH {head}\nSELECT count(*) FILTER (WHERE {hit}) AS hits, count(*) FILTER (WHERE {counts}) AS worlds\nFROM {joined}"


def _holds_or_pushes(i: int, c: Condition) -> str:
    return f"(c{i}.value {c.op} {c.number:g}" + (f" OR c{i}.value = {c.number:g})" if c.op in (">", "<") else ")")


def price(con: duckdb.DuckDBPyConnection, conditions: list[Condition], day: str) -> Price:
    """Price conditions by counting worlds.

    Args:
        con: shows sims.worlds.
        conditions: of `read_question`.
        day: Eastern date, ISO.

    Raises:
        RatesError: if the day has no worlds.
        NothingToSayError: if the named players never play together.
    """
    hits, worlds = count(con, conditions, day)
    drawn = con.execute(
        "SELECT max(world) + 1 FROM sims.worlds WHERE game_date = ? AND game_id = ?", [day, conditions[0].game_id]
    ).fetchall()[0][0]
    if not drawn:
        raise RatesError(f"no worlds of {day}: run `rates slate {day}` first")
    return price_of(conditions, day, hits, worlds, int(drawn))


def count(con: duckdb.DuckDBPyConnection, conditions: list[Condition], day: str) -> tuple[int, int]:
    """Number of worlds in which all conditions hold, and of worlds that count; arguments as in `price`."""
    hits, worlds = con.execute(price_sql(conditions, day)).fetchall()[0]
    return int(hits), int(worlds)


def price_of(conditions: list[Condition], day: str, hits: int, worlds: int, drawn: int) -> Price:
    """The price that follows from the counts of `count`; `drawn` is the number of worlds drawn.

    Raises:
        NothingToSayError: if no world counts.
    """
    if not worlds:
        raise NothingToSayError("no world has all of these players on the floor, so there is no price: name players who may play")
    low, high = wilson(hits, worlds)
    return Price([c.text for c in conditions], hits / worlds, low, high, worlds, drawn, price_sql(conditions, day))
