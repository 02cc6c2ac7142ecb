"""Tables that fit: numbers stay whole at any width, columns that matter least go first and are named."""

import re

import pytest
from rich.console import Console
from rich.text import Text

from rates_assets.cli.views.fitted import Column, print_fitted
from tests.unit.rates_assets.cli.views.screen import lines_of

NAMES = ["Shai Gilgeous-Alexander", "Nikola Jokić", "Nickeil Alexander-Walker"]
FIGURES = {"PTS": ["38.25", "26.50", "9.75"], "REB": ["5.05", "12.75", "3.15"], "TOV": ["2.45", "3.05", "1.00"]}


def show(console: Console) -> None:
    columns = [Column("team", ["OKC", "DEN", "ATL"], "label"), Column("player", NAMES, "name")]
    print_fitted(console, [*columns, *(Column(head, cells, rank=i) for i, (head, cells) in enumerate(FIGURES.items()))], "a title")


def test_all_is_shown_where_there_is_room() -> None:
    lines = lines_of(show, 60)
    assert lines[:3] == ["a title", "team player                     PTS   REB  TOV", "OKC  Shai Gilgeous-Alexander  38.25  5.05 2.45"]
    assert len(lines) == 5


@pytest.mark.parametrize("width", range(27, 60))
def test_every_line_fits_and_every_number_is_whole(width: int) -> None:
    lines = lines_of(show, width)
    assert max(map(len, lines[:5])) <= width
    shown = [head for head in FIGURES if head in lines[1].split()]
    for i, line in enumerate(lines[2:5]):
        assert re.findall(r"\d+\.\d+", line) == [FIGURES[head][i] for head in shown]
    left_out = ", ".join(head for head in FIGURES if head not in shown)
    assert lines[5:] == ([f"not shown at this width: {left_out}; use a wider terminal or --json"] if left_out else [])


def test_names_are_cut_before_columns_go_and_have_the_spare_width() -> None:
    assert lines_of(show, 38)[2] == "OKC  Shai Gilgeous-A… 38.25  5.05 2.45"
    assert lines_of(show, 37)[2] == "OKC  Shai Gilgeous-Alexa… 38.25  5.05"
    assert NAMES[0] in lines_of(show, 46)[2]


def test_a_terminal_narrower_than_what_is_always_shown_cuts_no_number() -> None:
    assert [line.split()[-1] for line in lines_of(show, 10)[2:5]] == FIGURES["PTS"]


def test_words_are_wrapped_and_styles_survive() -> None:
    def show(console: Console) -> None:
        print_fitted(console, [Column("n", ["1", "22"]), Column("meaning", [Text("one two three four five six", "dim"), "short"], "words")])

    assert lines_of(show, 24) == [" n meaning", " 1 one two three four", "   five six", "22 short"]


def test_a_long_heading_of_words_is_wrapped_too() -> None:
    def show(console: Console) -> None:
        print_fitted(
            console, [Column("games in somebody's own arena", ["home"], "words", room=12), Column("MAE / RMSE", ["10.584 / 13.561"])]
        )

    assert lines_of(show, 30) == ["games in            MAE / RMSE", "somebody's own", "arena", "home           10.584 / 13.561"]


def test_of_equal_ranks_the_last_goes_first() -> None:
    def show(console: Console) -> None:
        print_fitted(console, [Column(head, ["1234567"], rank=1) for head in "abc"])

    assert lines_of(show, 16)[0].split() == ["a", "b"]


def test_a_table_without_rows_has_its_heads() -> None:
    assert lines_of(lambda console: print_fitted(console, [Column("a", []), Column("b", [], "words")]), 20) == ["a b"]
