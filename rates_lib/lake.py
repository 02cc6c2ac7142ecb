"""The lake: the only code that knows the paths of tables, landed files, models and exports.

Belongs here: paths, atomic writes, reads, the DuckDB views over every table, the published warehouse. Does not belong here: the
content of tables (`schemas/`) and its computation. Another store needs another `Lake`, nothing else.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import tempfile
import time
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO

import duckdb
import polars as pl
import pyarrow.parquet as pq

from rates_lib.core import basketball, odds, player_names
from rates_lib.core.calendar import season_of
from rates_lib.core.errors import RatesError
from rates_lib.core.fingerprint import rows_fingerprint
from rates_lib.damage import damaged, linked_partition, told
from rates_lib.schemas.tables import TABLES, TableSpec

SQL_ROOT = next(
    p for p in (Path(__file__).parent / "sql", Path(__file__).parent.parent / "sql") if p.is_dir()
)  # in the wheel, else in the checkout
_LAYERS = tuple(dict.fromkeys(t.layer for t in TABLES.values()))
_DUCKDB_TYPES = {
    pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Int8: "TINYINT", pl.Float64: "DOUBLE", pl.Date: "DATE", pl.Boolean: "BOOLEAN",
    pl.Datetime: "TIMESTAMPTZ", pl.UInt8: "UTINYINT", pl.UInt16: "USMALLINT", pl.UInt32: "UINTEGER",
}  # fmt: skip
_OF_THE_STATEMENT = duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.DataError  # no file is at fault
_STALE_SECONDS = 3600  # a temporary file older than this belongs to a process that was killed; the longest write takes minutes
_SNAPSHOTS: weakref.WeakKeyDictionary[duckdb.DuckDBPyConnection, weakref.finalize[..., object]] = weakref.WeakKeyDictionary()
_RECORD = "rates.record"  # key of a file's metadata
_SWITCH_LOCK = ".switch.lock"
SWITCH = "switch.json"  # in a stage: the moves that make it current
_LANDED_NAME = re.compile(r"^(?P<period>\d{4}(?:-\d{2}-\d{2})?)(?:~(?P<version>\d+))?\.parquet$")


@dataclass(frozen=True)
class LandedFile:
    """A file of the landing zone; period is a season's start year or an Eastern date; version counts from 1."""

    provider: str
    dataset: str
    period: str
    version: int
    path: Path

    @property
    def season(self) -> int:
        """Start year of the season that the period is, or lies in."""
        return int(self.period) if self.period.isdigit() else season_of(date.fromisoformat(self.period))


@dataclass(frozen=True)
class Record:
    """Metadata of a partition's file; unchanged by copying, restoring and touching the file.

    Attributes:
        content: `rows_fingerprint` of its rows; "" in a file of an earlier version.
        made_from: `content` of each input partition of the rows, by `<table>/<partition>`; None if the writer gave none.
        made_by: fingerprint of all else that decides the rows, such as code and landed files; "" if the writer gave none.
    """

    content: str = ""
    made_from: Mapping[str, str] | None = None
    made_by: str = ""


@dataclass(frozen=True)
class Overlay:
    """A folder in the lake's layout that takes the place of some partitions (see `day_sets.py`).

    Attributes:
        folder: the folder.
        tables: tables partitioned by day, whose partitions of `days` are read and written there.
        days: Eastern dates in ISO form.
    """

    folder: Path
    tables: frozenset[str]
    days: frozenset[str]


def duckdb_type(dtype: pl.DataType | type[pl.DataType]) -> str:
    """The DuckDB type of a Polars dtype."""
    return _DUCKDB_TYPES[dtype.base_type()]


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Call `write(temporary)` and move the result to `path`: a reader of `path` gets the old or the new file, a crash keeps the old.

    Temporary files of killed processes beside `path` are removed if they are older than an hour.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        write(temporary)
        with temporary.open("rb") as handle:  # the data must be on disk before the name points to it
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    for leftover in path.parent.glob(f".{path.name}.*.tmp*"):
        with contextlib.suppress(FileNotFoundError):
            if leftover.stat().st_mtime < time.time() - _STALE_SECONDS:
                leftover.unlink()


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        pass  # the partition does not exist yet, or was dropped meanwhile
    except OSError:  # the file system has no hard links
        shutil.copyfile(source, target)


