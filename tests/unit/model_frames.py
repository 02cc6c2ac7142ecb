"""Candidates and training rows made with NumPy, with a known signal: the frames that the models take."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from rates_lib.models.config import MinutesConfig, RatesConfig
from rates_lib.models.feature_sets import MINUTES_FEATURES
from rates_lib.models.windows import WindowConfig
from rates_lib.schemas.columns import COLUMNS, RATE_TARGETS
from rates_lib.schemas.tables import TABLES

START = date(2023, 10, 20)
WINDOWS = WindowConfig(val_days=8, cal_days=12)
SMALL_RATES = RatesConfig(num_threads=1, max_rounds=40, patience=5, num_leaves=7, learning_rate=0.15, windows=WINDOWS)
SMALL_MINUTES = MinutesConfig(
    num_threads=1, max_rounds=40, patience=5, num_leaves=7, learning_rate=0.15, min_listed_rows=500, windows=WINDOWS
)
RATE = {"fga2": 0.3, "fga3": 0.15, "fta": 0.1, "ast": 0.12, "tov": 0.06, "oreb": 0.05, "dreb": 0.15, "stl": 0.035, "blk": 0.025}


def keys(days: int, games: int = 4, players: int = 10, season: int = 2023) -> pl.DataFrame:
    """One row per candidate: `games` games a day of teams of `players`, on `days` days from START."""
    rows = [
        (season, f"002{season % 100:02}{d * games + g:05}", START + timedelta(days=d + 366 * (season - 2023)), f"T{2 * g + side}",
         f"T{2 * g + 1 - side}", f"P{2 * g + side}{p:02}", side)
        for d in range(days) for g in range(games) for side in range(2) for p in range(players)
    ]  # fmt: skip
    names = ["season", "game_id", "game_date", "team_id", "opponent_id", "player_id", "home_flag"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("home_flag").cast(pl.Int8))


def noise(frame: pl.DataFrame, columns: tuple[str, ...], rng: np.random.Generator) -> pl.DataFrame:
    """`frame` with random numbers in those of `columns` that it lacks, within dtype and bounds."""
    made = {}
    for name in columns:
        if name not in frame.columns:
            spec = COLUMNS[name]
            low = 0.0 if spec.lo is None else spec.lo
            high = low + 5 if spec.hi is None else min(spec.hi, low + 5)
            values = rng.uniform(low, high, frame.height)
            made[name] = pl.Series(name, np.rint(values) if spec.dtype != pl.Float64 else values).cast(spec.dtype)
    return frame.with_columns(**made)


def candidates(days: int = 60, seed: int = 3, source: str = "active_list", season: int = 2023) -> pl.DataFrame:
    """Minutes rows with label: minutes follow last10_minutes_per_game, an announced starter has six more; a tenth is inactive, and of the
    actives those play who have played lately.
    """
    rng = np.random.default_rng(seed)
    frame = keys(days, season=season)
    n = frame.height
    level, share = rng.uniform(8, 32, n), rng.uniform(0, 1, n)
    starter = rng.random(n) < 0.4
    inactive = rng.random(n) < 0.1
    plays = ~inactive & (rng.random(n) < 0.3 + 0.65 * (share > 0.4))
    minutes = np.clip(0.8 * level + 6 * starter + rng.normal(0, 3, n), 1, 48)
    frame = frame.with_columns(
        pl.Series("last10_minutes_per_game", level), pl.Series("last10_appearance_share", share),
        pl.Series("is_starter", starter.astype(np.int8)), pl.Series("bench_tier", np.where(starter, 0, 2).astype(np.int8)),
        pl.Series("status", np.where(inactive, "inactive", "active")), pl.lit(source).alias("availability_source"),
        pl.Series("play_prob_prior", np.where(inactive, 0.0, 0.82)), pl.Series("played", plays.astype(np.int8)),
        pl.Series("minutes", np.where(plays, minutes, np.nan)).fill_nan(None),
        pl.Series("season_mpg", level), pl.Series("last5_minutes_per_game", level + rng.normal(0, 2, n)),
    )  # fmt: skip
    return noise(frame, MINUTES_FEATURES, rng).with_columns(
        pl.when(pl.col("age_years") > 20).then("age_years")  # some nulls, as in life
    )


def training_base(days: int = 60, seed: int = 4, tracking_signal: float = 0.0, season: int = 2023) -> pl.DataFrame:
    """Rates rows: the rate of each target is its league rate times a skill that season_pts_per_min tells, and with `tracking_signal` also
    season_touches_per_min.
    """
    rng = np.random.default_rng(seed)
    frame = keys(days, season=season)
    n = frame.height
    skill, touches = rng.uniform(0.4, 1.6, n), rng.uniform(0, 2, n)
    minutes = rng.uniform(0.5, 40, n)
    factor = skill * (1 + tracking_signal * (touches - 1))
    labels = {f"{t}_per_min": rng.poisson(RATE[t] * factor * minutes) / minutes for t in RATE_TARGETS}
    frame = frame.with_columns(
        pl.Series("minutes_actual", minutes), pl.Series("season_pts_per_min", skill), pl.Series("season_touches_per_min", touches),
        *(pl.Series(name, values) for name, values in labels.items()),
    )  # fmt: skip
    spec = TABLES["gold.rates_training_base"]
    numeric = tuple(c.name for c in spec.specs if c.dtype != pl.String)
    strings = [pl.lit((c.allowed or ("x",))[0]).alias(c.name) for c in spec.specs if c.dtype == pl.String and c.name not in frame.columns]
    return noise(frame, numeric, rng).with_columns(strings).select(spec.columns)
