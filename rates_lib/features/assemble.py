"""Join the form tables to the features that the models read, with the same code for training and for projections.

Belongs here: joins on the row's own keys. Does not belong here: joins to the past, which the form tables hold already.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.features.history import team_rows
from rates_lib.features.lineup import expected_minutes
from rates_lib.features.style_matchup import add_style_matchup
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import LABEL_COUNTS, TABLES

_NOT_TEAMS = ("season", "game_id", "game_date", "team_id", "opponent_id", "home_flag", "season_pace", "availability_source")
TEAM_COLUMNS = tuple(c for c in TABLES["gold.team_form"].columns if c not in _NOT_TEAMS)


def market(odds_game: pl.DataFrame, game: pl.DataFrame) -> pl.DataFrame:
    """Lines seen from each team: game_id, team_id, spread_close, total_close, team_itt, opp_itt; label close of `odds_game`."""
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


def player_features(forms: Mapping[str, pl.DataFrame], odds_game: pl.DataFrame, game: pl.DataFrame) -> pl.DataFrame:
    """All features of each candidate of a game.

    Args:
        forms: rows of the form tables by name (`registry.FAMILIES`).
        odds_game: rows of silver.odds_game.
        game: rows of silver.game.

    Returns:
        One row per row of gold.player_form, in its order: its columns, the team's rest, habits, absences and vacated production, pace of
        both teams, ratios that the opponent allows (to all players, to the position and to the role), available team-mates, tracking, role
        and play style, the style matchup, lines. These are the features of the minutes model, and of the rates model except minutes.
    """
    team, allowed = forms["gold.team_form"], forms["gold.opponent_allowed"]
    defending = pl.col("team_id").alias("opponent_id")
    own = team.select("game_id", "team_id", pl.col("season_pace").alias("season_pace_team"), *TEAM_COLUMNS)
    pace = team.select("game_id", defending, pl.col("season_pace").alias("season_pace_opp"))
    against = [c for c in allowed.columns if c.startswith("def_")]
    opponent = allowed.select("game_id", defending, *(pl.col(c).alias(_of_opponent(c)) for c in against))
    beyond = allowed.select("game_id", "team_id", pl.selectors.starts_with("own_"))
    position = forms["gold.dvp"].select("game_id", defending, "position_primary", pl.selectors.matches("^dvp_.*_ratio$"))
    role = forms["gold.dvp_role"].select(
        "game_id", defending, "player_role", pl.selectors.matches("^dvp_.*_ratio$").name.map(lambda c: c.replace("dvp_", "dvp_role_", 1))
    )
    style = forms["gold.play_style"].drop("season", "game_date", "team_id", "opponent_id")
    tracking = forms["gold.tracking_rollups"].select(
        "game_id", "player_id", pl.selectors.starts_with("season_") - pl.selectors.by_name("season"), "tracking_source"
    )
    rotation = forms["gold.rotation"].drop("season", "game_date", "team_id", "opponent_id")
    rows = forms["gold.player_form"]
    for other, key in (
        (own, ["game_id", "team_id"]),
        (pace, ["game_id", "opponent_id"]),
        (opponent, ["game_id", "opponent_id"]),
        (beyond, ["game_id", "team_id"]),
        (position, ["game_id", "opponent_id", "position_primary"]),
        (rotation, ["game_id", "player_id"]),
        (tracking, ["game_id", "player_id"]),
        (style, ["game_id", "player_id"]),
        (role, ["game_id", "opponent_id", "player_role"]),
        (market(odds_game, game), ["game_id", "team_id"]),
    ):
        rows = rows.join(other, on=key, how="left", maintain_order="left")
    return add_style_matchup(rows)


def _of_opponent(column: str) -> str:
    return f"opp_{column.removeprefix('def_')}" if "_ratio_" in column else f"opp_{column}"


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


def add_supply(features: pl.DataFrame) -> pl.DataFrame:
    """`features` with the expected production of team-mates and opponents: mates_<target>_per_min, opp_<target>_expected.

    Each player counts with expected minutes (`lineup.expected_minutes`, scaled to 240 a team) times the mean of the player's rates at
    half-lives 10 and 30. Players who were not foreseen before the game do not count.

    Args:
        features: result of `add_minutes`, whole teams.
    """
    team = ["game_id", "team_id"]
    rows = features.with_columns(expected_minutes().alias("_known")).with_columns(
        (TEAM_MINUTES * pl.col("_known") / pl.col("_known").sum().over(team).clip(lower_bound=120)).alias("_minutes")
    )
    rows = rows.with_columns(
        asof.exact(pl.col("_minutes") * (pl.col(f"{t}_per_min_hl10") + pl.col(f"{t}_per_min_hl30")) / 2).alias(f"_{t}")
        for t in RATE_TARGETS
    )
    # exact sums, in any order; a team without foreseen players has no expected counts
    foreseen = rows.filter(pl.col("foreseen_flag") == 1)
    totals = foreseen.group_by(team).agg(pl.col(f"_{t}").sum().alias(f"opp_{t}_expected") for t in RATE_TARGETS)
    others = TEAM_MINUTES - pl.col("_minutes")
    rows = rows.with_columns(
        ((pl.col(f"_{t}").sum().over(team) - pl.col(f"_{t}")) / others).alias(f"mates_{t}_per_min") for t in RATE_TARGETS
    )
    rows = rows.join(totals.rename({"team_id": "opponent_id"}), on=["game_id", "opponent_id"], how="left", maintain_order="left")
    return rows.drop("_known", "_minutes", *(f"_{t}" for t in RATE_TARGETS))


def with_minutes(features: pl.DataFrame, minutes: pl.DataFrame) -> pl.DataFrame:
    """`features` of whole games with the other inputs of the rates and shooting models: expected minutes and `add_supply`.

    Args:
        features: result of `player_features`.
        minutes: predictions of minutes_v1 by game and player: game_id, player_id, minutes_p10, minutes_p50, minutes_p90, play_prob.
    """
    return add_supply(add_minutes(features, minutes.with_columns(pl.lit("walk_forward").alias("minutes_source"))))


def player_game_training(features: pl.DataFrame, minutes: pl.DataFrame, player_game: pl.DataFrame) -> pl.DataFrame:
    """gold.player_game_training: all features with minutes and supply, and all labels, for the players with MIN > 0 in the log.

    Args:
        features: result of `player_features`, whole games.
        minutes: gold.minutes_walk_forward of the same games.
        player_game: silver.player_game of the same games.

    Returns:
        Rows of gold.player_game_training, sorted by season, game_id, team_id, player_id.
    """
    # decimal minutes refine the log's; where they are 0 in a row with MIN > 0, silver keeps the log's
    labels = player_game.filter(pl.col("min") > 0).select(
        "game_id",
        "player_id",
        pl.col("minutes").alias("minutes_actual"),
        *LABEL_COUNTS,
        *((pl.col(t) / pl.col("minutes")).alias(f"{t}_per_min") for t in RATE_TARGETS),
    )
    spec = TABLES["gold.player_game_training"]
    rows = add_supply(add_minutes(features, minutes)).join(labels, on=["game_id", "player_id"], how="inner")
    return rows.select(spec.columns).sort(spec.key)


def training_base(player_game_training: pl.DataFrame) -> pl.DataFrame:
    """gold.rates_training_base: the north star's columns of gold.player_game_training, in the same rows and order."""
    return player_game_training.select(TABLES["gold.rates_training_base"].columns)
