"""Proof that journal, summaries, outbox, files and audit tell the same story."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import anchors
from app.kernel.files import path_of

MOVES = (
    "WITH moves AS (SELECT DISTINCT f.id AS flow_id, m ->> 'action' AS action,"
    " m -> 'effects' AS effects"
    " FROM flows f, jsonb_array_elements(CAST(f.document AS jsonb) -> 'moves') m)"
)
"""What each action of each flow does: summaries are replayed by the flow a case was born under."""
MOVES_ASKED = (
    "WITH asked AS (SELECT f.id AS flow_id, json_object_keys(f.document -> 'requests') AS kind"
    " FROM flows f WHERE f.document -> 'requests' IS NOT NULL)"
)
"""What may be asked for under each flow."""

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
    "a case is closed that the flow leaves open, or open that it closed": (
        "SELECT c.uid, c.state, c.closed_at FROM cases c JOIN flows f ON f.id = c.flow_id"
        " WHERE coalesce((f.document -> 'states' -> c.state ->> 'end')::boolean, false)"
        " <> (c.closed_at IS NOT NULL)"
    ),
    "a summary counts other reworks than the journal": (
        MOVES  # noqa: S608 - our own text
        + " SELECT c.uid, c.rework_count, s.n FROM cases c JOIN LATERAL ("
        "SELECT count(*) AS n FROM case_steps t JOIN moves m ON m.flow_id = c.flow_id"
        " AND m.action = t.action AND m.effects ? 'count_rework' WHERE t.case_id = c.id) s ON true"
        " WHERE c.import_id IS NULL AND s.n <> c.rework_count"
    ),
    "a summary names another department than was dispatched to": (
        MOVES  # noqa: S608 - our own text
        + " SELECT c.uid, c.department, s.named FROM cases c JOIN LATERAL ("
        "SELECT t.answers ->> 'department' AS named FROM case_steps t JOIN moves m"
        " ON m.flow_id = c.flow_id AND m.action = t.action AND m.effects ? 'hand_over'"
        " WHERE t.case_id = c.id ORDER BY t.position DESC LIMIT 1) s ON true"
        " WHERE c.department IS NOT NULL AND c.department <> s.named"
    ),
    "a summary was filed at another time than the journal says": (
        "SELECT c.uid, c.filed_at, s.at FROM cases c JOIN LATERAL (SELECT max(at) AS at FROM"
        " case_steps WHERE case_id = c.id AND action = 'file') s ON s.at IS NOT NULL"
        " WHERE c.import_id IS NULL AND c.filed_at IS DISTINCT FROM s.at"
    ),
    "a request is not in the journal": (
        "SELECT r.uid, r.kind FROM case_requests r WHERE NOT EXISTS (SELECT FROM case_steps s"
        " WHERE s.case_id = r.case_id AND s.position = r.asked_step AND s.action = 'ask_' || r.kind"
        " AND s.actor_id = r.asked_by) OR r.outcome IN ('granted', 'refused', 'withdrawn')"
        " AND NOT EXISTS (SELECT FROM case_steps s WHERE s.case_id = r.case_id"
        " AND s.position = r.ended_step AND s.actor_id = r.ended_by AND s.action = CASE r.outcome"
        " WHEN 'granted' THEN r.kind WHEN 'refused' THEN 'refuse_' || r.kind"
        " ELSE 'withdraw_' || r.kind END)"
    ),
    "the journal speaks of a request that there is not": (
        MOVES_ASKED  # noqa: S608 - our own text
        + " SELECT s.case_id, s.position FROM case_steps s JOIN cases c ON c.id = s.case_id"
        " JOIN asked a ON a.flow_id = c.flow_id AND s.action = 'ask_' || a.kind WHERE NOT EXISTS"
        " (SELECT FROM case_requests r WHERE r.case_id = s.case_id AND r.asked_step = s.position)"
    ),
    "a department helps that nobody asked": (
        "SELECT h.case_id, h.department FROM case_helpers h WHERE NOT EXISTS (SELECT FROM"
        " case_steps s WHERE s.case_id = h.case_id AND s.position = h.asked_step"
        " AND s.action = 'ask_help' AND s.answers -> 'departments' ? h.department)"
    ),
    "a case and its task name different inspectors": (
        "SELECT c.uid, c.inspector_id, t.person_id FROM cases c FULL JOIN (SELECT * FROM tasks"
        " WHERE ended_at IS NULL AND purpose IN ('confirm', 'verify')) t ON t.case_id = c.id"
        " WHERE (t.id IS NOT NULL OR c.inspector_id IS NOT NULL AND c.closed_at IS NULL)"
        " AND c.inspector_id IS DISTINCT FROM t.person_id"
    ),
    "a divided case closed before its parts, or stayed open after them": (
        "SELECT p.uid, p.state FROM cases p JOIN LATERAL (SELECT bool_and(k.closed_at IS NOT NULL)"
        " AS ended FROM cases k WHERE k.parent_id = p.id) k ON k.ended IS NOT NULL"
        " WHERE k.ended <> (p.closed_at IS NOT NULL)"
    ),
    "a supervision order is not in the journal": (
        "SELECT o.uid, o.state FROM case_orders o WHERE 1 <> (SELECT count(*) FROM case_steps s"
        " WHERE s.case_id = o.case_id AND s.action = 'instruct' AND s.answers ->> 'order' ="
        " o.uid::text) OR (o.state = 'ended') <> EXISTS (SELECT FROM case_steps s WHERE s.case_id ="
        " o.case_id AND s.action = 'end_order' AND s.answers ->> 'order' = o.uid::text)"
    ),
    "the journal speaks of an order that there is not": (
        "SELECT s.case_id, s.position FROM case_steps s WHERE s.action = 'instruct' AND NOT EXISTS"
        " (SELECT FROM case_orders o WHERE o.uid::text = s.answers ->> 'order')"
    ),
    "the journal counts other urges than there are": (
        "SELECT coalesce(u.case_id, s.case_id) AS case_id, u.n AS urges, s.n AS steps FROM"
        " (SELECT case_id, count(*) AS n FROM case_urges GROUP BY 1) u FULL JOIN"
        " (SELECT case_id, count(*) AS n FROM case_steps WHERE action = 'urge' GROUP BY 1) s"
        " ON s.case_id = u.case_id WHERE u.n IS DISTINCT FROM s.n"
    ),
    "a notice tells of a step that there is not": (
        "SELECT id, step_id FROM notices n WHERE step_id IS NOT NULL AND NOT EXISTS"
        " (SELECT FROM case_steps s WHERE s.id = n.step_id)"
    ),
}
STREAMED = {"stream_results": True, "yield_per": 1_000}
Tell = Callable[[str], object]


def differences(session: Session, files: Path) -> list[dict[str, Any]]:
    """Return every place where two records of the same thing disagree; none is what should be."""
    return list(walk(session, files))


def walk(session: Session, files: Path, *, tell: Tell = lambda _: None) -> Iterator[dict[str, Any]]:
    """Yield every place where two records of the same thing disagree; none is what should be.

    ``files`` is the folder of photos; the exported journal lies beside it.  Answers are
    streamed: what is compared stays in the database, whatever the number of cases.
    ``tell`` hears what is being compared.
    """
    session.execute(text("SET statement_timeout = 0"))
    for what, ask in CHECKS.items():
        tell(what)
        rows = session.execute(text(ask), execution_options=STREAMED)
        for row in rows.mappings():
            yield {"what": what, **row}
    tell("a photo is not on disk")
    yield from _missing_files(session, files)
    tell("the journal is not what was exported")
    yield from anchors.differences(session, files.parent)


def _missing_files(session: Session, files: Path) -> Iterator[dict[str, Any]]:
    asked = text("SELECT DISTINCT sha256 FROM photos ORDER BY sha256")
    for name in session.execute(asked, execution_options=STREAMED).scalars():
        if not path_of(files, name).is_file():
            yield {"what": "a photo is not on disk", "sha256": name}
