"""A past evening of real games, projected from a league that ends that evening: nothing from the days after it."""

from pathlib import Path

import polars as pl

from rates_lib.lake import Lake
from tests.conftest import Once
from tests.real.conftest import DAY, REAL, landed_lake, project, whole_lake

pytestmark = REAL


def test_days_after_the_slate_change_nothing(once: Once, tmp_path: Path) -> None:
    landed, cut = landed_lake(once), Lake(tmp_path)
    dates = pl.read_parquet(landed.landing_path("files", "schedule", 2024, 1)).select("GAME_ID", "GAME_DATE")
    for file in landed.landed_files():
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
    project(tmp_path)
    whole = whole_lake(once)  # not before: the other worker may be making it meanwhile
    assert cut.read("silver.game")["game_date"].max() == DAY
    for layer in ("predictions", "sims", "exports"):
        made = sorted(p.relative_to(whole.root) for p in (whole.root / layer).rglob("*") if p.is_file())
        assert made
        for path in made:
            assert (cut.root / path).read_bytes() == (whole.root / path).read_bytes(), path
