"""The files provider: reads a folder laid out as `shared/data` into the datasets of the landing zone.

Belongs here: the file of each dataset, ids as strings, seasons, assumed clocks, and the schedule derived from the team log.
Does not belong here: cleaning (`sql/`), writing (`sources/landing.py`).

Names with years are patterns, so that a later season's file needs no code. Only regular seasons are read; omitted rows are counted in the
report.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import polars as pl

from rates_lib.core.calendar import season_of
from rates_lib.core.errors import LandingError
from rates_lib.schemas.landing import LANDING
from rates_lib.sources.contract import LEFT_OUT, Datasets, Delivery, Request, Source
from rates_lib.sources.landing import conform, last_file_wins, read_parquet, require_columns

FIRST_SEASON = 2012  # of the lake's partitions; older rows of multi-season files are omitted
_CODES = {"gs": "GSW", "no": "NOP", "ny": "NYK", "sa": "SAS", "utah": "UTA", "wsh": "WAS"}  # the books' codes; all others: upper case
_NAMES = {"Los Angeles Clippers": "LAC"}  # full names that the books spell differently from the league's log
REGULAR = "002"  # first three digits of a regular-season game's id; the next two are the season

# dataset: file pattern under the folder
PATTERNS = {
    "leaguegamelog_player": "stats_nba/leaguegamelog_player/????-??.parquet",
    "leaguegamelog_team": "stats_nba/leaguegamelog_team/????-??.parquet",
    "leaguedashptstats_season": "stats_nba/leaguedashptstats_season/????-??.parquet",
    "starters": "stats_nba/starters*.parquet",
    "boxscore_status": "stats_nba/boxscore_status*.parquet",
    "boxscore_extras": "stats_nba/boxscore_extras*.parquet",
    "fractional_minutes": "stats_nba/fractional_minutes_*.parquet",
    "positions": "stats_nba/positions_*.parquet",
    "player_bios": "stats_nba/player_bios_*.parquet",
    "closing_lines": "odds/closing_lines_*.parquet",
    "stints": "stints/stints_*.parquet",
    "possessions": "stints/possessions_*.parquet",
    "peer_forecast_linestar": "benchmarks/linestar_dk_points_*.parquet",
    "peer_forecast_props": "benchmarks/props_pra_*.parquet",
    "team_forecast": "benchmarks/fivethirtyeight_win_prob_*.parquet",
    "impact_rating": "benchmarks/published_rapm*.parquet",
}

# PT_MEASURE_TYPE: columns read from its rows (other measures repeat some of them)
_MEASURES = {
    "Possessions": ("TOUCHES", "FRONT_CT_TOUCHES", "TIME_OF_POSS", "PAINT_TOUCHES", "POST_TOUCHES", "ELBOW_TOUCHES"),
    "Passing": ("PASSES_MADE", "PASSES_RECEIVED", "POTENTIAL_AST", "SECONDARY_AST"),
    "Drives": ("DRIVES",),
    "CatchShoot": ("CATCH_SHOOT_FGA",),
    "PullUpShot": ("PULL_UP_FGA",),
    "SpeedDistance": ("DIST_MILES",),
    "Rebounding": ("OREB_CHANCES", "DREB_CHANCES"),
}

# optional columns in files of peers' forecasts
_LINESTAR_OPTIONAL = {"FORECAST_FLOOR": "floor_fpts", "FORECAST_CEILING": "ceil_fpts", "SALARY": "salary", "SCORED": "scored_fpts"}
_PROPS_OPTIONAL = {"PRICE_OVER": "over_price", "PRICE_UNDER": "under_price"}


def read_folder_with_report(path: Path, seasons: Collection[int] | None = None) -> tuple[Datasets, pl.DataFrame]:
    """Read a folder laid out as `shared/data`.

    Args:
        path: the folder.
        seasons: start years; None: all from 2012-13 on.

    Returns:
        (datasets, report). Datasets: frame by dataset and season, with the `LandingSpec`'s columns, sorted by its key; the dataset
        `schedule` is derived from the team log. Report: counts of omitted rows, columns `LEFT_OUT`, sorted.

    Raises:
        LandingError: if the folder or a file is missing, a file is unreadable or lacks a column, or no file has a wanted season.
    """
    if not path.is_dir():
        raise LandingError(f"{path} is not a folder: pass the folder that holds stats_nba/, odds/ and stints/")
    reader = _Reader(path, None if seasons is None else frozenset(seasons))
    datasets = reader.read()
    if not datasets:
        raise LandingError(f"{path} has none of the expected files, e.g. {PATTERNS['leaguegamelog_player']}")
    held = {season for frames in datasets.values() for season in frames}
    missing = sorted(set(seasons or ()) - held)
    if missing:
        raise LandingError(f"{path} holds no file of season {', '.join(map(str, missing))}: it has {min(held)} to {max(held)}")
    return datasets, reader.report()


class _Reader:
    """Reads one folder once and counts the omitted rows."""

    def __init__(self, path: Path, seasons: frozenset[int] | None) -> None:
        self.path = path
        self.seasons = seasons
        self.left_out: list[pl.DataFrame] = []
        self.clock = pl.DataFrame(schema={"GAME_ID": pl.String, "TIPOFF_UTC": pl.Datetime("us", "UTC")})

    def read(self) -> Datasets:
        logs = {name: self._season_files(name, _log) for name in ("leaguegamelog_player", "leaguegamelog_team")}
        self._require_pairs(logs["leaguegamelog_player"], logs["leaguegamelog_team"])
        lines = self._long_file("closing_lines", _closing_lines, also=("neutral",))
        schedule = {s: schedule_of_log(f, lines.get(s)) for s, f in logs["leaguegamelog_team"].items()}
        if schedule:
            self.clock = pl.concat(f.select("GAME_ID", "TIPOFF_UTC") for f in schedule.values())
        datasets: Datasets = {
            **logs,
            "schedule": schedule,
            "closing_lines": self._with_log("closing_lines", lines, schedule),
            "fractional_minutes": self._with_log("fractional_minutes", self._long_file("fractional_minutes", _minutes), schedule),
            "boxscore_extras": self._long_file("boxscore_extras", _by_game("personId")),
            "boxscore_status": self._long_file("boxscore_status", self._published(_by_game("personId"))),
            "starters": self._long_file("starters", self._published(_by_game("PLAYER_ID"))),
            "positions": self._long_file("positions", _by_label("SEASON")),
            "player_bios": self._long_file("player_bios", _by_label("SEASON_ID")),
            "leaguedashptstats_season": self._season_files("leaguedashptstats_season", _tracking),
            "stints": self._long_file("stints", _by_game(None)),
            "possessions": self._long_file("possessions", _possessions),
            "peer_forecast": self._with_log("peer_forecast", self._peer_forecasts(logs["leaguegamelog_team"]), schedule),
            "team_forecast": self._with_log(
                "team_forecast", self._long_file("team_forecast", _win_probs(_team_codes(logs["leaguegamelog_team"]))), schedule
            ),
            "impact_rating": self._long_file("impact_rating", _published_rapm),
        }
        return {name: self._final(name, frames) for name, frames in sorted(datasets.items()) if frames}

    def report(self) -> pl.DataFrame:
        """Counts of omitted rows by dataset, season and reason, columns `LEFT_OUT`."""
        every = pl.concat([pl.DataFrame(schema=LEFT_OUT), *self.left_out])
        return every.group_by("dataset", "season", "reason").agg(pl.col("rows").sum()).sort("dataset", "season", "reason")

    # --- files ---

    def _season_files(self, name: str, convert: Callable[[pl.DataFrame, str], pl.DataFrame]) -> dict[int, pl.DataFrame]:
        frames = {}
        for file in sorted(self.path.glob(PATTERNS[name])):
            season = int(file.stem[:4])
            if self._wanted(season):
                frames[season] = self._keep(name, convert(read_parquet(file), str(file)).with_columns(_season=season))
        return frames

    def _long_file(
        self,
        name: str,
        convert: Callable[[pl.DataFrame, str], pl.DataFrame],
        also: tuple[str, ...] = (),
        pattern: str | None = None,
    ) -> dict[int, pl.DataFrame]:
        spec = LANDING[name]
        files = sorted(self.path.glob(PATTERNS[pattern or name]))
        parts = {f: self._keep(name, convert(read_parquet(f), str(f))) for f in files}
        beside = [c for c in ("_season", *also) if all(c in p.columns for p in parts.values())]
        tidy = [conform(p, spec, str(f)).with_columns(p.select(beside)) for f, p in parts.items() if p.height]
        if not tidy:
            return {}
        whole = last_file_wins(tidy, ("_season", *spec.key))
        return {int(k[0]): f for k, f in whole.partition_by("_season", as_dict=True, maintain_order=True).items()}

    def _peer_forecasts(self, team_logs: dict[int, pl.DataFrame]) -> dict[int, pl.DataFrame]:
        """Both layouts of peers' forecasts as one dataset."""
        projections = self._long_file("peer_forecast", _linestar, pattern="peer_forecast_linestar")
        lines = self._long_file("peer_forecast", _props(_team_codes(team_logs)), pattern="peer_forecast_props")
        both = (projections, lines)
        return {s: pl.concat(part[s] for part in both if s in part) for s in sorted(projections.keys() | lines.keys())}

    def _final(self, name: str, frames: dict[int, pl.DataFrame]) -> dict[int, pl.DataFrame]:
        spec = LANDING[name]
        return {s: conform(f, spec, f"{name} {s}").sort(spec.key, maintain_order=True) for s, f in sorted(frames.items())}

    def _wanted(self, season: int) -> bool:
        return season in self.seasons if self.seasons is not None else season >= FIRST_SEASON

    # --- omitted rows ---

    def _keep(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows of wanted seasons without a `_left_out` reason; other rows are counted."""
        if "_left_out" in frame.columns:
            self._count(name, frame.filter(pl.col("_left_out").is_not_null()))
            frame = frame.filter(pl.col("_left_out").is_null()).drop("_left_out")
        if self.seasons is not None:
            return frame.filter(pl.col("_season").is_in(sorted(self.seasons)))
        old = frame.filter(pl.col("_season") < FIRST_SEASON)
        self._count(name, old.with_columns(_left_out=pl.lit(f"before {FIRST_SEASON}-{FIRST_SEASON - 1999}")))
        return frame.filter(pl.col("_season") >= FIRST_SEASON)

    def _count(self, name: str, rows: pl.DataFrame) -> None:
        if rows.height:
            counted = rows.group_by(pl.col("_season").cast(pl.Int64).alias("season"), pl.col("_left_out").alias("reason")).len("rows")
            self.left_out.append(counted.select(pl.lit(name).alias("dataset"), "season", "reason", pl.col("rows").cast(pl.Int64)))

    def _with_log(self, name: str, frames: dict[int, pl.DataFrame], schedule: dict[int, pl.DataFrame]) -> dict[int, pl.DataFrame]:
        """Date-keyed rows that can belong to a regular-season game: the season has a log, and (except lines) the day has games."""
        kept = {}
        for season, frame in frames.items():
            reason = pl.lit(None, pl.String)
            if season not in schedule:
                reason = pl.lit("no game log of the season to join")
            elif name != "closing_lines":
                days = schedule[season].get_column("GAME_DATE").unique().sort().to_list()
                reason = pl.when(~pl.col("GAME_DATE").is_in(days)).then(pl.lit("not a regular-season day"))
            marked = frame.with_columns(_season=pl.lit(season), _left_out=reason)
            self._count(name, marked.filter(pl.col("_left_out").is_not_null()))
            rest = marked.filter(pl.col("_left_out").is_null()).drop("_left_out")
            if rest.height:
                kept[season] = rest
        return kept

    def _require_pairs(self, players: dict[int, pl.DataFrame], teams: dict[int, pl.DataFrame]) -> None:
        for season in sorted(players.keys() ^ teams.keys()):
            absent = "leaguegamelog_team" if season in players else "leaguegamelog_player"
            file = PATTERNS[absent].replace("????-??", season_label(season))
            raise LandingError(f"{self.path / file} is missing: the player log and the team log of a season go together")

    # --- clocks ---

    def _published(self, convert: Callable[[pl.DataFrame, str], pl.DataFrame]) -> Callable[[pl.DataFrame, str], pl.DataFrame]:
        """`convert` with the assumed publication: one minute before the assumed tip-off; null for a game without a log."""

        def with_clock(frame: pl.DataFrame, place: str) -> pl.DataFrame:
            joined = convert(frame, place).join(self.clock, on="GAME_ID", how="left", maintain_order="left")
            return joined.with_columns(PUBLISHED_UTC=pl.col("TIPOFF_UTC") - pl.duration(minutes=1), PUBLISHED_ASSUMED=pl.lit(value=True))

        return with_clock


def season_label(season: int) -> str:
    """The league's label of a season: 2024 is 2024-25."""
    return f"{season}-{(season + 1) % 100:02d}"


def noon_eastern(date: pl.Expr) -> pl.Expr:
    """Noon Eastern of a date, in UTC: the assumed tip-off if a source has none."""
    noon = date.cast(pl.Datetime("us")) + pl.duration(hours=12)
    return noon.dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC")


# --- one converter per layout: adds _season and, for an unwanted row, the reason _left_out ------------------------------------


def _log(frame: pl.DataFrame, place: str) -> pl.DataFrame:
    require_columns(frame, ["GAME_ID", "GAME_DATE", "TEAM_ID", "PLUS_MINUS"], place)
    ids = [c for c in ("PLAYER_ID", "TEAM_ID", "GAME_ID") if c in frame.columns]
    return frame.with_columns(
        *_ids(ids),
        pl.col("GAME_DATE").cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d"),
        pl.col("PLUS_MINUS").round(),  # a team's is the sum of its players' / 5, sometimes a fraction
        _left_out=not_regular(),
    )


def _by_game(id_column: str | None) -> Callable[[pl.DataFrame, str], pl.DataFrame]:
    def convert(frame: pl.DataFrame, place: str) -> pl.DataFrame:
        wanted = ["GAME_ID"] if id_column is None else ["GAME_ID", id_column]
        require_columns(frame, wanted, place)
        return frame.with_columns(*_ids(wanted), _season=season_of_id(), _left_out=not_regular())

    return convert


def _by_label(column: str) -> Callable[[pl.DataFrame, str], pl.DataFrame]:
    def convert(frame: pl.DataFrame, place: str) -> pl.DataFrame:
        require_columns(frame, [column, "PLAYER_ID"], place)
        return frame.with_columns(*_ids(["PLAYER_ID"]), _season=pl.col(column).str.slice(0, 4).cast(pl.Int64))

    return convert


def _possessions(frame: pl.DataFrame, place: str) -> pl.DataFrame:
    require_columns(frame, ["game"], place)
    return _by_game(None)(frame.with_columns(GAME_ID=pl.col("game").cast(pl.String).str.zfill(10)), place)


def _minutes(frame: pl.DataFrame, place: str) -> pl.DataFrame:
    require_columns(frame, ["player_id", "date", "Season", "min"], place)
    renamed = frame.rename({"player_id": "PLAYER_ID", "date": "GAME_DATE", "min": "MIN"})
    return renamed.with_columns(*_ids(["PLAYER_ID"]), _season=pl.col("Season").str.slice(0, 4).cast(pl.Int64))


def _closing_lines(frame: pl.DataFrame, place: str) -> pl.DataFrame:
    require_columns(frame, ["season", "regular", "date", "home", "away", "open_spread_home", "open_total"], place)
    tip = noon_eastern(pl.col("date"))
    opened = pl.col("open_spread_home").is_not_null() | pl.col("open_total").is_not_null()
    return frame.with_columns(
        _season=pl.col("season").cast(pl.Int64) - 1,  # the source gives the end year
        _left_out=pl.when(~pl.col("regular")).then(pl.lit("play-in, playoffs or Cup final")),
        home=_league_code("home"),
        away=_league_code("away"),
        PUBLISHED_UTC=tip - pl.duration(minutes=1),
        PUBLISHED_ASSUMED=pl.lit(value=True),
        # the opening time is unknown: the latest possible time, so that no line is known too early
        OPEN_PUBLISHED_UTC=pl.when(opened).then(tip - pl.duration(minutes=2)),
    )


def _linestar(frame: pl.DataFrame, place: str) -> pl.DataFrame:
    """Projected DraftKings points, one row per player and slate, in order of the slate: the first slate of a day comes first."""
    require_columns(frame, ["season", "game_date", "slate_id", "player_name", "team", "proj_fpts"], place)
    return frame.sort("game_date", "slate_id", "player_name", maintain_order=True).select(
        _season=pl.col("season").cast(pl.Int64),
        SOURCE=pl.lit("linestar"),
        STAT=pl.lit("dk_points"),
        PLAYER_NAME="player_name",
        GAME_DATE="game_date",
        TEAM_ABBREVIATION=_league_code("team"),
        FORECAST="proj_fpts",
        **{name: column for name, column in _LINESTAR_OPTIONAL.items() if column in frame.columns},
        PUBLISHED_UTC=noon_eastern(pl.col("game_date")) - pl.duration(minutes=1),
        PUBLISHED_ASSUMED=pl.lit(value=True),
    )


def _published_rapm(frame: pl.DataFrame, place: str) -> pl.DataFrame:
    """A published RAPM from play-by-play data, one row per player and season."""
    require_columns(frame, ["playerId", "playerName", "season", "RAPM", "RAPM__Off", "RAPM__Def"], place)
    return frame.select(
        _season=pl.col("season").str.slice(0, 4).cast(pl.Int64),
        SOURCE=pl.lit("published_rapm"),
        PLAYER_ID=pl.col("playerId").cast(pl.String),
        PLAYER_NAME="playerName",
        RATING_PER_100="RAPM",
        RATING_OFF_PER_100="RAPM__Off",
        RATING_DEF_PER_100="RAPM__Def",
    )


def _props(codes: dict[str, str]) -> Callable[[pl.DataFrame, str], pl.DataFrame]:
    """Books' lines of points + rebounds + assists. `codes`: the league's code by full name; an unknown name is kept."""

    def convert(frame: pl.DataFrame, place: str) -> pl.DataFrame:
        require_columns(frame, ["player_name", "home_team", "away_team", "bookmaker", "line", "timestamp"], place)
        published = frame.get_column("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC", strict=False)
        if published.null_count():
            raise LandingError(f"{place}: timestamp is not always as 2023-10-24T23:25:44Z: correct the values in the source")
        # lines are quoted minutes before tip-off, so this is the game's day; the source's event_date is in UTC, sometimes the next day
        lines = frame.with_columns(_published=published, _day=published.dt.convert_time_zone("America/New_York").dt.date())
        seasons = {day: season_of(day) for day in lines.get_column("_day").unique()}
        return lines.select(
            _season=pl.col("_day").replace_strict(seasons, return_dtype=pl.Int64),
            SOURCE=pl.lit("props"),
            STAT=pl.lit("pra"),
            BOOK="bookmaker",
            PLAYER_NAME="player_name",
            GAME_DATE="_day",
            HOME_TEAM_ABBREVIATION=pl.col("home_team").replace(codes),
            AWAY_TEAM_ABBREVIATION=pl.col("away_team").replace(codes),
            FORECAST="line",
            **{name: column for name, column in _PROPS_OPTIONAL.items() if column in frame.columns},
            PUBLISHED_UTC="_published",
            PUBLISHED_ASSUMED=pl.lit(value=False),
        )

    return convert


def _win_probs(codes: dict[str, str]) -> Callable[[pl.DataFrame, str], pl.DataFrame]:
    """Published probabilities that the first-named (home) team wins. `codes`: as in `_props`, matched by the end of the name."""

    def code(name: str) -> str:
        return next((code for full, code in sorted(codes.items()) if full.endswith(f" {name}")), name)

    def convert(frame: pl.DataFrame, place: str) -> pl.DataFrame:
        require_columns(frame, ["season", "date", "team1", "team2", "prob1"], place)
        names = {name: code(name) for side in ("team1", "team2") for name in frame.get_column(side).unique()}
        day = pl.col("date").str.to_date("%Y-%m-%d")
        return frame.select(
            _season=pl.col("season").cast(pl.Int64) - 1,  # the source gives the end year
            SOURCE=pl.lit("fivethirtyeight"),
            STAT=pl.lit("home_win"),
            GAME_DATE=day,
            HOME_TEAM_ABBREVIATION=pl.col("team1").replace(names),
            AWAY_TEAM_ABBREVIATION=pl.col("team2").replace(names),
            FORECAST="prob1",
            PUBLISHED_UTC=noon_eastern(day) - pl.duration(minutes=1),
            PUBLISHED_ASSUMED=pl.lit(value=True),
        )

    return convert


def _tracking(frame: pl.DataFrame, place: str) -> pl.DataFrame:
    keys = ["PLAYER_ID", "TEAM_ID", "GP", "MIN"]
    values = [c for columns in _MEASURES.values() for c in columns]
    optional = LANDING["leaguedashptstats_season"].optional
    require_columns(frame, ["PT_MEASURE_TYPE", "SEASON_TYPE", *keys, *(c for c in values if c not in optional)], place)
    frame = frame.with_columns(
        pl.col("PLAYER_ID").cast(pl.Int64).cast(pl.String),  # a float in the source
        pl.col("TEAM_ID").cast(pl.Int64).cast(pl.String),
        _left_out=pl.when(pl.col("PLAYER_ID").is_null())
        .then(pl.lit("row of a team"))
        .when(pl.col("SEASON_TYPE") != "Regular Season")
        .then(pl.lit("not the regular season")),
    )
    players = frame.filter(pl.col("_left_out").is_null())
    wide = players.filter(pl.col("PT_MEASURE_TYPE") == "Possessions").select(*keys)
    if wide.height == 0:
        raise LandingError(f"{place} has no regular-season rows of PT_MEASURE_TYPE Possessions: fetch the file again")
    for measure, columns in _MEASURES.items():
        have = [c for c in columns if c in players.columns]
        part = players.filter(pl.col("PT_MEASURE_TYPE") == measure).select("PLAYER_ID", *have)
        wide = wide.join(part.unique("PLAYER_ID", keep="first", maintain_order=True), on="PLAYER_ID", how="left", maintain_order="left")
    left_out = frame.filter(pl.col("_left_out").is_not_null()).select(*keys, "_left_out")
    return pl.concat([wide, left_out], how="diagonal")


def schedule_of_log(team_log: pl.DataFrame, lines: pl.DataFrame | None) -> pl.DataFrame:
    """The schedule derived from a team log, one row per game.

    Home is the side whose row reads `vs.`; if both rows read `A @ B` (neutral sites), the side after the `@`, which the books list as
    home. The site is neutral in that case, or if the lines say so.
    """
    split = team_log.select(
        "GAME_ID", "GAME_DATE", "TEAM_ID", "TEAM_ABBREVIATION", pl.col("MATCHUP").str.split(" ").list.last().alias("_last"),
        at=pl.col("MATCHUP").str.contains(" @ ", literal=True),
    )  # fmt: skip
    split = split.with_columns(
        ats=pl.col("at").sum().over("GAME_ID"),
        _home=pl.when(pl.col("at").all().over("GAME_ID")).then(pl.col("TEAM_ABBREVIATION") == pl.col("_last")).otherwise(~pl.col("at")),
    )
    home = split.filter("_home").unique("GAME_ID", keep="first", maintain_order=True)
    away = split.filter(~pl.col("_home")).unique("GAME_ID", keep="first", maintain_order=True)
    games = home.join(away.select("GAME_ID", A="TEAM_ID", AA="TEAM_ABBREVIATION"), on="GAME_ID", how="inner", maintain_order="left")
    neutral = pl.col("ats") == 2
    if lines is not None and "neutral" in lines.columns:
        sites = lines.filter("neutral").select(GAME_DATE="date", TEAM_ABBREVIATION="home", _n=True)
        games = games.join(sites, on=["GAME_DATE", "TEAM_ABBREVIATION"], how="left", maintain_order="left")
        neutral = neutral | pl.col("_n").fill_null(value=False)
    return games.select(
        "GAME_ID",
        "GAME_DATE",
        TIPOFF_UTC=noon_eastern(pl.col("GAME_DATE")),
        TIPOFF_ASSUMED=pl.lit(value=True),
        HOME_TEAM_ID="TEAM_ID",
        HOME_TEAM_ABBREVIATION="TEAM_ABBREVIATION",
        AWAY_TEAM_ID="A",
        AWAY_TEAM_ABBREVIATION="AA",
        NEUTRAL_SITE=neutral,
        GAME_STATUS=pl.lit("final"),
    )


def _team_codes(team_logs: dict[int, pl.DataFrame]) -> dict[str, str]:
    """The league's code of each team, by the books' full name."""
    codes = dict(_NAMES)
    for _, log in sorted(team_logs.items()):
        if "TEAM_NAME" in log.columns:
            codes |= dict(log.select("TEAM_NAME", "TEAM_ABBREVIATION").unique(maintain_order=True).drop_nulls().iter_rows())
    return codes


def _ids(columns: Iterable[str]) -> list[pl.Expr]:
    return [pl.col(c).cast(pl.String) for c in columns]


def _league_code(column: str) -> pl.Expr:
    """The league's code of a column of the books' codes."""
    return pl.col(column).replace_strict(_CODES, default=pl.col(column).str.to_uppercase())


def not_regular() -> pl.Expr:
    """Reason to omit a game's row, null for a regular-season game."""
    return pl.when(~pl.col("GAME_ID").str.starts_with(REGULAR)).then(pl.lit("not a regular-season game"))


def season_of_id() -> pl.Expr:
    """Start year of the season in a game's id."""
    short = pl.col("GAME_ID").str.slice(3, 2).cast(pl.Int64)
    return pl.when(short >= 46).then(1900 + short).otherwise(2000 + short)  # the league began in 1946


def _deliver(request: Request) -> Delivery:
    return Delivery(*read_folder_with_report(request.path or Path(), request.seasons or None))


SOURCE = Source(_deliver, needs="a folder")
