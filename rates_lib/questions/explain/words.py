"""Features in words: "9.8 minutes of absent team-mates near the player's position", "opponent allows 1.06 times the assists expected".

Belongs here: one phrase per column; a column without one is described by its description. Does not belong here: which columns
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
_OVER = {
    "2": "in the last two or three games", "3": "in the last few games", "4": "in the last few games", "8": "lately",
    "10": "over some weeks", "30": "over some months", "100": "over the years",
}  # fmt: skip
_COUNT = {"3": "three", "5": "five", "10": "ten"}
_SIDES = {"team": "", "near": " near the player's position"}
_DESCRIPTION = 70  # most characters of a description


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
    """A missing value: phrases show it as a question mark."""

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
    "minutes_role_change": "{v:+.1f} minutes in tonight's role, compared with recent minutes",
    "starters_minutes_blind": "the announced five usually play {v:.0f} minutes in all",
    "last10_start_share": "started {v:.0%} of the last ten games",
    "start_share_hl8": "started {v:.0%} of the games lately",
    "started_lag1": {1: "started the last game", 0: "came off the bench in the last game"},
    "started_lag2": {1: "started the last game but one", 0: "came off the bench in the last game but one"},
    "minutes_started_hl8": "{v:.1f} minutes as a starter",
    "minutes_benched_hl8": "{v:.1f} minutes off the bench",
    "starts_weight_hl8": "based on {v:.1f} recent starts",
    "benched_weight_hl8": "based on {v:.1f} recent games off the bench",
    "regular_starters_out": "{v:.0f} regular starters out",
    "num_rotation_players_out": "{v:.0f} rotation players out",
    "team_minutes_vacated": "rotation players who are out leave {v:.0f} minutes",
    "team_usage_vacated": "rotation players who are out leave {v:.0%} of a team's plays",
    "star_scorer_out_flag": {1: "the top scorer is out", 0: "the top scorer is in"},
    "primary_ballhandler_out_flag": {1: "the top passer is out", 0: "the top passer is in"},
    "starting_center_out_flag": {1: "the first center is out", 0: "the first center is in"},
    "minutes_share": "the player's share of 240 among available team-mates: {v:.1f}",
    "minutes_share_blind": "the player's share of 240 regardless of starters: {v:.1f}",
    "minutes_rank": "number {v:.0f} of the team by minutes",
    "minutes_rank_blind": "number {v:.0f} of the team by recent minutes",
    "likely_share": "the player's share of 240 among probable players: {v:.1f}",
    "likely_share_blind": "the player's share of 240 among probable players, regardless of starters: {v:.1f}",
    "season_pace_team": "the team's pace {v:.1f}",
    "season_pace_opp": "opponent's pace {v:.1f}",
    "season_off_rating": "the team scores {v:.1f} points per 100 possessions",
    "season_def_rating": "the team allows {v:.1f} points per 100 possessions",
    "opp_def_rating": "opponent allows {v:.1f} points per 100 possessions",
    "opp_def_3pa_allowed": "opponent allows {v:.1f} three-point shots per 100 possessions",
    "opp_def_reb_rate": "opponent leaves {v:.1%} of the rebounds",
    "opp_def_ast_rate": "opponent allows an assist on {v:.0%} of baskets",
    "minutes_concentration_hl6": "concentration of minutes on few players: {v:.1f}",
    "players_used_hl6": "the coach uses {v:.1f} players a game",
    "starters_minutes_hl6": "the coach gives a starter {v:.1f} minutes",
    "days_rest": _rest,
    "days_since_last_game": "last played {v:.0f} days ago",
    "team_games_missed": _missed,
    "games_since_return": "{v:.0f} games since the return from an absence",
    "last_absence_games": "missed {v:.0f} games in the last absence",
    "status_known": {1: "on a published list", 0: "not on the injury report"},
    "play_prob": "{v:.0%} to play",
    "play_prob_prior": "{v:.0%} to play by status alone",
    "height_inches": "{v:.0f} inches tall",
    "weight_lbs": "{v:.0f} pounds",
    "age_years": "{v:.1f} years old",
    "position_index": lambda v: f"position {POSITIONS[int(v)]}",
    "home_flag": {1: "at home", 0: "away"},
    "month": lambda v: f"month {v:.0f}",
    "season_games": "{v:.0f} games this season",
    "team_season_games": "the team's game {v:.0f} + 1 of the season",
    "new_team_flag": {1: "the last game was for another team", 0: "no new team"},
    "season_touches_per_min": "{v:.2f} touches a minute",
    "season_sec_per_touch": "{v:.1f} seconds a touch",
    "season_drives_per_min": "{v:.2f} drives a minute",
    "season_passes_per_min": "{v:.2f} passes a minute",
    "minutes_expected_p50": "{v:.1f} minutes expected",
    "minutes_spread": "{v:.1f} minutes between the low and the high estimate",
    "minutes_prior": "{v:.1f} minutes lately in tonight's role",
    "minutes_prior_blind": "{v:.1f} minutes lately",
    "minutes_weight_hl10": "recent minutes based on {v:.1f} games",
    "minutes_weight_hl30": "rates based on {v:.0f} recent minutes",
    "minutes_sd_hl10": "minutes vary by {v:.1f}",
    "season_mpg": "{v:.1f} minutes a game this season",
    "season_minutes": "{v:.0f} minutes this season",
    "prev_season_mpg": "{v:.1f} minutes a game last season",
    "prev_season_games": "{v:.0f} games last season",
    "last_game_minutes": "{v:.0f} minutes in the last game",
    "last10_appearance_share": "played {v:.0%} of the team's last ten",
    "last_game_fouls": "{v:.0f} fouls in the last game",
    "last_game_margin": "the last game ended {v:+.0f}",
    "season_usage": "uses {v:.0%} of the plays",
    "style_3pa_share": "{v:.0%} of the player's shots are threes",
    "style_fta_per_fga": "{v:.2f} free throws per shot",
    "style_paint_pts_per_min": lambda v: f"{36 * v:.1f} points in the paint per 36",
    "style_paint_share": "{v:.0%} of the player's points come in the paint",
    "style_catch_shoot_share": "{v:.0%} catch-and-shoot among the player's jump shots",
    "style_catch_shoot_per_min": lambda v: f"{36 * v:.1f} catch-and-shoot shots per 36",
    "style_pull_up_per_min": lambda v: f"{36 * v:.1f} pull-up shots per 36",
    "style_drives_per_min": lambda v: f"{36 * v:.1f} drives per 36",
    "style_inside_touches_per_min": lambda v: f"{36 * v:.1f} touches in paint and post per 36",
    "matchup_fga_ratio": "opponent allows {v:.2f} times the shots of players of this style",
    "matchup_pts_ratio": "opponent allows {v:.2f} times the points of players of this style",
    "matchup_3pa_share": "{v:.0%} threes expected against this opponent",
    "matchup_fta_per_fga": "{v:.2f} free throws per shot expected against this opponent",
    "matchup_paint_pts_per_min": lambda v: f"{36 * v:.1f} points in the paint per 36 expected against this opponent",
    "matchup_paint_share": "{v:.0%} of the points expected in the paint against this opponent",
    "matchup_catch_shoot_per_min": lambda v: f"{36 * v:.1f} catch-and-shoot shots per 36, times what the opponent allows",
    "matchup_pull_up_per_min": lambda v: f"{36 * v:.1f} pull-up shots per 36, times what the opponent allows",
    "matchup_drives_fta_per_min": lambda v: f"{36 * v:.1f} drives per 36, times the free throws that the opponent allows",
    "matchup_inside_touches_per_min": lambda v: f"{36 * v:.1f} touches inside per 36, times the paint points that the opponent allows",
}

_UNKNOWN = {
    "spread_close": "no spread", "total_close": "no total", "team_itt": "no team total", "opp_itt": "no opponent's total",
    "status_known": "no published list", "days_since_last_game": "no earlier game", "team_games_missed": "new to the team",
    "minutes_started_hl8": "no known starts", "minutes_benched_hl8": "never off the bench",
    **dict.fromkeys(("is_starter", "starters_minutes_blind"), "no five announced"),
    **dict.fromkeys(("games_since_return", "last_absence_games"), "no long absence"),
    **dict.fromkeys(("prev_season_mpg", "prev_season_games"), "did not play last season"),
    **dict.fromkeys(("minutes_rank", "minutes_rank_blind"), "no rank among available team-mates"),
}  # fmt: skip
_ABOUT_MATES = {
    "mates_minutes": "available team-mates{near} usually play {v:.0f} minutes",
    "mates_minutes_blind": "available team-mates{near} usually play {v:.0f} minutes, regardless of starters",
    "absent_minutes": "{v:.1f} minutes of absent team-mates{near}",
    "fresh_absent_minutes": "{v:.1f} minutes of newly absent team-mates{near}",
    "returning_minutes": "{v:.1f} minutes of returning team-mates{near}",
    "mates_count": "{v:.1f} available team-mates{near}",
    "likely_minutes": "probable team-mates{near} usually play {v:.0f} minutes",
    "likely_minutes_blind": "probable team-mates{near} usually play {v:.0f} minutes, regardless of starters",
    "likely_count": "{v:.1f} probable team-mates{near}",
}
_PATTERNS: list[tuple[re.Pattern[str], Callable[[re.Match[str], float], str]]] = [
    (re.compile(r"(\w+)_per_min_hl(\d+)"), lambda m, v: f"{36 * v:.1f} {_WORDS[m[1]]} per 36 {_OVER[m[2]]}"),
    (re.compile(r"(\w+)_per_min_position"), lambda m, v: f"players of the position: {36 * v:.1f} {_WORDS[m[1]]} per 36"),
    (re.compile(r"season_(\w+)_per_min"), lambda m, v: f"{36 * v:.1f} {_WORDS[m[1]]} per 36 this season"),
    (re.compile(r"last(3|5|10)_(\w+)_per_min"), lambda m, v: f"{36 * v:.1f} {_WORDS[m[2]]} per 36 in the last {_COUNT[m[1]]}"),
    (re.compile(r"last(\d+)_minutes_per_game"), lambda m, v: f"{v:.1f} minutes over the last {m[1]}"),
    (re.compile(r"minutes_hl(\d+)"), lambda m, v: f"{v:.1f} minutes {_OVER[m[1]]}"),
    (re.compile(r"absent_minutes_near_hl(\d+)"), lambda m, v: f"{v:.1f} minutes of absent team-mates near the position {_OVER[m[1]]}"),
    (re.compile(r"mates_minutes_blind_team_hl(\d+)"), lambda m, v: f"{v:.0f} minutes of available team-mates {_OVER[m[1]]}"),
    (re.compile(r"mates_count_team_hl(\d+)"), lambda m, v: f"{v:.1f} available team-mates {_OVER[m[1]]}"),
    (re.compile(r"last5_minutes_(min|max|median)"), lambda m, v: f"{v:.0f} minutes in the last five games ({m[1]})"),
    (re.compile(r"minutes_lag(\d)"), lambda m, v: f"{v:.0f} minutes {m[1]} {'game' if m[1] == '1' else 'games'} ago"),
    (re.compile(r"minutes_last(\d+)d"), lambda m, v: f"{v:.0f} minutes in the last {m[1]} days"),
    (re.compile(r"games_last(\d+)d"), lambda m, v: f"{v:.0f} games in the last {m[1]} days"),
    (re.compile(r"opp_(\w+)_ratio_hl(8|30)"), lambda m, v: f"opponent allows {v:.2f} times the {_WORDS[m[1]]} expected, {_OVER[m[2]]}"),
    (re.compile(r"dvp_role_(\w+)_ratio"), lambda m, v: f"opponent allows the player's role {v:.2f} times the {_WORDS[m[1]]} expected"),
    (re.compile(r"role_prob_(\w+)"), lambda m, v: f"{v:.0%} {ROLE_WORDS[m[1]]}"),
    (re.compile(r"dvp_(\w+)_ratio"), lambda m, v: f"opponent allows the player's position {v:.2f} times the {_WORDS[m[1]]} expected"),
    (re.compile(r"own_(\w+)_ratio_hl8"), lambda m, v: f"the team has {v:.2f} times the {_WORDS[m[1]]} expected lately"),
    (re.compile(r"mates_(\w+)_per_min"), lambda m, v: f"team-mates have {36 * v:.1f} {_WORDS[m[1]]} per 36 each"),
    (re.compile(r"opp_(\w+)_expected"), lambda m, v: f"opponent is expected to have {v:.1f} {_WORDS[m[1]]}"),
    (re.compile(r"fresh_vacated_(\w+)"), lambda m, v: f"newly absent team-mates leave {v:.1f} {_WORDS[m[1]]}"),
    (re.compile(r"vacated_(\w+)"), lambda m, v: f"absent team-mates leave {v:.1f} {_WORDS[m[1]]}"),
    (re.compile(r"absent_minutes_(PG|SG|SF|PF|C)"), lambda m, v: f"{v:.1f} minutes of absent {m[1]}"),
    (re.compile(r"position_flags_(\w+)"), lambda m, v: f"{'plays' if v else 'does not play'} {m[1]}"),
    (re.compile(r"over_share(?:_blind)?_hl(\d+)"), lambda m, v: f"{v:+.1f} minutes compared with the share of 240, {_OVER[m[1]]}"),
    (re.compile(r"(fg2_pct|fg3_pct|ft_pct)_prior"), lambda m, v: f"{PERCENTAGE_LABELS[m[1]]} {v:.1%} so far, shrunk to the league's"),
    (
        re.compile(rf"({'|'.join(sorted(_ABOUT_MATES, key=len, reverse=True))})_(team|near)"),
        lambda m, v: _ABOUT_MATES[m[1]].format(v=v, near=_SIDES[m[2]]),
    ),
]


def in_words(column: str, value: float | None) -> str:
    """A feature and its value in words; a question mark, or a phrase of its own, for a missing value."""
    if value is None:
        if column in _UNKNOWN:
            return _UNKNOWN[column]
        value = _Unknown()
    phrase = _PHRASES.get(column)
    if isinstance(phrase, str):
        return phrase.format(v=value)
    if phrase is not None and not isinstance(value, _Unknown):
        return phrase(value) if callable(phrase) else phrase.get(int(value), f"{_about(column)} {value:.4g}")
    for pattern, worded in () if phrase else _PATTERNS:
        if match := pattern.fullmatch(column):
            return worded(match, value)
    return f"{_about(column)} {value:.4g}"


def _about(column: str) -> str:
    """The first clause of a column's description, shortened; the name of a column without one."""
    spec = COLUMNS.get(column)
    if spec is None:
        return column.replace("_", " ")
    clause = re.split(r"[:;(,]", spec.description, maxsplit=1)[0].strip()
    return clause if len(clause) <= _DESCRIPTION else clause[:_DESCRIPTION].rsplit(" ", 1)[0] + " …"
