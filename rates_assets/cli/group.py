"""The command `rates` itself: its help, and the ends of a command: errors in one line, and Ctrl-C.

This module and the modules of commands import slow libraries only inside functions, so that `rates --help` and completion answer at once.
"""

from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rates_lib.core.errors import CancelledError, RatesError

_INTERRUPTED = 130  # exit code of shells: 128 + SIGINT


class _Group(TyperGroup):
    """Prints an error as one line; accepts `--debug` anywhere among the arguments."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Move `--debug` to the front: it is an option of the group."""
        ctx.obj = "--debug" in args
        return super().parse_args(ctx, ["--debug"] * ctx.obj + [arg for arg in args if arg != "--debug"])

    def invoke(self, ctx: Any) -> Any:
        """Run the command.

        An error exits with code 1 and prints one line, with `--debug` its traceback; Ctrl-C and SIGTERM exit with code 130.
        """
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise  # of the framework: wrong options, an intended exit
        except KeyboardInterrupt:
            _print_error("cancelled")
            raise typer.Exit(_INTERRUPTED) from None
        except CancelledError as error:
            _print_error(str(error))
            raise typer.Exit(_INTERRUPTED) from None
        except Exception as error:
            if ctx.obj:
                raise
            bug = "" if isinstance(error, RatesError) else f" ({type(error).__name__}, a bug: --debug shows where)"
            _print_error(f"error: {error}{bug}")
            raise typer.Exit(1) from None


def _print_error(text: str) -> None:
    from rich.console import Console

    Console(stderr=True).print(text, markup=False, highlight=False, soft_wrap=True)


app = typer.Typer(
    cls=_Group,
    help="NBA projections: land, backfill, train, project. Runs on Linux and macOS. The lake is in RATES_ROOT (./lake), its runs are kept "
    "in DAGSTER_HOME (./dagster_home).\n\nCommands that write tables or models start the graph's own jobs, which `rates ui` shows. "
    "`price`, `props`, `whatif`, `explain`, `dvp`, `roles` and `query` only read the lake.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def command(panel: str, *examples: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command in a panel of `rates --help`; its own help ends with the examples."""
    word = "Example" if len(examples) == 1 else "Examples"
    return app.command(rich_help_panel=panel, epilog=f"{word}: " + "; ".join(f"`{example}`" for example in examples))


@app.callback()
def _main(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    pass
