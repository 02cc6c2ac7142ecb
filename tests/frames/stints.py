"""A small league of stints with known impacts of its players: the games that impact estimates take."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.features.impact import config
from rates_lib.features.impact.equations import BOX_COUNTS
from rates_lib.features.impact.games import ImpactTables
from rates_lib.schemas.tables import TABLES

TEAMS, ROSTER, STINTS = 6, 9, 24
COURT = 3.0  # points per 100 possessions of the home team's margin


def true_impacts(seed: int = 3) -> NDArray[np.float64]:
    """(players, 2): offence and defence per 100, of mean 0; the first five of a team start."""
    impact = np.random.default_rng(seed).normal(0.0, 2.5, (TEAMS * ROSTER, 2))
    return np.asarray(impact - impact.mean(0))


def league(
    seasons: tuple[int, ...] = (2021,), rounds: int = 30, possessions: float = 4.0, noise: float = config.POINTS_SD, seed: int = 5
) -> ImpactTables:
    """ImpactTables whose stints follow the model exactly, and box scores that are their sums.

    The first season's games of the first round are at a neutral site. Counts are drawn around offence and defence, so they are informative.
    """
    rng, truth = np.random.default_rng(seed), true_impacts()
    games, stints, players, teams = [], [], [], []
    for season in seasons:
        day = date(season, 10, 20)
        for round_ in range(rounds):
            day += timedelta(days=180 // rounds)
            order = rng.permutation(TEAMS)
            for k in range(TEAMS // 2):
                sides = tuple(int(t) for t in order[2 * k : 2 * k + 2])
                game_id = f"002{season % 100}{round_:03d}{k:02d}"
                neutral = round_ == 0 and season == seasons[0]
                games.append((season, game_id, day, neutral))
                minutes, points = np.zeros((2, ROSTER)), np.zeros((2, ROSTER, 2))
                for stint in range(STINTS):
                    most = 4 if stint % 4 < 2 else 1  # number of starters on the floor; the others come from the bench
                    fives = [np.append(rng.permutation(5)[:most], 5 + rng.permutation(4)[: 5 - most]) for _ in sides]
                    on_floor = [ROSTER * sides[s] + fives[s] for s in (0, 1)]
                    scored = []
                    for s in (0, 1):
                        court = 0.0 if neutral else COURT / 2 * (1 - 2 * s)
                        mean = 110 + truth[on_floor[s], 0].sum() - truth[on_floor[1 - s], 1].sum() + court
                        scored.append(round(float(rng.normal(mean * possessions, noise * possessions**0.5)) / 100))
                    for s in (0, 1):
                        minutes[s, fives[s]] += 48 * 60 / STINTS
                        points[s, fives[s]] += scored[s], scored[1 - s]
                    lineups = ["|".join(sorted(f"p{p:02d}" for p in five)) for five in on_floor]
                    start = 120.0 * stint
                    stints.append(
                        (season, game_id, stint + 1, start, start + 120, 120.0, *lineups, possessions, possessions, *scored, "stints")
                    )
                for s in (0, 1):
                    team, other = sides[s], sides[1 - s]
                    total = [int(points[side, :, 0].sum() / 5) for side in (s, 1 - s)]
                    teams.append((game_id, f"t{team}", 14_400, *total, possessions * STINTS))
                    for p in range(ROSTER):
                        n = ROSTER * team + p
                        counts = {c: int(rng.poisson(6)) for c in BOX_COUNTS}
                        counts["pts"] += int(rng.poisson(max(0.0, 8 + 1.5 * truth[n, 0])))
                        counts["stl"] += int(rng.poisson(max(0.0, 3 + truth[n, 1])))
                        players.append((season, game_id, day, f"t{team}", f"t{other}", f"p{n:02d}", f"P {n}", 1 - s, int(minutes[s, p]),
                                        int(p < 5), int(points[s, p, 0] - points[s, p, 1]), counts))  # fmt: skip
    keys = ["season", "game_id", "game_date", "team_id", "opponent_id", "player_id", "player_name", "home_flag", "seconds", "starter",
            "plus_minus", "c"]  # fmt: skip
    box = pl.DataFrame(players, schema=keys, orient="row").unnest("c").with_columns(pl.col("starter", "home_flag").cast(pl.Int8))
    return ImpactTables(
        game=pl.DataFrame(games, schema=["season", "game_id", "game_date", "neutral_site"], orient="row"),
        player_game=box,
        team_game=pl.DataFrame(teams, schema=["game_id", "team_id", "seconds", "pts", "opp_pts", "possessions"], orient="row"),
        stint=pl.DataFrame(stints, schema=TABLES["silver.lineup_stint"].schema, orient="row"),
        player_name=pl.DataFrame({"season": [seasons[0]], "player_id": ["p00"], "player_name": ["listed"]}),
    )
