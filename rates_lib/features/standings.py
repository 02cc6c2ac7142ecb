"""Standings: a team's record as of the day before, and its distance to the lines of the play-in and the playoffs.

A team is out of the first k places of its conference once k others have more wins than it can still reach, and has clinched one if at most
k - 1 others can still reach its wins. Ties stay open: the league's tie-breakers are not modelled.

Belongs here: standings. Does not belong here: a team's strength (`team_strength.py`).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib import asof
from rates_lib.features.history import History
from rates_lib.features.schedule_load import conferences

GAMES = {2011: 66, 2020: 72}  # of a team in a season; else 82; not from the schedule: a source may hold only games played
FULL_SEASON = 82
PLAY_IN_FROM = 2020  # from this season on places 7 to 10 play for the last two of eight; before, the first eight qualified
RECENT = 10
STANDINGS = (
    "games_played", "win_pct", "recent_win_pct", "margin_per_game", "games_left", "season_progress", "conference_rank",
    "wins_above_playoff_line", "wins_above_play_in_line", "eliminated_flag", "clinched_flag", "locked_flag",
)  # fmt: skip

Floats = NDArray[np.float64]


def add_standings(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with STANDINGS, as of the day before; percentages and margins are null before a team's first game.

    Args:
        rows: season, game_date, team_id.
        history: the clean tables.
    """
    results = history.team_game.with_columns(
        (pl.col("pts") > pl.col("opp_pts")).cast(pl.Int64).alias("_won"), (pl.col("pts") - pl.col("opp_pts")).alias("_margin")
    )
    by = ["season", "team_id"]
    totals = asof.running_totals(results, by, ["_won", "_margin"])
    recent = asof.last_totals(results, by, ["_won"], RECENT)
    table = _tables(rows, history, totals)
    rows = asof.last_before(rows, totals, by, {"_margin": "_margins", "games": "_played"})
    rows = asof.last_before(rows, recent, by, {"_won": "_recent", "games": "_of"})
    rows = rows.join(table, on=["season", "game_date", "team_id"], how="left", maintain_order="left")
    return rows.with_columns(
        (pl.col("_recent") / pl.col("_of")).alias("recent_win_pct"),
        (pl.col("_margins") / pl.col("_played")).alias("margin_per_game"),
    ).drop("_margins", "_played", "_recent", "_of")


def _tables(rows: pl.DataFrame, history: History, totals: pl.DataFrame) -> pl.DataFrame:
    """The standings of every conference on every day of `rows`: `_KEPT`."""
    days = rows.select("season", "game_date").unique().sort("season", "game_date")
    grid = conferences(history).join(days, on="season", how="inner").sort("season", "game_date", "team_id")
    grid = asof.last_before(grid, totals, ["season", "team_id"], {"_won": "wins", "games": "games_played"})
    grid = grid.with_columns(pl.col("wins", "games_played").fill_null(0))
    parts = [_conference(part) for part in grid.partition_by("season", "conference", maintain_order=True)]
    empty = grid.clear().with_columns(pl.lit(None, t).alias(c) for c, t in _SCHEMA.items())
    return pl.concat([empty.select(_KEPT), *(part.select(_KEPT) for part in parts)])


_SCHEMA = {
    "win_pct": pl.Float64, "games_left": pl.Int64, "season_progress": pl.Float64, "conference_rank": pl.Float64,
    "wins_above_playoff_line": pl.Float64, "wins_above_play_in_line": pl.Float64, "eliminated_flag": pl.Int8, "clinched_flag": pl.Int8,
    "locked_flag": pl.Int8,
}  # fmt: skip
_KEPT = ("season", "game_date", "team_id", "games_played", *_SCHEMA)


def _conference(part: pl.DataFrame) -> pl.DataFrame:
    """One conference of one season on all days; `part` is sorted by day and team."""
    season, known = int(part["season"].item(0)), part["conference"].item(0) is not None
    days = part["game_date"].n_unique()
    shape = (days, part.height // days)
    wins = part["wins"].to_numpy().astype(np.float64).reshape(shape)
    played = part["games_played"].to_numpy().astype(np.float64).reshape(shape)
    left = np.maximum(GAMES.get(season, FULL_SEASON) - played, 0.0)
    losses = played - wins
    most = wins + left
    # half games ahead of each other team, as standings count them
    ahead = ((wins[:, :, None] - wins[:, None, :]) + (losses[:, None, :] - losses[:, :, None])) / 2
    above = (wins[:, None, :] > most[:, :, None]).sum(axis=2)  # other teams out of reach
    reach = (most[:, None, :] >= wins[:, :, None]).sum(axis=2) - 1  # other teams that can still reach this one
    others = shape[1] - 1
    last_in, last_playing = (6, 10) if season >= PLAY_IN_FROM else (8, 8)
    columns = {
        "win_pct": np.where(played > 0, wins / np.maximum(played, 1.0), np.nan),
        "games_left": left,
        "season_progress": played / (played + left),
        "conference_rank": 1.0 + (ahead < 0).sum(axis=2) + ((ahead == 0).sum(axis=2) - 1) / 2,
        "wins_above_playoff_line": _above_line(ahead, last_in),
        "wins_above_play_in_line": _above_line(ahead, last_playing),
        "eliminated_flag": (above >= last_playing) & (others >= last_playing),
        "clinched_flag": (reach < last_in) & (others >= last_in),
        "locked_flag": (above + (others - reach) >= others) & (left > 0),
    }
    flat = {name: np.asarray(values, dtype=np.float64).ravel() for name, values in columns.items()}
    table = part.with_columns(pl.Series(name, values).fill_nan(None).cast(_SCHEMA[name]) for name, values in flat.items())
    only_known = ("conference_rank", "wins_above_playoff_line", "wins_above_play_in_line")
    if not known:  # teams missing in the list have no conference, hence no place
        table = table.with_columns(
            *(pl.lit(None, _SCHEMA[c]).alias(c) for c in only_known),
            *(pl.lit(0, pl.Int8).alias(c) for c in ("eliminated_flag", "clinched_flag", "locked_flag")),
        )
    return table


def _above_line(ahead: Floats, places: int) -> Floats:
    """Games ahead of the last team inside the line, or for teams inside it of the first outside; 0 in conferences no larger."""
    if ahead.shape[1] <= places:
        return np.zeros(ahead.shape[:2])
    ordered = np.sort(ahead, axis=2)  # games ahead of each other team and of itself (0), the strongest team first
    rank = (ahead < 0).sum(axis=2)
    of_last_in, of_first_out = ordered[:, :, places - 1], ordered[:, :, places]
    return np.where(rank < places, of_first_out, of_last_in)
