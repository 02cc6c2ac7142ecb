"""Partition keys for a season, a day or the months of a season."""

from datetime import date

from dagster import TimeWindowPartitionsDefinition

from rates_assets.partitions import GAME_DATE, RETRAIN, SEASON
from rates_lib.core.calendar import window_of
from rates_lib.core.errors import RatesError


def season_key(season: int) -> str:
    """Key of a season given by its start year.

    Raises:
        RatesError: if the graph has no such season.
    """
    return _known(SEASON, str(season), "season", "name a season by the year it starts in, 2024 for 2024-25")


def day_key(day: date) -> str:
    """Key of a day.

    Raises:
        RatesError: if the graph has no such day.
    """
    return _known(GAME_DATE, day.isoformat(), "day", "choose a day of a season, at most today")


def window_key(day: date) -> str:
    """Key of the retrain window whose model is used on `day`.

    Raises:
        RatesError: if the graph has no such window.
    """
    return _known(RETRAIN, window_of(day).isoformat(), "retrain window", "choose a month of a season, at most the present one")


def _known(definition: TimeWindowPartitionsDefinition, key: str, what: str, remedy: str) -> str:
    if not definition.has_partition_key(key):
        first, last = definition.get_first_partition_key(), definition.get_last_partition_key()
        raise RatesError(f"{what} {key} is not in the graph, which has {first} to {last}: {remedy}")
    return key