def _symlink(source: str, target: str) -> None:
    if Path(source).exists():
        Path(target).symlink_to(source)


def _release(folder: Path, lock: IO[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.close()


def _move(root: Path, source: str, target: str) -> None:
    """Move a file or folder within `root`; without a source remove the target. Doing it again changes nothing."""
    to = root / target
    if source and not (root / source).exists():
        return  # already moved
    if to.is_dir():
        shutil.rmtree(to)
    if not source:
        to.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty, or already gone
            to.parent.rmdir()
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    (root / source).replace(to)


@dataclass(frozen=True)
class Lake:
    """A lake in a local folder.

    Attributes:
        root: the folder; it need not exist yet.
        overlay: where some partitions of days are read and written instead; None for everybody but the run that writes these days.
    """

    root: Path
    overlay: Overlay | None = None

    def exists(self) -> bool:
        """Whether the folder holds something of a lake: landed files, or a table."""
        return self.landing_root.is_dir() or any((self.root / layer).is_dir() for layer in _LAYERS)

    # --- tables ---

    def _folder(self, spec: TableSpec) -> Path:
        return _table_folder(self.root, spec)

    def partition_path(self, table: str, partition: str | int | None = None) -> Path:
        """File of one partition of `table`, or of the whole table if it is not partitioned.

        Raises:
            ValueError: if the table is partitioned and `partition` is None.
        """
        spec = TABLES[table]
        folder = self._folder(spec)
        if spec.partition == "none":
            return folder / "part.parquet"
        if partition is None:
            raise ValueError(f"{table} is partitioned by {spec.partition}: name the partition")
        if self.overlay and table in self.overlay.tables and str(partition) in self.overlay.days:
            folder = _table_folder(self.overlay.folder, spec)
        return folder / f"{spec.partition}={partition}" / "part.parquet"

    def is_staged(self, table: str, day: str) -> bool:
        """Whether the overlay says something about a day of a table: its rows, or that it has none."""
        folder = self.partition_path(table, day).parent
        return folder.exists() and not folder.is_relative_to(self._folder(TABLES[table]))

    def partitions(self, table: str) -> list[str]:
        """Existing partition keys of `table`, sorted."""
        spec = TABLES[table]
        prefix = f"{spec.partition}="
        return sorted(p.parent.name.removeprefix(prefix) for p in self._folder(spec).glob(f"{prefix}*/part.parquet"))

    def write(
        self,
        table: str,
        frame: pl.DataFrame,
        partition: str | int | None = None,
        made_from: Mapping[str, str] | None = None,
        made_by: str = "",
    ) -> None:
        """Replace one partition of `table`, atomically; rows are stored in the given order (see `schemas.validate.check`).

        `made_from` and `made_by` go into the partition's `Record`.
        """
        metadata = _metadata(Record(rows_fingerprint(frame), made_from, made_by))
        write_atomically(
            self.partition_path(table, partition),
            lambda tmp: frame.write_parquet(tmp, compression="zstd", statistics=True, row_group_size=250_000, metadata=metadata),
        )

    def write_groups(self, table: str, frames: Iterable[pl.DataFrame], partition: str | int) -> int:
        """Replace one partition of `table`, atomically, by a file with one row group per frame; only one frame is in memory at a time.

        Returns:
            Number of rows written; if it is 0, the partition is removed.
        """
        rows, groups = 0, []

        def stream(temporary: Path) -> None:
            nonlocal rows
            schema = TABLES[table].empty().to_arrow().schema
            with pq.ParquetWriter(temporary, schema, compression="zstd", write_statistics=True) as writer:
                for frame in frames:
                    rows += frame.height
                    groups.append(rows_fingerprint(frame))
                    writer.write_table(frame.to_arrow().cast(schema), row_group_size=max(frame.height, 1))
                writer.add_key_value_metadata(_metadata(Record(rows_fingerprint(pl.DataFrame({"group": groups})))))

        write_atomically(self.partition_path(table, partition), stream)
        if not rows:
            self.drop_partition(table, partition)
        return rows

    def record(self, table: str, partition: str | int | None = None) -> Record | None:
        """The record of one partition of `table`, from its file's footer; None if the partition does not exist.

        That of a damaged file is as empty as that of an earlier version: so what was made from it counts as stale.
        """
        try:
            text = pl.read_parquet_metadata(self.partition_path(table, partition)).get(_RECORD)
        except FileNotFoundError:
            return None
        except (pl.exceptions.PolarsError, OSError):
            return Record()
        return Record(**json.loads(text)) if text else Record()

    def drop_partition(self, table: str, partition: str | int) -> None:
        """Remove one partition, if it exists."""
        folder = self.partition_path(table, partition).parent
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.is_relative_to(self._folder(TABLES[table])):
            folder.mkdir(parents=True)  # tells an overlay's readers that the day has no rows, see `is_staged`

    def read(self, table: str, partitions: Iterable[str | int] | None = None, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows of `table`, in order of partition and key; a partition that does not exist has no rows.

        Args:
            table: name of the table.
            partitions: keys to read; None for all.
            columns: names to read; None for all.

        Raises:
            RatesError: if a partition lacks a wanted column, because an earlier version wrote it.
            DamagedFileError: if a partition's file cannot be read.
        """
        spec = TABLES[table]
        keys: Sequence[str | None] = [None]
        if spec.partition != "none":
            keys = self.partitions(table) if partitions is None else sorted({str(p) for p in partitions})
        wanted = list(columns or spec.columns)
        frames = []
        for key in keys:
            path = self.partition_path(table, key)
            # by handle: Polars opens a path twice, for the footer and for the data, and the file may be replaced in between
            with contextlib.suppress(FileNotFoundError), path.open("rb") as handle:
                try:
                    frames.append(pl.read_parquet(handle, columns=wanted, hive_partitioning=False).select(wanted))
                except pl.exceptions.ColumnNotFoundError as error:
                    handle.seek(0)
                    raise RatesError(_lacking(spec, path, wanted, list(pl.read_parquet_schema(handle)))) from error
                except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
                    raise damaged(spec, key, self._real(path), error) from error
        return pl.concat(frames) if frames else spec.empty().select(wanted)

    # --- DuckDB ---

    def add_views(self, con: duckdb.DuckDBPyConnection, tables: Iterable[str] | None = None) -> None:
        """Create a view of every table in `con`, and the macros of `sql/`; the view of a table without files is empty and typed.

        `tables` names the only tables that are needed: a hundred views take a quarter of a second.

        If a partition of a table lacks a column, because an earlier version wrote it, or its file is damaged, queries of the table's
        view fail; `naming_damage` makes the error name the file and the remedy. Other views are not affected.

        The views show the lake at the time of the call; call again to see later writes. DuckDB opens a file twice, for its footer and
        for its data, so a view on a partition that is replaced in between reads a mix (measured: 1 query in 8 under load). The views
        therefore read hard links, which are removed with `con`. Where the lake can only be read, they are symbolic links elsewhere.
        """
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET enable_progress_bar = false")  # it would mix with the output of the process
        for macro in (*basketball.MACROS, *odds.MACROS, *player_names.MACROS):
            con.execute(f"CREATE OR REPLACE MACRO {macro}")
        specs = [TABLES[table] for table in (TABLES if tables is None else tables)]
        folder, lock = self._snapshot(specs)
        previous = _SNAPSHOTS.pop(con, None)
        _SNAPSHOTS[con] = weakref.finalize(con, _release, folder, lock)
        for layer in _LAYERS:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {layer}")
        for spec in specs:
            try:
                con.execute(f"CREATE OR REPLACE VIEW {spec.name} AS {_select(spec, folder / spec.name)}")
            except duckdb.Error as error:  # fail only queries that read this table, so that the rest of the graph can rebuild it
                message = f"{spec.name} has partitions of an earlier version: run `rates backfill` for them again"
                if not isinstance(error, duckdb.BinderException):
                    message = str(self.unreadable(error, [spec.name]) or error)
                quoted = message.replace("'", "''")
                con.execute(f"CREATE OR REPLACE VIEW {spec.name} AS {_typed(spec)} WHERE error('{quoted}') IS NULL")
        if previous is not None:
            previous()

    def unreadable(self, error: BaseException, tables: Iterable[str] = ()) -> RatesError | None:
        """The partition because of which a query of the views failed, with its file and the remedy.

        DuckDB names a link that is gone by the time somebody looks for it, or, for rows that cannot be decompressed, no file at all.

        Args:
            error: of DuckDB.
            tables: to look through if the error names no file.

        Returns:
            None if the error has another reason.
        """
        if said := told(str(error)):
            return RatesError(said)
        named = linked_partition(str(error))
        suspects: list[tuple[str, str | None]] = [named] if named else []
        if named is None and not isinstance(error, _OF_THE_STATEMENT):
            for table in tables:
                suspects += [(table, key) for key in self.partitions(table)] or [(table, None)]
        for suspect, key in suspects:
            try:
                self.read(suspect, None if key is None else [key])
            except RatesError as reason:
                return reason
        if named is None:
            return None
        table, key = named
        return damaged(TABLES[table], key, self._real(self.partition_path(table, key)), error)

    @contextlib.contextmanager
    def naming_damage(self, tables: Iterable[str]) -> Iterator[None]:
        """Raise what `unreadable` says about a failed query of some tables' views instead of the error of DuckDB."""
        try:
            yield
        except duckdb.Error as error:
            reason = self.unreadable(error, tables)
            if reason is None:
                raise
            raise reason from error

    def _real(self, path: Path) -> Path:
        """A partition's path outside of the folder of links that a frozen lake is."""
        if not path.is_relative_to(self.root):
            return path  # of an overlay
        home = next((link.resolve().parent for link in self.root.glob("*") if link.is_symlink()), self.root)
        return home / path.relative_to(self.root)

    def _snapshot(self, specs: Iterable[TableSpec]) -> tuple[Path, IO[str]]:
        """A folder of links `<table>/<partition>.parquet` to all current partitions, and the lock that marks it as in use."""
        folder, lock, link = self._links()
        with self._unswitched():
            for spec in specs:
                table, links = self._folder(spec), folder / spec.name
                links.mkdir()
                if spec.partition == "none":
                    link(f"{table}/part.parquet", f"{links}/part.parquet")
                    continue
                with contextlib.suppress(FileNotFoundError), os.scandir(table) as entries:
                    for name in (entry.name for entry in entries):
                        if name.startswith(f"{spec.partition}="):
                            link(f"{table}/{name}/part.parquet", f"{links}/{name}.parquet")
        return folder, lock

    @contextlib.contextmanager
    def frozen(self, day: str) -> Iterator[Lake]:
        """A lake in which the tables of one day stay as they are now, all of one set; other days have no such tables.

        Raises:
            RatesError: if the day's tables are not of one set, because files were copied or restored one by one.
        """
        folder, lock, _ = self._links()
        day_tables = [spec for spec in TABLES.values() if spec.partition == "game_date"]
        try:
            linked = {spec.layer for spec in day_tables}
            for path in self.root.glob("[!.]*") if self.root.exists() else ():
                if path.name not in linked:
                    (folder / path.name).symlink_to(path, target_is_directory=path.is_dir())
            with self._unswitched():
                for spec in day_tables:
                    source = self.partition_path(spec.name, day)
                    target = _table_folder(folder, spec) / source.parent.name
                    target.mkdir(parents=True)
                    _link(str(source), f"{target}/part.parquet")  # a copy, if the lake can only be read
                about = self.day_set_path(day)
                expected = json.loads(about.read_text())["tables"] if about.exists() else None
            lake = replace(self, root=folder, overlay=None)
            if expected is not None:
                lake._require_one_set(day, expected)
            yield lake
        finally:
            _release(folder, lock)

    def _require_one_set(self, day: str, expected: Mapping[str, str]) -> None:
        for table in (spec.name for spec in TABLES.values() if spec.partition == "game_date"):
            record = self.record(table, day)
            if (record.content if record else None) != expected.get(table):
                self.read(table, [day])  # names the file if it is damaged
                raise RatesError(
                    f"the tables of {day} are not of one slate: {table} was {'removed' if record is None else 'replaced'} since it was "
                    f"written: run `rates slate {day}` again"
                )

    def _links(self) -> tuple[Path, IO[str], Callable[[str, str], None]]:
        """An empty folder for links, the lock that marks it as in use, and how to link: in the lake if it can be written."""
        snapshots = self.root / ".snapshots"
        try:
            if not self.root.exists():
                raise FileNotFoundError(self.root)  # a reader makes no lake
            self._sweep(snapshots)
            folder = snapshots / uuid.uuid4().hex
            folder.mkdir(parents=True)
            link = _link
        except OSError:
            folder = Path(tempfile.mkdtemp(prefix="rates-"))
            link = _symlink  # hard links do not reach into another file system
        lock = (folder / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)  # the system releases it when the process ends, even by a kill
        return folder, lock, link

    # --- sets of tables ---

    @property
    def staging_root(self) -> Path:
        """Folder of the tables that runs have written and not yet switched in (`day_sets.py`)."""
        return self.root / ".staging"

    def day_set_path(self, day: str) -> Path:
        """File that describes the current set of a day's tables."""
        return self.root / "days" / f"{day}.json"

    def day_lock_path(self, day: str) -> Path:
        """File that the run which writes a day locks."""
        return self.root / ".locks" / f"{day}.lock"

    def finish_switches(self) -> None:
        """Complete all switches that have begun, also those of processes that have died; no reader sees a part of one."""
        if not any(self.staging_root.glob(f"*/{SWITCH}")):
            return
        with (self.root / _SWITCH_LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for path in self.staging_root.glob(f"*/{SWITCH}"):
                for source, target in json.loads(path.read_text()):
                    _move(self.root, source, target)
                shutil.rmtree(path.parent)

    @contextlib.contextmanager
    def _unswitched(self) -> Iterator[None]:
        """No set is switched while the block runs."""
        with contextlib.ExitStack() as stack:
            if self.root.exists():
                lock: IO[str] | None
                try:
                    self.finish_switches()
                    lock = stack.enter_context((self.root / _SWITCH_LOCK).open("a"))
                except OSError:  # the lake can only be read
                    path = self.root / _SWITCH_LOCK
                    lock = stack.enter_context(path.open()) if path.exists() else None
                if lock is not None:
                    fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    def _sweep(self, snapshots: Path) -> None:
        """Remove snapshots of killed processes."""
        for folder in snapshots.glob("*"):
            with contextlib.suppress(OSError):  # locked, or removed by another process
                if folder.stat().st_mtime < time.time() - 60:  # a younger one may not be locked yet
                    with (folder / "lock").open("a") as lock:
                        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        shutil.rmtree(folder, ignore_errors=True)

    def connect(self, tables: Iterable[str] | None = None) -> duckdb.DuckDBPyConnection:
        """A new in-memory DuckDB with a view of every table (of `tables`, if given) under the table's name."""
        con = duckdb.connect()
        self.add_views(con, tables)
        return con

    def publish_warehouse(self) -> Path:
        """Build `warehouse.duckdb` with every table, empty ones included, and replace the old file atomically.

        An open session on the old file keeps reading the old file.

        Raises:
            DamagedFileError: if a partition's file cannot be read; the old file stays.
        """
        path = self.root / "warehouse.duckdb"

        def build(temporary: Path) -> None:
            con = self.connect()
            try:
                con.execute(f"ATTACH '{str(temporary).replace(chr(39), chr(39) * 2)}' AS warehouse")
                for layer in _LAYERS:
                    con.execute(f"CREATE SCHEMA warehouse.{layer}")
                for spec in TABLES.values():
                    with self.naming_damage([spec.name]):
                        con.execute(f"CREATE TABLE warehouse.{spec.name} AS SELECT * FROM {spec.name}")
                con.execute("DETACH warehouse")
            finally:
                con.close()

        write_atomically(path, build)
        return path

    # --- landing zone ---

    @property
    def landing_root(self) -> Path:
        """Folder of the landing zone."""
        return self.root / "landing"

    def landed_files(self, dataset: str | None = None) -> list[LandedFile]:
        """All landed files (of one dataset), in every version, sorted by provider, dataset, period, version."""
        files = []
        for path in self.landing_root.glob(f"*/{dataset or '*'}/*.parquet"):
            match = _LANDED_NAME.match(path.name)
            if match:
                version = int(match["version"] or 1)
                files.append(LandedFile(path.parent.parent.name, path.parent.name, match["period"], version, path))
        return sorted(files, key=lambda f: (f.provider, f.dataset, f.period, f.version))

    def landing_path(self, provider: str, dataset: str, period: str | int, version: int) -> Path:
        """Path of version `version` of a landed file."""
        suffix = "" if version == 1 else f"~{version}"
        return self.landing_root / provider / dataset / f"{period}{suffix}.parquet"

    def truth_path(self, name: str) -> Path:
        """Path of the synthetic league's true values; only tests and `evaluation/truth_worlds.py` read them."""
        return self.root / "truth" / f"{name}.parquet"

    @property
    def demo_mark(self) -> Path:
        """File that marks the lake of `rates demo`."""
        return self.root / "demo.txt"

    # --- models and exports ---

    def runs_root(self, model: str) -> Path:
        """Folder with one sub-folder per training run of `model`."""
        return self.root / "models" / model / "runs"

    def run_path(self, model: str, run_id: str) -> Path:
        """Folder of one run's bundle.

        Raises:
            RatesError: if the run id has characters that could lead out of the folder.
        """
        if not re.fullmatch(r"[A-Za-z0-9_.:-]+", run_id):
            raise RatesError(f"{run_id!r} is not a run id: take one from models.registry")
        return self.runs_root(model) / run_id

    def exports_root(self, game_date: str) -> Path:
        """Folder of the files exported for one day."""
        return self.root / "exports" / game_date

    def export_pointer(self, game_date: str) -> Path:
        """File that says which of a day's exported versions is the current one."""
        return self._staged_root(game_date) / "exports" / game_date / "latest.json"

    def slate_root(self, game_date: str) -> Path:
        """Folder of the features of a day's slate (`pipeline/kept_slates.py`)."""
        return self._staged_root(game_date) / "slates" / game_date

    def _staged_root(self, game_date: str) -> Path:
        return self.overlay.folder if self.overlay and game_date in self.overlay.days else self.root


def _table_folder(root: Path, spec: TableSpec) -> Path:
    return root / spec.layer / spec.name.split(".", 1)[1]


def games_of(lake: Lake, day: date) -> pl.DataFrame:
    """The games of an Eastern date: rows of silver.game, sorted by key; empty if the lake has none."""
    return lake.read("silver.game", [season_of(day)]).filter(pl.col("game_date") == day)


def _metadata(record: Record) -> dict[str, str]:
    return {_RECORD: json.dumps(asdict(record), sort_keys=True)}


def _lacking(spec: TableSpec, path: Path, wanted: Sequence[str], have: Sequence[str]) -> str:
    """Error message for a partition's file without all wanted columns."""
    partition = "" if spec.partition == "none" else f", partition {path.parent.name},"
    missing = ", ".join(c for c in wanted if c not in have)
    return f"{spec.name}{partition} has no column {missing}: an earlier version wrote it; run `rates backfill` for it again"


def _select(spec: TableSpec, folder: Path) -> str:
    if any(folder.iterdir()):
        columns = ", ".join(f'"{c}"' for c in spec.columns)
        escaped = str(folder / "*.parquet").replace("'", "''")
        return f"SELECT {columns} FROM read_parquet('{escaped}', hive_partitioning = false)"
    return f"{_typed(spec)} WHERE false"


def _typed(spec: TableSpec) -> str:
    return "SELECT " + ", ".join(f'NULL::{duckdb_type(c.dtype)} AS "{c.name}"' for c in spec.specs)


def sql(name: str) -> str:
    """Text of `sql/<name>.sql`."""
    return (SQL_ROOT / f"{name}.sql").read_text()


def seed(name: str) -> pl.DataFrame:
    """The seed list `sql/seeds/<name>.csv`: all columns as text, empty cells as null."""
    return pl.read_csv(SQL_ROOT / "seeds" / f"{name}.csv", infer_schema=False)
