"""Mean box scores: reconciled minutes x rates x shrunk percentages.

Belongs here: arithmetic on means, and the weights of fantasy scoring. Does not belong here: where minutes and rates come from
(`models/`), distributions (`worlds.py`).
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from rates_lib.errors import RatesError
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check

# points per count on DraftKings; its bonuses for double-doubles and triple-doubles are no sums and are left out
DRAFTKINGS: dict[str, float] = {
    "pts": 1.0, "fg3m": 0.5, "reb": 1.25, "ast": 1.5, "stl": 2.0, "blk": 2.0, "tov": -0.5,
}  # fmt: skip
STAMP = ("as_of_utc", "tipoff_utc", "model_run_id", "model_window", "model_fallback")
PERCENTAGES = ("fg2_pct_prior", "fg3_pct_prior", "ft_pct_prior")
KEY = ["game_id", "player_id"]


def fantasy_points(count: Callable[[str], pl.Expr], weights: dict[str, float] | None = None) -> pl.Expr:
    """Fantasy points as an expression: the sum of weight x count, in the order of the weights.

    Args:
        count: gives the expression of a count by name, e.g. `lambda s: pl.col(f"{s}_mean")`.
        weights: points per count; DraftKings' if None.
    """
    terms = [weight * count(name) for name, weight in (weights or DRAFTKINGS).items()]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def join_inputs(minutes: pl.DataFrame, rates: pl.DataFrame, form: pl.DataFrame) -> pl.DataFrame:
    """Rows of `minutes` with their rates, percentages and one stamp for both models.

    Args:
        minutes: rows of predictions.minutes.
        rates: rows of predictions.rates.
        form: rows with game_id, player_id and the three percentages (gold.player_form).

    Returns:
        One row per row of `minutes`, sorted by game, team, player. `model_run_id` names both runs ("<minutes> + <rates>"),
        `model_window` is the older of the two, `model_fallback` true if either run is of an earlier month.

    Raises:
        RatesError: names the first player and game without rates or without percentages.
    """
    means = [f"{t}_per_min_mean" for t in RATE_TARGETS]
    stamp = [pl.col(c).alias(f"{c}_rates") for c in STAMP[2:]]
    joined = (
        minutes.join(rates.select(*KEY, *means, *stamp), on=KEY, how="left", validate="1:1")
        .join(form.select(*KEY, *PERCENTAGES), on=KEY, how="left", validate="1:1")
        .sort("game_date", "game_id", "team_id", "player_id")
    )
    for columns, table in ((means, "predictions.rates"), (list(PERCENTAGES), "gold.player_form")):
        lacking = joined.filter(pl.any_horizontal(pl.col(columns).is_null()))
        if lacking.height:
            row = lacking.row(0, named=True)
            raise RatesError(
                f"{table} lacks player {row['player_id']} of game {row['game_id']} ({lacking.height} rows of predictions.minutes "
                f"in all): materialise {table} for {row['game_date']} again"
            )
    ids = [pl.col("model_run_id"), pl.col("model_run_id_rates")]
    return joined.with_columns(
        pl.concat_str(ids, separator=" + ", ignore_nulls=True).alias("model_run_id"),
        pl.min_horizontal("model_window", "model_window_rates").alias("model_window"),
        (pl.col("model_fallback") | pl.col("model_fallback_rates")).alias("model_fallback"),
    ).drop(f"{c}_rates" for c in STAMP[2:])


def project_box(minutes: pl.DataFrame, rates: pl.DataFrame, form: pl.DataFrame) -> pl.DataFrame:
    """Mean box score of every candidate of a slate.

    `minutes_reconciled` counts the chance that he does not play, so all means do. The identities of a box score hold among the
    means: PTS = 2 x 2PM + 3 x 3PM + FTM, FGA = 2PA + 3PA, REB = OREB + DREB.

    Args:
        minutes: rows of predictions.minutes.
        rates: rows of predictions.rates.
        form: rows with game_id, player_id and the three percentages (gold.player_form).

    Returns:
        Rows of predictions.player_box, sorted by key, one per row of `minutes`; the stamp is described in `join_inputs`.

    Raises:
        RatesError: if a row has no rates or no percentages.
    """
    frame = join_inputs(minutes, rates, form)
    per_min = {t: pl.col("minutes_reconciled") * pl.col(f"{t}_per_min_mean") for t in RATE_TARGETS}
    fg2m = per_min["fga2"] * pl.col("fg2_pct_prior")
    fg3m = per_min["fga3"] * pl.col("fg3_pct_prior")
    ftm = per_min["fta"] * pl.col("ft_pct_prior")
    means = {
        "pts": 2 * fg2m + 3 * fg3m + ftm,
        "reb": per_min["oreb"] + per_min["dreb"],
        "fg3m": fg3m,
        "fga": per_min["fga2"] + per_min["fga3"],
        "fgm": fg2m + fg3m,
        "ftm": ftm,
        **{t: per_min[t] for t in ("oreb", "dreb", "ast", "fta", "stl", "blk", "tov")},
    }
    box = frame.with_columns(expr.alias(f"{name}_mean") for name, expr in means.items())
    box = box.with_columns(fantasy_points(lambda s: pl.col(f"{s}_mean")).alias("dk_points_mean"))
    return check(box.select(TABLES["predictions.player_box"].columns), "predictions.player_box")
