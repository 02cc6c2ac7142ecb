"""What is read off the worlds: means, spreads and quantiles by player and by game.

Belongs here: reductions of `sims.worlds`. Does not belong here: drawing worlds (`worlds.py`). A player without a row in a world did
not play in it and counts as zero.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.fantasy import SITES
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check
from rates_lib.sim.box import STAMP

Floats = NDArray[np.float64]

STATS = ("minutes", "pts", "reb", "ast", "fg3m", "stl", "blk", "tov", "pra", "dk_points")
QUANTILES = (5, 10, 25, 50, 75, 90, 95)
_COUNTS = ("seconds", "pts", "oreb", "dreb", "ast", "fg3m", "stl", "blk", "tov")


def summarise_players(worlds: pl.DataFrame, players: pl.DataFrame) -> pl.DataFrame:
    """Mean, standard deviation and quantiles of every player's statistics over all worlds of his game.

    Args:
        worlds: rows of sims.worlds.
        players: one row per player and game with names and stamp: predictions.player_box (its stamp names both models), or
            predictions.minutes. A player who plays in no world gets zeros.

    Returns:
        Rows of sims.player_summary, sorted by key. A quantile is a value that occurs: the smallest that at least that share of the
        worlds does not exceed.
    """
    parts = []
    by_game = worlds.partition_by("game_id", as_dict=True)
    for (game_id,), rows in players.sort("player_id").partition_by("game_id", as_dict=True, maintain_order=True).items():
        if (game_id,) not in by_game:
            continue
        stats = _by_stat(by_game[game_id,], rows["player_id"])
        who = rows.select("season", "game_date", "game_id", "team_id", "player_id", "player_name", *STAMP)
        parts += [who.with_columns(pl.lit(stat).alias("stat"), **_reduce(values)) for stat, values in stats.items()]
    spec = TABLES["sims.player_summary"]
    return check(pl.concat(parts).select(spec.columns), spec.name) if parts else spec.empty()


def summarise_games(worlds: pl.DataFrame, games: pl.DataFrame, stamp: pl.DataFrame) -> pl.DataFrame:
    """Win probability, margin and total of every game.

    Args:
        worlds: rows of sims.worlds.
        games: season, game_date, game_id, home_team_id, away_team_id of the slate.
        stamp: rows with game_id and the stamp, at least one per game, the same within a game (predictions.player_box).

    Returns:
        Rows of sims.game_summary, sorted by key; margin is home minus away. There is no overtime in these worlds: a tie counts half a
        win.
    """
    parts = []
    by_game = worlds.partition_by("game_id", as_dict=True)
    stamps = stamp.select("game_id", *STAMP).unique("game_id", keep="first", maintain_order=True)
    for row in games.sort("game_date", "game_id").join(stamps, on="game_id").iter_rows(named=True):
        if (row["game_id"],) not in by_game:
            continue
        rows = by_game[row["game_id"],]
        n = _number_of_worlds(rows)
        home, away = (
            np.bincount(side["world"].to_numpy(), side["pts"].to_numpy(), n).astype(np.float64)
            for side in (rows.filter(pl.col("team_id") == row[f"{s}_team_id"]) for s in ("home", "away"))
        )
        margin = home - away
        wins = (2 * np.count_nonzero(margin > 0) + np.count_nonzero(margin == 0)) / (2 * n)
        summary = {"worlds": n, "home_win_prob": wins}
        for name, values in (("margin", margin), ("total", home + away)):
            reduced = _reduce(values[None, :])
            summary |= {f"{name}_{k}": reduced[k][0] for k in ("mean", "sd", "p10", "p50", "p90")}
        parts.append(row | summary)
    spec = TABLES["sims.game_summary"]
    return check(pl.DataFrame([{c: p[c] for c in spec.columns} for p in parts], schema=spec.schema), spec.name)


def _number_of_worlds(rows: pl.DataFrame) -> int:
    return int(rows["world"].to_numpy().max()) + 1  # every world has players


def _by_stat(rows: pl.DataFrame, player_ids: pl.Series) -> dict[str, Floats]:
    """Statistic to an array (player, world) of a game, zero where a player does not play."""
    player = rows["player_id"].replace_strict(player_ids, pl.int_range(len(player_ids), eager=True)).to_numpy()
    world = rows["world"].to_numpy()
    count: dict[str, Floats] = {}
    for name in _COUNTS:
        dense = np.zeros((len(player_ids), _number_of_worlds(rows)))
        dense[player, world] = rows[name].to_numpy()
        count[name] = dense
    count["minutes"] = count["seconds"] / 60
    count["reb"] = count["oreb"] + count["dreb"]
    count["pra"] = count["pts"] + count["reb"] + count["ast"]
    count["dk_points"] = np.zeros_like(count["pts"])
    for name, weight in SITES["dk"].points.items():
        count["dk_points"] += weight * count[name]
    return {stat: count[stat] for stat in STATS}


def _reduce(values: Floats) -> dict[str, pl.Series]:
    """The columns worlds, mean, sd, p5 … p95 from an array (row, world)."""
    n = values.shape[1]
    ordered = np.sort(values, axis=1)
    mean = values.mean(axis=1)
    columns = {"mean": mean, "sd": values.std(axis=1)}
    columns |= {f"p{q}": ordered[:, -(-q * n // 100) - 1] for q in QUANTILES}
    return {"worlds": pl.Series([n] * len(values), dtype=pl.Int64)} | {k: pl.Series(v) for k, v in columns.items()}
