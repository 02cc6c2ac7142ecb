"""Minutes of a player: decayed means by role (starter or bench), single games, load, absences and returns.

`minutes_prior` uses the announced starters: the decayed mean of the player's games in the game's role, shrunk by one game to a mix of the
player's overall mean and the role's usual minutes. `minutes_prior_blind` does not use the starters.

Belongs here: a player's own minutes. Does not belong here: the minutes of team-mates (`rotation.py`).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib import asof
from rates_lib.features.history import History
from rates_lib.features.played import played

Floats = NDArray[np.float64]
HALF_LIVES = (1.5, 4, 10, 30)
_NAMES = ("hl2", "hl4", "hl10", "hl30")  # 1.5 games, named to the nearest whole
ROLE_HALF_LIFE = 8
CARRY = 0.6
NEWCOMER_MINUTES = 11.0
# share of the role's usual minutes in the one game of shrinkage, and those minutes
STARTER_MIX, BENCH_MIX = (0.5, 28.0), (0.3, 13.0)
LAGS = 4
LOAD_DAYS = (4, 7, 30)
LONG_ABSENCE = 3  # least number of consecutive games missed before a return
_LEAST = 1e-9


def add_minutes_form(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` (candidates with is_starter) with the columns of this module; see the data dictionary."""
    games = played(history).join(rows.select("player_id").unique(), on="player_id", how="semi")
    rows = _decayed(rows, games)
    rows = _single_games(rows, games)
    rows = _load(rows, games)
    return _returns(rows, games, history)


def blind_prior(rows: pl.DataFrame, history: History) -> pl.Series:
    """minutes_prior_blind of rows with season, game_date, player_id; in their order."""
    games = played(history).join(rows.select("player_id").unique(), on="player_id", how="semi")
    return _blind(_overall(rows, games)).alias("minutes_prior_blind")


def _overall(rows: pl.DataFrame, games: pl.DataFrame) -> Floats:
    """Decayed sums of minutes, their squares and weights: (rows, half-lives, 3)."""
    squared = games.with_columns((pl.col("regulation_minutes") ** 2).alias("_square"))
    totals = asof.decayed_totals(
        squared, ["player_id"], ["regulation_minutes", "_square", "one"], HALF_LIVES, carry=CARRY, weight="typical"
    )
    return asof.decayed_before(rows, totals)


def _mean(total: Floats, weight: Floats, least: float = _LEAST) -> Floats:
    return np.asarray(np.where(weight > least, total / np.maximum(weight, _LEAST), np.nan), dtype=np.float64)


def _blind(sums: Floats) -> pl.Series:
    """The mean at half-lives 4 and 10, NEWCOMER_MINUTES for players without games."""
    means = _mean(sums[:, :, 0], sums[:, :, 2])
    blind = (means[:, 1] + means[:, 2]) / 2
    return pl.Series(np.where(np.isnan(blind), NEWCOMER_MINUTES, blind))


