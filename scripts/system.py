"""The machine underneath: whom the server runs as, where PostgreSQL lies, running its commands."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql")
EXTENSIONS = Path("/usr/share/postgresql")
PACKAGE = "postgresql-15-postgis-3"


class SetupFault(Exception):
    """A reason set-up cannot go on, as one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The operating-system user that owns the cluster's files and runs its server."""

    name: str
    uid: int
    gid: int

    @property
    def is_somebody_else(self) -> bool:
        """Say whether commands must change user first, which only root may do."""
        return self.uid != os.geteuid()


def server_owner() -> Owner:
    """Return ``postgres`` for root, because initdb refuses to run as root; else ourselves."""
    is_root = os.geteuid() == 0
    try:
        entry = pwd.getpwnam("postgres") if is_root else pwd.getpwuid(os.geteuid())
    except KeyError:
        who = "user postgres" if is_root else f"name for user id {os.geteuid()}"
        raise SetupFault(f"This system has no {who}: install {PACKAGE}.") from None
    return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid)


def postgres_programs() -> Path:
    """Return the folder of initdb and pg_ctl of the newest PostgreSQL that has PostGIS."""
    found = [p.parent for p in PROGRAMS.glob("*/bin/initdb") if _has_postgis(p.parts[-3])]
    if not found:
        raise SetupFault(
            f"PostgreSQL with PostGIS is missing: install {PACKAGE} (apt-get install {PACKAGE}), "
            "or set DATABASE_URL to a PostGIS database that already runs."
        )
    return max(found, key=lambda folder: int(folder.parts[-2]))


def _has_postgis(version: str) -> bool:
    return (EXTENSIONS / version / "extension" / "postgis.control").exists()


def run(
    owner: Owner, *command: str | Path, given: str | None = None, quiet: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` as ``owner`` and return what came of it; ``given`` is its standard input.

    ``quiet`` drops the output: a server that stays up would hold a pipe open for ever.
    """
    output = subprocess.DEVNULL if quiet else subprocess.PIPE
    drops = owner.is_somebody_else
    return subprocess.run(  # noqa: S603 - our own commands, never a user's words
        [str(word) for word in command],
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        stdout=output,
        stderr=output,
        text=True,
        check=False,
        cwd="/",
        umask=0o077,
        start_new_session=True,
        # LANG is unset in most containers; initdb and psql must not depend on it.
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent"},
        user=owner.uid if drops else None,
        group=owner.gid if drops else None,
        extra_groups=[] if drops else None,
    )


def must_run(owner: Owner, *command: str | Path, given: str | None = None) -> str:
    """Run ``command`` and return its output, or raise ``SetupFault`` with its last words."""
    done = run(owner, *command, given=given)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise SetupFault(f"{Path(command[0]).name} failed: {last}")
    return done.stdout.strip()


def own_folder(folder: Path, owner: Owner, mode: int) -> None:
    """Make ``folder`` exist, belong to ``owner`` and have ``mode``; raise if a stranger owns it."""
    folder.mkdir(parents=True, exist_ok=True)
    if owner.is_somebody_else:
        os.chown(folder, owner.uid, owner.gid)
    if folder.stat().st_uid != owner.uid:
        raise SetupFault(f"{folder} belongs to another user: remove it, or run as that user.")
    folder.chmod(mode)


def write_file(owner: Owner, path: Path, text: str) -> None:
    """Write ``text`` to ``path`` as ``owner``: written by root, the server could not read it."""
    must_run(owner, "/usr/bin/tee", path, given=text)
