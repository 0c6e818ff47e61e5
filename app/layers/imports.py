"""Importing a file as a new version of a layer: a draft, checked, that nobody sees yet."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import bulk, shapes, sql, uploads
from app.kernel.bulk import Run
from app.kernel.errors import NotFound, Refused, sentence
from app.kernel.i18n import translate
from app.kernel.opening import opened
from app.kernel.queue import Progress
from app.layers import reading, register, statistics
from gis.shapes import Judged

HERE = Path(__file__).parent
LAYER = text("SELECT id FROM layers WHERE name = :name AND is_own FOR UPDATE")
BEGIN = text(
    "INSERT INTO layer_versions (layer_id, import_id, file, crs, actor_id)"
    " VALUES (:layer, :run, :file, :crs, :actor) RETURNING id"
)
END = text(
    "UPDATE layer_versions SET report = CAST(:report AS jsonb),"
    " statistics = CAST(:statistics AS jsonb) WHERE id = :id"
)
QUALITY = text(sql.read(HERE, "quality"))
COMPLETE = text(sql.read(HERE, "completeness"))
LARGE = 100_000
"""Areas beyond which nobody waits for each to be laid over its neighbours."""


def import_layer(
    progress: Progress,
    sessions: sessionmaker[Session],
    data: Path,
    *,
    upload: str,
    layer: str,
    coord_sys: str = "cgcs2000",
    part: str | None = None,
) -> None:
    """Store the file ``upload`` as a draft of ``layer``, in one transaction that ends the job."""
    with sessions.begin() as session:
        found = session.execute(LAYER, {"name": layer}).scalar()
        if found is None:
            raise NotFound(sentence("There is no layer “%(layer)s”."), layer=layer)
        file = uploads.find(session, data, upload).path
        with bulk.importing(session, f"layer {layer}", file, data, (), translate) as run:
            told = {"layer": found, "run": run.id, "file": file.name, "actor": progress.actor_id}
            number = _store(session, run, file, told, (coord_sys, part), progress)
        if not run.stored and not run.quarantined:
            raise Refused(sentence("“%(file)s” holds no rows."), file=file.name)
        progress.tell(run.read, note=sentence("Checking the quality"))
        report = check(session, number, run)
        progress.tell(run.read, note=sentence("Counting"))
        figures = statistics.of_version(session, number)
        session.execute(
            END, {"id": number, "report": json.dumps(report), "statistics": json.dumps(figures)}
        )
        told = {"version": number, "read": run.read, "stored": run.stored}
        progress.finish(session, told | {"quarantined": run.quarantined, "import": run.id})


def _store(
    session: Session,
    run: Run,
    file: Path,
    told: dict[str, Any],
    how: tuple[str, str | None],
    progress: Progress,
) -> int:
    coord_sys, part = how
    with opened(file, layer=part) as table:
        columns = reading.places(table)
        terms = shapes.terms_of(table, {}, coord_sys, home=register.home(session))
        crs = (table.crs or "")[:80] if coord_sys == "cgcs2000" else coord_sys
        number = int(session.execute(BEGIN, told | {"crs": crs}).scalar_one())
        for batch in run.batches(table):
            judged = shapes.read(batch, columns, terms)
            _copy(session, run, number, batch.numbers.tolist(), reading.records(batch), judged)
            progress.tell(run.read)
    return number


def _copy(
    session: Session, run: Run, version: int, numbers: list[int], records: list[Any], judged: Judged
) -> None:
    """Copy sound rows among the features and the others with their repairs, if there are any."""
    good = [(numbers[at], records[at], judged.shapes[at]) for at in np.flatnonzero(judged.good)]
    bulk.copy(session, "layer_features", dict(_columns(version, good)))
    run.stored += len(good)
    offered = [(numbers[at], records[at], one.shape) for at, one in judged.repairs.items()]
    reasons = [judged.reasons[at] for at in judged.repairs]
    told = {
        "reason": pa.array([one.message for one in reasons], pa.string()),
        "facts": reading.as_json(one.facts for one in reasons),
    }
    bulk.copy(session, "layer_repairs", dict(_columns(version, offered)) | told)
    for at in np.flatnonzero(~judged.good):
        run.put_aside(numbers[at], judged.reasons[at], repair=judged.repairs.get(int(at)))


def _columns(version: int, rows: list[tuple[int, Any, Any]]) -> Iterator[tuple[str, pa.Array]]:
    yield "version_id", pa.array([version] * len(rows), pa.int32())
    yield "row", pa.array([row for row, *_ in rows], pa.int32())
    yield "attributes", reading.as_json(record for _, record, _ in rows)
    yield "geom", shapes.as_wkb(shape for *_, shape in rows)


def check(session: Session, version: int, run: Run) -> dict[str, Any]:
    """Return the quality of a version: what was put aside, doubles, strays, overlaps, gaps."""
    session.execute(text("ANALYZE layer_features"))
    binds = {"version": version, "large": LARGE}
    found: dict[str, Any] = dict(session.execute(QUALITY, binds).one()._mapping)
    filled = session.execute(COMPLETE, {"version": version})
    return found | {
        "read": run.read,
        "stored": run.stored,
        "quarantined": run.quarantined,
        "complete": {row.key: row.filled for row in filled},
    }
