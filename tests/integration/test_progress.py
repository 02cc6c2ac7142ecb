"""Progress reports are read from a run's events unchanged."""

import dagster as dg

from rates_assets.progress import FitStarted, Notice, PartitionDone, progress_of, report_progress

REPORTS = [PartitionDone("2024-11-01", 2, 7), FitStarted("minutes without lines"), Notice("2024-12-25 keeps its current tables")]


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
    messages = ["2024-11-01, 2 of 7", "fitting minutes without lines", "2024-12-25 keeps its current tables"]
    assert reports == [("slow", message, progress) for message, progress in zip(messages, REPORTS, strict=True)]
