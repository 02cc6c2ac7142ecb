"""Three real seasons taken through the whole graph to the slate of a past evening, once per run of the tests."""

import io
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from rates_assets.cli.runner import Runner
from rates_lib.lake import Lake
from tests.conftest import Once
from tests.integration.conftest import QUICK_MINUTES, QUICK_MODELS

DATA = Path(__file__).parents[3] / "shared" / "data"
SEASONS = [2022, 2023, 2024]
DAY = date(2024, 12, 25)
REAL = [
    pytest.mark.real,
    pytest.mark.skipif(not (DATA / "stats_nba").is_dir(), reason=f"the real seasons are not in {DATA}"),
]


def land(root: Path) -> None:
    """Put the three seasons into the landing zone of a lake at `root`."""
    with dg.DagsterInstance.ephemeral() as instance:
        config = {"landing__zone": {"provider": "files", "path": str(DATA), "seasons": SEASONS}}
        Runner(instance, Lake(root), Console(file=io.StringIO())).run("land", config=config)


def project(root: Path, first: int = SEASONS[0]) -> None:
    """Take what is landed at `root` to the slate of `DAY`; seasons before `first` are there already."""
    with dg.DagsterInstance.ephemeral() as instance:
        runner = Runner(instance, Lake(root), Console(file=io.StringIO()))
        runner.run("history", (str(first), "2024"))
        if first < SEASONS[-1]:
            runner.run("minutes", "2023-10-01", config={"models__minutes_v1": QUICK_MINUTES})
        runner.run("minutes", "2024-12-01", config={"models__minutes_v1": QUICK_MINUTES})
        runner.run("training_sets", (str(first), "2024"))
        runner.run("models", "2024-12-01", config=QUICK_MODELS)
        runner.run("team_models", "2024-12-01")
        runner.run("slate", DAY.isoformat(), config={"sims__slate": {"worlds": 200}})


@pytest.fixture(scope="session")
def whole(once: Once) -> Lake:
    """To be read only: both workers have the same."""

    def fill(root: Path) -> None:
        land(root)
        project(root)

    return Lake(once("real_whole", fill))
