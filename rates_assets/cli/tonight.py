"""Tonight, or any day: `slate` projects and simulates it; `price`, `props`, `whatif`, `explain` and `dvp` answer questions about it."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from rates_assets.cli.group import command
from rates_assets.cli.options import AsOf, Day, Json, Seed, split_names
from rates_assets.cli.session import emit, open_lake, open_runner, time_left
from rates_lib.core.limits import LEAST_WORLDS, MOST_STORED_WORLDS, MOST_WORLDS, check_worlds

_PANEL = "Tonight"
Texts = list[str] | None  # a repeatable option


@command(
    _PANEL, "rates slate 2024-12-25", "rates slate 2024-12-25 --as-of 2024-12-25T15:00:00Z --worlds 10000 --export-to s3://bucket/prefix"
)
def slate(
    date: Day,
    as_of: AsOf = "",
    worlds: Annotated[
        int | None,
        typer.Option(
            help=f"Worlds per game, up to {MOST_STORED_WORLDS:,}; default: as many as the day's slate has, at first 2,000.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the random numbers; default: that of the day's slate, at first 7.", show_default=False)
    ] = None,
    export_to: Annotated[
        str,
        typer.Option(help="Also copy the files to this folder or s3://bucket/prefix.", metavar="URL", envvar="RATES_EXPORT_TO"),
    ] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the day's slate even by one that knows less, has fewer worlds or another seed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Project and simulate a day's games, write its files and print the projections.

    A slate that knows less than the day's current one, has fewer worlds or another seed is an experiment: it is printed and not stored.
    If the files cannot be copied to --export-to, the projections are stored and printed, and the command fails.
    """
    from rates_assets.cli import workflows
    from rates_assets.cli.runner import NotCopiedError
    from rates_assets.cli.views.slate import print_slate, slate_as_dict, slate_frames

    day = date.date()
    if worlds is not None:
        check_worlds(worlds, 1, MOST_STORED_WORLDS)
    with open_runner() as runner:
        not_copied: NotCopiedError | None = None
        try:
            report = workflows.slate(runner, day, as_of, worlds, seed, export_to, replace=replace)
        except NotCopiedError as error:
            not_copied, report = error, error.report
        with workflows.projected(runner, day, report) as lake:
            frames = slate_frames(lake, day)
        emit(
            as_json,
            lambda: slate_as_dict(runner.lake, day, frames),
            lambda console: print_slate(console, runner.lake, day, frames),
        )
        if not_copied:
            raise not_copied


@command(_PANEL, "rates price 'Jokic PTS >= 26.5 and DEN -4.5' --date 2024-12-25", "rates price 'DEN total < 231' --sql")
def price(
    question: Annotated[
        str,
        typer.Argument(help="Conditions with `and`: PLAYER STAT >= 26.5, PLAYER double_double, TEAM wins, TEAM -4.5, TEAM total < 231."),
    ],
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Date of the games; default: the newest with worlds.", metavar="YYYY-MM-DD"),
    ] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Also print the SQL that counts the worlds, for `rates query` or any DuckDB.")] = False,
    as_json: Json = False,
) -> None:
    """Price a bet: the share of worlds in which all its conditions hold."""
    from rates_assets.cli.views.price import price_as_dict, print_price
    from rates_lib.questions.price import ask, newest_day

    lake = open_lake()
    answer = ask(lake, question, date.date() if date else newest_day(lake))
    emit(as_json, lambda: price_as_dict(answer), lambda console: print_price(console, answer, sql))


@command(_PANEL, "rates props 2024-12-25", "rates props 2024-12-25 --stat pra --book DraftKings --least-edge 0.03")
def props(
    date: Day,
    book: Annotated[str, typer.Option(help="Only lines of this book.", metavar="NAME")] = "",
    stat: Annotated[str, typer.Option(help="Only lines of this statistic: pts, reb, ast, pra, fg3m …", metavar="NAME")] = "",
    least_edge: Annotated[
        float, typer.Option(min=0, max=1, help="Only lines with at least this edge: 0.03 is three percentage points.")
    ] = 0.0,
    limit: Annotated[int, typer.Option(min=1, help="Rows to print; --json prints all.")] = 40,
    as_json: Json = False,
) -> None:
    """Price every landed line of a day's players from its worlds: P(over), fair price, edge over the book's price without its margin."""
    from rates_assets.cli.views.props import print_props, props_as_dict
    from rates_lib.questions.props import props_of

    day = date.date()
    answer = props_of(open_lake(), day, book, stat, least_edge)
    emit(as_json, lambda: props_as_dict(answer, day), lambda console: print_props(console, answer, day, limit))


