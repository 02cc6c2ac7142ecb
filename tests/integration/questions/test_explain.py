"""Contributions add up, groups cover all features, and every feature has words."""

import math
from datetime import timedelta

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import RatesError, SchemaError
from rates_lib.models.contributions import IDENTITY, LOG, LOGIT, Scale, contributions
from rates_lib.models.feature_groups import GROUP_OF, GROUPS
from rates_lib.models.minutes import predict_minutes, train_minutes
from rates_lib.questions.explain.accounts import ALL_ALIKE, minutes_accounts
from rates_lib.questions.explain.words import in_words
from rates_lib.schemas.columns import COLUMNS
from tests.frames.model import SMALL_MINUTES, START, candidates


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    return pl.DataFrame({name: rng.uniform(0, 1, 400) for name in "abcd"}).with_columns(
        pl.when(pl.col("b") > 0.2).then("b").alias("b")  # some nulls, as in life
    )


@pytest.mark.parametrize("objective", ["huber", "poisson", "binary", "cross_entropy", "regression"])
def test_contributions_sum_to_the_raw_prediction(rows: pl.DataFrame, objective: str) -> None:
    x = rows.to_numpy()
    y = (x[:, 0] + x[:, 2] > 1).astype(float)
    params = {"objective": objective, "num_leaves": 7, "min_data_in_leaf": 5, "verbosity": -1, "num_threads": 1, "seed": 1}
    booster = lgb.train(params, lgb.Dataset(x, y, feature_name=list("abcd")), 20)
    raw = np.asarray(booster.predict(x, raw_score=True, num_threads=1))
    for i in (0, 7, int(rows["b"].is_null().arg_true()[0])):
        effects = contributions(booster, rows[i : i + 1], list("abcd"), 1)
        assert effects.base + math.fsum(effects.by_column.values()) == pytest.approx(raw[i], abs=1e-9)
        assert max(effects.by_column, key=lambda c: abs(effects.by_column[c])) in "ac"


def test_contributions_are_of_one_row(rows: pl.DataFrame) -> None:
    booster = lgb.train({"verbosity": -1}, lgb.Dataset(rows.to_numpy(), rows["a"].to_numpy(), feature_name=list("abcd")), 2)
    with pytest.raises(RatesError, match="400 rows cannot be explained at once"):
        contributions(booster, rows, list("abcd"), 1)
    with pytest.raises(SchemaError, match="the model needs d"):
        contributions(booster, rows[:1].drop("d"), list("abcd"), 1)


@pytest.mark.parametrize(("scale", "start"), [(IDENTITY, 31.0), (LOG, 0.21), (LOGIT, 0.36)])
@pytest.mark.parametrize("raws", [[0.3, -0.1, 0.02], [0.1, -0.1], [1e-12]])
def test_amounts_add_up_from_start_to_end(scale: Scale, start: float, raws: list[float]) -> None:
    end = scale.from_raw(scale.to_raw(start) + math.fsum(raws))
    slope = scale.unit_slope(start, end)
    assert start + math.fsum(raw * slope for raw in raws) == pytest.approx(end, abs=1e-12)
    assert scale.from_raw(scale.to_raw(start)) == pytest.approx(start)
    assert slope == pytest.approx(scale.slope((start + end) / 2), rel=0.05)


@pytest.fixture(scope="module")
def night() -> tuple[pl.DataFrame, object, pl.DataFrame]:
    """Candidates of a day, the bundle for it and its predictions."""
    window = START + timedelta(days=50)
    frame = candidates()
    bundle = train_minutes(frame, window, SMALL_MINUTES)
    day = frame.filter(pl.col("game_date") == window)
    return day, bundle, predict_minutes(day, bundle)


