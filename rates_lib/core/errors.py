"""Errors that a user sees: one line that names the thing and the remedy."""

from __future__ import annotations


class RatesError(Exception):
    """An error whose message is all that a user needs; raised for bad input and missing data."""


class LandingError(RatesError):
    """A landed or source file is missing, or not as its spec says."""


class SchemaError(RatesError):
    """A frame does not fit its table."""


class MissingModelError(RatesError):
    """No trained model can serve the request."""


class NothingToLearnError(RatesError):
    """No row lies before the window yet that the model could learn from, and the graph does without this model."""
