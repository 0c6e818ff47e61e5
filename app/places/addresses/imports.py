"""Bringing streets, door plates, points of interest, tracts and areas in from any file."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import bulk, mappings, rows, shapes, sql, uploads
from app.kernel.bulk import Run, in_english
from app.kernel.errors import Refused, sentence
from app.kernel.i18n import translate
from app.kernel.opening import opened
from app.kernel.queue import Progress
from app.kernel.rows import Batch, Table
from app.kernel.tables import SRID
from app.places.addresses import rules, service
from app.places.addresses.words import normalise
from gis.faults import Reason
from gis.shapes import Terms

read = partial(sql.read, Path(__file__).parent)
MOST_VERTICES = 50_000
HOLDS = ("streets", "doors", "places", "tracts", "blocks")
"""What a file may hold; doors may have a name of their own, which becomes a place (兴趣点)."""

TYPE_OF = {"streets": "street", "places": "poi", "tracts": "tract", "blocks": "block"}
UNKNOWN_DIVISION = "990000"
PIECES, SAME_STREET, SAME_PLACE = 0.01, 0.01, 0.0005
"""Degrees: pieces of a street, a door's street, a place under its own name (1 000, 1 000, 50 m)."""

NO_DOOR = Reason("The row has no street and door number, and no name.")
NO_NAME = Reason("The row has no name.")
NO_STREET = Reason("“%(category)s” is no street.")
NO_LINE = Reason("A street is a line, not a %(shape)s.")
NO_STREETS = frozenset({"rail", "railway", "subway", "ferry", "aerialway", "light_rail", "tram"})
KNOWN: mappings.Known = {
    "columns": frozenset(
        {"name", "alias", "former", "street", "number", "category", *shapes.PLACE}
    ),
    "coord_sys": str,
    "epsg": int,
    "encoding": str,
    "layer": str,
}
USUAL = {
    "name": ("name", "名称", "标准名称", "poi", "company"),
    "alias": ("alias", "alt_name", "别名", "name:en"),
    "former": ("former", "old_name", "曾用名", "旧名"),
    "street": ("street", "addr_street", "addr:street", "street_name", "strasse", "街巷", "道路"),
    "number": ("number", "addr_housenumber", "addr:housenumber", "housenumber",
               "hausnummer", "门牌号", "门牌"),
    "category": ("category", "kind", "kind_detail", "highway", "amenity", "类别", "类型"),
    **shapes.PLACE,
}  # fmt: skip
INCOMING = text(
    "CREATE TEMP TABLE incoming_addresses (row int, type text, name text, word text, alias text,"
    " former text, street_name text, street_word text, street text, number int,"
    " sub text, category text, geom geometry) ON COMMIT DROP"
)
NEW = (
    "CREATE TEMP TABLE new_addresses ON COMMIT DROP AS SELECT row_number() OVER () AS nr, n.* FROM"
    " ({}) n"
)
NEW_STREETS = (
    "SELECT 'street'::text AS type, name, alias, former, NULL::text AS street, NULL::int AS number,"
    " ''::text AS sub, category, geom FROM whole_streets ORDER BY name, ST_XMin(geom)"
)
NEW_PLACES = (
    "SELECT DISTINCT ON (i.type, coalesce(i.street, ''), coalesce(i.number, 0), i.sub, i.word,"
    "   CASE WHEN i.type = 'plate' THEN '' ELSE ST_GeoHash(ST_Centroid(i.geom), 8) END)"
    " i.type, CASE WHEN i.type = 'plate' THEN door_name(s.name, i.number, i.sub)"
    "   ELSE i.name END AS name,"
    " array_remove(ARRAY[i.alias], NULL) AS alias, array_remove(ARRAY[i.former], NULL) AS former,"
    " i.street, i.number, i.sub, i.category, i.geom"
    " FROM incoming_addresses i LEFT JOIN addresses s ON s.id = i.street WHERE i.type <> 'street'"
    " ORDER BY i.type, coalesce(i.street, ''), coalesce(i.number, 0), i.sub, i.word,"
    "   CASE WHEN i.type = 'plate' THEN '' ELSE ST_GeoHash(ST_Centroid(i.geom), 8) END, i.row"
)
Tell = Callable[[int], None]


