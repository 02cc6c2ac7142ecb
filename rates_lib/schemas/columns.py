"""Every column of the product, defined once: dtype, unit, bounds, whether it may be null, meaning and source.

Belongs here: one `ColumnSpec` per column name. Does not belong here: which table holds which column (`tables.py`), the layout of landed
files (`landing.py`). A definition with a formula (possessions, usage, pace …) gives the formula and its source here;
`docs/data_dictionary.md` is generated from this module.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from rates_lib.core.box_score import BOX_COUNTS
from rates_lib.core.fantasy import SITES
from rates_lib.core.stats import EXPORTED, MEDIANS, STATS

UTC = pl.Datetime("us", "UTC")
DType = pl.DataType | type[pl.DataType]


@dataclass(frozen=True)
class ColumnSpec:
    """One column name of the product.

    Attributes:
        name: the name, the same in every table.
        dtype: Polars dtype; the DuckDB type is derived from it.
        description: one line, with the formula and its source where there is one.
        unit: unit of the value, "" where there is none.
        lo, hi: inclusive bounds, None where unbounded.
        nullable: whether a null is allowed (a table may be stricter, never looser).
        allowed: the only values allowed, () where any is.
    """

    name: str
    dtype: DType
    description: str
    unit: str = ""
    lo: float | None = None
    hi: float | None = None
    nullable: bool = False
    allowed: tuple[str, ...] = ()


S, N, F, D, T, B, I8 = pl.String, pl.Int64, pl.Float64, pl.Date, UTC, pl.Boolean, pl.Int8
POSITIONS = ("PG", "SG", "SF", "PF", "C")
ROLES = ("helio", "hub", "scorer", "connector", "shooter", "spot_up", "utility", "stretch_big", "finisher")
STATUSES = ("active", "probable", "questionable", "doubtful", "out", "inactive", "unknown")
AS_OF_LABELS = ("open", "close", "latest")

# unit and bounds that many columns share
FLAG = ("0/1", 0, 1)
PROB, SHARE, RATIO, WIDE_SHARE = ("prob", 0, 1), ("share", 0, 1), ("ratio", 0.1, 10), ("share", 0, 10)
MINUTES, LONG_MINUTES, SUMMED_MINUTES = ("min", 0, 60), ("min", 0, 70), ("min", -1e-3, 800)  # of a player; with overtimes; of a team
PER_MIN, PER_100, PACE = ("1/min", 0, 10), ("per_100", 60, 170), ("1/48 min", 70, 130)
POINTS, MARGIN, IMPLIED, TOTAL = ("points", 0, 250), ("points", -200, 200), ("points", 50, 170), ("points", 120, 300)

_COLUMNS: list[ColumnSpec] = []


def _c(
    name: str,
    dtype: DType,
    description: str,
    unit: str = "",
    lo: float | None = None,
    hi: float | None = None,
    *,
    null: bool = False,
    allowed: tuple[str, ...] = (),
) -> None:
    _COLUMNS.append(ColumnSpec(name, dtype, description, unit, lo, hi, null, allowed))


def _group(
    unit: str, lo: float | None, hi: float | None, columns: dict[str, str], *, null: bool = False, dtype: DType = F
) -> tuple[str, ...]:
    """Columns that share unit, bounds and type; returns their names."""
    for name, text in columns.items():
        _c(name, dtype, text, unit, lo, hi, null=null)
    return tuple(columns)


# The definitions are tables, one row per column or family: the formatter would put every argument on a line of its own.
# fmt: off
# --- keys, identity, clocks -------------------------------------------------------------------------------------------
_c("season", N, "start year of the season: 2024 is 2024-25; a season runs from 12 October to 11 October", "year", 1946, 2100)
_c("game_id", S, "the league's id of the game, ten digits")
_c("game_date", D, "date of the game in Eastern time")
_c("team_id", S, "the league's id of the team; in a player's row the team that the player belongs to on that day")
_c("opponent_id", S, "team id of the opponent")
_c("player_id", S, "the league's id of the player")
_c("player_name", S, "name as the source spells it", null=True)
_c("team_abbreviation", S, "the league's three-letter abbreviation of the team")
_c("home_team_id", S, "team id of the home side (at a neutral site: the side that the schedule and the books list as home)")
_c("away_team_id", S, "team id of the away side")
_c("home_team_abbreviation", S, "three-letter abbreviation of the home side")
_c("away_team_abbreviation", S, "three-letter abbreviation of the away side")
_c("home_flag", I8, "1 if the row's team is the home side, also at a neutral site", *FLAG)
_c("neutral_site", B, "true if the game is in neither team's arena")
_c("game_status", S, "state of the game", allowed=("scheduled", "final", "postponed"))
_c("tipoff_utc", T, "tip-off; noon Eastern if the source gives none (tipoff_assumed is then true)")
_c("tipoff_assumed", B, "true if the source gives no tip-off time")
_c("published_utc", T, "time at which the source published the row; if unknown, one minute before the assumed tip-off")
_c("published_assumed", B, "true if the source gives no publication time")
_c("fetched_at_utc", T, "time at which the row was landed")
_c("as_of_utc", T, "instant up to which published information is used; never after tip-off")
_c("as_of", S, "label of a quote or status: open: first published; close: last at or before tip-off; latest: last published",
   allowed=AS_OF_LABELS)
_c("provider", S, "provider that landed the row")
_c("source", S, "dataset that the row comes from")
_c("matchup", S, "teams as the source writes them: 'BOS vs. NYK' at home, 'NYK @ BOS' away")
_c("wl", S, "W for a win, L for a loss", null=True, allowed=("W", "L"))
_c("reason", S, "reason of the status in the report's words, or the rule that a quarantined row breaks", null=True)
_c("stat", S, "name of a statistic of the box score")

# --- box scores -------------------------------------------------------------------------------------------------------
_c("min", N, "whole minutes as the game log gives them", "min", 0, 400)
_c("minutes_decimal", F, "minutes with their fraction, where a source gives them", *LONG_MINUTES, null=True)
_c("minutes", F, "minutes played: decimal where a source gives them, else the log's whole minutes", *LONG_MINUTES)
_c("minutes_source", S, "source of the minutes (decimal, log), or the minutes model that a row used (walk_forward, none)",
   allowed=("decimal", "log", "walk_forward", "none"))
_c("seconds", N, "minutes in whole seconds, so that sums are exact", "s", 0, 30000)
_c("played", I8, "1 if the player appears in the box score", *FLAG)
_c("starter", I8, "1 if the player started; null if the source does not say", *FLAG, null=True)
_c("start_position", S, "position in the starting five: G F C or PG SG SF PF C; null for the bench", null=True)
_c("position_listed", S, "position as a source lists it", null=True)
for _row in STATS.values():
    if _row.kind == "count":
        _c(_row.name, N, f"{_row.words}: {_row.formula}" if _row.formula else _row.words, "count", 0, _row.most)
_c("fg3a", N, "three-point attempts (the source's name; fga3 elsewhere)", "count", 0, STATS["fga3"].most)
_c("plus_minus", N, "points scored minus points allowed while on the floor (team rows: final margin)", "points", -100, 100)
_group("count", 0, 120, {
    "pts_paint": "points in the paint, from live box scores",
    "pts_fast_break": "points on fast breaks, from live box scores",
}, null=True, dtype=N)
_c("overtimes", N, "overtime periods played", "count", 0, 8, null=True)
_c("home_pts", N, "points of the home side", *POINTS, null=True)
_c("away_pts", N, "points of the away side", *POINTS, null=True)
_c("home_win", I8, "1 if the home side won", *FLAG, null=True)
_c("opp_pts", N, "points of the opponent", *POINTS)
_c("possessions", F, "possessions, mean of both teams' FGA - OREB + TOV + .44 FTA (Kubatko et al. 2007, eq. 1): linear in the counts, so "
   "season totals follow from summed counts", "count", 30, 200)

# --- bios -------------------------------------------------------------------------------------------------------------
_c("height_inches", F, "height", "in", 60, 100, null=True)
_c("weight_lbs", F, "weight", "lb", 120, 400, null=True)
_c("age_years", F, "age on the day of the game, or during the season if no birth date is known", "year", 16, 50, null=True)
_c("birth_date", D, "birth date", null=True)
_c("country", S, "country", null=True)
_c("draft_year", S, "draft year, or Undrafted", null=True)
_c("draft_number", S, "draft pick, or Undrafted", null=True)

# --- status -----------------------------------------------------------------------------------------------------------
_c("status", S, "availability as published; active and inactive come from the final list; unknown: nothing published", allowed=STATUSES)
_c("starter_announced", I8, "1 if announced as a starter, 0 if the announced five are others, null if no five is announced",
   *FLAG, null=True)
_c("availability_source", S, "source of the status: active_list, injury_report, proxy (a game without any list: players in the box score "
   "count as active, which flatters accuracy) or none", allowed=("active_list", "injury_report", "proxy", "none"))
_c("play_prob_prior", F, "prior probability to play by status: out, inactive 0; doubtful .25; questionable .5; probable .75 (the league's "
   "wording of its injury report); active, unknown .82 (share of listed actives who played, 2019-20 to 2022-23)", *PROB)

# --- odds -------------------------------------------------------------------------------------------------------------
_c("book", S, "bookmaker, or the data set that a line comes from")
_c("market", S, "spread, total, moneyline, or `player_<stat>`")
_c("subject_id", S, "subject of the quote: the game's id in team markets, the player's id in player markets")
_c("line", F, "line of the quote: spread from the home side's view (negative: home favoured), total, or player line; null for a moneyline",
   null=True)
_c("price_home", F, "American odds of home or over", null=True)
_c("price_away", F, "American odds of away or under", null=True)
_c("spread_home", F, "spread from the home side's view, negative = home favoured", "points", -60, 60, null=True)
_c("total", F, "over/under line of the game's points", *TOTAL, null=True)
_c("home_itt", F, "implied points of the home side: (total - spread_home) / 2", *IMPLIED, null=True)
_c("away_itt", F, "implied points of the away side: (total + spread_home) / 2", *IMPLIED, null=True)
_c("moneyline_home", F, "American odds of a home win", null=True)
_c("moneyline_away", F, "American odds of an away win", null=True)
_c("home_win_prob_market", F, "probability of a home win without the vig: p_home / (p_home + p_away) with p from American odds "
   "(proportional method)", *PROB, null=True)
_c("books", N, "number of books behind the row (the value is their median)", "count", 1, 100)

# --- peers' forecasts -------------------------------------------------------------------------------------------------
_c("forecast", F, "a peer's forecast of stat: its projection, a book's line, or a probability", "count", -5, 120)
_c("forecast_floor", F, "floor of the peer's projection, as the peer defines it", "count", -5, 120, null=True)
_c("forecast_ceiling", F, "ceiling of the peer's projection, as the peer defines it", "count", -5, 150, null=True)
_c("price_over", F, "American odds of over the line", null=True)
_c("price_under", F, "American odds of under the line", null=True)
_c("salary", N, "salary of the player in the peer's contest", "USD", 0, 100_000, null=True)
_c("scored", F, "the player's fantasy points as the peer reports them (DraftKings: with bonuses, before later corrections)",
   "count", -20, 150, null=True)
_c("name_match", S, "match of the peer's spelling with a player: exact, normalised (lower case, ASCII, no punctuation, no suffix), alias "
   "(sql/seeds/player_aliases.csv), none (no player), several (more than one player)",
   allowed=("exact", "normalised", "alias", "none", "several"))

# --- published ratings of players -------------------------------------------------------------------------------------
_c("rating_per_100", F, "a published rating of the player in points per 100 possessions", "points", -60, 60)
_c("rating_off_per_100", F, "offensive part of the published rating", "points", -60, 60, null=True)
_c("rating_def_per_100", F, "defensive part of the published rating, positive = good", "points", -60, 60, null=True)
_c("exposure", F, "amount of data behind the rating, in its source's own unit (stints, possessions, minutes)", "", 0, null=True)

# --- tracking ---------------------------------------------------------------------------------------------------------
_c("grain", S, "game, or season if only totals of a season are published", allowed=("game", "season"))
_c("gp", N, "games behind the row", "count", 0, 90, null=True)
_c("minutes_tracking", F, "minutes behind the tracking counts", "min", 0, 4000)
_group("count", 0, 20000, {
    "touches": "touches",
    "front_ct_touches": "touches in the front court",
    "passes_made": "passes made",
    "passes_received": "passes received",
    "potential_ast": "potential assists: passes to a shot, made or missed",
    "secondary_ast": "secondary (hockey) assists",
    "drives": "drives",
    "catch_shoot_fga": "catch-and-shoot attempts",
    "pull_up_fga": "pull-up attempts",
    "paint_touches": "touches in the paint",
    "post_touches": "post-ups",
    "elbow_touches": "touches at the elbow",
    "oreb_chances": "offensive rebound chances",
    "dreb_chances": "defensive rebound chances",
}, null=True)
_c("time_of_poss_seconds", F, "time of possession", "s", 0, 60000, null=True)
_c("distance_miles", F, "distance run", "mile", 0, 400, null=True)
_group("1/min", 0, 100, {
    "touches_per_min": "touches / minutes_tracking; null under one minute",
    "top_per_min": "time_of_poss_seconds / 60 / minutes_tracking; null under one minute",
    "passes_per_min": "passes_made / minutes_tracking; null under one minute",
    "drives_per_min": "drives / minutes_tracking; null under one minute",
}, null=True)

# --- stints -----------------------------------------------------------------------------------------------------------
_c("stint", N, "number of the stint in its game, from 1 in order of time", "count", 1, 3000)
_c("home_lineup", S, "player ids of the home five, sorted, joined by |", null=True)
_c("away_lineup", S, "player ids of the away five, sorted, joined by |", null=True)
_c("start_sec", F, "game time at the start of the stint; null if the source has only possessions", "s", 0, 6000, null=True)
_c("end_sec", F, "game time at the end of the stint; null if the source has only possessions", "s", 0, 6000, null=True)
_c("home_possessions", F, "possessions of the home side; half of both teams' if a source gives only their sum", "count", 0, 150, null=True)
_c("away_possessions", F, "possessions of the away side; half of both teams' if a source gives only their sum", "count", 0, 150, null=True)
_c("home_pts_stint", N, "points of the home side during the stint", "points", -5, 100, null=True)
_c("away_pts_stint", N, "points of the away side during the stint", "points", -5, 100, null=True)
_c("seconds_stint", F, "length of the stint; null if the source has only possessions", "s", 0, 3600, null=True)

# --- impact -----------------------------------------------------------------------------------------------------------
_c("estimate_date", D, "date of the estimate, which uses games strictly before it: start of the season, then first day of each later month")
_group("points", -30, 30, {
    "impact_off_per_100": "points per 100 possessions that the player adds to the team's offence, relative to the mean possession",
    "impact_def_per_100": "points per 100 possessions that the player takes from the opponents, relative to the mean possession",
})
_c("impact_per_100", F, "impact_off_per_100 + impact_def_per_100", "points", -40, 40)
_c("impact_se", F, "standard error of impact_per_100", "points", 0, 20)
_c("possessions_off", F, "offensive possessions with the player on the floor behind the estimate, weighted down with age", "count", 0)
_c("possessions_def", F, "defensive possessions with the player on the floor behind the estimate, weighted down with age", "count", 0)
_c("impact_source", S, "source of most of these possessions", allowed=("stints", "box"))

# --- labels (north star 3.2) ------------------------------------------------------------------------------------------
_c("minutes_actual", F, "minutes played in this game (label)", *LONG_MINUTES)
RATE_TARGETS = ("fga2", "fga3", "fta", "ast", "tov", "oreb", "dreb", "stl", "blk")
_group("1/min", 0, 100, {f"{s}_per_min": f"{s} / minutes_actual in this game (label)" for s in RATE_TARGETS})
_group(*PER_MIN, {f"{s}_per_min_mean": f"predicted mean of {s} per minute" for s in RATE_TARGETS})

# --- player form (as of the game's date, strictly before) -------------------------------------------------------------
_c("position_primary", S, "position as of the day, PG SG SF PF C: most frequent position of earlier starts (at least three such starts), "
   "else the listed position split by height, else guard, forward or center starts split by height, else height alone; SF if nothing is "
   "known", allowed=POSITIONS)
_group(*FLAG, {
    f"position_flags_{p}": f"1 if {p} is the primary position, the position of at least a tenth of earlier starts, or listed"
    for p in POSITIONS
}, dtype=I8)
_c("position_source", S, "basis of position_primary; none: nothing is known", allowed=("starts", "listed", "height", "none"))
_c("season_games", N, "games played this season before this one", "count", 0, 100)
_c("season_minutes", F, "minutes played this season before this game", "min", 0, 5000)
_c("season_mpg", F, "minutes per game played this season; previous season's before the first game", *MINUTES, null=True)
_c("season_form_source", S, "season: this season's games; previous: last season's totals, used until the first game of this one; none: no "
   "games in either", allowed=("season", "previous", "none"))
FORM_RATES = {
    "fga": "fga", "3pa": "fga3", "fta": "fta", "ast": "ast", "tov": "tov", "reb": "reb",
    "oreb": "oreb", "dreb": "dreb", "stl": "stl", "blk": "blk", "pts": "pts",
}
"""Rates of a season's form: name in columns (the north star's) and statistic."""
LAST3 = ("fga", "3pa", "fta", "ast", "tov", "reb")
"""Rates of FORM_RATES that are also computed over the last three games."""
_group("1/min", 0, 60, {
    f"season_{name}_per_min": f"{STATS[s].words} per minute this season before this game; previous season's before the first game"
    for name, s in FORM_RATES.items()
} | {f"last3_{name}_per_min": f"{STATS[FORM_RATES[name]].words} per minute over the last three games played" for name in LAST3}, null=True)
_c("season_usage", F, "usage: share of the team's plays that the player used on the floor, (FGA + .44 FTA + TOV) x team minutes / 5 / "
   "(minutes x team's FGA + .44 FTA + TOV), over games played this season, the previous season's before the first (Oliver 2004; without "
   "its factor 100)", "share", 0, 20, null=True)
_c("last3_minutes_per_game", F, "minutes per game over the last 3 games played", *MINUTES, null=True)
RECENT_FORM = (
    *_group(*MINUTES, {f"last{n}_minutes_per_game": f"minutes per game over the last {n} games played" for n in (5, 10)}, null=True),
    *_group(*LONG_MINUTES, {
        "last_game_minutes": "minutes in the last game played",
        "last5_minutes_min": "fewest minutes in the last five games played",
        "last5_minutes_max": "most minutes in the last five games played",
        "last5_minutes_median": "median minutes in the last five games played",
    }, null=True),
    *_group(*SHARE, {
        "last10_start_share": "share of starts in the last ten games played, of those with known starters",
        "last10_appearance_share": "share of the team's last ten games in which the player played",
    }, null=True),
    *_group("day", 1, 400, {
        "days_since_last_game": "days since the player's last game, this season or before, at most 400",
    }, null=True, dtype=N),
    *_group(*MINUTES, {"prev_season_mpg": "minutes per game played in the previous season"}, null=True),
    *_group("count", 0, 100, {"prev_season_games": "games played in the previous season"}, null=True, dtype=N),
)
"""Columns of recent form in gold.player_form, in its order; a feature added here is a column of that table."""
_group(*SHARE, {
    f"{name}_pct_prior": f"{text} of this and the previous season before this game, shrunk to the league's mean by adding {k} attempts at "
    "the league's rate to date"
    for name, text, k in (("fg2", "2P%", 100), ("fg3", "3P%", 150), ("ft", "FT%", 40))
})
_c("is_starter", I8, "1 if announced as a starter, 0 if others are, null if no five is known", *FLAG, null=True)
_c("bench_tier", I8, "0 starter (announced; if no five is known: most of the last ten games started, or at least 28 minutes in them), "
   "1 primary bench (at least 15 minutes in the last ten games), 2 deep bench", "0/1/2", 0, 2)

# --- decayed and shrunk form (features/minutes_form.py, player_rates.py, rotation.py, allowed.py, vacated.py) ---------
_c("foreseen_flag", I8, "1 if the player was a candidate before the game; 0 if only the box score names the player", *FLAG)
_c("new_team_flag", I8, "1 if the player's last appearance was for another team", *FLAG)
_group(*MINUTES, {
    f"minutes_hl{name}": f"decayed mean of minutes, half-life {text} games, times .6 over a summer; overtime removed; blow-outs and games "
    "in foul trouble weigh less (1 / (1 + (|margin| - 12) / 12) beyond 12 points; .8 with five fouls, .5 with six)"
    for name, text in (("2", "1.5"), ("4", "4"), ("10", "10"), ("30", "30"))
}, null=True)
_c("minutes_weight_hl10", F, "weight behind minutes_hl10", "games", 0, 100)
_c("minutes_sd_hl10", F, "decayed standard deviation of minutes, half-life 10 games", "min", 0, 40, null=True)
_group(*MINUTES, {
    "minutes_started_hl8": "decayed mean of minutes as a starter, half-life 8 games",
    "minutes_benched_hl8": "decayed mean of minutes off the bench, half-life 8 games",
}, null=True)
_c("starts_weight_hl8", F, "decayed number of starts, half-life 8 games", "games", 0, 100)
_c("benched_weight_hl8", F, "decayed number of games off the bench, half-life 8 games", "games", 0, 100)
_c("start_share_hl8", F, "decayed share of starts, half-life 8 games", *SHARE, null=True)
_c("minutes_prior", F, "minutes to expect in tonight's role if the player plays: decayed mean of games in that role (half-life 8), shrunk "
   "by one game to a mix of minutes_prior_blind and the role's 28 or 13; minutes_prior_blind if no five is known", *MINUTES)
_c("minutes_prior_blind", F, "mean of minutes_hl4 and minutes_hl10, independent of tonight's starters; 11 for a player without games",
   *MINUTES)
_c("minutes_role_change", F, "minutes_prior - minutes_prior_blind", "min", -60, 60)
_group(*LONG_MINUTES, {f"minutes_lag{k}": f"minutes {k} games played ago, overtime removed" for k in range(1, 5)}, null=True)
_group(*FLAG, {f"started_lag{k}": f"1 if the player started {k} games played ago; null if unknown" for k in (1, 2)}, null=True, dtype=I8)
_c("last_game_fouls", F, "fouls in the last game played", "count", 0, 10, null=True)
_c("last_game_margin", F, "margin of the team in the player's last game", "points", -100, 100, null=True)
_group("min", 0, 1500, {f"minutes_last{k}d": f"minutes in the {k} days before the game" for k in (4, 7, 30)})
_group("count", 0, 30, {f"games_last{k}d": f"games played in the {k} days before the game" for k in (4, 7, 30)}, dtype=N)
_c("team_games_missed", N, "the team's games this season since the player's last appearance for it; null for a new member",
   "count", 0, 90, null=True)
_c("games_since_return", N, "games played since the last absence of three or more team games in a row", "count", 0, 3000, null=True)
_c("last_absence_games", N, "team games missed in that absence", "count", 0, 90, null=True)
EXTRA_STATS = ("pf", "fg2m", "fg3m", "ftm", "pts")
"""Counts whose rates are tracked beside RATE_TARGETS."""
TRACKED_STATS = (*RATE_TARGETS, *EXTRA_STATS)
DVP_STATS = (*RATE_TARGETS, "fg2m", "fg3m", "pts")
"""Counts that defence by position or role is measured in."""
_group(*PER_MIN, {
    f"{s}_per_min_hl{k}": f"{s} per minute: decayed (half-life {k} games, times .6 over a summer) and shrunk to the running mean of the "
    "position"
    for s in TRACKED_STATS
    for k in ((3, 10, 30, 100) if s in RATE_TARGETS else (10, 30, 100) if s in ("fg2m", "fg3m", "ftm") else (30,))
})
_group(*PER_MIN, {f"{s}_per_min_position": f"{s} per minute of the position, this and the previous season to date" for s in RATE_TARGETS})
_c("minutes_weight_hl30", F, "decayed minutes behind the rates at half-life 30", "min", 0, 5000)
for _name, _text in {
    "mates_minutes": "minutes_prior of available team-mates",
    "mates_minutes_blind": "minutes_prior_blind of available team-mates",
    "absent_minutes": "minutes_prior_blind of team-mates who are out",
    "fresh_absent_minutes": "minutes_prior_blind x .5 ** (team games missed / 3) of team-mates who are out",
    "returning_minutes": "minutes_prior_blind x (1 - .5 ** (team games missed / 3)) of available team-mates",
    "mates_count": "number of available team-mates",
}.items():
    _c(f"{_name}_team", F, f"sum of {_text}; each x min(1, the team-mate's minutes / 12)", *SUMMED_MINUTES, null=True)
    _c(f"{_name}_near", F, f"{_name}_team with each team-mate weighted by nearness of position (1, .6, .3, .1, 0)",
       *SUMMED_MINUTES, null=True)
for _name, _text in {"": "minutes_prior", "_blind": "minutes_prior_blind"}.items():
    _c(f"minutes_share{_name}", F, f"240 x {_text} / the team's sum of it over available players, each x min(1, own minutes / 12); "
       "sum is at least 120", "min", 0, 120)
    _c(f"minutes_rank{_name}", F, f"rank of {_text} among the team's available players, 1 = most", "rank", 1, 40, null=True)
    _group("min", -60, 60, {
        f"over_share{_name}_hl{k}": f"decayed mean (half-life {k} games of this season, shrunk by one game to 0) of minutes played - "
        f"minutes_share{_name}"
        for k in (3, 10)
    })
_group(*SUMMED_MINUTES, {
    f"{name}_hl{k}": f"decayed mean of {name} in the player's games of this season, half-life {k} games"
    for name in ("absent_minutes_near", "mates_minutes_blind_team", "mates_count_team")
    for k in (3, 10)
}, null=True)
_c("starters_minutes_blind", F, "sum of minutes_prior_blind of the announced five", "min", 0, 300, null=True)
_c("regular_starters_out", N, "players who are out, started most of their games and missed fewer than ten", "count", 0, 15)
_c("minutes_concentration_hl6", F, "sum of squared minutes per game / 240, decayed, half-life 6 games", *MINUTES, null=True)
_c("players_used_hl6", F, "players used per game, decayed, half-life 6 games", "count", 0, 20, null=True)
_c("starters_minutes_hl6", F, "minutes per starter, decayed, half-life 6 games", *MINUTES, null=True)
for _name in RATE_TARGETS:
    _c(f"vacated_{_name}", F, f"{_name} per game of players who are out: minutes_prior_blind x {_name}_per_min_hl30", "count", 0, 200)
    _c(f"fresh_vacated_{_name}", F, f"vacated_{_name} with each player x .5 ** (team games missed / 3)", "count", 0, 200)
_group("min", 0, 400, {f"absent_minutes_{p}": f"sum of minutes_prior_blind of {p} who are out" for p in POSITIONS})
for _name in TRACKED_STATS:
    _group(*RATIO, {
        f"def_{_name}_ratio_hl{k}": f"{_name} of opponents / their expected counts (minutes x their rates), decayed, half-life {k} games, "
        "shrunk to 1"
        for k in (8, 30)
    })
    _group(*RATIO, {f"opp_{_name}_ratio_hl{k}": f"def_{_name}_ratio_hl{k} of the opponent" for k in (8, 30)}, null=True)
    _c(f"own_{_name}_ratio_hl8", F, f"{_name} of the team's players / their expected counts, decayed, half-life 8 games", *RATIO)
for _name in DVP_STATS:
    _c(f"dvp_{_name}_ratio", F, f"{_name} allowed to the position / expected counts, decayed, half-life 25 games, shrunk to 1",
       *RATIO, null=True)
    _c(f"allowed_{_name}_per_36", F, f"{_name} per 36 minutes allowed to an average player of the position: its mean x the ratio",
       "per_36", 0, 100)
for _name in RATE_TARGETS:
    _c(f"mates_{_name}_per_min", F, f"expected {_name} per minute of the team-mates, by expected minutes x rates", "1/min", 0, 5, null=True)
    _c(f"opp_{_name}_expected", F, f"expected {_name} of the opponent's players, summed", "count", 0, 300, null=True)

# --- roles, defence by position and role, play style ------------------------------------------------------------------
_c("role_minutes", F, "minutes behind the role, decayed, half-life 30 games", "min", 0, 20_000)
_group(*PROB, {
    f"role_prob_{r}": f"probability that the player's role is {r}, by distance from the roles' centres; shrunk to the mix of the position "
    "if the player has few minutes"
    for r in ROLES
}, null=True)
_group("sd", 0, 20, {
    f"role_dist_{r}": f"root mean square distance from the centre of {r}, in robust standard deviations of the league" for r in ROLES
})
_c("player_role", S, "the most probable role: helio (the offence runs through the player's dribble), hub (big man through whose hands the "
   "offence runs), scorer, connector (passes, little usage), shooter (threes on the move), spot_up (threes and defence), utility (a bit of "
   "everything, little usage), stretch_big, finisher (rim runner and protector)", null=True, allowed=ROLES)
_c("role_prior", S, "the most probable role of a regular of the position: the role of a player without games", allowed=ROLES)
_c("role_source", S, "basis of the role: estimate (the player is in gold.player_role), position (the player's first game is after the "
   "estimate), none (no estimate yet)", allowed=("estimate", "position", "none"))
for _name in DVP_STATS:
    _c(f"dvp_{_name}_rank", N, f"rank of dvp_{_name}_ratio among the league's teams of the day, 1 = allows most; ties share the rank",
       "rank", 1, 60)
    _c(f"allowed_{_name}_per_100", F, f"{_name} per 100 team possessions allowed to an average player of the position (role): "
       f"allowed_{_name}_per_36 / possessions in 36 such minutes (decayed, half-life 25 games, shrunk to the league's pace)",
       "per_100", 0, 150)
    _c(f"dvp_role_{_name}_ratio", F, f"dvp_{_name}_ratio of the opponent against the player's role", *RATIO, null=True)
_c("def_pts_paint_ratio_hl30", F, "points in the paint of opponents / their expected counts, decayed, half-life 30 games, shrunk to 1; "
   "null before any are known", *RATIO, null=True)
_c("opp_pts_paint_ratio_hl30", F, "def_pts_paint_ratio_hl30 of the opponent", *RATIO, null=True)
_c("style_3pa_share", F, "3PA / FGA by the player's decayed, shrunk rates (half-life 30 games)", *SHARE)
_c("style_fta_per_fga", F, "FTA / FGA by the same rates", "ratio", 0, 20)
_c("style_paint_pts_per_min", F, "points in the paint per minute, decayed, shrunk to the position's mean; null before any",
   "1/min", 0, 3, null=True)
_c("style_paint_share", F, "style_paint_pts_per_min / points per minute (half-life 30 games)", "share", 0, 3, null=True)
_c("style_catch_shoot_share", F, "catch-and-shoot shots / (catch-and-shoot + pull-up shots), of the previous season and, if tracking is by "
   "game, of this one: stands in for the assisted share, which no source has", *SHARE, null=True)
_c("style_catch_shoot_per_min", F, "catch-and-shoot shots per minute, same basis", "1/min", 0, 3, null=True)
_c("style_pull_up_per_min", F, "pull-up shots per minute, same basis", "1/min", 0, 3, null=True)
_c("style_drives_per_min", F, "drives per minute, same basis", "1/min", 0, 5, null=True)
_c("style_inside_touches_per_min", F, "touches in the paint and in the post per minute, same basis", *PER_MIN, null=True)
_c("matchup_fga_ratio", F, "opponent's effect on the player's shots: 3PA and 2PA ratios weighted by style_3pa_share", *RATIO, null=True)
_c("matchup_3pa_share", F, "expected 3PA / FGA of the player against this opponent", *SHARE, null=True)
_c("matchup_fta_per_fga", F, "expected FTA / FGA of the player against this opponent", "ratio", 0, 50, null=True)
_c("matchup_pts_ratio", F, "opponent's effect on the player's points: ratios of 2PM, 3PM, FTM weighted by the player's points from each",
   *RATIO, null=True)
_group(*PER_MIN, {
    "matchup_paint_pts_per_min": "expected points in the paint per minute against this opponent",
    "matchup_catch_shoot_per_min": "style_catch_shoot_per_min x opp_fga3_ratio_hl30",
    "matchup_pull_up_per_min": "style_pull_up_per_min x opp_fga2_ratio_hl30",
    "matchup_drives_fta_per_min": "style_drives_per_min x opp_fta_ratio_hl30",
}, null=True)
_c("matchup_paint_share", F, "style_paint_share x opp_pts_paint_ratio_hl30", *WIDE_SHARE, null=True)
_c("matchup_inside_touches_per_min", F, "style_inside_touches_per_min x opp_pts_paint_ratio_hl30", "1/min", 0, 20, null=True)

# --- team form --------------------------------------------------------------------------------------------------------
_TO_DATE = "this season before this game (previous season's before the first)"
_c("days_rest", N, "days off before the game, 0 = back-to-back, at most 3; first game of a season: 3", "day", 0, 3)
_c("team_season_games", N, "games of the team this season before this one", "count", 0, 90)
_c("season_pace", F, f"possessions per 48 minutes {_TO_DATE}: 48 x possessions x 5 / team minutes", *PACE, null=True)
_c("season_off_rating", F, f"points per 100 possessions {_TO_DATE}", *PER_100, null=True)
_c("season_def_rating", F, f"points allowed per 100 possessions {_TO_DATE}; as the opponent's: def_rating of gold.opponent_allowed",
   *PER_100, null=True)
_c("num_rotation_players_out", N, "rotation players who are out. Rotation: last appearance for this team within 15 days and at least 10 "
   "minutes a game over the last ten games played. Out: status out, doubtful or inactive, or absent from a full list (active list or "
   "proxy)", "count", 0, 15)
_c("team_minutes_vacated", F, "sum of minutes per game (last ten games played) of rotation players who are out", "min", 0, 300)
_c("team_usage_vacated", F, "sum of usage (last ten games) x minutes per game / 48 of rotation players who are out", "share", 0, 5)
_group(*FLAG, {
    "star_scorer_out_flag": "1 if the rotation's top scorer per game (last ten games) is out",
    "primary_ballhandler_out_flag": "1 if the rotation's top passer (assists per game, last ten games) is out",
    "starting_center_out_flag": "1 if the rotation's center with the most minutes per game is out",
}, dtype=I8)

# --- opponent allowed -------------------------------------------------------------------------------------------------
for _name, _text, _unit, _lo, _hi in (
    ("def_rating", "points allowed per 100 possessions", *PER_100),
    ("def_3pa_allowed", "opponents' 3PA per 100 possessions", "per_100", 5, 70),
    ("def_reb_rate", "opponents' share of all rebounds", "share", 0.2, 0.8),
    ("def_ast_rate", "opponents' assists per made field goal", "share", 0.1, 1),
):
    _c(_name, F, f"{_text} {_TO_DATE}", _unit, _lo, _hi, null=True)
    _c(f"opp_{_name}", F, f"{_name} of the opponent", _unit, _lo, _hi, null=True)

# --- context of the training base (north star 3.5) --------------------------------------------------------------------
_c("spread_close", F, "closing spread from the view of the row's team, negative = favoured", "points", -60, 60, null=True)
_c("total_close", F, "closing total", *TOTAL, null=True)
_c("team_itt", F, "implied points of the row's team: (total_close - spread_close) / 2", *IMPLIED, null=True)
_c("opp_itt", F, "implied points of the opponent: (total_close + spread_close) / 2", *IMPLIED, null=True)
_c("season_pace_team", F, "season_pace of the row's team", *PACE, null=True)
_c("season_pace_opp", F, "season_pace of the opponent", *PACE, null=True)

# --- tracking rollups -------------------------------------------------------------------------------------------------
_c("season_touches_per_min", F, "touches per minute: season to date if tracking is by game (from 10 tracked minutes on), else all of the "
   "previous season", "1/min", 0, 30, null=True)
_c("season_sec_per_touch", F, "seconds of possession per touch, same basis", "s", 0, 60, null=True)
_c("season_drives_per_min", F, "drives per minute, same basis", *PER_MIN, null=True)
_c("season_passes_per_min", F, "passes made per minute, same basis", "1/min", 0, 30, null=True)
_c("tracking_source", S, "season_to_date (by game), previous_season (totals), or none",
   allowed=("season_to_date", "previous_season", "none"))

# --- strength of teams ------------------------------------------------------------------------------------------------
TEAM_LEAGUE = _group("points", 50, 160, {
    "league_off_rating": "points per 100 possessions of two average teams, by the Kalman filter",
    "league_pace": "possessions per 48 minutes of two average teams, by the Kalman filter",
}) + _group("points", -10, 15, {"league_home_edge": "points per 100 possessions of playing at home, by the Kalman filter"})
NEUTRAL = _group(*FLAG, {"neutral_flag": "1 if the game is in neither team's arena"}, dtype=I8)
TEAM_STRENGTH = (
    _group(*FLAG, {
        "back_to_back_flag": "1 if the team played the day before",
        "three_in_four_flag": "1 if it is at least the team's third game in four nights",
    }, dtype=I8)
    + _group("count", 0, 10, {"schedule_games_last7d": "scheduled games of the team in the six days before"}, dtype=N)
    + _group("day", 0, 7, {"days_off": "days without a game before this one, at most 7; 7 before a season's first"}, dtype=N)
    + _group("km", 0, 20_100, {
        "travel_km": "great circle from the arena of the previous game (a season's first: the team's own); null if a place is unknown",
    }, null=True)
    + _group("h", -12, 12, {"time_zones_crossed": "time difference of that trip, east positive, standard time"}, null=True)
    + _group("m", -3000, 3000, {"altitude_gain_m": "altitude of the arena above the team's own"}, null=True)
    + _group("count", 0, 90, {
        "games_played": "games of the team this season before this one",
        "games_left": "games of a full season (82; 72 in 2020-21) - games_played",
    }, dtype=N)
    + _group(*SHARE, {"season_progress": "games_played / games of a full season"})
    + _group(*SHARE, {
        "win_pct": "share of this season's games won; null before the first",
        "recent_win_pct": "share won of the last ten games of this season; null before the first",
    }, null=True)
    + _group("points", -150, 150, {"margin_per_game": "mean margin of this season's games; null before the first"}, null=True)
    + _group("", 1, 40, {"conference_rank": "rank in the conference, halves for ties; null if the conference is unknown"}, null=True)
    + _group("games", -90, 90, {
        "wins_above_playoff_line": "games ahead of the first team outside the direct playoff places (six; eight before 2020-21); from "
        "outside, games behind the last team inside as a negative number",
        "wins_above_play_in_line": "games ahead of or behind the line of the play-in places (ten; eight before 2020-21), likewise",
    }, null=True)
    + _group(*FLAG, {
        "eliminated_flag": "1 if ten teams of the conference (eight before 2020-21) have more wins than the team can still reach",
        "clinched_flag": "1 if fewer than six others of the conference (eight before 2020-21) can reach the team's wins",
        "locked_flag": "1 if the team can neither be overtaken nor overtake another",
    }, dtype=I8)
    + _group("Elo", 0, 3000, {"elo": "Elo rating with margin of victory, home edge and carry-over (see core/numerics/ratings.py)"})
    + _group("points", -80, 80, {
        "kalman_off": "points per 100 possessions that the team scores above average (Kalman filter, see core/numerics/ratings.py)",
        "kalman_def": "points per 100 possessions that the team holds opponents below average (the same filter)",
        "kalman_pace": "possessions per 48 minutes that the team adds to the league's pace (the same filter)",
        **{
            f"{name}_over_expected_hl{h}": f"decayed {text} minus the filter's expectation before each game, half-life {h} games"
            for name, text in {"off_rating": "points per 100 scored", "def_rating": "points per 100 prevented",
                               "pace": "possessions per 48"}.items()
            for h in (6, 25)
        },
    })
    + _group("share", 0, 2, {
        f"{side}{name}_hl20": f"{whose}{text}, decayed, half-life 20 games, shrunk to the league's"
        for name, text in {
            "efg_pct": "effective field goal percentage, (FGM + .5 3PM) / FGA", "fg3_pct": "three-point percentage",
            "ft_pct": "free-throw percentage", "fg3_share": "3PA / FGA", "ft_rate": "FTA / FGA",
            "tov_pct": "turnovers per FGA - OREB + TOV", "oreb_pct": "share of the rebounds of own misses",
        }.items()
        for side, whose in (("", ""), ("opp_", "opponents' "))
    }, null=True)
    + _group("", -150, 250, {
        f"usual_{name}_hl{h}": f"{text} of the players of the team's past games, {how}, decayed, half-life {h} games"
        for names, text, how in (
            (("pts", "ast", "tov", "oreb", "dreb", "stl", "blk"), "expected counts", "actual minutes x rates before each game"),
            (("impact_off", "impact_def", "impact"), "impact per 100 possessions", "summed over the five on the floor, by past estimates"),
        )
        for name in names
        for h in (8, 25)
    }, null=True)
)
"""Features of a team in gold.team_strength, as of the day before."""
LINEUP = {
    **{
        f"lineup_{s}": f"{s} of the first ten players by expected minutes (scaled to sum to 240): minutes x decayed rates"
        for s in (*RATE_TARGETS, "fg2m", "fg3m", "ftm", "pf", "pts", "possessions")
    },
    **{
        f"lineup_{s}": f"{s} per 100 possessions of the first ten players, summed over five: minutes / 48 x newest estimate"
        for s in ("impact_off", "impact_def", "impact")
    },
    "lineup_concentration": "sum of squared expected minutes / 240: high if few players play much",
    "lineup_experience": "decayed minutes behind the rates, weighted by expected minutes",
    "lineup_top5_minutes": "expected minutes of the first five players, of 240",
    "lineup_star_pts": "highest expected points of one player",
    "lineup_star_ast": "highest expected assists of one player",
    "lineup_star_impact": "highest lineup_impact of one player",
    "lineup_expected_minutes": "expected minutes of all foreseen players, before they are scaled to 240",
}
"""Features of a team from expected minutes: name to description; null if no player was foreseen."""
CHANGE = {
    f"change_{s}_hl{h}": f"lineup_{s} - usual_{s}_hl{h}: tonight's players against the players of the past results"
    for s in ("pts", "ast", "tov", "oreb", "dreb", "stl", "blk", "impact_off", "impact_def", "impact")
    for h in (8, 25)
}
"""Features of a team from the change between its usual and tonight's players: name to description."""
TEAM_FEATURES = (
    *TEAM_STRENGTH, *LINEUP, *CHANGE, "season_pace", "season_off_rating", "season_def_rating", "num_rotation_players_out",
    "team_minutes_vacated", "team_usage_vacated", "star_scorer_out_flag", "primary_ballhandler_out_flag", "starting_center_out_flag",
)
"""Features of either side in gold.team_matchup_training."""
for _side, _text in (("home", "home side"), ("away", "away side"), ("diff", "home minus away")):
    _group("", None, None, {f"{_side}_{name}": f"{(LINEUP | CHANGE).get(name, name)}: {_text}" for name in TEAM_FEATURES}, null=True)
