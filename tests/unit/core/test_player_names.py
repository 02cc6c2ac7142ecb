"""Finding a player by what somebody types."""

import duckdb
import pytest

from rates_lib.core.player_names import MACROS, UnknownPlayerError, find_player, matching, nearest, plain

TODAY = {"1": "Nikola Jokić", "2": "Gary Payton II", "3": "James Ennis", "4": "Jameson Curry"}
EVERYBODY = TODAY | {"5": "Gary Payton", "6": "LeBron James", "7": "Jalen Johnson", "8": "Jalen Johnson", "9": "Shai Gilgeous-Alexander"}


@pytest.mark.parametrize(
    ("text", "player_id"),
    [
        ("Nikola Jokić", "1"),
        ("nikola jokic", "1"),
        ("JOKIC", "1"),
        ("okić", "1"),
        ("gary payton", "2"),  # of the day, before another of just this name
        ("james", "3"),  # a word of a name before a part of one
        ("jameson", "4"),
        ("lebron", "6"),
        ("gilgeous alexander", "9"),
        ("8", "8"),
    ],
)
def test_a_text_that_means_one(text: str, player_id: str) -> None:
    assert find_player(text, TODAY, EVERYBODY) == player_id


def test_several_are_listed_with_their_ids() -> None:
    with pytest.raises(
        UnknownPlayerError, match=r"'jalen johnson' may be Jalen Johnson \(7\), Jalen Johnson \(8\): write more of the name"
    ):
        find_player("jalen johnson", TODAY, EVERYBODY)
    with pytest.raises(UnknownPlayerError, match="and 3 more"):
        find_player("player", {str(i): f"Player {i}" for i in range(15)}, {})


@pytest.mark.parametrize(("text", "near"), [("Lebrn James", "LeBron James"), ("jokitch", "Nikola Jokić"), ("paytn", "Gary Payton")])
def test_nobody_names_the_nearest(text: str, near: str) -> None:
    with pytest.raises(UnknownPlayerError, match=f"no player is called '{text}'.*{near}"):
        find_player(text, TODAY, EVERYBODY)


def test_nothing_means_nobody() -> None:
    for text in ("", " ", "'"):
        assert matching(text, EVERYBODY) == []
    assert nearest("zzzz", EVERYBODY) == []
    with pytest.raises(UnknownPlayerError, match="no name is near it"):
        find_player("zzzz", TODAY, EVERYBODY)


def test_plain() -> None:
    assert plain("  P.J. O'Neal-Šarić  Jr. ") == "pj oneal saric jr"


@pytest.mark.parametrize(
    ("name", "without_suffix"),
    [
        ("  P.J. O'Neal-Šarić  Jr. ", "pj oneal saric"),
        ("Shai Gilgeous-Alexander", "shai gilgeous alexander"),
        ("Gary Payton II", "gary payton"),
        ("Nikola Jokić", "nikola jokic"),
        ("Iii Jones", "iii jones"),
    ],
)
def test_the_macro_is_plain_without_a_suffix(name: str, without_suffix: str) -> None:
    con = duckdb.connect()
    for macro in MACROS:
        con.execute(f"CREATE MACRO {macro}")
    assert con.execute("SELECT plain_name(?)", [name]).fetchall() == [(without_suffix,)]
    assert plain(name).startswith(without_suffix)
