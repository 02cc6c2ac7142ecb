"""gold.dvp_role: defence versus role: counts that a team allows players of each role of gold.player_role, over the expected counts.

Like gold.dvp, with roles instead of positions; a past game counts for the role that the player had before it.
"""

from __future__ import annotations

import polars as pl

from rates_lib.features.allowed import games_with_roles
from rates_lib.features.dvp import against_groups, with_allowed
from rates_lib.features.history import History
from rates_lib.features.player_rates import FIRST_DAY, group_means
from rates_lib.schemas.columns import ROLES
from rates_lib.schemas.tables import TABLES


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Counts that both teams of `games` allow each role: gold.dvp_role rows, sorted by season, game_id, team_id, player_role."""
    rows = against_groups(history, games, "player_role", ROLES)
    means = group_means(rows, games_with_roles(history), "player_role", FIRST_DAY)
    return with_allowed(rows, means, history).select(TABLES["gold.dvp_role"].columns)
