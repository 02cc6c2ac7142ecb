"""A day's tables as one set: written beside the lake, switched in together, and replaced only by a set that is not worse.

```
<root>/.staging/<run>/…                        tables that a run has written, in the lake's layout; nobody else reads them
<root>/.staging/<run>/switch.json              list of moves; from here on the switch is completed even if the process dies
<root>/predictions|sims|exports/…/game_date=D  the current set
<root>/days/D.json                             its description: instant, seed, worlds, fingerprint of each table's rows
<root>/.locks/D.lock                           locked by the run that writes the day; holds its name
```

Sets are switched under an exclusive lock of the lake, and `Lake.frozen` links a day's files under the shared one, so that a reader has
all tables of one set. The operating system releases locks when a process dies.

Belongs here: stages, locks of days, and the rule by which a set replaces another. Does not belong here: paths of tables (`lake.py`), the
content of tables, the steps that write them (`rates_assets/step.py`).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from rates_lib.core.errors import RatesError
from rates_lib.lake import SWITCH, Lake, Overlay, write_atomically
from rates_lib.schemas.tables import TABLES

LAYERS = ("predictions", "sims", "exports")
"""Layers whose tables are partitioned by day, in the order in which they are made from each other."""
DAY_TABLES = tuple(spec.name for spec in TABLES.values() if spec.partition == "game_date")
_STAGE = "stage.json"
_LEFT_OVER_SECONDS = 3600  # a stage that no process holds, and that is older, belongs to a run that nobody continues


@dataclass(frozen=True)
class SetSettings:
    """How the set of a day was made, and by which sets are compared.

    Attributes:
        as_of_utc: ISO instant up to which information was used (at most the last tip-off); "" without games.
        made_by: fingerprint of what decides the predictions beside the instant (`pipeline.freshness.predicted_by`).
        seed, worlds: of the worlds; None without worlds.
    """

    as_of_utc: str = ""
    made_by: str = ""
    seed: int | None = None
    worlds: int | None = None


@dataclass(frozen=True)
class DaySet:
    """Description of a day's current set.

    Attributes:
        settings: of the set.
        tables: fingerprint of the rows of each table that the day has.
    """

    settings: SetSettings = SetSettings()
    tables: Mapping[str, str] = field(default_factory=dict)


def current_set(lake: Lake, day: str) -> DaySet:
    """The current set of a day; empty if there is none. An earlier version wrote no description: its settings are not known."""
    try:
        values = json.loads(lake.day_set_path(day).read_text())
    except FileNotFoundError:
        return DaySet(tables={table: record.content for table in DAY_TABLES if (record := lake.record(table, day))})
    return DaySet(SetSettings(**values["settings"]), values["tables"])


def why_lesser(now: SetSettings, then: SetSettings) -> str:
    """Reason why a set with settings `now` must not replace one with settings `then` unasked; "" if it may."""
    if now.as_of_utc < then.as_of_utc:
        return f"it knows less: as of {now.as_of_utc or 'never'}, the current one as of {then.as_of_utc}"
    if now.worlds is not None and then.worlds is not None and now.worlds < then.worlds:
        return f"it has {now.worlds:,} world{'s' * (now.worlds != 1)}, the current one {then.worlds:,}"
    if now.seed is not None and then.seed is not None and now.seed != then.seed:
        return f"its seed is {now.seed}, that of the current one {then.seed}"
    return ""


class Stage:
    """What one run writes for some days, until it is switched in or discarded.

    Attributes:
        lake: the lake; day tables that the run has written, and those made from them, are read from the stage.
        days: Eastern dates in ISO form.
        replace: whether a set may take the place of a better one.
    """

    def __init__(self, lake: Lake, run: str, days: Iterable[str], layer: str, holder: str) -> None:
        """Lock the days and open the stage of `run`, which starts with the tables of `layer`; a stage that the run has left is continued.

        `holder` names the run to those who find a day locked.

        Raises:
            RatesError: if another run writes one of the days; names it.
        """
        self._base = lake
        self.days = sorted(days)
        self.replace = False
        self._folder = lake.staging_root / run
        self._locks: list[IO[str]] = []
        try:
            self._locks = [_lock(lake, day, holder) for day in self.days]
            self._folder.mkdir(parents=True, exist_ok=True)
            self._locks.append(_flocked(self._folder / "lock"))
            lake.finish_switches()  # of a process that died
        except BaseException:
            self.release()
            raise
        _sweep(lake)
        about = self._folder / _STAGE
        self._first: str = json.loads(about.read_text())["layer"] if about.exists() else layer
        write_atomically(about, lambda path: path.write_text(json.dumps({"layer": self._first})))
        self._settings: dict[str, SetSettings] = {}
        own = [table for table in DAY_TABLES if LAYERS.index(TABLES[table].layer) >= LAYERS.index(self._first)]
        self.lake = replace(lake, overlay=Overlay(self._folder, frozenset(own), frozenset(self.days)))

    def describe(self, day: str, **settings: Any) -> None:
        """Note settings of a day's set (fields of `SetSettings`)."""
        self._settings[day] = replace(self.settings(day), **settings)

    def settings(self, day: str) -> SetSettings:
        """Settings of the day's set; those of layers that this run does not write are the current set's."""
        if day in self._settings:
            return self._settings[day]
        return SetSettings() if self._first == LAYERS[0] else current_set(self._base, day).settings

    def why_lesser(self, day: str) -> str:
        """As `why_lesser`, for the staged set of a day and the current one; "" if `replace`."""
        return "" if self.replace else why_lesser(self.settings(day), current_set(self._base, day).settings)

    def switch(self, days: Iterable[str]) -> None:
        """Make the staged sets of `days` the current ones, each in one step for every reader; the stage is empty afterwards."""
        moves = [move for day in days for move in self._moves(day)]
        write_atomically(self._folder / SWITCH, lambda path: path.write_text(json.dumps(moves)))
        self._base.finish_switches()

    def release(self) -> None:
        """Give up the locks; what is staged stays for a while, for a run that continues this one."""
        while self._locks:
            self._locks.pop().close()

    def discard(self) -> None:
        """Remove what is staged, and give up the locks."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self.release()

    def _moves(self, day: str) -> list[tuple[str, str]]:
        """Moves that make the staged set of a day the current one: source and target, relative to the root; no source: remove the target.

        Tables of a layer that the run did not write stay if they were made from equal rows, else they are removed.
        """
        before = current_set(self._base, day)
        settings = self.settings(day)
        tables: dict[str, str] = {}
        moves: list[tuple[str, str]] = []
        same = True  # whether the layers so far hold the rows of the current set
        for layer in LAYERS:
            names = [table for table in DAY_TABLES if TABLES[table].layer == layer]
            then = {table: before.tables[table] for table in names if table in before.tables}
            if any(self.lake.is_staged(table, day) for table in names):
                now = {table: record.content for table in names if (record := self.lake.record(table, day))}
                moves += [(self._relative(self.lake.partition_path(t, day)) if t in now else "", self._target(t, day)) for t in names]
            elif same:
                now = then
                if layer == "sims" and settings.worlds is None:
                    settings = replace(settings, seed=before.settings.seed, worlds=before.settings.worlds)
            else:
                now = {}
                moves += [("", self._target(table, day)) for table in names]
            same = same and now == then
            tables |= now
        for path_of in (Lake.slate_root, Lake.export_pointer):
            if path_of(self.lake, day).exists():
                moves.append((self._relative(path_of(self.lake, day)), self._relative(path_of(self._base, day))))
        about = self._folder / f"{day}.json"
        if tables:
            text = json.dumps({"settings": asdict(settings), "tables": dict(sorted(tables.items()))}, indent=1)
            write_atomically(about, lambda path: path.write_text(text))
        return [*moves, (self._relative(about) if tables else "", self._relative(self._base.day_set_path(day)))]

    def _target(self, table: str, day: str) -> str:
        return self._relative(self._base.partition_path(table, day))

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self._base.root))


def _flocked(path: Path) -> IO[str]:
    """The file, opened and locked.

    Raises:
        BlockingIOError: if another process, or another opening of the file, holds the lock.
    """
    handle = path.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise
    return handle


def _lock(lake: Lake, day: str, holder: str) -> IO[str]:
    path = lake.day_lock_path(day)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = _flocked(path)
    except BlockingIOError:
        who = path.read_text().strip() or "another run"
        raise RatesError(f"{day} is being written by {who}: wait until it ends, or stop it; nothing was changed") from None
    handle.truncate(0)
    handle.write(f"{holder}, process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
    handle.flush()
    return handle


def _sweep(lake: Lake) -> None:
    """Remove stages of runs that nobody continues."""
    for folder in lake.staging_root.glob("*"):
        if (folder / SWITCH).exists() or folder.stat().st_mtime > time.time() - _LEFT_OVER_SECONDS:
            continue
        try:
            with _flocked(folder / "lock"):
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use, or removed by another process
            continue
