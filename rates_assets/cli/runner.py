"""Run jobs of the graph in this process on the instance, so that runs of the command line are in the UI like any other.

Belongs here: starting, following and reporting a run. Does not belong here: the runs of a command (`workflows.py`).
"""

import os
import shutil
import time
import traceback
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, EventLogEntry
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from rates_assets.build import build_defs
from rates_assets.cli.session import LONG_SECONDS, in_words
from rates_assets.executor import held
from rates_assets.progress import Notice, PartDone, PartitionDone, progress_of
from rates_assets.resources import RatesDuckDB
from rates_assets.staging import abandon
from rates_lib.core.errors import CancelledError, ExportError, RatesError
from rates_lib.lake import Lake

_PACKAGE = Path(__file__).parent.parent
_SETTINGS = next(
    path for path in (_PACKAGE / "dagster.yaml", _PACKAGE.parent / "dagster_home" / "dagster.yaml") if path.exists()
)  # inside the wheel, else in the checkout
_ROWS = ("dagster/partition_row_count", "dagster/row_count")
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # events go to the event log, not to the terminal
# the repository that `rates ui` serves: the UI shows a run on its timeline and among a job's runs only if the run names its origin
_REPOSITORY = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("rates_assets.definitions"), "__repository__")
_TAGS = {"rates/started_by": "cli"}


class RunFailedError(RatesError):
    """A step failed with an unexpected exception, which is the cause."""


