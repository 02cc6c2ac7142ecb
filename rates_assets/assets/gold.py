"""Gold: forms as of the day before each game, impacts as of each month, out-of-fold minutes, and the training base."""

from typing import Any

import dagster as dg
import polars as pl

from rates_assets.partitions import SEASON, WITHIN_SEASON
from rates_assets.step import Step, asset_key, table_assets
from rates_lib.evaluation.roles import by_season, picture, stability
from rates_lib.features.assemble import training_base
from rates_lib.features.forms import build_forms
from rates_lib.features.impact.estimates import IMPACT_TABLE, player_impact_season
from rates_lib.features.registry import FAMILIES
from rates_lib.pipeline.lineage import inputs
from rates_lib.pipeline.training import player_game_training_season, team_matchup_training_season, walk_forward_season

FORM_TABLES = tuple(family.table for family in FAMILIES)
TRAINING_TABLES = ("gold.player_game_training", "gold.rates_training_base")
MATCHUP_TABLE = "gold.team_matchup_training"
_DAILY = {"rates/refresh": "daily"}


def _deps(*tables: str) -> list[dg.AssetDep]:
    return [dg.AssetDep(asset_key(table)) for table in tables]


@table_assets(
    name="gold__forms",
    tables=FORM_TABLES,
    deps=_deps(*inputs(FORM_TABLES[0])),
    partitions_def=SEASON,
    tags=_DAILY,
)
def forms(step: Step) -> None:
    """Build the form tables in one pass over history."""
    built = build_forms(step.lake, [int(season) for season in step.partitions])
    for table in FORM_TABLES:
        by_season = built[table].partition_by("season", as_dict=True)
        for season in step.partitions:
            rows = by_season.get((int(season),), built[table].clear())
            step.write(table, rows, season, _steadiness(rows) if table == "gold.player_role" else None)


def _steadiness(players: pl.DataFrame) -> dict[str, Any]:
    """How alike the season's estimates are, and between which roles players move."""
    steady = by_season(stability(players)).filter(pl.col("kind") == "regular")
    if steady.is_empty():
        return {}
    moves = dg.MetadataValue.md(f"![roles of an estimate and of the next one]({picture(players)})")
    return {
        "adjusted_rand_regulars": round(steady["adjusted_rand"][0], 3),
        "same_role_share": round(steady["same_role"][0], 3),
        "moves": moves,
    }


@table_assets(
    tables=[IMPACT_TABLE],
    deps=_deps(*inputs(IMPACT_TABLE)),
    partitions_def=SEASON,
    tags=_DAILY,
)
def player_impact(step: Step) -> None:
    """Estimate everybody's impact on the first day of the season and of each of its months."""
    for season in step.partitions:
        rows = player_impact_season(step.lake, int(season))
        step.write(IMPACT_TABLE, rows, season, {"dates": rows["estimate_date"].n_unique(), "players": rows["player_id"].n_unique()})


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


@table_assets(
    tables=[MATCHUP_TABLE],
    deps=[
        *_deps(*FORM_TABLES, IMPACT_TABLE, "silver.odds_game", "silver.game"),
        dg.AssetDep(asset_key("models.minutes_v1"), partition_mapping=WITHIN_SEASON),
    ],
    partitions_def=SEASON,
    tags=_DAILY,
)
def matchups(step: Step) -> None:
    """Put both sides of each game beside each other, with lines, line-ups by out-of-fold minutes that know no line, and labels."""
    for season in step.partitions:
        step.write(MATCHUP_TABLE, team_matchup_training_season(step.lake, int(season)), season)


ASSETS = [player_impact, forms, minutes_walk_forward, training, matchups]
