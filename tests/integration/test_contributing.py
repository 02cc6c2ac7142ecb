"""The source and the model of CONTRIBUTING.md, landed and fitted as printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.lake import Lake
from rates_lib.models import specs
from rates_lib.models.bundle import load_bundle, save_bundle
from rates_lib.sources.contract import Request, deliver
from rates_lib.sources.landing import land, read_landed
from tests.frames.examples import run
from tests.frames.model import WINDOWS, player_game_training

WINDOW = date(2023, 12, 15)


def test_the_model_learns_from_the_past_alone_and_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = run("model")["SPEC"]
    config = spec.config(trees=replace(spec.config.trees, num_threads=1, min_data_in_leaf=50), windows=WINDOWS, max_rounds=20, patience=5)
    rows = player_game_training()
    bundle = spec.train(rows, WINDOW, config)
    assert (
        bundle.models["pf"].model_to_string()
        == spec.train(rows.filter(pl.col("game_date") < WINDOW), WINDOW, config).models["pf"].model_to_string()
    )
    monkeypatch.setitem(specs.MODELS, spec.name, spec)
    lake = Lake(tmp_path)
    folder = save_bundle(lake, bundle)
    served = specs.predict(rows, load_bundle(lake, spec.name, folder.name))
    assert served.columns == list(spec.outputs)
    assert served.height == rows.height
    assert served["pf_per_min_mean"].min() > 0
    assert_frame_equal(served, spec.predict(rows, bundle))


def test_the_source_lands_once(tmp_path: Path) -> None:
    source = run("source")["SOURCE"]
    (tmp_path / "2024.csv").write_text("player_id,position\n2544,F\n201939,G\n")
    delivery = deliver("depth_charts", source, Request(tmp_path))
    lake = Lake(tmp_path / "lake")
    now = datetime(2025, 1, 1, tzinfo=UTC)
    assert [file.dataset for file in land(lake, "depth_charts", delivery.datasets, now)] == ["positions"]
    assert land(lake, "depth_charts", delivery.datasets, now) == []
    assert read_landed(lake, "positions", 2024).select("PLAYER_ID", "POSITION").rows() == [("201939", "G"), ("2544", "F")]
