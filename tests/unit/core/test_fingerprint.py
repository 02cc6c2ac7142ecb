import subprocess
import sys

import polars as pl
import pytest

from rates_lib.core.fingerprint import rows_fingerprint

FRAME = pl.DataFrame({"id": ["a", "b", None], "n": [1, None, 0], "x": [0.5, float("nan"), None]})


def test_equal_frames_have_equal_fingerprints_in_every_process():
    chunked = pl.concat([FRAME[:1], FRAME[1:]], rechunk=False)
    assert rows_fingerprint(FRAME) == rows_fingerprint(chunked)
    program = (
        "import polars as pl; from rates_lib.core.fingerprint import rows_fingerprint; "
        "print(rows_fingerprint(pl.DataFrame({'id': ['a', 'b', None], 'n': [1, None, 0], 'x': [.5, float('nan'), None]})))"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert out.strip() == rows_fingerprint(FRAME)


@pytest.mark.parametrize(
    "other",
    [
        FRAME.reverse(),
        FRAME[:2],
        FRAME.clear(),
        FRAME.rename({"x": "y"}),
        FRAME.select("n", "id", "x"),
        FRAME.with_columns(pl.col("n").cast(pl.Int8)),
        FRAME.with_columns(pl.col("n").fill_null(0)),
        FRAME.with_columns(pl.col("id").fill_null("")),
        FRAME.with_columns(pl.col("x").fill_nan(None)),
        FRAME.with_columns(pl.col("x") + 1e-16),
    ],
)
def test_other_frames_have_others(other: pl.DataFrame):
    assert rows_fingerprint(other) != rows_fingerprint(FRAME)


def test_columns_are_not_interchangeable():
    frame = pl.DataFrame({"a": [1.5, 2.5], "b": [2.5, 1.5]})
    swapped = frame.select(pl.col("b").alias("a"), pl.col("a").alias("b"))
    assert rows_fingerprint(frame) != rows_fingerprint(swapped)
