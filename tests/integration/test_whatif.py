"""`rates whatif` on the tiny league: its inputs are those of the day's predictions, and its answers follow from the scenario."""

import json
import os
import shutil
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rates_lib.core.calendar import season_of
from rates_lib.core.errors import RatesError
from rates_lib.features.registry import FAMILIES
from rates_lib.lake import Lake
from rates_lib.pipeline.kept_slates import keep, kept
from rates_lib.pipeline.lineage import fingerprints, slate_inputs
from rates_lib.pipeline.projections import ALL_PREDICTIONS, predict_candidates
from rates_lib.pipeline.slate import build_slate
from rates_lib.questions.price import ask
from rates_lib.questions.whatif.answer import Answer, whatif
from rates_lib.questions.whatif.inputs import STATUS_FAMILIES, ScenarioInputs, changed, scenario_inputs
from rates_lib.questions.whatif.request import Night, Scenario, ScenarioRequest
from tests.integration.commands import rates, refused
from tests.integration.conftest import Chain

WORLDS = 200  # as many as the chain has drawn


class Day:
    """The chain's day with starters, bench and ruled-out players of the home team, each sorted by minutes."""

    def __init__(self, lake: Lake, day: date) -> None:
        self.lake, self.day = lake, day
        players = lake.read("predictions.minutes", [day.isoformat()])
        self.night = Night(players, lake.read("silver.game", [season_of(day)]).filter(pl.col("game_date") == day))
        self.game = self.night.games.row(0, named=True)
        self.code = self.game["home_team_abbreviation"]
        self.team = self.game["home_team_id"]
        self.as_of: datetime = players["as_of_utc"].max()  # type: ignore[assignment]
        mates = players.filter(pl.col("team_id") == self.team).sort("minutes_reconciled", "player_id", descending=[True, False])
        able = mates.filter(pl.col("play_prob") > 0)
        statuses = lake.read("silver.player_availability", [season_of(day)]).filter(pl.col("as_of") == "close", pl.col("game_date") == day)
        announced = statuses.filter(pl.col("starter_announced") == 1)["player_id"]
        self.starters = able.filter(pl.col("player_id").is_in(announced.to_list()))["player_id"].to_list()
        self.bench = able.filter(~pl.col("player_id").is_in(announced.to_list()))["player_id"].to_list()
        lines = lake.read("silver.odds_game", [season_of(day)]).filter(
            pl.col("game_id") == self.game["game_id"], pl.col("as_of") == "close"
        )
        self.line = lines.row(0, named=True)
        self.hurt = mates.filter(pl.col("play_prob") == 0)["player_id"].to_list()

    def inputs(self, lake: Lake | None = None) -> ScenarioInputs:
        return scenario_inputs(lake or self.lake, self.day, self.as_of, self.night, self.night.games["game_id"].to_list())

    def answer(self, lake: Lake | None = None, worlds: int = WORLDS, **asked: Any) -> Answer:
        return whatif(lake or self.lake, self.day, ScenarioRequest(**asked), worlds)

    def teams(self) -> pl.DataFrame:
        """Predictions of the day's games."""
        return self.lake.read("predictions.team", [self.day.isoformat()])


@pytest.fixture(scope="module")
def today(chain: Chain) -> Day:
    return Day(chain.lake, date.fromisoformat(chain.day))


