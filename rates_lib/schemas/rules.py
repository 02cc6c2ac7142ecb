"""Rules that rows must satisfy before a table is written, beyond the schema: identities, order of quantiles, clocks.

`RULES` are Boolean expressions over one table: per row, or over the rows of one team or game. A null result is no violation; the schema
checks nulls.

Belongs here: the rules. Does not belong here: reports of violations (`rates_assets/checks.py`), bounds of columns (`columns.py`), rules
that need other tables or quarantine rows (`sql/checks`), rules across the rows of a world (`sim/identities.py`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.core.basketball import TEAM_MINUTES, points

MADE_AND_TRIED = (("fg2m", "fga2"), ("fg3m", "fga3"), ("ftm", "fta"))
"""Shots made, and shots attempted of the same kind."""
_TEAM = ["game_id", "team_id"]
_BEFORE_TIPOFF = {"as_of_utc <= tipoff_utc": pl.col("as_of_utc") <= pl.col("tipoff_utc")}
_BAND_IN_ORDER = {
    "minutes_p10 <= minutes_p50 <= minutes_p90": (pl.col("minutes_p10") <= pl.col("minutes_p50"))
    & (pl.col("minutes_p50") <= pl.col("minutes_p90"))
}

RULES: dict[str, dict[str, pl.Expr]] = {
    "gold.minutes_walk_forward": _BEFORE_TIPOFF | _BAND_IN_ORDER,
    "gold.rates_training_base": {"minutes_actual > 0": pl.col("minutes_actual") > 0},
    # the sum is below 240 if too few players are available: no player exceeds the cap
    "predictions.minutes": _BEFORE_TIPOFF
    | _BAND_IN_ORDER
    | {f"minutes_reconciled of a team <= {TEAM_MINUTES}": pl.col("minutes_reconciled").sum().over(_TEAM) <= TEAM_MINUTES + 1e-6},
    "predictions.rates": _BEFORE_TIPOFF,
    "predictions.player_box": _BEFORE_TIPOFF
    | {"reb_mean = oreb_mean + dreb_mean": (pl.col("reb_mean") - pl.col("oreb_mean") - pl.col("dreb_mean")).abs() <= 1e-9},
    "evals.player": {
        "value_low <= value_high": pl.col("value_low") <= pl.col("value_high"),
        "all predictors of a target and segment on the same rows": (pl.col("rows").n_unique().over("model", "target", "segment") == 1),
    },
    "predictions.team": _BEFORE_TIPOFF
    | {
        f"{prefix}home_pts_mean + {prefix}away_pts_mean = {prefix}total_mean, and their difference {prefix}margin_mean": (
            (pl.col(f"{prefix}home_pts_mean") + pl.col(f"{prefix}away_pts_mean") - pl.col(f"{prefix}total_mean")).abs() <= 1e-9
        )
        & ((pl.col(f"{prefix}home_pts_mean") - pl.col(f"{prefix}away_pts_mean") - pl.col(f"{prefix}margin_mean")).abs() <= 1e-9)
        for prefix in ("", "with_market_")
    }
    | {
        f"{name}_p10 <= {name}_p50 <= {name}_p90": (pl.col(f"{name}_p10") <= pl.col(f"{name}_p50"))
        & (pl.col(f"{name}_p50") <= pl.col(f"{name}_p90"))
        for name in ("margin", "total", "home_pts", "away_pts", "with_market_margin", "with_market_total")
    },
    "gold.team_matchup_training": {"home_margin = home_pts - away_pts": pl.col("home_margin") == pl.col("home_pts") - pl.col("away_pts")},
    "evals.team": {
        "value_low <= value_high": pl.col("value_low") <= pl.col("value_high"),
        "all predictors of a target and segment on the same rows": (
            pl.col("rows").filter(~pl.col("metric").is_in(["coverage_80", "width_80"])).n_unique().over("target", "segment") <= 1
        ),
    },
    "evals.calibration": {
        "probabilities within 0 and 1": (pl.col("kind") != "reliability")
        | (pl.col("predicted").is_between(0, 1) & pl.col("actual").is_between(0, 1)),
        "bin_low <= bin_high": pl.col("bin_low") <= pl.col("bin_high"),
    },
    "sims.worlds": {
        "pts = 2 fg2m + 3 fg3m + ftm": pl.col("pts") == points(pl.col("fg2m"), pl.col("fg3m"), pl.col("ftm")),
        "made <= attempted": pl.all_horizontal(pl.col(made) <= pl.col(tried) for made, tried in MADE_AND_TRIED),
    },
    "sims.player_summary": _BEFORE_TIPOFF | {"p5 <= p50 <= p95": (pl.col("p5") <= pl.col("p50")) & (pl.col("p50") <= pl.col("p95"))},
    "sims.game_summary": _BEFORE_TIPOFF | {"margin_p10 <= margin_p90": pl.col("margin_p10") <= pl.col("margin_p90")},
}
