"""A tiny synthetic league taken through the whole graph, once per test session, on an instance of its own."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from rates_assets.cli.runner import Runner, RunReport
from rates_assets.cli.workflows import mid_season_day
from rates_lib.lake import Lake

SEASONS = [2022, 2023, 2024]
# the graph is what is tested here, not the models: few rounds, and leaves as small as a tiny league's
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
    """What the jobs made, in order.

    Attributes:
        runner: has started them.
        instance: knows their events.
        lake: holds what they made.
        day: that was projected, an Eastern date in ISO form.
        reports: by job; of `minutes` the last.
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


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    lake = Lake(tmp_path_factory.mktemp("chain") / "lake")
    with dg.DagsterInstance.ephemeral() as instance:
        made = Chain(Runner(instance, lake, Console(file=io.StringIO())), instance, lake)
        made.run("land", landing__zone={"provider": "synthetic", "seasons": SEASONS, "options": {"teams": 6, "games_per_team": 20}})
        made.run("history", ("2022", "2024"))
        made.run("minutes", "2023-10-01", models__minutes_v1=QUICK_MINUTES)
        made.run("minutes", "2024-10-01", models__minutes_v1=QUICK_MINUTES)
        made.run("training_sets", ("2022", "2024"))
        made.run("models", "2024-10-01", **QUICK_MODELS)
        made.run("team_models", "2024-10-01")
        made.day = mid_season_day(lake, 2024).isoformat()
        made.run("slate", made.day, sims__slate={"worlds": 200})
        yield made


@pytest.fixture
def empty_lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")
