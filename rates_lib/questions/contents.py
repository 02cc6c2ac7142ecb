"""What the lake holds: tables with their rows and partitions, and the columns of one of them.

Belongs here: counts from the footers of files, and the choice of tables by a pattern. Does not belong here: definitions (`schemas/`), the
whole dictionary as a page (`schemas/dictionary.py`), printing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

import pyarrow as pa
import pyarrow.parquet as pq

from rates_lib.core.errors import RatesError
from rates_lib.lake import Lake
from rates_lib.schemas.tables import TABLES, TableSpec

_NEAREST = 5


@dataclass(frozen=True)
class Contents:
    """A table of the lake.

    Attributes:
        spec: its definition.
        partitions: keys of existing partitions, sorted; [""] for a table in one file that exists.
        rows: in all readable partitions.
        damaged: keys of partitions whose file is not Parquet.
    """

    spec: TableSpec
    partitions: list[str]
    rows: int
    damaged: list[str]


def tables_like(pattern: str) -> list[TableSpec]:
    """Tables whose name is `pattern`, else those whose name contains it or matches it with `*` and `?`; all if it is empty.

    Raises:
        RatesError: if there is none; names the nearest.
    """
    text = pattern.strip().lower()
    if text in TABLES:
        return [TABLES[text]]
    found = [spec for name, spec in TABLES.items() if text in name or fnmatchcase(name, text)]
    if not found:
        near = get_close_matches(text, [*TABLES, *(name.split(".", 1)[1] for name in TABLES)], n=_NEAREST)
        hint = f"the nearest names are {', '.join(near)}" if near else f"the layers are {', '.join(dict.fromkeys(_layers()))}"
        raise RatesError(f"no table is called {pattern!r} or has it in its name: {hint}")
    return found


def contents_of(lake: Lake, specs: Iterable[TableSpec]) -> list[Contents]:
    """What the lake holds of some tables, in their order."""
    return [_contents(lake, spec) for spec in specs]


def _contents(lake: Lake, spec: TableSpec) -> Contents:
    rows, partitions, broken = 0, [], []
    for key in [""] if spec.partition == "none" else lake.partitions(spec.name):
        try:
            with lake.partition_path(spec.name, key).open("rb") as handle:
                rows += pq.read_metadata(handle).num_rows
        except FileNotFoundError:
            continue
        except (pa.ArrowException, OSError):
            broken.append(key)
        partitions.append(key)
    return Contents(spec, partitions, rows, broken)


def _layers() -> Iterable[str]:
    return (spec.layer for spec in TABLES.values())
