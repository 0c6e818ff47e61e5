"""Imports in two steps: what a file would change is kept and looked at, then applied at once.

Applying is one transaction, and a whole import can be undone as long as nothing was built on it.
Each step runs in the worker and ends its job inside its own transaction.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Row, text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import audit, bulk, queue, sql, uploads
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound, Refused, sentence
from app.kernel.queue import Progress
from app.kernel.rows import Batch
from app.parts import imports, rules, service, survey
from app.parts.imports import Source
from app.places.queries import city_profile
from gis.faults import Reason

HERE = Path(__file__).parent
METRES_PER_DEGREE = 111_320
KEYED = text(sql.read(HERE, "match_by_key"))
PLACED = text(sql.read(HERE, "match_by_place"))
DOUBLED = text(sql.read(HERE, "doubled_rows"))
COMPARED = text(sql.read(HERE, "compare_rows"))
GONE = text(sql.read(HERE, "gone_parts"))
NOTE_IMPORT = text(sql.read(HERE, "note_import"))
NOTE_UNDO = text(sql.read(HERE, "note_undo"))
TURN = text(sql.read(HERE, "turn_parts"))
LATER = text(sql.read(HERE, "later_edits"))
AGAIN = sentence("Row %(row)s already names this part.")
BEGIN = text(
    "INSERT INTO imports (what, file, kind, actor_id, upload_id, mapping, state)"
    " VALUES (:what, :file, :kind, :actor, :upload, CAST(:mapping AS jsonb), 'sent') RETURNING id"
)
STAGE = text(
    "INSERT INTO import_rows (import_id, row, action, told, seen, geom)"
    " SELECT :id, row, 'read', coalesce(told::jsonb, '{}')"
    " || CASE WHEN words IS NULL OR words = '{}' THEN '{}'::jsonb"
    "    ELSE jsonb_build_object('attributes', words::jsonb) END,"
    " round(lon::numeric, 7) || ', ' || round(lat::numeric, 7), geom FROM incoming_parts"
)
RESET = (
    text("DELETE FROM import_rows WHERE import_id = :id AND row < 0"),
    text(
        "UPDATE import_rows SET action = 'read', code = NULL, changes = '{}'"
        " WHERE import_id = :id AND action <> 'aside'"
    ),
)
COUNTS = text("SELECT action, count(*) AS n FROM import_rows WHERE import_id = :id GROUP BY action")
OFFERED = text(
    "SELECT count(*) FROM import_rows WHERE import_id = :id AND action = 'aside' AND repair <> ''"
)
NEW_ROWS = text(
    "INSERT INTO incoming_parts (row, lon, lat, words, told, geom)"
    " SELECT row, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)),"
    " (told -> 'attributes')::text, (told - 'attributes')::text, geom"
    " FROM import_rows WHERE import_id = :id AND action = 'new'"
)
OVERTAKEN = text(
    "SELECT (EXISTS (SELECT FROM import_rows r JOIN part_steps s ON s.part = r.code"
    "  WHERE r.import_id = :id AND s.at > i.at)"
    " OR EXISTS (SELECT FROM imports o WHERE o.kind = i.kind AND o.id <> i.id"
    "  AND greatest(o.applied_at, o.undone_at) > i.at)) AS late"
    " FROM (SELECT id, kind, (counts ->> 'compared_at')::timestamptz AS at FROM imports"
    "  WHERE id = :id) i"
)


def begin(
    session: Session,
    upload: uploads.Upload,
    *,
    kind: str,
    mapping: Mapping[str, Any],
    coord_sys: str | None,
    division: str | None,
    actor: Actor,
) -> dict[str, Any]:
    """Begin an import: what was asked for is checked, then the file is compared in the worker."""
    chosen = imports.checked_mapping(mapping)
    source = imports.source_of(session, kind, chosen, coord_sys, division)
    kept = {"mapping": dict(mapping), "coord_sys": coord_sys, "division": division}
    number = session.execute(
        BEGIN,
        {
            "what": f"parts {source.kind.id} {upload.sha256[:16]}",
            "file": upload.name,
            "kind": source.kind.id,
            "actor": actor.person_id,
            "upload": upload.id,
            "mapping": json.dumps(kept, ensure_ascii=False),
        },
    ).scalar_one()
    audit.note(session, actor, "part.import", str(number), result=upload.name)
    title = f"{source.kind.name} · {upload.name}"
    job = queue.defer(session, "compare_parts", actor=actor, title=title, number=number, fresh=True)
    return {"id": number, "job": job}


def save_mapping(session: Session, name: str, mapping: Mapping[str, Any], *, actor: Actor) -> None:
    """Keep a mapping under ``name`` for the next file; one of that name is replaced."""
    session.execute(
        text(
            "INSERT INTO import_mappings (name, mapping, actor_id)"
            " VALUES (:name, CAST(:mapping AS jsonb), :actor) ON CONFLICT (name) DO UPDATE"
            " SET mapping = excluded.mapping, actor_id = excluded.actor_id, at = now()"
        ),
        {
            "name": name,
            "mapping": json.dumps(mapping, ensure_ascii=False),
            "actor": actor.person_id,
        },
    )
    audit.note(session, actor, "part.mapping", name)


def found(session: Session, number: int, *states: str) -> Row[Any]:
    """Return import ``number``, locked, if it is in one of ``states``; else raise why not."""
    row = session.execute(
        text("SELECT * FROM imports WHERE id = :id AND what LIKE 'parts %' FOR UPDATE"),
        {"id": number},
    ).first()
    if row is None:
        raise NotFound(sentence("There is no such import."), number=number)
    if row.state not in states:
        raise Conflict(
            sentence("Import %(number)s is “%(state)s”: that cannot be done with it now."),
            number=number,
            state=STATES[row.state],
        )
    return row


STATES: Mapping[str, str] = {
    "sent": sentence("being compared"),
    "compared": sentence("compared, not applied"),
    "applied": sentence("applied"),
    "undone": sentence("undone"),
    "dropped": sentence("dropped"),
}


def ask(session: Session, name: str, number: int, *, actor: Actor, **args: Any) -> dict[str, Any]:
    """Have the worker do the next step of an import; return the job's number."""
    wanted = {
        "compare_parts": ("compared",),
        "apply_parts": ("compared",),
        "undo_parts": ("applied",),
    }
    row = found(session, number, *wanted[name])
    if name == "undo_parts":
        _refuse_later(session, number)
    audit.note(session, actor, f"part.{name.removesuffix('_parts')}", str(number))
    job = queue.defer(
        session, name, actor=actor, title=row.file, dedupe=str(number), number=number, **args
    )
    if job is None:
        raise Conflict(sentence("This is already being done. Wait until it has ended."))
    return {"id": number, "job": job}


