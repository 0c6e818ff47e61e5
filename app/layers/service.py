"""Changing the register: new layers, what is said of them, publishing, styles, repairs."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import audit, fields, queue
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Refused, sentence
from app.kernel.i18n import translate
from app.layers import basemap, register, styles
from gis.ways import way_from

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
CREATE = text(
    "INSERT INTO layers (name, title) VALUES (:name, :title) ON CONFLICT DO NOTHING RETURNING id"
)
EDIT = text(
    "UPDATE layers SET title = :title, title_en = :title_en, abstract = :abstract,"
    " source = :source, licence = :licence, accuracy = :accuracy, contact = :contact,"
    " keywords = :keywords, surveyed_on = :surveyed_on, posts = CAST(:posts AS text[]),"
    " min_zoom = :min_zoom, max_zoom = :max_zoom, position = :position,"
    " revision = revision + 1 WHERE id = :id"
)
LOCK = text("SELECT revision FROM layers WHERE id = :id FOR UPDATE")
PUBLISH = text("UPDATE layers SET version_id = :version, revision = revision + 1 WHERE id = :id")
STAMP = text("UPDATE layer_versions SET published_at = now() WHERE id = :version")
SAVE_STYLE = text(
    "WITH s AS (INSERT INTO layer_styles (layer_id, document, actor_id)"
    "  VALUES (:id, CAST(:document AS jsonb), :actor) RETURNING id)"
    " UPDATE layers SET style_id = (SELECT id FROM s), revision = revision + 1 WHERE id = :id"
)
UNDO_STYLE = text(
    "UPDATE layers SET revision = revision + 1, style_id = (SELECT max(s.id) FROM layer_styles s"
    " WHERE s.layer_id = layers.id AND s.id < layers.style_id) WHERE id = :id"
)
ACCEPT = text(
    "WITH taken AS (UPDATE layer_repairs SET accepted_at = now()"
    "  WHERE version_id = :version AND accepted_at IS NULL"
    "   AND (CAST(:rows AS int[]) IS NULL OR row = ANY(CAST(:rows AS int[]))) RETURNING *),"
    " kept AS (INSERT INTO layer_features (version_id, row, attributes, geom)"
    "  SELECT version_id, row, attributes, geom FROM taken RETURNING id)"
    " SELECT count(*) FROM kept"
)
COUNT_IN = text(
    "UPDATE layer_versions SET report = report || jsonb_build_object("
    " 'stored', (report ->> 'stored')::int + :n, 'repaired',"
    " coalesce((report ->> 'repaired')::int, 0) + :n,"
    " 'repairable', (report ->> 'repairable')::int - :n) WHERE id = :version"
)


def create(session: Session, actor: Actor, body: Mapping[str, Any]) -> dict[str, Any]:
    """Enter an own layer in the register and return it; nobody sees it before it is published."""
    name, title = (
        fields.text(body, "name", required=True, most=40),
        fields.text(body, "title", required=True, most=80),
    )
    if not NAME.fullmatch(name):
        raise Refused(
            sentence("A layer's name has 2 to 40 of a-z, 0-9 and _, and begins with a letter.")
        ).about("name")
    if session.execute(CREATE, {"name": name, "title": title}).first() is None:
        raise Refused(sentence("There is a layer “%(layer)s” already."), layer=name).about("name")
    audit.note(session, actor, "layer.create", name)
    return register.one(session, actor, name)


def edit(session: Session, actor: Actor, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Change what the register says of a layer and return it; stale ``revision``: conflict."""
    row = _locked(session, actor, name, body)
    said = {key: fields.text(body, key) if key in body else row[key] for key in register.TEXTS}
    if not said["title"]:
        raise Refused(sentence("“%(field)s” is missing."), field="title").about("title")
    session.execute(EDIT, said | _facts(session, row, body) | {"id": row["id"]})
    audit.note(session, actor, "layer.edit", name)
    return register.one(session, actor, name)


