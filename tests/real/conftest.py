"""Real files, each test module on a database of its own; skipped where the files are absent."""

import pytest

from tests.importing import DATA, house


def pytest_collection_modifyitems(items):
    if DATA.exists():
        return
    absent = pytest.mark.skip(reason="The real data is not in ../shared/data beside the checkout.")
    for item in items:
        if "/tests/real/" in item.path.as_posix():
            item.add_marker(absent)


@pytest.fixture(scope="module")
def app(template, tmp_path_factory):
    yield from house(template, tmp_path_factory.mktemp("data"))
