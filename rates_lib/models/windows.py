"""The days that a retrain window trains, calibrates and validates on.

Belongs here: the split of the days before a window. Does not belong here: the list of months (`rates_assets.partitions`).
Days are league days, dates with games: the 45 calendar days before an October window have no games.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from rates_lib.core.errors import RatesError


@dataclass(frozen=True)
class WindowConfig:
    """Lengths of the parts that the league days before a window are split into.

    Attributes:
        val_days: league days of validation, the last before the window, for early stopping.
        cal_days: league days of calibration before those; no booster is fitted on them, so their figures are unbiased.
        val_share, cal_share: largest share of all league days, which matters for short histories.
    """

    val_days: int = 45
    cal_days: int = 120
    val_share: float = 0.15
    cal_share: float = 0.25


@dataclass(frozen=True)
class Windows:
    """First and last day (inclusive) of each part; the parts are contiguous and end before the window."""

    window: date
    train_start: date
    train_end: date
    cal_start: date
    cal_end: date
    val_start: date
    val_end: date

    def part(self, frame: pl.DataFrame, name: str) -> pl.DataFrame:
        """Rows of `frame` with game_date in part `name` (train, cal or val), in order."""
        first, last = getattr(self, f"{name}_start"), getattr(self, f"{name}_end")
        return frame.filter(pl.col("game_date").is_between(first, last))

    def to_dict(self) -> dict[str, str]:
        """ISO dates by name, for the metadata of a run."""
        return {name: value.isoformat() for name, value in vars(self).items()}


def split_windows(game_dates: pl.Series, window: date, config: WindowConfig | None = None) -> Windows:
    """Split the league days before `window` into train, calibration and validation, in this order.

    Args:
        game_dates: dates of rows, in any order, with duplicates; dates from the window on are ignored.
        window: first day the model may be used on.
        config: lengths; the defaults if None.

    Raises:
        RatesError: if fewer than three league days lie before the window.
    """
    config = config or WindowConfig()
    days = game_dates.filter(game_dates < window).unique().sort().to_list()
    if len(days) < 3:
        raise RatesError(
            f"window {window:%Y-%m} has {len(days)} days with games before it and needs 3: land and backfill an earlier season, or "
            "train a later window"
        )
    val = max(1, min(config.val_days, int(config.val_share * len(days))))
    cal = max(1, min(config.cal_days, int(config.cal_share * len(days))))
    train_days, cal_days, val_days = days[: -val - cal], days[-val - cal : -val], days[-val:]
    return Windows(window, train_days[0], train_days[-1], cal_days[0], cal_days[-1], val_days[0], val_days[-1])
