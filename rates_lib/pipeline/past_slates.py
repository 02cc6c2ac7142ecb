"""Inputs of the predictions of past days, a whole season at once, from the form tables; equal to those of `build_slate` to the last bit.

This needs two things. The day must be over: as_of_utc is not before any tip-off, and all games have a result. And the form tables must be
built from the present rows (`lineage.py`). Otherwise slates are built day by day.

Belongs here: the days for which this works, and their inputs. Does not belong here: features (`features/`), predictions
(`projections.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import polars as pl

from rates_lib import asof
from rates_lib.core.calendar import EASTERN
from rates_lib.features.history import History
from rates_lib.features.registry import FAMILIES
from rates_lib.features.team_matchup import TEAM_TABLES, TeamInputs
from rates_lib.lake import Lake
from rates_lib.pipeline.lineage import why_stale
from rates_lib.pipeline.slate import PredictionInputs
from rates_lib.pipeline.training import season_features


def days_over(lake: Lake, season: int, days: Iterable[date], as_of_utc: datetime) -> list[date]:
    """The members of `days` (of one season) whose games are over by `as_of_utc`, sorted."""
    game = lake.read("silver.game", [season], ["game_date", "tipoff_utc", "home_pts", "away_pts"])
    later = pl.lit(as_of_utc.astimezone(UTC), game.schema["tipoff_utc"]) < pl.col("tipoff_utc")
    open_ = later | pl.any_horizontal(pl.col("home_pts", "away_pts").is_null())
    today = as_of_utc.astimezone(EASTERN).date()
    asked = game.filter(pl.col("game_date").is_in(list(days)) & (pl.col("game_date") <= today))
    over = asked.group_by("game_date").agg(open_.any().alias("open")).filter(~pl.col("open"))
    return over["game_date"].sort().to_list()


def stale(lake: Lake, season: int) -> str:
    """Reason why the form tables of a season cannot be used, in words; "" if they can (`lineage.why_stale`)."""
    return why_stale(lake, [*(family.table for family in FAMILIES), "silver.odds_game"], season)


def past_slates(lake: Lake, season: int, days: Iterable[date], history: History) -> PredictionInputs:
    """Inputs of the games of `days`, which must be `days_over`.

    Args:
        lake: lake with the season's form tables, which must not be `stale`.
        season: season of the days.
        days: Eastern dates, at least one.
        history: `load_history` of the season.

    Returns:
        as_of_utc is the tip-off; candidates known only because they appeared are left out; known_before is the first day.
    """
    days = sorted(days)
    games = history.game.filter(pl.col("game_date").is_in(days))
    asked = pl.col("game_date").is_in(games["game_date"].unique().to_list()) & (pl.col("foreseen_flag") == 1)
    features = season_features(lake, [season]).filter(asked)
    # estimates of later dates are included, but a row takes the newest that is not after its own day
    forms = {table: lake.read(table, [season]) for table in TEAM_TABLES}
    teams = TeamInputs(forms, history.player_impact, lake.read("silver.odds_game", [season]))
    games = games.with_columns(pl.col("tipoff_utc").alias("as_of_utc"))
    return PredictionInputs(games, features, _names(lake, season, features, history), teams, days[0])


def _names(lake: Lake, season: int, features: pl.DataFrame, history: History) -> pl.DataFrame:
    """The names of `slate.build_slate`, for many days."""
    lists = lake.read("silver.player_availability", [season], ["as_of", "game_date", "player_id", "player_name"])
    listed = (
        lists.filter(pl.col("as_of") == "close")
        .drop_nulls("player_name")
        .unique(["game_date", "player_id"], keep="first", maintain_order=True)
        .select("game_date", "player_id", pl.col("player_name").alias("_listed"))
    )
    log = history.player_game.drop_nulls("player_name").sort("game_date", "game_id").select("game_date", "player_id", "player_name")
    bio = (
        history.player_bio.drop_nulls("player_name")
        .sort("season", descending=True, maintain_order=True)
        .unique("player_id", keep="first", maintain_order=True)
        .select("player_id", pl.col("player_name").alias("_bio"))
    )
    rows = features.select("game_date", "player_id").unique(maintain_order=True)
    rows = rows.join(listed, on=["game_date", "player_id"], how="left", maintain_order="left")
    rows = asof.last_before(rows, log, ["player_id"], {"player_name": "_log"})
    rows = rows.join(bio, on="player_id", how="left", maintain_order="left")
    return rows.select("game_date", "player_id", pl.coalesce("_listed", "_log", "_bio").alias("player_name"))
