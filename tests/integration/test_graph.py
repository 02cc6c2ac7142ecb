"""The whole graph on the tiny league: which tables are written, which metadata are recorded, and that a rerun gives the same bytes."""

import hashlib
import shutil
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
import polars as pl
import pytest

from rates_assets.assets import gold
from rates_assets.step import asset_key
from rates_lib.core.errors import SchemaError
from rates_lib.models.bundle import _parsed
from rates_lib.pipeline.projections import PREDICTED_BY, PREDICTIONS, predict_days
from rates_lib.schemas.tables import LABEL_COUNTS, TABLES
from tests.integration.conftest import QUICK_MODELS, SEASONS, Chain

BY_SEASON = [spec.name for spec in TABLES.values() if spec.layer in ("bronze", "silver", "gold")]
BY_DAY = [spec.name for spec in TABLES.values() if spec.partition == "game_date"]


def _hashes(chain: Chain) -> dict[str, str]:
    apart = chain.lake.landing_root, chain.lake.root / ".locks"  # a lock holds the name of its run
    files = [path for path in sorted(chain.lake.root.rglob("*")) if path.is_file() and not any(map(path.is_relative_to, apart))]
    return {str(path.relative_to(chain.lake.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _checks(chain: Chain, run_id: str) -> dict[tuple[str, str], bool]:
    events = chain.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    evaluations = [entry.get_dagster_event().asset_check_evaluation_data for entry in events]
    return {(".".join(check.asset_key.path), check.check_name): check.passed for check in evaluations}


@pytest.mark.parametrize("table", BY_SEASON)
def test_every_season_of_every_table_is_there(chain: Chain, table: str) -> None:
    assert chain.lake.partitions(table) == [str(season) for season in SEASONS]
    assert chain.instance.get_materialized_partitions(asset_key(table)) == {str(season) for season in SEASONS}


@pytest.mark.parametrize("table", [name for name in BY_SEASON if not name.endswith("_quarantine")])
def test_every_materialisation_tells_its_rows(chain: Chain, table: str) -> None:
    for season in SEASONS:
        records = chain.instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key(table), asset_partitions=[str(season)]), limit=1
        ).records
        assert records[0].asset_materialization is not None
        metadata: Any = records[0].asset_materialization.metadata
        assert metadata["dagster/partition_row_count"].value == chain.lake.read(table, [season]).height
        assert metadata["seconds"].value >= 0


def test_training_base_has_exactly_those_who_played(chain: Chain) -> None:
    key = ["season", "game_id", "team_id", "player_id"]
    log = chain.lake.read("silver.player_game").filter(pl.col("min") > 0)
    for table in ("gold.rates_training_base", "gold.player_game_training"):
        assert chain.lake.read(table, columns=key).equals(log.select(key).sort(key))
    labels = [*key, *LABEL_COUNTS]
    assert chain.lake.read("gold.player_game_training", columns=labels).equals(log.select(labels).sort(key))


def test_the_first_season_has_no_model_and_says_so(chain: Chain) -> None:
    walk = chain.lake.read("gold.minutes_walk_forward")
    assert walk.filter(pl.col("season") == 2022)["minutes_source"].unique().to_list() == ["none"]
    assert walk.filter(pl.col("season") > 2022)["minutes_source"].unique().to_list() == ["walk_forward"]


def test_all_blocking_checks_ran_and_passed(chain: Chain) -> None:
    for job in ("history", "training_sets", "slate"):
        checks = _checks(chain, chain.reports[job].run_id)
        assert all(passed for (_, name), passed in checks.items() if name != "refused")
        assert {name for _, name in checks} >= {"schema", "unique_key", "rules"}


def test_registry_is_made_with_every_fit(chain: Chain) -> None:
    runs = chain.lake.read("models.registry")
    assert sorted(runs.select("model", "recipe", "feature_set").iter_rows()) == [
        ("box_v1", "residual", "all"),
        ("efficiency_v1", "offset", "all"),
        ("minutes_v1", "offset", "all"),
        ("minutes_v1", "offset", "all"),
        ("rates_v1", "offset", "all"),
        ("rates_v1", "plain", "stage0"),
        ("rates_v1", "plain", "stage2"),
        ("team_v1", "ridge", "all"),
        ("worlds_v1", "moments", "all"),
    ]
    rates = runs.filter(pl.col("model") == "rates_v1")
    assert dict(rates.select("recipe", "run_status").unique().iter_rows()) == {"offset": "production", "plain": "candidate"}


def test_the_second_stage_is_fitted_again_alone(chain: Chain) -> None:
    (run,) = chain.lake.runs_root("box_v1").glob("box_v1-*-????????")
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    shutil.rmtree(run)
    chain.runner.run("models", "2024-10-01", assets=[asset_key("models.box_v1")], config={"models__box_v1": QUICK_MODELS["models__box_v1"]})
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_a_prediction_reads_each_bundle_once(chain: Chain) -> None:
    _parsed.cache_clear()
    (predicted,) = predict_days(chain.lake, [date.fromisoformat(chain.day)], datetime.now(UTC))
    assert predicted.tables["predictions.team"].height > 0
    assert _parsed.cache_info().misses == len(PREDICTED_BY)


def test_slate_says_as_of_when_and_by_which_models(chain: Chain) -> None:
    games = chain.lake.read("silver.game").filter(pl.col("game_date") == date.fromisoformat(chain.day))
    for table in (*PREDICTIONS, "sims.player_summary", "sims.game_summary"):
        rows = chain.lake.read(table, [chain.day])
        assert set(rows["game_id"]) == set(games["game_id"])
        assert (rows["as_of_utc"] <= rows["tipoff_utc"]).all()
        assert rows["model_run_id"].null_count() == 0
    exported = {path.name for path in chain.lake.exports_root(chain.day).glob("*/*")}
    assert exported >= {"gameday_player_predictions.csv", "gameday_player_profiles.json", "slate_report.html"}


def test_a_day_of_a_month_without_models_uses_the_newest_earlier_one(chain: Chain) -> None:
    november = max(chain.lake.read("silver.game", [2024])["game_date"]).isoformat()
    chain.runner.run("slate", november, config={"sims__slate": {"worlds": 20}})
    rows = chain.lake.read("predictions.minutes", [november])
    assert rows["model_fallback"].all()
    assert rows["model_window"].unique().to_list() == ["2024-10-01"]


def test_days_without_games_write_nothing_and_lose_what_they_had(chain: Chain) -> None:
    games = set(chain.lake.read("silver.game")["game_date"].cast(pl.String))
    assert "2024-10-13" not in games
    for table in BY_DAY:
        chain.lake.write(table, TABLES[table].empty(), "2024-10-13")
    report = chain.runner.run("slate", ("2024-10-12", "2024-10-14"))
    assert sum(report.rows.values()) == 0
    for table in BY_DAY:
        assert not {"2024-10-12", "2024-10-13", "2024-10-14"} & set(chain.lake.partitions(table))
    assert chain.instance.get_materialized_partitions(asset_key("sims.worlds")) >= {"2024-10-12", "2024-10-13", "2024-10-14"}


def test_making_it_all_again_gives_the_same_bytes(chain: Chain) -> None:
    before = _hashes(chain)
    chain.run("land", landing__zone={"provider": "synthetic", "seasons": SEASONS, "options": {"teams": 6, "games_per_team": 20}})
    assert chain.reports["land"].metadata["landing.zone"]["new_files"] == 0
    chain.run("history", ("2022", "2024"))
    chain.run("training_sets", ("2022", "2024"))
    chain.run("slate", chain.day, sims__slate={"worlds": 200})
    assert _hashes(chain) == before


def test_one_season_alone_gives_the_same_bytes(chain: Chain) -> None:
    before = _hashes(chain)
    chain.run("history", "2024")
    chain.run("training_sets", "2024")
    assert _hashes(chain) == before


def test_a_bad_table_is_refused_whole_and_its_check_says_so(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _hashes(chain)
    good = gold.player_game_training_season
    monkeypatch.setattr(gold, "player_game_training_season", lambda lake, season: pl.concat([good(lake, season)] * 2))
    with pytest.raises(SchemaError, match=r"gold.player_game_training 2024: \d+ rows share their key"):
        chain.runner.run("training_sets", "2024")
    assert _hashes(chain) == before
    run = chain.instance.get_runs(limit=1)[0]
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert _checks(chain, run.run_id)["gold.player_game_training", "unique_key"] is False


def test_a_team_of_four_stops_no_other_game(chain: Chain) -> None:
    days = chain.lake.read("silver.game", [2024])["game_date"].value_counts().filter(pl.col("count") > 1)["game_date"]
    day = max(days).isoformat()
    chain.runner.run("slate", day, config={"sims__slate": {"worlds": 20}})
    minutes = chain.lake.read("predictions.minutes", [day])
    games = minutes["game_id"].unique().sort()
    short = minutes.filter(pl.col("game_id") == games[0])
    removed = short.filter(pl.col("team_id") == short["team_id"][0])["player_id"].to_list()[4:]
    out = (pl.col("game_id") == games[0]) & pl.col("player_id").is_in(removed)
    chain.lake.write("predictions.minutes", minutes.with_columns(play_prob=pl.when(out).then(0.0).otherwise("play_prob")), day)
    tables = [name for name, spec in TABLES.items() if spec.layer == "sims"] + ["exports.files"]
    report = chain.runner.run("slate", day, config={"sims__slate": {"worlds": 20}}, assets=[asset_key(table) for table in tables])
    assert games[0] in str(report.metadata["sims.worlds"]["not_simulated"])
    assert chain.lake.read("sims.game_summary", [day])["game_id"].to_list() == games[1:].to_list()


def test_evaluation_and_warehouse(chain: Chain) -> None:
    chain.run("evaluate", "2024")
    figures = chain.lake.read("evals.player", [2024])
    minutes = figures.filter(target="minutes", predictor="minutes_v1", metric="mae", segment="all")
    assert minutes.height == 1
    played = chain.lake.read("silver.player_game", [2024]).filter(pl.col("min") > 0).height
    assert minutes["rows"].item() + minutes["rows_missing"].item() == played
    assert chain.lake.read("evals.calibration", [2024]).height > 0
    teams = chain.lake.read("evals.team", [2024]).filter(target="margin", segment="all", metric="mae")
    assert set(teams["predictor"]) >= {"team_v1", "team_v1:with_market", "line", "elo", "kalman", "climatology"}
    # one day is stored, the others are predicted by the models of their months
    assert chain.lake.read("predictions.team").height < chain.lake.read("gold.team_matchup_training", [2024]).height
    assert teams["rows"].unique().to_list() == [chain.lake.read("gold.team_matchup_training", [2024]).height]
    chain.run("publish")
    assert (chain.lake.root / "warehouse.duckdb").stat().st_size > 0
