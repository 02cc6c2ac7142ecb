"""How far a running step is: an event of its run, in the run's log in the UI and for whoever listens to the run.

Belongs here: what such an event says, written and read in one place. Does not belong here: when a step reports (`step.py`), how it
looks on the screen (`cli/runner.py`).
"""

from dataclasses import asdict, dataclass

import dagster as dg
from dagster._core.events import EngineEventData

_PARTITION, _FIT = "rates/partition", "rates/fit"


@dataclass(frozen=True)
class PartitionDone:
    """A partition of many is written; its materialisation reaches the log only when all are.

    Attributes:
        key: the partition's.
        number: how many are written, this one included.
        total: how many the step was asked for.
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
        what: is fitted.
    """

    what: str

    def __str__(self) -> str:
        """E.g. "fitting minutes without lines"."""
        return f"fitting {self.what}"


Progress = PartitionDone | FitStarted


def report_progress(context: dg.AssetExecutionContext, progress: Progress) -> None:
    """Store `progress` as an event of the running step."""
    name = _PARTITION if isinstance(progress, PartitionDone) else _FIT
    data = EngineEventData({name: dg.MetadataValue.json(asdict(progress))})
    step_key = str(context.op_execution_context.op_handle)
    context.instance.report_engine_event(str(progress), context.run, data, step_key=step_key)


def progress_of(event: dg.DagsterEvent) -> Progress | None:
    """The progress that `event` reports; None for any other event."""
    if event.event_type != dg.DagsterEventType.ENGINE_EVENT:
        return None
    for name, kind in ((_PARTITION, PartitionDone), (_FIT, FitStarted)):
        value = event.engine_event_data.metadata.get(name)
        if isinstance(value, dg.JsonMetadataValue) and isinstance(value.data, dict):
            return kind(**value.data)
    return None
