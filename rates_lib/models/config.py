"""Settings of a training run: frozen dataclasses that are written to the run's metadata and read back from it.

Belongs here: defaults of each recipe. Does not belong here: anything that changes from day to day.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast

from rates_lib.core.errors import RatesError
from rates_lib.models.feature_sets import SHOTS
from rates_lib.models.windows import WindowConfig
from rates_lib.schemas.columns import RATE_TARGETS

ConfigT = TypeVar("ConfigT", bound="Config")

_SHARED = ("max_bin", "seed", "num_threads")  # settings of trees that all boosters of a run share
_OF_ONE_FIT = ("prior_hl10", "huber", "max_rounds", "patience")  # settings, other than those of trees, that may differ by booster


@dataclasses.dataclass(frozen=True)
class TreeConfig:
    """Settings of LightGBM, under LightGBM's names; the defaults serve `rates_v1:offset`.

    Attributes:
        seed: seed of each draw of rows and columns, and of the hashes that hide parts of training rows.
        num_threads: number of threads; the result does not depend on it.
    """

    learning_rate: float = 0.1
    num_leaves: int = 24
    max_depth: int = -1
    min_data_in_leaf: int = 300
    feature_fraction: float = 0.25
    bagging_fraction: float = 0.7
    bagging_freq: int = 1
    lambda_l2: float = 10.0
    max_bin: int = 63
    seed: int = 7
    num_threads: int = 2


_OFFSET_TREES = TreeConfig()
_PLAIN_TREES = TreeConfig(
    learning_rate=0.05, num_leaves=64, min_data_in_leaf=50, feature_fraction=0.8, bagging_fraction=0.8, lambda_l2=1.0, max_bin=255
)
_EFFICIENCY_TREES = TreeConfig(learning_rate=0.06, num_leaves=12, min_data_in_leaf=800, feature_fraction=0.4, lambda_l2=20.0)
_MINUTES_TREES = TreeConfig(num_leaves=31, feature_fraction=0.3)
_BOX_TREES = TreeConfig(learning_rate=0.03, num_leaves=8, min_data_in_leaf=400, feature_fraction=0.5, lambda_l2=20.0)


@dataclasses.dataclass(frozen=True)
class PerTarget:
    """Settings of a model with one booster per target.

    Attributes:
        by_target: settings of single targets, e.g. {"stl": {"num_leaves": 12}}; only settings that may differ by booster.
        targets: the possible keys of `by_target`.
    """

    targets: ClassVar[tuple[str, ...]] = ()
    by_target: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)

    def of(self, target: str) -> Self:
        """`self` with the settings of one target in force."""
        return with_settings(self, self.by_target.get(target, {}))


@dataclasses.dataclass(frozen=True)
class RatesConfig:
    """Settings of `rates_v1:plain` (north star, section 5.3).

    Attributes:
        recipe: name of the recipe; part of the run id.
        trees: settings of LightGBM.
        min_minutes: rows with fewer minutes are left out of fits and figures: one rebound in 3 seconds is a rate of 20.
        max_rounds: largest number of rounds.
        patience: rounds without improvement on the validation rows after which the fit stops.
        windows: lengths of the calibration and validation windows.
    """

    recipe: str = "plain"
    trees: TreeConfig = _PLAIN_TREES
    min_minutes: float = 1.0
    max_rounds: int = 1000
    patience: int = 25
    windows: WindowConfig = dataclasses.field(default_factory=WindowConfig)


@dataclasses.dataclass(frozen=True)
class OffsetConfig(PerTarget):
    """Settings of `rates_v1:offset`: Poisson on the count, offset by the minutes and a shrunk prior rate.

    Attributes:
        prior_hl10: weight of the rate at half-life 10 in the prior rate; the rest is the weight of the rate at half-life 30.
        mask_starters: share of training team-games in which the announced starters are hidden.
        drop_groups: feature groups (`feature_groups.GROUPS`) to leave out, for ablations.
        by_target, targets: as in `PerTarget`.
        recipe, trees, min_minutes, max_rounds, patience, windows: as in `RatesConfig`.
    """

    targets: ClassVar[tuple[str, ...]] = RATE_TARGETS
    recipe: str = "offset"
    trees: TreeConfig = _OFFSET_TREES
    prior_hl10: float = 0.35
    mask_starters: float = 0.2
    min_minutes: float = 1.0
    max_rounds: int = 900
    patience: int = 30
    drop_groups: tuple[str, ...] = ()
    windows: WindowConfig = dataclasses.field(default_factory=WindowConfig)


@dataclasses.dataclass(frozen=True)
class EfficiencyConfig(PerTarget):
    """Settings of `efficiency_v1`: share of shots made, offset by the shrunk percentage. Attributes as in `OffsetConfig`."""

    targets: ClassVar[tuple[str, ...]] = tuple(SHOTS)
    recipe: str = "offset"
    trees: TreeConfig = _EFFICIENCY_TREES
    mask_starters: float = 0.2
    max_rounds: int = 500
    patience: int = 25
    drop_groups: tuple[str, ...] = ()
    windows: WindowConfig = dataclasses.field(default_factory=WindowConfig)


@dataclasses.dataclass(frozen=True)
class MinutesConfig(PerTarget):
    """Settings of `minutes_v1:offset`.

    Attributes:
        huber: error in minutes above which the fit of the mean counts it linearly: an early exit says little about a role.
        minutes_floor: lower bound of the label of a played row, in minutes.
        mask_starters, mask_status: shares of training team-games in which the announced starters, or all published statuses, are hidden,
            so that the model also works without them.
        min_listed_rows: least number of candidate rows with a real list for a booster of the probability to play.
        play_rounds: largest number of rounds of the probability to play.
        folds: number of parts of the training rows; a part's probabilities come from a fit on the other parts.
        drop_groups: feature groups (`feature_groups.GROUPS`) to leave out, for ablations.
        by_target, targets: as in `PerTarget`.
        recipe, trees, max_rounds, patience, windows: as in `RatesConfig`.
    """

    targets: ClassVar[tuple[str, ...]] = ("minutes_mean", "minutes_p10", "minutes_p50", "minutes_p90")
    recipe: str = "offset"
    trees: TreeConfig = _MINUTES_TREES
    huber: float = 6.0
    minutes_floor: float = 0.5
    mask_starters: float = 0.2
    mask_status: float = 0.1
    min_listed_rows: int = 2000
    play_rounds: int = 200
    folds: int = 2
    max_rounds: int = 700
    patience: int = 30
    drop_groups: tuple[str, ...] = ()
    windows: WindowConfig = dataclasses.field(default_factory=WindowConfig)


@dataclasses.dataclass(frozen=True)
class BoxConfig:
    """Settings of `box_v1`: few, small trees, because its rows cover less than one season.

    Attributes:
        recipe, trees: as in `RatesConfig`.
        rounds: rounds of each booster; fixed, because no rows are left for early stopping.
    """

    recipe: str = "residual"
    trees: TreeConfig = _BOX_TREES
    rounds: int = 120


@dataclasses.dataclass(frozen=True)
class TeamConfig:
    """Settings of `team_v1`.

    Attributes:
        half_life_days: age at which a game counts half.
        penalty: penalty of the ridge, in games.
        fold_days: league days predicted by one fit when errors are estimated out of fold.
        residual_days: league days before the window that errors are estimated from; a season has about 165.
        market_errors: standard errors by which our difference from the line must pay before it moves the line.
        recipe, windows: as in `RatesConfig`.
    """

    recipe: str = "ridge"
    half_life_days: float = 3000.0
    penalty: float = 1000.0
    fold_days: int = 45
    residual_days: int = 660
    market_errors: float = 1.0
    windows: WindowConfig = dataclasses.field(default_factory=WindowConfig)


@dataclasses.dataclass(frozen=True)
class WorldParametersConfig:
    """Settings of `worlds_v1`, the fit of the parameters of the worlds.

    Attributes:
        seasons: number of seasons before the window whose games give the real moments; all games count alike.
        games: number of games, spread evenly, that are simulated.
        worlds: worlds per game.
        rounds: largest number of evaluations; the best one is kept.
        damping: share of a step that is taken.
        seed: seed of the draws.
        recipe: as in `RatesConfig`.
    """

    recipe: str = "moments"
    seasons: int = 3
    games: int = 250
    worlds: int = 100
    rounds: int = 12
    damping: float = 0.8
    seed: int = 11


Patient = RatesConfig | OffsetConfig | EfficiencyConfig | MinutesConfig
"""Settings with early stopping."""


class Config(Protocol):
    """Settings of any model: a frozen dataclass with `recipe` and a default for every setting."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def config_to_dict(config: Config) -> dict[str, Any]:
    """Plain dictionary for JSON; settings of trees are under `trees`."""
    return dataclasses.asdict(config)


