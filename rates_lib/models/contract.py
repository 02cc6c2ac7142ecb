"""The contract of a model: what training, assets, the registry and serving know of it, and the little that models share.

Belongs here: `ModelSpec`, the key of player rows, the mask of the announced five. Does not belong here: the list of models (`specs.py`),
the rows that they learn from (`pipeline/training.py`), files (`bundle.py`).
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
"""Key of a player's row of any model."""

Train = Callable[[pl.DataFrame, date, Any], Bundle]
"""Rows in any order, first day of use, settings. The bundle does not depend on rows from that day on."""

Predict = Callable[[pl.DataFrame, Bundle], pl.DataFrame]
"""Features and a run. Returns the outputs, row-aligned with the features."""


@dataclass(frozen=True)
class Baseline:
    """A recipe that is kept for comparison: it is fitted in a season's first window, on the rows of its model.

    Attributes:
        label: of its figures in the materialisation.
        config: kind of its settings.
        train: fits it.
    """

    label: str
    config: type[Any]
    train: Train


@dataclass(frozen=True)
class ModelSpec:
    """A model that is fitted for each month and serves that month's games.

    Attributes:
        name: folder of its runs, first part of their ids.
        config: kind of its settings (`config.py`): a frozen dataclass with a recipe and a default for every setting.
        train: fits it for one window.
        predict: predicts rows; None if a run is parameters for the simulation.
        outputs: columns of a prediction.
        metric: name of the figure that runs of one window are compared by; lower is better.
        metric_text: the same in words.
        summary: what the fit does, one sentence.
        description: of its assets; {target} is the name of one.
        assets: name of an asset by the key of its figures in the metadata; empty: the model is one asset.
        tuned: whether `tuned.json` goes over the default settings.
        searched: what of `config.targets` `rates tune` can search, by the user's name for it.
        baselines: recipes fitted beside it once a season.
        noted: keys of the metadata that a materialisation shows beside the figures.
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
    """`rows` with the announced five hidden in a share of team-games, drawn by a hash of game and team."""
    hidden = team_game_fractions(rows, f"starters {config.trees.seed}") < config.mask_starters
    return rows.with_columns(pl.when(~hidden).then(pl.col(c)).alias(c) for c in ("is_starter", "starters_minutes_blind"))


def mean_figure(metrics: Mapping[str, Mapping[str, float]], name: str) -> float:
    """Mean of a figure over the targets."""
    return sum(values[name] for values in metrics.values()) / len(metrics)
