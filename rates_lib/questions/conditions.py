"""Questions to the worlds: a small grammar of conditions on the games of one day.

    question   condition { "and" condition }
    condition  PLAYER STAT OP NUMBER        Jokic PTS >= 26.5 · jokic pra > 45 · Murray double_double
               TEAM wins | TEAM NUMBER      DEN wins · DEN -4.5 (gives four and a half points)
               TEAM total OP NUMBER         DEN total < 231 (both teams together)

Belongs here: parsing, and errors that name the word that was not understood. Does not belong here: the worlds' answer (`price.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, NamedTuple

import polars as pl

from rates_lib.core.errors import RatesError
from rates_lib.core.player_names import UnknownPlayerError, find_player
from rates_lib.core.stats import BY_WORD, EVENTS, STATS

Kind = Literal["player", "margin", "total"]

_OPS = {">=": ">=", ">": ">", "<=": "<=", "<": "<", "over": ">", "under": "<", "=": "="}
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_STAT = "|".join(sorted(map(re.escape, BY_WORD), key=len, reverse=True))
_OP = "|".join(re.escape(op) for op in sorted(_OPS, key=len, reverse=True))
_OF_PLAYER = re.compile(rf"(?P<subject>.+?)\s+(?P<stat>{_STAT})\s*(?P<op>{_OP})\s*(?P<number>{_NUMBER})$", re.IGNORECASE)
_EVENT = re.compile(rf"(?P<subject>.+?)\s+(?P<stat>{'|'.join(word for word, stat in BY_WORD.items() if stat in EVENTS)})$", re.IGNORECASE)
_TOTAL = re.compile(rf"(?P<subject>\w+)\s+total\s*(?P<op>{_OP})\s*(?P<number>{_NUMBER})$", re.IGNORECASE)
_WINS = re.compile(r"(?P<subject>\w+)\s+(?:wins?|ml)$", re.IGNORECASE)
_SPREAD = re.compile(rf"(?P<subject>\w+)\s+(?P<number>{_NUMBER})$", re.IGNORECASE)
_WITH_STAT = re.compile(rf"(?P<subject>.+?)\s+(?P<stat>{_STAT})(?![\w])\s*(?P<rest>.*)$", re.IGNORECASE)
_STARTS_WITH_OP = re.compile(rf"(?P<op>{_OP})(?![<>=])\s*(?P<rest>.*)$", re.IGNORECASE)
_COMPARED = re.compile(r"(?P<before>.+?)\s*(?:[<>=≥≤]+|\b(?:over|under)\b).*$", re.IGNORECASE)
_OPS_ALLOWED = ">=, >, <=, <, =, over or under"
_EXAMPLE = '"Jokic PTS >= 26.5 and DEN -4.5"'


@dataclass(frozen=True)
class Condition:
    """One condition, with ids.

    Attributes:
        text: the condition with the full name of its subject.
        game_id: of the subject's game.
        team_id: of the subject's team.
        kind: a player's statistic, a team's margin, or the total of both teams.
        subject: player id, or team id.
        stat: name of a player's statistic; "" for a team.
        op: SQL operator.
        number: to compare with.
    """

    text: str
    game_id: str
    team_id: str
    kind: Kind
    subject: str
    stat: str
    op: str
    number: float


class _Known(NamedTuple):
    """Whom conditions may be about: names by player id, (game_id, team_id) by player id, (team_id, game_id) by team abbreviation."""

    names: Mapping[str, str]
    players: Mapping[str, tuple[str, str]]
    teams: Mapping[str, tuple[str, str]]


def read_question(text: str, players: pl.DataFrame, games: pl.DataFrame) -> list[Condition]:
    """The conditions of a question about one day.

    Args:
        text: in the grammar of the module docstring, in any case.
        players: game_id, team_id, player_id, player_name of the day's candidates (sims.player_summary).
        games: game_id, home_team_id, away_team_id, home_team_abbreviation, away_team_abbreviation of the day.

    Raises:
        RatesError: if a condition cannot be parsed; names the word and what is allowed in its place.
        UnknownPlayerError: if a name fits no player of the day, or several.
    """
    parts = [part.strip() for part in re.split(r"\s+and\s+|\s*[&,]\s*", text.strip(), flags=re.IGNORECASE) if part.strip()]
    if not parts:
        raise RatesError(f"the question is empty: write e.g. {_EXAMPLE}")
    names = players.filter(pl.col("player_name").is_not_null()).select("player_id", "player_name").unique(maintain_order=True)
    teams = {}
    for row in games.iter_rows(named=True):
        for side in ("home", "away"):
            teams[row[f"{side}_team_abbreviation"].upper()] = (row[f"{side}_team_id"], row["game_id"])
    of = {player: (game, team) for player, game, team in players.select("player_id", "game_id", "team_id").iter_rows()}
    return [_condition(part, _Known(dict(names.iter_rows()), of, teams)) for part in parts]


def _condition(part: str, known: _Known) -> Condition:
    for pattern in (_TOTAL, _WINS, _SPREAD):
        if (match := pattern.match(part)) and (code := match["subject"].upper()) in known.teams:
            team, game = known.teams[code]
            number = float(match.groupdict().get("number", 0.0))
            if pattern is _TOTAL:
                op = _OPS[match["op"].lower()]
                return Condition(f"{code} game total {op} {number:g}", game, team, "total", team, "", op, number)
            text = f"{code} wins" if pattern is _WINS else f"{code} {number:+g}"
            return Condition(text, game, team, "margin", team, "", ">", 0.0 if pattern is _WINS else -number)
    match = _OF_PLAYER.match(part) or _EVENT.match(part)
    if match is None:
        raise RatesError(_mistake(part, known.teams))
    try:
        player = find_player(match["subject"], known.names, {})
    except UnknownPlayerError as error:
        raise UnknownPlayerError(f"{error}; only players of that day's games can be asked about") from error
    stat = BY_WORD[match["stat"].lower()]
    op, number = (_OPS[match["op"].lower()], float(match["number"])) if "op" in match.groupdict() else (">=", 1.0)
    shown = f"{known.names.get(player, player)} {stat}" + (f" {op} {number:g}" if "op" in match.groupdict() else "")
    game, team = known.players[player]
    return Condition(shown, game, team, "player", player, stat, op, number)


# --- what is wrong with a condition -----------------------------------------------------------------------------------


def _mistake(part: str, teams: Mapping[str, object]) -> str:
    """Which word of a condition was not understood, and what may stand in its place."""
    first, *rest = part.split(maxsplit=1)
    after = rest[0] if rest else ""
    if re.fullmatch(_NUMBER, part):
        what = f"a comma joins conditions like `and`, so {part} stands alone: write decimals with a point, 26.5"
    elif re.search(r"\sor\s", part, re.IGNORECASE):
        what = "'or' is not understood, only `and` joins conditions: price each of them on its own"
    elif first.upper() in teams:
        what = _mistake_of_team(first.upper(), after)
    elif match := _WITH_STAT.match(part):
        what = _mistake_after_stat(match["stat"], match["rest"])
    elif re.match(rf"(?:{_STAT})(?!\w)", part, re.IGNORECASE):
        what = f"no player is named before {first!r}: write e.g. {_EXAMPLE}"
    elif re.fullmatch(rf"(?:wins?|ml|total\b.*|{_NUMBER})", after, re.IGNORECASE):
        what = f"{first!r} is no team of that day: there are {', '.join(sorted(teams)) or 'none, no game is played'}"
    else:
        what = _mistake_without_stat(part)
    return f"in {part!r}: {what}"


def _mistake_without_stat(part: str) -> str:
    compared = _COMPARED.match(part)
    *subject, word = (compared["before"] if compared else part).split()
    if not subject:
        return f"a statistic is missing after {word!r}: write one of {_statistics()}"
    near = get_close_matches(word.lower(), BY_WORD, n=1)
    return f"{word!r} is no statistic: {f'did you mean {near[0]}? ' if near else ''}there are {_statistics()}"


def _mistake_of_team(code: str, rest: str) -> str:
    if total := re.match(r"total\b\s*(?P<rest>.*)$", rest, re.IGNORECASE):
        return _mistake_after_stat("total", total["rest"])
    what = f"{rest!r} is not understood" if rest else "something is missing"
    return f"{what} after the team {code}: write `wins`, a spread such as -4.5, or `total < 231`"


def _mistake_after_stat(stat: str, rest: str) -> str:
    """`rest` follows a statistic and is no comparison with a number."""
    compared = _STARTS_WITH_OP.match(rest)
    if compared is None:
        what = f"{rest.split(maxsplit=1)[0]!r} is no comparison" if rest else "a comparison is missing"
        return f"{what} after {stat!r}: write {_OPS_ALLOWED}, then a number"
    what = f"{compared['rest']!r} is no number" if compared["rest"] else "a number is missing"
    return f"{what} after {compared['op']!r}: write e.g. 26.5"


def _statistics() -> str:
    return ", ".join(STATS)
