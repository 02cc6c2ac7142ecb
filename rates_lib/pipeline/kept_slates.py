"""What the last slate of a day was made of (forms, statuses, lines), kept beside the lake's tables: a scenario starts from it.

It is a shortcut and no table: who does not find it, or finds it older than what it is made from, builds the slate again and gets the
same rows.

Belongs here: keeping forms and saying whether they still hold. Does not belong here: making them (`slate.py`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import date, datetime

import polars as pl

from rates_lib.lake import Lake, write_atomically
from rates_lib.pipeline.slate import Slate

_STAMP = "stamp.json"


def keep(lake: Lake, slate: Slate, as_of_utc: datetime) -> None:
    """Keep the forms, statuses and lines of a slate, in place of those of an earlier slate of the day."""
    folder = lake.slate_root(slate.game_date.isoformat())
    shutil.rmtree(folder, ignore_errors=True)
    lists = {"silver.player_availability": slate.availability, "silver.odds_game": slate.teams.odds}
    for table, rows in {**slate.forms, **lists}.items():
        write_atomically(folder / f"{table}.parquet", rows.write_parquet)
    stamp = json.dumps({"as_of_utc": as_of_utc.isoformat()})
    write_atomically(folder / _STAMP, lambda path: path.write_text(stamp))  # last: without it nothing is there


def kept(lake: Lake, day: date, as_of_utc: datetime, tables: Iterable[str], newer_than: int) -> dict[str, pl.DataFrame] | None:
    """The forms of the last slate of a day, by table; None if there is none of that instant, or it is older than its inputs.

    Args:
        lake: where they are kept.
        day: Eastern date.
        as_of_utc: that the slate must have been made for, as the games' own as_of_utc tells (at most their tip-off).
        tables: wanted: form tables, silver.player_availability, silver.odds_game.
        newer_than: nanoseconds: when the newest of the tables they are made from was written.
    """
    folder = lake.slate_root(day.isoformat())
    stamp = folder / _STAMP
    if not stamp.exists() or stamp.stat().st_mtime_ns <= newer_than:
        return None
    if datetime.fromisoformat(json.loads(stamp.read_text())["as_of_utc"]) < as_of_utc:
        return None
    return {table: pl.read_parquet(folder / f"{table}.parquet") for table in tables}
