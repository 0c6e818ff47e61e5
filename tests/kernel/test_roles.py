"""The application's own role: it works, and history is out of its reach."""

import psycopg2
import pytest
from psycopg2 import errors
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import sessionmaker

from app import create_app
from app.kernel import roles
from tests.cases.pressing import dispatched
from tests.city import Program
from tests.conftest import admin_url, config_for

ROLE = "wanmi_app"


@pytest.fixture
def guarded(fresh_database, tmp_path):
    """Return the address of a database as the role that runs the application, and a folder."""
    if not exists(ROLE):
        pytest.skip(f"the test server has no role {ROLE}; the private cluster has")
    engine = create_engine(fresh_database)
    with sessionmaker(engine).begin() as session:
        roles.grant(session, ROLE)
    engine.dispose()
    url = make_url(fresh_database).set(username=ROLE)
    return url.render_as_string(hide_password=False), tmp_path


def exists(role):
    engine = create_engine(admin_url())
    with engine.connect() as connection:
        asked = text("SELECT count(*) FROM pg_roles WHERE rolname = :role")
        found = connection.execute(asked, {"role": role}).scalar_one()
    engine.dispose()
    return found == 1


def attempt(address, statement):
    plain = address.replace("+psycopg2", "")
    connection = psycopg2.connect(plain)
    try:
        connection.cursor().execute(statement)
    finally:
        connection.rollback()
        connection.close()


def test_the_role_does_the_work_but_rewrites_no_history(guarded):
    address, data = guarded
    app = create_app(config_for(address, data))
    uid = dispatched(lambda who: Program(app, who))
    order = {"words": "x", "limit": 1, "unit": "wd"}
    given = Program(app, "mayor").post(f"/api/v1/cases/{uid}/orders", order)
    assert given.status_code == 201, given.text
    app.extensions["engine"].dispose()
    for table in ("case_steps", "audit", "part_steps", "journal_anchors", "case_urges"):
        for harm in (
            f"UPDATE {table} SET at = now()",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER USER",
            f"DROP TRIGGER append_only ON {table}",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                attempt(address, harm)
    for harm in (
        "DELETE FROM cases",
        "TRUNCATE cases CASCADE",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            attempt(address, harm)