def test_the_probability_to_play_is_odds_times_factors(night) -> None:
    day, bundle, predicted = night
    seen = 0
    for i in (day["status"] == "active").arg_true()[:5]:
        row = predicted.row(i, named=True)
        minutes, plays = minutes_accounts(day, day["player_id"][i], bundle, row["minutes_mean"], row["play_prob"])
        assert minutes.start + math.fsum(p.amount for p in minutes.parts) + minutes.bounded == pytest.approx(row["minutes_mean"], abs=1e-6)
        assert minutes.bounded == pytest.approx(0, abs=1e-6)
        odds = plays.start / (1 - plays.start) * math.prod(p.factor for p in plays.parts)
        assert odds / (1 + odds) == pytest.approx(row["play_prob"], abs=1e-6)
        assert plays.start + math.fsum(p.amount for p in plays.parts) == pytest.approx(row["play_prob"], abs=1e-6)
        assert ALL_ALIKE not in {p.group for p in plays.parts}  # it is the start
        # in the frame, players who have played lately play
        assert plays.parts[0].group == "recent minutes"
        assert plays.parts[0].drivers[0].column == "last10_appearance_share"
        seen += 1
    assert seen == 5


@pytest.mark.parametrize(("source", "status", "words"), [("active_list", "inactive", "status is inactive"), ("proxy", "active", "no list")])
def test_what_a_rule_settles_has_no_contributions(night, source: str, status: str, words: str) -> None:
    day, bundle, _ = night
    day = day.with_columns(pl.lit(source).alias("availability_source"), pl.lit(status).alias("status"))
    row = predict_minutes(day, bundle).row(0, named=True)
    _, plays = minutes_accounts(day, day["player_id"][0], bundle, row["minutes_mean"], row["play_prob"])
    assert plays.start == plays.prediction == row["play_prob"] == (1.0 if status == "active" else 0.0)
    assert plays.parts == []
    assert words in plays.start_words


def test_each_column_is_in_one_group() -> None:
    assert sum(map(len, GROUPS.values())) == len(GROUP_OF)
    assert GROUP_OF["over_share_hl3"] == "recent minutes"
    assert GROUP_OF["play_prob"] == GROUP_OF["status_known"] == "own status"
    # what no rule names falls into this group: nothing else may
    strays = [c for c in GROUPS["own rates and form"] if "_per_min" not in c and c != "season_usage" and not c.endswith("_pct_prior")]
    assert strays == []


@pytest.mark.parametrize("column", sorted(GROUP_OF))
def test_every_feature_has_words(column: str) -> None:
    own_words = in_words(column, 0.76543)
    assert "0.7654" not in own_words  # four digits: the words of a column without a phrase
    for value in (1.0, 0.0, None):
        assert in_words(column, value)


def test_words() -> None:
    assert in_words("absent_minutes_near", 9.83) == "9.8 minutes of absent team-mates near the player's position"
    assert in_words("opp_ast_ratio_hl8", 1.06) == "opponent allows 1.06 times the assists expected, lately"
    assert in_words("dvp_blk_ratio", 0.9) == "opponent allows the player's position 0.90 times the blocks expected"
    assert in_words("team_itt", 118.5) == "team total 118.5"
    assert in_words("team_itt", None) == "no team total"
    assert in_words("spread_close", -3.5) == "favoured by 3.5"
    assert in_words("spread_close", 3.5) == "underdog by 3.5"
    assert in_words("is_starter", 0.0) == "not in the announced five"
    assert in_words("is_starter", None) == "no five announced"
    assert in_words("ast_per_min_hl3", 0.25) == "9.0 assists per 36 in the last few games"
    assert in_words("ast_per_min_hl3", None) == "? assists per 36 in the last few games"
    assert in_words("days_rest", 0.0) == "back-to-back"
    assert in_words("team_games_missed", 1.0) == "missed the team's last game"
    assert in_words("minutes_benched_hl8", None) == "never off the bench"


def test_a_column_without_a_phrase_has_its_description() -> None:
    assert in_words("home_win_prob_market", 0.76543) == "probability of a home win without the vig 0.7654"
    assert in_words("no_such_column", 2.0) == "no such column 2"
    assert all(len(in_words(name, 1.0)) < 160 for name in COLUMNS)
