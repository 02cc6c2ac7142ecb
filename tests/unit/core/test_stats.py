"""A statistic is one row: its three formulas agree, and every word means one of them."""

import duckdb
import numpy as np
import polars as pl
import pytest

from rates_lib.core.box_score import BOX_COUNTS, box_score
from rates_lib.core.fantasy import SITES, fantasy_points
from rates_lib.core.stats import (
    BY_WORD,
    EVENTS,
    EXPORTED,
    MEDIANS,
    STATS,
    SUMMARISED,
    WORLD_COUNTS,
    labels_of,
    of_kind,
    of_world,
    sql_of,
    stat_named,
    value_of,
)

N = 500


def boxes() -> pl.DataFrame:
    """Random box scores with the dtypes of sims.worlds, double figures among them; the last row is as full as the dtypes allow."""
    rng = np.random.default_rng(7)
    counts = {c: pl.Series(np.append(rng.integers(0, 21, N), 255), dtype=pl.UInt8) for c in WORLD_COUNTS}
    return pl.DataFrame(counts | {"seconds": pl.Series(np.append(rng.integers(1, 3000, N), 65_535), dtype=pl.UInt16)})


@pytest.mark.parametrize("name", STATS)
def test_sql_numpy_and_polars_agree(name: str) -> None:
    rows = boxes()
    numpy = of_world(name, lambda c: rows[c].to_numpy().astype(np.float64))
    polars = rows.select(of_world(name, lambda c: pl.col(c).cast(pl.Int64)).alias("value"))["value"].cast(pl.Float64).to_numpy()
    sql = duckdb.sql(f"SELECT CAST({sql_of(name)} AS DOUBLE) AS value FROM rows").pl()["value"].to_numpy()
    assert numpy.dtype == np.float64
    np.testing.assert_array_equal(sql, numpy)
    np.testing.assert_allclose(polars, numpy, rtol=1e-15)  # Polars divides seconds by 60 as a product


def test_formulas_are_those_of_a_box_score() -> None:
    row = {
        "pts": 25,
        "oreb": 3,
        "dreb": 7,
        "ast": 11,
        "stl": 2,
        "blk": 1,
        "tov": 4,
        "fga2": 12,
        "fg2m": 6,
        "fga3": 7,
        "fg3m": 3,
        "seconds": 2130,
    }
    frame = pl.DataFrame({name: [value] for name, value in row.items()})
    wanted = {"reb": 10, "pra": 46, "fga": 19, "fgm": 9, "minutes": 35.5, "double_double": 1, "triple_double": 1, "pts": 25, "ast": 11}
    assert frame.select(of_world(name, pl.col).alias(name) for name in wanted).row(0, named=True) == wanted
    short = frame.with_columns(ast=pl.lit(9))
    assert short.select(of_world(name, pl.col).alias(name) for name in EVENTS).row(0) == (1, 0)


def test_parts_may_be_means_under_any_name() -> None:
    frame = pl.DataFrame({"pts_mean": [20.25], "reb_mean": [7.5], "ast_mean": [3.125]})
    assert frame.select(value_of("pra", lambda part: pl.col(f"{part}_mean"))).item() == 20.25 + 7.5 + 3.125


def test_fantasy_points_are_the_rule_of_the_file() -> None:
    frame = boxes().cast(pl.Int64).with_columns(reb=pl.col("oreb") + pl.col("dreb"))
    found, wanted = (frame.select(e.alias("v"))["v"] for e in (of_world("dk_points", pl.col), fantasy_points(pl.col, SITES["dk"])))
    assert found.equals(wanted)


def test_every_word_means_one_statistic() -> None:
    words = [word for stat in STATS.values() for word in {stat.name, stat.label.lower(), *stat.aliases}]
    assert len(words) == len(set(words)) == len(BY_WORD)
    assert all(word == word.lower() and " " not in word for word in words)  # questions are split at blanks
    labels = [stat.label for stat in STATS.values()]
    assert len(set(labels)) == len(labels)
    assert len({stat.words for stat in STATS.values()}) == len(STATS)


@pytest.mark.parametrize(
    ("word", "name"),
    [("PTS", "pts"), (" threes ", "fg3m"), ("3PM", "fg3m"), ("3pa", "fga3"), ("Points_Rebounds_Assists", "pra"), ("DD", "double_double")],
)
def test_words(word: str, name: str) -> None:
    assert stat_named(word) == name


def test_unknown_words_mean_nothing() -> None:
    assert stat_named("goals") is stat_named("") is None


def test_lists_and_their_order() -> None:
    """Summaries, exports and medians are nested, and keep the order that tables and files have."""
    assert MEDIANS == ("pts", "reb", "ast", "fg3m", "pra", "dk_points")
    assert EXPORTED == ("minutes", "pts", "reb", "ast", "fg3m", "stl", "blk", "tov", "pra", "dk_points")
    assert (*EXPORTED, "double_double", "triple_double") == SUMMARISED
    assert EVENTS == ("double_double", "triple_double")
    assert of_kind(EXPORTED, "count", "combination") == ("pts", "reb", "ast", "fg3m", "stl", "blk", "tov", "pra")
    assert labels_of(("minutes", "fga3", "dk_points")) == {"MIN": "minutes", "3PA": "fga3", "DK": "dk_points"}


def test_rows_stand_on_counts() -> None:
    counted = {name for name, stat in STATS.items() if stat.kind == "count"}
    assert {*WORLD_COUNTS, *BOX_COUNTS} == counted
    assert set(WORLD_COUNTS) == {name for name in counted if not STATS[name].parts}
    assert all(STATS[name].most > 0 for name in counted)
    targets = ("fga2", "fga3", "fta", "ast", "tov", "oreb", "dreb", "stl", "blk")
    assert set(BOX_COUNTS) <= set(box_score({t: pl.col(t) for t in targets}, pl.col))
