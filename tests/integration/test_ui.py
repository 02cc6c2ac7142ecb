"""`rates ui`: web server and daemon begin and end together, once per instance. Small processes take their places."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from rates_assets.cli import server
from rates_lib.core.errors import RatesError
from tests.integration.commands import refused


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance; its web server lists a folder, its daemon writes its process id and sleeps."""
    monkeypatch.setenv("RATES_ROOT", str(tmp_path / "lake"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setattr(server, "_WEB_SERVER", ("http.server", "--directory", str(tmp_path), "--bind", "127.0.0.1"))
    code = f"import os, time; open({str(tmp_path / 'daemon')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    monkeypatch.setattr(server, "_DAEMON", ("timeit", "-n", "1", "-r", "1", code))
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


class Opened(Console):
    """A console that notes the daemon when the address is printed, and ends the UI as Ctrl-C does."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.claim = ""
        self.home = home

    def print(self, *objects: object, **_: object) -> None:
        assert "open http://127.0.0.1:" in str(objects[0])
        self.claim = (self.home / "ui.lock").read_text()
        raise KeyboardInterrupt


def test_a_port_in_use_is_named_and_nothing_starts(home: Path, taken: int) -> None:
    assert f"error: port {taken} cannot be used (Address already in use)" in refused("ui", "--port", str(taken))
    assert not (home / "daemon").exists()


def test_without_its_web_server_no_daemon_stays(home: Path, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_require_free", lambda _: None)  # another program takes the port after the check
    with pytest.raises(
        RatesError, match=f"the web server has ended with code 1, .* if port {taken} is in use, choose another one with --port"
    ):
        server.serve(home, taken, Console())
    pids = [int(word) for word in (home / "ui.lock").read_text().replace(",", " ").split() if word.isdigit()]
    assert all(has_ended(pid) for pid in pids if pid != os.getpid())
    with server._claimed(home, taken):
        pass


def test_ctrl_c_ends_both(home: Path, free: int) -> None:
    console = Opened(home)
    with pytest.raises(KeyboardInterrupt):
        server.serve(home, free, console)
    _, web_server, daemon = (int(word) for word in console.claim.replace(",", " ").split() if word.isdigit())
    assert has_ended(web_server)
    assert has_ended(daemon)


def test_an_instance_has_one_ui(home: Path, free: int) -> None:
    with server._claimed(home, 3000):
        error = refused("ui", "--port", str(free))
    assert f"the UI of {home} runs already at http://127.0.0.1:3000, by process {os.getpid()}: open it there" in error
    assert not (home / "daemon").exists()
