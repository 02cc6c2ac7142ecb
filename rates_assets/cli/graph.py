"""The graph: `ui` shows it, `demo` runs all of it on the synthetic league."""

import os
import sys
from typing import Annotated

import typer

from rates_assets.cli.group import command
from rates_assets.cli.session import open_lake, open_runner, stdout

_PANEL = "Graph"


@command(_PANEL, "rates ui --port 3001")
def ui(port: Annotated[int, typer.Option(help="Port of the web server.")] = 3000) -> None:
    """Open the graph in the browser: `dagster dev` on this lake and this instance."""
    from rates_assets.cli.runner import prepare_home

    open_lake(may_be_new=True)
    prepare_home()
    # its successor `dg dev` is a separate package that needs another project layout
    quiet = ["-W", "ignore:Function `dev_command` is superseded"]
    os.execv(sys.executable, [sys.executable, *quiet, "-m", "dagster", "dev", "-m", "rates_assets.definitions", "-p", str(port)])


@command(_PANEL, "make demo")
def demo() -> None:
    """Run the main jobs on the synthetic league: land three seasons, backfill, train, project and simulate a day."""
    from rates_assets.cli import workflows
    from rates_assets.cli.views.slate import print_slate, slate_frames

    with open_runner(new_lake=True) as runner:
        day = workflows.demo(runner)
        print_slate(stdout(), runner.lake, day, slate_frames(runner.lake, day))
