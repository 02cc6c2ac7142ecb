"""Rules of basketball that every world must obey, checked over the rows of sims.worlds.

Belongs here: rules across rows of a team or a game. Does not belong here: rules of one row's schema (`schemas/`), drawing (`worlds.py`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.core.basketball import FOULS_ALLOWED, PLAYERS, TEAM_OVERTIME_SECONDS, TEAM_SECONDS, points, team_seconds
from rates_lib.core.stats import WORLD_COUNTS
from rates_lib.schemas.rules import MADE_AND_TRIED

_WORLD = ["game_id", "world"]
_TEAM = [*_WORLD, "team_id"]


def impossible(rows: pl.DataFrame) -> dict[str, int]:
    """The number of rows, teams or worlds that break each rule.

    Args:
        rows: rows of sims.worlds, whole worlds.

    Returns:
        Count by description of the broken rule; empty if no rule is broken.
    """
    players = rows.with_columns(pl.col("seconds", *WORLD_COUNTS).cast(pl.Int32)).with_columns(
        ((pl.col("seconds").sum().over(_TEAM) - TEAM_SECONDS) // TEAM_OVERTIME_SECONDS).clip(0).alias("overtimes")
    )
    teams = players.group_by(*_TEAM, "overtimes").agg(pl.col("seconds", *WORLD_COUNTS).sum(), pl.len().alias("players"))
    missed2, missed3 = pl.col("fga2") - pl.col("fg2m"), pl.col("fga3") - pl.col("fg3m")
    teams = teams.with_columns(missed2.alias("missed2"), (missed2 + missed3 + pl.col("fta") - pl.col("ftm")).alias("missed"))
    both = teams.join(teams, on=_WORLD, suffix="_opp").filter(pl.col("team_id") != pl.col("team_id_opp"))
    mates = players.join(teams.select(*_TEAM, (pl.col("fg2m") + pl.col("fg3m")).alias("baskets")), on=_TEAM)
    worlds = teams.group_by(_WORLD).len()
    violations = {
        "more made than tried": (players, pl.any_horizontal(pl.col(made) > pl.col(tried) for made, tried in MADE_AND_TRIED)),
        "points that are not 2 x twos + 3 x threes + throws": (
            players,
            pl.col("pts") != points(pl.col("fg2m"), pl.col("fg3m"), pl.col("ftm")),
        ),
        "more than six fouls": (players, pl.col("pf") > FOULS_ALLOWED),
        "a player without seconds": (players, pl.col("seconds") < 1),
        "a player who plays longer than the game": (players, pl.col("seconds") > team_seconds(pl.col("overtimes")) // PLAYERS),
        "not five on the floor all the time": (teams, pl.col("seconds") != team_seconds(pl.col("overtimes"))),
        "fewer than five players": (teams, pl.col("players") < PLAYERS),
        "not two teams": (worlds, pl.col("len") != 2),
        "teams that do not play equally long": (both, pl.col("overtimes") != pl.col("overtimes_opp")),
        "a tie": (both, pl.col("pts") == pl.col("pts_opp")),
        "an assist without a basket": (both, pl.col("ast") > pl.col("fg2m") + pl.col("fg3m")),
        "an assist to oneself": (mates, pl.col("ast") > pl.col("baskets") - pl.col("fg2m") - pl.col("fg3m")),
        "a block without a missed two": (both, pl.col("blk") > pl.col("missed2_opp")),
        "a steal without a turnover": (both, pl.col("stl") > pl.col("tov_opp")),
        "a rebound without a miss": (both, pl.col("oreb") + pl.col("dreb_opp") > pl.col("missed")),
    }
    return {rule: n for rule, (frame, wrong) in violations.items() if (n := frame.filter(wrong).height)}