_c("kalman_margin", F, "home margin that the Kalman filter expects", *MARGIN)
_c("kalman_total", F, "points of both teams that the Kalman filter expects", "points", 0, 500)
_c("elo_home_win_prob", F, "probability of a home win, by Elo with the home edge", *PROB)
_c("home_margin", N, "home_pts - away_pts (label)", *MARGIN, null=True)
_c("total_points", N, "home_pts + away_pts (label)", "points", 0, 500, null=True)

# --- minutes model ----------------------------------------------------------------------------------------------------
_c("play_prob", F, "probability that the player plays", *PROB, null=True)
_c("minutes_mean", F, "expected minutes if the player plays", *MINUTES, null=True)
_group(*MINUTES, {f"minutes_p{q}": f"{q} % quantile of minutes if the player plays; never crossing" for q in (10, 50, 90)}, null=True)
_c("minutes_expected_p50", F, "minutes_p50 of a minutes model fitted without the game", *MINUTES, null=True)
_c("minutes_spread", F, "minutes_p90 - minutes_p10 of that model", *MINUTES, null=True)
_c("minutes_reconciled", F, "play_prob x minutes_mean, changed as little as possible (in units of each player's variance) so that the "
   "team's sum is 240; at most play_prob x 42, or x the player's own mean (up to 48) if that is higher; the sum stays below 240 if all "
   "caps together do", "min", 0, 48)
