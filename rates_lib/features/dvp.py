"""gold.dvp: defence versus position: counts that a team allows players of each position, over the expected counts.

Belongs here: the table for positions, and the columns it shares with that for roles (`dvp_role.py`). Does not belong here: the ratios
(`allowed.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import PLAYERS, REGULATION_MINUTES, plays
from rates_lib.features.allowed import ALLOWED_CARRY, allowed_ratios
from rates_lib.features.history import History, team_rows
from rates_lib.features.player_rates import RATE_STATS, Floats, position_means
from rates_lib.features.team_form import team_history
from rates_lib.schemas.columns import DVP_STATS, POSITIONS
from rates_lib.schemas.tables import TABLES

HALF_LIFE = 25
STRENGTH_GAMES = 8.0
FIRST_DAY_PACE = 98.0  # possessions per 48 minutes, before any game is known
_PACE = ("plays", "fta", "seconds")
_TEAM_MINUTE = 60 * PLAYERS  # seconds that a team plays in a minute of a game


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Counts that both teams of `games` allow each position: gold.dvp rows, sorted by season, game_id, team_id, position_primary."""
    rows = against_groups(history, games, "position_primary", POSITIONS)
    return with_allowed(rows, position_means(rows, history), history).select(TABLES["gold.dvp"].columns)


def against_groups(history: History, games: pl.DataFrame, group: str, names: Sequence[str]) -> pl.DataFrame:
    """Ratios and ranks of both teams of `games` against each position (role).

    Args:
        history: the clean tables.
        games: season, game_id, game_date, home_team_id, away_team_id.
        group: position_primary or player_role.
        names: its values.

    Returns:
        season, game_id, game_date, team_id, opponent_id, home_flag, `group`, dvp_<stat>_ratio and dvp_<stat>_rank of DVP_STATS, sorted by
        season, game_id, team_id, `group`.
    """
    groups = pl.DataFrame({group: sorted(names)}, schema={group: pl.String})
    league = _league(history, games.select("season", "game_date").unique()).join(groups, how="cross")
    defending = league.with_columns(pl.col("team_id").alias("opponent_id"))
    ratios = allowed_ratios(defending, history, ["opponent_id", group], [HALF_LIFE], STRENGTH_GAMES)[:, 0]
    league = league.with_columns(pl.Series(f"dvp_{s}_ratio", ratios[:, RATE_STATS.index(s)]) for s in DVP_STATS).with_columns(
        pl.col(f"dvp_{s}_ratio").rank("min", descending=True).over("game_date", group).cast(pl.Int64).alias(f"dvp_{s}_rank")
        for s in DVP_STATS
    )
    sides = team_rows(games).join(groups, how="cross").sort("season", "game_id", "team_id", group)
    return sides.join(league, on=["season", "game_date", "team_id", group], how="left", maintain_order="left")


def with_allowed(rows: pl.DataFrame, means: Floats, history: History) -> pl.DataFrame:
    """`rows` of `against_groups` with allowed_<stat>_per_36 and _per_100.

    Args:
        rows: result of `against_groups`.
        means: (rows, len(RATE_STATS)) counts per minute of an average player of the group.
        history: the clean tables.
    """
    pace = possessions_per_min(rows, history)
    per_36 = {s: 36 * means[:, RATE_STATS.index(s)] * rows[f"dvp_{s}_ratio"].to_numpy() for s in DVP_STATS}
    return rows.with_columns(
        *(pl.Series(f"allowed_{s}_per_36", per_36[s]) for s in DVP_STATS),
        *(pl.Series(f"allowed_{s}_per_100", 100 * per_36[s] / (36 * pace)) for s in DVP_STATS),
    )


def possessions_per_min(rows: pl.DataFrame, history: History) -> Floats:
    """Possessions of a side per minute of the team's games before the rows' dates, decayed and shrunk to the league's.

    Args:
        rows: season, game_date, team_id.
        history: the clean tables.

    Returns:
        (rows,), about 2.
    """
    played = team_history(history)
    both = plays(pl.col("plays") + pl.col("opp_plays"), pl.col("fta") + pl.col("opp_fta")) / 2
    games = played.with_columns(both.alias("_possessions"), (pl.col("seconds") / _TEAM_MINUTE).alias("_minutes"))
    totals = asof.decayed_totals(games, ["team_id"], ["_possessions", "_minutes"], [HALF_LIFE], carry=ALLOWED_CARRY)
    own = asof.decayed_before(rows, totals)[:, 0]
    league = asof.league_totals_before(rows.select("season", "game_date"), played, _PACE, "_")
    seconds = league["_seconds"].to_numpy()
    possessions = plays(league["_plays"].to_numpy(), league["_fta"].to_numpy())
    known = (seconds > 0) & (possessions > 0)
    mean = np.where(known, _TEAM_MINUTE * possessions / np.where(known, seconds, 1), FIRST_DAY_PACE / REGULATION_MINUTES)
    strength = REGULATION_MINUTES * STRENGTH_GAMES
    return np.asarray((own[:, 0] + strength * mean) / (own[:, 1] + strength), dtype=np.float64)


def _league(history: History, days: pl.DataFrame) -> pl.DataFrame:
    """The teams of the league on each day: those with a game in the previous season or, up to the day, in this one; sorted."""
    first = history.team_games().group_by("season", "team_id").agg(pl.col("game_date").min().alias("_first"))
    later = first.with_columns(pl.col("season") + 1)
    teams = pl.concat([first, later]).group_by("season", "team_id").agg(pl.col("_first").min())
    rows = days.join(teams, on="season", how="inner").filter(pl.col("_first") <= pl.col("game_date"))
    return rows.drop("_first").sort("season", "game_date", "team_id")