def read_mapping(given: Any) -> dict[str, Any]:
    """Return a mapping that came as JSON, or raise ``Refused`` naming the key that is wrong."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Refused(sentence("“%(field)s” must be an object."), field="mapping").about("mapping")
    return mappings.checked(given, KNOWN)


def run(
    progress: Progress,
    data: Path,
    *,
    upload: str,
    holds: str,
    mapping: dict[str, Any],
    coord_sys: str | None,
) -> None:
    """Import an uploaded file as a background job."""
    with progress.sessions.begin() as session:
        file = uploads.find(session, data, upload)
        done = import_addresses(
            session,
            file.path,
            holds=holds,
            mapping=mapping,
            coord_sys=coord_sys,
            folder=data,
            say=translate,
            tell=lambda count: progress.tell(count, note=sentence("Reading the rows")),
        )
        progress.finish(session, done.told())


def run_harvest(progress: Progress) -> None:
    """Take streets, doors and named places from the base map as a background job."""
    with progress.sessions.begin() as session:
        bulk.unhurried(session)
        progress.tell(0, note=sentence("Reading the base map"))
        progress.finish(session, {"stored": harvest(session)})


def harvest(session: Session) -> int:
    """Store what the base map names and numbers; return how many places are new or changed."""
    found = session.execute(text(read("harvest"))).all()
    told = ((row.holds, _told_of(row), shapely.from_wkb(bytes(row.geom))) for row in found)
    return take(session, told, source="base map")


def take(session: Session, told: Iterable[tuple[str, dict[str, Any], Any]], *, source: str) -> int:
    """Store places given one by one: what each is (``HOLDS``), its words, its shape (EPSG:4490)."""
    session.execute(INCOMING)
    lines = [
        line
        for row, (holds, words, shape) in enumerate(told, start=1)
        for line in _lines(row, words, shape, holds)
    ]
    bulk.copy(session, "incoming_addresses", _columnar(lines))
    return store(session, source=source, number=None)


def _told_of(row: Any) -> dict[str, Any]:
    return {
        "name": row.name or None,
        "alias": row.alias,
        "former": row.former,
        "street": row.street,
        "number": row.number,
        "category": row.category,
    }


def import_addresses(
    session: Session,
    path: Path,
    *,
    holds: str,
    mapping: dict[str, Any],
    coord_sys: str | None,
    folder: Path,
    tell: Tell,
    say: Callable[..., str] = in_english,
) -> Run:
    """Store the places in ``path`` and return the report; bad rows are put aside.

    ``holds`` is one of ``HOLDS``.  A place that is known by number or by name nearby is moved, not
    doubled.  A door whose street is not drawn gets one traced through the doors.
    """
    if holds not in HOLDS:
        raise Refused(sentence("A file holds one of: %(known)s."), known=", ".join(HOLDS))
    chosen = {"columns": {}} | mapping
    with bulk.importing(session, f"addresses {holds}", path, folder, ("name",), say) as run:
        session.execute(INCOMING)
        encoding = chosen.get("encoding", "utf-8-sig")
        with opened(path, encoding=encoding, layer=chosen.get("layer")) as table:
            columns = _columns(table, chosen["columns"], holds)
            terms = shapes.terms_of(table, chosen, coord_sys, most=MOST_VERTICES)
            for batch in run.batches(table):
                bulk.copy(session, "incoming_addresses", _rows(batch, columns, holds, terms, run))
                tell(run.read)
        run.stored = store(session, source="imported", number=run.id)
    return run


def store(session: Session, *, source: str, number: int | None) -> int:
    """Store what lies in ``incoming_addresses`` and return how many places are new or changed."""
    session.execute(text("ANALYZE incoming_addresses"))
    told = {"source": source, "import": number}
    session.execute(text(read("merge_streets")), {"reach": PIECES})
    changed = session.execute(text(read("join_streets")), {"reach": PIECES}).scalar_one()
    stored = _add(session, NEW_STREETS, told)
    service.index_words(session)
    session.execute(text(read("name_streets")), {"reach": SAME_STREET})
    session.execute(text("TRUNCATE whole_streets"))
    session.execute(text(read("trace_streets")), {"reach": PIECES})
    stored += _add(session, NEW_STREETS, told)
    service.index_words(session)
    session.execute(text(read("name_streets")), {"reach": SAME_STREET})
    changed += session.execute(text(read("known_addresses")), {"near": SAME_PLACE}).scalar_one()
    stored += _add(session, NEW_PLACES, told)
    service.index_words(session)
    service.recross(session)
    return int(stored + changed)


def _add(session: Session, what: str, told: dict[str, Any]) -> int:
    session.execute(text(NEW.format(what)))
    session.execute(text(read("place_addresses")), {"fallback": UNKNOWN_DIVISION})
    stored: int = session.execute(text(read("store_addresses")), told).scalar_one()
    session.execute(text("DROP TABLE new_addresses, placed_addresses"))
    session.execute(text("ANALYZE addresses"))
    return stored


def _columns(table: Table, chosen: dict[str, str], holds: str) -> dict[str, str | None]:
    found = table.columns_for(USUAL, chosen)
    needed = ("street", "number") if holds == "doors" else ("name",)
    missing = [key for key in needed if found[key] is None]
    # A file without any columns is judged row by row: its shapes have faults of their own.
    if missing and table.columns:
        raise Refused(
            sentence(
                "No column looks like %(missing)s. Say in the mapping which it is; the file has:"
                " %(columns)s."
            ),
            missing=", ".join(missing),
            columns=", ".join(table.columns),
        )
    shapes.require_place(table, found)
    return found


def _rows(
    batch: Batch, columns: dict[str, str | None], holds: str, terms: Terms, run: Run
) -> dict[str, pa.Array]:
    """Return the good rows of a batch as columns of the incoming table; others are put aside."""
    judged = shapes.read(batch, columns, terms)
    named = {
        key: rows.texts(batch.column(columns[key])).to_pylist()
        for key in ("name", "alias", "former", "street", "number", "category")
    }
    kept: list[tuple[Any, ...]] = []
    for at, row in enumerate(batch.numbers.tolist()):
        told = {key: values[at] for key, values in named.items()}
        fault = judged.reasons[at] or _unfit(told, judged.shapes[at], holds)
        repair = judged.repairs.get(at)
        if repair is not None:
            run.propose(row, judged.reasons[at], repair, name=told["name"])
        if fault:
            run.put_aside(row, fault, (told["name"] or "",), repair)
        else:
            kept += _lines(row, told, judged.shapes[at], holds)
    return _columnar(kept)


def _unfit(told: dict[str, Any], shape: Any, holds: str) -> Reason | None:
    """Return why a row is no place of the kind that the file holds, None if it is one."""
    if holds == "doors":
        if not told["street"] or not told["number"] or rules.door(told["number"]) is None:
            return None if told["name"] else NO_DOOR
        return None
    if not told["name"]:
        return NO_NAME
    if holds == "streets" and told["category"] in NO_STREETS:
        return Reason(NO_STREET, {"category": told["category"]})
    if holds == "streets" and shapely.get_dimensions(shape) != 1:
        return Reason(NO_LINE, {"shape": shape.geom_type})
    return None


def _lines(row: int, told: dict[str, Any], shape: Any, holds: str) -> Iterator[tuple[Any, ...]]:
    """Yield the incoming lines of one row: a door with a name of its own is two places."""
    geom = shapely.to_wkb(shapely.set_srid(shape, SRID), hex=True, include_srid=True)
    category = told["category"] or ""
    named = (told["name"], _word(told["name"]), told["alias"], told["former"])
    door = rules.door(told["number"]) if holds == "doors" and told["number"] else None
    if door and told["street"]:
        street = (told["street"], _word(told["street"]))
        yield (row, "plate", "", "", None, None, *street, door.number, door.sub, "", geom)
    if holds != "doors" or told["name"]:
        kind = TYPE_OF.get(holds, "poi")
        yield (row, kind, *named, None, None, None, "", category, geom)


def _word(name: str | None) -> str:
    return normalise(name).casefold() if name else ""


def _columnar(kept: list[tuple[Any, ...]]) -> dict[str, pa.Array]:
    names = (
        "row", "type", "name", "word", "alias", "former", "street_name", "street_word", "number",
        "sub", "category", "geom",
    )  # fmt: skip
    kinds = {"row": pa.int32(), "number": pa.int32()}
    columns = list(zip(*kept, strict=True)) if kept else [()] * len(names)
    return {
        name: pa.array(values, kinds.get(name, pa.string()))
        for name, values in zip(names, columns, strict=True)
    }
