"""The graph as a whole: it loads, and every change of it is a change of `definitions_snapshot.json` that a reviewer sees.

`UPDATE_SNAPSHOTS=1 pytest tests/unit/rates_assets/test_definitions.py` writes it anew.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from rates_assets.build import build_defs
from rates_assets.checks import Verdict
from rates_assets.executor import in_process
from rates_assets.step import TIME_TAGS
from rates_lib.core.errors import SchemaError
from rates_lib.pipeline.transform import sql_inputs
from rates_lib.schemas.landing import LANDING
from rates_lib.schemas.tables import TABLES

SNAPSHOT = Path(__file__).with_name("definitions_snapshot.json")


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs()


def _mapping(dep: dg.AssetDep) -> str:
    mapping = dep.partition_mapping
    return f"{mapping.start_offset}..{mapping.end_offset}" if isinstance(mapping, dg.TimeWindowPartitionMapping) else "default"


def _partitions(definition: dg.PartitionsDefinition[str] | None) -> str | None:
    return definition and type(definition).__name__ + f" {definition.fmt} {definition.cron_schedule} from {definition.start:%Y-%m-%d}"  # type: ignore[attr-defined]


def describe(defs: dg.Definitions) -> dict[str, Any]:
    graph = defs.resolve_asset_graph()
    assets = {}
    for spec in defs.resolve_all_asset_specs():
        node = graph.get(spec.key)
        assets[spec.key.to_user_string()] = {
            "deps": {dep.asset_key.to_user_string(): _mapping(dep) for dep in sorted(spec.deps, key=lambda d: d.asset_key)},
            "description": spec.description,
            "group": spec.group_name,
            "kinds": sorted(spec.kinds),
            "owners": list(spec.owners),
            "partitions": _partitions(spec.partitions_def),
            "policy": node.backfill_policy and node.backfill_policy.policy_type.name,
            "tags": {name: value for name, value in sorted(spec.tags.items()) if not name.startswith("dagster/")},
            "checks": {
                check.name: "blocking" if graph.get(check).blocking else "warns" for check in sorted(node.check_keys, key=lambda c: c.name)
            },
        }
    return {
        "assets": assets,
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
            for job in defs.resolve_all_job_defs()
            if not job.name.startswith("__")
        },
        "schedules": {
            s.name: {"job": s.job_name, "cron": s.cron_schedule, "timezone": s.execution_timezone, "status": s.default_status.name}
            for s in defs.schedules or ()
        },
        "sensors": {
            s.name: {
                "targets": sorted(t.job_name for t in s.targets),
                "status": s.default_status.name,
                "seconds": s.minimum_interval_seconds,
            }
            for s in defs.sensors or ()
        },
    }


def test_definitions_load(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)


def test_graph_is_as_the_snapshot_says(defs: dg.Definitions) -> None:
    described = json.dumps(describe(defs), indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(described)
    assert json.loads(described) == json.loads(SNAPSHOT.read_text()), "if the change is wanted: UPDATE_SNAPSHOTS=1"


def test_every_table_is_an_asset_of_its_name(defs: dg.Definitions) -> None:
    keys = {".".join(key.path) for key in defs.resolve_all_asset_keys()}
    assert set(TABLES) <= keys
    others = {key for key in keys - set(TABLES) if not key.startswith("models.")}
    assert others == {"landing.zone", "warehouse"}


def test_every_partitioned_asset_runs_its_range_in_one_run(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for key in defs.resolve_all_asset_keys():
        node = graph.get(key)
        if node.partitions_def:
            assert node.backfill_policy == dg.BackfillPolicy.single_run(), key


def test_every_asset_tells_what_it_is(defs: dg.Definitions) -> None:
    for spec in defs.resolve_all_asset_specs():
        assert spec.description, spec.key
        assert spec.owners, spec.key
        assert spec.kinds, spec.key
        assert spec.tags["rates/time"] in TIME_TAGS.values(), spec.key


def test_deps_are_what_the_sql_reads(defs: dg.Definitions) -> None:
    specs = {".".join(spec.key.path): spec for spec in defs.resolve_all_asset_specs()}
    reads = sql_inputs("silver.player_game")
    assert "bronze.player_boxscore" in reads
    assert {".".join(dep.asset_key.path) for dep in specs["silver.player_game"].deps} == set(reads)


def test_everything_that_someone_waits_for_runs_in_one_process(defs: dg.Definitions) -> None:
    assert all(job.executor_def is in_process for job in defs.resolve_all_job_defs())


def _shown(defs: dg.Definitions) -> Iterator[tuple[str, str]]:
    """Texts that the UI or a page of the documents renders as Markdown."""
    for spec in defs.resolve_all_asset_specs():
        yield f"asset {spec.key.to_user_string()}", spec.description or ""
    for check in defs.resolve_asset_graph().asset_check_keys:
        yield f"check {check.name} of {check.asset_key.to_user_string()}", _check_description(defs, check)
    for asset in defs.resolve_asset_graph().assets_defs:
        if asset.is_executable:
            yield f"step {asset.op.name}", asset.op.description or ""
    for part in (*defs.resolve_all_job_defs(), *(defs.schedules or ()), *(defs.sensors or ())):
        yield f"{type(part).__name__} {part.name}", part.description or ""
    for table in TABLES.values():
        yield from ((f"column {table.name}.{column.name}", column.description) for column in table.specs)
    yield from ((f"dataset {name}", spec.description) for name, spec in LANDING.items())


def _check_description(defs: dg.Definitions, key: dg.AssetCheckKey) -> str:
    return next(
        spec.description or "" for asset in (*defs.resolve_asset_graph().assets_defs,) for spec in asset.check_specs if spec.key == key
    )


def test_markdown_keeps_what_is_in_angle_brackets(defs: dg.Definitions) -> None:
    texts = dict(_shown(defs))
    assert "`landing/<provider>/" in texts["asset landing/zone"]
    bare = {place: text for place, text in texts.items() if re.search(r"<[a-zA-Z/!]", re.sub(r"`[^`]*`", "", text))}
    assert bare == {}, "put it in backticks: Markdown takes <word> for a tag and drops it"


@pytest.mark.parametrize(
    ("table", "good", "refused", "reason", "failing"),
    [
        ("bronze.odds", 970, 30, "duplicate key", None),
        ("bronze.odds", 970, 31, "duplicate key", "unique_key"),
        ("bronze.odds", 970, 31, "a rule", "rules"),
        ("bronze.odds", 9900, 100, "a rule", None),
        ("bronze.odds", 4, 5, "a rule", "rules"),
        ("silver.lineup_stint", 500, 400, "a rule", None),
    ],
)
def test_a_table_stands_a_few_refused_rows(table: str, good: int, refused: int, reason: str, failing: str | None) -> None:
    rows = pl.DataFrame({column: pl.Series(range(good)) for column in TABLES[table].key})
    keys = [str(i) for i in range(refused)]
    quarantine = pl.DataFrame({"season": 2024, "row_key": keys, "reason": reason, "row_json": keys})
    verdict = Verdict(table)
    if failing:
        with pytest.raises(SchemaError):
            verdict.judge_split(rows, quarantine, "2024")
    else:
        verdict.judge_split(rows, quarantine, "2024")
    warned = {"refused"} | ({"unique_key"} if reason == "duplicate key" else set())
    failed = {result.check_name: result.severity for result in verdict.results() if not result.passed}
    assert failed == dict.fromkeys(warned, dg.AssetCheckSeverity.WARN) | ({failing: dg.AssetCheckSeverity.ERROR} if failing else {})
