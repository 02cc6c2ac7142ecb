"""A past slate rebuilt as if it were tonight must equal what training has, column by column, to the last bit."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
from polars.testing import assert_frame_equal

from rates_lib.core.calendar import season_of
from rates_lib.features.assemble import with_minutes
from rates_lib.lake import Lake
from rates_lib.models.minutes import predict_minutes
from rates_lib.models.registry import bundle_of_day
from rates_lib.pipeline.projections import team_matchups
from rates_lib.pipeline.slate import build_slate
from rates_lib.pipeline.training import season_features
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import LABEL_COUNTS, TABLES

LABELS = ("minutes_actual", *LABEL_COUNTS, *(f"{t}_per_min" for t in RATE_TARGETS))


def assert_team_parity(lake: Lake, day: date) -> None:
    """Compare what team models read of a day's games, tonight and in gold.team_matchup_training."""
    tonight = team_matchups(lake, build_slate(lake, day, datetime.now(UTC)).inputs)
    trained = lake.read("gold.team_matchup_training", [season_of(day)]).filter(pl.col("game_date") == day)
    assert tonight.height == trained.height > 0
    assert_frame_equal(tonight, trained.select(tonight.columns), check_exact=True)


def assert_parity(lake: Lake, day: date) -> int:
    """Compare features of all candidates and the training rows of those who played; returns how many of the latter were compared."""
    tonight = build_slate(lake, day, datetime.now(UTC)).inputs.features.drop("played")
    trained = season_features(lake, [season_of(day)]).filter(pl.col("game_date") == day).drop("played")
    known = trained.join(tonight.select("game_id", "player_id"), on=["game_id", "player_id"], how="semi", maintain_order="left")
    assert tonight.height == known.height > 0
    assert_frame_equal(tonight, known, check_exact=True)

    spec = TABLES["gold.player_game_training"]  # the training base is a part of its columns
    assert_team_parity(lake, day)
    base = lake.read(spec.name, [season_of(day)]).filter(pl.col("game_date") == day).drop(LABELS)
    bundle = bundle_of_day(lake, "minutes_v1", day)
    minutes = pl.concat([tonight.select("game_id", "player_id"), predict_minutes(tonight, bundle)], how="horizontal")
    rows = with_minutes(tonight, minutes).select(base.columns).sort(spec.key)
    both = base.join(rows.select("game_id", "player_id"), on=["game_id", "player_id"], how="semi", maintain_order="left")
    live = rows.join(base.select("game_id", "player_id"), on=["game_id", "player_id"], how="semi", maintain_order="left")
    assert_frame_equal(live, both, check_exact=True)
    return both.height
