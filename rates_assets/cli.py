"""`rates`: each command starts the graph's own jobs on the instance, so that what it did is in the UI. No logic here.

Dagster is imported when a command needs it: `rates --help` and completion answer at once.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from rates_assets.choices import By, Judged, Per, Provider, Retrain, Through
from rates_lib.core.errors import RatesError

if TYPE_CHECKING:
    from rates_assets.runner import Runner


class _Group(TyperGroup):
    """Turns the product's errors into one line; `--debug` may stand anywhere."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Move `--debug` to the front, where the group's own option is."""
        ctx.obj = "--debug" in args
        return super().parse_args(ctx, ["--debug"] * ctx.obj + [arg for arg in args if arg != "--debug"])

    def invoke(self, ctx: Any) -> Any:
        """Run the command; exit code 1 and one line for an error, its traceback with `--debug`."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise  # the framework's own: wrong options, a wanted exit
        except Exception as error:
            if ctx.obj:
                _complain(getattr(error, "details", ""))
                raise
            known = isinstance(error, RatesError) or hasattr(error, "details")
            bug = "" if known else f" ({type(error).__name__}, a bug: --debug shows where)"
            _complain(f"error: {error}{bug}")
            raise typer.Exit(1) from None


_PIPE_WIDTH = 120  # of tables that go into a file