def config_from_dict(kind: type[ConfigT], values: Mapping[str, Any]) -> ConfigT:
    """Config of class `kind`: the defaults, overridden by `values`.

    Args:
        kind: a config with a default for every setting.
        values: settings by name, tuples as lists. Settings of trees may be among the others or, as from `config_to_dict`, under `trees`.

    Raises:
        RatesError: names the unknown settings, or the setting of a target that is not a number.
    """
    refuse_wrong_targets(kind, values.get("by_target", {}))
    settings: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    if "windows" in settings:
        _refuse_unknown("WindowConfig", settings["windows"], _names(WindowConfig))
        settings["windows"] = WindowConfig(**settings["windows"])
    return with_settings(kind(), settings.pop("trees", {}) | settings)


def with_settings(config: ConfigT, settings: Mapping[str, Any]) -> ConfigT:
    """`config` with other settings; those of its trees by their own names, e.g. {"num_leaves": 12, "max_rounds": 50}.

    Raises:
        RatesError: names the unknown settings.
    """
    own = _names(type(config))
    trees = _names(TreeConfig) if "trees" in own else []
    _refuse_unknown(type(config).__name__, settings, [*(name for name in own if name != "trees"), *trees])
    changes = {name: value for name, value in settings.items() if name in own}
    of_trees = {name: value for name, value in settings.items() if name in trees}
    if of_trees:
        changes["trees"] = dataclasses.replace(cast(Any, config).trees, **of_trees)
    return dataclasses.replace(config, **changes)


