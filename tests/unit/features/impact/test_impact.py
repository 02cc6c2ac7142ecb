"""Impact: planted impacts are found again, box scores come close to stints, nothing of tomorrow is in today's estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib import asof
from rates_lib.evaluation.impact import exposures
from rates_lib.features.impact import config
from rates_lib.features.impact.equations import BOX_COUNTS, Evidence, _together, add_box_scores, add_stints
from rates_lib.features.impact.estimates import impact_dates, player_impact
from rates_lib.features.impact.games import ImpactTables, box_rows, evidence_of, players_of, stint_rows
from rates_lib.features.impact.posterior import Impact, estimate
from rates_lib.schemas.validate import check
from tests.frames.stints import COURT, ROSTER, TEAMS, league, true_impacts


def without_stints(games: ImpactTables) -> ImpactTables:
    return replace(games, stint=games.stint.clear())


def season_fit(games: ImpactTables, penalty: float) -> tuple[Evidence, Impact]:
    box, stints = (rows.with_columns(pl.lit(1.0).alias("weight")) for rows in (box_rows(games), stint_rows(games)))
    evidence = evidence_of(box, stints, players_of(box, stints))
    return evidence, estimate(evidence, penalty=penalty)


LONG = league(rounds=80, possessions=16.0)
TWO = league((2020, 2021), rounds=12)
SHUFFLED = ImpactTables(**{name: frame.sample(fraction=1, shuffle=True, seed=1) for name, frame in vars(TWO).items()})
CUTS = impact_dates(TWO.game, 2021)


# --- planted impacts ----------------------------------------------------------------------------------------------------------


def test_planted_impacts_are_recovered_from_stints() -> None:
    truth = true_impacts()
    evidence, found = season_fit(league(rounds=40, possessions=40, noise=0.0), 1.0)  # no noise but rounding
    net = found.offence + found.defence
    weight = evidence.possessions.sum(1)
    expected = truth.sum(1) - np.average(truth.sum(1), weights=weight)
    np.testing.assert_allclose(net, expected, atol=1.0)
    assert found.home_court == pytest.approx(COURT, abs=0.5)
    _, noisy = season_fit(LONG, 1500.0)
    for end, value in ((0, noisy.offence), (1, noisy.defence)):
        assert np.corrcoef(value, truth[:, end])[0, 1] > 0.8


def test_box_scores_come_close_to_stints_without_seeing_them() -> None:
    truth = true_impacts().sum(1)
    _, stints = season_fit(LONG, 1500.0)
    evidence, box = season_fit(without_stints(LONG), 1500.0)
    assert evidence.from_stints.sum() == 0
    r = [float(np.corrcoef(found.offence + found.defence, truth)[0, 1]) for found in (stints, box)]
    raw = LONG.player_game.group_by("player_id").agg(pl.col("plus_minus").sum()).sort("player_id")["plus_minus"].to_numpy()
    assert r[0] > 0.8
    assert r[1] > r[0] - 0.1
    assert r[1] > np.corrcoef(raw, truth)[0, 1] + 0.1  # team-mates and opponents are told apart


def test_if_nobody_is_changed_box_scores_say_what_stints_say() -> None:
    """Five a side for the whole game: nothing is left to expectation, so the equations are those of one stint."""
    box = pl.DataFrame(
        {
            "game_id": "g", "team_id": ["a"] * 5 + ["b"] * 5, "player": range(10), "seconds": 2880.0, "team_seconds": 14_400,
            "possessions": 90.0, "pts_team": [104] * 5 + [97] * 5, "pts_opponent": [97] * 5 + [104] * 5, "plus_minus": [7] * 5 + [-7] * 5,
            "home_court": [1.0] * 5 + [-1.0] * 5, "starter": 1, "weight": 0.5,
        }
    )  # fmt: skip
    stint = pl.DataFrame(
        {
            "home_possessions": [90.0],
            "away_possessions": 90.0,
            "home_pts_stint": 104,
            "away_pts_stint": 97,
            "home_court": 1.0,
            "weight": 0.5,
        }
    )
    by_box, by_stint = Evidence.none(10), Evidence.none(10)
    add_box_scores(by_box, box, margin_weight=0.0)
    add_stints(by_stint, stint, np.arange(5)[None], np.arange(5, 10)[None])
    np.testing.assert_allclose(by_box.gram, by_stint.gram, atol=1e-9)
    np.testing.assert_allclose(by_box.right, by_stint.right, atol=1e-9)
    np.testing.assert_allclose(by_box.possessions, by_stint.possessions)


def test_expected_time_together_adds_up() -> None:
    share = np.array([0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.5, 0.3])  # sums to five
    one, other = (np.asarray(x.ravel(), np.int64) for x in np.meshgrid(np.arange(8), np.arange(8)))
    odds = np.where(one == other, 0.0, share[one] * share[other] * np.where((one < 5) == (other < 5), 2.35, 1.0))
    together = _together(one, other, odds, 4 * share)
    np.testing.assert_allclose(np.bincount(one, together), 4 * share, rtol=0.01)
    pairs = together.reshape(8, 8)
    np.testing.assert_allclose(pairs, pairs.T)
    assert pairs[0, 1] / (share[0] * share[1]) > pairs[0, 6] / (share[0] * share[6])  # starters with starters


def test_errors_are_those_of_the_prior_without_games_and_shrink_with_them() -> None:
    rows = player_impact(TWO, 2021)
    prior = config.POINTS_SD * (2 / config.PENALTY) ** 0.5
    first, last = (rows.filter(pl.col("estimate_date") == d) for d in (CUTS[0], CUTS[-1]))
    assert rows["impact_se"].max() < 1.1 * prior
    assert rows["impact_se"].min() > 0
    both = first.join(last, on="player_id", suffix="_last")
    assert (both["impact_se_last"] < both["impact_se"]).all()
    by_time = last.sort("possessions_off")["impact_se"].to_numpy()
    assert by_time[:10].mean() > by_time[-10:].mean()


def test_errors_cover_the_truth() -> None:
    """The model is right here but for its prior, so nine of ten planted impacts lie within 1.645 errors."""
    variance = 2 * 2.5**2
    _, found = season_fit(LONG, config.POINTS_SD**2 * 2 / variance)
    truth = true_impacts().sum(1)
    z = (found.offence + found.defence - truth + truth.mean()) / found.error
    assert 0.8 < np.mean(np.abs(z) < 1.645) <= 1


# --- as of ---------------------------------------------------------------------------------------------------------------------


def truncated(games: ImpactTables, day: date) -> ImpactTables:
    """Nothing of `day` and later has happened; the schedule stays."""
    late = games.game.filter(pl.col("game_date") >= day).select("game_id")
    return replace(
        games, **{name: getattr(games, name).join(late, on="game_id", how="anti") for name in ("player_game", "team_game", "stint")}
    )


def poisoned(games: ImpactTables, day: date) -> ImpactTables:
    """All that happens from `day` on is absurd."""
    late = games.game.filter(pl.col("game_date") >= day)["game_id"]
    bad = pl.col("game_id").is_in(late.implode())

    def spoil(frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
        return frame.with_columns(pl.when(bad).then(9_999).otherwise(pl.col(c)).cast(frame.schema[c]).alias(c) for c in columns)

    return replace(
        games,
        player_game=spoil(games.player_game, ("plus_minus", "seconds", *BOX_COUNTS)).with_columns(
            pl.when(bad).then(pl.lit("nobody")).otherwise("player_name").alias("player_name")
        ),
        team_game=spoil(games.team_game, ("pts", "opp_pts", "possessions")),
        stint=spoil(games.stint, ("home_pts_stint", "away_pts_stint", "home_possessions")),
    )


def check_asof(games: ImpactTables, change: Callable[[ImpactTables, date], ImpactTables], cut: date) -> None:
    rows = player_impact(games, 2021).filter(pl.col("estimate_date") <= cut)
    changed = player_impact(change(games, cut), 2021).filter(pl.col("estimate_date") <= cut)
    assert rows.height > 0
    assert_frame_equal(rows, changed, check_exact=True)


MIXED = replace(TWO, stint=TWO.stint.filter(pl.col("season") == 2020))  # stints of one season, box scores of the next


@pytest.mark.parametrize("change", [truncated, poisoned])
@pytest.mark.parametrize("games", [TWO, MIXED], ids=["stints", "box"])
def test_what_comes_later_changes_nothing(games: ImpactTables, change: Callable[[ImpactTables, date], ImpactTables]) -> None:
    for cut in (CUTS[0], CUTS[2], CUTS[-1]):
        check_asof(games, change, cut)


def test_a_planted_leak_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """ImpactTables of an estimate's own day, or of its whole month, would show."""
    day = TWO.game.filter(pl.col("season") == 2021)["game_date"].sort()[10].replace(day=1)
    moved = TWO.game.with_columns(
        pl.when(pl.col("game_date") == pl.col("game_date").filter(pl.col("game_date") >= day).min())
        .then(pl.lit(day)).otherwise("game_date").alias("game_date")
    )  # fmt: skip
    games = replace(
        TWO,
        game=moved,
        player_game=TWO.player_game.drop("game_date").join(moved.select("game_id", "game_date"), on="game_id", how="left"),
    )
    check_asof(games, truncated, day)  # a game on the date of the estimate is not before it

    def on_the_day(rows: pl.DataFrame, dates: pl.Series, name: str) -> pl.DataFrame:
        later = dates.search_sorted(rows["game_date"], side="left")
        return rows.with_columns(dates.gather(later.set(later == len(dates), None)).alias(name))

    monkeypatch.setattr(asof, "known_from", on_the_day)
    with pytest.raises(AssertionError):
        check_asof(games, truncated, day)
    with pytest.raises(AssertionError):
        check_asof(games, poisoned, day)


