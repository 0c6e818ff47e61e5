"""Importing the base map (底图) from OpenStreetMap or survey files, and taking an import back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import bulk, fields, shapes, sql, uploads
from app.kernel.bulk import Run
from app.kernel.errors import Conflict, NotFound, Refused, sentence
from app.kernel.i18n import translate
from app.kernel.opening import opened
from app.kernel.queue import Progress
from app.kernel.rows import Batch
from app.layers import reading, register, tagging
from app.layers.tagging import Known
from gis.faults import Reason
from gis.shapes import Judged
from gis.ways import way_from

HERE = Path(__file__).parent
OSM_ENDINGS = (".osm", ".pbf", ".osm.xml")
OSM_PARTS = ("points", "lines", "multipolygons")
OSM_OWN = {"osm_id", "osm_way_id", "other_tags", "z_order"}
CLASSES = ("highway", "fclass", "class", "kind_detail", "kind", "type", "道路等级", "类型", "类别")
KEYS = ("osm_id", "id", "objectid", "编号")
MOST_SHEETS = 12
TAKING_BACK = sentence("Taking the import back")
REPLACES = ("nothing", "box", "source", "all")
INCOMING = text(
    "CREATE TEMP TABLE incoming_base (row int, layer text, cls text, name text, tags jsonb,"
    " key text, geom geometry) ON COMMIT DROP"
)
BEGIN = text(
    "INSERT INTO base_imports (import_id, source, file, replaces, actor_id)"
    " VALUES (:run, :source, :file, :replaces, :actor) RETURNING id"
)
UNITE = text(sql.read(HERE, "unite_base"))
RETIRE = {name: text(sql.read(HERE, f"retire_{name}")) for name in ("box", "named")}
STORE = text(
    "INSERT INTO base_features (layer, cls, name, tags, geom, import_id)"
    " SELECT layer, cls, name, tags, geom, :self FROM incoming_base ORDER BY layer, row"
)
COUNTS = text(
    "SELECT layer, cls, count(*) AS n, count(*) FILTER (WHERE name <> '') AS named"
    " FROM incoming_base GROUP BY layer, cls ORDER BY layer, n DESC, cls"
)
END = text("UPDATE base_imports SET report = CAST(:report AS jsonb) WHERE id = :id")
LAST = text(
    "SELECT id, source, undone_at FROM base_imports WHERE id = :id"
    "  OR id = (SELECT max(id) FROM base_imports WHERE undone_at IS NULL)"
)
FORGET = text("DELETE FROM base_features WHERE import_id = :id")
BRING_BACK = text(
    "INSERT INTO base_features (layer, cls, name, tags, geom, import_id)"
    " SELECT layer, cls, name, tags, geom, import_id FROM base_retired"
    " WHERE retired_by = :id ORDER BY id"
)
EMPTY = text("DELETE FROM base_retired WHERE retired_by = :id")
UNDONE = text("UPDATE base_imports SET undone_at = now() WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of an import: what it holds, and where to look when that is not found by itself.

    ``holds`` is ``osm`` or a kind of ``tagging.SURVEYED``; ``classes`` names a column of the
    file, ``part`` one of its layers.
    """

    upload: str
    holds: str
    classes: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for: the files of one delivery, what they replace, if repairs count."""

    source: str
    sheets: tuple[Sheet, ...]
    replaces: str = "box"
    coord_sys: str = "cgcs2000"
    repair: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A row that belongs on the map: what it is, its tags, the key its pieces share, its shape."""

    row: int
    kind: Known
    tags: dict[str, str]
    key: str | None
    shape: Any