def refuse_wrong_targets(kind: type, by_target: Mapping[str, Mapping[str, Any]]) -> None:
    """Check `by_target` against the targets and settings of class `kind`.

    Raises:
        RatesError: names the unknown target or setting, or the value that is not a number.
    """
    targets = kind.targets if issubclass(kind, PerTarget) else ()
    for target, settings in by_target.items():
        if target not in targets:
            raise RatesError(f"{kind.__name__} has no target {target}: choose from {', '.join(targets)}")
        defaults = settings_of_one_fit(kind())
        unknown = sorted(set(settings) - set(defaults))
        if unknown:
            raise RatesError(f"{kind.__name__} has no setting {', '.join(unknown)} of {target} alone: choose from {', '.join(defaults)}")
        for name, value in settings.items():
            if isinstance(value, bool) or not isinstance(value, int if isinstance(defaults[name], int) else (int, float)):
                raise RatesError(f"{kind.__name__}: {name} of {target} is {value!r}, and must be a number like {defaults[name]}")


def settings_of_one_fit(config: Any) -> dict[str, Any]:
    """The settings of a `PerTarget` config that may differ by booster, by name."""
    trees = {name: getattr(config.trees, name) for name in _names(TreeConfig) if name not in _SHARED}
    return trees | {name: getattr(config, name) for name in _names(type(config)) if name in _OF_ONE_FIT}


def _names(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


def _refuse_unknown(kind: str, values: Mapping[str, Any], known: list[str]) -> None:
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise RatesError(f"{kind} has no setting {', '.join(unknown)}: choose from {', '.join(known)}")
