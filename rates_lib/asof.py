"""All joins of a row to its past; no other module joins history.

History is *strictly before* the row's Eastern game date; a row never sees its own day. Published snapshots (lines, statuses) are cut in
SQL by `transform.snapshot`, at or before `as_of_utc`, which is never after tip-off.

Belongs here: joins and running totals over time. Does not belong here: the features (`features/`). Running totals are sums of integers:
exact, hence independent of order, threads and later rows. Decayed totals are floats, added one by one in the order of the games, hence
independent of later rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rates_lib.core.numerics.decayed import decayed_sums

_ORDER = ("game_date", "game_id")


def running_totals(history: pl.DataFrame, by: Sequence[str], values: Sequence[str]) -> pl.DataFrame:
    """Totals of `values` per `by` up to and including each row.

    Args:
        history: rows with `game_date`, `game_id`, `by` and integer `values`, in any order.
        by: columns that separate the totals.
        values: integer columns.

    Returns:
        `by`, game_date, the totals under the same names, and `games` (rows so far), sorted by game_date. For use with
        `last_before`.

    Raises:
        TypeError: if a value is not an integer: float totals depend on their order.
    """
    _require_integers(history, values)
    ordered = history.sort(*by, *_ORDER)
    return ordered.select(
        *by,
        "game_date",
        *(pl.col(v).cum_sum().over(by) for v in values),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(by).alias("games"),
    ).sort("game_date", maintain_order=True)


def last_totals(history: pl.DataFrame, by: Sequence[str], values: Sequence[str], n: int) -> pl.DataFrame:
    """Totals of `values` over the last `n` rows per `by`, up to and including each row; otherwise like `running_totals`."""
    _require_integers(history, values)
    ordered = history.sort(*by, *_ORDER)

    def window(v: str) -> pl.Expr:
        total = pl.col(v).cum_sum()
        return (total - total.shift(n, fill_value=0)).over(by).alias(v)

    return ordered.select(
        *by,
        "game_date",
        *(window(v) for v in values),
        pl.min_horizontal(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(by), pl.lit(n)).alias("games"),
    ).sort("game_date", maintain_order=True)


def last_values(history: pl.DataFrame, by: Sequence[str], value: str, n: int) -> pl.DataFrame:
    """The last `n` values per `by`, up to and including each row, newest first, as one list column named `value`."""
    ordered = history.sort(*by, *_ORDER)
    lags = pl.concat_list([pl.col(value).shift(k).over(by) for k in range(n)]).list.drop_nulls()
    return ordered.select(*by, "game_date", lags.alias(value)).sort("game_date", maintain_order=True)


def last_before(
    rows: pl.DataFrame, totals: pl.DataFrame, by: Sequence[str], names: Mapping[str, str], on: str = "game_date"
) -> pl.DataFrame:
    """`rows` with the newest state of `totals` dated strictly before each row.

    Args:
        rows: rows with `by` and `on`; a row with a null `on` gets nulls.
        totals: states with `by` and `game_date`, sorted by game_date; of several states on one date the last counts.
        by: columns that must be equal; empty: one state for all.
        names: columns of `totals`, to their names in the result.
        on: date column of `rows`.

    Returns:
        `rows` in their order with the columns added; null without an earlier state.
    """
    taken = totals.select(*by, pl.col("game_date").alias("_asof_date"), *(pl.col(k).alias(v) for k, v in names.items()))
    numbered = rows.with_row_index("_row")
    joined = (
        numbered.select("_row", on, *by)
        .drop_nulls(on)
        .sort(on)
        .join_asof(
            taken.sort("_asof_date", maintain_order=True),
            left_on=on,
            right_on="_asof_date",
            by=list(by) or None,
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .select("_row", *names.values())
    )
    return numbered.join(joined, on="_row", how="left", maintain_order="left").drop("_row")


def season_totals_before(rows: pl.DataFrame, history: pl.DataFrame, by: Sequence[str], values: Sequence[str], prefix: str) -> pl.DataFrame:
    """`rows` with the totals of the whole *previous* season per `by`.

    Args:
        rows: rows with `by`, season and game_date.
        history: rows with `by`, season, game_date and integer `values`; a season is over before the next begins.
        by: columns that must be equal, without season.
        values: integer columns.
        prefix: prefix of the names of the totals; `<prefix>games` counts rows.

    Returns:
        `rows` in their order with the totals added; null for a player or team without a previous season.
    """
    _require_integers(history, values)
    totals = (
        history.group_by(*by, "season")
        .agg(*(pl.col(v).sum() for v in values), pl.len().cast(pl.Int64).alias("games"))
        .with_columns(pl.col("season") + 1)
        .rename({v: f"{prefix}{v}" for v in (*values, "games")})
    )
    return rows.join(totals, on=[*by, "season"], how="left", maintain_order="left")


def previous_dates(team_games: pl.DataFrame, n: int, name: str, by: Sequence[str] = ("season", "team_id")) -> pl.DataFrame:
    """`team_games` with the date of the team's n-th game before each, null if there is none.

    Args:
        team_games: season, team_id, game_id, game_date of played and future games.
        n: number of games back.
        name: name of the added column.
        by: without season, the earlier game may be of an earlier season.
    """
    ordered = team_games.sort(*by, *_ORDER)
    return ordered.with_columns(pl.col("game_date").shift(n).over(by).alias(name))


def previous_values(
    team_games: pl.DataFrame, columns: Sequence[str], prefix: str, by: Sequence[str] = ("season", "team_id")
) -> pl.DataFrame:
    """`team_games` with `<prefix><column>`: the schedule's values of the team's previous game, else null; never for outcomes."""
    ordered = team_games.sort(*by, *_ORDER)
    return ordered.with_columns(pl.col(c).shift(1).over(by).alias(f"{prefix}{c}") for c in columns)


def games_before(team_games: pl.DataFrame) -> pl.DataFrame:
    """`team_games` with `team_season_games`: number of the team's games in the same season before each."""
    ordered = team_games.sort("season", "team_id", *_ORDER)
    return ordered.with_columns(pl.int_range(0, pl.len(), dtype=pl.Int64).over("season", "team_id").alias("team_season_games"))