def test_games_without_a_date_are_known_when_the_season_is_over() -> None:
    undated = replace(TWO, game=TWO.game.filter(pl.col("season") == 2021), player_game=TWO.player_game.filter(pl.col("season") == 2021))
    alone = replace(undated, game=undated.game.clear(), player_game=undated.player_game.clear(), team_game=TWO.team_game.clear())
    assert player_impact(alone, 2020).is_empty()
    first = player_impact(undated, 2021).filter(pl.col("estimate_date") == date(2021, 10, 12))
    assert first.height == TEAMS * ROSTER
    assert first["impact_source"].unique().to_list() == ["stints"]
    changed = replace(undated, stint=undated.stint.with_columns(pl.when(pl.col("season") == 2020).then("home_pts_stint").otherwise(30)
                                                                .cast(pl.Int64).alias("home_pts_stint")))  # fmt: skip
    assert_frame_equal(first, player_impact(changed, 2021).filter(pl.col("estimate_date") == date(2021, 10, 12)), check_exact=True)


# --- rows ------------------------------------------------------------------------------------------------------------------------


def test_dates_are_the_seasons_first_day_and_its_months() -> None:
    days = [date(2021, 10, 19), date(2021, 11, 3), date(2022, 1, 1), date(2022, 4, 10)]
    game = pl.DataFrame({"season": 2021, "game_date": days})
    assert impact_dates(game, 2021) == [date(2021, 10, 12), date(2021, 11, 1), date(2022, 1, 1), date(2022, 4, 1)]
    assert impact_dates(game, 2022) == [date(2022, 10, 12)]


