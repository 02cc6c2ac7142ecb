"""Points of players that sum to the points of their team: both forecasts move, the less certain one more.

A team's points are forecast twice, by the team model and as the sum of its players. Let y hold all forecasts of a game (points of the two
teams; two-pointers, threes and free throws made by every player), W the covariance of their errors, and let C y = 0 state that each
team's points are 2, 3 and 1 times the shots of its players. The result is the nearest vector that adds up,

    y' = y - W C' (C W C')^-1 C y,

weighted least squares (Wickramasuriya, Athanasopoulos, Hyndman 2019, JASA 114, 804-819, in the form of Di Fonzo, Girolimetto 2023, IJF
39, 39-57). It is the least change in units of each forecast's uncertainty; only a 2 x 2 matrix per game is inverted.

W has three parts. Teams: the variance of the team model's residuals, and the covariance of the two teams of a game. Minutes of a player:
with more minutes, all shots made grow in proportion. Shots of a player given minutes: a count has the variance of a Poisson variable. The
last two are variances of outcomes while the forecasts are means, so players enter with the weight `PLAYERS_WEIGHT`.

Belongs here: the adjustment of points. Does not belong here: minutes, which already sum to 240 (`reconcile.py`, the same principle with
bounds); the forecasts themselves (`minutes.py`, `rates.py`, `team.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from rates_lib.asof import added, exact
from rates_lib.core.box_score import percentage
from rates_lib.core.fantasy import SITES, fantasy_points
from rates_lib.models.feature_sets import require_columns
from rates_lib.models.reconcile import BAND_SDS, minutes_variance
from rates_lib.schemas.columns import PLAYER_RECONCILED, TEAM_RECONCILED
from rates_lib.schemas.tables import TABLES

PLAYERS_WEIGHT = 1.0
MOST_MOVED = (0.5, 2.0)  # bounds of a player's factor; a wider gap is not noise, and the team takes the rest
MOST_CORRELATED = 0.9  # bound of the correlation between the two teams' points
_LEAST_MINUTES = 1e-3  # fewer minutes are not moved
_WORTH = {"fg2m": 2.0, "fg3m": 3.0, "ftm": 1.0}
_TEAM = ["game_id", "team_id"]
_REMEDY = "pass whole teams of predictions.player_box with their minutes and team forecasts"
_PLAYERS = ("game_id", "team_id", "player_id", "play_prob", "minutes_mean", "minutes_p10", "minutes_p90", "minutes_reconciled")
_TEAMS = ("game_id", "team_id", "points_mean", "points_var", "points_cov")
#: Columns of a box score that are moved; fantasy points follow from them.
MOVED = ("pts", "fgm", "fga", "fg3m", "ftm", "fta")


def agree(box: pl.DataFrame, minutes: pl.DataFrame, team: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Predictions of players and teams with their reconciled columns.

    Args:
        box: rows of predictions.player_box, whole teams.
        minutes: rows of predictions.minutes of the same players.
        team: rows of predictions.team; games without a row keep nulls.

    Returns:
        (box, team) with PLAYER_RECONCILED and TEAM_RECONCILED filled in, otherwise unchanged.
    """
    key = ["game_id", "player_id"]
    alone, bands = box.drop(PLAYER_RECONCILED), minutes.select(*key, "minutes_p10", "minutes_p90")
    players, points = reconcile_points(alone.join(bands, on=key, how="left", maintain_order="left"), team_forecasts(team))
    teams = team.drop(TEAM_RECONCILED)
    for side in ("home", "away"):
        of_side = points.rename({"team_id": f"{side}_team_id", "points_reconciled": f"{side}_pts_reconciled"})
        teams = teams.join(of_side, on=["game_id", f"{side}_team_id"], how="left", maintain_order="left")
    home, away = pl.col("home_pts_reconciled"), pl.col("away_pts_reconciled")
    teams = teams.with_columns((home - away).alias("margin_reconciled"), (home + away).alias("total_reconciled"))
    boxes = alone.join(players, on=key, how="left", maintain_order="left")
    return boxes.select(TABLES["predictions.player_box"].columns), teams.select(TABLES["predictions.team"].columns)


