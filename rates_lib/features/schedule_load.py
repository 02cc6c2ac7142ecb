"""Schedule load of a team: rest, games close together, travel, time zones, altitude; from no outcome.

Places come from `sql/seeds/arenas.csv` (each team's own, by season) and `sql/seeds/away_venues.csv` (home games at other places).

Belongs here: features of dates and places. Does not belong here: results (`standings.py`, `team_strength.py`).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from rates_lib import asof
from rates_lib.features.history import History
from rates_lib.lake import seed

EARTH_KM = 6371.0
MAX_DAYS = 7  # cap of days off; also the value before a season's first game
_PLACE = ("latitude", "longitude", "altitude_m", "utc_offset_hours")


def schedule_load(history: History) -> pl.DataFrame:
    """Schedule load of both teams of every game, played or scheduled.

    Returns:
        season, game_id, game_date, team_id, opponent_id, home_flag, neutral_flag (1: neither team's own arena), back_to_back_flag,
        three_in_four_flag (third game in four nights), schedule_games_last7d, days_off (up to 7), travel_km (great circle from the place
        of the game before, from the own arena before a season's first), time_zones_crossed (hours, east positive), altitude_gain_m
        (above the own arena); the last three are null where a place is unknown. Sorted by game_id, team_id.
    """
    rows = _places(history)
    rows = asof.previous_values(rows, ["game_date", *_PLACE], "_last_")
    for n in (2, 3, 4):
        rows = asof.previous_dates(rows, n, f"_date_{n}")
    since = (pl.col("game_date") - pl.col("_last_game_date")).dt.total_days()

    def within(column: str, days: int) -> pl.Expr:
        return (pl.col("game_date") - pl.col(column)).dt.total_days() <= days

    earlier = ("_last_game_date", "_date_2", "_date_3", "_date_4")
    start = {c: pl.coalesce(f"_last_{c}", f"_own_{c}") for c in _PLACE}
    return rows.select(
        *("season", "game_id", "game_date", "team_id", "opponent_id", "home_flag", "neutral_flag"),
        (since == 1).fill_null(value=False).cast(pl.Int8).alias("back_to_back_flag"),
        within("_date_2", 3).fill_null(value=False).cast(pl.Int8).alias("three_in_four_flag"),
        pl.sum_horizontal(within(c, 6).fill_null(value=False).cast(pl.Int64) for c in earlier).alias("schedule_games_last7d"),
        (since - 1).clip(0, MAX_DAYS).fill_null(MAX_DAYS).alias("days_off"),
        _great_circle(start["latitude"], start["longitude"], pl.col("latitude"), pl.col("longitude")).alias("travel_km"),
        (pl.col("utc_offset_hours") - start["utc_offset_hours"]).alias("time_zones_crossed"),
        (pl.col("altitude_m") - pl.col("_own_altitude_m")).alias("altitude_gain_m"),
    ).sort("game_id", "team_id")


def conferences(history: History) -> pl.DataFrame:
    """season, team_id, conference (null for teams missing in the list), sorted.

    Teams of the season's schedule and of the season before, because the schedule of a new season may not name all teams yet.
    """
    named = _abbreviations(history)
    both = pl.concat([named, named.with_columns(pl.col("season") + 1)]).unique(["season", "team_id"], keep="first", maintain_order=True)
    return _with_arena(both).select("season", "team_id", "conference").sort("season", "team_id")


def _places(history: History) -> pl.DataFrame:
    """Two rows per game with the place of the game and, as `_own_*`, of the team's arena; null where it is unknown."""
    own = _with_arena(_abbreviations(history)).select("season", "team_id", *_PLACE)
    games = history.game.select("season", "game_id", "game_date", "home_team_id", "home_team_abbreviation", "neutral_site")
    within = pl.col("game_date").is_between("first_date", "last_date")
    named = pl.col("of_home").is_null() | (pl.col("of_home") == pl.col("home_team_abbreviation"))
    moved = games.join(_elsewhere(), how="cross").filter(within & named).unique("game_id", keep="any")
    away = moved.select("game_id", *(pl.col(c).alias(f"_away_{c}") for c in _PLACE), pl.lit(value=True).alias("_moved"))
    games = games.join(own, left_on=["season", "home_team_id"], right_on=["season", "team_id"], how="left").join(
        away, on="game_id", how="left"
    )
    neutral = pl.col("neutral_site") | pl.col("_moved").is_not_null()
    place = [pl.when(neutral).then(pl.col(f"_away_{c}")).otherwise(pl.col(c)).alias(c) for c in _PLACE]
    games = games.select("game_id", neutral.cast(pl.Int8).alias("neutral_flag"), *place)
    return (
        history.team_games()
        .join(games, on="game_id", how="left", maintain_order="left")
        .join(own.rename({c: f"_own_{c}" for c in _PLACE}), on=["season", "team_id"], how="left", maintain_order="left")
    )


def _abbreviations(history: History) -> pl.DataFrame:
    """season, team_id, team_abbreviation of the schedule, sorted."""
    sides = [
        history.game.select("season", pl.col(f"{s}_team_id").alias("team_id"), pl.col(f"{s}_team_abbreviation").alias("team_abbreviation"))
        for s in ("home", "away")
    ]
    return pl.concat(sides).unique(["season", "team_id"], keep="any").sort("season", "team_id")


def _with_arena(teams: pl.DataFrame) -> pl.DataFrame:
    """`teams` (season, team_abbreviation) with conference and place of their arena in the season; null for teams missing in the list."""
    after, until = pl.col("first_season").fill_null(0), pl.col("last_season").fill_null(9999)
    used = pl.col("season").is_between(after, until) | pl.col("conference").is_null()
    return teams.join(_arenas(), on="team_abbreviation", how="left").filter(used)


@cache
def _arenas() -> pl.DataFrame:
    seasons = pl.col("first_season", "last_season").cast(pl.Int64)
    return seed("arenas").with_columns(seasons, pl.col(_PLACE).cast(pl.Float64)).drop("reason")


@cache
def _elsewhere() -> pl.DataFrame:
    return seed("away_venues").select(
        pl.col("first_date", "last_date").str.to_date("%Y-%m-%d"),
        pl.col("home_team_abbreviation").alias("of_home"),
        pl.col(_PLACE).cast(pl.Float64),
    )


def _great_circle(lat1: pl.Expr, lon1: pl.Expr, lat2: pl.Expr, lon2: pl.Expr) -> pl.Expr:
    """Kilometres by the haversine formula (Sinnott 1984, "Virtues of the haversine"), rounded to the metre, so that platforms agree."""
    a, b = lat1 * np.pi / 180, lat2 * np.pi / 180
    half = ((b - a) / 2).sin() ** 2 + a.cos() * b.cos() * (((lon2 - lon1) * np.pi / 360).sin()) ** 2
    return (2 * EARTH_KM * half.clip(0, 1).sqrt().arcsin()).round(3)
