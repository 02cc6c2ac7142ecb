"""The search for settings, and the file that keeps what it chose."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rates_lib.core import metrics as m
from rates_lib.core.calendar import first_window
from rates_lib.core.errors import RatesError
from rates_lib.lake import Lake
from rates_lib.models.config import EfficiencyConfig, MinutesConfig, OffsetConfig, config_from_dict, config_to_dict, with_settings
from rates_lib.models.efficiency import train_efficiency
from rates_lib.models.minutes import train_minutes
from rates_lib.models.rates_offset import predict_offset, train_offset
from rates_lib.models.tuned import (
    TUNED,
    Chosen,
    kept_settings,
    read_tuned,
    searched_configs,
    tuned_config,
    tuned_from_dict,
    tuned_to_dict,
    update_tuned,
)
from rates_lib.pipeline import tuning
from rates_lib.pipeline.tuning import (
    Problem,
    Range,
    efficiency_problems,
    minutes_problems,
    rates_problems,
    search,
    tune,
)
from tests.frames import model as frames

SEASON = 2023
WINDOW = first_window(SEASON)
SMALL = {"num_threads": 1, "max_rounds": 15, "patience": 5, "min_data_in_leaf": 100, "windows": frames.WINDOWS}
RATES = with_settings(OffsetConfig(), {**SMALL, "num_leaves": 8, "prior_hl10": 0.7})
MINUTES = with_settings(MinutesConfig(), {**SMALL, "num_leaves": 12, "min_listed_rows": 500})
SHOTS = with_settings(EfficiencyConfig(), {**SMALL, "num_leaves": 6})


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Two seasons in which the rate at half-life 10 says next to nothing and that at 30 nearly all."""
    both = pl.concat([frames.player_game_training(40, seed=4, season=2022), frames.player_game_training(20, seed=5, season=SEASON)])
    noise = np.random.default_rng(6).lognormal(0, 1.2, both.height)
    return both.with_columns((pl.col("ast_per_min_hl10") * noise).alias("ast_per_min_hl10"))


@pytest.fixture(scope="module")
def candidates() -> pl.DataFrame:
    return pl.concat([frames.candidates(40, seed=3, season=2022), frames.candidates(20, seed=8, season=SEASON)])


def bowl(settings: dict[str, int | float]) -> dict[str, float]:
    return {"loss": (settings["a"] - 12) ** 2 / 100 + (settings["b"] - 0.5) ** 2, "other": 1.0}


def problem(**start: float) -> Problem:
    return Problem("rates_v1", "ast", "loss", start, {"a": Range(1, 50, log=True), "b": Range(0.0, 1.0)}, bowl, 10)


# --- the loop -------------------------------------------------------------------------------------------------------------


def test_it_gets_better_than_the_start_and_says_from_what_to_what():
    lines: list[str] = []
    result = search(problem(a=40, b=0.9), SEASON, 25, 7, lines.append)
    assert result.before == bowl({"a": 40, "b": 0.9})
    assert result.after == bowl(dict(result.settings))
    assert result.after["loss"] < 0.1 * result.before["loss"]
    assert (result.season, result.trials, result.seed, result.rows, result.start) == (SEASON, 25, 7, 10, {"a": 40, "b": 0.9})
    assert result.searched["a"] == {"low": 1, "high": 50, "log": True}
    assert len(lines) == 25
    assert lines[0] == "ast, trial 1 of 25: a 40, b 0.9"
    assert "trial 2 of 25 (best so far 8.00000, first 8.00000)" in lines[1]


def test_the_same_seed_finds_the_same_and_another_tries_others():
    tried: dict[int, list[str]] = {}
    results = [search(problem(a=40, b=0.9), SEASON, 12, seed, tried.setdefault(i, []).append) for i, seed in enumerate((7, 7, 8))]
    assert results[0] == results[1]
    assert tried[0] == tried[1] != tried[2]
    assert tried[0][0] == tried[2][0]


@pytest.mark.parametrize("trials", [1, 6])
def test_a_start_that_nothing_beats_stays(trials):
    result = search(problem(a=12, b=0.5), SEASON, trials, 7)
    assert result.settings == result.start == {"a": 12, "b": 0.5}
    assert result.before == result.after


