"""`rates explain`: contributions add up to the predictions, and no input is an event of the day."""

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from rates_assets.cli import app
from rates_lib.core.calendar import EASTERN
from rates_lib.core.errors import RatesError
from rates_lib.core.player_names import UnknownPlayerError
from rates_lib.features.assemble import with_minutes
from rates_lib.lake import Lake
from rates_lib.models.config import RatesConfig, with_settings
from rates_lib.models.rates import predict_rates, train_rates
from rates_lib.pipeline.projections import candidates_of_day, predict_days
from rates_lib.pipeline.training import rates_training
from rates_lib.questions.explain.accounts import Account, rate_account
from rates_lib.questions.explain.answer import ACCOUNT_TARGETS, EXPLAINED_MODELS, RATES_SHOWN, Explanation, explain
from rates_lib.questions.explain.words import PERCENTAGE_LABELS
from rates_lib.schemas.columns import RATE_TARGETS
from tests.integration.conftest import Chain

SEASON = 2024
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def tables(chain: Chain) -> dict[str, pl.DataFrame]:
    (predicted,) = predict_days(chain.lake, [date.fromisoformat(chain.day)], NOW)
    return predicted.tables


@pytest.fixture(scope="module")
def players(tables: dict[str, pl.DataFrame]) -> list[str]:
    """The player with most minutes, one with few, and one who is out."""
    minutes = tables["predictions.minutes"].sort("minutes_mean", "player_id")
    able = minutes.filter(pl.col("play_prob") > 0)["player_id"]
    return [able[-1], able[0], minutes.filter(pl.col("status") == "inactive")["player_id"][-1]]


def explained(chain: Chain, player: str, targets: Sequence[str] = ACCOUNT_TARGETS) -> Explanation:
    return explain(chain.lake, player, date.fromisoformat(chain.day), NOW, targets)


def account(explanation: Explanation, target: str) -> Account:
    (match,) = [a for a in explanation.accounts if a.target == target]
    return match


def test_contributions_come_to_the_predictions(chain: Chain, tables: dict[str, pl.DataFrame], players: list[str]) -> None:
    parts = 0
    for player in players:
        explanation = explained(chain, player)
        row = {
            name: value
            for table in ("predictions.player_box", "predictions.rates", "predictions.minutes")
            for name, value in tables[table].filter(pl.col("player_id") == player).row(0, named=True).items()
        }
        expected = {"minutes": row["minutes_mean"], "play_prob": row["play_prob"]}
        expected |= {t: row[f"{t}_per_min_mean"] for t in RATE_TARGETS} | {t: row[f"{t}_mean"] for t in PERCENTAGE_LABELS}
        assert [a.target for a in explanation.accounts] == ["minutes", "play_prob", *RATE_TARGETS, *PERCENTAGE_LABELS]
        for a in explanation.accounts:
            assert a.prediction == pytest.approx(expected[a.target], abs=1e-12)
            assert a.start + math.fsum(p.amount for p in a.parts) + a.bounded == pytest.approx(a.prediction, abs=1e-6)
            assert a.bounded == pytest.approx(0, abs=1e-6)
            assert len({p.group for p in a.parts}) == len(a.parts)
            parts += len(a.parts)
        for target in RATE_TARGETS:
            a = account(explanation, target)
            assert a.start * math.prod(p.factor or math.nan for p in a.parts) == pytest.approx(a.prediction, abs=1e-6)
        for target in PERCENTAGE_LABELS:
            a = account(explanation, target)
            odds = a.start / (1 - a.start) * math.prod(p.factor or math.nan for p in a.parts)
            assert odds / (1 + odds) == pytest.approx(a.prediction, abs=1e-6)
        r = explanation.reconciled
        assert r.reconciled == row["minutes_reconciled"]
        assert r.expected == pytest.approx(row["play_prob"] * row["minutes_mean"])
        assert r.team_reconciled == pytest.approx(240)
        assert explanation.box["pts"] == row["pts_mean"]
        assert explanation.inputs.fell_back_on == row["fell_back_on"]
    assert parts > 20  # with fewer the fits would be too small to test the sum