def test_who_was_seen_carries_over_and_who_was_not_is_no_row() -> None:
    rookie, gone = "p08", "p17"
    here = replace(
        MIXED,
        player_game=MIXED.player_game.filter(
            (pl.col("player_id") != rookie) | (pl.col("season") == 2021), (pl.col("player_id") != gone) | (pl.col("season") == 2020)
        ),
        stint=MIXED.stint.with_columns(pl.col("home_lineup", "away_lineup").str.replace(rookie, "p99")),
    )
    rows = player_impact(here, 2021)
    of = {d: set(rows.filter(pl.col("estimate_date") == d)["player_id"]) for d in CUTS}
    assert rookie not in of[CUTS[0]]
    assert rookie in of[CUTS[2]]
    assert all(gone in players for players in of.values())
    kept = rows.filter(pl.col("player_id") == gone).sort("estimate_date")
    assert kept["possessions_off"].is_sorted(descending=True)  # only fades
    assert kept["possessions_off"][0] > kept["possessions_off"][-1]
    check(rows, "gold.player_impact")


def test_a_game_is_evidence_once() -> None:
    by_stints, by_box = (player_impact(games, 2021) for games in (TWO, without_stints(TWO)))
    for column in ("possessions_off", "possessions_def"):
        np.testing.assert_allclose(by_stints[column].to_numpy(), by_box[column].to_numpy(), rtol=1e-9)
    assert by_stints["impact_source"].unique().to_list() == ["stints"]
    assert by_box["impact_source"].unique().to_list() == ["box"]
    few = TWO.stint.filter(pl.col("stint") <= 3)  # an eighth of each game
    assert player_impact(replace(TWO, stint=few), 2021).equals(by_box)


def test_names_are_the_newest_known() -> None:
    first = player_impact(MIXED, 2021).filter(pl.col("player_id") == "p00")["player_name"].unique().to_list()
    assert first == ["P 0"]
    silent = replace(MIXED, player_game=MIXED.player_game.with_columns(pl.lit(None, pl.String).alias("player_name")))
    assert player_impact(silent, 2021).filter(pl.col("player_id") == "p00")["player_name"].unique().to_list() == ["listed"]


def test_the_same_games_give_the_same_bits() -> None:
    one, other = player_impact(TWO, 2021), player_impact(SHUFFLED, 2021)
    assert_frame_equal(one, other, check_exact=True)
    later = league((2020, 2021, 2022), rounds=12)
    assert player_impact(replace(later, game=later.game.filter(pl.col("season") < 2022)), 2021).height == one.height


# --- exposures ------------------------------------------------------------------------------------------------------------------


def test_exposures_by_stints_are_those_by_box_scores() -> None:
    by_box = exposures(TWO)
    by_stints = exposures(replace(TWO, player_game=TWO.player_game.clear(), team_game=TWO.team_game.clear()))
    assert_frame_equal(by_box, by_stints.select(by_box.columns), check_dtypes=False)
    assert by_box.group_by("game_id").agg(pl.col("share").sum().abs().alias("sum"))["sum"].max() < 1e-9  # five a side