@pytest.fixture(scope="module")
def as_tonight(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A copy of the lake in which the day is projected a minute before tip-off, from a slate of its own, which is kept."""
    lake = Lake(tmp_path_factory.mktemp("tonight") / "lake")
    shutil.copytree(chain.lake.root, lake.root)
    day = date.fromisoformat(chain.day)
    tipoff = lake.read("silver.game", [season_of(day)]).filter(pl.col("game_date") == day)["tipoff_utc"].min()
    as_of = tipoff - timedelta(minutes=1)  # type: ignore[operator]
    slate = build_slate(lake, day, as_of)
    for table, rows in predict_candidates(lake, slate.inputs).items():
        lake.write(table, rows, chain.day)
    keep(lake, slate, as_of, fingerprints(lake, slate_inputs(), season_of(day)))
    return lake


@pytest.fixture(scope="module")
def tonight(as_tonight: Lake, today: Day) -> Day:
    return Day(as_tonight, today.day)


def figure(frame: pl.DataFrame, **of_row: str) -> dict[str, Any]:
    return frame.row(by_predicate=pl.all_horizontal(pl.col(c) == value for c, value in of_row.items()), named=True)


def minutes_of(answer: Answer, team: str, case: str) -> float:
    return float(answer.players.filter(pl.col("team") == team, pl.col("figure") == "minutes")[case].sum())


# --- its inputs -------------------------------------------------------------------------------------------------------


def test_the_inputs_of_a_day_that_is_over_are_those_of_its_slate(today: Day) -> None:
    """Inputs from the form tables are bit for bit those of a slate built from scratch."""
    inputs = today.inputs()
    assert inputs.source == "form tables"
    same_as_slate(inputs, today)


def test_the_inputs_of_tonight_are_those_of_its_slate(tonight: Day) -> None:
    inputs = tonight.inputs()
    assert inputs.source == "the day's slate"
    same_as_slate(inputs, tonight)


def known(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Rows of a form table without the outcomes that a finished day has."""
    (labels,) = (family.labels for family in FAMILIES if family.table == table)
    return rows.drop(labels)


def same_as_slate(inputs: ScenarioInputs, on: Day) -> None:
    slate = build_slate(on.lake, on.day, on.as_of)
    inputs_used = inputs.for_prediction()
    outcomes = [label for family in FAMILIES for label in family.labels]
    assert inputs_used.features.drop(outcomes).equals(slate.inputs.features.select(inputs_used.features.columns).drop(outcomes))
    assert inputs_used.games.sort("game_id").equals(slate.inputs.games.select(inputs_used.games.columns).sort("game_id"))
    for table, rows in inputs.forms.items():
        assert known(rows, table).equals(known(slate.forms[table], table)), table
    stored = {table: on.lake.read(table, [on.day.isoformat()]) for table in ALL_PREDICTIONS}
    for table, rows in predict_candidates(on.lake, inputs_used).items():
        assert rows.equals(stored[table]), table


@pytest.mark.parametrize("table", ["bronze.player_status", "silver.player_availability"])
def test_forms_whose_inputs_have_other_rows_by_now_are_not_used(tonight: Day, table: str) -> None:
    before, season = tonight.inputs(), season_of(tonight.day)
    assert before.source == "the day's slate"
    path = tonight.lake.partition_path(table, season)
    record, stamp = tonight.lake.record(table, season), path.stat()
    assert record is not None
    rows = tonight.lake.read(table, [season])
    tonight.lake.write(table, pl.concat([rows[1:], rows[:1]]), season, record.made_from)  # only the fingerprint changes
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    source = f"the slate of {tonight.day} was made from other rows of {table} of {season}; `rates slate {tonight.day}` stores them"
    inputs = tonight.inputs()
    assert inputs.source == f"features rebuilt, which takes some seconds: {source}"
    assert all(rows.equals(before.forms[name]) for name, rows in inputs.forms.items())
    if table.startswith("silver"):
        assert tonight.answer(starters=[tonight.starters[0]]).notes == [inputs.source]
    tonight.lake.write(table, rows, season, record.made_from)  # the same rows again, at another time
    assert tonight.inputs().source == "the day's slate"


def test_forms_of_an_earlier_instant_are_not_used(tonight: Day) -> None:
    tables = ["gold.team_form"]
    assert set(kept(tonight.lake, tonight.day, tonight.as_of, tables)) == set(tables)
    assert (
        kept(tonight.lake, tonight.day, tonight.as_of + timedelta(minutes=5), tables)
        == f"the slate of {tonight.day} is of an earlier instant"
    )
    tomorrow = tonight.day + timedelta(days=1)
    assert kept(tonight.lake, tomorrow, tonight.as_of, tables) == f"there is no slate of {tomorrow}"


@pytest.mark.parametrize("what", ["out", "starter", "back"])
def test_statuses_change_status_families_alone(today: Day, what: str) -> None:
    """`inputs.changed` recomputes every form table that the scenario changes."""
    scenario = {
        "out": Scenario(out=(today.starters[0], today.bench[0])),
        "starter": Scenario(starters={today.bench[0]: today.starters[4]}),
        "back": Scenario(minutes={today.hurt[0]: 30.0}, starters={today.hurt[0]: today.starters[4]}),
    }[what]
    inputs = today.inputs()
    after, _ = changed(inputs, scenario, today.night, today.teams())
    assert not after.history.availability.equals(inputs.history.availability)
    games = inputs.games.drop("as_of_utc")
    moved = set()
    for family in FAMILIES:
        before, rebuilt = (family.build(history, games) for history in (inputs.history, after.history))
        if not before.equals(rebuilt):
            moved.add(family.table)
        if family.table in inputs.forms:
            assert known(inputs.forms[family.table], family.table).equals(known(before, family.table)), family.table
            assert known(after.forms[family.table], family.table).equals(known(rebuilt, family.table)), family.table
    assert moved
    assert moved <= set(STATUS_FAMILIES)
    assert set(inputs.forms) | {"gold.player_role"} == {family.table for family in FAMILIES}


def test_a_changed_status_is_that_of_a_changed_list(today: Day) -> None:
    """An `out` has the same effect as a list that rules the player out."""
    player = today.starters[0]
    after, _ = changed(today.inputs(), Scenario(out=(player,)), today.night, today.teams())
    row = after.history.availability.filter(pl.col("player_id") == player, pl.col("game_date") == today.day).row(0, named=True)
    assert (row["status"], row["play_prob_prior"], row["starter_announced"]) == ("out", 0.0, 0)
    announced = after.history.availability.filter(
        pl.col("team_id") == today.team, pl.col("game_date") == today.day, pl.col("starter_announced") == 1
    )
    assert set(announced["player_id"]) > set(today.starters[1:])
    assert set(announced["player_id"]) - set(today.starters[1:]) < set(today.bench)
    assert announced.height == 5
    others = pl.col("team_id") != today.team
    assert after.history.availability.filter(others).equals(today.inputs().history.availability.filter(others))


# --- its answers -------------------------------------------------------------------------------------------------------


def test_what_is_so_already_changes_nothing(today: Day) -> None:
    """A starter who starts anyway, and the known lines."""
    answer = today.answer(
        starters=[today.starters[0]],
        totals=[str(today.line["total"])],
        spreads=[f"{today.code}={today.line['spread_home']}"],
        questions=[f"{today.code} wins"],
    )
    assert answer.notes == []
    for frame in (answer.games, answer.teams, answer.players):
        assert frame.height > 0
        assert set(frame["difference"]) == {0.0}
        assert set(frame["error"].drop_nulls()) == {0.0}
    ((_, before, after),) = answer.prices
    assert before == after


def test_the_base_case_is_the_day_as_it_was_simulated(today: Day) -> None:
    """The base case has the same worlds and prices as `rates price`."""
    questions = [f"{today.code} wins", f"{today.code} total >= 215", f"{today.bench[0]} PTS >= 8.5", f"{today.starters[0]} double_double"]
    answer = today.answer(out=[today.starters[1]], questions=questions)
    for question, before, after in answer.prices:
        stored = ask(today.lake, question, today.day).price
        assert (before.chance, before.worlds, before.drawn) == (stored.chance, stored.worlds, stored.drawn)
        assert after.conditions == stored.conditions
    summary = today.lake.read("sims.game_summary", [today.day.isoformat()]).row(0, named=True)
    assert figure(answer.games, figure="margin")["before"] == pytest.approx(summary["margin_mean"])
    assert figure(answer.games, figure="home_win")["before"] == pytest.approx(summary["home_win_prob"])


def test_who_is_out_does_nothing_and_others_take_over(today: Day) -> None:
    star = today.starters[0]
    answer = today.answer(out=[star])
    star_rows = answer.players.filter(pl.col("player_id") == star)
    assert set(star_rows["after"]) == {0.0}
    assert star_rows.filter(pl.col("figure") == "minutes")["before"].item() > 20
    names = today.night.names()
    (note,) = answer.notes
    in_five = [player for player in today.bench if note.startswith(f"{names[player]} starts instead: ")]
    assert len(in_five) == 1
    assert names[star] in note
    mates = answer.players.filter(pl.col("team") == today.code, pl.col("player_id") != star)
    gained = mates.filter(pl.col("figure") == "minutes")["difference"]
    assert gained.max() > 2  # type: ignore[operator]
    assert gained.min() > -2  # type: ignore[operator]
    assert figure(mates, player_id=in_five[0], figure="minutes")["difference"] > 2
    for team in answer.teams["team"].unique():
        for case in ("before", "after"):
            assert minutes_of(answer, team, case) == pytest.approx(240, abs=5)  # overtime is in it
    base = predict_candidates(today.lake, changed(today.inputs(), Scenario(out=(star,)), today.night, today.teams())[0].for_prediction())
    minutes = base["predictions.minutes"]
    assert minutes.filter(pl.col("player_id") == star).select("play_prob", "minutes_reconciled").row(0) == (0, 0)
    sums = minutes.group_by("team_id").agg(pl.col("minutes_reconciled").sum())["minutes_reconciled"]
    assert sums.to_list() == pytest.approx([240, 240], abs=1e-6)


def test_who_is_held_plays_about_so_long(today: Day) -> None:
    star, back = today.starters[0], today.hurt[0]
    answer = today.answer(minutes=[f"{star}=20", f"{back}=25"], worlds=500)
    assert figure(answer.players, player_id=star, figure="minutes")["after"] == pytest.approx(20, abs=1)
    returned = figure(answer.players, player_id=back, figure="minutes")
    assert (returned["before"], returned["after"]) == (0, pytest.approx(25, abs=1))
    assert figure(answer.players, player_id=back, figure="pts")["after"] > 2
    assert minutes_of(answer, today.code, "after") == pytest.approx(240, abs=5)


def test_a_starter_takes_a_place(today: Day) -> None:
    last = min(today.starters, key=lambda p: today.night.players.filter(pl.col("player_id") == p)["minutes_reconciled"].item())
    names = today.night.names()
    answer = today.answer(starters=[f"{names[today.bench[0]]} for {names[last]}"])
    assert answer.notes == [f"{today.night.names()[last]} comes off the bench"]
    assert figure(answer.players, player_id=today.bench[0], figure="minutes")["difference"] > 0
    assert figure(answer.players, player_id=last, figure="minutes")["difference"] < 0


@pytest.mark.parametrize(("by", "sign"), [(12.0, 1), (-12.0, -1)])
def test_the_worlds_follow_the_lines(today: Day, by: float, sign: int) -> None:
    total, spread = today.line["total"] + by, today.line["spread_home"] - by
    games = today.answer(totals=[str(total)], spreads=[f"{today.game['away_team_abbreviation']}={-spread}"]).games
    assert 2 < sign * figure(games, figure="total")["difference"] <= 12
    assert 2 < sign * figure(games, figure="margin")["difference"] <= 12


def test_given_counts_worlds_in_which_it_holds(today: Day) -> None:
    rout, star = f"{today.code} -4.5", today.starters[0]
    question = f"{star} PTS >= 15"
    answer = today.answer(given=rout, questions=[rout, f"{today.code} wins", question], worlds=WORLDS)
    counted = answer.counted[today.game["game_id"]]
    assert 0 < counted < WORLDS
    margin, win = (figure(answer.games, figure=name) for name in ("margin", "home_win"))
    assert margin["after"] > 5 > margin["before"]
    assert win["after"] == 1
    (_, before, after), (_, _, wins), (_, _, points) = answer.prices
    assert before.chance == ask(today.lake, rout, today.day).price.chance == counted / WORLDS
    assert (after.chance, wins.chance) == (1.0, 1.0)
    assert (after.worlds, after.drawn) == (counted, WORLDS)
    with today.lake.connect() as con:
        wanted = con.execute(
            """WITH routs AS (SELECT world FROM sims.worlds WHERE game_id = $game GROUP BY world
                              HAVING sum(if(team_id = $team, 1, -1) * pts::INTEGER) > 4)
               SELECT avg((pts >= 15)::INTEGER), count(*) FROM sims.worlds SEMI JOIN routs USING (world)
               WHERE game_id = $game AND player_id = $star""",
            {"game": today.game["game_id"], "team": today.team, "star": star},
        ).fetchone()
    assert (points.chance, points.worlds) == (pytest.approx(wanted[0]), wanted[1])  # type: ignore[index]
    with pytest.raises(RatesError, match=f"'{today.code} -90.5' holds in 0 of {WORLDS} worlds"):
        today.answer(given=f"{today.code} -90.5")


def test_early_fouls_cost_minutes_and_say_nothing_of_who_does_not_play(today: Day) -> None:
    star = today.starters[0]
    answer = today.answer(foul_trouble=[star], worlds=500)
    assert figure(answer.players, player_id=star, figure="minutes")["difference"] < -1
    total = figure(answer.games, figure="total")
    assert abs(total["difference"]) < 0.6  # a team has as many minutes as before
    with pytest.raises(RatesError, match="is ruled out"):
        today.answer(foul_trouble=[today.hurt[0]])


def test_fouls_without_a_cost_move_no_team(today: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """Team predictions move by the minutes lost to fouls, not by the difference between simulated and predicted minutes."""
    monkeypatch.setattr("rates_lib.questions.whatif.request.EARLY_FOULS", 0)
    answer = today.answer(foul_trouble=[today.starters[0]])
    assert answer.games["difference"].abs().max() < 0.6  # the scenario makes the player certain to play, which was nearly certain before


def test_line_ups_are_told(today: Day) -> None:
    five = [*today.starters[:4], today.bench[0]]
    answer = today.answer(lineups=[f"{','.join(five)}=20"])
    asked, rest = answer.lineups.rows(named=True)
    assert asked["minutes_before"] < 15
    assert asked["minutes_after"] >= 20
    assert (rest["players"], rest["minutes_after"]) == ("the rest of the game", 28)
    assert set(
        answer.players.filter(pl.col("player_id").is_in(five), pl.col("figure") == "minutes").select(pl.col("after") > 19)["after"]
    ) == {True}


def test_lines_that_no_team_can_score_are_refused(today: Day) -> None:
    with pytest.raises(
        RatesError, match=r"a total of 130 with a spread of 55 means .* points of a team: request lines that mean 50 to 170"
    ):
        today.answer(totals=["130"], spreads=[f"{today.code}=-55"])


def test_worlds_in_blocks_are_the_same_worlds(today: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is that of a block; prices, conditions and figures are those of all worlds at once, and progress is reported."""
    asked = {"out": [today.starters[1]], "given": f"{today.code} -0.5", "questions": [f"{today.starters[0]} PTS >= 15"]}
    whole = today.answer(**asked)
    monkeypatch.setattr("rates_lib.sim.worlds.BLOCK", 64)
    calls: list[tuple[int, int]] = []
    parts = whatif(today.lake, today.day, ScenarioRequest(**asked), WORLDS, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(64, 200), (128, 200), (192, 200), (200, 200)]
    assert parts.prices == whole.prices
    assert parts.counted == whole.counted
    for one, two in ((whole.games, parts.games), (whole.teams, parts.teams), (whole.players, parts.players)):
        assert_frame_equal(one, two, rel_tol=1e-9, abs_tol=1e-9)


def test_too_many_worlds_are_refused(today: Day) -> None:
    with pytest.raises(RatesError, match="100,000,000 worlds of a game cannot be drawn: request 100 to 10,000,000"):
        today.answer(out=[today.starters[0]], worlds=100_000_000)


# --- errors -----------------------------------------------------------------------------------------------------------


def test_nothing_asked_is_an_error(today: Day) -> None:
    with pytest.raises(RatesError, match="the scenario is empty: name a player"):
        today.answer(questions=[f"{today.code} wins"])


def test_a_day_without_predictions_is_an_error(today: Day) -> None:
    with pytest.raises(RatesError, match="no predictions of 2024-10-13: run `rates slate 2024-10-13` first"):
        whatif(today.lake, date(2024, 10, 13), ScenarioRequest(out=("somebody",)))


def test_a_team_of_four_cannot_be_simulated(today: Day) -> None:
    able = [*today.starters, *today.bench]
    with pytest.raises(RatesError, match=f"game {today.game['game_id']} cannot be simulated: team {today.team} has 4 players"):
        today.answer(out=able[4:])


# --- on the command line ----------------------------------------------------------------------------------------------


@pytest.fixture
def reading(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> Chain:
    """The tiny league's own lake: the command writes nothing."""
    monkeypatch.setenv("RATES_ROOT", str(chain.lake.root))
    return chain


def test_the_command_prints(reading: Chain, today: Day) -> None:
    star, names = today.starters[0], today.night.names()
    args = ["whatif", reading.day, "--out", names[star], "--ask", f"{today.code} wins", "--worlds", "200"]
    shown = rates(*args)
    assert shown.exit_code == 0, shown.stderr
    assert f"{today.game['away_team_abbreviation']} at {today.code} · 200 worlds, the same seed in both" in shown.stdout
    assert "starts instead: " in shown.stdout
    assert names[star] in shown.stdout
    assert "→ 0.0" in shown.stdout
    assert f"{today.code} wins: " in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 120
    printed = json.loads(rates(*args, "--json").stdout)
    (told,) = printed["told"]
    assert " ".join(told.split()) in " ".join(shown.stdout.split())
    assert set(printed) == {"told", "worlds", "worlds_counted", "games", "teams", "players", "lineups", "prices"}
    star_rows = [row for row in printed["players"] if row["player_id"] == star]
    assert len(star_rows) == 9
    assert {row["after"] for row in star_rows} == {0}
    assert (printed["worlds"], printed["worlds_counted"]) == (200, {today.game["game_id"]: 200})
    assert printed["prices"][0]["before"]["chance"] == ask(today.lake, f"{today.code} wins", today.day).price.chance


def test_the_command_prints_line_ups_and_everybody(reading: Chain, today: Day) -> None:
    five = ",".join([*today.starters[:4], today.bench[0]])
    shown = rates("whatif", reading.day, "--lineup", f"{five}=20", "--all", "--worlds", "200").stdout
    assert "minutes together" in shown
    assert "the rest of the game" in shown
    able = today.night.players.filter(pl.col("play_prob") > 0)["player_name"]
    assert all(name in shown for name in able)
    quiet = rates("whatif", reading.day, "--starter", today.starters[0], "--worlds", "200").stdout
    assert "no player's figures change by more than sampling error" in quiet


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "the scenario is empty"),
        (("--out", "Nobody Atall"), "no player is called 'Nobody Atall'"),
        (("--total", "XYZ=231"), "no team XYZ plays that day"),
        (("--given", "what?"), "in 'what?': a statistic is missing after 'what?'"),
        (("--ask", "what?", "--total", "231"), "in 'what?': a statistic is missing after 'what?'"),
    ],
)
def test_errors_are_one_line(today: Day, args: Sequence[str], message: str) -> None:
    assert message in refused("whatif", today.day.isoformat(), *args)


