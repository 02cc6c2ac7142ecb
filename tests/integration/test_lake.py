from __future__ import annotations

import os
import shutil
import time
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.lake import Lake, Record, duckdb_type, write_atomically
from rates_lib.schemas.tables import TABLES

TEAM = "gold.opponent_allowed"
FILES = "exports.files"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "a lake's folder")


def allowed(season: int, rows: int, value: float = 1.0) -> pl.DataFrame:
    spec = TABLES[TEAM]
    base = pl.DataFrame({"game_id": [f"{i:010}" for i in range(rows)]}, schema={"game_id": pl.String})
    fills = {pl.Int64: season, pl.Float64: value, pl.String: "t", pl.Int8: 1, pl.Date: date(season, 11, 1)}
    return base.with_columns(pl.lit(fills[dtype]).cast(dtype).alias(c) for c, dtype in spec.schema.items() if c != "game_id").select(
        spec.columns
    )


def count(con: duckdb.DuckDBPyConnection, table: str = TEAM) -> int:
    return con.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]


def test_round_trip_by_partition(lake: Lake):
    lake.write(TEAM, allowed(2023, 3), 2023)
    lake.write(TEAM, allowed(2024, 2), 2024)
    assert lake.partitions(TEAM) == ["2023", "2024"]
    assert lake.read(TEAM).equals(pl.concat([allowed(2023, 3), allowed(2024, 2)]))
    assert lake.read(TEAM, [2024, 1999]).equals(allowed(2024, 2))
    assert lake.read(TEAM, [2024], ["game_id", "season"]).columns == ["game_id", "season"]


def test_types_survive_parquet_and_duckdb(lake: Lake):
    stamp = datetime.fromisoformat("2024-12-25T17:00:00+00:00")
    row = {"season": 2024, "game_date": date(2024, 12, 25), "path": "x", "format": "csv", "bytes": 1, "as_of_utc": stamp}
    frame = pl.DataFrame([row], schema=TABLES[FILES].schema)
    lake.write(FILES, frame, "2024-12-25")
    assert lake.read(FILES).equals(frame)
    with lake.connect() as con:
        assert con.sql("SELECT as_of_utc, game_date FROM exports.files").fetchall() == [(stamp, date(2024, 12, 25))]


def test_writing_replaces_the_partition(lake: Lake):
    lake.write(TEAM, allowed(2023, 3), 2023)
    lake.write(TEAM, allowed(2024, 2), 2024)
    lake.write(TEAM, allowed(2023, 1, 9.0), 2023)
    assert lake.read(TEAM)["def_rating"].to_list() == [9.0, 1.0, 1.0]


def test_same_rows_same_bytes(lake: Lake):
    path = lake.partition_path(TEAM, 2023)
    lake.write(TEAM, allowed(2023, 300), 2023)
    first = path.read_bytes()
    lake.write(TEAM, allowed(2023, 300), 2023)
    assert path.read_bytes() == first


def test_a_partition_keeps_its_record_through_copies(lake: Lake, tmp_path: Path):
    lake.write(TEAM, allowed(2023, 3), 2023, {"silver.game/2023": "0123456789abcdef"})
    record = lake.record(TEAM, 2023)
    assert record is not None
    assert record.made_from == {"silver.game/2023": "0123456789abcdef"}
    shutil.copytree(lake.root, tmp_path / "copy", copy_function=shutil.copyfile)
    assert Lake(tmp_path / "copy").record(TEAM, 2023) == record
    lake.write(TEAM, allowed(2023, 3), 2023)
    assert lake.record(TEAM, 2023) == Record(record.content, None)
    lake.write(TEAM, allowed(2023, 3, 2.0), 2023)
    assert lake.record(TEAM, 2023) != Record(record.content, None)
    assert lake.record(TEAM, 2024) is None
    allowed(2024, 1).write_parquet(lake.partition_path(TEAM, 2023))
    assert lake.record(TEAM, 2023) == Record()


def test_a_partition_of_groups_has_a_record_too(lake: Lake):
    groups = [allowed(2023, 3), allowed(2023, 2, 5.0)]
    assert lake.write_groups(TEAM, groups, 2023) == 5
    first = lake.record(TEAM, 2023)
    assert first is not None
    assert first.content
    lake.write_groups(TEAM, groups, 2023)
    assert lake.record(TEAM, 2023) == first
    lake.write_groups(TEAM, groups[::-1], 2023)
    assert lake.record(TEAM, 2023) != first
    with lake.connect() as con:
        assert count(con) == 5


def test_a_dropped_partition_holds_no_rows(lake: Lake):
    lake.write(TEAM, allowed(2023, 3), 2023)
    lake.drop_partition(TEAM, 2023)
    lake.drop_partition(TEAM, 2023)
    assert lake.partitions(TEAM) == []
    assert lake.read(TEAM).equals(TABLES[TEAM].empty())


def test_a_partition_of_an_earlier_version_is_one_clear_line(lake: Lake):
    lake.write(TEAM, allowed(2023, 3).drop("def_rating", "def_ast_rate"), 2023)
    lake.write(TEAM, allowed(2024, 2), 2024)
    message = f"{TEAM}, partition season=2023, has no column def_rating, def_ast_rate: an earlier version wrote it; run `rates backfill`"
    with pytest.raises(RatesError, match=message):
        lake.read(TEAM)
    assert lake.read(TEAM, columns=["game_id"]).height == 5
    assert lake.read(TEAM, [2024]).height == 2


def test_partitioned_tables_need_a_partition(lake: Lake):
    with pytest.raises(ValueError, match="partitioned by season"):
        lake.write(TEAM, allowed(2023, 1))


