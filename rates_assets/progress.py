"""Progress of a running step as events of its run, for the run's log in the UI and for listeners.

Belongs here: content of such events, and writing and reading them. Does not belong here: the time of a report (`step.py`), printing
(`cli/runner.py`).
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import dagster as dg
from dagster._core.events import EngineEventData


@dataclass(frozen=True)
class PartitionDone:
    """A partition of many is written; its materialisation appears in the log only after all are.

    Attributes:
        key: of the partition.
        number: of written partitions, including this one.
        total: number of requested partitions.
    """

    key: str
    number: int
    total: int

    def __str__(self) -> str:
        """E.g. "2024-11-01, 2 of 7"."""
        return f"{self.key}, {self.number} of {self.total}"


@dataclass(frozen=True)
class FitStarted:
    """The next of many fits begins.

    Attributes:
        what: the model that is fitted.
    """

    what: str

    def __str__(self) -> str:
        """E.g. "fitting minutes without lines"."""
        return f"fitting {self.what}"


@dataclass(frozen=True)
class PartDone:
    """A part of the work on one partition is done.

    Attributes:
        what: such as "game".
        number: of parts that are done.
        total: number of parts.
    """

    what: str
    number: int
    total: int

    def __str__(self) -> str:
        """E.g. "game 3 of 11"."""
        return f"{self.what} {self.number} of {self.total}"


@dataclass(frozen=True)
class Notice:
    """Something that the user must know and that is no failure: tables that were not switched in, a model that was not promoted.

    Attributes:
        text: one sentence.
    """

    text: str

    def __str__(self) -> str:
        """The sentence."""
        return self.text


Progress = PartitionDone | FitStarted | PartDone | Notice
_KINDS: dict[str, type[Progress]] = {
    "rates/partition": PartitionDone,
    "rates/fit": FitStarted,
    "rates/part": PartDone,
    "rates/notice": Notice,
}
REPORT_SECONDS = 1.0  # between two events of a step; an event costs 4 ms


def report_progress(context: dg.AssetExecutionContext, progress: Progress) -> None:
    """Store `progress` as an event of the running step."""
    name = next(name for name, kind in _KINDS.items() if isinstance(progress, kind))
    data = EngineEventData({name: dg.MetadataValue.json(asdict(progress))})
    step_key = str(context.op_execution_context.op_handle)
    context.instance.report_engine_event(str(progress), context.run, data, step_key=step_key)


def parts_reporter(context: dg.AssetExecutionContext, what: str) -> Callable[[int, int], None]:
    """A function of the number of parts that are done and of all: reports them, once a second at most."""
    reported_at = time.perf_counter()

    def report(number: int, total: int) -> None:
        nonlocal reported_at
        if time.perf_counter() - reported_at >= REPORT_SECONDS:
            reported_at = time.perf_counter()
            report_progress(context, PartDone(what, number, total))

    return report


def progress_of(event: dg.DagsterEvent) -> Progress | None:
    """The progress that `event` reports; None for any other event."""
    if event.event_type != dg.DagsterEventType.ENGINE_EVENT:
        return None
    for name, kind in _KINDS.items():
        value = event.engine_event_data.metadata.get(name)
        if isinstance(value, dg.JsonMetadataValue) and isinstance(value.data, dict):
            return kind(**value.data)
    return None
