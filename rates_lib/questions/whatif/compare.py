"""Comparison of two cases of the same games: games, teams, players, line-ups.

Belongs here: means, differences and their errors. Does not belong here: the simulation of the cases (`answer.py`), minutes of line-ups
(`lineups.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.basketball import TEAM_MINUTES
from rates_lib.core.stats import EXPORTED, of_kind
from rates_lib.features.lineup import add_impact
from rates_lib.questions.whatif.lineups import on_floor, rest_of_game, together
from rates_lib.questions.whatif.request import Night, Scenario
from rates_lib.sim.moments import PLAY_WEIGHTS
from rates_lib.sim.summary import values_of
from rates_lib.sim.worlds import Drawn

Floats = NDArray[np.float64]
Counted = Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]
"""By game, masks (worlds,) of the worlds that count, of the first and of the second case."""

PLAYER_FIGURES = of_kind(EXPORTED, "time", "count", "fantasy")
"""Figures that are compared by player."""
Case = Mapping[str, Drawn]
"""The worlds of one case, by game."""


def impact_of(night: Night, player_impact: pl.DataFrame, day: date) -> dict[str, float]:
    """Impact per 100 possessions of every candidate as known before the day; below average for players without an estimate."""
    rows = night.players.select("player_id").unique(maintain_order=True).with_columns(pl.lit(day).alias("game_date"))
    return dict(add_impact(rows, player_impact).select("player_id", "impact_per_100").iter_rows())


def games_frame(before: Case, after: Case, night: Night, counted: Counted) -> pl.DataFrame:
    """game_id, game, figure (margin, total, home_win), before, after, difference, error."""
    rows: list[tuple[object, ...]] = []
    for game in after:
        (home, home_code), (_, away_code) = _sides(night, game)
        one, two = (case[game].home_and_away(home).astype(np.float64) for case in (before, after))
        figures = {
            "margin": (one[0] - one[1], two[0] - two[1]),
            "total": (one[0] + one[1], two[0] + two[1]),
            "home_win": ((one[0] > one[1]).astype(np.float64), (two[0] > two[1]).astype(np.float64)),
        }
        rows += [(game, f"{away_code} at {home_code}", name, *compare_means(*both, counted[game])) for name, both in figures.items()]
    return _frame(("game_id", "game", "figure"), rows)


def teams_frame(before: Case, after: Case, night: Night, counted: Counted, impact: Mapping[str, float]) -> pl.DataFrame:
    """game_id, team, figure, before, after, difference, error.

    Figures: pts; possessions, the mean of both teams, because they alternate; pts_per_100 of these possessions; impact_on_floor, points
    per 100 possessions by the impact and minutes of the players, with error null.
    """
    rows: list[tuple[object, ...]] = []
    for game in after:
        for team, code in _sides(night, game):
            one, two = (_of_team(case[game], team) for case in (before, after))
            rows += [(game, code, name, *compare_means(one[name], two[name], counted[game])) for name in ("pts", "possessions")]
            rows.append((game, code, "pts_per_100", *rating(one, two, counted[game])))
            both = zip((before, after), counted[game], strict=True)
            floor = [on_floor(_played(case[game], team, where), impact) for case, where in both]
            rows.append((game, code, "impact_on_floor", *floor, floor[1] - floor[0], None))
    return _frame(("game_id", "team", "figure"), rows)


def players_frame(before: Case, after: Case, night: Night, counted: Counted) -> pl.DataFrame:
    """game_id, team, player_id, player_name, figure (of PLAYER_FIGURES), before, after, difference, error, by figure and player."""
    rows: list[tuple[object, ...]] = []
    names = night.names()
    for game in after:
        cases = [case[game] for case in (before, after)]
        codes = dict(_sides(night, game))
        teams = {p: drawn.slot.team_ids[t] for drawn in cases for p, t in zip(drawn.slot.player_ids, drawn.slot.teams, strict=True)}
        absent = np.zeros(cases[0].seconds.shape[1])
        for stat in PLAYER_FIGURES:
            one, two = (dict(zip(drawn.slot.player_ids, values_of(drawn, stat), strict=True)) for drawn in cases)
            for player, team in sorted(teams.items()):
                both = compare_means(one.get(player, absent), two.get(player, absent), counted[game])
                rows.append((game, codes[team], player, names[player], stat, *both))
    return _frame(("game_id", "team", "player_id", "player_name", "figure"), rows)


def lineups_frame(
    before: Case, after: Case, night: Night, scenario: Scenario, counted: Counted, impact: Mapping[str, float]
) -> pl.DataFrame:
    """team, players, minutes_before, minutes_after, impact_per_100: the requested fives, and the rest of their team's game.

    impact_per_100 is the sum of the five's impact, for the rest of the game the mean over its line-ups; its minutes_before is null.
    """
    rows: list[tuple[object, ...]] = []
    names, game_of = night.names(), night.of("game_id")
    for team in dict.fromkeys(five.team_id for five in scenario.lineups):
        fives = [five for five in scenario.lineups if five.team_id == team]
        game = game_of[fives[0].players[0]]
        code = dict(_sides(night, game))[team]
        one, two = (_played(case[game], team, where) for case, where in zip((before, after), counted[game], strict=True))
        for five in fives:
            minutes = (together(one, five.players), together(two, five.players, fives))
            rows.append((code, ", ".join(names[p] for p in five.players), *minutes, sum(impact[p] for p in five.players)))
        left, shares = rest_of_game(two, fives)
        if left > 0:
            rows.append((code, "the rest of the game", None, left, sum(share * impact[p] for p, share in shares.items())))
    columns = ("minutes_before", "minutes_after", "impact_per_100")
    return pl.DataFrame(rows, schema=dict.fromkeys(("team", "players"), pl.String) | dict.fromkeys(columns, pl.Float64), orient="row")


def compare_means(before: Floats, after: Floats, counted: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> tuple[float, float, float, float]:
    """Means, their difference and its standard error: of paired worlds if all worlds count, else of two independent samples."""
    one, two = before[counted[0]], after[counted[1]]
    if len(one) == len(before) and len(two) == len(after):
        error = (after - before).std() / np.sqrt(len(after))
    else:
        error = np.sqrt(_variance_of_mean(one) + _variance_of_mean(two))
    return float(one.mean()), float(two.mean()), float(two.mean() - one.mean()), float(error)


def _variance_of_mean(values: Floats) -> float:
    """Variance of a sample's mean; infinite for fewer than two values."""
    return float(values.var(ddof=1) / len(values)) if len(values) > 1 else np.inf


