"""What optional groups are worth: who reads what, a signal that is found, noise that is not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.evaluation import optional_groups as og
from rates_lib.models.feature_sets import ADOPTED_GROUPS, OPTIONAL_GROUPS, RATES_FEATURES
from rates_lib.schemas.tables import TABLES
from tests.frames.model import SMALL_OFFSET, player_game_training


def test_what_pays_is_read_and_nothing_else_of_it() -> None:
    for group, columns in OPTIONAL_GROUPS.items():
        assert set(columns) <= set(TABLES["gold.player_game_training"].columns)
        assert not set(columns) & set(TABLES["gold.rates_training_base"].columns)  # the north star's stays as it is
        assert len(set(columns) & set(RATES_FEATURES)) == (len(columns) if group in ADOPTED_GROUPS else 0)
    assert sum(map(len, OPTIONAL_GROUPS.values())) == len({c for columns in OPTIONAL_GROUPS.values() for c in columns})


def test_sets_differ_by_their_group_alone() -> None:
    sets = og.column_sets(("roles", "roles+play style"))
    none = set(sets[og.NOTHING])
    assert none == set(RATES_FEATURES) - {c for columns in OPTIONAL_GROUPS.values() for c in columns}
    assert set(sets["roles"]) - none == set(OPTIONAL_GROUPS["roles"])
    assert set(sets["roles+play style"]) - none == set(OPTIONAL_GROUPS["roles"]) | set(OPTIONAL_GROUPS["play style"])


def test_a_signal_is_found_and_noise_is_not() -> None:
    """A column of play style says which share of the assists was kept; matchups are random numbers."""
    rows = pl.concat([player_game_training(season=s, seed=s, days=40) for s in (2023, 2024)])
    kept = np.random.default_rng(1).uniform(0.3, 1.0, rows.height)
    assists = np.random.default_rng(2).binomial(rows["ast"].to_numpy(), kept)
    rate = assists / rows["minutes_actual"].to_numpy()
    rows = rows.with_columns(pl.Series("style_3pa_share", kept), pl.Series("ast", assists), pl.Series("ast_per_min", rate))
    said: list[str] = []
    found = og.compare(rows, 2024, SMALL_OFFSET, ("play style", "matchups"), ("ast",), (7, 8), said.append)
    assert found["target"].to_list() == ["ast", "mean"] * 3
    none, style, matchups = found.filter(pl.col("target") == "ast").iter_rows(named=True)
    assert found.filter(pl.col("target") == "mean")["change_pct"].to_list() == [r["change_pct"] for r in (none, style, matchups)]
    assert (none["group"], none["change_pct"], none["rows"]) == (
        "none of them",
        0.0,
        rows.filter(pl.col("season") == 2024)["minutes_actual"].ge(1).sum(),
    )
    assert style["change_high"] < 0
    assert style["better"] == 2
    assert style["change_pct"] < -1 < matchups["change_pct"]
    assert len(said) == 6
    later = rows.with_columns(pl.when(pl.col("season") == 2024).then(9.0).otherwise("style_3pa_share").alias("style_3pa_share"))
    unmoved = og.compare(later, 2024, SMALL_OFFSET, ("matchups",), ("ast",), (7, 8))
    assert unmoved.equals(found.filter(pl.col("group") != "play style"))  # and a fit without a group does not see it


def test_what_does_not_exist_is_named() -> None:
    rows = player_game_training(days=5)
    with pytest.raises(RatesError, match="no group weather: choose from roles"):
        og.compare(rows, 2023, SMALL_OFFSET, ("roles+weather",))
    with pytest.raises(RatesError, match="no target pts: choose from fga2"):
        og.compare(rows, 2023, SMALL_OFFSET, ("roles",), ("pts",))
