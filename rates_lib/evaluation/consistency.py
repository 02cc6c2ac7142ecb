"""Effect of reconciling player and team predictions on the accuracy of both: rows of evals.consistency.

Belongs here: errors of stored predictions before and after reconciliation, and violations of the sums that should agree. Does not belong
here: the adjustment (`models/consistency.py`), how predictors are measured and compared (`player.py`), text (`reports/consistency.py`).

pts, fg3m, dk_points    players who played, predicted given play: reconciled; raw
minutes                 the same players: reconciled (to 240 a team); raw
team_points             teams: reconciled; team (the team model with the market), players (the sum of the players' points)
margin, total           games: the same predictors
points_gap              teams, |team model - sum of players|: mean_violation and largest_violation, raw and reconciled
minutes_gap             teams, |sum of expected minutes - 240|: the same

Metrics `mae_minus_<other>` compare the reconciled predictor with the other; value_low and value_high are a 95 % interval by bootstrap of
games. Only games with a stored team prediction are measured.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.core.fantasy import SITES
from rates_lib.core.stats import value_of
from rates_lib.evaluation.intervals import GameBootstrap
from rates_lib.evaluation.player import Task, compared, floats, measured
from rates_lib.evaluation.scored import predicted_days
from rates_lib.lake import Lake
from rates_lib.schemas.tables import TABLES

STATS = ("pts", "fg3m", "dk_points")
GAPS = ("points_gap", "minutes_gap")
SEGMENT = "all"
_KEY = ["game_id", "player_id"]
_TEAM = ["game_id", "team_id"]
_METRICS = ("mae", "rmse", "bias")


def consistency_evals(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of evals.consistency of one season, sorted by key; none where no game has a stored team prediction."""
    players, teams, games = _scored(lake, season)
    spec = TABLES["evals.consistency"]
    if games.is_empty():
        return spec.empty()
    figures = [
        *_figures(players, _player_columns()),
        *_figures(teams, _sides("team_points")),
        *_figures(games, _sides("margin") | _sides("total")),
        *_gaps(teams),
    ]
    rows = [{"season": season, **{name: value for name, value in row.items() if name in spec.schema}} for row in figures]
    return pl.DataFrame(rows, schema=spec.schema, orient="row").sort(spec.key)


# --- what is compared ----------------------------------------------------------------------------------------------------------


def _player_columns() -> dict[str, dict[str, str]]:
    return {target: {"reconciled": f"{target}_reconciled", "raw": f"{target}_raw"} for target in (*STATS, "minutes")}


def _sides(target: str) -> dict[str, dict[str, str]]:
    return {target: {name: f"{target}_{name}" for name in ("reconciled", "team", "players")}}


def _figures(frame: pl.DataFrame, targets: dict[str, dict[str, str]]) -> Iterator[dict[str, object]]:
    """Errors of each predictor, and the reconciled predictor's minus each other's; `frame` has the outcome under the target's name."""
    bootstrap = GameBootstrap(frame["game_id"])
    every = np.ones(frame.height, dtype=np.bool_)
    for target, columns in targets.items():
        predictors = {name: floats(frame, column) for name, column in columns.items()}
        task = Task("consistency", target, every, floats(frame, target), predictors, _METRICS, {})
        yield from measured(task, SEGMENT, every)
        yield from compared(task, SEGMENT, every, bootstrap)


def _gaps(teams: pl.DataFrame) -> Iterator[dict[str, object]]:
    """Mean and largest violation of the sums that should agree."""
    for target in GAPS:
        for predictor in ("raw", "reconciled"):
            gap = teams[f"{target}_{predictor}"].abs()
            for metric, value in (("mean_violation", gap.mean()), ("largest_violation", gap.max())):
                yield {
                    "target": target, "segment": SEGMENT, "predictor": predictor, "metric": metric, "value": value, "rows": teams.height,
                    "rows_missing": 0,
                }  # fmt: skip


# --- what is read --------------------------------------------------------------------------------------------------------------


