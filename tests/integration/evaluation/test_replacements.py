"""Vacancies of the tiny league: what is asked, what the rule names, and what it is worth."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from rates_lib.core.calendar import season_of
from rates_lib.core.errors import RatesError
from rates_lib.evaluation import replacements
from rates_lib.evaluation.replacements import FIRST, ONE, RULES, SEVERAL, Case, Vacancy, cases, minutes_errors, right_names, vacancies
from rates_lib.questions.whatif.replacement import WEIGHTS
from tests.integration.conftest import Chain


@pytest.fixture(scope="module")
def found(chain: Chain) -> list[Case]:
    return cases(chain.lake, [season_of(date.fromisoformat(chain.day))])


def test_a_vacancy_by_hand() -> None:
    """The usual five plays six games; then the fifth is out twice, and comes back."""
    usual, days = ["a", "b", "c", "d", "e"], [date(2024, 11, 1) + timedelta(days=2 * n) for n in range(9)]
    rows: list[dict[str, Any]] = []
    for n, day in enumerate(days):
        five = [*usual[:4], "f"] if n in (6, 7) else usual
        for player in [*usual[:4], "f", "g"] if n in (6, 7) else [*usual, "f", "g"]:
            rows.append({"season": 2024, "team_id": "T", "game_id": f"g{n}", "game_date": day, "player_id": player, "min": 20})
            rows[-1]["starter"] = int(player in five)
    asked = vacancies(pl.DataFrame(rows), 2024)
    assert [(v.game_id, v.absent, v.new, v.first, v.single) for v in asked] == [
        ("g6", ("e",), ("f",), True, True),
        ("g7", ("e",), ("f",), False, True),
    ]
    assert vacancies(pl.DataFrame(rows), 2025) == []
    unknown = pl.DataFrame(rows).with_columns(pl.lit(None, pl.Int8).alias("starter"))
    assert vacancies(unknown, 2024) == []


def test_cases_name_the_absent_and_leave_them_out(found: list[Case]) -> None:
    assert len(found) > 5
    for case in found:
        vacancy = case.vacancy
        assert set(case.known) | set(vacancy.new) == vacancy.five
        assert not {*vacancy.absent, *case.known} & set(case.candidates)
        assert all(game.game_date < vacancy.game_date for game in case.games)
        for rule in RULES:
            named = case.named(rule)
            assert len(named) == min(len(vacancy.new), len(case.candidates))
            assert set(named) <= set(case.candidates)


def test_shares_of_right_names(found: list[Case]) -> None:
    rows = right_names(found)
    assert rows.columns == ["season", "group", "vacancies", "names", *(f"{r}{k}" for r in RULES for k in ("", " low", " high"))]
    (one,) = rows.filter(pl.col("group") == ONE).iter_rows(named=True)
    singles = [case for case in found if case.vacancy.single]
    assert one["vacancies"] == one["names"] == len(singles)
    for rule in RULES:
        assert one[rule] == pytest.approx(sum(case.named(rule) == list(case.vacancy.new) for case in singles) / len(singles))
        assert one[f"{rule} low"] <= one[rule] <= one[f"{rule} high"]
    assert set(rows["group"]) >= {ONE, FIRST}
    assert rows.filter(pl.col("group") == SEVERAL)["names"].sum() == sum(
        len(case.vacancy.new) for case in found if len(case.vacancy.absent) > 1
    )


def test_minutes_with_each_five(chain: Chain, found: list[Case]) -> None:
    """The chain has predictions of one day: the place of one of its starters is said to have been free."""
    day = date.fromisoformat(chain.day)
    played = chain.lake.read("silver.player_game", [season_of(day)]).filter(pl.col("game_date") == day, pl.col("min") > 0)
    team = played["team_id"][0]
    mates = played.filter(pl.col("team_id") == team).sort("minutes", descending=True)
    five = mates.filter(pl.col("starter") == 1)["player_id"].to_list()
    bench = mates.filter(pl.col("starter") == 0)["player_id"].to_list()
    vacancy = Vacancy(season_of(day), played["game_id"][0], day, team, ("nobody",), frozenset(five), (five[4],), True)
    alike = Case(vacancy, tuple(five[:4]), (five[4], *bench), [], {})  # both rules can name the real starter
    row = minutes_errors(chain.lake, [*found, alike], 3).row(0, named=True)
    of_day = [case for case in [*found, alike] if case.vacancy.game_date == day and case.vacancy.single]
    assert (row["days"], row["vacancies"]) == (1, len(of_day))
    assert row["rows"] >= mates.height - 1
    assert alike.named("most minutes") == [five[4]]
    if of_day == [alike]:
        assert row["most minutes"] == row["real five"]
    assert 0 < row["real five"] < 12
    other = replace(alike, candidates=(bench[-1], *bench[:-1]))
    assert minutes_errors(chain.lake, [other], 1)["most minutes"].item() != row["real five"]
    nothing = minutes_errors(chain.lake, [], 3).row(0, named=True)
    assert (nothing["days"], nothing["rows"], nothing["real five"]) == (0, 0, None)


def test_weights_are_fitted_to_what_happened(found: list[Case]) -> None:
    weights = replacements.fit(found)
    assert list(weights) == list(WEIGHTS)
    assert weights["minutes"] > 0
    assert replacements.fit(found) == weights
    with pytest.raises(RatesError, match="no vacancy to fit the weights to"):
        replacements.fit([])


def test_a_season_without_forms_names_the_command(chain: Chain) -> None:
    with pytest.raises(RatesError, match="season 2050 has no form tables: run `rates backfill --seasons 2050 --through forms`"):
        cases(chain.lake, [2050])


def test_the_command_prints_tables(chain: Chain, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("RATES_ROOT", str(chain.lake.root))
    season = season_of(date.fromisoformat(chain.day))
    replacements.main(["--seasons", f"{season}..{season}", "--fit", str(season)])
    shown = capsys.readouterr().out
    assert "'started_before'" in shown
    assert f"| {season}-{(season + 1) % 100:02} | {ONE} |" in shown
