"""Gold: forms as of the day before each game, out-of-fold minutes, and the training base."""

import dagster as dg

from rates_assets.partitions import SEASON, WITHIN_SEASON
from rates_assets.step import Step, asset_key, table_assets
from rates_lib.features.assemble import training_base
from rates_lib.features.forms import build_forms
from rates_lib.features.registry import FAMILIES
from rates_lib.training import player_game_training_season, walk_forward_season

FORM_TABLES = tuple(family.table for family in FAMILIES)
TRAINING_TABLES = ("gold.player_game_training", "gold.rates_training_base")
_HISTORY = ("silver.game", "silver.player_game", "silver.team_game", "silver.player_availability")
_DAILY = {"rates/refresh": "daily"}


def _deps(*tables: str) -> list[dg.AssetDep]:
    return [dg.AssetDep(asset_key(table)) for table in tables]


@table_assets(
    name="gold__forms",
    tables=FORM_TABLES,
    deps=_deps(*_HISTORY, "silver.tracking_game", "bronze.player_tracking", "bronze.player_bio"),
    partitions_def=SEASON,
    tags=_DAILY,
)
def forms(step: Step) -> None:
    """Build the form tables in one pass over history."""
    built = build_forms(step.lake, [int(season) for season in step.partitions])
    for table in FORM_TABLES:
        by_season = built[table].partition_by("season", as_dict=True)
        for season in step.partitions:
            step.write(table, by_season.get((int(season),), built[table].clear()), season)


@table_assets(
    tables=["gold.minutes_walk_forward"],
    deps=[
        *_deps(*FORM_TABLES, "silver.odds_game", "silver.game"),
        dg.AssetDep(asset_key("models.minutes_v1"), partition_mapping=WITHIN_SEASON),
    ],
    partitions_def=SEASON,
    tags=_DAILY,
)
def minutes_walk_forward(step: Step) -> None:
    """Predict every candidate's minutes by the newest model of a month not after the game's."""
    for season in step.partitions:
        rows = walk_forward_season(step.lake, int(season))
        predicted = rows.filter(rows["minutes_source"] == "walk_forward")
        figures = {"predicted": predicted.height, "by_model_of_earlier_month": int(predicted["model_fallback"].sum())}
        step.write("gold.minutes_walk_forward", rows, season, figures)


@table_assets(
    name="gold__training",
    tables=TRAINING_TABLES,
    deps=_deps(*FORM_TABLES, "silver.odds_game", "silver.game", "silver.player_game", "gold.minutes_walk_forward"),
    partitions_def=SEASON,
    tags=_DAILY,
)
def training(step: Step) -> None:
    """Join forms, lines, out-of-fold minutes and labels of everyone who played; the training base is the north star's part of it."""
    for season in step.partitions:
        rows = player_game_training_season(step.lake, int(season))
        figures = {"games": rows["game_id"].n_unique(), "players": rows["player_id"].n_unique()}
        step.write("gold.player_game_training", rows, season, figures)
        step.write("gold.rates_training_base", training_base(rows), season, figures)


ASSETS = [forms, minutes_walk_forward, training]
