"""The command `rates` itself: its help, and errors in one line.

Nothing here or at the top of a module of commands loads a library: `rates --help` and completion answer at once.
"""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rates_lib.core.errors import RatesError


class _Group(TyperGroup):
    """Turns the product's errors into one line; `--debug` may be anywhere on the line."""

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
                raise
            from rich.console import Console

            bug = "" if isinstance(error, RatesError) else f" ({type(error).__name__}, a bug: --debug shows where)"
            Console(stderr=True).print(f"error: {error}{bug}", markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_Group,
    help="NBA projections: land, backfill, train, project. Runs on Linux and macOS. The lake is in RATES_ROOT (./lake), its runs are kept "
    "in DAGSTER_HOME (./dagster_home).\n\nCommands that write tables or models start the graph's own jobs, which `rates ui` shows. "
    "`price`, `props`, `whatif`, `explain`, `dvp`, `roles` and `query` only read the lake.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


@app.callback()
def _main(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    pass
