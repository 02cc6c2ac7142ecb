"""The lake that is not there, and JSON that every parser reads."""

import json
import math
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from rates_assets.cli.session import emit, open_lake, plain
from rates_lib.core.errors import RatesError


def test_numbers_that_json_lacks_are_null_and_clocks_iso(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"odds": math.inf, "rows": [{"x": math.nan, "n": np.int64(5), "f": np.float64("-inf")}], "day": date(2024, 12, 25),
             "at": datetime(2024, 12, 25, 17, tzinfo=UTC), "path": Path("a/b"), "pair": (1, True, None), 7: "key"}  # fmt: skip
    emit(True, lambda: value, print)
    printed = json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert printed == {
        "odds": None, "rows": [{"x": None, "n": 5, "f": None}], "day": "2024-12-25", "at": "2024-12-25T17:00:00+00:00", "path": "a/b",
        "pair": [1, True, None], "7": "key",
    }  # fmt: skip
    assert plain("text") == "text"


@pytest.mark.parametrize(
    ("make", "there"),
    [
        (lambda _: None, "there is no such folder"),
        (lambda root: root.mkdir(), "the folder is empty"),
        (lambda root: root.write_text(""), "it is a file"),
        (
            lambda root: [(root / f"f{i}").mkdir(parents=True) for i in range(10)],
            "the folder holds f0, f1, f2, f3, f4, f5, f6, f7 and 2 more",
        ),
    ],
)
def test_a_folder_without_a_lake_is_refused_with_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make, there: str) -> None:
    root = tmp_path / "place"
    monkeypatch.setenv("RATES_ROOT", str(root))
    make(root)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RatesError) as caught:
        open_lake()
    assert str(caught.value).startswith(f"no lake in {root} (RATES_ROOT names it; {there}): set RATES_ROOT to the lake's folder, or run")
    assert sorted(tmp_path.rglob("*")) == before


def test_without_rates_root_the_folder_lake_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RATES_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RatesError, match=r"RATES_ROOT is not set, so \./lake counts; there is no such folder"):
        open_lake()
    (tmp_path / "lake" / "landing").mkdir(parents=True)
    assert open_lake().root == tmp_path / "lake"
