"""One prediction accounted for: a start (recent minutes, a shrunk rate) and what each group of features did to it.

The booster that moves a prediction is taken apart by TreeSHAP and summed over the groups of `feature_groups.py`. The sums are exact:
minutes add up, factors of rates and of odds multiply.

Belongs here: accounts from features, a bundle and the prediction. Does not belong here: TreeSHAP (`models/contributions.py`), phrases
(`words.py`), where the features come from (`explain.py`).
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
ALL_ALIKE = "everybody alike"  # the mean of the booster: what it adds to an average row
_SECOND_DRIVER = 0.3  # of the first one's contribution: what is less is not worth naming


@dataclass(frozen=True)
class Driver:
    """A feature that weighs in its group: its name, its as-of value, both in words, and its contribution in the booster's scale."""

    column: str
    value: float | None
    words: str
    raw: float


@dataclass(frozen=True)
class Part:
    """What one group did to a prediction.

    Attributes:
        group: name of the group.
        raw: its contribution in the booster's scale.
        factor: exp(raw), what the rate (or the odds) is multiplied by; None where contributions add up as they are.
        amount: its share of the way from start to prediction, in the account's unit; amounts add up.
        drivers: the one or two features that weigh most in it.
    """

    group: str
    raw: float
    factor: float | None
    amount: float
    drivers: list[Driver]


@dataclass(frozen=True)
class Account:
    """One prediction accounted for: start + amounts + bounded = prediction.

    Attributes:
        target: minutes, play_prob, one of RATE_TARGETS, or fg2_pct, fg3_pct, ft_pct.
        unit: of start, amounts and prediction: min, prob, 1/min or share.
        scale: what factors multiply: identity (nothing, amounts add up), log (the rate) or logit (the odds).
        start: what is expected before the trees.
        start_words: what it rests on.
        parts: contributions by group, the strongest first.
        bounded: what the bounds of the column took or gave, 0 but for impossible values.
        prediction: value in predictions.*.
        run_id: run that predicted it.
        window: its retrain window.
    """

    target: str
    unit: str
    scale: str
    start: float
    start_words: str
    parts: list[Part]
    bounded: float
    prediction: float
    run_id: str
    window: str


def minutes_accounts(features: pl.DataFrame, player_id: str, bundle: Bundle, minutes_mean: float, play_prob: float) -> list[Account]:
    """Minutes if he plays, and the probability to play.

    Args:
        features: candidate rows of the game, from `features.assemble.player_features`: a share of 240 depends on team-mates.
        player_id: one of them.
        bundle: a run of minutes_v1.
        minutes_mean: what `predict_minutes` made of them.
        play_prob: the same.
    """
    rows, _ = lineup_rows(features, bundle)
    at = rows["player_id"].to_list().index(player_id)
    row = rows.slice(at, 1)
    him = row.row(0, named=True)
    role = "lately" if him["is_starter"] is None else f"lately as {'a starter' if him['is_starter'] == 1 else 'a bench player'}"
    words = (
        f"mean of {him['minutes_prior']:.1f} minutes {role} and of {him['likely_share']:.1f}, "
        "his share of 240 among those who will probably play"
    )
    found = _contributions(bundle, "minutes_mean", row, bundle.feature_cols)
    start = float(base_minutes(rows)[at])
    return [_account(MINUTES, IDENTITY, "min", (start, words), found, row, minutes_mean, bundle), _play_prob(row, bundle, play_prob)]


def rate_account(row: pl.DataFrame, target: str, bundle: Bundle, prediction: float) -> Account:
    """A rate per minute: prior rate x factors, or the mean of the model + contributions where the run is of the plain recipe.

    Args:
        row: his row with what rates_v1 reads.
        target: one of RATE_TARGETS.
        bundle: a run of rates_v1.
        prediction: what `predict_rates` made of it.
    """
    name = f"{target}_per_min"
    if bundle.meta["recipe"] != OffsetConfig.recipe:
        found = _contributions(bundle, name, row, bundle.feature_cols)
        start = (found.base, "an average row of the model's training")
        return _account(target, IDENTITY, "1/min", start, Contributions(0.0, found.by_column), row, prediction, bundle)
    weight = config_from_dict(OffsetConfig, bundle.meta["config"]).of(target).prior_hl10
    words = f"his recent rate, shrunk to that of his position; {row['minutes_weight_hl30'][0]:.0f} recent minutes are behind it"
    found = _contributions(bundle, name, row, bundle.models[name].feature_name())
    return _account(target, LOG, "1/min", (float(prior_rate(row, target, weight)[0]), words), found, row, prediction, bundle)


