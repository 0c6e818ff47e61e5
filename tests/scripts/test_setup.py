"""Set-up: what is missing is said in one sentence, what is installed is checked by digest."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import vendor

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "scripts" / "setup.sh"
TOOLS = ("dirname", "cat")


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """Return a PATH of a machine without Node, Chromium or root."""
    for tool in TOOLS:
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    (tmp_path / "id").write_text("#!/bin/bash\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "packages"),
    [([], "nodejs npm"), (["--tests"], "nodejs npm chromium")],
)
def test_without_root_the_missing_packages_are_named(
    bare_path: str, arguments: list[str], packages: str
) -> None:
    answer = subprocess.run(
        ["/bin/bash", SETUP, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": bare_path},
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1
    assert packages in answer.stderr
    assert "DATABASE_URL" in answer.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a small checkout whose libraries are installed and copied."""
    (tmp_path / "package-lock.json").write_text("{}")
    for library, paths in vendor.LIBRARIES.items():
        for path in paths:
            file = tmp_path / "node_modules" / library / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(path)
    vendor.copy(tmp_path)
    return tmp_path


def test_copied_libraries_are_current_and_their_list_is_one_sha256sum_reads(
    checkout: Path,
) -> None:
    assert vendor.is_current(checkout)
    command = ["/usr/bin/sha256sum", "--check", "--strict", "--quiet", "MANIFEST"]
    folder = checkout / vendor.FOLDER
    assert subprocess.run(command, cwd=folder, check=False).returncode == 0


@pytest.mark.parametrize(
    "damaged",
    ["package-lock.json", f"{vendor.FOLDER}/htmx.org/htmx.min.js", f"{vendor.FOLDER}/MANIFEST"],
)
def test_a_changed_lock_file_or_library_is_noticed(checkout: Path, damaged: str) -> None:
    (checkout / damaged).write_text("changed")
    assert not vendor.is_current(checkout)
    vendor.copy(checkout)
    assert vendor.is_current(checkout)


def test_a_missing_library_is_noticed(checkout: Path) -> None:
    os.unlink(checkout / vendor.FOLDER / "htmx.org" / "htmx.min.js")
    assert not vendor.is_current(checkout)
