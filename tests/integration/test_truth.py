"""The synthetic league knows its true rates and minutes: features must find them again, and models must find more.

`pytest tests/integration/test_truth.py -s` prints the figures: correlation with the truth over the last season, walk-forward, on every row
that has a season to date: with the player's rate of the season, and with his rate of that night (who is out, whom he faces).
"""

import io
from collections.abc import Iterator

import dagster as dg
import numpy as np
import polars as pl
import pytest
from rich.console import Console

from rates_assets.choices import Retrain, Through
from rates_assets.runner import Runner
from rates_assets.workflows import backfill, land
from rates_lib.lake import Lake
from rates_lib.models.walk_forward import rates_walk_forward
from rates_lib.schemas.columns import RATE_TARGETS

LAST = 2024


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = Lake(tmp_path_factory.mktemp("truth") / "lake")
    with dg.DagsterInstance.ephemeral() as instance:
        runner = Runner(instance, lake, Console(file=io.StringIO()))
        land(runner, provider="synthetic", seasons=[2022, 2023, LAST])
        backfill(runner, [2022, 2023], Through.TRAINING, Retrain.SEASON)
        backfill(runner, [LAST], Through.MODELS, Retrain.SEASON)
        yield lake


@pytest.fixture(scope="module")
def found(league: Lake) -> pl.DataFrame:
    """Rows of the last season's training base with truth (`season_true_…`, `night_true_…`) and walk-forward predictions."""
    rows = rates_walk_forward(league.read("gold.rates_training_base", [LAST]), league)
    for name, key, prefix in (("player_season", ["season", "player_id"], "season"), ("player_game", ["game_id", "player_id"], "night")):
        truth = pl.read_parquet(league.truth_path(name))
        kept = [c for c in truth.columns if c in key or c == "minutes_expected"]
        rates = [pl.col(f"{t}_per_min").alias(f"{prefix}_true_{t}") for t in RATE_TARGETS]
        rows = rows.join(truth.select(*kept, *rates), on=key, how="inner")
    form = league.read("gold.player_form", [LAST], ["game_id", "player_id", "season_games", "last5_minutes_per_game"])
    walk = league.read("gold.minutes_walk_forward", [LAST], ["game_id", "player_id", "minutes_mean"])
    for other in (form, walk):
        rows = rows.join(other, on=["game_id", "player_id"], how="inner")
    return rows.filter(pl.col("season_games") > 0).with_columns(
        (pl.col("season_fga_per_min") - pl.col("season_3pa_per_min")).alias("season_fga2_per_min"),
        pl.col("season_3pa_per_min").alias("season_fga3_per_min"),
    )


def correlation(rows: pl.DataFrame, one: str, other: str) -> float:
    return float(np.corrcoef(rows[one].to_numpy(), rows[other].to_numpy())[0, 1])


def test_rates_are_recovered_and_models_recover_more(found: pl.DataFrame) -> None:
    assert found.height > 20_000
    print(f"\n{found.height:,} rows\ntarget  truth   season-to-date  rates_v1:plain")
    for target in RATE_TARGETS:
        for truth in ("season", "night"):
            to_date = correlation(found, f"season_{target}_per_min", f"{truth}_true_{target}")
            model = correlation(found, f"{target}_per_min_mean", f"{truth}_true_{target}")
            print(f"{target:<8}{truth:<8}{to_date:>14.3f}{model:>16.3f}")
            assert 0.4 < to_date < model < 0.995, (target, truth)  # above: a leak of the truth


def test_minutes_are_recovered_better_than_by_the_last_five_games(found: pl.DataFrame) -> None:
    last5, model = (correlation(found, c, "minutes_expected") for c in ("last5_minutes_per_game", "minutes_mean"))
    print(f"\nminutes: last five games {last5:.3f}, minutes_v1 {model:.3f}")
    assert 0.7 < last5 < model < 0.995