def test_a_start_outside_the_range_widens_it():
    result = search(problem(a=60, b=0.123), SEASON, 3, 7)
    assert result.start == {"a": 60, "b": 0.123}
    assert result.searched["a"]["high"] == 60
    assert result.before == bowl({"a": 60, "b": 0.123})  # as it is, not rounded as proposals are


def test_proposals_are_whole_or_of_two_digits_and_none_is_measured_twice():
    measured: list[dict[str, int | float]] = []

    def measure(settings: dict[str, int | float]) -> dict[str, float]:
        measured.append(settings)
        return {"loss": float(settings["a"])}

    search(Problem("rates_v1", "ast", "loss", {"a": 3, "b": 0.5}, {"a": Range(1, 3), "b": Range(0.5, 0.51)}, measure, 1), SEASON, 30, 7)
    assert len(measured) <= 6
    assert len({json.dumps(settings) for settings in measured}) == len(measured)
    assert all(isinstance(settings["a"], int) and settings["b"] in (0.5, 0.51) for settings in measured)


# --- what is measured -----------------------------------------------------------------------------------------------------


def test_rates_find_the_planted_prior(rows):
    (case,) = rates_problems(rows, SEASON, ["ast"], RATES)
    result = search(case, SEASON, 8, 7)
    assert result.after["poisson_deviance"] < 0.98 * result.before["poisson_deviance"]
    assert result.settings["prior_hl10"] < 0.35
    assert result == search(next(iter(rates_problems(rows, SEASON, ["ast"], RATES))), SEASON, 8, 7)


def test_rates_are_those_of_the_training_before_its_final_fit(rows):
    """What a search measures is what `train_offset` stops early, on the whole season after it."""
    (case,) = rates_problems(rows, SEASON, ["ast"], RATES)
    bundle = train_offset(rows, WINDOW, RATES)
    season = rows.filter((pl.col("season") == SEASON) & (pl.col("minutes_actual") >= 1))
    expected = (
        season["minutes_actual"].to_numpy()
        * predict_offset(season, dataclasses.replace(bundle, models=bundle.early))["ast_per_min_mean"].to_numpy()
    )
    figures = case.measure(case.start)
    assert figures["poisson_deviance"] == pytest.approx(m.poisson_deviance(season["ast"].to_numpy().astype(float), expected))
    assert figures["rounds"] == bundle.meta["rounds"]["ast_per_min"]
    assert case.rows == season.height


def test_rows_after_the_season_and_outcomes_of_it_change_no_fit(rows):
    later = frames.player_game_training(5, seed=9, season=2024)
    (case,), (with_later,) = (rates_problems(r, SEASON, ["ast"], RATES) for r in (rows, pl.concat([rows, later])))
    assert case.measure(case.start) == with_later.measure(case.start)
    poisoned = rows.with_columns(pl.when(pl.col("season") < SEASON).then("ast_per_min").otherwise(0.0).alias("ast_per_min"))
    (blank,) = rates_problems(poisoned, SEASON, ["ast"], RATES)
    assert blank.measure(case.start)["rounds"] == case.measure(case.start)["rounds"]
    assert blank.measure(case.start)["actual_over_expected"] == 0


def test_minutes_are_those_of_the_training(candidates):
    (case,) = minutes_problems(candidates, SEASON, MINUTES)
    figures = case.measure(case.start)
    bundle = train_minutes(candidates, WINDOW, MINUTES)
    assert figures["rounds"] == bundle.meta["rounds"]["minutes_mean"]
    assert figures["mae"] == pytest.approx(bundle.meta["metrics"]["minutes_mean"]["mae_val"], rel=0.15)
    assert case.rows == candidates.filter((pl.col("season") == SEASON) & (pl.col("minutes") > 0)).height
    other = case.measure({**case.start, "huber": 0.1})
    assert other["mae"] != figures["mae"]
    result = search(case, SEASON, 3, 7)
    assert result.after["mae"] <= result.before["mae"] == figures["mae"]


