"""Training and tonight are one function: on the tiny league, for several days, one of them an opening day."""

from datetime import date

import polars as pl

from tests.integration.conftest import Chain
from tests.parity import assert_parity


def test_past_slates_equal_the_training_base(chain: Chain) -> None:
    days = chain.lake.read("silver.game", [2024])["game_date"].unique().sort()
    for day in (days[0], date.fromisoformat(chain.day), days[-1]):
        played = chain.lake.read("gold.rates_training_base", [2024]).filter(pl.col("game_date") == day)
        assert assert_parity(chain.lake, day) == played.height > 0
