"""Bronze and silver on a hand-made season: three games, seven players a side; a bad row for every table must be quarantined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pytest

from rates_lib.core.errors import LandingError, RatesError
from rates_lib.lake import SQL_ROOT, Lake
from rates_lib.pipeline.transform import BUILD_ORDER, SNAPSHOTS, Built, build, snapshot, sql_inputs
from rates_lib.schemas.landing import LANDING
from rates_lib.schemas.tables import TABLES
from rates_lib.sources.landing import land

SEASON = 2024
NOW = dt.datetime(2025, 1, 20, tzinfo=dt.UTC)
TIP = dt.datetime(2025, 1, 15, 0, 30, tzinfo=dt.UTC)  # 14 January, 19:30 Eastern
PLAYED, COMING, POSTPONED = "0022400001", "0022400002", "0022400003"
HOME, AWAY = "100", "200"
COUNTS = ["FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TOV", "PF", "PTS", "PLUS_MINUS"]
LINE = dict(zip(COUNTS, (4, 9, 1, 3, 2, 2, 1, 4, 5, 3, 1, 1, 2, 2, 11, 0), strict=True))
MINUTES = (36, 36, 36, 36, 36, 36, 24, 0)  # eight a side: one under half a minute
PEER = {
    "SOURCE": "linestar",
    "STAT": "dk_points",
    "GAME_DATE": dt.date(2025, 1, 14),
    "TEAM_ABBREVIATION": "HOM",
    "PUBLISHED_UTC": TIP - dt.timedelta(minutes=60),
    "PUBLISHED_ASSUMED": True,
}
GUESS = {
    "SOURCE": "fivethirtyeight",
    "STAT": "home_win",
    "GAME_DATE": dt.date(2025, 1, 14),
    "PUBLISHED_UTC": TIP - dt.timedelta(minutes=60),
    "PUBLISHED_ASSUMED": True,
}

BODY = {"PLAYER_HEIGHT_INCHES": 80.0, "PLAYER_WEIGHT": 220.0, "AGE": 25.0}

Edit = Callable[[pl.DataFrame], pl.DataFrame]
Frames = dict[str, pl.DataFrame]


def minutes_before(minutes: float) -> dt.datetime:
    return TIP - dt.timedelta(minutes=minutes)


def player(team: str, number: int) -> str:
    return f"{team[0]}{number}"


def player_log() -> pl.DataFrame:
    rows = [
        {
            "PLAYER_ID": player(team, i),
            "PLAYER_NAME": f"P {team} {i}",
            "TEAM_ID": team,
            "TEAM_ABBREVIATION": "HOM" if team == HOME else "AWY",
            "GAME_ID": PLAYED,
            "GAME_DATE": dt.date(2025, 1, 14),
            "MATCHUP": "HOM vs. AWY" if team == HOME else "AWY @ HOM",
            "WL": "W" if team == HOME else "L",
            "MIN": minutes,
            **LINE,
        }
        for team in (HOME, AWAY)
        for i, minutes in enumerate(MINUTES)
    ]
    frame = pl.DataFrame(rows)
    extra = (pl.col("PLAYER_ID") == player(HOME, 0)).cast(pl.Int64)  # a free throw decides
    return frame.with_columns(FTM=pl.col("FTM") + extra, FTA=pl.col("FTA") + extra, PTS=pl.col("PTS") + extra)


def team_log(players: pl.DataFrame) -> pl.DataFrame:
    keys = ["TEAM_ID", "TEAM_ABBREVIATION", "GAME_ID", "GAME_DATE", "MATCHUP", "WL"]
    return players.group_by(keys, maintain_order=True).agg(pl.col("MIN", *COUNTS).sum())


def good() -> Frames:
    """Datasets of a season in which every rule holds."""
    players = player_log()
    known = {"PUBLISHED_UTC": minutes_before(60), "PUBLISHED_ASSUMED": False}
    game = {
        "GAME_DATE": dt.date(2025, 1, 14),
        "TIPOFF_UTC": TIP,
        "TIPOFF_ASSUMED": False,
        "HOME_TEAM_ID": HOME,
        "HOME_TEAM_ABBREVIATION": "HOM",
        "AWAY_TEAM_ID": AWAY,
        "AWAY_TEAM_ABBREVIATION": "AWY",
        "NEUTRAL_SITE": False,
    }
    quote = {"GAME_ID": PLAYED, "PLAYER_ID": None, "PRICE_HOME": -110.0, "PRICE_AWAY": -110.0, "PUBLISHED_ASSUMED": False}
    fives = ["|".join(player(team, i) for i in range(5)) for team in (HOME, AWAY)]
    later = {"GAME_DATE": dt.date(2025, 1, 15), "TIPOFF_UTC": TIP + dt.timedelta(days=1)}
    return {
        "leaguegamelog_player": players,
        "leaguegamelog_team": team_log(players),
        "schedule": pl.DataFrame(
            [
                {"GAME_ID": PLAYED, **game, "GAME_STATUS": "scheduled"},
                {"GAME_ID": COMING, **game, **later, "GAME_STATUS": "scheduled"},
                {"GAME_ID": POSTPONED, **game, **later, "GAME_STATUS": "postponed"},
            ]
        ),
        "fractional_minutes": pl.DataFrame(
            {
                "PLAYER_ID": [player(HOME, 0), player(HOME, 1), player(HOME, 7)],
                "GAME_DATE": [dt.date(2025, 1, 14)] * 3,
                "MIN": [35.5, 37.5, 0.25],
            }
        ),
        "boxscore_extras": pl.DataFrame(
            {"GAME_ID": [PLAYED], "personId": [player(HOME, 0)], "pointsFastBreak": [2], "pointsInThePaint": [4]}
        ),
        "starters": pl.DataFrame(
            [
                {
                    "GAME_ID": PLAYED,
                    "PLAYER_ID": player(team, i),
                    "starter": int(i < 5),
                    "START_POSITION": "G" if i < 5 else None,
                    "PUBLISHED_UTC": minutes_before(30),
                    "PUBLISHED_ASSUMED": False,
                }
                for team in (HOME, AWAY)
                for i in range(8)
            ]
        ),
        "injury_report": pl.DataFrame(
            [
                {
                    "GAME_ID": PLAYED,
                    "TEAM_ID": HOME,
                    "PLAYER_ID": player(HOME, 6),
                    "STATUS": "Questionable",
                    "REASON": "ankle",
                    "PUBLISHED_UTC": minutes_before(1500),
                    "PUBLISHED_ASSUMED": False,
                },
                *(
                    {"GAME_ID": PLAYED, "TEAM_ID": team, "PLAYER_ID": player(team, i), "STATUS": "ACTIVE", "REASON": None, **known}
                    for team in (HOME, AWAY)
                    for i in range(8)
                ),
                {"GAME_ID": COMING, "TEAM_ID": AWAY, "PLAYER_ID": player(AWAY, 3), "STATUS": "out", "REASON": "knee", **known},
            ]
        ),
        "impact_rating": pl.DataFrame({"SOURCE": "mine", "PLAYER_ID": [player(HOME, 0), player(AWAY, 1)], "RATING_PER_100": [1.5, -2.0]}),
        "positions": pl.DataFrame({"PLAYER_ID": [player(HOME, 0), player(HOME, 1)], "POSITION": ["G", "F-C"]}),
        "player_bios": pl.DataFrame(
            {"PLAYER_ID": [player(HOME, 0)], "PLAYER_NAME": ["P"], "PLAYER_HEIGHT_INCHES": [80.0], "PLAYER_WEIGHT": [220.0], "AGE": [25.0]}
        ),
        "leaguedashptstats_game": pl.DataFrame(
            [
                {
                    "GAME_ID": PLAYED,
                    "PLAYER_ID": player(HOME, i),
                    "TEAM_ID": HOME,
                    "MIN": float(MINUTES[i]),
                    "TOUCHES": 60.0,
                    "TIME_OF_POSS": 3.0,
                    "PASSES_MADE": 40.0,
                    "DRIVES": 6.0,
                }
                for i in (0, 7)
            ]
        ),
        "odds_quotes": pl.DataFrame(
            [
                {**quote, "BOOK": "A", "MARKET": "spread", "LINE": -3.0, "PUBLISHED_UTC": minutes_before(1500)},
                {**quote, "BOOK": "A", "MARKET": "spread", "LINE": -4.0, "PUBLISHED_UTC": minutes_before(5)},
                {**quote, "BOOK": "A", "MARKET": "spread", "LINE": -9.0, "PUBLISHED_UTC": minutes_before(-5)},  # in play
                {**quote, "BOOK": "B", "MARKET": "spread", "LINE": -5.0, "PUBLISHED_UTC": minutes_before(10)},
                {**quote, "BOOK": "A", "MARKET": "total", "LINE": 220.0, "PUBLISHED_UTC": minutes_before(5)},
                {
                    **quote,
                    "BOOK": "A",
                    "MARKET": "moneyline",
                    "LINE": None,
                    "PRICE_HOME": -200.0,
                    "PRICE_AWAY": 170.0,
                    "PUBLISHED_UTC": minutes_before(5),
                },
                {
                    **quote,
                    "BOOK": "mean of books",
                    "MARKET": "moneyline",
                    "LINE": None,
                    "PRICE_HOME": -4.0,
                    "PRICE_AWAY": 3.0,
                    "PUBLISHED_UTC": minutes_before(5),
                },
                {
                    **quote,
                    "BOOK": "A",
                    "MARKET": "player_pts",
                    "LINE": 20.5,
                    "PLAYER_ID": player(HOME, 0),
                    "PUBLISHED_UTC": minutes_before(5),
                },
            ]
        ),
        "peer_forecast": pl.DataFrame(
            [
                {**PEER, "PLAYER_NAME": f"P {HOME} 0", "FORECAST": 30.5, "SCORED": 33.0},
                {**PEER, "PLAYER_NAME": f"P {HOME} 1", "FORECAST": 20.5, "SCORED": 19.0},
            ]
        ),
        "team_forecast": pl.DataFrame([{**GUESS, "HOME_TEAM_ABBREVIATION": "HOM", "AWAY_TEAM_ABBREVIATION": "AWY", "FORECAST": 0.6}]),
        "stints": pl.DataFrame(
            [
                {
                    "GAME_ID": PLAYED,
                    "HomeStart": 0.0,
                    "AwayStart": 0.0,
                    "TimeStart": 0.0,
                    "HomeEnd": 45.0,
                    "AwayEnd": 44.0,
                    "TimeEnd": 24.0,
                    "POSSESSIONS": 89.0,
                    "plus1": fives[0],
                    "minus1": fives[1],
                },
                {
                    "GAME_ID": PLAYED,
                    "HomeStart": 45.0,
                    "AwayStart": 44.0,
                    "TimeStart": 24.0,
                    "HomeEnd": 89.0,
                    "AwayEnd": 88.0,
                    "TimeEnd": 48.0,
                    "POSSESSIONS": 88.0,
                    "plus1": fives[0],
                    "minus1": fives[1],
                },
            ]
        ),
    }


def needed(table: str) -> set[str]:
    """The table and all that it rests on."""
    return {table}.union(*(needed(name) for name in sql_inputs(table) if not name.startswith("landing.")))


def make(
    root: Path, frames: Frames, tables: Iterable[str] = BUILD_ORDER, tamper: dict[str, Edit] | None = None
) -> tuple[Lake, dict[str, Built]]:
    """Land the frames, build the tables and what they need, and write them; `tamper` edits a table's rows before they are written."""
    lake = Lake(root)
    land(lake, "files", {name: {SEASON: frame} for name, frame in frames.items()}, NOW)
    wanted = set().union(*(needed(table) for table in tables))
    built = {}
    for table in (t for t in BUILD_ORDER if t in wanted):
        built[table] = build(lake, table, SEASON)
        rows = (tamper or {}).get(table, lambda frame: frame)(built[table].good)
        lake.write(table, rows, SEASON)
    return lake, built


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, dict[str, Built]]:
    return make(tmp_path_factory.mktemp("league"), good())


