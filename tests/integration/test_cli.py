"""The command line: errors are one line, tables can be JSON, and runs are recorded on the instance."""

import json
import os
import re
import shutil
from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from rates_assets.cli.runner import Runner
from rates_assets.step import asset_key
from rates_lib.core.errors import RatesError
from rates_lib.evaluation.roles import roles_page
from rates_lib.lake import Lake
from rates_lib.schemas.tables import TABLES
from tests.integration.commands import rates, refused
from tests.integration.conftest import Chain

COMMANDS = (
    "land", "backfill", "train", "slate", "explain", "evaluate", "impact", "ablate", "tune", "dvp", "roles", "props", "tables", "query",
    "publish", "ui", "whatif", "demo",
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake and an instance of their own, both empty."""
    monkeypatch.setenv("RATES_ROOT", str(tmp_path / "lake"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def with_lake(home: Path, chain: Chain) -> Path:
    """`home` with a copy of the tiny league's lake."""
    shutil.copytree(chain.lake.root, home / "lake")
    return home


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    result = rates(command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout


@pytest.fixture
def landed(home: Path) -> Path:
    """The same with an empty landing zone."""
    (home / "lake" / "landing").mkdir(parents=True)
    return home


@pytest.mark.usefixtures("landed")
@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("backfill", "--seasons", "1999"), "season 1999 is not in the graph"),
        (("backfill", "--seasons", "2024..2023"), "'2024..2023' names no seasons"),
        (("backfill", "--seasons", "2019"), "season 2019 is not landed in"),
        (("land", "--path", "/nowhere"), "/nowhere is not a folder"),
        (("land",), "the files provider needs a folder"),
        (("slate", "2999-01-01"), "day 2999-01-01 is not in the graph"),
        (("slate", "2024-12-25"), "run `rates backfill --seasons 2024` first"),
        (("train", "--as-of", "2024-12-01"), "the first season has no training rows"),
        (("tune", "--season", "2024"), "season 2024 is in the report period"),
        (("tune", "--season", "2023", "--targets", "pts"), "no target pts to search: choose from minutes, fga2"),
        (("tune", "--season", "2023", "--output", "/nowhere/tuned.json"), "/nowhere is no folder"),
        (("query", "SELECT * FROM nowhere"), "the query failed: Catalog Error: Table with name nowhere does not exist!"),
    ],
)
def test_errors_are_one_line_that_names_the_remedy(args: tuple[str, ...], message: str) -> None:
    assert message in refused(*args)


DAY = "2024-12-25"


@pytest.mark.parametrize(
    "args",
    [
        ("query", "SELECT 1"), ("tables",), ("price", "DEN wins"), ("props", DAY), ("whatif", DAY, "--out", "x"), ("explain", "x", DAY),
        ("dvp", "BOS", DAY), ("roles", "--seasons", "2024"), ("slate", DAY), ("train", "--as-of", DAY), ("tune", "--season", "2023"),
        ("ablate", "--season", "2024"), ("evaluate", "--seasons", "2024"), ("evaluate-worlds", "--seasons", "2024"),
        ("impact", "--seasons", "2024"), ("publish",), ("backfill", "--seasons", "2024"),
    ],
    ids=lambda args: args[0],
)  # fmt: skip
def test_where_no_lake_is_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]) -> None:
    monkeypatch.delenv("RATES_ROOT", raising=False)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    line = refused(*args)
    assert line.startswith(f"error: no lake in {tmp_path / 'lake'} (RATES_ROOT is not set, so ./lake counts; there is no such folder)")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_missing_model_names_the_command_that_trains_one(with_lake: Path, chain: Chain) -> None:
    shutil.rmtree(with_lake / "lake" / "models")
    assert f"rates train --as-of {chain.day}" in refused("slate", chain.day)


@pytest.mark.usefixtures("with_lake")
def test_an_instant_must_be_one() -> None:
    assert "as_of 'noon' is not an instant" in refused("slate", "2024-12-25", "--as-of", "noon")


