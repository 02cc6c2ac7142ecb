"""Effect of each optional group of columns on the error of `rates_v1:offset`, fitted with and without it.

`python -m rates_lib.evaluation.optional_groups --season 2023 --first 2018 --seeds 7,8,9` prints a table. Models are fitted as in
`rates tune`: on the training part of the rows before the season's first window, stopped early on the validation part, measured on all
games of the season. Column sampling makes two fits differ by as much as a small group does, so each model is fitted with several seeds,
and losses are means over the seeds; intervals draw whole games.

Belongs here: the comparison. Does not belong here: the columns of a group and of a model (`models/feature_sets.py`), groups that the
model reads by default (`ablation.py`).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from rates_lib.core.calendar import first_window
from rates_lib.core.errors import RatesError
from rates_lib.core.metrics import poisson_losses
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.lake import Lake
from rates_lib.models import rates_offset
from rates_lib.models.boosting import Floats, floats, matrix
from rates_lib.models.config import OffsetConfig, with_settings
from rates_lib.models.contract import PLAYER_KEY
from rates_lib.models.feature_sets import OPTIONAL_GROUPS, RATES_FEATURES
from rates_lib.models.rates_common import LABELS
from rates_lib.models.tuned import tuned_config
from rates_lib.schemas.columns import RATE_TARGETS

SEEDS = (7, 8, 9)
NOTHING = "none of them"

Say = Callable[[str], None]


def compare(
    training: pl.DataFrame,
    season: int,
    config: OffsetConfig,
    groups: Sequence[str] = tuple(OPTIONAL_GROUPS),
    targets: Sequence[str] = RATE_TARGETS,
    seeds: Sequence[int] = SEEDS,
    say: Say = lambda _: None,
) -> pl.DataFrame:
    """Deviance given actual minutes with each group, against fits that read none of OPTIONAL_GROUPS.

    Args:
        training: rows of gold.player_game_training up to the end of the season.
        season: start year of the season to measure on.
        config: settings of the fits, but for the seed.
        groups: of OPTIONAL_GROUPS; "a+b" adds both.
        targets: of RATE_TARGETS.
        seeds: one fit for each.
        say: called with each figure's line once it is computed.

    Returns:
        group (first "none of them"), target (and "mean": of the relative changes of all), deviance, change_pct (negative if the group
        lowers the error), change_low, change_high (95 %, by games), better (number of seeds with a lower error), rows, games.

    Raises:
        RatesError: if a group or a target does not exist, or there are no rows of the season.
    """
    _refuse([g for group in groups for g in group.split("+")], tuple(OPTIONAL_GROUPS), "group")
    _refuse(targets, RATE_TARGETS, "target")
    known, masked, windows = rates_offset.rows_before(training, first_window(season), config)
    judged = training.filter((pl.col("season") == season) & (pl.col("minutes_actual") >= 1)).sort(PLAYER_KEY)
    if judged.is_empty():
        raise RatesError(f"season {season} has no training rows to measure on: run `rates backfill --seasons {season}` first")
    minutes, draws, games = floats(judged, "minutes_actual"), GameBootstrap(judged["game_id"]), judged["game_id"].n_unique()
    counts = {t: np.rint(minutes * floats(judged, f"{t}_per_min")) for t in targets}  # the label is count / minutes
    without: dict[str, Floats] = {}
    rows: list[tuple[Any, ...]] = []
    for group, columns in column_sets(groups).items():
        x = matrix(judged, columns)
        losses: dict[str, list[Floats]] = {target: [] for target in targets}
        for seed in seeds:
            seeded = with_settings(config, {"seed": seed})
            train = rates_offset.binned(windows.part(masked, "train"), columns, seeded)
            val = rates_offset.binned(windows.part(known, "val"), columns, seeded, train)
            for target in targets:
                own = seeded.of(target)
                booster = rates_offset.fit_target(train, val, target, own)
                expected = minutes * rates_offset.predict_target(booster, judged, x, target, own)
                losses[target].append(poisson_losses(counts[target], expected))
        drawn = []
        for target in targets:
            with_ = np.column_stack(losses[target])
            base = without.setdefault(target, with_)
            pair = draws.means(np.column_stack([base.mean(axis=1), with_.mean(axis=1)]))
            drawn.append(100 * (pair[:, 1] / pair[:, 0] - 1))
            change = 100 * (with_.mean() / base.mean() - 1)
            better = int((with_.mean(axis=0) < base.mean(axis=0)).sum())
            rows.append((group, target, float(with_.mean()), float(change), *interval(drawn[-1]), better, judged.height, games))
            say(_line(rows[-1]))
        mean = (float(np.mean([row[i] for row in rows[-len(targets) :]])) for i in (2, 3))
        rows.append((group, "mean", *mean, *interval(np.mean(drawn, axis=0)), None, judged.height, games))
        say(_line(rows[-1]))
    names = ["group", "target", "deviance", "change_pct", "change_low", "change_high", "better", "rows", "games"]
    return pl.DataFrame(rows, schema=names, orient="row")


def column_sets(groups: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Columns that each fit reads, by the groups it adds to the first fit, which reads none of OPTIONAL_GROUPS."""
    everything = {c for columns in OPTIONAL_GROUPS.values() for c in columns}
    none = tuple(c for c in RATES_FEATURES if c not in everything)
    return {NOTHING: none} | {group: (*none, *(c for name in group.split("+") for c in OPTIONAL_GROUPS[name])) for group in groups}


def _line(row: tuple[Any, ...]) -> str:
    group, target, deviance, change, low, high, better, *_ = row
    return (
        f"{group:14} {target:5} {deviance:.5f} {change:+.3f} % [{low:+.3f}, {high:+.3f}]{'' if better is None else f'  better: {better}'}"
    )


def _refuse(names: Sequence[str], known: Sequence[str], what: str) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RatesError(f"no {what} {', '.join(unknown)}: choose from {', '.join(known)}")


def _read(lake: Lake, seasons: Sequence[int], groups: Sequence[str]) -> pl.DataFrame:
    """Training rows with the columns that the fits need."""
    always = (*PLAYER_KEY, "game_date", *LABELS, *RATE_TARGETS)
    columns = dict.fromkeys([*always, *(c for columns in column_sets(groups).values() for c in columns)])
    return lake.read("gold.player_game_training", seasons, tuple(columns))


def main() -> None:
    """Print the table of a season."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--season", type=int, required=True, help="start year of the season to measure on")
    parser.add_argument("--first", type=int, default=2015, help="first season of training rows")
    parser.add_argument("--groups", default=",".join(OPTIONAL_GROUPS), help="comma-separated; a+b adds both groups")
    parser.add_argument("--targets", default=",".join(RATE_TARGETS))
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    args = parser.parse_args()
    targets, groups = args.targets.split(","), args.groups.split(",")
    lake = Lake(Path(os.environ.get("RATES_ROOT") or "lake"))
    training = _read(lake, range(args.first, args.season + 1), groups)
    compare(
        training,
        args.season,
        tuned_config(OffsetConfig),
        groups,
        targets,
        [int(s) for s in args.seeds.split(",")],
        partial(print, flush=True),
    )


if __name__ == "__main__":
    main()