def test_views_of_tables_never_made_are_typed_and_empty(lake: Lake):
    with lake.connect() as con:
        for spec in TABLES.values():
            described = con.sql(f"DESCRIBE {spec.name}").fetchall()
            types = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
            assert [(r[0], types.get(r[1], r[1])) for r in described] == [(c, duckdb_type(t)) for c, t in spec.schema.items()]
            assert count(con, spec.name) == 0
            assert lake.read(spec.name).schema == spec.schema


def test_views_have_the_types_of_files_too(lake: Lake):
    with lake.connect() as con:
        empty = con.sql(f"DESCRIBE {TEAM}").fetchall()
        lake.write(TEAM, allowed(2023, 1), 2023)
        lake.add_views(con)
        assert con.sql(f"DESCRIBE {TEAM}").fetchall() == empty


def test_a_connection_sees_the_lake_as_it_was(lake: Lake):
    lake.write(TEAM, allowed(2023, 3), 2023)
    with lake.connect() as con:
        lake.write(TEAM, allowed(2023, 5), 2023)
        lake.write(TEAM, allowed(2024, 5), 2024)
        assert count(con) == 3
        lake.drop_partition(TEAM, 2023)
        assert count(con) == 3
        lake.add_views(con)
        assert count(con) == 5


def test_snapshots_go_with_their_connections(lake: Lake):
    lake.write(TEAM, allowed(2023, 3), 2023)
    snapshots = lake.root / ".snapshots"
    con = lake.connect()
    lake.add_views(con)
    assert len(list(snapshots.iterdir())) == 1
    rows = lake.connect().sql(f"SELECT * FROM {TEAM}").pl()  # a result holds its connection
    assert rows.height == 3
    del con
    assert list(snapshots.iterdir()) == []


def test_snapshots_of_killed_processes_are_swept(lake: Lake):
    lake.write(TEAM, allowed(2023, 3), 2023)
    con = lake.connect()
    (own,) = (lake.root / ".snapshots").iterdir()
    orphan = own.with_name("orphan")
    orphan.mkdir()
    for folder in (own, orphan):
        os.utime(folder, (time.time() - 100, time.time() - 100))
    with lake.connect():
        assert not orphan.exists()
        assert own.exists()
    assert count(con) == 3


def test_leftovers_are_never_read_and_go_after_an_hour(lake: Lake):
    lake.write(TEAM, allowed(2023, 3), 2023)
    path = lake.partition_path(TEAM, 2023)
    old, young = (path.with_name(f".part.parquet.{name}.tmp") for name in ("old", "young"))
    for leftover in (old, young):
        leftover.write_bytes(b"half a file")
    os.utime(old, (time.time() - 4000, time.time() - 4000))
    assert lake.partitions(TEAM) == ["2023"]
    assert lake.read(TEAM).height == 3
    with lake.connect() as con:
        assert count(con) == 3
    lake.write(TEAM, allowed(2023, 4), 2023)
    assert not old.exists()
    assert young.exists()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("old")

    def fail(temporary: Path) -> None:
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, fail)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "old")]


def test_publishing_leaves_an_open_session_alone(lake: Lake):
    lake.write(TEAM, allowed(2023, 3), 2023)
    path = lake.publish_warehouse()
    with duckdb.connect(str(path), read_only=True) as analyst:
        assert count(analyst) == 3
        lake.write(TEAM, allowed(2023, 7), 2023)
        lake.publish_warehouse()
        assert count(analyst) == 3
    with duckdb.connect(str(path), read_only=True) as later:
        assert count(later) == 7
        assert {name: count(later, name) for name in TABLES} == {name: 7 if name == TEAM else 0 for name in TABLES}
    assert sorted(p.name for p in lake.root.iterdir()) == [".snapshots", ".switch.lock", "gold", "warehouse.duckdb"]


def test_landed_files_are_named_by_period_and_version(lake: Lake):
    for period, version in (("2024", 1), ("2024", 2), ("2024-12-25", 1), ("2024", 11)):
        path = lake.landing_path("files", "odds", period, version)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (path.parent / ".2024.parquet.x.tmp").touch()
    (path.parent / "notes.parquet").touch()
    assert lake.landing_path("files", "odds", 2024, 2).name == "2024~2.parquet"
    files = [(f.provider, f.dataset, f.period, f.version) for f in lake.landed_files("odds")]
    assert files == [("files", "odds", "2024", v) for v in (1, 2, 11)] + [("files", "odds", "2024-12-25", 1)]
    assert lake.landed_files("schedule") == []
    assert len(lake.landed_files()) == 4


@pytest.mark.parametrize("run_id", ["../secrets", "a/b", "", "a b"])
def test_run_ids_stay_in_their_folder(lake: Lake, run_id: str):
    with pytest.raises(RatesError, match=r"models\.registry"):
        lake.run_path("rates_v1", run_id)


def test_a_run_has_a_folder_of_its_own(lake: Lake):
    run_id = "rates_v1-plain-stage2-2024-12-0a1b2c3d"
    assert lake.run_path("rates_v1", run_id) == lake.root / "models" / "rates_v1" / "runs" / run_id


def test_a_partition_of_an_earlier_version_stops_only_who_reads_it(tmp_path):
    lake = Lake(tmp_path)
    old = TABLES["silver.game"].empty().drop("home_win")
    lake.write("silver.game", old, 2024)
    con = lake.connect()
    assert con.sql("SELECT count(*) FROM silver.player_game").fetchall() == [(0,)]
    with pytest.raises(duckdb.Error, match=r"silver\.game has partitions of an earlier version: run `rates backfill`"):
        con.sql("SELECT count(*) FROM silver.game").fetchall()
