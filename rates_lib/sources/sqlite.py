"""The SQLite provider: reads a database of box scores, stints and impact ratings into the datasets of the landing zone.

    player_game_stats       required: a row per player and game
    team_game_stats         a row per team and game; without it the players are summed
    impact_lineup_stints    a row per five-on-five stint, in order within a game
    impact_ratings_*        a table of ratings per season (or team and season); the season is in its name or a column SEASON

`docs/sqlite.md` lists the columns. Names are those of nba_api; case and underscores are ignored, and some other spellings are known.

Belongs here: the table of each dataset, spellings, conversion of text to types, data derived from a player's log (teams, schedule).
Does not belong here: cleaning, duplicates, unknown ids (`sql/`), writing (`sources/landing.py`).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote

import polars as pl

from rates_lib.core.errors import LandingError
from rates_lib.schemas.landing import LANDING
from rates_lib.sources.contract import LEFT_OUT, Datasets, Delivery, Request, Source
from rates_lib.sources.files import FIRST_SEASON, not_regular, schedule_of_log, season_of_id
from rates_lib.sources.landing import conform

PLAYER_TABLE, TEAM_TABLE, STINT_TABLE, RATING_PREFIX = "player_game_stats", "team_game_stats", "impact_lineup_stints", "impact_ratings_"
_MADE = ("FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "AST", "STL", "BLK", "TOV", "PF")
_COUNTS = (*_MADE, "REB", "PTS", "PLUS_MINUS")
_GAME = ("GAME_ID", "GAME_DATE", "TEAM_ID", "MATCHUP")
#: Columns by table: (required, optional).
TABLE_COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    PLAYER_TABLE: (
        (*_GAME, "PLAYER_ID", "MIN", *_MADE, "PLUS_MINUS"),
        ("PLAYER_NAME", "TEAM_ABBREVIATION", "WL", "REB", "PTS"),
    ),
    TEAM_TABLE: ((*_GAME, "MIN", *_MADE), ("TEAM_ABBREVIATION", "TEAM_NAME", "WL", "REB", "PTS", "PLUS_MINUS")),
    STINT_TABLE: (
        ("GAME_ID", "HOME_LINEUP", "AWAY_LINEUP", "HOME_PTS", "AWAY_PTS", "POSSESSIONS"),
        ("STINT", "START_SEC", "END_SEC"),
    ),
    RATING_PREFIX: (
        ("PLAYER_ID", "IMPACT_PER_100"),
        ("SEASON", "PLAYER_NAME", "TEAM_ID", "IMPACT_OFF_PER_100", "IMPACT_DEF_PER_100", "EXPOSURE"),
    ),
}
# other spellings, in lower case without underscores
_SPELLINGS = {
    "to": "TOV", "turnovers": "TOV", "minutes": "MIN", "points": "PTS", "assists": "AST", "steals": "STL", "blocks": "BLK",
    "fieldgoalsmade": "FGM", "fieldgoalsattempted": "FGA", "threepointersmade": "FG3M", "threepointersattempted": "FG3A",
    "freethrowsmade": "FTM", "freethrowsattempted": "FTA", "reboundsoffensive": "OREB", "reboundsdefensive": "DREB",
    "reboundstotal": "REB", "foulspersonal": "PF", "plusminuspoints": "PLUS_MINUS",
    "personid": "PLAYER_ID", "teamtricode": "TEAM_ABBREVIATION", "seasonid": "SEASON", "exposurestintunits": "EXPOSURE",
    "offimpactper100": "IMPACT_OFF_PER_100", "defimpactper100": "IMPACT_DEF_PER_100",
}  # fmt: skip
_CLOCK = r"^(?:PT)?(\d+(?:\.0+)?)[:M](\d+(?:\.\d+)?)?S?$"  # 34:21, 34.000000:21, PT34M21.00S, PT34M
_SEASON = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:[-_]?\d{2})?(?!\d)")


def read_database_with_report(path: Path, seasons: Collection[int] | None = None) -> tuple[Datasets, pl.DataFrame]:
    """Read a database; arguments, result and report as in `files.read_folder_with_report`.

    Raises:
        LandingError: if the file is missing or not an SQLite database, if the table of players or a column is missing (the message suggests
            the nearest existing name), if a value does not fit its column, or if a wanted season has no game.
    """
    if not path.is_file():
        raise LandingError(f"{path} is not a file: pass the SQLite database that holds {PLAYER_TABLE}")
    with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as con:
        tables = _tables(con, path)
        if PLAYER_TABLE not in tables:
            raise LandingError(f"{path} has no table {_near(PLAYER_TABLE, tables)}: rename the table, or make a view of that name")
        rows = {name: _read(con, path, name, name) for name in (PLAYER_TABLE, TEAM_TABLE, STINT_TABLE) if name in tables}
        ratings = {name: _read(con, path, name, RATING_PREFIX) for name in sorted(tables) if name.startswith(RATING_PREFIX)}
    report = _Report(seasons)
    datasets = _logs(rows, report, path)
    missing = sorted(set(seasons or ()) - datasets["leaguegamelog_player"].keys())
    if missing:
        raise LandingError(
            f"{path}: {PLAYER_TABLE} has no regular-season game of {', '.join(map(str, missing))}: without --seasons, all are landed"
        )
    if STINT_TABLE in rows:
        datasets["stints"] = _by_season("stints", report.keep("stints", _stints(rows[STINT_TABLE], f"{path}: {STINT_TABLE}")))
    rated = [_ratings(table, name, f"{path}: {name}") for name, table in ratings.items()]
    if rated:
        datasets["impact_rating"] = _by_season("impact_rating", report.keep("impact_rating", pl.concat(rated)))
    return {name: frames for name, frames in sorted(datasets.items()) if frames}, report.rows()


# --- tables and columns ----------------------------------------------------------------------------------------------------------


def _tables(con: sqlite3.Connection, path: Path) -> list[str]:
    try:
        return [name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")]
    except sqlite3.DatabaseError as error:
        raise LandingError(f"{path} is no SQLite database ({error}): pass the file that holds {PLAYER_TABLE}") from error


def _read(con: sqlite3.Connection, path: Path, table: str, kind: str) -> pl.DataFrame:
    """The table's known columns under our names, as text, because SQLite does not enforce types. Rows in the table's order."""
    needed, also = TABLE_COLUMNS[kind]
    spelled: dict[str, str] = {}  # our name to the table's
    there = [str(row[1]) for row in con.execute(f"PRAGMA table_info({_quoted(table)})")]
    for name in there:
        plain = _plain(name)
        known = {_plain(c): c for c in (*needed, *also)} | {s: c for s, c in _SPELLINGS.items() if c in (*needed, *also)}
        if plain in known:
            spelled.setdefault(known[plain], name)
    missing = [c for c in needed if c not in spelled]
    if missing:
        rest = [name for name in there if name not in spelled.values()]
        named = ", ".join(_near(c, rest) for c in missing)
        raise LandingError(f"{path}: {table} has no column {named}: rename it, or make a view of that name (docs/sqlite.md)")
    columns = ", ".join(f"CAST({_quoted(name)} AS TEXT)" for name in spelled.values())
    rows = con.execute(f"SELECT {columns} FROM {_quoted(table)}").fetchall()
    return pl.DataFrame(rows, schema=dict.fromkeys(spelled, pl.String), orient="row")


def _near(name: str, there: Iterable[str]) -> str:
    plain = {_plain(c): c for c in there}
    near = get_close_matches(_plain(name), plain, n=1, cutoff=0.6)
    return f"{name} (is it {plain[near[0]]}?)" if near else name


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace(" ", "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# --- values ----------------------------------------------------------------------------------------------------------------------


def _numbers(rows: pl.DataFrame, columns: Iterable[str], place: str) -> pl.DataFrame:
    """`rows` with `columns` as floats; empty text becomes null.

    Raises:
        LandingError: names the column and the first value that is not a number.
    """
    for column in columns:
        if column not in rows.columns:
            continue
        text = rows[column].str.strip_chars().replace("", None)
        number = text.cast(pl.Float64, strict=False)
        wrong = text.filter(number.is_null() & text.is_not_null())
        if len(wrong):
            raise LandingError(f"{place}: {column} is {wrong[0]!r} in a row, which is no number: correct it in the database")
        rows = rows.with_columns(number.alias(column))
    return rows


def _whole(rows: pl.DataFrame, columns: Iterable[str], place: str) -> pl.DataFrame:
    """`_numbers` of counts.

    Raises:
        LandingError: also for a value with a fraction.
    """
    rows = _numbers(rows, columns, place)
    for column in [c for c in columns if c in rows.columns]:
        fractions = rows[column].filter(rows[column] != rows[column].floor())
        if len(fractions):
            raise LandingError(f"{place}: {column} is {fractions[0]} in a row, which is no count: land totals of a game, not averages")
    return rows


def _minutes(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    """`rows` with MIN in whole minutes, half rounded up, and `_decimal` minutes (null if the source has whole minutes)."""
    clock = rows["MIN"].str.strip_chars().str.extract_groups(_CLOCK).struct.unnest().cast(pl.Float64)
    on_clock = (60 * clock["1"] + clock["2"].fill_null(0)) / 60
    plain = _numbers(rows.with_columns(MIN=pl.when(on_clock.is_null()).then("MIN")), ["MIN"], place)["MIN"]
    minutes = on_clock.fill_null(plain)
    decimal = pl.select(pl.when(on_clock.is_not_null() | (plain != plain.floor())).then(minutes)).to_series()
    return rows.with_columns(MIN=(minutes + 0.5).floor(), _decimal=decimal)


def _game_ids(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    """`rows` with ten-digit ids (integers lose their leading zeros), the season, and the reason to omit a row."""
    rows = rows.with_columns(GAME_ID=pl.col("GAME_ID").str.zfill(10))
    wrong = rows["GAME_ID"].filter(~rows["GAME_ID"].str.contains(r"^\d{10}$"))
    if len(wrong):
        raise LandingError(f"{place}: GAME_ID is {wrong[0]!r} in a row: write the league's ten digits, such as 0022400061")
    return rows.with_columns(_season=season_of_id(), _left_out=not_regular())


def _dates(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    day = rows["GAME_DATE"].str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    wrong = rows["GAME_DATE"].filter(day.is_null())
    if len(wrong):
        raise LandingError(f"{place}: GAME_DATE is {wrong[0]!r} in a row: write dates as 2025-01-15, Eastern")
    return rows.with_columns(GAME_DATE=day)


# --- box scores ------------------------------------------------------------------------------------------------------------------


def _logs(tables: Mapping[str, pl.DataFrame], report: _Report, path: Path) -> Datasets:
    """Both logs, decimal minutes, and the schedule derived from the teams' log."""
    players = _box(tables[PLAYER_TABLE], f"{path}: {PLAYER_TABLE}")
    absent = pl.col("MIN").is_null() | (pl.col("_decimal") == 0)
    reason = pl.when(absent).then(pl.lit("did not play")).otherwise("_left_out")
    players = report.keep("leaguegamelog_player", players.with_columns(_left_out=reason))
    listed = _box(tables[TEAM_TABLE], f"{path}: {TEAM_TABLE}") if TEAM_TABLE in tables else None
    teams = _team_sums(players) if listed is None else report.keep("leaguegamelog_team", listed)
    players, teams = _results(players, teams), _results(teams, teams)
    logs = {
        "leaguegamelog_player": _by_season("leaguegamelog_player", players),
        "leaguegamelog_team": _by_season("leaguegamelog_team", teams),
    }
    decimal = players.filter(pl.col("_decimal").is_not_null()).with_columns(MIN=pl.col("_decimal"))
    schedule = {season: schedule_of_log(log, None) for season, log in logs["leaguegamelog_team"].items()}
    return logs | {"fractional_minutes": _by_season("fractional_minutes", decimal), "schedule": schedule}


