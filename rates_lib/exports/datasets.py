"""Frames of the exported files: the lake's tables with team names, sorted for a human reader.

Belongs here: joins, rounding, order of rows. Does not belong here: numbers that are not in the lake, formats (`files.py`), the report
(`report.py`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.core.stats import EXPORTED
from rates_lib.schemas.columns import PLAYER_RECONCILED, RATE_TARGETS
from rates_lib.schemas.tables import EXPORTS

_KEY = ["game_id", "player_id"]
_DIGITS = 6


def player_predictions(
    *, games: pl.DataFrame, minutes: pl.DataFrame, rates: pl.DataFrame, box: pl.DataFrame, player_summary: pl.DataFrame
) -> pl.DataFrame:
    """gameday_player_predictions: one row per candidate and game, best first within a team.

    Args:
        games: rows of silver.game for the slate.
        minutes: rows of predictions.minutes.
        rates: rows of predictions.rates.
        box: rows of predictions.player_box; their model columns name the minutes and the rates model.
        player_summary: rows of sims.player_summary.

    Returns:
        Identity, status, minutes, box-score means, fantasy points, rates, missing inputs (`fell_back_on`), and
        `<stat>_world_p10/p50/p90` over the worlds, null for a game without worlds; sorted by tip-off, game, team (visitors first) and
        projected DraftKings points. Fractions are rounded to six decimals.
    """
    quantiles = ("p10", "p50", "p90")
    simulated = player_summary.pivot("stat", on_columns=list(EXPORTED), index=_KEY, values=quantiles)
    means = [c for c in box.columns if c.endswith("_mean") and c not in minutes.columns]
    stamp = ("as_of_utc", "tipoff_utc", "model_run_id", "model_window", "model_fallback")  # taken from the box, which names both models
    frame = (
        minutes.drop(stamp)
        .join(_sides(games), on=["game_id", "team_id"], how="left", validate="m:1")
        .join(box.select(*_KEY, *means, *PLAYER_RECONCILED, "fell_back_on", *stamp), on=_KEY, how="left", validate="1:1")
        .join(rates.select(*_KEY, *(f"{t}_per_min_mean" for t in RATE_TARGETS)), on=_KEY, how="left", validate="1:1")
        .join(simulated, on=_KEY, how="left", validate="1:1")
        .with_columns(pl.col(f"{q}_{s}").alias(f"{s}_world_{q}") for s in EXPORTED for q in quantiles)
    )
    return _finished(frame, "gameday_player_predictions", best="dk_points_mean")


def player_profiles(games: pl.DataFrame, profiles: pl.DataFrame) -> pl.DataFrame:
    """gameday_player_profiles: one row per candidate and game; within a team by minutes_prior, the most first.

    Args:
        games: rows of silver.game for the slate.
        profiles: rows of predictions.player_profile.
    """
    frame = profiles.drop("home_flag").join(_sides(games), on=["game_id", "team_id"], how="left", validate="m:1")
    return _finished(frame, "gameday_player_profiles", best="minutes_prior")


def game_rows(games: pl.DataFrame, rows: pl.DataFrame, dataset: str) -> pl.DataFrame:
    """gameday_matchups or gameday_team_predictions: one row per game, by tip-off and game_id; fractions rounded to six decimals.

    Args:
        games: rows of silver.game for the slate.
        rows: rows of predictions.matchup or predictions.team (none without a team model), key game_id.
        dataset: name of the exported file.
    """
    names = games.select("game_id", "home_team_abbreviation", "away_team_abbreviation")
    rows = rows.join(names, on="game_id", how="left", validate="1:1")
    rows = rows.select(EXPORTS[dataset].columns).sort("tipoff_utc", "game_id")
    return rows.with_columns(pl.selectors.float().round(_DIGITS))


def _sides(games: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        games.select(
            "game_id",
            pl.col(f"{us}_team_id").alias("team_id"),
            pl.col(f"{us}_team_abbreviation").alias("team_abbreviation"),
            pl.col(f"{them}_team_abbreviation").alias("opponent_abbreviation"),
            pl.lit(int(us == "home"), dtype=pl.Int8).alias("home_flag"),
        )
        for us, them in (("away", "home"), ("home", "away"))
    )


def _finished(frame: pl.DataFrame, dataset: str, best: str) -> pl.DataFrame:
    order = ["tipoff_utc", "game_id", "home_flag", best, "player_id"]
    frame = frame.select(EXPORTS[dataset].columns).sort(order, descending=[c == best for c in order], nulls_last=True)
    return frame.with_columns(pl.selectors.float().round(_DIGITS))