def row(frame: pl.DataFrame, **key: str) -> dict[str, object]:
    return frame.filter(**key).row(0, named=True)


# --- the good season ---------------------------------------------------------------------------------------------------------


def test_nothing_of_a_good_season_is_quarantined(league: tuple[Lake, dict[str, Built]]) -> None:
    assert {t: b.quarantine.rows() for t, b in league[1].items() if b.quarantine.height} == {}
    assert {t: b.good.height for t, b in league[1].items()} == {
        "bronze.schedule": 3,
        "bronze.player_boxscore": 16,
        "bronze.team_boxscore": 2,
        "bronze.player_status": 34,
        "bronze.odds": 8,
        "bronze.player_tracking": 2,
        "bronze.lineup_stint": 2,
        "bronze.impact_rating": 2,
        "bronze.player_bio": 2,
        "bronze.peer_forecast": 2,
        "bronze.team_forecast": 1,
        "silver.game": 2,
        "silver.player_game": 16,
        "silver.team_game": 2,
        "silver.tracking_game": 2,
        "silver.odds_game": 3,
        "silver.player_availability": 51,
        "silver.lineup_stint": 2,
        "silver.peer_forecast": 2,
        "silver.team_forecast": 1,
    }


def test_a_probability_that_names_the_visitors_first_is_turned_round(tmp_path: Path) -> None:
    frames = good()
    edit("team_forecast", pl.col("FORECAST") > 0, HOME_TEAM_ABBREVIATION="AWY", AWAY_TEAM_ABBREVIATION="HOM")(frames)
    _, built = make(tmp_path, frames, ["silver.team_forecast"])
    assert built["silver.team_forecast"].good.select("game_id", "forecast").rows() == [(PLAYED, 0.4)]


