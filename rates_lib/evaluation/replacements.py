"""Who really started when a regular starter was out, against the rule of `questions/whatif/replacement.py`.

`python -m rates_lib.evaluation.replacements --seasons 2023..2024` prints the share of right names; `--days 12` also the error of
team-mates' minutes with the five of the rule, with that of most minutes and with the real one; `--fit 2021..2022` fits the rule's weights
to earlier seasons.

A vacancy is a game that a regular starter (at least .8 of the last ten games played for the team started, the last of them at most 30 days
ago) did not play. The usual five is that of the absent player's last start; those of the real five who are in it count as known, the others
are to be named, among the team-mates who were available.

Belongs here: vacancies, the measurement, the fit. Does not belong here: the rule itself.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import minimize

from rates_lib.core.basketball import PLAYERS
from rates_lib.core.errors import RatesError
from rates_lib.core.metrics import Floats
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.features.roster import OUT_STATUSES
from rates_lib.lake import Lake, games_of
from rates_lib.pipeline.projections import predict_candidates
from rates_lib.questions.whatif.inputs import scenario_inputs, with_fives
from rates_lib.questions.whatif.replacement import FORM, WEIGHTS, Form, TeamGame, fill, form_of, team_games, terms
from rates_lib.questions.whatif.request import Night

REGULAR, LAST_GAMES, LEAST_GAMES = 0.8, 10, 5
MEMBER_DAYS = 30
ONE, FIRST, LATER, SEVERAL = "one starter out", "- first game missed", "- later games", "several starters out"
GROUPS = (ONE, FIRST, LATER, SEVERAL)
RULES = ("rule", "most minutes")
_SCALES = {"minutes": 10.0, "height": 3.0}  # of terms, so that the penalty of the fit treats all alike
_RIDGE = 0.5


@dataclass(frozen=True)
class Vacancy:
    """A game of a team in which regular starters were out.

    Attributes:
        season: start year.
        game_id, game_date, team_id: of the game.
        absent: ids of the regular starters who were out, sorted.
        five: ids of the real starters.
        new: those of them who were not in the usual five, sorted.
        first: whether all of `absent` started the team's game before.
    """

    season: int
    game_id: str
    game_date: date
    team_id: str
    absent: tuple[str, ...]
    five: frozenset[str]
    new: tuple[str, ...]
    first: bool

    @property
    def single(self) -> bool:
        """Whether one regular starter was out and one other player started."""
        return len(self.absent) == len(self.new) == 1

    @property
    def groups(self) -> list[str]:
        """The groups of GROUPS that it belongs to; none if one starter was out and several others started."""
        if self.single:
            return [ONE, FIRST if self.first else LATER]
        return [SEVERAL] if len(self.absent) > 1 else []


@dataclass(frozen=True)
class Case:
    """A vacancy with what the rule reads.

    Attributes:
        vacancy: see `Vacancy`.
        known: ids of the starters who are known.
        candidates: ids of available team-mates, most expected minutes first.
        games: of `team_games`.
        form: of the game; of an earlier game where the list does not name the absent player.
    """

    vacancy: Vacancy
    known: tuple[str, ...]
    candidates: tuple[str, ...]
    games: Sequence[TeamGame]
    form: Form

    def named(self, rule: str) -> list[str]:
        """The players whom a rule of RULES names."""
        if rule == "most minutes":
            return list(self.candidates[: PLAYERS - len(self.known)])
        return [new.player for new in fill(self.known, self.vacancy.absent, self.candidates, self.games, self.form)]


def vacancies(player_game: pl.DataFrame, season: int) -> list[Vacancy]:
    """The vacancies of a season, by team and date.

    Args:
        player_game: rows of silver.player_game of the season and the one before.
        season: start year.
    """
    rows = player_game.filter(pl.col("min") > 0).sort("game_date", "game_id", "player_id")
    starters = pl.col("player_id").filter(pl.col("starter") == 1).alias("started")
    games = rows.group_by("team_id", "season", "game_date", "game_id", maintain_order=True).agg(starters, "player_id")
    found = []
    for (team,), of_team in games.group_by("team_id", maintain_order=True):
        found += _of_team(str(team), of_team.filter(pl.col("started").list.len() == PLAYERS), season)
    return found


def _of_team(team: str, games: pl.DataFrame, season: int) -> list[Vacancy]:
    found: list[Vacancy] = []
    starts: dict[str, list[bool]] = defaultdict(list)
    last: dict[str, tuple[int, date]] = {}
    five_of: dict[str, frozenset[str]] = {}
    started_at: dict[str, int] = {}
    before: frozenset[str] = frozenset()
    for number, (_, of_season, day, game, started, played) in enumerate(games.iter_rows()):
        five = frozenset(started)
        absent = sorted(
            player
            for player, known in starts.items()
            if player not in played
            and last[player][0] == of_season == season
            and (day - last[player][1]).days <= MEMBER_DAYS
            and len(known) >= LEAST_GAMES
            and np.mean(known[-LAST_GAMES:]) >= REGULAR
        )
        if absent:
            usual = five_of[min(absent, key=lambda player: started_at[player])]
            new = tuple(sorted(five - usual))
            if new:
                found.append(Vacancy(season, game, day, team, tuple(absent), five, new, before.issuperset(absent)))
        for player in played:
            starts[player].append(player in five)
            last[player] = (of_season, day)
        five_of |= dict.fromkeys(five, five)
        started_at |= dict.fromkeys(five, number)
        before = five
    return found


def cases(lake: Lake, seasons: Iterable[int]) -> list[Case]:
    """The vacancies of some seasons with what the rule reads of each.

    Raises:
        RatesError: if a season has no form tables.
    """
    found = []
    for season in seasons:
        player_game = lake.read("silver.player_game", [season - 1, season])
        columns = ["game_id", "game_date", "team_id", "foreseen_flag", "status", *FORM]
        form = lake.read("gold.player_form", [season], columns).sort("game_date", "game_id", "player_id")
        if form.is_empty():
            raise RatesError(f"season {season} has no form tables: run `rates backfill --seasons {season} --through forms` first")
        by_game = form.partition_by("game_id", "team_id", as_dict=True)
        for vacancy in vacancies(player_game, season):
            rows = by_game.get((vacancy.game_id, vacancy.team_id), form.clear())
            earlier = form.filter(pl.col("player_id").is_in(vacancy.absent), pl.col("game_date") < vacancy.game_date)
            known = tuple(sorted(vacancy.five.difference(vacancy.new)))
            able = rows.filter(
                pl.col("foreseen_flag") == 1,
                ~pl.col("status").is_in(OUT_STATUSES),
                ~pl.col("player_id").is_in([*known, *vacancy.absent]),
            ).sort("minutes_prior_blind", "player_id", descending=[True, False], nulls_last=True)
            games = team_games(player_game, vacancy.team_id, vacancy.game_date, season)
            found.append(Case(vacancy, known, tuple(able["player_id"]), games, form_of(earlier) | form_of(rows)))
    return found


def right_names(found: Sequence[Case]) -> pl.DataFrame:
    """Share of the players to be named whom each rule names.

    Returns:
        season, group, vacancies, names (number to be named), and for each of RULES the share and the limits of its 95 % interval by
        bootstrap of games.
    """
    rows = []
    for season in sorted({case.vacancy.season for case in found}):
        for group in GROUPS:
            part = [case for case in found if case.vacancy.season == season and group in case.vacancy.groups]
            if not part:
                continue
            asked = np.array([len(case.vacancy.new) for case in part], dtype=np.float64)
            row: dict[str, object] = {"season": season, "group": group, "vacancies": len(part), "names": int(asked.sum())}
            draws = GameBootstrap(pl.Series([case.vacancy.game_id for case in part]))
            for rule in RULES:
                hits = np.array([len(set(case.named(rule)) & set(case.vacancy.new)) for case in part], dtype=np.float64)
                means = draws.means(np.stack([hits, asked], axis=1))
                low, high = interval(means[:, 0] / means[:, 1])
                row |= {rule: float(hits.sum() / asked.sum()), f"{rule} low": low, f"{rule} high": high}
            rows.append(row)
    return pl.DataFrame(rows)


def minutes_errors(lake: Lake, found: Sequence[Case], days: int) -> pl.DataFrame:
    """MAE of the minutes of team-mates with the five of each rule and with the real one, by the models of the day.

    Args:
        lake: with predictions and models of the seasons.
        found: vacancies; only those on days with predictions count.
        days: number of days, spread evenly over those.

    Returns:
        One row: days, vacancies, rows (team-mates who played), and the MAE with the five of each of RULES and with the "real five"; null if
        no vacancy is on a day with predictions.
    """
    predicted = set(lake.partitions("predictions.minutes"))
    by_day: dict[date, list[Case]] = defaultdict(list)
    for case in found:
        if case.vacancy.single and case.vacancy.game_date.isoformat() in predicted:
            by_day[case.vacancy.game_date].append(case)
    chosen = sorted(by_day)
    chosen = [chosen[i] for i in np.unique(np.linspace(0, len(chosen) - 1, min(days, len(chosen))).astype(np.int64))] if chosen else []
    errors: dict[str, list[float]] = {name: [] for name in (*RULES, "real five")}
    for day in chosen:
        players = lake.read("predictions.minutes", [day.isoformat()])
        night = Night(players, games_of(lake, day))
        games = sorted({case.vacancy.game_id for case in by_day[day]})
        as_of_utc = players["as_of_utc"].max()
        inputs = scenario_inputs(lake, day, as_of_utc, night, games)  # type: ignore[arg-type]
        actual = lake.read("silver.player_game", [by_day[day][0].vacancy.season]).filter(pl.col("game_date") == day)
        teams = [case.vacancy.team_id for case in by_day[day]]
        played = actual.filter(pl.col("min") > 0, pl.col("team_id").is_in(teams)).select("game_id", "player_id", "minutes")
        for name, of_rule in errors.items():
            five: dict[str, int] = {}
            for case in by_day[day]:
                chosen_five = {*case.known, *(case.vacancy.new if name == "real five" else case.named(name))}
                five |= {player: int(player in chosen_five) for player in (*case.known, *case.candidates)}
            five = {player: starts for player, starts in five.items() if player in night.names()}
            changed = with_fives(inputs, inputs.history.availability, five, night)
            minutes = predict_candidates(lake, changed.for_prediction())["predictions.minutes"]
            both = played.join(minutes.select("game_id", "player_id", "minutes_reconciled"), on=["game_id", "player_id"])
            of_rule.extend((both["minutes"] - both["minutes_reconciled"]).abs())
    row = {"days": len(chosen), "vacancies": sum(len(by_day[day]) for day in chosen), "rows": len(errors[RULES[0]])}
    return pl.DataFrame([row | {name: float(np.mean(values)) if values else None for name, values in errors.items()}])


def fit(found: Sequence[Case]) -> dict[str, float]:
    """Weights of the rule: a conditional logit over the candidates of each single vacancy, with a ridge penalty.

    Raises:
        RatesError: if no vacancy has the real starter among its candidates.
    """
    problems = []
    for case in found:
        (absent, new) = (case.vacancy.absent[0], case.vacancy.new[0])
        if case.vacancy.single and new in case.candidates:
            values = terms(absent, case.known, case.candidates, case.games, case.form)
            table = np.array([[values[player][name] / _SCALES.get(name, 1.0) for name in WEIGHTS] for player in case.candidates])
            problems.append((table, case.candidates.index(new)))
    if not problems:
        raise RatesError("there is no vacancy to fit the weights to: backfill seasons with known starters first")

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = _RIDGE * float(weights @ weights), 2 * _RIDGE * weights
        for table, truth in problems:
            chance = np.exp(table @ weights - (table @ weights).max())
            chance /= chance.sum()
            total -= float(np.log(max(chance[truth], 1e-300)))
            slope = slope + chance @ table - table[truth]
        return total, slope

    best = minimize(loss, np.zeros(len(WEIGHTS)), jac=True, method="L-BFGS-B").x
    return {name: float(f"{value / _SCALES.get(name, 1.0):.3g}") for name, value in zip(WEIGHTS, best, strict=True)}


def table_of(names: pl.DataFrame) -> str:
    """The frame of `right_names` as a Markdown table."""
    lines = ["| season | vacancies | number | rule | most minutes |", "|---|---|---:|---:|---:|"]
    for row in names.iter_rows(named=True):
        shares = (f"{row[rule]:.3f} [{row[f'{rule} low']:.3f}, {row[f'{rule} high']:.3f}]" for rule in RULES)
        lines.append(f"| {row['season']}-{(row['season'] + 1) % 100:02} | {row['group']} | {row['vacancies']:,} | {' | '.join(shares)} |")
    return "\n".join(lines)


def minutes_table(errors: Mapping[int, pl.DataFrame]) -> str:
    """Frames of `minutes_errors` by season as a Markdown table."""
    lines = ["| season | days | team-mates | rule | most minutes | real five |", "|---|---:|---:|---:|---:|---:|"]
    for season, frame in errors.items():
        row = frame.row(0, named=True)
        values = " | ".join("" if row[name] is None else f"{row[name]:.3f}" for name in (*RULES, "real five"))
        lines.append(f"| {season}-{(season + 1) % 100:02} | {row['days']} | {row['rows']:,} | {values} |")
    return "\n".join(lines)


def years(text: str) -> list[int]:
    """Start years of "2023..2024" or "2024"."""
    first, _, last = text.partition("..")
    return list(range(int(first), int(last or first) + 1))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seasons", type=years, default=[], help="start years to measure: 2023..2024")
    parser.add_argument("--days", type=int, default=0, help="days of each season on which minutes are predicted with each five")
    parser.add_argument("--fit", type=years, default=[], help="start years to fit the weights to, before those that are measured")
    options = parser.parse_args(arguments)
    lake = Lake(Path(os.environ.get("RATES_ROOT") or "lake"))
    if options.fit:
        print(fit(cases(lake, options.fit)))
    if options.seasons:
        found = cases(lake, options.seasons)
        print(table_of(right_names(found)))
        if options.days:
            of = {season: [case for case in found if case.vacancy.season == season] for season in options.seasons}
            print("\n" + minutes_table({season: minutes_errors(lake, part, options.days) for season, part in of.items()}))


if __name__ == "__main__":
    main()
