"""Results of runs on the screen: landed files, times."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from rates_assets.cli.views.fitted import Column, print_fitted

if TYPE_CHECKING:
    from rates_assets.cli.runner import RunReport

_FITS = ("minutes", "models", "team_models")  # jobs whose time is printed separately


def print_landed(console: Console, datasets: dict[str, dict[str, int]]) -> None:
    """Files and rows of each dataset."""
    heads = {"files": "files", "new": "new_files", "rows": "rows"}
    figures = [Column(head, [f"{counts[name]:,}" for counts in datasets.values()]) for head, name in heads.items()]
    print_fitted(console, [Column("dataset", list(datasets), "label"), *figures])


def print_runs(console: Console, reports: "Sequence[RunReport]") -> None:
    """Time of a command's runs, fits of models separately."""
    fits = sum(report.seconds for report in reports if report.job in _FITS)
    rest = sum(report.seconds for report in reports if report.job not in _FITS)
    apart = f", fits of models {fits:.1f} s" if fits else ""
    console.print(f"tables {rest:.1f} s{apart}; {len(reports)} runs, all in `rates ui`", highlight=False)
