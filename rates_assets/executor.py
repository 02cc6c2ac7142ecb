"""How a run lives and ends in its process: all steps in one process, an interrupt cancels the run, a killed process leaves an orphan.

Every process that executes a run holds a lock on `<DAGSTER_HOME>/running/<run id>`. The operating system releases it when the process
dies, even by a kill, so a free lock tells an orphan from a run of another living process; process ids would be reused, and differ
between containers that share the folder.

Belongs here: the executor of the graph, and closing orphans. Does not belong here: starting runs of the command line (`cli/runner.py`).
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.in_process import InProcessExecutor
from dagster_shared.error import SerializableErrorInfo

_INTERRUPTS = {KeyboardInterrupt.__name__, DagsterExecutionInterruptedError.__name__}
_HELD: set[str] = set()  # runs of this process


@contextmanager
def held(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Mark a run as executed by this process, until the block ends or the process dies. Blocks of the same run may be nested."""
    if run_id in _HELD:
        yield
        return
    path = _folder(instance) / run_id
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{run_id}")
    with new.open("w") as handle:
        handle.write(f"process {os.getpid()} on {socket.gethostname()}")
        handle.flush()
        fcntl.flock(handle, fcntl.LOCK_EX)
        new.replace(path)  # nobody sees the file without its lock
        _HELD.add(run_id)
        try:
            yield
        finally:
            _HELD.discard(run_id)
            path.unlink(missing_ok=True)


def close_orphans(instance: dg.DagsterInstance) -> list[str]:
    """End unfinished runs whose process has died: as cancelled if that was requested, else as failed. Returns a sentence for each."""
    closed = []
    for path in sorted(_folder(instance).glob("[!.]*")):
        try:
            with path.open("r+") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                run = instance.get_run_by_id(path.name)
                if run is not None and not run.is_finished:
                    closed.append(_close(instance, run, handle.read()))
                path.unlink(missing_ok=True)
        except (BlockingIOError, FileNotFoundError):
            continue  # executed by a living process, or ended in this moment
    return closed


def _close(instance: dg.DagsterInstance, run: dg.DagsterRun, process: str) -> str:
    why = f"{process} ended without finishing this run; the next `rates` command has closed it"
    if run.status == dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceled(run, why)
    else:
        instance.report_run_failed(run, why)
    instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)  # else the next run would wait for the pool of the dead one
    partition = run.tags.get("dagster/partition", "")
    return f"run {run.run_id} of {f'{run.job_name} {partition}'.strip()} was left unfinished by {process}: closed"


def _folder(instance: dg.DagsterInstance) -> Path:
    return Path(instance.root_directory) / "running"


class _Executor(InProcessExecutor):
    """Dagster's in-process executor; a run that SIGINT or SIGTERM ends is cancelled, not failed."""

    def execute(self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan) -> Iterator[dg.DagsterEvent]:
        """Execute all steps; see the class."""
        instance, run = plan_context.instance, plan_context.dagster_run

        def cancel() -> None:  # Dagster counts an interrupted run as failed, unless its end was requested before
            instance.report_run_canceling(run, "The process was interrupted (Ctrl-C or SIGTERM).")

        with held(instance, run.run_id):
            try:
                for event in super().execute(plan_context, execution_plan):
                    # DuckDB answers an interrupt with an error of its own, whose cause is the interrupt
                    if event.is_step_failure and _interrupted(event.step_failure_data.error):
                        cancel()
                    yield event
            except (KeyboardInterrupt, DagsterExecutionInterruptedError):
                cancel()
                raise


def _interrupted(error: SerializableErrorInfo | None) -> bool:
    return error is not None and (error.cls_name in _INTERRUPTS or _interrupted(error.cause) or _interrupted(error.context))


@dg.executor(name="in_process", config_schema={})
def in_process(_: dg.InitExecutorContext) -> _Executor:
    """All steps in one process: a process per step costs 2.5 s."""
    return _Executor(retries=RetryMode.ENABLED)