def test_the_plain_recipe_adds_up_as_well(chain: Chain) -> None:
    day = date.fromisoformat(chain.day)
    rows, _ = candidates_of_day(chain.lake, day, NOW)
    (first_stage,) = predict_days(chain.lake, [day], NOW)
    features = with_minutes(rows.features, first_stage.tables["predictions.minutes"])
    window = date(SEASON, 10, 1)
    bundle = train_rates(
        rates_training(chain.lake, window), window, "stage0", with_settings(RatesConfig(), {"max_rounds": 5, "num_threads": 1})
    )
    predicted = predict_rates(features, bundle)
    for target in RATE_TARGETS:
        a = rate_account(features[3:4], target, bundle, predicted[f"{target}_per_min_mean"][3])
        assert a.scale == "identity"
        assert a.start + math.fsum(p.amount for p in a.parts) + a.bounded == pytest.approx(a.prediction, abs=1e-6)
        assert {p.factor for p in a.parts} <= {None}


def test_default_targets_are_minutes_and_the_rates_moved_most(chain: Chain, players: list[str]) -> None:
    few, everything = explained(chain, players[0], ()), explained(chain, players[0])
    assert [a.target for a in few.accounts[:2]] == ["minutes", "play_prob"]
    assert len(few.accounts) == 2 + RATES_SHOWN

    def moved(a: Account) -> float:
        return abs(a.prediction - a.start) / math.sqrt(a.prediction)

    shown = {a.target: moved(a) for a in few.accounts[2:]}
    assert min(shown.values()) >= max(moved(account(everything, t)) for t in RATE_TARGETS if t not in shown)


def test_what_was_known(chain: Chain, players: list[str]) -> None:
    explanation = explained(chain, players[0], ("minutes",))
    day = date.fromisoformat(chain.day)
    lists = chain.lake.read("silver.player_availability", [SEASON]).filter(
        pl.col("game_date") == day, pl.col("as_of") == "close", pl.col("status") == "inactive"
    )
    missing = {p.player_id for p in explanation.inputs.out}
    assert missing
    assert {p.player_id for p in explanation.inputs.out if p.status == "inactive"} <= set(lists["player_id"])
    assert [p.minutes for p in explanation.inputs.out] == sorted((p.minutes for p in explanation.inputs.out), reverse=True)
    assert all(p.player_name != p.player_id for p in explanation.inputs.out)
    assert explanation.inputs.status == "active"
    assert explanation.inputs.total is not None
    assert explanation.inputs.features_from == "form tables"
    assert tuple(explanation.runs)[:3] == EXPLAINED_MODELS
    assert all(run_id.startswith(f"{model}-") for model, run_id in explanation.runs.items())
    appeared = set(chain.lake.read("silver.player_game").filter(pl.col("game_date") < day, pl.col("min") > 0)["player_id"])
    assert {p.player_id for p in explanation.inputs.out if p.last_game} == missing & appeared
    log = chain.lake.read("silver.player_game").filter(pl.col("player_id") == players[0], pl.col("game_date") < day, pl.col("min") > 0)
    newest = log.sort("game_date", descending=True).head(5)
    assert [line.game_date for line in explanation.last_games] == newest["game_date"].to_list()
    assert [line.minutes for line in explanation.last_games] == newest["minutes"].to_list()
    assert explanation.outcome is not None
    assert explanation.outcome.line is not None
    absent = explained(chain, players[2], ("minutes",)).outcome
    assert absent is not None
    assert absent.line is None


# --- no data of the day ---------------------------------------------------------------------------------------------------


