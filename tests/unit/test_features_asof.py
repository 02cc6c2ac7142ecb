"""No feature may see its own day or later: truncation, poisoning and parity over every registered family."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.features import registry
from rates_lib.features.assemble import player_features, training_base
from rates_lib.features.history import History
from rates_lib.features.player_form import build as build_player_form
from rates_lib.features.registry import FAMILIES, Family
from rates_lib.schemas import validate
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from tests.histories import poisoned, random_history

HISTORY = random_history()
DAYS = sorted(HISTORY.game["game_date"].unique().to_list())
CUTS = [DAYS[0], DAYS[3], DAYS[13], DAYS[14], DAYS[20], DAYS[-1]]  # first day, mid-season, either side of the summer, the last


def tonight(history: History, day: date) -> pl.DataFrame:
    return history.game.filter(pl.col("game_date") == day)


def features(family: Family, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop(family.labels)


def known_candidates(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Rows of `frame` that are also in `other`: who merely appeared is a candidate only once the box score is there."""
    key = [c for c in ("game_id", "team_id", "player_id") if c in frame.columns]
    return frame.join(other.select(key), on=key, how="semi", maintain_order="left")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.table)
@pytest.mark.parametrize("cut", CUTS)
def test_truncation_changes_no_feature(family: Family, cut: date) -> None:
    games = tonight(HISTORY, cut)
    whole = features(family, family.build(HISTORY, games))
    truncated = features(family, family.build(HISTORY.before(cut), games))
    assert truncated.height > 0
    assert_frame_equal(known_candidates(whole, truncated), truncated, check_exact=True)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.table)
@pytest.mark.parametrize("cut", CUTS)
def test_poison_changes_no_feature(family: Family, cut: date) -> None:
    games = HISTORY.game.filter(pl.col("game_date") <= cut)
    clean = features(family, family.build(HISTORY, games))
    spoilt = features(family, family.build(poisoned(HISTORY, cut), games))
    assert_frame_equal(spoilt, known_candidates(clean, spoilt), check_exact=True)
    assert clean.height - spoilt.height <= clean.filter(pl.col("game_date") == cut).height


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.table)
def test_a_game_alone_equals_the_game_among_all(family: Family) -> None:
    everything = family.build(HISTORY, HISTORY.game)
    for day in CUTS:
        games = tonight(HISTORY, day)
        alone = family.build(HISTORY, games)
        assert_frame_equal(
            everything.join(games.select("game_id"), on="game_id", how="semi", maintain_order="left"), alone, check_exact=True
        )


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.table)
def test_family_fits_its_table(family: Family) -> None:
    validate.check(family.build(HISTORY, HISTORY.game), family.table)


def training_rows(history: History) -> pl.DataFrame:
    """What the rates model reads of all games but the labels, with lines and minutes that do not depend on outcomes."""
    games = history.game
    forms = {family.table: family.build(history, games) for family in FAMILIES}
    lines = {"as_of": "close", "spread_home": -3.5, "total": 220.0, "home_itt": 111.75, "away_itt": 108.25}
    odds = games.select("game_id", *(pl.lit(value).alias(name) for name, value in lines.items()))
    rows = player_features(
        forms["gold.player_form"], forms["gold.team_form"], forms["gold.opponent_allowed"], forms["gold.tracking_rollups"], odds, games
    )
    predicted = {"minutes_p10": 10.0, "minutes_p50": 20.0, "minutes_p90": 30.0, "play_prob": 0.9, "minutes_source": "walk_forward"}
    minutes = rows.select("game_id", "player_id", *(pl.lit(value).alias(name) for name, value in predicted.items()))
    base = training_base(rows, minutes, history.player_game)
    return base.drop("minutes_actual", *(f"{t}_per_min" for t in RATE_TARGETS))


@pytest.mark.parametrize("cut", CUTS)
def test_poison_changes_no_column_of_the_training_base(cut: date) -> None:
    upto = replace(HISTORY, game=HISTORY.game.filter(pl.col("game_date") <= cut))
    clean, spoilt = training_rows(upto), training_rows(poisoned(upto, cut))
    assert clean.height > 0
    assert_frame_equal(known_candidates(spoilt, clean), known_candidates(clean, spoilt), check_exact=True)


def test_a_planted_leak_turns_poisoning_red() -> None:
    def leaky(history: History, games: pl.DataFrame) -> pl.DataFrame:
        own = history.player_game.select("game_id", "player_id", "pts")
        return build_player_form(history, games).join(own, on=["game_id", "player_id"], how="left", maintain_order="left")

    family = Family("gold.player_form", leaky, labels=("played",))
    with pytest.raises(AssertionError):
        test_poison_changes_no_feature(family, CUTS[2])


def test_every_gold_form_is_registered() -> None:
    made_from_models = {"gold.minutes_walk_forward", "gold.rates_training_base"}
    assert {f.table for f in registry.FAMILIES} == {t for t in TABLES if t.startswith("gold.")} - made_from_models


def test_opening_day_without_lists_has_last_seasons_team() -> None:
    opening = DAYS[14]
    history = replace(HISTORY.before(opening), availability=HISTORY.availability.clear())
    rows = build_player_form(history, tonight(HISTORY, opening))
    assert rows.group_by("team_id").len()["len"].min() >= 5  # type: ignore[operator]
    assert rows["status"].unique().to_list() == ["unknown"]
    assert rows["availability_source"].unique().to_list() == ["none"]


def test_a_debut_has_no_form_and_a_full_row() -> None:
    history = replace(HISTORY, player_game=HISTORY.player_game.clear(), team_game=HISTORY.team_game.clear())
    rows = build_player_form(history, tonight(HISTORY, DAYS[5]))
    assert rows["season_form_source"].unique().to_list() == ["none"]
    assert rows["season_mpg"].null_count() == rows.height
    validate.check(rows, "gold.player_form")
