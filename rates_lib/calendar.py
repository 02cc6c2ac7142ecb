"""Dates of the league: which season a day belongs to, and the clocks assumed where a source has none."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
_FIRST_DAY = (10, 12)  # a season runs from 12 October to 11 October


def season_of(day: date) -> int:
    """Start year of the season that `day` (Eastern) belongs to."""
    return day.year if (day.month, day.day) >= _FIRST_DAY else day.year - 1


def season_bounds(season: int) -> tuple[date, date]:
    """First and last day of a season."""
    return date(season, *_FIRST_DAY), date(season + 1, *_FIRST_DAY) - timedelta(days=1)


def first_window(season: int) -> date:
    """The retrain window that a season starts in: 1 October."""
    return date(season, 10, 1)


def window_of(day: date) -> date:
    """The retrain window of a day: the first of its month."""
    return day.replace(day=1)


def assumed_tipoff(day: date) -> datetime:
    """Noon Eastern of `day`, in UTC: the tip-off of a game whose source has none."""
    return datetime.combine(day, time(12), EASTERN).astimezone(UTC)


def assumed_publication(day: date) -> datetime:
    """A minute before the assumed tip-off: the publication time of what a source says about a game without saying when."""
    return assumed_tipoff(day) - timedelta(minutes=1)
