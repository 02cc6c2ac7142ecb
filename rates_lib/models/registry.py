"""The run that serves each day, and the reason.

`models.registry` is a pure function of the run directories: it can be rebuilt at any time, and no status is edited by hand. Of the
runs of a window, the one with the best figure on the same validation rows is in production and the others are candidates. A run that was
replaced by a later training of its slot (other data, settings or code) is retired.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from rates_lib.core.calendar import window_of
from rates_lib.core.errors import MissingModelError
from rates_lib.lake import Lake
from rates_lib.models.bundle import Bundle, load_bundle, run_metadata
from rates_lib.models.feature_sets import RATES_FEATURE_SETS
from rates_lib.models.specs import MODELS, model_spec
from rates_lib.schemas.tables import TABLES


class RunChoice(NamedTuple):
    """A run that serves a day.

    Attributes:
        run_id: id of the run.
        window: first day it may be used on.
        fallback: whether the run is of an earlier month because the day's month has none.
    """

    run_id: str
    window: date
    fallback: bool


def registry_frame(lake: Lake, models: Iterable[str] | None = None) -> pl.DataFrame:
    """Rows of models.registry: one per run of `models` (all if None), sorted by key."""
    spec = TABLES["models.registry"]
    rows = [row for model in (MODELS if models is None else models) for row in _rows(run_metadata(lake, model))]
    return pl.DataFrame(rows, schema=spec.schema, orient="row").sort(spec.key)


def choose_run(lake: Lake, model: str, game_date: date, *, recipe: str | None = None, feature_set: str | None = None) -> RunChoice:
    """The run that predicts the games of a day: the best of the newest window not after the day's month.

    Args:
        lake: lake with the runs.
        model: name of the model (`specs.MODELS`).
        game_date: Eastern date of the games.
        recipe: consider only runs of this recipe, in production or not.
        feature_set: consider only runs of this feature set, in production or not.

    Raises:
        MissingModelError: if there is no such run; names the earliest window and the command that trains one.
    """
    registry = registry_frame(lake, [model])
    asked = {name: value for name, value in (("recipe", recipe), ("feature_set", feature_set)) if value is not None}
    status = pl.col("run_status")
    registry = registry.filter(status != "retired", **asked) if asked else registry.filter(status == "production")
    month = window_of(game_date)
    usable = registry.filter(pl.col("window") <= month).sort("window", "metric_val", "run_id", descending=[True, False, False])
    if usable.is_empty():
        first = registry["window"].min()
        have = f"the earliest is for {first:%Y-%m}" if isinstance(first, date) else "there is none at all"
        named = ":".join([model, *asked.values()])
        raise MissingModelError(
            f"no {named} model for {game_date.isoformat()} ({have}): train one with `rates train --as-of {game_date.isoformat()}`"
        )
    best = usable.row(0, named=True)
    return RunChoice(best["run_id"], best["window"], best["window"] != month)


def bundle_of_day(lake: Lake, model: str, game_date: date) -> Bundle:
    """The run in production that predicts the games of a day, read from the lake; arguments and errors as in `choose_run`."""
    return load_bundle(lake, model, choose_run(lake, model, game_date).run_id)


def _rows(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Registry rows of one model's runs."""
    rows = []
    for window in sorted({meta["window"] for meta in runs}):
        peers = [meta for meta in runs if meta["window"] == window]
        current = [meta for meta in peers if meta["current"]]
        winner, comparable = _best(current)
        rows += [_row(meta, *_verdict(meta, winner, comparable, current)) for meta in peers]
    return rows


def _best(current: list[dict[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The best run of the largest group with the same validation rows, and that group. The simpler feature set wins a tie."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for meta in current:
        groups.setdefault(meta["val_fingerprint"], []).append(meta)
    largest = max(groups.values(), key=lambda g: (len(g), g[0]["rows"]["val"], g[0]["val_fingerprint"]))
    simple_first = {name: i for i, name in enumerate(RATES_FEATURE_SETS)}
    winner = min(largest, key=lambda m: (m["metric_val"], simple_first.get(m["feature_set"], len(simple_first)), m["run_id"]))
    return winner, largest


def _verdict(
    meta: dict[str, Any], winner: dict[str, Any], comparable: list[dict[str, Any]], current: list[dict[str, Any]]
) -> tuple[str, str]:
    if not meta["current"]:
        successor = next(m["run_id"] for m in current if _label(m) == _label(meta))  # all are of one window
        return "retired", f"replaced by {successor}: trained again on other data, settings or code"
    figure = f"{model_spec(meta['model']).metric_text} on val {meta['metric_val']:.4f}"
    rows = f"{meta['rows']['val']:,}"
    if meta is winner:
        others = "".join(f" vs. {m['metric_val']:.4f} for {_label(m)}" for m in comparable if m is not winner)
        return "production", f"{figure}{others}, {rows} same rows" if others else f"only run of its kind: {figure}, {rows} rows"
    if meta not in comparable:
        return "candidate", f"{figure}, {rows} rows, but not on the rows of {_label(winner)}: train both on the same data to compare"
    return "candidate", f"{figure} vs. {winner['metric_val']:.4f} for {_label(winner)} (in production), {rows} same rows"


def _label(meta: dict[str, Any]) -> str:
    return f"{meta['recipe']}:{meta['feature_set']}"


def _row(meta: dict[str, Any], status: str, why: str) -> dict[str, Any]:
    copied = ("run_id", "model", "recipe", "feature_set", "metric", "metric_cal", "metric_val", "data_fingerprint", "code_version")
    return {
        **{name: meta[name] for name in copied},
        **{name: date.fromisoformat(day) for name, day in meta["windows"].items()},
        "run_status": status,
        "why": why,
        "rows_train": meta["rows"]["train"],
        "rows_final": meta["rows"]["final"],
    }
