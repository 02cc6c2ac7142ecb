"""What a step needs is there before it starts: an absent partition must not read as no rows.

Every table of `sql/` has a partition for each season that has been built, without rows if its source has none; so a season that one table
has and another lacks was lost, in a copy or by hand.

Belongs here: errors for missing inputs, with the command that makes them. Does not belong here: which tables are read (`lineage.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise

from rates_lib.core.calendar import season_of
from rates_lib.core.errors import RatesError
from rates_lib.features.registry import FAMILIES
from rates_lib.lake import Lake, games_of
from rates_lib.pipeline.lineage import FOLLOWED, absent_inputs, slate_inputs
from rates_lib.pipeline.projections import Predicted

_REFERENCE = "silver.game"  # has every season that was built


def require_history(lake: Lake, days: Iterable[str]) -> None:
    """Raise unless the lake has all that slates of these days are made from.

    Raises:
        RatesError: names the first missing partition, and the command that makes it.
    """
    for season in sorted({season_of(date.fromisoformat(day)) for day in days}):
        if str(season) not in lake.partitions(_REFERENCE):
            raise RatesError(f"season {season} is not in {_REFERENCE}: run `rates backfill --seasons {season}` first")
        require_seasons(lake, slate_inputs(), season)
        for family in FAMILIES:
            _require_inputs(lake, family.table, season)


def require_seasons(lake: Lake, tables: Mapping[str, int], season: int) -> None:
    """Raise unless each table has every season of the lake, from as many seasons before `season` as it is read for, without a gap.

    Raises:
        RatesError: names the first missing partition, and the command that makes it.
    """
    known = sorted(int(key) for key in lake.partitions(_REFERENCE))
    built = [key for key in known if key <= season]
    for before, after in pairwise(built):
        if after - before > 1:
            raise _missing(f"{_REFERENCE} has {before} and {after}, but not {before + 1}", before + 1)
    for table, back in tables.items():
        have = set(map(int, lake.partitions(table)))
        for key in built:
            if key >= season - back and key not in have:
                raise _missing(f"{table} of {key} is missing", key)


def require_training(lake: Lake, tables: Iterable[str], window: date) -> None:
    """Raise unless the tables that a model is fitted on have every season from their first to the newest before a month.

    Raises:
        RatesError: names the first missing partition, and the command that makes it.
    """
    for table in tables:
        have = [int(key) for key in lake.partitions(table) if int(key) <= season_of(window)]
        for before, after in pairwise(have):
            if after - before > 1:
                raise _missing(f"{table} of {before + 1} is missing", before + 1)
        for season in have if table in FOLLOWED else ():
            _require_inputs(lake, table, season)


def require_players(lake: Lake, predicted: Predicted, as_of_utc: datetime) -> None:
    """Raise if a day with games has no predicted player: nothing was known of anybody by the instant asked for.

    Raises:
        RatesError: names the day and the instant.
    """
    days = set(predicted.tables["predictions.minutes"]["game_date"])
    for day in predicted.days:
        if day not in days and (games := games_of(lake, day).height):
            raise RatesError(
                f"{day} has {games} game{'s' * (games != 1)}, but no player is known as of {as_of_utc:%Y-%m-%d %H:%M} UTC: ask for a "
                "later --as-of, or run `rates backfill` for the season before"
            )


def _require_inputs(lake: Lake, table: str, season: int) -> None:
    if lost := absent_inputs(lake, table, season):
        raise _missing(f"{table} of {season} was made from {lost[0]} of {lost[1]}, which is not there", int(lost[1]))


def _missing(what: str, season: int) -> RatesError:
    return RatesError(f"{what}: restore it, or run `rates backfill --seasons {season}` to make it again; nothing was changed")
