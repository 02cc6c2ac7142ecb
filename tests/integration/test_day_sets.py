"""A day's tables: switched in together, read together, written by one run at a time, and not replaced by lesser ones."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.day_sets import DAY_TABLES, LAYERS, SetSettings, Stage, current_set, why_lesser
from rates_lib.lake import SWITCH, Lake
from rates_lib.schemas.tables import TABLES
from tests.frames.rows import good_row

DAY, OTHER = "2024-12-25", "2024-12-26"
EARLY, LATE = "2024-12-25T15:00:00+00:00", "2024-12-25T17:00:00+00:00"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def rows(table: str, version: str) -> pl.DataFrame:
    """One row whose text columns say `version`."""
    text = [c for c, dtype in TABLES[table].schema.items() if dtype == pl.String]
    return good_row(TABLES[table]).with_columns(pl.lit(version).alias(c) for c in text)


def settings(as_of_utc: str, seed: int | None, worlds: int | None) -> SetSettings:
    return SetSettings(as_of_utc, seed=seed, worlds=worlds)


def write(stage: Stage, version: str, layers: tuple[str, ...] = LAYERS, day: str = DAY) -> None:
    for table in DAY_TABLES:
        if TABLES[table].layer in layers:
            stage.lake.write(table, rows(table, version), day)


def stage_of(lake: Lake, run: str = "run", layer: str = "predictions", days: tuple[str, ...] = (DAY,)) -> Stage:
    return Stage(lake, run, days, layer, f"run {run}")


def switched(lake: Lake, version: str, layers: tuple[str, ...] = LAYERS, **settings: object) -> None:
    stage = stage_of(lake, version, layers[0])
    write(stage, version, layers)
    stage.describe(DAY, **settings)
    stage.switch([DAY])
    stage.discard()


def versions(lake: Lake) -> dict[str, str | None]:
    """Version of each table of the day, None without rows."""
    text = {table: next(c for c, dtype in TABLES[table].schema.items() if dtype == pl.String) for table in DAY_TABLES}
    read = {table: lake.read(table, [DAY], [column])[column].to_list() for table, column in text.items()}
    return {table: values[0] if values else None for table, values in read.items()}


def test_nothing_is_seen_before_the_switch_and_all_of_it_after(lake: Lake) -> None:
    switched(lake, "one")
    stage = stage_of(lake)
    write(stage, "two", ("predictions",))
    assert set(versions(lake).values()) == {"one"}
    assert set(versions(stage.lake).values()) == {"two", None}, "tables made from other rows are not read beside new ones"
    write(stage, "two", ("sims", "exports"))
    stage.switch([DAY])
    stage.discard()
    assert set(versions(lake).values()) == {"two"}
    assert not any(lake.staging_root.iterdir())


def test_tables_made_from_other_rows_go_and_those_made_from_equal_rows_stay(lake: Lake) -> None:
    switched(lake, "one", as_of_utc=EARLY, seed=3, worlds=50)
    switched(lake, "one", ("predictions",), as_of_utc=LATE)
    assert set(versions(lake).values()) == {"one"}
    assert current_set(lake, DAY).settings == settings(LATE, 3, 50)
    switched(lake, "two", ("predictions",), as_of_utc=LATE)
    assert {table for table, version in versions(lake).items() if version} == {t for t in DAY_TABLES if t.startswith("predictions.")}
    assert current_set(lake, DAY).settings == SetSettings(LATE)


def test_worlds_alone_can_be_drawn_again(lake: Lake) -> None:
    switched(lake, "one", as_of_utc=EARLY, seed=3, worlds=50)
    switched(lake, "two", ("sims", "exports"), seed=3, worlds=60)
    assert {version for table, version in versions(lake).items() if not table.startswith("predictions.")} == {"two"}
    assert current_set(lake, DAY).settings == settings(EARLY, 3, 60)
    with lake.frozen(DAY) as now:
        assert versions(now) == versions(lake)


def test_a_day_that_loses_its_games_loses_its_tables(lake: Lake) -> None:
    switched(lake, "one")
    stage = stage_of(lake)
    for table in DAY_TABLES:
        stage.lake.drop_partition(table, DAY)
    stage.switch([DAY])
    stage.discard()
    assert set(versions(lake).values()) == {None}
    assert not lake.day_set_path(DAY).exists()


@pytest.mark.parametrize(
    ("now", "then", "why"),
    [
        (settings(EARLY, 7, 100), SetSettings(), ""),
        (settings(LATE, 7, 100), settings(EARLY, 7, 100), ""),
        (settings(EARLY, 7, 100), settings(EARLY, 7, 100), ""),
        (SetSettings(LATE), settings(EARLY, 7, 100), ""),
        (settings("", None, None), settings(EARLY, 7, 100), "knows less"),
        (settings(EARLY, 7, 100), settings(LATE, 7, 100), "knows less"),
        (settings(LATE, 7, 99), settings(EARLY, 7, 100), "has 99 worlds"),
        (settings(LATE, 8, 100), settings(EARLY, 7, 100), "seed is 8"),
    ],
)
def test_which_set_is_lesser(now: SetSettings, then: SetSettings, why: str) -> None:
    assert (why in why_lesser(now, then)) if why else why_lesser(now, then) == ""


def test_one_run_writes_a_day_at_a_time(lake: Lake) -> None:
    first = stage_of(lake, "first")
    with pytest.raises(RatesError, match=rf"2024-12-25 is being written by run first, process {os.getpid()}, since .*: wait"):
        stage_of(lake, "second", days=(OTHER, DAY))
    stage_of(lake, "third", days=(OTHER,)).discard()
    first.release()
    stage_of(lake, "second", days=(OTHER, DAY)).discard()


def test_a_lock_dies_with_its_holder(lake: Lake) -> None:
    script = f"""
