"""True distribution of a synthetic game: the game simulated repeatedly from its state before tip-off.

Fixed in every replay: the schedule with rest, venue and pace of both styles; the rosters; the active list and the five starters, published
an hour and half an hour before tip-off; the usual minutes of a fully fit team; the true traits, percentages and impacts of the season.
No forecaster can know more before the game.

Drawn anew in each replay: the coaches' plans (noise on the minutes, length of the rotation; drawn before tip-off but never published), the
form of every player, the tempo, and all events of the game.

Replays use the code of the game itself (`season.play_season`) with random streams of their own, so the landed game is one more draw
from the same distribution, and replays do not change the landed league.

Belongs here: replays. Does not belong here: the game (`season.py`), the evaluation of forecasts (`rates_lib/evaluation`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rates_lib.sources.synthetic.base import ROSTER, Ints, stream, take
from rates_lib.sources.synthetic.frames import lines
from rates_lib.sources.synthetic.season import Setup, play_season
from rates_lib.sources.synthetic.year import Eve, before_tip_off, eras, plan


@dataclass(frozen=True)
class Replays:
    """Results of one game simulated `times` times.

    Attributes:
        game_id: id of the game.
        player_ids: active players, the home side first.
        seconds: shape (players, times); 0 if the player does not play.
        box: shape (players, times) each, by the names of `leaguegamelog_player`: PTS, REB, FGM ...
        points: shape (2, times): home, away.
    """

    game_id: str
    player_ids: list[str]
    seconds: Ints
    box: dict[str, Ints]
    points: Ints


def eve_of(season: int, first_season: int, seed: int = 7, teams: int = 30, games_per_team: int = 82) -> Eve:
    """A season before its games, of the league that `make_league` generates with these arguments.

    Args:
        season: start year.
        first_season: start year of the league's first season.
        seed: seed of all random streams.
        teams: number of teams, 4 to 30.
        games_per_team: regular-season games.

    Raises:
        ValueError: if no schedule of this size exists, or the season is before the first.
    """
    for year, era in eras(first_season, season, seed, teams):
        if year == season:
            return before_tip_off(season, seed, era, games_per_team)
    raise ValueError(f"no season {season} in a league founded in {first_season}")


def replay(eve: Eve, game_id: str, times: int, seed: int = 7) -> Replays:
    """Simulate a game repeatedly.

    Args:
        eve: the game's season.
        game_id: id of a played game.
        times: number of replays.
        seed: seed of the replays; those of a game do not depend on the replays of other games.

    Raises:
        ValueError: if the season has no such game.
    """
    ids = eve.cast.games.ids.to_list()
    if game_id not in ids:
        raise ValueError(f"no game {game_id} in season {eve.cast.games.season}")
    game = ids.index(game_id)
    rng = stream(seed, eve.cast.games.season, f"replay {game_id}")
    played = play_season(_again(eve, game, times, rng), rng)
    active = eve.setup.active[2 * game : 2 * game + 2].ravel()
    seconds, counts = (_by_player(values, times)[active] for values in (played.seconds, played.counts))
    box = lines(counts)
    home = int(active[:ROSTER].sum())
    points = np.stack([box["PTS"][:home].sum(axis=0), box["PTS"][home:].sum(axis=0)])
    who = eve.cast.roster[2 * game : 2 * game + 2].ravel()[active]
    return Replays(game_id, take(eve.cast.ids, who).to_list(), seconds, box, points)


def _again(eve: Eve, game: int, times: int, rng: np.random.Generator) -> Setup:
    """Set-up of a season that consists of the game `times` times, with new plans of the coaches for each."""
    rows, games = np.tile([2 * game, 2 * game + 1], times), np.repeat(game, times)
    s = eve.setup
    return Setup(
        target=plan(s.base[rows], s.active[rows], eve.starting[rows], rng),
        base=s.base[rows],
        active=s.active[rows],
        starters=s.starters[rows],
        rate=s.rate[rows],
        pct=s.pct[rows],
        offence=s.offence[rows],
        defence=s.defence[rows],
        style=s.style[rows],
        edge=s.edge[rows],
        pace=s.pace[games],
        expected_margin=s.expected_margin[games],
    )


def _by_player(values: Ints, times: int) -> Ints:
    """(2 times, 15, ...) by team-game and place to (30, times, ...), home's places first."""
    return np.moveaxis(values.reshape(times, 2 * ROSTER, *values.shape[2:]), 0, 1)
