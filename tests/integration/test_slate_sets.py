"""A slate through the graph: what it may replace, and what it refuses to start from. Guards are in the steps, so the UI has them too."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from rates_assets.cli.runner import Runner
from rates_assets.cli.workflows import projected, slate
from rates_lib.core.errors import RatesError
from rates_lib.day_sets import DAY_TABLES, Stage, current_set
from rates_lib.exports.versions import LATEST
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle, load_bundle, poorer, run_metadata, save_bundle
from tests.integration.conftest import QUICK_MINUTES, Chain


@pytest.fixture
def runner(chain: Chain, tmp_path: Path) -> Iterator[Runner]:
    shutil.copytree(chain.lake.root, tmp_path / "lake")
    with dg.DagsterInstance.ephemeral() as instance:
        yield Runner(instance, Lake(tmp_path / "lake"), Console(file=io.StringIO(), width=300))


def said(runner: Runner) -> str:
    assert isinstance(runner.console.file, io.StringIO)
    return runner.console.file.getvalue()


def contents(lake: Lake, day: str) -> dict[str, bytes]:
    """All that people consume of a day, by path."""
    paths = [lake.partition_path(table, day) for table in DAY_TABLES]
    paths += [
        lake.day_set_path(day),
        *(p for root in (lake.exports_root(day), lake.slate_root(day)) for p in root.rglob("*") if p.is_file()),
    ]
    return {str(path): path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"seed": 8}, "its seed is 8, that of the current one 7"),
        ({"worlds": 1}, "it has 1 world, the current one 200"),
        ({"as_of_utc": "2024-11-05T00:00:00Z"}, "it knows less"),
    ],
    ids=["another seed", "fewer worlds", "an earlier instant"],
)
def test_an_experiment_is_printed_and_leaves_everything_as_it_was(
    chain: Chain, runner: Runner, options: dict[str, str | int], why: str
) -> None:
    before = contents(runner.lake, chain.day)
    report = slate(runner, date.fromisoformat(chain.day), **options)  # type: ignore[arg-type]
    assert any(why in warning for warning in report.warnings)
    assert why in said(runner)
    with projected(runner, date.fromisoformat(chain.day), report) as lake:
        worlds = lake.read("sims.game_summary", [chain.day])
        assert worlds.height > 0
        assert not worlds.equals(runner.lake.read("sims.game_summary", [chain.day]))
        assert lake.read("exports.files", [chain.day]).is_empty()
    assert contents(runner.lake, chain.day) == before
    assert not any(runner.lake.staging_root.iterdir())


def test_on_purpose_a_lesser_slate_replaces_all_of_the_day(chain: Chain, runner: Runner) -> None:
    report = slate(runner, date.fromisoformat(chain.day), worlds=50, seed=8, as_of_utc="2024-11-05T00:00:00Z", replace=True)
    assert not any("experiment" in warning for warning in report.warnings)
    now = current_set(runner.lake, chain.day).settings
    assert (now.worlds, now.seed) == (50, 8)
    latest = json.loads((runner.lake.exports_root(chain.day) / LATEST).read_text())
    assert latest["as_of_utc"] == now.as_of_utc.replace("+00:00", "Z") == "2024-11-05T00:00:00Z"
    slate(runner, date.fromisoformat(chain.day))  # knows more, and keeps what was chosen
    now = current_set(runner.lake, chain.day).settings
    assert (now.worlds, now.seed) == (50, 8)
    assert now.as_of_utc > "2024-11-05"


def test_an_instant_before_anything_is_known_is_an_error(chain: Chain, runner: Runner) -> None:
    before = contents(runner.lake, chain.day)
    with pytest.raises(RatesError, match=rf"{chain.day} has \d games?, but no player is known as of 2020-01-01 00:00 UTC: ask for a later"):
        runner.run("slate", chain.day, config={"predictions__slate": {"as_of_utc": "2020-01-01T00:00:00Z"}})
    assert contents(runner.lake, chain.day) == before


def test_a_season_that_is_not_in_the_lake_is_an_error_in_the_step(runner: Runner) -> None:
    with pytest.raises(RatesError, match=r"season 2021 is not in silver\.game: run `rates backfill --seasons 2021` first"):
        runner.run("slate", "2022-01-15")


@pytest.mark.parametrize("table", ["silver.player_game", "bronze.player_bio", "gold.player_impact"])
@pytest.mark.parametrize("season", [2022, 2023])
def test_a_missing_partition_is_an_error_that_names_it(chain: Chain, runner: Runner, table: str, season: int) -> None:
    runner.lake.drop_partition(table, season)
    before = contents(runner.lake, chain.day)
    with pytest.raises(RatesError, match=rf"{table} of {season} .*rates backfill --seasons {season}"):
        runner.run("slate", chain.day)
    assert contents(runner.lake, chain.day) == before


def test_a_model_is_not_fitted_on_less_than_there_was(runner: Runner) -> None:
    before = run_metadata(runner.lake, "minutes_v1")
    runner.lake.drop_partition("silver.player_game", 2022)
    with pytest.raises(RatesError, match=r"was made from silver\.player_game of 2022, which is not there"):
        runner.run("minutes", "2024-10-01", config={"models__minutes_v1": QUICK_MINUTES})
    assert run_metadata(runner.lake, "minutes_v1") == before


def test_a_model_fitted_on_fewer_seasons_is_not_promoted(runner: Runner) -> None:
    (current,) = [meta for meta in run_metadata(runner.lake, "minutes_v1") if meta["window"] == "2024-10-01"]
    assert current["seasons"] == [2022, 2023]
    bundle = load_bundle(runner.lake, "minutes_v1", current["run_id"])
    less = Bundle(bundle.models, bundle.feature_cols, bundle.meta | {"seasons": [2023], "run_id": f"{bundle.run_id[:-8]}00000000"})
    assert poorer(runner.lake, less) == [2022]
    save_bundle(runner.lake, less)
    assert [m["run_id"] for m in run_metadata(runner.lake, "minutes_v1") if m["current"] and m["window"] == "2024-10-01"] == [bundle.run_id]
    more = Bundle(
        bundle.models, bundle.feature_cols, bundle.meta | {"seasons": [2021, 2022, 2023], "run_id": f"{bundle.run_id[:-8]}11111111"}
    )
    assert poorer(runner.lake, more) == []
    save_bundle(runner.lake, more)
    assert more.run_id in [m["run_id"] for m in run_metadata(runner.lake, "minutes_v1") if m["current"]]


def test_two_slates_of_a_day_do_not_run_at_once(chain: Chain, runner: Runner) -> None:
    stage = Stage(runner.lake, "other", [chain.day], "predictions", "run other of job slate")
    with pytest.raises(RatesError, match=rf"{chain.day} is being written by run other of job slate, process \d+"):
        runner.run("slate", chain.day)
    stage.discard()
    runner.run("slate", chain.day, config={"sims__slate": {"worlds": 200}})


def test_a_failed_step_leaves_the_day_as_it_was_and_free(chain: Chain, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(runner.lake, chain.day)
    with monkeypatch.context() as patch:
        patch.setattr("rates_assets.assets.sims.slots", None)
        with pytest.raises(RatesError, match=r"slate .* failed in sims\.slate"):
            runner.run("slate", chain.day)
    assert contents(runner.lake, chain.day) == before
    runner.run("slate", chain.day)
