"""The rows that models learn from and predict, read from the lake.

Belongs here: which seasons and tables a training run or a walk-forward table reads. Does not belong here: joins of features
(`features/assemble.py`), fits (`models/`), writing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from rates_lib.calendar import season_of
from rates_lib.errors import RatesError
from rates_lib.features.assemble import player_features, training_base
from rates_lib.lake import Lake
from rates_lib.models.minutes import with_minutes_label
from rates_lib.models.walk_forward import minutes_walk_forward

_FORMS = ("gold.player_form", "gold.team_form", "gold.opponent_allowed", "gold.tracking_rollups")


def candidates(lake: Lake, seasons: Iterable[int]) -> pl.DataFrame:
    """`assemble.player_features` of whole seasons: one row per candidate and game; seasons without form tables hold none."""
    seasons = list(seasons)
    return player_features(*(lake.read(table, seasons) for table in (*_FORMS, "silver.odds_game", "silver.game")))


def minutes_training(lake: Lake, window: date) -> pl.DataFrame:
    """Rows that the minutes model of `window` may learn from: all candidates before it, with the label `minutes`.

    Raises:
        RatesError: if no form table holds a season that begins before the window.
    """
    seasons = _seasons_before(lake, "gold.player_form", window)
    rows = with_minutes_label(candidates(lake, seasons), lake.read("silver.player_game", seasons))
    return rows.filter(pl.col("game_date") < window)


def rates_training(lake: Lake, window: date) -> pl.DataFrame:
    """Rows of gold.rates_training_base before `window`.

    Raises:
        RatesError: if it holds no season that begins before the window.
    """
    rows = lake.read("gold.rates_training_base", _seasons_before(lake, "gold.rates_training_base", window))
    return rows.filter(pl.col("game_date") < window)


def walk_forward_season(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of gold.minutes_walk_forward of one season, each by the model of a window not after its month."""
    return minutes_walk_forward(candidates(lake, [season]), lake.read("silver.game", [season]), lake)


def training_base_season(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of gold.rates_training_base of one season."""
    minutes, player_game = (lake.read(table, [season]) for table in ("gold.minutes_walk_forward", "silver.player_game"))
    return training_base(candidates(lake, [season]), minutes, player_game)


def _seasons_before(lake: Lake, table: str, window: date) -> list[int]:
    seasons = [int(key) for key in lake.partitions(table) if int(key) <= season_of(window)]
    if not seasons:
        raise RatesError(f"{table} holds nothing before {window:%Y-%m}: {_remedy(lake, window)}")
    return seasons


def _remedy(lake: Lake, window: date) -> str:
    periods = {file.period for file in lake.landed_files("leaguegamelog_player")}
    landed = {int(period) if period.isdigit() else season_of(date.fromisoformat(period)) for period in periods}
    earlier = sorted(season for season in landed if season <= season_of(window))
    if not earlier:
        return "no earlier season is landed, and the first one has nothing to learn from; land an earlier one with `rates land`"
    return f"run `rates backfill --seasons {'..'.join(str(season) for season in sorted({earlier[0], earlier[-1]}))}` first"
