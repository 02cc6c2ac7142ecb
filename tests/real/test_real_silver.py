"""Real seasons from the landing zone to silver: nothing lost, nothing quarantined but the documented defects.

2014 (stints, no box scores), 2017 (possessions, season-level tracking), 2019 (the bubble, lists for some games only), 2024 (neutral sites
that both rows give away, decimal minutes, lists to 7 January): each defect of the data's README falls into one of them.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from rates_lib.core.calendar import season_of
from rates_lib.lake import Lake, seed
from rates_lib.pipeline.transform import BUILD_ORDER, build
from rates_lib.schemas.tables import TABLES
from rates_lib.sources.files import read_folder_with_report, season_label
from rates_lib.sources.landing import land
from tests.real.conftest import DATA, REAL

SEASONS = (2014, 2017, 2019, 2024)
WITH_LOG = SEASONS[1:]
COUNTS = ["fgm", "fga", "fg3m", "ftm", "fta", "oreb", "dreb", "ast", "stl", "blk", "tov", "pf", "pts", "fga3"]

pytestmark = REAL


@pytest.fixture(scope="module")
def report() -> pl.DataFrame:
    return read_folder_with_report(DATA)[1]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("real"))
    land(lake, "files", read_folder_with_report(DATA, SEASONS)[0], dt.datetime(2025, 7, 1, tzinfo=dt.UTC))
    for table in BUILD_ORDER:
        for season in SEASONS:
            built = build(lake, table, season)
            lake.write(table, built.good, season)
            lake.write(TABLES[table].quarantine_name, built.quarantine, season)
    return lake


def source(kind: str, season: int) -> pl.DataFrame:
    return pl.read_parquet(DATA / "stats_nba" / f"leaguegamelog_{kind}" / f"{season_label(season)}.parquet")


def test_every_row_of_the_logs_is_in_silver(lake: Lake) -> None:
    for season in WITH_LOG:
        assert lake.read("silver.player_game", [season]).height == source("player", season).height
        assert lake.read("silver.team_game", [season]).height == source("team", season).height
        assert lake.read("silver.game", [season]).height * 2 == source("team", season).height


def test_players_sum_to_the_team_log(lake: Lake) -> None:
    for season in WITH_LOG:
        players = lake.read("silver.player_game", [season]).group_by("game_id", "team_id").agg(pl.col(COUNTS).sum())
        teams = source("team", season).rename(lambda c: {"FG3A": "fga3"}.get(c, c.lower())).with_columns(pl.col("team_id").cast(pl.String))
        assert players.sort("game_id", "team_id").equals(teams.select("game_id", "team_id", *COUNTS).sort("game_id", "team_id"))


def test_only_documented_defects_are_quarantined(lake: Lake) -> None:
    found = {}
    for table in BUILD_ORDER:
        for reason, rows in lake.read(TABLES[table].quarantine_name).group_by("reason").len().rows():
            found[table, reason] = rows
    assert found == {
        # about 40 impossible point values
        ("bronze.lineup_stint", "home_pts_stint: greater_than_or_equal_to(-5)"): 2,
        ("bronze.lineup_stint", "away_pts_stint: greater_than_or_equal_to(-5)"): 1,
        ("silver.lineup_stint", "points that so many possessions cannot bring"): 32,
        # 2,440 stints without possessions with the playoffs, 793 in the regular games of 2014; two without ten players. In 2017, 458 stints
        # within one possession
        ("silver.lineup_stint", "no possessions"): 793 + 458,
        # 12 % of the possessions have not five a side, as 124 men who played little are left out: two of three such line-ups are completed;
        # six line-ups mix the teams
        ("silver.lineup_stint", "not five players a side"): 1671 + 2,
        ("silver.lineup_stint", "a player whom the box score has not on this side"): 14,
        # 84 % of the games add up: the rest miss free throws, eight games miss more
        ("silver.lineup_stint", "the game's stints miss the final score by more than 3"): 148,
    }


def test_what_is_left_out_at_landing_is_counted_and_documented(report: pl.DataFrame) -> None:
    by_reason = report.group_by("dataset", "reason").agg(pl.col("rows").sum())
    counted = dict(by_reason.select(pl.format("{}: {}", "dataset", "reason"), "rows").rows())
    assert counted["stints: not a regular-season game"] == 8053
    assert counted["boxscore_extras: not a regular-season game"] == 19342
    assert set(counted) == {
        "boxscore_extras: not a regular-season game",
        "closing_lines: before 2012-13",
        "closing_lines: no game log of the season to join",
        "closing_lines: play-in, playoffs or Cup final",
        "fractional_minutes: not a regular-season day",
        "leaguedashptstats_season: not the regular season",
        "leaguedashptstats_season: row of a team",
        "peer_forecast: not a regular-season day",
        "impact_rating: before 2012-13",
        "player_bios: before 2012-13",
        "stints: not a regular-season game",
        "team_forecast: not a regular-season day",
    }


def test_neutral_games_have_the_books_home_side(lake: Lake) -> None:
    games = lake.read("silver.game", [2024]).filter("neutral_site")
    assert dict(games.select("game_id", "home_team_abbreviation").rows()) == {
        "0022400147": "WAS", "0022400621": "IND", "0022400633": "SAS", "0022401229": "MIL", "0022401230": "OKC",
    }  # fmt: skip
    assert lake.read("silver.game", [2019]).get_column("neutral_site").sum() == 88  # the bubble


def test_every_game_of_their_seasons_has_its_published_probability(lake: Lake) -> None:
    found = lake.read("silver.team_forecast").filter(stat="home_win")
    for season in found["season"].unique().to_list():
        games = lake.read("silver.game", [season])
        rows = games.join(found, on="game_id", how="inner")
        assert rows.height == games.height
        assert rows.select(pl.corr("home_win", "forecast")).item() > 0.25  # the side: the home team's


def test_every_game_abroad_in_the_list_was_played_there(lake: Lake) -> None:
    games = lake.read("silver.game")
    days = pl.col("first_date", "last_date").str.to_date("%Y-%m-%d")
    for row in seed("away_venues").with_columns(days).iter_rows(named=True):
        played = games.filter(pl.col("game_date").is_between(row["first_date"], row["last_date"]))
        if games["season"].is_in([season_of(row["first_date"])]).any():
            sides = set(played["home_team_abbreviation"])
            assert sides, row
            assert row["home_team_abbreviation"] in (None, *sides), row


def test_every_game_has_its_closing_line(lake: Lake) -> None:
    for season in WITH_LOG:
        close = lake.read("silver.odds_game", [season]).filter(as_of="close")
        assert close.height == lake.read("silver.game", [season]).height
        assert close.get_column("spread_home").null_count() == 0
        assert close.get_column("published_assumed").all()
        margins = lake.read("silver.game", [season]).join(close, on="game_id").select(
            m=pl.col("home_pts") - pl.col("away_pts"), s=-pl.col("spread_home"))  # fmt: skip
        assert margins.select(pl.corr("m", "s")).item() > 0.35  # the sign: negative is home favoured


def test_decimal_minutes_and_rows_without_a_minute(lake: Lake) -> None:
    rows = lake.read("silver.player_game", [2024])
    assert rows.filter(pl.col("min") == 0).height == 100
    assert rows.filter(pl.col("min") == 0, minutes_source="decimal").height == 96
    assert (rows.get_column("minutes") - rows.get_column("min")).abs().max() <= 1


def test_lists_where_there_are_some_and_the_proxy_elsewhere(lake: Lake) -> None:
    for season, listed in ((2017, 0), (2019, 806), (2024, 538)):
        rows = lake.read("silver.player_availability", [season]).filter(as_of="close")
        games = rows.group_by("game_id").agg(pl.col("availability_source").unique())
        assert games.filter(pl.col("availability_source").list.contains("active_list")).height == listed
        assert games.get_column("availability_source").list.len().max() == 1
        assert games.height == lake.read("silver.game", [season]).height
        fives = rows.group_by("game_id", "team_id").agg(pl.col("starter_announced").sum(), known=pl.col("starter_announced").count())
        assert fives.filter(pl.col("known") > 0).get_column("starter_announced").unique().to_list() == [5]


def test_stints_of_a_season_without_box_scores(lake: Lake) -> None:
    stints = lake.read("silver.lineup_stint", [2014])
    assert stints.get_column("game_id").n_unique() == 1230
    assert lake.read("silver.player_game", [2014]).is_empty()


def test_stints_of_possessions_agree_with_box_scores(lake: Lake) -> None:
    """Minutes on the floor by possessions, and plus-minus, of those who played all of a game in line-ups of five."""
    stints, log = lake.read("silver.lineup_stint", [2017]), lake.read("silver.player_game", [2017])
    seen = pl.concat(
        stints.select(
            "game_id",
            pl.col(f"{side}_lineup").str.split("|").alias("player_id"),
            (pl.col("home_possessions") + pl.col("away_possessions")).alias("on"),
            (sign * (pl.col("home_pts_stint") - pl.col("away_pts_stint"))).alias("net"),
        ).explode("player_id")
        for side, sign in (("home", 1), ("away", -1))
    )
    games = stints.group_by("game_id").agg((pl.col("home_possessions") + pl.col("away_possessions")).sum().alias("all"))
    team = lake.read("silver.team_game", [2017], ["game_id", "team_id", "possessions", "seconds"])
    rows = (
        seen.group_by("game_id", "player_id").agg(pl.col("on", "net").sum()).join(games, on="game_id")
        .join(log, on=["game_id", "player_id"]).join(team, on=["game_id", "team_id"], suffix="_team")
        .filter(pl.col("all") > 1.96 * pl.col("possessions"))
    )  # fmt: skip
    assert rows.height > 10_000
    share, time = rows["on"] / rows["all"], rows["seconds"] / rows["seconds_team"] * 5
    assert (share - time).abs().mean() < 0.02
    assert rows.select(pl.corr("net", "plus_minus")).item() > 0.95


def test_a_second_time_gives_the_same_bytes(lake: Lake, tmp_path: Path) -> None:
    again = Lake(tmp_path)
    for table in BUILD_ORDER:
        again.write(table, build(lake, table, 2017).good, 2017)
        assert again.partition_path(table, 2017).read_bytes() == lake.partition_path(table, 2017).read_bytes(), table
