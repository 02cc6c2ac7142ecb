"""Layout of landed files: one `LandingSpec` per dataset of the landing zone.

Belongs here: the source's own column names, their types, and which of them may be missing. Does not belong here:
cleaning and joining (`sql/bronze`), paths of files (`lake.py`).

A landed file is `landing/<provider>/<dataset>/<season or date>.parquet`; every file also carries `fetched_at_utc`.
Names in capitals or camel case are the source's, so that a reader finds them in the source's documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

UTC = pl.Datetime("us", "UTC")
Columns = dict[str, pl.DataType | type[pl.DataType]]


@dataclass(frozen=True)
class LandingSpec:
    """One dataset of the landing zone.

    Attributes:
        name: the folder's name.
        description: one line.
        columns: column name to dtype, as the landed file holds it.
        key: columns that identify a row inside one landed file.
        optional: columns that a provider may leave out; they are read as nulls.
    """

    name: str
    description: str
    columns: Columns
    key: tuple[str, ...]
    optional: tuple[str, ...] = ()


_COUNTS = dict.fromkeys(
    ["FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TOV", "PF", "PTS", "PLUS_MINUS"], pl.Int64
)
_GAME: Columns = {
    "TEAM_ID": pl.String,
    "TEAM_ABBREVIATION": pl.String,
    "GAME_ID": pl.String,
    "GAME_DATE": pl.Date,
    "MATCHUP": pl.String,
    "WL": pl.String,
    "MIN": pl.Int64,
}
_TRACKING: Columns = {
    "GP": pl.Int64,
    "MIN": pl.Float64,  # minutes
    "TOUCHES": pl.Float64,
    "FRONT_CT_TOUCHES": pl.Float64,
    "TIME_OF_POSS": pl.Float64,  # minutes
    "PASSES_MADE": pl.Float64,
    "PASSES_RECEIVED": pl.Float64,
    "POTENTIAL_AST": pl.Float64,
    "SECONDARY_AST": pl.Float64,
    "DRIVES": pl.Float64,
    "CATCH_SHOOT_FGA": pl.Float64,
    "PULL_UP_FGA": pl.Float64,
    "PAINT_TOUCHES": pl.Float64,
    "POST_TOUCHES": pl.Float64,
    "ELBOW_TOUCHES": pl.Float64,
    "OREB_CHANCES": pl.Float64,
    "DREB_CHANCES": pl.Float64,
    "DIST_MILES": pl.Float64,
}
_TRACKING_OPTIONAL = tuple(c for c in _TRACKING if c not in ("MIN", "TOUCHES", "TIME_OF_POSS", "PASSES_MADE", "DRIVES"))
_PUBLISHED: Columns = {"PUBLISHED_UTC": UTC, "PUBLISHED_ASSUMED": pl.Boolean}

_SPECS = (
    LandingSpec(
        "leaguegamelog_player",
        "player box scores, the columns of LeagueGameLog(PlayerOrTeam=P); MIN in whole minutes",
        {"PLAYER_ID": pl.String, "PLAYER_NAME": pl.String, **_GAME, **_COUNTS},
        ("GAME_ID", "PLAYER_ID"),
    ),
    LandingSpec(
        "leaguegamelog_team",
        "team box scores, the columns of LeagueGameLog(PlayerOrTeam=T); MIN is the team's sum",
        {**_GAME, "TEAM_NAME": pl.String, **_COUNTS},
        ("GAME_ID", "TEAM_ID"),
        ("TEAM_NAME",),
    ),
    LandingSpec(
        "schedule",
        "games with their teams, dates and tip-offs; GAME_STATUS is scheduled, final or postponed",
        {
            "GAME_ID": pl.String,
            "GAME_DATE": pl.Date,
            "TIPOFF_UTC": UTC,
            "TIPOFF_ASSUMED": pl.Boolean,
            "HOME_TEAM_ID": pl.String,
            "HOME_TEAM_ABBREVIATION": pl.String,
            "AWAY_TEAM_ID": pl.String,
            "AWAY_TEAM_ABBREVIATION": pl.String,
            "NEUTRAL_SITE": pl.Boolean,
            "GAME_STATUS": pl.String,
        },
        ("GAME_ID",),
    ),
    LandingSpec(
        "fractional_minutes",
        "decimal minutes by player and Eastern date",
        {"PLAYER_ID": pl.String, "GAME_DATE": pl.Date, "MIN": pl.Float64},
        ("PLAYER_ID", "GAME_DATE"),
    ),
    LandingSpec(
        "boxscore_extras",
        "points in the paint and on fast breaks from live box scores",
        {
            "GAME_ID": pl.String,
            "personId": pl.String,
            "pointsFastBreak": pl.Int64,
            "pointsInThePaint": pl.Int64,
        },
        ("GAME_ID", "personId"),
    ),
    LandingSpec(
        "boxscore_status",
        "the active list: status is ACTIVE or INACTIVE; side instead of team; played and starter are '0' or '1'",
        {
            "GAME_ID": pl.String,
            "personId": pl.String,
            "name": pl.String,
            "TEAM_SIDE": pl.String,  # homeTeam, awayTeam
            "status": pl.String,
            "starter": pl.String,
            "played": pl.String,
            "position": pl.String,
            **_PUBLISHED,
        },
        ("GAME_ID", "personId"),
    ),
    LandingSpec(
        "starters",
        "starting fives; starter is 0 or 1",
        {
            "GAME_ID": pl.String,
            "PLAYER_ID": pl.String,
            "starter": pl.Int8,
            "START_POSITION": pl.String,  # G F C or PG SG SF PF C, null for the bench
            **_PUBLISHED,
        },
        ("GAME_ID", "PLAYER_ID"),
    ),
    LandingSpec(
        "injury_report",
        "published statuses: active, inactive, out, doubtful, questionable, probable; several per player and game",
        {
            "GAME_ID": pl.String,
            "TEAM_ID": pl.String,
            "PLAYER_ID": pl.String,
            "STATUS": pl.String,
            "REASON": pl.String,
            **_PUBLISHED,
        },
        ("GAME_ID", "PLAYER_ID", "PUBLISHED_UTC"),
    ),
    LandingSpec(
        "positions",
        "listed position of a season: G, F, C or hyphenated",
        {"PLAYER_ID": pl.String, "POSITION": pl.String},
        ("PLAYER_ID",),
    ),
    LandingSpec(
        "player_bios",
        "height, weight, draft; AGE in years during that season if BIRTH_DATE is missing",
        {
            "PLAYER_ID": pl.String,
            "PLAYER_NAME": pl.String,
            "PLAYER_HEIGHT_INCHES": pl.Float64,
            "PLAYER_WEIGHT": pl.Float64,  # pounds
            "AGE": pl.Float64,
            "BIRTH_DATE": pl.Date,
            "COUNTRY": pl.String,
            "DRAFT_YEAR": pl.String,
            "DRAFT_NUMBER": pl.String,
        },
        ("PLAYER_ID",),
        ("AGE", "BIRTH_DATE", "COUNTRY", "DRAFT_YEAR", "DRAFT_NUMBER"),
    ),
    LandingSpec(
        "leaguedashptstats_season",
        "tracking totals of a whole regular season, one row per player; usable for later seasons only",
        {"PLAYER_ID": pl.String, "TEAM_ID": pl.String, **_TRACKING},
        ("PLAYER_ID",),
        _TRACKING_OPTIONAL,
    ),
    LandingSpec(
        "leaguedashptstats_game",
        "tracking of one game (LeagueDashPtStats with DateFrom = DateTo), one row per player and game",
        {"GAME_ID": pl.String, "PLAYER_ID": pl.String, "TEAM_ID": pl.String, **_TRACKING},
        ("GAME_ID", "PLAYER_ID"),
        _TRACKING_OPTIONAL,
    ),
    LandingSpec(
        "closing_lines",
        "closing (and if known opening) lines by Eastern date and the league's team codes; spread from the home side's view",
        {
            "date": pl.Date,
            "home": pl.String,
            "away": pl.String,
            "score_home": pl.Int64,
            "score_away": pl.Int64,
            "spread_home": pl.Float64,
            "total": pl.Float64,
            "moneyline_home": pl.Float64,
            "moneyline_away": pl.Float64,
            "open_spread_home": pl.Float64,
            "open_total": pl.Float64,
            "ky_ml_home": pl.Float64,
            "ky_ml_away": pl.Float64,
            "mg_ml_home": pl.Float64,
            "mg_ml_away": pl.Float64,
            "source": pl.String,
            "OPEN_PUBLISHED_UTC": UTC,
            **_PUBLISHED,
        },
        ("date", "home"),
    ),
    LandingSpec(
        "odds_quotes",
        "quotes as published: MARKET is spread (LINE from the home side's view), total, moneyline (LINE null) or `player_<stat>`; "
        "PRICE_HOME is home or over, PRICE_AWAY away or under, American odds; PLAYER_ID is null for team markets",
        {
            "GAME_ID": pl.String,
            "BOOK": pl.String,
            "MARKET": pl.String,
            "PLAYER_ID": pl.String,
            "LINE": pl.Float64,
            "PRICE_HOME": pl.Float64,
            "PRICE_AWAY": pl.Float64,
            **_PUBLISHED,
        },
        ("GAME_ID", "BOOK", "MARKET", "PLAYER_ID", "PUBLISHED_UTC"),
    ),
    LandingSpec(
        "peer_forecast",
        "peers' forecasts for a player's game: SOURCE linestar (STAT dk_points, a projection by TEAM_ABBREVIATION) or props (STAT pra, "
        "a line of each BOOK by HOME_ and AWAY_TEAM_ABBREVIATION); names as the source spells them, the league's team codes, Eastern dates",
        {
            "SOURCE": pl.String,
            "STAT": pl.String,
            "BOOK": pl.String,
            "PLAYER_NAME": pl.String,
            "GAME_DATE": pl.Date,
            "TEAM_ABBREVIATION": pl.String,
            "HOME_TEAM_ABBREVIATION": pl.String,
            "AWAY_TEAM_ABBREVIATION": pl.String,
            "FORECAST": pl.Float64,  # projection or line
            "PRICE_OVER": pl.Float64,  # American odds
            "PRICE_UNDER": pl.Float64,
            "FORECAST_FLOOR": pl.Float64,
            "FORECAST_CEILING": pl.Float64,
            "SALARY": pl.Int64,  # dollars of the contest
            "SCORED": pl.Float64,  # fantasy points as the source reports them
            **_PUBLISHED,
        },
        ("SOURCE", "STAT", "BOOK", "GAME_DATE", "TEAM_ABBREVIATION", "HOME_TEAM_ABBREVIATION", "PLAYER_NAME", "PUBLISHED_UTC"),
        (
            "BOOK",
            "TEAM_ABBREVIATION",
            "HOME_TEAM_ABBREVIATION",
            "AWAY_TEAM_ABBREVIATION",
            "PRICE_OVER",
            "PRICE_UNDER",
            "FORECAST_FLOOR",
            "FORECAST_CEILING",
            "SALARY",
            "SCORED",
        ),
    ),
    LandingSpec(
        "team_forecast",
        "peers' forecasts for a game: SOURCE fivethirtyeight (STAT home_win, a probability); the league's team codes, Eastern dates",
        {
            "SOURCE": pl.String,
            "STAT": pl.String,
            "GAME_DATE": pl.Date,
            "HOME_TEAM_ABBREVIATION": pl.String,
            "AWAY_TEAM_ABBREVIATION": pl.String,
            "FORECAST": pl.Float64,
            **_PUBLISHED,
        },
        ("SOURCE", "STAT", "GAME_DATE", "HOME_TEAM_ABBREVIATION", "PUBLISHED_UTC"),
    ),
    LandingSpec(
        "stints",
        "five-on-five stints with the running score and game minutes at both ends; plus1 = home five, minus1 = away five, ids joined by |",
        {
            "GAME_ID": pl.String,
            "HomeStart": pl.Float64,
            "AwayStart": pl.Float64,
            "TimeStart": pl.Float64,
            "HomeEnd": pl.Float64,
            "AwayEnd": pl.Float64,
            "TimeEnd": pl.Float64,
            "POSSESSIONS": pl.Float64,  # both teams' together
            "plus1": pl.String,
            "minus1": pl.String,
        },
        ("GAME_ID", "TimeStart", "TimeEnd", "plus1", "minus1"),
    ),
    LandingSpec(
        "impact_rating",
        "published ratings of players of a season, points per 100 possessions, by SOURCE; for comparison, never a feature",
        {
            "SOURCE": pl.String,
            "PLAYER_ID": pl.String,
            "PLAYER_NAME": pl.String,
            "TEAM_ID": pl.String,
            "RATING_PER_100": pl.Float64,
            "RATING_OFF_PER_100": pl.Float64,
            "RATING_DEF_PER_100": pl.Float64,
            "EXPOSURE": pl.Float64,  # in the source's own unit
        },
        ("SOURCE", "PLAYER_ID", "TEAM_ID"),
        ("PLAYER_NAME", "TEAM_ID", "RATING_OFF_PER_100", "RATING_DEF_PER_100", "EXPOSURE"),
    ),
    LandingSpec(
        "possessions",
        "possessions with the offence's (off) and the defence's (de) five, ids joined by |; rn orders them in the file",
        {
            "GAME_ID": pl.String,
            "rn": pl.Int64,
            "period": pl.Int64,
            "off": pl.String,
            "n_off": pl.Int64,
            "de": pl.String,
            "n_def": pl.Int64,
            "pts": pl.Int64,
        },
        ("rn",),
    ),
)

LANDING: dict[str, LandingSpec] = {s.name: s for s in _SPECS}