def poison(lake: Lake, from_day: date, keep_records: bool) -> None:
    """Turn every outcome of a day and later into nonsense; with `keep_records` the files' metadata do not show the change."""
    later = pl.col("game_date") >= from_day
    for table in ("silver.player_game", "silver.team_game", "silver.game", "silver.tracking_game"):
        path = lake.partition_path(table, SEASON)
        metadata, frame = pl.read_parquet_metadata(path), lake.read(table, [SEASON])
        kept = ("season", "overtimes")
        counts = [c for c, dtype in frame.schema.items() if dtype in (pl.Int64, pl.Float64) and c not in kept]
        path.unlink()  # the copy may be a link
        poisoned = frame.with_columns(pl.when(later).then(pl.col(c) * 3 + 1).otherwise(c).alias(c) for c in counts)
        poisoned.write_parquet(path, metadata={k: v for k, v in metadata.items() if keep_records and k.startswith("rates")})


@pytest.mark.parametrize("keep_records", [True, False])
@pytest.mark.parametrize("days_before", [0, 1])
def test_nothing_of_the_day_is_read(chain: Chain, players: list[str], tmp_path: Path, keep_records: bool, days_before: int) -> None:
    """Explain from the form tables, from a slate of its own, and on the morning of the day before, when that day is not over either."""
    day = date.fromisoformat(chain.day)
    as_of = datetime.combine(day - timedelta(days=1), time(9), EASTERN) if days_before else NOW
    lake = Lake(tmp_path / "lake")
    shutil.copytree(chain.lake.root, lake.root)
    poison(lake, day - timedelta(days=days_before), keep_records)
    for player in players[:2]:
        clean, poisoned = (explain(where, player, day, as_of, ACCOUNT_TARGETS) for where in (chain.lake, lake))
        assert poisoned.inputs.features_from.startswith("form tables" if keep_records and not days_before else "a slate of its own")
        assert (clean.outcome, clean.outcome and clean.outcome.home_pts) != (
            poisoned.outcome,
            poisoned.outcome and poisoned.outcome.home_pts,
        )
        same = replace(clean.inputs, features_from=poisoned.inputs.features_from)
        assert replace(clean, outcome=poisoned.outcome, inputs=same) == poisoned


# --- the command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def rates(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> "Rates":
    monkeypatch.setenv("RATES_ROOT", str(chain.lake.root))
    return Rates()


class Rates:
    """`rates explain` on the tiny league."""

    def run(self, *args: str) -> Result:
        return CliRunner().invoke(app, ["explain", *args])

    def refused(self, *args: str) -> str:
        """The one-line error message of a command that must fail."""
        result = self.run(*args)
        assert result.exit_code == 1
        (line,) = result.stderr.strip().splitlines()
        return line


def test_as_json(chain: Chain, rates: Rates, players: list[str]) -> None:
    printed = json.loads(rates.run(players[0], chain.day, "--target", "minutes,ast,fg3_pct", "--json").stdout)
    assert {"player_name", "team", "accounts", "reconciled", "box", "runs", "inputs", "last_games", "outcome"} <= set(printed)
    assert [a["target"] for a in printed["accounts"]] == ["minutes", "play_prob", "ast", "fg3_pct"]
    assert set(printed["accounts"][2]) == {
        *("target", "unit", "scale", "start", "start_words", "parts", "bounded", "prediction", "run_id", "window"),
    }
    (part, *_) = printed["accounts"][0]["parts"]
    assert set(part) == {"group", "raw", "factor", "amount", "drivers"}
    drivers = [d for a in printed["accounts"] for p in a["parts"] for d in p["drivers"]]
    assert drivers
    assert set(drivers[0]) == {"column", "value", "words", "raw"}
    assert set(printed["last_games"][0]) == {"game_date", "opponent", "home", "minutes", "started", "counts"}
    assert printed["game_date"] == chain.day


