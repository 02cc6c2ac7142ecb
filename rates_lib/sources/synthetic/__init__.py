"""A synthetic league: every dataset of the landing zone, generated from known true values.

Belongs here: invented players, games, reports and quotes, and their true values. Does not belong here: anything that the product uses
to predict; the tests evaluate the product on this league, so the two share no code except the rules of the game and of odds (`core/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.sources.contract import Datasets, Delivery, Request, Source
from rates_lib.sources.synthetic.year import eras, play_year

__all__ = ["DATASETS", "SOURCE", "League", "make_league"]

_SEASONS = (2022, 2023, 2024)  # if no seasons are given

DATASETS = (
    "leaguegamelog_player",
    "leaguegamelog_team",
    "schedule",
    "fractional_minutes",
    "starters",
    "injury_report",
    "player_bios",
    "positions",
    "leaguedashptstats_game",
    "odds_quotes",
    "stints",
)


@dataclass(frozen=True)
class League:
    """Seasons of a synthetic league.

    Attributes:
        datasets: dataset, then start year of the season, to a frame with exactly the columns of `schemas.landing`, sorted by key,
            without `fetched_at_utc`.
        truth: true values for evaluation.

            - `player_season`, key season and player_id: team at the season's start, position, nine effective rates
              (`fga2_per_min` ... `blk_per_min`: expected counts / minutes, given the other nine on the floor), shooting
              percentages in context, impacts in points per 100 possessions. Rates are null for a player without minutes.
            - `player_game`, key game_id and player_id, all players of the rosters: `play_prob`, the probability at noon of being
              on the active list; `minutes_expected`, mean minutes given the active list (0 if inactive; an active player at the
              end of the bench may not play); the nine rates given the ten on the floor, null if the player did not play.
            - `game`, key game_id: expected margin and total given the active lists, probability of a home win.
    """

    datasets: Datasets
    truth: dict[str, pl.DataFrame]


def make_league(seasons: Sequence[int], seed: int = 7, teams: int = 30, games_per_team: int = 82) -> League:
    """Generate seasons of a league, the same for the same arguments.

    Args:
        seasons: start years; the league is founded in the first; players also age through omitted years between.
        seed: seed of all random streams.
        teams: number of teams, 4 to 30.
        games_per_team: regular-season games, at least four; fewer than 82 shorten the season.

    Returns:
        The league. A season does not depend on the seasons after it.

    Raises:
        ValueError: if there is no season, or no schedule of this size exists.
    """
    wanted = sorted(set(seasons))
    if not wanted or games_per_team < 4:
        raise ValueError(f"no league from seasons {list(seasons)} with {games_per_team} games: one season and 4 games at least")
    datasets: Datasets = {name: {} for name in DATASETS}
    truth: dict[str, list[pl.DataFrame]] = {}
    for season, era in eras(wanted[0], wanted[-1], seed, teams):
        if season not in wanted:
            continue
        frames, true = play_year(season, seed, era, games_per_team)
        for name in DATASETS:
            datasets[name][season] = frames[name]
        for name, frame in true.items():
            truth.setdefault(name, []).append(frame)
    return League(datasets, {name: pl.concat(parts) for name, parts in truth.items()})


def _deliver(request: Request) -> Delivery:
    try:
        league = make_league(request.seasons or _SEASONS, **request.options)
    except ValueError as error:
        raise RatesError(f"{error}: choose 4 to 30 teams and 4 games a team or more") from error
    return Delivery(league.datasets, truth=league.truth)


SOURCE = Source(_deliver, options={"seed": 7, "teams": 30, "games_per_team": 82})