def test_a_played_game_is_final_and_a_coming_one_has_no_result(league: tuple[Lake, dict[str, Built]]) -> None:
    games = league[1]["silver.game"].good
    played, coming = row(games, game_id=PLAYED), row(games, game_id=COMING)
    assert (played["game_status"], played["home_pts"], played["away_pts"], played["home_win"], played["overtimes"]) == (
        "final",
        89,
        88,
        1,
        0,
    )
    assert (coming["game_status"], coming["home_pts"], coming["home_win"], coming["overtimes"]) == ("scheduled", None, None, None)


def test_decimal_minutes_refine_the_log_only_within_a_minute(league: tuple[Lake, dict[str, Built]]) -> None:
    rows = league[1]["silver.player_game"].good
    columns = ("min", "minutes", "minutes_source", "seconds")
    assert [row(rows, player_id=player(HOME, i))[c] for i in (0, 1, 2, 7) for c in columns] == [
        36,
        35.5,
        "decimal",
        2130,
        36,
        36.0,
        "log",
        2160,
        36,
        36.0,
        "log",
        2160,
        0,
        0.25,
        "decimal",
        15,
    ]


def test_counts_sides_and_starters_of_a_player(league: tuple[Lake, dict[str, Built]]) -> None:
    rows = league[1]["silver.player_game"].good
    starter, bench = row(rows, player_id=player(AWAY, 0)), row(rows, player_id=player(AWAY, 6))
    assert (starter["fga2"], starter["fg2m"], starter["fga3"], starter["fg3m"]) == (6, 3, 3, 1)
    assert (starter["home_flag"], starter["opponent_id"], starter["played"]) == (0, HOME, 1)
    assert (starter["starter"], starter["start_position"], bench["starter"], bench["start_position"]) == (1, "G", 0, None)


