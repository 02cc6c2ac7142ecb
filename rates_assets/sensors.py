"""Sensors: the next stage of a daily refresh, and new box scores in the landing zone."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date

import dagster as dg

from rates_assets.jobs import JOBS
from rates_assets.partitions import SEASON
from rates_assets.periods import day_key, season_key
from rates_assets.resources import RatesDuckDB
from rates_assets.schedules import DAILY_TAG, daily_tags
from rates_lib.core.calendar import season_of
from rates_lib.lake import LandedFile

BOX_SCORES = ("leaguegamelog_player", "leaguegamelog_team")


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[JOBS["history"], JOBS["training_sets"]],
    request_jobs=[JOBS["training_sets"], JOBS["slate"]],
    # on by default: it only continues runs of the schedule (by their tag), which is off by default
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
)
def daily_next_stage(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
    """After a day's `history` request `training_sets` of the season, and after those the day's `slate`."""
    run = context.dagster_run
    if DAILY_TAG not in run.tags:
        return dg.SkipReason(f"run {run.run_id} is not part of a daily refresh")
    day = date.fromisoformat(run.tags[DAILY_TAG])
    stage, partition = ("training_sets", season_key(season_of(day))) if run.job_name == "history" else ("slate", day_key(day))
    return dg.RunRequest(run_key=f"{stage} {run.run_id}", job_name=stage, partition_key=partition, tags=daily_tags(day))


@dg.sensor(job=JOBS["history"], minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.STOPPED)
def new_box_scores(context: dg.SensorEvaluationContext, duckdb: RatesDuckDB) -> dg.SensorResult:
    """Request `history` of the seasons whose landed logs have changed.

    Off by default: users who land files by command also backfill by command. The cursor maps each season to a fingerprint of its log
    files (name, version, bytes), so a new version of a file, or a file of a new date, requests its season once, and a copied or restored
    landing zone requests none. Seasons outside the graph are skipped.
    """
    seen: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
    landed = season_fingerprints([file for dataset in BOX_SCORES for file in duckdb.lake.landed_files(dataset)])
    now = {season: mark for season, mark in landed.items() if SEASON.has_partition_key(season)}
    if len(now) < len(landed):
        context.log.info(f"landed, but outside the graph: season {', '.join(sorted(landed.keys() - now.keys()))}")
    touched = {season: mark for season, mark in now.items() if seen.get(season) != mark}
    cursor = json.dumps(now, sort_keys=True)
    if not touched:
        return dg.SensorResult(skip_reason=dg.SkipReason(f"no new box scores in {duckdb.lake.landing_root}"), cursor=cursor)
    return dg.SensorResult(run_requests=list(_requests(touched)), cursor=cursor)


def season_fingerprints(files: list[LandedFile]) -> dict[str, str]:
    """Season to a fingerprint of its landed files."""
    marks: dict[str, list[str]] = {}
    for file in files:
        content = hashlib.sha256(file.path.read_bytes()).hexdigest()
        line = f"{file.provider}/{file.dataset}/{file.period}~{file.version} {content}"
        marks.setdefault(str(file.season), []).append(line)
    return {season: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16] for season, lines in sorted(marks.items())}


def _requests(touched: dict[str, str]) -> Iterator[dg.RunRequest]:
    for season, mark in touched.items():
        yield dg.RunRequest(run_key=f"{season} {mark}", partition_key=season_key(int(season)), tags={"rates/landed": mark})


SENSORS = [daily_next_stage, new_box_scores]
