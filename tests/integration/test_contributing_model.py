"""The model of CONTRIBUTING.md, fitted as it is printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.lake import Lake
from rates_lib.models.bundle import load_bundle, save_bundle
from tests.frames.model import WINDOWS, player_game_training
from tests.unit.test_contributing import run

WINDOW = date(2023, 12, 15)


def test_the_model_learns_from_the_past_alone_and_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = pytest.importorskip("rates_lib.models.specs")
    spec = run("model", __name__="fouls")["SPEC"]
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