def rating(
    before: Mapping[str, Floats], after: Mapping[str, Floats], counted: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> tuple[float, float, float, float]:
    """`compare_means` for points per 100 possessions of a team, a ratio of means; the error is that of its linearisation."""
    ratios, linear = [], []
    for case, where in zip((before, after), counted, strict=True):
        points, plays = case["pts"][where].mean(), case["possessions"][where].mean()
        ratios.append(float(100 * points / plays))
        linear.append(100 * (case["pts"] - points / plays * case["possessions"]) / plays)
    return ratios[0], ratios[1], ratios[1] - ratios[0], compare_means(linear[0], linear[1], counted)[3]


def _sides(night: Night, game: str) -> list[tuple[str, str]]:
    """Id and abbreviation of the home team, then of the visitors."""
    row = night.games.filter(pl.col("game_id") == game).row(0, named=True)
    return [(row[f"{side}_team_id"], row[f"{side}_team_abbreviation"]) for side in ("home", "away")]


def _played(drawn: Drawn, team: str, where: NDArray[np.bool_]) -> dict[str, float]:
    """Mean minutes of a team's players over the worlds that count, scaled to the sum of 240 so that overtime drops out."""
    in_team = drawn.slot.teams == drawn.slot.team_ids.index(team)
    minutes = drawn.seconds[in_team][:, where].mean(axis=1)
    players = [player for player, member in zip(drawn.slot.player_ids, in_team, strict=True) if member]
    return dict(zip(players, (TEAM_MINUTES * minutes / minutes.sum()).tolist(), strict=True))


def _of_team(drawn: Drawn, team_id: str) -> dict[str, Floats]:
    """Points of a team and mean possessions of both teams, each (worlds,)."""
    in_team = drawn.slot.teams == drawn.slot.team_ids.index(team_id)
    plays = [w * drawn.count(name).sum(axis=0, dtype=np.int64) for name, w in PLAY_WEIGHTS.items()]
    return {"pts": drawn.count("pts")[in_team].sum(axis=0, dtype=np.int64).astype(np.float64), "possessions": np.sum(plays, axis=0) / 2}


def _frame(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String) | dict.fromkeys(("before", "after", "difference", "error"), pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row")
