"""Predictions by date: a past season at once equals day by day, and a day with bad inputs is projected and names the missing inputs."""

import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from rich.console import Console

from rates_assets import step
from rates_assets.cli.choices import Retrain, Through
from rates_assets.cli.runner import Runner
from rates_assets.cli.workflows import backfill
from rates_lib.core.calendar import EASTERN
from rates_lib.lake import Lake, write_atomically
from rates_lib.pipeline.past_slates import days_over, stale
from rates_lib.pipeline.projections import ALL_PREDICTIONS, Predicted, predict_days
from rates_lib.pipeline.training import season_features
from rates_lib.schemas.tables import TABLES
from rates_lib.sources.landing import land, read_landed
from tests.integration.conftest import Chain

SEASON = 2024
KINDS = ("unseen", "eight", "no lines", "no starters", "trade", "delisted", "proxy", "report only", "no list")
UNSEEN, RENAMED = 999999, "Renamed, Later"
NOW = datetime.now(UTC)


@dataclass
class Edited:
    """A copy of the tiny league whose landed inputs of some days are bad; each of these days has one kind of defect.

    Attributes:
        lake: with history computed from the edited inputs.
        runner: runs jobs on the lake.
        output: the text that the runner has printed.
        day: by kind of defect.
        player: the traded, the delisted and the renamed player, by kind.
        team: of the unseen player, with eight players, and the new team of the traded player, by kind.
    """

    lake: Lake
    runner: Runner
    output: io.StringIO
    day: dict[str, date]
    player: dict[str, str]
    team: dict[str, str]

    def box(self, kind: str, as_of_utc: datetime = NOW) -> pl.DataFrame:
        """The day's box scores with status and features_from."""
        (predicted,) = predict_days(self.lake, [self.day[kind]], as_of_utc)
        status = predicted.tables["predictions.minutes"].select("game_id", "player_id", "status", "availability_source")
        rows = predicted.tables["predictions.player_box"].join(status, on=["game_id", "player_id"])
        return rows.with_columns(pl.lit(predicted.features_from).alias("features_from"))


