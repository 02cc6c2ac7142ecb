"""Fantasy points of daily fantasy sites for a box score. The rules are data: `fantasy_points.toml` beside this module.

Belongs here: reading and applying those rules. Does not belong here: the rules themselves, mean box scores
(`pipeline/mean_box.py`), simulated box scores (`sim/`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from importlib.resources import files
from operator import add
from typing import Any, TypeVar

import polars as pl
from numpy.typing import NDArray

from rates_lib.core.box_score import BOX_COUNTS
from rates_lib.core.errors import RatesError

RULES_FILE = "fantasy_points.toml"

T = TypeVar("T", pl.Expr, NDArray[Any])


@dataclass(frozen=True)
class Site:
    """The rules of one site.

    Attributes:
        key: short name; its projected points are the column `<key>_points_mean`.
        name: display name.
        points: points per count, in the order of the sum.
    """

    key: str
    name: str
    points: dict[str, float]

    @property
    def column(self) -> str:
        """Name of the projected points."""
        return f"{self.key}_points_mean"


def read_sites(text: str) -> dict[str, Site]:
    """Rules of all sites by key, in the order of the file.

    Args:
        text: TOML; see `fantasy_points.toml`.

    Raises:
        RatesError: if the text is not TOML, if a site uses a statistic outside `BOX_COUNTS`, lacks a key or has an unknown one, or if a
            value has the wrong type; names the site, the fault and the remedy.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RatesError(f"{RULES_FILE} is no TOML: {error}; correct it there") from error
    return {key: _site(key, table) for key, table in tables.items()}


def fantasy_points(count: Callable[[str], T], site: Site) -> T:
    """Fantasy points without bonuses: the sum of weight x count. The sum is linear, so it also holds for means.

    Args:
        count: returns the expression or array of a count by name, e.g. `lambda s: pl.col(f"{s}_mean")`.
        site: the rules, e.g. `SITES["dk"]`.
    """
    return reduce(add, (weight * count(stat) for stat, weight in site.points.items()))


def _site(key: str, table: Any) -> Site:
    if not key.isidentifier() or not isinstance(table, dict):
        raise _wrong(key, "a site is a table with a short name of letters, digits and underscores")
    _require(key, table, {"name": str, "points": dict})
    unknown = [stat for stat in table["points"] if stat not in BOX_COUNTS]
    if unknown:
        raise _wrong(key, f"points count {unknown[0]!r}, which is none of {', '.join(BOX_COUNTS)}")
    if not table["points"] or not all(_is_number(weight) for weight in table["points"].values()):
        raise _wrong(key, "points are numbers by statistic, one at least")
    return Site(key, table["name"], {stat: float(weight) for stat, weight in table["points"].items()})


def _require(key: str, table: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    for name in (*kinds, *table):
        if name not in kinds:
            raise _wrong(key, f"it has {name}, which is none of {', '.join(kinds)}")
        if name not in table:
            raise _wrong(key, f"it has no {name}")
        if not isinstance(table[name], kinds[name]):
            raise _wrong(key, f"{name} = {table[name]!r} is of the wrong kind")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(key: str, fault: str) -> RatesError:
    return RatesError(f"{RULES_FILE}, site {key}: {fault}; correct it there")


#: All sites by key.
SITES = read_sites(files(__package__).joinpath(RULES_FILE).read_text(encoding="utf-8"))
