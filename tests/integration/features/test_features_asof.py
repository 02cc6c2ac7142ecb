"""No feature may see its own day or later: truncation, poisoning and parity over every registered family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.features import (
    dvp,
    dvp_role,
    opponent_allowed,
    play_style,
    player_form,
    player_role,
    registry,
    rotation,
    team_form,
    team_strength,
)
from rates_lib.features.allowed import allowed_ratios
from rates_lib.features.assemble import add_minutes, add_supply, player_game_training, training_base
from rates_lib.features.history import History
from rates_lib.features.minutes_form import blind_prior
from rates_lib.features.paint import paint_rates
from rates_lib.features.player_rates import RATE_STATS, shrunk_rates
from rates_lib.features.positions import add_positions
from rates_lib.features.registry import FAMILIES, Family
from rates_lib.features.role_profile import profiles
from rates_lib.models.feature_sets import EFFICIENCY_FEATURES, MINUTES_COLUMNS, RATES_FEATURES, RATES_STAGE2
from rates_lib.schemas import validate
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import LABEL_COUNTS, TABLES
from tests.frames.histories import all_features, joined, poisoned, random_history

HISTORY = random_history()
DAYS = sorted(HISTORY.game["game_date"].unique().to_list())
CUTS = [DAYS[0], DAYS[3], DAYS[13], DAYS[14], DAYS[20], DAYS[-1]]  # first day, mid-season, either side of the summer, the last
FIRST_ESTIMATE = player_role.role_estimates(HISTORY).players["estimate_date"].min()  # of roles: before it too little is known of anybody


def tonight(history: History, day: date) -> pl.DataFrame:
    return history.game.filter(pl.col("game_date") == day)


@cache
def cut_off(cut: date) -> History:
    return HISTORY.before(cut)


@cache
def spoilt_from(cut: date) -> History:
    return poisoned(HISTORY, cut)


@cache
def built(family: Family, history: Callable[[date], History], games: Callable[[date], pl.DataFrame], cut: date) -> pl.DataFrame:
    """Rows of `family` for some games of what is known at a cut: several tests ask for the same."""
    return family.build(history(cut), games(cut))


def all_known(_: date) -> History:
    return HISTORY


def all_games(_: date) -> pl.DataFrame:
    return HISTORY.game


def games_up_to(cut: date) -> pl.DataFrame:
    return HISTORY.game.filter(pl.col("game_date") <= cut)


@cache
def of_tonight(history: Callable[[date], History], cut: date) -> pl.DataFrame:
    """`all_features` of the games of the day of a cut."""
    games = tonight(HISTORY, cut)
    return joined({family.table: built(family, history, tonight_of, cut) for family in FAMILIES}, games)


def tonight_of(cut: date) -> pl.DataFrame:
    return tonight(HISTORY, cut)


def known_candidates(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Rows of `frame` that are also in `other`: who merely appeared is a candidate only once the box score is there."""
    key = [c for c in ("game_id", "team_id", "player_id") if c in frame.columns]
    return frame.join(other.select(key), on=key, how="semi", maintain_order="left")


def check_truncation(family: Family, cut: date) -> None:
    """Features of a day's games are the same when nothing of that day or later has happened yet."""
    whole, truncated = (built(family, history, tonight_of, cut).drop(family.labels) for history in (all_known, cut_off))
    assert truncated.height > 0 or (family.table == "gold.player_role" and cut < FIRST_ESTIMATE)
    assert_frame_equal(known_candidates(whole, truncated), truncated, check_exact=True)


def check_poison(family: Family, cut: date) -> None:
    """Features up to a day are the same when all that happens from that day on is absurd."""
    clean, spoilt = (built(family, history, games_up_to, cut).drop(family.labels) for history in (all_known, spoilt_from))
    assert_frame_equal(spoilt, known_candidates(clean, spoilt), check_exact=True)
    on_the_day = clean.filter(pl.col("game_date") == cut).height if "game_date" in clean.columns else 0  # estimates know nobody of the day
    assert clean.height - spoilt.height <= on_the_day


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.table)
@pytest.mark.parametrize("cut", CUTS)
def test_truncation_changes_no_feature(family: Family, cut: date) -> None:
    check_truncation(family, cut)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.table)
