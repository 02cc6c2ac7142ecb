"""What a backfill need not make again: partitions and model runs whose inputs, landed files and code are those of the last time.

A table's file holds the fingerprints of its input partitions and one of all else that decides its rows (`lake.Record`): landed files, code,
model runs. A model's month has a stamp of the same kind beside its runs. Nothing is fresh by its age.

Belongs here: comparing then with now. Does not belong here: which tables others are made from (`lineage.py`), starting runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from graphlib import TopologicalSorter
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from rates_lib.core.calendar import first_window, season_of
from rates_lib.day_sets import current_set
from rates_lib.features.registry import FAMILIES
from rates_lib.lake import SQL_ROOT, Lake, LandedFile, write_atomically
from rates_lib.models.config import config_to_dict
from rates_lib.models.contract import ModelSpec
from rates_lib.models.fingerprint import code_version, settings_fingerprint
from rates_lib.models.registry import registry_frame
from rates_lib.models.tuned import tuned_config
from rates_lib.pipeline.lineage import FOLLOWED, PREDICTED_INPUTS, TRAINING_TABLES, Files, fingerprints, inputs, slate_inputs
from rates_lib.pipeline.projections import PREDICTED_BY
from rates_lib.pipeline.training import TRAINING_ROWS
from rates_lib.pipeline.transform import BUILD_ORDER, sql_inputs
from rates_lib.schemas.tables import TABLES

_PACKAGE = Path(__file__).parent.parent
_SQL = ("core", "schemas", "sources/landing.py", "pipeline/transform.py")  # sources that decide the rows of tables made by sql/
_FORMS = (*_SQL[:2], "asof.py", "features")
_TRAINING = (*_FORMS, "models", "pipeline")


class Origins:
    """What decides the rows of tables, as the lake is now; files are read once.

    Take it before reading inputs, so that what changes in the meantime counts as changed.
    """

    def __init__(self, lake: Lake) -> None:
        """Read nothing yet."""
        self._lake = lake
        self.files = Files(lake)
        self._landed = cache(self._marks)
        self._registry = cache(lambda model: registry_frame(lake, [model]).filter(run_status="production").sort("window", "run_id"))

    def made_by(self, table: str, season: int) -> str:
        """Fingerprint of what decides a season of one of `FOLLOWED` beside its input tables: code, landed files, model runs."""
        if table in BUILD_ORDER:
            datasets = [name.removeprefix("landing.") for name in sql_inputs(table) if name.startswith("landing.")]
            marks = [mark for dataset in datasets for mark in self._landed(dataset).get(season, [])]
            return settings_fingerprint(_code(_SQL), _sql_code(), marks)
        runs = [run for model in PREDICTED_INPUTS.get(table, ()) for run in self.runs(model, season)]
        return settings_fingerprint(_code(_TRAINING if table in TRAINING_TABLES else _FORMS), runs)

    def are_of(self, table: str, season: int) -> bool:
        """Whether a season of one of `FOLLOWED` was made from what is there now."""
        record, spec = self.files.record(table, season), TABLES[table]
        if record is None or record.made_from != self.files.fingerprints(inputs(table), season):
            return False
        complete = not spec.quarantine or self.files.record(spec.quarantine_name, season) is not None
        return complete and record.made_by == self.made_by(table, season)

    def _marks(self, dataset: str) -> dict[int, list[str]]:
        marks: dict[int, list[str]] = {}
        for file in self._lake.landed_files(dataset):
            marks.setdefault(file.season, []).append(_mark(file))
        return marks

    def runs(self, model: str, season: int) -> list[str]:
        """Ids of the runs in production for a season's months, and of the newest before it."""
        registry = self._registry(model)
        before = registry.filter(registry["window"] < first_window(season)).tail(1)
        within = registry.filter(registry["window"].is_between(first_window(season), first_window(season + 1), closed="left"))
        return [*before["run_id"], *within["run_id"]]


def origins_of(lake: Lake, tables: Iterable[str], seasons: Iterable[str]) -> dict[tuple[str, str], tuple[dict[str, str], str]]:
    """`made_from` and `made_by` of some seasons of the `FOLLOWED` members of `tables`, by table and season."""
    now = Origins(lake)
    return {
        (table, season): (now.files.fingerprints(inputs(table), int(season)), now.made_by(table, int(season)))
        for table, season in product(FOLLOWED.intersection(tables), seasons)
    }


def stale_seasons(lake: Lake, tables: Iterable[str], seasons: Iterable[int]) -> list[int]:
    """Seasons in which one of some `FOLLOWED` tables must be made again, directly or because an input of it must; sorted.

    An input that must be made again counts as changed, for the seasons that are made from it.
    """
    now, wanted, asked = Origins(lake), _ordered(tables), sorted(seasons)
    stale: set[tuple[str, int]] = set()
    for table in wanted:
        for season in asked:
            sources = ((source, season - n) for source, back in inputs(table).items() for n in range(min(back, season - asked[0]) + 1))
            if not now.are_of(table, season) or any(source in stale for source in sources):
                stale.add((table, season))
    return sorted({season for _, season in stale})


