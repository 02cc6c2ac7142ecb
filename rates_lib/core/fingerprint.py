"""A fingerprint of a table's rows, to detect whether the rows have changed since they were read.

Belongs here: a hash that is fast enough for every write. Does not belong here: storing fingerprints (`lake.py`), comparing them
(`pipeline/lineage.py`), the slower hash that is the same on every machine and names training runs (`models/fingerprint.py`).
"""

from __future__ import annotations

import hashlib

import polars as pl


def rows_fingerprint(frame: pl.DataFrame) -> str:
    """Hash of the names, types and values of a frame, in the order of its columns and rows.

    Equal frames have equal fingerprints in every process with the same version of Polars. An upgrade of Polars may change the fingerprint
    of rows that are written again; tables that depend on them are then rebuilt once, although no value changed.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.sha256(repr(list(frame.schema.items())).encode())
    digest.update(frame.hash_rows().to_numpy().tobytes())
    return digest.hexdigest()[:16]