app = typer.Typer(
    cls=_Group,
    help="NBA projections: land, backfill, train, project. The lake is in RATES_ROOT (./lake), its runs are kept in DAGSTER_HOME "
    "(./dagster_home).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


Seasons = Annotated[str, typer.Option(help="Start years: 2015..2024, or 2024.", metavar="RANGE")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seed = Annotated[int, typer.Option(help="Seed of the random numbers.")]
Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Eastern date of the games.", metavar="YYYY-MM-DD")]


@app.callback()
def _main(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    pass


@app.command(
    epilog="Examples: `rates land --provider files --path ../shared/data --seasons 2015..2024`; `rates land --provider sqlite --path my.db`"
)
def land(
    provider: Annotated[Provider, typer.Option(help="Where from.")] = Provider.FILES,
    path: Annotated[Path | None, typer.Option(help="Folder of the files provider, or file of the sqlite provider.")] = None,
    seasons: Annotated[str, typer.Option(help="Start years; all that there are if not named.", metavar="RANGE")] = "",
    seed: Seed = 7,
    teams: Annotated[int, typer.Option(help="Teams of the synthetic league.")] = 30,
    games_per_team: Annotated[int, typer.Option(help="Games a team plays in the synthetic league.")] = 82,
    as_json: Json = False,
) -> None:
    """Fill the landing zone from a provider; what is there already stays."""
    from rates_assets import views, workflows

    with _runner() as runner:
        outcome = workflows.land(
            runner,
            provider=provider.value,
            path=str(path.resolve()) if path else "",
            seasons=_seasons(seasons) if seasons else [],
            seed=seed,
            teams=teams,
            games_per_team=games_per_team,
        )
        datasets = outcome.metadata["landing.zone"]["datasets"]
        if as_json:
            views.print_json(_stdout(), datasets)
        else:
            views.print_landed(_stdout(), datasets)


@app.command(
    epilog="Examples: `rates backfill --seasons 2015..2024`; `rates backfill --seasons 2024 --retrain month --through predictions`"
)
def backfill(
    seasons: Seasons,
    through: Annotated[Through, typer.Option(help="Last layer to make.")] = Through.TRAINING,
    retrain: Annotated[Retrain, typer.Option(help="A model per season (its October), or one for every month.")] = Retrain.SEASON,
    as_json: Json = False,
) -> None:
    """Make the tables of past seasons from the landing zone, walk-forward."""
    from rates_assets import views, workflows

    with _runner() as runner:
        done = workflows.backfill(runner, _seasons(seasons), through, retrain)
        if as_json:
            views.print_json(_stdout(), [outcome.as_dict() for outcome in done])
        else:
            views.print_runs(_stdout(), done)


@app.command(epilog="Example: `rates train --as-of 2024-12-01`")
def train(
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="A day whose month's models are wanted.", metavar="YYYY-MM-DD")],
    as_json: Json = False,
) -> None:
    """Fit the models that serve a day: on everything before the first day of its month."""
    from rates_assets import views, workflows

    with _runner() as runner:
        done = workflows.train(runner, as_of.date())
        if as_json:
            views.print_json(_stdout(), [outcome.as_dict() for outcome in done])
        else:
            views.print_registry(_stdout(), runner.lake, as_of.date())
            views.print_runs(_stdout(), done)


@app.command(
    epilog="Examples: `rates slate 2024-12-25`; `rates slate 2024-12-25 --as-of 2024-12-25T15:00:00Z --worlds 10000 "
    "--export-to s3://bucket/prefix`"
)
def slate(
    date: Day,
    as_of: Annotated[str, typer.Option(help="Use nothing published later; now if not named, tip-off at most.", metavar="ISO")] = "",
    worlds: Annotated[int, typer.Option(min=1, help="Worlds per game.")] = 2000,
    seed: Seed = 7,
    export_to: Annotated[
        str, typer.Option(help="Copy the files there too: a folder, or s3://bucket/prefix.", metavar="URL", envvar="RATES_EXPORT_TO")
    ] = "",
    as_json: Json = False,
) -> None:
    """Project and simulate a day's games, write its files and print the projections."""
    from rates_assets import views, workflows

    day = date.date()
    with _runner() as runner:
        workflows.slate(runner, day, as_of, worlds, seed, export_to)
        frames = views.slate_frames(runner.lake, day)
        if as_json:
            views.print_json(_stdout(), views.slate_as_dict(runner.lake, day, frames))
        elif frames["games"].is_empty():
            _stdout().print(f"no games on {day} in silver.game: nothing to project")
        else:
            views.print_slate(_stdout(), runner.lake, day, frames)


@app.command(epilog="Examples: `rates evaluate --seasons 2024`; `rates evaluate --seasons 2024 --output docs/accuracy.md`")
def evaluate(
    seasons: Seasons,
    what: Annotated[Judged, typer.Option(help="Measure players (they need stored predictions), teams, or all.")] = Judged.ALL,
    output: Annotated[Path | None, typer.Option(help="Also write the tables to this file, as Markdown.")] = None,
    as_json: Json = False,
) -> None:
    """Measure the walk-forward predictions of seasons against outcomes, baselines and others' forecasts."""
    from rates_assets import views, workflows
    from rates_lib.evaluation.reports.accuracy import accuracy_page, read_evals

    years = _seasons(seasons)
    with _runner() as runner:
        workflows.evaluate(runner, years, what)
        evals = read_evals(runner.lake, years)
        if as_json:
            views.print_json(_stdout(), views.frame_as_json(evals.figures()))
        else:
            views.print_accuracy(_stdout(), evals)
        if output:
            output.write_text(accuracy_page(evals, f"docs/{output.name}"))


@app.command(epilog="Examples: `rates price 'Jokic PTS >= 26.5 and DEN -4.5' --date 2024-12-25`; `rates price 'DEN total < 231' --sql`")
def price(
    question: Annotated[
        str,
        typer.Argument(help="Conditions with `and`: PLAYER STAT >= 26.5, PLAYER double_double, TEAM wins, TEAM -4.5, TEAM total < 231."),
    ],
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Of the games; the newest with worlds if not named.", metavar="YYYY-MM-DD"),
    ] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Also print the statement that counts, for `rates query` or any DuckDB.")] = False,
    as_json: Json = False,
) -> None:
    """Say what a bet is worth: the share of worlds in which all its conditions hold."""
    from dataclasses import asdict

    from rates_assets import views
    from rates_lib.questions.price import ask, newest_day

    lake = _lake()
    told = ask(lake, question, date.date() if date else newest_day(lake))
    if as_json:
        views.print_json(_stdout(), asdict(told) | {"decimal_odds": told.decimal_odds, "american_odds": told.american_odds})
    else:
        views.print_price(_stdout(), told, sql)


