"""What only time, or many people, would bring about in a story."""

from sqlalchemy import text

from app.cases import service
from app.cases.forms import StepForm
from app.kernel.clock import now
from tests.city import actors

OVERDUE = text(
    "UPDATE cases SET due_at = now() - interval '1 minute',"
    " amber_at = now() - interval '2 minutes', handle_due_at = now() - interval '1 minute'"
    " WHERE uid = :uid"
)
PARTS = text(
    "SELECT k.uid::text, k.department FROM cases k JOIN cases p ON p.id = k.parent_id"
    " WHERE p.uid = :uid ORDER BY k.id"
)


def pass_deadline(session, uid):
    """Move the deadline of a case into the past, as time would."""
    session.execute(OVERDUE, {"uid": uid})


def end_parts(session, uid):
    """Let departments, inspectors and the desk bring every part of a divided case to its end."""
    people = actors(session)
    of = {"HW": people["sanitation"], "YL": people["gardens"]}
    leader = people["leader1"]
    parts = session.execute(PARTS, {"uid": uid}).all()
    assert len(parts) == 2
    for part in parts:
        took = [
            (of[part.department], "ask_return", {"reason": "重复"}),
            (leader, "refuse_return", {"reason": "不重复"}),
            (leader, "ask_force_close", {"reason": "已由他人处置"}),
            (people["mayor"], "force_close", {}),
        ]
        for actor, action, answers in took:
            seen = session.execute(
                text("SELECT steps FROM cases WHERE uid = :uid"), {"uid": part.uid}
            ).scalar_one()
            service.act(session, part.uid, StepForm(action, seen, answers), actor=actor, at=now())
