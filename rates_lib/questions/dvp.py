"""Defence versus position or role: one team before one game, each statistic with its rank.

Belongs here: the choice and the layout of rows of gold.dvp and gold.dvp_role. Does not belong here: the figures
(`features/dvp.py`), printing (`rates_assets/cli/views/dvp.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from rates_lib.core.calendar import season_of
from rates_lib.core.errors import RatesError
from rates_lib.lake import Lake
from rates_lib.schemas.columns import POSITIONS, ROLES

SHOWN = ("pts", "fga2", "fga3", "fg3m", "fta", "oreb", "dreb", "ast", "tov", "stl", "blk")
_TABLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "position": ("gold.dvp", "position_primary", POSITIONS),
    "role": ("gold.dvp_role", "player_role", ROLES),
}


@dataclass(frozen=True)
class Defence:
    """Counts that a team allows, as of the day before one of its games.

    Attributes:
        team, opponent: abbreviations.
        game_date: of the game; may be later than the requested day.
        teams: number of ranked teams.
        rows: group (a position or role), and for each of SHOWN allowed_<stat>, dvp_<stat>_ratio, dvp_<stat>_rank (1 = allows most).
    """

    team: str
    opponent: str
    game_date: date
    teams: int
    rows: pl.DataFrame


def defence_of(lake: Lake, team: str, day: date, by: str = "position", per: str = "36") -> Defence:
    """Counts that a team allows, as known before its first game of the season on or after a day, else before its last game.

    Args:
        lake: holds the form tables.
        team: abbreviation, in any case.
        day: Eastern date.
        by: position or role of the opponents.
        per: 36 minutes or 100 possessions.

    Raises:
        RatesError: if the season has no such team, or the table no rows of the season.
    """
    season = season_of(day)
    games = lake.read("silver.game", [season])
    codes = dict(games.select("home_team_abbreviation", "home_team_id").iter_rows()) | dict(
        games.select("away_team_abbreviation", "away_team_id").iter_rows()
    )
    if team.upper() not in codes:
        listed = ", ".join(sorted(codes)) or f"none: run `rates backfill --seasons {season} --through forms`"
        raise RatesError(f"no team {team!r} plays in season {season}; there are {listed}")
    table, group, names = _TABLES[by]
    own = lake.read(table, [season]).filter(pl.col("team_id") == codes[team.upper()])
    if own.is_empty():
        raise RatesError(f"{table} has no rows of season {season}: run `rates backfill --seasons {season} --through forms`")
    days: list[date] = own["game_date"].unique().sort().to_list()
    game_date = next((d for d in days if d >= day), days[-1])
    rows = own.filter(pl.col("game_date") == game_date).sort(pl.col(group).cast(pl.Enum(names)))
    return Defence(
        team.upper(),
        next(code for code, team_id in codes.items() if team_id == rows["opponent_id"][0]),
        game_date,
        len(set(codes.values())),
        rows.select(
            pl.col(group).alias("group"),
            *(pl.col(f"allowed_{s}_per_{per}").alias(f"allowed_{s}") for s in SHOWN),
            *(f"dvp_{s}_{figure}" for s in SHOWN for figure in ("ratio", "rank")),
        ),
    )
