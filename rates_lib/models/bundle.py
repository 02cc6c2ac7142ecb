"""A trained run on disk: boosters as text, feature list, metadata. Nothing is pickled; the same training writes the same bytes.

    models/<model>/runs/<run_id>/<target>.txt        one booster
                                /early/<target>.txt  the same, fitted on the training part alone; a later model learns from
                                                     its out-of-fold predictions
                                /features.json       columns in the order the boosters read them
                                /metadata.json       windows, rows, rounds, metrics, config, fingerprints, code version
    models/<model>/runs/<slot>.current               id of the run in force for a window, recipe and feature set

Belongs here: writing and reading that folder. Run directories are the record; `models.registry` is derived from them.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import lightgbm as lgb
import polars as pl

from rates_lib.core.calendar import season_of
from rates_lib.core.errors import MissingModelError, RatesError
from rates_lib.lake import Lake, write_atomically
from rates_lib.models.config import Config, config_to_dict
from rates_lib.models.fingerprint import code_version, frame_fingerprint, settings_fingerprint
from rates_lib.models.windows import Windows

METADATA = "metadata.json"
EARLY = "early"


@dataclass(frozen=True)
class Bundle:
    """A trained model.

    Attributes:
        models: booster by target.
        feature_cols: columns the boosters read, in their order.
        meta: content of `metadata.json`.
        early: boosters fitted on the training part alone, for out-of-fold predictions of later rows.
    """

    models: dict[str, lgb.Booster]
    feature_cols: list[str]
    meta: dict[str, Any]
    early: dict[str, lgb.Booster] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """Name of the model."""
        return str(self.meta["model"])

    @property
    def run_id(self) -> str:
        """Id of the run: model, recipe, feature set, window, fingerprint."""
        return str(self.meta["run_id"])

    @property
    def window(self) -> date:
        """First day the model may be used on."""
        return date.fromisoformat(self.meta["window"])

    @property
    def windows(self) -> Windows:
        """First and last day of each part."""
        return Windows(**{name: date.fromisoformat(day) for name, day in self.meta["windows"].items()})

    @property
    def num_threads(self) -> int:
        """Number of threads for predictions."""
        config = self.meta["config"]
        return int(config.get("trees", config)["num_threads"])  # early runs keep the settings of trees among the others


def describe_run(
    *,
    model: str,
    config: Config,
    windows: Windows,
    data: pl.DataFrame,
    rows: pl.DataFrame,
    key: Sequence[str],
    labels: Sequence[str],
    features: Sequence[str],
    rounds: Mapping[str, int],
    metrics: Mapping[str, Mapping[str, float]],
    metric: str,
    metric_cal: float,
    metric_val: float,
    feature_set: str = "all",
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Metadata of a run. It holds no time, path or host, so a second training writes the same bytes.

    Args:
        model: name of the model (`specs.MODELS`).
        config: settings.
        windows: days of the parts.
        data: all that the fit depends on: the rows before the window, with `key`, labels and features.
        rows: rows with an outcome, with game_date, `key` and `labels`; they are counted by part.
        key: columns that identify a row.
        labels: outcomes. Runs are compared only if key and labels of their validation rows agree.
        features: columns in the order the boosters read them.
        rounds: rounds by target; its keys are the bundle's targets.
        metrics: figures by target.
        metric: name of the figure that runs are chosen by; lower is better.
        metric_cal: that figure on the calibration rows.
        metric_val: that figure on the validation rows.
        feature_set: name of the feature set.
        extra: what else a prediction needs (fitted corrections).
    """
    version, settings, data_fingerprint = code_version(), config_to_dict(config), frame_fingerprint(data, key)
    recipe = settings["recipe"]
    fingerprint = settings_fingerprint(data_fingerprint, settings, list(features), version)
    parts = {name: windows.part(rows, name) for name in ("train", "cal", "val")}
    return {
        # the same data, settings, features and code have the same id
        "run_id": f"{slot_of(model, recipe, feature_set, windows.window)}-{fingerprint[:8]}",
        "model": model,
        "recipe": recipe,
        "feature_set": feature_set,
        "window": windows.window.isoformat(),
        "windows": windows.to_dict(),
        "seasons": sorted({season_of(day) for day in rows["game_date"].unique()}),
        "rows": {name: part.height for name, part in parts.items()} | {"final": rows.height},
        "config": settings,
        "targets": sorted(rounds),
        "rounds": dict(rounds),
        "metrics": {target: dict(figures) for target, figures in metrics.items()},
        "metric": metric,
        "metric_cal": metric_cal,
        "metric_val": metric_val,
        "fingerprint": fingerprint,
        "data_fingerprint": data_fingerprint,
        "val_fingerprint": frame_fingerprint(parts["val"].select(*key, *labels), key),
        "code_version": version,
        **(extra or {}),
    }


def slot_of(model: str, recipe: str, feature_set: str, window: date) -> str:
    """Slot of a run: a later run of the same slot replaces it."""
    return f"{model}-{recipe}-{feature_set}-{window:%Y-%m}"


def _slot(meta: Mapping[str, Any]) -> str:
    return slot_of(meta["model"], meta["recipe"], meta["feature_set"], date.fromisoformat(meta["window"]))


