from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from rates_lib.core.errors import SchemaError
from rates_lib.models.reconcile import adjust, reconcile_minutes


def team(mean, prob=None, spread=None, name: str = "A") -> pl.DataFrame:
    n = len(mean)
    spread = [8.0] * n if spread is None else spread
    return pl.DataFrame(
        {
            "game_id": ["g"] * n, "team_id": [name] * n, "play_prob": [1.0] * n if prob is None else prob,
            "minutes_mean": [float(x) for x in mean],
            "minutes_p10": [x - s / 2 for x, s in zip(mean, spread, strict=True)],
            "minutes_p90": [x + s / 2 for x, s in zip(mean, spread, strict=True)],
        }
    )  # fmt: skip


ROTATION = [36, 34, 33, 31, 28, 25, 20, 16, 12, 8]  # sums to 243


@pytest.mark.parametrize("shift", [-6, 0, 6])
def test_each_team_sums_to_240(shift):
    frame = pl.concat([team([x + shift for x in ROTATION]), team(ROTATION, name="B")]).sample(fraction=1, shuffle=True, seed=3)
    adjusted = frame.with_columns(reconcile_minutes(frame))
    sums = adjusted.group_by("team_id").agg(pl.col("minutes_reconciled").sum())["minutes_reconciled"].to_list()
    assert sums == pytest.approx([240, 240])
    assert adjusted["minutes_reconciled"].is_between(0, 42).all()


def test_the_uncertain_move_more():
    frame = team(ROTATION, spread=[4.0, 16.0] * 5)
    move = (reconcile_minutes(frame, 250) - frame["minutes_mean"]).to_list()
    assert all(b > 10 * a > 0 for a, b in zip(move[::2], move[1::2], strict=True))
    doubtful = team(ROTATION, prob=[0.5] + [1.0] * 9)
    expected = doubtful["play_prob"] * doubtful["minutes_mean"]
    move = (reconcile_minutes(doubtful, 230) - expected).to_list()
    assert move[0] > 5 * max(move[1:])


def test_caps_hold_and_the_others_take_over():
    frame = team([41, 40, 30, 30, 30, 20, 10, 5], spread=[12.0] * 8)
    adjusted = reconcile_minutes(frame)
    assert adjusted.sum() == pytest.approx(240)
    assert adjusted[:2].to_list() == [42, 42]
    assert adjusted.max() == 42


def test_a_mean_above_the_cap_stays():
    assert reconcile_minutes(team([44, 30, 30, 30, 30, 20, 10, 5]))[0] == pytest.approx(44)


def test_minutes_if_he_plays_are_capped_not_their_expectation():
    frame = team([36, 36, 36, 36, 36, 20], prob=[0.4, 1, 1, 1, 1, 1.0])
    adjusted = reconcile_minutes(frame)
    assert adjusted.sum() == pytest.approx(0.4 * 42 + 4 * 42 + 42 if 0.4 * 42 + 5 * 42 < 240 else 240)
    assert adjusted[0] == pytest.approx(0.4 * 42)


def test_too_many_minutes_leave_nobody_below_zero():
    adjusted = reconcile_minutes(team([40] * 7 + [3, 2, 1], spread=[2.0] * 7 + [40.0] * 3))
    assert adjusted.sum() == pytest.approx(240)
    assert adjusted.min() == 0


def test_too_few_players_stay_at_their_cap():
    assert reconcile_minutes(team([36, 30, 30, 30, 20])).to_list() == [42] * 5  # 210: the sum says that it could not be met


def test_who_is_out_stays_out_and_nulls_take_no_part():
    frame = team([*ROTATION, 30, 30], prob=[1.0] * 10 + [0.0, 1.0]).with_columns(
        pl.when(pl.int_range(pl.len()) < 11).then("minutes_mean").alias("minutes_mean")
    )
    adjusted = reconcile_minutes(frame)
    assert adjusted[10] == 0
    assert adjusted[11] is None
    assert adjusted.sum() == pytest.approx(240)


def test_order_of_rows_changes_no_bit():
    frame = team([x + 0.1 * i for i, x in enumerate(ROTATION)]).with_row_index()
    shuffled = frame.sample(fraction=1, shuffle=True, seed=8)
    again = shuffled.with_columns(reconcile_minutes(shuffled)).sort("index")["minutes_reconciled"]
    assert again.equals(reconcile_minutes(frame))


def test_it_is_the_least_change():
    rng = np.random.default_rng(0)
    for _ in range(20):
        cap = rng.uniform(20, 42, 12)
        expected, variance = rng.uniform(0, 1, 12) * cap, rng.uniform(1, 80, 12)
        adjusted = adjust(expected, variance, cap, 240.0)
        slope = (adjusted - expected) / variance  # equal for all who are not at a bound: no shift between two of them can gain
        inner = slope[(adjusted > 1e-9) & (adjusted < cap - 1e-9)]
        assert np.ptp(inner) < 1e-9
        assert abs(adjusted.sum() - 240) < 1e-9
        lam = inner[0]
        assert (lam * variance + expected >= adjusted - 1e-9)[adjusted >= cap - 1e-9].all()


def test_missing_columns_are_named():
    with pytest.raises(SchemaError, match=r"needs team_id, minutes_p90"):
        reconcile_minutes(team(ROTATION).drop("team_id", "minutes_p90"))
