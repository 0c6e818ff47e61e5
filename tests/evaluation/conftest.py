"""A city for each file: what is stored here as long past agrees with no journal."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import create_app
from tests.conftest import clone, config_for


@pytest.fixture(scope="module")
def database(template: str) -> Iterator[str]:
    """Return the address of this file's database."""
    yield from clone(template)


@pytest.fixture(scope="module")
def app(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return the application on this file's database."""
    found = create_app(config_for(database, tmp_path_factory.mktemp("evaluation")))
    yield found
    found.extensions["engine"].dispose()
