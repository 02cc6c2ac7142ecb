"""Tracking of each game: touches, passes, drives, chances.

Belongs here: counts that measure a player's part in the offence with less noise than the box score. Does not belong
here: the box score, which is an input.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from rates_lib.sources.synthetic.base import AST, COUNT, DREB, FGA2, FGA3, OREB, TRIP, Floats, Ints, landed
from rates_lib.sources.synthetic.cast import Cast
from rates_lib.sources.synthetic.season import Played

_DRIVES = np.array([0.34, 0.26, 0.17, 0.11, 0.05])  # per minute, by position
_POST = np.array([0.01, 0.015, 0.03, 0.08, 0.14])
_PULL_UP = np.array([0.42, 0.34, 0.24, 0.16, 0.05])  # of twos and threes alike
_FEET_PER_SEC = 6.6


def tracking_game(cast: Cast, position: Ints, played: Played, means: Floats, rate: Floats, *, rng: np.random.Generator) -> pl.DataFrame:
    """`leaguedashptstats_game`, one row per player who played.

    Args:
        cast: the season's games and rosters.
        position: positions by player number.
        played: the season.
        means: (n, 15, 13) expected counts.
        rate: (n, 15, 10) relative traits.
        rng: the season's stream.
    """
    row, place = np.nonzero(played.seconds > 0)
    minutes = played.seconds[row, place] / 60.0
    own, at, mean, had = rate[row, place], position[cast.roster[row, place]], means[row, place], played.counts[row, place]
    form = rng.gamma(1 / 0.08**2, 0.08**2, row.size)

    def count(name: str) -> Ints:
        return np.asarray(had[:, COUNT[name]], np.int64)

    def around(mean_count: npt.NDArray[Any]) -> Ints:
        return np.asarray(rng.poisson(np.maximum(mean_count, 0.0)), np.int64)

    use = mean[:, COUNT["FG2A"]] + mean[:, COUNT["FG3A"]] + 0.5 * mean[:, COUNT["FTA"]] + mean[:, COUNT["TOV"]]
    made_passes = around(form * minutes * (0.35 + 0.72 * own[:, AST] + 0.06 * own[:, OREB]))
    shots = count("FG2A") + count("FG3A")
    touches = made_passes + shots + count("TOV") + around(0.3 * use)
    own_drive = own[:, FGA2] ** 0.9 * own[:, TRIP] ** 0.2
    drives = around(form * minutes * _DRIVES[at] * own_drive * own[:, AST] ** 0.3)
    pull_up = rng.binomial(shots, np.clip(_PULL_UP[at] * own[:, FGA2] ** 0.3, 0.01, 0.8))
    catch = rng.binomial(shots - pull_up, np.clip(0.25 + 0.28 * own[:, FGA3], 0.05, 0.9))
    held = (1.1 + 1.6 * own[:, AST] ** 0.8) * touches / 60 * rng.gamma(60, 1 / 60, row.size)
    miles = minutes * 60 * _FEET_PER_SEC / 5280 * rng.normal(1.0, 0.04, row.size)
    columns = {
        "GP": np.ones(row.size),
        "MIN": minutes,
        "TOUCHES": touches,
        "FRONT_CT_TOUCHES": rng.binomial(touches, 0.62),
        "TIME_OF_POSS": np.round(held, 2),
        "PASSES_MADE": made_passes,
        "PASSES_RECEIVED": around(0.9 * touches),
        "POTENTIAL_AST": count("AST") + around(0.95 * mean[:, COUNT["AST"]] * form),
        "SECONDARY_AST": around(0.11 * mean[:, COUNT["AST"]]),
        "DRIVES": drives,
        "CATCH_SHOOT_FGA": catch,
        "PULL_UP_FGA": pull_up,
        "PAINT_TOUCHES": around(minutes * (0.01 + 0.07 * own[:, FGA2] * own[:, OREB] ** 0.5)),
        "POST_TOUCHES": around(minutes * _POST[at] * own[:, FGA2]),
        "ELBOW_TOUCHES": around(minutes * (0.02 + 0.6 * _POST[at])),
        "OREB_CHANCES": count("OREB") + around(1.1 * mean[:, COUNT["OREB"]] + 0.01 * minutes * own[:, OREB]),
        "DREB_CHANCES": count("DREB") + around(0.65 * mean[:, COUNT["DREB"]] + 0.01 * minutes * own[:, DREB]),
        "DIST_MILES": np.round(np.maximum(miles, 0.0), 2),
    }
    return landed("leaguedashptstats_game", pl.DataFrame({**cast.keys(row, place), **columns}))
