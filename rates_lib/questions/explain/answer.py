"""The explanation of one player's projection: its decomposition, the circumstances, the last games, and separately the result.

Belongs here: assembling the parts. Does not belong here: the decomposition of a prediction (`accounts.py`), printing (the command line).
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
from rates_lib.questions.explain.circumstances import Circumstances, circumstances_of
from rates_lib.questions.explain.games import GameLine, GameResult, find_candidate, last_games, require_games, result_of, with_codes
from rates_lib.questions.explain.words import PERCENTAGE_LABELS
from rates_lib.schemas.columns import RATE_TARGETS

ACCOUNT_TARGETS = (MINUTES, *RATE_TARGETS, *PERCENTAGE_LABELS)
EXPLAINED_MODELS = ("minutes_v1", "rates_v1", "efficiency_v1")
RATES_SHOWN = 3  # rates explained by default


@dataclass(frozen=True)
class Reconciled:
    """Expected minutes before and after the team's minutes are reconciled to 240.

    Attributes:
        expected: play_prob x minutes_mean.
        team_expected: the team's sum of `expected`.
        reconciled: minutes_reconciled.
        team_reconciled: the team's sum of `reconciled`.
    """

    expected: float
    team_expected: float
    reconciled: float
    team_reconciled: float


@dataclass(frozen=True)
class Explanation:
    """The explanation of a player's projection for one game.

    Attributes:
        accounts: by target; the account of play_prob follows that of minutes.
        minutes_p10, minutes_p90: range of minutes if the player plays.
        box: projected counts of predictions.player_box by name (`pts` …), including the chance that the player does not play.
        runs: run id by model; with box_v1 if there is a second stage, which changes only `box`.
        last_games: newest first.
        outcome: the result, None before there is one; nothing else depends on it.
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
    inputs: Circumstances
    last_games: list[GameLine]
    outcome: GameResult | None


def explain(lake: Lake, player: str, day: date, as_of_utc: datetime, targets: Sequence[str] = ()) -> Explanation:
    """Explain one player's projection.

    Args:
        lake: holds silver tables of the day's season and the models of its month.
        player: id, name, or part of a name that only one of the day's players has.
        day: Eastern date.
        as_of_utc: as in `projections.predict_days`; the features are those of the prediction as of this instant.
        targets: any of ACCOUNT_TARGETS; if empty, minutes and the rates that the boosters changed most.

    Returns:
        The explanation. Apart from `outcome` it depends on nothing that happened on the day.

    Raises:
        RatesError: if a target does not exist, the day has no games or the player no game that day; lists the alternatives.
        UnknownPlayerError: if no player fits, or several do.
        MissingModelError: if the day has no model.
    """
    unknown = [target for target in targets if target not in ACCOUNT_TARGETS]
    if unknown:
        raise RatesError(f"target {', '.join(unknown)} does not exist: choose from {', '.join(ACCOUNT_TARGETS)}")
    season = season_of(day)
    if str(season) not in lake.partitions("silver.game"):
        raise RatesError(f"silver.game holds no season {season}: run `rates backfill --seasons {season}` first")
    history = load_history(lake, [season])
    require_games(history, day)
    rows, features_from = candidates_of_day(lake, day, as_of_utc, history)
    player_id = find_candidate(player, day, rows, history)
    rows = _of_game(rows, rows.features.filter(pl.col("player_id") == player_id)["game_id"][0])

    tables = predict_candidates(lake, rows)
    of_player = pl.col("player_id") == player_id
    minutes, box = (tables[name].filter(of_player).row(0, named=True) for name in ("predictions.minutes", "predictions.player_box"))
    bundles = {model: bundle_of_day(lake, model, rows.known_before) for model in EXPLAINED_MODELS}
    features = rows.features.filter(of_player).row(0, named=True)
    known = known_by(lake, day, as_of_utc, history)
    game = with_codes(lake, rows.games).row(0, named=True)
    side, other = ("home", "away") if features["home_flag"] == 1 else ("away", "home")

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
        inputs=circumstances_of(features, rows, known, box["fell_back_on"], features_from),
        last_games=last_games(lake, known.history, player_id),
        outcome=result_of(lake, game, player_id),
    )


def _second_stage(lake: Lake, rows: PredictionInputs) -> dict[str, str]:
    try:
        return {BOX: bundle_of_day(lake, BOX, rows.known_before).run_id}
    except MissingModelError:
        return {}


def _accounts(
    features: pl.DataFrame, player_id: str, tables: dict[str, pl.DataFrame], bundles: dict[str, Bundle], targets: Sequence[str]
) -> list[Account]:
    of_player = pl.col("player_id") == player_id
    minutes, rates, box = (tables[name].filter(of_player).row(0, named=True) for name in PREDICTIONS)
    row = with_minutes(features, tables["predictions.minutes"]).filter(of_player)
    accounts: dict[str, list[Account]] = {}
    for target in dict.fromkeys(targets or (MINUTES, *RATE_TARGETS)):
        if target == MINUTES:
            mean, play_prob = minutes["minutes_mean"], minutes["play_prob"]
            accounts[target] = minutes_accounts(features, player_id, bundles["minutes_v1"], mean, play_prob)
        elif target in PERCENTAGE_LABELS:
            accounts[target] = [percentage_account(row, target, bundles["efficiency_v1"], box[f"{target}_mean"])]
        else:
            accounts[target] = [rate_account(row, target, bundles["rates_v1"], rates[f"{target}_per_min_mean"])]
    shown = accounts if targets else (MINUTES, *_rates_shown(accounts, minutes["minutes_mean"]))
    return [account for target in shown for account in accounts[target]]


def _rates_shown(by_target: dict[str, list[Account]], minutes: float) -> list[str]:
    """The rates that differ most from their start, in standard deviations of a game's count (root of the Poisson mean)."""

    def moved(target: str) -> float:
        (account,) = by_target[target]
        return abs(account.prediction - account.start) * minutes / math.sqrt(max(account.prediction * minutes, 1e-9))

    rates = [t for t in RATE_TARGETS if t in by_target]
    return sorted(rates, key=lambda t: (-moved(t), t))[:RATES_SHOWN]


def _reconciled(team: pl.DataFrame, player_id: str) -> Reconciled:
    expected = {player: prob * mean for player, prob, mean in team.select("player_id", "play_prob", "minutes_mean").iter_rows()}
    reconciled = dict(team.select("player_id", "minutes_reconciled").iter_rows())
    return Reconciled(expected[player_id], math.fsum(expected.values()), reconciled[player_id], math.fsum(reconciled.values()))


def _of_game(rows: PredictionInputs, game_id: str) -> PredictionInputs:
    this = pl.col("game_id") == game_id
    return PredictionInputs(rows.games.filter(this), rows.features.filter(this), rows.player_names, rows.teams, rows.known_before)
