"""Settings of a training run: frozen dataclasses that go into the metadata and come back from it.

Belongs here: defaults of the two kept baselines. Does not belong here: anything that changes from day to day.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from rates_lib.errors import RatesError
from rates_lib.models.windows import WindowConfig

ConfigT = TypeVar("ConfigT", "RatesConfig", "MinutesConfig")


@dataclasses.dataclass(frozen=True)
class RatesConfig:
    """Settings of `rates_v1:plain`, the north star's section 5.3.

    Attributes:
        recipe: name of the recipe; part of the run id.
        min_minutes: rows below it are left out of training and figures: one rebound in 3 seconds is a rate of 20.
        max_rounds, patience: rounds at most; rounds without progress on the validation rows after which the fit stops.
        seed, num_threads: of LightGBM.
        windows: lengths of the calibration and validation windows.
    """

    recipe: str = "plain"
    learning_rate: float = 0.05
    num_leaves: int = 64
    max_depth: int = -1
    min_data_in_leaf: int = 50
    feature_fraction: float = 0.8
    bagging_fraction: float = 0.8
    bagging_freq: int = 1
    lambda_l2: float = 1.0
    min_minutes: float = 1.0
    max_rounds: int = 1000
    patience: int = 25
    seed: int = 7
    num_threads: int = 2
    windows: WindowConfig = dataclasses.field(default_factory=WindowConfig)


@dataclasses.dataclass(frozen=True)
class MinutesConfig:
    """Settings of `minutes_v1:plain`: fewer, larger steps than the rates have, for it is fitted once per season and month.

    Attributes:
        minutes_floor: least minutes a played row counts as in training.
        mask_starters, mask_status: share of training team-games in which the announced five, or all that was published, is hidden, so
            that the model also works without.
        min_listed_rows: candidate rows with a real list below which no booster for the probability to play is fitted.
        max_rounds, patience, seed, num_threads, windows: as in `RatesConfig`.
    """

    recipe: str = "plain"
    learning_rate: float = 0.2
    num_leaves: int = 31
    max_depth: int = -1
    min_data_in_leaf: int = 100
    feature_fraction: float = 0.5
    bagging_fraction: float = 0.7
    bagging_freq: int = 1
    lambda_l2: float = 1.0
    minutes_floor: float = 0.5
    mask_starters: float = 0.2
    mask_status: float = 0.2
    min_listed_rows: int = 2000
    max_rounds: int = 400
    patience: int = 15
    seed: int = 7
    num_threads: int = 2
    windows: WindowConfig = dataclasses.field(default_factory=WindowConfig)


def config_to_dict(config: RatesConfig | MinutesConfig) -> dict[str, Any]:
    """Plain dictionary, fit for JSON."""
    return dataclasses.asdict(config)


def config_from_dict(kind: type[ConfigT], values: Mapping[str, Any]) -> ConfigT:
    """Config of `kind` with `values` over the defaults.

    Raises:
        RatesError: names the settings that do not exist.
    """
    windows = dict(values.get("windows", {}))
    _refuse_unknown(kind, values)
    _refuse_unknown(WindowConfig, windows)
    return kind(**{**values, "windows": WindowConfig(**windows)})


def _refuse_unknown(kind: type, values: Mapping[str, Any]) -> None:
    known = [f.name for f in dataclasses.fields(kind)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise RatesError(f"{kind.__name__} has no setting {', '.join(unknown)}: choose from {', '.join(known)}")