@pytest.mark.parametrize("cut", CUTS)
def test_poison_changes_no_feature(family: Family, cut: date) -> None:
    check_poison(family, cut)


# --- planted leaks: the checks above must fail for each -------------------------------------------------------------------------


def next_day(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that think they are of tomorrow: what is before them includes today."""
    return rows.with_columns(pl.col("game_date") + pl.duration(days=1))


def with_todays_rates(history: History, games: pl.DataFrame) -> pl.DataFrame:
    rows = player_form.build(history, games)
    rates, _, _ = shrunk_rates(next_day(rows), history, [10])
    return rows.with_columns(pl.Series("ast_per_min_hl10", rates[:, 0, RATE_STATS.index("ast")]))


def with_todays_minutes(history: History, games: pl.DataFrame) -> pl.DataFrame:
    rows = player_form.build(history, games)
    return rows.with_columns(blind_prior(next_day(rows), history).alias("minutes_prior_blind"))


def with_todays_points(history: History, games: pl.DataFrame) -> pl.DataFrame:
    own = history.player_game.select("game_id", "player_id", "pts")
    return player_form.build(history, games).join(own, on=["game_id", "player_id"], how="left", maintain_order="left")


def with_todays_defence(history: History, games: pl.DataFrame) -> pl.DataFrame:
    rows = opponent_allowed.build(history, games)
    defending = next_day(rows).select("season", "game_date", pl.col("team_id").alias("opponent_id"))
    ratios = allowed_ratios(defending, history, ["opponent_id"], [8], 3.0)
    return rows.with_columns(pl.Series("def_pts_ratio_hl8", ratios[:, 0, RATE_STATS.index("pts")]))


def with_todays_company(history: History, games: pl.DataFrame) -> pl.DataFrame:
    there = history.appearances().group_by("game_id", "team_id").agg(pl.len().cast(pl.Int64).alias("appeared"))
    return rotation.build(history, games).join(there, on=["game_id", "team_id"], how="left", maintain_order="left")


def with_the_seasons_end(history: History, games: pl.DataFrame) -> pl.DataFrame:
    end = history.team_game.group_by("season", "team_id").agg(pl.col("pts").sum().alias("season_pts"))
    return team_form.build(history, games).join(end, on=["season", "team_id"], how="left", maintain_order="left")


def with_todays_allowance(history: History, games: pl.DataFrame) -> pl.DataFrame:
    rows = dvp.build(history, games)
    defending = next_day(rows).select("season", "game_date", pl.col("team_id").alias("opponent_id"), "position_primary")
    ratios = allowed_ratios(defending, history, ["opponent_id", "position_primary"], [25], 8.0)
    return rows.with_columns(pl.Series("dvp_pts_ratio", ratios[:, 0, RATE_STATS.index("pts")]))


def with_todays_allowance_to_roles(history: History, games: pl.DataFrame) -> pl.DataFrame:
    rows = dvp_role.build(history, games)
    return rows.with_columns(pl.Series("allowed_pts_per_100", dvp.possessions_per_min(next_day(rows), history)))


def with_todays_paint(history: History, games: pl.DataFrame) -> pl.DataFrame:
    rows = play_style.build(history, games)
    rates = paint_rates(next_day(add_positions(rows, history)), history)
    return rows.with_columns(pl.Series("style_paint_pts_per_min", rates))


def with_todays_part(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Estimates that count the games of the last day asked for."""
    rows = player_role.build(history, games)
    x, _ = profiles(next_day(rows.with_columns(pl.lit(games["game_date"].max()).alias("game_date"))), history)
    return rows.with_columns(pl.Series("role_dist_helio", x[:, 0]))


def with_todays_ratings(history: History, games: pl.DataFrame) -> pl.DataFrame:
    rows = team_strength.build(history, games)
    kept = [c for c in rows.columns if c not in ("elo", "game_date")]
    elo = team_strength._with_elo(next_day(rows.drop("elo")), history).select("game_id", "team_id", "elo")
    return rows.select(*kept, "game_date").join(elo, on=["game_id", "team_id"], how="left", maintain_order="left")


LEAKS = (
    Family("gold.player_form", with_todays_rates, labels=("played",)),
    Family("gold.player_form", with_todays_minutes, labels=("played",)),
    Family("gold.player_form", with_todays_points, labels=("played",)),
    Family("gold.opponent_allowed", with_todays_defence),
    Family("gold.rotation", with_todays_company),
    Family("gold.team_form", with_the_seasons_end),
    Family("gold.dvp", with_todays_allowance),
    Family("gold.dvp_role", with_todays_allowance_to_roles),
    Family("gold.play_style", with_todays_paint),
    Family("gold.player_role", with_todays_part),
    Family("gold.team_strength", with_todays_ratings),
)


@pytest.mark.parametrize("check", [check_truncation, check_poison], ids=["truncation", "poison"])
@pytest.mark.parametrize("leak", LEAKS, ids=lambda f: f.build.__name__)
def test_a_planted_leak_turns_the_checks_red(leak: Family, check: Callable[[Family, date], None]) -> None:
    cut = CUTS[-1] if leak.table in ("gold.play_style", "gold.player_role") else CUTS[2]  # these two know enough only late
    honest = next(family for family in FAMILIES if family.table == leak.table)
    check(honest, cut)
    with pytest.raises(AssertionError):
        check(leak, cut)


# --- one game or all of them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.table)
def test_a_game_alone_equals_the_game_among_all(family: Family) -> None:
    everything = built(family, all_known, all_games, DAYS[-1])
    for day in CUTS:
        games = tonight(HISTORY, day)
        alone = built(family, all_known, tonight_of, day)
        rows_of = alone.select("estimate_date").unique() if "estimate_date" in alone.columns else games.select("game_id")
        assert_frame_equal(everything.join(rows_of, on=rows_of.columns, how="semi", maintain_order="left"), alone, check_exact=True)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.table)
