"""Data: `land`, `backfill`, `query`, `publish`."""

from pathlib import Path
from typing import Annotated

import typer

from rates_assets.cli.choices import Retrain, Through
from rates_assets.cli.group import command
from rates_assets.cli.options import Json, Seasons, Seed, seasons_of
from rates_assets.cli.session import emit, open_lake, open_runner
from rates_lib.core.errors import RatesError
from rates_lib.sources.registry import Provider, source_of

_PANEL = "Data"


@command(_PANEL, "rates land --provider files --path ../shared/data --seasons 2015..2024", "rates land --provider sqlite --path my.db")
def land(
    provider: Annotated[Provider, typer.Option(help="The source to read.")] = Provider.FILES,
    path: Annotated[Path | None, typer.Option(help="Folder of the files provider, or file of the sqlite provider.")] = None,
    seasons: Annotated[str, typer.Option(help="Start years; default: all seasons of the source.", metavar="RANGE")] = "",
    seed: Seed = 7,
    teams: Annotated[int, typer.Option(help="Teams of the synthetic league.")] = 30,
    games_per_team: Annotated[int, typer.Option(help="Games of each team in the synthetic league.")] = 82,
    as_json: Json = False,
) -> None:
    """Fill the landing zone from a provider; existing files stay."""
    from rates_assets.cli import workflows
    from rates_assets.cli.views.runs import print_landed

    options = {"seed": seed, "teams": teams, "games_per_team": games_per_team}
    config = {
        "provider": provider.value,
        "path": str(path.resolve()) if path else "",
        "seasons": seasons_of(seasons) if seasons else [],
        "options": {name: value for name, value in options.items() if name in source_of(provider).options},
    }
    with open_runner() as runner:
        datasets = workflows.land(runner, **config).metadata["landing.zone"]["datasets"]
        emit(as_json, lambda: datasets, lambda console: print_landed(console, datasets))


@command(_PANEL, "rates backfill --seasons 2015..2024", "rates backfill --seasons 2024 --retrain month --through predictions")
def backfill(
    seasons: Seasons,
    through: Annotated[Through, typer.Option(help="Last layer to build.")] = Through.TRAINING,
    retrain: Annotated[Retrain, typer.Option(help="Fit once per season (for its October), or for every month.")] = Retrain.SEASON,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build everything again, also what would come out the same.")] = False,
    as_json: Json = False,
) -> None:
    """Build the tables of past seasons from the landing zone, walk-forward; what would come out the same is left alone."""
    from rates_assets.cli.backfill_plan import Plan

    years = seasons_of(seasons)
    if next(Plan(open_lake(), years, through, retrain, rebuild).stages(), None) is None:
        typer.echo(f"nothing changed: {through.value} of season {seasons} and all before it are up to date", err=True)
        emit(as_json, list, lambda _: None)
        return
    from rates_assets.cli import workflows
    from rates_assets.cli.views.runs import print_runs

    with open_runner() as runner:
        reports = workflows.backfill(runner, years, through, retrain, rebuild=rebuild)
        emit(as_json, lambda: [report.as_dict() for report in reports], lambda console: print_runs(console, reports))


@command(_PANEL, 'rates query "SELECT season, count(*) FROM gold.rates_training_base GROUP BY ALL ORDER BY ALL"')
def query(
    sql: Annotated[str, typer.Argument(help="A DuckDB statement; tables are named `layer.table`.")],
    limit: Annotated[int, typer.Option(min=1, help="Rows to print; --json prints all.")] = 50,
    as_json: Json = False,
) -> None:
    """Query the lake with DuckDB."""
    import duckdb

    from rates_assets.cli.views.frame import print_frame

    with open_lake().connect() as con:
        try:
            relation = con.sql(sql)
        except duckdb.Error as error:
            raise RatesError(f"the query failed: {str(error).splitlines()[0]}; `SHOW ALL TABLES` lists the tables") from error
        if relation is None:
            return
        frame = relation.pl()
    emit(as_json, lambda: frame, lambda console: print_frame(console, frame, limit))


@command(_PANEL, "rates publish")
def publish(as_json: Json = False) -> None:
    """Build warehouse.duckdb in the lake: all tables in one file, for any DuckDB client (open it read-only)."""
    from rates_assets.cli import workflows

    with open_runner() as runner:
        warehouse = workflows.publish(runner).metadata["warehouse"]
        emit(as_json, lambda: warehouse, lambda console: console.print(warehouse["path"], soft_wrap=True, highlight=False))