def _decayed(rows: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    sums = _overall(rows, games)
    means = _mean(sums[:, :, 0], sums[:, :, 2])
    variance = _mean(sums[:, 2, 1], sums[:, 2, 2]) - means[:, 2] ** 2
    started = (pl.col("starter") == 1).fill_null(False).cast(pl.Float64)
    benched = (pl.col("starter") == 0).fill_null(False).cast(pl.Float64)
    by_role = games.with_columns(started.alias("_started"), benched.alias("_benched")).with_columns(
        (pl.col("regulation_minutes") * pl.col("_started")).alias("_minutes_started"),
        (pl.col("regulation_minutes") * pl.col("_benched")).alias("_minutes_benched"),
    )
    roles = ["_minutes_started", "_started", "_minutes_benched", "_benched"]
    totals = asof.decayed_totals(by_role, ["player_id"], roles, [ROLE_HALF_LIFE], carry=CARRY, weight="typical")
    role = asof.decayed_before(rows, totals)[:, 0]
    blind = _blind(sums).to_numpy()

    def in_role(total: Floats, weight: Floats, mix: tuple[float, float]) -> Floats:
        share, usual = mix
        return np.asarray((total + (1 - share) * blind + share * usual) / (weight + 1), dtype=np.float64)

    five = rows["is_starter"].cast(pl.Float64).to_numpy()
    from_bench = np.where(five == 0, in_role(role[:, 2], role[:, 3], BENCH_MIX), blind)
    prior = np.where(five == 1, in_role(role[:, 0], role[:, 1], STARTER_MIX), from_bench)
    columns = {
        **{f"minutes_{name}": means[:, h] for h, name in enumerate(_NAMES)},
        "minutes_weight_hl10": sums[:, 2, 2],
        "minutes_sd_hl10": np.sqrt(np.maximum(variance, 0.0)),
        "minutes_started_hl8": _mean(role[:, 0], role[:, 1], 0.05),
        "minutes_benched_hl8": _mean(role[:, 2], role[:, 3], 0.05),
        "starts_weight_hl8": role[:, 1],
        "benched_weight_hl8": role[:, 3],
        "start_share_hl8": _mean(role[:, 1], role[:, 1] + role[:, 3], 0.02),
        "minutes_prior": prior,
        "minutes_prior_blind": blind,
        "minutes_role_change": prior - blind,
    }
    return rows.with_columns(pl.Series(name, values, nan_to_null=True) for name, values in columns.items())


def _single_games(rows: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    newest_first = games.with_columns(
        pl.col("regulation_minutes").alias("minutes"),
        pl.col("starter").cast(pl.Float64).fill_null(-1.0).alias("started"),
        pl.col("pf").cast(pl.Float64).alias("fouls"),
        pl.col("margin").cast(pl.Float64).fill_null(0.0),
    )
    for value, n in (("minutes", LAGS), ("started", 2), ("fouls", 1), ("margin", 1)):
        lists = asof.last_values(newest_first, ["player_id"], value, n)
        rows = asof.last_before(rows, lists, ["player_id"], {value: f"_{value}"})
    started = [pl.col("_started").list.get(k, null_on_oob=True) for k in range(2)]
    return rows.with_columns(
        *(pl.col("_minutes").list.get(k, null_on_oob=True).alias(f"minutes_lag{k + 1}") for k in range(LAGS)),
        *(pl.when(s >= 0).then(s).cast(pl.Int8).alias(f"started_lag{k + 1}") for k, s in enumerate(started)),
        pl.col("_fouls").list.first().alias("last_game_fouls"),
        pl.col("_margin").list.first().alias("last_game_margin"),
    ).drop("_minutes", "_started", "_fouls", "_margin")


def _load(rows: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    totals = asof.running_totals(games, ["player_id"], ("seconds",))
    rows = asof.last_before(rows, totals, ["player_id"], {"seconds": "_seconds", "games": "_games"})
    for days in LOAD_DAYS:
        rows = rows.with_columns((pl.col("game_date") - pl.duration(days=days)).alias("_day"))
        rows = asof.last_before(rows, totals, ["player_id"], {"seconds": "_seconds_then", "games": "_games_then"}, on="_day")
        rows = rows.with_columns(
            ((pl.col("_seconds").fill_null(0) - pl.col("_seconds_then").fill_null(0)) / 60).alias(f"minutes_last{days}d"),
            (pl.col("_games").fill_null(0) - pl.col("_games_then").fill_null(0)).alias(f"games_last{days}d"),
        ).drop("_day", "_seconds_then", "_games_then")
    return rows.drop("_seconds", "_games")


def _returns(rows: pl.DataFrame, games: pl.DataFrame, history: History) -> pl.DataFrame:
    rows = add_missed(rows, games, history)
    past = games.join(_team_game_numbers(history), on=["game_id", "team_id"], how="left")
    gaps = asof.since_gap(past, "player_id", ("season", "team_id"), "team_season_games", LONG_ABSENCE)
    return asof.last_before(rows, gaps, ["player_id"], {"since": "games_since_return", "gap": "last_absence_games"})


def add_missed(rows: pl.DataFrame, games: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with team_games_missed and new_team_flag.

    Args:
        rows: season, game_id, game_date, team_id, player_id.
        games: `played` of at least these players.
        history: the clean tables.
    """
    numbered = _team_game_numbers(history)
    last = games.join(numbered, on=["game_id", "team_id"], how="left").sort("game_date", "game_id")
    names = {"season": "_season", "team_id": "_team", "team_season_games": "_index"}
    rows = asof.last_before(rows, last, ["player_id"], names)
    rows = rows.join(numbered.rename({"team_season_games": "_coming"}), on=["game_id", "team_id"], how="left", maintain_order="left")
    at_home = pl.col("_team") == pl.col("team_id")
    this_season = at_home & (pl.col("_season") == pl.col("season"))
    missed = pl.when(this_season).then(pl.col("_coming") - pl.col("_index") - 1).when(at_home).then("_coming")
    new = (~at_home).fill_null(False).cast(pl.Int8)
    rows = rows.with_columns(missed.alias("team_games_missed"), new.alias("new_team_flag"))
    return rows.drop("_season", "_team", "_index", "_coming")


def _team_game_numbers(history: History) -> pl.DataFrame:
    return asof.games_before(history.team_games()).select("game_id", "team_id", "team_season_games")
