"""Bounds of numbers that a user may request, in a module that is imported in no time, so that `--help` shows them.

Belongs here: bounds on how much is computed or stored. Does not belong here: plausible values of columns (`schemas/columns.py`).
"""

from __future__ import annotations

from rates_lib.core.errors import RatesError

LEAST_WORLDS = 100
"""Worlds of a game from which means and chances are estimated."""
MOST_STORED_WORLDS = 100_000
"""Worlds of a game that are stored or measured whole: they are in memory together, about 2 GB for a game, and a day of games takes 2 GB on
disk. The sampling error of a chance is then .16 percentage points at most."""
MOST_WORLDS = 10_000_000
"""Worlds of a game that are drawn in blocks and only counted; minutes of time, and an error of .016 percentage points at most."""


def check_worlds(worlds: int, least: int, most: int) -> None:
    """Refuse a number of worlds outside its bounds.

    Raises:
        RatesError: if `worlds` is below `least` or above `most`; names all three.
    """
    if not least <= worlds <= most:
        raise RatesError(f"{worlds:,} worlds of a game cannot be drawn: request {least:,} to {most:,}")
