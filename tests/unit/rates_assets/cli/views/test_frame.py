"""Any frame: side by side if it fits, else a value a line; no digit before the point is lost."""

import math

import polars as pl
import pytest
from rich.console import Console

from rates_assets.cli.views.frame import number, print_frame
from tests.unit.rates_assets.cli.views.screen import lines_of


@pytest.mark.parametrize(
    ("value", "text"),
    [(240.0123, "240.01"), (1234567.0, "1234567.0"), (9999.96, "10000"), (123456.78, "123456.8"), (0.000123456, "0.00012346"),
     (-0.5, "-0.5"), (math.inf, "inf"), (math.nan, "nan")],
)  # fmt: skip
def test_floats(value: float, text: str) -> None:
    assert number(value) == text


def test_a_narrow_frame_is_a_table() -> None:
    frame = pl.DataFrame({"season": [2023, 2024], "mean": [1234567.0, 0.25], "why": ["two\nlines", None]})
    assert lines_of(lambda console: print_frame(console, frame, 1), 80) == [
        "season      mean why",
        "  2023 1234567.0 two lines",
        "2 rows, first 1 shown: --limit for more",
    ]


def test_a_wide_row_is_shown_vertically_and_whole() -> None:
    frame = pl.DataFrame({f"column_{i}": [i * 1000.5, None] for i in range(30)} | {"text": ["x" * 200, "y"]})
    lines = lines_of(lambda console: print_frame(console, frame, 50), 80)
    assert lines[:4] == ["row 1", "  column_0   0", "  column_1   1000.5", "  column_2   2001"]
    assert lines[31] == "  text       " + "x" * 200
    assert lines[32] == "row 2"
    assert lines[-1] == "2 rows"
    assert [line for line in lines if not line.strip()] == []


def test_an_empty_frame() -> None:
    def show(console: Console) -> None:
        print_frame(console, pl.DataFrame({"a": []}), 50)

    assert lines_of(show, 80) == ["a", "0 rows"]
