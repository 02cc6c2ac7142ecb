"""Strength of the expected line-up: expected minutes x decayed rates and impact, summed over a team's first ten players.

Belongs here: sums over expected minutes of whole teams, and the same sums of past games. Does not belong here: the models of minutes
(`models/`), ratings from results (`team_strength.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from rates_lib import asof
from rates_lib.core.basketball import PLAYERS, REGULATION_MINUTES, TEAM_MINUTES, plays, points
from rates_lib.features.history import IMPACTS, History
from rates_lib.features.impact.config import UNSEEN_DEF_PER_100, UNSEEN_OFF_PER_100, UNSEEN_PER_100
from rates_lib.schemas.columns import LINEUP, RATE_TARGETS

TOP = 10
SHOTS = ("fg2m", "fg3m", "ftm")
IMPACT_NAMES = dict(zip(IMPACTS, ("impact_off", "impact_def", "impact"), strict=True))
_UNSEEN = dict(zip(IMPACTS, (UNSEEN_OFF_PER_100, UNSEEN_DEF_PER_100, UNSEEN_PER_100), strict=True))
_TEAM = ["season", "game_id", "game_date", "team_id"]
_RATES = tuple(f"{s}_per_min_hl{h}" for s in (*RATE_TARGETS, *SHOTS) for h in (10, 30))
COLUMNS = (
    *_TEAM, "player_id", "foreseen_flag", "minutes_rank_blind", "minutes_share_blind", "minutes_weight_hl30", "pf_per_min_hl30",
    *_RATES,
)  # fmt: skip
"""Columns of a candidate row that `lineup_strength` reads, besides play_prob and minutes_expected_p50."""


def newest_impact(rows: pl.DataFrame, player_impact: pl.DataFrame, columns: Sequence[str] = IMPACTS) -> pl.DataFrame:
    """`rows` with `columns` of the newest estimate dated on or before their day, which rests on games before that date.

    Args:
        rows: game_date, player_id.
        player_impact: `History.player_impact`, sorted by estimate_date.
        columns: of player_impact.

    Returns:
        `rows` in their order; null for players without an estimate.
    """
    states = player_impact.sort("estimate_date", "player_id").with_columns(pl.col("estimate_date").alias("game_date"))
    rows = rows.with_columns((pl.col("game_date") + pl.duration(days=1)).alias("_day_after"))
    return asof.last_before(rows, states, ["player_id"], {c: c for c in columns}, on="_day_after").drop("_day_after")


def add_impact(rows: pl.DataFrame, player_impact: pl.DataFrame) -> pl.DataFrame:
    """`newest_impact`, with the values of `rates_lib.features.impact.config` for players without an estimate."""
    return newest_impact(rows, player_impact).with_columns(pl.col(c).fill_null(value) for c, value in _UNSEEN.items())


def expected_minutes() -> pl.Expr:
    """Expected minutes of a candidate: play_prob x minutes_expected_p50, or minutes_share_blind where no model predicts them.

    At most 44; 0 for players who were not foreseen before the game.
    """
    at_hand = pl.when(pl.col("minutes_rank_blind").is_not_null()).then(pl.col("minutes_share_blind")).otherwise(0.0)
    expected = (pl.col("play_prob") * pl.col("minutes_expected_p50")).fill_null(at_hand)
    return asof.exact(expected.clip(0, 44)) * pl.col("foreseen_flag")


def lineup_strength(features: pl.DataFrame, player_impact: pl.DataFrame) -> pl.DataFrame:
    """Expected counts and impact of a team's first ten players by expected minutes, which are scaled to a sum of 240.

    Args:
        features: candidates of whole teams with COLUMNS, play_prob and minutes_expected_p50.
        player_impact: see `add_impact`.

    Returns:
        game_id, team_id and LINEUP, one row per team with a foreseen player, sorted. Sums are of rounded floats: exact in any order.
    """
    wanted = [*COLUMNS, "play_prob", "minutes_expected_p50"]
    rows = features.filter(pl.col("foreseen_flag") == 1).select(wanted).sort("game_id", "team_id", "player_id")
    rows = rows.with_columns(expected_minutes().alias("_known"))
    of_team = ["game_id", "team_id"]
    rows = rows.with_columns(pl.col("_known").rank("ordinal", descending=True).over(of_team).alias("_rank"))
    rows = rows.with_columns(pl.when(pl.col("_rank") <= TOP).then("_known").otherwise(0.0).alias("_counted"))
    rows = rows.with_columns(
        asof.exact(TEAM_MINUTES * pl.col("_counted") / pl.col("_counted").sum().over(of_team).clip(lower_bound=120)).alias("_m")
    )
    rows = add_impact(rows, player_impact)
    per_min = {s: (pl.col(f"{s}_per_min_hl10") + pl.col(f"{s}_per_min_hl30")) / 2 for s in (*RATE_TARGETS, *SHOTS)}
    per_min["pf"] = pl.col("pf_per_min_hl30")
    per_min["pts"] = points(per_min["fg2m"], per_min["fg3m"], per_min["ftm"])
    per_min["possessions"] = plays(per_min["fga2"] + per_min["fga3"] - per_min["oreb"] + per_min["tov"], per_min["fta"])
    per_min |= {name: pl.col(c) / REGULATION_MINUTES for c, name in IMPACT_NAMES.items()}
    count = {name: asof.exact(pl.col("_m") * rate) for name, rate in per_min.items()}
    return (
        rows.group_by(of_team)
        .agg(
            *(value.sum().alias(f"lineup_{name}") for name, value in count.items()),
            (asof.exact(pl.col("_m") ** 2).sum() / TEAM_MINUTES).alias("lineup_concentration"),
            (asof.exact(pl.col("_m") * pl.col("minutes_weight_hl30")).sum() / TEAM_MINUTES).alias("lineup_experience"),
            pl.when(pl.col("_rank") <= 5).then("_m").otherwise(0.0).sum().alias("lineup_top5_minutes"),
            *(count[name].max().alias(f"lineup_star_{name}") for name in ("pts", "ast", "impact")),
            pl.col("_known").sum().alias("lineup_expected_minutes"),
        )
        .select(*of_team, *LINEUP)
        .sort(of_team)
    )


def past_impact(history: History) -> pl.DataFrame:
    """Minutes-weighted impact of the players of each past team-game: season, game_id, game_date, team_id and `IMPACT_NAMES`.

    Each player counts with the newest estimate of the day. These are outcomes: only `asof` may join a row to them.
    """
    seconds = history.team_game.select("game_id", "team_id", pl.col("seconds").alias("_team_seconds"))
    played = history.appearances().select(*_TEAM, "player_id", "seconds").join(seconds, on=["game_id", "team_id"])
    rows = add_impact(played, history.player_impact)
    share = PLAYERS * pl.col("seconds") / pl.col("_team_seconds")
    return rows.group_by(_TEAM).agg(asof.exact(share * pl.col(c)).sum().alias(name) for c, name in IMPACT_NAMES.items())
