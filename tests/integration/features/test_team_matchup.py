"""Features of both sides of a game: line-ups against plain sums; matchups against truncation, poison and a planted leak."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.features import lineup
from rates_lib.features.assemble import add_minutes
from rates_lib.features.history import History
from rates_lib.features.lineup import LINEUP, add_impact, lineup_strength
from rates_lib.features.registry import FAMILIES
from rates_lib.features.team_matchup import TEAM_TABLES, TeamInputs, matchups
from tests.frames.histories import all_features, poisoned, random_history

HISTORY = random_history()
DAYS = sorted(HISTORY.game["game_date"].unique().to_list())
CUTS = [DAYS[14], DAYS[20]]  # the first day of a season, and one within it


# --- line-ups --------------------------------------------------------------------------------------------------------------


def with_minutes(history: History, games: pl.DataFrame) -> pl.DataFrame:
    rows = all_features(history, games)
    made = {"minutes_p10": 10.0, "minutes_p50": 20.0, "minutes_p90": 30.0, "play_prob": 0.9}
    numbers = (pl.lit(value).alias(name) for name, value in made.items())
    return add_minutes(rows, rows.select("game_id", "player_id", *numbers, pl.lit("walk_forward").alias("minutes_source")))


def test_a_line_up_is_minutes_times_rates_of_its_first_ten() -> None:
    games = HISTORY.game.filter(pl.col("game_date") == DAYS[20])
    features = with_minutes(HISTORY, games)
    got = lineup_strength(features, HISTORY.player_impact).row(0, named=True)
    mine = features.filter(game_id=got["game_id"], team_id=got["team_id"], foreseen_flag=1).sort("player_id").head(10)
    assert mine.height < 10  # nine a team: all of them count, with the same minutes
    minutes = 240 / mine.height
    rate = (mine["ast_per_min_hl10"] + mine["ast_per_min_hl30"]) / 2
    assert got["lineup_ast"] == pytest.approx(minutes * rate.sum(), abs=1e-4)
    impact = add_impact(mine, HISTORY.player_impact)["impact_per_100"]
    assert got["lineup_impact"] == pytest.approx(minutes / 48 * impact.sum(), abs=1e-4)
    assert got["lineup_star_impact"] == pytest.approx(minutes / 48 * impact.max(), abs=1e-4)


# --- matchups see nothing of their day ---------------------------------------------------------------------------------------


def built(history: History, games: pl.DataFrame) -> pl.DataFrame:
    forms = {family.table: family.build(history, games) for family in FAMILIES if family.table in TEAM_TABLES}
    lines = pl.DataFrame({"game_id": games["game_id"]}).with_columns(as_of=pl.lit("close"), spread_home=pl.lit(-3.5), total=pl.lit(220.0))
    return matchups(TeamInputs(forms, history.player_impact, lines), with_minutes(history, games), games)


def check_truncation(cut: date) -> None:
    games = HISTORY.game.filter(pl.col("game_date") == cut)
    assert_frame_equal(built(HISTORY, games), built(HISTORY.before(cut), games), check_exact=True)


def check_poison(cut: date) -> None:
    games = HISTORY.game.filter(pl.col("game_date").is_in([*DAYS[10:12], cut]))
    assert_frame_equal(built(HISTORY, games), built(poisoned(HISTORY, cut), games), check_exact=True)


@pytest.mark.parametrize("check", [check_truncation, check_poison])
@pytest.mark.parametrize("cut", CUTS)
def test_matchups_see_nothing_of_their_day(check: Callable[[date], None], cut: date) -> None:
    check(cut)


@pytest.mark.parametrize("check", [check_truncation, check_poison])
def test_a_planted_leak_of_an_estimate_turns_the_checks_red(check: Callable[[date], None], monkeypatch: pytest.MonkeyPatch) -> None:
    honest = add_impact

    def peeking(rows: pl.DataFrame, player_impact: pl.DataFrame) -> pl.DataFrame:
        """Takes estimates dated up to 40 days later."""
        return honest(rows, player_impact.with_columns(pl.col("estimate_date") - pl.duration(days=40)))

    monkeypatch.setattr(lineup, "add_impact", peeking)
    with pytest.raises(AssertionError):
        check(DAYS[20])


def test_differences_are_home_minus_away_and_lines_do_not_move_them() -> None:
    rows = built(HISTORY, HISTORY.game.filter(pl.col("game_date") == DAYS[20]))
    for name in ("elo", "kalman_off", "travel_km", next(iter(LINEUP)), "change_impact_hl8"):
        assert rows[f"diff_{name}"].equals((rows[f"home_{name}"] - rows[f"away_{name}"]).alias(f"diff_{name}"))
    assert rows["spread_home"].unique().to_list() == [-3.5]
