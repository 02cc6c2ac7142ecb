"""Stages of runs: what a run writes for a day is collected, and switched in by its last step.

Belongs here: which stage a run writes to, and when it ends. Does not belong here: files and locks (`rates_lib/day_sets.py`).
"""

from collections.abc import Iterable

import dagster as dg

from rates_lib.day_sets import LAYERS, Stage
from rates_lib.lake import Lake

KEEP_TAG = "rates/keep_experiment"  # on a run whose process reads an experiment and then discards it
_OPEN: dict[str, Stage] = {}


class DayConfig(dg.Config):
    """How a day's new set of tables takes the place of the current one.

    Attributes:
        replace: True also replaces a set that knows more (a later as_of_utc), has more worlds, or another seed. False stores no such set:
            it counts as an experiment.
    """

    replace: bool = False


def stage_of(context: dg.AssetExecutionContext, lake: Lake, layer: str, days: Iterable[str]) -> Stage:
    """The stage of a run, opened by its first step.

    Raises:
        RatesError: if another run writes one of the days.
    """
    run = context.run
    if run.run_id not in _OPEN:
        # a run that was re-executed from its failed step has the staged tables of the first attempt
        _OPEN[run.run_id] = Stage(lake, run.root_run_id or run.run_id, days, layer, f"run {run.run_id} of job {run.job_name}")
    return _OPEN[run.run_id]


def is_last(context: dg.AssetExecutionContext, layer: str) -> bool:
    """Whether no later step of the run writes tables of days."""
    later = LAYERS[LAYERS.index(layer) + 1 :]
    return not any(key.path[0] in later for key in context.job_def.asset_layer.selected_asset_keys)


def finish(context: dg.AssetExecutionContext) -> dict[str, str]:
    """Switch in the staged sets of a run; returns the reasons why sets were not, by day.

    The stage of a run with `KEEP_TAG` stays open if nothing of it was switched in: see `experiment`.
    """
    stage = _OPEN[context.run.run_id]
    lesser = {day: why for day in stage.days if (why := stage.why_lesser(day))}
    better = [day for day in stage.days if day not in lesser]
    if better:
        stage.switch(better)
    elif KEEP_TAG in context.run.tags:
        return lesser
    discard(context.run.run_id)
    return lesser


def abandon(run_id: str) -> None:
    """After a failed step: release the locks; the staged tables stay for a re-execution of the run."""
    if stage := _OPEN.pop(run_id, None):
        stage.release()


def discard(run_id: str) -> None:
    """Remove what a run has staged."""
    if stage := _OPEN.pop(run_id, None):
        stage.discard()


def experiment(run_id: str) -> Lake | None:
    """A lake with the staged tables of a run that was not switched in; None if it was. `discard` it after use."""
    return _OPEN[run_id].lake if run_id in _OPEN else None
