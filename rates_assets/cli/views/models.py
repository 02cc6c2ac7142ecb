"""Models on the screen: runs of a month, and settings chosen by a search."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from rich.console import Console

from rates_assets.cli.views.fitted import Column, print_fitted
from rates_assets.cli.views.runs import print_runs
from rates_lib.core.calendar import window_of
from rates_lib.lake import Lake
from rates_lib.models.tuned import Tuned

if TYPE_CHECKING:
    from rates_assets.cli.runner import RunReport


def print_fits(console: Console, lake: Lake, day: date, reports: "Sequence[RunReport]") -> None:
    """Runs for the month of `day` with their status and its reason, then the time of the fits."""
    runs = lake.read("models.registry").filter(pl.col("window") == window_of(day)).sort("model", "feature_set", "run_id")
    heads = {"run": "run_id", "status": "run_status", "why": "why"}
    cells = {head: runs[name].cast(pl.String).fill_null("").to_list() for head, name in heads.items()}
    print_fitted(console, [Column(head, of, "words" if head == "why" else "label") for head, of in cells.items()])
    print_runs(console, reports)


def print_tuned(console: Console, tuned: Tuned) -> None:
    """Settings chosen by a search, a line per booster."""
    found = [(f"{model}.{target}", chosen) for model, targets in tuned.items() for target, chosen in targets.items()]
    before, after = ([getattr(chosen, when)[chosen.metric] for _, chosen in found] for when in ("before", "after"))
    columns = [
        Column("booster", [name for name, _ in found], "label"),
        Column("metric", [chosen.metric for _, chosen in found], "label", rank=2),
        Column("before", [f"{value:.5f}" for value in before]),
        Column("after", [f"{value:.5f}" for value in after]),
        Column("%", [f"{100 * (new / old - 1):+.2f}" for old, new in zip(before, after, strict=True)]),
        Column("rows", [f"{chosen.rows:,}" for _, chosen in found], rank=1),
        Column("settings", [", ".join(f"{name} {value:g}" for name, value in chosen.settings.items()) for _, chosen in found], "words"),
    ]
    print_fitted(console, columns)
