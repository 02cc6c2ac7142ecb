"""Resources of commands: the lake, the runner of jobs, and the terminal."""

import json
import math
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rates_lib.core.errors import RatesError

if TYPE_CHECKING:
    from dagster import DagsterInstance
    from rich.console import Console

    from rates_assets.cli.runner import Runner
    from rates_lib.lake import Lake

_PIPE_WIDTH = 120  # of tables in redirected output, unless COLUMNS says another
LONG_SECONDS = 20.0  # from which a computation shows its progress
_NAMED = 8  # files of a folder without a lake


def open_lake(*, may_be_new: bool = False) -> "Lake":
    """The lake in RATES_ROOT, else ./lake; sets the variable for child processes.

    Raises:
        RatesError: if the folder holds no lake, unless it `may_be_new`; says where it looked and what is there.
    """
    from rates_lib.lake import Lake

    lake = Lake(lake_root())
    if not may_be_new and not lake.exists():
        raise RatesError(_no_lake(lake.root))
    os.environ["RATES_ROOT"] = str(lake.root)
    return lake


def lake_root() -> Path:
    """The folder of the lake, which need not exist."""
    return Path(os.environ.get("RATES_ROOT") or "lake").resolve()


def _no_lake(root: Path) -> str:
    named = "RATES_ROOT names it" if os.environ.get("RATES_ROOT") else "RATES_ROOT is not set, so ./lake counts"
    names = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    there = (
        f"the folder holds {', '.join(names[:_NAMED])}{more}"
        if names
        else "the folder is empty"
        if root.is_dir()
        else ("it is a file" if root.exists() else "there is no such folder")
    )
    return f"no lake in {root} ({named}; {there}): set RATES_ROOT to the lake's folder, or run `rates land` or `rates demo` first"


@contextmanager
def open_runner(*, new_lake: bool = False) -> "Iterator[Runner]":
    """A runner of jobs on the instance in DAGSTER_HOME; its progress goes to standard error.

    Raises:
        RatesError: if there is no lake, unless the command may start a `new_lake`; no folder is made then.
    """
    from rich.console import Console

    from rates_assets.cli.runner import Runner

    lake = open_lake(may_be_new=new_lake)
    # Dagster captures output of steps by replacing descriptors 1 and 2, so progress gets a copy of standard error
    with sigterm_as_ctrl_c(), os.fdopen(os.dup(2), "w") as terminal, open_instance() as instance:
        yield Runner(instance, lake, Console(file=terminal))


@contextmanager
def open_instance() -> "Iterator[DagsterInstance]":
    """The instance in DAGSTER_HOME; closes runs that a killed process has left unfinished, and says so on standard error."""
    from dagster import DagsterInstance
    from rich.console import Console

    from rates_assets.cli.runner import prepare_home
    from rates_assets.executor import close_orphans

    prepare_home()
    with DagsterInstance.get() as instance:
        for closed in close_orphans(instance):
            Console(stderr=True).print(f"note: {closed}", style="yellow", markup=False, highlight=False, soft_wrap=True)
        yield instance


@contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """SIGTERM and SIGINT raise KeyboardInterrupt, as they do while Dagster executes a run.

    SIGINT is set as well because a shell has the processes that it starts in the background ignore it, and Dagster would copy that to
    SIGTERM: nothing but a kill would end them.
    """
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def time_left(what: str) -> "Iterator[Callable[[int, int], None]]":
    """A function that shows, on standard error, how far a long computation is; it shows nothing if all takes less than 20 seconds.

    The first call that foresees more prints an estimate, which also stays in redirected output; a terminal has a bar with the time left.
    The clock starts at the first call, so that compiling and reading are not taken for the pace of the rest.

    Args:
        what: what is being computed, for the estimate.

    Yields:
        The function. Its arguments are the work done so far and all of it, in any unit.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(20), TaskProgressColumn(), TextColumn("left"), TimeRemainingColumn()
    bar = Progress(*columns, console=console, transient=True)
    first: tuple[float, int] | None = None

    def show(done: int, total: int) -> None:
        nonlocal first
        now = perf_counter()
        first = first or (now, done)
        expected = (now - first[0]) * total / max(done - first[1], 1)
        if not bar.tasks and done < total and expected > LONG_SECONDS:
            console.print(f"{what}: about {in_words(expected)}; Ctrl-C stops", highlight=False)
            bar.add_task("drawing", total=total)
            bar.start()
        for task in bar.tasks:
            bar.update(task.id, completed=done)

    try:
        yield show
    finally:
        if bar.tasks:
            bar.stop()


def in_words(seconds: float) -> str:
    """A duration such as "40 seconds" or "3 minutes", rounded."""
    return f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"


def stdout() -> "Console":
    """Standard output; redirected output has a fixed width, or that of COLUMNS."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal or os.environ.get("COLUMNS", "").isdigit() else Console(width=_PIPE_WIDTH)


def emit(as_json: bool, data: Callable[[], Any], show: "Callable[[Console], object]") -> None:
    """Print a command's result on standard output, as JSON or with `show`.

    Args:
        as_json: the command's `--json`.
        data: returns the value for JSON; a frame becomes an array of rows. Dates and instants are in ISO form, numbers that JSON does
            not have (infinite, not a number) are null.
        show: prints to a console.
    """
    if as_json:
        value = data()
        rows = json.loads(value.write_json()) if hasattr(value, "write_json") else value
        print_text(stdout(), json.dumps(plain(rows), allow_nan=False))
    else:
        show(stdout())


def plain(value: Any) -> Any:
    """A value in types that JSON has; see `emit`."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if hasattr(value, "item"):  # of NumPy
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def print_text(console: "Console", text: str) -> None:
    """Print text without colours and added line breaks."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)
