"""The landing zone and the files provider: versions, conflicts, errors a user sees."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from rates_lib.core.calendar import season_of
from rates_lib.core.errors import LandingError
from rates_lib.lake import Lake
from rates_lib.sources.files import _win_probs, noon_eastern, read_folder_with_report
from rates_lib.sources.landing import land, read_landed

NOW = dt.datetime(2024, 12, 1, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


def positions(**players: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"PLAYER_ID": list(players), "POSITION": list(players.values())}, schema={"PLAYER_ID": pl.String, "POSITION": pl.String}
    )


def landed_positions(lake: Lake, season: int = 2024) -> dict[str, str]:
    return dict(read_landed(lake, "positions", season).select("PLAYER_ID", "POSITION").rows())


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


# --- landing ---------------------------------------------------------------------------------------------------------------


def test_what_lands_is_read_back_with_provider_and_clock(lake: Lake) -> None:
    land(lake, "files", {"positions": {2024: positions(b="G", a="C")}}, NOW)
    rows = read_landed(lake, "positions", 2024)
    assert rows.columns == ["PLAYER_ID", "POSITION", "provider", "fetched_at_utc"]
    assert rows.rows() == [("a", "C", "files", NOW), ("b", "G", "files", NOW)]


def test_same_content_is_not_landed_again(lake: Lake) -> None:
    assert len(land(lake, "files", {"positions": {2024: positions(a="C", b="G")}}, NOW)) == 1
    assert land(lake, "files", {"positions": {2024: positions(b="G", a="C")}}, LATER) == []
    assert read_landed(lake, "positions", 2024).get_column("fetched_at_utc").unique().to_list() == [NOW]


def test_changed_content_is_a_new_version_and_the_old_one_stays_as_it_was(lake: Lake) -> None:
    (first,) = land(lake, "files", {"positions": {2024: positions(a="C")}}, NOW)
    before = first.path.read_bytes()
    (second,) = land(lake, "files", {"positions": {2024: positions(a="F")}}, LATER)
    assert (first.version, second.version) == (1, 2)
    assert first.path.read_bytes() == before
    assert landed_positions(lake) == {"a": "F"}
    (third,) = land(lake, "files", {"positions": {2024: positions(a="C")}}, LATER)
    assert third.version == 3


def test_a_date_file_belongs_to_its_season_and_the_newest_fetch_wins_a_key(lake: Lake) -> None:
    land(lake, "stats_nba", {"positions": {2024: positions(a="C", b="G")}}, LATER)
    land(lake, "stats_nba", {"positions": {"2025-01-15": positions(b="F", c="F")}}, NOW)
    assert landed_positions(lake) == {"a": "C", "b": "G", "c": "F"}
    land(lake, "stats_nba", {"positions": {"2025-10-11": positions(a="PG")}}, LATER + dt.timedelta(days=1))
    land(lake, "stats_nba", {"positions": {"2025-10-12": positions(a="next season")}}, LATER)
    assert landed_positions(lake) == {"a": "PG", "b": "G", "c": "F"}
    assert landed_positions(lake, 2025) == {"a": "next season"}


def test_duplicates_inside_a_file_stay_for_bronze_to_quarantine(lake: Lake) -> None:
    twice = pl.concat([positions(a="C"), positions(a="G")])
    land(lake, "files", {"positions": {2024: twice}}, NOW)
    land(lake, "files", {"positions": {"2025-01-15": positions(b="G")}}, LATER)
    assert read_landed(lake, "positions", 2024).get_column("PLAYER_ID").to_list() == ["a", "a", "b"]


def test_nothing_landed_is_an_empty_typed_frame(lake: Lake) -> None:
    rows = read_landed(lake, "odds_quotes", 2024)
    assert rows.is_empty()
    assert rows.schema["PUBLISHED_UTC"] == pl.Datetime("us", "UTC")
    assert rows.columns[-2:] == ["provider", "fetched_at_utc"]


def test_optional_columns_may_be_missing(lake: Lake) -> None:
    bio = pl.DataFrame({"PLAYER_ID": ["1"], "PLAYER_NAME": ["A"], "PLAYER_HEIGHT_INCHES": [80], "PLAYER_WEIGHT": [220.0]})
    land(lake, "files", {"player_bios": {2024: bio}}, NOW)
    row = read_landed(lake, "player_bios", 2024).row(0, named=True)
    assert row["PLAYER_HEIGHT_INCHES"] == 80.0
    assert row["BIRTH_DATE"] is None


def test_two_providers_of_one_dataset_and_season_are_refused(lake: Lake) -> None:
    land(lake, "files", {"positions": {2024: positions(a="C")}}, NOW)
    land(lake, "sqlite", {"positions": {2024: positions(a="C"), 2025: positions(a="C")}}, NOW)
    with pytest.raises(LandingError, match=r"positions of 2024 was landed by files and sqlite: .* remove the folder"):
        read_landed(lake, "positions", 2024)
    assert landed_positions(lake, 2025) == {"a": "C"}


@pytest.mark.parametrize(("first", "second"), [("files", "synthetic"), ("sqlite", "synthetic"), ("synthetic", "files")])
def test_invented_and_real_data_do_not_share_a_lake(lake: Lake, first: str, second: str) -> None:
    land(lake, first, {"positions": {2024: positions(a="C")}}, NOW)
    with pytest.raises(LandingError, match=rf"{lake.root} holds .* \(provider {first}\), and data of the provider {second} are"):
        land(lake, second, {"positions": {2012: positions(a="C")}}, NOW)
    assert [file.provider for file in lake.landed_files()] == [first]
    assert land(lake, first, {"positions": {2025: positions(a="C")}}, NOW)


def test_a_renamed_column_names_the_file_and_the_closest_name(lake: Lake) -> None:
    (file,) = land(lake, "files", {"positions": {2024: positions(a="C")}}, NOW)
    pl.read_parquet(file.path).rename({"POSITION": "POSITIONS"}).write_parquet(file.path)
    with pytest.raises(LandingError, match=r"2024.parquet has no column POSITION \(renamed to POSITIONS\?\): restore the column"):
        read_landed(lake, "positions", 2024)


def test_a_missing_column_a_wrong_value_and_an_unknown_dataset_do_not_land(lake: Lake) -> None:
    with pytest.raises(LandingError, match="files/positions/2024 has no column POSITION:"):
        land(lake, "files", {"positions": {2024: positions(a="C").drop("POSITION")}}, NOW)
    bad = pl.DataFrame({"PLAYER_ID": ["1"], "GAME_DATE": [dt.date(2024, 12, 1)], "MIN": ["31:20"]})
    with pytest.raises(LandingError, match="MIN is String, and not every value is a Float64"):
        land(lake, "files", {"fractional_minutes": {2024: bad}}, NOW)
    with pytest.raises(LandingError, match="no dataset 'position' in the landing zone: did you mean positions"):
        land(lake, "files", {"position": {2024: positions(a="C")}}, NOW)
    assert lake.landed_files() == []


def test_an_unreadable_file_is_one_clear_line(lake: Lake) -> None:
    (file,) = land(lake, "files", {"positions": {2024: positions(a="C")}}, NOW)
    file.path.write_bytes(b"not parquet")
    with pytest.raises(LandingError, match=r"2024.parquet cannot be read as Parquet \(.*\): fetch the file again") as caught:
        read_landed(lake, "positions", 2024)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("day", "season"), [("2020-10-11", 2019), ("2020-10-12", 2020), ("2021-01-01", 2020), ("2021-12-31", 2021)])
def test_seasons_begin_on_12_october(day: str, season: int) -> None:
    assert season_of(dt.date.fromisoformat(day)) == season


# --- the files provider ----------------------------------------------------------------------------------------------------

COUNTS = ["FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TOV", "PF", "PTS"]


def log(matchups: dict[str, list[str]], day: str = "2025-11-01") -> pl.DataFrame:
    """A team log: matchups by game id, one a team, whose id is its abbreviation's place in the alphabet."""
    rows = [
        {"TEAM_ID": ord(m[0]), "TEAM_ABBREVIATION": m[:3], "GAME_ID": game, "GAME_DATE": day, "MATCHUP": m, "WL": "W", "MIN": 240,
         **dict.fromkeys(COUNTS, 0), "PLUS_MINUS": 1.2}
        for game, both in matchups.items() for m in both
    ]  # fmt: skip
    return pl.DataFrame(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A season that no code knows of: 2025-26, with a home game, one at a neutral site and a Cup final."""
    teams = log(
        {"0022500001": ["BOS @ ATL", "ATL vs. BOS"], "0022500002": ["SAS @ IND", "SAS @ IND"], "0062500001": ["NYK @ OKC", "OKC vs. NYK"]}
    )
    teams = teams.with_columns(
        TEAM_ID=pl.when(pl.struct("GAME_ID", "MATCHUP").is_last_distinct() & (pl.col("GAME_ID") == "0022500002"))
        .then(pl.lit(ord("I"))).otherwise("TEAM_ID"),
        TEAM_ABBREVIATION=pl.when(pl.struct("GAME_ID", "MATCHUP").is_last_distinct() & (pl.col("GAME_ID") == "0022500002"))
        .then(pl.lit("IND")).otherwise("TEAM_ABBREVIATION"),
    )  # fmt: skip
    players = teams.with_columns(PLAYER_ID=pl.lit(7), PLAYER_NAME=pl.lit("A"))
    put(tmp_path / "data/stats_nba/leaguegamelog_team/2025-26.parquet", teams)
    put(tmp_path / "data/stats_nba/leaguegamelog_player/2025-26.parquet", players)
    starters = pl.DataFrame({"GAME_ID": ["0022500001", "0042500001"], "PLAYER_ID": [7, 7], "starter": [1, 1], "START_POSITION": ["C", "C"]})
    put(tmp_path / "data/stats_nba/starters.parquet", starters)
    return tmp_path / "data"


def put(path: Path, frame: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path)


def test_a_later_season_needs_no_code(folder: Path) -> None:
    datasets, report = read_folder_with_report(folder)
    assert set(datasets) == {"leaguegamelog_player", "leaguegamelog_team", "schedule", "starters"}
    assert {s for frames in datasets.values() for s in frames} == {2025}
    schedule = datasets["schedule"][2025]
    assert schedule.select("GAME_ID", "HOME_TEAM_ABBREVIATION", "AWAY_TEAM_ABBREVIATION", "NEUTRAL_SITE").rows() == [
        ("0022500001", "ATL", "BOS", False),
        ("0022500002", "IND", "SAS", True),  # both rows read SAS @ IND
    ]
    assert report.rows() == [
        ("leaguegamelog_player", 2025, "not a regular-season game", 2),
        ("leaguegamelog_team", 2025, "not a regular-season game", 2),
        ("starters", 2025, "not a regular-season game", 1),
    ]


def test_clocks_are_noon_eastern_and_marked_as_assumed(folder: Path) -> None:
    datasets, _ = read_folder_with_report(folder)
    game = datasets["schedule"][2025].row(0, named=True)
    assert game["TIPOFF_UTC"] == dt.datetime(2025, 11, 1, 16, tzinfo=dt.UTC)  # still daylight saving time
    assert game["TIPOFF_ASSUMED"]
    starter = datasets["starters"][2025].row(0, named=True)
    assert starter["PUBLISHED_UTC"] == dt.datetime(2025, 11, 1, 15, 59, tzinfo=dt.UTC)
    assert starter["PUBLISHED_ASSUMED"]
    winter = pl.select(noon_eastern(pl.lit(dt.date(2025, 12, 25)))).item()
    assert winter == dt.datetime(2025, 12, 25, 17, tzinfo=dt.UTC)


def test_lines_join_only_where_there_is_a_log(folder: Path) -> None:
    lines = pl.DataFrame(
        {
            "season": [2026, 2026, 2020],
            "date": [dt.date(2025, 11, 1), dt.date(2026, 5, 1), dt.date(2019, 11, 1)],
            "regular": [True, False, True],
            "home": ["atl", "atl", "sa"],
            "away": ["gs", "bos", "gs"],
            "score_home": [1, 2, 3],
            "score_away": [2, 3, 4],
            "neutral": [True, None, None],
            "source": ["x", "x", "x"],
            **{c: [None, None, None] for c in ("ky_ml_home", "ky_ml_away", "mg_ml_home", "mg_ml_away", "moneyline_home", "moneyline_away")},
            **{c: [1.5, 1.5, 1.5] for c in ("spread_home", "total", "open_total")},
            "open_spread_home": [1.5, None, None],
        }
    )
    put(folder / "odds/closing_lines_2019_2026.parquet", lines)
    datasets, report = read_folder_with_report(folder)
    assert list(datasets["closing_lines"]) == [2025]
    row = datasets["closing_lines"][2025].row(0, named=True)
    assert row["OPEN_PUBLISHED_UTC"] < row["PUBLISHED_UTC"]
    assert (row["home"], row["away"]) == ("ATL", "GSW")  # the league's codes, not the books'
    assert report.filter(dataset="closing_lines").rows() == [
        ("closing_lines", 2019, "no game log of the season to join", 1),
        ("closing_lines", 2025, "play-in, playoffs or Cup final", 1),
    ]
    assert datasets["schedule"][2025].get_column("NEUTRAL_SITE").to_list() == [True, True]


def test_peers_forecasts_become_one_dataset_on_eastern_days(folder: Path) -> None:
    log_file = folder / "stats_nba/leaguegamelog_team/2025-26.parquet"
    names = {"ATL": "Atlanta Hawks", "BOS": "Boston Celtics"}
    put(log_file, pl.read_parquet(log_file).with_columns(TEAM_NAME=pl.col("TEAM_ABBREVIATION").replace_strict(names, default=None)))
    linestar = {"season": "2025", "game_date": dt.date(2025, 11, 1), "player_name": "A B", "team": "sa", "proj_fpts": 30.5, "slate_id": 2}
    played_later = {**linestar, "game_date": dt.date(2026, 5, 1)}
    put(
        folder / "benchmarks/linestar_dk_points_2025_26.parquet",
        pl.DataFrame([linestar, {**linestar, "slate_id": 1, "proj_fpts": 29.0}, played_later]),
    )
    prop = {"player_name": "C", "home_team": "Atlanta Hawks", "away_team": "Los Angeles Clippers", "bookmaker": "X", "line": 20.5}
    props = [
        {**prop, "event_date": "2025-11-02", "timestamp": "2025-11-02T02:25:00Z", "over_price": -110.0},  # 1 November, 22:25 Eastern
        {**prop, "event_date": "2025-11-03", "timestamp": "2025-11-03T02:25:00Z", "over_price": -110.0},
    ]
    put(folder / "benchmarks/props_pra_2025_26.parquet", pl.DataFrame(props))
    datasets, report = read_folder_with_report(folder)
    rows = datasets["peer_forecast"][2025]
    assert rows.select("SOURCE", "BOOK", "GAME_DATE", "TEAM_ABBREVIATION", "HOME_TEAM_ABBREVIATION", "AWAY_TEAM_ABBREVIATION").rows() == [
        ("linestar", None, dt.date(2025, 11, 1), "SAS", None, None),
        ("linestar", None, dt.date(2025, 11, 1), "SAS", None, None),
        ("props", "X", dt.date(2025, 11, 1), None, "ATL", "LAC"),
    ]
    assert rows["FORECAST"].to_list() == [29.0, 30.5, 20.5]  # the first slate leads: bronze keeps the first of a key
    assert rows["PRICE_OVER"].to_list() == [None, None, -110.0]
    assert rows["PUBLISHED_ASSUMED"].to_list() == [True, True, False]
    assert rows["PUBLISHED_UTC"].to_list()[1:] == [
        dt.datetime(2025, 11, 1, 15, 59, tzinfo=dt.UTC),
        dt.datetime(2025, 11, 2, 2, 25, tzinfo=dt.UTC),
    ]
    assert report.filter(dataset="peer_forecast").rows() == [("peer_forecast", 2025, "not a regular-season day", 2)]


def test_a_line_without_its_instant_is_one_clear_line(folder: Path) -> None:
    prop = {"player_name": "C", "home_team": "A", "away_team": "B", "bookmaker": "X", "line": 20.5, "timestamp": "2 November"}
    put(folder / "benchmarks/props_pra_2025_26.parquet", pl.DataFrame([prop]))
    with pytest.raises(LandingError, match=r"props_pra_2025_26.parquet: timestamp is not always as 2023-10-24T23:25:44Z"):
        read_folder_with_report(folder)


def test_a_missing_folder_file_or_season_is_one_clear_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="nowhere is not a folder: pass the folder that holds stats_nba"):
        read_folder_with_report(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LandingError, match="has none of the expected files"):
        read_folder_with_report(tmp_path / "empty")
    with pytest.raises(LandingError, match="holds no file of season 2030: it has 2025 to 2025"):
        read_folder_with_report(folder, [2025, 2030])
    (folder / "stats_nba/leaguegamelog_team/2025-26.parquet").unlink()
    with pytest.raises(LandingError, match=r"leaguegamelog_team/2025-26.parquet is missing: the player log and the team log"):
        read_folder_with_report(folder)


def test_a_renamed_or_broken_source_file_is_one_clear_line(folder: Path) -> None:
    file = folder / "stats_nba/starters.parquet"
    put(file, pl.read_parquet(file).rename({"PLAYER_ID": "PlayerID"}))
    with pytest.raises(LandingError, match=r"starters.parquet has no column PLAYER_ID \(renamed to PlayerID\?\)"):
        read_folder_with_report(folder)
    file.write_bytes(b"")
    with pytest.raises(LandingError, match=r"starters.parquet cannot be read as Parquet"):
        read_folder_with_report(folder)


def test_published_probabilities_get_the_leagues_codes_and_the_start_year() -> None:
    names = {"Portland Trail Blazers": "POR", "Boston Celtics": "BOS"}
    frame = pl.DataFrame({"season": [2019], "date": ["2018-11-01"], "team1": ["Trail Blazers"], "team2": ["Celtics"], "prob1": [0.6]})
    (row,) = _win_probs(names)(frame, "here").to_dicts()
    assert (row["_season"], row["HOME_TEAM_ABBREVIATION"], row["AWAY_TEAM_ABBREVIATION"]) == (2018, "POR", "BOS")
    assert row["GAME_DATE"] == dt.date(2018, 11, 1)
    assert row["PUBLISHED_UTC"] == dt.datetime(2018, 11, 1, 15, 59, tzinfo=dt.UTC)  # a minute before noon Eastern
