"""A terminal of any width, as lines."""

import io
from collections.abc import Callable

from rich.console import Console


def lines_of(show: Callable[[Console], object], width: int) -> list[str]:
    """What `show` prints on a terminal of `width` columns."""
    file = io.StringIO()
    show(Console(file=file, width=width))
    return file.getvalue().splitlines()
