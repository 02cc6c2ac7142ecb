"""How `rates dvp` and `rates roles` look on the screen."""

from rich.console import Console
from rich.table import Table

from rates_lib.questions.dvp import STATS, Defence

_HEADS = {"fga2": "2PA", "fga3": "3PA", "fg3m": "3PM"}


def print_defence(console: Console, found: Defence, by: str, per: str) -> None:
    """A row per position or role: what is allowed, and its rank in the league."""
    unit = "36 minutes" if per == "36" else "100 possessions"
    title = f"{found.team} before {found.team} - {found.opponent} of {found.game_date}: allowed per {unit} by {by} (rank of {found.teams})"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(by, no_wrap=True)
    for stat in STATS:
        table.add_column(_HEADS.get(stat, stat.upper()), justify="right", no_wrap=True)
    for row in found.rows.iter_rows(named=True):
        table.add_row(row["group"], *(f"{row[f'allowed_{s}']:.1f} ({row[f'dvp_{s}_rank']})" for s in STATS))
    console.print(table)
    console.print(
        f"what an average {by} would get against {found.team}: the league's mean x actual / expected, shrunk; 1 = allows most",
        style="dim",
        highlight=False,
    )


def print_page(console: Console, page: str) -> None:
    """A Markdown page as text."""
    console.print(page, markup=False, highlight=False, soft_wrap=True)
