"""Dates of the league: season and retrain window of a day; parsing of instants.

A season runs from 12 October to 11 October; a retrain window is a calendar month, named by its first day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rates_lib.core.errors import RatesError

EASTERN = ZoneInfo("America/New_York")
_FIRST_DAY = (10, 12)


def season_of(day: date) -> int:
    """Start year of the season that `day` (Eastern) belongs to."""
    return day.year if (day.month, day.day) >= _FIRST_DAY else day.year - 1


def first_day(season: int) -> date:
    """First day of a season: 12 October."""
    return date(season, *_FIRST_DAY)


def first_window(season: int) -> date:
    """Retrain window in which a season starts: 1 October."""
    return date(season, 10, 1)


def window_of(day: date) -> date:
    """Retrain window of a day: the first of its month."""
    return day.replace(day=1)


def windows_of(season: int, last_day: date) -> list[date]:
    """Retrain windows of a season, from its October to the month of `last_day`."""
    months = [first_window(season)]
    while (following := (months[-1] + timedelta(days=31)).replace(day=1)) <= last_day:
        months.append(following)
    return months


def known_before(day: date, as_of_utc: datetime) -> date:
    """First Eastern date without known outcomes: `day` (of the games), or the date of `as_of_utc` if that is earlier."""
    return min(day, as_of_utc.astimezone(EASTERN).date())


def instant_of(text: str) -> datetime:
    """The instant of an ISO text, converted to UTC; a text without a time zone is in UTC, an empty text is now.

    Raises:
        RatesError: if the text is no ISO instant.
    """
    if not text:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise RatesError(f"as_of {text!r} is not an instant: write it as 2024-12-25T16:30:00Z") from None
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
