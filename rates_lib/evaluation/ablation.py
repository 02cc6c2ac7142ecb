"""Ablation: refit the season's first model without one group of features and measure the errors over the whole season.

Belongs here: the loop over groups and its figures, rows of evals.ablation. Does not belong here: which columns a group has
(`models/feature_groups.py`), how a model drops one (`drop_groups` of its settings).

Settings and window are those of the run in production, except for the dropped group. Training rows are those of the three seasons before,
so that a group takes a minute and a half. The model with all groups is refitted on the same rows. The loss of rates is the Poisson deviance
given actual minutes (rows of at least a minute), the loss of minutes is the mean absolute error (rows of players who played).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from rates_lib.core import metrics as m
from rates_lib.core.calendar import first_window
from rates_lib.core.errors import RatesError
from rates_lib.evaluation.player import MIN_MINUTES
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle
from rates_lib.models.config import MinutesConfig, OffsetConfig, config_from_dict
from rates_lib.models.minutes import predict_minutes, train_minutes
from rates_lib.models.rates import predict_rates
from rates_lib.models.rates_offset import train_offset
from rates_lib.models.registry import bundle_of_day
from rates_lib.pipeline.training import minutes_training, rates_training
from rates_lib.schemas.columns import RATE_TARGETS
from rates_lib.schemas.tables import TABLES

MINUTES_TARGET = "minutes"
LEARN_SEASONS = 3
TARGETS = (MINUTES_TARGET, *RATE_TARGETS)

Say = Callable[[str], None]
_RowDict = dict[str, object]


@dataclass(frozen=True)
class Subject:
    """A model that can be fitted without a group.

    Attributes:
        model: its name.
        targets: the targets that are measured.
        metric: name of the measure.
        fit: takes the groups to drop, returns the bundle.
        errors: takes a bundle, returns the measure by target and the number of rows behind it.
    """

    model: str
    targets: tuple[str, ...]
    metric: str
    fit: Callable[[tuple[str, ...]], Bundle]
    errors: Callable[[Bundle], tuple[dict[str, float], int]]


def ablate_season(
    lake: Lake, season: int, groups: Mapping[str, Sequence[str]], targets: Sequence[str] = TARGETS, say: Say = lambda _: None
) -> pl.DataFrame:
    """Rows of evals.ablation for some targets and groups of one season.

    Each model is fitted once with all groups and once without each. All nine rates are fitted, whichever are asked for.

    Args:
        lake: holds training rows of the season and of those before, and the runs of its first window.
        season: start year.
        groups: columns by name of group.
        targets: minutes, or any of the nine rates.
        say: called before each fit with a line that names it.

    Returns:
        Sorted by key; no row for a group none of whose columns the model reads.

    Raises:
        RatesError: if a target does not exist, or the season has no rows.
        MissingModelError: if no run serves the season's first window.
    """
    unknown = [target for target in targets if target not in TARGETS]
    if unknown:
        raise RatesError(f"no target {', '.join(unknown)} to fit without a group: choose from {', '.join(TARGETS)}")
    rows: list[_RowDict] = []
    if MINUTES_TARGET in targets:
        rows += ablate(_minutes(lake, season), groups, say)
    rates = tuple(target for target in RATE_TARGETS if target in targets)
    if rates:
        rows += ablate(_rates(lake, season, rates), groups, say)
    spec = TABLES["evals.ablation"]
    return pl.DataFrame([{"season": season, **row} for row in rows], schema=spec.schema, orient="row").sort(spec.key)


def ablate(subject: Subject, groups: Mapping[str, Sequence[str]], say: Say = lambda _: None) -> Iterator[_RowDict]:
    """Fit `subject` with all groups, then without each in turn.

    Returns:
        Rows of evals.ablation without the season, one per group and target.

    Raises:
        RatesError: if a refitted model still reads a column of the dropped group.
    """
    say(f"{subject.model} with all groups")
    full = subject.fit(())
    errors, rows = subject.errors(full)
    used = {name: len(set(columns) & set(full.feature_cols)) for name, columns in groups.items()}
    groups_read = [name for name, count in used.items() if count]
    for i, group in enumerate(groups_read, start=1):
        say(f"{subject.model} without {group}, {i} of {len(groups_read)}")
        bundle = subject.fit((group,))
        still_read = set(groups[group]) & set(bundle.feature_cols)
        if still_read:
            raise RatesError(
                f"{subject.model} fitted without {group} still reads {', '.join(sorted(still_read))}: its settings ignore drop_groups"
            )
        errors_without, _ = subject.errors(bundle)
        for target in subject.targets:
            yield {
                "model": subject.model,
                "target": target,
                "feature_group": group,
                "metric": subject.metric,
                "value": errors[target],
                "value_without": errors_without[target],
                "loss_pct": 100 * (errors_without[target] / errors[target] - 1),
                "features_dropped": used[group],
                "rows": rows,
                "window": full.window,
                "model_run_id": full.run_id,
            }


def merged(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Rows of evals.ablation of one season after a part of it was computed again.

    An old row is kept if no new row has its key and, where its model has new rows, both were compared with the same run. With another run,
    data, settings or code have changed, and old and new rows are not comparable.

    Args:
        old: stored rows.
        new: rows just computed.
    """
    key = TABLES["evals.ablation"].key
    runs = new.select("model", "model_run_id").unique()
    other_models = old.join(runs, on="model", how="anti")
    same_run = old.join(runs, on=["model", "model_run_id"], how="semi")
    kept = pl.concat([other_models, same_run]).join(new, on=key, how="anti")
    return pl.concat([kept, new]).sort(key)


