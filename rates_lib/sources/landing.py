"""The landing zone: unchanged data of a source, with the time of the fetch.

Belongs here: writing versions of landed files and reading the newest, against `schemas/landing.py`. Does not belong here:
paths (`lake.py`), reading a source (`sources/files.py` and its siblings), cleaning (`sql/`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from rates_lib.core.errors import LandingError
from rates_lib.lake import Lake, LandedFile, write_atomically
from rates_lib.schemas.landing import LANDING, UTC, LandingSpec
from rates_lib.sources.registry import INVENTED

_STAMP = "fetched_at_utc"


def land(
    lake: Lake,
    provider: str,
    datasets: Mapping[str, Mapping[int, pl.DataFrame] | Mapping[str, pl.DataFrame]],
    fetched_at_utc: dt.datetime,
) -> list[LandedFile]:
    """Write a provider's data into the landing zone.

    A landed file is never changed. Content equal to the newest version of its period (ignoring `fetched_at_utc`) is not landed again;
    other content becomes the next version.

    Args:
        lake: the lake to write to.
        provider: folder of the landing zone.
        datasets: frames by dataset and period: a season's start year or an Eastern date "2025-01-15". Columns of the `LandingSpec`;
            other columns are dropped, optional ones may be missing. Rows are stored sorted by the spec's key, duplicates included.
        fetched_at_utc: time of the fetch, with a time zone.

    Returns:
        The files written, in order of dataset and period.

    Raises:
        LandingError: if a dataset is unknown, a column is missing or has another type, or the lake would hold invented and real data.
    """
    refuse_mixture(lake, provider)
    written = []
    for dataset in sorted(datasets):
        spec = _spec(dataset)
        newest = {f.period: f for f in lake.landed_files(dataset) if f.provider == provider}
        for key, raw in sorted(datasets[dataset].items(), key=lambda item: str(item[0])):
            period = str(key)
            frame = conform(raw, spec, f"{provider}/{dataset}/{period}").sort(spec.key, maintain_order=True)
            last = newest.get(period)
            if last is not None and _same(last.path, frame):
                continue
            version = last.version + 1 if last is not None else 1
            path = lake.landing_path(provider, dataset, period, version)
            stamped = frame.with_columns(pl.lit(fetched_at_utc).cast(UTC).alias(_STAMP))
            write_atomically(path, lambda tmp, f=stamped: f.write_parquet(tmp, compression="zstd"))  # type: ignore[misc]
            written.append(LandedFile(provider, dataset, period, version, path))
    return written


def refuse_mixture(lake: Lake, provider: str) -> None:
    """Raise if data of `provider` in `lake` would mix invented and real data: tables and models are built from all that is landed.

    Raises:
        LandingError: names the lake, the providers and the remedy.
    """
    others = sorted({file.provider for file in lake.landed_files() if (file.provider in INVENTED) != (provider in INVENTED)})
    if others:
        now, then = ("invented", "real") if provider in INVENTED else ("real", "invented")
        raise LandingError(
            f"the lake {lake.root} holds {then} data (provider {', '.join(others)}), and data of the provider {provider} are {now}: "
            "they must not share a lake; set RATES_ROOT to another folder"
        )


def read_landed(lake: Lake, dataset: str, season: int) -> pl.DataFrame:
    """Rows of one dataset that belong to one season: the season's file and the files of its dates, the newest version of each.

    If two files have the same key, only the rows of the file fetched last are returned. Rows that share a key within one file are all
    returned: bronze quarantines them.

    Args:
        lake: the lake to read.
        dataset: name of a `LandingSpec`.
        season: start year.

    Returns:
        Columns of the spec (an optional column that the file lacks is null), provider, fetched_at_utc; sorted by the spec's key. No
        rows if the dataset was not landed.

    Raises:
        LandingError: names the file, the column and the remedy if a file is unreadable or does not match its spec, or if two
            providers landed the dataset for this season.
    """
    spec = _spec(dataset)
    files = [f for f in lake.landed_files(dataset) if f.season == season]
    providers = sorted({f.provider for f in files})
    if len(providers) > 1:
        raise LandingError(
            f"{dataset} of {season} was landed by {' and '.join(providers)}: a season has one provider a dataset; remove the folder "
            f"{dataset} of all but one under {lake.landing_root}"
        )
    newest = {f.period: f for f in files}  # sorted by version: the last one wins
    frames = []
    for file in newest.values():
        raw = read_parquet(file.path)
        frames.append(conform(raw, spec, str(file.path)).with_columns(pl.lit(file.provider).alias("provider"), stamp(raw, file.path)))
    if not frames:
        return pl.DataFrame(schema={**spec.columns, "provider": pl.String, _STAMP: UTC})
    return last_file_wins([frames[i] for i in _by_fetch(frames)], spec.key)


def last_file_wins(frames: Iterable[pl.DataFrame], key: tuple[str, ...]) -> pl.DataFrame:
    """One frame from several with the same columns: of rows that share a key, those of the last frame; sorted by key."""
    frames = list(frames)
    if len(frames) == 1:
        return frames[0].sort(key, maintain_order=True)
    ranked = pl.concat(f.with_columns(pl.lit(i, pl.UInt32).alias("_file")) for i, f in enumerate(frames))
    last = ranked.filter(pl.col("_file") == pl.col("_file").max().over(key))
    return last.drop("_file").sort(key, maintain_order=True)


def read_parquet(path: Path) -> pl.DataFrame:
    """The file's rows.

    Raises:
        LandingError: if the file is missing or is not Parquet.
    """
    try:
        return pl.read_parquet(path, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise LandingError(f"{path} cannot be read as Parquet ({first:.120}): fetch the file again") from error


def require_columns(frame: pl.DataFrame, columns: Iterable[str], place: str) -> None:
    """Raise if a column is missing; suggest the closest existing name.

    Raises:
        LandingError: names the place, the columns and the remedy.
    """
    missing = [c for c in columns if c not in frame.columns]
    if not missing:
        return
    parts = []
    for column in missing:
        by_lower = {c.lower(): c for c in frame.columns}
        near = get_close_matches(column.lower(), by_lower, n=1, cutoff=0.6)
        parts.append(f"{column} (renamed to {by_lower[near[0]]}?)" if near else column)
    raise LandingError(
        f"{place} has no column {', '.join(parts)}: restore the column in the source, or change its name in "
        "rates_lib/schemas/landing.py and sql/bronze"
    )


def conform(frame: pl.DataFrame, spec: LandingSpec, place: str) -> pl.DataFrame:
    """`frame` with exactly the spec's columns and dtypes, in its order; optional columns that are missing become nulls.

    Raises:
        LandingError: if a column is missing, or a value does not fit its type.
    """
    require_columns(frame, [c for c in spec.columns if c not in spec.optional], place)
    columns = []
    for name, dtype in spec.columns.items():
        if name not in frame.columns:
            columns.append(pl.Series(name, [None] * frame.height, dtype=dtype))
            continue
        have = frame.get_column(name)
        try:
            columns.append(have.cast(dtype))
        except pl.exceptions.PolarsError as error:
            raise LandingError(
                f"{place}: {name} is {have.dtype}, and not every value is a {dtype}: correct the values in the source"
            ) from error
    return pl.DataFrame(columns)


def stamp(frame: pl.DataFrame, path: Path) -> pl.Series:
    """The column fetched_at_utc of a landed file.

    Raises:
        LandingError: if it is missing.
    """
    require_columns(frame, [_STAMP], str(path))
    return frame.get_column(_STAMP).cast(UTC)


def _by_fetch(frames: list[pl.DataFrame]) -> list[int]:
    """Positions of the frames in order of the fetch; an empty file has no fetch time and comes first."""
    fetched = pl.Series([f.get_column(_STAMP).max() for f in frames], dtype=UTC)
    return fetched.arg_sort(nulls_last=False).to_list()


def _same(path: Path, frame: pl.DataFrame) -> bool:
    before = read_parquet(path)
    return _STAMP in before.columns and before.drop(_STAMP).equals(frame)


def _spec(dataset: str) -> LandingSpec:
    if dataset not in LANDING:
        near = get_close_matches(dataset, LANDING, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(LANDING)}"
        raise LandingError(f"no dataset {dataset!r} in the landing zone: {hint}")
    return LANDING[dataset]
