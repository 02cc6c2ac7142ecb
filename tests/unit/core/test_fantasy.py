"""Rules of fantasy sites are data: a new site is a change of the file alone, a wrong one is named."""

from __future__ import annotations

import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.core.fantasy import SITES, fantasy_points, read_sites
from rates_lib.schemas.tables import TABLES

GAME = {"pts": 20, "fg3m": 2, "reb": 8, "ast": 4, "stl": 1, "blk": 1, "tov": 3}


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("dk", 20 + 1 + 10 + 6 + 2 + 2 - 1.5),
        ("fd", 20 + 9.6 + 6 + 3 + 3 - 3),
        ("yahoo", 20 + 1 + 9.6 + 6 + 2 + 2 - 3),
    ],
)
def test_points_by_hand(site: str, expected: float) -> None:
    assert pl.DataFrame(GAME).select(fantasy_points(pl.col, SITES[site])).item() == pytest.approx(expected, abs=1e-9)


def test_every_site_has_its_column() -> None:
    columns = TABLES["predictions.player_box"].columns
    assert [c for c in columns if c.endswith("_points_mean")] == [site.column for site in SITES.values()]


def test_a_site_is_read() -> None:
    sites = read_sites('[xx]\nname = "X"\npoints = { ast = 2, pts = 1 }')
    assert list(sites["xx"].points.items()) == [("ast", 2.0), ("pts", 1.0)]
    assert sites["xx"].column == "xx_points_mean"
    frame = pl.DataFrame({"pts": [10, 9], "reb": [10, 9], "ast": [1, 2]})
    assert frame.select(fantasy_points(pl.col, sites["xx"])).to_series().to_list() == [12.0, 13.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[xx", "is no TOML"),
        ('[xx]\nname = "X"\npoints = { dunks = 1 }', "site xx: points count 'dunks', which is none of pts, reb"),
        ('[xx]\nname = "X"\npoints = { pts = "1" }', "points are numbers"),
        ('[xx]\nname = "X"\npoints = {}', "points are numbers by statistic, one at least"),
        ("[xx]\npoints = { pts = 1 }", "site xx: it has no name"),
        ('[xx]\nname = 1\npoints = { pts = 1 }', "name = 1 is of the wrong kind"),
        ('[xx]\nname = "X"\nbonus = 1\npoints = { pts = 1 }', "it has bonus, which is none of name, points"),
        ('["x-x"]\nname = "X"\npoints = { pts = 1 }', "site x-x: a site is a table with a short name"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_named(text: str, message: str) -> None:
    with pytest.raises(RatesError, match=r"fantasy_points\.toml") as error:
        read_sites(text)
    assert message in str(error.value)
