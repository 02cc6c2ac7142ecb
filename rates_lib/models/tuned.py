"""`tuned.json`: the settings that a search chose for each booster, with the record of the search. The assets fit with them.

    {"rates_v1": {"ast": {"settings": {...}, "season": 2023, "metric": ..., "before": {...}, "after": {...}, ...}}, "minutes_v1": ...}

Belongs here: reading, checking and writing that file, and the configs that follow from it. Does not belong here: the search
(`pipeline/tuning.py`), defaults of settings that the file does not name (`config.py`). A run's metadata holds the settings of its fit, so
that no run changes when the file does.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from rates_lib.core.errors import RatesError
from rates_lib.lake import write_atomically
from rates_lib.models.config import PerTarget, config_from_dict, refuse_wrong_targets

TUNED = Path(__file__).with_name("tuned.json")

TunableT = TypeVar("TunableT", bound=PerTarget)


@dataclasses.dataclass(frozen=True)
class Chosen:
    """Result of the search for one booster.

    Attributes:
        settings: the chosen settings, by name.
        season: start year of the season of the figures; the fit ends before its first window, and the figures are those of all its games.
        metric: the figure that decided; lower is better.
        before: figures with `start`.
        after: figures with `settings`; never worse than `before` by `metric`.
        rows: number of rows behind the figures.
        trials: number of settings tried, `start` being the first.
        seed: seed of the search.
        start: settings before the search.
        searched: range of each setting: low, high, log.
    """

    settings: Mapping[str, int | float]
    season: int
    metric: str
    before: Mapping[str, float]
    after: Mapping[str, float]
    rows: int
    trials: int
    seed: int
    start: Mapping[str, int | float]
    searched: Mapping[str, Mapping[str, int | float | bool]]


Tuned = dict[str, dict[str, Chosen]]
"""Results by model and target."""


def searched_configs() -> dict[str, type[Any]]:
    """Class of the config by model, for the models that can be searched."""
    from rates_lib.models.specs import MODELS  # noqa: PLC0415 - imports LightGBM, which printing settings does not need

    return {spec.name: spec.config for spec in MODELS.values() if spec.searched}


def tuned_config(kind: type[TunableT], overrides: Mapping[str, Any] | None = None, path: Path = TUNED) -> TunableT:
    """The config that a model is fitted with: defaults of `kind`, overridden by `path` per target, overridden by `overrides`.

    An overridden setting applies to all targets, unless `overrides["by_target"]` gives another value.

    Raises:
        RatesError: if the content of `path` is invalid, or an override is unknown.
    """
    overrides = dict(overrides or {})
    config_from_dict(kind, overrides)
    model = next(name for name, known in searched_configs().items() if known is kind)
    by_target = {
        target: {name: value for name, value in chosen.settings.items() if name not in overrides}
        for target, chosen in read_tuned(path).get(model, {}).items()
    }
    for target, settings in overrides.get("by_target", {}).items():
        by_target[target] = {**by_target.get(target, {}), **settings}
    return config_from_dict(kind, overrides | {"by_target": {target: settings for target, settings in by_target.items() if settings}})


def read_tuned(path: Path = TUNED) -> Tuned:
    """Read and check a file of chosen settings.

    Raises:
        RatesError: names the fault: no such file, no JSON, an unknown model, target, setting or field, or a setting that is not a number.
    """
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise RatesError(f"{path} cannot be read ({error}): {_REMEDY}") from error
    return tuned_from_dict(content, str(path))


def tuned_from_dict(values: Any, name: str = "tuned settings") -> Tuned:
    """Read and check `Tuned` from plain dictionaries.

    Raises:
        RatesError: as in `read_tuned`.
    """
    fields = {field.name for field in dataclasses.fields(Chosen)}
    tuned: Tuned = {}
    kinds = searched_configs()
    for model, targets in _entries(values, name):
        if model not in kinds:
            raise RatesError(f"{name} has no model {model}: choose from {', '.join(kinds)}")
        tuned[model] = {}
        for target, record in _entries(targets, f"{model} in {name}"):
            wrong = sorted(fields ^ {field for field, _ in _entries(record, f"{model}.{target} in {name}")})
            if wrong:
                raise RatesError(f"{model}.{target} in {name} lacks fields or has unknown ones ({', '.join(wrong)}): {_REMEDY}")
            try:
                refuse_wrong_targets(kinds[model], {target: dict(_entries(record["settings"], f"settings of {target}"))})
            except RatesError as error:
                raise RatesError(f"{name}, {model}: {error}") from error
            tuned[model][target] = Chosen(**record)
    return tuned


def tuned_to_dict(tuned: Tuned) -> dict[str, dict[str, dict[str, Any]]]:
    """Plain dictionaries for JSON."""
    return {model: {target: dataclasses.asdict(chosen) for target, chosen in targets.items()} for model, targets in tuned.items()}


def kept_settings(path: Path) -> Tuned:
    """Content of a file that is about to be updated; empty if there is none. Call it before a long search as well.

    Raises:
        RatesError: if the file is not one of chosen settings, or its folder does not exist.
    """
    if not path.parent.is_dir():
        raise RatesError(f"{path.parent} is no folder: create it, or choose another --output")
    return read_tuned(path) if path.exists() else {}


def update_tuned(path: Path, results: Tuned) -> None:
    """Write `results` to `path`; other targets in the file are kept.

    Raises:
        RatesError: as in `kept_settings`.
    """
    old = kept_settings(path)
    merged = {model: old.get(model, {}) | results.get(model, {}) for model in searched_configs() if model in old or model in results}
    text = json.dumps(tuned_to_dict(merged), indent=1, sort_keys=True) + "\n"
    write_atomically(path, lambda part: part.write_text(text))


_REMEDY = "create the file with `rates tune --output`, or write {} to start from the defaults"


def _entries(value: Any, name: str) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise RatesError(f"{name} must be an object, not {value!r}: {_REMEDY}")
    return list(value.items())
