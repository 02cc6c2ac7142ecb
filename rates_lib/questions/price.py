"""The price of a question: the share of worlds in which all its conditions hold, by one SQL statement over sims.worlds.

As at a book, a bet is void if a named player does not play: the chance is the share of worlds in which all conditions hold, among worlds
in which all named players play. Worlds that hit a line exactly do not count either, because the stake is returned (a push). Games are
independent: worlds of the same number in different games are unrelated draws.

Belongs here: the SQL statement, chances to odds. Does not belong here: parsing (`conditions.py`), what the rules of basketball allow
(`possible.py`), worlds (`sim/`), printing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import duckdb
import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.core.odds import american
from rates_lib.core.stats import sql_of
from rates_lib.lake import Lake, games_of
from rates_lib.questions.conditions import Condition, read_question
from rates_lib.questions.possible import certain, impossible

Verdict = Literal["counted", "impossible", "never seen", "always seen", "certain"]

FEW_WORLDS = 400  # with fewer, the interval of an even chance is wider than ten percentage points
Z95 = 1.959963984540054


class NothingToSayError(RatesError):
    """No world counts for a question: a bet on it would be void."""


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
    def decimal_odds(self) -> float | None:
        """Fair decimal odds; None for a chance of 0."""
        return 1 / self.chance if self.chance > 0 else None

    @property
    def american_odds(self) -> float | None:
        """Fair American odds; None for a chance of 0 or 1."""
        return american(self.chance) if 0 < self.chance < 1 else None

    @property
    def few_worlds(self) -> bool:
        """Whether too few worlds count for a useful interval."""
        return self.worlds < FEW_WORLDS


@dataclass(frozen=True)
class Answer:
    """The answer to a question about one day.

    Attributes:
        price: counted from the worlds.
        verdict: meaning of a chance of 0 or 1: impossible and certain by the rules of basketball (`possible.py`), or only never and always
            seen in these worlds; counted for other chances.
        game_date: the day, Eastern.
        as_of_utc: instant up to which the projections of the question's games use published information; the latest, if they differ.
        play_probs: by name of each player in the question, the probability that he plays, which a book's void rule leaves out of the
            price; None without a stored prediction.
    """

    price: Price
    verdict: Verdict
    game_date: date
    as_of_utc: datetime
    play_probs: dict[str, float | None]


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), valid also for few or no hits."""
    if trials == 0:
        return 0.0, 1.0
    p, z2 = hits / trials, Z95**2
    middle = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z95 / (1 + z2 / trials) * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials**2))
    return (max(middle - half, 0.0) if hits else 0.0), (min(middle + half, 1.0) if hits < trials else 1.0)


def ask(lake: Lake, text: str, day: date) -> Answer:
    """Answer a question about one day from its worlds.

    Raises:
        RatesError: if the day has no worlds, the question cannot be parsed, or no world counts.
    """
    key = day.isoformat()
    with lake.frozen(key) as now:
        columns = ["game_id", "team_id", "player_id", "player_name", "as_of_utc"]
        players = now.read("sims.player_summary", [key], columns).unique(["game_id", "player_id"], keep="first", maintain_order=True)
        if players.is_empty():
            raise RatesError(f"no worlds of {day}: run `rates slate {day}` first")
        conditions = read_question(text, players, games_of(now, day))
        box = now.read("predictions.player_box", [key], ["game_id", "player_id", "play_prob"])
        with now.naming_damage(["sims.worlds"]), now.connect(["sims.worlds"]) as con:
            counted = price(con, conditions, key)
    asked = pl.col("player_id").is_in([c.subject for c in conditions if c.kind == "player"])
    plays = players.filter(asked).join(box, on=["game_id", "player_id"], how="left", maintain_order="left")
    names = plays.select(pl.coalesce("player_name", "player_id"), "play_prob")
    as_of = players.filter(pl.col("game_id").is_in([c.game_id for c in conditions]))["as_of_utc"].max()
    return Answer(counted, verdict_on(counted, conditions), day, as_of, dict(names.iter_rows()))  # type: ignore[arg-type]


def verdict_on(counted: Price, conditions: Sequence[Condition]) -> Verdict:
    """Whether a chance of 0 or 1 is due to the rules of basketball, or to the number of worlds."""
    if counted.chance == 0:
        return "impossible" if impossible(conditions) else "never seen"
    if counted.chance == 1:
        return "certain" if certain(conditions) else "always seen"
    return "counted"


def newest_day(lake: Lake) -> date:
    """The newest day with worlds.

    Raises:
        RatesError: if no day has worlds.
    """
    days = lake.partitions("sims.worlds")
    if not days:
        raise RatesError("no worlds have been drawn: run `rates slate YYYY-MM-DD` first")
    return date.fromisoformat(days[-1])


def worlds_where(con: duckdb.DuckDBPyConnection, conditions: list[Condition], day: str) -> dict[str, list[int]]:
    """Numbers of the worlds in which all conditions on a game hold, by game id.

    Args:
        con: shows sims.worlds.
        conditions: on games of the day.
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
            body = f"SELECT world, {sql_of(c.stat)} AS value FROM sims.worlds WHERE {where} AND player_id = '{c.subject}'"
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
        conditions: on games of the day.
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
        raise NothingToSayError(
            f"none of the {drawn:,} worlds counts: in none do all named players play without a line hit exactly, so there is no price; "
            "name players who may play"
        )
    low, high = wilson(hits, worlds)
    return Price([c.text for c in conditions], hits / worlds, low, high, worlds, drawn, price_sql(conditions, day))
