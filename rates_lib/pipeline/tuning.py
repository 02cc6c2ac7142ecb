"""Search of settings: the settings with the best figures on a season after all rows that they were fitted on.

There is one search per booster. It is fitted on the training part of the rows before the season's first window and stopped early on the
validation part, exactly as in `train_*`, then measured on all games of the season: rates by the Poisson deviance of the count given actual
minutes (rows of at least a minute), minutes by the mean absolute error of `minutes_mean` (rows that played, line-ups from whole teams),
percentages by the log loss per shot. The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio & Kegl 2011) of optuna proposes
settings, with a seed. The first trial has the present settings, so the result is never worse than those.

Rows after the season are not read, and seasons that figures are reported on are refused.

Belongs here: ranges, the loop, figures. Does not belong here: storage of the result (`tuned.py`), the fits (`minutes.py`,
`rates_offset.py`, `efficiency.py`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from rates_lib.core import metrics as m
from rates_lib.core.calendar import first_window
from rates_lib.core.errors import RatesError
from rates_lib.lake import Lake
from rates_lib.models import efficiency, rates_common, rates_offset
from rates_lib.models.boosting import Floats, floats, matrix, predict
from rates_lib.models.config import EfficiencyConfig, MinutesConfig, OffsetConfig, PerTarget, settings_of_one_fit, with_settings
from rates_lib.models.contract import PLAYER_KEY, mask_starters
from rates_lib.models.feature_groups import without_groups
from rates_lib.models.feature_sets import EFFICIENCY_FEATURES, MINUTES_FEATURES, RATES_FEATURES, SHOTS, STATUS_KNOWN
from rates_lib.models.minutes import MINUTES_MAX, fit_targets, search_rows
from rates_lib.models.minutes_shares import base_minutes
from rates_lib.models.specs import MODELS
from rates_lib.models.tuned import Chosen, Tuned, tuned_config
from rates_lib.models.windows import split_windows
from rates_lib.pipeline.training import minutes_training, rates_training

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

LAST_SEASON = 2023
"""The last season to choose settings on; figures are reported on the seasons after it."""

STARTUP = 5  # random trials before the estimator proposes
SIGNIFICANT = 2  # significant digits of a proposed setting; more make no difference

Settings = dict[str, int | float]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Range:
    """Range of a setting, including both ends; whole numbers if both ends are."""

    low: int | float
    high: int | float
    log: bool = False

    def holding(self, value: int | float) -> Range:
        """The range, widened to include `value`."""
        return dataclasses.replace(self, low=min(self.low, value), high=max(self.high, value))

    def distribution(self) -> BaseDistribution:
        """The same as a distribution of optuna."""
        from optuna.distributions import FloatDistribution, IntDistribution  # noqa: PLC0415 - importing takes 0.4 s, which only a search needs

        if isinstance(self.low, int) and isinstance(self.high, int):
            return IntDistribution(self.low, self.high, log=self.log)
        return FloatDistribution(self.low, self.high, log=self.log)


RATES_SPACE: dict[str, Range] = {
    "num_leaves": Range(8, 48, log=True),
    "min_data_in_leaf": Range(100, 1500, log=True),
    "feature_fraction": Range(0.1, 0.5),
    "lambda_l2": Range(1.0, 100.0, log=True),
    "prior_hl10": Range(0.0, 0.7),
}
MINUTES_SPACE: dict[str, Range] = {
    "num_leaves": Range(12, 63, log=True),
    "min_data_in_leaf": Range(100, 1500, log=True),
    "feature_fraction": Range(0.2, 0.6),
    "lambda_l2": Range(1.0, 100.0, log=True),
    "huber": Range(3.0, 15.0),
}
EFFICIENCY_SPACE: dict[str, Range] = {
    "num_leaves": Range(4, 24, log=True),
    "min_data_in_leaf": Range(300, 4000, log=True),
    "lambda_l2": Range(1.0, 100.0, log=True),
}

SEARCHED: dict[str, tuple[str, str]] = {name: (spec.name, target) for spec in MODELS.values() for name, target in spec.searched.items()}
"""Boosters that can be searched: (model, target) by the user's name."""


@dataclass(frozen=True)
class Problem:
    """Search of one booster's settings.

    Attributes:
        model, target: as in `tuned.json`.
        metric: name of the figure to minimise.
        start: settings to begin with, one for each of `space`.
        space: range of each setting.
        measure: function from settings to figures by name, among them `metric`.
        rows: number of rows behind the figures.
    """

    model: str
    target: str
    metric: str
    start: Settings
    space: Mapping[str, Range]
    measure: Callable[[Settings], dict[str, float]]
    rows: int


