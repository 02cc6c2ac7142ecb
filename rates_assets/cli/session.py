"""Resources of commands: the lake, the runner of jobs, and the terminal."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from rates_assets.cli.runner import Runner
    from rates_lib.lake import Lake

_PIPE_WIDTH = 120  # of tables in redirected output


def open_lake() -> "Lake":
    """The lake in RATES_ROOT, else ./lake; sets the variable for child processes."""
    from rates_lib.lake import Lake

    root = Path(os.environ.get("RATES_ROOT") or "lake").resolve()
    os.environ["RATES_ROOT"] = str(root)
    return Lake(root)


@contextmanager
def open_runner() -> "Iterator[Runner]":
    """A runner of jobs on the instance in DAGSTER_HOME; its progress goes to standard error."""
    from dagster import DagsterInstance
    from rich.console import Console

    from rates_assets.cli.runner import Runner, prepare_home

    lake = open_lake()
    prepare_home()
    # Dagster captures output of steps by replacing descriptors 1 and 2, so progress gets a copy of standard error
    with os.fdopen(os.dup(2), "w") as terminal, DagsterInstance.get() as instance:
        yield Runner(instance, lake, Console(file=terminal))


def stdout() -> "Console":
    """Standard output; redirected output has a fixed width."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)


def emit(as_json: bool, data: Callable[[], Any], show: "Callable[[Console], object]") -> None:
    """Print a command's result on standard output, as JSON or with `show`.

    Args:
        as_json: the command's `--json`.
        data: returns the value for JSON; a frame becomes an array of rows with dates and instants in ISO form.
        show: prints to a console.
    """
    if as_json:
        value = data()
        text = value.write_json() if hasattr(value, "write_json") else json.dumps(value, default=str)
        print_text(stdout(), text)
    else:
        show(stdout())


def print_text(console: "Console", text: str) -> None:
    """Print text without colours and added line breaks."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)
