"""Features of a slate equal those of training: on the tiny league, for several days, one of them an opening day."""

from datetime import date, datetime, timedelta

import polars as pl

from rates_lib.core.calendar import EASTERN
from rates_lib.pipeline.slate import build_slate
from tests.integration.conftest import Chain
from tests.parity import assert_parity


def test_past_slates_equal_the_training_base(chain: Chain) -> None:
    days = chain.lake.read("silver.game", [2024])["game_date"].unique().sort()
    for day in (days[0], date.fromisoformat(chain.day), days[-1]):
        played = chain.lake.read("gold.rates_training_base", [2024]).filter(pl.col("game_date") == day)
        assert assert_parity(chain.lake, day) == played.height > 0


def test_box_scores_after_as_of_are_not_known(chain: Chain) -> None:
    day = max(chain.lake.read("silver.game", [2024])["game_date"])
    week_before = datetime.combine(day - timedelta(days=7), datetime.min.time(), EASTERN)
    early, late = (build_slate(chain.lake, day, as_of) for as_of in (week_before, week_before + timedelta(days=7)))
    assert (early.inputs.features["days_since_last_game"].drop_nulls() > 7).all()
    assert (late.inputs.features["days_since_last_game"].drop_nulls() <= 7).any()
    assert early.inputs.known_before == day - timedelta(days=7)
    cut = build_slate(chain.lake, day, week_before).inputs.features
    assert (
        cut["season_games"].sum() < late.inputs.features.filter(pl.col("player_id").is_in(cut["player_id"].to_list()))["season_games"].sum()
    )
