"""A game of the synthetic league played again and again from what is settled before its tip-off: its true distribution.

Known, and the same in every replay: the schedule with rest, venue and pace of both styles; the rosters; the active list and the five
starters, as they are published an hour and half an hour before; the usual minutes that coaches give their men when everybody is fit; the
true traits, percentages and impacts of the season. No forecaster can know more without seeing the night.

Not known, and drawn anew each time: how the coaches plan tonight (noise on everybody's minutes, the length of the rotation: the league
draws them before tip-off, but publishes nothing of them), tonight's form of every player and the tempo, and all that happens in the game.

The replays are played by the code that played the game itself (`season.play_season`), on random streams of their own, so the
game that was landed is one more draw from the same law, and landing a league is not touched by replaying it.

Belongs here: playing again. Does not belong here: the game (`season.py`), what a forecast is compared by (`rates_lib/evaluation`).
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
    """A game, `times` times.

    Attributes:
        game_id: of the game.
        player_ids: who is active, home's first.
        seconds: shape (players, times); 0 where he does not play.
        box: shape (players, times) each, by the names of `leaguegamelog_player`: PTS, REB, FGM ...
        points: shape (2, times): home, away.
    """

    game_id: str
    player_ids: list[str]
    seconds: Ints
    box: dict[str, Ints]
    points: Ints


def eve_of(season: int, founded: int, seed: int = 7, teams: int = 30, games_per_team: int = 82) -> Eve:
    """A season before its games, of the league that `make_league` makes of these arguments.

    Args:
        season: start year.
        founded: the first season of the league.
        seed: of everything.
        teams: 4 to 30.
        games_per_team: regular-season games.

    Raises:
        ValueError: if such a schedule does not exist, or the season is before the first.
    """
    for year, era in eras(founded, season, seed, teams):
        if year == season:
            return before_tip_off(season, seed, era, games_per_team)
    raise ValueError(f"no season {season} in a league founded in {founded}")


def replay(eve: Eve, game_id: str, times: int, seed: int = 7) -> Replays:
    """Play a game again.

    Args:
        eve: its season.
        game_id: one that was played.
        times: how often.
        seed: of the replays; a game's do not depend on which others are replayed.

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
    """The game `times` times, as if it were a season, with a plan of the coaches for each."""
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
