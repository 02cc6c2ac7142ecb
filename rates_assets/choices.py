"""What a user may choose from: the values of the command line's options, without Dagster, so that `--help` answers at once."""

from enum import StrEnum


class Provider(StrEnum):
    """Where landed files come from."""

    FILES = "files"
    SYNTHETIC = "synthetic"


class Through(StrEnum):
    """Last layer of a backfill, in order."""

    BRONZE = "bronze"
    SILVER = "silver"
    FORMS = "forms"
    TRAINING = "training"
    MODELS = "models"
    PREDICTIONS = "predictions"
    WORLDS = "worlds"  # with their summaries and the files of each day


class Retrain(StrEnum):
    """How often a backfill fits: once per season, for its October (the other months fall back on it), or for every month."""

    SEASON = "season"
    MONTH = "month"