_c("model_run_id", S, "training run whose bundle predicted the row", null=True)
_c("model_window", S, "retrain window (first day of the month) of that run", null=True)
_c("model_fallback", B, "true if the month of the game has no model and an earlier one was used")

# --- box projections and worlds ---------------------------------------------------------------------------------------
_group("count", 0, 150, {
    f"{s}_mean": f"projected {STATS[s].words}: minutes_reconciled x rate (made shots: also x fg2_pct_mean, fg3_pct_mean or ft_pct_mean)"
    for s in BOX_COUNTS
})
_group("points", -50, 300, {
    site.column: f"projected {site.name} points without bonuses, the sum of weight x mean count" for site in SITES.values()
})
_group(*SHARE, {f"{name}_pct_mean": f"projected {text} of the game" for name, text in (("fg2", "2P%"), ("fg3", "3P%"), ("ft", "FT%"))})
_c("fell_back_on", S, "missing inputs of the projection, joined by '; ', empty if none: no lines, no starters, no list, new player "
   "(no game of this or last season), new team (last game for another team), few players: N (fewer than 9 of the team may play), model of "
   "YYYY-MM (no model of this month)")
_group("count", 0, 150, {
    f"{s}_p50": f"median of {STATS[s].words} if the player plays (second stage); null without a second stage" for s in MEDIANS
}, null=True)
_c("world", N, "number of the simulated world, from 0", "count", 0, 10_000_000)
_c("worlds", N, "number of worlds behind the row", "count", 1, 10_000_000)
_c("mean", F, "mean over worlds; worlds in which the player does not play count as 0")
_c("sd", F, "standard deviation over worlds", lo=0)
_group("", None, None, {f"p{q}": f"{q} % quantile over worlds" for q in (5, 10, 25, 50, 75, 90, 95)})

