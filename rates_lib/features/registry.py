"""All feature families. The tests of truncation, poisoning and parity run over this list, so a new family here is tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from rates_lib.features import (
    dvp,
    dvp_role,
    opponent_allowed,
    play_style,
    player_form,
    player_role,
    rotation,
    team_form,
    team_strength,
    tracking_rollups,
)
from rates_lib.features.history import History


@dataclass(frozen=True)
class Family:
    """A feature family.

    Attributes:
        table: the gold table that it builds.
        build: history and games (season, game_id, game_date, home_team_id, away_team_id) to the table's rows.
        labels: columns of the table that are outcomes: no model may use them as features.
    """

    table: str
    build: Callable[[History, pl.DataFrame], pl.DataFrame]
    labels: tuple[str, ...] = ()


FAMILIES = (
    Family("gold.player_form", player_form.build, labels=("played",)),
    Family("gold.team_form", team_form.build),
    Family("gold.team_strength", team_strength.build),
    Family("gold.rotation", rotation.build),
    Family("gold.opponent_allowed", opponent_allowed.build),
    Family("gold.dvp", dvp.build),
    Family("gold.tracking_rollups", tracking_rollups.build),
    Family("gold.player_role", player_role.build),
    Family("gold.play_style", play_style.build),
    Family("gold.dvp_role", dvp_role.build),
)
