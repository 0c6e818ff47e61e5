"""Importing a register of parts (部件) from any table or map file, by the million."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalogue.queries import handbook
from app.catalogue.rules import Kind
from app.kernel import bulk, mappings, queue, shapes, sql
from app.kernel.bulk import Run
from app.kernel.errors import Refused, sentence
from app.kernel.opening import opened
from app.kernel.rows import Batch, Table
from app.parts import queries, rules, survey
from gis.faults import Reason
from gis.shapes import Extent
from grid_codes.divisions import Level, level_of
from grid_codes.profiles import Profile

HERE = Path(__file__).parent
UNKNOWN_DIVISION = "990000"
"""Stands for a place outside every district that is known."""
FARTHEST = 150_000
"""Metres from the middle of a file beyond which a row is not believed, if no extent is given."""
KNOWN: mappings.Known = {
    "columns": frozenset({*shapes.PLACE, *rules.BY_NAME}),
    "attributes": dict,
    "bbox": list,
    "coord_sys": str,
    "epsg": int,
    "encoding": str,
    "layer": str,
}
BELONGS = text("UPDATE imports SET kind = :kind, applied_at = now() WHERE id = :id")
INCOMING = text(
    "CREATE TEMP TABLE incoming_parts (row int, lon float8, lat float8, words text,"
    " told text, geom geometry) ON COMMIT DROP"
)
STRAYS = (
    (
        text(sql.read(HERE, "piled_rows")),
        sentence("Many rows lie on this very spot: it stands for no position."),
    ),
    (
        text(sql.read(HERE, "far_rows")),
        sentence("The position lies more than 150 km from the rest of the file."),
    ),
)
PLACE = text(sql.read(HERE, "place_parts"))
STORE = text(sql.read(HERE, "store_parts"))
SERIAL_ROWS = text(sql.read(HERE, "serial_rows"))
SERIALS = text(
    "UPDATE part_serials s SET last = s.last + n.n"
    " FROM (SELECT division, count(*) AS n FROM placed_parts GROUP BY division) n"
    " WHERE s.division = n.division AND s.kind = :kind RETURNING s.division, s.last"
)
BEFORE = text("SELECT id, at, stored FROM imports WHERE what = :what AND stored > 0 LIMIT 1")


@dataclass(frozen=True, slots=True)
class Source:
    """What was asked for: the kind, what the mapping says, where the file's rows belong."""

    kind: Kind
    geometry: str | None
    mapping: dict[str, Any]
    coord_sys: str
    division: str | None
    extent: Extent | None


def import_parts(
    session: Session,
    path: Path,
    *,
    kind: str,
    mapping: Path | None,
    coord_sys: str | None,
    division: str | None,
    again: bool,
    profile: Profile,
    folder: Path,
    tell: Callable[[int], None],
) -> Run:
    """Store the parts of ``kind`` in ``path`` and return the report; bad rows are put aside.

    A part gets the next code of its kind in the district it stands in: the one of its cell or
    area, else ``division``, else the only district there is, else 990000.  A file that was
    imported before is refused unless ``again``: its parts would get second codes.
    """
    source = source_of(session, kind, mappings.read(mapping, KNOWN), coord_sys, division)
    what = f"parts {source.kind.id} {_fingerprint(path)}"
    _refuse_again(session, what, again)
    with bulk.importing(session, what, path, folder, ("lon", "lat")) as run:
        session.execute(INCOMING)
        with reading(session, path, source) as (table, reader):
            for batch in run.batches(table):
                _take(session, batch, reader, run)
                tell(run.read)
        if source.extent is None:
            _put_strays_aside(session, run)
        run.stored = store(session, source, profile, run.id)
        session.execute(BELONGS, {"id": run.id, "kind": source.kind.id})
        queue.defer(session, "count_parts", dedupe="all")
    return run


