"""Feature families: plain functions from history and games to one row per player (or team) and game, as of the day before.

Each family is a module with `build(history, games)`, whose result is the gold table of the same name. `registry.py` lists them; a family
reaches the past only through `rates_lib.asof`.
"""
