"""Players' lines of books, priced by the worlds: chance of over, fair price, edge over the book's chance, expected value of the bet.

    silver.peer_forecast (source props), bronze.odds (player_<stat>) ──► published by the worlds' as_of_utc, the newest of each book
    lines + sims.worlds ──one statement──► worlds over, under and on the line, among those in which the player plays ──► Props

A bet is void if the player does not play, and a line that is hit exactly is a push, as in `price.py`. A book's margin (vig) is removed by
multiplicative normalisation: both implied probabilities are divided by their sum. This is the usual method ("basic" in the R package
implied), which `evals.worlds` also uses to measure books. The methods of Shin (1992), which with two outcomes subtracts the same from
both, and of powers give the favourite more and the long shot less (Štrumbelj 2014; Clarke, Kovalchik and Ingram 2017): 0.3 and 0.4
points of probability at -150 / +130, 1.0 and 1.5 at -300 / +240. One price alone does not reveal the margin, so such a line has no edge.

Belongs here: the choice of lines, and their values. Does not belong here: questions of users (`price.py`), printing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from rates_lib.core.calendar import EASTERN, season_of
from rates_lib.core.errors import RatesError
from rates_lib.core.odds import LEAST_AMERICAN, american, expected_value, vig_free
from rates_lib.core.stats import EVENTS, STATS, sql_of, stat_named
from rates_lib.lake import Lake, games_of
from rates_lib.questions.price import wilson

LATE = "published after the as-of instant of its game's projection"
REPLACED = "another line of the same book counts"

_SOURCE = "props"  # of silver.peer_forecast, where it means lines of books
_MARKET = "player_"
_COUNTED = ["over", "under", "push", "price_over", "price_under"]
_SILENT = "the player plays in no world, or hits the line exactly in all"
_UTC = pl.Datetime("us", "UTC")
_KEY = ["game_id", "player_id", "stat", "book"]
_PEER, _QUOTE = "silver.peer_forecast", "bronze.odds"
_SPELLINGS = {  # of columns of `LINE`, by table
    _PEER: {"line": "forecast"},
    _QUOTE: {"player_id": "subject_id", "stat": "market", "price_over": "price_home", "price_under": "price_away"},
}
LINE: dict[str, Any] = {
    "game_id": pl.String, "player_id": pl.String, "player_name": pl.String, "stat": pl.String, "book": pl.String, "line": pl.Float64,
    "price_over": pl.Float64, "price_under": pl.Float64, "published_utc": _UTC, "published_assumed": pl.Boolean, "source": pl.String,
}  # fmt: skip
"""Columns of a landed line; source is its table."""
WORTH: dict[str, Any] = {
    "worlds": pl.Int64, "over_prob": pl.Float64, "over_prob_low": pl.Float64, "over_prob_high": pl.Float64, "push_prob": pl.Float64,
    "fair_over_american": pl.Float64, "fair_over_decimal": pl.Float64, "fair_under_american": pl.Float64,
    "fair_under_decimal": pl.Float64, "vig_free_over_prob": pl.Float64, "side": pl.String, "edge": pl.Float64,
    "expected_value": pl.Float64, "within_noise": pl.Boolean,
}  # fmt: skip
"""Columns of a line's value; see `Props.rows`."""


@dataclass(frozen=True)
class Props:
    """The lines of a day.

    Attributes:
        rows: columns of `LINE` and `WORTH`, team_abbreviation, play_prob and after_as_of; best edge first, lines without an edge last.
            worlds: number that counts; over_prob: chance of over among them, with its 95 % interval; push_prob: share of the player's
            worlds that hit the line exactly; fair prices are null for chances of 0 and 1; side: the better side (the one with a price,
            if only one has); edge: our chance of that side minus the book's without its margin; expected_value: gain per unit staked on
            it at the book's price, if the player plays; within_noise: the book's chance lies inside our interval; after_as_of: the line
            counts only because the tip-off is assumed (see `whole_day`).
        left_out: columns of `LINE` and reason, a row per landed line without a price of ours.
        priced: number of priced lines; larger than `rows` if `least_edge` was given.
        as_of_utc: the newest as-of instant of the day's projections.
        whole_day: number of games with an assumed tip-off as their as-of instant: lines of their whole day count, because it is unknown
            which of them were published after the real tip-off.
    """

    rows: pl.DataFrame
    left_out: pl.DataFrame
    priced: int
    as_of_utc: datetime
    whole_day: int


