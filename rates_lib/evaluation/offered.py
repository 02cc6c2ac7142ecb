"""What groups of columns would be worth that a model may read: `rates_v1:offset` fitted with and without each, target by target.

`python -m rates_lib.evaluation.offered --season 2023 --first 2018 --seeds 7,8,9` prints a table. Fits are those of `rates tune`: on the
training part of the rows before the season's first window, stopped early on the validation part, measured on all games of the season.
Column sampling makes two fits differ by as much as a small group does, so each is made with several seeds, and the losses are means over
them; intervals draw whole games.

Belongs here: the comparison. Does not belong here: which columns a group has and which are read (`models/feature_sets.py`), groups that
are read already (`ablation.py`).
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from rates_lib.calendar import first_window
from rates_lib.errors import RatesError
from rates_lib.evaluation.intervals import GameBootstrap, interval
from rates_lib.evaluation.metrics import poisson_losses
from rates_lib.lake import Lake
from rates_lib.models import rates_offset
from rates_lib.models.boosting import Floats, floats, matrix
from rates_lib.models.config import OffsetConfig
from rates_lib.models.feature_sets import OFFERED, RATES_FEATURES
from rates_lib.models.tuned import tuned_config
from rates_lib.schemas.columns import RATE_TARGETS

SEEDS = (7, 8, 9)
_NOTHING = "none of them"

Say = Callable[[str], None]


def compare(
    training: pl.DataFrame,
    season: int,
    config: OffsetConfig,
    groups: Sequence[str] = tuple(OFFERED),
    targets: Sequence[str] = RATE_TARGETS,
    seeds: Sequence[int] = SEEDS,
    say: Say = lambda _: None,
) -> pl.DataFrame:
    """Deviance given actual minutes with each group, against a fit that reads none of OFFERED.

    Args:
        training: rows of gold.player_game_training up to the end of the season.
        season: start year of the season to measure on.
        config: settings of the fits, but for the seed.
        groups: of OFFERED; "a+b" is both.
        targets: of RATE_TARGETS.
        seeds: fits of each.
        say: is told each figure when it is known.

    Returns:
        target, group (first "none of them"), deviance, gain_pct (negative: less is lost with the group), gain_low, gain_high (95 %, by
        games), same_sign (of the seeds: how many gain), rows, games.

    Raises:
        RatesError: if a group or a target does not exist, or there are no rows of the season.
    """
    _refuse([g for group in groups for g in group.split("+")], tuple(OFFERED), "group")
    _refuse(targets, RATE_TARGETS, "target")
    known, masked, windows = rates_offset.rows_before(training, first_window(season), config)
    parts = windows.part(masked, "train"), windows.part(known, "val")
    judged = training.filter((pl.col("season") == season) & (pl.col("minutes_actual") >= 1)).sort(rates_offset.KEY)
    if judged.is_empty():
        raise RatesError(f"season {season} has no training rows to measure on: run `rates backfill --seasons {season}` first")
    draws = GameBootstrap(judged["game_id"])
    without: dict[str, Floats] = {}
    rows = []
    for group, columns in column_sets(groups).items():
        for target, with_ in _losses(parts, judged, columns, config, targets, seeds):
            before = without.setdefault(target, with_)
            drawn = draws.means(np.column_stack([before.mean(axis=1), with_.mean(axis=1)]))
            low, high = interval(100 * (drawn[:, 1] / drawn[:, 0] - 1))
            gain = 100 * (with_.mean() / before.mean() - 1)
            better = int((with_.mean(axis=0) < before.mean(axis=0)).sum())
            rows.append((target, group, float(with_.mean()), float(gain), low, high, better, judged.height, judged["game_id"].n_unique()))
            say(f"{target} {group}: {rows[-1][2]:.5f} {gain:+.3f} % [{low:+.3f}, {high:+.3f}], {better} of {len(seeds)} seeds")
    names = ["target", "group", "deviance", "gain_pct", "gain_low", "gain_high", "same_sign", "rows", "games"]
    return pl.DataFrame(rows, schema=names, orient="row")


def _losses(
    parts: tuple[pl.DataFrame, pl.DataFrame],
    judged: pl.DataFrame,
    columns: Sequence[str],
    config: OffsetConfig,
    targets: Sequence[str],
    seeds: Sequence[int],
) -> Iterator[tuple[str, Floats]]:
    """Losses of shape (rows, seeds) by target: fits on the first of `parts`, stopped early on the second."""
    minutes, x = floats(judged, "minutes_actual"), matrix(judged, columns)
    losses: dict[str, list[Floats]] = {target: [] for target in targets}
    for seed in seeds:
        seeded = dataclasses.replace(config, seed=seed)
        train = rates_offset.binned(parts[0], columns, seeded)
        val = rates_offset.binned(parts[1], columns, seeded, train)
        for target in targets:
            own = seeded.of(target)
            booster = rates_offset.fit_target(train, val, target, own)
            count = np.rint(minutes * floats(judged, f"{target}_per_min"))  # the label is count / minutes
            losses[target].append(poisson_losses(count, minutes * rates_offset.predict_target(booster, judged, x, target, own)))
    for target, made in losses.items():
        yield target, np.column_stack(made)


def column_sets(groups: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """What the fits read, by what they have more than the first, which reads none of OFFERED."""
    there = {c for columns in OFFERED.values() for c in columns}
    none = tuple(c for c in RATES_FEATURES if c not in there)
    return {_NOTHING: none} | {group: (*none, *(c for name in group.split("+") for c in OFFERED[name])) for group in groups}


def _refuse(names: Sequence[str], known: Sequence[str], what: str) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RatesError(f"no {what} {', '.join(unknown)}: choose from {', '.join(known)}")


def _read(lake: Lake, seasons: Sequence[int], groups: Sequence[str]) -> pl.DataFrame:
    """Of the training rows the columns that the fits need."""

    def needed() -> Iterator[str]:
        yield from (*rates_offset.KEY, "game_date", *rates_offset.LABELS, *RATE_TARGETS, "is_starter", "starters_minutes_blind")
        for columns in column_sets(groups).values():
            yield from columns

    return lake.read("gold.player_game_training", seasons, tuple(dict.fromkeys(needed())))


def main() -> None:
    """Print the table of a season."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--season", type=int, required=True, help="start year of the season to measure on")
    parser.add_argument("--first", type=int, default=2015, help="first season to learn from")
    parser.add_argument("--groups", default=",".join(OFFERED), help="with commas; a+b is both")
    parser.add_argument("--targets", default=",".join(RATE_TARGETS))
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    asked = parser.parse_args()
    targets, groups = asked.targets.split(","), asked.groups.split(",")
    lake = Lake(Path(os.environ.get("RATES_ROOT") or "lake"))
    training = _read(lake, range(asked.first, asked.season + 1), groups)
    compare(training, asked.season, tuned_config(OffsetConfig), groups, targets, [int(s) for s in asked.seeds.split(",")], print)


if __name__ == "__main__":
    main()
