"""Orchestration of the product: assets, their inputs, schedules and checks. The product itself is `rates_lib`."""

import warnings

# Beta in Dagster 1.13; without it neither the running season nor a model's past can be launched (see `partitions.py`).
# Filtered by message, because importing Dagster here would delay `rates --help` by 1.5 s.
warnings.filterwarnings("ignore", message="Parameter `allow_nonexistent_upstream_partitions` of initializer")
# Superseded by FreshnessPolicy, which checks the age of the last materialisation, not the existence of today's partition.
warnings.filterwarnings("ignore", message="Function `build_(time_partition_freshness_checks|sensor_for_freshness_checks)` is superseded")