def _box(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    rows = _dates(_game_ids(_minutes(_whole(rows, _COUNTS, place), place), place), place)
    derived = {
        "PTS": 2 * pl.col("FGM") + pl.col("FG3M") + pl.col("FTM"),
        "REB": pl.col("OREB") + pl.col("DREB"),
    }
    rows = rows.with_columns(value.alias(name) for name, value in derived.items() if name not in rows.columns)
    return rows if "TEAM_ABBREVIATION" in rows.columns else rows.join(_codes(rows), on="TEAM_ID", how="left", maintain_order="left")


def _codes(rows: pl.DataFrame) -> pl.DataFrame:
    """Each team's most frequent first code in MATCHUP: at a neutral site both sides' rows read `A @ B`."""
    code = pl.col("MATCHUP").str.split(" ").list.first().alias("TEAM_ABBREVIATION")
    seen = rows.group_by("TEAM_ID", code).len().sort("len", "TEAM_ABBREVIATION", descending=[True, False])
    return seen.unique("TEAM_ID", keep="first", maintain_order=True).drop("len")


def _team_sums(players: pl.DataFrame) -> pl.DataFrame:
    """The teams' log as sums of their players; a repeated row of a player and game counts once."""
    once = players.unique(["GAME_ID", "PLAYER_ID"], keep="first", maintain_order=True)
    same = ("GAME_DATE", "MATCHUP", "TEAM_ABBREVIATION", "_season")
    counts = [c for c in _COUNTS if c != "PLUS_MINUS"]
    minutes = pl.col("_decimal").fill_null(pl.col("MIN")).sum().round().alias("MIN")
    return once.group_by("GAME_ID", "TEAM_ID", maintain_order=True).agg(*(pl.col(c).first() for c in same), minutes, pl.col(counts).sum())


def _results(rows: pl.DataFrame, teams: pl.DataFrame) -> pl.DataFrame:
    """`rows` with WL and teams' PLUS_MINUS from the points of both sides, if the source lacks them."""
    points = teams.select("GAME_ID", "TEAM_ID", "PTS").unique(["GAME_ID", "TEAM_ID"], keep="first", maintain_order=True)
    other = points.rename({"TEAM_ID": "_other", "PTS": "_against"})
    margin = points.join(other, on="GAME_ID", how="left", maintain_order="left").filter(pl.col("TEAM_ID") != pl.col("_other"))
    margin = margin.unique(["GAME_ID", "TEAM_ID"], keep="first", maintain_order=True)
    margin = margin.select("GAME_ID", "TEAM_ID", (pl.col("PTS") - pl.col("_against")).alias("_margin"))
    rows = rows.join(margin, on=["GAME_ID", "TEAM_ID"], how="left", maintain_order="left")
    lacking = [name for name in ("WL", "PLUS_MINUS") if name not in rows.columns]
    won = pl.when(pl.col("_margin") > 0).then(pl.lit("W")).when(pl.col("_margin") < 0).then(pl.lit("L"))
    return rows.with_columns(value.alias(name) for name, value in (("WL", won), ("PLUS_MINUS", pl.col("_margin"))) if name in lacking)


# --- stints, ratings -------------------------------------------------------------------------------------------------------------


def _stints(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    """Stints with the running score at both ends, summed from the stints' points."""
    rows = _game_ids(_numbers(rows, ("HOME_PTS", "AWAY_PTS", "POSSESSIONS", "STINT", "START_SEC", "END_SEC"), place), place)
    order = [c for c in ("STINT", "START_SEC") if c in rows.columns][:1]
    rows = rows.sort("GAME_ID", *order, maintain_order=True)
    clock = {
        f"Time{end}": pl.col(f"{end.upper()}_SEC") / 60 if f"{end.upper()}_SEC" in rows.columns else pl.lit(None, pl.Float64)
        for end in ("Start", "End")
    }
    score = {side: pl.col(f"{side.upper()}_PTS").cum_sum().over("GAME_ID") for side in ("Home", "Away")}
    return rows.with_columns(
        **{f"{side}End": total for side, total in score.items()},
        **{f"{side}Start": total - pl.col(f"{side.upper()}_PTS") for side, total in score.items()},
        **clock,
        plus1=_ids_of_five("HOME_LINEUP"),
        minus1=_ids_of_five("AWAY_LINEUP"),
    )


def _ids_of_five(column: str) -> pl.Expr:
    """Ids joined by |, from ids joined by |, -, comma or blanks, or from a JSON list."""
    return pl.col(column).str.extract_all(r"\w+").list.join("|")


def _ratings(rows: pl.DataFrame, table: str, place: str) -> pl.DataFrame:
    """Ratings of one table, SOURCE = the table's name; the season from a column SEASON, else from the table's name."""
    rows = _numbers(rows, ("IMPACT_PER_100", "IMPACT_OFF_PER_100", "IMPACT_DEF_PER_100", "EXPOSURE"), place)
    named = _SEASON.search(table)
    if "SEASON" not in rows.columns and named is None:
        raise LandingError(
            f"{place}: neither its name nor a column SEASON gives the season: name it {RATING_PREFIX}2024_25, or add the column"
        )
    text = pl.col("SEASON") if "SEASON" in rows.columns else pl.lit(named and named[1], pl.String)
    year = text.str.extract(r"((?:19|20)\d{2})").cast(pl.Int64)
    rated = {f"RATING{c.removeprefix('IMPACT')}": pl.col(c) for c in rows.columns if c.startswith("IMPACT")}
    rows = rows.with_columns(SOURCE=pl.lit(table), _season=year, _left_out=_no_rating(), **rated)
    return conform(rows, LANDING["impact_rating"], place).with_columns(rows["_season"], rows["_left_out"])


def _no_rating() -> pl.Expr:
    return pl.when(pl.col("IMPACT_PER_100").is_null()).then(pl.lit("no rating"))


# --- by season -------------------------------------------------------------------------------------------------------------------


class _Report:
    """Keeps the rows of wanted seasons and counts the others."""

    def __init__(self, seasons: Collection[int] | None) -> None:
        self.seasons = seasons
        self.left_out: list[pl.DataFrame] = []

    def keep(self, dataset: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of wanted seasons without a `_left_out` reason; other rows are counted."""
        no_season = pl.when(pl.col("_season").is_null()).then(pl.lit("no season"))
        rows = rows.with_columns(_left_out=pl.coalesce("_left_out", no_season))
        if self.seasons is None:
            old = pl.when(pl.col("_season") < FIRST_SEASON).then(pl.lit(f"before {FIRST_SEASON}-{FIRST_SEASON - 1999}"))
            rows = rows.with_columns(_left_out=pl.coalesce("_left_out", old))
        else:
            rows = rows.filter(pl.col("_season").is_in(sorted(self.seasons)) | pl.col("_season").is_null())
        gone = rows.filter(pl.col("_left_out").is_not_null())
        counted = gone.group_by(pl.col("_season").alias("season"), pl.col("_left_out").alias("reason")).len("rows")
        self.left_out.append(counted.select(pl.lit(dataset).alias("dataset"), "season", "reason", pl.col("rows").cast(pl.Int64)))
        return rows.filter(pl.col("_left_out").is_null()).drop("_left_out")

    def rows(self) -> pl.DataFrame:
        """Counts of omitted rows, columns `LEFT_OUT`, sorted."""
        return pl.concat([pl.DataFrame(schema=LEFT_OUT), *self.left_out]).sort("dataset", "season", "reason")


def _by_season(dataset: str, rows: pl.DataFrame) -> dict[int, pl.DataFrame]:
    spec = LANDING[dataset]
    frames = rows.partition_by("_season", as_dict=True, maintain_order=True)
    return {int(key[0]): conform(f, spec, f"{dataset} {key[0]}").sort(spec.key, maintain_order=True) for key, f in sorted(frames.items())}


def _deliver(request: Request) -> Delivery:
    return Delivery(*read_database_with_report(request.path or Path(), request.seasons or None))


SOURCE = Source(_deliver, needs="a database")
