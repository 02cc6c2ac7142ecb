"""Models: `train`, `tune`, `ablate`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rates_assets.cli.group import command
from rates_assets.cli.options import Json, Seed, split_names
from rates_assets.cli.session import emit, open_runner

_PANEL = "Models"


@command(_PANEL, "rates train --as-of 2024-12-01")
def train(
    day: Annotated[
        datetime,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Any day of the month whose models are fitted.", metavar="YYYY-MM-DD"),
    ],
    as_json: Json = False,
) -> None:
    """Fit the models of a month, on all games before its first day."""
    from rates_assets.cli import workflows
    from rates_assets.cli.views.models import print_fits

    with open_runner() as runner:
        reports = workflows.train(runner, day.date())
        emit(
            as_json, lambda: [report.as_dict() for report in reports], lambda console: print_fits(console, runner.lake, day.date(), reports)
        )


@command(
    _PANEL, "rates tune --season 2023", "rates tune --season 2023 --targets ast,minutes --trials 20 --output rates_lib/models/tuned.json"
)
def tune(
    season: Annotated[int, typer.Option(help="Start year of the season to search on; 2023 at the latest.")],
    targets: Annotated[str, typer.Option(help="minutes, rates or percentages, with commas; default: all.", metavar="NAMES")] = "",
    trials: Annotated[int, typer.Option(min=1, help="Settings to try for each target, starting with the present ones.")] = 12,
    seed: Seed = 7,
    output: Annotated[Path | None, typer.Option(help="Also write the settings to this file; other targets in it stay.")] = None,
    as_json: Json = False,
) -> None:
    """Search the settings of models on a past season; fits use those in rates_lib/models/tuned.json."""
    from rates_assets.cli import workflows
    from rates_assets.cli.views.models import print_tuned
    from rates_lib.models.tuned import kept_settings, tuned_to_dict, update_tuned

    if output:
        kept_settings(output)  # check the path before an hour of search
    with open_runner() as runner:
        tuned = workflows.tune(runner, season, split_names(targets), trials, seed)
        emit(as_json, lambda: tuned_to_dict(tuned), lambda console: print_tuned(console, tuned))
        if output:
            update_tuned(output, tuned)


@command(_PANEL, "rates ablate --season 2024", "rates ablate --season 2024 --targets minutes,ast --groups dvp,lines")
def ablate(
    season: Annotated[int, typer.Option(help="Start year of the season to measure on.")],
    targets: Annotated[str, typer.Option(help="minutes or rates, with commas; default: all.", metavar="NAMES")] = "",
    groups: Annotated[str, typer.Option(help="Feature groups, with commas; default: all.", metavar="NAMES")] = "",
    as_json: Json = False,
) -> None:
    """Measure the value of each group of features: fit a season's first models without it."""
    from rates_assets.cli import workflows
    from rates_assets.cli.views.page import print_page
    from rates_lib.evaluation.reports.accuracy import ablation_table

    with open_runner() as runner:
        workflows.ablate(runner, season, split_names(targets), split_names(groups))
        rows = runner.lake.read("evals.ablation", [season])
        emit(as_json, lambda: rows, lambda console: print_page(console, ablation_table(rows)))
