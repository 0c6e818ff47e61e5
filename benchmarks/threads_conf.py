"""How gunicorn serves the floor with threads: two workers of four."""

import os

bind = os.environ.get("BIND", "127.0.0.1:8001")
workers = 2
worker_class = "gthread"
threads = 4
accesslog = None
control_socket_disable = True
