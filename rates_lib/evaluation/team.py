"""Accuracy of a season's predictions of games: rows of evals.team.

Belongs here: which predictions of games are compared with which baselines on which games. Does not belong here: how predictors are
measured and compared (`player.py`), formulas (`core/metrics.py`), text (`reports/teams.py`).

The predictions that were stored day by day are measured; games of a season without any are predicted from gold.team_matchup_training by the
model of their month, which gives the same figures. Baselines that need a fit (Elo, the line's probability, climatology) are fitted on
all earlier seasons of the lake.

margin      team_v1 (mean), :p50, :with_market (p50); line, elo, kalman, climatology
total       the same but for elo
home_win    team_v1, :with_market; line, elo, fivethirtyeight (where published), climatology
home_pts, away_pts   team_v1, :with_market; line (implied points)

Metrics `<loss>_minus_<baseline>` compare the product with another predictor, `with_market_<loss>_minus_line` the variant with the market
with the line, `mae_over_line` is a ratio; value_low and value_high are a 95 % interval by bootstrap of games.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from rates_lib.core import metrics as m
from rates_lib.core.errors import RatesError
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.evaluation.player import Bools, Floats, Task, compared, floats, losses_of, measured, row
from rates_lib.evaluation.scored import predicted_days
from rates_lib.lake import Lake
from rates_lib.models.team import TEAM_OUTPUTS, logistic
from rates_lib.pipeline.walk_forward import walk_forward
from rates_lib.schemas.tables import TABLES

MODEL = "team_v1"
MARKET = "team_v1:with_market"
POINTS = {"margin": "home_margin", "total": "total_points", "home_pts": "home_pts", "away_pts": "away_pts"}
APRIL = 4
DESCRIPTIONS = {
    "all": "every game",
    "home": "games in somebody's own arena",
    "neutral": "games in nobody's",
    "april": "April, where rest and places in the draft play",
    "before_april": "all other months",
    "active_list": "both sides' active lists are published",
    "injury_report": "injury reports, no list",
    "proxy": "who appeared counts as active, which flatters",
    "margin_close": "expected margin below 5 points",
    "margin_wide": "10 points or more",
    "first_month": "a side has played fewer than 15 games this season",
}
"""Description of each segment."""
COMPARED = ("all", "home", "april", "before_april", "active_list", "proxy")
"""Segments with intervals."""


def team_evals(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of evals.team of one season, sorted by key.

    Raises:
        RatesError: if gold.team_matchup_training has no rows of the season, or no model serves any game of it.
    """
    games = _scored(lake, season)
    bootstrap = GameBootstrap(games["game_id"])
    masks = _segments(games)
    figures: list[dict[str, object]] = []
    for task in _tasks(games):
        for segment, mask in masks.items():
            figures += measured(task, segment, mask)
            if segment in COMPARED:
                figures += compared(task, segment, mask, bootstrap)
                figures += _against_line(task, segment, mask, bootstrap)
    figures += _bands(games, masks)
    spec = TABLES["evals.team"]
    rows = [{"season": season, **{k: v for k, v in figure.items() if k != "model"}} for figure in figures]
    return pl.DataFrame(rows, schema=spec.schema, orient="row").sort(spec.key)


def _scored(lake: Lake, season: int) -> pl.DataFrame:
    """Games of a season with labels, predictions and baselines, sorted by game."""
    table = "gold.team_matchup_training"
    if str(season) not in lake.partitions(table):
        raise RatesError(f"{table} has no season {season}: run `rates backfill --seasons {season}` first")
    games = lake.read(table, [season])
    stored = lake.read("predictions.team", predicted_days(lake, season, "predictions.team"), ["game_id", *TEAM_OUTPUTS, "model_run_id"])
    others = games.join(stored, on="game_id", how="anti", maintain_order="left")  # one stored day is not the season
    if others.height:
        predicted = walk_forward(others, lake, "team_v1").select("game_id", *TEAM_OUTPUTS, "model_run_id").drop_nulls("model_run_id")
        stored = pl.concat([stored, predicted.select(stored.columns)])
    if stored.is_empty():
        raise RatesError(f"no team model serves season {season}: run `rates backfill --seasons {season} --through teams` first")
    earlier = lake.read(table, [key for key in lake.partitions(table) if int(key) < season])
    games = games.join(stored, on="game_id", how="left", maintain_order="left")
    games = games.join(_published(lake, season), on="game_id", how="left", maintain_order="left")
    return _with_baselines(games, earlier)


def _published(lake: Lake, season: int) -> pl.DataFrame:
    rows = lake.read("silver.team_forecast", [season], ["source", "stat", "game_id", "forecast"])
    return rows.filter(source="fivethirtyeight", stat="home_win").select("game_id", pl.col("forecast").alias("_fivethirtyeight"))


