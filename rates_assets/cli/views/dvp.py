"""Output of `rates dvp` on the screen and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.console import Console

from rates_assets.cli.views.frame import titled_table
from rates_lib.core.stats import labels_of
from rates_lib.questions.dvp import SHOWN, Defence


def defence_as_dict(defence: Defence) -> dict[str, Any]:
    """For `--json`: a row per position or role."""
    return asdict(defence) | {"rows": defence.rows.to_dicts()}


def print_defence(console: Console, defence: Defence, by: str, per: str) -> None:
    """A row per position or role: allowed counts and their ranks in the league."""
    unit = "36 minutes" if per == "36" else "100 possessions"
    game = f"{defence.team} - {defence.opponent} of {defence.game_date}"
    title = f"{defence.team} before {game}: allowed per {unit} by {by} (rank of {defence.teams})"
    table = titled_table(title)
    table.add_column(by, no_wrap=True)
    for label in labels_of(SHOWN):
        table.add_column(label, justify="right", no_wrap=True)
    for row in defence.rows.iter_rows(named=True):
        table.add_row(row["group"], *(f"{row[f'allowed_{s}']:.1f} ({row[f'dvp_{s}_rank']})" for s in SHOWN))
    console.print(table)
    console.print(
        f"counts of an average {by} against {defence.team}: the league's mean x actual / expected, shrunk; rank 1 allows most",
        style="dim",
        highlight=False,
    )
