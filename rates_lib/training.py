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
from rates_lib.features.assemble import add_minutes, add_supply, player_features, player_game_training
from rates_lib.features.registry import FAMILIES
from rates_lib.lake import Lake
from rates_lib.models.box import box_frame, box_window, labels
from rates_lib.models.bundle import Bundle
from rates_lib.models.efficiency import predict_efficiency
from rates_lib.models.minutes import with_minutes_label
from rates_lib.models.rates import predict_rates
from rates_lib.models.reconcile import reconcile_minutes
from rates_lib.models.walk_forward import minutes_walk_forward
from rates_lib.models.windows import Windows


def candidates(lake: Lake, seasons: Iterable[int]) -> pl.DataFrame:
    """`assemble.player_features` of whole seasons: one row per candidate and game; seasons without form tables hold none."""
    seasons = list(seasons)
    forms = {family.table: lake.read(family.table, seasons) for family in FAMILIES}
    return player_features(forms, lake.read("silver.odds_game", seasons), lake.read("silver.game", seasons))


def minutes_training(lake: Lake, window: date) -> pl.DataFrame:
    """Rows that the minutes model of `window` may learn from: all candidates before it, with the label `minutes`.

    Raises:
        RatesError: if no form table holds a season that begins before the window.
    """
    seasons = _seasons_before(lake, "gold.player_form", window)
    rows = with_minutes_label(candidates(lake, seasons), lake.read("silver.player_game", seasons))
    return rows.filter(pl.col("game_date") < window)


def rates_training(lake: Lake, window: date) -> pl.DataFrame:
    """Rows of gold.player_game_training before `window`: what the rates and shooting models learn from.

    Raises:
        RatesError: if it holds no season that begins before the window.
    """
    rows = lake.read("gold.player_game_training", _seasons_before(lake, "gold.player_game_training", window))
    return rows.filter(pl.col("game_date") < window)


def box_training(lake: Lake, windows: Windows, rates: Bundle, efficiency: Bundle) -> pl.DataFrame:
    """Rows that the second stage of a window learns from: candidates of its calibration and validation days, predicted out of fold.

    Args:
        lake: holds the form tables and gold.minutes_walk_forward of these days.
        windows: of the rates run.
        rates: a run of rates_v1:offset just trained, with its early boosters.
        efficiency: the same of efficiency_v1.

    Returns:
        `box.box_frame` with game_date and the labels; without rows where no minutes were predicted.
    """
    first, last = box_window(windows)
    seasons = list(range(season_of(first), season_of(last) + 1))
    minutes = lake.read("gold.minutes_walk_forward", seasons).filter(pl.col("minutes_source") == "walk_forward")
    days = pl.col("game_date").is_between(first, last) & (pl.col("foreseen_flag") == 1)
    rows = candidates(lake, seasons).filter(days)
    features = add_supply(add_minutes(rows, minutes))
    columns = ("game_id", "player_id", "minutes_mean", "minutes_p10", "minutes_p90")
    features = features.join(minutes.select(columns), on=["game_id", "player_id"], how="inner", maintain_order="left")
    predicted = pl.concat(
        [
            features.select("minutes_mean", "play_prob", reconcile_minutes(features)),
            predict_rates(features, rates.out_of_fold()),
            predict_efficiency(features, efficiency.out_of_fold()),
        ],
        how="horizontal",
    )
    frame = box_frame(features, predicted).with_columns(features["game_date"])
    return frame.join(labels(lake.read("silver.player_game", seasons)), on=["season", "game_id", "player_id"], how="left")


def walk_forward_season(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of gold.minutes_walk_forward of one season, each by the model of a window not after its month."""
    return minutes_walk_forward(candidates(lake, [season]), lake.read("silver.game", [season]), lake)


def player_game_training_season(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of gold.player_game_training of one season; `assemble.training_base` takes gold.rates_training_base from them."""
    minutes, player_game = (lake.read(table, [season]) for table in ("gold.minutes_walk_forward", "silver.player_game"))
    return player_game_training(candidates(lake, [season]), minutes, player_game)


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