def test_the_last_of_landed_seasons_is_backfilled_with_those_before(home: Path) -> None:
    rates("land", "--provider", "synthetic", "--seasons", "2022..2024", "--teams", "4", "--games-per-team", "8")
    assert "run `rates backfill --seasons 2022..2024` first" in refused("train", "--as-of", "2024-12-01")
    result = rates("backfill", "--seasons", "2024", "--through", "predictions", "--json")
    assert result.exit_code == 0, result.stderr
    runs = [(run["job"], run["partitions"]) for run in json.loads(result.stdout)]
    assert runs[:-1] == [
        ("history", "2022..2024"),
        ("minutes", "2023-10-01"),
        ("minutes", "2024-10-01"),
        ("training_sets", "2022..2024"),
        ("team_models", "2024-10-01..2024-11-01"),
        ("models", "2024-10-01"),
    ]
    assert runs[-1][0] == "predictions"
    lake = Lake(home / "lake")
    assert lake.partitions("gold.rates_training_base") == ["2022", "2023", "2024"]
    assert lake.read("predictions.player_box").height > 0
    again = rates("backfill", "--seasons", "2024", "--through", "predictions", "--json")
    assert json.loads(again.stdout) == []
    assert "nothing changed: predictions of season 2024 and all before it are up to date" in again.stderr
    assert lake.read("predictions.team").height == lake.read("silver.game", ["2024"]).height
    assert lake.partitions("sims.worlds") == []


def test_a_missing_landed_file_is_named(with_lake: Path) -> None:
    (with_lake / "lake" / "landing" / "synthetic" / "leaguegamelog_player" / "2024.parquet").unlink()
    assert "season 2024 is not landed" in refused("backfill", "--seasons", "2024")


def test_a_broken_landed_file_is_named(with_lake: Path) -> None:
    path = with_lake / "lake" / "landing" / "synthetic" / "leaguegamelog_player" / "2024.parquet"
    pl.read_parquet(path).rename({"PTS": "POINTS"}).write_parquet(path)
    line = refused("backfill", "--seasons", "2024", "--through", "bronze")
    assert "2024.parquet" in line
    assert "PTS" in line


def test_a_damaged_table_is_named_and_made_again_by_the_named_command(with_lake: Path) -> None:
    path = Lake(with_lake / "lake").partition_path("silver.game", 2023)
    path.write_bytes(path.read_bytes()[:1000])
    assert json.loads(rates("query", "SELECT count(*) AS n FROM silver.player_game", "--json").stdout)[0]["n"] > 0
    for args in (("query", "SELECT * FROM silver.game"), ("backfill", "--seasons", "2024", "--through", "forms")):
        line = refused(*args)
        assert f"silver.game of 2023 cannot be read: {path} is damaged" in line
    assert "silver.game of 2023" in rates("tables", "silver.game").stdout or "damaged" in rates("tables", "silver").stdout
    command = re.search(r"make it again with `rates ([^`]+)`", line)
    assert command is not None
    assert rates(*command[1].split()).exit_code == 0
    assert json.loads(rates("query", "SELECT count(*) AS n FROM silver.game", "--json").stdout) == [{"n": 180}]


def test_a_damaged_day_is_named_and_made_again(with_lake: Path, chain: Chain) -> None:
    path = Lake(with_lake / "lake").partition_path("sims.worlds", chain.day)
    content = path.read_bytes()
    path.write_bytes(content[:1000])
    team = Lake(with_lake / "lake").read("silver.game", [2024]).filter(game_date=pl.lit(chain.day).str.to_date()).row(0, named=True)
    question = ("price", f"{team['home_team_abbreviation']} wins", "--date", chain.day)
    for args in (question, ("props", chain.day)):
        assert f"sims.worlds of {chain.day} cannot be read: {path} is damaged" in refused(*args)
        assert f"make it again with `rates slate {chain.day}`" in refused(*args)
    assert rates("slate", chain.day, "--worlds", "200").exit_code == 0
    assert rates(*question).exit_code == 0


@pytest.mark.usefixtures("with_lake")
def test_a_day_without_games_is_no_error() -> None:
    result = rates("slate", "2024-10-13")
    assert result.exit_code == 0
    assert "no games on 2024-10-13" in result.stdout


@pytest.mark.usefixtures("home")
def test_a_bug_in_a_step_is_one_line_that_names_the_step_and_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such luck") from KeyError("root")

    monkeypatch.setattr("rates_assets.assets.landing.deliver", broken)
    line = refused("land", "--provider", "synthetic")
    assert re.fullmatch(
        r"error: land failed in landing\.zone: KeyError: 'root' \(--debug shows the traceback; run [0-9a-f-]{36} in `rates ui`\)", line
    )
    error = rates("land", "--provider", "synthetic", "--debug").exception
    assert error is not None
    assert isinstance(error.__cause__, ValueError)


@pytest.mark.usefixtures("landed")
def test_debug_shows_the_traceback() -> None:
    result = rates("slate", "2999-01-01", "--debug")
    assert result.exit_code == 1
    assert "day 2999-01-01" in str(result.exception)


