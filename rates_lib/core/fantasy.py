"""Fantasy points: what daily fantasy sites pay for a box score. The rules are data, `fantasy_points.toml` beside this module.

Belongs here: reading and applying those rules. Does not belong here: the rules themselves, mean box scores
(`pipeline/mean_box.py`), simulated ones (`sim/`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from importlib.resources import files
from typing import Any, TypeVar

import polars as pl
from numpy.typing import NDArray

from rates_lib.core.box_score import BOX_COUNTS
from rates_lib.core.errors import RatesError

RULES_FILE = "fantasy_points.toml"

T = TypeVar("T", pl.Expr, NDArray[Any])


@dataclass(frozen=True)
class Bonus:
    """Points paid once, where at least `count` of `stats` reach `least`."""

    name: str
    points: float
    stats: tuple[str, ...]
    least: int
    count: int


@dataclass(frozen=True)
class Site:
    """The rules of one site.

    Attributes:
        key: short name; its projected points are the column `<key>_points_mean`.
        name: as people write it.
        points: points per count, in the order in which they are added up.
        bonuses: what else it pays.
    """

    key: str
    name: str
    points: dict[str, float]
    bonuses: tuple[Bonus, ...]

    @property
    def column(self) -> str:
        """Name of the projected points."""
        return f"{self.key}_points_mean"


def read_sites(text: str) -> dict[str, Site]:
    """Rules of all sites by key, in the order of the file.

    Args:
        text: TOML; see `fantasy_points.toml`.

    Raises:
        RatesError: if it is no TOML, if a rule counts a statistic that is none of `BOX_COUNTS`, lacks a part or has one too many, or if a
            value is of the wrong kind; names site, rule and remedy.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RatesError(f"{RULES_FILE} is no TOML: {error}; correct it there") from error
    return {key: _site(key, table) for key, table in tables.items()}


def fantasy_points(count: Callable[[str], T], site: Site) -> T:
    """Fantasy points without bonuses: the sum of weight x count. Linear, so it holds for means.

    Args:
        count: gives the expression or array of a count by name, e.g. `lambda s: pl.col(f"{s}_mean")`.
        site: whose rules, e.g. `SITES["dk"]`.
    """
    return reduce(lambda total, term: total + term, (weight * count(stat) for stat, weight in site.points.items()))


def fantasy_points_of_counts(count: Callable[[str], pl.Expr], site: Site) -> pl.Expr:
    """Fantasy points with bonuses as an expression. For whole box scores only: a bonus of means is not the mean of the bonus.

    Args:
        count: gives the expression of an integer count by name, e.g. `pl.col`.
        site: whose rules.
    """
    total = fantasy_points(count, site)
    for bonus in site.bonuses:
        reached = pl.sum_horizontal((count(stat) >= bonus.least).cast(pl.Int64) for stat in bonus.stats)
        total = total + pl.when(reached >= bonus.count).then(bonus.points).otherwise(0.0)
    return total


def _site(key: str, table: Any) -> Site:
    if not key.isidentifier() or not isinstance(table, dict):
        raise _wrong(key, "a site is a table with a short name of letters, digits and underscores")
    _require(key, table, {"name": str, "points": dict}, {"bonuses": list})
    _require_stats(key, "points", table["points"])
    if not table["points"] or not all(_is_number(weight) for weight in table["points"].values()):
        raise _wrong(key, "points are numbers by statistic, one at least")
    bonuses = tuple(_bonus(key, bonus) for bonus in table.get("bonuses", []))
    return Site(key, table["name"], {stat: float(weight) for stat, weight in table["points"].items()}, bonuses)


def _bonus(key: str, table: Any) -> Bonus:
    if not isinstance(table, dict):
        raise _wrong(key, "a bonus is a table")
    _require(key, table, {"name": str, "points": (int, float), "stats": list, "least": int, "count": int}, {})
    _require_stats(key, f"bonus {table['name']}", table["stats"])
    if not 1 <= table["count"] <= len(table["stats"]):
        raise _wrong(key, f"bonus {table['name']} asks for {table['count']} of {len(table['stats'])} statistics")
    return Bonus(table["name"], float(table["points"]), tuple(table["stats"]), table["least"], table["count"])


def _require(key: str, table: Mapping[str, Any], needed: Mapping[str, Any], allowed: Mapping[str, Any]) -> None:
    kinds = {**needed, **allowed}
    for name in (*needed, *table):
        if name not in kinds:
            raise _wrong(key, f"it has {name}, which is none of {', '.join(kinds)}")
        if name not in table:
            raise _wrong(key, f"it has no {name}")
        if not isinstance(table[name], kinds[name]):
            raise _wrong(key, f"{name} = {table[name]!r} is of the wrong kind")


def _require_stats(key: str, rule: str, stats: Iterable[object]) -> None:
    unknown = [stat for stat in stats if stat not in BOX_COUNTS]
    if unknown:
        raise _wrong(key, f"{rule} count {unknown[0]!r}, which is none of {', '.join(BOX_COUNTS)}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(key: str, what: str) -> RatesError:
    return RatesError(f"{RULES_FILE}, site {key}: {what}; correct it there")


#: All sites by key.
SITES = read_sites(files(__package__).joinpath(RULES_FILE).read_text(encoding="utf-8"))
