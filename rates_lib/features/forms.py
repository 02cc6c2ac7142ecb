"""The form tables of whole seasons: every family over every game that was played or is scheduled."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from rates_lib.features.history import load_history
from rates_lib.features.registry import FAMILIES
from rates_lib.lake import Lake


def build_forms(lake: Lake, seasons: Sequence[int]) -> dict[str, pl.DataFrame]:
    """Table name to rows of all `seasons`, each sorted by the table's key; history is read once."""
    history = load_history(lake, seasons)
    games = history.game.filter(pl.col("season").is_in(list(seasons)))
    return {family.table: family.build(history, games) for family in FAMILIES}