def test_family_fits_its_table(family: Family) -> None:
    validate.check(built(family, all_known, all_games, DAYS[-1]), family.table)


# --- what the models read: the joins as well -----------------------------------------------------------------------------------


def predicted_minutes(rows: pl.DataFrame, *, model: bool) -> pl.DataFrame:
    """Minutes that do not depend on outcomes, or those of a season without a model."""
    made = {"minutes_p10": 10.0, "minutes_p50": 20.0, "minutes_p90": 30.0, "play_prob": 0.9}
    numbers = (pl.lit(value if model else None, pl.Float64).alias(name) for name, value in made.items())
    return rows.select("game_id", "player_id", *numbers, pl.lit("walk_forward" if model else "none").alias("minutes_source"))


def supplied(rows: pl.DataFrame, *, model: bool) -> pl.DataFrame:
    return add_supply(add_minutes(rows, predicted_minutes(rows, model=model))).drop("played")


@cache
def up_to(cut: date) -> History:
    return replace(HISTORY, game=games_up_to(cut))


@cache
def up_to_and_spoilt(cut: date) -> History:
    return poisoned(up_to(cut), cut)


@cache
def of_all_games(known: Callable[[date], History], cut: date) -> pl.DataFrame:
    """`all_features` of all games of a history."""
    return all_features(known(cut), known(cut).game)


def training_rows(known: Callable[[date], History], cut: date, *, model: bool) -> pl.DataFrame:
    """gold.player_game_training of all games of a history, but the labels."""
    rows, history = of_all_games(known, cut), known(cut)
    made = player_game_training(rows, predicted_minutes(rows, model=model), history.player_game)
    assert_frame_equal(training_base(made), made.select(TABLES["gold.rates_training_base"].columns))
    return made.drop("minutes_actual", *LABEL_COUNTS, *(f"{t}_per_min" for t in RATE_TARGETS))


