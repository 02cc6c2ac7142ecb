"""One season, from its players to its tables.

Belongs here: the order in which the other modules are called, each with a random stream of its own. Does not belong here:
their computations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from rates_lib.sources.synthetic import frames, market, rotation, truth
from rates_lib.sources.synthetic.availability import Availability, injury_report_frame, make_availability
from rates_lib.sources.synthetic.base import COUNTS, Bools, Floats, Ints, stream, take
from rates_lib.sources.synthetic.cast import Cast
from rates_lib.sources.synthetic.names import full_names, team_ids
from rates_lib.sources.synthetic.players import Players, Traits, first_styles, found_league, next_styles, offseason, swap, traits
from rates_lib.sources.synthetic.schedule import Games, make_schedule, rest_days, schedule_frame, share_of_season
from rates_lib.sources.synthetic.season import PACE, Setup, play_season
from rates_lib.sources.synthetic.tracking import tracking_game

FIRST_PLAYER_ID = 900001
HOME_EDGE = 1.15  # points per 100 possessions, on either end
_TIRED_OFFENCE, _TIRED_DEFENCE, _FRESH = 0.9, 0.7, 0.25
_TRADE_DAYS = (0.3, 0.45, 0.6)  # of the season
_MINUTES_NOISE = (0.11, 0.22)  # log scale, of starters and of other players


@dataclass(frozen=True)
class Era:
    """The league at the start of a season: `players`, `rosters` (teams, 15) and `styles` (teams, 13, see `first_styles`)."""

    players: Players
    rosters: Ints
    styles: Floats


@dataclass(frozen=True)
class Eve:
    """A season's games before any is played.

    `put_off`: postponed entries; `trait`: traits of the season; `known`: active players and published reports; `plain` (n, 15): planned
    minutes without the game's noise; `starting` (n, 15); `opening`, `closing`: expectations given the evening's report, and given the
    active list; `setup`: inputs of the games.
    """

    cast: Cast
    put_off: Games
    trait: Traits
    known: Availability
    plain: Floats
    starting: Bools
    opening: truth.Outlook
    closing: truth.Outlook
    setup: Setup


def eras(first: int, last: int, seed: int, teams: int) -> Iterator[tuple[int, Era]]:
    """The league at the start of each season, from `first`, its founding, to `last`."""
    founding = stream(seed, first, "founding")
    players, rosters = found_league(teams, first, founding)
    styles = first_styles(teams, founding)
    yield first, Era(players, rosters, styles)
    for season in range(first + 1, last + 1):
        summer = stream(seed, season, "summer")
        players, rosters = offseason(players, rosters, season, summer)
        styles = next_styles(styles, summer)
        yield season, Era(players, rosters, styles)


def play_year(season: int, seed: int, era: Era, games_per_team: int) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """Simulate one season.

    Args:
        season: start year.
        seed: seed of the league.
        era: the league at the season's start.
        games_per_team: regular-season games.

    Returns:
        Landed frames by dataset, truth frames by name.
    """
    players, eve = era.players, before_tip_off(season, seed, era, games_per_team)
    cast, known, setup = eve.cast, eve.known, eve.setup
    roster = cast.roster
    played = play_season(setup, stream(seed, season, "games"))

    means = truth.expected_counts(setup, played.segments)
    minutes = truth.expected_minutes(eve.plain, eve.starting, known.active, played.seconds)
    season_means = _season_sums(roster, means, played.seconds, players.talent.size)
    rates = season_means[:, :-1] / np.maximum(season_means[:, -1:], 1e-9)
    who = np.unique(era.rosters)  # trades move players; no player joins or leaves the league during a season
    quotes = market.team_quotes(cast.games, eve.opening, eve.closing, stream(seed, season, "market"))
    props = market.prop_quotes(cast, minutes, rates, stream(seed, season, "props"))
    radar = stream(seed, season, "tracking")
    landed = {
        "leaguegamelog_player": frames.player_log(cast, played),
        "leaguegamelog_team": frames.team_log(cast, played),
        "schedule": schedule_frame(cast.games, eve.put_off),
        "fractional_minutes": frames.minutes_frame(cast, played.seconds),
        "starters": frames.starters_frame(cast, setup.starters, played.seconds > 0),
        "injury_report": injury_report_frame(cast, known),
        "player_bios": frames.bios_frame(cast, players, who),
        "positions": frames.positions_frame(cast, players, who),
        "leaguedashptstats_game": tracking_game(cast, players.position, played, means, setup.rate, rng=radar),
        "odds_quotes": market.odds_frame(quotes + props),
        "stints": frames.stints_frame(cast, played.segments),
    }
    team = np.full(players.talent.size, -1, np.int64)
    team[era.rosters] = np.arange(len(era.rosters))[:, None]
    first_team = take(pl.Series(team_ids(len(era.rosters))), team[who])
    true = {
        "player_season": truth.player_season_frame(cast, players, eve.trait, who, season_means[who], first_team=first_team),
        "player_game": truth.player_game_frame(cast, minutes, known.noon_prob, means, played.seconds),
        "game": truth.game_frame(cast, eve.closing),
    }
    return landed, true


def before_tip_off(season: int, seed: int, era: Era, games_per_team: int) -> Eve:
    """All that is fixed before a season's games; arguments as in `play_year`."""
    players = era.players
    games, put_off = make_schedule(season, len(era.rosters), games_per_team, stream(seed, season, "schedule"))
    chapters = _chapters(era.rosters, stream(seed, season, "trades"))
    usual = [_usual(players, chapter, seed, season) for chapter in chapters]
    roster, base = _by_team_game(games, chapters, usual)
    ids = pl.Series([str(FIRST_PLAYER_ID + k) for k in range(players.talent.size)])
    cast = Cast(games, roster, ids, pl.Series(full_names(seed, players.talent.size)))
    playing_time = np.zeros(players.talent.size)
    playing_time[era.rosters] = usual[0]
    trait = traits(players, playing_time, stream(seed, season, "traits"))
    rest = rest_days(games).ravel()
    known = make_availability(cast, base, rest, stream(seed, season, "availability"))

    plain = rotation.allot(base, known.active.astype(np.float64))
    edge, pace = _edge(games, rest), _pace(games, era.styles)
    impact = trait.offence[roster], trait.defence[roster]
    closing = truth.outlook(impact, plain, edge, pace)
    opening = truth.outlook(impact, rotation.allot(base, known.evening_prob), edge, pace)
    starters = rotation.starting_fives(base, known.active)
    starting = np.zeros(roster.shape, np.bool_)
    np.put_along_axis(starting, starters, True, axis=1)
    setup = Setup(
        target=plan(base, known.active, starting, stream(seed, season, "coach")),
        base=base,
        active=known.active,
        starters=starters,
        rate=trait.rate[roster],
        pct=trait.pct[roster],
        offence=impact[0],
        defence=impact[1],
        style=_style(games, era.styles),
        edge=edge,
        pace=pace,
        expected_margin=closing.margin,
    )
    return Eve(cast, put_off, trait, known, plain, starting, opening, closing, setup)