@dataclass
class RunReport:
    """Report of one run.

    Attributes:
        job: name of the job.
        partitions: requested key or range, "" without partitions.
        run_id: id in the UI.
        seconds: wall time.
        rows: rows written by asset, summed over partitions.
        refused: number of refusals by table.
        warnings: what is unusual (values beyond their range, tables that were not switched in), a sentence each.
        metadata: of the last materialisation, by asset.
    """

    job: str
    partitions: str
    run_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    seconds: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Job and partitions, for a sentence."""
        return f"{self.job} {self.partitions}".strip()

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        kept = ("job", "partitions", "run_id", "rows", "refused", "warnings")
        return {name: getattr(self, name) for name in kept} | {"seconds": round(self.seconds, 1)}


class NotCopiedError(RatesError):
    """All tables and files of a run are written and current, but the files could not be copied to another place.

    Attributes:
        report: of the run.
    """

    def __init__(self, message: str, report: RunReport) -> None:
        super().__init__(message)
        self.report = report


def prepare_home() -> Path:
    """Folder of the instance: DAGSTER_HOME, else ./dagster_home; created with the project's settings if missing."""
    home = Path(os.environ.get("DAGSTER_HOME") or "dagster_home").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(_SETTINGS, home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


class Runner:
    """Starts runs and shows their progress.

    Attributes:
        lake: that the runs read and write.
        console: for progress; not standard output, which is for results.
    """

    def __init__(self, instance: dg.DagsterInstance, lake: Lake, console: Console) -> None:
        """Load the graph."""
        self.lake = lake
        self.console = console
        self._instance = instance
        self._defs = build_defs({"duckdb": RatesDuckDB(root=str(lake.root))})

    def run(
        self,
        job: str,
        partitions: str | tuple[str, str] | None = None,
        *,
        config: Mapping[str, Mapping[str, Any]] | None = None,
        assets: Iterable[dg.AssetKey] = (),
        tags: Mapping[str, str] | None = None,
    ) -> RunReport:
        """Run a job to its end.

        Args:
            job: name.
            partitions: one key, or the first and the last key of a range, which is one run.
            config: settings by step.
            assets: the job's assets to run; empty: all.
            tags: of the run, beside those of every run of the command line.

        Raises:
            RatesError: of a step.
            RunFailedError: if a step fails with any other exception.
            CancelledError: if the process is interrupted; the run is on the instance as cancelled.
        """
        selection = frozenset(assets)
        definition = self._defs.resolve_job_def(job)
        if isinstance(partitions, tuple) and partitions[0] == partitions[1]:
            partitions = partitions[0]
        report = RunReport(job, "..".join(partitions) if isinstance(partitions, tuple) else partitions or "")
        started = time.perf_counter()
        steps = len((definition.get_subset(asset_selection=selection) if selection else definition).nodes)
        failures: list[_Failure] = []
        with _Progress(self.console, report, steps) as progress, held(self._instance, report.run_id):
            self._instance.add_event_listener(report.run_id, progress.listen)
            try:
                run = self._instance.create_run_for_job(
                    definition,
                    run_id=report.run_id,
                    run_config={**_QUIET, "ops": {step: {"config": dict(values)} for step, values in (config or {}).items()}},
                    tags={**definition.run_tags, **_TAGS, **_partition_tags(partitions), **(tags or {})},
                    asset_selection=selection or None,
                    remote_job_origin=_REPOSITORY.get_job_origin(job),
                )
                execute_run(InMemoryJob(definition.with_hooks({_keeper(failures)})), run, self._instance)
            except KeyboardInterrupt:  # before the first step or after the last one; in between the executor takes it
                self._cancel(report.run_id)
                raise _cancelled(report) from None
        report.seconds = time.perf_counter() - started
        self._require_success(failures, report)
        self.console.print(f"[bold]{report.job}[/] {report.partitions} [dim]{report.seconds:.1f} s[/]", highlight=False)
        for table, count in sorted(report.refused.items()):
            self.console.print(f"  [yellow]{count:,} refusals in {table}[/]: see {table}_quarantine", highlight=False)
        for warning in report.warnings:
            self.console.print(f"  [yellow]note[/]: {escape(warning)}", highlight=False)
        return report

    def _cancel(self, run_id: str) -> None:
        run = self._instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            self._instance.report_run_canceled(run, "The process was interrupted (Ctrl-C or SIGTERM).")

    def _require_success(self, failures: "list[_Failure]", report: RunReport) -> None:
        run = self._instance.get_run_by_id(report.run_id)
        if run is not None and run.is_success:
            return
        if run is not None and run.status == dg.DagsterRunStatus.CANCELED:
            abandon(report.run_id)  # an interrupt between two steps leaves days locked
            raise _cancelled(report)
        error = _error(failures, report)
        if isinstance(error, ExportError):
            raise NotCopiedError(str(error), report) from error
        raise error


@dataclass(frozen=True)
class _Failure:
    step: str
    error: BaseException


def _keeper(failures: list[_Failure]) -> dg.HookDefinition:
    """A hook that collects the exceptions of steps, which run in this process."""

    @dg.failure_hook
    def keep(context: dg.HookContext) -> None:
        if context.op_exception is not None:
            failures.append(_Failure(context.step_key, context.op_exception))

    return keep


class _Progress:
    """A progress bar, a line per written asset and per month of a step that writes many; fills in the report."""

    def __init__(self, console: Console, report: RunReport, steps: int) -> None:
        texts = TextColumn("{task.description}"), TextColumn("{task.fields[step]}")
        columns = (SpinnerColumn(), texts[0], BarColumn(20), MofNCompleteColumn(), texts[1], TimeElapsedColumn())
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task(report.name, total=steps, step="")
        self._report = report
        self._written: list[str] = []
        self._months: set[str] = set()
        self._step_started = 0.0
        self._estimated = False

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def listen(self, entry: EventLogEntry) -> None:
        """Handle one event of the run."""
        event = entry.dagster_event
        if event is None:
            return
        match event.event_type:
            case DagsterEventType.STEP_START:
                self._written, self._months, self._step_started, self._estimated = [], set(), entry.timestamp, False
                self._bar.update(self._task, step=_title(event.step_key))
            case DagsterEventType.ASSET_MATERIALIZATION:
                self._materialised(event)
            case DagsterEventType.ASSET_CHECK_EVALUATION:
                self._checked(event)
            case DagsterEventType.STEP_SUCCESS:
                self._bar.advance(self._task)
                self._print_step(event)
            case DagsterEventType.ENGINE_EVENT:
                self._advanced(event, entry.timestamp)

    def _advanced(self, event: DagsterEvent, timestamp: float) -> None:
        """Show the progress of a step: a line per fit and per month. Seasons are quick and appear only in the bar."""
        progress = progress_of(event)
        if isinstance(progress, PartitionDone):
            self._bar.update(self._task, step=f"{_title(event.step_key)} {progress}")
            month = progress.key[:7]
            if len(month) == len("2024-11") and month not in self._months:
                self._months.add(month)
                self._bar.console.print(f"    {progress!s:<44} [dim]{timestamp - self._step_started:6.1f} s[/]", highlight=False)
        elif isinstance(progress, PartDone):
            elapsed = timestamp - self._step_started
            left = elapsed * (progress.total - progress.number) / progress.number
            self._bar.update(self._task, step=f"{_title(event.step_key)} {progress}, {in_words(left)} left")
            if not self._estimated and elapsed + left > LONG_SECONDS:
                self._estimated = True
                self._bar.console.print(f"    [dim]{_title(event.step_key)} takes about {in_words(elapsed + left)}[/]", highlight=False)
        elif isinstance(progress, Notice):
            self._report.warnings.append(str(progress))
        elif progress is not None:
            self._bar.update(self._task, step=str(progress))
            self._bar.console.print(f"    [dim]{progress}[/]", highlight=False)

    def _materialised(self, event: DagsterEvent) -> None:
        materialisation = event.step_materialization_data.materialization
        asset = ".".join(materialisation.asset_key.path)
        values = {name: value.value for name, value in materialisation.metadata.items()}
        if asset not in self._written:
            self._written.append(asset)
        self._report.metadata[asset] = values
        rows = next((rows for name in _ROWS if isinstance(rows := values.get(name), int)), None)
        if rows is not None:
            self._report.rows[asset] = self._report.rows.get(asset, 0) + rows

    def _checked(self, event: DagsterEvent) -> None:
        check = event.asset_check_evaluation_data
        refusals = check.metadata["refusals"].value if check.check_name == "refused" and not check.passed else None
        if isinstance(refusals, int):
            self._report.refused[".".join(check.asset_key.path)] = refusals
        if check.check_name == "plausible" and not check.passed:
            self._report.warnings += map(str, check.metadata["beyond"].value)  # type: ignore[arg-type]

    def _print_step(self, event: DagsterEvent) -> None:
        lines = [f"{asset:<32}{self._report.rows[asset]:>11,} rows" for asset in self._written if self._shown(asset)]
        lines = lines or [_title(event.step_key)]
        lines[0] = f"{lines[0]:<48} [dim]{event.step_success_data.duration_ms / 1000:6.1f} s[/]"
        self._bar.console.print(*(f"  {line}" for line in lines), sep="\n", highlight=False)

    def _shown(self, asset: str) -> bool:
        return asset in self._report.rows and not asset.endswith("_quarantine")


def _title(step_key: str | None) -> str:
    return (step_key or "").replace("__", ".")


def _partition_tags(partitions: str | tuple[str, str] | None) -> dict[str, str]:
    if isinstance(partitions, tuple):
        return {"dagster/asset_partition_range_start": partitions[0], "dagster/asset_partition_range_end": partitions[1]}
    return {} if partitions is None else {"dagster/partition": partitions}


def _cancelled(report: RunReport) -> CancelledError:
    return CancelledError(f"cancelled: {report.name}; nothing half-written")


def _error(failures: list[_Failure], report: RunReport) -> RatesError:
    """The RatesError of a step if there is one, else a RunFailedError with the first step's exception as its cause."""
    for failure in failures:
        error: BaseException | None = failure.error
        while error is not None:
            if isinstance(error, RatesError):
                return error
            error = error.__cause__ or error.__context__
    if not failures:
        return RunFailedError(f"{report.name} did not finish: look at run {report.run_id} in `rates ui`")
    first = failures[0]
    root = first.error
    while root.__cause__ is not None:
        root = root.__cause__
    why = "".join(traceback.format_exception_only(root)).strip().splitlines()[0]
    where = f"{report.name} failed in {_title(first.step)}"
    failed = RunFailedError(f"{where}: {why} (--debug shows the traceback; run {report.run_id} in `rates ui`)")
    failed.__cause__ = first.error
    return failed
