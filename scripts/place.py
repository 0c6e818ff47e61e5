"""Where a private cluster lives, and the little it must remember between starts."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from scripts.system import Owner, SetupFault, run, server_owner

DATA = Path(os.environ.get("DATA") or Path(__file__).resolve().parent.parent / ".data").absolute()
LIBRARY = Path("/var/lib/wanmi")
# A socket path may have 107 bytes, of which ".s.PGSQL.5432.lock" takes 19.
LONGEST_SOCKET_FOLDER = 80


@dataclass(frozen=True, slots=True)
class Place:
    """One cluster: ``home`` keeps the state, ``pgdata`` the tables, ``sockets`` the way in."""

    home: Path
    pgdata: Path
    sockets: Path
    owner: Owner


def locate(home: Path = DATA) -> Place:
    """Return where the cluster of ``home`` lives, whether or not it exists yet."""
    home, owner = home.resolve(), server_owner()
    _open_home(home)
    tag = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    base = home if _can_traverse(home, owner) else _library(tag)
    sockets = base / "run"
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        sockets = Path(f"/tmp/wanmi-{owner.uid}-{tag}")  # noqa: S108 - ownership is checked
    return Place(home, base / "pg", sockets, owner)


def _open_home(home: Path) -> None:
    """Make ``home``, passable but not listable: the server's user must get through it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o711)
    except PermissionError:
        raise SetupFault(f"{home} belongs to another user: run as that user.") from None


def _can_traverse(folder: Path, owner: Owner) -> bool:
    return run(owner, "/usr/bin/test", "-x", folder).returncode == 0


def _library(tag: str) -> Path:
    """Return a folder outside a checkout that the server's user cannot enter, as below /root."""
    folder = LIBRARY / tag
    folder.mkdir(parents=True, exist_ok=True)
    for each in (LIBRARY, folder):
        each.chmod(0o711)
    return folder


def check_rightful(place: Place) -> None:
    """Raise ``SetupFault`` if the cluster belongs to a user other than the one it would run as.

    Root would otherwise take an ordinary user's cluster away, or make an empty one beside it.
    """
    recorded = Path(read_state(place.home).get("pgdata", place.pgdata))
    pgdata = place.pgdata if place.pgdata.exists() else recorded
    if pgdata.exists() and (pgdata != place.pgdata or pgdata.stat().st_uid != place.owner.uid):
        raise SetupFault(f"The database in {pgdata} was made by another user: run as that user.")


def read_state(home: Path) -> dict[str, str]:
    """Return what the last set-up remembered; nothing if there was none."""
    try:
        state: dict[str, str] = json.loads((home / "cluster.json").read_text())
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise SetupFault(f"{home} belongs to another user: run as that user.") from None
    return state


def write_state(home: Path, state: dict[str, str]) -> None:
    """Remember ``state`` for its owner only, whole or not at all."""
    draft = home / "cluster.json.new"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(home / "cluster.json")
