"""What each group of features is worth: the season's first model fitted again without it, measured on the whole season.

Belongs here: the loop over groups and its figures, rows of evals.ablation. Does not belong here: which columns a group has
(`models/feature_groups.py`), how a model drops one (`drop_groups` of its settings).

Settings and window are those of the run in production, but for the group; rows are those of the three seasons before, so that a group
costs a minute and a half. The model that is compared with is fitted anew on the same rows. Rates lose Poisson deviance given actual
minutes (rows of at least a minute), minutes lose mean absolute error (rows that played).
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
        targets: what of it is measured.
        metric: name of the measure.
        fit: takes the groups to drop, returns the bundle.
        errors: takes a bundle, returns the measure by target and the rows it rests on.
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

    Costs one fit of each model concerned per group, and one more; of rates all nine are fitted, whichever are asked for.

    Args:
        lake: holds training rows of the season and of those before, and the runs of its first window.
        season: start year.
        groups: columns by name of group.
        targets: minutes, or any of the nine rates.
        say: called before each fit with what is fitted.

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
        A row of evals.ablation but for the season per group and target.

    Raises:
        RatesError: if a model reads what it was to be fitted without.
    """
    say(f"{subject.model} with all groups")
    whole = subject.fit(())
    errors, rows = subject.errors(whole)
    used = {name: len(set(columns) & set(whole.feature_cols)) for name, columns in groups.items()}
    reads = [name for name, count in used.items() if count]
    for i, group in enumerate(reads, start=1):
        say(f"{subject.model} without {group}, {i} of {len(reads)}")
        bundle = subject.fit((group,))
        kept = set(groups[group]) & set(bundle.feature_cols)
        if kept:
            raise RatesError(
                f"{subject.model} fitted without {group} still reads {', '.join(sorted(kept))}: its settings ignore drop_groups"
            )
        without, _ = subject.errors(bundle)
        for target in subject.targets:
            yield {
                "model": subject.model,
                "target": target,
                "feature_group": group,
                "metric": subject.metric,
                "value": errors[target],
                "value_without": without[target],
                "loss_pct": 100 * (without[target] / errors[target] - 1),
                "features_dropped": used[group],
                "rows": rows,
                "window": whole.window,
                "model_run_id": whole.run_id,
            }


def merged(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Rows of evals.ablation of one season after a part of it was made again.

    Old rows stay if they were compared with the same run as the new ones of their model (else data, settings or code have changed, and
    they are no more to be seen side by side) and were not made again.

    Args:
        old: rows that are there.
        new: rows just made.
    """
    key = TABLES["evals.ablation"].key
    runs = new.select("model", "model_run_id").unique()
    other_models = old.join(runs, on="model", how="anti")
    same_run = old.join(runs, on=["model", "model_run_id"], how="semi")
    kept = pl.concat([other_models, same_run]).join(new, on=key, how="anti")
    return pl.concat([kept, new]).sort(key)


def _minutes(lake: Lake, season: int) -> Subject:
    window = first_window(season)
    rows = minutes_training(lake, first_window(season + 1))  # the fit looks at nothing from the window on
    settings = bundle_of_day(lake, "minutes_v1", window).meta["config"]
    teams = _of_season(rows, season)
    rows = _recent(rows, season)
    played = (teams["minutes"].fill_null(0) > 0).to_numpy()
    actual = teams["minutes"].to_numpy()[played]

    def fit(drop: tuple[str, ...]) -> Bundle:
        return train_minutes(rows, window, config_from_dict(MinutesConfig, _without(settings, drop)))

    def errors(bundle: Bundle) -> tuple[dict[str, float], int]:
        predicted = predict_minutes(teams, bundle)["minutes_mean"].to_numpy()[played]  # whole teams: a share depends on team-mates
        return {MINUTES_TARGET: m.mae(actual, predicted)}, len(actual)

    return Subject("minutes_v1", (MINUTES_TARGET,), "mae", fit, errors)


def _rates(lake: Lake, season: int, targets: tuple[str, ...]) -> Subject:
    window = first_window(season)
    rows = rates_training(lake, first_window(season + 1))  # the same
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
