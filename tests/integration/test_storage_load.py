"""Short runs of `benchmarks/storage_load.py` and `storage_sets.py`; the long ones are run by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from benchmarks.storage_load import TornReadError, kill_test, load_test, rows_of, summarise, version_frame, whole_version
from benchmarks.storage_sets import partitions_test, restores_test, slates_test


def test_eight_writers_two_readers_a_publisher_and_an_open_client(tmp_path: Path):
    load = load_test(tmp_path, seconds=1, rows=2000, writers=8, alone_seconds=0)
    assert load["errors"] == []
    assert all(row["torn"] == 0 and row["count"] > 0 for row in load["operations"].values())
    assert load["snapshots_left"] == 0


def test_kill_in_mid_write_loses_nothing(tmp_path: Path):
    killed = kill_test(tmp_path, kills=4, rows=12_000)
    assert killed["problems"] == []
    assert killed["kills"] == 4


def test_the_load_test_would_notice_a_mixture():
    old, new = version_frame(2010, 1, 1000), version_frame(2010, 2, 1000)
    assert whole_version(summarise(new)[0], 1000) == 2
    for mixture in (old.head(rows_of(2, 1000)), pl.concat([old.head(600), new.tail(-600)]), new.tail(-1), new.with_columns(seconds=5)):
        with pytest.raises(TornReadError):
            whole_version(summarise(mixture)[0], 1000)


def test_no_set_is_mixed_and_no_loss_is_silent(tmp_path: Path) -> None:
    slates = slates_test(tmp_path / "slates", 20)
    assert slates["mixed"] == 0
    assert slates["kills"] == 2
    assert slates["sets_seen"] > 2
    assert restores_test(tmp_path / "restores", 5)["silent"] == 0
    assert partitions_test(tmp_path / "partitions", 20)["silent"] == 0
