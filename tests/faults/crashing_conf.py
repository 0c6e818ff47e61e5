"""Gunicorn for the fault harness: workers that kill themselves at named points of a request.

``CRASH`` is the chance at each point, ``CRASHES`` the file that each death is written to first.
Threads instead of greenlets, and its modules loaded before the fork: a new worker must be
there at once, for a thousand deaths.
"""

import os
import random
import signal
from collections.abc import Callable
from functools import wraps
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

import app.live.sockets  # noqa: F401 - loads what the application needs before the fork
from app.cases import journal, records, service
from tests.faults.points import POINTS

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
wsgi_app = "app:web()"
worker_class = "gthread"
workers, threads = 3, 4
graceful_timeout = 5
max_requests = 0
accesslog = None
control_socket_disable = True
CHANCE = float(os.environ.get("CRASH", "0"))


def die_at(point: str) -> None:
    """Perhaps die here, as if by kill -9; the point is on disk first."""
    if random.random() < CHANCE:
        mark = os.open(os.environ["CRASHES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(mark, f"{point}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)


def around(module: Any, name: str, before: str | None, after: str | None) -> None:
    """Put points before and after the function ``name`` of ``module``."""
    inner: Callable[..., Any] = getattr(module, name)

    @wraps(inner)
    def outer(*args: Any, **kwargs: Any) -> Any:
        if before:
            die_at(before)
        answer = inner(*args, **kwargs)
        if after:
            die_at(after)
        return answer

    setattr(module, name, outer)


def post_fork(server: object, worker: Any) -> None:
    """Put the points in place; each worker draws its own luck."""
    random.seed(os.getpid())
    around(service, "report", POINTS[0], POINTS[1])
    around(service, "act", POINTS[2], None)
    around(journal, "append", POINTS[3], POINTS[4])
    around(records, "write", None, POINTS[5])
    event.listen(Session, "before_commit", lambda _: die_at(POINTS[6]))
    event.listen(Session, "after_commit", lambda _: die_at(POINTS[7]))
    worker.wsgi_was = worker.load_wsgi

    def load() -> None:
        worker.wsgi_was()
        inner = worker.wsgi

        def last_word(environ: Any, start: Any) -> Any:
            answer = inner(environ, start)
            if environ["REQUEST_METHOD"] == "POST":
                die_at(POINTS[8])
            return answer

        worker.wsgi = last_word

    worker.load_wsgi = load