def test_percentages_are_those_of_the_training(rows):
    case = {one.target: one for one in efficiency_problems(rows, SEASON, ["fg2_pct", "ft_pct"], SHOTS)}
    bundle = train_efficiency(rows, WINDOW, SHOTS)
    for target, tried in (("fg2_pct", "fga2"), ("ft_pct", "fta")):
        figures = case[target].measure(case[target].start)
        assert figures["rounds"] == bundle.meta["rounds"][target]
        assert 0.4 < figures["log_loss"] < 0.72
        assert case[target].rows == rows.filter((pl.col("season") == SEASON) & (pl.col(tried) > 0)).height


# --- refusals -------------------------------------------------------------------------------------------------------------


def test_the_report_period_unknown_targets_and_no_rows_are_refused(tmp_path, rows):
    lake = Lake(tmp_path)
    for season in (2024, 2025):
        with pytest.raises(RatesError, match=rf"season {season} is in the report period.* choose on 2023 or an earlier one"):
            tune(lake, season)
    with pytest.raises(RatesError, match=r"no target pts to search: choose from minutes, fga2"):
        tune(lake, SEASON, ["ast", "pts"])
    with pytest.raises(RatesError, match=r"0 trials find nothing"):
        tune(lake, SEASON, trials=0)
    with pytest.raises(RatesError, match=r"gold.player_game_training holds nothing before 2024-10"):
        tune(lake, SEASON, ["ast"])
    with pytest.raises(RatesError, match=r"season 2021 has no training rows to choose on: run `rates backfill --seasons 2021` first"):
        list(rates_problems(rows.with_columns(pl.col("game_date").dt.offset_by("-3y")), 2021, ["ast"], RATES))


def test_a_lake_is_searched_target_by_target(tmp_path, rows, monkeypatch):
    lake = Lake(tmp_path)
    for season in (2022, SEASON):
        lake.write("gold.player_game_training", rows.filter(pl.col("season") == season), str(season))
    monkeypatch.setattr(tuning, "tuned_config", {OffsetConfig: RATES, EfficiencyConfig: SHOTS}.__getitem__)
    lines: list[str] = []
    result = tune(lake, SEASON, ["ft_pct", "ast"], trials=2, say=lines.append)
    assert {model: list(targets) for model, targets in result.items()} == {"rates_v1": ["ast"], "efficiency_v1": ["ft_pct"]}
    assert [line.split(":")[0].split(" (")[0] for line in lines] == [f"{t}, trial {n} of 2" for t in ("ast", "ft_pct") for n in (1, 2)]
    assert tuned_from_dict(json.loads(json.dumps(tuned_to_dict(result)))) == result


# --- the file -------------------------------------------------------------------------------------------------------------