def _facts(session: Session, row: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the day of the survey, the posts and the scales, from ``body`` or as they were."""
    zooms = {
        key: fields.integer(body, key, most=22) if key in body else row[key]
        for key in ("min_zoom", "max_zoom")
    }
    if zooms["min_zoom"] > zooms["max_zoom"]:
        raise Refused(sentence("The first zoom is behind the last.")).about("min_zoom")
    place = fields.integer(body, "position", most=99) if "position" in body else row["position"]
    posts = body.get("posts", row["posts"])
    known = set(register.posts(session))
    if not isinstance(posts, list) or not all(isinstance(p, str) and p in known for p in posts):
        raise Refused(sentence("There is no such post.")).about("posts")
    day = _day(body["surveyed_on"]) if "surveyed_on" in body else row["surveyed_on"]
    return zooms | {"position": place, "posts": posts, "surveyed_on": day}


def _day(given: Any) -> date | None:
    try:
        return date.fromisoformat(str(given)) if given else None
    except ValueError:
        raise Refused(sentence("Write the day like 2026-11-23.")).about("surveyed_on") from None


def _locked(session: Session, actor: Actor, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Lock the layer and return it, or raise ``Conflict`` if it is not as the actor saw it."""
    row = register.one(session, actor, name)
    now = session.execute(LOCK, {"id": row["id"]}).scalar_one()
    if fields.integer(body, "revision") != now:
        conflict = Conflict(sentence("Somebody changed the layer meanwhile. Look at it again."))
        conflict.current = register.one(session, actor, name)
        raise conflict
    return row


def publish(session: Session, actor: Actor, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Publish a version, an earlier one too; without a version the layer is withdrawn."""
    row = _own(_locked(session, actor, name, body))
    number = None
    if body.get("version") is not None:
        number = fields.integer(body, "version")
        register.version(session, name, number)
        session.execute(STAMP, {"version": number})
    session.execute(PUBLISH, {"id": row["id"], "version": number})
    audit.note(session, actor, "layer.publish", f"{name} {number or '-'}")
    return register.one(session, actor, name)


def _own(row: dict[str, Any]) -> dict[str, Any]:
    if not row["is_own"]:
        raise Refused(sentence("This layer draws the city's own data: it has no versions."))
    return row


def save_style(
    session: Session, actor: Actor, name: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Save a style as the one in force and return the layer; the former ones are kept."""
    row = _styled(_locked(session, actor, name, body))
    document = styles.checked(name, body.get("document"))
    told = {"id": row["id"], "document": json.dumps(document), "actor": actor.person_id}
    session.execute(SAVE_STYLE, told)
    audit.note(session, actor, "layer.style", name)
    return register.one(session, actor, name)


def undo_style(
    session: Session, actor: Actor, name: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Return to the style before the one in force; before the first stands the usual one."""
    row = _styled(_locked(session, actor, name, body))
    if row["style_id"] is None:
        raise Refused(sentence("There is no earlier style."))
    session.execute(UNDO_STYLE, {"id": row["id"]})
    audit.note(session, actor, "layer.style", f"{name} undo")
    return register.one(session, actor, name)


def _styled(row: dict[str, Any]) -> dict[str, Any]:
    if row["name"] in {"cells", "parts", "cases"}:
        raise Refused(
            sentence("Cells and parts take their colours from the base map; cases show states.")
        )
    return row


def import_version(
    session: Session, actor: Actor, name: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Ask for an uploaded file to be imported as a draft of the layer; return the job's number."""
    row = _own(register.one(session, actor, name))
    upload = fields.identifier(fields.text(body, "upload", required=True), "upload")
    coord_sys = fields.text(body, "coord_sys") or "cgcs2000"
    way_from(None, coord_sys)
    part = fields.text(body, "part", most=80) or None
    title = translate("Import of layer “%(layer)s”", layer=row["title"])
    told: dict[str, Any] = {
        "upload": str(upload),
        "layer": name,
        "coord_sys": coord_sys,
        "part": part,
    }
    job = queue.defer(session, "import_layer", actor=actor, title=title, **told)
    audit.note(session, actor, "layer.import", name)
    return {"job": job}


def accept_repairs(
    session: Session, actor: Actor, name: str, number: int, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Take the repairs of ``rows`` (all if absent) into a draft and return how many they were."""
    found = register.version(session, name, number)
    if found["published_at"] is not None:
        raise Refused(sentence("A published version stays as it is. Import the file again."))
    rows = body.get("rows")
    if rows is not None and not (isinstance(rows, list) and all(type(r) is int for r in rows)):
        raise Refused(sentence("“%(field)s” must be a list of row numbers."), field="rows")
    rows = rows and [row for row in rows if 0 < row < 2**31]
    count = session.execute(ACCEPT, {"version": number, "rows": rows}).scalar_one()
    session.execute(COUNT_IN, {"version": number, "n": count})
    audit.note(session, actor, "layer.repair", f"{name} {number}: {count}")
    return {"accepted": count}


def count(session: Session, actor: Actor, name: str) -> dict[str, Any]:
    """Ask for the figures of one of the city's own layers to be counted anew; return the job."""
    row = register.one(session, actor, name)
    if row["is_own"]:
        raise Refused(sentence("An imported version is counted when it is imported."))
    title = translate("Figures of layer “%(layer)s”", layer=row["title"])
    audit.note(session, actor, "layer.count", name)
    return {"job": queue.defer(session, "count_layer", actor=actor, title=title, layer=name)}


def import_base(session: Session, actor: Actor, body: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for uploaded files to be imported as base map; return the job's number."""
    wanted = basemap.wish(body)
    title = translate("Import of the base map “%(source)s”", source=wanted.source)
    job = queue.defer(session, "import_base", actor=actor, title=title, told=dict(body))
    audit.note(session, actor, "basemap.import", wanted.source)
    return {"job": job}


def undo_base(session: Session, actor: Actor, number: int) -> dict[str, Any]:
    """Ask for an import of the base map to be taken back; return the job's number."""
    source = basemap.last(session, number).source
    title = translate("Taking back the import of the base map “%(source)s”", source=source)
    job = queue.defer(
        session, "undo_base", actor=actor, title=title, dedupe=str(number), number=number
    )
    if job is None:
        raise Conflict(sentence("This is already being done. Wait until it has ended."))
    audit.note(session, actor, "basemap.undo", str(number))
    return {"job": job}
