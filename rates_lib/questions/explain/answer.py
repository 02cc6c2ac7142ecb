"""The account of one player's night: his projection taken apart, what was known, his last games, and apart from that what happened.

Belongs here: putting them together. Does not belong here: how a prediction is taken apart (`accounts.py`), how it looks (the command line).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from rates_lib.core.calendar import season_of
from rates_lib.core.errors import MissingModelError, RatesError
from rates_lib.features.assemble import with_minutes
from rates_lib.features.history import load_history
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle
from rates_lib.models.registry import bundle_of_day
from rates_lib.models.second_stage import MODEL as BOX
from rates_lib.pipeline.projections import PREDICTIONS, candidates_of_day, predict_candidates
from rates_lib.pipeline.slate import PredictionInputs, known_by
from rates_lib.questions.explain.accounts import MINUTES, Account, minutes_accounts, percentage_account, rate_account
from rates_lib.questions.explain.games import GameLine, Outcome, find_candidate, last_games, outcome_of, require_games, with_codes
from rates_lib.questions.explain.inputs import Inputs, inputs_of
from rates_lib.questions.explain.words import PERCENTAGES
from rates_lib.schemas.columns import RATE_TARGETS

TARGETS = (MINUTES, *RATE_TARGETS, *PERCENTAGES)
EXPLAINED = ("minutes_v1", "rates_v1", "efficiency_v1")
TELLING = 3  # rates accounted for if none is named


@dataclass(frozen=True)
class Reconciled:
    """How minutes if he plays became minutes in a team that has 240.

    Attributes:
        expected: play_prob x minutes_mean.
        team_expected: the team's sum of that.
        reconciled: minutes_reconciled.
        team_reconciled: the team's sum of that.
    """

    expected: float
    team_expected: float
    reconciled: float
    team_reconciled: float


@dataclass(frozen=True)
class Explanation:
    """A player's projection of one night, accounted for.

    Attributes:
        accounts: of the targets; that of play_prob follows the one of minutes.
        minutes_p10, minutes_p90: band of minutes if he plays.
        box: projected counts of predictions.player_box by name (`pts` …), the chance that he does not play in them.
        runs: run id by model; with box_v1 where there is a second stage, which moves `box` and nothing else.
        last_games: newest first.
        outcome: what happened, None before there is a result; nothing else depends on it.
    """

    player_id: str
    player_name: str
    team: str
    opponent: str
    home: bool
    game_id: str
    game_date: date
    tipoff_utc: datetime
    tipoff_assumed: bool
    as_of_utc: datetime
    accounts: list[Account]
    minutes_p10: float
    minutes_p90: float
    reconciled: Reconciled
    box: dict[str, float]
    runs: dict[str, str]
    inputs: Inputs
    last_games: list[GameLine]
    outcome: Outcome | None


def explain(lake: Lake, player: str, day: date, as_of_utc: datetime, targets: Sequence[str] = ()) -> Explanation:
    """Account for one player's projection.

    Args:
        lake: holds silver tables of the day's season and the models that serve it.
        player: id, name, or part of a name that only one of the day's players has.
        day: Eastern date.
        as_of_utc: as in `projections.predict_days`: the features are those of the prediction as of then.
        targets: any of TARGETS; if none is named, minutes and the rates that the trees moved most.

    Returns:
        The explanation; but for its outcome it depends on nothing that happened on the day.

    Raises:
        RatesError: if a target does not exist, the day has no games or the player none that day; names what there is.
        UnknownPlayerError: if nobody or more than one is meant.
        MissingModelError: if no model serves the day.
    """
    unknown = [target for target in targets if target not in TARGETS]
    if unknown:
        raise RatesError(f"target {', '.join(unknown)} does not exist: choose from {', '.join(TARGETS)}")
    season = season_of(day)
    if str(season) not in lake.partitions("silver.game"):
        raise RatesError(f"silver.game holds no season {season}: run `rates backfill --seasons {season}` first")
    history = load_history(lake, [season])
    require_games(history, day)
    rows, features_from = candidates_of_day(lake, day, as_of_utc, history)
    player_id = find_candidate(player, day, rows, history)
    rows = _of_game(rows, rows.features.filter(pl.col("player_id") == player_id)["game_id"][0])

    tables = predict_candidates(lake, rows)
    his = pl.col("player_id") == player_id
    minutes, box = (tables[name].filter(his).row(0, named=True) for name in ("predictions.minutes", "predictions.player_box"))
    bundles = {model: bundle_of_day(lake, model, rows.known_before) for model in EXPLAINED}
    him = rows.features.filter(his).row(0, named=True)
    known = known_by(lake, day, as_of_utc, history)
    game = with_codes(lake, rows.games).row(0, named=True)
    side, other = ("home", "away") if him["home_flag"] == 1 else ("away", "home")

    return Explanation(
        player_id=player_id,
        player_name=minutes["player_name"] or player_id,
        team=game[f"{side}_team_abbreviation"],
        opponent=game[f"{other}_team_abbreviation"],
        home=side == "home",
        game_id=game["game_id"],
        game_date=game["game_date"],
        tipoff_utc=game["tipoff_utc"],
        tipoff_assumed=game["tipoff_assumed"],
        as_of_utc=game["as_of_utc"],
        accounts=_accounts(rows.features, player_id, tables, bundles, targets),
        minutes_p10=minutes["minutes_p10"],
        minutes_p90=minutes["minutes_p90"],
        reconciled=_reconciled(tables["predictions.minutes"].filter(pl.col("team_id") == minutes["team_id"]), player_id),
        box={name.removesuffix("_mean"): box[name] for name in box if name.endswith("_mean") and name != "minutes_mean"},
        runs={model: bundle.run_id for model, bundle in bundles.items()} | _second_stage(lake, rows),
        inputs=inputs_of(him, rows, known, box["fell_back_on"], features_from),
        last_games=last_games(lake, known.history, player_id),
        outcome=outcome_of(lake, game, player_id),
    )


def _second_stage(lake: Lake, rows: PredictionInputs) -> dict[str, str]:
    try:
        return {BOX: bundle_of_day(lake, BOX, rows.known_before).run_id}
    except MissingModelError:
        return {}


def _accounts(
    features: pl.DataFrame, player_id: str, tables: dict[str, pl.DataFrame], bundles: dict[str, Bundle], targets: Sequence[str]
) -> list[Account]:
    his = pl.col("player_id") == player_id
    minutes, rates, box = (tables[name].filter(his).row(0, named=True) for name in PREDICTIONS)
    row = with_minutes(features, tables["predictions.minutes"]).filter(his)
    made: dict[str, list[Account]] = {}
    for target in dict.fromkeys(targets or (MINUTES, *RATE_TARGETS)):
        if target == MINUTES:
            made[target] = minutes_accounts(features, player_id, bundles["minutes_v1"], minutes["minutes_mean"], minutes["play_prob"])
        elif target in PERCENTAGES:
            made[target] = [percentage_account(row, target, bundles["efficiency_v1"], box[f"{target}_mean"])]
        else:
            made[target] = [rate_account(row, target, bundles["rates_v1"], rates[f"{target}_per_min_mean"])]
    kept = made if targets else (MINUTES, *_telling(made, minutes["minutes_mean"]))
    return [account for target in kept for account in made[target]]


def _telling(by_target: dict[str, list[Account]], minutes: float) -> list[str]:
    """The rates moved most from their start, in noises of a game (the root of a Poisson mean)."""

    def moved(target: str) -> float:
        (account,) = by_target[target]
        return abs(account.prediction - account.start) * minutes / math.sqrt(max(account.prediction * minutes, 1e-9))

    rates = [t for t in RATE_TARGETS if t in by_target]
    return sorted(rates, key=lambda t: (-moved(t), t))[:TELLING]


def _reconciled(team: pl.DataFrame, player_id: str) -> Reconciled:
    expected = {who: prob * mean for who, prob, mean in team.select("player_id", "play_prob", "minutes_mean").iter_rows()}
    reconciled = dict(team.select("player_id", "minutes_reconciled").iter_rows())
    return Reconciled(expected[player_id], math.fsum(expected.values()), reconciled[player_id], math.fsum(reconciled.values()))


def _of_game(rows: PredictionInputs, game_id: str) -> PredictionInputs:
    this = pl.col("game_id") == game_id
    return PredictionInputs(rows.games.filter(this), rows.features.filter(this), rows.player_names, rows.teams, rows.known_before)