def chosen(**settings: int | float) -> Chosen:
    return Chosen(settings, SEASON, "poisson_deviance", {"poisson_deviance": 2.0}, {"poisson_deviance": 1.9}, 9, 3, 7, {}, {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tuned.json"
    update_tuned(path, {"rates_v1": {"ast": chosen(num_leaves=9, prior_hl10=0.1), "stl": chosen(num_leaves=10)}})
    return path


def test_the_products_own_file_is_valid_and_no_better_before_than_after():
    for targets in read_tuned().values():
        for result in targets.values():
            assert result.season <= tuning.LAST_SEASON
            assert result.after[result.metric] <= result.before[result.metric]
            assert set(result.settings) == set(result.start) == set(result.searched)
    for model, kind in searched_configs().items():
        config = tuned_config(kind)
        assert set(config.by_target) == set(read_tuned().get(model, {}))
        assert config_from_dict(kind, json.loads(json.dumps(config_to_dict(config)))) == config


def test_without_settings_it_is_the_defaults(tmp_path):
    path = tmp_path / "tuned.json"
    path.write_text("{}")
    for kind in searched_configs().values():
        assert tuned_config(kind, path=path) == kind()


def test_the_file_is_over_the_defaults_and_overrides_are_over_both(path):
    config = tuned_config(OffsetConfig, path=path)
    assert (config.of("ast").trees.num_leaves, config.of("ast").prior_hl10, config.of("stl").trees.num_leaves) == (9, 0.1, 10)
    assert config.of("blk") == dataclasses.replace(OffsetConfig(), by_target=config.by_target)
    config = tuned_config(OffsetConfig, {"num_leaves": 5, "by_target": {"stl": {"num_leaves": 6}}}, path)
    assert [config.of(t).trees.num_leaves for t in ("ast", "stl", "blk")] == [5, 6, 5]
    assert config.of("ast").prior_hl10 == 0.1
    assert tuned_config(MinutesConfig, path=path) == MinutesConfig()


def test_an_update_keeps_other_targets(path):
    update_tuned(path, {"rates_v1": {"stl": chosen(num_leaves=11)}, "minutes_v1": {"minutes_mean": chosen(huber=4)}})
    tuned = read_tuned(path)
    assert {t: c.settings for t, c in tuned["rates_v1"].items()} == {"ast": {"num_leaves": 9, "prior_hl10": 0.1}, "stl": {"num_leaves": 11}}
    assert tuned_config(MinutesConfig, path=path).of("minutes_mean").huber == 4
    text = path.read_bytes()
    update_tuned(path, {"rates_v1": {"stl": chosen(num_leaves=11)}})
    assert path.read_bytes() == text


def test_chosen_settings_are_in_the_runs_metadata_and_make_another_run(rows):
    plain = train_efficiency(rows, WINDOW, SHOTS)
    own = train_efficiency(rows, WINDOW, dataclasses.replace(SHOTS, by_target={"ft_pct": {"num_leaves": 2}}))
    assert own.meta["config"]["by_target"] == {"ft_pct": {"num_leaves": 2}}
    assert own.run_id != plain.run_id
    trees = {t: (plain.models[t].model_to_string(), own.models[t].model_to_string()) for t in plain.models}
    assert trees["fg2_pct"][0] == trees["fg2_pct"][1]
    assert trees["ft_pct"][0] != trees["ft_pct"][1]


def test_settings_of_one_minutes_booster_change_no_other(candidates):
    plain = train_minutes(candidates, WINDOW, MINUTES)
    own = train_minutes(candidates, WINDOW, dataclasses.replace(MINUTES, by_target={"minutes_mean": {"num_leaves": 4, "huber": 3.0}}))
    same = {t: plain.models[t].model_to_string() == own.models[t].model_to_string() for t in plain.models}
    assert same == {t: t != "minutes_mean" for t in plain.models}
    assert list(plain.models) == list(own.models)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(rates_v9={}), "has no model rates_v9: choose from minutes_v1, rates_v1, efficiency_v1"),
        (lambda d: d["rates_v1"].update(pts=d["rates_v1"]["ast"]), "OffsetConfig has no target pts: choose from fga2"),
        (lambda d: d["rates_v1"]["ast"]["settings"].update(leaves=3), "OffsetConfig has no setting leaves of ast alone: choose from"),
        (lambda d: d["rates_v1"]["ast"]["settings"].update(windows=3), "no setting windows of ast alone"),
        (lambda d: d["rates_v1"]["ast"]["settings"].update(num_leaves=3.5), "num_leaves of ast is 3.5, and must be a number like 24"),
        (lambda d: d["rates_v1"]["ast"]["settings"].update(lambda_l2="many"), "lambda_l2 of ast is 'many'"),
        (lambda d: d["rates_v1"]["ast"].update(settings=[]), "settings of ast must be an object"),
        (lambda d: d["rates_v1"]["ast"].pop("seed"), r"rates_v1.ast in .* lacks fields or has unknown ones \(seed\)"),
    ],
)
def test_a_wrong_file_is_refused_by_name(path, change, message):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(RatesError, match=message):
        tuned_config(MinutesConfig, path=path)


def test_files_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(RatesError, match=r"tuned\.json cannot be read"):
        read_tuned(tmp_path / "tuned.json")
    (tmp_path / "tuned.json").write_text("[1]")
    with pytest.raises(RatesError, match=r"tuned\.json must be an object, not \[1\]"):
        kept_settings(tmp_path / "tuned.json")
    with pytest.raises(RatesError, match=r"nowhere is no folder"):
        kept_settings(tmp_path / "nowhere" / "tuned.json")
    assert kept_settings(tmp_path / "new.json") == {}


def test_overrides_of_a_run_are_checked():
    with pytest.raises(RatesError, match=r"OffsetConfig has no setting leaves"):
        tuned_config(OffsetConfig, {"leaves": 3}, TUNED)
    with pytest.raises(RatesError, match=r"MinutesConfig has no target ast"):
        tuned_config(MinutesConfig, {"by_target": {"ast": {}}}, TUNED)
