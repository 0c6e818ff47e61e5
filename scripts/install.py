"""Install the locked Python packages and front-end libraries of a checkout, each only once.

    python3 -m scripts.install [--tests]

Standard library only: it makes the environment that everything else runs in.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import vendor
from scripts.place import DATA
from scripts.system import SetupFault

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
MODULES = ROOT / "node_modules"


def main(arguments: list[str]) -> int:
    """Install what is missing; return 0, or 1 after a sentence about what went wrong."""
    tests = "--tests" in arguments
    try:
        with _one_at_a_time():
            install_python(tests=tests)
            install_front(tests=tests)
    except SetupFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    try:
        DATA.mkdir(parents=True, exist_ok=True)
        with (DATA / "setup.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except PermissionError as error:
        raise SetupFault(f"{error.filename} belongs to another user: run as that user.") from None


def install_python(*, tests: bool) -> None:
    """Have ``.venv`` hold exactly the locked packages, with those of the tests if asked."""
    lock = "requirements-dev.txt" if tests else "requirements.txt"
    if _installed().get(lock) == _digest(lock):
        return
    _say("Installing Python packages (the first time this takes a quarter of a minute) …")
    _make_environment()
    _install_lock(lock)
    # The lock of the tests includes the other, so both are installed then.
    locks = {lock, "requirements.txt"}
    (VENV / "installed.json").write_text(json.dumps({name: _digest(name) for name in locks}))


def _installed() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((VENV / "installed.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _digest(lock: str) -> str:
    """Return a digest of ``lock`` and of the place, since an environment cannot be moved."""
    return hashlib.sha256((ROOT / lock).read_bytes() + os.fsencode(VENV)).hexdigest()


def _make_environment() -> None:
    # The system's Python: one from somebody's home would be useless to other users.
    home = [] if _installed() else ["--clear"]
    _must("/usr/bin/python3", "-m", "venv", *home, str(VENV))


def _install_lock(lock: str) -> None:
    """Install ``lock`` with uv, or with pip where uv cannot, as behind some proxies."""
    python = str(VENV / "bin" / "python")
    pip = (python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes")
    # --compile-bytecode: the first start would otherwise take three seconds longer.
    options = ("-q", "--system-certs", "--compile-bytecode", "--require-hashes", "--python", python)
    uv = (str(VENV / "bin" / "uv"), "pip", "install", *options)
    if not (_works(*pip, "-r", "scripts/uv.txt") and _works(*uv, "-r", lock)):
        _must(*pip, "-r", lock)


def install_front(*, tests: bool) -> None:
    """Have ``app/static/vendor`` hold the locked libraries, and node_modules those of the tests."""
    kind = "tests" if tests else "run"
    stamp = MODULES / f".installed-{kind}"
    complete = stamp.exists() and stamp.read_text() == vendor.digest(ROOT / "package-lock.json")
    if vendor.is_current(ROOT) and (complete or not tests):
        return
    _say("Installing front-end libraries …")
    if not complete:
        _must("npm", "ci", "--no-progress", "--loglevel=error", *([] if tests else ["--omit=dev"]))
        stamp.write_text(vendor.digest(ROOT / "package-lock.json"))
    vendor.copy(ROOT)


def _works(*command: str) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0  # noqa: S603 - our own


def _must(*command: str) -> None:
    if not _works(*command):
        name = Path(command[0]).name
        raise SetupFault(f"Set-up stopped: {name} failed, its lines above say why; run it again.")


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
