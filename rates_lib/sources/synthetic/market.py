"""Bookmakers: opening and closing quotes of two books, from the true values plus the books' errors.

Belongs here: lines, prices, the vig. Does not belong here: expectations of a game.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rates_lib.core.basketball import points
from rates_lib.core.odds import american_prices
from rates_lib.core.stats import value_of
from rates_lib.sources.synthetic.base import COUNT, COUNTS, Dates, Floats, landed, take, utc
from rates_lib.sources.synthetic.cast import Cast
from rates_lib.sources.synthetic.schedule import Games, eastern
from rates_lib.sources.synthetic.truth import MARGIN_SD, Outlook, win_prob

BOOKS = ("alpha", "beta")
TOTAL_SD = 18.5
_OVERROUND = 1.045
_NOISE = {"opening": (2.2, 1.15), "closing": (0.85, 0.5)}  # sd in points: error common to all books, error of each book
_PROPS = {  # variance / mean; number of players per team, by expected minutes
    "player_pts": (2.3, 6),
    "player_reb": (1.35, 6),
    "player_ast": (1.3, 6),
    "player_pra": (2.0, 1),  # last, so that the draws of the others do not change
}
_PROP_PLAYERS = 6


def team_quotes(games: Games, opening: Outlook, closing: Outlook, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Spread, total and moneyline of both books: the day before at 18:00 Eastern, and five minutes before tip-off."""
    parts = []
    times = {"opening": eastern(games.day - 1, 18 * 60), "closing": games.tip_utc - np.timedelta64(300, "s")}
    for when, known in (("opening", opening), ("closing", closing)):
        shared, alone = _NOISE[when]
        common = rng.normal(0.0, shared, (2, games.day.size))
        for book in BOOKS:
            margin, total = np.stack([known.margin, known.total]) + common + rng.normal(0.0, alone, common.shape)
            spread, line = -np.round(2 * margin) / 2, np.round(2 * total) / 2
            moneyline = np.full(margin.size, np.nan)
            for market, at, home in (
                ("spread", spread, win_prob(margin + spread)),
                ("total", line, win_prob((total - line) * MARGIN_SD / TOTAL_SD)),
                ("moneyline", moneyline, win_prob(margin)),
            ):
                parts.append(_quotes((games.ids, book, market, None), at, home, times[when]))
    return parts


def prop_quotes(cast: Cast, minutes: Floats, season_rate: Floats, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Closing props of both books on the six players of each team with the most expected minutes; pra only on the first.

    Args:
        cast: the season's games and rosters.
        minutes: (n, 15) expected minutes, 0 for inactive players.
        season_rate: (players, 13) true counts per minute.
        rng: the season's stream.
    """
    games, roster = cast.games, cast.roster
    place = np.sort(np.argsort(-minutes, axis=1, kind="stable")[:, :_PROP_PLAYERS], axis=1)
    number = np.take_along_axis(roster, place, axis=1).ravel()
    long = np.take_along_axis(minutes, place, axis=1).ravel()
    game = np.repeat(np.arange(len(roster)) // 2, _PROP_PLAYERS)
    rate = {name: season_rate[number, COUNT[name]] for name in COUNTS}
    truth = {
        "player_pts": points(rate["FG2M"], rate["FG3M"], rate["FTM"]),
        "player_reb": value_of("reb", lambda part: rate[part.upper()]),
        "player_ast": rate["AST"],
    }
    truth["player_pra"] = value_of("pra", lambda part: truth[f"player_{part}"])
    longest = np.argsort(np.argsort(-long.reshape(-1, _PROP_PLAYERS), axis=1, kind="stable"), axis=1).ravel()
    parts = []
    closing = games.tip_utc[game] - np.timedelta64(300, "s")
    for market, (spread, players) in _PROPS.items():
        on = np.flatnonzero(longest < players)
        common = rng.normal(0.0, 0.06, on.size)
        for book in BOOKS:
            mean = long[on] * truth[market][on] * np.exp(common + rng.normal(0.0, 0.03, on.size))
            line = np.maximum(np.round(mean - 0.5), 0.0) + 0.5
            sd = np.sqrt(spread * np.maximum(mean, 0.3) + (0.12 * mean) ** 2)
            over = np.clip(win_prob((mean - line) / sd * MARGIN_SD), 0.08, 0.92)
            keys = take(games.ids, game[on]), book, market, take(cast.ids, number[on])
            parts.append(_quotes(keys, line, over, closing[on]))
    return parts


def odds_frame(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """`odds_quotes` from its parts."""
    return landed("odds_quotes", pl.concat(parts))


def _quotes(keys: tuple[pl.Series, str, str, pl.Series | None], line: Floats, home: Floats, published: Dates) -> pl.DataFrame:
    game_ids, book, market, player = keys
    n = home.size
    return pl.DataFrame(
        {
            "GAME_ID": game_ids,
            "BOOK": pl.repeat(book, n, eager=True),
            "MARKET": pl.repeat(market, n, eager=True),
            "PLAYER_ID": pl.repeat(None, n, dtype=pl.String, eager=True) if player is None else player,
            "LINE": pl.Series(line + 0.0).fill_nan(None),  # + 0.0: no negative zero
            "PRICE_HOME": _price(home),
            "PRICE_AWAY": _price(1 - home),
            "PUBLISHED_UTC": utc(published),
            "PUBLISHED_ASSUMED": pl.repeat(False, n, eager=True),
        }
    )


def _price(prob: Floats) -> Floats:
    """American odds of a probability including the vig, in whole numbers."""
    return np.round(american_prices(np.clip(prob * _OVERROUND, 0.005, 0.995)))