# --- games as a whole -------------------------------------------------------------------------------------------------
_c("home_win_prob", F, "probability of a home win; of worlds: their share, ties counted half", *PROB)
_c("overtime_prob", F, "share of worlds that go to overtime", *PROB)
_c("home_away_correlation", F, "correlation of both sides' points over worlds", "", -1, 1)
_c("home_cover_prob", F, "share of worlds in which the home side beats spread_home, a push counted half; null without a line",
   *PROB, null=True)
_c("over_prob", F, "share of worlds above total, a push counted half; null without a line", *PROB, null=True)
_c("at_least", N, "threshold k of the probability of at least k", "count", 1, 400)
_c("at_least_prob", F, "share of worlds with at least at_least", *PROB)
_c("other_player_id", S, "the pair's second player, or the same player")
_c("other_stat", S, "the pair's second statistic")
_c("correlation", F, "correlation over worlds; worlds in which a player does not play count as 0", "", -1, 1)
for _name, _text in {
    "margin": "home margin", "total": "total points", "home_pts": "points of the home side", "away_pts": "points of the away side",
}.items():
    for _stat in ("mean", "p10", "p50", "p90"):
        _c(f"{_name}_{_stat}", F, f"{_stat} of the {_text}", "points")
        _c(f"with_market_{_name}_{_stat}", F, f"{_name}_{_stat} with closing lines as an input; without lines the same", "points")
