"""Rotation players of a team who are out, and the minutes and usage they vacate (north star, section 3.6).

Belongs here: the rotation, its baseline (last ten games played), and the rule by which a player counts as out. See
num_rotation_players_out in the data dictionary for the definitions.
"""

from __future__ import annotations

import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import REGULATION_MINUTES
from rates_lib.features.history import History
from rates_lib.features.player_form import appearances_with_team, usage
from rates_lib.features.positions import add_positions
from rates_lib.features.roster import OUT_STATUSES, team_sources

ROTATION_DAYS = 15
ROTATION_MINUTES = 10.0
_BASE = ("seconds", "pts", "ast", "plays", "fta", "team_plays", "team_fta", "team_seconds")


def absences(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Absences of both teams of `games`.

    Returns:
        game_id, team_id, the six columns of absences and availability_source; one row per team and game, sorted. Without a published
        status no player counts as out.
    """
    sides = team_sources(history, games)
    rotation = _rotation(history, sides)
    full = pl.col("availability_source").is_in(["active_list", "proxy"])
    out = pl.col("status").is_in(OUT_STATUSES) | (full & pl.col("status").is_null())
    rotation = (
        rotation.join(sides.select("game_id", "team_id", "availability_source"), on=["game_id", "team_id"], how="left")
        .join(history.availability.select("game_id", "player_id", "status"), on=["game_id", "player_id"], how="left")
        .with_columns(out.fill_null(False).alias("out"))
        .sort("game_id", "team_id", "player_id")
    )
    group = ["game_id", "team_id"]

    def leads(value: pl.Expr) -> pl.Expr:
        return ((value == value.max().over(group)) & pl.col("out")).fill_null(False)

    marked = rotation.with_columns(
        leads(pl.col("pts_pg")).alias("_scorer"),
        leads(pl.col("ast_pg")).alias("_handler"),
        leads(pl.when(pl.col("position_primary") == "C").then(pl.col("mpg"))).alias("_center"),
    )
    lost = marked.filter("out").sort(*group, "player_id")
    totals = lost.group_by(group, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("num_rotation_players_out"),
        # floats are added in order of player, so that the sum is reproducible
        pl.col("mpg").cum_sum().last().alias("team_minutes_vacated"),
        (pl.col("usage") * pl.col("mpg") / REGULATION_MINUTES).cum_sum().last().alias("team_usage_vacated"),
        pl.col("_scorer").any().cast(pl.Int8).alias("star_scorer_out_flag"),
        pl.col("_handler").any().cast(pl.Int8).alias("primary_ballhandler_out_flag"),
        pl.col("_center").any().cast(pl.Int8).alias("starting_center_out_flag"),
    )
    return (
        sides.select(*group, "availability_source")
        .join(totals, on=group, how="left")
        .with_columns(pl.exclude(*group, "availability_source").fill_null(0))
        .sort(group)
    )


def _rotation(history: History, sides: pl.DataFrame) -> pl.DataFrame:
    """Rotation players of each side with their baseline: mpg, pts_pg, ast_pg, usage, position_primary."""
    members = asof.recent_members(sides, history.appearances(), ROTATION_DAYS)
    played = appearances_with_team(history).join(members.select("player_id").unique(), on="player_id", how="semi")
    baseline = asof.last_totals(played, ["player_id"], _BASE, 10)
    members = asof.last_before(members, baseline, ["player_id"], {c: c for c in (*_BASE, "games")})
    members = members.with_columns(
        (pl.col("seconds") / 60 / pl.col("games")).alias("mpg"),
        (pl.col("pts") / pl.col("games")).alias("pts_pg"),
        (pl.col("ast") / pl.col("games")).alias("ast_pg"),
        usage().fill_null(0.0).alias("usage"),
    ).filter(pl.col("mpg") >= ROTATION_MINUTES)
    return add_positions(members, history).select("game_id", "team_id", "player_id", "mpg", "pts_pg", "ast_pg", "usage", "position_primary")