def _with_baselines(games: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """`games` with `_<baseline>_<target>` fitted on `earlier`; null without earlier games."""
    baselines: dict[str, Floats] = {"_line_margin": -floats(games, "spread_home"), "_line_total": floats(games, "total")}
    baselines["_line_home_pts"] = (baselines["_line_total"] + baselines["_line_margin"]) / 2
    baselines["_line_away_pts"] = (baselines["_line_total"] - baselines["_line_margin"]) / 2
    nothing = np.full(games.height, np.nan)
    for name in ("line_home_win", "elo_home_win", "elo_margin", "climatology_margin", "climatology_total", "climatology_home_win"):
        baselines[f"_{name}"] = nothing
    if earlier.height:
        won = floats(earlier, "home_margin") > 0
        last = earlier.filter(pl.col("season") == pl.col("season").max())
        lead, lead_now = _lead(earlier), _lead(games)
        lined = np.isfinite(floats(earlier, "spread_home"))
        baselines["_line_home_win"] = _curve(-floats(earlier, "spread_home")[lined], won[lined], baselines["_line_margin"])
        baselines["_elo_home_win"] = _curve(lead, won, lead_now)
        baselines["_elo_margin"] = lead_now * float(lead @ floats(earlier, "home_margin") / (lead @ lead))
        baselines["_climatology_margin"] = np.full(games.height, floats(earlier, "home_margin").mean())
        baselines["_climatology_total"] = np.full(games.height, floats(last, "total_points").mean())
        baselines["_climatology_home_win"] = np.full(games.height, won.mean())
    return games.with_columns(pl.Series(name, values).fill_nan(None) for name, values in baselines.items())


def _lead(games: pl.DataFrame) -> Floats:
    """Elo points that the home side is ahead, from its probability."""
    p = floats(games, "elo_home_win_prob")
    return np.asarray(np.log(p / (1 - p)), dtype=np.float64)


def _curve(x: Floats, won: Bools, now: Floats) -> Floats:
    a, b = logistic(x, won.astype(np.float64))
    return np.asarray(1 / (1 + np.exp(-(a + b * now))), dtype=np.float64)


def _segments(games: pl.DataFrame) -> dict[str, Bools]:
    expected = pl.col("margin_mean").abs()
    april = pl.col("game_date").dt.month() == APRIL
    masks = {
        "all": pl.lit(True),
        "home": pl.col("neutral_flag") == 0,
        "neutral": pl.col("neutral_flag") == 1,
        "april": april,
        "before_april": ~april,
        **{source: pl.col("availability_source") == source for source in ("active_list", "injury_report", "proxy")},
        "margin_close": expected < 5,
        "margin_wide": expected >= 10,
        "first_month": pl.min_horizontal("home_games_played", "away_games_played") < 15,
    }
    frame = games.select(mask.fill_null(value=False).alias(name) for name, mask in masks.items())
    arrays = {name: np.asarray(frame[name].to_numpy(), dtype=np.bool_) for name in masks}
    return {name: mask for name, mask in arrays.items() if mask.any()}


def _tasks(games: pl.DataFrame) -> Iterator[Task]:
    runs = ", ".join(games["model_run_id"].drop_nulls().unique().sort().to_list()) or None
    every = np.ones(games.height, dtype=np.bool_)
    ids: dict[str, str | None] = dict.fromkeys((MODEL, f"{MODEL}:p50", MARKET), runs)
    for target, label in POINTS.items():
        columns = {MODEL: f"{target}_mean", f"{MODEL}:p50": f"{target}_p50", MARKET: f"with_market_{target}_p50", "line": f"_line_{target}"}
        if target in ("margin", "total"):
            columns |= {"kalman": f"kalman_{target}", "climatology": f"_climatology_{target}"}
        if target == "margin":
            columns["elo"] = "_elo_margin"
        predictors = {name: floats(games, column) for name, column in columns.items()}
        yield Task(MODEL, target, every, floats(games, label), predictors, ("mae", "rmse", "bias"), ids)
    columns = {
        MODEL: "home_win_prob", MARKET: "with_market_home_win_prob", "line": "_line_home_win", "elo": "_elo_home_win",
        "fivethirtyeight": "_fivethirtyeight", "climatology": "_climatology_home_win",
    }  # fmt: skip
    predictors = {name: floats(games, column) for name, column in columns.items()}
    yield Task(MODEL, "home_win", every, floats(games, "home_win"), predictors, ("log_loss", "brier"), ids)


def _against_line(task: Task, segment: str, mask: Bools, bootstrap: GameBootstrap) -> Iterator[dict[str, object]]:
    """Loss of the variant with the market minus that of the line, and the ratio of our error to the line's."""
    usable = task.usable
    if not {MODEL, MARKET, "line"} <= set(usable):
        return
    chosen = task.complete & mask
    counts = {"rows": int(chosen.sum()), "missing": int((task.eligible & mask).sum() - chosen.sum())}
    if not counts["rows"]:
        return
    ours, market, line = (list(usable).index(name) for name in (MODEL, MARKET, "line"))
    loss = "mae" if "mae" in task.metrics else "log_loss"
    means, drawn = losses_of(task, usable, loss, chosen, bootstrap)
    low, high = interval(drawn[:, market] - drawn[:, line])
    yield row(task, segment, MARKET, f"{loss}_minus_line", float(means[market] - means[line]), **counts, low=low, high=high)
    if loss == "mae" and (drawn[:, line] > 0).all():  # a draw of very few games may hold only games that the line predicted exactly
        low, high = interval(drawn[:, ours] / drawn[:, line])
        yield row(task, segment, MODEL, "mae_over_line", float(means[ours] / means[line]), **counts, low=low, high=high)


def _bands(games: pl.DataFrame, masks: dict[str, Bools]) -> Iterator[dict[str, object]]:
    """Coverage and width of the range from p10 to p90."""
    for task in _tasks(games):
        if task.target == "home_win":
            continue
        for predictor, prefix in ((MODEL, ""), (MARKET, "with_market_")):
            low, high = (floats(games, f"{prefix}{task.target}_p{q}") for q in (10, 90))
            known = np.isfinite(low) & np.isfinite(high)
            for segment, mask in masks.items():
                chosen = known & mask
                if chosen.any():
                    counts = {"rows": int(chosen.sum()), "missing": int(mask.sum() - chosen.sum())}
                    actual = task.actual[chosen]
                    yield row(task, segment, predictor, "coverage_80", m.coverage(actual, low[chosen], high[chosen]), **counts)
                    yield row(task, segment, predictor, "width_80", m.width(low[chosen], high[chosen]), **counts)
