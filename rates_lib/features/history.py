"""The clean tables that features read, loaded once as one immutable bundle.

Belongs here: reading the tables of the seasons needed. Does not belong here: features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar
from weakref import WeakKeyDictionary

import polars as pl

from rates_lib.lake import Lake

_GAME = (
    "season", "game_id", "game_date", "tipoff_utc", "home_team_id", "away_team_id", "home_team_abbreviation", "away_team_abbreviation",
    "neutral_site",
)  # fmt: skip
_AVAILABILITY = (
    "season", "game_id", "player_id", "team_id", "game_date", "status", "starter_announced", "play_prob_prior", "availability_source",
)  # fmt: skip
IMPACTS = ("impact_off_per_100", "impact_def_per_100", "impact_per_100")
_TRACKED = (
    "touches", "time_of_poss_seconds", "drives", "passes_made", "catch_shoot_fga", "pull_up_fga", "paint_touches", "post_touches",
    "minutes_tracking",
)  # fmt: skip

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)  # compared by identity: `once` caches results per history
class History:
    """Clean tables up to some season. They may hold rows of the day of a projection; `asof` never joins those.

    Attributes:
        game: silver.game, games played and scheduled, one row per game.
        player_game: silver.player_game, all rows of the log.
        team_game: silver.team_game.
        tracking_game: silver.tracking_game.
        tracking_season: season totals of players from bronze.player_tracking (grain season).
        player_bio: bronze.player_bio.
        availability: silver.player_availability at label close.
        player_impact: gold.player_impact: estimate_date, player_id, IMPACTS, impact_se; an estimate rests on games before its date.
    """

    game: pl.DataFrame
    player_game: pl.DataFrame
    team_game: pl.DataFrame
    tracking_game: pl.DataFrame
    tracking_season: pl.DataFrame
    player_bio: pl.DataFrame
    availability: pl.DataFrame
    player_impact: pl.DataFrame

    def team_games(self) -> pl.DataFrame:
        """Two rows per game: season, game_id, game_date, team_id, opponent_id, home_flag; sorted by game_id, team_id."""
        return team_rows(self.game)

    def appearances(self) -> pl.DataFrame:
        """Games played: rows of player_game with MIN > 0 in the log (a MIN of 0 is less than half a minute)."""
        return self.player_game.filter(pl.col("min") > 0)

    def before(self, day: date) -> History:
        """This history without outcomes of `day` or later and without estimates of later dates; games, statuses and bios stay."""
        earlier = pl.col("game_date") < day
        return replace(
            self,
            player_game=self.player_game.filter(earlier),
            team_game=self.team_game.filter(earlier),
            tracking_game=self.tracking_game.filter(earlier),
            player_impact=self.player_impact.filter(pl.col("estimate_date") <= day),
        )


def once(function: Callable[[History], Result]) -> Callable[[History], Result]:
    """Compute `function` once per history: several families start from the same intermediate rows."""
    results: WeakKeyDictionary[History, Result] = WeakKeyDictionary()

    def cached(history: History) -> Result:
        if history not in results:
            results[history] = function(history)
        return results[history]

    return cached


def team_rows(games: pl.DataFrame) -> pl.DataFrame:
    """Two rows per game, one per team: season, game_id, game_date, team_id, opponent_id, home_flag; sorted by game_id, team_id."""
    sides = [
        games.select(
            *("season", "game_id", "game_date"),
            pl.col(f"{side}_team_id").alias("team_id"),
            pl.col(f"{other}_team_id").alias("opponent_id"),
            pl.lit(flag, pl.Int8).alias("home_flag"),
        )
        for side, other, flag in (("home", "away", 1), ("away", "home", 0))
    ]
    return pl.concat(sides).sort("game_id", "team_id")


def load_history(lake: Lake, seasons: Iterable[int]) -> History:
    """The history up to the last of `seasons`.

    Statuses are read for `seasons` only: a row needs those of its own game, past games need none.
    """
    asked = sorted(set(seasons))
    upto = [s for s in lake.partitions("silver.game") if int(s) <= asked[-1]]
    tracking = lake.read("bronze.player_tracking", upto, ["season", "grain", "player_id", *_TRACKED])
    return History(
        game=lake.read("silver.game", upto, _GAME),
        player_game=lake.read("silver.player_game", upto),
        team_game=lake.read("silver.team_game", upto),
        tracking_game=lake.read("silver.tracking_game", upto, ("season", "game_id", "player_id", "game_date", *_TRACKED)),
        tracking_season=tracking.filter(pl.col("grain") == "season").drop("grain"),
        player_bio=lake.read("bronze.player_bio", [s for s in lake.partitions("bronze.player_bio") if int(s) <= asked[-1]]),
        availability=lake.read("silver.player_availability", asked, (*_AVAILABILITY, "as_of"))
        .filter(pl.col("as_of") == "close")
        .drop("as_of"),
        player_impact=load_impact(lake, upto),
    )


def load_impact(lake: Lake, seasons: Iterable[str | int]) -> pl.DataFrame:
    """estimate_date, player_id, IMPACTS and impact_se of some seasons, sorted by date and player."""
    return lake.read("gold.player_impact", seasons, ("estimate_date", "player_id", *IMPACTS, "impact_se"))
