"""The database role that the application runs as: all it needs, and nothing that undoes history."""

from psycopg2 import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

GUARDED = text(
    "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE t.tgname IN ('append_only', 'never_deleted') ORDER BY c.relname"
)
NEEDED = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
)
TAKEN = {
    "append_only": "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}",
    "never_deleted": "REVOKE DELETE, TRUNCATE ON {table} FROM {role}",
}


def grant(session: Session, role: str) -> list[str]:
    """Give ``role`` what the application needs and return the tables it may only add to.

    Which tables those are is read from their triggers, so that a table guarded later is guarded
    here too.  The role owns nothing: it can switch off no trigger.  To be repeated after each
    migration, as the owner.
    """
    guarded = session.execute(GUARDED).all()
    raw = session.connection().connection.cursor()
    name = sql.Identifier(role)
    for statement in NEEDED:
        raw.execute(sql.SQL(statement).format(role=name))
    for table, trigger in guarded:
        raw.execute(sql.SQL(TAKEN[trigger]).format(table=sql.Identifier(table), role=name))
    return [table for table, trigger in guarded if trigger == "append_only"]