def test_a_teams_possessions_margin_and_seconds(league: tuple[Lake, dict[str, Built]]) -> None:
    home = row(league[1]["silver.team_game"].good, team_id=HOME)
    assert (home["pts"], home["opp_pts"], home["plus_minus"], home["seconds"], home["home_flag"]) == (89, 88, 1, 14400, 1)
    assert home["possessions"] == pytest.approx(8 * (9 - 1 + 2) + 0.44 * (17 + 16) / 2)


def test_tracking_rates_need_a_minute(league: tuple[Lake, dict[str, Built]]) -> None:
    rows = league[1]["silver.tracking_game"].good
    long, short = row(rows, player_id=player(HOME, 0)), row(rows, player_id=player(HOME, 7))
    assert (long["time_of_poss_seconds"], long["top_per_min"], long["game_date"]) == (180.0, 3 / 36, dt.date(2025, 1, 14))
    assert short["touches_per_min"] is None


def test_the_markets_three_labels(league: tuple[Lake, dict[str, Built]]) -> None:
    odds = league[1]["silver.odds_game"].good
    first, close, last = (row(odds, as_of=label) for label in ("open", "close", "latest"))
    assert (first["spread_home"], first["total"], first["published_utc"]) == (-3.0, None, minutes_before(1500))
    assert (close["spread_home"], close["total"], close["home_itt"], close["away_itt"]) == (-4.5, 220.0, 112.25, 107.75)
    assert close["published_utc"] == minutes_before(5)
    assert (last["spread_home"], last["published_utc"]) == (-7.0, minutes_before(-5))
    assert (close["moneyline_home"], close["moneyline_away"]) == (-200.0, 170.0)  # -4 and 3 are no prices
    assert close["home_win_prob_market"] == pytest.approx((200 / 300) / (200 / 300 + 100 / 270))
    assert close["books"] == 2


def test_status_and_fives_as_of_each_label(league: tuple[Lake, dict[str, Built]]) -> None:
    rows = league[1]["silver.player_availability"].good.filter(player_id=player(HOME, 6), game_id=PLAYED)
    known = {
        r["as_of"]: (r["status"], r["play_prob_prior"], r["starter_announced"], r["published_utc"], r["availability_source"])
        for r in rows.iter_rows(named=True)
    }
    assert known == {
        "open": ("questionable", 0.5, None, minutes_before(1500), "injury_report"),
        "close": ("active", 0.82, 0, minutes_before(30), "active_list"),
        "latest": ("active", 0.82, 0, minutes_before(30), "active_list"),
    }


def test_a_snapshot_holds_nothing_published_later(league: tuple[Lake, dict[str, Built]]) -> None:
    lake, built = league
    for table in SNAPSHOTS:
        assert snapshot(lake, table, SEASON, None).equals(built[table].good)
        for minutes in (1501, 1500, 60, 30, 5, -5):
            as_of = minutes_before(minutes)
            seen = snapshot(lake, table, SEASON, as_of)
            assert seen.filter(pl.col("published_utc") > as_of).is_empty()
        assert snapshot(lake, table, SEASON, minutes_before(1501)).is_empty()
    early = snapshot(lake, "silver.player_availability", SEASON, minutes_before(60))
    assert row(early, player_id=player(HOME, 6), as_of="close", game_id=PLAYED)["starter_announced"] is None
    with pytest.raises(RatesError, match="has no time zone"):
        snapshot(lake, SNAPSHOTS[0], SEASON, dt.datetime(2025, 1, 1))  # noqa: DTZ001 - what is refused
    with pytest.raises(RatesError, match=r"silver.game has no publications"):
        snapshot(lake, "silver.game", SEASON, None)


def test_a_game_without_any_status_has_the_players_of_the_log_as_proxy(tmp_path: Path) -> None:
    frames = good()
    frames["injury_report"] = frames["injury_report"].filter(pl.col("GAME_ID") == COMING)
    lake, built = make(tmp_path, frames, ["silver.player_availability"])
    rows = built["silver.player_availability"].good.filter(as_of="close", game_id=PLAYED)
    assert rows.height == 16
    assert set(rows.select("status", "availability_source", "published_utc", "published_assumed").rows()) == {
        ("active", "proxy", minutes_before(1), True)
    }
    assert rows.get_column("starter_announced").sum() == 10
    early = snapshot(lake, "silver.player_availability", SEASON, minutes_before(20)).filter(game_id=PLAYED, as_of="latest")
    assert set(early.select("status", "availability_source", "starter_announced").rows()) == {("unknown", "none", 1)}  # the ten announced
    assert early.height == 10


