"""Publishing a flow."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.errors import Refused, sentence
from app.workflow.engine import problems, read


def publish(
    session: Session,
    name: str,
    document: Mapping[str, Any],
    *,
    guards: Iterable[str],
    effects: Iterable[str],
    permissions: Iterable[str],
    fields: Iterable[str],
) -> int:
    """Store ``document`` as a new immutable version and return its id, or raise what is wrong."""
    draft = read(0, document)
    faults = problems(draft, guards=guards, effects=effects, permissions=permissions, fields=fields)
    if faults:
        raise Refused(sentence("This flow cannot be published: %(why)s."), why="; ".join(faults))
    flow_id: int = session.execute(
        text(
            "INSERT INTO flows (name, document) VALUES (:name, CAST(:document AS json))"
            " RETURNING id"
        ),
        {"name": name, "document": json.dumps(document, ensure_ascii=False)},
    ).scalar_one()
    edges = {("", draft.start)} | {(m.source, m.target) for m in draft.moves}
    session.execute(
        text("INSERT INTO flow_edges (flow_id, source, target) VALUES (:flow, :source, :target)"),
        [{"flow": flow_id, "source": s, "target": t} for s, t in sorted(edges)],
    )
    return flow_id
