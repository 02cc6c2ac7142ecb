"""Models on the screen: runs of a month, and settings chosen by a search."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from rich.console import Console

from rates_assets.cli.views.frame import plain_table, right
from rates_assets.cli.views.runs import print_runs
from rates_lib.core.calendar import window_of
from rates_lib.lake import Lake
from rates_lib.models.tuned import Tuned

if TYPE_CHECKING:
    from rates_assets.cli.runner import RunReport


def print_fits(console: Console, lake: Lake, day: date, reports: "Sequence[RunReport]") -> None:
    """Runs for the month of `day` with their status and its reason, then the time of the fits."""
    table = plain_table("run", "status", "why")
    runs = lake.read("models.registry").filter(pl.col("window") == window_of(day))
    for row in runs.sort("model", "feature_set", "run_id").iter_rows(named=True):
        table.add_row(row["run_id"], row["run_status"], row["why"])
    console.print(table)
    print_runs(console, reports)


def print_tuned(console: Console, tuned: Tuned) -> None:
    """Settings chosen by a search, a line per booster."""
    table = plain_table("booster", "metric", *right("before", "after", "%", "rows"), "settings")
    for model, targets in tuned.items():
        for target, chosen in targets.items():
            before, after = chosen.before[chosen.metric], chosen.after[chosen.metric]
            settings = ", ".join(f"{name} {value:g}" for name, value in chosen.settings.items())
            figures = f"{before:.5f}", f"{after:.5f}", f"{100 * (after / before - 1):+.2f}", f"{chosen.rows:,}"
            table.add_row(f"{model}.{target}", chosen.metric, *figures, settings)
    console.print(table)