@app.command(
    epilog='Examples: `rates whatif 2024-12-25 --out "Wembanyama"`; `rates whatif 2024-12-25 --minutes "Jokic=20" --total DEN=231`; '
    '`rates whatif 2024-12-25 --lineup "Brunson, Hart, Bridges, Anunoby, Towns=24"`; `rates whatif 2024-12-25 --given "BOS -15.5"`'
)
def whatif(
    date: Day,
    out: Annotated[list[str] | None, typer.Option(help="He does not play. May be named again.", metavar="PLAYER")] = None,
    minutes: Annotated[list[str] | None, typer.Option(help="He plays, and about so long.", metavar="PLAYER=MINUTES")] = None,
    starter: Annotated[list[str] | None, typer.Option(help="He is among the five.", metavar="PLAYER[ for PLAYER]")] = None,
    total: Annotated[list[str] | None, typer.Option(help="The line of both teams' points.", metavar="[TEAM=]POINTS")] = None,
    spread: Annotated[list[str] | None, typer.Option(help="The team's line; negative: it gives points.", metavar="TEAM=POINTS")] = None,
    lineup: Annotated[
        list[str] | None, typer.Option(help="These five are so long on the floor together.", metavar="A,B,C,D,E=MINUTES")
    ] = None,
    foul_trouble: Annotated[list[str] | None, typer.Option(help="He has three fouls after the first minutes.", metavar="PLAYER")] = None,
    given: Annotated[
        str, typer.Option(help="Only worlds in which this holds, asked as in `rates price`: a rout is `BOS -15.5`.", metavar="QUESTION")
    ] = "",
    ask: Annotated[list[str] | None, typer.Option(help="Also price this, before and after.", metavar="QUESTION")] = None,
    worlds: Annotated[int, typer.Option(min=100, help="Worlds of each game that is touched.")] = 10_000,
    seed: Seed = 7,
    everybody: Annotated[bool, typer.Option("--all", help="Also show players whose figures do not move.")] = False,
    as_json: Json = False,
) -> None:
    """Say what changes if somebody is out, plays twenty minutes, starts, or a line moves: minutes, box scores and worlds made anew."""
    from rates_assets.views_whatif import print_whatif, whatif_as_dict
    from rates_lib.questions.whatif.answer import whatif as answer
    from rates_lib.questions.whatif.asked import Asked

    lists = (out, minutes, starter, total, spread, lineup, foul_trouble)
    asked = Asked(*(tuple(values or ()) for values in lists), given=given, questions=tuple(ask or ()))
    told = answer(_lake(), date.date(), asked, worlds, seed)
    if as_json:
        from rates_assets.views import print_json  # loads what judges models: a second

        print_json(_stdout(), whatif_as_dict(told))
    else:
        print_whatif(_stdout(), told, everybody)


@app.command(epilog="Examples: `rates props 2024-12-25`; `rates props 2024-12-25 --stat pra --book DraftKings --least-edge 0.03`")
def props(
    date: Day,
    book: Annotated[str, typer.Option(help="Lines of this book alone.", metavar="NAME")] = "",
    stat: Annotated[str, typer.Option(help="Lines of this statistic alone: pts, reb, ast, pra, fg3m …", metavar="NAME")] = "",
    least_edge: Annotated[float, typer.Option(min=0, max=1, help="Lines with at least this edge: 0.03 is three points of chance.")] = 0.0,
    limit: Annotated[int, typer.Option(min=1, help="Rows to print; --json prints all.")] = 40,
    as_json: Json = False,
) -> None:
    """Price every landed line of a day's players from its worlds: P(over), fair price, edge over the book's price without its margin."""
    from rates_assets.views_props import print_props, props_as_dict
    from rates_lib.questions.props import props_of

    day = date.date()
    found = props_of(_lake(), day, book, stat, least_edge)
    if as_json:
        from rates_assets.views import print_json

        print_json(_stdout(), props_as_dict(found, day))
    else:
        print_props(_stdout(), found, day, limit)


@app.command(epilog="Example: `rates evaluate-worlds --seasons 2023..2024 --output docs/worlds_accuracy.md`")
def evaluate_worlds(
    seasons: Seasons,
    worlds: Annotated[int, typer.Option(min=100, help="Worlds per game.")] = 2000,
    seed: Seed = 7,
    output: Annotated[Path | None, typer.Option(help="Also write the tables to this file, and pictures to img/ beside it.")] = None,
    as_json: Json = False,
) -> None:
    """Measure the distributions of seasons' worlds: CRPS, coverage, tails, lines, dispersion and correlation against reality."""
    from rates_assets import views, workflows
    from rates_lib.evaluation.reports.worlds import worlds_tables, write_page

    years = _seasons(seasons)
    with _runner() as runner:
        workflows.evaluate_worlds(runner, years, worlds, seed)
        rows = runner.lake.read("evals.worlds", years)
        if as_json:
            views.print_json(_stdout(), views.frame_as_json(rows))
        else:
            views.print_markdown(_stdout(), worlds_tables(rows))
        if output:
            write_page(rows, output)


@app.command(epilog="Examples: `rates impact --seasons 2024`; `rates impact --seasons 2012..2024 --output docs/impact.md`")
def impact(
    seasons: Seasons,
    output: Annotated[Path | None, typer.Option(help="Also write the tables to this file, as Markdown.")] = None,
    as_json: Json = False,
) -> None:
    """Measure the impacts of players against a published rating, the games that follow, and games left out."""
    from rates_assets import views, workflows
    from rates_lib.evaluation.reports.impact import impact_page

    years = _seasons(seasons)
    with _runner() as runner:
        workflows.impact(runner, years)
        rows = runner.lake.read("evals.impact", years)
        if as_json:
            views.print_json(_stdout(), views.frame_as_json(rows))
        else:
            views.print_impact(_stdout(), rows)
        if output:
            output.write_text(impact_page(rows))


