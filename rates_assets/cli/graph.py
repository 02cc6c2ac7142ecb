"""The graph: `ui` shows it, `demo` runs all of it on the synthetic league."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from rates_assets.cli.group import command
from rates_assets.cli.session import open_instance, open_lake, open_runner, sigterm_as_ctrl_c, stdout

_PANEL = "Graph"
_DEMO = {"RATES_ROOT": "demo/lake", "DAGSTER_HOME": "demo/dagster_home"}  # folders of the demo if the variables are not set


@command(_PANEL, "rates ui --port 3001")
def ui(port: Annotated[int, typer.Option(help="Port of the web server.")] = 3000) -> None:
    """Open the graph in the browser: Dagster's web server and its daemon on this lake and this instance, until Ctrl-C."""
    from rates_assets.cli.server import serve

    open_lake()
    with open_instance() as instance:
        home = Path(instance.root_directory)
    with suppress(KeyboardInterrupt), sigterm_as_ctrl_c():
        serve(home, port, stdout())


@command(_PANEL, "rates demo")
def demo() -> None:
    """Run the main jobs on the synthetic league: land three seasons, backfill, train, project and simulate a day.

    The lake is demo/lake and its runs are kept in demo/dagster_home, unless RATES_ROOT and DAGSTER_HOME name other folders. A lake that
    holds anything else is refused.
    """
    from rates_assets.cli import workflows
    from rates_assets.cli.views.slate import print_slate, slate_frames

    for variable, folder in _DEMO.items():
        os.environ[variable] = os.environ.get(variable) or folder
    where = " ".join(f"{variable}={os.environ[variable]}" for variable in _DEMO)
    with open_runner() as runner:
        day = workflows.demo(runner)
        console = stdout()
        print_slate(console, runner.lake, day, slate_frames(runner.lake, day))
    hint = f"This league is invented. To look at it:\n  export {where}\n  rates slate {day}\n  rates ui"
    console.print(f"\n{hint}", highlight=False, soft_wrap=True)
