"""Box scores, starters, stints and biographies as landed tables.

Belongs here: turning arrays into the contract's columns. Does not belong here: any draw.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rates_lib.core.basketball import points, team_minutes
from rates_lib.sources.synthetic.base import COUNT, POSITIONS, Bools, Ints, dates, landed, take, utc
from rates_lib.sources.synthetic.cast import Cast
from rates_lib.sources.synthetic.names import COUNTRIES, TEAMS, team_ids
from rates_lib.sources.synthetic.players import Players, birth_age
from rates_lib.sources.synthetic.season import Played, Segments

_LISTED = ("G", "G", "F", "F", "C")
_TALL = ("G", "G-F", "F", "F-C", "C")
_SMALL = ("G", "G", "F-G", "F", "C-F")


def player_log(cast: Cast, played: Played) -> pl.DataFrame:
    """`leaguegamelog_player`: one row per player with at least a second on the floor; MIN in whole minutes, half rounded up."""
    row, place = np.nonzero(played.seconds > 0)
    frame = pl.DataFrame(
        {
            **cast.keys(row, place),
            "PLAYER_NAME": take(cast.names, cast.roster[row, place]),
            **_game_columns(cast, played, row),
            "MIN": (played.seconds[row, place] + 30) // 60,
            **lines(played.counts[row, place]),
            "PLUS_MINUS": played.plus_minus[row, place],
        }
    )
    return landed("leaguegamelog_player", frame)


def team_log(cast: Cast, played: Played) -> pl.DataFrame:
    """`leaguegamelog_team`: the sums of the players; MIN 240 + 25 per overtime."""
    row = np.arange(len(played.counts))
    frame = pl.DataFrame(
        {
            **_game_columns(cast, played, row),
            "TEAM_ID": take(pl.Series(team_ids(len(TEAMS))), cast.teams),
            "TEAM_NAME": take(pl.Series([name for _, name in TEAMS]), cast.teams),
            "MIN": np.repeat(team_minutes(played.overtimes), 2),
            **lines(played.counts.sum(1)),
            "PLUS_MINUS": played.plus_minus.sum(1) // 5,
        }
    )
    return landed("leaguegamelog_team", frame)


def minutes_frame(cast: Cast, seconds: Ints) -> pl.DataFrame:
    """`fractional_minutes`."""
    row, place = np.nonzero(seconds > 0)
    frame = {**cast.keys(row, place), "GAME_DATE": dates(cast.games.day[row // 2])}
    return landed("fractional_minutes", pl.DataFrame({**frame, "MIN": seconds[row, place] / 60.0}))


def starters_frame(cast: Cast, starters: Ints, appeared: Bools) -> pl.DataFrame:
    """`starters`, published half an hour before tip-off: the five starters with a position, other players with minutes with starter 0."""
    where = np.full(cast.roster.shape, -1, np.int64)
    np.put_along_axis(where, starters, np.broadcast_to(np.arange(5), starters.shape), axis=1)
    row, place = np.nonzero(appeared | (where >= 0))
    start = where[row, place]
    frame = pl.DataFrame(
        {
            **cast.keys(row, place),
            "starter": (start >= 0).astype(np.int8),
            "START_POSITION": take(pl.Series(POSITIONS), start),
            "PUBLISHED_UTC": utc(cast.games.tip_utc[row // 2] - np.timedelta64(1800, "s")),
            "PUBLISHED_ASSUMED": pl.repeat(False, row.size, eager=True),
        }
    )
    return landed("starters", frame)


def stints_frame(cast: Cast, segments: Segments) -> pl.DataFrame:
    """`stints`: neighbouring segments of the same ten players joined; score and minutes at both ends."""
    s = segments
    fresh = np.ones(s.game.size, np.bool_)
    fresh[1:] = (s.game[1:] != s.game[:-1]) | (s.five[1:] != s.five[:-1]).any((1, 2))
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], s.game.size) - 1
    opening = np.zeros(s.game.size, np.bool_)
    opening[np.unique(s.game, return_index=True)[1]] = True
    running = np.cumsum(s.points, axis=0)
    before = (running - s.points)[opening][s.game]  # every game has segments
    score = running - before
    rows = 2 * s.game[first]
    frame = pl.DataFrame(
        {
            "GAME_ID": take(cast.games.ids, s.game[first]),
            "HomeStart": (score - s.points)[first, 0],
            "AwayStart": (score - s.points)[first, 1],
            "TimeStart": s.start[first] / 60.0,
            "HomeEnd": score[last, 0],
            "AwayEnd": score[last, 1],
            "TimeEnd": s.end[last] / 60.0,
            "POSSESSIONS": np.add.reduceat(s.turns.sum(1), first),
            "plus1": _joined(cast.roster[rows[:, None], s.five[first, 0]], cast.ids),
            "minus1": _joined(cast.roster[rows[:, None] + 1, s.five[first, 1]], cast.ids),
        }
    )
    return landed("stints", frame)


def bios_frame(cast: Cast, players: Players, who: Ints) -> pl.DataFrame:
    """`player_bios` of the players `who`; AGE on 1 February."""
    number = players.draft_number[who]
    drafted = number > 0
    text = pl.Series(number).cast(pl.String).set(pl.Series(~drafted), "Undrafted")
    year = pl.Series(players.draft_year[who]).cast(pl.String).set(pl.Series(~drafted), "Undrafted")
    frame = pl.DataFrame(
        {
            "PLAYER_ID": take(cast.ids, who),
            "PLAYER_NAME": take(cast.names, who),
            "PLAYER_HEIGHT_INCHES": players.height[who],
            "PLAYER_WEIGHT": players.weight[who],
            "AGE": np.floor(birth_age(players.birth[who], cast.games.season)),
            "BIRTH_DATE": dates(players.birth[who]),
            "COUNTRY": take(pl.Series(COUNTRIES), players.country[who]),
            "DRAFT_YEAR": year,
            "DRAFT_NUMBER": text,
        }
    )
    return landed("player_bios", frame)


def positions_frame(cast: Cast, players: Players, who: Ints) -> pl.DataFrame:
    """`positions`: G, F or C, hyphenated for the tall and the small of their position."""
    position = players.position[who]
    usual = np.array([74.5, 76.5, 78.8, 80.8, 83.2])[position]
    kind = np.where(players.height[who] > usual + 1, 1, np.where(players.height[who] < usual - 1, 2, 0))
    words = pl.Series([*_LISTED, *_TALL, *_SMALL])
    return landed("positions", pl.DataFrame({"PLAYER_ID": take(cast.ids, who), "POSITION": take(words, 5 * kind + position)}))


def _game_columns(cast: Cast, played: Played, row: Ints) -> dict[str, pl.Series]:
    games, teams, game = cast.games, cast.teams, row // 2
    codes = pl.Series([code for code, _ in TEAMS])
    own, other = take(codes, teams[row]), take(codes, teams[row ^ 1])
    plain = pl.DataFrame({"own": own, "other": other, "home": row % 2 == 0, "neutral": games.neutral[game]})
    at = pl.col("own") + " @ " + pl.col("other")
    matchup = plain.select(
        pl.when(pl.col("home") & pl.col("neutral"))
        .then(pl.col("other") + " @ " + pl.col("own"))
        .when(pl.col("home"))
        .then(pl.col("own") + " vs. " + pl.col("other"))
        .otherwise(at)
    ).to_series()
    margin = played.plus_minus.sum(1) // 5
    return {
        "TEAM_ABBREVIATION": own,
        "GAME_ID": take(games.ids, game),
        "GAME_DATE": dates(games.day[game]),
        "MATCHUP": matchup,
        "WL": take(pl.Series(["L", "W"]), (margin[row] > 0).astype(np.int64)),
    }


def lines(counts: Ints) -> dict[str, Ints]:
    """Counts (..., 13) by the names of a box score, derived counts included."""
    c = {name: counts[..., k] for name, k in COUNT.items()}
    made, tried = c["FG2M"] + c["FG3M"], c["FG2A"] + c["FG3A"]
    kept = ("FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "AST", "STL", "BLK", "TOV", "PF")
    derived = {"FGM": made, "FGA": tried, "REB": c["OREB"] + c["DREB"]}
    return {**derived, **{k: c[k] for k in kept}, "PTS": points(c["FG2M"], c["FG3M"], c["FTM"])}


def _joined(five: Ints, ids: pl.Series) -> pl.Series:
    ordered = np.sort(five, axis=1)  # ids ascend with the players' numbers
    return pl.select(pl.concat_str([take(ids, ordered[:, k]) for k in range(5)], separator="|")).to_series()