@pytest.mark.parametrize(
    ("command", "worlds", "allowed"),
    [
        (("whatif", "2024-12-25", "--out", "x"), 10_000_001, "100 to 10,000,000"),
        (("whatif", "2024-12-25", "--out", "x"), 99, "100 to 10,000,000"),
        (("slate", "2024-12-25"), 10_000_000, "1 to 100,000"),
        (("slate", "2024-12-25"), 0, "1 to 100,000"),
        (("evaluate-worlds", "--seasons", "2024"), 10_000_000, "100 to 100,000"),
    ],
)
def test_numbers_of_worlds_have_bounds(command: Sequence[str], worlds: int, allowed: str) -> None:
    assert refused(*command, "--worlds", str(worlds)) == f"error: {worlds:,} worlds of a game cannot be drawn: request {allowed}"


@pytest.mark.usefixtures("reading")
def test_a_day_without_predictions_names_the_command() -> None:
    assert "no predictions of 2024-10-13: run `rates slate 2024-10-13` first" in refused("whatif", "2024-10-13", "--out", "somebody")


def test_without_parameters_of_worlds_the_command_that_fits_them_is_named(
    chain: Chain, today: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`rates slate` also writes the predictions before it names the missing model of the worlds."""
    monkeypatch.setenv("RATES_ROOT", str(tmp_path / "lake"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    shutil.copytree(chain.lake.root, tmp_path / "lake")
    shutil.rmtree(tmp_path / "lake" / "models" / "worlds_v1")
    message = f"no worlds_v1 model for {chain.day} (there is none at all): train one with `rates train --as-of {chain.day}`"
    assert message in refused("whatif", chain.day, "--out", today.starters[0])
    assert message in refused("slate", chain.day)
