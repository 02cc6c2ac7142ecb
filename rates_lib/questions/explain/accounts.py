"""Decomposition of one prediction: a start (recent minutes, a shrunk rate) and the effect of each group of features.

The output of the booster is decomposed by TreeSHAP and summed over the groups of `feature_groups.py`. The sums are exact: minutes add
up, factors of rates and of odds multiply.

Belongs here: accounts from features, a bundle and the prediction. Does not belong here: TreeSHAP (`models/contributions.py`), phrases
(`words.py`), the choice of features (`answer.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from rates_lib.models.bundle import Bundle
from rates_lib.models.config import OffsetConfig, config_from_dict
from rates_lib.models.contributions import IDENTITY, LOG, LOGIT, Contributions, Scale, contributions
from rates_lib.models.efficiency import prior_logit
from rates_lib.models.feature_groups import GROUP_OF
from rates_lib.models.minutes import RULED_OUT, lineup_rows
from rates_lib.models.minutes_shares import base_minutes
from rates_lib.models.rates_offset import prior_rate
from rates_lib.questions.explain.words import in_words

MINUTES, PLAY_PROB = "minutes", "play_prob"
ALL_ALIKE = "all players alike"  # the mean output of the booster
_SECOND_DRIVER = 0.3  # of the first one's contribution: a second feature with less is not named


@dataclass(frozen=True)
class Driver:
    """A feature with a large contribution in its group: its name, its as-of value, both in words, and its raw contribution."""

    column: str
    value: float | None
    words: str
    raw: float


@dataclass(frozen=True)
class GroupEffect:
    """The effect of one group of features on a prediction.

    Attributes:
        group: name of the group.
        raw: its contribution in the booster's scale.
        factor: exp(raw), by which the rate (or the odds) is multiplied; None on the identity scale.
        amount: its part of prediction minus start, in the account's unit; amounts add up.
        drivers: the one or two features with the largest contributions.
    """

    group: str
    raw: float
    factor: float | None
    amount: float
    drivers: list[Driver]


@dataclass(frozen=True)
class Account:
    """Decomposition of one prediction: start + amounts + bounded = prediction.

    Attributes:
        target: minutes, play_prob, one of RATE_TARGETS, or fg2_pct, fg3_pct, ft_pct.
        unit: of start, amounts and prediction: min, prob, 1/min or share.
        scale: of the contributions: identity (they add up), log (factors of the rate) or logit (factors of the odds).
        start: the expectation before the booster.
        start_words: the source of the start.
        parts: effects of groups, the largest first.
        bounded: change by the bounds of the column; 0 unless the unbounded value was impossible.
        prediction: value in predictions.*.
        run_id: run of the model.
        window: retrain window of the run.
    """

    target: str
    unit: str
    scale: str
    start: float
    start_words: str
    parts: list[GroupEffect]
    bounded: float
    prediction: float
    run_id: str
    window: str


def minutes_accounts(features: pl.DataFrame, player_id: str, bundle: Bundle, minutes_mean: float, play_prob: float) -> list[Account]:
    """Accounts of minutes if the player plays and of the probability to play.

    Args:
        features: all candidates of the game, from `features.assemble.player_features`: a share of 240 depends on team-mates.
        player_id: of one of them.
        bundle: a run of minutes_v1.
        minutes_mean: prediction of `predict_minutes` for the player.
        play_prob: prediction of `predict_minutes` for the player.
    """
    rows, _ = lineup_rows(features, bundle)
    at = rows["player_id"].to_list().index(player_id)
    row = rows.slice(at, 1)
    values = row.row(0, named=True)
    role = "" if values["is_starter"] is None else f" as {'a starter' if values['is_starter'] == 1 else 'a bench player'}"
    words = (
        f"mean of {values['minutes_prior']:.1f} minutes lately{role} and of {values['likely_share']:.1f}, "
        "the player's share of 240 among players who will probably play"
    )
    effects = _contributions(bundle, "minutes_mean", row, bundle.feature_cols)
    start = (float(base_minutes(rows)[at]), words)
    return [_account(MINUTES, IDENTITY, "min", start, effects, row, minutes_mean, bundle), _play_prob(row, bundle, play_prob)]


def rate_account(row: pl.DataFrame, target: str, bundle: Bundle, prediction: float) -> Account:
    """Account of a rate per minute: prior rate x factors, or for a run of the plain recipe the model's mean + contributions.

    Args:
        row: one row with the features of rates_v1.
        target: one of RATE_TARGETS.
        bundle: a run of rates_v1.
        prediction: of `predict_rates` for the row, per minute.
    """
    name = f"{target}_per_min"
    if bundle.meta["recipe"] != OffsetConfig.recipe:
        effects = _contributions(bundle, name, row, bundle.feature_cols)
        start = (effects.base, "an average row of the model's training")
        return _account(target, IDENTITY, "1/min", start, Contributions(0.0, effects.by_column), row, prediction, bundle)
    weight = config_from_dict(OffsetConfig, bundle.meta["config"]).of(target).prior_hl10
    words = f"the player's recent rate, shrunk to that of the position; based on {row['minutes_weight_hl30'][0]:.0f} recent minutes"
    effects = _contributions(bundle, name, row, bundle.models[name].feature_name())
    return _account(target, LOG, "1/min", (float(prior_rate(row, target, weight)[0]), words), effects, row, prediction, bundle)


def percentage_account(row: pl.DataFrame, target: str, bundle: Bundle, prediction: float) -> Account:
    """Account of a shooting percentage: odds of the shrunk percentage x factors.

    Args:
        row: one row with the features of efficiency_v1.
        target: fg2_pct, fg3_pct or ft_pct.
        bundle: a run of efficiency_v1.
        prediction: of `predict_efficiency` for the row, a share.
    """
    start = LOGIT.from_raw(float(prior_logit(row, target)[0]))
    words = "the player's percentage of this and last season, shrunk to the league's"
    effects = _contributions(bundle, target, row, bundle.feature_cols)
    return _account(target, LOGIT, "share", (start, words), effects, row, prediction, bundle)


def _play_prob(row: pl.DataFrame, bundle: Bundle, prediction: float) -> Account:
    values = row.row(0, named=True)
    rule = ""
    if values["status"] in RULED_OUT:
        rule = f"by rule: the player's status is {values['status']}"
    elif values["availability_source"] == "proxy" and values["status"] == "active":
        rule = "by rule: there is no list for this game, and players who appeared count as active"
    elif PLAY_PROB not in bundle.models:
        rule = "from the player's status alone: the model had too few games with a real list to learn from"
    if rule:
        return Account(PLAY_PROB, "prob", LOGIT.name, prediction, rule, [], 0.0, prediction, bundle.run_id, str(bundle.meta["window"]))
    effects = _contributions(bundle, PLAY_PROB, row, bundle.meta["play_features"])
    start = (LOGIT.from_raw(effects.base), "an average candidate of the model's training")
    return _account(PLAY_PROB, LOGIT, "prob", start, Contributions(0.0, effects.by_column), row, prediction, bundle)


def _contributions(bundle: Bundle, target: str, row: pl.DataFrame, columns: Sequence[str]) -> Contributions:
    return contributions(bundle.models[target], row, columns, bundle.num_threads)


def _account(
    target: str,
    scale: Scale,
    unit: str,
    start: tuple[float, str],
    effects: Contributions,
    row: pl.DataFrame,
    prediction: float,
    bundle: Bundle,
) -> Account:
    """Sum contributions by group and convert them to the account's unit."""
    groups: dict[str, dict[str, float]] = {}
    for column, raw in effects.by_column.items():
        if raw != 0:
            groups.setdefault(GROUP_OF.get(column, "other"), {})[column] = raw
    sums = {name: math.fsum(columns.values()) for name, columns in groups.items()}
    if effects.base != 0:
        sums[ALL_ALIKE] = effects.base
    unbounded = scale.from_raw(scale.to_raw(start[0]) + math.fsum(sums.values()))
    slope = scale.unit_slope(start[0], unbounded)
    parts = [
        GroupEffect(name, raw, None if scale is IDENTITY else math.exp(raw), raw * slope, _drivers(groups.get(name, {}), row))
        for name, raw in sorted(sums.items(), key=lambda item: (-abs(item[1]), item[0]))
    ]
    window = str(bundle.meta["window"])
    return Account(target, unit, scale.name, start[0], start[1], parts, prediction - unbounded, prediction, bundle.run_id, window)


def _drivers(columns: dict[str, float], row: pl.DataFrame) -> list[Driver]:
    strongest = sorted(columns.items(), key=lambda item: (-abs(item[1]), item[0]))[:2]
    drivers: list[Driver] = []
    for column, raw in strongest:
        value = None if row[column][0] is None else float(row[column][0])
        words = in_words(column, value)
        # two half-lives of one quantity may have the same words
        if not drivers or (abs(raw) >= _SECOND_DRIVER * abs(drivers[0].raw) and words != drivers[0].words):
            drivers.append(Driver(column, value, words, raw))
    return drivers
