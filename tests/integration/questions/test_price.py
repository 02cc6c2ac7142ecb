"""Questions: the grammar, and the count against a count by hand."""

from __future__ import annotations

import math

import polars as pl
import pytest

from rates_lib.core.errors import RatesError
from rates_lib.core.odds import american
from rates_lib.core.player_names import UnknownPlayerError
from rates_lib.lake import Lake
from rates_lib.questions.price import price, read_question, wilson
from rates_lib.schemas.tables import TABLES
from tests.frames.slate import DAY, slate

GAMES = slate(1)["games"]
PLAYERS = pl.DataFrame(
    [("001", "00100", "Nikola Jokić"), ("002", "00200", "Jalen Green"), ("002", "00201", "Jeff Green")],
    ["team_id", "player_id", "player_name"],
    orient="row",
).with_columns(game_id=pl.lit("0022400000"))


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Lake:
    """Five worlds: points of home's one player and of away's, who sits out in the last."""
    spec = TABLES["sims.worlds"]
    zero = dict.fromkeys(spec.columns, 0) | {"game_date": DAY, "game_id": "0022400000", "seconds": 600}
    rows = [zero | {"world": w, "player_id": "00100", "team_id": "001", "pts": p, "dreb": 10, "ast": a}
            for w, (p, a) in enumerate([(20, 9), (27, 10), (30, 4), (26, 0), (40, 12)])]  # fmt: skip
    rows += [zero | {"world": w, "player_id": "00200", "team_id": "002", "pts": p} for w, p in enumerate([21, 20, 28, 26])]
    lake = Lake(tmp_path_factory.mktemp("questions"))
    lake.write("sims.worlds", pl.DataFrame(rows, schema=spec.schema).sort(spec.key), DAY.isoformat())
    return lake


def counted(lake: Lake, text: str):
    with lake.connect() as con:
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
def test_counts_by_hand(lake, text, hits, worlds):
    if hits is None:
        with pytest.raises(RatesError, match="is not a question"):
            counted(lake, text)
        return
    answer = counted(lake, text)
    assert (round(answer.chance * answer.worlds), answer.worlds, answer.drawn) == (hits, worlds, 5)
    assert answer.low < answer.chance < answer.high or answer.chance in (0, 1)
    with lake.connect() as con:  # the same from SQL
        assert con.execute(answer.sql).fetchall() == [(hits, worlds)]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("green pts >= 10", UnknownPlayerError, "Jalen Green.*Jeff Green"),
        ("LAL -3", RatesError, "BOS, NYK"),
        ("  ", RatesError, "the question is empty"),
        ("jokic dunks >= 3", RatesError, "is not a question"),
    ],
)
def test_what_cannot_be_read_says_so(lake, text, error, words):
    with pytest.raises(error, match=words):
        counted(lake, text)


def test_odds_and_intervals():
    assert (american(0.5), american(0.75), american(0.2)) == (-100, -300, 400)
    assert math.isinf(american(0))
    low, high = wilson(0, 100)
    assert low == pytest.approx(0, abs=1e-12)
    assert 0.03 < high < 0.04
    assert wilson(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