def props_of(lake: Lake, day: date, book: str = "", stat: str = "", least_edge: float = 0.0) -> Props:
    """Price the lines of a day from its worlds.

    Args:
        lake: holds worlds, predictions and lines of the day.
        day: Eastern date.
        book: only lines of this book, all if empty; case does not count.
        stat: only lines of this statistic, by any of its names, all if empty.
        least_edge: only lines with at least this edge; 0 also keeps lines without one.

    Raises:
        RatesError: if the day has no worlds, no lines of it have landed, or none of the book or statistic.
    """
    with lake.frozen(day.isoformat()) as now:
        return _props(now, day, book, stat, least_edge)


def _props(lake: Lake, day: date, book: str, stat: str, least_edge: float) -> Props:
    season = season_of(day)
    games = games_of(lake, day)
    players = _players(lake, day, games)
    if players.is_empty():
        raise RatesError(f"no worlds of {day}: run `rates slate {day}` first")
    lines = pl.concat([landed_lines(lake, day, games), refused_lines(lake, day, games)])
    if lines.is_empty():
        raise RatesError(
            f"no player's line has landed for {day}: lines are rows of silver.peer_forecast with source {_SOURCE} (dataset peer_forecast; "
            f"the files provider reads benchmarks/props_pra_*.parquet) and of bronze.odds with market {_MARKET}<stat> (dataset "
            f"odds_quotes); land some with `rates land`, then run `rates backfill --seasons {season} --through silver`"
        )
    kept, left_out = choose(_of(lines, book, stat, day), players)
    with lake.naming_damage(["sims.worlds"]), lake.connect(["sims.worlds"]) as con:
        counted = count(con, kept, day)
    silent = pl.col("over") + pl.col("under") == 0
    rows = worth(counted.filter(~silent))
    left_out = pl.concat([left_out, counted.filter(silent).with_columns(reason=pl.lit(_SILENT)).select(left_out.columns)])
    return Props(
        rows=rows.filter(pl.col("edge") >= least_edge) if least_edge > 0 else rows,
        left_out=left_out.sort("reason", *_KEY, "published_utc", nulls_last=True),
        priced=rows.height,
        as_of_utc=players["as_of_utc"].max(),  # type: ignore[arg-type]
        whole_day=players.filter("whole_day")["game_id"].n_unique(),
    )


# --- which lines count ------------------------------------------------------------------------------------------------


def landed_lines(lake: Lake, day: date, games: pl.DataFrame) -> pl.DataFrame:
    """Every publication of a player's line for a day: columns of `LINE` and reason, which is null.

    Statistics have our names; one that worlds do not have keeps the name of its source. An event without a number becomes
    a line at one half. games: those of the day in silver.game.
    """
    peers = lake.read(_PEER, [season_of(day)]).filter(pl.col("source") == _SOURCE, pl.col("game_date") == day)
    quotes = lake.read(_QUOTE, [season_of(day)]).filter(
        pl.col("market").str.starts_with(_MARKET), pl.col("game_id").is_in(games["game_id"].to_list())
    )
    lines = []
    for table, rows in {_PEER: peers, _QUOTE: quotes.with_columns(player_name=pl.lit(None, pl.String))}.items():
        landed = rows.with_columns(source=pl.lit(table))
        lines.append(landed.select(pl.col(_SPELLINGS[table].get(c, c)).alias(c) for c in LINE))
    return _named(pl.concat(lines)).with_columns(reason=pl.lit(None, pl.String))


