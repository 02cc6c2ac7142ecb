"""A past evening of real games: parity with training, and nothing from the days after it."""

import io
from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from rich.console import Console

from rates_assets.cli.runner import Runner
from rates_lib.lake import Lake
from tests.integration.conftest import QUICK_MINUTES, QUICK_MODELS
from tests.parity import assert_parity

DATA = Path(__file__).parents[3] / "shared" / "data"
SEASONS = [2022, 2023, 2024]
DAY = date(2024, 12, 25)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (DATA / "stats_nba").is_dir(), reason=f"the real seasons are not in {DATA}"),
]


def project(root: Path, *, land: bool) -> Lake:
    """Take three seasons (landed already, or from the source) to the slate of `DAY`."""
    lake = Lake(root)
    with dg.DagsterInstance.ephemeral() as instance:
        runner = Runner(instance, lake, Console(file=io.StringIO()))
        if land:
            runner.run("land", config={"landing__zone": {"provider": "files", "path": str(DATA), "seasons": SEASONS}})
        runner.run("history", ("2022", "2024"))
        runner.run("minutes", "2023-10-01", config={"models__minutes_v1": QUICK_MINUTES})
        runner.run("minutes", "2024-12-01", config={"models__minutes_v1": QUICK_MINUTES})
        runner.run("training_sets", ("2022", "2024"))
        runner.run("models", "2024-12-01", config=QUICK_MODELS)
        runner.run("team_models", "2024-12-01")
        runner.run("slate", DAY.isoformat(), config={"sims__slate": {"worlds": 200}})
    return lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return project(tmp_path_factory.mktemp("whole"), land=True)


def test_training_base_has_the_log_rows_with_minutes(lake: Lake) -> None:
    for season, label in ((2022, "2022-23"), (2023, "2023-24"), (2024, "2024-25")):
        log = pl.read_parquet(DATA / "stats_nba" / "leaguegamelog_player" / f"{label}.parquet").filter(pl.col("MIN") > 0)
        base = lake.read("gold.rates_training_base", [season], ["game_id", "player_id"])
        assert set(base.iter_rows()) == set(log.select("GAME_ID", pl.col("PLAYER_ID").cast(pl.String)).iter_rows())
        assert base.height == log.height


@pytest.mark.parametrize("day", [DAY, date(2024, 10, 22), date(2025, 2, 20)], ids=["active list", "opening night", "proxy"])
def test_past_slates_equal_the_training_base(lake: Lake, day: date) -> None:
    assert assert_parity(lake, day) > 30


def test_days_after_the_slate_change_nothing(lake: Lake, tmp_path: Path) -> None:
    cut = Lake(tmp_path)
    dates = pl.read_parquet(lake.landing_path("files", "schedule", 2024, 1)).select("GAME_ID", "GAME_DATE")
    for file in lake.landed_files():
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
    project(tmp_path, land=False)
    assert cut.read("silver.game")["game_date"].max() == DAY
    for layer in ("predictions", "sims", "exports"):
        made = sorted(p.relative_to(lake.root) for p in (lake.root / layer).rglob("*") if p.is_file())
        assert made
        for path in made:
            assert (cut.root / path).read_bytes() == (lake.root / path).read_bytes(), path
