"""Evaluation: `evaluate`, `evaluate-worlds`, `impact` and `roles` measure past seasons."""

from pathlib import Path
from typing import Annotated

import typer

from rates_assets.cli.choices import Measured
from rates_assets.cli.group import command
from rates_assets.cli.options import Json, Page, Seasons, Seed, seasons_of
from rates_assets.cli.session import emit, open_lake, open_runner
from rates_lib.core.limits import LEAST_WORLDS, MOST_STORED_WORLDS, check_worlds

_PANEL = "Evaluation"


@command(_PANEL, "rates evaluate --seasons 2024", "rates evaluate --seasons 2024 --output docs/accuracy.md")
def evaluate(
    seasons: Seasons,
    what: Annotated[Measured, typer.Option(help="Measure players (requires stored predictions), teams, or all.")] = Measured.ALL,
    output: Page = None,
    as_json: Json = False,
) -> None:
    """Measure the walk-forward predictions of seasons against outcomes, baselines and others' forecasts."""
    from rates_assets.cli import workflows
    from rates_assets.cli.views.page import print_page
    from rates_lib.evaluation.reports.accuracy import accuracy_page, accuracy_summary, read_evals

    years = seasons_of(seasons)
    with open_runner() as runner:
        workflows.evaluate(runner, years, what)
        evals = read_evals(runner.lake, years)
        emit(as_json, evals.figures, lambda console: print_page(console, accuracy_summary(evals)))
        if output:
            output.write_text(accuracy_page(evals, f"docs/{output.name}"))


@command(_PANEL, "rates evaluate-worlds --seasons 2023..2024 --output docs/worlds_accuracy.md")
def evaluate_worlds(
    seasons: Seasons,
    worlds: Annotated[int, typer.Option(help=f"Worlds per game: {LEAST_WORLDS:,} to {MOST_STORED_WORLDS:,}.")] = 2000,
    seed: Seed = 7,
    output: Annotated[Path | None, typer.Option(help="Also write the tables to this file, and pictures to img/ beside it.")] = None,
    as_json: Json = False,
) -> None:
    """Measure the distributions of seasons' worlds against outcomes: CRPS, coverage, tails, lines, dispersion and correlation."""
    from rates_assets.cli import workflows
    from rates_assets.cli.views.page import print_page
    from rates_lib.evaluation.reports.worlds import worlds_tables, write_page

    years = seasons_of(seasons)
    check_worlds(worlds, LEAST_WORLDS, MOST_STORED_WORLDS)
    with open_runner() as runner:
        workflows.evaluate_worlds(runner, years, worlds, seed)
        rows = runner.lake.read("evals.worlds", years)
        emit(as_json, lambda: rows, lambda console: print_page(console, worlds_tables(rows)))
        if output:
            write_page(rows, output)


@command(_PANEL, "rates impact --seasons 2024", "rates impact --seasons 2012..2024 --output docs/impact.md")
def impact(seasons: Seasons, output: Page = None, as_json: Json = False) -> None:
    """Measure the impacts of players against a published rating, the games that follow, and games left out."""
    from rates_assets.cli import workflows
    from rates_assets.cli.views.page import print_page
    from rates_lib.evaluation.reports.impact import impact_page, impact_summary

    years = seasons_of(seasons)
    with open_runner() as runner:
        workflows.impact(runner, years)
        rows = runner.lake.read("evals.impact", years)
        emit(as_json, lambda: rows, lambda console: print_page(console, impact_summary(rows)))
        if output:
            output.write_text(impact_page(rows))


@command(_PANEL, "rates roles --seasons 2024", "rates roles --seasons 2023..2024 --output docs/roles.md")
def roles(seasons: Seasons, output: Page = None, as_json: Json = False) -> None:
    """Show the stability of players' roles, the profile of each role, and the players who have it."""
    from rates_assets.cli.views.page import print_page
    from rates_lib.evaluation.roles import roles_page, stability

    lake, years = open_lake(), seasons_of(seasons)
    page = roles_page(lake, years)
    emit(as_json, lambda: stability(lake.read("gold.player_role", years)), lambda console: print_page(console, page))
    if output:
        output.write_text(page)
