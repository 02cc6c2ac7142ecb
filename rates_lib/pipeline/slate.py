"""Inputs of the predictions of one day: features of its candidates, from what was published by an instant.

The rows to predict go through the functions that build the form tables (`registry.FAMILIES`) and their joins (`assemble`). Only the visible
data differ: box scores of days before the game and before `as_of_utc`, and statuses and lines published by then.

Belongs here: what is known of a day by an instant, and the slate built from it. Does not belong here: whole past seasons
(`past_slates.py`), features (`features/`), predictions (`projections.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import polars as pl

from rates_lib.core.calendar import known_before, season_of
from rates_lib.features.assemble import player_features
from rates_lib.features.history import History, load_history
from rates_lib.features.registry import FAMILIES
from rates_lib.features.team_matchup import TEAM_TABLES, TeamInputs
from rates_lib.lake import Lake
from rates_lib.pipeline import transform


@dataclass(frozen=True)
class PredictionInputs:
    """Inputs of the predictions of some games of one month.

    Attributes:
        games: silver.game columns plus as_of_utc (the instant asked for, at most tip-off); empty if there is no game.
        features: `assemble.player_features` of every candidate.
        player_names: game_date, player_id and the newest player_name known by then, from the day's lists, earlier box scores or bios.
        teams: inputs of the team features.
        known_before: box scores of this day and later are not known; its month decides the model runs.
    """

    games: pl.DataFrame
    features: pl.DataFrame
    player_names: pl.DataFrame
    teams: TeamInputs
    known_before: date


@dataclass(frozen=True)
class Slate:
    """Inputs of the predictions of one day, with what they were built from.

    Attributes:
        game_date: Eastern date.
        inputs: games, features, names and teams; known_before is the game's date, or the Eastern date of as_of_utc if that is earlier.
        forms: rows of the form tables (`registry.FAMILIES`) by name.
        availability: rows of silver.player_availability of the day, as published by then, label close.
    """

    game_date: date
    inputs: PredictionInputs
    forms: Mapping[str, pl.DataFrame]
    availability: pl.DataFrame


@dataclass(frozen=True)
class Known:
    """Data visible for the games of one day.

    Attributes:
        known_before: box scores of this day and later are not known.
        history: history without outcomes from then on, and with the statuses of the day as published by the instant asked for.
        availability: rows of silver.player_availability of the day, as published by then, label close.
        odds: rows of silver.odds_game of the day, as published by then.
    """

    known_before: date
    history: History
    availability: pl.DataFrame
    odds: pl.DataFrame


def build_slate(lake: Lake, game_date: date, as_of_utc: datetime, history: History | None = None) -> Slate:
    """Features of all candidates of a day's games.

    Args:
        lake: lake with silver tables up to the day; outcomes of the day and later do not enter a feature.
        game_date: Eastern date.
        as_of_utc: statuses and lines published after this instant (or after tip-off) are ignored, and box scores from its Eastern date
            on.
        history: `load_history` of the day's season, if several days share it; read from the lake if None.

    Returns:
        The slate; with no game that day its frames are empty.
    """
    known = known_by(lake, game_date, as_of_utc, history)
    games = known.history.game.filter(pl.col("game_date") == game_date)
    forms = {family.table: family.build(known.history, games) for family in FAMILIES}
    instant = pl.lit(as_of_utc.astimezone(UTC), games.schema["tipoff_utc"])
    inputs = PredictionInputs(
        games.with_columns(pl.min_horizontal("tipoff_utc", instant).alias("as_of_utc")),
        player_features(forms, known.odds, games),
        _names(known.availability, known.history).with_columns(pl.lit(game_date).alias("game_date")),
        TeamInputs({table: forms[table] for table in TEAM_TABLES}, known.history.player_impact, known.odds),
        known.known_before,
    )
    return Slate(game_date, inputs, forms, known.availability)


def known_by(lake: Lake, game_date: date, as_of_utc: datetime, history: History | None = None) -> Known:
    """Data visible for the games of a day; arguments as in `build_slate`."""
    season = season_of(game_date)
    history = history or load_history(lake, [season])
    before = known_before(game_date, as_of_utc)
    on_the_day = pl.col("game_date") == game_date
    with lake.connect(
        transform.tables_read(transform.SNAPSHOTS)
    ) as con:  # one connection, so that statuses and lines come from the same state of the lake
        published = {t: transform.snapshot(lake, t, season, as_of_utc.astimezone(UTC), con).filter(on_the_day) for t in transform.SNAPSHOTS}
    availability = published["silver.player_availability"].filter(pl.col("as_of") == "close")
    return knowing(history, before, availability, published["silver.odds_game"])


def knowing(history: History, known_before: date, availability: pl.DataFrame, odds: pl.DataFrame) -> Known:
    """`history` cut before a day, with the known statuses and lines of the day; arguments as in `Known`."""
    earlier = history.availability.filter(pl.col("game_date") < known_before)
    history = replace(history.before(known_before), availability=pl.concat([earlier, availability.select(history.availability.columns)]))
    return Known(known_before, history, availability, odds)


def _names(availability: pl.DataFrame, history: History) -> pl.DataFrame:
    """player_id and player_name, from the day's lists or else from `history` (cut before the day)."""
    order = ("player_id", "player_name")
    known = (
        availability.select(order),
        history.player_game.sort("game_date", "game_id", descending=True).select(order),
        history.player_bio.sort("season", descending=True, maintain_order=True).select(order),
    )
    return pl.concat(known).drop_nulls("player_name").unique("player_id", keep="first", maintain_order=True)
