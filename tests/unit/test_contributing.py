"""The examples of CONTRIBUTING.md, executed as they are printed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.core import stats
from rates_lib.core.errors import RatesError
from rates_lib.features import player_form
from rates_lib.features.history import History
from rates_lib.schemas import columns
from rates_lib.schemas.columns import ColumnSpec
from rates_lib.sources.contract import Request
from tests.frames.examples import run, run_expression
from tests.frames.histories import poisoned, random_history

HISTORY = random_history()
DAYS = HISTORY.game["game_date"].unique().sort().to_list()


def form(history: History, day: date) -> pl.DataFrame:
    made = run("feature")
    rows = player_form.build(history, HISTORY.game.filter(pl.col("game_date") == day))
    return made["add_assist_form"](rows, history).select("game_id", "player_id", made["FEATURE"])


@pytest.mark.parametrize("day", [DAYS[4], DAYS[16], DAYS[-1]])
def test_the_feature_sees_only_the_past(day: date) -> None:
    known = form(HISTORY.before(day), day)
    whole = form(HISTORY, day).join(known, on=["game_id", "player_id"], how="semi", maintain_order="left")
    assert known["last5_ast_per_min"].count() > 0
    assert_frame_equal(whole, known, check_exact=True)
    spoilt = form(poisoned(HISTORY, day), day).join(known, on=["game_id", "player_id"], how="semi", maintain_order="left")
    assert_frame_equal(spoilt, known, check_exact=True)


def test_the_feature_is_what_its_description_says() -> None:
    day = DAYS[-1]
    past = HISTORY.appearances().filter(pl.col("game_date") < day).sort("game_date", "game_id")
    last = past.group_by("player_id", maintain_order=True).tail(5)
    by_hand = last.group_by("player_id").agg((60 * pl.col("ast").sum() / pl.col("seconds").sum()).alias("by_hand"))
    rows = form(HISTORY, day).join(by_hand, on="player_id", how="left", maintain_order="left")
    assert rows["last5_ast_per_min"].to_list() == pytest.approx(rows["by_hand"].to_list(), nan_ok=True)


def test_the_column_of_the_feature_holds_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    defined: list[ColumnSpec] = []
    monkeypatch.setattr(columns, "_COLUMNS", defined)
    run_expression("column", vars(columns))
    (spec,) = defined
    values = form(HISTORY, DAYS[-1])[spec.name].drop_nulls()
    assert spec.nullable
    assert values.dtype == spec.dtype
    assert values.is_between(spec.lo, spec.hi).all()


def test_the_statistic_adds_up_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    row = run_expression("statistic", {"Stat": stats.Stat})
    monkeypatch.setitem(stats.STATS, row.name, row)
    box = pl.DataFrame({"stl": [2, 0], "blk": [3, 1]})
    assert box.select(stats.value_of("stocks", pl.col).alias("stocks"))["stocks"].to_list() == [5, 1]
    assert stats.value_of("stocks", lambda name: box[name].to_numpy()).tolist() == [5, 1]


def test_the_source_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(RatesError, match=r"has no \[2031\]: add e.g."):
        run("source")["SOURCE"].read(Request(tmp_path, [2031]))
