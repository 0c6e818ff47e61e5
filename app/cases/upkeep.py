"""What happens to cases when only time passes: overdue marks, and suspensions that end."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import service

MARK = text(
    "WITH late AS (SELECT id FROM cases WHERE closed_at IS NULL AND due_at < :at"
    "  AND overdue_marked_at IS NULL ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED),"
    " marked AS (UPDATE cases SET overdue_marked_at = :at FROM late WHERE cases.id = late.id"
    "  RETURNING cases.id, cell, department),"
    " told AS (INSERT INTO outbox (topic, subject_id, area, department)"
    "  SELECT 'case', id, coalesce(cell, ''), department FROM marked)"
    " SELECT count(*) FROM marked"
)
WAKING = text(
    "SELECT id FROM cases WHERE suspended_until <= :at ORDER BY suspended_until, id LIMIT :most"
    " FOR UPDATE SKIP LOCKED"
)


def mark_due(session: Session, *, at: datetime, most: int = 500) -> int:
    """Mark cases whose deadline has passed and tell the screens; return how many.

    Safe to run twice: a case is marked once per clock, and starting a clock unmarks it.
    """
    marked: int = session.execute(MARK, {"at": at, "most": most}).scalar_one()
    return marked


def wake_suspended(session: Session, *, at: datetime, most: int = 100) -> int:
    """Resume the cases whose suspension has ended by ``at``; return how many.

    Cases that somebody works on right now are left for the next time.
    """
    due = list(session.scalars(WAKING, {"at": at, "most": most}))
    for case_id in due:
        service.act_alone(session, case_id, "wake", at=at)
    return len(due)
