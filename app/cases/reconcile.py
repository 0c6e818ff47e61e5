"""Proof that journal, summaries, outbox, files and audit tell the same story."""

from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.files import path_of

CHECKS = {
    "a summary is not what its last step says": (
        "SELECT c.uid, c.state, s.target FROM cases c JOIN LATERAL (SELECT target, position FROM"
        " case_steps WHERE case_id = c.id ORDER BY position DESC LIMIT 1) s ON true"
        " WHERE s.target <> c.state OR s.position <> c.steps"
    ),
    "a case has no journal": (
        "SELECT uid FROM cases c WHERE NOT EXISTS (SELECT FROM case_steps WHERE case_id = c.id)"
    ),
    "a journal has a gap": (
        "SELECT case_id, max(position) AS last, count(*) AS lines FROM case_steps"
        " GROUP BY case_id HAVING max(position) <> count(*)"
    ),
    "a step does not begin where the one before ended": (
        "SELECT case_id, position FROM (SELECT case_id, position, source,"
        " lag(target) OVER (PARTITION BY case_id ORDER BY position) AS former FROM case_steps) s"
        " WHERE former IS NOT NULL AND former <> source"
    ),
    "a line of the journal was changed": (
        "SELECT case_id, position FROM (SELECT s.*, sha256(coalesce(lag(hash) OVER (PARTITION BY"
        " case_id ORDER BY position), '') || convert_to(step_text(s), 'UTF8')) AS right_hash"
        " FROM case_steps s) s WHERE hash <> right_hash"
    ),
    "a step was never announced": (
        "SELECT s.case_id, s.position FROM case_steps s WHERE NOT s.bulk"
        " AND s.at > now() - interval '6 days'"
        " AND NOT EXISTS (SELECT FROM feed f WHERE f.step_id = s.id)"
        " AND NOT EXISTS (SELECT FROM outbox o WHERE o.step_id = s.id)"
    ),
    "the feed has a gap": (
        "SELECT seq FROM (SELECT seq, lag(seq) OVER (ORDER BY seq) AS former FROM feed) f"
        " WHERE seq <> former + 1"
    ),
    "a step is not in the audit": (
        "SELECT s.case_id, s.position FROM case_steps s WHERE NOT s.bulk AND NOT EXISTS"
        " (SELECT FROM audit a WHERE a.subject = s.case_id::text AND a.action = 'case.' || s.action"
        " AND a.actor_id = s.actor_id)"
    ),
    "a filed case has no number, or one twice": (
        "SELECT uid, number FROM cases WHERE filed_at IS NOT NULL AND number IS NULL"
    ),
}


def differences(session: Session, files: Path) -> list[dict[str, Any]]:
    """Return every place where two records of the same thing disagree; none is what should be."""
    found: list[dict[str, Any]] = []
    session.execute(text("SET statement_timeout = '10min'"))
    for what, ask in CHECKS.items():
        rows = session.execute(text(ask)).mappings()
        found += [{"what": what, **row} for row in rows]
    return found + _missing_files(session, files)


def _missing_files(session: Session, files: Path) -> list[dict[str, Any]]:
    names = session.scalars(text("SELECT DISTINCT sha256 FROM photos ORDER BY sha256"))
    return [
        {"what": "a photo is not on disk", "sha256": name}
        for name in names
        if not path_of(files, name).is_file()
    ]
