"""Gold: forms as of the day before each game, impacts as of each month, out-of-fold minutes, and the training base."""

from typing import Any

import dagster as dg
import polars as pl

from rates_assets.partitions import SEASON, WITHIN_SEASON
from rates_assets.step import Step, deps_on, table_assets
from rates_lib.evaluation.roles import by_season, picture, stability
from rates_lib.features.assemble import training_base
from rates_lib.features.forms import build_forms
from rates_lib.features.impact.estimates import IMPACT_TABLE, player_impact_season
from rates_lib.features.registry import FAMILIES
from rates_lib.pipeline.lineage import inputs
from rates_lib.pipeline.training import player_game_training_season, team_matchup_training_season, walk_forward_season

FAMILY_TABLES = tuple(family.table for family in FAMILIES)
TRAINING_TABLES = ("gold.player_game_training", "gold.rates_training_base")
MATCHUP_TABLE = "gold.team_matchup_training"
_DAILY = {"rates/refresh": "daily"}
_MINUTES_OF_SEASON = deps_on("models.minutes_v1", mapping=WITHIN_SEASON)


@table_assets(name="gold__forms", tables=FAMILY_TABLES, deps=deps_on(*inputs(FAMILY_TABLES[0])), partitions_def=SEASON, tags=_DAILY)
def forms(step: Step) -> None:
    """Build the form tables in one pass over history."""
    built = build_forms(step.lake, [int(season) for season in step.partitions])
    for table in FAMILY_TABLES:
        by_season = built[table].partition_by("season", as_dict=True)
        for season in step.partitions:
            rows = by_season.get((int(season),), built[table].clear())
            step.write(table, rows, season, _steadiness(rows) if table == "gold.player_role" else None)


def _steadiness(players: pl.DataFrame) -> dict[str, Any]:
    """Agreement between the season's successive estimates of roles, and a picture of the moves between roles."""
    steady = by_season(stability(players)).filter(pl.col("kind") == "regular")
    if steady.is_empty():
        return {}
    moves = dg.MetadataValue.md(f"![roles of an estimate and of the next one]({picture(players)})")
    return {
        "adjusted_rand_regulars": round(steady["adjusted_rand"][0], 3),
        "same_role_share": round(steady["same_role"][0], 3),
        "moves": moves,
    }


@table_assets(tables=[IMPACT_TABLE], deps=deps_on(*inputs(IMPACT_TABLE)), partitions_def=SEASON, tags=_DAILY)
def player_impact(step: Step) -> None:
    """Estimate the impact of all players on the first day of the season and of each of its months."""
    for season in step.partitions:
        rows = player_impact_season(step.lake, int(season))
        step.write(IMPACT_TABLE, rows, season, {"dates": rows["estimate_date"].n_unique(), "players": rows["player_id"].n_unique()})


@table_assets(
    tables=["gold.minutes_walk_forward"],
    deps=deps_on(*FAMILY_TABLES, "silver.odds_game", "silver.game") + _MINUTES_OF_SEASON,
    partitions_def=SEASON,
    tags=_DAILY,
)
def minutes_walk_forward(step: Step) -> None:
    """Predict the minutes of every candidate with the newest model of the game's month or an earlier one."""
    for season in step.partitions:
        rows = walk_forward_season(step.lake, int(season))
        predicted = rows.filter(rows["minutes_source"] == "walk_forward")
        figures = {"predicted": predicted.height, "by_model_of_earlier_month": int(predicted["model_fallback"].sum())}
        step.write("gold.minutes_walk_forward", rows, season, figures)


@table_assets(
    name="gold__training",
    tables=TRAINING_TABLES,
    deps=deps_on(*FAMILY_TABLES, "silver.odds_game", "silver.game", "silver.player_game", "gold.minutes_walk_forward"),
    partitions_def=SEASON,
    tags=_DAILY,
)
def training(step: Step) -> None:
    """Join forms, lines, out-of-fold minutes and labels of all players who played; the training base is a subset of its columns."""
    for season in step.partitions:
        rows = player_game_training_season(step.lake, int(season))
        figures = {"games": rows["game_id"].n_unique(), "players": rows["player_id"].n_unique()}
        step.write("gold.player_game_training", rows, season, figures)
        step.write("gold.rates_training_base", training_base(rows), season, figures)


@table_assets(
    tables=[MATCHUP_TABLE],
    deps=deps_on(*FAMILY_TABLES, IMPACT_TABLE, "silver.odds_game", "silver.game") + _MINUTES_OF_SEASON,
    partitions_def=SEASON,
    tags=_DAILY,
)
def matchups(step: Step) -> None:
    """Join both sides of each game, with lines, labels, and line-ups by out-of-fold minutes that rest on no line."""
    for season in step.partitions:
        step.write(MATCHUP_TABLE, team_matchup_training_season(step.lake, int(season)), season)


ASSETS = [player_impact, forms, minutes_walk_forward, training, matchups]
