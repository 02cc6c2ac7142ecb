from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from rates_lib.exports import FILES, write_day
from rates_lib.lake import Lake
from rates_lib.schemas.tables import TABLES
from rates_lib.sim.box import project_box
from rates_lib.sim.summary import summarise_games, summarise_players
from rates_lib.sim.worlds import simulate
from tests.unit.slate_frames import AS_OF, DAY, second_stage, slate


@pytest.fixture(scope="module")
def day() -> dict[str, pl.DataFrame]:
    frames = slate(2)
    frames["minutes"] = frames["minutes"].with_columns(
        pl.col("player_name").str.replace("Player 001-03", "<b>D'Angelo & Söhne</b>", literal=True)
    )
    worlds = simulate(frames["minutes"], frames["rates"], frames["percentages"], 300)
    first = project_box(frames["minutes"], frames["rates"], frames["form"])
    box = project_box(frames["minutes"], frames["rates"], frames["form"], second=second_stage(first))
    return {name: frame for name, frame in frames.items() if name not in ("form", "percentages")} | {
        "worlds": worlds,
        "box": box,
        "player_summary": summarise_players(worlds, box),
        "game_summary": summarise_games(worlds, frames["games"], box),
    }


@pytest.fixture(scope="module")
def written(day, tmp_path_factory) -> tuple[Path, pl.DataFrame]:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    return lake.exports_root("2024-12-25"), write_day(lake, DAY, **day, as_of_utc=AS_OF)


def test_every_file_is_listed(written):
    folder, files = written
    assert files.schema == TABLES["exports.files"].schema
    assert sorted(p.name for p in folder.iterdir()) == sorted(FILES)
    assert [(folder.parent / p).stat().st_size for p in files["path"]] == files["bytes"].to_list()
    assert set(files["format"]) == {"csv", "json", "parquet", "html", "png"}


def test_the_three_formats_agree(written, day):
    folder, _ = written
    parquet = pl.read_parquet(folder / "gameday_player_predictions.parquet")
    csv = pl.read_csv(folder / "gameday_player_predictions.csv", schema_overrides={"game_id": pl.String, "player_id": pl.String})
    records = json.loads((folder / "gameday_player_predictions.json").read_text())
    assert parquet.height == day["minutes"].height == len(records)
    assert parquet.columns == csv.columns == list(records[0])
    for column in ("player_id", "pts_mean", "dk_points_world_p90", "blk_per_min_mean"):
        assert parquet[column].to_list() == csv[column].to_list() == [r[column] for r in records]
    assert csv["tipoff_utc"][0] == records[0]["tipoff_utc"] == "2024-12-25T17:00:00Z"


def test_rows_say_whose_and_how_good(written, day):
    rows = pl.read_parquet(written[0] / "gameday_player_predictions.parquet")
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
    write_day(Lake(tmp_path), DAY, **day, as_of_utc=AS_OF)
    for name in FILES:
        assert (tmp_path / "exports" / "2024-12-25" / name).read_bytes() == (written[0] / name).read_bytes(), name


def test_the_report_stands_alone_and_says_what_it_rests_on(written):
    page = (written[0] / "slate_report.html").read_text()
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


def test_the_report_says_when_availability_is_guessed(day, tmp_path):
    guessed = day["minutes"].with_columns(
        pl.when(pl.col("game_id") == "0022400000").then(pl.lit("proxy")).otherwise(pl.lit("none")).alias("availability_source")
    )
    write_day(Lake(tmp_path), DAY, **(day | {"minutes": guessed}), as_of_utc=AS_OF)
    page = (tmp_path / "exports" / "2024-12-25" / "slate_report.html").read_text()
    assert "which flatters the projection" in page
    assert "No availability was published" in page


def test_a_day_without_games_has_no_files(day, tmp_path):
    lake = Lake(tmp_path)
    write_day(lake, DAY, **day, as_of_utc=AS_OF)
    none = {name: frame.clear() for name, frame in day.items()}
    assert write_day(lake, DAY, **none, as_of_utc=AS_OF).equals(TABLES["exports.files"].empty())
    assert list(lake.exports_root("2024-12-25").iterdir()) == []
