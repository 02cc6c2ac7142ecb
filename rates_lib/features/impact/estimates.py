"""`gold.player_impact`: the impact of all players at the start of the season and of each of its months, from earlier games.

Belongs here: the games of an estimate and their weights. Does not belong here: the equations of a game (`games.py`, `equations.py`),
solving (`posterior.py`).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from rates_lib import asof
from rates_lib.core.calendar import first_day, season_of
from rates_lib.features.impact import config
from rates_lib.features.impact.equations import Evidence
from rates_lib.features.impact.games import ImpactTables, box_rows, evidence_of, load_games, players_of, stint_rows
from rates_lib.features.impact.posterior import estimate
from rates_lib.features.impact.traits import Lessons, traits_of
from rates_lib.lake import Lake
from rates_lib.schemas.tables import TABLES

IMPACT_TABLE = "gold.player_impact"
_UNDATED = (2, 1)  # games without a date weigh as if played on 1 February


def player_impact_season(lake: Lake, season: int) -> pl.DataFrame:
    """Rows of gold.player_impact of one season."""
    return player_impact(load_games(lake, range(season - config.LOOKBACK_SEASONS, season + 1)), season)


def impact_dates(game: pl.DataFrame, season: int) -> list[date]:
    """12 October, then the first of each later month in which the season has games, played or scheduled."""
    days = game.filter(pl.col("season") == season)["game_date"]
    return sorted({first_day(season)} | {day.replace(day=1) for day in days if day.replace(day=1) > first_day(season)})


def player_impact(games: ImpactTables, season: int) -> pl.DataFrame:
    """Estimates of one season.

    Args:
        games: rows of the season and of those it looks back on.
        season: start year.

    Returns:
        gold.player_impact rows, sorted by estimate_date, player_id. A player has rows from the first date after the first game.
    """
    dates = [day for s in range(season - config.LOOKBACK_SEASONS, season + 1) for day in impact_dates(games.game, s)]
    box, stints = _weighted(box_rows(games), dates), _weighted(_dated(stint_rows(games)), dates)
    players = players_of(box, stints)
    evidence, lessons, parts = Evidence.none(len(players)), Lessons.none(), []
    for before, day in zip([dates[0], *dates], dates, strict=False):
        fading = float(0.5 ** ((day - before).days / config.HALF_LIFE_DAYS))
        evidence.fade(fading)
        lessons.fade(fading)
        new = pl.col("known_from") == day
        month = evidence_of(box.filter(new), stints.filter(new), players)
        if evidence.games.any():
            lessons.learn(traits_of(evidence), month)
        evidence.add(month)
        if season_of(day) == season:
            rows = _estimated(evidence, lessons, players).with_columns(pl.lit(day).alias("estimate_date"))
            names = _names(games, box.filter(pl.col("known_from") <= day), day)
            parts.append(rows.join(names, on="player_id", how="left", maintain_order="left"))
    spec = TABLES[IMPACT_TABLE]
    # players of later months are columns of the equations too, which moves solutions by some 1e-14; rounding to a millionth removes this
    rounded = asof.exact(pl.col("^impact_.*_per_100$|^impact_per_100$|^impact_se$"))
    rows = pl.concat(parts).with_columns(pl.lit(season, pl.Int64).alias("season"), rounded)
    return rows.select(pl.col(c).cast(t) for c, t in spec.schema.items()).sort(spec.key)


def _dated(stints: pl.DataFrame) -> pl.DataFrame:
    """Seasons with stints only have no dates: their games weigh as in mid-season and are known after the season."""
    first = first_day(2000)
    return stints.with_columns(
        pl.when(pl.col("game_date").is_null()).then(pl.date(pl.col("season") + 1, first.month, first.day)).alias("_known"),
        pl.coalesce("game_date", pl.date(pl.col("season") + 1, *_UNDATED)).alias("game_date"),
    )


def _weighted(rows: pl.DataFrame, dates: list[date]) -> pl.DataFrame:
    """`rows` with known_from, the first date whose estimate may rest on them, and their weight on that date."""
    rows = asof.known_from(rows, pl.Series(dates, dtype=pl.Date), "known_from")
    if "_known" in rows.columns:
        rows = rows.with_columns(pl.coalesce("_known", "known_from").alias("known_from")).drop("_known")
    age = (pl.col("known_from") - pl.col("game_date")).dt.total_days()
    return rows.with_columns((age * (-np.log(2) / config.HALF_LIFE_DAYS)).exp().alias("weight"))


def _estimated(evidence: Evidence, lessons: Lessons, players: pl.Series) -> pl.DataFrame:
    seen = np.flatnonzero(evidence.possessions.sum(1) > 0)
    schema = {
        c: TABLES[IMPACT_TABLE].schema[c] for c in TABLES[IMPACT_TABLE].columns if c not in ("season", "estimate_date", "player_name")
    }
    if not seen.size:
        return pl.DataFrame(schema=schema)
    known = evidence.of(seen)
    impact = estimate(known, lessons.centre(traits_of(known)))
    return pl.DataFrame(
        {
            "player_id": players.gather(seen),
            "impact_off_per_100": impact.offence,
            "impact_def_per_100": impact.defence,
            "impact_per_100": impact.offence + impact.defence,
            "impact_se": impact.error,
            "possessions_off": known.possessions[:, 0],
            "possessions_def": known.possessions[:, 1],
            "impact_source": np.where(known.from_stints * 2 >= known.possessions.sum(1), "stints", "box"),
        },
        schema=schema,
    )


def _names(games: ImpactTables, box: pl.DataFrame, day: date) -> pl.DataFrame:
    """Newest name of each player known on `day`, the log's before a biography's."""
    logged = box.select(pl.lit(1).alias("_rank"), "game_date", "player_id", "player_name")
    listed = games.player_name.filter(pl.col("season") <= season_of(day)).select(
        pl.lit(0).alias("_rank"), pl.date("season", 1, 1).alias("game_date"), "player_id", "player_name"
    )
    names = pl.concat([listed, logged]).drop_nulls("player_name").sort("_rank", "game_date", "player_name")
    return names.unique("player_id", keep="last", maintain_order=True).select("player_id", "player_name")
