"""The private PostGIS cluster of a checkout: no TCP, no root, nothing to configure.

    python3 -m scripts.cluster up|url|down|status|reset [--data FOLDER]

Standard library only: it runs before anything is installed, and ``config.py`` imports it.
"""

import argparse
import fcntl
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import IO
from urllib.parse import quote

from scripts.place import DATA, Place, check_rightful, locate, read_state, write_state
from scripts.system import SetupFault, must_run, own_folder, postgres_programs, run, write_file

DATABASE = "wanmi"
PORT = "5432"  # Only a part of the socket's name: the server listens on no network.
# Replaying the log after a crash may take minutes; pg_ctl returns at once when the server dies.
PATIENCE_SECONDS = 600
SQL = Path(__file__).with_name("cluster.sql")
SETTINGS = Path(__file__).with_name("cluster.conf")


class Readiness(IntEnum):
    """What pg_isready answers with."""

    ACCEPTING = 0
    STARTING = 1
    SILENT = 2


def ensure_up(home: Path = DATA) -> str:
    """Start the cluster of ``home`` if it is down, create it if it is not there; return its URL."""
    place = locate(home)
    if not _serves(place):
        with _one_at_a_time(place):
            _bring_up(place)
    return _url_of(place)


@contextmanager
def in_use(home: Path = DATA) -> Iterator[str]:
    """Keep the cluster of ``home`` up and yield its URL; the last user to leave stops it.

    The lock falls with its process, so a user that is killed does not count for ever.
    """
    with (locate(home).home / "cluster.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield ensure_up(home)
        finally:
            if _is_last(users):
                down(home)


def url(home: Path = DATA) -> str:
    """Return the SQLAlchemy URL of the cluster of ``home``; it holds the password."""
    return _url_of(locate(home))


def down(home: Path = DATA) -> None:
    """Stop the cluster of ``home``; a cluster that is down stays so."""
    place = locate(home)
    with _one_at_a_time(place):
        _stop(place)


def status(home: Path = DATA) -> str:
    """Return ``running`` or ``down`` and where, without the password."""
    place = locate(home)
    word = "running" if _readiness(place) is Readiness.ACCEPTING else "down"
    return f"{word}: tables in {place.pgdata}, socket in {place.sockets}"


def reset(home: Path = DATA) -> None:
    """Stop the cluster of ``home`` and delete it with all its data."""
    place = locate(home)
    with _one_at_a_time(place):
        _stop(place, mode="immediate")
        shutil.rmtree(place.pgdata, ignore_errors=True)
        shutil.rmtree(place.sockets, ignore_errors=True)
        (place.home / "cluster.json").unlink(missing_ok=True)


@contextmanager
def _one_at_a_time(place: Place) -> Iterator[None]:
    """Hold the checkout's lock, so that two set-ups at once do not both make a cluster."""
    with (place.home / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        check_rightful(place)
        yield


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _serves(place: Place) -> bool:
    return "prepared" in read_state(place.home) and _readiness(place) is Readiness.ACCEPTING


def _bring_up(place: Place) -> None:
    if _serves(place):
        return  # Another set-up did it while we waited for the lock.
    _create(place)
    _start(place)
    _prepare(place)


def _create(place: Place) -> None:
    """Make the data folder aside and rename it, so that ``pgdata`` is whole or not there."""
    if _is_finished(place):
        return
    draft = place.pgdata.with_name("pg.making")
    for unfinished in (place.pgdata, draft):
        shutil.rmtree(unfinished, ignore_errors=True)
    own_folder(draft, place.owner, 0o700)
    _initialise(place, draft)
    _write_access(place, draft)
    draft.rename(place.pgdata)


def _is_finished(place: Place) -> bool:
    """Say whether ``pgdata`` is a cluster; raise if it once was one, for that may be mended."""
    parts = [place.pgdata / "PG_VERSION", place.pgdata / "global" / "pg_control"]
    if all(part.exists() for part in parts):
        return True
    if next((place.pgdata / "base").glob("*/*"), None):
        raise SetupFault(
            f"{place.pgdata} holds tables but is damaged; nothing was deleted: "
            "restore it from a backup, or run `make reset` to begin anew."
        )
    return False


def _initialise(place: Place, folder: Path) -> None:
    # C.UTF-8: under "C" Chinese text has no trigrams; an ICU default binds every index to a
    # version of ICU. Names are ordered with the explicit collation "pinyin" instead.
    options = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=libc", "--data-checksums"]
    options += ["--username=postgres", "--auth=reject"]
    must_run(place.owner, postgres_programs() / "initdb", "-D", folder, *options)


def _write_access(place: Place, folder: Path) -> None:
    """Let the server's own user in as administrator without a password, all others by password."""
    access = "local all postgres peer map=admin\nlocal all all scram-sha-256\n"
    write_file(place.owner, folder / "pg_hba.conf", access)
    write_file(place.owner, folder / "pg_ident.conf", f'admin "{place.owner.name}" postgres\n')
    write_file(place.owner, folder / "postgresql.conf", "include 'wanmi.conf'\n")


def _write_settings(place: Place) -> None:
    """Write this release's settings, at every start so that an older cluster gets them too."""
    sockets = str(place.sockets).replace("'", "''")
    own = f"unix_socket_directories = '\"{sockets}\"'\nport = {PORT}\n"
    write_file(place.owner, place.pgdata / "wanmi.conf", SETTINGS.read_text() + own)


def _start(place: Place) -> None:
    """Start the server, or raise ``SetupFault`` naming the log that says why it will not."""
    own_folder(place.sockets, place.owner, 0o755)
    _write_settings(place)
    for _ in range(10):
        _clear_leftovers(place)
        if _control(place, "start", "-l", str(place.pgdata / "startup.log")):
            return
        # Backends that outlived a killed server hold its shared memory for a moment.
        time.sleep(0.5)
    raise SetupFault(f"PostgreSQL did not start; {place.pgdata}/startup.log says why.")


def _stop(place: Place, mode: str = "fast") -> None:
    pid = _recorded_pid(place)
    if pid is None or not _runs_here(place, pid):
        return
    if not _control(place, "stop", "-m", mode):
        raise SetupFault(f"PostgreSQL (process {pid}) did not stop.")


def _control(place: Place, verb: str, *options: str) -> bool:
    program = postgres_programs() / "pg_ctl"
    wait = ("-w", "-s", "-t", str(PATIENCE_SECONDS))
    return not run(
        place.owner, program, verb, "-D", place.pgdata, *wait, *options, quiet=True
    ).returncode


def _clear_leftovers(place: Place) -> None:
    """Clear what a killed server left: a lock file of a process that is not our server.

    PostgreSQL itself clears the file of a process that is gone, but takes a zombie or a
    stranger with the same number for a running server.
    """
    pid = _recorded_pid(place)
    if pid is None or not Path(f"/proc/{pid}").exists():
        return
    if not _runs_here(place, pid):
        (place.pgdata / "postmaster.pid").unlink(missing_ok=True)
    elif _settled(place) is Readiness.SILENT:
        # Its socket was swept away, so nobody can reach it any more.
        _stop(place)


def _settled(place: Place) -> Readiness:
    """Return the readiness after waiting for a server that replays its log to finish."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := _readiness(place)) is Readiness.STARTING and time.monotonic() < until:
        time.sleep(0.5)
    return found


def _recorded_pid(place: Place) -> int | None:
    try:
        return int((place.pgdata / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _runs_here(place: Place, pid: int) -> bool:
    """Say whether process ``pid`` is a live server of this cluster: it works in ``pgdata``.

    Asked as the server's user, because root in a container may not look into other users'
    processes. A zombie has no working folder and so is not one.
    """
    found = run(place.owner, "/usr/bin/readlink", f"/proc/{pid}/cwd")
    return found.stdout.strip() == str(place.pgdata)


def _readiness(place: Place) -> Readiness:
    program = postgres_programs() / "pg_isready"
    asked = run(place.owner, program, "-q", "-h", place.sockets, "-p", PORT)
    return Readiness(min(asked.returncode, Readiness.SILENT))


def _prepare(place: Place) -> None:
    """Have role, database, extensions and collation exist and the password hold."""
    state = read_state(place.home)
    state.setdefault("password", secrets.token_urlsafe(24))
    state["pgdata"] = os.fspath(place.pgdata)
    write_state(place.home, state)
    program = postgres_programs() / "psql"
    options = ("-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h", place.sockets, "-p", PORT)
    # Through standard input: a password among the arguments could be read by every user.
    script = f"\\set password {state['password']}\n" + SQL.read_text()
    must_run(place.owner, program, *options, "-d", "postgres", given=script)
    write_state(place.home, {**state, "prepared": "yes"})


def _url_of(place: Place) -> str:
    state = read_state(place.home)
    if "prepared" not in state:
        raise SetupFault("There is no private database yet: run `make run`.")
    way = f"host={quote(os.fspath(place.sockets), safe='/')}&port={PORT}"
    return f"postgresql+psycopg2://{DATABASE}:{state['password']}@/{DATABASE}?{way}"


def main(arguments: list[str]) -> int:
    """Run one command of the cluster; return 0, or 1 after a sentence about what is wrong."""
    parser = argparse.ArgumentParser(prog="cluster", description="The private PostGIS cluster.")
    parser.add_argument("command", choices=["up", "url", "down", "status", "reset"])
    parser.add_argument("--data", type=Path, default=DATA, help="folder that keeps the cluster")
    chosen = parser.parse_args(arguments)
    try:
        sys.stdout.write(_perform(chosen.command, chosen.data))
    except SetupFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


def _perform(command: str, home: Path) -> str:
    """Perform ``command`` and return what to print: the password only when asked for the URL."""
    if command == "up":
        ensure_up(home)
    elif command == "down":
        down(home)
    elif command == "reset":
        reset(home)
    return f"{url(home) if command == 'url' else status(home)}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
