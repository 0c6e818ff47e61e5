"""A private cluster in a folder that the server's user can reach."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import cluster
from scripts.system import SetupFault, postgres_programs


@pytest.fixture(scope="session")
def _postgres() -> None:
    try:
        postgres_programs()
    except SetupFault as fault:
        pytest.skip(str(fault))


@pytest.fixture
def home(_postgres: None) -> Iterator[Path]:
    """Return an empty data folder, and leave neither a server nor a file behind."""
    # Not tmp_path: its parent is closed to other users, among them the server's.
    outer = Path(tempfile.mkdtemp(prefix="wanmi-cluster-"))
    outer.chmod(0o755)
    yield outer / ".data"
    cluster.reset(outer / ".data")
    shutil.rmtree(outer)


@pytest.fixture(scope="session")
def shared_home(_postgres: None) -> Iterator[Path]:
    """Return the folder of one running cluster for all tests here."""
    outer = Path(tempfile.mkdtemp(prefix="wanmi-cluster-"))
    outer.chmod(0o755)
    cluster.ensure_up(outer / ".data")
    yield outer / ".data"
    cluster.reset(outer / ".data")
    shutil.rmtree(outer)