def _minutes(lake: Lake, season: int) -> Subject:
    window = first_window(season)
    rows = minutes_training(lake, first_window(season + 1))  # the fit reads no row from the window on
    settings = bundle_of_day(lake, "minutes_v1", window).meta["config"]
    teams = _of_season(rows, season)
    rows = _recent(rows, season)
    played = (teams["minutes"].fill_null(0) > 0).to_numpy()
    actual = teams["minutes"].to_numpy()[played]

    def fit(drop: tuple[str, ...]) -> Bundle:
        return train_minutes(rows, window, config_from_dict(MinutesConfig, _without(settings, drop)))

    def errors(bundle: Bundle) -> tuple[dict[str, float], int]:
        predicted = predict_minutes(teams, bundle)["minutes_mean"].to_numpy()[played]  # whole teams: shares depend on team-mates
        return {MINUTES_TARGET: m.mae(actual, predicted)}, len(actual)

    return Subject("minutes_v1", (MINUTES_TARGET,), "mae", fit, errors)


def _rates(lake: Lake, season: int, targets: tuple[str, ...]) -> Subject:
    window = first_window(season)
    rows = rates_training(lake, first_window(season + 1))  # as in `_minutes`
    settings = bundle_of_day(lake, "rates_v1", window).meta["config"]
    measured = _of_season(rows, season).filter(pl.col("minutes_actual") >= MIN_MINUTES)
    rows = _recent(rows, season)
    minutes = measured["minutes_actual"].to_numpy()

    def fit(drop: tuple[str, ...]) -> Bundle:
        return train_offset(rows, window, config_from_dict(OffsetConfig, _without(settings, drop)))

    def errors(bundle: Bundle) -> tuple[dict[str, float], int]:
        predicted = predict_rates(measured, bundle)
        deviances = {}
        for target in targets:
            count = np.rint(minutes * measured[f"{target}_per_min"].to_numpy())  # the label is count / minutes
            deviances[target] = m.poisson_deviance(count, minutes * predicted[f"{target}_per_min_mean"].to_numpy())
        return deviances, measured.height

    return Subject("rates_v1", targets, "poisson_deviance", fit, errors)


def _recent(rows: pl.DataFrame, season: int) -> pl.DataFrame:
    return rows.filter(pl.col("season").is_between(season - LEARN_SEASONS, season))


def _without(config: Mapping[str, Any], drop: tuple[str, ...]) -> dict[str, Any]:
    return {**config, "drop_groups": drop} if drop else dict(config)


def _of_season(rows: pl.DataFrame, season: int) -> pl.DataFrame:
    chosen = rows.filter(pl.col("season") == season)
    if chosen.is_empty():
        raise RatesError(f"season {season} has no training rows to measure on: run `rates backfill --seasons {season}` first")
    return chosen
