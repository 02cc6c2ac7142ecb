"""Candidates and training rows drawn with NumPy, with a known signal: the frames that the models take."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from rates_lib.features import assemble
from rates_lib.models.config import EfficiencyConfig, MinutesConfig, OffsetConfig, RatesConfig, with_settings
from rates_lib.models.feature_sets import MINUTES_COLUMNS
from rates_lib.models.windows import WindowConfig
from rates_lib.schemas.columns import COLUMNS, POSITIONS, RATE_TARGETS
from rates_lib.schemas.tables import TABLES

START = date(2023, 10, 20)
WINDOWS = WindowConfig(val_days=8, cal_days=12)
_SMALL = {"num_threads": 1, "max_rounds": 40, "patience": 5, "num_leaves": 7, "learning_rate": 0.15, "windows": WINDOWS}
_FEW_ROWS = {"min_data_in_leaf": 50, "feature_fraction": 0.9}
SMALL_RATES = with_settings(RatesConfig(), _SMALL)
SMALL_MINUTES = with_settings(MinutesConfig(), {**_SMALL, **_FEW_ROWS, "play_rounds": 40, "min_listed_rows": 500})
SMALL_OFFSET = with_settings(OffsetConfig(), {**_SMALL, **_FEW_ROWS})
SMALL_EFFICIENCY = with_settings(EfficiencyConfig(), {**_SMALL, "max_rounds": 25, "num_leaves": 4, "min_data_in_leaf": 100})
MAKES = {"fg2": 0.52, "fg3": 0.36, "ft": 0.78}
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
    """`frame` with random numbers in the missing ones of `columns`, within dtype and bounds."""
    filled = {}
    for name in columns:
        if name not in frame.columns:
            spec = COLUMNS[name]
            low = 0.0 if spec.lo is None else spec.lo
            high = low + 5 if spec.hi is None else min(spec.hi, low + 5)
            values = rng.uniform(low, high, frame.height)
            filled[name] = pl.Series(name, np.rint(values) if spec.dtype != pl.Float64 else values).cast(spec.dtype)
    return frame.with_columns(**filled)


def candidates(days: int = 60, seed: int = 3, source: str = "active_list", season: int = 2023) -> pl.DataFrame:
    """Minutes rows with label: minutes follow last10_minutes_per_game, an announced starter has six more; a tenth is inactive, and
    active players play more often if they have played lately.
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
    five = 0.8 * pl.col("last10_minutes_per_game")
    frame = frame.with_columns(
        (five + 2.4).alias("minutes_prior_blind"), (five + 6 * pl.col("is_starter")).alias("minutes_prior"),
        pl.Series("position_primary", [POSITIONS[i % 5] for i in range(n)]), pl.lit(1, pl.Int8).alias("foreseen_flag"),
    ).with_columns((pl.col("minutes_prior") - pl.col("minutes_prior_blind")).alias("minutes_role_change"))  # fmt: skip
    return noise(frame, MINUTES_COLUMNS, rng).with_columns(
        pl.when(pl.col("age_years") > 20).then("age_years")  # some nulls, as in real data
    )


def player_game_training(days: int = 60, seed: int = 4, tracking_signal: float = 0.0, season: int = 2023) -> pl.DataFrame:
    """Rows of gold.player_game_training: the rate of each target is its league rate times a skill, which is season_pts_per_min, times
    the opponent's factor (`opp_<target>_ratio_hl30`, .75 to 1.35), and with `tracking_signal` also season_touches_per_min. The decayed
    rates are league rate times skill with an error of a fifth. Shots fall at the percentage of the prior, shifted by `opp_fg2m_ratio_hl30`.
    """
    rng = np.random.default_rng(seed)
    frame = keys(days, season=season)
    n = frame.height
    skill, touches = rng.uniform(0.4, 1.6, n), rng.uniform(0, 2, n)
    minutes = rng.uniform(0.5, 40, n)
    allowed = {t: rng.uniform(0.75, 1.35, n) for t in (*RATE_TARGETS, "fg2m")}
    factor = skill * (1 + tracking_signal * (touches - 1))
    counts = {t: rng.poisson(RATE[t] * factor * allowed[t] * minutes) for t in RATE_TARGETS}
    prior = {shot: np.clip(p + rng.normal(0, 0.05, n), 0.1, 0.9) for shot, p in MAKES.items()}
    log_odds = np.log(prior["fg2"] / (1 - prior["fg2"])) + 1.5 * np.log(allowed["fg2m"])
    shares = prior | {"fg2": 1 / (1 + np.exp(-log_odds))}
    box = {f"{shot}m": rng.binomial(counts[tried], shares[shot]) for shot, tried in (("fg2", "fga2"), ("fg3", "fga3"), ("ft", "fta"))}
    box |= {"fga": counts["fga2"] + counts["fga3"], "fgm": box["fg2m"] + box["fg3m"], "reb": counts["oreb"] + counts["dreb"]}
    box |= {"pts": 2 * box["fg2m"] + 3 * box["fg3m"] + box["ftm"]}
    columns = {
        "minutes_actual": minutes, "season_pts_per_min": skill, "season_touches_per_min": touches,
        **counts, **box, **{f"{t}_per_min": counts[t] / minutes for t in RATE_TARGETS},
        **{f"opp_{t}_ratio_hl30": values for t, values in allowed.items()},
        **{f"{t}_per_min_hl{h}": RATE[t] * skill * rng.lognormal(0, 0.2, n) for t in RATE_TARGETS for h in (10, 30)},
        **{f"{shot}_pct_prior": values for shot, values in prior.items()},
    }  # fmt: skip
    frame = frame.with_columns(pl.Series(name, values) for name, values in columns.items())
    spec = TABLES["gold.player_game_training"]
    numeric = tuple(c.name for c in spec.specs if c.dtype != pl.String)
    strings = [pl.lit((c.allowed or ("x",))[0]).alias(c.name) for c in spec.specs if c.dtype == pl.String and c.name not in frame.columns]
    return noise(frame, numeric, rng).with_columns(strings).select(pl.col(c.name).cast(c.dtype) for c in spec.specs)


def training_base(days: int = 60, seed: int = 4, tracking_signal: float = 0.0, season: int = 2023) -> pl.DataFrame:
    """Rows of gold.rates_training_base: those of `player_game_training`."""
    return assemble.training_base(player_game_training(days, seed, tracking_signal, season))