@dataclass
class Tally:
    """What happened to the rows that were neither stored nor put aside."""

    left_out: Counter[str]
    repaired: int = 0
    repairable: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One import under way."""

    run: Run
    wish: Wish
    progress: Progress
    tally: Tally


def wish(told: Mapping[str, Any]) -> Wish:
    """Return what ``told`` asks for, or raise ``Refused`` if that makes no sense."""
    kinds = {"osm", *tagging.SURVEYED}
    given = told.get("sheets")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_SHEETS:
        raise Refused(sentence("Send from one to %(most)s files."), most=MOST_SHEETS).about(
            "sheets"
        )
    sheets = tuple(_sheet(one, kinds) for one in given)
    replaces = fields.text(told, "replaces") or "box"
    if replaces not in REPLACES:
        raise Refused(sentence("Say what the files replace.")).about("replaces")
    coord_sys = fields.text(told, "coord_sys") or "cgcs2000"
    way_from(None, coord_sys)
    source = fields.text(told, "source", required=True, most=80)
    return Wish(source, sheets, replaces, coord_sys, bool(told.get("repair")))


def _sheet(told: Any, kinds: Collection[str]) -> Sheet:
    if not isinstance(told, dict) or told.get("holds") not in kinds:
        raise Refused(sentence("Say what each file holds.")).about("sheets")
    upload = fields.identifier(fields.text(told, "upload", required=True), "upload")
    classes, part = fields.text(told, "classes", most=80), fields.text(told, "part", most=80)
    return Sheet(str(upload), told["holds"], classes or None, part or None)


def import_base(
    progress: Progress, sessions: sessionmaker[Session], data: Path, *, told: dict[str, Any]
) -> None:
    """Store the files of one delivery as base map, in one transaction that also ends the job."""
    wanted = wish(told)
    with sessions.begin() as session:
        files = [uploads.find(session, data, sheet.upload).path for sheet in wanted.sheets]
        named = Path(", ".join(file.name for file in files)[:200])
        with bulk.importing(session, "base map", named, data, ("layer", "name"), translate) as run:
            binds: dict[str, Any] = {"source": wanted.source, "replaces": wanted.replaces}
            binds |= {"file": named.name, "run": run.id, "actor": progress.actor_id}
            number = session.execute(BEGIN, binds).scalar_one()
            report = _store(
                session, Reading(run, wanted, progress, Tally(Counter())), files, number
            )
        session.execute(END, {"id": number, "report": json.dumps(report, ensure_ascii=False)})
        progress.finish(session, report | {"base_import": number})


def _store(session: Session, how: Reading, files: list[Path], number: int) -> dict[str, Any]:
    session.execute(INCOMING)
    run, tally = how.run, how.tally
    for file, sheet in zip(files, how.wish.sheets, strict=True):
        for part in _parts(file, sheet):
            _read(session, how, file, replace(sheet, part=part))
    how.progress.tell(run.read, note=sentence("Uniting what tile edges cut"))
    united = session.execute(UNITE).scalar_one()
    retired = _retire(session, how.wish, number)
    how.progress.tell(run.read, note=sentence("Storing the base map"))
    run.stored = session.execute(STORE, {"self": number}).rowcount  # type: ignore[attr-defined]
    if not run.stored:
        raise Refused(
            sentence("Nothing in “%(file)s” belongs on a base map. Check what it holds."),
            file=", ".join(file.name for file in files),
        )
    session.execute(text("ANALYZE base_features"))
    return {
        "read": run.read,
        "stored": run.stored,
        "quarantined": run.quarantined,
        "import": run.id,
        "united": united,
        "retired": retired,
        "repairable": tally.repairable,
        "repaired": tally.repaired,
        "left_out": dict(tally.left_out.most_common(30)),
        "kinds": [dict(row._mapping) for row in session.execute(COUNTS)],
    }


def _parts(file: Path, sheet: Sheet) -> tuple[str | None, ...]:
    if sheet.holds != "osm":
        return (sheet.part,)
    bare = file.name.lower().removesuffix(".gz")
    if not bare.endswith(OSM_ENDINGS):
        raise Refused(
            sentence("“%(file)s” is no OpenStreetMap file (.osm, .osm.xml, .osm.pbf)."),
            file=file.name,
        )
    return OSM_PARTS


def _read(session: Session, how: Reading, file: Path, sheet: Sheet) -> None:
    """Copy one layer of ``file`` into the incoming table; what may not be stored is put aside."""
    with opened(file, layer=sheet.part) as table:
        columns = reading.places(table)
        terms = shapes.terms_of(table, {}, how.wish.coord_sys, home=register.home(session))
        for batch in how.run.batches(table):
            judged = shapes.read(batch, columns, terms)
            key = table.find(KEYS) if sheet.holds != "osm" else None
            _copy(session, list(_found(batch, how, sheet, judged, key)))
            how.progress.tell(how.run.read)


def _found(
    batch: Batch, how: Reading, sheet: Sheet, judged: Judged, key: str | None
) -> Iterator[Found]:
    """Yield what of ``batch`` belongs on the map; ``key`` is the column that pieces share."""
    dimensions = shapely.get_dimensions(judged.shapes)
    columns = (sheet.classes,) if sheet.classes else CLASSES
    for i, record in enumerate(reading.records(batch)):
        row, tags = int(batch.numbers[i]), _tags(record, sheet.holds)
        reason, shape = _admitted(judged, i, how)
        if reason is not None:
            how.run.put_aside(
                row, reason, (sheet.holds, tagging.called(tags)), judged.repairs.get(i)
            )
            continue
        given = [str(record[c]) for c in columns if c and record.get(c)]
        kind = _kind(sheet.holds, given, tags, int(dimensions[i]))
        if kind is None:
            how.tally.left_out[given[0] if given else "?"] += 1
            continue
        named = str(record[key]) if key and record.get(key) else None
        yield Found(row, kind, tagging.stored(tags), named, shape)


def _admitted(judged: Judged, i: int, how: Reading) -> tuple[Reason | None, Any]:
    """Return the reason against shape ``i`` and the shape; a repair only where one is wanted."""
    if i not in judged.repairs:
        return judged.reasons[i], judged.shapes[i]
    how.tally.repairable += 1
    if not how.wish.repair:
        return judged.reasons[i], judged.shapes[i]
    how.tally.repaired += 1
    return None, judged.repairs[i].shape


def _kind(holds: str, given: list[str], tags: dict[str, str], dimension: int) -> Known | None:
    if holds == "osm":
        return tagging.known(tags, dimension)
    each = (tagging.surveyed(holds, cls, tags, dimension) for cls in given or [""])
    return next((kind for kind in each if kind is not None), None)


def _tags(record: dict[str, Any], holds: str) -> dict[str, str]:
    """Return the columns of a row as tags: those of OSM are half packed, survey files know none."""
    if holds == "osm":
        plain = {key: str(value) for key, value in record.items() if key not in OSM_OWN}
        return tagging.unpacked(record.get("other_tags")) | plain
    return {_tag(key): str(value) for key, value in record.items()}


def _tag(column: str) -> str:
    """Return the tag a column is for.

    >>> _tag("addr_housenumber"), _tag("名称")
    ('addr:housenumber', 'name')
    """
    if column.startswith("addr_"):
        return "addr:" + column.removeprefix("addr_")
    return NAMES.get(column, column)


NAMES = {
    "名称": "name",
    "道路名称": "name",
    "STREETNAME": "name",
    "FULLNAME": "name",
    "NAME": "name",
    "门牌号": "addr:housenumber",
    "街路": "addr:street",
    "高度": "height",
}
"""Columns of survey files that are tags under another name."""


def _copy(session: Session, found: list[Found]) -> None:
    columns = {
        "layer": [one.kind.layer for one in found],
        "cls": [one.kind.cls for one in found],
        "name": [one.kind.name for one in found],
        "key": [one.key for one in found],
    }
    texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    numbers = {"row": pa.array([one.row for one in found], pa.int32())}
    tags = {"tags": reading.as_json(one.tags for one in found)}
    geom = {"geom": shapes.as_wkb(_drawn(one.kind, one.shape) for one in found)}
    bulk.copy(session, "incoming_base", numbers | texts | tags | geom)


def _drawn(kind: Known, shape: Any) -> Any:
    """Return the shape as it is stored: an area that is only a point of interest as a point."""
    if kind.layer != "poi":
        return shape
    return shape if shape.geom_type == "Point" else shape.representative_point()


def _retire(session: Session, wish: Wish, number: int) -> int:
    """Put aside what the import replaces, of the kinds it brings, and return how much it was."""
    if wish.replaces == "nothing":
        return 0
    binds: dict[str, Any] = {"self": number}
    if wish.replaces != "box":
        binds["source"] = wish.source if wish.replaces == "source" else None
    chosen = RETIRE["box" if wish.replaces == "box" else "named"]
    return int(session.execute(chosen, binds).scalar_one())


def last(session: Session, number: int) -> Any:
    """Return the import ``number``, or raise why it cannot be taken back."""
    found = {row.id: row for row in session.execute(LAST, {"id": number})}
    if number not in found or found[number].undone_at is not None:
        raise NotFound(sentence("There is no such import of the base map, or it was undone."))
    if max(found) != number:
        raise Conflict(
            sentence("“%(source)s” was imported later. Undo that first."),
            source=found[max(found)].source,
        )
    return found[number]


def undo(progress: Progress, sessions: sessionmaker[Session], *, number: int) -> None:
    """Take the import ``number`` back: what it brought goes, what it replaced is there again."""
    with sessions.begin() as session:
        bulk.unhurried(session)
        last(session, number)
        for statement in (FORGET, BRING_BACK, EMPTY, UNDONE):
            progress.tell(progress.done, note=TAKING_BACK)
            session.execute(statement, {"id": number})
        progress.finish(session, {"undone": number})
