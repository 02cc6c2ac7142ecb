"""The daily refresh: it requests `history` of the running season; the sensor `daily_next_stage` requests what follows."""

from datetime import date

import dagster as dg

from rates_assets.jobs import JOBS
from rates_assets.periods import season_key
from rates_lib.core.calendar import EASTERN, season_of

DAILY_TAG = "rates/daily"  # the Eastern date that a chain of runs refreshes; runs without the tag do not start others


def daily_tags(day: date) -> dict[str, str]:
    """Tags of all runs of one day's refresh."""
    return {DAILY_TAG: day.isoformat()}


# eleven o'clock: last night's box scores are final, and the first tip-off of a holiday is an hour away
@dg.schedule(
    job=JOBS["history"],
    cron_schedule="0 11 * * *",
    execution_timezone="America/New_York",
    # off by default: without a source of new data it would only refit the same rows every day
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Refresh the running season, then today's slate."""
    day = context.scheduled_execution_time.astimezone(EASTERN).date()
    return dg.RunRequest(run_key=day.isoformat(), partition_key=season_key(season_of(day)), tags=daily_tags(day))


SCHEDULES = [daily]
