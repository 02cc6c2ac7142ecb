"""The SQLite provider: a database made of a tiny synthetic league lands as the league itself does."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.core.errors import LandingError
from rates_lib.lake import Lake
from rates_lib.pipeline.transform import build
from rates_lib.sources.landing import land
from rates_lib.sources.sqlite import PLAYER_TABLE, RATING_PREFIX, STINT_TABLE, TEAM_TABLE, read_database_with_report
from rates_lib.sources.synthetic import League, make_league

SEASON = 2024
NOW = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
Tables = dict[str, pl.DataFrame]
#: The tables that a database fills, in their order.
FILLED = [
    *("bronze.schedule", "bronze.player_boxscore", "bronze.team_boxscore", "bronze.player_status", "bronze.lineup_stint"),
    *("bronze.impact_rating", "silver.game", "silver.player_game", "silver.team_game", "silver.lineup_stint"),
]


@pytest.fixture(scope="module")
def league() -> League:
    return make_league([SEASON], seed=3, teams=4, games_per_team=6)


@pytest.fixture(scope="module")
def tables(league: League) -> Tables:
    """Tables as a user may have them: integers for ids, lower case, minutes on a clock, stints with points of each, no table of teams."""
    frames = {name: by_season[SEASON] for name, by_season in league.datasets.items() if SEASON in by_season}
    seconds = (pl.col("minutes") * 60).round().cast(pl.Int64)
    clock = frames["fractional_minutes"].rename({"MIN": "minutes"})
    players = frames["leaguegamelog_player"].drop("MIN", "WL").join(clock, on=["PLAYER_ID", "GAME_DATE"])
    players = players.with_columns(
        pl.format("{}:{}", seconds // 60, (seconds % 60).cast(pl.String).str.zfill(2)).alias("MIN"),
        pl.col("GAME_ID", "TEAM_ID", "PLAYER_ID").cast(pl.Int64),
    ).drop("minutes")
    stints = frames["stints"].select(
        pl.col("GAME_ID").cast(pl.Int64), (60 * pl.col("TimeStart")).alias("start_sec"), (60 * pl.col("TimeEnd")).alias("end_sec"),
        pl.col("plus1").str.replace_all("|", ", ", literal=True).alias("home_lineup"), pl.col("minus1").alias("away_lineup"),
        (pl.col("HomeEnd") - pl.col("HomeStart")).alias("home_pts"), (pl.col("AwayEnd") - pl.col("AwayStart")).alias("away_pts"),
        pl.col("POSSESSIONS").alias("possessions"),
    )  # fmt: skip
    ids = players["PLAYER_ID"].unique().sort().head(3)
    ratings = pl.DataFrame(
        {"player_id": [*ids, 1], "impact_per_100": [3.5, -1.25, 0.0, 9.0], "exposure_stint_units": [900.0, 500.0, 1.0, 2.0]}
    )
    return {PLAYER_TABLE: players.rename(str.lower), STINT_TABLE: stints, f"{RATING_PREFIX}2024_25": ratings}


def database(path: Path, tables: Tables) -> Path:
    with closing(sqlite3.connect(path)) as con:
        for name, frame in tables.items():
            text = frame.with_columns(pl.selectors.date().cast(pl.String))
            con.execute(f'CREATE TABLE "{name}" ({", ".join(text.columns)})')
            con.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * text.width)})', text.rows())
        con.commit()
    return path


def built(lake: Lake) -> Tables:
    """Bronze and silver, and the quarantines of what was refused."""
    made = {}
    for table in FILLED:
        result = build(lake, table, SEASON)
        lake.write(table, result.good, SEASON)
        made |= {table: result.good, f"{table}_quarantine": result.quarantine}
    return made


@pytest.fixture(scope="module")
def landed(league: League, tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, Tables]:
    """(made from the league, made from its database)."""
    folder = tmp_path_factory.mktemp("sqlite")
    first, second = Lake(folder / "league"), Lake(folder / "database")
    land(first, "synthetic", league.datasets, NOW)
    land(second, "sqlite", read_database_with_report(database(folder / "my.db", tables))[0], NOW)
    return built(first), built(second)


def test_it_makes_the_tables_that_the_league_itself_makes(landed: tuple[Tables, Tables]) -> None:
    league, base = landed
    for table, unknown in {
        "silver.player_game": ["starter", "start_position"],
        "silver.team_game": [],
        "silver.game": ["tipoff_utc", "tipoff_assumed"],
        "silver.lineup_stint": [],
    }.items():
        assert base[table].height > 0
        # counts and seconds are integers and equal; a clock's minutes differ in the last bit
        assert_frame_equal(base[table].drop(unknown), league[table].drop(unknown), abs_tol=1e-12, rel_tol=0)
    assert base["silver.game"]["tipoff_assumed"].all()
    assert sum(rows.height for name, rows in base.items() if name.endswith("_quarantine")) == 1


def test_ratings_are_a_table_of_their_own_and_an_unknown_player_is_refused(landed: tuple[Tables, Tables], tables: Tables) -> None:
    ratings = landed[1]["bronze.impact_rating"]
    assert ratings["source"].unique().to_list() == ["impact_ratings_2024_25"]
    assert ratings.select("player_id", "rating_per_100", "exposure", "rating_off_per_100").rows() == [
        (str(player), rating, exposure, None) for player, rating, exposure in tables[f"{RATING_PREFIX}2024_25"].head(3).rows()
    ]
    refused = landed[1]["bronze.impact_rating_quarantine"]
    assert refused["reason"].to_list() == ["no game of the season's log has this player"]


def test_teams_are_taken_from_their_own_table_where_there_is_one(league: League, tables: Tables, tmp_path: Path) -> None:
    log = league.datasets["leaguegamelog_team"][SEASON]
    teams = log.drop("TEAM_ABBREVIATION", "PTS", "REB", "WL", "PLUS_MINUS").with_columns(MIN=pl.format("{}:00", "MIN"))
    datasets, _ = read_database_with_report(database(tmp_path / "my.db", tables | {TEAM_TABLE: teams}))
    assert datasets["leaguegamelog_team"][SEASON].equals(log)


def test_a_repeated_row_counts_once_and_is_quarantined(tables: Tables, landed: tuple[Tables, Tables], tmp_path: Path) -> None:
    twice = tables | {PLAYER_TABLE: pl.concat([tables[PLAYER_TABLE], tables[PLAYER_TABLE].head(2)])}
    lake = Lake(tmp_path / "lake")
    land(lake, "sqlite", read_database_with_report(database(tmp_path / "my.db", twice))[0], NOW)
    made = built(lake)
    assert made["silver.team_game"].equals(landed[1]["silver.team_game"])
    assert made["bronze.player_boxscore_quarantine"]["reason"].to_list() == ["duplicate key"] * 2


def test_what_is_left_out_is_counted(tables: Tables, tmp_path: Path) -> None:
    row = tables[PLAYER_TABLE].head(1)
    more = [row.with_columns(min=pl.lit(m, pl.String), player_id=pl.lit(7, pl.Int64)) for m in (None, "0:00", "")] + [
        row.with_columns(game_id=pl.lit(42400101, pl.Int64))
    ]
    datasets, report = read_database_with_report(
        database(tmp_path / "my.db", tables | {PLAYER_TABLE: pl.concat([tables[PLAYER_TABLE], *more])})
    )
    assert datasets["leaguegamelog_player"][SEASON].height == tables[PLAYER_TABLE].height
    assert report.rows() == [
        ("leaguegamelog_player", SEASON, "did not play", 3),
        ("leaguegamelog_player", SEASON, "not a regular-season game", 1),
    ]


@pytest.mark.parametrize(
    ("text", "whole", "decimal"),
    [
        ("34:30", 35, 34.5),
        ("PT34M29.00S", 34, 34 + 29 / 60),
        ("34.000000:29", 34, 34 + 29 / 60),
        ("PT34M", 34, 34.0),
        ("34", 34, None),
        ("34.5", 35, 34.5),
    ],
)
def test_minutes_in_every_spelling(tables: Tables, tmp_path: Path, text: str, whole: int, decimal: float | None) -> None:
    one = tables[PLAYER_TABLE].with_columns(min=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(text)).otherwise("min"))
    who = one.row(0, named=True)
    datasets, _ = read_database_with_report(database(tmp_path / "my.db", {PLAYER_TABLE: one}))
    his = {"PLAYER_ID": str(who["player_id"])}
    assert datasets["leaguegamelog_player"][SEASON].filter(GAME_ID=f"{who['game_id']:010}", **his)["MIN"].to_list() == [whole]
    found = datasets["fractional_minutes"][SEASON].filter(GAME_DATE=who["game_date"], **his)["MIN"].to_list()
    assert found == ([] if decimal is None else [pytest.approx(decimal)])


def _renamed(tables: Tables) -> Tables:
    return {"player_games_stats": tables[PLAYER_TABLE]}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (_renamed, r"no table player_game_stats \(is it player_games_stats\?\): rename the table"),
        (
            lambda t: {PLAYER_TABLE: t[PLAYER_TABLE].rename({"stl": "steal"})},
            r"player_game_stats has no column STL \(is it steal\?\): rename it",
        ),
        (lambda t: {PLAYER_TABLE: t[PLAYER_TABLE].drop("matchup", "oreb")}, r"player_game_stats has no column MATCHUP, OREB"),
        (lambda t: t | {STINT_TABLE: t[STINT_TABLE].drop("possessions")}, r"impact_lineup_stints has no column POSSESSIONS"),
        (
            lambda t: t | {f"{RATING_PREFIX}x": t[f"{RATING_PREFIX}2024_25"]},
            r"impact_ratings_x: neither its name nor a column SEASON gives the season",
        ),
        (
            lambda t: {PLAYER_TABLE: t[PLAYER_TABLE].with_columns(pl.lit("many").alias("ast"))},
            r"AST is 'many' in a row, which is no number",
        ),
        (lambda t: {PLAYER_TABLE: t[PLAYER_TABLE].with_columns(pl.lit(2.5).alias("ast"))}, r"AST is 2.5 in a row, which is no count"),
        (lambda t: {PLAYER_TABLE: t[PLAYER_TABLE].with_columns(pl.lit("15 Jan").alias("game_date"))}, r"GAME_DATE is '15 Jan' in a row"),
        (lambda t: {PLAYER_TABLE: t[PLAYER_TABLE].with_columns(pl.lit("BOS-NYK").alias("game_id"))}, r"GAME_ID is '000BOS-NYK' in a row"),
    ],
)
def test_what_does_not_fit_is_named_with_the_remedy(tables: Tables, tmp_path: Path, edit: Callable[[Tables], Tables], said: str) -> None:
    with pytest.raises(LandingError, match=said):
        read_database_with_report(database(tmp_path / "my.db", edit(tables)))


def test_a_file_that_is_none(tmp_path: Path, tables: Tables) -> None:
    with pytest.raises(LandingError, match="is not a file: pass the SQLite database that holds player_game_stats"):
        read_database_with_report(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("PLAYER_ID,PTS\n" * 100)
    with pytest.raises(LandingError, match="is no SQLite database"):
        read_database_with_report(tmp_path / "text.db")
    with pytest.raises(LandingError, match="no regular-season game of 2019"):
        read_database_with_report(database(tmp_path / "my.db", tables), [2019])