_c("margin_sd", F, "standard deviation of the home margin over worlds", "points", 0)
_c("total_sd", F, "standard deviation of the total points over worlds", "points", 0)
_c("with_market_home_win_prob", F, "home_win_prob with closing lines as an input; without lines the same", *PROB)

# --- points that add up (models/consistency.py) -----------------------------------------------------------------------
PLAYER_RECONCILED = tuple(f"{s}_reconciled" for s in ("pts", "fgm", "fga", "fg3m", "ftm", "fta", *(f"{key}_points" for key in SITES)))
TEAM_RECONCILED = ("margin_reconciled", "total_reconciled", "home_pts_reconciled", "away_pts_reconciled")
_group("count", -50, 300, {
    name: f"{name.removesuffix('_reconciled')}_mean, changed so that players' points sum to their team's (home_pts_reconciled, "
    "away_pts_reconciled); null if the game has no team forecast"
    for name in PLAYER_RECONCILED
}, null=True)
_group("points", None, None, {
    name: f"with_market_{name.removesuffix('_reconciled')}_mean, changed so that a team's points are the sum of its players' pts_reconciled"
    for name in TEAM_RECONCILED
}, null=True)

# --- registry and evaluation ------------------------------------------------------------------------------------------
_c("run_id", S, "id of the training run: model, recipe, feature set, window, fingerprint of data, settings and code")
_c("model", S, "name of the model, such as minutes_v1")
_c("recipe", S, "training recipe: plain is the baseline")
_c("feature_set", S, "stage0 (no tracking) or stage2 (with tracking); all for minutes")
_c("window", D, "retrain window: first day of the month in which the run is used; the run has seen nothing from that day on")
for _name in ("train", "cal", "val"):
    _c(f"{_name}_start", D, f"first day of the {_name} rows", null=True)
    _c(f"{_name}_end", D, f"last day of the {_name} rows", null=True)
