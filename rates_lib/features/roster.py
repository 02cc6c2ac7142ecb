"""Candidates: one row per player who may play and game, with the status known at the instant of the projection.

A candidate is listed for the game; or expected (without a full list: the newest appearance was for this team, at most 30 days before the
team's last game, which may be of the season before); or appeared. The last kind exists only in past games and has status unknown: no
source named the player before the game.
"""

from __future__ import annotations

import polars as pl

from rates_lib import asof
from rates_lib.features.history import History, team_rows
from rates_lib.schemas.columns import STATUSES

EXPECTED_WITHIN_DAYS = 30
LONGEST_BREAK_DAYS = 400  # eight teams of 2019-20 played no game from 11 March to 22 December 2020
UNKNOWN_PRIOR = 0.82  # see play_prob_prior in schemas/columns.py
OUT_STATUSES = ("out", "doubtful", "inactive")
_SOURCES = ("active_list", "proxy", "injury_report", "none")  # in order of priority
_FULL_LISTS = ("active_list", "proxy")


def team_sources(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """`team_rows(games)` with `availability_source`, the best source of each team-game."""
    rank = {s: i for i, s in enumerate(_SOURCES)}
    best = (
        history.availability.group_by("game_id", "team_id")
        .agg(pl.col("availability_source").replace_strict(rank, return_dtype=pl.Int64).min().alias("_rank"))
        .with_columns(pl.col("_rank").replace_strict(dict(enumerate(_SOURCES)), return_dtype=pl.String).alias("availability_source"))
    )
    return (
        team_rows(games)
        .join(best.drop("_rank"), on=["game_id", "team_id"], how="left", maintain_order="left")
        .with_columns(pl.col("availability_source").fill_null("none"))
    )


def candidates(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Candidates of `games`.

    Args:
        history: the clean tables.
        games: season, game_id, game_date, home_team_id, away_team_id of the games asked for.

    Returns:
        season, game_id, game_date, team_id, opponent_id, player_id, home_flag, played, status, is_starter, play_prob_prior,
        availability_source, foreseen_flag (0 for players known only from their appearance); one row per game and player, sorted by season,
        game_id, player_id.
    """
    sides = team_sources(history, games)
    listed = history.availability.select(
        "game_id", "team_id", "player_id", "status", "starter_announced", "play_prob_prior", pl.lit(0).alias("_order")
    ).join(games.select("game_id"), on="game_id", how="semi")
    partial = sides.filter(~pl.col("availability_source").is_in(_FULL_LISTS))
    unknown = (
        pl.lit("unknown").alias("status"),
        pl.lit(None, pl.Int8).alias("starter_announced"),
        pl.lit(UNKNOWN_PRIOR).alias("play_prob_prior"),
    )
    last_game = asof.previous_dates(history.team_games(), 1, "_last_game", by=("team_id",)).select("game_id", "team_id", "_last_game")
    expected = (
        asof.recent_members(partial, history.appearances(), LONGEST_BREAK_DAYS)
        .join(last_game, on=["game_id", "team_id"], how="inner")
        .filter(pl.col("last_date") >= pl.col("_last_game") - pl.duration(days=EXPECTED_WITHIN_DAYS))
        .select("game_id", "team_id", "player_id", *unknown, pl.lit(1).alias("_order"))
    )
    appeared = history.player_game.join(games.select("game_id"), on="game_id", how="semi").select(
        "game_id", "team_id", "player_id", *unknown, pl.lit(2).alias("_order")
    )
    played = history.appearances().select("game_id", "player_id", pl.lit(1, pl.Int8).alias("played"))
    announced = listed.filter(pl.col("starter_announced") == 1).select("game_id", "team_id", pl.lit(0, pl.Int8).alias("_bench")).unique()
    return (
        pl.concat([listed, expected, appeared])
        .sort("game_id", "player_id", "_order", "team_id")
        .unique(["game_id", "player_id"], keep="first", maintain_order=True)
        .join(sides, on=["game_id", "team_id"], how="inner")
        .join(played, on=["game_id", "player_id"], how="left")
        .join(announced, on=["game_id", "team_id"], how="left")
        .select(
            "season", "game_id", "game_date", "team_id", "opponent_id", "player_id", "home_flag",
            pl.col("played").fill_null(0),
            pl.col("status").cast(pl.Enum(STATUSES)).cast(pl.String),
            pl.coalesce("starter_announced", "_bench").alias("is_starter"),
            "play_prob_prior", "availability_source",
            (pl.col("_order") < 2).cast(pl.Int8).alias("foreseen_flag"),
        )
        .sort("season", "game_id", "player_id")
    )  # fmt: skip
