"""Kept slates: forms, statuses and lines of the last slate of a day, stored beside the lake's tables, so that a scenario starts quickly.

A kept slate is a shortcut, not a table. If it is missing, or its inputs hold other rows by now, the slate is built again, with equal rows.

Belongs here: storing a slate and checking its validity. Does not belong here: building it (`slate.py`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from datetime import date, datetime

import polars as pl

from rates_lib.core.calendar import season_of
from rates_lib.lake import Lake, write_atomically
from rates_lib.pipeline.lineage import difference, fingerprints, slate_inputs
from rates_lib.pipeline.slate import Slate

_STAMP = "stamp.json"


def keep(lake: Lake, slate: Slate, as_of_utc: datetime, made_from: Mapping[str, str]) -> None:
    """Store the forms, statuses and lines of a slate, in place of an earlier slate of the day.

    `made_from`: `lineage.fingerprints` of `slate_inputs`, taken before the slate was built.
    """
    folder = lake.slate_root(slate.game_date.isoformat())
    shutil.rmtree(folder, ignore_errors=True)
    lists = {"silver.player_availability": slate.availability, "silver.odds_game": slate.inputs.teams.odds}
    for table, rows in {**slate.forms, **lists}.items():
        write_atomically(folder / f"{table}.parquet", rows.write_parquet)
    stamp = json.dumps({"as_of_utc": as_of_utc.isoformat(), "made_from": dict(made_from)})
    write_atomically(folder / _STAMP, lambda path: path.write_text(stamp))  # last: a slate without its stamp does not count


def kept(lake: Lake, day: date, as_of_utc: datetime, tables: Iterable[str]) -> dict[str, pl.DataFrame] | str:
    """Frames of the last slate of a day, by table, or the reason why they cannot be used.

    Args:
        lake: lake with the slate.
        day: Eastern date.
        as_of_utc: the slate must not be of an earlier instant; pass the as_of_utc of the games (at most their tip-off).
        tables: tables to read: form tables, silver.player_availability, silver.odds_game.
    """
    folder = lake.slate_root(day.isoformat())
    if not (folder / _STAMP).exists():
        return f"there is no slate of {day}"
    stamp = json.loads((folder / _STAMP).read_text())
    if datetime.fromisoformat(stamp["as_of_utc"]) < as_of_utc:
        return f"the slate of {day} is of an earlier instant"
    # an earlier version kept no fingerprints
    if changed := difference(fingerprints(lake, slate_inputs(), season_of(day)), stamp.get("made_from", {})):
        return f"the slate of {day} was made {changed}"
    return {table: pl.read_parquet(folder / f"{table}.parquet") for table in tables}
