"""A past evening of real games, projected from a league that ends that evening: nothing from the days after it."""

import shutil
from pathlib import Path

import polars as pl

from rates_lib.lake import Lake
from tests.real.conftest import DAY, REAL, project

pytestmark = REAL


def without_the_season(whole: Lake, root: Path) -> Lake:
    """A copy of a lake without landed files, tables and models of 2024-25."""
    of_season = ("landing", "season=2024", "*-2024-12*", "2024-12.*", "predictions", "sims", "exports", "days", "slates", ".*")
    shutil.copytree(whole.root, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*of_season))
    return Lake(root)


def test_days_after_the_slate_change_nothing(whole: Lake, tmp_path: Path) -> None:
    cut = without_the_season(whole, tmp_path)
    assert "2024" not in cut.partitions("silver.game")
    dates = pl.read_parquet(whole.landing_path("files", "schedule", 2024, 1)).select("GAME_ID", "GAME_DATE")
    for file in whole.landed_files():
        rows = pl.read_parquet(file.path)
        if file.period == "2024" and file.dataset == "leaguedashptstats_season":
            continue  # totals of the whole season
        if file.period == "2024":
            if "GAME_ID" in rows.columns and "GAME_DATE" not in rows.columns:
                rows = rows.join(dates.filter(pl.col("GAME_DATE") <= DAY), on="GAME_ID", how="semi", maintain_order="left")
            for column in {"GAME_DATE", "date"} & set(rows.columns):
                rows = rows.filter(pl.col(column) <= DAY)
        path = cut.landing_path(file.provider, file.dataset, file.period, 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.write_parquet(path)
    project(tmp_path, first=2024)
    assert cut.read("silver.game")["game_date"].max() == DAY
    for layer in ("predictions", "sims", "exports"):
        made = sorted(p.relative_to(whole.root) for p in (whole.root / layer).rglob("*") if p.is_file())
        assert made
        for path in made:
            assert (cut.root / path).read_bytes() == (whole.root / path).read_bytes(), path