def tune(lake: Lake, season: int, targets: Sequence[str] = (), trials: int = 12, seed: int = 7, say: Say = lambda _: None) -> Tuned:
    """Search the settings of some boosters on one season.

    The same data, settings to start from, seed and number of trials give the same result.

    Args:
        lake: lake with training rows of the season and the earlier ones; later rows are not read.
        season: start year of the season to choose on.
        targets: names of SEARCHED; all if empty.
        trials: number of settings to try per booster, including the present ones.
        seed: seed of the proposals.
        say: called before each trial with a line on progress.

    Raises:
        RatesError: if figures are reported on the season, a target does not exist, or the lake has no rows of the season.
    """
    refuse_reported(season)
    unknown = [name for name in targets if name not in SEARCHED]
    if unknown:
        raise RatesError(f"no target {', '.join(unknown)} to search: choose from {', '.join(SEARCHED)}")
    if trials < 1:
        raise RatesError(f"{trials} trials find nothing: ask for 1 or more; the first has the present settings")
    chosen = [SEARCHED[name] for name in SEARCHED if name in (targets or SEARCHED)]
    tuned: Tuned = {}
    for problem in _problems(lake, season, chosen):
        tuned.setdefault(problem.model, {})[problem.target] = search(problem, season, trials, seed, say)
    return tuned


def refuse_reported(season: int) -> None:
    """Check that settings may be chosen on a season.

    Raises:
        RatesError: if the season is in the report period.
    """
    if season > LAST_SEASON:
        raise RatesError(
            f"season {season} is in the report period, whose figures must not be tuned on: choose on {LAST_SEASON} or an earlier one"
        )


def search(problem: Problem, season: int, trials: int, seed: int, say: Say = lambda _: None) -> Chosen:
    """Try settings, the present ones first; of equally good ones the first wins.

    Args:
        problem: booster and ranges.
        season: start year, for the result.
        trials: number of trials.
        seed: seed of the proposals.
        say: called before each trial with a line on progress.
    """
    import optuna  # noqa: PLC0415 - importing takes 0.4 s, which only a search needs

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = {name: range_.holding(problem.start[name]) for name, range_ in problem.space.items()}
    distributions = {name: range_.distribution() for name, range_ in space.items()}
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP), direction="minimize")
    study.enqueue_trial(dict(problem.start))
    tried: list[tuple[Settings, dict[str, float]]] = []
    best = 0
    for n in range(trials):
        trial = study.ask(distributions)
        settings = problem.start if n == 0 else {name: _tidy(trial.params[name]) for name in space}
        say(f"{problem.target}, trial {n + 1} of {trials}{_so_far([figures[problem.metric] for _, figures in tried])}: {_text(settings)}")
        figures = next((figures for other, figures in tried if other == settings), None) or problem.measure(settings)
        study.tell(trial, figures[problem.metric])
        tried.append((settings, figures))
        best = min(best, n, key=lambda k: tried[k][1][problem.metric])
    return Chosen(
        settings=dict(tried[best][0]),
        season=season,
        metric=problem.metric,
        before=tried[0][1],
        after=tried[best][1],
        rows=problem.rows,
        trials=trials,
        seed=seed,
        start=dict(problem.start),
        searched={name: dataclasses.asdict(range_) for name, range_ in space.items()},
    )


def rates_problems(training: pl.DataFrame, season: int, targets: Sequence[str], config: OffsetConfig) -> Iterator[Problem]:
    """Searches of `rates_v1:offset`.

    Args:
        training: rows of gold.player_game_training up to the end of the season.
        season: start year.
        targets: members of RATE_TARGETS.
        config: settings to start from.

    Raises:
        RatesError: if there are no rows of the season, or fewer than three days with rows before it.
    """
    known, masked, windows = rates_offset.rows_before(training, first_window(season), config)
    columns = without_groups(RATES_FEATURES, config.drop_groups)
    train = rates_offset.binned(windows.part(masked, "train"), columns, config)
    val = rates_offset.binned(windows.part(known, "val"), columns, config, train)
    measured = _of_season(training, season).filter(pl.col("minutes_actual") >= config.min_minutes).sort(PLAYER_KEY)
    minutes, x = floats(measured, "minutes_actual"), matrix(measured, columns)
    for target in targets:
        count = np.rint(minutes * floats(measured, f"{target}_per_min"))  # the label is count / minutes

        def measure(settings: Settings, target: str = target, count: Floats = count) -> dict[str, float]:
            own = with_settings(config.of(target), settings)
            booster = rates_offset.fit_target(train, val, target, own)
            expected = minutes * rates_offset.predict_target(booster, measured, x, target, own)
            return {
                "poisson_deviance": m.poisson_deviance(count, expected),
                "actual_over_expected": m.actual_over_expected(count, expected),
                "rounds": float(booster.best_iteration),
            }

        yield Problem(
            rates_common.MODEL, target, "poisson_deviance", _start(config, target, RATES_SPACE), RATES_SPACE, measure, measured.height
        )


