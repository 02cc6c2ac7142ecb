"""A season's `evals.player` and `evals.calibration`, from the lake.

Belongs here: calling the modules that compute figures. Does not belong here: figures (`player.py`, `calibration.py`, `peers.py`), text
(`reports/accuracy.py`).
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from rates_lib.evaluation.calibration import calibration_evals
from rates_lib.evaluation.peers import compare_peers
from rates_lib.evaluation.player import player_evals
from rates_lib.evaluation.scored import scored_season
from rates_lib.lake import Lake
from rates_lib.pipeline.training import season_features
from rates_lib.pipeline.walk_forward import minutes_walk_forward
from rates_lib.schemas.tables import TABLES


def evaluate_season(lake: Lake, season: int, blind: pl.DataFrame | None = None) -> dict[str, pl.DataFrame]:
    """Rows of evals.player and evals.calibration of one season, by table name.

    Args:
        lake: see `scored_season`; silver.peer_forecast where there are peers.
        season: start year.
        blind: minutes predicted without announced starters (`blind_minutes`); if None, `minutes_v1:starters_hidden` is not measured.

    Raises:
        RatesError: if a table has no rows of the season, or no day of it is predicted.
        MissingModelError: if no run of the plain recipe serves any game of it.
    """
    scored = scored_season(lake, season, blind)
    runs = pl.concat_str("minutes_run_id", "rates_run_id", separator=", ", ignore_nulls=True).alias("model_run_id")
    peers = compare_peers(lake, scored.filter(pl.col("played") == 1).with_columns(runs))
    figures = pl.concat([player_evals(scored), peers]).sort(TABLES["evals.player"].key)
    return {"evals.player": figures, "evals.calibration": calibration_evals(scored)}


def blind_minutes(lake: Lake, season: int, hide: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """Predict the minutes of a season by the models that served it, as if no starters had been announced.

    Args:
        lake: holds the form tables of the season and the minutes runs.
        season: start year.
        hide: takes candidate rows, returns them without announced starters (`models.minutes_shares.hide_starters`).

    Returns:
        game_id, player_id, minutes_mean.
    """
    rows = minutes_walk_forward(hide(season_features(lake, [season])), lake.read("silver.game", [season]), lake)
    return rows.select("game_id", "player_id", "minutes_mean")