_c("rows_train", N, "training rows of the fit before the final one", "count", 0)
_c("rows_final", N, "rows of the final fit", "count", 0)
_c("metric", S, "name of the metric")
_c("metric_cal", F, "selection metric on the calibration rows", null=True)
_c("metric_val", F, "selection metric on the validation rows", null=True)
_c("run_status", S, "candidate, production or retired", allowed=("candidate", "production", "retired"))
_c("why", S, "reason of the run's status, with the figures")
_c("data_fingerprint", S, "hash of the training rows")
_c("code_version", S, "version of the code that trained the run")
_c("target", S, "predicted quantity")
_c("segment", S, "rows measured: all, or a named subset")
_c("predictor", S, "model or baseline measured")
_c("value", F, "value of the metric")
_c("value_low", F, "lower end of the value's 95 % interval (bootstrap by game); null if none is computed", null=True)
_c("value_high", F, "upper end of the value's 95 % interval", null=True)
_c("rows", N, "rows behind the value", "count", 0)
_c("rows_missing", N, "outcome rows without a prediction, excluded from the value", "count", 0)
_c("kind", S, "kind of the calibration row", allowed=("slope", "rate_slope", "decile", "reliability", "band"))
_c("bin", S, "bin of the predictions, from low to high, or part of the band; all for a slope")
_c("bin_low", F, "lowest prediction of the bin", null=True)
_c("bin_high", F, "highest prediction of the bin", null=True)
_c("predicted", F, "mean prediction of the rows; for a band the nominal share")
_c("actual", F, "mean outcome of the rows; for a band the observed share")
_c("slope", F, "b of the Poisson regression count ~ exp(a + b log(expected)); 1 is right, below 1 predictions spread too far", null=True)
_c("slope_se", F, "standard error of slope, from the scatter of whole games", null=True)
_c("feature_group", S, "group of features that the fit left out, from models/feature_groups.py")
_c("value_without", F, "value of the metric without the group")
_c("loss_pct", F, "100 x (value_without / value - 1): loss of accuracy without the group, in %", "%")
_c("features_dropped", N, "number of columns that the fit left out", "count", 0)

