"""Find a player by id, name or part of a name.

Belongs here: normalising spellings, in Python and as a DuckDB macro (`MACROS`), and matching of names. Does not belong here: players of
the names in peers' files (`sql/silver/peer_forecast.sql`).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping

from rates_lib.core.errors import RatesError

_SHOWN = 12  # names in an error
_NEAREST = 5
_CUTOFF = 0.7
_DROPPED = r"[^a-z0-9\s]"  # applied to lower case without accents, hyphens as blanks
_BLANKS = r"\s+"
_SUFFIX = " (jr|sr|ii|iii|iv)$"

#: Bodies of `CREATE MACRO`: `plain_name` is `plain` without a suffix such as Jr., which not every source writes.
MACROS = (
    "plain_name(name) AS regexp_replace(trim(regexp_replace(regexp_replace("
    f"replace(lower(strip_accents(name)), '-', ' '), '{_DROPPED}', '', 'g'), '{_BLANKS}', ' ', 'g')), '{_SUFFIX}', '')",
)


class UnknownPlayerError(RatesError):
    """A text matches no player, or more than one."""


def plain(name: str) -> str:
    """`name` in lower case, without accents and punctuation: "Nikola Jokić" is "nikola jokic"."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).lower()
    return re.sub(_BLANKS, " ", re.sub(_DROPPED, "", letters.replace("-", " "))).strip()


def matching(text: str, names: Mapping[str, str]) -> list[str]:
    """Ids that match `text`, sorted: this id, else this name, else names that contain its words, else names that contain the text.

    Args:
        text: id, name or part of a name.
        names: id to name.
    """
    if text.strip() in names:
        return [text.strip()]
    wanted = plain(text)
    by_name = {player_id: plain(name) for player_id, name in names.items()}
    if not wanted:
        return []
    rules: tuple[Callable[[str], bool], ...] = (
        lambda name: name == wanted,
        lambda name: f" {wanted} " in f" {name} ",
        lambda name: wanted in name,
    )
    matches = (sorted(player_id for player_id, name in by_name.items() if fits(name)) for fits in rules)
    return next(filter(None, matches), [])


def find_player(text: str, first: Mapping[str, str], others: Mapping[str, str]) -> str:
    """Id of the one player that matches `text`.

    Args:
        text: id, name or part of a name; case, accents and punctuation are ignored.
        first: id to name of the players searched first; `others` are searched only without a match here.
        others: id to name of all other players.

    Raises:
        UnknownPlayerError: lists several matches, or the nearest names if there is none.
    """
    for names in (first, others):
        ids = matching(text, names)
        if len(ids) == 1:
            return ids[0]
        if ids:
            listed = [f"{names[player_id]} ({player_id})" for player_id in sorted(ids, key=lambda i: (names[i], i))[:_SHOWN]]
            more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
            raise UnknownPlayerError(f"{text!r} may be {', '.join(listed)}{more}: write more of the name, or the id")
    near = nearest(text, {**others, **first})
    hint = f"the nearest names are {', '.join(near)}" if near else "no name is near it"
    raise UnknownPlayerError(f"no player is called {text!r}: {hint}")


def nearest(text: str, names: Mapping[str, str]) -> list[str]:
    """Up to five names similar to `text`, or with a similar part, most similar first."""
    keys: dict[str, list[str]] = {}
    for name in dict.fromkeys(names.values()):
        for part in dict.fromkeys([plain(name), *plain(name).split()]):
            keys.setdefault(part, []).append(name)
    close = difflib.get_close_matches(plain(text), sorted(keys), n=_NEAREST, cutoff=_CUTOFF)
    return list(dict.fromkeys(name for key in close for name in sorted(keys[key])))[:_NEAREST]