import sys, time
from pathlib import Path
from rates_lib.day_sets import Stage
from rates_lib.lake import Lake
stage = Stage(Lake(Path({str(lake.root)!r})), "killed", ["{DAY}"], "predictions", "run killed")
print("locked", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(RatesError, match="run killed"):
            stage_of(lake, "second")
        process.send_signal(signal.SIGKILL)
    stage_of(lake, "second").discard()


def test_a_run_that_is_executed_again_continues_its_stage(lake: Lake) -> None:
    stage = stage_of(lake, "run")
    write(stage, "one", ("predictions",))
    stage.release()
    again = stage_of(lake, "run", layer="sims")
    assert set(versions(again.lake).values()) == {"one", None}
    write(again, "one", ("sims", "exports"))
    again.switch([DAY])
    again.discard()
    assert set(versions(lake).values()) == {"one"}


@pytest.mark.parametrize("moves_done", [0, 1, 5, len(DAY_TABLES)])
def test_an_interrupted_switch_is_completed_by_the_next_reader(lake: Lake, moves_done: int, monkeypatch: pytest.MonkeyPatch) -> None:
    switched(lake, "one")
    stage = stage_of(lake, "two")
    write(stage, "two")
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "finish_switches", lambda _: None)  # as if the process had died
        stage.switch([DAY])
        stage.release()
    moves = json.loads((lake.staging_root / "two" / SWITCH).read_text())
    for source, target in moves[:moves_done]:
        (lake.root / source).replace(lake.root / target)
    with lake.frozen(DAY) as now:
        assert set(versions(now).values()) == {"two"}
    assert set(versions(lake).values()) == {"two"}
    assert not any(lake.staging_root.iterdir())


def test_who_reads_a_day_keeps_its_set(lake: Lake) -> None:
    switched(lake, "one")
    with lake.frozen(DAY) as now:
        before = versions(now)
        switched(lake, "two")
        assert versions(now) == before
        with now.connect() as con:
            (game,) = con.sql("SELECT DISTINCT game_id FROM sims.worlds").fetchall()
        assert game == ("one",)
    assert set(versions(lake).values()) == {"two"}
    assert not any((lake.root / ".snapshots").iterdir())


def test_a_table_that_was_restored_alone_is_named(lake: Lake) -> None:
    switched(lake, "one")
    path = lake.partition_path("sims.worlds", DAY)
    kept = path.read_bytes()
    switched(lake, "two")
    path.write_bytes(kept)
    with (
        pytest.raises(RatesError, match=r"not of one slate: sims\.worlds was replaced .* run `rates slate 2024-12-25` again"),
        lake.frozen(DAY),
    ):
        pass
    path.unlink()
    with pytest.raises(RatesError, match=r"sims\.worlds was removed"), lake.frozen(DAY):
        pass


def test_a_lake_that_can_only_be_read_is_read(lake: Lake) -> None:
    switched(lake, "one")
    (lake.root / ".snapshots").touch()  # blocks the folder of this name; permissions would not stop root
    with lake.frozen(DAY) as now, now.connect() as con:
        assert con.sql("SELECT count(*) FROM sims.worlds").fetchall() == [(1,)]
    with lake.connect() as con:
        assert con.sql("SELECT count(*) FROM sims.worlds").fetchall() == [(1,)]


def test_reading_makes_no_lake(lake: Lake) -> None:
    with lake.connect() as con, lake.frozen(DAY) as now:
        assert con.sql("SELECT count(*) FROM sims.worlds").fetchall() == [(0,)]
        assert now.read("sims.worlds").is_empty()
    assert not lake.root.exists()
