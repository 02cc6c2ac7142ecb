"""Join the form tables to what the models read: the only place that does so, for training and for tonight alike.

Belongs here: joins on the row's own keys. Does not belong here: any look at the past; that has happened in the form tables.
"""

from __future__ import annotations

import polars as pl

from rates_lib.features.history import team_rows
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES


def market(odds_game: pl.DataFrame, game: pl.DataFrame) -> pl.DataFrame:
    """Lines in each team's view: game_id, team_id, spread_close, total_close, team_itt, opp_itt; label close of `odds_game`."""
    lines = odds_game.filter(pl.col("as_of") == "close").select("game_id", "spread_home", "total", "home_itt", "away_itt")
    home = pl.col("home_flag") == 1
    return (
        team_rows(game)
        .join(lines, on="game_id", how="left", maintain_order="left")
        .select(
            "game_id",
            "team_id",
            pl.when(home).then(pl.col("spread_home")).otherwise(-pl.col("spread_home")).alias("spread_close"),
            pl.col("total").alias("total_close"),
            pl.when(home).then("home_itt").otherwise("away_itt").alias("team_itt"),
            pl.when(home).then("away_itt").otherwise("home_itt").alias("opp_itt"),
        )
    )


def player_features(
    player_form: pl.DataFrame,
    team_form: pl.DataFrame,
    opponent_allowed: pl.DataFrame,
    tracking_rollups: pl.DataFrame,
    odds_game: pl.DataFrame,
    game: pl.DataFrame,
) -> pl.DataFrame:
    """Everything known of each candidate before the game, from rows of the tables of the same names (game: silver.game).

    Returns:
        One row per row of `player_form`, in its order: its columns, rest and absences of the team, pace of both, what the opponent
        allows, tracking, lines. Features of the minutes model, and of the rates model but for the minutes columns.
    """
    own = team_form.select(
        "game_id", "team_id", "days_rest", pl.col("season_pace").alias("season_pace_team"),
        "num_rotation_players_out", "team_minutes_vacated", "team_usage_vacated", "star_scorer_out_flag",
        "primary_ballhandler_out_flag", "starting_center_out_flag",
    )  # fmt: skip
    pace = team_form.select("game_id", pl.col("team_id").alias("opponent_id"), pl.col("season_pace").alias("season_pace_opp"))
    allowed = opponent_allowed.select(
        "game_id",
        pl.col("team_id").alias("opponent_id"),
        *(pl.col(c).alias(f"opp_{c}") for c in ("def_rating", "def_3pa_allowed", "def_reb_rate", "def_ast_rate")),
    )
    tracking = tracking_rollups.select(
        "game_id", "player_id", pl.selectors.starts_with("season_") - pl.selectors.by_name("season"), "tracking_source"
    )
    rows = player_form
    for other, key in (
        (own, ["game_id", "team_id"]),
        (pace, ["game_id", "opponent_id"]),
        (allowed, ["game_id", "opponent_id"]),
        (tracking, ["game_id", "player_id"]),
        (market(odds_game, game), ["game_id", "team_id"]),
    ):
        rows = rows.join(other, on=key, how="left", maintain_order="left")
    return rows


def add_minutes(features: pl.DataFrame, minutes: pl.DataFrame) -> pl.DataFrame:
    """`features` with minutes_expected_p50, minutes_spread, play_prob, minutes_source from minutes predictions by game and player."""
    predicted = minutes.select(
        "game_id",
        "player_id",
        pl.col("minutes_p50").alias("minutes_expected_p50"),
        (pl.col("minutes_p90") - pl.col("minutes_p10")).alias("minutes_spread"),
        "play_prob",
        "minutes_source",
    )
    return features.join(predicted, on=["game_id", "player_id"], how="left", maintain_order="left").with_columns(
        pl.col("minutes_source").fill_null("none")
    )


def training_base(features: pl.DataFrame, minutes: pl.DataFrame, player_game: pl.DataFrame) -> pl.DataFrame:
    """gold.rates_training_base: features with minutes and labels, for the players with MIN > 0 in the log.

    Args:
        features: result of `player_features`.
        minutes: gold.minutes_walk_forward of the same games.
        player_game: silver.player_game of the same games.

    Returns:
        Rows of gold.rates_training_base, sorted by season, game_id, team_id, player_id.
    """
    # decimal minutes only refine the log's: where they say 0 for a row with MIN > 0, the log's stand (silver keeps them together)
    labels = player_game.filter(pl.col("min") > 0).select(
        "game_id",
        "player_id",
        pl.col("minutes").alias("minutes_actual"),
        *((pl.col(t) / pl.col("minutes")).alias(f"{t}_per_min") for t in RATE_TARGETS),
    )
    spec = TABLES["gold.rates_training_base"]
    rows = add_minutes(features, minutes).join(labels, on=["game_id", "player_id"], how="inner")
    return rows.select(spec.columns).sort(spec.key)
