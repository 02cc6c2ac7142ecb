from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from rates_lib.core.errors import SchemaError
from rates_lib.exports.datasets import game_rows, player_predictions, player_profiles
from rates_lib.exports.day import FILES, write_day
from rates_lib.exports.files import file_names, render_dataset, require_valid
from rates_lib.lake import Lake
from rates_lib.pipeline.mean_box import project_box
from rates_lib.pipeline.profiles import profiles_of
from rates_lib.schemas.json_schema import json_schema
from rates_lib.schemas.tables import EXPORTS, PLAYER_IMPACT, TABLES
from rates_lib.sim.parameters import Parameters
from rates_lib.sim.summary import summarise_game, summarise_players
from rates_lib.sim.worlds import draw_slate, slots
from tests.frames.slate import AS_OF, DAY, profiles, second_stage, slate

VERSION = "20241225T160000Z"


@pytest.fixture(scope="module")
def day() -> dict[str, pl.DataFrame]:
    frames = slate(2)
    frames["minutes"] = frames["minutes"].with_columns(
        pl.col("player_name").str.replace("Player 001-03", "<b>D'Angelo & Söhne</b>", literal=True)
    )
    first = project_box(frames["minutes"], frames["rates"], frames["form"])
    box = project_box(frames["minutes"], frames["rates"], frames["form"], second=second_stage(first))
    drawn = list(draw_slate(slots(frames["minutes"], frames["rates"], box), Parameters(), 300))
    return {name: frame for name, frame in frames.items() if name not in ("form", "percentages")} | {
        "worlds": pl.concat(game.rows() for game in drawn),
        "box": box,
        "player_summary": pl.concat(summarise_players(game, box) for game in drawn),
        "game_summary": pl.concat(summarise_game(game, frames["games"], box) for game in drawn),
    }


@pytest.fixture(scope="module")
def written(day, tmp_path_factory) -> Path:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    write_day(lake, DAY, day, AS_OF)
    return lake.exports_root("2024-12-25") / VERSION


def test_every_file_is_listed(written, day, tmp_path):
    files = write_day(Lake(tmp_path), DAY, day, AS_OF)
    assert files.schema == TABLES["exports.files"].schema
    assert sorted(p.name for p in written.iterdir()) == sorted([*FILES, "manifest.json"])
    assert [(tmp_path / "exports" / p).stat().st_size for p in files["path"]] == files["bytes"].to_list()
    assert set(files["format"]) == {"csv", "json", "parquet", "html", "png"}


@pytest.mark.parametrize("dataset", EXPORTS)
def test_the_three_formats_agree(written, day, dataset):
    parquet = pl.read_parquet(written / f"{dataset}.parquet")
    csv = pl.read_csv(written / f"{dataset}.csv", infer_schema=False)
    records = json.loads((written / f"{dataset}.json").read_text())
    assert parquet.height == len(records) == (day["minutes"].height if "player" in dataset else day["games"].height)
    assert parquet.columns == csv.columns == list(records[0]) == list(EXPORTS[dataset].columns)
    assert parquet.schema == EXPORTS[dataset].schema
    for column, dtype in parquet.schema.items():
        values = parquet[column].to_list()
        if dtype == pl.Float64:
            assert csv[column].cast(pl.Float64).to_list() == values == [r[column] for r in records]
        elif dtype == pl.String:
            assert csv[column].to_list() == values == [r[column] for r in records]
    assert csv["tipoff_utc"][0] == records[0]["tipoff_utc"] == "2024-12-25T17:00:00Z"


