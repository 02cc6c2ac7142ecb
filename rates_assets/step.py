"""One step of the graph: everything around an asset's body, so that the body only loads, makes one call and writes.

`table_assets` turns a body into the assets of the tables it writes, with their checks; `Step` is the body's argument. A body runs
once for all partitions of its run (`BackfillPolicy.single_run`): one process for a whole backfill.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg
import polars as pl

from rates_assets.checks import Verdict, check_specs
from rates_assets.progress import REPORT_SECONDS, FitStarted, Notice, PartitionDone, report_progress
from rates_assets.resources import RatesDuckDB
from rates_assets.staging import DayConfig, abandon, finish, is_last, stage_of
from rates_lib.core.errors import SchemaError
from rates_lib.day_sets import Stage
from rates_lib.pipeline.freshness import origins_of
from rates_lib.schemas.tables import TABLES

OWNERS = ["team:rates"]
LAYER_KINDS = {
    "bronze": {"duckdb", "parquet"},
    "silver": {"duckdb", "parquet"},
    "gold": {"polars", "parquet"},
    "models": {"lightgbm", "parquet"},
    "predictions": {"lightgbm", "parquet"},
    "sims": {"numpy", "parquet"},
    "evals": {"polars", "parquet"},
    "exports": {"csv", "json", "parquet"},
}
# what a table's rows may know: check this before a feature reads a table
TIME_TAGS = {
    "bronze": "as-published",  # each row has the time of its publication
    "silver": "after-the-game",  # outcomes: only asof.py may join a row to them
    "gold": "before-the-game",  # each row rests on its past only
    "models": "before-the-window",  # nothing from the first day of the month or later
    "predictions": "as-of",  # nothing published after as_of_utc
    "sims": "as-of",
    "evals": "after-the-game",
    "exports": "as-of",
}


def asset_key(table: str) -> dg.AssetKey:
    """`<layer>.<table>` as an asset key."""
    return dg.AssetKey(table.split("."))


def deps_on(*names: str, mapping: dg.PartitionMapping | None = None) -> list[dg.AssetDep]:
    """Dependencies on assets by name; `mapping` says which of their partitions, by default those of the same time."""
    return [dg.AssetDep(asset_key(name), partition_mapping=mapping) for name in names]


def asset_spec(
    name: str, description: str, deps: Iterable[dg.AssetDep], partitions_def: dg.PartitionsDefinition | None, tags: Mapping[str, str]
) -> dg.AssetSpec:
    """Spec of the asset called `<layer>.<rest>`."""
    layer = name.split(".", 1)[0]
    return dg.AssetSpec(
        asset_key(name),
        deps=list(deps),
        description=description,
        group_name=layer,
        kinds=LAYER_KINDS[layer],
        owners=OWNERS,
        partitions_def=partitions_def,
        tags={"rates/time": TIME_TAGS[layer], **tags},
    )


class Step:
    """What an asset's body reads from and writes to.

    Attributes:
        context: of Dagster.
        duckdb: opens connections in which every table is a view.
        lake: the lake to read and write.
        stage: where a step that writes tables of days writes them, until the last step of the run switches them in; None for other steps.
        partitions: requested keys, sorted; empty for an asset without partitions.
        afterwards: called when the step's tables are current and its materialisations recorded; what fails here fails the step only.
    """

    def __init__(self, context: dg.AssetExecutionContext, duckdb: RatesDuckDB, tables: Sequence[str]) -> None:
        """Start the clock of the first partition, and note the inputs: everything read from here on is at least as new as `_origins`."""
        self.context = context
        self.duckdb = duckdb
        self.lake = duckdb.lake
        self.partitions = sorted(context.partition_keys) if context.assets_def.partitions_def else []
        self.afterwards: list[Callable[[], object]] = []
        self._layer = TABLES[tables[0]].layer if tables and TABLES[tables[0]].partition == "game_date" else ""
        self.stage: Stage | None = None
        if self._layer:
            self.stage = stage_of(context, self.lake, self._layer, self.partitions)
            self.lake = self.stage.lake
        self._verdicts = {table: Verdict(table) for table in tables if not table.endswith("_quarantine")}
        self._origins = origins_of(self.lake, tables, self.partitions)
        self._clock = self._reported_at = time.perf_counter()
        self._reported = ""

    def write(self, table: str, frame: pl.DataFrame, partition: str | None = None, figures: Mapping[str, Any] | None = None) -> None:
        """Check `frame`, write it as one partition of `table` and record rows, seconds since the last write, and `figures`.

        Raises:
            SchemaError: if a blocking check fails; the old partition stays.
        """
        self._store(table, self._verdicts[table].judge(frame, partition or ""), partition, figures)

    def write_days(
        self, table: str, frame: pl.DataFrame, days: Sequence[str], figures: Callable[[pl.DataFrame], Mapping[str, Any]] | None = None
    ) -> None:
        """Check rows of many days at once, which is hardly slower than one day, and write a partition for each of `days`.

        `figures` computes the figures of one day from its rows.

        Raises:
            SchemaError: if a row fails a blocking check; nothing is written.
        """
        frame = self._verdicts[table].judge(frame, days[0] if len(days) == 1 else f"{days[0]}..{days[-1]}")
        by_day = frame.partition_by("game_date", as_dict=True)
        for day in days:
            rows = by_day.get((date.fromisoformat(day),), frame.clear())
            self._store(table, rows, day, figures(rows) if figures else None)

    def write_groups(self, table: str, frames: Iterable[pl.DataFrame], partition: str, figures: Mapping[str, Any] | None = None) -> None:
        """Check frames and write them into one partition, a row group each, so that only one frame is in memory at a time.

        Raises:
            SchemaError: if a frame fails a blocking check; the old partition stays.
        """
        judged = (self._verdicts[table].judge(frame, partition) for frame in frames)
        self._record(table, self.lake.write_groups(table, judged, partition), partition, figures)

    def _store(self, table: str, frame: pl.DataFrame, partition: str | None, figures: Mapping[str, Any] | None) -> None:
        if TABLES[table].partition == "game_date" and partition and frame.is_empty():
            self.lake.drop_partition(table, partition)  # a day that has lost its games keeps no rows
        else:
            self._write(table, frame, partition)
        self._record(table, frame.height, partition, figures)

    def _write(self, table: str, frame: pl.DataFrame, partition: str | None) -> None:
        self.lake.write(table, frame, partition, *self._origins.get((table, partition or ""), (None, "")))

    def write_split(self, table: str, good: pl.DataFrame, quarantine: pl.DataFrame, partition: str) -> None:
        """Write a table and its quarantine, into which `validate.split` has put the bad rows.

        Raises:
            SchemaError: if too many rows were refused; neither is written.
        """
        self._verdicts[table].judge_split(good, quarantine, partition)
        self._write(table, good, partition)
        self._record(table, good.height, partition, {"refused": quarantine.height})
        name = TABLES[table].quarantine_name
        self.lake.write(name, quarantine, partition)
        self._record(name, quarantine.height, partition, None)

    def describe(self, day: str, **settings: str | int) -> None:
        """Note settings (of `day_sets.SetSettings`) of the set that a step writing tables of days makes for a day."""
        assert self.stage is not None
        self.stage.describe(day, **settings)

    def finish_days(self) -> None:
        """After the last step of a run that writes tables of days: make its sets current, but for those that are lesser ones."""
        if self.stage and is_last(self.context, self._layer):
            for day, why in finish(self.context).items():
                self.notify(f"{day} keeps its current tables, and this run is an experiment: {why}")

    def note(self, asset: str, figures: Mapping[str, Any], partition: str | None = None) -> None:
        """Record figures of an asset that is not a table of the lake."""
        self._record(asset, None, partition, figures)

    def notify(self, text: str) -> None:
        """Tell the user something that is no failure, in one sentence."""
        report_progress(self.context, Notice(text))

    def report_fit(self, what: str) -> None:
        """Report that the next of many fits begins."""
        report_progress(self.context, FitStarted(what))

    def results(self) -> Iterator[dg.MaterializeResult[Any]]:
        """A materialisation for every asset of the step."""
        for key in sorted(self.context.selected_asset_keys):
            yield dg.MaterializeResult(asset_key=key)

    def check_results(self) -> Iterator[dg.AssetCheckResult]:
        """The results of all checks of the step."""
        for verdict in self._verdicts.values():
            yield from verdict.results()

    def _record(self, asset: str, rows: int | None, partition: str | None, figures: Mapping[str, Any] | None) -> None:
        now = time.perf_counter()
        metadata: dict[str, Any] = {} if rows is None else {"dagster/partition_row_count" if partition else "dagster/row_count": rows}
        metadata |= {"seconds": round(now - self._clock, 3), **(figures or {})}
        self._clock = now
        self.context.add_asset_metadata(metadata, asset_key=asset_key(asset), partition_key=partition)
        if partition and len(self.partitions) > 1:
            self._report_partition(partition, now)

    def _report_partition(self, partition: str, now: float) -> None:
        if partition != self._reported and now - self._reported_at >= REPORT_SECONDS:
            self._reported, self._reported_at = partition, now
            report_progress(self.context, PartitionDone(partition, self.partitions.index(partition) + 1, len(self.partitions)))


def table_assets(
    *,
    tables: Sequence[str] = (),
    specs: Sequence[dg.AssetSpec] = (),
    deps: Iterable[dg.AssetDep] = (),
    partitions_def: dg.PartitionsDefinition | None,
    name: str | None = None,
    config: type[dg.Config] | None = None,
    tags: Mapping[str, str] | None = None,
    pool: str | None = None,
) -> Callable[[Callable[..., None]], dg.AssetsDefinition]:
    """Decorator that turns a body into the step that writes `tables` (and the assets `specs`, which are not tables).

    The body takes a `Step`, and its settings if `config` is given.

    Args:
        tables: tables of the lake that the body writes; a quarantine counts as one.
        specs: further assets of the step.
        deps: inputs of all `tables`.
        partitions_def: SEASON, RETRAIN, GAME_DATE or None.
        name: of the step; None: that of its first asset.
        config: settings of the body.
        tags: of all `tables`.
        pool: Dagster pool whose slot the step waits for.
    """
    deps = list(deps)
    all_specs = [asset_spec(t, TABLES[t].grain, deps, partitions_def, tags or {}) for t in tables] + list(specs)

    def decorate(body: Callable[..., None]) -> dg.AssetsDefinition:
        def events(context: dg.AssetExecutionContext, duckdb: RatesDuckDB, *settings: dg.Config) -> Iterator[Any]:
            try:
                step = Step(context, duckdb, tables)
                try:
                    if step.stage:
                        step.stage.replace |= any(isinstance(config, DayConfig) and config.replace for config in settings)
                    body(step, *settings)
                    step.finish_days()
                except SchemaError:
                    yield from step.check_results()  # else the UI would show the check as never run
                    raise
            except BaseException:
                abandon(context.run.run_id)
                raise
            yield from step.results()
            yield from step.check_results()
            for act in step.afterwards:
                act()

        def run(context: dg.AssetExecutionContext, duckdb: RatesDuckDB) -> Iterator[Any]:
            yield from events(context, duckdb)

        def run_with_config(context: dg.AssetExecutionContext, duckdb: RatesDuckDB, config: dg.Config) -> Iterator[Any]:
            yield from events(context, duckdb, config)

        run_with_config.__annotations__["config"] = config
        return dg.multi_asset(
            name=name or all_specs[0].key.to_python_identifier(),
            description=body.__doc__,
            specs=all_specs,
            check_specs=[spec for table in tables if not table.endswith("_quarantine") for spec in check_specs(table)],
            partitions_def=partitions_def,
            backfill_policy=dg.BackfillPolicy.single_run() if partitions_def else None,
            pool=pool,
        )(run if config is None else run_with_config)

    return decorate