@contextmanager
def reading(session: Session, path: Path, source: Source) -> Iterator[tuple[Table, survey.Reader]]:
    """Yield the table in ``path`` and how its rows become parts of the source's kind."""
    chosen = source.mapping
    with opened(
        path, encoding=chosen.get("encoding", "utf-8-sig"), layer=chosen.get("layer")
    ) as table:
        yield (
            table,
            survey.reader(
                table,
                chosen,
                source.coord_sys,
                source.extent,
                geometry=source.geometry,
                departments=handbook(session).departments,
            ),
        )


def checked_mapping(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping as imports read it, or raise ``Refused`` naming the key that is wrong."""
    return mappings.checked(mapping, KNOWN)


def source_of(
    session: Session,
    kind: str,
    chosen: dict[str, Any],
    coord_sys: str | None,
    division: str | None,
) -> Source:
    """Return what is to be imported as what, or raise ``Refused`` naming what is wrong."""
    found = queries.kind(session, kind)
    if division is not None and level_of(division) is not Level.DISTRICT:
        raise Refused(sentence("%(division)s is not the code of a district."), division=division)
    system = coord_sys or chosen.get("coord_sys", "cgcs2000")
    named = handbook(session).kinds[found["id"]]
    return Source(named, found["geometry"], chosen, system, division, mappings.box(chosen))


def _fingerprint(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


def _refuse_again(session: Session, what: str, again: bool) -> None:
    before = session.execute(BEFORE, {"what": what}).first()
    if before is not None and not again:
        raise Refused(
            sentence(
                "This file was imported on %(day)s as import %(id)s: %(stored)s parts. A second"
                " time would give each of them a second code; --again does so."
            ),
            day=before.at.date().isoformat(),
            id=before.id,
            stored=before.stored,
        )


def _take(session: Session, batch: Batch, reader: survey.Reader, run: Run) -> None:
    """Copy the good rows of a batch into the incoming table and put the others aside."""
    found = survey.read(batch, reader)
    for at in np.flatnonzero(~found.good).tolist():
        run.put_aside(
            int(batch.numbers[at]),
            found.reasons[at],
            seen(found.lon[at], found.lat[at]),
            found.repairs.get(at),
        )
    bulk.copy(session, "incoming_parts", survey.columns(batch, reader, found))


def seen(lon: float, lat: float) -> tuple[str, str]:
    """Return a position as the quarantine file shows it."""
    return ("" if np.isnan(lon) else f"{lon:.9g}", "" if np.isnan(lat) else f"{lat:.9g}")


def _put_strays_aside(session: Session, run: Run) -> None:
    """Put aside what no survey of one city holds: piles on one spot, and rows far from the rest."""
    for statement, reason in STRAYS:
        for row in session.execute(statement, {"farthest": FARTHEST}).all():
            run.put_aside(row.row, Reason(reason), seen(row.lon, row.lat))


def store(session: Session, source: Source, profile: Profile, number: int) -> int:
    """Give the incoming rows their divisions, cells and codes, and store them; return how many."""
    length = profile.part_lengths[0]
    binds = {"kind": source.kind.id, "small": source.kind.code}
    session.execute(PLACE, {"length": length, "fallback": _fallback(session, source)})
    session.execute(text("ANALYZE placed_parts"))
    session.execute(SERIAL_ROWS, binds)
    most = 10 ** profile.part_lengths[-1] - 1
    for division, last in session.execute(SERIALS, binds):
        if last > most:
            raise Refused(
                sentence(
                    "District %(division)s has no codes left for kind %(kind)s: %(last)s parts"
                    " are more than %(most)s."
                ),
                division=division,
                kind=source.kind.id,
                last=last,
                most=most,
            )
    stored: int = session.execute(
        STORE,
        binds | {"name": source.kind.name, "import": number, "width": profile.part_lengths[-1]},
    ).rowcount  # type: ignore[attr-defined]
    return stored


def _fallback(session: Session, source: Source) -> str:
    """Return the division of rows that lie in no known area."""
    if source.division is not None:
        return source.division
    districts = session.scalars(
        text("SELECT code FROM areas WHERE level = 'district' AND code IS NOT NULL LIMIT 2")
    ).all()
    return districts[0] if len(districts) == 1 else UNKNOWN_DIVISION