@pytest.mark.parametrize("dataset", EXPORTS)
def test_every_json_file_fits_the_schema_beside_it_and_the_schema_is_one(written, dataset):
    schema = json.loads((written / f"{dataset}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    records = json.loads((written / f"{dataset}.json").read_text())
    assert list(checker.iter_errors(records)) == []
    properties = schema["items"]["properties"]
    assert list(properties) == list(EXPORTS[dataset].columns)
    assert all(properties[c.name]["description"] == c.description for c in EXPORTS[dataset].specs)


@pytest.mark.parametrize(
    ("column", "value"),
    [("team_id", 1610612738), ("is_starter", 2), ("status", "injured"), ("game_date", "25.12.2024"), ("as_of_utc", None), ("surplus", 1)],
)
def test_a_bad_record_is_refused_and_named(written, column, value):
    dataset = "gameday_player_predictions"
    records = json.loads((written / f"{dataset}.json").read_text())
    records[3][column] = value
    with pytest.raises(SchemaError, match=rf"{dataset}.json: record 3.*{column}"):
        require_valid(records, json_schema(EXPORTS[dataset]))


def test_a_frame_that_breaks_a_rule_is_not_written(day, tmp_path):
    bad = day["profiles"].with_columns(season_mpg=pl.lit(-1.0))
    with pytest.raises(SchemaError, match="season_mpg"):
        write_day(Lake(tmp_path), DAY, day | {"profiles": bad}, AS_OF)
    assert list(tmp_path.rglob("*.*")) == []


def test_instants_are_cut_to_seconds_in_every_format(day):
    as_of = pl.lit(AS_OF.replace(microsecond=123_456), pl.Datetime("us", "UTC"))
    frame = player_profiles(day["games"], day["profiles"].with_columns(as_of_utc=as_of))
    files = render_dataset(frame, "gameday_player_profiles")
    assert pl.read_parquet(files["gameday_player_profiles.parquet"])["as_of_utc"].unique().to_list() == [AS_OF]
    assert json.loads(files["gameday_player_profiles.json"])[0]["as_of_utc"] == "2024-12-25T16:00:00Z"


def test_games_have_their_teams_names_and_both_forecasts(written, day):
    rows = pl.read_parquet(written / "gameday_team_predictions.parquet")
    assert rows.select("away_team_abbreviation", "home_team_abbreviation").rows() == [("NYK", "BOS"), ("GSW", "LAL")]
    assert rows["margin_mean"].to_list() == day["team"]["margin_mean"].to_list() == [6, 4]
    assert rows["with_market_margin_mean"].to_list() == [7, 5]
    matchups = pl.read_parquet(written / "gameday_matchups.parquet")
    both = ["game_id", "home_elo", "away_elo", "diff_elo"]
    assert matchups.select(both).equals(day["matchup"].select(both).with_columns(pl.selectors.float().round(6)))


def test_without_a_team_model_the_file_is_there_and_empty(day):
    files = render_dataset(game_rows(day["games"], day["team"].clear(), "gameday_team_predictions"), "gameday_team_predictions")
    assert json.loads(files["gameday_team_predictions.json"]) == []
    assert pl.read_parquet(files["gameday_team_predictions.parquet"]).schema == EXPORTS["gameday_team_predictions"].schema


def test_rows_say_whose_and_how_good(written, day):
    rows = pl.read_parquet(written / "gameday_player_predictions.parquet")
    assert rows["team_abbreviation"].unique(maintain_order=True).to_list() == ["NYK", "BOS", "GSW", "LAL"]
    first = rows.filter(pl.col("team_abbreviation") == "NYK")
    assert first["opponent_abbreviation"].unique().to_list() == ["BOS"]
    assert first["dk_points_mean"].is_sorted(descending=True)
    starters = dict(day["minutes"].select("player_id", "is_starter").rows())
    assert rows["is_starter"].to_list() == [starters[p] for p in rows["player_id"]]
    assert rows.filter(pl.col("team_abbreviation") == "LAL")["fell_back_on"].unique().to_list() == [
        "no lines; no starters; model of 2024-11"
    ]
    assert {"fd_points_mean", "yahoo_points_mean", "fg2_pct_mean"} <= set(rows.columns)
    expected = day["player_summary"].filter((pl.col("stat") == "reb") & (pl.col("player_id") == "00100"))["p90"][0]
    assert rows.filter(pl.col("player_id") == "00100")["reb_world_p90"][0] == expected


def test_the_same_frames_give_the_same_bytes(written, day, tmp_path):
    write_day(Lake(tmp_path), DAY, day, AS_OF)
    for name in FILES:
        assert (tmp_path / "exports" / "2024-12-25" / VERSION / name).read_bytes() == (written / name).read_bytes(), name


def test_the_report_stands_alone_and_says_what_it_rests_on(written):
    page = (written / "slate_report.html").read_text()
    assert "http" not in page
    assert re.findall(r'(?:src|href)="(?!data:image/png;base64,|#)', page) == []
    assert "&lt;b&gt;D&#x27;Angelo &amp; Söhne&lt;/b&gt;" in page
    for text in (
        "Slate report, Wednesday 25 December 2024",
        "25 Dec 2024, 11:00 am Eastern",
        "300 simulated worlds",
        "The time of tip-off is not known",
        "Starters of GSW and LAL unknown",
        "Model of an earlier window: none was trained for 2024-12, that of 2024-11 stands in.",
        "availability: active list",
        "rates_v1-plain-stage2-2024-11-bbbb",
        "Does not play: Player 001-12 (out)",
        "<li>Fell back: no lines.</li>",
        "DraftKings points (1 PTS, 0.5 3PM, 1.25 REB",
    ):
        assert text in page, text
    assert "Starters of NYK" not in page
    assert page.count("Fell back:") == 1


def test_the_report_tells_expected_minutes_from_minutes_if_played_and_the_market_from_none(written, day):
    page = (written / "slate_report.html").read_text()
    assert "<th>Plays</th><th>MIN exp</th><th>MIN if plays</th>" in page
    assert "<th>MIN</th>" not in page
    player = day["minutes"].filter(pl.col("play_prob") > 0).sort("minutes_reconciled").row(-1, named=True)
    assert f"<td class=main>{player['minutes_reconciled']:.1f}</td><td>{player['minutes_p50']:.0f}</td>" in page
    for team in day["team"].iter_rows(named=True):
        assert f"wins {team['home_win_prob']:.0%} &middot; margin {team['margin_mean']:+.1f}" in page
    assert page.count("(team model, without the market)") == day["team"].height
    assert "(worlds, no line known)" in page
    assert "(worlds, with the market (home " in page


def test_the_report_says_when_availability_is_guessed(day, tmp_path):
    guessed = day["minutes"].with_columns(
        pl.when(pl.col("game_id") == "0022400000").then(pl.lit("proxy")).otherwise(pl.lit("none")).alias("availability_source")
    )
    write_day(Lake(tmp_path), DAY, day | {"minutes": guessed}, AS_OF)
    page = (tmp_path / "exports" / "2024-12-25" / VERSION / "slate_report.html").read_text()
    assert "which flatters the projection" in page
    assert "No availability was published" in page


def test_a_day_without_games_has_no_newest_version_and_keeps_the_old(day, tmp_path):
    lake = Lake(tmp_path)
    write_day(lake, DAY, day, AS_OF)
    none = {name: frame.clear() for name, frame in day.items()}
    assert write_day(lake, DAY, none, AS_OF).equals(TABLES["exports.files"].empty())
    assert [path.name for path in lake.exports_root("2024-12-25").iterdir()] == [VERSION]


def test_games_without_worlds_are_exported_too(day):
    inputs = {name: day[name] for name in ("games", "minutes", "rates", "box")}
    frame = player_predictions(**inputs, player_summary=day["player_summary"].clear())
    assert set(render_dataset(frame, "gameday_player_predictions")) == set(file_names("gameday_player_predictions"))
    assert frame["pts_world_p50"].null_count() == frame.height > 0


def test_profiles_by_hand():
    rows = profiles(slate(1)["minutes"].head(2)).drop("season_pts_per_36", "season_ts_pct", *PLAYER_IMPACT)
    dates = [date(2024, 12, 1), date(2024, 12, 25), date(2025, 1, 1)]
    impact = pl.DataFrame({"estimate_date": dates, "player_id": rows["player_id"][0], **{c: [1.0, 2.0, 3.0] for c in PLAYER_IMPACT}})
    features = rows.with_columns(
        season_mpg=pl.Series([32.0, None]),
        **{f"season_{s}_per_min": pl.Series([v, None]) for s, v in {"pts": 0.75, "fga": 0.5, "3pa": 0.2, "fta": 0.25}.items()},
        **{f"season_{s}_per_min": pl.Series([0.1, 0.0]) for s in ("reb", "oreb", "dreb", "ast", "stl", "blk", "tov")},
        **{f"{s}_per_min_hl30": pl.Series([v, 0.0]) for s, v in {"fga2": 0.3, "fga3": 0.2, "fg2m": 0.15, "fg3m": 0.08}.items()},
    )
    first, second = profiles_of(features, impact).to_dicts()
    assert first["season_pts_per_game"] == 24
    assert first["season_pts_per_36"] == 27
    assert first["season_3pa_share"] == pytest.approx(0.4)
    assert first["season_fta_per_fga"] == pytest.approx(0.5)
    assert first["season_ts_pct"] == pytest.approx(0.75 / (2 * 0.61))
    assert first["efg_pct_hl30"] == pytest.approx(0.54)
    assert {second[c] for c in ("season_pts_per_game", "season_ts_pct", "efg_pct_hl30", *PLAYER_IMPACT)} == {None}
    assert [first[c] for c in PLAYER_IMPACT] == [2.0] * 4  # the newest whose games lie before its date, and that before the slate's
