"""What ``make run`` does after set-up: check, migrate, seed, serve, and stop without a trace."""

import http.client
import os
import re
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from scripts import cluster
from scripts.place import DATA
from scripts.supervisor import Program, Supervisor, end_strays, say
from scripts.system import SetupFault

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
ACCOUNTS = DATA / "demo-accounts.json"
CLUSTER_CHECK_SECONDS = 5.0


def main() -> int:
    """Serve until asked to stop; return 0, or 1 after a sentence about why it cannot."""
    os.chdir(ROOT)
    supervisor = Supervisor()
    supervisor.heed_signals()
    try:
        host, port = address(os.environ)
        check_port_is_free(host, port)
        with _database(os.environ) as database:
            check_database(database)
            _serve(supervisor, Caretaker(host, port, private=not os.environ.get("DATABASE_URL")))
    except SetupFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    finally:
        end_strays()
    return 0


def address(environment: Mapping[str, str]) -> tuple[str, int]:
    """Return host and port from ``BIND`` (host:port) or ``PORT``, by default 127.0.0.1:8000."""
    bind = environment.get("BIND") or f"127.0.0.1:{environment.get('PORT') or '8000'}"
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise SetupFault(f"{bind} is no address: PORT is a number up to 65535, BIND is host:port.")
    return host.strip("[]"), int(port)


def check_port_is_free(host: str, port: int) -> None:
    """Raise ``SetupFault`` if nothing can listen on ``host`` and ``port``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise SetupFault(
                f"Cannot listen on {host} port {port} ({(error.strerror or 'refused').lower()}): "
                f"choose another port, for example `PORT={port % 60000 + 1000} make run`."
            ) from None


def check_database(url: str) -> None:
    """Raise ``SetupFault`` unless the database answers and has PostGIS, or can be given it."""
    try:
        dsn = re.sub(r"^postgresql\+\w+:", "postgresql:", url)
        connection = psycopg2.connect(dsn, connect_timeout=10)
    except psycopg2.ProgrammingError:
        # Its reason would quote the address, with the password.
        raise SetupFault(
            "DATABASE_URL is no address: postgresql+psycopg2://user:password@host/database"
        ) from None
    except psycopg2.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise SetupFault(f"The database of DATABASE_URL cannot be used: {reason}") from None
    with connection, connection.cursor() as cursor:
        cursor.execute(POSTGIS_QUESTION)
        usable = cursor.fetchone()
    connection.close()
    if usable != (True,):
        raise SetupFault(
            "The database of DATABASE_URL has no PostGIS: have its administrator install the "
            "package (postgresql-15-postgis-3) and run `CREATE EXTENSION postgis` in it."
        )


# There already, or on offer to a superuser, who is the only one that may create it.
POSTGIS_QUESTION = """
    select exists (select from pg_extension where extname = 'postgis')
        or (current_setting('is_superuser') = 'on'
            and exists (select from pg_available_extensions where name = 'postgis'))
"""


@contextmanager
def _database(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the URL of ``DATABASE_URL``, else of the private cluster, kept up meanwhile."""
    if given := environment.get("DATABASE_URL"):
        yield given
        return
    with cluster.in_use() as url:
        yield url


@dataclass(slots=True)
class Caretaker:
    """What is looked after beside the processes: the first answer, the private cluster."""

    host: str
    port: int
    private: bool
    announced: bool = False
    look_at: float = field(default_factory=time.monotonic)

    def look_after(self) -> None:
        """Tell the address once pages come; bring the private cluster back if it went down."""
        now = time.monotonic()
        if not self.announced and self._answers():
            self.announced = True
            self._announce()
        if self.private and now >= self.look_at:
            self.look_at = now + CLUSTER_CHECK_SECONDS
            self._keep_cluster()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(self._near_host(), self.port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _near_host(self) -> str:
        """Return a host to call ourselves by: "all addresses" is none."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    def _announce(self) -> None:
        host = self._near_host()
        shown = f"[{host}]" if ":" in host else host
        say(f"万米 Wanmi is ready: http://{shown}:{self.port}")
        if ACCOUNTS.exists():
            say(f"Demo accounts, one for each post: {os.path.relpath(ACCOUNTS)}.")
        say("Ctrl-C stops everything.")

    def _keep_cluster(self) -> None:
        try:
            cluster.ensure_up()
        except SetupFault as fault:
            say(str(fault))


def _serve(supervisor: Supervisor, caretaker: Caretaker) -> None:
    """Bring the database up to date, then keep the processes running until asked to stop."""
    try:
        if supervisor.run_once(_flask("migrate", "--demo")):
            raise SetupFault("`flask migrate --demo` failed: its lines above say why.")
        if not supervisor.stopping:
            supervisor.run(_programs(), caretaker.look_after)
    finally:
        supervisor.end()
    say("Stopped.")


def _programs() -> list[Program]:
    gunicorn = (str(BIN / "python"), "-m", "gunicorn", "-c", "gunicorn.conf.py")
    return [Program("web", gunicorn), _flask("live"), _flask("worker"), _flask("clock")]


def _flask(*words: str) -> Program:
    # Not bin/flask: its first line names the folder the environment was made in.
    command = (str(BIN / "python"), "-m", "flask", "--app", "wsgi", *words)
    return Program(words[0], command)


if __name__ == "__main__":
    sys.exit(main())
