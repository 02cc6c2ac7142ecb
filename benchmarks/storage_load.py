"""Load test of the lake: counts failures, time spent waiting for locks, and torn reads of partitions.

    python benchmarks/storage_load.py                       # 20 seconds of load, 20 killed processes
    python benchmarks/storage_load.py --seconds 60 --json

Eight processes rewrite partitions of `silver.player_game`, each its own; two readers poll, one through `Lake.read`, one through DuckDB
(fresh connections, a long-lived one, the published warehouse); one process publishes `warehouse.duckdb` repeatedly; one client holds
the first warehouse open all the time and queries it repeatedly.

Every version of a partition carries its number in every column, a number of rows that follows from it and a checksum, so a mixture of
two versions cannot pass. Processes run on one thread each, so that the time an operation takes splits into CPU, queueing for a CPU (the
kernel counts both) and the rest: waiting for the disk or for another process's lock. That rest is compared with the wait of the
same operation run alone.

Then processes are killed (SIGKILL) while they write or publish: every acknowledged write must be readable in full.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import queue
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from rates_lib.lake import Lake
from rates_lib.schemas.tables import TABLES

TABLE = "silver.player_game"
FIRST_SEASON = 2010
QUERY = f"""
SELECT season, min(pts), max(pts), min(player_name), max(player_name), min(minutes), max(minutes), count(*), sum(seconds)
FROM {TABLE} GROUP BY season ORDER BY season"""
SPAWN = mp.get_context("spawn")


# --- versions ---------------------------------------------------------------------------------------------------------


def rows_of(version: int, rows: int) -> int:
    """Number of rows of a version, different for successive versions."""
    return rows + version * 977 % (rows // 4)


def version_frame(season: int, version: int, rows: int) -> pl.DataFrame:
    """A partition with `version` encoded in its columns; `seconds` is a checksum over the row numbers."""
    number = pl.int_range(rows_of(version, rows), dtype=pl.Int64, eager=True)
    columns = []
    for name, dtype in TABLES[TABLE].schema.items():
        if name == "season":
            columns.append(pl.lit(season, dtype=pl.Int64))
        elif name == "player_id":
            columns.append(number.cast(pl.String))
        elif name == "seconds":
            columns.append(number + version)
        elif dtype == pl.String:
            columns.append(pl.lit(f"v{version}"))
        elif dtype == pl.Date:
            columns.append(pl.lit(date(2020, 1, 1)))
        else:
            columns.append(pl.lit(version % 100 if dtype == pl.Int8 else version).cast(dtype))
        columns[-1] = columns[-1].alias(name)
    return pl.DataFrame({"i": number}).select(columns)


class TornReadError(Exception):
    """A partition that is not one whole version, or older than one seen before."""


def whole_version(row: tuple[Any, ...], rows: int) -> int:
    """The version of a partition from its row of `QUERY`, or TornReadError."""
    season, low, high, low_name, high_name, low_min, high_min, count, checksum = row
    n = rows_of(low, rows)
    if not (low == high == low_min == high_min and low_name == high_name == f"v{low}" and count == n):
        raise TornReadError(f"season {season}: {row}")
    if checksum != n * (n - 1) // 2 + n * low:
        raise TornReadError(f"season {season}: checksum of {row}")
    return int(low)


def check_all(result: Iterable[tuple[Any, ...]], rows: int, seasons: int, seen: dict[int, int]) -> None:
    """Check a whole result of `QUERY`; `seen` holds the versions that this reader saw last; versions may not decrease."""
    result = list(result)
    if len(result) != seasons:
        raise TornReadError(f"{len(result)} partitions instead of {seasons}")
    for row in result:
        version = whole_version(row, rows)
        if version < seen.get(row[0], 0):
            raise TornReadError(f"season {row[0]} went back from {seen[row[0]]} to {version}")
        seen[row[0]] = version


class OneThreadLake(Lake):
    """A lake whose connections use one thread, because CPU time of threads that have ended is not counted."""

    def connect(self, tables: Iterable[str] | None = None) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(config={"threads": 1})
        self.add_views(con, tables)
        return con


# --- operations -------------------------------------------------------------------------------------------------------


def summarise(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """`QUERY` in Polars."""
    bounds = [f(c).alias(f"{c}_{f.__name__}") for c in ("pts", "player_name", "minutes") for f in (pl.min, pl.max)]
    return frame.group_by("season").agg(*bounds, pl.len(), pl.col("seconds").sum()).sort("season").rows()


def open_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True, config={"threads": 1})


def operations(lake: Lake, rows: int, seasons: int, writes: list[int]) -> dict[str, Callable[[], object]]:
    """Operations of a process, by name. `writes` are the seasons that it may rewrite."""
    versions = dict.fromkeys(writes, 1)
    turn = [0]
    last_seen: dict[str, dict[int, int]] = defaultdict(dict)

    @cache
    def session() -> duckdb.DuckDBPyConnection:
        return lake.connect()

    def checked(con: duckdb.DuckDBPyConnection, reader: str) -> None:
        check_all(con.sql(QUERY).fetchall(), rows, seasons, last_seen[reader])

    @cache
    def held() -> tuple[duckdb.DuckDBPyConnection, list[tuple[Any, ...]]]:
        con = open_warehouse(lake.root / "warehouse.duckdb")
        return con, con.sql(QUERY).fetchall()

    def write() -> None:
        season = writes[turn[0] % len(writes)]
        turn[0] += 1
        versions[season] += 1
        lake.write(TABLE, version_frame(season, versions[season], rows), season)

    def fresh_connection() -> None:
        con = lake.connect()
        checked(con, "fresh")
        con.close()

    def open_session() -> None:
        lake.add_views(session())
        checked(session(), "session")
        checked(session(), "session")

    def new_warehouse() -> None:
        # under a name other than that of the held one: DuckDB shares a database that its process has already opened
        link = lake.root / f"open-{os.getpid()}.duckdb"
        link.unlink(missing_ok=True)
        link.hardlink_to(lake.root / "warehouse.duckdb")
        with open_warehouse(link) as con:
            checked(con, "warehouse")

    def held_warehouse() -> None:
        opened, first = held()
        if opened.sql(QUERY).fetchall() != first:
            raise TornReadError("the open warehouse changed")

    return {
        "write a partition": write,
        "read: Lake.read": lambda: check_all(summarise(lake.read(TABLE)), rows, seasons, last_seen["read"]),
        "read: new connection": fresh_connection,
        "read: open session": open_session,
        "read: new warehouse": new_warehouse,
        "read: held warehouse": held_warehouse,
        "publish warehouse": lake.publish_warehouse,
    }


ROLES = {
    "writer": ["write a partition"],
    "poller": ["read: Lake.read"],
    "duckdb poller": ["read: new connection", "read: open session", "read: new warehouse"],
    "client": ["read: held warehouse"],
    "publisher": ["publish warehouse"],
}


# --- measuring --------------------------------------------------------------------------------------------------------


def _clock() -> tuple[float, float, float]:
    """Wall, CPU and run-queue seconds of this process so far (the last NaN where the kernel does not count it)."""
    try:
        queued = sum(int((task / "schedstat").read_text().split()[1]) for task in Path("/proc/self/task").iterdir()) / 1e9
    except OSError:
        queued = float("nan")
    return time.perf_counter(), time.process_time(), queued


def measure(operation: Callable[[], object]) -> dict[str, Any]:
    """Seconds of one operation: wall, cpu, and wait (neither running nor queueing for a CPU); and its error, if any."""
    error, torn = None, False
    wall, cpu, queued = _clock()
    try:
        operation()
    except Exception as caught:  # any exception is a finding of this test
        error, torn = f"{type(caught).__name__}: {caught}"[:300], isinstance(caught, TornReadError)
    wall2, cpu2, queued2 = _clock()
    spent, used = wall2 - wall, cpu2 - cpu
    return {"wall": spent, "cpu": used, "wait": max(spent - used - (queued2 - queued), 0.0), "error": error, "torn": torn}


def _play(root: Path, role: str, rows: int, seasons: int, writes: list[int], ready: Any, start: Any, stop: Any, results: Any) -> None:
    repertoire = operations(OneThreadLake(root), rows, seasons, writes)
    mine = [(name, repertoire[name]) for name in ROLES[role]]
    for _, operation in mine:
        measure(operation)  # imports, caches
    ready.release()
    start.wait()
    measured = []
    while True:
        measured += [(name, measure(operation)) for name, operation in mine]
        if stop.is_set():
            break
    results.put((role, measured))


@contextmanager
def _one_thread() -> Iterator[None]:
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = "1"  # read by the children when they import Polars
    try:
        yield
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


def play(root: Path, roles: list[str], seconds: float, rows: int, seasons: int) -> tuple[list[Any], float]:
    """Run the roles at the same time, each in its own process.

    Returns:
        (role, [(operation, measurement)]) per process, and the measured seconds.
    """
    ready, start, stop = SPAWN.Semaphore(0), SPAWN.Event(), SPAWN.Event()
    results = SPAWN.Queue()
    writers = roles.count("writer")
    processes = []
    for i, role in enumerate(roles):
        writes = [FIRST_SEASON + s for s in range(seasons) if s % max(writers, 1) == i] if role == "writer" else []
        processes.append(SPAWN.Process(target=_play, args=(root, role, rows, seasons, writes, ready, start, stop, results)))
    with _one_thread():
        for process in processes:
            process.start()
    for _ in processes:
        while not ready.acquire(timeout=1):
            if any(p.exitcode not in (None, 0) for p in processes):
                raise RuntimeError("a process of the load test died while starting")
    start.set()
    began = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    measurements = []
    while len(measurements) < len(processes):
        try:
            measurements.append(results.get(timeout=1))
        except queue.Empty:
            if any(p.exitcode not in (None, 0) for p in processes):
                raise RuntimeError("a process of the load test died") from None
    took = time.perf_counter() - began
    for process in processes:
        process.join()
    return measurements, took


def prepare(root: Path, rows: int, seasons: int) -> Lake:
    """A lake with version 1 of every partition and a published warehouse."""
    lake = Lake(root)
    for s in range(seasons):
        lake.write(TABLE, version_frame(FIRST_SEASON + s, 1, rows), FIRST_SEASON + s)
    lake.publish_warehouse()
    return lake


def load_test(root: Path, seconds: float = 20, rows: int = 26_000, writers: int = 8, alone_seconds: float = 2) -> dict[str, Any]:
    """Run the load and the same operations alone.

    Args:
        root: an empty folder.
        seconds: length of the load.
        rows: rows of a partition (26,000: a season of `silver.player_game`).
        writers: writing processes; there are two partitions for each.
        alone_seconds: how long each role runs alone for comparison; 0 omits the comparison.

    Returns:
        `operations`: by name count, errors, torn, and medians in ms under load and alone; `errors`: messages; `cpu_share`: CPU used by
        all together as a share of the cores' time; `wait_share`: share of the processes' time spent neither running nor queueing for
        a core; `snapshots_left`: folders of hard links of processes that have ended.
    """
    seasons = 2 * writers
    prepare(root, rows, seasons)
    alone: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if alone_seconds:
        for role in ROLES:
            for _, measured in play(root, [role], alone_seconds, rows, seasons)[0]:
                for name, m in measured:
                    alone[name].append(m)
        prepare(root, rows, seasons)
    roles = ["writer"] * writers + [r for r in ROLES if r != "writer"]
    measurements, took = play(root, roles, seconds, rows, seasons)
    together: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _, measured in measurements:
        for name, m in measured:
            together[name].append(m)
    table = {}
    for name in (n for names in ROLES.values() for n in names):
        ms, base = together[name], alone[name]
        table[name] = {
            "count": len(ms),
            "errors": sum(m["error"] is not None for m in ms),
            "torn": sum(m["torn"] for m in ms),
            **{f"{k}_ms": _median(ms, k) for k in ("wall", "cpu", "wait")},
            "wait_p95_ms": _quantile(ms, "wait", 0.95),
            "wait_max_ms": _quantile(ms, "wait", 1),
            **{f"alone_{k}_ms": _median(base, k) for k in ("wall", "cpu", "wait")},
            "alone_wait_p95_ms": _quantile(base, "wait", 0.95),
        }
    everything = [m for ms in together.values() for m in ms] + [m for ms in alone.values() for m in ms]
    cores = len(os.sched_getaffinity(0))
    return {
        "seconds": round(took, 1),
        "processes": len(roles),
        "cores": cores,
        "rows_per_partition": rows,
        "partitions": seasons,
        "operations": table,
        "errors": sorted({m["error"] for m in everything if m["error"]}),
        "cpu_share": round(_total(together, "cpu") / took / cores, 3),
        "wait_share": round(_total(together, "wait") / _total(together, "wall"), 4),
        "snapshots_left": len(list((root / ".snapshots").glob("*"))),
    }


def _total(measured: dict[str, list[dict[str, Any]]], key: str) -> float:
    return sum(m[key] for ms in measured.values() for m in ms)


def _median(measured: list[dict[str, Any]], key: str) -> float | None:
    return round(1000 * statistics.median(m[key] for m in measured), 2) if measured else None


def _quantile(measured: list[dict[str, Any]], key: str, share: float) -> float | None:
    values = sorted(m[key] for m in measured)
    return round(1000 * values[min(int(share * len(values)), len(values) - 1)], 2) if values else None


# --- kill -9 ----------------------------------------------------------------------------------------------------------


def _write_until_killed(root: Path, season: int, rows: int, acknowledged: Any) -> None:
    lake, version = Lake(root), 1
    frames = {v: version_frame(season, v, rows) for v in range(2, 12)}  # built beforehand, so that the kill hits a write
    while True:
        version = version + 1 if version < 11 else 2
        lake.write(TABLE, frames[version], season)
        acknowledged.value = version


def _publish_until_killed(root: Path, acknowledged: Any) -> None:
    lake = Lake(root)
    while True:
        lake.publish_warehouse()
        acknowledged.value += 1


def kill_test(root: Path, kills: int = 20, rows: int = 26_000, seed: int = 7, at_once: int = 4) -> dict[str, Any]:
    """Kill processes at random moments while they write, and check the lake afterwards.

    Args:
        root: an empty folder.
        kills: how many processes are killed; one in `at_once` publishes the warehouse, the others write a partition each.
        rows: rows of a partition.
        seed: of the random moments.
        at_once: processes that run at the same time.

    Returns:
        `kills`, `problems` (messages; should be empty), `leftovers` (temporary files of killed processes: kills that hit a write).
    """
    rng = random.Random(seed)
    lake = prepare(root, rows, at_once)
    problems: list[str] = []
    done = 0
    while done < kills:
        crew = []
        for i in range(min(at_once, kills - done)):
            acknowledged = SPAWN.Value("q", 0)
            target = partial(_publish_until_killed, root) if i == 0 else partial(_write_until_killed, root, FIRST_SEASON + i, rows)
            process = SPAWN.Process(target=target, args=(acknowledged,))
            process.start()
            crew.append((process, acknowledged, i))
        for process, acknowledged, _ in crew:
            while acknowledged.value == 0 and process.is_alive():
                time.sleep(0.005)
            time.sleep(rng.uniform(0, 0.06))
            if process.exitcode is not None:
                problems.append(f"a writer ended by itself with code {process.exitcode}")
            os.kill(process.pid, signal.SIGKILL)
        for process, acknowledged, i in crew:
            process.join()
            done += 1
            if i > 0:
                problems += _after_kill(lake, FIRST_SEASON + i, rows, acknowledged.value)
        problems += _after_publisher_kill(lake, rows, at_once)
    leftovers = len(list(root.rglob(".*.tmp")))
    return {"kills": done, "problems": problems, "leftovers": leftovers}


def _after_kill(lake: Lake, season: int, rows: int, acknowledged: int) -> list[str]:
    with lake.connect() as con:
        views = [con.sql(QUERY).fetchall(), summarise(lake.read(TABLE))]
    try:
        through_views, through_read = ({row[0]: whole_version(row, rows) for row in view}[season] for view in views)
    except (TornReadError, KeyError) as error:
        return [f"after a kill: {error!r}"]
    # the write after the acknowledged one may have been finished before the kill
    allowed = {acknowledged, acknowledged + 1 if acknowledged < 11 else 2}
    if through_read not in allowed or through_views != through_read:
        return [f"season {season}: version {acknowledged} was written, {through_read} (views {through_views}) is there"]
    return []


def _after_publisher_kill(lake: Lake, rows: int, seasons: int) -> list[str]:
    try:
        with open_warehouse(lake.root / "warehouse.duckdb") as con:
            check_all(con.sql(QUERY).fetchall(), rows, seasons, {})
    except Exception as error:
        return [f"the warehouse after a kill: {error!r}"]
    return []


# --- command line -----------------------------------------------------------------------------------------------------


def print_report(load: dict[str, Any], kill: dict[str, Any]) -> None:
    print(
        f"{load['processes']} processes on {load['cores']} cores, {load['seconds']} s, {load['partitions']} partitions of about "
        f"{load['rows_per_partition']:,} rows;\n{load['cpu_share']:.0%} of the cores' time used, {load['wait_share']:.2%} of the "
        "processes' time spent waiting for anything but a core\n"
    )
    print(f"{'':22}{'':>7}{'':>8}{'':>6} | {'median ms under load':^24} | {'wait ms':^15} | {'median ms alone':^24} | {'wait':>6}")
    print(
        f"{'operation':22}{'count':>7}{'errors':>8}{'torn':>6} | {'wall':>8}{'cpu':>8}{'wait':>8} | {'p95':>7}{'max':>8} |"
        f" {'wall':>8}{'cpu':>8}{'wait':>8} | {'p95':>6}"
    )
    for name, row in load["operations"].items():
        cells = [
            row[f"{k}_ms"]
            for k in ("wall", "cpu", "wait", "wait_p95", "wait_max", "alone_wall", "alone_cpu", "alone_wait", "alone_wait_p95")
        ]
        a, b, c, d, e, f, g, h, i = (float("nan") if v is None else v for v in cells)
        print(
            f"{name:22}{row['count']:>7}{row['errors']:>8}{row['torn']:>6} | {a:>8.1f}{b:>8.1f}{c:>8.1f} | {d:>7.1f}{e:>8.1f} |"
            f" {f:>8.1f}{g:>8.1f}{h:>8.1f} | {i:>6.1f}"
        )
    print("\nerrors:", *(load["errors"] or ["none"]), sep="\n  ")
    print(f"\n{kill['kills']} processes killed, {kill['leftovers']} of them in mid-write; problems: {kill['problems'] or 'none'}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rows", type=int, default=26_000)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="storage_load_"))
    try:
        load = load_test(folder / "load", args.seconds, args.rows, args.writers)
        kill = kill_test(folder / "kill", args.kills, args.rows)
    finally:
        shutil.rmtree(folder)
    if args.json:
        print(json.dumps({"load": load, "kill": kill}, indent=2))
    else:
        print_report(load, kill)
    return 1 if load["errors"] or kill["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
