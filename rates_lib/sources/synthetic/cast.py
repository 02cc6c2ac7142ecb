"""Rosters of every game: ids and names for the rows of all tables.

Belongs here: ids and names by row and place. Does not belong here: random draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from rates_lib.sources.synthetic.base import Ints, take
from rates_lib.sources.synthetic.names import TEAMS, team_ids
from rates_lib.sources.synthetic.schedule import Games


@dataclass(frozen=True)
class Cast:
    """A season's games and their rosters.

    `roster` (n, 15): player numbers by team-game (home then away, n = 2 x games) and place; `ids`, `names`: by number.
    """

    games: Games
    roster: Ints
    ids: pl.Series
    names: pl.Series

    @property
    def teams(self) -> Ints:
        """Teams by team-game, (n,)."""
        return np.stack([self.games.home, self.games.away], axis=1).ravel()

    def keys(self, row: Ints, place: Ints) -> dict[str, pl.Series]:
        """GAME_ID, TEAM_ID and PLAYER_ID of the players at `place` in the team-games `row`."""
        return {
            "GAME_ID": take(self.games.ids, row // 2),
            "TEAM_ID": take(pl.Series(team_ids(len(TEAMS))), self.teams[row]),
            "PLAYER_ID": take(self.ids, self.roster[row, place]),
        }
