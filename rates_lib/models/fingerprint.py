"""Stable hashes of data and settings: the same on every machine, in every process, for every order of rows and columns.

Belongs here: the identity of a training (data, settings, code). Python's `hash` changes by process and the bytes of a file by Parquet
writer, so neither is used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
import polars as pl

PACKAGE = "rates-assets"


def frame_fingerprint(frame: pl.DataFrame, key: Sequence[str]) -> str:
    """SHA-256 of the values of `frame`.

    Args:
        frame: strings, numbers, booleans and dates; nulls and NaN count as the same.
        key: columns that identify a row.

    Returns:
        64 hexadecimal digits, independent of the order of rows and columns.
    """
    digest = hashlib.sha256(str(frame.height).encode())
    frame = frame.sort(key)
    for name in sorted(frame.columns):
        digest.update(f"\x1e{name}\x1e".encode())
        digest.update(_bytes(frame[name]))
    return digest.hexdigest()


def _bytes(column: pl.Series) -> bytes:
    if column.dtype == pl.String:
        joined: str = column.fill_null("\x00").str.join("\x1f").item() if len(column) else ""
        return joined.encode()
    if column.dtype == pl.Date:
        column = column.cast(pl.Int32)
    values = column.cast(pl.Float64).to_numpy() + 0.0  # -0.0 + 0.0 is 0.0; nulls become NaN
    return np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()


def settings_fingerprint(*parts: Mapping[str, object] | Sequence[str] | str) -> str:
    """SHA-256 of settings, as canonical JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@cache
def code_version() -> str:
    """Versions that a fit depends on: this package's, a hash of the sources of `rates_lib.models`, and LightGBM's."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]
    return f"{PACKAGE} {metadata.version(PACKAGE)}+{digest}, lightgbm {metadata.version('lightgbm')}"


def team_game_fractions(frame: pl.DataFrame, salt: str) -> pl.Series:
    """A number in [0, 1) for each row, the same for all rows of a team's game and in every run.

    Args:
        frame: rows with game_id and team_id.
        salt: name of the purpose; other salts give independent numbers.
    """
    pairs = frame.select("game_id", "team_id").unique()
    hashed = [
        int.from_bytes(hashlib.blake2b(f"{salt}|{game}|{team}".encode(), digest_size=6).digest()) / 2**48 for game, team in pairs.rows()
    ]
    numbered = pairs.with_columns(pl.Series("fraction", hashed, dtype=pl.Float64))
    return frame.select("game_id", "team_id").join(numbered, on=["game_id", "team_id"], how="left", maintain_order="left")["fraction"]
