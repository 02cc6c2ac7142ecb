"""Damaged files of tables: which file it is, and the command that makes it again.

Belongs here: words and the table's command. Does not belong here: reading files and where they are (`lake.py`), landed files, which
cannot be made again from the lake (`sources/landing.py`).
"""

from __future__ import annotations

import re
from pathlib import Path

from rates_lib.core.errors import RatesError
from rates_lib.schemas.tables import TABLES, TableSpec

_MEASURED_BY = {"evals.worlds": "evaluate-worlds --seasons", "evals.impact": "impact --seasons", "evals.ablation": "ablate --season"}
_LINK = re.compile(r"/(?P<table>\w+\.\w+)/(?:\w+=(?P<partition>[^/'\"=]+)|part)\.parquet")
_LONGEST_REASON = 120
_TOLD = re.compile(r"\b\w+\.\w+(?: of \S+ cannot be read: | cannot be read: | has partitions of an earlier version: ).*", re.DOTALL)


class DamagedFileError(RatesError):
    """A file of a table exists and cannot be read as Parquet."""


def command_for(spec: TableSpec, partition: str | None) -> str:
    """The command that makes a partition of a table again; `partition` is None for a table in one file."""
    if partition is None:
        return "rates train --as-of YYYY-MM-DD"  # models.registry: any fit writes it, from the folders of all runs
    if spec.partition == "game_date":
        return f"rates slate {partition}"
    if spec.layer == "evals":
        return f"rates {_MEASURED_BY.get(spec.name, 'evaluate --seasons')} {partition}"
    through = f" --through {spec.layer}" if spec.layer in ("bronze", "silver") else ""
    return f"rates backfill --seasons {partition}{through} --rebuild"  # a file of which only rows are damaged keeps its record


def damaged(spec: TableSpec, partition: str | None, path: Path, error: BaseException) -> DamagedFileError:
    """The error that names the file at `path`, the reason of `error` and the command."""
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    reason = first if "/" not in first else type(error).__name__  # a path in it is that of a link
    of = f" of {partition}" if partition else ""
    return DamagedFileError(
        f"{spec.name}{of} cannot be read: {path} is damaged ({reason:.{_LONGEST_REASON}}); make it again with "
        f"`{command_for(spec, partition)}`"
    )


def told(text: str) -> str | None:
    """The message of a table's view (`Lake.add_views`) inside an error of DuckDB; None if there is none."""
    match = _TOLD.search(text)
    return match.group() if match else None


def linked_partition(text: str) -> tuple[str, str | None] | None:
    """Table and partition whose link `<table>/<column>=<partition>.parquet` (one file: `part.parquet`) a text names; None if none."""
    match = _LINK.search(text)
    return (match["table"], match["partition"]) if match and match["table"] in TABLES else None