def plan(base: Floats, active: Bools, starting: Bools, rng: np.random.Generator) -> Floats:
    """Planned minutes (n, 15) of each game, from the active players, noise and a random length of the rotation."""
    spread = np.where(starting, *_MINUTES_NOISE)
    noise = np.exp(rng.normal(0.0, 1.0, base.shape) * spread)
    keep = rng.choice([8, 9, 10, 11], len(base), p=[0.12, 0.38, 0.36, 0.14])
    return rotation.allot(base, active.astype(np.float64), noise, keep)


def _chapters(rosters: Ints, rng: np.random.Generator) -> list[Ints]:
    """Rosters between the trade days."""
    chapters = [rosters]
    for _ in _TRADE_DAYS:
        chapters.append(swap(chapters[-1], max(1, len(rosters) // 8), rng))
    return chapters


def _usual(players: Players, rosters: Ints, seed: int, season: int) -> Floats:
    doubt = stream(seed, season, "coaches' eyes").normal(0.0, 0.25, players.talent.size)
    return rotation.usual_minutes((players.talent + doubt)[rosters])


def _by_team_game(games: Games, chapters: list[Ints], usual: list[Floats]) -> tuple[Ints, Floats]:
    chapter = np.repeat(np.searchsorted(_TRADE_DAYS, share_of_season(games)), 2)
    team = np.stack([games.home, games.away], axis=1).ravel()
    return np.stack(chapters)[chapter, team], np.stack(usual)[chapter, team]


def _edge(games: Games, rest: Ints) -> Floats:
    edge = np.where(games.neutral[:, None], 0.0, np.array([HOME_EDGE, -HOME_EDGE]))
    tired, fresh = (rest == 1).reshape(-1, 2), ((rest >= 3) & (rest < 10)).reshape(-1, 2)
    edge = edge - _TIRED_OFFENCE * tired + _TIRED_DEFENCE * tired[:, ::-1]
    return np.asarray((edge + _FRESH * fresh - _FRESH * fresh[:, ::-1]).ravel())


def _pace(games: Games, styles: Floats) -> Floats:
    return np.asarray(PACE * np.exp(styles[games.home, -1] + styles[games.away, -1]))


def _style(games: Games, styles: Floats) -> Floats:
    own = np.stack([styles[games.home, :6], styles[games.away, :6]], axis=1)
    allowed = np.stack([styles[games.away, 6:12], styles[games.home, 6:12]], axis=1)
    return np.asarray(np.exp(own + allowed).reshape(-1, 6))


def _season_sums(roster: Ints, means: Floats, seconds: Ints, population: int) -> Floats:
    """By player: sums of the expected counts, then minutes, (population, 14)."""
    sums = [np.bincount(roster.ravel(), means[:, :, k].ravel(), population) for k in range(len(COUNTS))]
    return np.stack([*sums, np.bincount(roster.ravel(), seconds.ravel() / 60.0, population)], axis=1)
