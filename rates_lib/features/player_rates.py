"""Decayed rates per minute, shrunk to the mean of the position: the prior of `rates_v1` and the expectation behind defence ratios.

    rate = (S + k m) / (M + k)

with S and M the player's decayed counts and minutes (a game counts half after `half_life` later games, a summer keeps
`RATE_CARRY`), m the running mean of the position over this and the previous season, k the strength in minutes: empirical Bayes for a
Poisson rate with a gamma prior (Casella 1985, "An introduction to empirical Bayes data analysis"; k is the prior's shape over its
mean).

Belongs here: the rates, for any rows. Does not belong here: the tables that hold them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib import asof
from rates_lib.features.history import History, once
from rates_lib.features.played import played
from rates_lib.schemas.columns import RATE_TARGETS

Floats = NDArray[np.float64]
HALF_LIVES = (3, 10, 30, 100)  # games
RATE_CARRY = 0.6
# strength of the position's mean in minutes: low for counts that the role decides (shots), high for noisy ones (steals)
STRENGTH = {
    "fga2": 20, "fga3": 20, "fta": 60, "ast": 40, "tov": 100, "oreb": 60, "dreb": 50, "stl": 250, "blk": 150,
    "pf": 150, "fg2m": 60, "fg3m": 60, "ftm": 60, "pts": 30,
}  # fmt: skip
RATE_STATS = tuple(STRENGTH)
# per minute, for the first days of the first season
FIRST_DAY = {
    "fga2": 0.25, "fga3": 0.13, "fta": 0.095, "ast": 0.1, "tov": 0.058, "oreb": 0.042, "dreb": 0.14, "stl": 0.032, "blk": 0.02,
    "pf": 0.085, "fg2m": 0.125, "fg3m": 0.045, "ftm": 0.072, "pts": 0.44,
}  # fmt: skip
_ENOUGH_SECONDS = 300_000  # of a position (role), before its mean counts


def position_means(rows: pl.DataFrame, history: History) -> Floats:
    """Rates per minute of the row's position before its date, over this and the previous season.

    Args:
        rows: season, game_date, position_primary.
        history: the clean tables.

    Returns:
        (rows, len(RATE_STATS)).
    """
    return group_means(rows, played(history), "position_primary", FIRST_DAY, _ENOUGH_SECONDS)


def group_means(
    rows: pl.DataFrame, games: pl.DataFrame, group: str, first_day: Mapping[str, float], enough_seconds: int = _ENOUGH_SECONDS
) -> Floats:
    """Rates per minute of the row's group (a position, a role) before its date, over this and the previous season.

    Args:
        rows: season, game_date and `group`.
        games: games played: season, game_date, `group`, seconds and integer counts.
        group: column that must be equal.
        first_day: the rate of each count before the group has played enough.
        enough_seconds: seconds from which the group's own mean counts.

    Returns:
        (rows, counts in the order of `first_day`).
    """
    values = ("seconds", *first_day)
    days = games.group_by("season", "game_date", group).agg(pl.col(v).cast(pl.Int64).sum() for v in values)
    days = days.with_columns(pl.lit("").alias("game_id"))
    by = ["season", group]
    rows = rows.select("season", "game_date", group)
    rows = asof.last_before(rows, asof.running_totals(days, by, values), by, {v: f"_t_{v}" for v in values})
    rows = asof.season_totals_before(rows, days, [group], values, "_p_")
    total = {v: (rows[f"_t_{v}"].fill_null(0) + rows[f"_p_{v}"].fill_null(0)).to_numpy() for v in values}
    known = total["seconds"] >= enough_seconds
    minutes = np.where(known, total["seconds"], 1) / 60
    return np.column_stack([np.where(known, total[stat] / minutes, value) for stat, value in first_day.items()])


def shrunk_rates(rows: pl.DataFrame, history: History, half_lives: Sequence[float] = HALF_LIVES) -> tuple[Floats, Floats, Floats]:
    """Decayed, shrunk rates of players before the rows' dates.

    Args:
        rows: season, game_date, player_id, position_primary.
        history: the clean tables.
        half_lives: in games.

    Returns:
        Rates (rows, half-lives, len(RATE_STATS)) per minute, never null; the decayed minutes behind them (rows, half-lives); the positions'
        means (rows, len(RATE_STATS)).
    """
    games = played(history).join(rows.select("player_id").unique(), on="player_id", how="semi")
    totals = asof.decayed_totals(
        games.with_columns((pl.col("seconds") / 60).alias("_minutes")),
        ["player_id"],
        [*RATE_STATS, "_minutes"],
        half_lives,
        carry=RATE_CARRY,
    )
    sums = asof.decayed_before(rows, totals)
    means = position_means(rows, history)
    strength = np.array([float(STRENGTH[stat]) for stat in RATE_STATS])
    minutes = sums[:, :, -1]
    return (sums[:, :, :-1] + strength * means[:, None, :]) / (minutes[:, :, None] + strength), minutes, means


@once
def expected_games(history: History) -> pl.DataFrame:
    """`played` with `expected_<stat>`: minutes times the mean of the player's rates at half-lives 10 and 30 before the game."""
    games = played(history)
    rates, _, _ = shrunk_rates(games, history, (10, 30))
    expected = rates.mean(axis=1) * (games["seconds"].to_numpy() / 60)[:, None]
    return games.with_columns(pl.Series(f"expected_{stat}", expected[:, i]) for i, stat in enumerate(RATE_STATS))


def add_rates(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with the decayed rates, their position's mean and minutes_weight_hl30.

    RATE_TARGETS have `<stat>_per_min_hl<n>` at all half-lives, the other RATE_STATS at 30 or those of OTHER_HALF_LIVES.
    """
    rates, minutes, means = shrunk_rates(rows, history)
    columns = [
        pl.Series(f"{stat}_per_min_hl{half_life}", rates[:, h, i])
        for i, stat in enumerate(RATE_STATS)
        for h, half_life in enumerate(HALF_LIVES)
        if stat in RATE_TARGETS or half_life in OTHER_HALF_LIVES.get(stat, (30,))
    ]
    position = [pl.Series(f"{t}_per_min_position", means[:, RATE_STATS.index(t)]) for t in RATE_TARGETS]
    return rows.with_columns(*columns, *position, pl.Series("minutes_weight_hl30", minutes[:, HALF_LIVES.index(30)]))


OTHER_HALF_LIVES = dict.fromkeys(("fg2m", "fg3m", "ftm"), (10, 30, 100))
