"""Every column of the product, defined once: dtype, unit, bounds, whether it may be null, meaning and source.

Belongs here: one `ColumnSpec` per column name. Does not belong here: which table holds which column (`tables.py`), what the
landed files look like (`landing.py`). A definition that has a formula (possessions, usage, pace …) gives it here with its
source; `docs/data_dictionary.md` is made from this module.
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


# --- keys, identity, clocks -------------------------------------------------------------------------------------------
_c("season", N, "start year of the season: 2024 is 2024-25; a season runs from 12 October to 11 October", "year", 1946, 2100)
_c("game_id", S, "the league's own id of the game, ten digits")
_c("game_date", D, "date of the game in Eastern time")
_c("team_id", S, "the league's own id of the team; in a player's row the team he plays for that night")
_c("opponent_id", S, "team id of the opponent")
_c("player_id", S, "the league's own id of the player")
_c("player_name", S, "name as the source spells it", null=True)
_c("team_abbreviation", S, "three letters, the league's")
_c("home_team_id", S, "team id of the home side (at a neutral site: the side the schedule and the books list as home)")
_c("away_team_id", S, "team id of the visitors")
_c("home_team_abbreviation", S, "three letters of the home side")
_c("away_team_abbreviation", S, "three letters of the visitors")
_c("home_flag", I8, "1 if the row's team is the home side, also at a neutral site", "0/1", 0, 1)
_c("neutral_site", B, "true if neither side plays at home")
_c("game_status", S, "what became of the game", allowed=("scheduled", "final", "postponed"))
_c("tipoff_utc", T, "tip-off; noon Eastern where the source has none (then tipoff_assumed)")
_c("tipoff_assumed", B, "true if the source has no tip-off time")
_c("published_utc", T, "when the source published the row; a minute before an assumed tip-off where it does not say")
_c("published_assumed", B, "true if the source has no publication time")
_c("fetched_at_utc", T, "when the row was landed")
_c("as_of_utc", T, "instant up to which published information was used; never after tip-off")
_c("as_of", S, "open: first published; close: last at or before tip-off; latest: last published", allowed=AS_OF_LABELS)
_c("provider", S, "landing provider of the row")
_c("source", S, "dataset the row comes from")
_c("matchup", S, "as the source writes it: 'BOS vs. NYK' at home, 'NYK @ BOS' away")
_c("wl", S, "W or L", null=True, allowed=("W", "L"))
_c("reason", S, "why: an injury as the report words it, or the rule a quarantined row breaks", null=True)
_c("stat", S, "name of a count of the box score")

# --- box scores -------------------------------------------------------------------------------------------------------
_c("min", N, "minutes as the log gives them: whole", "min", 0, 400)
_c("minutes_decimal", F, "minutes with a fraction, where a source has them", "min", 0, 70, null=True)
_c("minutes", F, "minutes played: decimal where a source has them, else the log's whole minutes", "min", 0, 70)
_c(
    "minutes_source",
    S,
    "where minutes come from (decimal, log), or which minutes model a row used (walk_forward, none)",
    allowed=("decimal", "log", "walk_forward", "none"),
)
_c("seconds", N, "minutes in whole seconds, so that sums are exact", "s", 0, 30000)
_c("played", I8, "1 if the player appears in the box score", "0/1", 0, 1)
_c("starter", I8, "1 if he started, null where the source does not say", "0/1", 0, 1, null=True)
_c("start_position", S, "position he started at: G F C or PG SG SF PF C, null for the bench", null=True)
_c("position_listed", S, "position as a source lists it", null=True)
for _row in STATS.values():
    if _row.kind == "count":
        _c(_row.name, N, f"{_row.words}: {_row.formula}" if _row.formula else _row.words, "count", 0, _row.most)
_c("fg3a", N, "three-pointers attempted (the source's name; fga3 elsewhere)", "count", 0, STATS["fga3"].most)
_c("plus_minus", N, "points for minus points against while on the floor (team rows: final margin)", "points", -100, 100)
_c("pts_paint", N, "points in the paint, from live box scores", "count", 0, 120, null=True)
_c("pts_fast_break", N, "points on fast breaks, from live box scores", "count", 0, 120, null=True)
_c("overtimes", N, "overtime periods played", "count", 0, 8, null=True)
_c("home_pts", N, "points of the home side", "points", 0, 250, null=True)
_c("away_pts", N, "points of the visitors", "points", 0, 250, null=True)
_c("home_win", I8, "1 if the home side won", "0/1", 0, 1, null=True)
_c("opp_pts", N, "points of the opponent", "points", 0, 250)
_c(
    "possessions",
    F,
    "possessions, mean of both teams' FGA - OREB + TOV + .44 FTA (Kubatko et al. 2007, eq. 1): linear in the "
    "counts, so season totals follow from summed counts",
    "count",
    30,
    200,
)

# --- bios -------------------------------------------------------------------------------------------------------------
_c("height_inches", F, "height", "in", 60, 100, null=True)
_c("weight_lbs", F, "weight", "lb", 120, 400, null=True)
_c("age_years", F, "age on the day of the game, or during the season where no birth date is known", "year", 16, 50, null=True)
_c("birth_date", D, "birth date", null=True)
_c("country", S, "country", null=True)
_c("draft_year", S, "draft year or Undrafted", null=True)
_c("draft_number", S, "draft pick or Undrafted", null=True)

# --- status -----------------------------------------------------------------------------------------------------------
_c("status", S, "availability as published; active and inactive are the final list, unknown: nothing published", allowed=STATUSES)
_c(
    "starter_announced",
    I8,
    "1 if announced as a starter, 0 if the announced five are others, null if none is announced",
    "0/1",
    0,
    1,
    null=True,
)
_c(
    "availability_source",
    S,
    "active_list, injury_report, proxy (a game without any list: those who appear count as active, which flatters) or none",
    allowed=("active_list", "injury_report", "proxy", "none"),
)
_c(
    "play_prob_prior",
    F,
    "prior probability to play by status: out, inactive 0; doubtful .25; questionable .5; probable .75 (the "
    "league's own wording of its injury report); active, unknown .82 (share of listed actives who played, 2019-20 to 2022-23)",
    "prob",
    0,
    1,
)

# --- odds -------------------------------------------------------------------------------------------------------------
_c("book", S, "bookmaker, or the data set a line comes from")
_c("market", S, "spread, total, moneyline, or player_<stat>")
_c("subject_id", S, "what is priced: the game's id for team markets, the player's id for player markets")
_c("line", F, "the number: spread in the home side's view (negative: home favoured), total, player line; null: moneyline", null=True)
_c("price_home", F, "American odds of home or over", null=True)
_c("price_away", F, "American odds of away or under", null=True)
_c("spread_home", F, "spread in the home side's view, negative = home favoured", "points", -60, 60, null=True)
_c("total", F, "over/under line of the game's points", "points", 120, 300, null=True)
_c("home_itt", F, "implied points of the home side: (total - spread_home) / 2", "points", 50, 170, null=True)
_c("away_itt", F, "implied points of the visitors: (total + spread_home) / 2", "points", 50, 170, null=True)
_c("moneyline_home", F, "American odds of a home win", null=True)
_c("moneyline_away", F, "American odds of an away win", null=True)
_c(
    "home_win_prob_market",
    F,
    "home win probability without the vig: p_home / (p_home + p_away) with p from American odds (proportional method)",
    "prob",
    0,
    1,
    null=True,
)
_c("books", N, "books behind the row (the value is their median)", "count", 1, 100)

# --- peers' forecasts ---------------------------------------------------------------------------------------------------
_c("forecast", F, "what a peer forecasts of stat: its projection, a book's line, or a probability", "count", -5, 120)
_c("forecast_floor", F, "floor of the peer's projection, by its own meaning", "count", -5, 120, null=True)
_c("forecast_ceiling", F, "ceiling of the peer's projection, by its own meaning", "count", -5, 150, null=True)
_c("price_over", F, "American odds of over the line", null=True)
_c("price_under", F, "American odds of under the line", null=True)
_c("salary", N, "price of the player in the peer's contest", "USD", 0, 100_000, null=True)
_c("scored", F, "what the peer says he scored (DraftKings: with bonuses, before later corrections)", "count", -20, 150, null=True)
_c(
    "name_match",
    S,
    "how the peer's name was found: exact, normalised (lower case, ASCII, no punctuation, no suffix), alias (of "
    "sql/seeds/player_aliases.csv); none or several: it was not",
    allowed=("exact", "normalised", "alias", "none", "several"),
)

# --- others' ratings of players ---------------------------------------------------------------------------------------------
_c("rating_per_100", F, "somebody else's rating of a player, points per 100 possessions", "points", -60, 60)
_c("rating_off_per_100", F, "its offensive part", "points", -60, 60, null=True)
_c("rating_def_per_100", F, "its defensive part, positive is good", "points", -60, 60, null=True)
_c("exposure", F, "what the rating rests on, by its source's own measure (stints, possessions, minutes)", "", 0, null=True)

# --- tracking ---------------------------------------------------------------------------------------------------------
_c("grain", S, "game, or season where only totals of a season are published", allowed=("game", "season"))
_c("gp", N, "games behind the row", "count", 0, 90, null=True)
_c("minutes_tracking", F, "minutes behind the tracking counts", "min", 0, 4000)
for _name, _text in (
    ("touches", "touches"),
    ("front_ct_touches", "touches in the front court"),
    ("passes_made", "passes made"),
    ("passes_received", "passes received"),
    ("potential_ast", "passes that would be assists if the shot fell"),
    ("secondary_ast", "hockey assists"),
    ("drives", "drives"),
    ("catch_shoot_fga", "catch-and-shoot attempts"),
    ("pull_up_fga", "pull-up attempts"),
    ("paint_touches", "touches in the paint"),
    ("post_touches", "post-ups"),
    ("elbow_touches", "touches at the elbow"),
    ("oreb_chances", "offensive rebound chances"),
    ("dreb_chances", "defensive rebound chances"),
):
    _c(_name, F, _text, "count", 0, 20000, null=True)
_c("time_of_poss_seconds", F, "time of possession", "s", 0, 60000, null=True)
_c("distance_miles", F, "distance run", "mile", 0, 400, null=True)
for _name, _text in (
    ("touches_per_min", "touches / minutes_tracking"),
    ("top_per_min", "time_of_poss_seconds / 60 / minutes_tracking"),
    ("passes_per_min", "passes_made / minutes_tracking"),
    ("drives_per_min", "drives / minutes_tracking"),
):
    _c(_name, F, _text + "; null under a minute", "1/min", 0, 100, null=True)

# --- stints -----------------------------------------------------------------------------------------------------------
_c("stint", N, "number of the stint in its game, from 1 in order of time", "count", 1, 3000)
_c("home_lineup", S, "player ids of the home five, sorted, joined by |", null=True)
_c("away_lineup", S, "player ids of the away five, sorted, joined by |", null=True)
_c("start_sec", F, "game time at the start of the stint, null where the source has only possessions", "s", 0, 6000, null=True)
_c("end_sec", F, "game time at the end of the stint", "s", 0, 6000, null=True)
_c(
    "home_possessions",
    F,
    "possessions of the home side; half of both teams' where the source gives only their sum",
    "count",
    0,
    150,
    null=True,
)
_c("away_possessions", F, "possessions of the visitors", "count", 0, 150, null=True)
_c("home_pts_stint", N, "points of the home side during the stint", "points", -5, 100, null=True)
_c("away_pts_stint", N, "points of the visitors during the stint", "points", -5, 100, null=True)
_c("seconds_stint", F, "length of the stint, null where the source has only possessions", "s", 0, 3600, null=True)

# --- impact -----------------------------------------------------------------------------------------------------------
_c(
    "estimate_date",
    D,
    "date of an estimate, which rests on games strictly before it: the season's start, then the first of each later month",
)
_c("impact_off_per_100", F, "points per 100 possessions that his team scores more for him, against the mean possession", "points", -30, 30)
_c("impact_def_per_100", F, "points per 100 possessions that his team allows less for him, against the mean possession", "points", -30, 30)
_c("impact_per_100", F, "impact_off_per_100 + impact_def_per_100", "points", -40, 40)
_c("impact_se", F, "standard error of impact_per_100", "points", 0, 20)
_c("possessions_off", F, "possessions of his team behind the estimate while he was on the floor, faded with age", "count", 0)
_c("possessions_def", F, "possessions of the opponents behind the estimate while he was on the floor, faded with age", "count", 0)
_c("impact_source", S, "where most of these possessions come from", allowed=("stints", "box"))

# --- labels (north star 3.2) ------------------------------------------------------------------------------------------
_c("minutes_actual", F, "minutes played in this game (label)", "min", 0, 70)
RATE_TARGETS = ("fga2", "fga3", "fta", "ast", "tov", "oreb", "dreb", "stl", "blk")
for _name in RATE_TARGETS:
    _c(f"{_name}_per_min", F, f"{_name} / minutes_actual in this game (label)", "1/min", 0, 100)
    _c(f"{_name}_per_min_mean", F, f"predicted {_name} per minute, mean", "1/min", 0, 10)

# --- player form (as of the game's date, strictly before) ---------------------------------------------------------------
_c(
    "position_primary",
    S,
    "PG SG SF PF C as of the day: position started at most often before (three such starts at least), else the "
    "listed one split by height, else guard, forward or center starts split by height, else height alone; SF where "
    "nothing is known",
    allowed=POSITIONS,
)
for _name in POSITIONS:
    _c(
        f"position_flags_{_name}",
        I8,
        f"1 if {_name} is the primary position, was started at in a tenth of earlier starts, or is in the listed position",
        "0/1",
        0,
        1,
    )
_c("position_source", S, "what position_primary rests on; none: nothing is known", allowed=("starts", "listed", "height", "none"))
_c("season_games", N, "games played this season before this one", "count", 0, 100)
_c("season_minutes", F, "minutes played this season before this game", "min", 0, 5000)
_c("season_mpg", F, "minutes per game played this season; previous season's before the first game", "min", 0, 60, null=True)
_c(
    "season_form_source",
    S,
    "season: this season's games; previous: last season's totals, used until the first game of this one; none: a player without either",
    allowed=("season", "previous", "none"),
)
FORM_RATES = {
    "fga": "fga", "3pa": "fga3", "fta": "fta", "ast": "ast", "tov": "tov", "reb": "reb",
    "oreb": "oreb", "dreb": "dreb", "stl": "stl", "blk": "blk", "pts": "pts",
}  # fmt: skip
"""Rates of a season's form: name in columns (the north star's) and statistic."""
LAST3 = ("fga", "3pa", "fta", "ast", "tov", "reb")
"""Those that are also taken over the last three games."""
for _name, _stat_name in FORM_RATES.items():
    _text = f"{STATS[_stat_name].words} per minute"
    _before = "this season before this game; previous season's before the first game"
    _c(f"season_{_name}_per_min", F, f"{_text} {_before}", "1/min", 0, 60, null=True)
    if _name in LAST3:
        _c(f"last3_{_name}_per_min", F, f"{_text} over the last three games played", "1/min", 0, 60, null=True)
_c(
    "season_usage",
    F,
    "usage: share of the team's plays he used while on the floor, (FGA + .44 FTA + TOV) x team minutes / 5 / "
    "(minutes x team's FGA + .44 FTA + TOV), over games played this season, the previous season's before the first "
    "(Oliver 2004; without its factor 100)",
    "share",
    0,
    20,
    null=True,
)
for _n in (3, 5, 10):
    _c(f"last{_n}_minutes_per_game", F, f"minutes per game over the last {_n} games played", "min", 0, 60, null=True)
_c("last_game_minutes", F, "minutes in the last game played", "min", 0, 70, null=True)
_c("last5_minutes_min", F, "fewest minutes in the last five games played", "min", 0, 70, null=True)
_c("last5_minutes_max", F, "most minutes in the last five games played", "min", 0, 70, null=True)
_c("last5_minutes_median", F, "median minutes in the last five games played", "min", 0, 70, null=True)
_c("last10_start_share", F, "share of starts in the last ten games played for which starters are known", "share", 0, 1, null=True)
_c("last10_appearance_share", F, "games played among his team's last ten games", "share", 0, 1, null=True)
_c("days_since_last_game", N, "days since he last played, this season or before, capped at 400", "day", 1, 400, null=True)
_c("prev_season_mpg", F, "minutes per game played in the previous season", "min", 0, 60, null=True)
_c("prev_season_games", N, "games played in the previous season", "count", 0, 100, null=True)
for _name, _text, _k in (("fg2", "2P%", 100), ("fg3", "3P%", 150), ("ft", "FT%", 40)):
    _c(
        f"{_name}_pct_prior",
        F,
        f"{_text} of this and the previous season before this game, shrunk to the league's by adding {_k} "
        "attempts at the league's rate to date",
        "share",
        0,
        1,
    )
_c("is_starter", I8, "1 if announced as a starter, 0 if others are, null where no five is known", "0/1", 0, 1, null=True)
_c(
    "bench_tier",
    I8,
    "0 starter (announced; where none is known, most of his last ten games started or >= 28 minutes), 1 primary "
    "bench (last-ten minutes >= 15), 2 deep bench",
    "0/1/2",
    0,
    2,
)

# --- second generation: decayed and shrunk form (features/minutes_form.py, player_rates.py, rotation.py, allowed.py, vacated.py) ----------
_c("foreseen_flag", I8, "0 if he is here only because he appeared, which nobody could know before", "0/1", 0, 1)
_c("new_team_flag", I8, "1 if his newest appearance was for another team", "0/1", 0, 1)
for _name, _text in (("hl2", "1.5"), ("hl4", "4"), ("hl10", "10"), ("hl30", "30")):
    _c(
        f"minutes_{_name}",
        F,
        f"decayed mean of minutes, half-life {_text} games, .6 kept over a summer; overtime taken out; blow-outs and games in foul trouble "
        "count less (1 / (1 + (|margin| - 12) / 12) beyond 12 points; .8 with five fouls, .5 with six)",
        "min",
        0,
        60,
        null=True,
    )
_c("minutes_weight_hl10", F, "weight behind minutes_hl10", "games", 0, 100)
_c("minutes_sd_hl10", F, "decayed standard deviation of minutes, half-life 10 games", "min", 0, 40, null=True)
for _name, _text in (("started", "as a starter"), ("benched", "off the bench")):
    _c(f"minutes_{_name}_hl8", F, f"decayed mean of minutes {_text}, half-life 8 games", "min", 0, 60, null=True)
_c("starts_weight_hl8", F, "decayed number of starts, half-life 8 games", "games", 0, 100)
_c("benched_weight_hl8", F, "decayed number of games off the bench, half-life 8 games", "games", 0, 100)
_c("start_share_hl8", F, "decayed share of starts, half-life 8 games", "share", 0, 1, null=True)
_c(
    "minutes_prior",
    F,
    "minutes to expect in tonight's role, if he plays: decayed mean of games in that role (half-life 8), shrunk by one game to a mix of "
    "minutes_prior_blind and the role's 28 or 13; minutes_prior_blind where no five is known",
    "min",
    0,
    60,
)
_c("minutes_prior_blind", F, "mean of minutes_hl4 and minutes_hl10; 11 for who never played: knows nothing of tonight's five", "min", 0, 60)
_c("minutes_role_change", F, "minutes_prior - minutes_prior_blind", "min", -60, 60)
for _k in range(1, 5):
    _c(f"minutes_lag{_k}", F, f"minutes {_k} games played ago, overtime taken out", "min", 0, 70, null=True)
for _k in (1, 2):
    _c(f"started_lag{_k}", I8, f"1 if he started {_k} games played ago, null where unknown", "0/1", 0, 1, null=True)
_c("last_game_fouls", F, "fouls in the last game played", "count", 0, 10, null=True)
_c("last_game_margin", F, "margin of his team in the last game he played", "points", -100, 100, null=True)
for _k in (4, 7, 30):
    _c(f"minutes_last{_k}d", F, f"minutes in the {_k} days before the game", "min", 0, 1500)
    _c(f"games_last{_k}d", N, f"games played in the {_k} days before the game", "count", 0, 30)
_c(
    "team_games_missed",
    N,
    "his team's games since he last appeared for it, this season; null for who is new to it",
    "count",
    0,
    90,
    null=True,
)
_c("games_since_return", N, "games played since he came back from three or more missed games in a row", "count", 0, 3000, null=True)
_c("last_absence_games", N, "games missed then", "count", 0, 90, null=True)
EXTRA_STATS = ("pf", "fg2m", "fg3m", "ftm", "pts")
"""Counts whose rates are followed beside RATE_TARGETS."""
DVP_STATS = (*RATE_TARGETS, "fg2m", "fg3m", "pts")
"""Counts that defence by position or role is measured in."""
for _name in (*RATE_TARGETS, *EXTRA_STATS):
    for _k in (3, 10, 30, 100) if _name in RATE_TARGETS else (10, 30, 100) if _name in ("fg2m", "fg3m", "ftm") else (30,):
        _c(
            f"{_name}_per_min_hl{_k}",
            F,
            f"{_name} per minute: decayed (half-life {_k} games, .6 kept over a summer) and shrunk to the running mean of his position",
            "1/min",
            0,
            10,
        )
for _name in RATE_TARGETS:
    _c(f"{_name}_per_min_position", F, f"{_name} per minute of his position, this and the previous season to date", "1/min", 0, 10)
_c("minutes_weight_hl30", F, "decayed minutes behind the rates at half-life 30", "min", 0, 5000)
for _kind, _text in (
    ("mates_minutes", "minutes_prior of team-mates at hand"),
    ("mates_minutes_blind", "minutes_prior_blind of team-mates at hand"),
    ("absent_minutes", "minutes_prior_blind of those who are out"),
    ("fresh_absent_minutes", "the same x .5 ** (team games missed / 3)"),
    ("returning_minutes", "minutes_prior_blind x (1 - .5 ** (team games missed / 3)) of team-mates at hand"),
    ("mates_count", "number of team-mates at hand"),
):
    _c(f"{_kind}_team", F, f"sum of {_text}; each x min(1, his minutes / 12); himself left out", "min", -1e-3, 800, null=True)
    _c(f"{_kind}_near", F, "the same, weighted by nearness of position (1, .6, .3, .1, 0)", "min", -1e-3, 800, null=True)
for _name, _text in (("", "minutes_prior"), ("_blind", "minutes_prior_blind")):
    _c(
        f"minutes_share{_name}",
        F,
        f"240 x {_text} / the team's sum of it over players at hand, each x min(1, his minutes / 12), of at least 120",
        "min",
        0,
        120,
    )
    _c(f"minutes_rank{_name}", F, f"rank of {_text} among the team's players at hand, 1 = most", "rank", 1, 40, null=True)
    for _k in (3, 10):
        _c(
            f"over_share{_name}_hl{_k}",
            F,
            f"decayed mean (half-life {_k} games of this season, shrunk by one game to 0) of minutes played - minutes_share{_name}",
            "min",
            -60,
            60,
        )
for _name in ("absent_minutes_near", "mates_minutes_blind_team", "mates_count_team"):
    for _k in (3, 10):
        _c(f"{_name}_hl{_k}", F, f"decayed mean of {_name} in his games of this season, half-life {_k}", "min", -1e-3, 800, null=True)
_c("starters_minutes_blind", F, "sum of minutes_prior_blind of the announced five", "min", 0, 300, null=True)
_c("regular_starters_out", N, "players who are out, started most of their games and missed fewer than ten", "count", 0, 15)
_c("minutes_concentration_hl6", F, "sum of squared minutes per game / 240, decayed, half-life 6 games", "min", 0, 60, null=True)
_c("players_used_hl6", F, "players used per game, decayed, half-life 6 games", "count", 0, 20, null=True)
_c("starters_minutes_hl6", F, "minutes per starter, decayed, half-life 6 games", "min", 0, 60, null=True)
for _name in RATE_TARGETS:
    _c(f"vacated_{_name}", F, f"{_name} per game of those who are out: minutes_prior_blind x {_name}_per_min_hl30", "count", 0, 200)
    _c(f"fresh_vacated_{_name}", F, "the same x .5 ** (team games missed / 3)", "count", 0, 200)
for _name in POSITIONS:
    _c(f"absent_minutes_{_name}", F, f"minutes_prior_blind of those {_name} who are out", "min", 0, 400)
for _name in (*RATE_TARGETS, *EXTRA_STATS):
    for _k in (8, 30):
        _c(
            f"def_{_name}_ratio_hl{_k}",
            F,
            f"{_name} of opponents over what was expected of them (minutes x their rates), decayed, half-life {_k} games, shrunk to 1",
            "ratio",
            0.1,
            10,
        )
        _c(f"opp_{_name}_ratio_hl{_k}", F, f"def_{_name}_ratio_hl{_k} of the opponent", "ratio", 0.1, 10, null=True)
    _c(
        f"own_{_name}_ratio_hl8",
        F,
        f"{_name} of the team's players over what was expected of them, decayed, half-life 8 games",
        "ratio",
        0.1,
        10,
    )
for _name in DVP_STATS:
    _c(
        f"dvp_{_name}_ratio",
        F,
        f"{_name} allowed to the position over what was expected, decayed, half-life 25 games, shrunk to 1",
        "ratio",
        0.1,
        10,
        null=True,
    )
    _c(
        f"allowed_{_name}_per_36",
        F,
        f"{_name} per 36 minutes an average player of the position would get: its mean x the ratio",
        "per_36",
        0,
        100,
    )
for _name in RATE_TARGETS:
    _c(f"mates_{_name}_per_min", F, f"{_name} per minute expected of his team-mates, by expected minutes x rates", "1/min", 0, 5, null=True)
    _c(f"opp_{_name}_expected", F, f"{_name} expected of the opponent's players, in all", "count", 0, 300, null=True)

# --- roles, defence by position and role, play style --------------------------------------------------------------------
_c("role_minutes", F, "minutes behind the role, decayed, half-life 30 games", "min", 0, 20_000)
for _name in ROLES:
    _c(
        f"role_prob_{_name}",
        F,
        f"probability that his part is {_name}, by distance from the roles' centres; drawn to his position's mix after few minutes",
        "prob",
        0,
        1,
        null=True,
    )
    _c(f"role_dist_{_name}", F, f"root mean square distance from the centre of {_name}, in robust deviations of the league", "sd", 0, 20)
_c(
    "player_role",
    S,
    "the most probable role: helio (the offence runs through his dribble), hub (through a big man's hands), scorer, connector (passes, "
    "little usage), shooter (threes on the move), spot_up (threes and defence), utility (a bit of everything, little usage), stretch_big, "
    "finisher (rim runner and protector)",
    null=True,
    allowed=ROLES,
)
_c("role_prior", S, "the most probable role of a regular of his position: what he counts as before he has played", allowed=ROLES)
_c(
    "role_source",
    S,
    "what the role rests on: estimate (he is in gold.player_role), position (his first game is after it), none (no estimate yet)",
    allowed=("estimate", "position", "none"),
)
for _name in DVP_STATS:
    _c(
        f"dvp_{_name}_rank",
        N,
        f"rank of dvp_{_name}_ratio among the league's teams of the day, 1 = allows most; equals share the better rank",
        "rank",
        1,
        60,
    )
    _c(
        f"allowed_{_name}_per_100",
        F,
        f"{_name} per 100 possessions of the team's games an average player of the position (role) would get: allowed_{_name}_per_36 over "
        "the possessions of 36 such minutes (decayed, half-life 25 games, shrunk to the league's pace)",
        "per_100",
        0,
        150,
    )
    _c(
        f"dvp_role_{_name}_ratio",
        F,
        f"dvp_{_name}_ratio of the opponent against his role",
        "ratio",
        0.1,
        10,
        null=True,
    )
_c(
    "def_pts_paint_ratio_hl30",
    F,
    "points in the paint of opponents over what was expected of them, decayed, half-life 30 games, shrunk to 1; null before any are known",
    "ratio",
    0.1,
    10,
    null=True,
)
_c("opp_pts_paint_ratio_hl30", F, "def_pts_paint_ratio_hl30 of the opponent", "ratio", 0.1, 10, null=True)
_c("style_3pa_share", F, "3PA / FGA by his decayed, shrunk rates (half-life 30 games)", "share", 0, 1)
_c("style_fta_per_fga", F, "FTA / FGA by the same rates", "ratio", 0, 20)
_c(
    "style_paint_pts_per_min",
    F,
    "points in the paint per minute, decayed, shrunk to his position's; null before any",
    "1/min",
    0,
    3,
    null=True,
)
_c("style_paint_share", F, "style_paint_pts_per_min over his points per minute (half-life 30 games)", "share", 0, 3, null=True)
_c(
    "style_catch_shoot_share",
    F,
    "catch-and-shoot shots / (catch-and-shoot + pull-up shots), of the previous season and, where tracking is by game, of this one: the "
    "nearest thing to an assisted share, which no source has",
    "share",
    0,
    1,
    null=True,
)
_c("style_catch_shoot_per_min", F, "catch-and-shoot shots per minute, same basis", "1/min", 0, 3, null=True)
_c("style_pull_up_per_min", F, "pull-up shots per minute, same basis", "1/min", 0, 3, null=True)
_c("style_drives_per_min", F, "drives per minute, same basis", "1/min", 0, 5, null=True)
_c("style_inside_touches_per_min", F, "touches in the paint and in the post per minute, same basis", "1/min", 0, 10, null=True)
_c(
    "matchup_fga_ratio",
    F,
    "what the opponent does to shots of his mix: 3PA and 2PA ratios weighted by style_3pa_share",
    "ratio",
    0.1,
    10,
    null=True,
)
_c("matchup_3pa_share", F, "3PA / FGA to expect of him against this opponent", "share", 0, 1, null=True)
_c("matchup_fta_per_fga", F, "FTA / FGA to expect of him against this opponent", "ratio", 0, 50, null=True)
_c(
    "matchup_pts_ratio",
    F,
    "what the opponent does to points of his mix: ratios of 2PM, 3PM, FTM weighted by his points from each",
    "ratio",
    0.1,
    10,
    null=True,
)
_c("matchup_paint_pts_per_min", F, "points in the paint per minute to expect of him against this opponent", "1/min", 0, 10, null=True)
_c("matchup_paint_share", F, "style_paint_share x opp_pts_paint_ratio_hl30", "share", 0, 10, null=True)
_c("matchup_catch_shoot_per_min", F, "style_catch_shoot_per_min x opp_fga3_ratio_hl30", "1/min", 0, 10, null=True)
_c("matchup_pull_up_per_min", F, "style_pull_up_per_min x opp_fga2_ratio_hl30", "1/min", 0, 10, null=True)
_c("matchup_drives_fta_per_min", F, "style_drives_per_min x opp_fta_ratio_hl30", "1/min", 0, 10, null=True)
_c("matchup_inside_touches_per_min", F, "style_inside_touches_per_min x opp_pts_paint_ratio_hl30", "1/min", 0, 20, null=True)

# --- team form --------------------------------------------------------------------------------------------------------
_c("days_rest", N, "days off before the game, 0 = back-to-back, capped at 3; first game of a season: 3", "day", 0, 3)
_c("team_season_games", N, "games the team has played this season before this one", "count", 0, 90)
_c(
    "season_pace",
    F,
    "possessions per 48 minutes this season before this game: 48 x possessions x 5 / team minutes "
    "(previous season's before the first game)",
    "1/48 min",
    70,
    130,
    null=True,
)
_c(
    "season_off_rating",
    F,
    "points per 100 possessions this season before this game (previous season's before the first)",
    "per_100",
    60,
    170,
    null=True,
)
_c(
    "season_def_rating",
    F,
    "points allowed per 100 possessions this season before this game (previous season's before the first); the "
    "opponent's view of it is def_rating of gold.opponent_allowed",
    "per_100",
    60,
    170,
    null=True,
)
_c(
    "num_rotation_players_out",
    N,
    "rotation players who are out. Rotation: newest appearance for this team within 15 days and at least 10 minutes "
    "a game over his last ten games played. Out: status out, doubtful or inactive, or not named by a full list "
    "(active list or proxy)",
    "count",
    0,
    15,
)
_c("team_minutes_vacated", F, "sum over rotation players out of their minutes per game over the last ten games played", "min", 0, 300)
_c("team_usage_vacated", F, "sum over rotation players out of usage (last ten games) x minutes per game / 48", "share", 0, 5)
_c("star_scorer_out_flag", I8, "1 if the rotation's top scorer per game (last ten games) is out", "0/1", 0, 1)
_c("primary_ballhandler_out_flag", I8, "1 if the rotation's top passer (assists per game, last ten games) is out", "0/1", 0, 1)
_c("starting_center_out_flag", I8, "1 if the rotation's center with the most minutes per game is out", "0/1", 0, 1)

# --- opponent allowed -------------------------------------------------------------------------------------------------
_c(
    "def_rating",
    F,
    "points allowed per 100 possessions this season before this game (previous season's before the first)",
    "per_100",
    60,
    170,
    null=True,
)
_c(
    "def_3pa_allowed",
    F,
    "opponents' 3PA per 100 possessions this season before this game (previous season's before the first)",
    "per_100",
    5,
    70,
    null=True,
)
_c(
    "def_reb_rate",
    F,
    "opponents' share of all rebounds this season before this game (previous season's before the first)",
    "share",
    0.2,
    0.8,
    null=True,
)
_c(
    "def_ast_rate",
    F,
    "opponents' assists per made field goal this season before this game (previous season's before the first)",
    "share",
    0.1,
    1,
    null=True,
)

# --- context of the training base (north star 3.5) ----------------------------------------------------------------------
_c("spread_close", F, "closing spread in the row's team's view, negative = favoured", "points", -60, 60, null=True)
_c("total_close", F, "closing total", "points", 120, 300, null=True)
_c("team_itt", F, "implied points of the row's team: (total_close - spread_close) / 2", "points", 50, 170, null=True)
_c("opp_itt", F, "implied points of the opponent: (total_close + spread_close) / 2", "points", 50, 170, null=True)
_c("season_pace_team", F, "season_pace of the row's team", "1/48 min", 70, 130, null=True)
_c("season_pace_opp", F, "season_pace of the opponent", "1/48 min", 70, 130, null=True)
_c("opp_def_rating", F, "def_rating of the opponent", "per_100", 60, 170, null=True)
_c("opp_def_3pa_allowed", F, "def_3pa_allowed of the opponent", "per_100", 5, 70, null=True)
_c("opp_def_reb_rate", F, "def_reb_rate of the opponent", "share", 0.2, 0.8, null=True)
_c("opp_def_ast_rate", F, "def_ast_rate of the opponent", "share", 0.1, 1, null=True)

# --- tracking rollups -------------------------------------------------------------------------------------------------
_c(
    "season_touches_per_min",
    F,
    "touches per minute: season to date where tracking is by game (from 10 tracked minutes on), else all of the previous season",
    "1/min",
    0,
    30,
    null=True,
)
_c("season_sec_per_touch", F, "seconds of possession per touch, same basis", "s", 0, 60, null=True)
_c("season_drives_per_min", F, "drives per minute, same basis", "1/min", 0, 10, null=True)
_c("season_passes_per_min", F, "passes made per minute, same basis", "1/min", 0, 30, null=True)
_c(
    "tracking_source",
    S,
    "season_to_date (by game), previous_season (totals), or none",
    allowed=("season_to_date", "previous_season", "none"),
)


# --- strength of teams ------------------------------------------------------------------------------------------------
def _group(
    unit: str, lo: float | None, hi: float | None, columns: dict[str, str], *, null: bool = False, dtype: DType = F
) -> tuple[str, ...]:
    """Columns that share unit, bounds and type; returns their names."""
    for name, text in columns.items():
        _c(name, dtype, text, unit, lo, hi, null=null)
    return tuple(columns)


TEAM_LEAGUE = _group("points", 50, 160, {
    "league_off_rating": "points per 100 possessions of two average teams, as the Kalman filter sees the league",
    "league_pace": "possessions per 48 minutes of two average teams, as the Kalman filter sees the league",
}) + _group("points", -10, 15, {
    "league_home_edge": "points per 100 possessions of playing at home, as the Kalman filter sees the league",
})  # fmt: skip
NEUTRAL = _group("0/1", 0, 1, {"neutral_flag": "1 if the game is in nobody's own arena"}, dtype=I8)
TEAM_STRENGTH = (
    _group("0/1", 0, 1, {
        "back_to_back_flag": "1 if the team played the day before",
        "three_in_four_flag": "1 if it is the team's third game in four nights, or more",
    }, dtype=I8)
    + _group("count", 0, 10, {"schedule_games_last7d": "games of the team in the six days before, by the schedule"}, dtype=N)
    + _group("day", 0, 7, {"days_off": "days without a game before this one, at most 7; 7 before a season's first"}, dtype=N)
    + _group("km", 0, 20_100, {
        "travel_km": "great circle from the place of the game before (a season's first: from the own arena); null where a place is unknown",
    }, null=True)
    + _group("h", -12, 12, {"time_zones_crossed": "hours of that way, east positive, standard time"}, null=True)
    + _group("m", -3000, 3000, {"altitude_gain_m": "altitude of the place above the team's own arena"}, null=True)
    + _group("count", 0, 90, {
        "games_played": "games of the team this season before this one",
        "games_left": "games of a full season (82; 72 in 2020-21) less games_played",
    }, dtype=N)
    + _group("share", 0, 1, {"season_progress": "games_played of a full season's"})
    + _group("share", 0, 1, {
        "win_pct": "share of this season's games won; null before the first",
        "recent_win_pct": "the same of the last ten of this season",
    }, null=True)
    + _group("points", -150, 150, {"margin_per_game": "mean margin of this season's games; null before the first"}, null=True)
    + _group("", 1, 40, {"conference_rank": "place in the conference, halves for ties; null where its conference is unknown"}, null=True)
    + _group("games", -90, 90, {
        "wins_above_playoff_line": "games ahead of the first who is out of the places that are in for sure (six; eight before 2020-21), "
        "or, from outside, of the last who is in: negative",
        "wins_above_play_in_line": "the same of place ten (eight before 2020-21)",
    }, null=True)
    + _group("0/1", 0, 1, {
        "eliminated_flag": "1 if ten of its conference (eight before 2020-21) have more wins than the team can reach",
        "clinched_flag": "1 if fewer than six others of its conference (eight before 2020-21) can reach its wins",
        "locked_flag": "1 if it can neither be caught nor catch anybody",
    }, dtype=I8)
    + _group("Elo", 0, 3000, {"elo": "Elo rating with margin of victory, home edge and carry-over (see core/numerics/ratings.py)"})
    + _group("points", -80, 80, {
        "kalman_off": "points per 100 possessions the team scores above two average teams (Kalman filter, see core/numerics/ratings.py)",
        "kalman_def": "points per 100 possessions the team keeps its opponents below",
        "kalman_pace": "possessions per 48 minutes the team adds",
        **{
            f"{name}_over_expected_hl{h}": f"decayed {text} beyond what the filter expected before each game, half-life {h} games"
            for name, text in (("off_rating", "points per 100 scored"), ("def_rating", "points per 100 kept from opponents"),
                               ("pace", "possessions per 48"))
            for h in (6, 25)
        },
    })
    + _group("share", 0, 2, {
        f"{side}{name}_hl20": f"{whose}{text}, decayed, half-life 20 games, shrunk to the league's"
        for name, text in (
            ("efg_pct", "effective field goal percentage, (FGM + .5 3PM) / FGA"), ("fg3_pct", "three-point percentage"),
            ("ft_pct", "free-throw percentage"), ("fg3_share", "3PA / FGA"), ("ft_rate", "FTA / FGA"),
            ("tov_pct", "turnovers per FGA - OREB + TOV"), ("oreb_pct", "share of the rebounds of own misses"),
        )
        for side, whose in (("", ""), ("opp_", "opponents' "))
    }, null=True)
    + _group("", -150, 250, {
        f"usual_{name}_hl{h}": f"{text} of those who played the team's past games, {how}, decayed, half-life {h} games"
        for names, text, how in (
            (("pts", "ast", "tov", "oreb", "dreb", "stl", "blk"), "expected counts", "actual minutes x rates before each game"),
            (("impact_off", "impact_def", "impact"), "impact per 100 possessions", "summed over the five on the floor, as estimated then"),
        )
        for name in names
        for h in (8, 25)
    }, null=True)
)  # fmt: skip
"""Features of a team in gold.team_strength, as of the day before."""
LINEUP = {
    **{
        f"lineup_{s}": f"{s} of the first ten by expected minutes (made to sum to 240): minutes x decayed rates"
        for s in (*RATE_TARGETS, "fg2m", "fg3m", "ftm", "pf", "pts", "possessions")
    },
    **{
        f"lineup_{s}": f"{s} per 100 possessions of the first ten, summed over five: minutes / 48 x newest estimate"
        for s in ("impact_off", "impact_def", "impact")
    },
    "lineup_concentration": "sum of squared expected minutes / 240: how few play much",
    "lineup_experience": "decayed minutes behind the rates, by expected minutes",
    "lineup_top5_minutes": "expected minutes of the first five of 240",
    "lineup_star_pts": "most expected points of one player",
    "lineup_star_ast": "most expected assists of one player",
    "lineup_star_impact": "most of lineup_impact of one player",
    "lineup_expected_minutes": "expected minutes of all who are foreseen, before they are made to sum to 240",
}  # fmt: skip
"""Features of a team from expected minutes, and what they are; null where nobody was foreseen."""
CHANGE = {
    f"change_{s}_hl{h}": f"lineup_{s} - usual_{s}_hl{h}: who plays tonight against who stands behind the results"
    for s in ("pts", "ast", "tov", "oreb", "dreb", "stl", "blk", "impact_off", "impact_def", "impact")
    for h in (8, 25)
}  # fmt: skip
TEAM_FEATURES = (
    *TEAM_STRENGTH, *LINEUP, *CHANGE, "season_pace", "season_off_rating", "season_def_rating", "num_rotation_players_out",
    "team_minutes_vacated", "team_usage_vacated", "star_scorer_out_flag", "primary_ballhandler_out_flag", "starting_center_out_flag",
)  # fmt: skip
"""What gold.team_matchup_training holds of either side."""
for _side, _text in (("home", "home side"), ("away", "visitors"), ("diff", "home minus away")):
    for _name in TEAM_FEATURES:
        _c(f"{_side}_{_name}", F, f"{(LINEUP | CHANGE).get(_name, _name)}: {_text}", null=True)
_group("points", -200, 200, {"kalman_margin": "home margin that the Kalman filter expects"})
_group("points", 0, 500, {"kalman_total": "points of both teams that the Kalman filter expects"})
_group("prob", 0, 1, {"elo_home_win_prob": "probability that the home side wins, by Elo with the home edge"})
_group("points", -200, 200, {"home_margin": "home_pts - away_pts (label)"}, null=True, dtype=N)
_group("points", 0, 500, {"total_points": "home_pts + away_pts (label)"}, null=True, dtype=N)

# --- minutes model ----------------------------------------------------------------------------------------------------
_c("play_prob", F, "probability to play", "prob", 0, 1, null=True)
_c("minutes_mean", F, "expected minutes if he plays", "min", 0, 60, null=True)
for _q in (10, 50, 90):
    _c(f"minutes_p{_q}", F, f"{_q} % quantile of minutes if he plays; quantiles never cross", "min", 0, 60, null=True)
_c("minutes_expected_p50", F, "minutes_p50 of the minutes model that had not seen the game", "min", 0, 60, null=True)
_c("minutes_spread", F, "minutes_p90 - minutes_p10 of that model", "min", 0, 60, null=True)
_c(
    "minutes_reconciled",
    F,
    "play_prob x minutes_mean, moved as little as possible (in each player's own variance) so that the team's sum "
    "to 240; nobody above play_prob x 42, or x his own mean (48 at most) where that is higher; the sum stays below "
    "240 where all caps together do",
    "min",
    0,
    48,
)
_c("model_run_id", S, "run whose bundle made the row", null=True)
_c("model_window", S, "retrain window (first day of the month) of that run", null=True)
_c("model_fallback", B, "true if the month of the game has no model and an earlier one was used")

# --- box projections and worlds -----------------------------------------------------------------------------------------
for _name in BOX_COUNTS:
    _text = f"projected {STATS[_name].words}: minutes_reconciled x rate (x fg2_pct_mean and so on for what is made)"
    _c(f"{_name}_mean", F, _text, "count", 0, 150)
for _site in SITES.values():
    _c(_site.column, F, f"projected {_site.name} points without bonuses, the sum of weight x mean count", "points", -50, 300)
for _name, _text in (("fg2", "2P%"), ("fg3", "3P%"), ("ft", "FT%")):
    _c(f"{_name}_pct_mean", F, f"projected {_text} of the game", "share", 0, 1)
_c(
    "fell_back_on",
    S,
    "what the projection could not rest on, joined by '; ', empty if nothing: no lines, no starters, no list, new player (no game of this "
    "or last season), new team (his last game was for another), few players: N (fewer than 9 of the team may play), model of YYYY-MM (none "
    "of this month)",
)
for _name in MEDIANS:
    _text = f"median of {STATS[_name].words} if he plays (second stage); null where there is no second stage"
    _c(f"{_name}_p50", F, _text, "count", 0, 150, null=True)
_c("world", N, "number of the simulated world, from 0", "count", 0, 10_000_000)
_c("worlds", N, "number of worlds behind the row", "count", 1, 10_000_000)
_c("mean", F, "mean over worlds, all worlds in which he does not play counted as 0")
_c("sd", F, "standard deviation over worlds", lo=0)
for _q in (5, 10, 25, 50, 75, 90, 95):
    _c(f"p{_q}", F, f"{_q} % quantile over worlds")

# --- games as a whole -------------------------------------------------------------------------------------------------
_c("home_win_prob", F, "probability that the home side wins; over worlds: the share of them, ties counted half", "prob", 0, 1)
_c("overtime_prob", F, "share of worlds that go to overtime", "prob", 0, 1)
_c("home_away_correlation", F, "correlation of both sides' points over worlds", "", -1, 1)
_c(
    "home_cover_prob",
    F,
    "share of worlds the home side beats spread_home, a push counted half; null without a line",
    "prob",
    0,
    1,
    null=True,
)
_c("over_prob", F, "share of worlds above total, a push counted half; null without a line", "prob", 0, 1, null=True)
_c("at_least", N, "k of a chance of at least k", "count", 1, 400)
_c("at_least_prob", F, "share of worlds with at least so many", "prob", 0, 1)
_c("other_player_id", S, "the second player of a pair, or the same one")
_c("other_stat", S, "the second statistic of a pair")
_c("correlation", F, "correlation over worlds, all worlds in which a player does not play counted as 0", "", -1, 1)
for _name, _text in (
    ("margin", "home margin"), ("total", "total points"), ("home_pts", "points of the home side"), ("away_pts", "points of the visitors")
):  # fmt: skip
    for _stat in ("mean", "p10", "p50", "p90"):
        _c(f"{_name}_{_stat}", F, f"{_stat} of the {_text}", "points")
        _c(f"with_market_{_name}_{_stat}", F, f"{_name}_{_stat} where the closing lines count too; without lines the same", "points")
for _name, _text in (("margin", "home margin"), ("total", "total points")):
    _c(f"{_name}_sd", F, f"standard deviation of the {_text} over worlds", "points", 0)
_c("with_market_home_win_prob", F, "home_win_prob where the closing lines count too; without lines the same", "prob", 0, 1)

# --- points that add up (models/consistency.py) -----------------------------------------------------------------------------
PLAYER_RECONCILED = tuple(f"{s}_reconciled" for s in ("pts", "fgm", "fga", "fg3m", "ftm", "fta", *(f"{key}_points" for key in SITES)))
TEAM_RECONCILED = ("margin_reconciled", "total_reconciled", "home_pts_reconciled", "away_pts_reconciled")
for _name in PLAYER_RECONCILED:
    _c(
        _name,
        F,
        f"{_name.removesuffix('_reconciled')}_mean moved so that players' points sum to their team's (home_pts_reconciled, "
        "away_pts_reconciled); null where the game has no team forecast",
        "count",
        -50,
        300,
        null=True,
    )
for _name in TEAM_RECONCILED:
    _c(
        _name,
        F,
        f"with_market_{_name.removesuffix('_reconciled')}_mean moved so that points are the sums of the players' pts_reconciled",
        "points",
        null=True,
    )

# --- registry and evaluation --------------------------------------------------------------------------------------------
_c("run_id", S, "id of the training run: model, recipe, feature set, window, fingerprint of data, settings and code")
_c("model", S, "name of the model, such as minutes_v1")
_c("recipe", S, "training recipe: plain is the kept baseline")
_c("feature_set", S, "stage0 (no tracking) or stage2 (with tracking); all for minutes")
_c("window", D, "retrain window: first day of the month the run may be used in; it has seen nothing from that day on")
for _name in ("train", "cal", "val"):
    _c(f"{_name}_start", D, f"first day of the {_name} rows", null=True)
    _c(f"{_name}_end", D, f"last day of the {_name} rows", null=True)
_c("rows_train", N, "rows trained on before the final fit", "count", 0)
_c("rows_final", N, "rows of the final fit", "count", 0)
_c("metric", S, "name of the metric")
_c("metric_cal", F, "the choosing metric on the calibration rows", null=True)
_c("metric_val", F, "the choosing metric on the validation rows", null=True)
_c("run_status", S, "candidate, production or retired", allowed=("candidate", "production", "retired"))
_c("why", S, "why the run has its status, with the figures")
_c("data_fingerprint", S, "hash of the training rows")
_c("code_version", S, "version of the code that trained the run")
_c("target", S, "what is predicted")
_c("segment", S, "which rows: all, or a subset by name")
_c("predictor", S, "the model or baseline that is measured")
_c("value", F, "value of the metric")
_c("value_low", F, "lower end of the value's 95 % interval (bootstrap by game), null where none is made", null=True)
_c("value_high", F, "upper end of the value's 95 % interval", null=True)
_c("rows", N, "rows behind the value", "count", 0)
_c("rows_missing", N, "outcome rows without a prediction, left out of the value", "count", 0)
_c("kind", S, "what a row of calibration is", allowed=("slope", "rate_slope", "decile", "reliability", "band"))
_c("bin", S, "which bin of the predictions, from low to high, or which part of the band; all for a slope")
_c("bin_low", F, "lowest prediction of the bin", null=True)
_c("bin_high", F, "highest prediction of the bin", null=True)
_c("predicted", F, "mean prediction of the rows; for a band the share that should lie there")
_c("actual", F, "mean outcome of the rows; for a band the share that does")
_c(
    "slope",
    F,
    "b of the Poisson regression count ~ exp(a + b log(expected)); 1 is right, below 1 the predictions are spread too wide",
    null=True,
)
_c("slope_se", F, "standard error of slope, from the scatter of whole games", null=True)
_c("feature_group", S, "group of features that a model was fitted without, from models/feature_groups.py")
_c("value_without", F, "value of the metric without the group")
_c("loss_pct", F, "100 x (value_without / value - 1): what is lost without the group, in %", "%")
_c("features_dropped", N, "columns that the model was fitted without", "count", 0)

# --- quarantine -------------------------------------------------------------------------------------------------------
_c("row_key", S, "key of the quarantined row, as JSON")
_c("row_json", S, "the quarantined row as JSON")

# --- exports ----------------------------------------------------------------------------------------------------------
_c("path", S, "where the file lies, relative to the lake's exports folder")
_c("format", S, "csv, json, parquet, html or png; schemas and the manifest are json", allowed=("csv", "json", "parquet", "html", "png"))
_c("bytes", N, "size of the file", "byte", 0)
_c("opponent_abbreviation", S, "three letters of the opponent, the league's")
for _name in EXPORTED:
    for _q in (10, 50, 90):
        _text = f"{_q} % quantile of {STATS[_name].words} over the game's worlds; null where it was not simulated"
        _c(f"{_name}_world_p{_q}", F, _text, null=True)
for _name in FORM_RATES:
    _c(f"season_{_name}_per_game", F, f"season_{_name}_per_min x season_mpg", "count", 0, 200, null=True)
    _c(f"season_{_name}_per_36", F, f"36 x season_{_name}_per_min", "per_36", 0, 2200, null=True)
_c("season_3pa_share", F, "3PA / FGA of the season's form; null without a shot", "share", 0, 1, null=True)
_c("season_fta_per_fga", F, "FTA / FGA of the season's form; null without a shot", "ratio", 0, 50, null=True)
_c("season_ts_pct", F, "true shooting of the season's form: PTS / (2 (FGA + .44 FTA)) (Kubatko et al. 2007)", "share", 0, 1.6, null=True)
_c("efg_pct_hl30", F, "effective field goal percentage of the rates at half-life 30: (2PM + 1.5 x 3PM) / FGA", "share", 0, 1.5, null=True)

COLUMNS: dict[str, ColumnSpec] = {c.name: c for c in _COLUMNS}
if len(COLUMNS) != len(_COLUMNS):
    seen: set[str] = set()
    raise ValueError(f"column defined twice: {sorted(c.name for c in _COLUMNS if c.name in seen or seen.add(c.name))}")  # type: ignore[func-returns-value]
