"""The definitions that `rates ui` and the daemons load."""

from rates_assets.build import build_defs

defs = build_defs()
