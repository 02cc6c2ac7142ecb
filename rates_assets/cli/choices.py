"""Values of options that workflows use too; in a module without Dagster, so that `--help` answers at once."""

from enum import StrEnum


class Through(StrEnum):
    """Last layer of a backfill, in order."""

    BRONZE = "bronze"
    SILVER = "silver"
    FORMS = "forms"
    TRAINING = "training"
    TEAMS = "teams"  # team models of every month, a second each
    MODELS = "models"
    PREDICTIONS = "predictions"
    WORLDS = "worlds"  # with their summaries and the files of each day


class Measured(StrEnum):
    """What an evaluation measures."""

    ALL = "all"
    PLAYERS = "players"
    TEAMS = "teams"


class Retrain(StrEnum):
    """Frequency of fits in a backfill: once per season, for its October (other months fall back on it), or for every month."""

    SEASON = "season"
    MONTH = "month"
