"""Position, height, weight and age of a player as of the day.

Sources list G, F, C (hyphenated) for all players and PG … C only for starters, so the five-way position is inferred: the most frequent
position of earlier starts (at least three), else the listed one split by height, else guard/forward/center starts, else height alone.
"""

from __future__ import annotations

import polars as pl

from rates_lib import asof
from rates_lib.features.history import History
from rates_lib.schemas.columns import POSITIONS

MIN_STARTS = 3
FLAG_SHARE = 0.1
POINT_GUARD_BELOW_INCHES = 75  # 6 ft 3: most listed guards below it start at the point
POWER_FORWARD_FROM_INCHES = 80  # 6 ft 8
HEIGHT_LIMITS_INCHES = (75, 78, 80, 82)  # where nothing is listed: PG below 6 ft 3, SG below 6 ft 6, SF below 6 ft 8, PF below 6 ft 10
_COARSE = ("G", "F", "C")
_LETTER = {"PG": "G", "SG": "G", "SF": "F", "PF": "F", "C": "C"}


def add_positions(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` (season, game_date, player_id) with position_primary, its flags and source, height_inches, weight_lbs, age_years."""
    starts = history.appearances().filter(pl.col("start_position").is_not_null())
    starts = starts.join(rows.select("player_id").unique(), on="player_id", how="semi")
    at = {f"_at_{p}": (pl.col("start_position") == p).cast(pl.Int64) for p in (*POSITIONS, *_COARSE)}
    counted, names = starts.with_columns(**at), list(at)
    rows = asof.last_before(rows, asof.running_totals(counted, ["player_id"], names), ["player_id"], {n: n for n in names})
    rows = rows.with_columns(pl.col(n).fill_null(0) for n in names)
    rows = _bios(rows, history)
    listed = _split_by_height(pl.col("position_listed"))
    coarse = _split_by_height(_most(_COARSE))
    guards_and_wings = pl.sum_horizontal(f"_at_{p}" for p in POSITIONS[:-1])
    # sources with PG … PF and sources with only G and F both use C, so C counts as a fine position if the fine ones prevail
    fine = guards_and_wings + pl.when(guards_and_wings >= pl.col("_at_G") + pl.col("_at_F")).then("_at_C").otherwise(0)
    inferred = (
        (pl.when(fine >= MIN_STARTS).then(_most(POSITIONS)), "starts"),
        (listed, "listed"),
        (pl.when(pl.sum_horizontal(names) > 0).then(coarse), "starts"),
        (_by_height(), "height"),
        (pl.lit("SF"), "none"),
    )
    rows = rows.with_columns(
        pl.coalesce(position for position, _ in inferred).alias("position_primary"),
        pl.coalesce(pl.when(p.is_not_null()).then(pl.lit(source)) for p, source in inferred).alias("position_source"),
    )
    total = pl.sum_horizontal(f"_at_{p}" for p in POSITIONS)
    return rows.with_columns(
        *(
            (
                (pl.col("position_primary") == p)
                | ((total >= MIN_STARTS) & (pl.col(f"_at_{p}") >= FLAG_SHARE * total))
                | pl.col("position_listed").str.contains(_LETTER[p]).fill_null(False)
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
    """The position by height alone; null where the height is unknown."""
    position = pl.lit(POSITIONS[-1])
    for limit, name in reversed(list(zip(HEIGHT_LIMITS_INCHES, POSITIONS[:-1], strict=True))):
        position = pl.when(pl.col("height_inches") < limit).then(pl.lit(name)).otherwise(position)
    return pl.when(pl.col("height_inches").is_not_null()).then(position)


def _bios(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """`rows` with the newest known value of each column of the bio, of this or an earlier season."""
    columns = ("position_listed", "height_inches", "weight_lbs", "birth_date", "age_years")
    for column in columns:
        newest = (
            history.player_bio.filter(pl.col(column).is_not_null())
            .select("player_id", pl.col("season").alias(f"_of_{column}"), column)
            .unique(["player_id", f"_of_{column}"], keep="first", maintain_order=True)
            .sort(f"_of_{column}")
        )
        rows = asof.newest_season(rows.with_row_index("_row").sort("season"), newest, "player_id", f"_of_{column}")
        rows = rows.sort("_row").drop("_row")
    exact = (pl.col("game_date") - pl.col("birth_date")).dt.total_days() / 365.25
    aged = pl.col("age_years") + (pl.col("season") - pl.col("_of_age_years"))
    return rows.with_columns(pl.coalesce(exact, aged).alias("age_years"))
