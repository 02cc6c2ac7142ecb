"""A tiny synthetic league, run through the whole graph once per test run; each worker has a copy, on an instance of its own."""

import io
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from rates_assets.cli.runner import Runner, RunReport
from rates_assets.cli.workflows import mid_season_day
from rates_lib.lake import Lake
from tests.conftest import Once

SEASONS = [2022, 2023, 2024]
# these tests check the graph, not the models: few rounds, and leaves small enough for a tiny league
_QUICK = {"max_rounds": 8, "min_data_in_leaf": 20}
QUICK_MINUTES = {"settings": _QUICK | {"play_rounds": 8, "min_listed_rows": 200}}
QUICK_MODELS: dict[str, dict[str, object]] = {
    "models__rates_v1": {"settings": _QUICK, "plain_settings": {"max_rounds": 8}},
    "models__efficiency_v1": {"settings": _QUICK},
    "models__box_v1": {"settings": {"rounds": 8, "min_data_in_leaf": 20}},
    "models__worlds_v1": {"settings": {"games": 8, "worlds": 20, "rounds": 2}},
}


@dataclass
class Chain:
    """The jobs' lake and reports, in the order of the runs.

    Attributes:
        runner: started the jobs.
        instance: stores their events.
        lake: holds the tables that they wrote.
        day: the projected day, an Eastern date in ISO form.
        reports: report of each job; of `minutes` the last one.
    """

    runner: Runner
    instance: dg.DagsterInstance
    lake: Lake
    day: str = ""
    reports: dict[str, RunReport] = field(default_factory=dict)

    def run(self, job: str, partitions: str | tuple[str, str] | None = None, **config: dict[str, object]) -> RunReport:
        """Run a job; `config` is that of its steps."""
        self.reports[job] = self.runner.run(job, partitions, config=config)
        return self.reports[job]


@contextmanager
def opened(folder: Path) -> Iterator[Chain]:
    """A chain in `folder`: its lake, and an instance whose event log is the product's."""
    home, lake = folder / "home", Lake(folder / "lake")
    home.mkdir(exist_ok=True)
    log = {"module": "rates_assets.event_log", "class": "PooledSqliteEventLogStorage", "config": {"base_dir": str(home)}}
    with dg.DagsterInstance.local_temp(str(home), overrides={"telemetry": {"enabled": False}, "event_log_storage": log}) as instance:
        yield Chain(Runner(instance, lake, Console(file=io.StringIO())), instance, lake)


def make_chain(folder: Path) -> None:
    """Run all jobs on the league; chain.pickle holds the day and the reports for the copies."""
    with opened(folder) as chain:
        chain.run("land", landing__zone={"provider": "synthetic", "seasons": SEASONS, "options": {"teams": 6, "games_per_team": 20}})
        chain.run("history", ("2022", "2024"))
        chain.run("minutes", "2023-10-01", models__minutes_v1=QUICK_MINUTES)
        chain.run("minutes", "2024-10-01", models__minutes_v1=QUICK_MINUTES)
        chain.run("training_sets", ("2022", "2024"))
        chain.run("models", "2024-10-01", **QUICK_MODELS)
        chain.run("team_models", "2024-10-01")
        chain.day = mid_season_day(chain.lake, 2024).isoformat()
        chain.run("slate", chain.day, sims__slate={"worlds": 200})
        (folder / "chain.pickle").write_bytes(pickle.dumps((chain.day, chain.reports)))


@pytest.fixture(scope="session")
def chain(once: Once, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    folder = tmp_path_factory.mktemp("chain") / "copy"
    shutil.copytree(once("chain", make_chain), folder)
    with opened(folder) as copy:
        copy.day, copy.reports = pickle.loads((folder / "chain.pickle").read_bytes())
        yield copy


@pytest.fixture
def empty_lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")
