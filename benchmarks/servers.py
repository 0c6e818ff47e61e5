"""Starting web servers for a run, and ending them."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.databases import ROOT, dsn_of, url_of

PATIENCE_SECONDS = 60.0
OURS = ("gunicorn.conf.py", "app:web()", "/healthz")
FLOOR = ("gunicorn.conf.py", "benchmarks.floor_app:app", "/")
FLOOR_THREADS = ("benchmarks/threads_conf.py", "benchmarks.floor_app:app", "/")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        found: int = trial.getsockname()[1]
    return found


@contextmanager
def serving(kind: tuple[str, str, str], database: str, data: Path) -> Iterator[tuple[str, int]]:
    """Yield address and first process of a ``kind`` of server on ``database``, then end it."""
    settings, application, page = kind
    port = free_port()
    environment = {
        **os.environ,
        "BIND": f"127.0.0.1:{port}",
        "DATABASE_URL": url_of(database),
        "FLOOR_DSN": dsn_of(database),
        "DATA": str(data),
    }
    quietly = ("--log-level", "warning")
    command = [sys.executable, "-m", "gunicorn", "-c", settings, *quietly, application]
    with _running(command, environment) as process:
        wait_for(port, page)
        yield f"http://127.0.0.1:{port}", process.pid


@contextmanager
def _running(
    command: list[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603 - our own words
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


def wait_for(port: int, page: str) -> None:
    """Return once ``page`` answers, or exit after a minute without an answer."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if answers(port, page):
            return
        time.sleep(0.02)
    raise SystemExit(f"No server answered on port {port} within {PATIENCE_SECONDS:g} seconds.")


def answers(port: int, page: str) -> bool:
    """Say whether ``page`` on 127.0.0.1:``port`` answers without an error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", page)
        return connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
