"""Position and body of a player as of the day: starts before, the listed position and height fill in.

Sources list G, F, C (hyphenated) for everybody and PG … C only for starters, so the five-way position is inferred: the position he
started at most often before (at least three such starts), else the listed one split by height, else guard/forward/center starts, else
height alone.
"""

from __future__ import annotations

import polars as pl

from rates_lib import asof
from rates_lib.features.history import History
from rates_lib.schemas.columns import POSITIONS

MIN_STARTS = 3
FLAG_SHARE = 0.1
POINT_GUARD_BELOW_INCHES = 75  # 6 ft 3: listed guards below it start at the point more often than not
POWER_FORWARD_FROM_INCHES = 80  # 6 ft 8
HEIGHT_LIMITS_INCHES = (75, 78, 80, 82)  # where nothing is listed: PG below 6 ft 3, SG below 6 ft 6, SF below 6 ft 8, PF below 6 ft 10
_COARSE = ("G", "F", "C")
_LETTERS = {"G": ("PG", "SG"), "F": ("SF", "PF"), "C": ("C",)}


def add_positions(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` (season, game_date, player_id) with position_primary, its flags and source, height_inches, weight_lbs, age_years."""
    starts = (
        history.appearances()
        .filter(pl.col("start_position").is_not_null())
        .join(rows.select("player_id").unique(), on="player_id", how="semi")
    )
    counted = starts.with_columns(
        *((pl.col("start_position") == p).cast(pl.Int64).alias(f"_at_{p}") for p in dict.fromkeys((*POSITIONS, *_COARSE)))
    )
    names = [f"_at_{p}" for p in dict.fromkeys((*POSITIONS, *_COARSE))]
    rows = asof.last_before(rows, asof.running_totals(counted, ["player_id"], names), ["player_id"], {n: n for n in names})
    rows = rows.with_columns(pl.col(n).fill_null(0) for n in names)
    rows = _bios(rows, history)
    listed = _split_by_height(pl.col("position_listed"))
    coarse = _split_by_height(_most(_COARSE))
    guards_and_wings = pl.sum_horizontal(f"_at_{p}" for p in POSITIONS[:-1])
    # sources that know PG … PF also say C, those that know only G and F do too: C alone is a center either way
    fine = guards_and_wings + pl.when(guards_and_wings >= pl.col("_at_G") + pl.col("_at_F")).then("_at_C").otherwise(0)
    five_way = pl.when(fine >= MIN_STARTS).then(_most(POSITIONS))
    three_way = pl.when(pl.sum_horizontal(names) > 0).then(coarse)
    by_height = _by_height()
    rows = rows.with_columns(
        pl.coalesce(five_way, listed, three_way, by_height, pl.lit("SF")).alias("position_primary"),
        pl.when(five_way.is_not_null())
        .then(pl.lit("starts"))
        .when(listed.is_not_null())
        .then(pl.lit("listed"))
        .when(three_way.is_not_null())
        .then(pl.lit("starts"))
        .when(by_height.is_not_null())
        .then(pl.lit("height"))
        .otherwise(pl.lit("none"))
        .alias("position_source"),
    )
    total = pl.sum_horizontal(f"_at_{p}" for p in POSITIONS)
    letters = {p: next(k for k, v in _LETTERS.items() if p in v) for p in POSITIONS}
    return rows.with_columns(
        *(
            (
                (pl.col("position_primary") == p)
                | ((total >= MIN_STARTS) & (pl.col(f"_at_{p}") >= FLAG_SHARE * total))
                | pl.col("position_listed").str.contains(letters[p]).fill_null(False)
            )
            .cast(pl.Int8)
            .alias(f"position_flags_{p}")
            for p in POSITIONS
        )
    )


def _most(names: tuple[str, ...]) -> pl.Expr:
    """The name with the largest `_at_` count, the first of equals."""
    best = pl.max_horizontal(f"_at_{n}" for n in names)
    choice = pl.lit(names[-1])
    for n in reversed(names[:-1]):
        choice = pl.when(pl.col(f"_at_{n}") == best).then(pl.lit(n)).otherwise(choice)
    return choice


def _split_by_height(letters: pl.Expr) -> pl.Expr:
    """PG … C from G, F, C, G-F and the like, null for anything else."""
    height = pl.col("height_inches")
    short, tall = (height < POINT_GUARD_BELOW_INCHES).fill_null(False), (height >= POWER_FORWARD_FROM_INCHES).fill_null(False)
    return (
        pl.when(letters.is_in(POSITIONS)).then(letters)
        .when(letters == "G").then(pl.when(short).then(pl.lit("PG")).otherwise(pl.lit("SG")))
        .when(letters == "G-F").then(pl.lit("SG"))
        .when(letters == "F-G").then(pl.lit("SF"))
        .when(letters == "F").then(pl.when(tall).then(pl.lit("PF")).otherwise(pl.lit("SF")))
        .when(letters == "F-C").then(pl.lit("PF"))
        .when(letters == "C-F").then(pl.lit("C"))
    )  # fmt: skip


def _by_height() -> pl.Expr:
    """The position that a height is nearest to, null where it is unknown."""
    position = pl.lit(POSITIONS[-1])
    for limit, name in reversed(list(zip(HEIGHT_LIMITS_INCHES, POSITIONS[:-1], strict=True))):
        position = pl.when(pl.col("height_inches") < limit).then(pl.lit(name)).otherwise(position)
    return pl.when(pl.col("height_inches").is_not_null()).then(position)


def _bios(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """The newest bio of this or an earlier season; each column's newest known value."""
    columns = ("position_listed", "height_inches", "weight_lbs", "birth_date", "age_years")
    for column in columns:
        newest = (
            history.player_bio.filter(pl.col(column).is_not_null())
            .select("player_id", pl.col("season").alias(f"_of_{column}"), column)
            .unique(["player_id", f"_of_{column}"], keep="first", maintain_order=True)
            .sort(f"_of_{column}")
        )
        rows = (
            rows.with_row_index("_row")
            .sort("season")
            .pipe(asof.newest_season, newest, "player_id", f"_of_{column}")
            .sort("_row")
            .drop("_row")
        )
    exact = (pl.col("game_date") - pl.col("birth_date")).dt.total_days() / 365.25
    aged = pl.col("age_years") + (pl.col("season") - pl.col("_of_age_years"))
    return rows.with_columns(pl.coalesce(exact, aged).alias("age_years"))
