"""Hidden starters: nothing of tonight's five is left, and nothing else is gone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.features.history import History
from rates_lib.models.config import EfficiencyConfig, OffsetConfig
from rates_lib.models.contract import mask_starters
from rates_lib.models.feature_sets import (
    EFFICIENCY_FEATURES,
    MINUTES_COLUMNS,
    MINUTES_FEATURES,
    PLAY_FEATURES,
    RATES_FEATURES,
    STATUS_KNOWN,
)
from rates_lib.models.minutes_shares import add_likely_columns, base_minutes, hide_starters, prepared
from tests.frames.histories import all_features, random_history

HISTORY = random_history(seed=8)
TONIGHT = sorted(HISTORY.game["game_date"].unique())[20]
GAMES = HISTORY.game.filter(pl.col("game_date") == TONIGHT)
KNOWS_THE_FIVE = {
    "is_starter", "minutes_prior", "minutes_role_change", "minutes_share", "minutes_rank", "mates_minutes_team", "mates_minutes_near",
    "starters_minutes_blind", "bench_tier",
}  # fmt: skip


def announced(first: int) -> History:
    """The history with another five of each team announced tonight: the actives from number `first` on; none at all if negative."""
    lists = HISTORY.availability.with_columns(
        pl.when(pl.col("status") == "active").then(1).otherwise(0).cum_sum().over("game_id", "team_id").alias("_n")
    )
    five = pl.col("_n").is_between(first + 1, first + 5) & (pl.col("status") == "active")
    starter = pl.lit(None, pl.Int8) if first < 0 else five.cast(pl.Int8)
    tonight = (pl.col("game_date") == TONIGHT) & (pl.col("availability_source") == "active_list")
    lists = lists.with_columns(pl.when(tonight).then(starter).otherwise("starter_announced").alias("starter_announced"))
    return replace(HISTORY, availability=lists.select(HISTORY.availability.columns))


@pytest.fixture(scope="module")
def knowing() -> list[pl.DataFrame]:
    """Features of tonight with one five, with another, and with none announced."""
    return [all_features(announced(first), GAMES) for first in (0, 3, -1)]


def differing(one: pl.DataFrame, other: pl.DataFrame) -> set[str]:
    return {c for c in one.columns if not one[c].equals(other[c], null_equal=True)}


def test_the_fives_do_differ(knowing: list[pl.DataFrame]) -> None:
    one, other, none = knowing
    assert one["is_starter"].sum() >= 10
    assert none["is_starter"].null_count() == none.height
    assert differing(one, other) == differing(one, none) == KNOWS_THE_FIVE


def test_hidden_fives_leave_no_trace(knowing: list[pl.DataFrame]) -> None:
    read = [*dict.fromkeys([*PLAY_FEATURES, *MINUTES_COLUMNS, STATUS_KNOWN])]
    one, other, none = (prepared(hide_starters(rows)) for rows in knowing)
    for rows in (one, other):
        assert_frame_equal(rows.select(read), none.select(read), check_exact=True)
    prob = np.linspace(0, 1, none.height)
    with_lineup = [add_likely_columns(rows, prob) for rows in (one, other, none)]
    for rows in with_lineup[:2]:
        assert_frame_equal(rows.select(MINUTES_FEATURES), with_lineup[2].select(MINUTES_FEATURES), check_exact=True)
        assert np.array_equal(base_minutes(rows), base_minutes(with_lineup[2]))


def test_hiding_takes_nothing_else(knowing: list[pl.DataFrame]) -> None:
    one, _, none = knowing
    assert differing(hide_starters(one), one) == KNOWS_THE_FIVE - {"bench_tier"}  # which no minutes booster reads
    assert "bench_tier" not in {*PLAY_FEATURES, *MINUTES_FEATURES}
    assert differing(hide_starters(none), none) == set()  # nothing to hide where nothing was known


def test_masks_of_rates_and_shots_hide_the_five_as_well(knowing: list[pl.DataFrame]) -> None:
    one, other, none = knowing
    for config in (OffsetConfig(mask_starters=1.0), EfficiencyConfig(mask_starters=1.0)):
        masked = [mask_starters(rows, config) for rows in (one, other, none)]
        read = {*RATES_FEATURES, *EFFICIENCY_FEATURES}
        there = [c for c in none.columns if c in read]
        assert {"is_starter", "starters_minutes_blind"} <= set(there)
        for rows in masked[:2]:
            assert_frame_equal(rows.select(there), masked[2].select(there), check_exact=True)
    assert mask_starters(one, OffsetConfig(mask_starters=0.0)).equals(one)