def _scored(lake: Lake, season: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(players who played, teams, games) of games with a stored team prediction and a result, each sorted by its key."""
    days = predicted_days(lake, season)
    team = lake.read("predictions.team", days).filter(pl.col("home_pts_reconciled").is_not_null())
    game = lake.read("silver.game", [season], ["game_id", "home_pts", "away_pts"]).drop_nulls()
    games = team.join(game, on="game_id", how="inner").sort("game_id")
    columns = [*_KEY, "team_id", "play_prob", "minutes_mean", "minutes_reconciled"]
    stats = [f"{s}_{kind}" for s in STATS for kind in ("mean", "reconciled")]
    box = lake.read("predictions.player_box", days, [*columns, *stats]).join(games.select("game_id"), on="game_id", how="semi")
    sums = box.group_by(_TEAM).agg(
        pl.col("pts_mean").sum().alias("_players"),
        pl.col("pts_reconciled").sum().alias("_reconciled"),
        (pl.col("play_prob") * pl.col("minutes_mean")).sum().alias("_minutes"),
        pl.col("minutes_reconciled").sum().alias("_minutes_reconciled"),
    )
    return _players(lake, season, box), _teams(games, sums), _both(games, sums)


def _players(lake: Lake, season: int, box: pl.DataFrame) -> pl.DataFrame:
    """Players with a chance to play who played: outcomes, and predictions given play."""
    columns = dict.fromkeys([*_KEY, "min", "minutes", "pts", "fg3m", *SITES["dk"].points])
    log = lake.read("silver.player_game", [season], list(columns)).filter(pl.col("min") > 0)
    log = log.with_columns(value_of("dk_points", pl.col).alias("dk_points")).select(*_KEY, "minutes", *STATS)
    rows = box.filter(pl.col("play_prob") > 0).join(log, on=_KEY, how="inner").sort(_KEY)
    given = {f"{s}_raw": f"{s}_mean" for s in STATS} | {f"{s}_reconciled": f"{s}_reconciled" for s in STATS}
    given |= {"minutes_reconciled": "minutes_reconciled"}
    return rows.with_columns(
        pl.col("minutes_mean").alias("minutes_raw"),
        *((pl.col(column) / pl.col("play_prob")).alias(name) for name, column in given.items()),
    )


def _teams(games: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    sides = [
        games.select(
            "game_id",
            pl.col(f"{side}_team_id").alias("team_id"),
            pl.col(f"{side}_pts").alias("team_points"),
            pl.col(f"with_market_{side}_pts_mean").alias("team_points_team"),
            pl.col(f"{side}_pts_reconciled").alias("team_points_reconciled"),
        )
        for side in ("home", "away")
    ]
    rows = pl.concat(sides).join(sums, on=_TEAM, how="inner").sort(_TEAM)
    return rows.with_columns(
        pl.col("_players").alias("team_points_players"),
        (pl.col("team_points_team") - pl.col("_players")).alias("points_gap_raw"),
        (pl.col("team_points_reconciled") - pl.col("_reconciled")).alias("points_gap_reconciled"),
        (pl.col("_minutes") - TEAM_MINUTES).alias("minutes_gap_raw"),
        (pl.col("_minutes_reconciled") - TEAM_MINUTES).alias("minutes_gap_reconciled"),
    )


def _both(games: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    for side in ("home", "away"):
        of_side = sums.select("game_id", pl.col("team_id").alias(f"{side}_team_id"), pl.col("_players").alias(f"_{side}"))
        games = games.join(of_side, on=["game_id", f"{side}_team_id"], how="inner", maintain_order="left")
    return games.with_columns(
        (pl.col("home_pts") - pl.col("away_pts")).alias("margin"),
        (pl.col("home_pts") + pl.col("away_pts")).alias("total"),
        (pl.col("_home") - pl.col("_away")).alias("margin_players"),
        (pl.col("_home") + pl.col("_away")).alias("total_players"),
        pl.col("with_market_margin_mean").alias("margin_team"),
        pl.col("with_market_total_mean").alias("total_team"),
    )
