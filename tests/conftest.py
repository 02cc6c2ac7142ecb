"""How the tests are shared out between two processes: a file stays together, and so do all files that use the tiny league's graph."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # what a file or the graph builds once would otherwise be built in both processes, and some tests of a file follow one another
    graph = {item.path for item in items if "chain" in getattr(item, "fixturenames", ())}
    for item in items:
        item.add_marker(pytest.mark.xdist_group("graph" if item.path in graph else str(item.path)))
