"""How the tests are shared out between two processes: a file stays together, and so do all that use the tiny league's graph."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # what a file or the graph builds once would otherwise be built in both processes
    for item in items:
        group = "graph" if "chain" in getattr(item, "fixturenames", ()) else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