def test_on_the_screen(chain: Chain, rates: Rates, players: list[str]) -> None:
    shown = rates.run(players[0], chain.day, "--target", "minutes,ast,ft_pct")
    assert shown.exit_code == 0, shown.stderr
    explanation = explained(chain, players[0], ("minutes", "ast", "ft_pct"))
    for text in (
        explanation.player_name,
        f"{account(explanation, 'minutes').prediction:.1f} minutes if the player plays",
        f"{account(explanation, 'ast').prediction:.3f} assists per minute",
        "FT%",
        "last games",
        "prediction",
    ):
        assert text in shown.stdout
    before, after = shown.stdout.split("what happened")
    assert explanation.outcome is not None
    assert f"{explanation.outcome.away_pts}-{explanation.outcome.home_pts}" in after
    assert chain.day in after
    assert chain.day not in before.split("last games")[1]
    out = rates.run(players[2], chain.day)
    assert "by rule: the player's status is inactive" in out.stdout
    assert "the player did not play" in out.stdout


def test_part_of_a_name_is_enough(chain: Chain, rates: Rates, tables: dict[str, pl.DataFrame]) -> None:
    names = tables["predictions.minutes"]["player_name"].to_list()
    last = [name.split()[-1] for name in names]
    alone = next(name for name, word in zip(names, last, strict=True) if last.count(word) == 1)
    result = json.loads(rates.run(alone.split()[-1].upper(), chain.day, "--target", "minutes", "--json").stdout)
    assert result["player_name"] == alone


def test_errors_say_what_there_is(chain: Chain, rates: Rates, tables: dict[str, pl.DataFrame], players: list[str]) -> None:
    day = date.fromisoformat(chain.day)
    names = tables["predictions.minutes"].sort("player_id")["player_name"].to_list()
    several = rates.refused(names[0][0], chain.day)  # a letter in many names
    assert "may be" in several
    assert "write more of the name, or the id" in several
    assert names[0] in rates.refused(names[0][:-1] + "qx", chain.day)
    assert "target pts does not exist: choose from minutes, fga2" in rates.refused(players[0], chain.day, "--target", "pts")
    assert "silver.game holds no season 2031" in rates.refused(players[0], "2031-12-25")
    assert "is not an instant" in rates.refused(players[0], chain.day, "--as-of", "noon")
    line = rates.refused(players[0], "2024-10-13")
    first = chain.lake.read("silver.game", [SEASON])["game_date"].min()
    assert "no games on 2024-10-13" in line
    assert f"the next is {first}" in line

    log = chain.lake.read("silver.player_game", [SEASON])
    candidates = set(tables["predictions.minutes"]["player_id"])
    away = log.filter(~pl.col("player_id").is_in(candidates), pl.col("game_date") < day)
    assert away.height  # players of a team without a game on the day
    player_id, name = away.sort("player_id").select("player_id", "player_name").row(0)
    dates = log.filter(pl.col("player_id") == player_id)["game_date"]
    line = rates.refused(player_id, chain.day)
    assert line.startswith(f"error: {name} ")
    assert f"the last game was on {dates.filter(dates < day).max()}" in line
    assert "the next is " in line


def test_a_day_to_come_is_explained_without_an_outcome(chain: Chain, players: list[str], tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(chain.lake.root, lake.root)
    day = date.fromisoformat(chain.day)
    games = lake.read("silver.game", [SEASON])
    open_ = pl.col("game_date") >= day
    results = ("home_pts", "away_pts", "home_win", "overtimes")
    lake.write("silver.game", games.with_columns(pl.when(~open_).then(c).alias(c) for c in results), SEASON)
    for table in ("silver.player_game", "silver.team_game", "silver.tracking_game"):
        lake.write(table, lake.read(table, [SEASON]).filter(~open_), SEASON)
    clean, tonight = (explain(where, players[0], day, NOW) for where in (chain.lake, lake))
    assert tonight.outcome is None
    assert (tonight.accounts, tonight.last_games) == (clean.accounts, clean.last_games)


def test_errors_of_the_library(chain: Chain) -> None:
    day = date.fromisoformat(chain.day)
    with pytest.raises(UnknownPlayerError, match="no player is called"):
        explain(chain.lake, "nobody at all", day, NOW)
    with pytest.raises(RatesError, match="holds no season"):
        explain(Lake(Path("/nowhere")), "anybody", day, NOW)
