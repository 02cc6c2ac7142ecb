"""How runs of the command line end, whatever ends them, and that the UI shows them like its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from rates_lib.lake import Lake
from tests.integration.commands import rates, refused
from tests.integration.conftest import Chain

CANCELED, FAILURE, STARTED = dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED
# `rates publish` in a process of its own, which stays in its only step
_BLOCKED = """
import time
from rates_lib.lake import Lake
Lake.publish_warehouse = lambda self: time.sleep(600)
from rates_assets.cli import app
app(["publish"])
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance of its own; `rates publish` writes an empty file, which takes less time than a warehouse."""

    def publish(lake: Lake) -> Path:
        lake.root.mkdir(exist_ok=True)
        (lake.root / "warehouse.duckdb").touch()
        return lake.root / "warehouse.duckdb"

    monkeypatch.setattr(Lake, "publish_warehouse", publish)
    monkeypatch.setenv("RATES_ROOT", str(tmp_path / "lake"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    Lake(tmp_path / "lake").landing_root.mkdir(parents=True)
    return tmp_path / "home"


def runs(home: Path) -> list[dg.DagsterRun]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        return list(instance.get_runs())


def messages(home: Path, run_id: str) -> str:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        return "\n".join(entry.message for entry in instance.all_logs(run_id))


@pytest.fixture
def blocked(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of a run."""
    process = subprocess.Popen([sys.executable, "-c", _BLOCKED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 180
        while not (list(home.glob("running/*")) and runs(home) and "STEP_START" in events(home, runs(home)[0].run_id)):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "the run does not start"
            time.sleep(0.2)
        yield process
    finally:
        process.kill()
        process.communicate()


def events(home: Path, run_id: str) -> list[str]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        return [entry.dagster_event.event_type_value for entry in instance.all_logs(run_id) if entry.dagster_event]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_cancelled(home: Path, blocked: subprocess.Popen[str], number: signal.Signals) -> None:
    blocked.send_signal(number)
    printed, said = blocked.communicate(timeout=60)
    assert (blocked.returncode, printed) == (130, "")
    assert said.strip().splitlines()[-1] == "cancelled: publish; nothing half-written"
    assert "Interrupted" not in said
    (run,) = runs(home)
    assert run.status == CANCELED
    assert list(home.glob("running/*")) == []
    assert rates("publish").exit_code == 0


def _within(act: Callable[[], None]) -> Callable[..., None]:
    return lambda *_args, **_kwargs: act()


def _as_duckdb_does() -> None:
    """DuckDB answers an interrupt with an error of its own."""
    try:
        signal.raise_signal(signal.SIGINT)
    except BaseException as interrupt:
        raise RuntimeError("Query interrupted") from interrupt


def _ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("place", "act"),
    [
        ("rates_lib.lake.Lake.publish_warehouse", _ctrl_c),
        ("rates_lib.lake.Lake.publish_warehouse", _as_duckdb_does),
        ("rates_assets.cli.runner.execute_run", _ctrl_c),  # before the first step
    ],
)
def test_an_interrupt_is_told_wherever_it_arrives(home: Path, monkeypatch: pytest.MonkeyPatch, place: str, act: Callable[[], None]) -> None:
    monkeypatch.setattr(place, _within(act))
    result = rates("publish")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.strip().splitlines()[-1] == "cancelled: publish; nothing half-written"
    assert [run.status for run in runs(home)] == [CANCELED]


@pytest.mark.usefixtures("home")
def test_a_cancelled_slate_leaves_its_day_unlocked_and_unchanged(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(Path(os.environ["RATES_ROOT"]))
    shutil.copytree(chain.lake.root, lake.root, dirs_exist_ok=True)
    before = lake.record("predictions.player_box", chain.day)
    with monkeypatch.context() as patch:
        patch.setattr("rates_assets.assets.exports.write_day", _within(_ctrl_c))
        result = rates("slate", chain.day, "--worlds", "300", "--replace")
    assert result.exit_code == 130
    assert result.stderr.strip().splitlines()[-1] == f"cancelled: slate {chain.day}; nothing half-written"
    assert lake.record("predictions.player_box", chain.day) == before
    assert rates("slate", chain.day, "--worlds", "200").exit_code == 0


def test_a_read_only_command_is_cancelled_in_one_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rates_assets.cli.data.open_lake", _within(_ctrl_c))
    result = rates("query", "SELECT 1")
    assert (result.exit_code, result.stderr.strip()) == (130, "cancelled")
    assert not home.exists()


def test_an_orphan_is_closed_by_the_next_command_and_a_living_run_is_not(home: Path, blocked: subprocess.Popen[str]) -> None:
    (run,) = runs(home)
    refused("land", "--path", "/nowhere")
    assert {r.run_id: r.status for r in runs(home)}[run.run_id] == STARTED

    blocked.kill()
    blocked.communicate()
    assert {r.run_id: r.status for r in runs(home)}[run.run_id] == STARTED
    result = rates("publish")  # would wait for ever for the pool of the dead run
    assert result.exit_code == 0
    assert f"note: run {run.run_id} of publish was left unfinished by process {blocked.pid} on " in result.stderr
    assert {r.run_id: r.status for r in runs(home)}[run.run_id] == FAILURE
    assert f"process {blocked.pid} on " in messages(home, run.run_id)
    assert "note:" not in rates("publish").stderr


def test_the_ui_takes_a_run_for_one_of_the_repository_it_serves(home: Path) -> None:
    assert rates("publish").exit_code == 0
    (run,) = runs(home)
    served = ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name="rates_assets.definitions")).location_name
    assert run.remote_job_origin is not None  # the UI's timeline leaves out runs without it
    selector = run.remote_job_origin.repository_origin.get_selector()
    assert (selector.location_name, selector.repository_name, run.remote_job_origin.job_name) == (served, "__repository__", "publish")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        # as the UI asks for the runs of the repository
        (record,) = instance.get_run_records(dg.RunsFilter(tags={".dagster/repository": f"__repository__@{served}"}))
        assert record.start_time is not None
        assert record.end_time is not None
