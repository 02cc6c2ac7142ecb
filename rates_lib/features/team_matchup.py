"""Both sides of a game in one row: the features of team models, with the same code for training and for projections.

Belongs here: joins on the row's own keys, differences, and predictions of a game by ratings. Does not belong here: joins to the past
(the form tables hold it already), models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from rates_lib.features.lineup import lineup_strength
from rates_lib.features.team_strength import ELO_EDGE
from rates_lib.schemas.columns import CHANGE, NEUTRAL, TEAM_FEATURES, TEAM_LEAGUE
from rates_lib.schemas.tables import TABLES

TEAM_TABLES = ("gold.team_strength", "gold.team_form")
"""Form tables with one row per team and game from which a matchup is built."""

_SURE = ("active_list", "injury_report", "proxy", "none")


@dataclass(frozen=True)
class TeamInputs:
    """Inputs of `matchups` besides candidates.

    Attributes:
        forms: rows of TEAM_TABLES by name.
        player_impact: `History.player_impact`.
        odds: rows of silver.odds_game.
    """

    forms: Mapping[str, pl.DataFrame]
    player_impact: pl.DataFrame
    odds: pl.DataFrame


def matchups(inputs: TeamInputs, features: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    """Features of both sides of games.

    Args:
        inputs: of these games or of more.
        features: candidates of the games with minutes (`assemble.add_minutes`) and `lineup.COLUMNS`.
        games: season, game_id, game_date, home_team_id, away_team_id.

    Returns:
        The columns of gold.team_matchup_training without the labels; one row per game, sorted by season, game_id.
    """
    teams = _teams(inputs, features)
    sides = {
        side: teams.select(
            "game_id", pl.col("team_id").alias(f"{side}_team_id"), pl.col(TEAM_FEATURES).cast(pl.Float64).name.prefix(f"{side}_")
        )
        for side in ("home", "away")
    }
    shared = teams.select("game_id", pl.col("team_id").alias("home_team_id"), *NEUTRAL, *TEAM_LEAGUE)
    lines = inputs.odds.filter(pl.col("as_of") == "close").select("game_id", "spread_home", "total")
    rows = games.select("season", "game_id", "game_date", "home_team_id", "away_team_id").sort("season", "game_id")
    for other, key in (
        (shared, ["game_id", "home_team_id"]),
        (sides["home"], ["game_id", "home_team_id"]),
        (sides["away"], ["game_id", "away_team_id"]),
        (lines, ["game_id"]),
        (_sources(teams, features), ["game_id"]),
    ):
        rows = rows.join(other, on=key, how="left", maintain_order="left")
    rows = rows.with_columns((pl.col(f"home_{c}") - pl.col(f"away_{c}")).alias(f"diff_{c}") for c in TEAM_FEATURES)
    return _with_ratings(rows).select(c for c in TABLES["gold.team_matchup_training"].columns if c not in LABELS)


LABELS = ("home_pts", "away_pts", "home_margin", "total_points", "home_win")


def team_matchup_training(rows: pl.DataFrame, game: pl.DataFrame) -> pl.DataFrame:
    """gold.team_matchup_training: `matchups` of games with a result, and the labels.

    Args:
        rows: result of `matchups`.
        game: rows of silver.game.
    """
    played = game.drop_nulls(["home_pts", "away_pts"]).select(
        "game_id",
        "home_pts",
        "away_pts",
        (pl.col("home_pts") - pl.col("away_pts")).alias("home_margin"),
        (pl.col("home_pts") + pl.col("away_pts")).alias("total_points"),
        "home_win",
    )
    spec = TABLES["gold.team_matchup_training"]
    return rows.join(played, on="game_id", how="inner").select(spec.columns).sort(spec.key)


def _teams(inputs: TeamInputs, features: pl.DataFrame) -> pl.DataFrame:
    """All features of each team: game_id, team_id, NEUTRAL, TEAM_LEAGUE, TEAM_FEATURES, availability_source."""
    form = inputs.forms["gold.team_form"]
    own = [c for c in form.columns if c in TEAM_FEATURES]
    teams = inputs.forms["gold.team_strength"].join(
        form.select("game_id", "team_id", "availability_source", *own), on=["game_id", "team_id"], how="left", maintain_order="left"
    )
    teams = teams.join(lineup_strength(features, inputs.player_impact), on=["game_id", "team_id"], how="left", maintain_order="left")
    return teams.with_columns(
        (pl.col(f"lineup_{name.rsplit('_', 1)[0]}") - pl.col(f"usual_{name}")).alias(f"change_{name}")
        for name in (c.removeprefix("change_") for c in CHANGE)
    )


def _sources(teams: pl.DataFrame, features: pl.DataFrame) -> pl.DataFrame:
    """Sources of a game: game_id, availability_source (the weaker side's), minutes_source (none unless a model predicts all players)."""
    rank = pl.col("availability_source").replace_strict(_SURE, range(len(_SURE)), return_dtype=pl.Int64)
    lists = teams.group_by("game_id").agg(pl.col("availability_source").sort_by(rank).last())
    foreseen = features.filter(pl.col("foreseen_flag") == 1)
    modelled = foreseen.group_by("game_id").agg(pl.col("play_prob").is_not_null().all().alias("_modelled"))
    source = pl.when(pl.col("_modelled").fill_null(value=False)).then(pl.lit("walk_forward")).otherwise(pl.lit("none"))
    return lists.join(modelled, on="game_id", how="left").select("game_id", "availability_source", source.alias("minutes_source"))


def _with_ratings(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with kalman_margin, kalman_total and elo_home_win_prob."""
    at_home = 1 - pl.col("neutral_flag").cast(pl.Float64)
    edge = at_home * pl.col("league_home_edge") / 2
    home = pl.col("league_off_rating") + pl.col("home_kalman_off") - pl.col("away_kalman_def") + edge
    away = pl.col("league_off_rating") + pl.col("away_kalman_off") - pl.col("home_kalman_def") - edge
    pace = (pl.col("league_pace") + pl.col("home_kalman_pace") + pl.col("away_kalman_pace")) / 100
    lead = pl.col("diff_elo") + ELO_EDGE * at_home
    return rows.with_columns(
        (pace * (home - away)).alias("kalman_margin"),
        (pace * (home + away)).alias("kalman_total"),
        (1 / (1 + (-lead * (2.302585092994046 / 400)).exp())).alias("elo_home_win_prob"),
    )
