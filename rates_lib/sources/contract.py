"""The contract of a source of data, the same for every provider.

A provider is one module of this package with a constant `SOURCE`, and one row of `registry.Provider`. A source reads; `landing.land`
writes the landing zone.

Belongs here: the types of the contract. Does not belong here: a source (a module beside this one), the list of them (`registry.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from rates_lib.core.errors import RatesError

Datasets = dict[str, dict[int, pl.DataFrame]]
"""Dataset of `schemas.landing`, to start year of the season, to a frame with the spec's columns, sorted by its key."""

LEFT_OUT = {"dataset": pl.String, "season": pl.Int64, "reason": pl.String, "rows": pl.Int64}
"""Columns of the report on source rows that are not landed; season is null for rows without a season."""


@dataclass(frozen=True)
class Request:
    """A user's request to a source.

    Attributes:
        path: folder or file, for a source that needs one.
        seasons: start years; empty: all seasons of the source.
        options: values of the source's own options by name; a missing option has the source's default.
    """

    path: Path | None = None
    seasons: Sequence[int] = ()
    options: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """The result of reading a source.

    Attributes:
        datasets: the frames to land.
        left_out: rows that are not landed, columns `LEFT_OUT`, sorted.
        truth: true values of synthetic data, by name; empty for a real source.
    """

    datasets: Datasets
    left_out: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LEFT_OUT))
    truth: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A provider.

    Attributes:
        read: reads the requested data; the request has a path if the source needs one, and all options.
            Raises RatesError with the remedy if something is missing or malformed.
        needs: kind of `path`, a noun with its article ("a folder"); empty for a source that needs no path.
        options: the source's own options, name to default.
    """

    read: Callable[[Request], Delivery]
    needs: str = ""
    options: Mapping[str, int] = field(default_factory=dict)


def deliver(name: str, source: Source, request: Request) -> Delivery:
    """Read from the source called `name`.

    Raises:
        RatesError: if the source needs a path and the request has none, if the source has no such option, or as `source.read` does.
    """
    if source.needs and request.path is None:
        raise RatesError(f"the {name} provider needs {source.needs}: name it with --path (config: path)")
    unknown = sorted(request.options.keys() - source.options.keys())
    if unknown:
        raise RatesError(f"the {name} provider has no option {', '.join(unknown)}: it has {', '.join(source.options) or 'none'}")
    return source.read(Request(request.path, request.seasons, {**source.options, **request.options}))
