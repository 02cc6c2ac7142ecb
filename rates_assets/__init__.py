"""Orchestration of the product: what is materialised, when, from what and checked how. The product itself is `rates_lib`."""

import warnings

# Beta in Dagster 1.13, and without it neither the running season nor a model's past could be launched (see `partitions.py`).
# By message, so that this module need not import Dagster (1.5 s that `rates --help` would wait for).
warnings.filterwarnings("ignore", message="Parameter `allow_nonexistent_upstream_partitions` of initializer")
# Superseded by FreshnessPolicy, which asks how old the last materialisation is, not whether today's partition is there.
warnings.filterwarnings("ignore", message="Function `build_(time_partition_freshness_checks|sensor_for_freshness_checks)` is superseded")
