"""Sets of tables under attack: does a reader ever see two slates mixed, or a loss pass in silence?

    python benchmarks/storage_sets.py                  # 200 tries of each kind
    python benchmarks/storage_sets.py --tries 1000 --json

slates      two processes write the same day over and over, each table of a set saying its version, and are killed (SIGKILL) now and then;
            a reader takes the day's tables through `Lake.read` and through DuckDB, and compares the versions
restores    a file of an older set is copied over the present one: reading the day must fail and name the table
partitions  a partition that slates are made from is moved away: a slate must fail and name it

A try in which the tables differ, or in which nothing fails, counts as mixed or silent.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.day_sets import DAY_TABLES, Stage, current_set
from rates_lib.features.registry import FAMILIES
from rates_lib.lake import Lake
from rates_lib.pipeline.guards import require_history
from rates_lib.pipeline.lineage import fingerprints, inputs, slate_inputs
from rates_lib.schemas.tables import TABLES

DAY, SEASONS = "2024-12-25", (2022, 2023, 2024)
TEXT = {table: next(c for c, dtype in TABLES[table].schema.items() if dtype == pl.String) for table in DAY_TABLES}
SPAWN = mp.get_context("spawn")


def rows(table: str, version: str) -> pl.DataFrame:
    """One row whose text says `version`; other columns are null."""
    schema = TABLES[table].schema
    return pl.DataFrame({c: [version if dtype == pl.String else None] for c, dtype in schema.items()}, schema=schema)


def write_set(lake: Lake, version: str) -> None:
    """Write all tables of the day as one set.

    Raises:
        RatesError: if another process writes the day.
    """
    stage = Stage(lake, f"{version}-{os.getpid()}", [DAY], "predictions", f"writer {version}")
    try:
        for table in DAY_TABLES:
            stage.lake.write(table, rows(table, version), DAY)
        stage.switch([DAY])
    finally:
        stage.discard()


def write_for_ever(root: Path, name: str) -> None:
    """Write set after set; wait if the other process writes the day."""
    number = 0
    while True:
        try:
            write_set(Lake(root), f"{name}{number}")
            number += 1
        except RatesError:
            time.sleep(0.001)


def versions(lake: Lake) -> set[str]:
    """What the tables of the day say, read both ways."""
    read = {lake.read(table, [DAY], [column])[column][0] for table, column in TEXT.items()}
    with lake.connect() as con:
        query = " UNION ".join(f'SELECT "{column}" FROM {table}' for table, column in TEXT.items())
        return read | {str(row[0]) for row in con.sql(query).fetchall()}


def slates_test(root: Path, tries: int) -> dict[str, int]:
    """Two writers of one day, killed now and then, and a reader: tries, mixed sets, sets seen, kills."""
    lake = Lake(root)
    write_set(lake, "first")
    names, chance = ["a", "b"], random.Random(1)
    writers = [SPAWN.Process(target=write_for_ever, args=(root, name), daemon=True) for name in names]
    for writer in writers:
        writer.start()
    found: dict[str, int] = {"tries": tries, "mixed": 0, "kills": 0}
    seen: set[str] = set()
    for n in range(tries):
        with lake.frozen(DAY) as now:
            said = versions(now)
        found["mixed"] += len(said) != 1
        seen |= said
        if n % 10 == 9:
            i = chance.randrange(2)
            os.kill(writers[i].pid or 0, signal.SIGKILL)
            writers[i].join()
            found["kills"] += 1
            writers[i] = SPAWN.Process(target=write_for_ever, args=(root, f"{names[i]}{n}-"), daemon=True)
            writers[i].start()
    for writer in writers:
        writer.kill()
        writer.join()
    return found | {"sets_seen": len(seen)}


def restores_test(root: Path, tries: int) -> dict[str, int]:
    """A table of an older set is copied over the present one: tries, silent ones."""
    lake, chance, silent = Lake(root), random.Random(2), 0
    for n in range(tries):
        table = chance.choice(DAY_TABLES)
        path = lake.partition_path(table, DAY)
        write_set(lake, f"old{n}")
        kept = path.read_bytes()
        write_set(lake, f"new{n}")
        path.write_bytes(kept)
        try:
            with lake.frozen(DAY):
                silent += 1
        except RatesError as error:
            silent += table not in str(error)
    return {"tries": tries, "silent": silent}


def partitions_test(root: Path, tries: int) -> dict[str, int]:
    """A partition that slates are made from is moved away: tries, silent ones."""
    lake, chance, silent = Lake(root), random.Random(3), 0
    sources = list(dict.fromkeys([*slate_inputs(), *inputs(FAMILIES[0].table)]))
    for season in SEASONS:
        for table in sources:
            lake.write(table, rows(table, "x"), season, {})
    for season in SEASONS:
        for family in FAMILIES:
            made_from = fingerprints(lake, inputs(family.table), season)
            lake.write(family.table, rows(family.table, "x"), season, made_from)
    require_history(lake, [DAY])
    for _ in range(tries):
        table = chance.choice(sources)
        read = [
            season
            for season in SEASONS
            if season >= SEASONS[-1] - max(slate_inputs().get(table, 0), inputs(FAMILIES[0].table).get(table, 0))
        ]
        path = lake.partition_path(table, chance.choice(read))
        away = path.rename(path.with_name("away"))
        try:
            require_history(lake, [DAY])
            silent += 1
        except RatesError as error:
            silent += table not in str(error) or "rates backfill" not in str(error)
        away.rename(path)
    return {"tries": tries, "silent": silent}


def main(argv: list[str] | None = None) -> int:
    """Run all three; the exit code is 1 if anything was mixed or silent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(argv)
    tests = {"slates": slates_test, "restores": restores_test, "partitions": partitions_test}
    results = {}
    with tempfile.TemporaryDirectory(prefix="storage-sets-") as folder:
        for name, test in tests.items():
            results[name] = test(Path(folder) / name, asked.tries)
            if not asked.json:
                print(f"{name:<12}" + ", ".join(f"{value} {what}" for what, value in results[name].items()), flush=True)
        assert current_set(Lake(Path(folder) / "slates"), DAY).tables
    if asked.json:
        print(json.dumps(results))
    return int(any(result.get("mixed", 0) + result.get("silent", 0) for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
