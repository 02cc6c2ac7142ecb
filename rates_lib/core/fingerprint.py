"""A fingerprint of a table's rows, to tell whether what was read then is what is there now.

Belongs here: hashing rows fast enough to do it at every write. Does not belong here: where a fingerprint is kept (`lake.py`), what
follows from it (`pipeline/lineage.py`), the slower hash that names a training run on every machine (`models/fingerprint.py`).
"""

from __future__ import annotations

import hashlib

import polars as pl


def rows_fingerprint(frame: pl.DataFrame) -> str:
    """Hash of names, types and values of a frame, in the order of its columns and rows.

    Equal frames have equal fingerprints in every process that has the same version of Polars. After an upgrade of Polars, rows that are
    written again may get another one: what was made from them is then made again once, although nothing changed.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.sha256(repr(list(frame.schema.items())).encode())
    digest.update(frame.hash_rows().to_numpy().tobytes())
    return digest.hexdigest()[:16]
