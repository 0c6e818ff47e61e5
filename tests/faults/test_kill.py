"""The promise: what was acknowledged survives a killed worker, and nothing is there twice."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

from app import create_app
from app.cases import reconcile
from tests.city import INSIDE, Program
from tests.conftest import config_for

ROOT = Path(__file__).parent.parent.parent
LON, LAT = INSIDE
KILLS = 12


@pytest.fixture
def server(fresh_database, tmp_path):
    """Return a real web server of two workers on a database of the test's own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(config_for(fresh_database, tmp_path))
    token = Program(app, "inspector").headers
    app.extensions["engine"].dispose()
    place = {"DATABASE_URL": fresh_database, "DATA": str(tmp_path), "PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **place}, stderr=log, stdout=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_it_answers(address)
        yield address, token, process, fresh_database, tmp_path
    finally:
        process.terminate()
        # The master gives workers half a minute to finish before it ends them.
        process.wait(45)


def wait_until_it_answers(address):
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server never answered")


def send(address, token, key, uid):
    """Send one report and return the uid it was acknowledged with, None if it was not."""
    body = {"kind": "0102", "lon": LON, "lat": LAT, "client_uid": uid}
    request = urllib.request.Request(
        f"{address}/api/v1/cases",
        data=json.dumps(body).encode(),
        headers={**token, "Idempotency-Key": key, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)["uid"]
    except urllib.error.HTTPError as refused:
        if refused.code != 503:
            raise
        return None
    except (OSError, http.client.HTTPException):
        # The worker died before, or in the middle of, its answer: nothing was acknowledged.
        return None


def children(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def report_until(stop, address, token, acknowledged):
    """Report case after case, each until it is acknowledged, as a patient phone does."""
    while not stop.is_set():
        key, uid = str(uuid4()), str(uuid4())
        found = None
        while not found:
            found = send(address, token, key, uid)
            time.sleep(0.02)
        acknowledged.append((uid, found))


def kill_workers(process):
    """Kill one web worker after another, each when two are up."""
    for _ in range(KILLS):
        time.sleep(random.uniform(0.3, 0.8))
        os.kill(random.choice(children(process.pid)), signal.SIGKILL)
        while len(children(process.pid)) < 2:
            time.sleep(0.05)


def test_killed_workers_lose_no_acknowledged_case_and_double_none(server):
    address, token, process, database, data = server
    stop, acknowledged = threading.Event(), []
    senders = [
        threading.Thread(target=report_until, args=(stop, address, token, acknowledged))
        for _ in range(4)
    ]
    for sender in senders:
        sender.start()
    kill_workers(process)
    stop.set()
    for sender in senders:
        sender.join(60)

    engine = create_engine(database)
    with sessionmaker(engine)() as session:
        rows = session.execute(text("SELECT client_uid::text, uid::text FROM cases")).all()
        differences = reconcile.differences(session, data / "files")
    engine.dispose()
    assert len(acknowledged) > 40
    assert sorted((a, b) for a, b in rows) == sorted(acknowledged)
    assert differences == []
