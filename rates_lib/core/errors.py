"""Errors for the user: one line that names the cause and the remedy."""

from __future__ import annotations


class RatesError(Exception):
    """Bad input or missing data; the message is complete for a user, without a traceback."""


class LandingError(RatesError):
    """A landed or source file is missing, or does not match its spec."""


class SchemaError(RatesError):
    """A frame does not fit its table."""


class CancelledError(RatesError):
    """The user has interrupted the work, by Ctrl-C or SIGTERM."""


class ExportError(RatesError):
    """Files of a day cannot be copied to another place; those in the lake are not affected."""


class MissingModelError(RatesError):
    """No trained model can serve the request."""


class NothingToLearnError(RatesError):
    """No training rows exist before the window, and the graph runs without this model."""
