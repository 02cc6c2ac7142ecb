"""What costs much is made once per run of the tests, not once per worker."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # before Polars is imported: as many workers as cores, so a thread each
    os.environ.setdefault("POLARS_MAX_THREADS", "1")

Once = Callable[[str, Callable[[Path], object]], Path]

# The files that take longest come first, so that no worker is left with one of them at the end. The first makes the tiny league, which
# the second does not need: nobody waits for it.
_LONGEST = ("test_graph.py", "test_real_slate.py", "test_truth.py", "test_real_cut.py", "test_real_silver.py", "test_predictions.py")


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Function of a name and of what fills a folder: the folder, filled by the worker that asks first. Copy it, or only read in it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # each worker has a folder of its own in that of the run

    def filled(name: str, fill: Callable[[Path], object]) -> Path:
        folder, done = root / name, root / f"{name}.done"
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return filled


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: i for i, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))
