"""Checks that today's partition of the daily tables exists, and the sensor that runs them after the deadline."""

import dagster as dg

from rates_assets.assets import exports, predictions, sims

DEADLINE = "0 13 * * *"  # two hours after the daily refresh begins

CHECKS = dg.build_time_partition_freshness_checks(
    assets=[*predictions.ASSETS, *sims.ASSETS, *exports.ASSETS],
    deadline_cron=DEADLINE,
    timezone="America/New_York",
    severity=dg.AssetCheckSeverity.WARN,
)

SENSOR = dg.build_sensor_for_freshness_checks(freshness_checks=CHECKS, minimum_interval_seconds=300)
