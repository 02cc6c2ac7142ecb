"""Clean tables as evidence: rows of box scores or of stints for each game, and their sums over games.

Belongs here: the rows of a game. Does not belong here: the choice of the games (`estimates.py`), the regression (`equations.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from rates_lib.core.basketball import PLAYERS
from rates_lib.features.impact import config
from rates_lib.features.impact.equations import BOX_COUNTS, Evidence, Ints, add_box_scores, add_games, add_stints, add_traits
from rates_lib.lake import Lake

STINTS_COVER = 0.5  # least share of a game's possessions in its stints; below, its box score is used
_PLAYER_GAME = ("season", "game_id", "game_date", "team_id", "player_id", "player_name", "home_flag", "seconds", "starter", *BOX_COUNTS)
_TEAM_GAME = ("game_id", "team_id", "seconds", "pts", "opp_pts", "possessions")


@dataclass(frozen=True)
class ImpactTables:
    """Clean tables of some seasons.

    Attributes:
        game: silver.game: season, game_id, game_date, neutral_site.
        player_game: silver.player_game.
        team_game: silver.team_game.
        stint: silver.lineup_stint.
        player_name: bronze.player_bio: season, player_id, player_name.
    """

    game: pl.DataFrame
    player_game: pl.DataFrame
    team_game: pl.DataFrame
    stint: pl.DataFrame
    player_name: pl.DataFrame


def load_games(lake: Lake, seasons: Iterable[int]) -> ImpactTables:
    """Clean tables of seasons; missing partitions are empty."""
    seasons = sorted(seasons)
    return ImpactTables(
        game=lake.read("silver.game", seasons, ["season", "game_id", "game_date", "neutral_site"]),
        player_game=lake.read("silver.player_game", seasons, [*_PLAYER_GAME, "plus_minus"]),
        team_game=lake.read("silver.team_game", seasons, _TEAM_GAME),
        stint=lake.read("silver.lineup_stint", seasons),
        player_name=lake.read("bronze.player_bio", seasons, ["season", "player_id", "player_name"]),
    )


def box_rows(games: ImpactTables) -> pl.DataFrame:
    """The players of each game, for `add_box_scores` and `add_traits`.

    Returns:
        silver.player_game with team_seconds, pts_team, pts_opponent, possessions, home_court (1 home, -1 away, 0 at a neutral site),
        starter (where the log has none, the five with the most time), seconds scaled to the team's sum, and by_stints (whether the game's
        stints are used), sorted by game_id, team_id, player_id.
    """
    teams = games.team_game.rename({"seconds": "team_seconds", "pts": "pts_team", "opp_pts": "pts_opponent"})
    team = ("game_id", "team_id")
    longest = pl.col("seconds").rank("ordinal", descending=True).over(team) <= 5
    scaled = pl.col("seconds") * pl.col("team_seconds") / pl.col("seconds").sum().over(team)
    court = pl.when("neutral_site").then(0.0).when(pl.col("home_flag") == 1).then(1.0).otherwise(-1.0)
    return (
        games.player_game.filter(pl.col("seconds") > 0)
        .sort("game_id", "team_id", "player_id")
        .join(teams, on=team, how="inner", maintain_order="left")
        .join(games.game.select("game_id", "neutral_site"), on="game_id", how="left", maintain_order="left")
        .join(_by_stints(games), on="game_id", how="left", maintain_order="left")
        .with_columns(
            court.alias("home_court"),
            pl.coalesce("starter", longest.cast(pl.Int8)).alias("starter"),
            scaled.clip(upper_bound=pl.col("team_seconds") / PLAYERS).alias("seconds"),
            pl.col("by_stints").fill_null(value=False),
        )
    )


def stint_rows(games: ImpactTables) -> pl.DataFrame:
    """Stints of the games whose stints are used, with game_date (null without a schedule) and home_court, sorted by game_id, stint."""
    dated = games.stint.join(_by_stints(games), on="game_id", how="semi", maintain_order="left").join(
        games.game.drop("season"), on="game_id", how="left", maintain_order="left"
    )
    court = 1.0 - pl.col("neutral_site").fill_null(value=False).cast(pl.Float64)
    return dated.with_columns(court.alias("home_court")).sort("game_id", "stint")


def players_of(box: pl.DataFrame, stints: pl.DataFrame) -> pl.Series:
    """Ids of all players in the rows, sorted; a player's number is the index."""
    lineups = [stints[f"{side}_lineup"].str.split("|").explode(keep_nulls=False, empty_as_null=False) for side in ("home", "away")]
    return pl.concat([box["player_id"], *lineups]).unique().sort().alias("player_id")


def evidence_of(box: pl.DataFrame, stints: pl.DataFrame, players: pl.Series, margin_weight: float = config.MARGIN_WEIGHT) -> Evidence:
    """Sums over rows.

    Args:
        box: rows of `box_rows` with weight.
        stints: rows of `stint_rows` with weight.
        players: all ids that may occur, sorted.
        margin_weight: see `add_box_scores`.
    """
    evidence = Evidence.none(len(players))
    if stints.height:
        home, away = fives(stints["home_lineup"], players), fives(stints["away_lineup"], players)
        add_stints(evidence, stints, home, away)
        seen = pl.concat(
            pl.DataFrame({"game_id": stints["game_id"], "weight": stints["weight"], "player": five[:, k]})
            for five in (home, away)
            for k in range(5)
        )
        seen = seen.unique(["game_id", "player"]).sort("game_id", "player")
        add_games(evidence, seen["player"].to_numpy(), seen["weight"].to_numpy())
    if box.height:
        numbered = box.with_columns(pl.Series("player", players.search_sorted(box["player_id"]), dtype=pl.Int64))
        add_traits(evidence, numbered)
        rest = numbered.filter(~pl.col("by_stints"))
        if rest.height:
            add_box_scores(evidence, rest, margin_weight)
            add_games(evidence, rest["player"].to_numpy(), rest["weight"].to_numpy())
    return evidence


def fives(lineups: pl.Series, players: pl.Series) -> Ints:
    """Numbers of the players of line-ups, (line-ups, 5)."""
    return players.search_sorted(lineups.str.split("|").explode()).to_numpy().astype(np.int64).reshape(-1, 5)


def _by_stints(games: ImpactTables) -> pl.DataFrame:
    possessions = games.team_game.group_by("game_id").agg(pl.col("possessions").max())
    return (
        games.stint.group_by("game_id")
        .agg(((pl.col("home_possessions") + pl.col("away_possessions")).sum() / 2).alias("_in_stints"))
        .join(possessions, on="game_id", how="left")
        .filter(pl.col("_in_stints") >= STINTS_COVER * pl.col("possessions").fill_null(0.0))
        .select("game_id", pl.lit(value=True).alias("by_stints"))
    )