def percentage_account(row: pl.DataFrame, target: str, bundle: Bundle, prediction: float) -> Account:
    """A shooting percentage: odds of the shrunk percentage x factors.

    Args:
        row: his row with what efficiency_v1 reads.
        target: fg2_pct, fg3_pct or ft_pct.
        bundle: a run of efficiency_v1.
        prediction: what `predict_efficiency` made of it.
    """
    start = LOGIT.from_raw(float(prior_logit(row, target)[0]))
    words = "his percentage of this and last season, shrunk to the league's"
    found = _contributions(bundle, target, row, bundle.feature_cols)
    return _account(target, LOGIT, "share", (start, words), found, row, prediction, bundle)


def _play_prob(row: pl.DataFrame, bundle: Bundle, prediction: float) -> Account:
    him = row.row(0, named=True)
    rule = ""
    if him["status"] in RULED_OUT:
        rule = f"by rule: his status is {him['status']}"
    elif him["availability_source"] == "proxy" and him["status"] == "active":
        rule = "by rule: there is no list for this game, and he counts as active for having appeared"
    elif PLAY_PROB not in bundle.models:
        rule = "what his status alone says: the model had too few games with a real list to learn from"
    if rule:
        return Account(PLAY_PROB, "prob", LOGIT.name, prediction, rule, [], 0.0, prediction, bundle.run_id, str(bundle.meta["window"]))
    found = _contributions(bundle, PLAY_PROB, row, bundle.meta["play_features"])
    start = (LOGIT.from_raw(found.base), "an average candidate of the model's training")
    return _account(PLAY_PROB, LOGIT, "prob", start, Contributions(0.0, found.by_column), row, prediction, bundle)


def _contributions(bundle: Bundle, target: str, row: pl.DataFrame, columns: Sequence[str]) -> Contributions:
    return contributions(bundle.models[target], row, columns, bundle.num_threads)


def _account(
    target: str,
    scale: Scale,
    unit: str,
    start: tuple[float, str],
    made: Contributions,
    row: pl.DataFrame,
    prediction: float,
    bundle: Bundle,
) -> Account:
    """Group contributions and give them the unit that is read."""
    groups: dict[str, dict[str, float]] = {}
    for column, raw in made.by_column.items():
        if raw != 0:
            groups.setdefault(GROUP_OF.get(column, "other"), {})[column] = raw
    sums = {name: math.fsum(columns.values()) for name, columns in groups.items()}
    if made.base != 0:
        sums[ALL_ALIKE] = made.base
    unbounded = scale.from_raw(scale.to_raw(start[0]) + math.fsum(sums.values()))
    slope = scale.unit_slope(start[0], unbounded)
    parts = [
        Part(name, raw, None if scale is IDENTITY else math.exp(raw), raw * slope, _drivers(groups.get(name, {}), row))
        for name, raw in sorted(sums.items(), key=lambda item: (-abs(item[1]), item[0]))
    ]
    window = str(bundle.meta["window"])
    return Account(target, unit, scale.name, start[0], start[1], parts, prediction - unbounded, prediction, bundle.run_id, window)


def _drivers(columns: dict[str, float], row: pl.DataFrame) -> list[Driver]:
    order = sorted(columns.items(), key=lambda item: (-abs(item[1]), item[0]))[:2]
    kept = [item for item in order if abs(item[1]) >= _SECOND_DRIVER * abs(order[0][1])]
    made = []
    for column, raw in kept:
        value = row[column][0]
        value = None if value is None else float(value)
        made.append(Driver(column, value, in_words(column, value), raw))
    if len(made) == 2 and made[0].words == made[1].words:  # two half-lives of one thing may read the same
        made.pop()
    return made
