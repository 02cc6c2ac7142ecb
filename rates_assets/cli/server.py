"""The processes behind `rates ui`: Dagster's web server and its daemon, which begin and end together, once per instance.

`dagster dev` is not used: if its web server cannot have the port it waits for ever, and its daemon works on the instance unseen.

Belongs here: starting, watching and ending these two. Does not belong here: what they serve (`rates_assets/definitions.py`).
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from rich.console import Console

from rates_lib.core.errors import RatesError

_HOST = "127.0.0.1"  # only this machine
_WEB_SERVER = ("dagster_webserver", "--module-name", "rates_assets.definitions", "--host", _HOST, "--port")
_DAEMON = ("dagster._daemon", "run", "--module-name", "rates_assets.definitions")
_POLL_SECONDS, _END_SECONDS = 0.3, 60.0


def serve(home: Path, port: int, console: Console) -> None:
    """Serve the instance in `home` until Ctrl-C, SIGTERM, or the end of one of the two processes.

    Raises:
        RatesError: if the instance is served already, the port is in use, or a process ends by itself; names the remedy.
    """
    with _claimed(home, port) as claim, _children() as start:
        web_server = start((*_WEB_SERVER, str(port)), claim)
        while not _answers(port):  # no daemon without its web server
            _require_alive(web_server, "web server", port)
            time.sleep(_POLL_SECONDS)
        daemon = start(_DAEMON, claim)
        _write(claim, f"at http://{_HOST}:{port}, by processes {os.getpid()}, {web_server.pid} and {daemon.pid}")
        console.print(f"open http://{_HOST}:{port} in the browser; Ctrl-C ends it", highlight=False)
        while True:
            _require_alive(web_server, "web server", port)
            _require_alive(daemon, "daemon", port)
            time.sleep(_POLL_SECONDS)


@contextmanager
def _claimed(home: Path, port: int) -> Iterator[IO[str]]:
    """The lock of the instance's UI. The two processes inherit it: it is free when all have ended, even if one was killed."""
    with (home / "ui.lock").open("a+") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            claim.seek(0)
            raise RatesError(f"the UI of {home} runs already {claim.read()}: open it there, or end these processes") from None
        _require_free(port)
        _write(claim, f"at http://{_HOST}:{port}, by process {os.getpid()}")
        yield claim


def _write(claim: IO[str], text: str) -> None:
    claim.truncate(0)
    claim.write(text)
    claim.flush()


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server that has just ended does not count
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            why = error.strerror or error
            raise RatesError(f"port {port} cannot be used ({why}): end the program that uses it, or choose another port: --port") from None


@contextmanager
def _children() -> Iterator[Callable[[Sequence[str], IO[str]], "subprocess.Popen[bytes]"]]:
    """A function that starts a process; all are ended with the block."""
    started: list[subprocess.Popen[bytes]] = []

    def start(module: Sequence[str], claim: IO[str]) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen([sys.executable, "-m", *module], pass_fds=[claim.fileno()]))
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            process.terminate()
        for process in started:
            with suppress(KeyboardInterrupt):  # of an impatient user: still end the other one
                _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((_HOST, port), timeout=1):
            return True
    except OSError:
        return False


def _require_alive(process: "subprocess.Popen[bytes]", name: str, port: int) -> None:
    if process.poll() is not None:
        raise RatesError(
            f"the {name} has ended with code {process.returncode}, and the UI with it: its last messages, above, say why; if port {port} "
            "is in use, choose another one with --port"
        )