def test_slate_prints_projections_and_paths_and_is_on_the_instance(with_lake: Path, chain: Chain) -> None:
    result = rates("slate", chain.day, "--worlds", "200")
    assert result.exit_code == 0
    assert "models: minutes_v1-" in result.stdout
    assert re.search(r"^worlds, with the market \(home [-+][\d.]+, total [\d.]+\) +\d+% ", result.stdout, re.MULTILINE)
    assert re.search(r"^team model, without the market +\d+% ", result.stdout, re.MULTILINE)
    assert "plays MIN exp p10-p90" in result.stdout
    assert "availability: " in result.stdout
    assert "fell back: model of 2024-10\n" in result.stdout
    assert re.search(rf"exports/{chain.day}/\d{{8}}T\d{{6}}Z/slate_report.html\n", result.stdout)
    with dg.DagsterInstance.from_config(str(with_lake / "home")) as instance:
        (run,) = instance.get_runs()
        assert (run.job_name, run.status, run.tags["dagster/partition"]) == ("slate", dg.DagsterRunStatus.SUCCESS, chain.day)
        assert instance.get_materialized_partitions(asset_key("sims.worlds")) == {chain.day}


@pytest.mark.usefixtures("with_lake")
def test_slate_as_json(chain: Chain) -> None:
    printed = json.loads(rates("slate", chain.day, "--worlds", "200", "--json").stdout)
    assert printed["game_date"] == chain.day
    assert printed["players"][0]["game_date"] == chain.day
    assert {"home_win_prob", "with_market_home_win_prob", "margin_reconciled"} <= set(printed["teams"][0])
    assert {"minutes_reconciled", "pts_mean", "status", "play_prob", "fell_back_on", "yahoo_points_mean"} <= set(printed["players"][0])


@pytest.mark.usefixtures("with_lake")
def test_backfill_reports_rows_as_json() -> None:
    (run,) = json.loads(rates("backfill", "--seasons", "2023..2024", "--through", "bronze", "--rebuild", "--json").stdout)
    assert (run["job"], run["partitions"]) == ("history", "2023..2024")
    assert run["rows"]["bronze.schedule"] > 0


@pytest.mark.usefixtures("with_lake")
def test_query_as_table_and_as_json() -> None:
    sql = "SELECT season, count(*) AS games FROM silver.game GROUP BY ALL ORDER BY ALL"
    assert json.loads(rates("query", sql, "--json").stdout)[0] == {"season": 2022, "games": 60}
    assert "2022" in rates("query", sql).stdout
    assert "first 2 shown" in rates("query", "SELECT * FROM silver.game", "--limit", "2").stdout


@pytest.mark.usefixtures("with_lake")
def test_a_failed_query_keeps_suggestions_and_names_where_to_look() -> None:
    line = refused("query", "SELECT game_idd FROM silver.game")
    assert 'Candidate bindings: "game_id"' in line
    assert line.endswith("; `rates tables silver.game` lists the columns of silver.game")
    line = refused("query", "SELECT * FROM silver.player_gam")
    assert 'Did you mean "player_game"' in line
    assert line.endswith("; `rates tables` lists the tables")


def test_tables_lists_tables_and_the_columns_of_one(reading: Chain) -> None:
    listed = {row["table"]: row for row in json.loads(rates("tables", "--json").stdout)}
    assert set(listed) == set(TABLES)
    game = listed["silver.game"]
    assert (game["rows"], game["partitions"]) == (reading.lake.read("silver.game").height, ["2022", "2023", "2024"])
    assert game["columns"][0] == {
        "column": "season",
        "type": "BIGINT",
        "unit": "year",
        "null": False,
        "meaning": "start year of the season: 2024 is 2024-25; a season runs from 12 October to 11 October",
    }
    shown = rates("tables").stdout
    assert re.search(r"^silver\.game +180 +2022\.\.2024 \(3\) +15", shown, re.MULTILINE)
    assert shown.splitlines()[-1].endswith("quarantine tables (<table>_quarantine) have no rows")
    one = rates("tables", "silver.game").stdout
    assert one.startswith("silver.game: one row per game that is not postponed\nkey: season, game_id; 180 rows, 2022..2024 (3)\n")
    assert re.search(r"^home_win +TINYINT +0/1 +yes +1 if the home side won$", one, re.MULTILINE)
    assert rates("tables", "gold.dv?").stdout.startswith("gold.dvp: ")
    assert "no table is called 'player_gam3' or has it in its name: the nearest names are" in refused("tables", "player_gam3")


