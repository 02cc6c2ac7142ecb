"""Questions: the grammar, and the count against a count by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.core.odds import american
from rates_lib.core.player_names import UnknownPlayerError
from rates_lib.lake import Lake
from rates_lib.questions.conditions import read_question
from rates_lib.questions.price import price, verdict_on, wilson
from rates_lib.schemas.tables import TABLES
from tests.frames.slate import DAY, slate

GAMES = slate(1)["games"]
PLAYERS = pl.DataFrame(
    [("001", "00100", "Nikola Jokić"), ("002", "00200", "Jalen Green"), ("002", "00201", "Jeff Green")],
    ["team_id", "player_id", "player_name"],
    orient="row",
).with_columns(game_id=pl.lit("0022400000"))


@pytest.fixture(scope="module")
def con(tmp_path_factory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Five worlds: points of home's one player and of away's, who sits out in the last."""
    spec = TABLES["sims.worlds"]
    zero = dict.fromkeys(spec.columns, 0) | {"game_date": DAY, "game_id": "0022400000", "seconds": 600}
    rows = [zero | {"world": w, "player_id": "00100", "team_id": "001", "pts": p, "dreb": 10, "ast": a}
            for w, (p, a) in enumerate([(20, 9), (27, 10), (30, 4), (26, 0), (40, 12)])]  # fmt: skip
    rows += [zero | {"world": w, "player_id": "00200", "team_id": "002", "pts": p} for w, p in enumerate([21, 20, 28, 26])]
    lake = Lake(tmp_path_factory.mktemp("questions"))
    lake.write("sims.worlds", pl.DataFrame(rows, schema=spec.schema).sort(spec.key), DAY.isoformat())
    with lake.connect() as con:
        yield con


def counted(con: duckdb.DuckDBPyConnection, text: str):
    return price(con, read_question(text, PLAYERS, GAMES), DAY.isoformat())


@pytest.mark.parametrize(
    ("text", "hits", "worlds"),
    [
        ("jokic PTS >= 26.5", 3, 5),
        ("Jokić pts > 26", 3, 4),  # 26 exactly: the stake goes back
        ("jokic reb + 0", None, None),
        ("jokic pra over 45", 2, 5),
        ("Jokic double_double", 5, 5),
        ("jokic triple_double", 2, 5),
        ("BOS wins", 3, 4),  # a tie does not happen in real worlds; here it counts as a win of neither
        ("BOS -2", 2, 4),
        ("bos -1.5", 3, 5),
        ("BOS total < 47.5", 3, 5),
        ("jalen green points under 25.5 and BOS -1.5", 1, 4),  # among the worlds in which the player plays
        ("jokic pts >= 27 and jokic ast >= 10, BOS wins", 2, 5),
    ],
)
def test_counts_by_hand(con, text, hits, worlds):
    if hits is None:
        with pytest.raises(RatesError, match=r"'\+' is no comparison after 'reb'"):
            counted(con, text)
        return
    answer = counted(con, text)
    assert (round(answer.chance * answer.worlds), answer.worlds, answer.drawn) == (hits, worlds, 5)
    assert answer.low < answer.chance < answer.high or answer.chance in (0, 1)
    assert con.execute(answer.sql).fetchall() == [(hits, worlds)]  # the same from SQL


