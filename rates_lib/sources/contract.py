"""What a source of data is to the product: the one contract that every provider keeps.

A provider is one module of this package with a constant `SOURCE`, and one row of `registry.Provider`. It reads; writing the landing
zone is `landing.land`'s.

Belongs here: the types of the contract. Does not belong here: a source (a module beside this one), the list of them (`registry.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from rates_lib.core.errors import RatesError

Datasets = dict[str, dict[int, pl.DataFrame]]
"""Dataset of `schemas.landing` to season's start year to a frame with that spec's columns, sorted by its key."""

LEFT_OUT = {"dataset": pl.String, "season": pl.Int64, "reason": pl.String, "rows": pl.Int64}
"""Columns of the report on rows that a source holds and that are not landed; season is null for rows of no season."""


@dataclass(frozen=True)
class Request:
    """What a user asks of a source.

    Attributes:
        path: folder or file, for a source that needs one.
        seasons: start years; empty: all that the source holds.
        options: values of the source's own options by name; those that are absent have the source's default.
    """

    path: Path | None = None
    seasons: Sequence[int] = ()
    options: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """What a source gave.

    Attributes:
        datasets: the frames to land.
        left_out: rows that are not landed, columns `LEFT_OUT`, sorted.
        truth: true values behind invented data, by name; empty for a real source.
    """

    datasets: Datasets
    left_out: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LEFT_OUT))
    truth: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A provider.

    Attributes:
        read: reads what a request asks for; its path is there if the source needs one, its options are complete.
            Raises RatesError for what is missing or malformed, with the remedy.
        needs: what `path` names, as a noun with its article ("a folder"); empty for a source that needs no path.
        options: the source's own options, name to default.
    """

    read: Callable[[Request], Delivery]
    needs: str = ""
    options: Mapping[str, int] = field(default_factory=dict)


def deliver(name: str, source: Source, request: Request) -> Delivery:
    """Read from the source called `name`.

    Raises:
        RatesError: if the source needs a path and the request has none, if an option is not the source's, or as `source.read` does.
    """
    if source.needs and request.path is None:
        raise RatesError(f"the {name} provider needs {source.needs}: name it with --path (config: path)")
    unknown = sorted(request.options.keys() - source.options.keys())
    if unknown:
        raise RatesError(f"the {name} provider has no option {', '.join(unknown)}: it has {', '.join(source.options) or 'none'}")
    return source.read(Request(request.path, request.seasons, {**source.options, **request.options}))
