"""The whole graph in one `Definitions`."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from rates_assets import freshness
from rates_assets.assets import bronze, evals, exports, gold, landing, models, predictions, silver, sims, warehouse
from rates_assets.executor import in_process
from rates_assets.jobs import JOBS
from rates_assets.resources import RatesDuckDB
from rates_assets.schedules import SCHEDULES
from rates_assets.sensors import SENSORS

LAYERS = (landing, bronze, silver, gold, models, predictions, sims, evals, exports, warehouse)


def build_defs(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Assets, checks, jobs, schedules and sensors.

    Args:
        resource_overrides: resources that replace the default ones by name, e.g. `{"duckdb": RatesDuckDB(root="/tmp/lake")}`.
    """
    return dg.Definitions(
        assets=[asset for layer in LAYERS for asset in layer.ASSETS],
        asset_checks=freshness.CHECKS,
        jobs=JOBS.values(),
        schedules=SCHEDULES,
        sensors=[*SENSORS, freshness.SENSOR],
        resources={"duckdb": RatesDuckDB(), **(resource_overrides or {})},
        executor=in_process,  # set here, because backfills from the UI run in the implicit asset job, not in our jobs
    )
