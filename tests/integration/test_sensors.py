"""Run requests of the schedule and of the sensors."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from rates_assets.build import build_defs
from rates_assets.resources import RatesDuckDB
from rates_assets.schedules import DAILY_TAG, daily
from rates_assets.sensors import BOX_SCORES, daily_next_stage, new_box_scores
from rates_lib.lake import Lake


def _land(lake: Lake, dataset: str, period: str, version: int = 1, rows: int = 1) -> None:
    path = lake.landing_path("files", dataset, period, version)
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"GAME_ID": ["1"] * rows}).write_parquet(path)


def _tick(lake: Lake, cursor: str | None) -> dg.SensorResult:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"duckdb": RatesDuckDB(root=str(lake.root))})
        result = new_box_scores(context)
    assert isinstance(result, dg.SensorResult)
    return result


def _seasons(result: dg.SensorResult) -> list[str | None]:
    return [request.partition_key for request in result.run_requests or []]


def test_new_box_scores_ask_for_their_seasons_once(empty_lake: Lake) -> None:
    for season in ("2023", "2024"):
        for dataset in BOX_SCORES:
            _land(empty_lake, dataset, season)
    first = _tick(empty_lake, None)
    assert _seasons(first) == ["2023", "2024"]
    keys = [request.run_key for request in first.run_requests or []]
    assert len(set(keys)) == 2
    assert all(key and key.startswith(season) for key, season in zip(keys, ("2023", "2024"), strict=True))

    again = _tick(empty_lake, first.cursor)
    assert not again.run_requests
    assert isinstance(again.skip_reason, dg.SkipReason)
    assert again.cursor == first.cursor


def test_only_the_touched_season_is_asked_for(empty_lake: Lake) -> None:
    for season in ("2022", "2023", "2024"):
        _land(empty_lake, BOX_SCORES[0], season)
    cursor = _tick(empty_lake, None).cursor
    _land(empty_lake, BOX_SCORES[0], "2023", version=2, rows=2)
    second = _tick(empty_lake, cursor)
    assert _seasons(second) == ["2023"]
    _land(empty_lake, BOX_SCORES[1], "2025-01-15")  # a day's file touches the season that holds the day
    third = _tick(empty_lake, second.cursor)
    assert _seasons(third) == ["2024"]
    assert not _tick(empty_lake, third.cursor).run_requests


def test_a_copied_landing_zone_asks_for_nothing_and_another_content_does(empty_lake: Lake, tmp_path: Path) -> None:
    _land(empty_lake, BOX_SCORES[0], "2024")
    cursor = _tick(empty_lake, None).cursor
    copy = Lake(tmp_path / "copy")
    shutil.copytree(empty_lake.root, copy.root, copy_function=shutil.copyfile)
    path = copy.landing_path("files", BOX_SCORES[0], "2024", 1)
    os.utime(path, (0, 0))
    assert not _tick(copy, cursor).run_requests
    path.write_bytes(path.read_bytes().replace(b"GAME_ID", b"GAME_NO"))  # of the same size
    os.utime(path, (0, 0))
    assert _seasons(_tick(copy, cursor)) == ["2024"]


def test_other_datasets_ask_for_nothing(empty_lake: Lake) -> None:
    _land(empty_lake, "closing_lines", "2024")
    assert not _tick(empty_lake, None).run_requests


def test_a_season_that_the_graph_does_not_have_is_passed_over(empty_lake: Lake) -> None:
    for season in ("2009", "2024"):
        _land(empty_lake, BOX_SCORES[0], season)
    assert _seasons(_tick(empty_lake, None)) == ["2024"]


@pytest.mark.parametrize(
    ("at", "season", "day"),
    [
        (datetime(2025, 1, 15, 16, tzinfo=UTC), "2024", "2025-01-15"),
        (datetime(2025, 10, 11, 15, tzinfo=UTC), "2024", "2025-10-11"),
        (datetime(2025, 10, 12, 15, tzinfo=UTC), "2025", "2025-10-12"),
    ],
)
def test_the_daily_schedule_asks_for_the_running_season(at: datetime, season: str, day: str) -> None:
    request = daily(dg.build_schedule_context(scheduled_execution_time=at))
    assert isinstance(request, dg.RunRequest)
    assert (request.run_key, request.partition_key, request.tags[DAILY_TAG]) == (day, season, day)


def _after(job: str, tags: dict[str, str]) -> dg.RunRequest | dg.SkipReason:
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(build_defs().resolve_job_def(job), tags=tags)
        event = dg.DagsterEvent(event_type_value=dg.DagsterEventType.RUN_SUCCESS.value, job_name=job)
        context = dg.build_run_status_sensor_context("daily_next_stage", event, instance, run)
        result = daily_next_stage(context)
    assert isinstance(result, dg.RunRequest | dg.SkipReason)
    return result


def test_training_sets_follow_history_and_the_slate_follows_them() -> None:
    tags = {DAILY_TAG: "2025-01-15"}
    second = _after("history", tags)
    assert isinstance(second, dg.RunRequest)
    assert (second.job_name, second.partition_key, dict(second.tags)) == ("training_sets", "2024", tags)
    third = _after("training_sets", tags)
    assert isinstance(third, dg.RunRequest)
    assert (third.job_name, third.partition_key, dict(third.tags)) == ("slate", "2025-01-15", tags)


def test_other_runs_start_nothing() -> None:
    assert isinstance(_after("history", {}), dg.SkipReason)


def test_the_schedule_starts_history() -> None:
    assert daily.job_name == "history"