@pytest.fixture
def reading(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> Chain:
    """The tiny league's own lake, for commands that write nothing."""
    monkeypatch.setenv("RATES_ROOT", str(chain.lake.root))
    return chain


@pytest.mark.parametrize("by", ["position", "role"])
def test_dvp_of_a_team_on_a_day(reading: Chain, by: str) -> None:
    game = reading.lake.read("silver.game", [2024]).filter(pl.col("game_date") == pl.lit(reading.day).str.to_date()).row(0, named=True)
    team, opponent = game["home_team_abbreviation"], game["away_team_abbreviation"]
    printed = json.loads(rates("dvp", team.lower(), reading.day, "--by", by, "--per", "100", "--json").stdout)
    assert (printed["team"], printed["opponent"], printed["game_date"], printed["teams"]) == (team, opponent, reading.day, 6)
    table = {"position": "gold.dvp", "role": "gold.dvp_role"}[by]
    stored = reading.lake.read(table, [2024]).filter((pl.col("game_id") == game["game_id"]) & (pl.col("team_id") == game["home_team_id"]))
    group = "position_primary" if by == "position" else "player_role"
    assert {r["group"]: (r["allowed_ast"], r["dvp_ast_rank"]) for r in printed["rows"]} == {
        r[group]: (r["allowed_ast_per_100"], r["dvp_ast_rank"]) for r in stored.iter_rows(named=True)
    }
    shown = rates("dvp", team, reading.day, "--by", by).stdout
    assert f"{team} before {team} - {opponent} of {reading.day}: allowed per 36 minutes by {by} (rank of 6)" in shown
    assert all(r["group"] in shown for r in printed["rows"])


@pytest.mark.usefixtures("reading")
def test_dvp_after_the_last_game_is_that_of_the_last() -> None:
    lake = Lake(Path(os.environ["RATES_ROOT"]))
    last = lake.read("silver.game", [2024]).sort("game_date").row(-1, named=True)
    printed = json.loads(rates("dvp", last["home_team_abbreviation"], "2025-09-30", "--json").stdout)
    assert printed["game_date"] == str(last["game_date"])
    assert "no team 'XYZ' plays in season 2024; there are" in refused("dvp", "XYZ", "2025-01-01")
    assert "rates backfill --seasons 2019" in refused("dvp", "XYZ", "2020-01-01")


def test_roles_of_the_tiny_league(reading: Chain, tmp_path: Path) -> None:
    page = tmp_path / "roles.md"
    result = rates("roles", "--seasons", "2024", "--output", str(page))
    assert result.exit_code == 0, result.stderr
    assert page.read_text() == roles_page(reading.lake, [2024])
    assert "| 2024-25 |" in page.read_text()
    assert "|" not in result.stdout
    assert "2024-25" in result.stdout
    assert "| finisher |" in page.read_text()
    steady = pl.DataFrame(json.loads(rates("roles", "--seasons", "2024", "--json").stdout))
    assert steady.filter(pl.col("kind") == "all")["adjusted_rand"].mean() > 0.5  # type: ignore[operator]
    assert "gold.player_role has no estimate of season 2019" in refused("roles", "--seasons", "2019")
    (record,) = reading.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key("gold.player_role"), asset_partitions=["2024"]), limit=1
    ).records
    assert record.asset_materialization is not None
    assert {"adjusted_rand_regulars", "same_role_share", "moves"} <= set(record.asset_materialization.metadata)


def test_props_of_the_tiny_league(reading: Chain) -> None:
    printed = json.loads(rates("props", reading.day, "--json").stdout)
    assert printed["left_out"] == []
    assert {row["stat"] for row in printed["lines"]} == {"pts", "reb", "ast", "pra"}
    assert {row["book"] for row in printed["lines"]} == {"alpha", "beta"}
    assert all(abs(row["vig_free_over_prob"] - 0.5) < 0.45 and row["worlds"] <= 200 for row in printed["lines"])
    row = max(printed["lines"], key=lambda r: r["worlds"])
    asked = json.loads(rates("price", f"{row['player_id']} {row['stat']} over {row['line']}", "--date", reading.day, "--json").stdout)
    assert (asked["chance"], asked["worlds"]) == (row["over_prob"], row["worlds"])
    shown = rates("props", reading.day, "--stat", "PRA", "--book", "beta", "--limit", "1").stdout
    assert "1 shown: --limit for more" in shown
    assert max(map(len, shown.splitlines()[:4])) <= 120
    assert "there are ast, pra, pts, reb" in refused("props", reading.day, "--stat", "dunks")
    assert "no worlds of 2024-10-13" in refused("props", "2024-10-13")


