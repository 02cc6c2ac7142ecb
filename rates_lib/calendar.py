"""Dates of the league: which season and which retrain window a day belongs to."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
_FIRST_DAY = (10, 12)  # a season runs from 12 October to 11 October


def season_of(day: date) -> int:
    """Start year of the season that `day` (Eastern) belongs to."""
    return day.year if (day.month, day.day) >= _FIRST_DAY else day.year - 1


def first_window(season: int) -> date:
    """The retrain window that a season starts in: 1 October."""
    return date(season, 10, 1)


def window_of(day: date) -> date:
    """The retrain window of a day: the first of its month."""
    return day.replace(day=1)