@command(
    _PANEL,
    'rates whatif 2024-12-25 --out "Wembanyama"',
    'rates whatif 2024-12-25 --minutes "Jokic=20" --total DEN=231',
    'rates whatif 2024-12-25 --lineup "Brunson, Hart, Bridges, Anunoby, Towns=24"',
    'rates whatif 2024-12-25 --given "BOS -15.5"',
)
def whatif(
    date: Day,
    out: Annotated[Texts, typer.Option(help="Take the player out. Repeatable.", metavar="PLAYER")] = None,
    minutes: Annotated[Texts, typer.Option(help="Force the player to play about MINUTES minutes.", metavar="PLAYER=MINUTES")] = None,
    starter: Annotated[Texts, typer.Option(help="Put the player in the starting five.", metavar="PLAYER[ for PLAYER]")] = None,
    total: Annotated[Texts, typer.Option(help="Set the line of both teams' points together.", metavar="[TEAM=]POINTS")] = None,
    spread: Annotated[
        Texts, typer.Option(help="Set the team's spread; negative if the team is the favourite.", metavar="TEAM=POINTS")
    ] = None,
    lineup: Annotated[
        Texts, typer.Option(help="Put these five on the floor together for MINUTES minutes.", metavar="A,B,C,D,E=MINUTES")
    ] = None,
    foul_trouble: Annotated[Texts, typer.Option(help="Give the player three fouls after the first minutes.", metavar="PLAYER")] = None,
    given: Annotated[
        str,
        typer.Option(help="Count only worlds in which this condition of `rates price` holds: a rout is `BOS -15.5`.", metavar="QUESTION"),
    ] = "",
    ask: Annotated[Texts, typer.Option(help="Also price this question, before and after.", metavar="QUESTION")] = None,
    worlds: Annotated[
        int, typer.Option(help=f"Worlds of each game that the scenario changes: {LEAST_WORLDS:,} to {MOST_WORLDS:,}.")
    ] = 10_000,
    seed: Seed = 7,
    all_players: Annotated[bool, typer.Option("--all", help="Also show players whose figures do not change.")] = False,
    as_json: Json = False,
) -> None:
    """Show the effect of a player who is out, plays twenty minutes or starts, or of a line that moves, on box scores and worlds."""
    from rates_assets.cli.views.whatif import print_whatif, whatif_as_dict
    from rates_lib.questions.whatif.answer import whatif as answer_for
    from rates_lib.questions.whatif.request import ScenarioRequest

    changes = {"out": out, "minutes": minutes, "starters": starter, "totals": total, "spreads": spread, "lineups": lineup}
    repeated = changes | {"foul_trouble": foul_trouble, "questions": ask}
    request = ScenarioRequest(given=given, **{name: texts or () for name, texts in repeated.items()})
    check_worlds(worlds, LEAST_WORLDS, MOST_WORLDS)
    with time_left(f"{worlds:,} worlds of each game and case") as progress:
        answer = answer_for(open_lake(), date.date(), request, worlds, seed, progress=progress)
    emit(as_json, lambda: whatif_as_dict(answer), lambda console: print_whatif(console, answer, all_players))


@command(
    _PANEL, "rates explain 'lebron james' 2024-12-25", "rates explain jokic 2024-12-25 --target minutes,ast --as-of 2024-12-25T15:00:00Z"
)
def explain(
    player: Annotated[str, typer.Argument(help="The player's id or name, or a part of the name that only this player has that day.")],
    date: Day,
    target: Annotated[
        str,
        typer.Option(
            help="minutes, a rate (ast …), fg2_pct, fg3_pct, ft_pct, with commas; default: minutes and the rates that changed most.",
            metavar="NAMES",
        ),
    ] = "",
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """Explain a player's projection: the effect of each group of features, and the information it used."""
    from dataclasses import asdict

    from rates_assets.cli.views.explain import print_explanation
    from rates_lib.core.calendar import instant_of
    from rates_lib.questions.explain.answer import explain as explanation_of

    explanation = explanation_of(open_lake(), player, date.date(), instant_of(as_of), split_names(target))
    emit(as_json, lambda: asdict(explanation), lambda console: print_explanation(console, explanation))


@command(_PANEL, "rates dvp BOS 2024-12-25", "rates dvp BOS 2024-12-25 --by role --per 100")
def dvp(
    team: Annotated[str, typer.Argument(help="Abbreviation of the defending team.")],
    date: Day,
    by: Annotated[Literal["position", "role"], typer.Option(help="Position or role of the opponents.")] = "position",
    per: Annotated[Literal["36", "100"], typer.Option(help="36 minutes, or 100 possessions.")] = "36",
    as_json: Json = False,
) -> None:
    """Show the counts that a team allows by position or role, and their ranks, as known before its game of that day (or the next)."""
    from rates_assets.cli.views.dvp import defence_as_dict, print_defence
    from rates_lib.questions.dvp import defence_of

    defence = defence_of(open_lake(), team, date.date(), by, per)
    emit(as_json, lambda: defence_as_dict(defence), lambda console: print_defence(console, defence, by, per))