def save_bundle(lake: Lake, bundle: Bundle) -> Path:
    """Write the run's folder and make it the current run of its slot, unless it is `poorer` than the current one.

    A folder that holds the same bytes already is left alone. Otherwise the new one is written beside it and renamed, so that a reader
    never sees half a folder.

    Returns:
        The folder.
    """
    model = bundle.model
    folder = lake.run_path(model, bundle.run_id)
    files = {f"{target}.txt": booster.model_to_string() for target, booster in bundle.models.items()}
    files |= {f"{EARLY}/{target}.txt": booster.model_to_string() for target, booster in bundle.early.items()}
    files["features.json"] = _json(bundle.feature_cols)
    files[METADATA] = _json(bundle.meta)
    if not _holds(folder, files):
        _replace_folder(folder, files)
    if poorer(lake, bundle):
        return folder
    pointer = _pointer(lake, model, _slot(bundle.meta))
    write_atomically(pointer, lambda temporary: temporary.write_text(f"{bundle.run_id}\n"))
    return folder


def poorer(lake: Lake, bundle: Bundle) -> list[int]:
    """Seasons that the current run of the slot was fitted on and `bundle` was not, although it was fitted on no others; [] if none.

    Such a run was fitted in a lake that has lost seasons. It must not replace the better one.
    """
    slot = _slot(bundle.meta)
    current = [meta for meta in run_metadata(lake, bundle.model) if meta["current"] and _slot(meta) == slot]
    before = set(current[0].get("seasons", ())) if current and current[0]["run_id"] != bundle.run_id else set()
    now = set(bundle.meta.get("seasons", ()))
    return sorted(before - now) if now and now < before else []


def load_bundle(lake: Lake, model: str, run_id: str) -> Bundle:
    """Read a run's folder. Its boosters predict the same as the trained ones, to the last bit.

    Bundles are cached until their folder is replaced: do not change them.

    Raises:
        MissingModelError: if there is no such run.
    """
    folder = lake.run_path(model, run_id)
    if not (folder / METADATA).exists():
        raise MissingModelError(f"{model} has no run {run_id} in {folder.parent}: take a run_id from models.registry")
    written = (folder / METADATA).stat()
    return _parsed(folder, written.st_mtime_ns, written.st_ino)


def load_early(lake: Lake, model: str, run_id: str) -> Bundle:
    """A run with its early boosters, so that predictions of calibration and validation rows are out of fold.

    Raises:
        MissingModelError: if there is no such run, or it has no early boosters (a run of an earlier version).
    """
    bundle = load_bundle(lake, model, run_id)
    folder = lake.run_path(model, run_id) / EARLY
    if not folder.is_dir():
        raise MissingModelError(
            f"run {run_id} has no early boosters to predict out of fold with: fit it again with `rates train --as-of {bundle.window}`"
        )
    return replace(bundle, models=_boosters(folder, bundle.meta["targets"]))


@lru_cache(maxsize=8)  # a prediction needs six; a replaced folder has another time and inode
def _parsed(folder: Path, _written_ns: int, _inode: int) -> Bundle:
    meta = json.loads((folder / METADATA).read_text())
    return Bundle(_boosters(folder, meta["targets"]), json.loads((folder / "features.json").read_text()), meta)


def _boosters(folder: Path, targets: Sequence[str]) -> dict[str, lgb.Booster]:
    return {target: lgb.Booster(model_str=(folder / f"{target}.txt").read_text()) for target in targets}


def run_metadata(lake: Lake, model: str) -> list[dict[str, Any]]:
    """Metadata of every run of `model`, sorted by run id, each with `current`: whether it is in force for its slot."""
    runs = [meta for folder in sorted(lake.runs_root(model).glob("*")) if (meta := _read_meta(folder)) is not None]
    slots: dict[str, list[dict[str, Any]]] = {}
    for meta in runs:
        slots.setdefault(_slot(meta), []).append(meta)
    for slot, peers in slots.items():
        pointer = _pointer(lake, model, slot)
        named = pointer.read_text().strip() if pointer.exists() else ""
        ids = [m["run_id"] for m in peers]
        current = named if named in ids else ids[-1]  # a folder may be copied without its pointer: any fixed choice will do
        for meta in peers:
            meta["current"] = meta["run_id"] == current
    return runs


def require_model(bundle: Bundle, model: str) -> None:
    """Check that `bundle` is a run of `model`.

    Raises:
        RatesError: if not; names the run and both models.
    """
    if bundle.model != model:
        raise RatesError(f"run {bundle.run_id} is a {bundle.model} model, not {model}: load a run of {model}")


def _read_meta(folder: Path) -> dict[str, Any] | None:
    path = folder / METADATA
    meta: dict[str, Any] | None = json.loads(path.read_text()) if path.exists() and not folder.name.startswith(".") else None
    return meta


def _pointer(lake: Lake, model: str, slot: str) -> Path:
    return lake.runs_root(model) / f"{slot}.current"


def _json(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _holds(folder: Path, files: Mapping[str, str]) -> bool:
    if {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} != set(files):
        return False
    return all((folder / name).read_text() == text for name, text in files.items())


def _replace_folder(folder: Path, files: Mapping[str, str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.tmp")
    old = temporary.with_suffix(".old")
    try:
        temporary.mkdir()
        for name, text in files.items():
            (temporary / name).parent.mkdir(exist_ok=True)
            (temporary / name).write_text(text)
        if folder.exists():
            folder.rename(old)  # a folder that is not empty cannot be renamed over
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
