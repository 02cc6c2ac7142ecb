"""A backfill makes again what would come out differently, and nothing else."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from rates_assets.assets.models import config_class
from rates_lib.lake import Lake
from rates_lib.models.specs import MODELS
from rates_lib.pipeline import freshness
from rates_lib.pipeline.freshness import default_request, model_stamp, stale_days, stale_seasons, stamp_of
from rates_lib.pipeline.lineage import FORM_TABLES, TRAINING_TABLES
from rates_lib.pipeline.transform import BUILD_ORDER
from tests.integration.conftest import QUICK_MINUTES, SEASONS, Chain

HISTORY = (*BUILD_ORDER, *FORM_TABLES)
OCTOBER = date(2024, 10, 1)


@pytest.fixture
def lake(chain: Chain, tmp_path: Path) -> Lake:
    copy = Lake(tmp_path / "lake")
    shutil.copytree(chain.lake.root, copy.root, copy_function=shutil.copyfile)
    return copy


def land_again(lake: Lake, dataset: str, season: int) -> None:
    """A new version of a landed file, with one row less."""
    (file,) = [file for file in lake.landed_files(dataset) if file.period == str(season)]
    pl.read_parquet(file.path)[:-1].write_parquet(lake.landing_path(file.provider, dataset, season, file.version + 1))


def test_a_copied_lake_is_fresh(lake: Lake) -> None:
    assert stale_seasons(lake, HISTORY, SEASONS) == []
    assert stale_seasons(lake, TRAINING_TABLES, SEASONS) == []


def test_a_new_file_makes_its_season_stale_and_those_that_are_made_from_it(lake: Lake) -> None:
    land_again(lake, "odds_quotes", 2024)
    assert stale_seasons(lake, HISTORY, SEASONS) == [2024]
    land_again(lake, "leaguegamelog_player", 2023)
    assert stale_seasons(lake, HISTORY, SEASONS) == [2023, 2024]
    assert stale_seasons(lake, BUILD_ORDER, [2022]) == []


def test_what_is_lost_or_changed_is_made_again(lake: Lake) -> None:
    lake.drop_partition("bronze.odds_quarantine", 2023)
    assert stale_seasons(lake, BUILD_ORDER, SEASONS) == [2023]
    lake.drop_partition("gold.rotation", 2024)
    assert stale_seasons(lake, TRAINING_TABLES, SEASONS) == [2024]


def test_other_code_makes_everything_stale(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "_code", lambda _: "another version")
    assert stale_seasons(lake, HISTORY, SEASONS) == SEASONS
    assert stale_days(lake, 2024, ["predictions"])


def test_other_code_of_training_sets_leaves_tables_and_forms_alone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    code = freshness._code
    monkeypatch.setattr(freshness, "_code", lambda parts: "another version" if "pipeline" in parts else code(parts))
    assert stale_seasons(lake, HISTORY, SEASONS) == []
    for table in TRAINING_TABLES:
        assert stale_seasons(lake, [table], SEASONS) == SEASONS, table


def test_another_model_run_makes_its_season_stale(lake: Lake) -> None:
    for path in lake.runs_root("minutes_v1").glob("minutes_v1-*-2024-10-*"):
        meta = json.loads((path / "metadata.json").read_text())
        shutil.copytree(path, path.with_name(f"{path.name[:-8]}ffffffff"))
        (path.with_name(f"{path.name[:-8]}ffffffff") / "metadata.json").write_text(
            json.dumps(meta | {"run_id": f"{path.name[:-8]}ffffffff"})
        )
        (lake.runs_root("minutes_v1") / f"{path.name[:-9]}.current").write_text(f"{path.name[:-8]}ffffffff\n")
    assert stale_seasons(lake, TRAINING_TABLES, SEASONS) == [2024]


def test_a_month_is_fitted_again_if_its_rows_settings_or_runs_are_others(lake: Lake) -> None:
    spec = MODELS["minutes_v1"]
    asked = config_class(spec)(**QUICK_MINUTES).model_dump()
    assert stamp_of(lake, "minutes_v1", OCTOBER) == model_stamp(lake, spec, OCTOBER, asked)
    assert stamp_of(lake, "minutes_v1", OCTOBER) != model_stamp(lake, spec, OCTOBER, config_class(spec)().model_dump())
    rows = lake.read("silver.player_game", [2023])
    lake.write("silver.player_game", rows[:-1], 2023, {})
    assert stamp_of(lake, "minutes_v1", OCTOBER) != model_stamp(lake, spec, OCTOBER, asked)
    lake.write("silver.player_game", rows, 2023, {})
    assert stamp_of(lake, "minutes_v1", OCTOBER) == model_stamp(lake, spec, OCTOBER, asked)
    for run in lake.runs_root("minutes_v1").glob("minutes_v1-*-2024-10-*"):
        shutil.rmtree(run) if run.is_dir() else run.unlink()
    assert stamp_of(lake, "minutes_v1", OCTOBER) == ""


def test_days_are_fresh_with_the_layers_that_they_have(chain: Chain, lake: Lake) -> None:
    days = stale_days(lake, 2024, ["predictions", "sims", "exports"])
    assert date.fromisoformat(chain.day) not in days
    assert days == sorted(days)
    assert len(days) > 5


@pytest.mark.parametrize("model", MODELS)
def test_the_default_request_is_that_of_the_step(model: str) -> None:
    assert config_class(MODELS[model])().model_dump() == default_request(MODELS[model])