def test_the_demo_refuses_a_lake_that_holds_anything_else(with_lake: Path) -> None:
    before = sorted((with_lake / "lake").rglob("*"))
    line = refused("demo")
    assert f"the lake {with_lake / 'lake'} holds other data" in line
    assert "unset RATES_ROOT" in line
    assert sorted((with_lake / "lake").rglob("*")) == before
    with dg.DagsterInstance.from_config(str(with_lake / "home")) as instance:
        assert instance.get_runs() == []


@pytest.mark.usefixtures("home")
def test_the_demo_runs_again_in_its_own_lake(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the first stage replaced by a failing one."""

    def failing(*_: object, **__: object) -> None:
        raise RatesError("landing began")

    monkeypatch.setattr("rates_assets.cli.workflows.land", failing)
    assert refused("demo") == refused("demo") == "error: landing began"


def test_the_demo_has_its_own_lake_and_instance_and_says_how_to_look_at_them(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the league of the tests in place of the demo's, which takes minutes."""
    monkeypatch.chdir(tmp_path)
    for variable in ("RATES_ROOT", "DAGSTER_HOME"):
        monkeypatch.setenv(variable, "")

    def made(runner: Runner) -> date:
        shutil.copytree(chain.lake.root, runner.lake.root)
        return date.fromisoformat(chain.day)

    monkeypatch.setattr("rates_assets.cli.workflows.demo", made)
    result = rates("demo")
    assert result.exit_code == 0, result.stderr
    assert "slate_report.html" in result.stdout
    hint = result.stdout.strip().splitlines()[-4:]
    assert hint == [
        "This league is invented. To look at it:",
        "  export RATES_ROOT=demo/lake DAGSTER_HOME=demo/dagster_home",
        f"  rates slate {chain.day}",
        "  rates ui",
    ]
    assert (tmp_path / "demo" / "lake" / "landing").exists()
    assert (tmp_path / "demo" / "dagster_home" / "dagster.yaml").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo"]


def test_real_seasons_do_not_land_beside_an_invented_league(with_lake: Path, tmp_path: Path) -> None:
    line = refused("land", "--provider", "files", "--path", str(tmp_path))
    assert f"the lake {with_lake / 'lake'} holds invented data (provider synthetic), and data of the provider files are real" in line
    assert "set RATES_ROOT to another folder" in line


def test_price_says_what_it_rests_on(reading: Chain) -> None:
    box = reading.lake.read("predictions.player_box", [reading.day]).sort("minutes_reconciled", descending=True).row(0, named=True)
    shown = rates("price", f"{box['player_id']} pts >= 1", "--date", reading.day).stdout
    assert shown.startswith(f"{reading.day}, projections as of {box['as_of_utc']:%Y-%m-%d %H:%M} UTC\n")
    assert f"{box['player_name']}: plays with a chance of" in shown
    assert "few worlds: " in shown  # 200 are drawn here
    for text, verdict in (("pts >= 100", "never seen"), ("pts < 0", "impossible"), ("pts >= 0", "certain")):
        answer = rates("price", f"{box['player_id']} {text}", "--date", reading.day, "--json").stdout
        printed = json.loads(answer, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
        assert (printed["verdict"], printed["american_odds"], printed["game_date"]) == (verdict, None, reading.day)
        assert printed["play_probs"] == {box["player_name"]: pytest.approx(box["play_prob"])}
        assert rates("price", f"{box['player_id']} {text}", "--date", reading.day).exit_code == 0


@pytest.mark.parametrize("width", [60, 80, 120])
def test_tables_fit_the_terminal_and_cut_no_number(reading: Chain, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    game = reading.lake.read("silver.game", [2024]).filter(game_date=pl.lit(reading.day).str.to_date()).row(0, named=True)
    _, heads, *rows = rates("dvp", game["home_team_abbreviation"], reading.day).stdout.splitlines()
    allowed = [line for line in rows if re.search(r"\(\d+\)$", line)]
    assert len(allowed) == 5
    assert all(len(re.findall(r"\d\.\d \(\d+\)", line)) == len(heads.split()) - 1 and len(line) <= width for line in allowed)
    assert len(heads.split()) == {60: 7, 80: 9, 120: 12}[width]
    assert ("not shown at this width: " in "".join(rows)) == (width < 120)
    _, heads, *rows = rates("props", reading.day, "--limit", "5").stdout.splitlines()
    assert max(map(len, rows[:5])) <= width
    assert all(re.search(r"\d+\.\d% .* [-+]\d+\.\d\d$", line) for line in rows[:5])