def test_a_game_that_was_played_keeps_lines_and_statuses_though_the_schedule_calls_it_postponed(
    tmp_path: Path, league: tuple[Lake, dict[str, Built]]
) -> None:
    frames = good()
    edit("schedule", pl.col("GAME_ID") == PLAYED, GAME_STATUS="postponed")(frames)
    lake, built = make(tmp_path, frames, SNAPSHOTS)
    assert built["silver.game"].good.equals(league[1]["silver.game"].good)
    for table in SNAPSHOTS:
        assert "silver.game" in sql_inputs(table)
        assert built[table].good.equals(league[1][table].good)
        assert snapshot(lake, table, SEASON, minutes_before(30)).equals(snapshot(league[0], table, SEASON, minutes_before(30)))


def test_quotes_that_no_book_can_have_made_stay_in_bronze_and_do_not_count(tmp_path: Path, league: tuple[Lake, dict[str, Built]]) -> None:
    frames = good()
    quote = frames["odds_quotes"].filter(BOOK="mean of books")
    wrong = {"both favourites": (-200.0, -200.0), "both outsiders": (170.0, 170.0), "one price": (-200.0, 99.0), "no price": (-200.0, None)}
    spoiled = (
        quote.with_columns(pl.lit(book).alias("BOOK"), PRICE_HOME=pl.lit(home), PRICE_AWAY=pl.lit(away, pl.Float64))
        for book, (home, away) in wrong.items()
    )
    frames["odds_quotes"] = pl.concat([frames["odds_quotes"], *spoiled])
    _, built = make(tmp_path, frames, ["silver.odds_game"])
    assert built["bronze.odds"].quarantine.is_empty()
    kept = {book: (home, away) for book, home, away in built["bronze.odds"].good.select("book", "price_home", "price_away").rows()}
    assert wrong.items() <= kept.items()
    assert kept["mean of books"] == (-4.0, 3.0)
    assert built["silver.odds_game"].good.equals(league[1]["silver.odds_game"].good)


def possessions(plays: list[tuple[int, str, str, int]]) -> pl.DataFrame:
    """Plays of the game: period, offence's and defence's line-up, points."""
    return pl.DataFrame(
        [
            {"GAME_ID": PLAYED, "rn": i, "period": period, "off": off, "n_off": 5, "de": de, "n_def": 5, "pts": pts}
            for i, (period, off, de, pts) in enumerate(plays)
        ]
    )


def test_possessions_become_stints(tmp_path: Path) -> None:
    frames = good()
    del frames["stints"]
    home, away = ("|".join(player(team, i) for i in range(5)) for team in (HOME, AWAY))
    bench = "|".join(player(HOME, i) for i in range(1, 6))
    plays = [(1, home, away, 2), (1, away, home, 0), (1, home, away, 3), (2, home, away, 1), (2, bench, away, 2), (2, bench, away, -9)]
    frames["possessions"] = possessions(plays)
    _, built = make(tmp_path, frames, ["bronze.lineup_stint"])
    assert built["bronze.lineup_stint"].good.select(
        "stint", "home_lineup", "home_possessions", "away_possessions", "home_pts_stint", "away_pts_stint"
    ).rows() == [(1, home, 2.0, 1.0, 5, 0), (2, home, 1.0, 0.0, 1, 0), (3, bench, 1.0, 0.0, 2, 0)]
    assert built["bronze.lineup_stint"].quarantine.get_column("reason").to_list() == ["home_pts_stint: greater_than_or_equal_to(-5)"]


def test_plays_after_a_rebound_of_ones_own_are_one_possession(tmp_path: Path) -> None:
    frames = good()
    del frames["stints"]
    home, away = ("|".join(player(team, i) for i in range(5)) for team in (HOME, AWAY))
    # missed, rebounded, scored; scored again after the opponents' turn was not recorded; a new period
    plays = [(1, home, away, 0), (1, home, away, 2), (1, home, away, 0), (1, away, home, 3), (2, away, home, 0)]
    frames["possessions"] = possessions(plays)
    _, built = make(tmp_path, frames, ["bronze.lineup_stint"])
    rows = built["bronze.lineup_stint"].good.select("home_possessions", "away_possessions", "home_pts_stint", "away_pts_stint").rows()
    assert rows == [(2.0, 1.0, 2, 3), (0.0, 1.0, 0, 0)]


