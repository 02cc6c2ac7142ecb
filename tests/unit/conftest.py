"""What keeps this tier fast: a unit test writes no lake and fits no model. And a slate of three games that several packages read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import lightgbm
import polars as pl
import pytest

from rates_lib.lake import Lake
from tests.frames.slate import first_stage, slate

_TIER = Path(__file__).parent


def _refused(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a unit test writes no lake and fits no model: move this test to tests/integration")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Around the whole test, so that fixtures of a module are held to it too; pytest calls it for tests of the other tiers as well."""
    refused = ((Lake, "write"), (Lake, "write_groups"), (lightgbm, "train")) if item.path.is_relative_to(_TIER) else ()
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in refused:
            patch.setattr(owner, name, _refused)
        return (yield)


@pytest.fixture(scope="session")
def frames() -> dict[str, pl.DataFrame]:
    return slate(3)


@pytest.fixture(scope="session")
def box(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return first_stage(frames)