def recent_members(team_games: pl.DataFrame, appearances: pl.DataFrame, days: int) -> pl.DataFrame:
    """Members of a team by box scores: players whose newest appearance before the game was for this team.

    Args:
        team_games: season, game_id, team_id, game_date of the requested games.
        appearances: player_id, team_id, game_date of games played, any players and teams.
        days: greatest age of the newest appearance.

    Returns:
        season, game_id, team_id, game_date, player_id, last_date (of that appearance), sorted by game_id, team_id, player_id.
    """
    earliest = team_games["game_date"].min()
    spells = (
        appearances.select("player_id", "team_id", "game_date")
        .filter(pl.col("game_date") >= pl.lit(earliest, pl.Date) - pl.duration(days=days))  # older ones reach no game
        .unique()
        .sort("player_id", "game_date", "team_id")
        .with_columns(pl.col("game_date").shift(-1).over("player_id").alias("_next"))
        .with_columns(
            pl.min_horizontal("_next", pl.col("game_date") + pl.duration(days=days)).alias("_until"),
        )
        .rename({"game_date": "last_date"})
        .select("player_id", "team_id", "last_date", "_until")
    )
    # an appearance is the newest for games after it, up to and including the day of the next one
    games = (
        team_games.select("season", "game_id", "team_id", "game_date")
        .unique()
        .sort("team_id", "game_date", "game_id")
        .with_columns(pl.int_range(0, pl.len(), dtype=pl.Int64).over("team_id").alias("_index"))
    )
    index = games.select("team_id", "game_date", "_index").sort("game_date", maintain_order=True)
    bounds = spells
    for column, name in (("last_date", "_first"), ("_until", "_last")):
        bounds = (
            bounds.sort(column)
            .join_asof(
                index.rename({"game_date": "_g", "_index": name}),
                left_on=column, right_on="_g", by="team_id", strategy="backward", check_sortedness=False,
            )
            .drop("_g")
        )  # fmt: skip
    spread = (
        bounds.with_columns(pl.col("_first").fill_null(-1) + 1, pl.col("_last").fill_null(-1))
        .filter(pl.col("_last") >= pl.col("_first"))
        .with_columns(pl.int_ranges("_first", pl.col("_last") + 1, dtype=pl.Int64).alias("_index"))
        .explode("_index")
    )
    return (
        spread.join(games, on=["team_id", "_index"], how="inner")
        .filter(pl.col("last_date") < pl.col("game_date"))
        .select("season", "game_id", "team_id", "game_date", "player_id", "last_date")
        .sort("game_id", "team_id", "player_id")
    )


