"""Defence by position and role, points in the paint and play style, by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from rates_lib.features import allowed, dvp, dvp_role, paint
from rates_lib.features.allowed import PER_GAME
from rates_lib.features.history import History
from rates_lib.features.player_rates import RATE_CARRY, RATE_STATS
from rates_lib.features.style_matchup import add_style_matchup
from rates_lib.schemas.columns import POSITIONS, ROLES
from tests.frames.histories import hand_history

FIRST = date(2023, 11, 1)
LINE = {"fga2": 10, "fta": 5, "oreb": 1, "tov": 3, "ast": 5, "fg2m": 5}


def league(n: int = 4) -> History:
    """A plays B, C plays D, n times; a guard and a center each."""
    days = [FIRST + timedelta(days=2 * i) for i in range(n)]
    games = [(f"{home}{i}", day, home, away) for i, day in enumerate(days) for home, away in (("A", "B"), ("C", "D"))]
    box = [
        {"game_id": g, "player_id": f"{p} {team}", "team_id": team, **LINE}
        for g, _, *teams in games
        for team in teams
        for p in ("guard", "center")
    ]
    heights = {f"{p} {team}": inches for team in "ABCD" for p, inches in (("guard", 72.0), ("center", 84.0))}
    return hand_history(games, box, heights=heights)


def allow(monkeypatch: pytest.MonkeyPatch, team: str, over: float, among: pl.Expr) -> None:
    """Make what `team` allowed `over` times what was expected of those players, and everything else as expected."""
    real = allowed.expected_games
    factor = pl.when((pl.col("opponent_id") == team) & among).then(pl.lit(over)).otherwise(1.0)
    monkeypatch.setattr(
        allowed,
        "expected_games",
        lambda history: real(history).with_columns((pl.col(s) / factor).alias(f"expected_{s}") for s in RATE_STATS),
    )


def by_hand(over: float, games: int, groups: int) -> float:
    """The ratio after `games` games with five assists each where 5 / over were expected."""
    decayed = sum(0.5 ** (i / dvp.HALF_LIFE) for i in range(games))
    prior = dvp.STRENGTH_GAMES * PER_GAME["ast"] / groups
    return (5 * decayed + prior) / (5 * decayed / over + prior)


def test_dvp_of_a_known_ratio_with_its_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    history = league()
    allow(monkeypatch, "B", 2.0, pl.col("position_primary") == "PG")
    rows = dvp.build(history, history.game.filter(pl.col("game_date") == history.game["game_date"].max()))
    guards = rows.filter(pl.col("position_primary") == "PG")
    ratio = dict(guards.select("team_id", "dvp_ast_ratio").iter_rows())
    assert ratio["B"] == pytest.approx(by_hand(2.0, 3, 5))
    assert [ratio[t] for t in "ACD"] == pytest.approx([1.0] * 3)
    assert dict(guards.select("team_id", "dvp_ast_rank").iter_rows())["B"] == 1
    assert rows.filter(pl.col("position_primary") == "SF")["dvp_ast_rank"].to_list() == [1] * 4  # none has met one: all are equal
    assert set(rows["position_primary"]) == set(POSITIONS)


def test_ranks_are_among_all_teams_also_those_without_a_game_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    history = league()
    allow(monkeypatch, "B", 2.0, pl.lit(value=True))
    day = history.game["game_date"].max()
    alone = history.game.filter((pl.col("game_date") == day) & (pl.col("home_team_id") == "C"))
    rows = dvp.build(history, alone).filter(pl.col("position_primary") == "PG")
    assert set(rows["team_id"]) == {"C", "D"}
    assert rows["dvp_ast_rank"].min() == 2  # B, who does not play, allows more


def test_per_100_possessions_is_per_36_minutes_at_the_teams_pace() -> None:
    history = league()
    rows = dvp.build(history, history.game.filter(pl.col("game_date") == history.game["game_date"].max()))
    # two players: 20 shots - 2 rebounds + 6 turnovers + .44 x 10 free throws in the 48 minutes of a game; the league has the same pace
    per_min = (20 - 2 + 6 + 0.44 * 10) / 48
    assert dvp.possessions_per_min(rows, history) == pytest.approx(per_min)
    assert rows["allowed_ast_per_100"].to_numpy() == pytest.approx(rows["allowed_ast_per_36"].to_numpy() / 36 * 100 / per_min)
    before = dvp.build(history, history.game.filter(pl.col("game_date") == FIRST))
    assert before["allowed_ast_per_100"].to_numpy() == pytest.approx(
        before["allowed_ast_per_36"].to_numpy() / 36 * 100 / (dvp.FIRST_DAY_PACE / 48)
    )


def test_dvp_by_role_counts_the_role_that_the_player_had_before_the_game(monkeypatch: pytest.MonkeyPatch) -> None:
    history = league()
    last = history.game["game_date"].max()

    def roles(rows: pl.DataFrame, _: History) -> pl.DataFrame:
        """Guards connect, but on the first day, when they are not known; centers finish, but on the last day."""
        connects = pl.when(pl.col("game_date") > FIRST).then(pl.lit("connector"))
        finishes = pl.when(pl.col("game_date") < last).then(pl.lit("finisher")).otherwise(pl.lit("hub"))
        return rows.with_columns(
            pl.when(pl.col("player_id").str.starts_with("guard")).then(connects).otherwise(finishes).alias("player_role")
        )

    monkeypatch.setattr(allowed, "roles_of", roles)
    allow(monkeypatch, "B", 2.0, pl.col("position_primary") == "PG")
    rows = dvp_role.build(history, history.game.filter(pl.col("game_date") == last)).filter(pl.col("team_id") == "B")
    ratio = dict(rows.select("player_role", "dvp_ast_ratio").iter_rows())
    assert set(ratio) == set(ROLES)
    assert ratio["connector"] == pytest.approx(by_hand(2.0, 2, 9))  # the first game counts for no role
    assert {role: value for role, value in ratio.items() if role != "connector"} == pytest.approx(
        dict.fromkeys(set(ROLES) - {"connector"}, 1.0)
    )


def test_points_in_the_paint_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paint, "ENOUGH_SECONDS", 1)
    history = league()
    box = history.player_game.with_columns(pl.when(pl.col("game_date") > FIRST).then(12).cast(pl.Int64).alias("pts_paint"))
    history = type(history)(**{**vars(history), "player_game": box})
    days = [FIRST + timedelta(days=2 * i) for i in range(4)]
    same = {"season": 2023, "player_id": "guard A", "position_primary": "PG", "opponent_id": "B"}
    rows = pl.DataFrame({"game_date": days}).with_columns(pl.lit(v, pl.Int64 if k == "season" else None).alias(k) for k, v in same.items())
    rate = paint.paint_rates(rows, history)
    assert np.isnan(rate[:2]).all()  # none is known before the third day; a game without them is no game
    assert rate[2:] == pytest.approx(12 / 30)  # his own and his position's are the same
    ratio = paint.paint_allowed(rows, history)
    assert np.isnan(ratio[:3]).all()  # the second day's games had no expectation yet
    assert ratio[3] == pytest.approx(1.0)
    doubled = box.with_columns(
        pl.when((pl.col("player_id") == "guard A") & (pl.col("game_date") == days[2])).then(24).otherwise("pts_paint").alias("pts_paint")
    )
    history = type(history)(**{**vars(history), "player_game": doubled})
    prior = paint.TEAM_GAMES * 45
    assert paint.paint_allowed(rows, history)[3] == pytest.approx((36 + prior) / (24 + prior))
    keep = 0.5 ** (1 / paint.HALF_LIFE)
    mean = (7 * 12 + 24) / (8 * 30)  # of the four guards on both days
    expected = (12 * keep + 24 + paint.STRENGTH_MINUTES * mean) / (30 * keep + 30 + paint.STRENGTH_MINUTES)
    assert paint.paint_rates(rows, history)[3] == pytest.approx(expected)
    next_year = rows.tail(1).with_columns(season=pl.lit(2024, pl.Int64), game_date=pl.lit(date(2024, 11, 1)))
    last = sum(12 * keep**i for i in (0, 2)) + 24 * keep
    minutes = 30 * (1 + keep + keep**2)
    mean = (11 * 12 + 24) / (12 * 30)
    carried = (RATE_CARRY * last + paint.STRENGTH_MINUTES * mean) / (RATE_CARRY * minutes + paint.STRENGTH_MINUTES)
    assert paint.paint_rates(next_year, history)[0] == pytest.approx(carried)


def test_style_meets_defence_by_hand() -> None:
    row = {"style_3pa_share": 0.4, "style_fta_per_fga": 0.3, "style_paint_pts_per_min": 0.2, "style_paint_share": 0.5,
           "style_catch_shoot_per_min": 0.1, "style_pull_up_per_min": None,
           "style_drives_per_min": 0.25,
           "style_inside_touches_per_min": 0.1, "fg2m_per_min_hl30": 0.1, "fg3m_per_min_hl30": 0.1, "ftm_per_min_hl30": 0.0,
           "opp_fga2_ratio_hl30": 0.9, "opp_fga3_ratio_hl30": 1.2, "opp_fta_ratio_hl30": 1.1, "opp_fg2m_ratio_hl30": 0.8,
           "opp_fg3m_ratio_hl30": 1.1, "opp_ftm_ratio_hl30": 1.3, "opp_pts_paint_ratio_hl30": 1.5}  # fmt: skip
    found = add_style_matchup(pl.DataFrame([row])).row(0, named=True)
    assert found["matchup_fga_ratio"] == pytest.approx(0.4 * 1.2 + 0.6 * 0.9)
    assert found["matchup_3pa_share"] == pytest.approx(0.48 / 1.02)
    assert found["matchup_fta_per_fga"] == pytest.approx(0.3 * 1.1 / 1.02)
    assert found["matchup_pts_ratio"] == pytest.approx((0.2 * 0.8 + 0.3 * 1.1) / 0.5)
    assert found["matchup_paint_pts_per_min"] == pytest.approx(0.3)
    assert found["matchup_drives_fta_per_min"] == pytest.approx(0.275)
    assert found["matchup_pull_up_per_min"] is None
    average = {name: 1.0 if name.startswith("opp_") else value for name, value in row.items()}
    found = add_style_matchup(pl.DataFrame([average])).row(0, named=True)  # an average defence leaves him as he is
    assert found["matchup_3pa_share"] == pytest.approx(row["style_3pa_share"])
    assert found["matchup_fga_ratio"] == found["matchup_pts_ratio"] == pytest.approx(1.0)
