"""Worlds in the lake: a row group per game, and never half of a day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from rates_lib.core.errors import SchemaError
from rates_lib.lake import Lake
from rates_lib.sim.parameters import Parameters
from rates_lib.sim.worlds import draw_slate, slots
from tests.frames.slate import DAY, first_stage, slate

WORLDS = 1500


def test_a_row_group_per_game_and_no_half_of_a_day(tmp_path: Path) -> None:
    frames = slate(3)
    drawn = list(draw_slate(slots(frames["minutes"], frames["rates"], first_stage(frames)), Parameters(), WORLDS))
    rows = pl.concat(game.rows() for game in drawn)
    lake = Lake(tmp_path)
    assert lake.write_groups("sims.worlds", (game.rows() for game in drawn), DAY.isoformat()) == rows.height
    path = lake.partition_path("sims.worlds", DAY.isoformat())
    assert pl.read_parquet(path).equals(rows)
    assert pq.ParquetFile(path).num_row_groups == 3
    assert path.stat().st_size * 100_000 / (3 * WORLDS) < 20e6  # ten games of 10,000 worlds in 20 MB
    before = path.read_bytes()
    lake.write_groups("sims.worlds", (game.rows() for game in drawn), DAY.isoformat())
    assert path.read_bytes() == before

    def breaks() -> Iterator[pl.DataFrame]:
        yield drawn[0].rows()
        raise SchemaError("the second game is wrong")

    with pytest.raises(SchemaError):
        lake.write_groups("sims.worlds", breaks(), DAY.isoformat())
    assert path.read_bytes() == before
    with lake.connect() as con:
        assert con.execute("SELECT typeof(pts), typeof(world), count(*) FROM sims.worlds GROUP BY ALL").fetchall() == [
            ("UTINYINT", "UINTEGER", rows.height)
        ]
    assert lake.write_groups("sims.worlds", [], DAY.isoformat()) == 0
    assert lake.partitions("sims.worlds") == []
