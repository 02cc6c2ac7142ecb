"""The providers of data, one row each.

Belongs here: the rows. Does not belong here: the contract of a source (`contract.py`), reading it (the module of its name).
"""

from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rates_lib.sources.contract import Source


class Provider(StrEnum):
    """Providers; the value is at once the module of `rates_lib.sources` that defines `SOURCE` and the provider's landing folder."""

    FILES = "files"
    SQLITE = "sqlite"
    SYNTHETIC = "synthetic"


INVENTED: frozenset[str] = frozenset({Provider.SYNTHETIC})
"""Providers of invented data, which never share a lake with real data."""


def source_of(provider: Provider) -> "Source":
    """The source of a provider. Its module is imported on call, so that listing the providers (`rates --help`) loads no library."""
    source: Source = import_module(f"rates_lib.sources.{provider}").SOURCE
    return source
