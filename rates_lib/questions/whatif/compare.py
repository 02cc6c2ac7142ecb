"""Comparison of two cases of the same games: games, teams, players, line-ups.

Belongs here: frames of figures. Does not belong here: sums and errors (`tally.py`), the simulation of the cases (`answer.py`), minutes of
line-ups (`lineups.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from rates_lib.features.lineup import add_impact
from rates_lib.questions.whatif.lineups import on_floor, rest_of_game, together
from rates_lib.questions.whatif.request import Night, Scenario
from rates_lib.questions.whatif.tally import GAME_FIGURES, PLAYER_FIGURES, GameTally

Tallies = Mapping[str, GameTally]
"""The sums over the worlds of both cases, by game."""


def impact_of(night: Night, player_impact: pl.DataFrame, day: date) -> dict[str, float]:
    """Impact per 100 possessions of every candidate as known before the day; below average for players without an estimate."""
    rows = night.players.select("player_id").unique(maintain_order=True).with_columns(pl.lit(day).alias("game_date"))
    return dict(add_impact(rows, player_impact).select("player_id", "impact_per_100").iter_rows())


def games_frame(tallies: Tallies, night: Night) -> pl.DataFrame:
    """game_id, game, figure (margin, total, home_win), before, after, difference, error."""
    rows: list[tuple[object, ...]] = []
    for game, tally in tallies.items():
        (_, home_code), (_, away_code) = _sides(night, game)
        rows += [(game, f"{away_code} at {home_code}", name, *tally.games.compare(i)) for i, name in enumerate(GAME_FIGURES)]
    return _frame(("game_id", "game", "figure"), rows)


def teams_frame(tallies: Tallies, night: Night, impact: Mapping[str, float]) -> pl.DataFrame:
    """game_id, team, figure, before, after, difference, error.

    Figures: pts; possessions, the mean of both teams, because they alternate; pts_per_100 of these possessions; impact_on_floor, points
    per 100 possessions by the impact and minutes of the players, with error null.
    """
    rows: list[tuple[object, ...]] = []
    for game, tally in tallies.items():
        for team, code in _sides(night, game):
            rows += [(game, code, name, *tally.teams[team].compare(i)) for i, name in enumerate(("pts", "possessions"))]
            rows.append((game, code, "pts_per_100", *tally.ratings[team].compare()))
            one, two = (on_floor(tally.played(case, team), impact) for case in (0, 1))
            rows.append((game, code, "impact_on_floor", one, two, two - one, None))
    return _frame(("game_id", "team", "figure"), rows)


def players_frame(tallies: Tallies, night: Night) -> pl.DataFrame:
    """game_id, team, player_id, player_name, figure (of PLAYER_FIGURES), before, after, difference, error, by figure and player."""
    rows: list[tuple[object, ...]] = []
    names = night.names()
    for game, tally in tallies.items():
        codes = dict(_sides(night, game))
        for stat in PLAYER_FIGURES:
            for i, player in enumerate(tally.players):
                rows.append((game, codes[tally.team_of[player]], player, names[player], stat, *tally.figures[stat].compare(i)))
    return _frame(("game_id", "team", "player_id", "player_name", "figure"), rows)


def lineups_frame(tallies: Tallies, night: Night, scenario: Scenario, impact: Mapping[str, float]) -> pl.DataFrame:
    """team, players, minutes_before, minutes_after, impact_per_100: the requested fives, and the rest of their team's game.

    impact_per_100 is the sum of the five's impact, for the rest of the game the mean over its line-ups; its minutes_before is null.
    """
    rows: list[tuple[object, ...]] = []
    names, game_of = night.names(), night.of("game_id")
    for team in dict.fromkeys(five.team_id for five in scenario.lineups):
        fives = [five for five in scenario.lineups if five.team_id == team]
        game = game_of[fives[0].players[0]]
        code = dict(_sides(night, game))[team]
        one, two = (tallies[game].played(case, team) for case in (0, 1))
        for five in fives:
            minutes = (together(one, five.players), together(two, five.players, fives))
            rows.append((code, ", ".join(names[p] for p in five.players), *minutes, sum(impact[p] for p in five.players)))
        left, shares = rest_of_game(two, fives)
        if left > 0:
            rows.append((code, "the rest of the game", None, left, sum(share * impact[p] for p, share in shares.items())))
    columns = ("minutes_before", "minutes_after", "impact_per_100")
    return pl.DataFrame(rows, schema=dict.fromkeys(("team", "players"), pl.String) | dict.fromkeys(columns, pl.Float64), orient="row")


def _sides(night: Night, game: str) -> list[tuple[str, str]]:
    """Id and abbreviation of the home team, then of the visitors."""
    row = night.games.filter(pl.col("game_id") == game).row(0, named=True)
    return [(row[f"{side}_team_id"], row[f"{side}_team_abbreviation"]) for side in ("home", "away")]


def _frame(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String) | dict.fromkeys(("before", "after", "difference", "error"), pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row")
