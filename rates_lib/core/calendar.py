"""Dates of the league: which season and which retrain window a day belongs to; instants as users write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from rates_lib.core.errors import RatesError

EASTERN = ZoneInfo("America/New_York")
_FIRST_DAY = (10, 12)  # a season runs from 12 October to 11 October


def season_of(day: date) -> int:
    """Start year of the season that `day` (Eastern) belongs to."""
    return day.year if (day.month, day.day) >= _FIRST_DAY else day.year - 1


def first_day(season: int) -> date:
    """The day that a season begins on: 12 October."""
    return date(season, *_FIRST_DAY)


def first_window(season: int) -> date:
    """The retrain window that a season starts in: 1 October."""
    return date(season, 10, 1)


def window_of(day: date) -> date:
    """The retrain window of a day: the first of its month."""
    return day.replace(day=1)


def known_before(day: date, as_of_utc: datetime) -> date:
    """The day from which on outcomes are not known: that of the games, or the Eastern date of an instant that is earlier."""
    return min(day, as_of_utc.astimezone(EASTERN).date())


def instant_of(text: str) -> datetime:
    """The instant that an ISO text means, in UTC (which it is in if it names no zone); now if it is empty.

    Raises:
        RatesError: if it means none.
    """
    if not text:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise RatesError(f"as_of {text!r} is no instant: write it as 2024-12-25T16:30:00Z") from None
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