# --- quarantine -------------------------------------------------------------------------------------------------------
_c("row_key", S, "key of the quarantined row, as JSON")
_c("row_json", S, "the quarantined row, as JSON")

# --- exports ----------------------------------------------------------------------------------------------------------
_c("path", S, "path of the file relative to the lake's exports folder")
_c("format", S, "csv, json, parquet, html or png; schemas and the manifest are json", allowed=("csv", "json", "parquet", "html", "png"))
_c("bytes", N, "size of the file", "byte", 0)
_c("opponent_abbreviation", S, "the league's three-letter abbreviation of the opponent")
_group("", None, None, {
    f"{s}_world_p{q}": f"{q} % quantile of {STATS[s].words} over the game's worlds; null if the game was not simulated"
    for s in EXPORTED
    for q in (10, 50, 90)
}, null=True)
_group("count", 0, 200, {f"season_{s}_per_game": f"season_{s}_per_min x season_mpg" for s in FORM_RATES}, null=True)
_group("per_36", 0, 2200, {f"season_{s}_per_36": f"36 x season_{s}_per_min" for s in FORM_RATES}, null=True)
_c("season_3pa_share", F, "3PA / FGA of the season's form; null without a shot", *SHARE, null=True)
_c("season_fta_per_fga", F, "FTA / FGA of the season's form; null without a shot", "ratio", 0, 50, null=True)
_c("season_ts_pct", F, "true shooting of the season's form: PTS / (2 (FGA + .44 FTA)) (Kubatko et al. 2007)", "share", 0, 1.6, null=True)
_c("efg_pct_hl30", F, "effective field goal percentage of the rates at half-life 30: (2PM + 1.5 x 3PM) / FGA", "share", 0, 1.5, null=True)
# fmt: on

COLUMNS: dict[str, ColumnSpec] = {c.name: c for c in _COLUMNS}
if len(COLUMNS) != len(_COLUMNS):
    seen: set[str] = set()
    raise ValueError(f"column defined twice: {sorted(c.name for c in _COLUMNS if c.name in seen or seen.add(c.name))}")  # type: ignore[func-returns-value]
