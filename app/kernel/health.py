"""Whether the process is alive, and whether the house is fit to work."""

import shutil
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.auth import PUBLIC, requires
from app.kernel.db import reading

bp = Blueprint("health", __name__)
FULL = 0.9
SIGNS = text(
    "SELECT (SELECT version_num FROM alembic_version) AS migration,"
    " (SELECT count(*) FROM outbox WHERE at < now() - interval '15 seconds') AS unsent,"
    " (SELECT max(at) FROM firings) < now() - interval '60 seconds' AS clock_late,"
    " (SELECT count(*) FROM jobs WHERE done_at IS NULL AND tries >= 8) AS dead_jobs,"
    " pg_is_in_recovery() AS read_only"
)


@bp.get("/healthz")
@requires(PUBLIC)
def healthz() -> ResponseReturnValue:
    """Say that this process answers."""
    return jsonify(healthy=True, issues=[])


@bp.get("/readyz")
@requires(PUBLIC)
def readyz() -> ResponseReturnValue:
    """Say whether everything behind this process works, and what does not."""
    issues = [*_disk(), *_database()]
    return jsonify(healthy=not issues, issues=issues), 503 if "database" in issues else 200


def _disk() -> list[str]:
    used = shutil.disk_usage(current_app.config["DATA"])
    return ["disk"] if used.used / used.total > FULL else []


def _database() -> list[str]:
    try:
        with reading() as session:
            row: Any = session.execute(SIGNS).one()
    except SQLAlchemyError:
        return ["database"]
    signs = {
        "migration": row.migration != current_app.config["MIGRATION"],
        "live": row.unsent > 0,
        "clock": bool(row.clock_late),
        "jobs": row.dead_jobs > 0,
        "read_only": row.read_only,
    }
    return [name for name, wrong in signs.items() if wrong]
