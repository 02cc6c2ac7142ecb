"""A past evening of real games: what is projected that day is what training has."""

from datetime import date

import polars as pl
import pytest

from rates_lib.lake import Lake
from tests.parity import assert_parity
from tests.real.conftest import DATA, DAY, REAL

pytestmark = REAL


def test_training_base_has_the_log_rows_with_minutes(whole: Lake) -> None:
    for season, label in ((2022, "2022-23"), (2023, "2023-24"), (2024, "2024-25")):
        log = pl.read_parquet(DATA / "stats_nba" / "leaguegamelog_player" / f"{label}.parquet").filter(pl.col("MIN") > 0)
        base = whole.read("gold.rates_training_base", [season], ["game_id", "player_id"])
        assert set(base.iter_rows()) == set(log.select("GAME_ID", pl.col("PLAYER_ID").cast(pl.String)).iter_rows())
        assert base.height == log.height


@pytest.mark.parametrize("day", [DAY, date(2024, 10, 22), date(2025, 2, 20)], ids=["active list", "opening night", "proxy"])
def test_past_slates_equal_the_training_base(whole: Lake, day: date) -> None:
    assert assert_parity(whole, day) > 30
