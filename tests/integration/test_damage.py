"""A damaged file of a table stops only who reads it, and is named with its own path and the command that makes it again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.damage import DamagedFileError, command_for
from rates_lib.lake import Lake, Record
from rates_lib.pipeline.transform import build
from rates_lib.questions.contents import contents_of
from rates_lib.schemas.tables import TABLES

GAME, OTHER, DAYS = "silver.game", "gold.opponent_allowed", "exports.files"
ROWS = 2000


def _flipped(content: bytes) -> bytes:
    """With other bytes in the middle: the footer is whole, the rows cannot be decompressed."""
    middle = len(content) // 3
    return content[:middle] + bytes(255 - byte for byte in content[middle : middle + 200]) + content[middle + 200 :]


def _broken_footer(content: bytes) -> bytes:
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    return content[:footer] + b"\xff" * 40 + content[footer + 40 :]


KINDS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "short": lambda content: content[:5],
    "half": lambda content: content[: len(content) // 2],
    "without its end": lambda content: content[:-1],
    "no Parquet": lambda _: b"<html>404</html>" * 50,
    "broken footer": _broken_footer,
    "broken rows": _flipped,
}


def rows_of(table: str, season: int) -> pl.DataFrame:
    spec = TABLES[table]
    ids = pl.DataFrame({"_i": range(ROWS)})
    fills = {pl.Int64: pl.lit(season), pl.Float64: pl.col("_i").cast(pl.Float64).sin(), pl.Int8: pl.lit(1), pl.Boolean: pl.lit(True),
             pl.Date: pl.lit(date(season, 11, 1)), pl.String: (pl.col("_i") * 7919 % 10007).cast(pl.String)}  # fmt: skip
    columns = [fills.get(dtype.base_type(), pl.lit(None)).cast(dtype).alias(c) for c, dtype in spec.schema.items()]
    return ids.select(columns)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "a lake's folder")
    for season in (2022, 2023, 2024):
        lake.write(GAME, rows_of(GAME, season), season)
        lake.write(OTHER, rows_of(OTHER, season), season)
    return lake


def damage(lake: Lake, table: str, partition: int | str, how: str) -> Path:
    path = lake.partition_path(table, partition)
    path.write_bytes(KINDS[how](path.read_bytes()))
    return path


def message(path: Path, season: int) -> str:
    command = re.escape(f"`rates backfill --seasons {season} --through silver --rebuild`")
    return rf"^silver\.game of {season} cannot be read: {re.escape(str(path))} is damaged \(.+\); make it again with {command}$"


# DuckDB takes the columns of a view from the first file, and names no file if rows cannot be decompressed
@pytest.mark.parametrize(("season", "how"), [*((2023, how) for how in KINDS), (2022, "empty"), (2022, "half"), (2022, "broken rows")])
def test_a_query_names_the_file_and_the_command_and_others_go_on(lake: Lake, season: int, how: str) -> None:
    path = damage(lake, GAME, season, how)
    with lake.connect() as con:
        assert con.sql(f"SELECT count(*) FROM {OTHER}").fetchall() == [(3 * ROWS,)]
        with pytest.raises(RatesError) as caught, lake.naming_damage([GAME]):
            con.sql(f"SELECT sum(hash(COLUMNS(*))) FROM {GAME}").fetchall()
    assert re.match(message(path, season), str(caught.value)), str(caught.value)


@pytest.mark.parametrize("how", KINDS)
def test_a_read_names_the_file_and_the_command(lake: Lake, how: str) -> None:
    path = damage(lake, GAME, 2023, how)
    with pytest.raises(DamagedFileError, match=message(path, 2023)):
        lake.read(GAME)
    assert lake.read(GAME, [2022, 2024]).height == 2 * ROWS
    assert lake.read(OTHER).height == 3 * ROWS


@pytest.mark.parametrize("how", [how for how in KINDS if how != "broken rows"])
def test_a_damaged_file_has_an_empty_record_and_is_counted_as_damaged(lake: Lake, how: str) -> None:
    damage(lake, GAME, 2023, how)
    assert lake.record(GAME, 2023) == Record()
    (found,) = contents_of(lake, [TABLES[GAME]])
    assert (found.partitions, found.damaged, found.rows) == (["2022", "2023", "2024"], ["2023"], 2 * ROWS)


def test_writing_again_mends_it(lake: Lake) -> None:
    damage(lake, GAME, 2023, "half")
    lake.write(GAME, rows_of(GAME, 2023), 2023)
    with lake.connect() as con:
        assert con.sql(f"SELECT count(*) FROM {GAME}").fetchall() == [(3 * ROWS,)]


def test_a_frozen_day_names_the_file_in_the_lake(lake: Lake) -> None:
    day = "2024-12-25"
    lake.write(DAYS, rows_of(DAYS, 2024), day)
    day_file, season_file = damage(lake, DAYS, day, "half"), damage(lake, GAME, 2024, "half")
    with lake.frozen(day) as now:
        with pytest.raises(DamagedFileError, match=re.escape(f"{day_file} is damaged")) as caught:
            now.read(DAYS, [day])
        assert str(caught.value).endswith(f"`rates slate {day}`")
        with pytest.raises(DamagedFileError, match=re.escape(f"{season_file} is damaged")):
            now.read(GAME)


def test_a_later_partition_of_an_earlier_version_is_named_too(lake: Lake) -> None:
    lake.write(GAME, rows_of(GAME, 2023).drop("home_win"), 2023)
    wanted = r"silver\.game, partition season=2023, has no column home_win"
    with lake.connect() as con, pytest.raises(RatesError, match=wanted), lake.naming_damage([]):
        con.sql(f"SELECT count(home_win) FROM {GAME}").fetchall()


def test_other_errors_are_not_damage(lake: Lake) -> None:
    with lake.connect() as con, pytest.raises(duckdb.BinderException), lake.naming_damage([GAME]):
        con.sql(f"SELECT no_such_column FROM {GAME}")


@pytest.mark.parametrize(
    ("table", "partition", "command"),
    [
        ("bronze.odds", "2023", "rates backfill --seasons 2023 --through bronze --rebuild"),
        ("silver.game_quarantine", "2023", "rates backfill --seasons 2023 --through silver --rebuild"),
        ("gold.player_form", "2023", "rates backfill --seasons 2023 --rebuild"),
        ("models.registry", None, "rates train --as-of YYYY-MM-DD"),
        ("sims.worlds", "2024-12-25", "rates slate 2024-12-25"),
        ("evals.player", "2024", "rates evaluate --seasons 2024"),
        ("evals.worlds", "2024", "rates evaluate-worlds --seasons 2024"),
        ("evals.impact", "2024", "rates impact --seasons 2024"),
        ("evals.ablation", "2024", "rates ablate --season 2024"),
    ],
)
def test_every_table_has_a_command_that_makes_it(table: str, partition: str | None, command: str) -> None:
    assert command_for(TABLES[table], partition) == command


def test_publishing_names_a_damaged_file(lake: Lake) -> None:
    path = damage(lake, GAME, 2023, "half")
    with pytest.raises(RatesError, match=re.escape(str(path))):
        lake.publish_warehouse()
    assert not (lake.root / "warehouse.duckdb").exists()


def test_a_step_names_a_damaged_input(lake: Lake) -> None:
    lake.write("bronze.schedule", rows_of("bronze.schedule", 2023), 2023)
    path = damage(lake, "bronze.schedule", 2023, "broken rows")
    with pytest.raises(RatesError, match=re.escape(f"bronze.schedule of 2023 cannot be read: {path} is damaged")):
        build(lake, GAME, 2023)