def mean_of(row: Mapping[str, Any], stat: str) -> float:
    """The mean of a player to display: reconciled with the points of the team, or as predicted if the team has no forecast.

    Args:
        row: row of predictions.player_box.
        stat: name of a stat, reconciled (pts, fg3m, dk_points) or not.
    """
    reconciled = row.get(f"{stat}_reconciled")
    return float(row[f"{stat}_mean"] if reconciled is None else reconciled)


def team_forecasts(team: pl.DataFrame) -> pl.DataFrame:
    """Points of each team by the team model with the market: game_id, team_id, points_mean, points_var, points_cov.

    Args:
        team: rows of predictions.team. Variances come from p10 and p90; the two teams' covariance is (var total - var margin) / 4.
    """
    variance = {
        c: ((pl.col(f"with_market_{c}_p90") - pl.col(f"with_market_{c}_p10")) / BAND_SDS) ** 2
        for c in ("margin", "total", "home_pts", "away_pts")
    }
    most = MOST_CORRELATED * (variance["home_pts"] * variance["away_pts"]).sqrt()
    covariance = ((variance["total"] - variance["margin"]) / 4).clip(-most, most)
    sides = [
        team.select(
            "game_id",
            pl.col(f"{side}_team_id").alias("team_id"),
            pl.col(f"with_market_{side}_pts_mean").alias("points_mean"),
            variance[f"{side}_pts"].alias("points_var"),
            covariance.alias("points_cov"),
        )
        for side in ("home", "away")
    ]
    return pl.concat(sides).sort("game_id", "team_id")


def nothing_reconciled(columns: Iterable[str]) -> list[pl.Expr]:
    """Null columns, which `agree` fills in."""
    return [pl.lit(None, pl.Float64).alias(c) for c in columns]