def refusal(text: str) -> str:
    with pytest.raises(RatesError) as caught:
        read_question(text, PLAYERS, GAMES)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  ", 'the question is empty: write e.g. "Jokic PTS >= 26.5 and DEN -4.5"'),
        ("jokic dunks >= 3", "in 'jokic dunks >= 3': 'dunks' is no statistic: there are minutes, pts, reb, "),
        ("jokic ponits >= 3", "'ponits' is no statistic: did you mean points?"),
        ("jokic >= 3", "in 'jokic >= 3': a statistic is missing after 'jokic': write one of minutes, pts"),
        ("jokic PTS => 26.5", "'=>' is no comparison after 'PTS': write >=, >, <=, <, =, over or under, then a number"),
        ("jokic PTS 26.5", "'26.5' is no comparison after 'PTS'"),
        ("jokic pts", "a comparison is missing after 'pts'"),
        ("jokic pts >=", "a number is missing after '>='"),
        ("jokic pts >= many", "'many' is no number after '>=': write e.g. 26.5"),
        ("jokic pts >= 26,5", "in '5': a comma joins conditions like `and`, so 5 stands alone: write decimals with a point"),
        ("jokic pts >= 26 or BOS wins", "'or' is not understood, only `and` joins conditions"),
        ("PTS >= 26", "no player is named before 'PTS'"),
        ("LAL -3", "'LAL' is no team of that day: there are BOS, NYK"),
        ("LAL wins", "'LAL' is no team of that day: there are BOS, NYK"),
        ("BOS loses", "'loses' is not understood after the team BOS: write `wins`, a spread such as -4.5, or `total < 231`"),
        ("BOS", "something is missing after the team BOS"),
        ("BOS total 231", "'231' is no comparison after 'total'"),
        ("BOS total < high", "'high' is no number after '<'"),
        ("curry pts >= 3", "no player is called 'curry': no name is near it; only players of that day's games can be asked about"),
    ],
)
def test_an_error_names_the_word_and_what_is_allowed(text, words):
    assert words in refusal(text)
    assert len(refusal(text)) < 300


def test_an_ambiguous_name_lists_the_players():
    with pytest.raises(UnknownPlayerError, match=r"Jalen Green.*Jeff Green"):
        read_question("green pts >= 10", PLAYERS, GAMES)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("jokic pts >= 41", "never seen"),
        ("jokic ast >= 40 and jokic pts <= 0", "never seen"),  # his team-mates score
        ("jokic ast >= 40 and BOS total < 75", "impossible"),  # they score 80
        ("jokic ast >= 40 and jokic pts >= 60 and BOS total < 140", "impossible"),
        ("jokic pts < 0", "impossible"),
        ("jokic fg3m >= 10 and jokic pts < 30", "impossible"),
        ("jokic pts = 1 and jokic ftm <= 0", "impossible"),
        ("jokic pts >= 26.25 and jokic pts <= 26.75", "impossible"),
        ("jokic pf >= 7", "impossible"),
        ("jokic triple_double and jokic pra < 10", "impossible"),
        ("jokic double_double and jokic pra <= 9", "never seen"),  # of steals and blocks
        ("jokic double_double >= 2", "impossible"),
        ("jokic stl >= 15 and jalen green tov >= 15", "never seen"),
        ("jokic minutes > 53 and jokic minutes < 53.5", "never seen"),
        ("BOS wins and NYK wins", "impossible"),
        ("BOS -3 and NYK +3", "impossible"),
        ("jokic pts >= 0", "certain"),
        ("jokic pts >= 20", "always seen"),
        ("jokic double_double", "always seen"),
        ("jokic pf < 6.5 and jokic reb > -1", "certain"),
        ("BOS total > -1", "certain"),
        ("jokic pts >= 26.5", "counted"),
    ],
)
def test_impossible_certain_and_merely_unseen_are_told_apart(con, text, verdict):
    conditions = read_question(text, PLAYERS, GAMES)
    assert verdict_on(price(con, conditions, DAY.isoformat()), conditions) == verdict


def test_no_chance_of_0_or_1_has_infinite_odds(con):
    never, always = counted(con, "jokic pts >= 41"), counted(con, "jokic pts >= 20")
    assert (never.chance, never.decimal_odds, never.american_odds) == (0, None, None)
    assert (always.chance, always.decimal_odds, always.american_odds) == (1, 1, None)
    assert never.low == 0 < never.high < 1
    assert 0 < always.low < always.high == 1
    assert never.few_worlds


def test_odds_and_intervals():
    assert (american(0.5), american(0.75), american(0.2)) == (-100, -300, 400)
    assert math.isinf(american(0))
    low, high = wilson(0, 100)
    assert low == pytest.approx(0, abs=1e-12)
    assert 0.03 < high < 0.04
    assert wilson(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
