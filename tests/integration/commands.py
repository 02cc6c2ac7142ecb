"""Helpers that run the command line in tests."""

from typer.testing import CliRunner, Result

from rates_assets.cli import app


def rates(*args: str) -> Result:
    return CliRunner().invoke(app, list(args))


def refused(*args: str) -> str:
    """The one-line error message of a command that must fail."""
    result = rates(*args)
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    return line