def reconcile_points(box: pl.DataFrame, teams: pl.DataFrame, players_weight: float = PLAYERS_WEIGHT) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Reconciled shots and points of players, and points of teams.

    Args:
        box: whole teams: rows of predictions.player_box (pts_mean, fgm_mean, fg3m_mean, ftm_mean, the three percentages, minutes_mean,
            minutes_reconciled, play_prob, and the other stats of fantasy points) with minutes_p10 and minutes_p90, in any order.
        teams: one row per team and game with a forecast: game_id, team_id, points_mean, points_var (variance of its residual), points_cov
            (covariance with the opponent's).
        players_weight: factor of the players' variances; 0 moves only the teams.

    Returns:
        (players, teams). Players: game_id, player_id, `<stat>_reconciled` for `MOVED` and `<site>_points_reconciled`, row-aligned; shots
        attempted move with shots made, so percentages stay. Teams: game_id, team_id, points_reconciled, row-aligned. All null if one of the
        two teams of the game has no forecast.

    Raises:
        SchemaError: names the columns that are missing.
    """
    require_columns(box, (*_PLAYERS, *(f"{s}_mean" for s in (*MOVED, *_COUNTED))), "reconcile_points", _REMEDY)
    require_columns(teams, _TEAMS, "reconcile_points", _REMEDY)
    players = _variances(box)
    sums = players.group_by(_TEAM).agg(
        exact(pl.col("_pts")).sum().alias("_sum"), (players_weight * exact(pl.col("_var")).sum()).alias("_var")
    )
    sides = _multipliers(teams.join(sums, on=_TEAM, how="left"))
    players = players.join(sides.select(*_TEAM, "_multiplier"), on=_TEAM, how="left", maintain_order="left")
    for shot in _WORTH:
        moved = 1 + players_weight * pl.col("_multiplier") * pl.col(f"_{shot}_pull")
        # to 2^-30: the last bits of the division above may differ between a day alone and a day among others
        steady = (moved.clip(*MOST_MOVED) * 2**30).round() / 2**30
        players = players.with_columns(steady.alias(f"_{shot}_factor"))
    shots = {shot: pl.col(f"_{shot}") * pl.col(f"_{shot}_factor") for shot in _WORTH}
    result = {
        "pts": added(_WORTH[shot] * shots[shot] for shot in _WORTH),
        "fgm": shots["fg2m"] + shots["fg3m"],
        "fga": shots["fg2m"] / percentage("fg2") + shots["fg3m"] / percentage("fg3"),
        "fg3m": shots["fg3m"],
        "ftm": shots["ftm"],
        "fta": shots["ftm"] / percentage("ft"),
    }
    known = pl.col("_multiplier").is_not_null()
    players = players.with_columns(pl.when(known).then(value).alias(f"{stat}_reconciled") for stat, value in result.items())
    players = players.with_columns(
        pl.when(known).then(fantasy_points(_reconciled, site)).alias(f"{site.key}_points_reconciled") for site in SITES.values()
    )
    points = players.filter(known).group_by(_TEAM).agg(exact(pl.col("pts_reconciled")).sum().alias("points_reconciled"))
    return (
        players.select("game_id", "player_id", *PLAYER_RECONCILED),
        teams.select(_TEAM).join(points, on=_TEAM, how="left", maintain_order="left"),
    )


_COUNTED = tuple(dict.fromkeys(stat for site in SITES.values() for stat in site.points if stat not in MOVED))


def _reconciled(stat: str) -> pl.Expr:
    return pl.col(f"{stat}_reconciled" if stat in MOVED else f"{stat}_mean")


def _variances(box: pl.DataFrame) -> pl.DataFrame:
    """`box` with shots made `_<shot>`, their points `_pts`, the variance of the points `_var`, and `_<shot>_pull`.

    With shots made m, points p = c'm, expected minutes t and the variance v of minutes, the covariance of a player's shots made is
    diag(m) + m m' v / t^2. The pull is this matrix times c, divided by m: the relative change of a shot for a multiplier of one.
    """
    shots = {"fg2m": pl.col("fgm_mean") - pl.col("fg3m_mean"), "fg3m": pl.col("fg3m_mean"), "ftm": pl.col("ftm_mean")}
    frame = box.with_columns(value.clip(lower_bound=0.0).alias(f"_{shot}") for shot, value in shots.items())
    frame = frame.with_columns(
        added(_WORTH[s] * pl.col(f"_{s}") for s in _WORTH).alias("_pts"),
        pl.when(pl.col("minutes_reconciled") > _LEAST_MINUTES)
        .then(minutes_variance() / pl.col("minutes_reconciled").clip(lower_bound=_LEAST_MINUTES) ** 2)
        .otherwise(0.0)
        .alias("_minutes"),
    )
    frame = frame.with_columns((worth + pl.col("_pts") * pl.col("_minutes")).alias(f"_{s}_pull") for s, worth in _WORTH.items())
    return frame.with_columns(added(_WORTH[s] * pl.col(f"_{s}") * pl.col(f"_{s}_pull") for s in _WORTH).alias("_var"))


def _multipliers(teams: pl.DataFrame) -> pl.DataFrame:
    """`teams` with `_multiplier`, an element of (C W C')^-1 C y, solved for both teams of a game together."""
    gap, variance = pl.col("points_mean") - pl.col("_sum"), pl.col("points_var") + pl.col("_var")
    own = teams.with_columns(gap.alias("_gap"), variance.alias("_total"))
    other = own.select("game_id", pl.col("team_id").alias("_opponent"), pl.col("_gap", "_total").name.suffix("_other"))
    both = own.join(other, on="game_id", how="inner").filter(pl.col("team_id") != pl.col("_opponent"))
    determinant = pl.col("_total") * pl.col("_total_other") - pl.col("points_cov") ** 2
    solved = (pl.col("_total_other") * pl.col("_gap") - pl.col("points_cov") * pl.col("_gap_other")) / determinant
    return both.with_columns(solved.alias("_multiplier"))
