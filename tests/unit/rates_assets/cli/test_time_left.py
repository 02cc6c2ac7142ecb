"""The time left of a long computation, by a clock of the test."""

from __future__ import annotations

import pytest

from rates_assets.cli import session
from rates_assets.cli.session import in_words, time_left


def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seconds: float, steps: int = 100) -> str:
    """What is printed if each of `steps` steps takes so long; reading before the first takes a minute."""
    clock = [0.0]
    monkeypatch.setattr(session, "perf_counter", lambda: clock[0])
    with time_left("1,000 worlds") as progress:
        clock[0] += 60.0
        for step in range(1, steps + 1):
            progress(step, steps)
            clock[0] += seconds
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_a_long_computation_is_estimated_first(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """At the second call, from the pace since the first: the minute of reading is not part of it."""
    lines = shown(monkeypatch, capsys, 3.0).splitlines()
    assert lines[0] == "1,000 worlds: about 5 minutes; Ctrl-C stops"


def test_a_short_computation_shows_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(monkeypatch, capsys, 0.1) == ""
    assert shown(monkeypatch, capsys, 600.0, steps=1) == ""


def test_durations_in_words() -> None:
    assert [in_words(seconds) for seconds in (21.4, 99.0, 100.0, 3600.0)] == ["21 seconds", "99 seconds", "2 minutes", "60 minutes"]
