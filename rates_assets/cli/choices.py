"""What a user may choose from: the values of the command line's options, without Dagster, so that `--help` answers at once."""

from enum import StrEnum

FITS = ("minutes", "models", "team_models")
"""Jobs whose time a backfill reports apart."""


class Provider(StrEnum):
    """Where landed files come from."""

    FILES = "files"
    SQLITE = "sqlite"
    SYNTHETIC = "synthetic"


class Through(StrEnum):
    """Last layer of a backfill, in order."""

    BRONZE = "bronze"
    SILVER = "silver"
    FORMS = "forms"
    TRAINING = "training"
    TEAMS = "teams"  # team models of every month; they take a second each
    MODELS = "models"
    PREDICTIONS = "predictions"
    WORLDS = "worlds"  # with their summaries and the files of each day


class Judged(StrEnum):
    """What an evaluation measures."""

    ALL = "all"
    PLAYERS = "players"
    TEAMS = "teams"


class Retrain(StrEnum):
    """How often a backfill fits: once per season, for its October (the other months fall back on it), or for every month."""

    SEASON = "season"
    MONTH = "month"


class By(StrEnum):
    """What defence is broken down by."""

    POSITION = "position"
    ROLE = "role"


class Per(StrEnum):
    """What counts are per."""

    MINUTES = "36"
    POSSESSIONS = "100"
