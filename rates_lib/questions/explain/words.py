"""Features in words: "9.8 minutes of absent team-mates near his position", "opponent allows 1.06 times the assists expected".

Belongs here: one phrase for each column worth naming; any other column falls back on its description. Does not belong here: which columns
form a group (`models/feature_groups.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rates_lib.core.stats import STATS
from rates_lib.schemas.columns import COLUMNS, FORM_RATES, POSITIONS

_WORDS = {name: stat.words for name, stat in STATS.items()}
_WORDS |= {name: _WORDS[stat] for name, stat in FORM_RATES.items()} | {"pts_paint": "points in the paint"}
ROLE_WORDS = {
    "helio": "ball-dominant star", "hub": "big man the offence runs through", "scorer": "scorer", "connector": "passer of little usage",
    "shooter": "shooter on the move", "spot_up": "spot-up shooter", "utility": "utility man", "stretch_big": "stretch big",
    "finisher": "rim runner",
}  # fmt: skip
PERCENTAGE_LABELS = {"fg2_pct": "2P%", "fg3_pct": "3P%", "ft_pct": "FT%"}
_OVER = {"3": "in the last few games", "8": "lately", "10": "over some weeks", "30": "over some months", "100": "over the years"}
_SIDES = {"team": "", "near": " near his position"}
_DESCRIPTION = 70  # characters of a description that stand for a column without a phrase


def _spread(line: float) -> str:
    if line == 0:
        return "an even game by the spread"
    return f"{'favoured' if line < 0 else 'underdog'} by {abs(line):.1f}"


def _missed(games: float) -> str:
    if games == 0:
        return "played the team's last game"
    return f"missed the team's last {'game' if games == 1 else f'{games:.0f} games'}"


def _rest(days: float) -> str:
    return "back-to-back" if days == 0 else f"{days:.0f}{' or more' if days >= 3 else ''} days of rest" if days > 1 else "one day of rest"


class _Unknown(float):
    """A value that is not there: phrases show it as a question mark."""

    def __rmul__(self, other: object) -> _Unknown:
        return self

    def __format__(self, spec: str) -> str:
        return "?"


_Phrase = str | Callable[[float], str] | Mapping[int, str]

_PHRASES: dict[str, _Phrase] = {
    "spread_close": _spread,
    "total_close": "game total {v:.1f}",
    "team_itt": "team total {v:.1f}",
    "opp_itt": "opponent's total {v:.1f}",
    "is_starter": {1: "announced as a starter", 0: "not in the announced five"},
    "bench_tier": {0: "a starter", 1: "first off the bench", 2: "deep on the bench"},
    "minutes_role_change": "tonight's role is worth {v:+.1f} minutes against his recent ones",
    "starters_minutes_blind": "the announced five usually play {v:.0f} minutes in all",
    "last10_start_share": "started {v:.0%} of his last ten",
    "start_share_hl8": "started {v:.0%} of his games lately",
    "started_lag1": {1: "started his last game", 0: "came off the bench in his last game"},
    "started_lag2": {1: "started the game before his last", 0: "came off the bench in the game before his last"},
    "minutes_started_hl8": "{v:.1f} minutes when he starts",
    "minutes_benched_hl8": "{v:.1f} minutes off the bench",
    "starts_weight_hl8": "{v:.1f} recent starts behind that",
    "benched_weight_hl8": "{v:.1f} recent games off the bench behind that",
    "regular_starters_out": "{v:.0f} regular starters out",
    "num_rotation_players_out": "{v:.0f} rotation players out",
    "team_minutes_vacated": "rotation players who are out leave {v:.0f} minutes",
    "team_usage_vacated": "rotation players who are out leave {v:.0%} of a team's plays",
    "star_scorer_out_flag": {1: "the top scorer is out", 0: "the top scorer is in"},
    "primary_ballhandler_out_flag": {1: "the top passer is out", 0: "the top passer is in"},
    "starting_center_out_flag": {1: "the first center is out", 0: "the first center is in"},
    "minutes_share": "his share of 240 among team-mates at hand: {v:.1f}",
    "minutes_share_blind": "his share of 240 whoever starts: {v:.1f}",
    "minutes_rank": "number {v:.0f} of his team by minutes",
    "minutes_rank_blind": "number {v:.0f} of his team by recent minutes",
    "likely_share": "his share of 240 among who will probably play: {v:.1f}",
    "likely_share_blind": "his share of 240 among who will probably play, whoever starts: {v:.1f}",
    "absent_minutes_near_hl3": "{v:.1f} minutes of them were missing in his last few games",
    "absent_minutes_near_hl10": "{v:.1f} minutes of them were missing over some weeks",
    "mates_minutes_blind_team_hl3": "team-mates at hand in his last few games: {v:.0f} minutes",
    "mates_minutes_blind_team_hl10": "team-mates at hand over some weeks: {v:.0f} minutes",
    "mates_count_team_hl3": "{v:.1f} team-mates at hand in his last few games",
    "mates_count_team_hl10": "{v:.1f} team-mates at hand over some weeks",
    "season_pace_team": "his team's pace {v:.1f}",
    "season_pace_opp": "opponent's pace {v:.1f}",
    "season_off_rating": "his team scores {v:.1f} per 100 possessions",
    "season_def_rating": "his team allows {v:.1f} per 100 possessions",
    "opp_def_rating": "opponent allows {v:.1f} points per 100 possessions",
    "opp_def_3pa_allowed": "opponent allows {v:.1f} three-point shots per 100 possessions",
    "opp_def_reb_rate": "opponent leaves {v:.1%} of the rebounds",
    "opp_def_ast_rate": "opponent allows an assist on {v:.0%} of baskets",
    "minutes_concentration_hl6": "how much the coach leans on few players: {v:.1f}",
    "players_used_hl6": "the coach uses {v:.1f} players a game",
    "starters_minutes_hl6": "the coach gives a starter {v:.1f} minutes",
    "days_rest": _rest,
    "days_since_last_game": "last played {v:.0f} days ago",
    "team_games_missed": _missed,
    "games_since_return": "{v:.0f} games since he came back",
    "last_absence_games": "missed {v:.0f} games then",
    "status_known": {1: "named by a list", 0: "not on the injury report"},
    "play_prob": "{v:.0%} to play",
    "play_prob_prior": "{v:.0%} to play by his status alone",
    "height_inches": "{v:.0f} inches tall",
    "weight_lbs": "{v:.0f} pounds",
    "age_years": "{v:.1f} years old",
    "position_index": lambda v: f"position {POSITIONS[int(v)]}",
    "home_flag": {1: "at home", 0: "away"},
    "month": lambda v: f"month {v:.0f}",
    "season_games": "{v:.0f} games this season",
    "team_season_games": "the team's game {v:.0f} + 1 of the season",
    "new_team_flag": {1: "his last game was for another team", 0: "no new team"},
    "season_touches_per_min": "{v:.2f} touches a minute",
    "season_sec_per_touch": "{v:.1f} seconds a touch",
    "season_drives_per_min": "{v:.2f} drives a minute",
    "season_passes_per_min": "{v:.2f} passes a minute",
    "minutes_expected_p50": "{v:.1f} minutes expected",
    "minutes_spread": "{v:.1f} minutes between a short and a long night",
    "minutes_prior": "{v:.1f} minutes lately in tonight's role",
    "minutes_prior_blind": "{v:.1f} minutes lately",
    "minutes_hl2": "{v:.1f} minutes in the very last games",
    "minutes_hl4": "{v:.1f} minutes in the last few games",
    "minutes_hl10": "{v:.1f} minutes over some weeks",
    "minutes_hl30": "{v:.1f} minutes over some months",
    "minutes_weight_hl10": "{v:.1f} games behind his recent minutes",
    "minutes_weight_hl30": "{v:.0f} recent minutes behind his rates",
    "minutes_sd_hl10": "minutes go up and down by {v:.1f}",
    "season_mpg": "{v:.1f} minutes a game this season",
    "season_minutes": "{v:.0f} minutes this season",
    "prev_season_mpg": "{v:.1f} minutes a game last season",
    "prev_season_games": "{v:.0f} games last season",
    "last_game_minutes": "{v:.0f} minutes in his last game",
    "last5_minutes_min": "at least {v:.0f} minutes in the last five",
    "last5_minutes_max": "at most {v:.0f} minutes in the last five",
    "last5_minutes_median": "median {v:.0f} minutes in the last five",
    "last10_appearance_share": "played {v:.0%} of the team's last ten",
    "last_game_fouls": "{v:.0f} fouls in his last game",
    "last_game_margin": "his last game ended {v:+.0f}",
    "season_usage": "uses {v:.0%} of the plays",
    "style_3pa_share": "{v:.0%} of his shots are threes",
    "style_fta_per_fga": "{v:.2f} free throws per shot",
    "style_paint_pts_per_min": lambda v: f"{36 * v:.1f} points in the paint per 36",
    "style_paint_share": "{v:.0%} of his points come in the paint",
    "style_catch_shoot_share": "{v:.0%} catch-and-shoot among his jump shots",
    "style_catch_shoot_per_min": lambda v: f"{36 * v:.1f} catch-and-shoot shots per 36",
    "style_pull_up_per_min": lambda v: f"{36 * v:.1f} pull-up shots per 36",
    "style_drives_per_min": lambda v: f"{36 * v:.1f} drives per 36",
    "style_inside_touches_per_min": lambda v: f"{36 * v:.1f} touches in paint and post per 36",
    "matchup_fga_ratio": "opponent allows {v:.2f} times the shots of his kind",
    "matchup_pts_ratio": "opponent allows {v:.2f} times the points of his kind",
    "matchup_3pa_share": "{v:.0%} threes to expect against this opponent",
    "matchup_fta_per_fga": "{v:.2f} free throws per shot to expect against this opponent",
    "matchup_paint_pts_per_min": lambda v: f"{36 * v:.1f} points in the paint per 36 to expect against this opponent",
    "matchup_paint_share": "{v:.0%} of his points to expect in the paint against this opponent",
    "matchup_catch_shoot_per_min": lambda v: f"{36 * v:.1f} catch-and-shoot shots per 36, times what the opponent allows",
    "matchup_pull_up_per_min": lambda v: f"{36 * v:.1f} pull-up shots per 36, times what the opponent allows",
    "matchup_drives_fta_per_min": lambda v: f"{36 * v:.1f} drives per 36, times the free throws that the opponent allows",
    "matchup_inside_touches_per_min": lambda v: f"{36 * v:.1f} touches inside per 36, times the paint points that the opponent allows",
}

_UNKNOWN = {
    "is_starter": "no five announced",
    "starters_minutes_blind": "no five announced",
    "spread_close": "no spread",
    "total_close": "no total",
    "team_itt": "no team total",
    "opp_itt": "no opponent's total",
    "status_known": "nothing published",
    "days_since_last_game": "never played before",
    "team_games_missed": "new to the team",
    "games_since_return": "no long absence",
    "last_absence_games": "no long absence",
    "prev_season_mpg": "no last season",
    "prev_season_games": "no last season",
    "minutes_rank": "no rank among team-mates at hand",
    "minutes_rank_blind": "no rank among team-mates at hand",
    "minutes_started_hl8": "no starts known",
    "minutes_benched_hl8": "never off the bench",
}
_ABOUT_MATES = {
    "mates_minutes": "team-mates at hand{near} bring {v:.0f} minutes",
    "mates_minutes_blind": "team-mates at hand{near} bring {v:.0f} minutes, whoever starts",
    "absent_minutes": "{v:.1f} minutes of absent team-mates{near}",
    "fresh_absent_minutes": "{v:.1f} minutes of newly absent team-mates{near}",
    "returning_minutes": "{v:.1f} minutes of team-mates{near} who come back",
    "mates_count": "{v:.1f} team-mates at hand{near}",
    "likely_minutes": "team-mates who will probably play{near} bring {v:.0f} minutes",
    "likely_minutes_blind": "team-mates who will probably play{near} bring {v:.0f} minutes, whoever starts",
    "likely_count": "{v:.1f} team-mates will probably play{near}",
}
_PATTERNS: list[tuple[re.Pattern[str], Callable[[re.Match[str], float], str]]] = [
    (re.compile(r"(\w+)_per_min_hl(\d+)"), lambda m, v: f"{36 * v:.1f} {_WORDS[m[1]]} per 36 {_OVER[m[2]]}"),
    (re.compile(r"(\w+)_per_min_position"), lambda m, v: f"players of his position: {36 * v:.1f} {_WORDS[m[1]]} per 36"),
    (re.compile(r"season_(\w+)_per_min"), lambda m, v: f"{36 * v:.1f} {_WORDS[m[1]]} per 36 this season"),
    (re.compile(r"last3_(\w+)_per_min"), lambda m, v: f"{36 * v:.1f} {_WORDS[m[1]]} per 36 in the last three"),
    (re.compile(r"last(\d+)_minutes_per_game"), lambda m, v: f"{v:.1f} minutes over the last {m[1]}"),
    (re.compile(r"minutes_lag(\d)"), lambda m, v: f"{v:.0f} minutes {m[1]} {'game' if m[1] == '1' else 'games'} ago"),
    (re.compile(r"minutes_last(\d+)d"), lambda m, v: f"{v:.0f} minutes in the last {m[1]} days"),
    (re.compile(r"games_last(\d+)d"), lambda m, v: f"{v:.0f} games in the last {m[1]} days"),
    (re.compile(r"opp_(\w+)_ratio_hl(8|30)"), lambda m, v: f"opponent allows {v:.2f} times the {_WORDS[m[1]]} expected, {_OVER[m[2]]}"),
    (re.compile(r"dvp_role_(\w+)_ratio"), lambda m, v: f"opponent allows his role {v:.2f} times the {_WORDS[m[1]]} expected"),
    (re.compile(r"role_prob_(\w+)"), lambda m, v: f"{v:.0%} {ROLE_WORDS[m[1]]}"),
    (re.compile(r"dvp_(\w+)_ratio"), lambda m, v: f"opponent allows his position {v:.2f} times the {_WORDS[m[1]]} expected"),
    (re.compile(r"own_(\w+)_ratio_hl8"), lambda m, v: f"his team has {v:.2f} times the {_WORDS[m[1]]} expected lately"),
    (re.compile(r"mates_(\w+)_per_min"), lambda m, v: f"team-mates have {36 * v:.1f} {_WORDS[m[1]]} per 36 each"),
    (re.compile(r"opp_(\w+)_expected"), lambda m, v: f"opponent is good for {v:.1f} {_WORDS[m[1]]}"),
    (re.compile(r"fresh_vacated_(\w+)"), lambda m, v: f"newly absent team-mates leave {v:.1f} {_WORDS[m[1]]}"),
    (re.compile(r"vacated_(\w+)"), lambda m, v: f"absent team-mates leave {v:.1f} {_WORDS[m[1]]}"),
    (re.compile(r"absent_minutes_(PG|SG|SF|PF|C)"), lambda m, v: f"{v:.1f} minutes of absent {m[1]}"),
    (re.compile(r"position_flags_(\w+)"), lambda m, v: f"{'plays' if v else 'does not play'} {m[1]}"),
    (re.compile(r"over_share(?:_blind)?_hl(\d+)"), lambda m, v: f"{v:+.1f} minutes against his share of 240 {_OVER[m[1]]}"),
    (re.compile(r"(fg2_pct|fg3_pct|ft_pct)_prior"), lambda m, v: f"{PERCENTAGE_LABELS[m[1]]} {v:.1%} so far, shrunk to the league's"),
    (
        re.compile(rf"({'|'.join(sorted(_ABOUT_MATES, key=len, reverse=True))})_(team|near)"),
        lambda m, v: _ABOUT_MATES[m[1]].format(v=v, near=_SIDES[m[2]]),
    ),
]


def in_words(column: str, value: float | None) -> str:
    """A feature with its value, in words; one without a value is said to be unknown."""
    if value is None:
        if column in _UNKNOWN:
            return _UNKNOWN[column]
        value = _Unknown()
    phrase = _PHRASES.get(column)
    if isinstance(phrase, str):
        return phrase.format(v=value)
    if phrase is not None and not isinstance(value, _Unknown):
        return phrase(value) if callable(phrase) else phrase.get(int(value), f"{_about(column)} {value:.4g}")
    for pattern, say in () if phrase else _PATTERNS:
        if found := pattern.fullmatch(column):
            return say(found, value)
    return f"{_about(column)} {value:.4g}"


def _about(column: str) -> str:
    """The first clause of a column's description, shortened; its name where it has none."""
    spec = COLUMNS.get(column)
    if spec is None:
        return column.replace("_", " ")
    clause = re.split(r"[:;(,]", spec.description, maxsplit=1)[0].strip()
    return clause if len(clause) <= _DESCRIPTION else clause[:_DESCRIPTION].rsplit(" ", 1)[0] + " …"
