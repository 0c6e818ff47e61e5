"""The private cluster: made once, found again, recovered, never lost."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from scripts import cluster
from scripts.place import locate, read_state
from scripts.system import SetupFault


def ask(url: str, question: str) -> object:
    """Return the single value that ``question`` has in the database of ``url``."""
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone() if cursor.description else None
    connection.close()
    return row[0] if row else None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("select count(*) from pg_extension where extname in ('postgis', 'pg_trgm')", 2),
        ("select count(*) from pg_extension where extname in ('btree_gist', 'pgcrypto')", 2),
        ("select rolcreatedb and not rolsuper from pg_roles where rolname = current_user", True),
        ("select datcollate from pg_database where datname = current_database()", "C.UTF-8"),
        ("show timezone", "Asia/Shanghai"),
        ("show listen_addresses", ""),
        ("show data_checksums", "on"),
        ("show fsync", "on"),
        ("show synchronous_commit", "on"),
        ("show jit", "off"),
        ("show shared_buffers", "512MB"),
        ("select similarity('东昌府区柳园路', '兴华路') < 0.9", True),
        (
            "select string_agg(n, '' order by n collate pinyin) "
            "from unnest(array['张', '阿', '王', '重庆']) n",
            "阿重庆王张",
        ),
    ],
)
def test_a_new_cluster_is_as_the_application_needs_it(
    shared_home: Path, question: str, answer: object
) -> None:
    assert ask(cluster.url(shared_home), question) == answer


def test_the_role_makes_test_databases_that_have_postgis(shared_home: Path) -> None:
    url = cluster.ensure_up(shared_home)
    ask(url, "create database wanmi_test_1")
    found = ask(url.replace("/wanmi?", "/wanmi_test_1?"), "select st_srid(st_point(1, 2, 4490))")
    ask(url, "drop database wanmi_test_1")
    assert found == 4490


def test_a_cluster_that_runs_is_left_alone(shared_home: Path) -> None:
    before = ask(cluster.url(shared_home), "select pg_postmaster_start_time()")
    began = time.monotonic()
    assert ask(cluster.ensure_up(shared_home), "select pg_postmaster_start_time()") == before
    assert time.monotonic() - began < 1


def test_a_wrong_password_is_refused(shared_home: Path) -> None:
    url = cluster.url(shared_home)
    wrong = url.replace(read_state(shared_home)["password"], "wrong")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        ask(wrong, "select 1")


def test_neither_status_nor_up_prints_the_password(shared_home: Path) -> None:
    printed = [command(shared_home, word).stdout for word in ("up", "status")]
    assert all(text.startswith("running: ") for text in printed)
    assert read_state(shared_home)["password"] not in "".join(printed)


def test_two_set_ups_at_once_make_one_cluster(home: Path) -> None:
    words = [sys.executable, "-m", "scripts.cluster", "up", "--data", str(home)]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate() and process.returncode for process in both] == [0, 0]
    assert ask(cluster.url(home), "select count(*) from pg_database where datname = 'wanmi'") == 1


def test_committed_rows_survive_a_kill_and_a_half_made_draft_is_swept(home: Path) -> None:
    draft = home / "pg.making" / "base"
    draft.mkdir(parents=True)
    url = cluster.ensure_up(home)
    ask(url, "create table kept as select 7 as n")
    kill_server(home)
    assert cluster.status(home).startswith("down")
    assert ask(cluster.ensure_up(home), "select n from kept") == 7
    assert not draft.exists()
    cluster.down(home)
    cluster.down(home)
    assert cluster.status(home).startswith("down")


def test_a_lock_file_that_names_a_stranger_is_cleared(home: Path) -> None:
    cluster.ensure_up(home)
    lock = locate(home).pgdata / "postmaster.pid"
    left_over = lock.read_text().split("\n", 1)[1]
    kill_server(home)
    lock.write_text(f"{os.getpid()}\n{left_over}")
    assert ask(cluster.ensure_up(home), "select 1") == 1


def test_a_server_whose_socket_was_swept_away_is_reached_again(home: Path) -> None:
    cluster.ensure_up(home)
    shutil.rmtree(locate(home).sockets)
    assert ask(cluster.ensure_up(home), "select 1") == 1


def test_a_damaged_cluster_is_named_and_never_deleted(home: Path) -> None:
    pgdata = locate(home).pgdata
    table = pgdata / "base" / "5" / "1259"
    table.parent.mkdir(parents=True)
    table.touch()
    shutil.chown(pgdata, locate(home).owner.uid)
    with pytest.raises(SetupFault, match="damaged; nothing was deleted"):
        cluster.ensure_up(home)
    assert table.exists()


def test_the_last_user_to_leave_stops_the_cluster(home: Path) -> None:
    with cluster.in_use(home):
        with cluster.in_use(home):
            pass
        assert cluster.status(home).startswith("running")
    assert cluster.status(home).startswith("down")


def test_without_a_cluster_the_url_is_refused_in_a_sentence(home: Path) -> None:
    answer = command(home, "url")
    assert (answer.returncode, answer.stderr.splitlines()) == (
        1,
        ["There is no private database yet: run `make run`."],
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change owners")
def test_another_users_cluster_is_neither_taken_nor_deleted(home: Path) -> None:
    pgdata = locate(home).pgdata
    pgdata.mkdir(parents=True)
    for act in (cluster.ensure_up, cluster.down, cluster.reset):
        with pytest.raises(SetupFault, match="made by another user: run as that user"):
            act(home)
    assert pgdata.exists()
    pgdata.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may close a folder to the server's user")
def test_a_checkout_closed_to_the_server_keeps_its_cluster_in_the_library(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    place = locate(closed / ".data")
    shutil.rmtree(place.pgdata.parent)
    assert place.pgdata.parts[:4] == ("/", "var", "lib", "wanmi")


def test_a_long_path_has_its_socket_elsewhere(home: Path) -> None:
    place = locate(home.parent / ("long" * 20) / ".data")
    assert place.pgdata.is_relative_to(home.parent)
    assert len(str(place.sockets)) <= 80


def command(home: Path, word: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the cluster as anyone at a terminal would."""
    words = [sys.executable, "-m", "scripts.cluster", word, "--data", str(home)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def kill_server(home: Path) -> None:
    """Kill the server as a power cut would, and wait until its socket is dead."""
    pid = int((locate(home).pgdata / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 5
    while cluster.status(home).startswith("running") and time.monotonic() < until:
        time.sleep(0.05)
