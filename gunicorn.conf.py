"""How gunicorn serves the web process: greenlets, because sockets and the database wait a lot."""

import gc
import os

from gunicorn.workers.base import Worker
from psycogreen.gevent import patch_psycopg

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or '8000'}"
wsgi_app = "app:web()"
worker_class = "gevent"
workers = 2
worker_connections = 3000
# A worker is never recycled: that would cut every socket it holds.
max_requests = 0
graceful_timeout = 30
# The application logs its own requests, without the personal data a URL may hold.
accesslog = None
# Nobody steers the running server through it, and it would write below the user's home.
control_socket_disable = True


def post_fork(server: object, worker: Worker) -> None:
    """Let a query yield to other requests; without it one slow query stalls the whole worker."""
    patch_psycopg()
    # What was loaded before the fork stays: looking through it for garbage costs each request.
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 50)
