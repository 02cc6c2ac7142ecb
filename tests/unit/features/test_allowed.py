"""What a defence allows: actual over expected, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from rates_lib.features import allowed, dvp, opponent_allowed
from rates_lib.features.allowed import PER_GAME, allowed_ratios
from rates_lib.features.history import History
from rates_lib.features.player_rates import RATE_STATS, position_means
from rates_lib.schemas.columns import POSITIONS
from tests.frames.histories import hand_history, random_history

FIRST = date(2023, 11, 1)
AST = RATE_STATS.index("ast")
BY_POSITION = ["opponent_id", "position_primary"]


def league(n: int = 6) -> History:
    """B meets A n times; a guard and a center of A play."""
    games = [(f"g{i}", FIRST + timedelta(days=2 * i), "A", "B") for i in range(n)]
    box = [{"game_id": g[0], "player_id": p, "team_id": "A", "min": 30, "ast": 5} for g in games for p in ("guard", "center")]
    return hand_history(games, box, heights={"guard": 72.0, "center": 84.0})


def asked(*days: date, team: str = "B", **also: Any) -> pl.DataFrame:
    return pl.DataFrame({"season": [d.year - (d.month < 9) for d in days], "game_date": days}).with_columns(
        pl.lit(team).alias("opponent_id"), *(pl.lit(v).alias(k) for k, v in also.items())
    )


def expect(monkeypatch: pytest.MonkeyPatch, over: float, among: pl.Expr | None = None) -> None:
    """Make the actual counts `over` times what was expected, `among` those rows; elsewhere just what was expected."""
    real = allowed.expected_games
    factor = pl.when(pl.lit(value=True) if among is None else among).then(pl.lit(over)).otherwise(1.0)

    def games(history: History) -> pl.DataFrame:
        return real(history).with_columns((pl.col(s) / factor).alias(f"expected_{s}") for s in RATE_STATS)

    monkeypatch.setattr(allowed, "expected_games", games)


def test_who_allows_what_is_expected_has_ratio_one(monkeypatch: pytest.MonkeyPatch) -> None:
    expect(monkeypatch, 1.0)
    history = random_history(seed=6)
    last = history.game["game_date"].max()
    for rows, by in ((asked(last, team="t2"), ["opponent_id"]), (asked(last, team="t2", position_primary="SG"), BY_POSITION)):
        assert np.allclose(allowed_ratios(rows, history, by, (8, 30), 3.0), 1.0, atol=1e-6)
    made = opponent_allowed.build(history, history.game).select(pl.selectors.contains("_ratio_") - pl.selectors.contains("paint"))
    assert np.allclose(made.to_numpy(), 1.0, atol=1e-6)


def test_without_games_the_ratio_is_one() -> None:
    never = allowed_ratios(asked(FIRST), league(), ["opponent_id"], (8, 30), 3.0)
    assert (never == 1.0).all()
    assert (allowed_ratios(asked(FIRST + timedelta(100), team="Z"), league(), ["opponent_id"], (8,), 3.0) == 1.0).all()
    first_day = dvp.build(league(), league().game.head(1))
    assert (first_day.select(pl.selectors.starts_with("dvp_")).to_numpy() == 1.0).all()


def test_the_ratio_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    expect(monkeypatch, 1.25)  # five assists each where four were expected
    history = league(3)
    keep, prior = 0.5 ** (1 / 8), 3 * PER_GAME["ast"]
    games = np.array([0, 1, 1 + keep, 1 + keep + keep**2])
    days = [FIRST + timedelta(days=2 * i) for i in range(4)]
    ratio = allowed_ratios(asked(*days), history, ["opponent_id"], [8], 3.0)[:, 0, AST]
    assert ratio == pytest.approx((10 * games + prior) / (8 * games + prior))
    assert (np.diff(ratio) > 0).all()  # with each game further from one
    assert ratio[-1] < 1.25
    after_summer = allowed_ratios(asked(date(2024, 11, 1)), history, ["opponent_id"], [8], 3.0)[0, 0, AST]
    assert after_summer == pytest.approx((5 * games[-1] + prior) / (4 * games[-1] + prior))  # a summer keeps half
    position = allowed_ratios(asked(days[1], position_primary="PG"), history, BY_POSITION, [8], 3.0)[0, 0, AST]
    assert position == pytest.approx((5 + prior / 5) / (4 + prior / 5))  # a position is a fifth of a team


def test_dvp_is_of_the_position(monkeypatch: pytest.MonkeyPatch) -> None:
    expect(monkeypatch, 2.0, pl.col("position_primary") == "PG")
    history = league(6)
    rows = dvp.build(history, history.game.tail(1)).filter(pl.col("team_id") == "B")
    ratio = dict(rows.select("position_primary", "dvp_ast_ratio").iter_rows())
    assert list(rows["position_primary"]) == sorted(POSITIONS)
    assert ratio["PG"] > 1.1
    assert ratio["C"] == pytest.approx(1.0)
    assert ratio["SF"] == 1.0  # nobody of that position has played against B
    means = position_means(rows, history)[:, AST]
    assert rows["allowed_ast_per_36"].to_numpy() == pytest.approx(36 * means * rows["dvp_ast_ratio"].to_numpy())


def test_weak_opponents_are_not_a_good_defence() -> None:
    """The raw allowance of B is far below the league's; but just what these players do elsewhere."""
    games = [(f"g{i:02}", FIRST + timedelta(days=i), *(("A", "B") if i % 2 else ("A", "C"))) for i in range(40)]
    box = [{"game_id": g[0], "player_id": "weak", "team_id": "A", "min": 30, "ast": 1} for g in games]
    history = hand_history(games, box, heights={"weak": 72.0})
    ratio = allowed_ratios(asked(FIRST + timedelta(100)), history, ["opponent_id"], [30], 3.0)[0, 0, AST]
    assert 0.85 < ratio < 1.0
