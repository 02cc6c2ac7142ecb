"""Whether form tables are stale depends on the rows in the lake, not on file times, copies or the number of runs."""

import io
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from rich.console import Console

from rates_assets.cli.runner import Runner
from rates_assets.step import asset_key
from rates_lib.features.history import load_history
from rates_lib.features.impact.estimates import IMPACT_TABLE, player_impact_season
from rates_lib.features.registry import FAMILIES
from rates_lib.lake import Lake
from rates_lib.pipeline.lineage import fingerprints, inputs, slate_inputs, why_stale
from rates_lib.pipeline.past_slates import stale
from rates_lib.pipeline.transform import BUILD_ORDER
from rates_lib.schemas.tables import TABLES
from tests.integration.conftest import SEASONS, Chain

SEASON = SEASONS[-1]


@pytest.fixture
def lake(chain: Chain, tmp_path: Path) -> Lake:
    """A copy of the tiny league's tables, with new file times in another order."""
    copy = Lake(tmp_path / "lake")
    for layer in ("landing", "gold", "silver", "bronze"):
        shutil.copytree(chain.lake.root / layer, copy.root / layer, copy_function=shutil.copyfile)
    return copy


def change(lake: Lake, table: str, season: int) -> None:
    """Write a partition with one row less; its recorded inputs stay the same."""
    record = lake.record(table, season)
    assert record is not None
    lake.write(table, lake.read(table, [season])[:-1], season, record.made_from)


def test_a_copied_or_touched_lake_is_fresh(lake: Lake) -> None:
    assert stale(lake, SEASON) == ""
    for table in ("bronze.odds", "silver.game", "gold.team_form"):
        for time in (0, 4e9):
            os.utime(lake.partition_path(table, SEASON), (time, time))
            assert stale(lake, SEASON) == ""


def test_the_same_rows_again_leave_what_is_made_of_them_fresh(lake: Lake) -> None:
    tables = [spec.name for spec in TABLES.values() if spec.layer in ("bronze", "silver")]
    before = {table: lake.record(table, SEASON) for table in BUILD_ORDER}
    times = {table: lake.partition_path(table, SEASON).stat().st_mtime_ns for table in BUILD_ORDER}
    with dg.DagsterInstance.ephemeral() as instance:
        Runner(instance, lake, Console(file=io.StringIO())).run("history", str(SEASON), assets=map(asset_key, tables))
    assert all(lake.partition_path(table, SEASON).stat().st_mtime_ns > time for table, time in times.items())
    assert {table: lake.record(table, SEASON) for table in BUILD_ORDER} == before
    assert stale(lake, SEASON) == ""


@pytest.mark.parametrize(
    ("changed", "season", "reason"),
    [
        ("silver.game", SEASON, "gold.player_form of 2024 was made from other rows of silver.game of 2024"),
        ("silver.player_game", SEASON - 1, "gold.player_form of 2024 was made from other rows of silver.player_game of 2023"),
        ("gold.player_impact", SEASON - 2, "gold.player_form of 2024 was made from other rows of gold.player_impact of 2022"),
        ("bronze.odds", SEASON, "silver.odds_game of 2024 was made from other rows of bronze.odds of 2024"),
        ("bronze.schedule", SEASON - 1, "silver.game of 2023 was made from other rows of bronze.schedule of 2023"),
        ("silver.lineup_stint", SEASON - 1, "gold.player_impact of 2023 was made from other rows of silver.lineup_stint of 2023"),
    ],
)
def test_a_restored_partition_is_named(lake: Lake, changed: str, season: int, reason: str) -> None:
    path = lake.partition_path(changed, season)
    newer, times = path.read_bytes(), path.stat()
    change(lake, changed, season)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert stale(lake, SEASON) == reason
    path.write_bytes(newer)
    assert stale(lake, SEASON) == ""


def test_seasons_that_are_not_read_do_not_matter(lake: Lake) -> None:
    change(lake, "silver.odds_game", SEASON - 1)
    change(lake, "silver.player_availability", SEASON - 1)
    change(lake, "silver.game", SEASON)
    assert stale(lake, SEASON - 2) == ""
    assert "silver.player_availability of 2023" in stale(lake, SEASON - 1)


def test_absent_and_new_partitions_are_named(lake: Lake) -> None:
    lake.drop_partition("silver.player_game", SEASON - 1)
    assert stale(lake, SEASON) == "gold.player_form of 2024 was made from silver.player_game of 2023, which is not there"
    lake.drop_partition("gold.team_form", SEASON - 1)
    assert why_stale(lake, ["gold.team_form"], SEASON - 1) == "gold.team_form holds no season 2023"
    lake.write("bronze.player_bio", TABLES["bronze.player_bio"].empty(), SEASON - 9, {})
    assert stale(lake, SEASON) == "gold.player_form of 2024 was made without bronze.player_bio of 2015"


def test_a_lake_of_an_earlier_version_is_stale_and_says_the_remedy(lake: Lake) -> None:
    path = lake.partition_path("gold.rotation", SEASON)
    pl.read_parquet(path).write_parquet(path)
    remedy = "which kept no fingerprints: run `rates backfill` for it again"
    assert stale(lake, SEASON) == f"gold.rotation of 2024 was written by an earlier version, {remedy}"


def test_an_empty_lake_is_stale(empty_lake: Lake) -> None:
    assert stale(empty_lake, SEASON) == f"gold.player_form holds no season {SEASON}"
    assert fingerprints(empty_lake, slate_inputs(), SEASON) == {}


@dataclass(frozen=True)
class _Watched(Lake):
    """A lake that records which partitions are read."""

    seen: set[str] = field(default_factory=set)

    def read(self, table: str, partitions: Iterable[str | int] | None = None, columns: Sequence[str] | None = None) -> pl.DataFrame:
        keys = self.partitions(table) if partitions is None else [key for key in map(str, partitions) if key in self.partitions(table)]
        self.seen.update(f"{table}/{key}" for key in keys)
        return super().read(table, keys, columns)


@pytest.mark.parametrize("season", SEASONS)
def test_the_lists_of_inputs_are_what_is_read(chain: Chain, season: int) -> None:
    history, impact = _Watched(chain.lake.root), _Watched(chain.lake.root)
    load_history(history, [season])
    player_impact_season(impact, season)
    for family in FAMILIES:
        assert fingerprints(chain.lake, inputs(family.table), season).keys() == history.seen
    assert fingerprints(chain.lake, inputs(IMPACT_TABLE), season).keys() == impact.seen