def test_who_is_missing_in_a_line_up_is_found_by_elimination(tmp_path: Path) -> None:
    """Eight a side are in the box score: seven are named somewhere, so a line-up of four lacks the eighth."""
    frames = good()
    del frames["stints"]
    sides = {team: [player(team, i) for i in range(8)] for team in (HOME, AWAY)}
    away = "|".join(sides[AWAY][:5])
    whole, bench, four, three = (
        "|".join(sides[HOME][i] for i in five) for five in ((0, 1, 2, 3, 4), (2, 3, 4, 5, 6), (3, 4, 5, 6), (4, 5, 6))
    )
    frames["possessions"] = possessions([(1, whole, away, 2), (1, bench, away, 2), (2, four, away, 2), (3, three, away, 2)])
    _, built = make(tmp_path, frames, ["silver.lineup_stint"])
    lineups = built["silver.lineup_stint"]
    every = pl.concat([lineups.good["home_lineup"], lineups.quarantine["row_json"].str.json_path_match("$.home_lineup")])
    assert sorted(every.unique().to_list()) == sorted([whole, bench, f"{four}|{player(HOME, 7)}", three])
    assert lineups.quarantine.filter(reason="not five players a side")["row_json"].str.json_path_match("$.home_lineup").to_list() == [three]


# --- bad rows ------------------------------------------------------------------------------------------------------------------


def edit(dataset: str, when: pl.Expr, **values: object) -> Callable[[Frames], None]:
    """Change the columns named in `values` in the rows of a dataset where `when` holds."""

    def apply(frames: Frames) -> None:
        frames[dataset] = frames[dataset].with_columns(
            pl.when(when).then(pl.lit(v)).otherwise(pl.col(c)).alias(c) for c, v in values.items()
        )

    return apply


def level_score(frames: Frames) -> None:
    """The free throw that decides is missed."""
    for name, when in (("leaguegamelog_player", pl.col("PLAYER_ID") == player(HOME, 0)), ("leaguegamelog_team", pl.col("TEAM_ID") == HOME)):
        frames[name] = frames[name].with_columns(pl.when(when).then(pl.col(c) - 1).otherwise(pl.col(c)).alias(c) for c in ("FTM", "PTS"))


def no_team_line(frames: Frames) -> None:
    frames["leaguegamelog_team"] = frames["leaguegamelog_team"].filter(pl.col("TEAM_ID") == HOME)


def line_without_game(frames: Frames) -> None:
    empty = dict.fromkeys(c for c in LANDING["closing_lines"].columns if c not in LANDING["closing_lines"].key)
    frames["closing_lines"] = pl.DataFrame(
        {
            **empty,
            "date": [dt.date(2024, 12, 24)],
            "home": ["HOM"],
            "away": ["AWY"],
            "spread_home": [-3.5],
            "source": ["x"],
            "PUBLISHED_UTC": [minutes_before(5)],
            "PUBLISHED_ASSUMED": [True],
        }
    )


def duplicate(dataset: str) -> Callable[[Frames], None]:
    def apply(frames: Frames) -> None:
        frames[dataset] = pl.concat([frames[dataset], frames[dataset].tail(1)])

    return apply


