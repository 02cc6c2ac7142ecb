"""Every statistic and market of a player, one row each: names, wording, and formula in Polars, NumPy and SQL.

A statistic added here is available in `rates price`, is priced by `rates props` if a book quotes it, has a label on every screen, and,
depending on `shown`, appears in the worlds' summaries and the exported quantiles. Nothing else has to change.

Belongs here: definitions of statistics. Does not belong here: targets of models (`schemas/columns.py`, RATE_TARGETS), the weights of
fantasy scoring (`fantasy_points.toml`), identities between counts (`schemas/rules.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, Literal, TypeVar

import polars as pl
from numpy.typing import NDArray

from rates_lib.core.fantasy import SITES, fantasy_points

T = TypeVar("T", pl.Expr, NDArray[Any])
Kind = Literal["time", "count", "combination", "fantasy", "event"]
Shown = Literal["asked", "summarised", "exported", "median"]

WORLD_COUNTS = ("fg2m", "fga2", "fg3m", "fga3", "ftm", "fta", "oreb", "dreb", "ast", "stl", "blk", "tov", "pf", "pts")
"""Counts of a simulated box score, in the order of `sims.worlds`; all other statistics are derived from them."""
SITE = "dk"  # site of dk_points
TEN = 10  # double figures
_DOUBLES = ("pts", "reb", "ast", "stl", "blk")  # counts of a double-double


@dataclass(frozen=True)
class Stat:
    """One statistic.

    Attributes:
        name: name in columns and tables.
        label: short column heading on a screen; also understood in questions, in any case.
        words: plural noun for a sentence.
        kind: time: minutes. count: a column of every box score. combination: a sum that only exists as a market. fantasy: fantasy
            points. event: 1 if it happened, else 0; quoted without a line.
        parts: statistics that it is the sum of (event: that it counts); empty for an elementary count.
        least: event: number of `parts` that must reach double figures.
        aliases: further names that questions and books use.
        formula: definition in the column's description.
        most: upper bound of a count in a box score, also of a whole team.
        shown: where it appears; each value includes the previous ones. asked: in questions and lines. summarised: in sims.player_summary,
            and in sims.player_tails if it is a whole number. exported: with quantiles in the exported projections. median: with a median
            by the second stage.
    """

    name: str
    label: str
    words: str
    kind: Kind = "count"
    parts: tuple[str, ...] = ()
    least: int = 0
    aliases: tuple[str, ...] = ()
    formula: str = ""
    most: int = 0
    shown: Shown = "asked"


_ROWS = (
    Stat("minutes", "MIN", "minutes", "time", shown="exported"),
    Stat("pts", "PTS", "points", aliases=("points",), formula="2 x 2PM + 3 x 3PM + FTM", most=200, shown="median"),
    Stat("reb", "REB", "rebounds", parts=("oreb", "dreb"), aliases=("rebounds",), formula="OREB + DREB", most=120, shown="median"),
    Stat("oreb", "OREB", "offensive rebounds", most=60),
    Stat("dreb", "DREB", "defensive rebounds", most=90),
    Stat("ast", "AST", "assists", aliases=("assists",), most=70, shown="median"),
    Stat("fg3m", "3PM", "three-pointers made", aliases=("threes",), most=45, shown="median"),
    Stat("fga", "FGA", "field-goal attempts", parts=("fga2", "fga3"), most=160),
    Stat("fgm", "FGM", "field goals made", parts=("fg2m", "fg3m"), most=90),
    Stat("fta", "FTA", "free-throw attempts", most=100),
    Stat("ftm", "FTM", "free throws made", most=80),
    Stat("stl", "STL", "steals", aliases=("steals",), most=40, shown="exported"),
    Stat("blk", "BLK", "blocks", aliases=("blocks",), most=40, shown="exported"),
    Stat("tov", "TOV", "turnovers", aliases=("turnovers",), most=50, shown="exported"),
    Stat("fga2", "2PA", "two-point attempts", formula="FGA - 3PA", most=130),
    Stat("fg2m", "2PM", "two-pointers made", formula="FGM - 3PM", most=80),
    Stat("fga3", "3PA", "three-point attempts", most=90),
    Stat("pf", "PF", "personal fouls", aliases=("fouls",), most=60),
    Stat(
        "pra",
        "PRA",
        "points + rebounds + assists",
        "combination",
        ("pts", "reb", "ast"),
        aliases=("points_rebounds_assists",),
        shown="median",
    ),
    Stat("dk_points", "DK", f"{SITES[SITE].name} points without bonuses", "fantasy", shown="median"),
    Stat("double_double", "DD", "double-doubles", "event", _DOUBLES, least=2, shown="summarised"),
    Stat("triple_double", "TD", "triple-doubles", "event", _DOUBLES, least=3, shown="summarised"),
)
STATS: dict[str, Stat] = {row.name: row for row in _ROWS}
"""All statistics by name, in the order of displayed tables."""
SUMMARISED = tuple(row.name for row in _ROWS if row.shown != "asked")
EXPORTED = tuple(row.name for row in _ROWS if row.shown in ("exported", "median"))
MEDIANS = tuple(row.name for row in _ROWS if row.shown == "median")
EVENTS = tuple(row.name for row in _ROWS if row.kind == "event")
BY_WORD = {word: row.name for row in _ROWS for word in (row.name, row.label.lower(), *row.aliases)}
"""Every word for a statistic, in lower case, to its name."""


def stat_named(word: str) -> str | None:
    """Name of the statistic with this name, label or alias, in any case; None if there is none."""
    return BY_WORD.get(word.strip().lower())


def of_kind(names: Iterable[str], *kinds: Kind) -> tuple[str, ...]:
    """The statistics of `names` with one of these kinds, in order."""
    return tuple(name for name in names if STATS[name].kind in kinds)


def labels_of(names: Iterable[str]) -> dict[str, str]:
    """Label to name, in the order of `names`."""
    return {STATS[name].label: name for name in names}


def value_of(name: str, count: Callable[[str], T]) -> T:
    """A statistic from its parts, as a Polars expression or an array.

    Args:
        name: name of the statistic.
        count: returns a part by name (`seconds` for minutes), e.g. `pl.col` if the parts are columns. Parts may be means for sums and
            fantasy points, which are linear; events need counts of single box scores and are 1.0 or 0.0.
    """
    stat = STATS[name]
    if stat.kind == "time":
        return count("seconds") / 60.0
    if stat.kind == "fantasy":
        return fantasy_points(count, SITES[SITE])
    if stat.kind == "event":
        reached: T = reduce(add, ((count(part) >= TEN) * 1.0 for part in stat.parts))
        return (reached >= stat.least) * 1.0
    return reduce(add, map(count, stat.parts)) if stat.parts else count(name)


def of_world(name: str, column: Callable[[str], T]) -> T:
    """`value_of` from the columns of sims.worlds alone.

    Args:
        name: name of the statistic.
        column: returns seconds or one of WORLD_COUNTS, in a type whose sums do not overflow.
    """
    if name == "seconds" or name in WORLD_COUNTS:
        return column(name)
    return value_of(name, lambda part: of_world(part, column))


def sql_of(name: str) -> str:
    """`of_world` as an SQL expression over a row of sims.worlds, in brackets if it is a sum."""
    stat = STATS[name]
    if name in WORLD_COUNTS:
        return f"CAST({name} AS INTEGER)"
    if stat.kind == "time":
        return "(seconds / 60.0)"
    if stat.kind == "fantasy":
        return f"({' + '.join(f'{weight} * {sql_of(part)}' for part, weight in SITES[SITE].points.items())})"
    if stat.kind == "event":
        reached = " + ".join(f"CAST({sql_of(part)} >= {TEN} AS INTEGER)" for part in stat.parts)
        return f"CAST(({reached}) >= {stat.least} AS INTEGER)"
    return f"({' + '.join(map(sql_of, stat.parts))})"