@pytest.fixture(scope="module")
def edited(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edited]:
    lake = Lake(tmp_path_factory.mktemp("edited") / "lake")
    shutil.copytree(chain.lake.root, lake.root)
    games = lake.read("silver.game", [SEASON]).sort("game_date", "game_id")
    log = lake.read("silver.player_game", [SEASON]).filter(pl.col("min") > 0)
    all_days = games["game_date"].unique().sort().to_list()
    day = dict(zip(KINDS, all_days[12:], strict=False))
    game = {kind: games.filter(pl.col("game_date") == day[kind]).row(0, named=True) for kind in KINDS}
    ids = {kind: game[kind]["game_id"] for kind in KINDS}
    of_day = {kind: games.filter(pl.col("game_date") == day[kind])["game_id"].to_list() for kind in KINDS}
    team = {kind: game[kind]["home_team_id"] for kind in ("unseen", "eight", "trade")}

    busy = games.filter(pl.col("game_date") == day["trade"])
    busy_teams = [*busy["home_team_id"], *busy["away_team_id"]]
    elsewhere = log.filter(~pl.col("team_id").is_in(busy_teams), pl.col("game_date") < day["trade"])
    player = {
        "trade": elsewhere.group_by("player_id").agg(pl.col("seconds").sum()).sort("seconds", "player_id")["player_id"][-1],
        "delisted": log.filter(pl.col("game_id") == ids["delisted"], pl.col("starter") == 0).sort("minutes", "player_id")["player_id"][-1],
        "renamed": log.filter(pl.col("game_date") == all_days[0])["player_id"][0],
    }

    def change(dataset: str, edit: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        frame = edit(read_landed(lake, dataset, SEASON).drop("fetched_at_utc"))
        land(lake, "synthetic", {dataset: {SEASON: frame}}, NOW)

    def statuses(frame: pl.DataFrame) -> pl.DataFrame:
        final = pl.col("STATUS").is_in(["active", "inactive"])
        template = frame.filter(final).with_columns(pl.lit("active").alias("STATUS"), pl.lit(None, pl.String).alias("REASON"))
        new = [
            template.filter(pl.col("GAME_ID").cast(pl.String) == ids[kind])[:1].with_columns(
                pl.lit(int(team[kind])).cast(frame.schema["TEAM_ID"]).alias("TEAM_ID"),
                pl.lit(player_id).cast(frame.schema["PLAYER_ID"]).alias("PLAYER_ID"),
            )
            for kind, player_id in (("unseen", UNSEEN), ("trade", int(player["trade"])))
        ]
        home = (pl.col("GAME_ID").cast(pl.String) == ids["eight"]) & (pl.col("TEAM_ID").cast(pl.String) == team["eight"])
        eight = frame.filter(home, pl.col("STATUS") == "active").sort("PLAYER_ID")["PLAYER_ID"].unique(maintain_order=True)[:8]
        removed = pl.col("PLAYER_ID").cast(pl.String) == player["delisted"]
        return pl.concat([frame, *new]).filter(
            ~((pl.col("GAME_ID").cast(pl.String) == ids["delisted"]) & removed),
            ~pl.col("GAME_ID").cast(pl.String).is_in(of_day["proxy"] + of_day["no list"]),
            ~(pl.col("GAME_ID").cast(pl.String).is_in(of_day["report only"]) & final),
        ).with_columns(
            pl.when(home & ~pl.col("PLAYER_ID").is_in(eight.implode())).then(pl.lit("inactive")).otherwise("STATUS").alias("STATUS")
        )  # fmt: skip

    def without(*kinds: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
        removed = [game_id for kind in kinds for game_id in of_day[kind]]
        return lambda frame: frame.filter(~pl.col("GAME_ID").cast(pl.String).is_in(removed))

    def names(frame: pl.DataFrame) -> pl.DataFrame:
        renamed = (pl.col("PLAYER_ID").cast(pl.String) == player["renamed"]) & (pl.col("GAME_DATE") >= day["eight"])
        return frame.with_columns(pl.when(renamed).then(pl.lit(RENAMED)).otherwise("PLAYER_NAME").alias("PLAYER_NAME"))

    change("injury_report", statuses)
    change("odds_quotes", without("no lines"))
    change("starters", without("no starters"))
    change("leaguegamelog_player", names)
    with dg.DagsterInstance.ephemeral() as instance:
        output = io.StringIO()
        runner = Runner(instance, lake, Console(file=output, width=120))
        runner.run("history", str(SEASON))
        yield Edited(lake, runner, output, day, player, team)


# --- a season at once ------------------------------------------------------------------------------------------------------


def season_days(lake: Lake) -> list[date]:
    return lake.read("silver.game", [SEASON])["game_date"].unique().sort().to_list()


def hashes(lake: Lake) -> dict[str, str]:
    files = [lake.partition_path(table, day) for table in ALL_PREDICTIONS for day in lake.partitions(table)]
    return {str(path.relative_to(lake.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@contextmanager
def without_record(lake: Lake, table: str) -> Iterator[None]:
    """Remove the record of a partition's file, as if an earlier version had written it; the rows stay the same."""
    path = lake.partition_path(table, SEASON)
    before = path.read_bytes()
    write_atomically(path, lake.read(table, [SEASON]).write_parquet)
    yield
    write_atomically(path, lambda temporary: temporary.write_bytes(before))


def test_a_past_season_at_once_gives_the_bytes_of_day_by_day(edited: Edited, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "REPORT_SECONDS", 0)
    lake, days = edited.lake, season_days(edited.lake)
    for table in ALL_PREDICTIONS:
        for key in lake.partitions(table):
            lake.drop_partition(table, key)
    asked = (days[0].isoformat(), days[-1].isoformat())
    assert stale(lake, SEASON) == ""
    at_once = edited.runner.run("predictions", asked)
    assert at_once.metadata["predictions.minutes"]["features_from"] == "form tables"
    written = hashes(lake)
    assert len(written) == len(ALL_PREDICTIONS) * len(days)
    known, appeared = (lake.read("predictions.minutes").height, season_features(lake, [SEASON]).height)
    assert known < appeared  # some candidates of the form tables are only in the box score: the case that this test needs

    with without_record(lake, "silver.game"):
        opening = edited.runner.run("predictions", (days[0].isoformat(), days[1].isoformat()))
        bad = edited.runner.run("predictions", (edited.day[KINDS[0]].isoformat(), edited.day[KINDS[-1]].isoformat()))
    for by_day in (opening, bad):
        assert f"was made from other rows of silver.game of {SEASON}" in by_day.metadata["predictions.minutes"]["features_from"]
        assert by_day.rows["predictions.rates"] > 0
    assert hashes(lake) == written


def test_progress_is_told_month_by_month(edited: Edited, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "REPORT_SECONDS", 0)
    days = season_days(edited.lake)
    printed = len(edited.output.getvalue())
    edited.runner.run("predictions", (days[0].isoformat(), days[-1].isoformat()))
    n = (days[-1] - days[0]).days + 1
    reported = [line.split()[0].strip(",") for line in edited.output.getvalue()[printed:].splitlines() if f" of {n} " in line]
    months = sorted({day.replace(day=1) for day in days})
    assert reported == [max(month, days[0]).isoformat() for month in months]


def test_names_are_those_of_the_day(edited: Edited) -> None:
    days = season_days(edited.lake)
    edited.runner.run("predictions", (days[0].isoformat(), days[-1].isoformat()))
    renamed = pl.col("player_id") == edited.player["renamed"]
    rows = edited.lake.read("predictions.minutes").filter(renamed).sort("game_date")
    played = edited.lake.read("silver.player_game", [SEASON]).filter(renamed, pl.col("player_name") == RENAMED)["game_date"].min()
    assert isinstance(played, date)
    assert set(rows.filter(pl.col("game_date") > played)["player_name"]) == {RENAMED}
    before = set(rows.filter(pl.col("game_date") <= played)["player_name"])
    assert len(before) == 1
    assert before != {RENAMED}


def test_only_days_that_are_over_come_from_the_form_tables(edited: Edited) -> None:
    lake, day = edited.lake, edited.day["trade"]
    tipoff = lake.read("silver.game", [SEASON]).filter(pl.col("game_date") == day)["tipoff_utc"].max()
    assert isinstance(tipoff, datetime)
    earlier = [d for d in season_days(lake) if d < day]
    assert days_over(lake, SEASON, [*earlier, day], tipoff) == [*earlier, day]
    assert days_over(lake, SEASON, [*earlier, day], tipoff - timedelta(seconds=1)) == earlier
    by_day: dict[date, Predicted] = {p.days[0]: p for p in predict_days(lake, [earlier[-1], day], tipoff - timedelta(seconds=1))}
    assert by_day[earlier[-1]].features_from == "form tables"
    assert by_day[day].features_from == "a slate of its own: not over by as_of_utc"
    box = by_day[day].tables["predictions.player_box"]
    assert (box["as_of_utc"] < box["tipoff_utc"]).any()
    assert (box["as_of_utc"] <= box["tipoff_utc"]).all()


def test_a_day_without_results_is_not_over(edited: Edited, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    games = edited.lake.read("silver.game", [SEASON])
    day = games["game_date"].max()
    assert isinstance(day, date)
    lake.write("silver.game", games.with_columns(home_pts=pl.when(pl.col("game_date") == day).then(None).otherwise("home_pts")), SEASON)
    assert days_over(lake, SEASON, season_days(lake), NOW) == season_days(lake)[:-1]


@dataclass
class _Recorder:
    """A runner that only records its calls."""

    lake: Lake
    console: Console
    asked: list[tuple[str, object, int]]

    def run(self, job: str, partitions: object = None, *, config: object = None, assets: object = ()) -> None:  # noqa: ARG002 - the runner's
        self.asked.append((job, partitions, len(list(assets))))  # type: ignore[call-overload]


@pytest.mark.parametrize("through", [Through.TEAMS, Through.MODELS, Through.PREDICTIONS, Through.WORLDS])
def test_a_backfill_by_month_in_its_order(chain: Chain, through: Through) -> None:
    runner = _Recorder(chain.lake, Console(file=io.StringIO()), [])
    backfill(runner, [SEASON], through, Retrain.MONTH, rebuild=True)  # type: ignore[arg-type]
    days = season_days(chain.lake)
    windows, asked = ("2024-10-01", days[-1].replace(day=1).isoformat()), (days[0].isoformat(), days[-1].isoformat())
    drawn = sum(spec.layer in ("sims", "exports") for spec in TABLES.values())
    runs = [
        ("history", ("2024", "2024"), 0),
        ("minutes", windows, 0),
        ("training_sets", ("2024", "2024"), 0),
        ("team_models", windows, 0),
        ("models", windows, 0),
        ("predictions", asked, 0),
        ("slate", asked, drawn),
    ]
    assert runner.asked == runs[: {Through.TEAMS: 4, Through.MODELS: 5, Through.PREDICTIONS: 6, Through.WORLDS: 7}[through]]


# --- bad input -------------------------------------------------------------------------------------------------------------


def assert_projected(rows: pl.DataFrame) -> None:
    """Check that every mean is finite, and that every team has 240 minutes and a plausible number of points."""
    assert rows.height > 0
    means = rows.select(pl.selectors.ends_with("_mean"), "minutes_reconciled", "play_prob")
    assert means.select(pl.all_horizontal(pl.all().is_finite()).all()).item()
    teams = rows.group_by("game_id", "team_id").agg(pl.col("minutes_reconciled", "pts_mean", "yahoo_points_mean").sum())
    assert teams.select((pl.col("minutes_reconciled") - 240).abs().max()).item() < 1e-6
    assert teams["pts_mean"].min() > 50


def test_a_player_nobody_has_seen(edited: Edited) -> None:
    rows = edited.box("unseen")
    assert_projected(rows)
    (unseen,) = rows.filter(pl.col("player_id") == str(UNSEEN)).to_dicts()
    assert unseen["team_id"] == edited.team["unseen"]
    assert "new player" in unseen["fell_back_on"].split("; ")
    assert unseen["minutes_reconciled"] > 0
    assert unseen["dk_points_mean"] > 0
    assert unseen["player_name"] is None
    others = rows.filter(pl.col("player_id") != str(UNSEEN))
    assert not others.select(pl.col("fell_back_on").str.contains("new player").all()).item()


def test_a_team_of_eight(edited: Edited) -> None:
    rows = edited.box("eight")
    assert_projected(rows)
    few = rows.select((pl.col("team_id") == edited.team["eight"]).alias("of_team"), pl.col("fell_back_on").str.contains("few players: 8"))
    assert (few["of_team"] == few["fell_back_on"]).all()
    assert rows.filter(pl.col("team_id") == edited.team["eight"], pl.col("play_prob") > 0).height == 8


@pytest.mark.parametrize("kind", ["no lines", "no starters"])
def test_a_slate_without_lines_or_starters(edited: Edited, kind: str) -> None:
    rows = edited.box(kind)
    assert_projected(rows)
    assert rows.select(pl.col("fell_back_on").str.split("; ").list.contains(kind).all()).item()
    other = {"no lines", "no starters"} - {kind}
    assert not rows.select(pl.col("fell_back_on").str.contains(other.pop()).any()).item()


def test_a_game_without_lines_has_no_market_and_says_so(edited: Edited) -> None:
    (predicted,) = predict_days(edited.lake, [edited.day["no lines"]], NOW)
    games = predicted.tables["predictions.team"]
    assert games.height > 0
    assert set(games["fell_back_on"].str.split("; ").list.first()) == {"no lines"}
    for name in ("margin_mean", "total_p10", "home_pts_p90", "home_win_prob"):
        assert games[f"with_market_{name}"].to_list() == games[name].to_list()


def test_without_team_models_players_are_projected_all_the_same(edited: Edited, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(edited.lake.root, lake.root)
    shutil.rmtree(lake.runs_root("team_v1"))
    (predicted,) = predict_days(lake, [edited.day["trade"]], NOW)
    assert predicted.tables["predictions.team"].is_empty()
    assert predicted.tables["predictions.player_box"].height > 0


def test_a_trade_on_the_day(edited: Edited) -> None:
    rows = edited.box("trade")
    assert_projected(rows)
    (traded,) = rows.filter(pl.col("player_id") == edited.player["trade"]).to_dicts()
    assert traded["team_id"] == edited.team["trade"]
    assert traded["minutes_mean"] > 10  # games for the previous team still count
    assert "new player" not in traded["fell_back_on"]
    if "new_team_flag" in TABLES["gold.player_form"].columns:
        assert "new team" in traded["fell_back_on"].split("; ")
        others = rows.filter(pl.col("player_id") != traded["player_id"])
        assert not others.select(pl.col("fell_back_on").str.contains("new team").all()).item()


def test_no_list_yet(edited: Edited) -> None:
    morning = datetime.combine(edited.day["no list"], datetime.min.time(), EASTERN) + timedelta(hours=8)
    rows = edited.box("no list", morning)
    assert_projected(rows)
    assert set(rows["features_from"]) == {"a slate of its own: not over by as_of_utc"}
    assert rows.select(pl.col("fell_back_on").str.split("; ").list.contains("no list").all()).item()
    assert edited.box("no list").select(pl.col("fell_back_on").str.contains("no list").any()).item() is False


@pytest.mark.parametrize(
    ("kind", "source"), [("unseen", "active_list"), ("delisted", "active_list"), ("proxy", "proxy"), ("report only", "injury_report")]
)
def test_the_days_are_what_they_are_called(edited: Edited, kind: str, source: str) -> None:
    rows = edited.box(kind)
    assert_projected(rows)
    assert source in set(rows["availability_source"])
    if kind == "delisted":
        assert edited.player[kind] not in set(rows["player_id"])
