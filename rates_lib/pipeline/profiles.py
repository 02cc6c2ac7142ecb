"""predictions.player_profile: form of a player before the game, in common units.

Belongs here: unit conversions of existing features (per game, per 36 minutes, percentages). Does not belong here: history
(`features/`), predictions (`projections.py`).
"""

from __future__ import annotations

import polars as pl

from rates_lib.core.basketball import plays
from rates_lib.features.lineup import newest_impact
from rates_lib.schemas.tables import PLAYER_IMPACT, PROFILE_COUNTS, TABLES


def profiles_of(features: pl.DataFrame, player_impact: pl.DataFrame) -> pl.DataFrame:
    """Profiles of candidates.

    Args:
        features: rows of `assemble.player_features` with player_name, as_of_utc and tipoff_utc.
        player_impact: `History.player_impact`, without estimates of later days.

    Returns:
        Rows of predictions.player_profile, sorted by key. A value is null if its feature is null; a share is null without shots.
    """
    rate = {s: pl.col(f"season_{s}_per_min") for s in PROFILE_COUNTS}
    decayed = {s: pl.col(f"{s}_per_min_hl30") for s in ("fga2", "fga3", "fg2m", "fg3m")}
    shots = decayed["fga2"] + decayed["fga3"]
    frame = newest_impact(features, player_impact, PLAYER_IMPACT).with_columns(
        *((rate[s] * pl.col("season_mpg")).alias(f"season_{s}_per_game") for s in PROFILE_COUNTS),
        *((36 * rate[s]).alias(f"season_{s}_per_36") for s in PROFILE_COUNTS),
        _ratio(rate["3pa"], rate["fga"]).alias("season_3pa_share"),
        _ratio(rate["fta"], rate["fga"]).alias("season_fta_per_fga"),
        _ratio(rate["pts"], 2 * plays(rate["fga"], rate["fta"])).alias("season_ts_pct"),
        _ratio(decayed["fg2m"] + 1.5 * decayed["fg3m"], shots).alias("efg_pct_hl30"),
    )
    spec = TABLES["predictions.player_profile"]
    return frame.select(spec.columns).sort(spec.key)


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)