def efficiency_problems(training: pl.DataFrame, season: int, targets: Sequence[str], config: EfficiencyConfig) -> Iterator[Problem]:
    """Searches of `efficiency_v1`; arguments and errors as in `rates_problems`."""
    known = training.filter(pl.col("game_date") < first_window(season)).sort(PLAYER_KEY)
    windows = split_windows(known["game_date"], first_window(season), config.windows)
    season_rows = _of_season(training, season).sort(PLAYER_KEY)
    columns = without_groups(EFFICIENCY_FEATURES, config.drop_groups)
    for target in targets:
        made, tried = SHOTS[target]
        measured = season_rows.filter(pl.col(tried) > 0)
        val = windows.part(known, "val").filter(pl.col(tried) > 0)
        train = mask_starters(windows.part(known, "train").filter(pl.col(tried) > 0), config)

        def measure(
            settings: Settings,
            target: str = target,
            rows: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame] = (train, val, measured),
            shots: tuple[Floats, Floats] = (floats(measured, made), floats(measured, tried)),
        ) -> dict[str, float]:
            own = with_settings(config.of(target), settings)
            booster = efficiency.fit_target(rows[0], rows[1], target, columns, own)
            share = efficiency.predict_target(booster, rows[2], target, columns, own)
            return {
                "log_loss": efficiency.shot_log_loss(*shots, share),
                "actual_over_expected": m.actual_over_expected(shots[0], shots[1] * share),
                "rounds": float(booster.best_iteration),
            }

        start = _start(config, target, EFFICIENCY_SPACE)
        yield Problem(efficiency.MODEL, target, "log_loss", start, EFFICIENCY_SPACE, measure, measured.height)


def minutes_problems(training: pl.DataFrame, season: int, config: MinutesConfig) -> Iterator[Problem]:
    """The search of `minutes_mean`.

    The probability to play and the line-ups are computed once, with `config`, because the settings are for this booster alone.

    Args:
        training: candidate rows of whole teams with the label `minutes` up to the end of the season.
        season: start year.
        config: settings to start from.

    Raises:
        RatesError: as in `rates_problems`.
    """
    target = "minutes_mean"
    _of_season(training, season)
    train, val, measured = search_rows(training, first_window(season), config)
    columns = without_groups((*MINUTES_FEATURES, STATUS_KNOWN), config.drop_groups)
    actual, base, x = floats(measured, "minutes"), base_minutes(measured), matrix(measured, columns)

    def measure(settings: Settings) -> dict[str, float]:
        own = dataclasses.replace(config, by_target={target: {**config.by_target.get(target, {}), **settings}})
        booster = fit_targets(train, val, columns, own, (target,))[target]
        predicted = np.clip(base + predict(booster, x, config.trees.num_threads), 0.0, MINUTES_MAX)
        figures = {"mae": m.mae(actual, predicted), "rmse": m.rmse(actual, predicted), "bias": m.bias(actual, predicted)}
        return figures | {"rounds": float(booster.best_iteration)}

    yield Problem("minutes_v1", target, "mae", _start(config, target, MINUTES_SPACE), MINUTES_SPACE, measure, measured.height)


def _problems(lake: Lake, season: int, chosen: Sequence[tuple[str, str]]) -> Iterator[Problem]:
    end = first_window(season + 1)
    targets = {model: [target for other, target in chosen if other == model] for model, _ in chosen}
    if "minutes_v1" in targets:
        yield from minutes_problems(minutes_training(lake, end), season, tuned_config(MinutesConfig))
    if targets.keys() - {"minutes_v1"}:
        training = rates_training(lake, end)
        if "rates_v1" in targets:
            yield from rates_problems(training, season, targets["rates_v1"], tuned_config(OffsetConfig))
        if "efficiency_v1" in targets:
            yield from efficiency_problems(training, season, targets["efficiency_v1"], tuned_config(EfficiencyConfig))


def _of_season(rows: pl.DataFrame, season: int) -> pl.DataFrame:
    of_season = rows.filter(pl.col("season") == season)
    if of_season.is_empty():
        raise RatesError(f"season {season} has no training rows to choose on: run `rates backfill --seasons {season}` first")
    return of_season


def _start(config: PerTarget, target: str, space: Mapping[str, Range]) -> Settings:
    own = settings_of_one_fit(config.of(target))
    return {name: own[name] for name in space}


def _tidy(value: int | float) -> int | float:
    return value if isinstance(value, int) else float(f"{value:.{SIGNIFICANT}g}")


def _so_far(values: Sequence[float]) -> str:
    return f" (best so far {min(values):.5f}, first {values[0]:.5f})" if values else ""


def _text(settings: Settings) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in settings.items())