def known_from(rows: pl.DataFrame, dates: pl.Series, name: str) -> pl.DataFrame:
    """`rows` with the first of `dates` strictly after each row's day: estimates of that date or later may use the row.

    Args:
        rows: rows with game_date.
        dates: sorted dates.
        name: name of the added column; null if no date follows.

    Returns:
        `rows` in their order with the column added.
    """
    later = dates.search_sorted(rows["game_date"], side="right")
    return rows.with_columns(dates.gather(later.set(later == len(dates), None)).alias(name))


def newest_season(rows: pl.DataFrame, facts: pl.DataFrame, by: str, on: str) -> pl.DataFrame:
    """`rows` with the fact of the newest season not after the row's; for facts known before a season (height, listed position).

    Args:
        rows: rows with `by` and season, sorted by season.
        facts: rows with `by` and `on` (a season), sorted by `on`.
        by: column that must be equal.
        on: the facts' season column; the result keeps it.
    """
    return rows.join_asof(facts, left_on="season", right_on=on, by=by, strategy="backward", check_sortedness=False, coalesce=False)


def league_totals_before(rows: pl.DataFrame, history: pl.DataFrame, values: Sequence[str], prefix: str) -> pl.DataFrame:
    """`rows` with the league's totals of `values` over the previous and this season, strictly before each row's date.

    Returns:
        `rows` in their order with `<prefix><value>` added; 0 without history.
    """
    _require_integers(history, values)
    days = history.group_by("season", "game_date").agg(*(pl.col(v).sum() for v in values)).with_columns(pl.lit("").alias("game_id"))
    this = running_totals(days, ["season"], values)
    rows = last_before(rows, this, ["season"], {v: f"_this_{v}" for v in values})
    rows = season_totals_before(rows, days, [], values, "_previous_")
    return rows.with_columns(
        *((pl.col(f"_this_{v}").fill_null(0) + pl.col(f"_previous_{v}").fill_null(0)).alias(f"{prefix}{v}") for v in values)
    ).drop([f"_this_{v}" for v in values] + [f"_previous_{v}" for v in values] + ["_previous_games"])


def _require_integers(frame: pl.DataFrame, values: Sequence[str]) -> None:
    wrong = [v for v in values if not frame.schema[v].is_integer()]
    if wrong:
        raise TypeError(f"totals need integers, so that they are exact; {wrong} are not: count in whole units first")


def since_gap(history: pl.DataFrame, by: str, within: Sequence[str], number: str, least: int) -> pl.DataFrame:
    """Number of rows since the newest gap, up to and including each row.

    Args:
        history: rows with `by`, game_date, game_id, `within` and `number`, in any order.
        by: column of the player or team.
        within: a gap is only counted between two rows that agree in these columns.
        number: column with a running number; a step of n is a gap of n - 1.
        least: least length of a gap.

    Returns:
        `by`, game_date, since (0 for the row after the gap), gap (its length), both null before the first gap; sorted by game_date. For
        use with `last_before`.
    """
    ordered = history.sort(by, *_ORDER)
    same = pl.all_horizontal(pl.col(c) == pl.col(c).shift(1).over(by) for c in within)
    step = pl.when(same).then(pl.col(number) - pl.col(number).shift(1).over(by) - 1).otherwise(0)
    marked = ordered.with_columns(step.alias("_gap"), pl.int_range(0, pl.len(), dtype=pl.Int64).over(by).alias("_n"))
    back = pl.col("_gap") >= least
    return marked.select(
        by,
        "game_date",
        (pl.col("_n") - pl.when(back).then("_n").forward_fill().over(by)).alias("since"),
        pl.when(back).then("_gap").forward_fill().over(by).alias("gap"),
    ).sort("game_date", maintain_order=True)


