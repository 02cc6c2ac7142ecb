"""Progress reports are read from a run's events unchanged."""

import dagster as dg
import pytest

from rates_assets import progress as progress_module
from rates_assets.progress import FitStarted, Notice, PartDone, PartitionDone, parts_reporter, progress_of, report_progress

REPORTS = [
    PartitionDone("2024-11-01", 2, 7),
    FitStarted("minutes without lines"),
    PartDone("game", 3, 11),
    Notice("2024-12-25 keeps its current tables"),
]


@dg.asset
def slow(context: dg.AssetExecutionContext) -> None:
    for progress in REPORTS:
        report_progress(context, progress)


def test_whoever_listens_to_a_run_reads_the_progress_of_its_steps() -> None:
    events: list[dg.DagsterEvent] = []
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([slow], instance=instance)
        events = [entry.dagster_event for entry in instance.all_logs(result.run_id) if entry.dagster_event]
    reports = [(event.step_key, event.message, progress) for event in events if (progress := progress_of(event))]
    messages = ["2024-11-01, 2 of 7", "fitting minutes without lines", "game 3 of 11", "2024-12-25 keeps its current tables"]
    assert reports == [("slow", message, progress) for message, progress in zip(messages, REPORTS, strict=True)]


def test_parts_are_reported_once_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, reports = [0.0], []
    monkeypatch.setattr(progress_module.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(progress_module, "report_progress", lambda _, progress: reports.append(progress))
    report = parts_reporter(None, "game")  # type: ignore[arg-type]
    for number in range(1, 11):
        clock[0] += 0.4
        report(number, 10)
    assert reports == [PartDone("game", number, 10) for number in (3, 6, 9)]