def drop(session: Session, number: int, *, actor: Actor) -> None:
    """Give an import up that was not applied; nothing of it stays but the line that it was."""
    found(session, number, "sent", "compared")
    session.execute(text("DELETE FROM import_rows WHERE import_id = :id"), {"id": number})
    session.execute(text("UPDATE imports SET state = 'dropped' WHERE id = :id"), {"id": number})
    audit.note(session, actor, "part.import_drop", str(number))


def mend(session: Session, number: int, rows: list[int] | None, *, actor: Actor) -> dict[str, Any]:
    """Take the repairs that are offered for ``rows`` (None: for all), and compare again."""
    found(session, number, "compared")
    taken = session.execute(
        text(
            "UPDATE import_rows SET action = 'read'"
            " WHERE import_id = :id AND action = 'aside' AND repair <> ''"
            " AND (CAST(:rows AS int[]) IS NULL OR row = ANY(CAST(:rows AS int[])))"
        ),
        {"id": number, "rows": rows},
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise Refused(sentence("None of these rows has a repair that could be taken."))
    return ask(session, "compare_parts", number, actor=actor, fresh=False)


def compare(
    progress: Progress,
    sessions: sessionmaker[Session],
    data: Path,
    *,
    number: int,
    fresh: bool,
) -> None:
    """Find what the file of import ``number`` would change; ``fresh`` reads it again."""
    with sessions.begin() as session:
        bulk.unhurried(session)
        row = found(session, number, "sent", "compared")
        kept = row.mapping
        source = imports.source_of(
            session,
            row.kind,
            imports.checked_mapping(kept["mapping"]),
            kept["coord_sys"],
            kept["division"],
        )
        if fresh:
            session.execute(text("DELETE FROM import_rows WHERE import_id = :id"), {"id": number})
            path = uploads.find(session, data, row.upload_id).path
            _read(session, path, source, number, progress)
        for statement in RESET:
            session.execute(statement, {"id": number})
        _match(session, source, number, progress)
        counts = _count(session, number)
        progress.finish(session, {"import": number, **counts})


def _read(session: Session, path: Path, source: Source, number: int, progress: Progress) -> None:
    session.execute(imports.INCOMING)
    done = 0
    with imports.reading(session, path, source) as (table, reader):
        for batch in table.batches:
            result = survey.read(batch, reader)
            bulk.copy(session, "incoming_parts", survey.columns(batch, reader, result))
            bulk.copy(session, "import_rows", _asides(batch, result, number))
            done += len(batch.numbers) + len(batch.broken)
            progress.tell(done, max(done, table.count or 0) or None, note=READING)
    if source.extent is None:
        for statement, reason in imports.STRAYS:
            strays = session.execute(statement, {"farthest": imports.FARTHEST}).all()
            told = [(r.row, Reason(reason), f"{r.lon:.7g}, {r.lat:.7g}") for r in strays]
            bulk.copy(session, "import_rows", _aside_columns(number, told))
    session.execute(STAGE, {"id": number})


READING = sentence("reading the file")
MATCHING = sentence("comparing with the register")
APPLYING = sentence("applying")
UNDOING = sentence("undoing")


def _asides(batch: Batch, result: survey.Found, number: int) -> dict[str, pa.Array]:
    """Return the bad rows of a batch as columns of ``import_rows``, with their repairs."""
    told: list[tuple[int, str, str]] = [(row, reason, "") for row, reason in batch.broken]
    repairs: list[tuple[str, str | None, str]] = [("", None, "{}")] * len(told)
    for at in np.flatnonzero(~result.good).tolist():
        reason = result.reasons[at]
        seen = ", ".join(imports.seen(result.lon[at], result.lat[at]))
        told.append((int(batch.numbers[at]), reason, seen))
        mend = result.repairs.get(at)
        fields = json.dumps(result.told[at], ensure_ascii=False) if result.told else "{}"
        repairs.append(
            (mend.what, f"SRID=4490;{mend.shape.wkt}", fields) if mend else ("", None, fields)
        )
    found = _aside_columns(number, told)
    return found | {
        "repair": pa.array([what for what, _, _ in repairs], pa.string()),
        "geom": pa.array([shape for _, shape, _ in repairs], pa.string()),
        "told": pa.array([fields for _, _, fields in repairs], pa.string()),
    }


def _aside_columns(number: int, told: list[tuple[int, Any, str]]) -> dict[str, pa.Array]:
    facts = [json.dumps(getattr(reason, "facts", {}), ensure_ascii=False) for _, reason, _ in told]
    return {
        "import_id": pa.array([number] * len(told), pa.int32()),
        "row": pa.array([row for row, _, _ in told], pa.int32()),
        "action": pa.array(["aside"] * len(told), pa.string()),
        "reason": pa.array([getattr(r, "message", str(r)) for _, r, _ in told], pa.string()),
        "facts": pa.array(facts, pa.string()),
        "seen": pa.array([seen for _, _, seen in told], pa.string()),
    }


def _match(session: Session, source: Source, number: int, progress: Progress) -> None:
    """Decide for each row: new, changed, the same; and which parts the file lacks."""
    metres = rules.ACCURACY[accuracy_class(session, source.kind.id)]
    binds = {
        "id": number,
        "kind": source.kind.id,
        "metres": metres,
        "degrees": 2 * metres / METRES_PER_DEGREE,
        "reason": AGAIN,
    }
    # Parts too: a kind that an import has just brought is unknown to the planner otherwise, and
    # it looks through all of the kind for each row.
    session.execute(text("ANALYZE import_rows, parts"))
    for statement in (DOUBLED, KEYED, PLACED, COMPARED):
        progress.tell(progress.done, note=MATCHING)
        session.execute(statement, binds)
    session.execute(
        text("UPDATE import_rows SET action = 'new' WHERE import_id = :id AND action = 'read'"),
        binds,
    )
    session.execute(GONE, binds)


def accuracy_class(session: Session, kind: str) -> str:
    """Return the accuracy class of a kind, A where none is set: the strictest."""
    asked = text("SELECT coalesce(nullif(accuracy_class, ''), 'A') FROM kinds WHERE id = :id")
    found_class: str = session.execute(asked, {"id": kind}).scalar_one()
    return found_class


def _count(session: Session, number: int) -> dict[str, Any]:
    counts: dict[str, Any] = dict.fromkeys(("new", "changed", "same", "gone", "aside"), 0)
    counts |= {row.action: row.n for row in session.execute(COUNTS, {"id": number})}
    counts["repairs"] = session.execute(OFFERED, {"id": number}).scalar_one()
    read = sum(counts[name] for name in ("new", "changed", "same", "aside"))
    session.execute(
        text(
            "UPDATE imports SET state = 'compared', read = :read, quarantined = :aside,"
            " counts = CAST(:counts AS jsonb) || jsonb_build_object('compared_at', now())"
            " WHERE id = :id"
        ),
        {"id": number, "read": read, "aside": counts["aside"], "counts": json.dumps(counts)},
    )
    return counts


def apply(
    progress: Progress,
    sessions: sessionmaker[Session],
    *,
    number: int,
    gone: str,
) -> None:
    """Carry import ``number`` out in one transaction; ``gone`` is the state of what it lacks."""
    with sessions.begin() as session:
        bulk.unhurried(session)
        row = found(session, number, "compared")
        if session.execute(OVERTAKEN, {"id": number}).scalar_one():
            raise Conflict(sentence("The register changed since the comparison. Compare again."))
        kept = row.mapping
        chosen = imports.checked_mapping(kept["mapping"])
        source = imports.source_of(session, row.kind, chosen, kept["coord_sys"], kept["division"])
        total = sum(row.counts[name] for name in ("new", "changed", "gone"))
        progress.tell(0, total, note=APPLYING)
        binds = {"id": number, "actor": progress.actor_id, "gone": gone}
        session.execute(NOTE_IMPORT, binds)
        turned = session.execute(TURN, {"id": number, "side": 1, "ahead": 1}).rowcount  # type: ignore[attr-defined]
        progress.tell(turned, total, note=APPLYING)
        session.execute(imports.INCOMING)
        session.execute(NEW_ROWS, binds)
        added = imports.store(session, source, city_profile(session), number)
        session.execute(
            text(
                "UPDATE imports SET state = 'applied', applied_at = now(), stored = :n"
                " WHERE id = :id"
            ),
            {"id": number, "n": turned + added},
        )
        service.freshen(session)
        progress.finish(session, {"import": number, "added": added, "changed": turned})


def _refuse_later(session: Session, number: int) -> None:
    later = session.scalars(LATER, {"id": number, "most": 6}).all()
    if later:
        raise Conflict(
            sentence(
                "Parts of this import were changed since: %(codes)s. Undo those changes first."
            ),
            codes=", ".join(later[:5]) + (" …" if len(later) > 5 else ""),
        )


def undo(progress: Progress, sessions: sessionmaker[Session], *, number: int) -> None:
    """Take a whole import back: former values return, what it brought is removed."""
    with sessions.begin() as session:
        bulk.unhurried(session)
        row = found(session, number, "applied")
        _refuse_later(session, number)
        progress.tell(0, row.stored, note=UNDOING)
        session.execute(NOTE_UNDO, {"id": number, "actor": progress.actor_id})
        turned = session.execute(TURN, {"id": number, "side": 0, "ahead": 0}).rowcount  # type: ignore[attr-defined]
        removed = session.execute(
            text(
                "UPDATE parts SET state = 'removed', version = version + 1,"
                " changed_on = current_date WHERE import_id = :id AND state <> 'removed'"
            ),
            {"id": number},
        ).rowcount  # type: ignore[attr-defined]
        session.execute(
            text("UPDATE imports SET state = 'undone', undone_at = now() WHERE id = :id"),
            {"id": number},
        )
        service.freshen(session)
        progress.finish(session, {"import": number, "restored": turned, "removed": removed})