def exact(value: pl.Expr) -> pl.Expr:
    """`value` rounded to a multiple of 2^-20 (about a millionth): sums of such floats are exact, hence the same in any order."""
    return (value * 2**20).round() / 2**20


def added(values: Iterable[pl.Expr]) -> pl.Expr:
    """The sum of `values`, added from first to last: `pl.sum_horizontal` adds more than two in a varying order."""
    return reduce(add, values)


@dataclass(frozen=True)
class Decayed:
    """Decayed totals after each row of a history; `decayed_before` looks them up.

    Attributes:
        sums: (rows, half-lives, values).
        index: by, game_date, `_season` and `_state` (row of `sums`), sorted by game_date.
        by: columns that separate the totals.
        carry: factor per summer.
    """

    sums: NDArray[np.float64]
    index: pl.DataFrame
    by: tuple[str, ...]
    carry: float


def decayed_totals(
    history: pl.DataFrame,
    by: Sequence[str],
    values: Sequence[str],
    half_lives: Sequence[float],
    *,
    carry: float,
    weight: str | None = None,
) -> Decayed:
    """Totals of `values` per `by` in which a row counts half as much after every `half_life` later rows of the same `by`.

    Args:
        history: rows with season, game_date, game_id, `by` and numeric `values` without nulls, in any order, one per `by` and game.
        by: columns that separate the totals.
        values: numeric columns.
        half_lives: in rows (games).
        carry: additional factor per summer; 0 restarts the totals each season.
        weight: column that multiplies all values of a row.
    """
    ordered = history.sort(*by, *_ORDER)
    group = ordered.select(pl.struct(list(by)).rle_id())[:, 0].cast(pl.Int64).to_numpy()
    matrix = np.ascontiguousarray(ordered.select(pl.col(list(values)).cast(pl.Float64)).to_numpy())
    if weight is not None:
        matrix = matrix * ordered[weight].cast(pl.Float64).to_numpy()[:, None]
    keep = np.array([0.5 ** (1 / half_life) for half_life in half_lives])
    sums = decayed_sums(group, ordered["season"].cast(pl.Int64).to_numpy(), matrix, keep, carry)
    index = ordered.select(
        *by, "game_date", pl.col("season").alias("_season"), pl.int_range(0, pl.len(), dtype=pl.Int64).alias("_state")
    ).sort("game_date", maintain_order=True)
    return Decayed(sums, index, tuple(by), carry)


def decayed_before(rows: pl.DataFrame, totals: Decayed) -> NDArray[np.float64]:
    """The newest totals dated strictly before each row, multiplied by `carry` for every summer in between.

    Args:
        rows: rows with season, game_date and the totals' `by`.
        totals: result of `decayed_totals`.

    Returns:
        (rows, half-lives, values) in the order of `rows`; 0 without an earlier row.
    """
    newest_state = last_before(
        rows.select("season", "game_date", *totals.by), totals.index, totals.by, {"_state": "_state", "_season": "_season"}
    )
    state = newest_state["_state"].fill_null(-1).to_numpy()
    summers = (newest_state["season"] - newest_state["_season"]).fill_null(0).cast(pl.Float64).to_numpy()
    shape = (len(state), *totals.sums.shape[1:])
    newest = totals.sums[np.maximum(state, 0)] if len(totals.sums) else np.zeros(shape)
    kept = np.where(state < 0, 0.0, np.where(summers > 0, totals.carry**summers, 1.0))
    return np.asarray(newest * kept[:, None, None] + 0.0, dtype=np.float64)  # a negative total times 0 becomes 0.0, not -0.0