@pytest.mark.parametrize("model", [True, False], ids=["minutes model", "none yet"])
@pytest.mark.parametrize("cut", CUTS)
def test_truncation_changes_nothing_of_what_models_read(cut: date, model: bool) -> None:
    whole, truncated = (supplied(of_tonight(known, cut), model=model) for known in (all_known, cut_off))
    assert truncated.height > 0
    assert_frame_equal(known_candidates(whole, truncated), truncated, check_exact=True)


@pytest.mark.parametrize("model", [True, False], ids=["minutes model", "none yet"])
@pytest.mark.parametrize("cut", CUTS)
def test_poison_changes_no_column_of_the_training_rows(cut: date, model: bool) -> None:
    clean, spoilt = (training_rows(known, cut, model=model) for known in (up_to, up_to_and_spoilt))
    assert clean.height > 0
    assert_frame_equal(known_candidates(spoilt, clean), known_candidates(clean, spoilt), check_exact=True)


def test_every_column_that_a_model_reads_is_in_the_training_rows() -> None:
    rows = training_rows(all_known, DAYS[-1], model=True)
    for read in (RATES_FEATURES, EFFICIENCY_FEATURES, RATES_STAGE2):
        assert not set(read) - set(rows.columns)
    assert not set(MINUTES_COLUMNS) - set(of_tonight(all_known, DAYS[-1]).columns)


def test_training_rows_fit_their_tables_and_hold_who_played() -> None:
    rows = of_all_games(all_known, DAYS[-1])
    made = player_game_training(rows, predicted_minutes(rows, model=True), HISTORY.player_game)
    validate.check(made, "gold.player_game_training")
    validate.check(training_base(made), "gold.rates_training_base")
    key = ["game_id", "player_id"]
    assert made.select(key).sort(key).equals(HISTORY.appearances().select(key).sort(key))
    box = made.select(*key, *LABEL_COUNTS).sort(key)
    assert box.equals(HISTORY.appearances().select(box.columns).sort(key))


def test_every_gold_form_is_registered() -> None:
    made_from_models = {"gold.minutes_walk_forward", "gold.rates_training_base", "gold.player_game_training", "gold.team_matchup_training"}
    by_month = {"gold.player_impact"}
    assert {f.table for f in registry.FAMILIES} == {t for t in TABLES if t.startswith("gold.")} - made_from_models - by_month


def test_opening_day_without_lists_has_last_seasons_team() -> None:
    opening = DAYS[14]
    history = replace(HISTORY.before(opening), availability=HISTORY.availability.clear())
    rows = player_form.build(history, tonight(HISTORY, opening))
    assert rows.group_by("team_id").len()["len"].min() >= 5  # type: ignore[operator]
    assert rows["status"].unique().to_list() == ["unknown"]
    assert rows["availability_source"].unique().to_list() == ["none"]


def test_a_debut_has_no_form_and_a_full_row() -> None:
    history = replace(HISTORY, player_game=HISTORY.player_game.clear(), team_game=HISTORY.team_game.clear())
    rows = player_form.build(history, tonight(HISTORY, DAYS[5]))
    assert rows["season_form_source"].unique().to_list() == ["none"]
    assert rows["season_mpg"].null_count() == rows.height
    validate.check(rows, "gold.player_form")


def test_the_league_of_these_tests_has_roles_paint_and_tracking() -> None:
    """Or truncation and poisoning would compare nulls."""
    rows = of_tonight(all_known, CUTS[-1])
    assert rows["role_source"].unique().to_list() == ["estimate"]
    for column in (
        "role_prob_hub",
        "dvp_role_pts_ratio",
        "style_paint_pts_per_min",
        "opp_pts_paint_ratio_hl30",
        "matchup_paint_pts_per_min",
    ):
        assert rows[column].null_count() == 0, column
    assert rows["style_drives_per_min"].count() > 10
    assert rows.select(c for c in rows.columns if c.startswith("dvp_role_")).to_numpy().std() > 0.01