P0 = pl.col("PLAYER_ID") == player(HOME, 0)
FIRST = pl.col("TimeStart") == 0
BAD: list[tuple[str, Callable[[Frames], None], str, int]] = [
    ("bronze.schedule", edit("schedule", pl.col("GAME_ID") == COMING, AWAY_TEAM_ID=HOME), "a team plays itself", 1),
    (
        "bronze.schedule",
        edit("schedule", pl.col("GAME_ID") == COMING, GAME_STATUS="cancelled"),
        "game_status: isin(('scheduled', 'final', 'postponed'))",
        1,
    ),
    ("bronze.player_boxscore", edit("leaguegamelog_player", P0, PTS=99), "pts is not 2 x 2PM + 3 x 3PM + FTM", 1),
    ("bronze.player_boxscore", edit("leaguegamelog_player", P0, GAME_ID="0022400999"), "the schedule has no such game", 1),
    ("bronze.player_boxscore", duplicate("leaguegamelog_player"), "duplicate key", 1),
    ("bronze.team_boxscore", edit("leaguegamelog_team", pl.col("TEAM_ID") == HOME, MIN=252), "min is not 240 + 25 per overtime", 1),
    ("bronze.team_boxscore", edit("leaguegamelog_team", pl.col("TEAM_ID") == HOME, REB=1), "reb is not oreb + dreb", 1),
    ("bronze.player_status", edit("injury_report", P0, TEAM_ID="300"), "the team does not play in this game", 1),
    ("bronze.odds", line_without_game, "game_id: not_nullable", 1),
    ("bronze.player_tracking", edit("leaguedashptstats_game", P0, GAME_ID="0022400999"), "the schedule has no such game", 1),
    ("bronze.lineup_stint", edit("stints", FIRST, HomeEnd=150.0), "home_pts_stint: less_than_or_equal_to(100)", 1),
    ("bronze.impact_rating", edit("impact_rating", P0, PLAYER_ID="nobody"), "no game of the season's log has this player", 1),
    ("bronze.player_bio", edit("player_bios", P0, PLAYER_HEIGHT_INCHES=6.8), "height_inches: greater_than_or_equal_to(60)", 1),
    ("bronze.peer_forecast", edit("peer_forecast", pl.col("FORECAST") > 30, FORECAST=305.0), "forecast: less_than_or_equal_to(120)", 1),
    ("bronze.peer_forecast", duplicate("peer_forecast"), "duplicate key", 1),
    ("bronze.impact_rating", edit("impact_rating", P0, RATING_PER_100=150.0), "rating_per_100: less_than_or_equal_to(60)", 1),
    (
        "silver.peer_forecast",
        edit("peer_forecast", pl.col("FORECAST") > 30, PLAYER_NAME="Nobody Known"),
        "unknown player Nobody Known",
        1,
    ),
    (
        "silver.peer_forecast",
        edit("peer_forecast", pl.col("FORECAST") > 30, TEAM_ABBREVIATION="ELS"),
        "no game of ELS on 2025-01-14",
        1,
    ),
    ("bronze.team_forecast", edit("team_forecast", pl.col("FORECAST") > 0, FORECAST=305.0), "forecast: less_than_or_equal_to(120)", 1),
    (
        "silver.team_forecast",
        edit("team_forecast", pl.col("FORECAST") > 0, AWAY_TEAM_ABBREVIATION="ELS"),
        "no game of HOM and ELS on 2025-01-14",
        1,
    ),
    ("silver.game", level_score, "a final score is level", 1),
    ("silver.player_game", edit("leaguegamelog_player", P0, AST=9), "players' ast do not sum to the team's", 8),
    ("silver.player_game", no_team_line, "the team has no line in the team log", 8),
    ("silver.team_game", no_team_line, "opponent_id: not_nullable", 1),
    ("silver.tracking_game", edit("leaguedashptstats_game", P0, TOUCHES=None), "touches: not_nullable", 1),
    ("silver.tracking_game", edit("leaguedashptstats_game", P0, TEAM_ID=AWAY), "the box score has no such player of this team", 1),
    ("silver.lineup_stint", edit("stints", FIRST, POSSESSIONS=0.0), "no possessions", 1),
    ("silver.lineup_stint", edit("stints", FIRST, plus1="10|11|12|13"), "not five players a side", 1),
    ("silver.lineup_stint", edit("stints", FIRST, POSSESSIONS=2.0), "points that so many possessions cannot bring", 1),
    ("silver.lineup_stint", edit("stints", FIRST, plus1="10|11|12|13|24"), "a player whom the box score has not on this side", 1),
    ("silver.lineup_stint", edit("stints", FIRST, HomeEnd=50.0), "the game's stints miss the final score by more than 3", 2),
    (
        "silver.lineup_stint",
        edit("stints", FIRST, POSSESSIONS=69.0),
        "the game's stints miss the box score's possessions by more than a tenth",
        2,
    ),
    ("silver.lineup_stint", edit("stints", FIRST, TimeEnd=23.0), "the game's stints leave gaps", 2),
]


@pytest.mark.parametrize(("table", "spoil", "reason", "rows"), BAD, ids=[f"{t}-{i}" for i, (t, *_) in enumerate(BAD)])
def test_a_bad_row_is_quarantined_with_its_reason(
    tmp_path: Path, table: str, spoil: Callable[[Frames], None], reason: str, rows: int
) -> None:
    frames = good()
    spoil(frames)
    _, built = make(tmp_path, frames, [table])
    hit = built[table].quarantine.filter(reason=reason)
    assert hit.height == rows, built[table].quarantine.select("row_key", "reason").rows()
    assert (
        set(hit.get_column("row_key")).isdisjoint(
            built[table].good.select(pl.struct(pl.col(k).cast(pl.String) for k in TABLES[table].key).struct.json_encode()).to_series()
        )
        or reason == "duplicate key"
    )


@pytest.mark.parametrize(
    ("table", "bronze", "spoil", "reason"),
    [
        (
            "silver.odds_game",
            "bronze.odds",
            pl.when(pl.col("market") == "spread").then(59.0).otherwise(121.0).alias("line"),
            "home_itt: greater_than_or_equal_to(50)",
        ),
        ("silver.player_availability", "bronze.player_status", pl.lit("maybe").alias("status"), "status: isin(("),
    ],
)
def test_what_bronze_let_through_is_caught_in_silver(tmp_path: Path, table: str, bronze: str, spoil: pl.Expr, reason: str) -> None:
    _, built = make(tmp_path, good(), [table], {bronze: lambda frame: frame.with_columns(spoil)})
    assert built[table].quarantine.filter(pl.col("reason").str.starts_with(reason)).height > 0
    assert built[table].quarantine.get_column("row_json").str.contains(PLAYED).any()


def test_a_bad_game_does_not_stop_the_others(tmp_path: Path) -> None:
    frames = good()
    edit("schedule", pl.col("GAME_ID") == COMING, AWAY_TEAM_ID=HOME)(frames)
    _, built = make(tmp_path, frames, ["silver.game", "silver.player_game"])
    assert built["silver.game"].good.get_column("game_id").to_list() == [PLAYED]
    assert built["silver.player_game"].good.height == 16


