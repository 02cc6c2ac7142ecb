"""Output of `rates dvp` on the screen and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.console import Console

from rates_assets.cli.views.fitted import Column, print_fitted
from rates_lib.core.stats import labels_of
from rates_lib.questions.dvp import SHOWN, Defence

_MATTERS = ("pts", "ast", "fg3m", "dreb", "oreb", "fta", "fga3", "fga2", "tov", "stl", "blk")  # the last is left out first


def defence_as_dict(defence: Defence) -> dict[str, Any]:
    """For `--json`: a row per position or role."""
    return asdict(defence) | {"rows": defence.rows.to_dicts()}


def print_defence(console: Console, defence: Defence, by: str, per: str) -> None:
    """A row per position or role: allowed counts and their ranks in the league."""
    unit = "36 minutes" if per == "36" else "100 possessions"
    game = f"{defence.team} - {defence.opponent} of {defence.game_date}"
    title = f"{defence.team} before {game}: allowed per {unit} by {by} (rank of {defence.teams})"
    rows = list(defence.rows.iter_rows(named=True))
    columns = [
        Column(label, [f"{row[f'allowed_{stat}']:.1f} ({row[f'dvp_{stat}_rank']})" for row in rows], rank=1 + _MATTERS.index(stat))
        for label, stat in labels_of(SHOWN).items()
    ]
    print_fitted(console, [Column(by, [row["group"] for row in rows], "label"), *columns], title)
    console.print(
        f"counts of an average {by} against {defence.team}: the league's mean x actual / expected, shrunk; rank 1 allows most",
        style="dim",
        highlight=False,
    )
