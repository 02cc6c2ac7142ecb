"""What the last slate of a day was made of (forms, statuses, lines), kept beside the lake's tables: a scenario starts from it.

It is a shortcut and no table: where it is missing, or its inputs have other rows by now, the slate is built again, with the same rows.

Belongs here: keeping forms and saying whether they still hold. Does not belong here: making them (`slate.py`).
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
    """Keep the forms, statuses and lines of a slate, in place of those of an earlier slate of the day.

    `made_from` is what `lineage.fingerprints` gave of `slate_inputs` before the slate was built.
    """
    folder = lake.slate_root(slate.game_date.isoformat())
    shutil.rmtree(folder, ignore_errors=True)
    lists = {"silver.player_availability": slate.availability, "silver.odds_game": slate.teams.odds}
    for table, rows in {**slate.forms, **lists}.items():
        write_atomically(folder / f"{table}.parquet", rows.write_parquet)
    stamp = json.dumps({"as_of_utc": as_of_utc.isoformat(), "made_from": dict(made_from)})
    write_atomically(folder / _STAMP, lambda path: path.write_text(stamp))  # last: without it nothing is there


def kept(lake: Lake, day: date, as_of_utc: datetime, tables: Iterable[str]) -> dict[str, pl.DataFrame] | str:
    """The forms of the last slate of a day, by table; or why they cannot be used.

    Args:
        lake: where they are kept.
        day: Eastern date.
        as_of_utc: that the slate must have been made for, as the games' own as_of_utc tells (at most their tip-off).
        tables: wanted: form tables, silver.player_availability, silver.odds_game.
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