def _ordered(tables: Iterable[str]) -> list[str]:
    """Those of `tables` that are `FOLLOWED`, each after its inputs."""
    graph = {table: set(inputs(table)) for table in FOLLOWED.intersection(tables)}
    return [table for table in TopologicalSorter(graph).static_order() if table in graph]


# --- models -----------------------------------------------------------------------------------------------------------


def needs_fit(lake: Lake, spec: ModelSpec, window: date) -> bool:
    """Whether a fit of a month with the default settings would give other runs than those there are."""
    return stamp_of(lake, spec.name, window) != model_stamp(lake, spec, window, default_request(spec))


def default_request(spec: ModelSpec) -> dict[str, Any]:
    """The settings of a model's step if none are given (`rates_assets.assets.models.config_class`)."""
    return {"settings": {}} | ({"plain": "season", "plain_settings": {}} if spec.baselines else {})


def model_stamp(lake: Lake, spec: ModelSpec, window: date, settings: Mapping[str, Any]) -> str:
    """Fingerprint of what decides the runs of a month: training tables, models, code and settings; `settings` are those asked for."""
    source = TRAINING_ROWS[spec.name]
    season = season_of(window)
    config = config_to_dict(tuned_config(spec.config, {}) if spec.tuned else spec.config())
    tables = fingerprints(lake, dict.fromkeys(source.tables, season), season)
    runs = [stamp_of(lake, name, window) for name in source.models]
    return settings_fingerprint(tables, runs, code_version(), _code(_TRAINING), config, settings)


def stamp_of(lake: Lake, model: str, window: date) -> str:
    """The stamp with which the runs of a month were fitted; "" if there is none, or one of the runs is gone."""
    path = _stamp_path(lake, model, window)
    if not path.exists():
        return ""
    stamp = json.loads(path.read_text())
    return str(stamp["stamp"]) if all(lake.run_path(model, run).exists() for run in stamp["runs"]) else ""


def set_stamp(lake: Lake, model: str, window: date, stamp: str, runs: Iterable[str]) -> None:
    """Note how the runs of a month were fitted; `runs` are their ids, none if there was nothing to learn from."""
    text = json.dumps({"stamp": stamp, "runs": sorted(runs)})
    write_atomically(_stamp_path(lake, model, window), lambda path: path.write_text(text))


def _stamp_path(lake: Lake, model: str, window: date) -> Path:
    return lake.runs_root(model) / f"{window:%Y-%m}.stamp"


# --- days -------------------------------------------------------------------------------------------------------------


def predicted_by(lake: Lake, season: int) -> str:
    """Fingerprint of what decides the predictions and worlds of a season's days, beside the instant, seed and number of worlds."""
    now = Origins(lake)
    forms = {family.table: 0 for family in FAMILIES}
    tables = now.files.fingerprints({**slate_inputs(), **forms}, season)
    runs = {model: now.runs(model, season) for model in (*PREDICTED_BY, "worlds_v1")}
    return settings_fingerprint(tables, runs, _code((*_TRAINING, "sim")))


def stale_days(lake: Lake, season: int, layers: Iterable[str]) -> list[date]:
    """Days of a season whose tables of some layers a run would change, which knows everything up to tip-off."""
    made_by = predicted_by(lake, season)
    games = lake.read("silver.game", [season], ["game_date", "tipoff_utc"])
    stale = []
    for day, tipoff in games.group_by("game_date").agg(pl.col("tipoff_utc").max()).sort("game_date").iter_rows():
        current = current_set(lake, day.isoformat())
        have = {TABLES[table].layer for table in current.tables}
        if current.settings.made_by != made_by or current.settings.as_of_utc != tipoff.isoformat() or not have.issuperset(layers):
            stale.append(day)
    return stale


# --- fingerprints -----------------------------------------------------------------------------------------------------


def _mark(file: LandedFile) -> str:
    """Name, size and a hash of the footer, which holds the bounds of every column; landed files are never changed in place."""
    footer = str(pq.read_metadata(file.path).to_dict()) if file.path.suffix == ".parquet" else ""
    size = file.path.stat().st_size
    return f"{file.provider}/{file.dataset}/{file.period}~{file.version} {size} {hashlib.sha256(footer.encode()).hexdigest()[:16]}"


@cache
def _code(parts: tuple[str, ...]) -> str:
    """Hash of the sources of some modules and packages of rates_lib."""
    files = [file for part in parts for path in [_PACKAGE / part] for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@cache
def _sql_code() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(SQL_ROOT.rglob("*.*")) if path.is_file())).hexdigest()
