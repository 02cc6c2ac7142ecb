"""A constructed lake of two small seasons with predictions of the second: the evaluation's inputs, with known gaps."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from rates_lib.features import assemble
from rates_lib.lake import Lake
from rates_lib.models.bundle import save_bundle
from rates_lib.models.rates import train_rates
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES
from tests.frames.model import RATE, SMALL_RATES, candidates, player_game_training

WINDOW = date(2024, 8, 1)
DAYS = 24
MISSING_DAY = 5  # this day of the second season has no predictions
KEY = ["game_id", "player_id"]
COUNTS = ("fga2", "fg2m", "fga3", "fg3m", "fga", "fgm", "fta", "ftm", "oreb", "dreb", "reb", "ast", "stl", "blk", "tov", "pts")
PERCENTAGES = {"fg2": 0.5, "fg3": 0.35, "ft": 0.8}


def fill(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the missing columns of `table` as nulls; only columns that the evaluation reads are filled."""
    spec = TABLES[table]
    missing = (pl.lit(None, dtype).alias(c) for c, dtype in spec.schema.items() if c not in frame.columns)
    return frame.with_columns(missing).select(spec.columns)


def outcomes(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Box scores of the rows that have minutes, with the identities of a box score; a few play half a minute."""
    rng = np.random.default_rng(seed)
    played = rows.drop_nulls("minutes").select("season", "game_id", "game_date", "team_id", "player_id", "minutes")
    brief = pl.int_range(pl.len()) % 40 == 0
    played = played.with_columns(pl.when(brief).then(0.5).otherwise("minutes").alias("minutes"))
    minutes = played["minutes"].to_numpy()
    n = {t: rng.poisson(RATE[t] * minutes) for t in RATE_TARGETS}
    fg2m, fg3m, ftm = (rng.binomial(n[t], p) for t, p in zip(("fga2", "fga3", "fta"), PERCENTAGES.values(), strict=True))
    counts = n | {"fg2m": fg2m, "fg3m": fg3m, "ftm": ftm, "fga": n["fga2"] + n["fga3"], "fgm": fg2m + fg3m}
    counts |= {"reb": n["oreb"] + n["dreb"], "pts": 2 * fg2m + 3 * fg3m + ftm}
    return played.with_columns(
        pl.col("minutes").ceil().cast(pl.Int64).alias("min"),
        (pl.col("minutes") * 60).round().cast(pl.Int64).alias("seconds"),
        pl.format("Name {}", "player_id").alias("player_name"),
        *(pl.Series(name, values.astype(np.int64)) for name, values in counts.items()),
    )


def predictions(rows: pl.DataFrame) -> pl.DataFrame:
    """Minutes, rates and box scores of candidate rows: every number is computed from `last10_minutes_per_game` and the status."""
    mean = 0.8 * pl.col("last10_minutes_per_game") + 3
    frame = rows.with_columns(
        mean.alias("minutes_mean"), (mean - 6).alias("minutes_p10"), mean.alias("minutes_p50"), (mean + 6).alias("minutes_p90"),
        pl.when(pl.col("status") == "inactive").then(0.0).otherwise(0.8).alias("play_prob"),
        *(pl.lit(rate).alias(f"{t}_per_min_mean") for t, rate in RATE.items()),
        *(pl.lit(p).alias(f"{k}_pct_mean") for k, p in PERCENTAGES.items()),
        pl.lit("m1").alias("model_run_id"), pl.lit("2024-08-01").alias("model_window"), pl.lit(value=False).alias("model_fallback"),
        pl.lit(datetime(2024, 1, 1, tzinfo=UTC)).dt.cast_time_unit("us").alias("as_of_utc"),
        pl.lit("").alias("fell_back_on"),
    )  # fmt: skip
    reconciled = pl.col("play_prob") * pl.col("minutes_mean") * 0.95
    per_min = {
        "pts": 2 * RATE["fga2"] * 0.5 + 3 * RATE["fga3"] * 0.35 + RATE["fta"] * 0.8,
        "reb": RATE["oreb"] + RATE["dreb"], "fg3m": RATE["fga3"] * 0.35, "fga": RATE["fga2"] + RATE["fga3"],
        "fgm": RATE["fga2"] * 0.5 + RATE["fga3"] * 0.35, "ftm": RATE["fta"] * 0.8,
        **{t: RATE[t] for t in ("oreb", "dreb", "ast", "fta", "stl", "blk", "tov")},
    }  # fmt: skip
    weights = {"pts": 1.0, "fg3m": 0.5, "reb": 1.25, "ast": 1.5, "stl": 2.0, "blk": 2.0, "tov": -0.5}
    per_min["dk_points"] = sum(weight * per_min[stat] for stat, weight in weights.items())
    return frame.with_columns(
        reconciled.alias("minutes_reconciled"), *((reconciled * x).alias(f"{s}_mean") for s, x in per_min.items())
    )  # fmt: skip


def write_lake(lake: Lake) -> None:
    """Write seasons 2023 and 2024, with rates models fitted between them; one day and one player of 2024 have no predictions."""
    for season in (2023, 2024):
        rows = candidates(days=DAYS, seed=season, season=season)
        training = player_game_training(days=DAYS, seed=season, season=season)
        base = assemble.training_base(training)
        if season == 2023:
            for feature_set in ("stage0", "stage2"):
                save_bundle(lake, train_rates(base, WINDOW, feature_set, SMALL_RATES))
        else:
            _write_predictions(lake, rows)
        lake.write("silver.player_game", fill("silver.player_game", outcomes(rows, season)), season)
        lake.write("gold.player_game_training", training, season)
        lake.write("gold.rates_training_base", base, season)
        lake.write("gold.player_form", _form(rows), season)
        teams = rows.select("season", "game_id", "game_date", "team_id", "opponent_id", "home_flag").unique().sort("game_id", "team_id")
        absent = pl.Series("num_rotation_players_out", [i % 3 for i in range(teams.height)], dtype=pl.Int64)
        rest = pl.Series("days_rest", [i % 4 for i in range(teams.height)], dtype=pl.Int64)
        teams = teams.with_columns(absent, rest, team_usage_vacated=absent * 0.2)
        lake.write("gold.team_form", fill("gold.team_form", teams), season)


def _form(rows: pl.DataFrame) -> pl.DataFrame:
    """Form with proxy lists for home teams and published lists for visitors, a team without known starters, and a player without form."""
    formless = pl.col("player_id") == "P100"
    form = rows.with_columns(
        pl.when(pl.col("home_flag") == 1).then(pl.lit("proxy")).otherwise("availability_source").alias("availability_source"),
        pl.when(pl.col("team_id") != "T3").then("is_starter").alias("is_starter"),
        pl.when(~formless).then(pl.col("season_mpg", "last5_minutes_per_game")),
        *(pl.lit(p).alias(f"{k}_pct_prior") for k, p in PERCENTAGES.items()),
    )
    return fill("gold.player_form", form).with_columns(
        pl.when(~formless).then(pl.lit(20.0)).alias("minutes_prior"),
        *(pl.when(~formless).then(pl.lit(1.1 * rate)).alias(f"{t}_per_min_hl30") for t, rate in RATE.items()),
    )


def _write_predictions(lake: Lake, rows: pl.DataFrame) -> None:
    predicted = predictions(rows)
    days = predicted["game_date"].unique().sort()
    omitted = predicted.filter(pl.col("minutes").is_not_null() & (pl.col("game_date") == days[0])).row(0, named=True)
    for i, day in enumerate(days):
        if i == MISSING_DAY:
            continue
        without = (pl.col("game_date") == days[0]) & (pl.col("player_id") == omitted["player_id"])
        part = predicted.filter((pl.col("game_date") == day) & ~without)
        for table in ("predictions.minutes", "predictions.rates", "predictions.player_box"):
            lake.write(table, fill(table, part).sort(TABLES[table].key), day.isoformat())