def refused_lines(lake: Lake, day: date, games: pl.DataFrame) -> pl.DataFrame:
    """The same for lines in quarantine tables, as far as their values can be parsed; reason: the broken rule."""
    parts = []
    for table in ("bronze.peer_forecast", _PEER, _QUOTE):
        names = {c: _SPELLINGS.get(table, _SPELLINGS[_PEER]).get(c, c) for c in LINE} | {"_kind": "source", "_day": "game_date"}
        rows = lake.read(f"{table}_quarantine", [season_of(day)]).unique("row_json", keep="first", maintain_order=True)
        parsed = rows.select("reason", *(pl.col("row_json").str.json_path_match(f"$.{name}").alias(c) for c, name in names.items()))
        parsed = parsed.with_columns(pl.col("published_utc").str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", time_unit="us", strict=False))
        if table == _QUOTE:
            published = pl.col("published_utc").dt.convert_time_zone(EASTERN.key).dt.date()
            of_day = pl.col("stat").str.starts_with(_MARKET) & (pl.col("game_id").is_in(games["game_id"].to_list()) | (published == day))
        else:
            of_day = (pl.col("_kind") == _SOURCE) & (pl.col("_day") == day.isoformat())
        parts.append(
            parsed.filter(of_day)
            .with_columns(
                pl.col("published_assumed") == "true",
                source=pl.lit(table),
                reason=pl.format("{} refused it: {}", pl.lit(table), pl.col("reason").fill_null("a rule")),
            )
            .select(*(pl.col(c).cast(dtype, strict=False) for c, dtype in LINE.items()), "reason")
        )
    return _named(pl.concat(parts))


def _named(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with our names of the statistics, and a name for a missing book."""
    words = lines["stat"].str.strip_prefix(_MARKET).unique().to_list()
    known = {word: stat_named(word) or word for word in words if word is not None}
    return lines.with_columns(pl.col("stat").str.strip_prefix(_MARKET).replace(known), pl.col("book").fill_null(_SOURCE)).with_columns(
        pl.when(pl.col("stat").is_in(EVENTS)).then(pl.col("line").fill_null(0.5)).otherwise("line").alias("line")
    )


def _of(lines: pl.DataFrame, book: str, stat: str, day: date) -> pl.DataFrame:
    """Lines of a book and of a statistic, each if not empty."""
    for column, wanted in {"book": book, "stat": (stat_named(stat) or stat) if stat else ""}.items():
        if wanted:
            present = lines[column].drop_nulls().unique().sort().to_list()
            lines = lines.filter(pl.col(column).str.to_lowercase() == wanted.lower())
            if lines.is_empty():
                raise RatesError(f"no line of {day} is of {column} {wanted!r}: there are {', '.join(present)}")
    return lines


def _players(lake: Lake, day: date, games: pl.DataFrame) -> pl.DataFrame:
    """Players of the worlds' summaries with team, play_prob and as-of instant: one row per game_id and player_id."""
    columns = ["game_id", "team_id", "player_id", "player_name", "as_of_utc", "tipoff_utc"]
    summary = lake.read("sims.player_summary", [day.isoformat()], columns).unique(
        ["game_id", "player_id"], keep="first", maintain_order=True
    )
    box = lake.read("predictions.player_box", [day.isoformat()], ["game_id", "player_id", "play_prob"])
    sides = [games.select("game_id", pl.col(f"{s}_team_id").alias("team_id"), pl.col(f"{s}_team_abbreviation").alias("team_abbreviation"),
                          "tipoff_assumed") for s in ("home", "away")]  # fmt: skip
    return (
        summary.join(box, on=["game_id", "player_id"], how="left", maintain_order="left")
        .join(pl.concat(sides), on=["game_id", "team_id"], how="left", maintain_order="left")
        .with_columns(whole_day=pl.col("tipoff_assumed").fill_null(False) & (pl.col("as_of_utc") >= pl.col("tipoff_utc")))
    )


def choose(lines: pl.DataFrame, players: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines that can be priced, and the others.

    Args:
        lines: columns of `LINE`, and reason where one is left out already.
        players: game_id, player_id, player_name, team_abbreviation, play_prob, as_of_utc, tipoff_utc and whole_day of projected players.
            A line of a game with whole_day counts if published by the end of its Eastern day, others if published by as_of_utc.

    Returns:
        (kept, left out): kept with player_name, team_abbreviation, play_prob and after_as_of, left out with reason.
    """
    games = players.unique("game_id", keep="first", maintain_order=True).select("game_id", "as_of_utc", "tipoff_utc", "whole_day")
    projected = players.select(
        "game_id", "player_id", "team_abbreviation", "play_prob", pl.col("player_name").alias("_name"), _projected=pl.lit(True)
    )
    marked = lines.join(games, on="game_id", how="left", maintain_order="left").join(
        projected, on=["game_id", "player_id"], how="left", maintain_order="left"
    )
    eastern = pl.col("published_utc", "tipoff_utc").dt.convert_time_zone(EASTERN.key).dt.date()
    marked = marked.with_columns(eastern.name.suffix("_day"), player_name=pl.coalesce("_name", "player_name"))
    marked = marked.with_columns(after_as_of=pl.col("published_utc") > pl.col("as_of_utc"))
    in_time = ~pl.col("after_as_of") | (pl.col("whole_day") & (pl.col("published_utc_day") <= pl.col("tipoff_utc_day")))
    prices = pl.col("price_over", "price_under")
    reasons = {
        "a statistic that worlds do not have": ~pl.col("stat").is_in(list(STATS)),
        "no number": pl.col("line").is_null(),
        "a price between -100 and 100, which American odds cannot be": pl.any_horizontal(prices.abs() < LEAST_AMERICAN),
        "its game has no worlds": pl.col("as_of_utc").is_null(),
        LATE: ~in_time,
    }
    marked = _marked(marked, reasons).sort(*_KEY, "published_utc", "source", nulls_last=True, maintain_order=True).with_row_index("_row")
    good = pl.col("reason").is_null()
    # the newest by as_of_utc; else, if the tip-off is assumed, the first one after it: a later one may be from a game under way
    in_time_row, first = pl.col("_row").filter(good & ~pl.col("after_as_of")).max(), pl.col("_row").filter(good).min()
    newest = pl.coalesce(in_time_row.over(_KEY), first.over(_KEY))
    marked = _marked(
        marked,
        {
            REPLACED: pl.col("_row") != newest,
            "not among the candidates of its game": pl.col("_projected").is_null(),
            "ruled out": pl.col("play_prob") == 0,
        },
    )
    left = pl.col("reason").is_not_null()
    return marked.filter(~left).select(*LINE, "team_abbreviation", "play_prob", "after_as_of"), marked.filter(left).select(*LINE, "reason")


def _marked(lines: pl.DataFrame, reasons: dict[str, pl.Expr]) -> pl.DataFrame:
    """Lines with the first reason that applies, unless they have one already."""
    return lines.with_columns(reason=pl.coalesce("reason", *(pl.when(broken).then(pl.lit(reason)) for reason, broken in reasons.items())))


# --- the value of lines ----------------------------------------------------------------------------------------------


def count_sql(stats: list[str], day: date) -> str:
    """SQL that counts the worlds over, under and on the line for each row of `requested` (number, game_id, player_id, stat, line)."""
    values = "\n    UNION ALL ".join(
        f"SELECT game_id, player_id, '{stat}' AS stat, CAST({sql_of(stat)} AS DOUBLE) AS value FROM played" for stat in stats
    )
    return f"""WITH played AS (
    SELECT * FROM sims.worlds WHERE game_date = DATE '{day}' AND (game_id, player_id) IN (SELECT (game_id, player_id) FROM requested)
),
counted AS (
    SELECT game_id, player_id, stat, value, count(*) AS worlds
    FROM ({values})
    GROUP BY ALL
)
SELECT
    a.number,
    coalesce(sum(worlds) FILTER (WHERE value > line), 0)::BIGINT AS over,
    coalesce(sum(worlds) FILTER (WHERE value < line), 0)::BIGINT AS under,
    coalesce(sum(worlds) FILTER (WHERE value = line), 0)::BIGINT AS push
FROM requested AS a
LEFT JOIN counted AS c ON c.game_id = a.game_id AND c.player_id = a.player_id AND c.stat = a.stat
GROUP BY a.number
ORDER BY a.number"""


def count(con: duckdb.DuckDBPyConnection, lines: pl.DataFrame, day: date) -> pl.DataFrame:
    """`lines` with the numbers of worlds `over`, `under` and `push` (on the line), among those in which the player plays.

    Args:
        con: shows sims.worlds.
        lines: game_id, player_id, stat (of `STATS`), line.
        day: Eastern date.
    """
    if lines.is_empty():
        return lines.with_columns(pl.lit(0, pl.Int64).alias(c) for c in ("over", "under", "push"))
    requested = lines.select("game_id", "player_id", "stat", "line").with_row_index("number")
    con.register("requested", requested)
    counts = con.sql(count_sql(sorted(lines["stat"].unique()), day)).pl()
    con.unregister("requested")
    return lines.hstack(counts.select("over", "under", "push"))


def worth(counted: pl.DataFrame) -> pl.DataFrame:
    """Rows of `Props.rows` from rows of `count` with over + under > 0."""
    values = pl.DataFrame([_worth(**row) for row in counted.select(_COUNTED).iter_rows(named=True)], schema=WORTH)
    order = ["edge", "expected_value", *_KEY]
    rows = counted.drop("over", "under", "push").hstack(values)
    return rows.sort(order, descending=[True, True, *[False] * len(_KEY)], nulls_last=True)


def _worth(over: int, under: int, push: int, price_over: float | None, price_under: float | None) -> dict[str, object]:
    worlds = over + under
    chance, (low, high) = over / worlds, wilson(over, worlds)
    pushed = push / (worlds + push)
    fair = {
        f"fair_{side}_{kind}": value if 0 < p < 1 else None
        for side, p in (("over", chance), ("under", 1 - chance))
        for kind, value in (("american", american(p)), ("decimal", 1 / max(p, 1e-12)))
    }
    book = vig_free(price_over, price_under)
    if book is None:
        side, edge = "over" if price_over else "under" if price_under else None, None
    else:
        side, edge = "over" if chance >= book else "under", abs(chance - book)
    price = price_over if side == "over" else price_under
    wins = chance if side == "over" else 1 - chance
    return fair | {
        "worlds": worlds, "over_prob": chance, "over_prob_low": low, "over_prob_high": high, "push_prob": pushed,
        "vig_free_over_prob": book, "side": side, "edge": edge,
        "expected_value": expected_value(wins, price, pushed) if price else None,
        "within_noise": None if book is None else low <= book <= high,
    }  # fmt: skip