@app.command(epilog="Examples: `rates ablate --season 2024`; `rates ablate --season 2024 --targets minutes,ast --groups dvp,lines`")
def ablate(
    season: Annotated[int, typer.Option(help="Start year of the season to measure on.")],
    targets: Annotated[str, typer.Option(help="minutes or rates, with commas; all if not named.", metavar="NAMES")] = "",
    groups: Annotated[str, typer.Option(help="Feature groups, with commas; all if not named.", metavar="NAMES")] = "",
    as_json: Json = False,
) -> None:
    """Fit a season's first models without each group of features: what is each worth?"""
    from rates_assets import views, workflows

    with _runner() as runner:
        workflows.ablate(runner, season, _names(targets), _names(groups))
        rows = runner.lake.read("evals.ablation", [season])
        if as_json:
            views.print_json(_stdout(), views.frame_as_json(rows))
        else:
            views.print_ablation(_stdout(), rows)


@app.command(
    epilog="Examples: `rates tune --season 2023`; `rates tune --season 2023 --targets ast,minutes --trials 20 --output "
    "rates_lib/models/tuned.json`"
)
def tune(
    season: Annotated[int, typer.Option(help="Start year of the season to choose on; 2023 at the latest.")],
    targets: Annotated[str, typer.Option(help="minutes, rates or percentages, with commas; all if not named.", metavar="NAMES")] = "",
    trials: Annotated[int, typer.Option(min=1, help="Settings to try for each; the first are those of now.")] = 12,
    seed: Seed = 7,
    output: Annotated[Path | None, typer.Option(help="Also write what was found to this file; other targets in it stay.")] = None,
    as_json: Json = False,
) -> None:
    """Search the settings of models on a past season; rates_lib/models/tuned.json is what fits read."""
    from rates_assets import views, workflows
    from rates_lib.models.tuned import kept_settings, tuned_to_dict, update_tuned

    if output:
        kept_settings(output)  # an hour of search must not end at a wrong path
    with _runner() as runner:
        found = workflows.tune(runner, season, _names(targets), trials, seed)
        if as_json:
            views.print_json(_stdout(), tuned_to_dict(found))
        else:
            views.print_tuned(_stdout(), found)
        if output:
            update_tuned(output, found)


@app.command(
    epilog="Examples: `rates explain 'lebron james' 2024-12-25`; "
    "`rates explain jokic 2024-12-25 --target minutes,ast --as-of 2024-12-25T15:00:00Z`"
)
def explain(
    player: Annotated[str, typer.Argument(help="His name, as much of it as only he has that day, or his id.")],
    date: Day,
    target: Annotated[
        str,
        typer.Option(
            help="minutes, a rate (ast …), fg2_pct, fg3_pct, ft_pct, with commas; minutes and telling rates if not named.", metavar="NAMES"
        ),
    ] = "",
    as_of: Annotated[str, typer.Option(help="Use nothing published later; now if not named, tip-off at most.", metavar="ISO")] = "",
    as_json: Json = False,
) -> None:
    """Say why a player's projection is what it is: what each group of features did to it, and what was known."""
    from dataclasses import asdict

    from rates_assets import views
    from rates_assets.views_explain import print_explanation
    from rates_lib.core.calendar import instant_of
    from rates_lib.questions.explain.answer import explain as account_for

    told = account_for(_lake(), player, date.date(), instant_of(as_of), _names(target))
    if as_json:
        views.print_json(_stdout(), asdict(told))
    else:
        print_explanation(_stdout(), told)


@app.command(epilog="Examples: `rates dvp BOS 2024-12-25`; `rates dvp BOS 2024-12-25 --by role --per 100`")
def dvp(
    team: Annotated[str, typer.Argument(help="Three letters of the defending team.")],
    date: Day,
    by: Annotated[By, typer.Option(help="Position or role of the opponents.")] = By.POSITION,
    per: Annotated[Per, typer.Option(help="36 minutes, or 100 possessions.")] = Per.MINUTES,
    as_json: Json = False,
) -> None:
    """Show what a team allows by position or role, and its rank, as known before its game of that day (or the next)."""
    from dataclasses import asdict

    from rates_assets import views
    from rates_assets.views_matchups import print_defence
    from rates_lib.questions.dvp import defence_of

    found = defence_of(_lake(), team, date.date(), by.value, per.value)
    if as_json:
        views.print_json(_stdout(), asdict(found) | {"rows": found.rows.to_dicts()})
    else:
        print_defence(_stdout(), found, by.value, per.value)


