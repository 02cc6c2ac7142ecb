"""The instance's event log: Dagster's SQLite files, written without a new connection for every event.

A range of ten seasons has about a thousand asset events. Dagster's storage took 12 to 15 ms each (150 events, two cores), this class
3.6 to 4.4 ms: Dagster opens and closes a connection per event, and closing the last one copies the write-ahead log into the file. Here one
connection per file stays open, and SQLite flushes only at checkpoints (`synchronous=NORMAL`): the crash of a process loses nothing; a
power failure may lose the last events of runs that it interrupts anyway.

Format and place of the files are Dagster's: its own storage reads them if `dagster.yaml` does not name this class.
"""

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import QueuePool

_BUSY_TIMEOUT_SECONDS = 60
_OPEN_FILES = 8  # runs whose files stay open; the web server may read any number


class PooledSqliteEventLogStorage(SqliteEventLogStorage):
    """Dagster's SQLite event log with one lasting connection per file."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """`base_dir` is the instance's folder; the files have the same paths as with Dagster's storage."""
        self._engines: OrderedDict[str, sa.Engine] = OrderedDict()
        super().__init__(str(Path(base_dir) / "history" / "runs"), inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> "PooledSqliteEventLogStorage":
        """Constructor that the instance calls with the values of `dagster.yaml`."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def store_event(self, event: EventLogEntry) -> None:
        """Store one event, and touch the run's file, which SQLite changes only at checkpoints, for processes that watch it."""
        super().store_event(event)
        os.utime(self.path_for_shard(event.run_id))

    def dispose(self) -> None:
        """Close all files."""
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()

    def _engine(self, shard: str) -> sa.Engine:
        if shard not in self._engines:
            runs = [name for name in self._engines if name != INDEX_SHARD_NAME]
            if len(runs) >= _OPEN_FILES:
                self._engines.pop(runs[0]).dispose()
            engine = sa.create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                pool_size=1,
                max_overflow=1,  # `_initdb` opens a second one
                connect_args={"timeout": _BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=NORMAL").close())
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        return self._engines[shard]
