"""The definitions that `dagster dev` and the daemons load."""

from rates_assets.build import build_defs

defs = build_defs()
