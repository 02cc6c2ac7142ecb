"""Summaries of a game's worlds: means, spreads, quantiles and tails by player, chances of the game, correlations.

A player who does not play in a world counts as zero in it.

Belongs here: reductions of a drawn game. Does not belong here: drawing (`worlds.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.basketball import TEAM_SECONDS
from rates_lib.core.stats import SUMMARISED, of_kind, of_world
from rates_lib.schemas.tables import TABLES
from rates_lib.schemas.validate import check
from rates_lib.sim.player_means import STAMP
from rates_lib.sim.worlds import Drawn

Floats = NDArray[np.float64]

QUANTILES = (5, 10, 25, 50, 75, 90, 95)
TAIL = 0.0005  # chances within this of 0 or 1 are left out: they rest on too few worlds
PAIRED = ("pts", "reb", "ast")
PAIRED_MINUTES = 12.0  # least mean minutes of both players of a correlation

_PLAYER = ("season", "game_date", "game_id", "team_id", "player_id", "player_name", *STAMP)


def values_of(drawn: Drawn, stat: str) -> Floats:
    """One of `core.stats.STATS` of every player in every world, shape (players, worlds)."""
    return of_world(stat, lambda name: (drawn.seconds if name == "seconds" else drawn.count(name)).astype(np.float64))


def summarise_players(drawn: Drawn, players: pl.DataFrame) -> pl.DataFrame:
    """Mean, standard deviation and quantiles of every player's statistics over all worlds of a game.

    Args:
        drawn: the worlds.
        players: rows of predictions.player_box (its stamp names both models), of this game or of more; players without worlds get zeros.

    Returns:
        Rows of sims.player_summary, sorted by key. A quantile is a value that occurs: the smallest one not exceeded in at least that
        share of the worlds.
    """
    spec = TABLES["sims.player_summary"]
    rows = players.filter(pl.col("game_id") == drawn.slot.game_id)
    index = _index(drawn, rows)
    n = drawn.seconds.shape[1]
    parts = []
    for stat in SUMMARISED:
        values = np.zeros((rows.height, n))
        values[index >= 0] = values_of(drawn, stat)[index[index >= 0]]
        parts.append(rows.select(*_PLAYER).with_columns(pl.lit(stat).alias("stat"), **_reduce(values)))
    return check(pl.concat(parts).select(spec.columns), spec.name)


def summarise_tails(drawn: Drawn) -> pl.DataFrame:
    """Chance of at least k of each count: rows of sims.player_tails, sorted by key."""
    n = drawn.seconds.shape[1]
    parts = []
    for stat in of_kind(SUMMARISED, "count", "combination"):
        values = values_of(drawn, stat).astype(np.int64)
        for player_id, row in zip(drawn.slot.player_ids, values, strict=True):
            above = np.cumsum(np.bincount(row)[::-1])[::-1][1:] / n
            shown = np.flatnonzero((above >= TAIL) & (above <= 1 - TAIL))
            parts.append(pl.DataFrame({"player_id": player_id, "stat": stat, "at_least": shown + 1, "at_least_prob": above[shown]}))
    return _of_game(pl.concat(parts), drawn, "sims.player_tails")


def summarise_game(drawn: Drawn, games: pl.DataFrame, stamp: pl.DataFrame, lines: pl.DataFrame | None = None) -> pl.DataFrame:
    """Chances, mean score and quantiles of a game.

    Args:
        drawn: the worlds.
        games: season, game_date, game_id, home_team_id, away_team_id, of this game or of more.
        stamp: rows with game_id and the stamp, the same within a game (predictions.player_box).
        lines: game_id, spread_home, total known as of the stamp; none if None.

    Returns:
        One row of sims.game_summary; margin is home minus away. A push counts as half a cover or over. No row if `games` lacks the
        game.
    """
    spec = TABLES["sims.game_summary"]
    this = pl.col("game_id") == drawn.slot.game_id
    game = games.filter(this)
    if game.is_empty():
        return spec.empty()
    row = game.row(0, named=True) | stamp.filter(this).select(STAMP).row(0, named=True)
    known = [] if lines is None else lines.filter(this).select("spread_home", "total").rows()
    spread, total = known[0] if known else (None, None)
    home, away = drawn.home_and_away(row["home_team_id"])
    first = drawn.seconds[: drawn.slot.means.first].sum(axis=0, dtype=np.int64)
    margin, both = (home - away).astype(np.float64), (home + away).astype(np.float64)
    row |= {
        "worlds": len(home),
        "home_win_prob": _above(margin, 0.0),
        "overtime_prob": float(np.mean(first > TEAM_SECONDS)),
        "home_pts_mean": float(home.mean()),
        "away_pts_mean": float(away.mean()),
        "home_away_correlation": _correlation(home, away),
        "spread_home": spread,
        "total": total,
        "home_cover_prob": None if spread is None else _above(margin, -spread),
        "over_prob": None if total is None else _above(both, total),
    }
    for name, values in (("margin", margin), ("total", both)):
        reduced = _reduce(values[None, :])
        row |= {f"{name}_{k}": reduced[k][0] for k in ("mean", "sd", "p10", "p50", "p90")}
    return check(pl.DataFrame([{c: row[c] for c in spec.columns}], schema=spec.schema), spec.name)


def summarise_pairs(drawn: Drawn) -> pl.DataFrame:
    """Correlations of `PAIRED` of players with at least `PAIRED_MINUTES`: rows of sims.correlations, sorted by key, each pair once."""
    ids = np.array(drawn.slot.player_ids)
    part = np.flatnonzero(drawn.seconds.mean(axis=1) >= 60 * PAIRED_MINUTES)
    part = part[np.argsort(ids[part])]
    values = np.stack([values_of(drawn, stat)[part] for stat in PAIRED], axis=1).reshape(-1, drawn.seconds.shape[1])
    values -= values.mean(axis=1, keepdims=True)
    length = np.sqrt(np.einsum("iw,iw->i", values, values))
    together = np.einsum("iw,jw->ij", values, values) / np.maximum(np.outer(length, length), 1e-12)
    one, other = np.triu_indices(len(values), 1)
    names = np.array(PAIRED)
    pairs = pl.DataFrame(
        {
            "player_id": ids[part[one // len(PAIRED)]],
            "stat": names[one % len(PAIRED)],
            "other_player_id": ids[part[other // len(PAIRED)]],
            "other_stat": names[other % len(PAIRED)],
            "correlation": together[one, other],
        }
    )
    return _of_game(pairs, drawn, "sims.correlations")


def _of_game(rows: pl.DataFrame, drawn: Drawn, table: str) -> pl.DataFrame:
    """`rows` of a drawn game as checked rows of `table`."""
    keys = {"game_date": pl.lit(drawn.slot.game_date), "game_id": pl.lit(drawn.slot.game_id), "worlds": pl.lit(drawn.seconds.shape[1])}
    return check(rows.with_columns(**keys).select(pl.col(c).cast(t) for c, t in TABLES[table].schema.items()), table)


def lines_as_of(odds_game: pl.DataFrame, stamp: pl.DataFrame) -> pl.DataFrame:
    """The newest spread and total of each game published by its `as_of_utc`.

    Args:
        odds_game: rows of silver.odds_game.
        stamp: game_id and as_of_utc.

    Returns:
        game_id, spread_home, total; games without a line by then are missing.
    """
    clock = stamp.select("game_id", "as_of_utc").unique("game_id", keep="first", maintain_order=True)
    known = odds_game.join(clock, on="game_id", how="inner").filter(pl.col("published_utc") <= pl.col("as_of_utc"))
    newest = known.sort("game_id", "published_utc", "as_of").unique("game_id", keep="last", maintain_order=True)
    return newest.select("game_id", "spread_home", "total")


def summaries(
    drawn: Drawn, box: pl.DataFrame, games: pl.DataFrame, lines: pl.DataFrame | None = None
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every summary of a drawn game, as (table, rows)."""
    yield "sims.player_summary", summarise_players(drawn, box)
    yield "sims.player_tails", summarise_tails(drawn)
    yield "sims.game_summary", summarise_game(drawn, games, box, lines)
    yield "sims.correlations", summarise_pairs(drawn)


def _index(drawn: Drawn, rows: pl.DataFrame) -> NDArray[np.int64]:
    """Index of each row's player in `drawn`; -1 for players without worlds."""
    place = {player: i for i, player in enumerate(drawn.slot.player_ids)}
    return np.array([place.get(player, -1) for player in rows["player_id"]], dtype=np.int64)


def _above(values: Floats, line: float) -> float:
    return float((2 * np.count_nonzero(values > line) + np.count_nonzero(values == line)) / (2 * len(values)))


def _correlation(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    x, y = one - one.mean(), other - other.mean()
    length = np.sqrt((x * x).sum() * (y * y).sum())
    return float((x * y).sum() / length) if length > 0 else 0.0


def _reduce(values: Floats) -> dict[str, pl.Series]:
    """The columns worlds, mean, sd, p5 … p95 from an array (row, world)."""
    n = values.shape[1]
    ordered = np.sort(values, axis=1)
    columns = {"mean": values.mean(axis=1), "sd": values.std(axis=1)}
    columns |= {f"p{q}": ordered[:, -(-q * n // 100) - 1] for q in QUANTILES}
    return {"worlds": pl.Series([n] * len(values), dtype=pl.Int64)} | {k: pl.Series(v) for k, v in columns.items()}
