"""The contract of a model: its spec, for training, assets, the registry and serving; and the few things that models share.

Belongs here: `ModelSpec`, the key of player rows, the mask of the announced starters. Does not belong here: the
list of models (`specs.py`), training rows (`pipeline/training.py`), files (`bundle.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from rates_lib.models.bundle import Bundle
from rates_lib.models.config import EfficiencyConfig, OffsetConfig
from rates_lib.models.fingerprint import team_game_fractions

PLAYER_KEY = ("season", "game_id", "team_id", "player_id")
"""Key of a player's row, in all models."""

Train = Callable[[pl.DataFrame, date, Any], Bundle]
"""Takes rows in any order, the first day of use and settings. The bundle does not depend on rows from that day on."""

Predict = Callable[[pl.DataFrame, Bundle], pl.DataFrame]
"""Takes features and a run; returns the outputs, row-aligned with the features."""


@dataclass(frozen=True)
class Baseline:
    """A recipe kept for comparison, fitted in a season's first window on the rows of its model.

    Attributes:
        label: key of its figures in the metadata of the materialisation.
        config: class of its settings.
        train: function that fits it.
    """

    label: str
    config: type[Any]
    train: Train


@dataclass(frozen=True)
class ModelSpec:
    """A model that is fitted for each month and predicts that month's games.

    Attributes:
        name: folder of its runs, first part of their ids.
        config: class of its settings (`config.py`): a frozen dataclass with `recipe` and a default for every setting.
        train: function that fits one window.
        predict: function that predicts rows; None if a run holds parameters of the simulation.
        outputs: columns of a prediction.
        metric: name of the figure that runs of one window are compared by; lower is better.
        metric_text: the same in words.
        summary: what the fit does, in one sentence.
        description: description of its assets; {target} is replaced by the asset's name.
        assets: asset name by key of its figures in the metadata; empty if the model is one asset.
        tuned: whether `tuned.json` overrides the default settings.
        searched: the members of `config.targets` that `rates tune` can search, by the user's name.
        baselines: recipes fitted along with it once a season.
        noted: metadata keys that a materialisation shows beside the figures.
    """

    name: str
    config: type[Any]
    train: Train
    predict: Predict | None
    outputs: tuple[str, ...]
    metric: str
    metric_text: str
    summary: str
    description: str
    assets: Mapping[str, str] = field(default_factory=dict)
    tuned: bool = False
    searched: Mapping[str, str] = field(default_factory=dict)
    baselines: tuple[Baseline, ...] = ()
    noted: tuple[str, ...] = ()


def mask_starters(rows: pl.DataFrame, config: OffsetConfig | EfficiencyConfig) -> pl.DataFrame:
    """`rows` with the announced starters hidden (null) in a share of team-games, drawn by a hash of game and team."""
    hidden = team_game_fractions(rows, f"starters {config.trees.seed}") < config.mask_starters
    return rows.with_columns(pl.when(~hidden).then(pl.col(c)).alias(c) for c in ("is_starter", "starters_minutes_blind"))


def mean_figure(metrics: Mapping[str, Mapping[str, float]], name: str) -> float:
    """Mean over the targets of the figure `name`."""
    return sum(values[name] for values in metrics.values()) / len(metrics)
