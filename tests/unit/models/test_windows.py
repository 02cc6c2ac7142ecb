from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from rates_lib.core.calendar import window_of
from rates_lib.core.errors import RatesError
from rates_lib.models.windows import WindowConfig, split_windows


def league_days(n: int, first: date = date(2023, 10, 20)) -> pl.Series:
    return pl.Series([first + timedelta(days=2 * i) for i in range(n)])  # every other day: league days are not calendar days


def test_the_last_league_days_before_the_window_validate():
    days = league_days(400)
    window = days[390] + timedelta(days=1)
    split = split_windows(pl.concat([days, days]).sample(fraction=1, shuffle=True, seed=1), window)
    before = days.filter(days < window).to_list()
    assert (split.val_start, split.val_end) == (before[-45], before[-1])
    assert split.cal_end == before[-46]
    assert before.index(split.cal_end) - before.index(split.cal_start) + 1 == int(0.25 * 391)
    assert (split.train_start, split.train_end) == (before[0], before[before.index(split.cal_start) - 1])


def test_long_history_has_full_calibration():
    days = league_days(1000)
    split = split_windows(days, days[999])
    before = days.to_list()[:999]
    assert (split.cal_start, split.cal_end) == (before[-165], before[-46])


def test_short_history_keeps_its_shares():
    days = league_days(40)
    split = split_windows(days, date(2030, 1, 1))
    frame = pl.DataFrame({"game_date": days})
    assert [split.part(frame, name).height for name in ("train", "cal", "val")] == [24, 10, 6]


def test_three_days_are_the_least():
    split = split_windows(league_days(3), date(2030, 1, 1))
    assert split.train_start == split.train_end < split.cal_start == split.cal_end < split.val_start == split.val_end
    with pytest.raises(RatesError, match=r"window 2023-11 has 2 days with games before it and needs 3: land"):
        split_windows(league_days(2), date(2023, 11, 1))


def test_days_from_the_window_on_are_ignored():
    days = league_days(50)
    assert split_windows(days, days[30]) == split_windows(days[:30], days[30], WindowConfig())


def test_window_of():
    assert window_of(date(2024, 12, 25)) == date(2024, 12, 1)
