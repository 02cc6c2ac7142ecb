"""gold.play_style: a player's role by the newest estimate and shot profile, as of the day before the game.

Belongs here: the player's side of a matchup. Does not belong here: the opponent's (`opponent_allowed.py`), both together
(`style_matchup.py`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rates_lib.features.history import History
from rates_lib.features.paint import paint_rates
from rates_lib.features.player_rates import RATE_STATS, shrunk_rates
from rates_lib.features.player_role import roles_of
from rates_lib.features.positions import add_positions
from rates_lib.features.role_profile import TRACKED, tracking_totals
from rates_lib.features.roster import candidates
from rates_lib.schemas.tables import TABLES

HALF_LIFE = 30


def build(history: History, games: pl.DataFrame) -> pl.DataFrame:
    """Roles and shot profiles of the candidates of `games`: gold.play_style rows, sorted by season, game_id, player_id."""
    rows = roles_of(add_positions(candidates(history, games), history), history)
    rates, _, _ = shrunk_rates(rows, history, [HALF_LIFE])
    rate = {stat: rates[:, 0, i] for i, stat in enumerate(RATE_STATS)}
    shots = rate["fga2"] + rate["fga3"]
    paint = paint_rates(rows, history)
    rows = tracking_totals(rows, history).with_columns(
        pl.Series("style_3pa_share", rate["fga3"] / shots),
        pl.Series("style_fta_per_fga", rate["fta"] / shots),
        pl.Series("style_paint_pts_per_min", paint, nan_to_null=True),
        pl.Series("style_paint_share", paint / np.maximum(rate["pts"], 1e-9), nan_to_null=True),
    )
    count = {c: pl.col(f"_t_{c}") for c in TRACKED}
    minutes, known_shots = count["minutes_tracking"], count["catch_shoot_fga"] + count["pull_up_fga"]
    return rows.with_columns(
        pl.when(known_shots > 0).then(count["catch_shoot_fga"] / known_shots).alias("style_catch_shoot_share"),
        (count["catch_shoot_fga"] / minutes).alias("style_catch_shoot_per_min"),
        (count["pull_up_fga"] / minutes).alias("style_pull_up_per_min"),
        (count["drives"] / minutes).alias("style_drives_per_min"),
        ((count["paint_touches"] + count["post_touches"]) / minutes).alias("style_inside_touches_per_min"),
    ).select(TABLES["gold.play_style"].columns)