def test_every_quarantinable_table_has_its_bad_row() -> None:
    tried = {table for table, *_ in BAD} | {"silver.odds_game", "silver.player_availability"}
    assert tried == {t for t in BUILD_ORDER if TABLES[t].quarantine} == set(BUILD_ORDER)


# --- the machine ---------------------------------------------------------------------------------------------------------------


def test_every_statement_is_a_table_and_every_table_has_its_statement() -> None:
    statements = {f"{p.parent.name}.{p.stem}" for layer in ("bronze", "silver") for p in (SQL_ROOT / layer).glob("*.sql")}
    checks = {f"{p.parent.name}.{p.stem}" for p in (SQL_ROOT / "checks").glob("*/*.sql")}
    assert statements == set(BUILD_ORDER)
    assert checks <= statements


def test_every_table_follows_its_inputs() -> None:
    done: set[str] = set()
    for table in BUILD_ORDER:
        assert {name for name in sql_inputs(table) if not name.startswith("landing.")} <= done
        done.add(table)
    assert sql_inputs("bronze.schedule") == ("landing.schedule",)
    assert sql_inputs("silver.player_game") == ("bronze.player_boxscore", "bronze.player_status", "bronze.schedule", "bronze.team_boxscore")


def test_a_season_of_which_nothing_is_landed_is_empty_and_typed(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for table in BUILD_ORDER:
        built = build(lake, table, SEASON)
        assert built.good.schema == pl.Schema(TABLES[table].schema)
        assert built.good.is_empty()
        assert built.quarantine.is_empty()


def test_stints_of_a_season_without_box_scores_build(tmp_path: Path) -> None:
    _, built = make(tmp_path, {"stints": good()["stints"]}, ["silver.lineup_stint"])
    assert built["silver.lineup_stint"].good.height == 2
    assert built["silver.lineup_stint"].quarantine.is_empty()


def test_possessions_are_scaled_to_the_box_score(league: tuple[Lake, dict[str, Built]]) -> None:
    lake, built = league
    stints = built["silver.lineup_stint"].good
    counted, box = 88.5, lake.read("silver.team_game", [SEASON])["possessions"][0]
    assert stints.select(pl.sum("home_possessions", "away_possessions")).row(0) == pytest.approx((box, box))
    raw = built["bronze.lineup_stint"].good["home_possessions"]
    assert (stints["home_possessions"] / raw).to_list() == pytest.approx([box / counted] * 2)


@pytest.mark.parametrize(
    ("spoil", "reason", "rows"),
    [
        (edit("stints", ~FIRST, HomeEnd=88.0), "the game's stints end level", 2),
        (edit("stints", FIRST, POSSESSIONS=20.0), "the game's stints have a pace that no game has", 2),
        (edit("stints", FIRST, TimeStart=1.0), "the game's stints leave gaps", 2),
        (edit("stints", ~FIRST, TimeEnd=47.0), "the game's stints leave gaps", 2),
        (edit("stints", FIRST, plus1="10|11|12|13|24"), "a player of both sides", 2),
        (edit("stints", FIRST, plus1="10|11|12|13|99"), "a player of whom there is no biography", 1),
    ],
)
def test_without_a_box_score_stints_answer_for_themselves(tmp_path: Path, spoil: Callable[[Frames], None], reason: str, rows: int) -> None:
    ids = [player(team, i) for team in (HOME, AWAY) for i in range(5)]
    frames: Frames = {"stints": good()["stints"], "player_bios": pl.DataFrame({"PLAYER_ID": ids, "PLAYER_NAME": ids, **BODY})}
    assert make(tmp_path / "good", frames, ["silver.lineup_stint"])[1]["silver.lineup_stint"].quarantine.is_empty()
    spoil(frames)
    _, built = make(tmp_path / "bad", frames, ["silver.lineup_stint"])
    assert built["silver.lineup_stint"].quarantine.filter(reason=reason).height == rows


def test_the_same_landing_zone_gives_the_same_bytes(tmp_path: Path, league: tuple[Lake, dict[str, Built]]) -> None:
    lake, _ = league
    other, _ = make(tmp_path, {name: frame.reverse() for name, frame in reversed(good().items())})
    for table in BUILD_ORDER:
        assert other.partition_path(table, SEASON).read_bytes() == lake.partition_path(table, SEASON).read_bytes(), table


def test_no_statement_and_no_column_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(RatesError, match=r"no statement makes gold.player_form: the tables of sql/ are bronze.schedule, "):
        build(Lake(tmp_path), "gold.player_form", SEASON)
    lake = Lake(tmp_path)
    (file,) = land(lake, "files", {"schedule": {SEASON: good()["schedule"]}}, NOW)
    pl.read_parquet(file.path).drop("NEUTRAL_SITE").write_parquet(file.path)
    with pytest.raises(LandingError, match="has no column NEUTRAL_SITE"):
        build(lake, "bronze.schedule", SEASON)