@app.command(epilog="Examples: `rates roles --seasons 2024`; `rates roles --seasons 2023..2024 --output docs/roles.md`")
def roles(
    seasons: Seasons,
    output: Annotated[Path | None, typer.Option(help="Also write the page to this file, as Markdown.")] = None,
    as_json: Json = False,
) -> None:
    """Say how steady the roles of players are, what each looks like, and who is in them."""
    from rates_assets import views
    from rates_assets.views_matchups import print_page
    from rates_lib.evaluation.roles import roles_page, stability

    lake, years = _lake(), _seasons(seasons)
    page = roles_page(lake, years)
    if as_json:
        views.print_json(_stdout(), views.frame_as_json(stability(lake.read("gold.player_role", years))))
    else:
        print_page(_stdout(), page)
    if output:
        output.write_text(page)


@app.command(epilog='Example: `rates query "SELECT season, count(*) FROM gold.rates_training_base GROUP BY ALL ORDER BY ALL"`')
def query(
    sql: Annotated[str, typer.Argument(help="SQL of DuckDB; every table stands under its own name.")],
    limit: Annotated[int, typer.Option(min=1, help="Rows to print; --json prints all.")] = 50,
    as_json: Json = False,
) -> None:
    """Query the lake with DuckDB."""
    import duckdb

    from rates_assets import views

    with _lake().connect() as con:
        try:
            relation = con.sql(sql)
        except duckdb.Error as error:
            raise RatesError(f"the query failed: {str(error).splitlines()[0]}; `SHOW ALL TABLES` lists what there is") from error
        if relation is None:
            return
        frame = relation.pl()
    if as_json:
        views.print_json(_stdout(), views.frame_as_json(frame))
    else:
        views.print_frame(_stdout(), frame, limit)


@app.command(epilog="Example: `rates publish`, then open lake/warehouse.duckdb with any DuckDB client, read-only")
def publish(as_json: Json = False) -> None:
    """Build warehouse.duckdb: every table as a real one, in one file."""
    from rates_assets import views, workflows

    with _runner() as runner:
        outcome = workflows.publish(runner)
        if as_json:
            views.print_json(_stdout(), outcome.metadata["warehouse"])
        else:
            _stdout().print(outcome.metadata["warehouse"]["path"], soft_wrap=True, highlight=False)


@app.command(epilog="Example: `rates ui --port 3001`")
def ui(port: Annotated[int, typer.Option(help="Port of the web server.")] = 3000) -> None:
    """Open the graph in the browser: `dagster dev` on this lake and this instance."""
    from rates_assets.runner import prepare_home

    _lake()
    prepare_home()
    # its successor `dg dev` is a package of its own, and asks for a project of its own layout
    quiet = ["-W", "ignore:Function `dev_command` is superseded"]
    os.execv(sys.executable, [sys.executable, *quiet, "-m", "dagster", "dev", "-m", "rates_assets.definitions", "-p", str(port)])


@app.command(epilog="Example: `make demo`, which also gives it a lake and an instance of its own")
def demo() -> None:
    """The main job on the synthetic league: land three seasons, backfill, train, project and simulate a day."""
    from rates_assets import views, workflows

    with _runner() as runner:
        day = workflows.demo(runner)
        views.print_slate(_stdout(), runner.lake, day, views.slate_frames(runner.lake, day))


@contextmanager
def _runner() -> "Iterator[Runner]":
    from dagster import DagsterInstance

    from rates_assets.runner import Runner, prepare_home

    lake = _lake()
    prepare_home()
    # Dagster captures what steps print by swapping the descriptors of standard output and error: progress keeps its own
    with os.fdopen(os.dup(sys.__stderr__.fileno()), "w") as terminal, DagsterInstance.get() as instance:
        yield Runner(instance, lake, Console(file=terminal))


def _lake() -> Any:
    from rates_lib.lake import Lake

    root = Path(os.environ.get("RATES_ROOT") or "lake").resolve()
    os.environ["RATES_ROOT"] = str(root)
    return Lake(root)


def _seasons(text: str) -> list[int]:
    first, _, last = text.partition("..")
    try:
        return list(range(int(first), int(last or first) + 1)) or _no_seasons(text)
    except ValueError:
        return _no_seasons(text)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _no_seasons(text: str) -> list[int]:
    raise RatesError(f"{text!r} names no seasons: write the years they start in, 2015..2024 or 2024")


def _stdout() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)


def _complain(text: str) -> None:
    if text:
        Console(stderr=True).print(text, markup=False, highlight=False, soft_wrap=True)
