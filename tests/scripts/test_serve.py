"""``make run``: sentences instead of traces, and no process left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from scripts import cluster
from scripts.serve import address, check_database, check_port_is_free
from scripts.supervisor import describe_end
from scripts.system import SetupFault

# A program with a child, a stubborn child and, in a session of its own, an escaped one.
FAMILY = "sleep {mark}1 & (trap '' TERM; sleep {mark}2) & setsid sleep {mark}3 & wait"
DRIVER = """
import sys
from scripts.supervisor import Program, Supervisor, end_strays
supervisor = Supervisor(patience_seconds=1)
supervisor.heed_signals()
print("ready", flush=True)
supervisor.run([Program("dummy", ("sh", "-c", sys.argv[1]))], lambda: None)
supervisor.end()
end_strays()
"""


@pytest.fixture
def mark() -> Iterator[str]:
    """Return a number of seconds that no other process sleeps for; kill those that still do."""
    number = str(uuid.uuid4().int % 10**12 + 10**6)
    yield number
    for pid in sleepers(number):
        os.kill(pid, signal.SIGKILL)


def sleepers(mark: str) -> list[int]:
    """Return the processes whose command line holds ``mark``."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if words.startswith(b"sleep\0" + mark.encode()):
            found.append(int(path.parent.name))
    return found


def wait_until_sleeping(mark: str, count: int) -> int:
    """Return how many sleep for ``mark``, after waiting at most 5 s for there to be ``count``."""
    until = time.monotonic() + 5
    while len(sleepers(mark)) != count and time.monotonic() < until:
        time.sleep(0.05)
    return len(sleepers(mark))


def start(script: str) -> subprocess.Popen[str]:
    """Start a supervisor of ``script`` and return it once it heeds signals."""
    words = [sys.executable, "-c", DRIVER, script]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_leaves_no_descendant_behind(mark: str, number: signal.Signals) -> None:
    with start(FAMILY.format(mark=mark)) as supervisor:
        assert wait_until_sleeping(mark, 3) == 3
        supervisor.send_signal(number)
        assert supervisor.wait(10) == 0
    assert sleepers(mark) == []


def test_a_killed_supervisor_takes_its_programs_along(mark: str) -> None:
    with start(f"exec sleep {mark}") as supervisor:
        assert wait_until_sleeping(mark, 1) == 1
        supervisor.kill()
    assert wait_until_sleeping(mark, 0) == 0


def test_a_program_that_dies_is_started_again_with_growing_pauses() -> None:
    with start("exit 3") as supervisor:
        assert supervisor.stdout is not None
        lines = [supervisor.stdout.readline() for _ in range(2)]
        supervisor.terminate()
    told = [re.sub(r"^[\d:]+ ", "", line).strip() for line in lines]
    assert told == [f"dummy ended with status 3; it starts again in {n} s." for n in (1, 2)]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(1, "ended with status 1"), (-signal.SIGKILL, "was killed by SIGKILL")],
)
def test_the_log_says_how_a_program_ended(status: int, sentence: str) -> None:
    assert describe_end(status) == sentence


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, ("127.0.0.1", 8000)),
        ({"PORT": "8080"}, ("127.0.0.1", 8080)),
        ({"BIND": "0.0.0.0:80", "PORT": "8080"}, ("0.0.0.0", 80)),  # noqa: S104
        ({"BIND": "[::1]:8000"}, ("::1", 8000)),
    ],
)
def test_the_address_comes_from_bind_or_port(
    environment: dict[str, str], found: tuple[str, int]
) -> None:
    assert address(environment) == found


@pytest.mark.parametrize(
    "environment", [{"PORT": "web"}, {"PORT": "70000"}, {"PORT": "0"}, {"BIND": "localhost"}]
)
def test_an_address_nobody_can_reach_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(SetupFault, match="is no address"):
        address(environment)


def test_a_port_in_use_is_told_with_the_way_to_choose_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupFault, match=r"already in use.*`PORT=\d+ make run`"):
            check_port_is_free("127.0.0.1", port)
    check_port_is_free("127.0.0.1", port)


def test_the_private_database_passes_the_check(shared_home: Path) -> None:
    check_database(cluster.ensure_up(shared_home))


def test_a_database_without_postgis_is_told_in_a_sentence(shared_home: Path) -> None:
    url = cluster.ensure_up(shared_home)
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    connection.autocommit = True
    connection.cursor().execute("create database wanmi_test_bare template template0")
    with pytest.raises(SetupFault, match="has no PostGIS"):
        check_database(url.replace("/wanmi?", "/wanmi_test_bare?"))
    connection.cursor().execute("drop database wanmi_test_bare")
    connection.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql+psycopg2://wanmi:secret@127.0.0.1:1/wanmi", "cannot be used"),
        ("mysql://wanmi:secret@127.0.0.1/wanmi", "is no address"),
        ("postgresql://wanmi:secret%zz@127.0.0.1/wanmi", "is no address"),
    ],
)
def test_an_address_without_a_database_is_told_without_the_password(
    url: str, sentence: str
) -> None:
    with pytest.raises(SetupFault, match=sentence) as refused:
        check_database(url)
    assert "secret" not in str(refused.value)
