"""Joins to the past against DuckDB as an oracle, and on cases by hand."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import rates_lib.features
from rates_lib import asof
from tests.frames.histories import random_history

PLAYED = random_history(seed=3).appearances()
ROWS = PLAYED.select("season", "game_id", "game_date", "team_id", "player_id").sort("game_id", "player_id")


def test_totals_before_equal_sql() -> None:
    totals = asof.running_totals(PLAYED, ["player_id", "season"], ["seconds", "pts"])
    ours = asof.last_before(ROWS, totals, ["player_id", "season"], {"seconds": "s", "pts": "p", "games": "n"})
    con = duckdb.connect()
    con.register("played", PLAYED)
    theirs = con.sql(
        """
        SELECT r.game_id, r.player_id, sum(h.seconds)::BIGINT AS s, sum(h.pts)::BIGINT AS p, nullif(count(h.game_id), 0) AS n
        FROM played r LEFT JOIN played h ON h.player_id = r.player_id AND h.season = r.season AND h.game_date < r.game_date
        GROUP BY ALL ORDER BY r.game_id, r.player_id
        """
    ).pl()
    assert_frame_equal(ours.select(theirs.columns), theirs)


def test_last_three_before_equal_sql() -> None:
    totals = asof.last_totals(PLAYED, ["player_id"], ["pts"], 3)
    ours = asof.last_before(ROWS, totals, ["player_id"], {"pts": "p", "games": "n"})
    con = duckdb.connect()
    con.register("played", PLAYED)
    theirs = con.sql(
        """
        WITH ranked AS (
            SELECT r.game_id, r.player_id, h.pts, row_number() OVER (PARTITION BY r.game_id, r.player_id ORDER BY h.game_date DESC) AS k
            FROM played r LEFT JOIN played h ON h.player_id = r.player_id AND h.game_date < r.game_date
        )
        SELECT game_id, player_id, sum(pts)::BIGINT AS p, nullif(count(pts), 0) AS n
        FROM ranked WHERE k <= 3 GROUP BY ALL ORDER BY game_id, player_id
        """
    ).pl()
    assert_frame_equal(ours.select(theirs.columns), theirs)


def test_members_equal_sql() -> None:
    history = random_history(seed=3)
    games = history.team_games()
    ours = asof.recent_members(games, PLAYED, days=6)
    con = duckdb.connect()
    con.register("played", PLAYED)
    con.register("games", games)
    theirs = con.sql(
        """
        WITH newest AS (
            SELECT g.season, g.game_id, g.team_id, g.game_date, p.player_id, p.team_id AS last_team, p.game_date AS last_date,
                   row_number() OVER (PARTITION BY g.game_id, g.team_id, p.player_id ORDER BY p.game_date DESC) AS k
            FROM games g JOIN played p ON p.game_date < g.game_date
        )
        SELECT season, game_id, team_id, game_date, player_id, last_date FROM newest
        WHERE k = 1 AND last_team = team_id AND game_date <= last_date + INTERVAL 6 DAY ORDER BY game_id, team_id, player_id
        """
    ).pl()
    assert theirs.height > 500
    assert_frame_equal(ours, theirs)


def test_the_day_itself_is_not_history() -> None:
    history = pl.DataFrame({"id": ["a"], "game_id": ["1"], "game_date": [date(2024, 1, 2)], "n": [5]})
    rows = pl.DataFrame({"id": ["a", "a"], "game_date": [date(2024, 1, 2), date(2024, 1, 3)]})
    found = asof.last_before(rows, asof.running_totals(history, ["id"], ["n"]), ["id"], {"n": "n"})
    assert found["n"].to_list() == [None, 5]


def test_float_totals_are_refused() -> None:
    with pytest.raises(TypeError, match="exact"):
        asof.running_totals(PLAYED, ["player_id"], ["minutes"])


def test_features_reach_the_past_only_through_asof() -> None:
    forbidden = {"join_asof", "cum_sum", "cum_count", "shift", "rolling", "rolling_sum", "rolling_mean", "join_where", "diff", "ewm_mean"}
    own_sums = {"absences.py": {"cum_sum"}}  # adds up the players of one game in order, no time involved
    for path in Path(rates_lib.features.__path__[0]).glob("*.py"):
        used = {n.attr for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)}
        assert not (used & forbidden) - own_sums.get(path.name, set()), path.name
