"""One sound request for every route and method of the application, and a city to send it to.

A route that is added without a line here fails the tests that walk the whole application.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule

from app.kernel.auth import PUBLIC
from tests.city import INSIDE, Program
from tests.layers import working

LON, LAT = INSIDE
CELL, PART, COMMUNITY = "37990100100101", "3799010103000001", "379901001001"
AT = "2026-11-24T09:00:00+08:00"
NOBODYS = "00000000-0000-4000-8000-000000000001"
POINT = {"type": "Point", "coordinates": [LON, LAT]}
RING = [[118.2001, 36.6001], [118.2004, 36.6001], [118.2004, 36.6004], [118.2001, 36.6001]]
AREA = {"type": "Polygon", "coordinates": [RING]}
TABLE = b"code,name,level,parent_code\n379901003,Z,4,379901\n"
Route = tuple[str, str]


@dataclass(frozen=True)
class Sent:
    """A request: the parts of its address, its query, its body; ``form`` marks one from a page."""

    args: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    form: bool = False


def routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Yield method and rule of everything the application answers, but for static files."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if rule.endpoint != "static":
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule


def needed(app: Flask, rule: Rule) -> str:
    """Return the permission that a rule's view declares."""
    return str(getattr(app.view_functions[rule.endpoint], "permission", PUBLIC))


def furnish(app: Flask) -> dict[str, Any]:
    """Make one of everything that requests are about and return what each is called."""
    admin, inspector = Program(app, "admin"), Program(app, "inspector")

    def made(path: str, body: dict[str, Any], who: Program = admin) -> Any:
        answer = who.post(f"/api/v1/{path}", body)
        assert answer.status_code in (200, 201, 202), (path, answer.text)
        return answer.json

    report = {"kind": "0102", "lon": LON, "lat": LAT, "description": "x"}
    street = {"type": "LineString", "coordinates": [[118.2, 36.6011], [118.202, 36.6011]]}
    survey = {"name": "普查", "area": COMMUNITY, "kinds": ["0103"], "due_on": "2027-01-31"}
    layer = working.new_layer(admin)
    drawn = working.collection(working.square(LON, LAT, name="a"))
    draft = working.draft(app, admin, layer, "a.geojson", drawn)
    upload = working.send(admin, "d.csv", TABLE)
    begun = made("part-imports", {"upload": upload, "kind": "0402", "mapping": {}})
    split = {"verb": "split", "cells": ["37990100100112"]}
    order = {"lon": LON, "lat": LAT, "note": "x", "inspector": inspector.id}
    split["line"] = [[118.2019, 36.6035], [118.2031, 36.6035]]
    asked = made("cases", report, inspector)["uid"]
    leader = Program(app, "leader1")
    for seen, action in enumerate(("accept", "ask_void"), start=1):
        step = {"action": action, "answers": {"reason": "x"}, "seen": seen}
        made(f"cases/{asked}/steps", step, leader)
    with app.extensions["sessions"].begin() as session:
        beat = session.execute(text("SELECT id FROM beats WHERE district = '379901'")).scalar_one()
    return {
        "case": made("cases", report, inspector)["uid"],
        "address": made("addresses", {"type": "street", "name": "新街", "geometry": street})["id"],
        "survey": made("surveys", survey)["id"],
        "layer": layer,
        "version": draft["result"]["version"],
        "upload": upload,
        "import": begun["id"],
        "job": begun["job"],
        "edit": made("cells/edits", split)["id"],
        "zone": made("zones", {"name": "高新区", "members": ["379902001002"]})["code"],
        "beat": beat,
        "request": leader.get("/api/v1/requests").json["items"][0]["uid"],
        "inspector": inspector.id,
        "task": made("tasks", order, Program(app, "leader1"))["uid"],
    }


def sound(known: dict[str, Any]) -> dict[Route, Sent]:
    """Return a request for each route; those of pages and lists need nothing but their names."""
    imported, layer = {"number": known["import"]}, {"name": known["layer"]}
    revision = {"revision": 0}
    upload = known["upload"]
    at_cell = {"survey": known["survey"], "cell": CELL}
    draft = {**layer, "number": known["version"]}
    photo = {"code": PART, "photo": NOBODYS}
    within = {"within": COMMUNITY}
    place = {"type": "poi", "name": "新楼", "geometry": POINT, "category": "x", "alias": ["y"]}
    box = "118.2,36.6,118.201,36.601"
    address = {"number": known["address"]}
    part = {"kind": "0103", "geometry": POINT, "changes": {"note": "x"}, "reason": "x"}
    sheet = {"upload": upload, "holds": "osm", "classes": "x", "part": "y"}
    survey = {"name": "又一次", "area": COMMUNITY, "kinds": ["0103"], "due_on": "2027-01-31"}
    limit = {"limit": 4, "unit": "wh", "effective_from": "2099-01-01"}
    route = {"kind": "E0506", "area": "379901001", "department": "HW", "days": "off",
             "begins": "20:00", "ends": "06:00"}  # fmt: skip
    task = {"task": known["task"]}
    scheme = {"code": "city-points", "version": 1}
    order = {"purpose": "urgent", "lon": LON, "lat": LAT, "note": "x"}
    step = {"action": "accept", "answers": {"note": "x"}, "seen": 1}
    items = {"limit": 2, "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "bbox": box}
    parts = {"kind": "0103", "state": "intact", "owner": "SZ", "district": "379901", "limit": 2,
             "cell": CELL, "q": "井", "bbox": box, "after": "1", "big": "01",
             "import": 1}  # fmt: skip
    return {
        ("GET", "/admin/addresses"): Sent(query={"type": "poi", "q": "x", "after": "1"}),
        ("GET", "/admin/layers/<name>"): Sent(layer),
        ("GET", "/admin/layers/quarantine/<int:number>.csv"): Sent({"number": 1}),
        ("GET", "/admin/parts"): Sent(query=parts),
        ("GET", "/admin/parts/<code>"): Sent({"code": PART}),
        ("GET", "/admin/parts/imports/<int:number>"): Sent(imported, {"action": "new", "after": 1}),
        ("GET", "/admin/surveys/<int:survey>"): Sent({"survey": known["survey"]}),
        ("GET", "/api/v1/addresses"): Sent(
            query={"type": "poi", "q": "x", "division": "379901", "bbox": box, "after": "1",
                   "limit": 2, "ended": "true"}),
        ("POST", "/api/v1/addresses"): Sent(body=place),
        ("GET", "/api/v1/addresses/<number>"): Sent(address),
        ("POST", "/api/v1/addresses/<number>/changes"): Sent(address, body={**place, "seen": 9}),
        ("POST", "/api/v1/addresses/harvest"): Sent(body={}),
        ("POST", "/api/v1/addresses/imports"): Sent(
            body={"upload": upload, "holds": "doors", "mapping": {}, "coord_sys": "wgs84"}),
        ("POST", "/api/v1/areas"): Sent(body={"code": COMMUNITY, "geometry": AREA}),
        ("POST", "/api/v1/areas/imports"): Sent(body={"upload": upload, "level": "community"}),
        ("POST", "/api/v1/areas/previews"): Sent(body={"geometry": AREA}),
        ("POST", "/api/v1/base-imports"): Sent(
            body={"source": "x", "replaces": "box", "coord_sys": "wgs84", "sheets": [sheet]}),
        ("POST", "/api/v1/base-imports/<int:number>/undo"): Sent({"number": 9}, body={}),
        ("GET", "/api/v1/beats"): Sent(query={"shift": 1, "within": "379901"}),
        ("POST", "/api/v1/beats"): Sent(body={"name": "甲", "shift": 1, "cells": [CELL]}),
        ("POST", "/api/v1/beats/<int:beat>/inspectors"): Sent(
            {"beat": known["beat"]}, body={"people": [1]}),
        ("POST", "/api/v1/beats/balances"): Sent(
            body={**within, "count": 2, "shift": 1, "by": "area"}),
        ("POST", "/api/v1/cases"): Sent(
            body={"kind": "0102", "lon": LON, "lat": LAT, "description": "x"}),
        ("GET", "/api/v1/cases"): Sent(query={"limit": 2, "state": "reported", "cell": CELL,
            "district": "379901", "category": "01", "bbox": box}),
        ("GET", "/api/v1/cases/<ref>"): Sent({"ref": known["case"]}),
        ("GET", "/api/v1/cases/<ref>/steps"): Sent({"ref": known["case"]}),
        ("POST", "/api/v1/cases/<ref>/steps"): Sent({"ref": known["case"]}, body=step),
        ("GET", "/api/v1/requests"): Sent(
            query={"state": "mine", "kind": "void", "department": "HW", "limit": 2, "after": "9"}),
        ("GET", "/api/v1/requests/<uuid:uid>"): Sent({"uid": known["request"]}),
        ("POST", "/api/v1/requests/<uuid:uid>/decisions"): Sent(
            {"uid": known["request"]}, body={"decision": "refuse", "answers": {}, "seen": 1}),
        ("GET", "/desk/requests"): Sent(query={"state": "ended", "kind": "void"}),
        ("POST", "/api/v1/cases/<ref>/orders"): Sent(
            {"ref": known["case"]}, body={"words": "x", "limit": 1, "unit": "wd", "weight": 2}),
        ("POST", "/api/v1/cases/<ref>/sheets"): Sent({"ref": known["case"]}, body={}),
        ("POST", "/api/v1/cases/<ref>/urges"): Sent({"ref": known["case"]}, body={"words": "x"}),
        ("POST", "/api/v1/escalation-rules"): Sent(
            body={"rung": 1, "subject": "case", "since": "due", "after_value": 1,
                  "after_unit": "wh", "reader": "post", "who": "leader", "channel": "app"}),
        ("POST", "/api/v1/escalation-rules/<int:rule>/end"): Sent({"rule": 9}, body={}),
        ("GET", "/api/v1/notices"): Sent(query={"unread": "true", "after": "9", "limit": 2}),
        ("POST", "/api/v1/notices/contact"): Sent(
            body={"email": "a@example.org", "phone": "", "by_email": True, "quiet_from": "22:00",
                  "quiet_to": "07:00"}),
        ("POST", "/api/v1/notices/read"): Sent(body={"ids": [1], "all": True}),
        ("GET", "/notices"): Sent(query={"show": "all", "after": "9"}),
        ("GET", "/api/v1/orders"): Sent(query={"state": "open", "after": "9", "limit": 2}),
        ("POST", "/api/v1/orders/<uuid:uid>/answers"): Sent({"uid": NOBODYS}, body={"words": "x"}),
        ("POST", "/api/v1/orders/<uuid:uid>/decisions"): Sent(
            {"uid": NOBODYS}, body={"verdict": "accepted", "words": "x"}),
        ("GET", "/api/v1/cells"): Sent(query={"within": "3799", "after": CELL, "limit": 2}),
        ("GET", "/api/v1/cells/<code>"): Sent({"code": CELL}),
        ("POST", "/api/v1/cells/checks"): Sent(body=within),
        ("GET", "/api/v1/cells/edits"): Sent(query={"within": "3799", "limit": 2}),
        ("POST", "/api/v1/cells/edits"): Sent(
            body={"verb": "split", "cells": [CELL], "line": [[118.1, 36.6004], [118.3, 36.6005]],
                  "vertex": [118.201, 36.601], "to": [118.2011, 36.6011],
                  "community": COMMUNITY}),
        ("POST", "/api/v1/cells/edits/<int:edit>/undo"): Sent({"edit": known["edit"]}, body={}),
        ("POST", "/api/v1/cells/makings"): Sent(body={**within, "target_area": 9_000}),
        ("GET", "/api/v1/cells/shapes"): Sent(query={"bbox": box}),
        ("GET", "/api/v1/divisions"): Sent(
            query={"parent": "379901", "q": "x", "after": "1", "limit": 2}),
        ("POST", "/api/v1/divisions/imports"): Sent(body={"upload": upload}),
        ("GET", "/api/v1/evaluations/<objects>"): Sent(
            {"objects": "departments"}, {"period": "2026-11", "scheme": "", "level": "street",
             "post": "agent", "group": "", "against": "2026-10"}),
        ("POST", "/api/v1/evaluations/<objects>/periods/<period>/signatures"): Sent(
            {"objects": "departments", "period": "1970-01"}, body={"anew": True}),
        ("GET", "/api/v1/evaluations/<objects>/periods/<period>/versions"): Sent(
            {"objects": "regions", "period": "1970-01"}, {"level": "cell", "post": ""}),
        ("GET", "/api/v1/score-appeals"): Sent(query={"state": "open", "after": 9}),
        ("POST", "/api/v1/score-appeals"): Sent(
            body={"objects": "departments", "object": "HW", "period": "1970-01",
                  "indicator": "inst_num", "reason": "x"}),
        ("POST", "/api/v1/score-appeals/<int:number>/decision"): Sent(
            {"number": 9}, body={"grant": True, "reason": "x"}),
        ("GET", "/api/v1/outside-marks"): Sent(
            query={"objects": "departments", "period": "1970-01", "after": 9}),
        ("POST", "/api/v1/outside-marks"): Sent(
            body={"objects": "departments", "object": "HW", "kind": "media", "day": "1970-01-02",
                  "value": 1, "n": 1, "note": "x"}),
        ("POST", "/api/v1/outside-marks/<int:number>/withdrawal"): Sent({"number": 9}, body={}),
        ("POST", "/api/v1/outside-marks/imports"): Sent(
            body={"upload": upload, "objects": "departments", "kind": "media"}),
        ("POST", "/api/v1/schemes"): Sent(
            body={"code": "another", "like": "city-points", "name": "x"}),
        ("POST", "/api/v1/schemes/checks"): Sent(body={"document": {"parts": []}}),
        ("POST", "/api/v1/schemes/<code>/default"): Sent({"code": "none"}, body={}),
        ("GET", "/api/v1/schemes/<code>/versions/<int:version>"): Sent(scheme),
        ("POST", "/api/v1/schemes/<code>/versions/<int:version>"): Sent(
            scheme, body={"document": {"name": "x"}, "revision": 0}),
        ("POST", "/api/v1/schemes/<code>/versions/<int:version>/publication"): Sent(
            scheme, body={"revision": 0, "default": False}),
        ("POST", "/api/v1/schemes/<code>/versions/<int:version>/drop"): Sent(scheme, body={}),
        ("GET", "/api/v1/schemes/<code>/versions/<int:version>/simulation"): Sent(
            scheme, {"period": "1970-01"}),
        ("GET", "/admin/schemes/<code>/<int:version>"): Sent(scheme),
        ("GET", "/api/v1/evaluations/<objects>/<name>/cases"): Sent(
            {"objects": "departments", "name": "HW"},
            {"period": "2026-11", "indicator": "handled", "level": "street", "post": "agent"}),
        ("GET", "/api/v1/feed"): Sent(query={"after": 0}),
        ("GET", "/api/v1/geocode"): Sent(query={"q": "柳园路1号"}),
        ("GET", "/api/v1/jobs/<int:job>"): Sent({"job": known["job"]}),
        ("POST", "/api/v1/jobs/<int:job>/cancel"): Sent({"job": known["job"]}, body={}),
        ("GET", "/admin/handbook"): Sent(query={"tab": "routing", "kind": "E0102"}),
        ("GET", "/api/v1/handbook/conditions"): Sent(query={"kind": "0102"}),
        ("POST", "/api/v1/handbook/conditions/<int:number>/limits"): Sent(
            {"number": 9_999_999}, body={**limit, "grade": "A"}),
        ("POST", "/api/v1/handbook/shares"): Sent(
            body={"A": 0.75, "B": 1, "C": 1.5, "effective_from": "2099-01-01"}),
        ("POST", "/api/v1/handbook/calendars"): Sent(
            body={"calendar": "x", "effective_from": "2099-01-01", "weekdays": "12345",
                  "spans": [["08:00", "12:00"]]}),
        ("POST", "/api/v1/handbook/calendars/<name>/days"): Sent(
            {"name": "default"}, body={"day": "2099-01-01", "working": False, "name": "x"}),
        ("POST", "/api/v1/handbook/assignments"): Sent(
            body={"whose": "department", "code": "HW", "calendar": "default",
                  "effective_from": "2099-01-01"}),
        ("POST", "/api/v1/handbook/beats"): Sent(
            body={"beat": known["beat"], "kind": "E0506", "department": "HW"}),
        ("GET", "/api/v1/handbook/reprocessing"): Sent(query={"department": "HW"}),
        ("POST", "/api/v1/handbook/reprocessing"): Sent(body={"department": "HW"}),
        ("POST", "/api/v1/routes"): Sent(body={"save": [route], "remove": []}),
        ("POST", "/api/v1/routes/dry-run"): Sent(body={"save": [route], "remove": []}),
        ("GET", "/api/v1/routes/suggestion"): Sent(
            query={"kind": "0102", "lon": LON, "lat": LAT, "part_code": PART,
                   "at": "2026-11-23T10:00"}),
        ("POST", "/api/v1/layers"): Sent(body={"name": "works", "title": "x"}),
        ("GET", "/api/v1/layers/<name>"): Sent(layer),
        ("POST", "/api/v1/layers/<name>"): Sent(
            layer, body={**revision, "title": "x", "title_en": "", "abstract": "", "source": "",
                         "licence": "", "accuracy": "", "contact": "", "keywords": "",
                         "posts": ["admin"], "min_zoom": 1, "max_zoom": 22, "position": 1,
                         "surveyed_on": "2026-11-23"}),
        ("POST", "/api/v1/layers/<name>/count"): Sent({"name": "parts"}, body={}),
        ("POST", "/api/v1/layers/<name>/preview"): Sent(
            layer, body={"document": {"width": 2, "label": "name"}}),
        ("POST", "/api/v1/layers/<name>/publish"): Sent(
            layer, body={**revision, "version": known["version"]}),
        ("POST", "/api/v1/layers/<name>/styles"): Sent(
            layer, body={**revision, "document": {"width": 2}}),
        ("POST", "/api/v1/layers/<name>/styles/undo"): Sent(layer, body=revision),
        ("POST", "/api/v1/layers/<name>/versions"): Sent(
            layer, body={"upload": upload, "coord_sys": "wgs84", "part": "x"}),
        ("GET", "/api/v1/layers/<name>/versions/<int:number>/features"): Sent(draft),
        ("POST", "/api/v1/layers/<name>/versions/<int:number>/repairs"): Sent(
            draft, body={"rows": [1]}),
        ("GET", "/api/v1/locate"): Sent(query={"lon": LON, "lat": LAT, "coord_sys": "cgcs2000"}),
        ("POST", "/api/v1/part-exports"): Sent(
            body={"format": "gpkg", "filters": {"kind": "0103", "q": "x"}}),
        ("GET", "/api/v1/part-exports/<int:job>"): Sent({"job": known["job"]}),
        ("POST", "/api/v1/part-imports"): Sent(
            body={"upload": upload, "kind": "0402", "mapping": {"columns": {"lon": "x"}},
                  "coord_sys": "wgs84", "division": "379901", "save_as": "x"}),
        ("GET", "/api/v1/part-imports/<int:number>"): Sent(
            imported, {"action": "new", "after": 1}),
        ("POST", "/api/v1/part-imports/<int:number>/apply"): Sent(imported, body={"gone": "lost"}),
        ("GET", "/api/v1/part-imports/<int:number>/aside.csv"): Sent(imported),
        ("POST", "/api/v1/part-imports/<int:number>/compare"): Sent(imported, body={}),
        ("POST", "/api/v1/part-imports/<int:number>/drop"): Sent({"number": 9}, body={}),
        ("POST", "/api/v1/part-imports/<int:number>/repairs"): Sent(imported, body={"rows": [1]}),
        ("POST", "/api/v1/part-imports/<int:number>/undo"): Sent(imported, body={}),
        ("GET", "/api/v1/part-imports/glance"): Sent(
            query={"upload": upload, "encoding": "utf-8", "layer": ""}),
        ("POST", "/api/v1/part-kinds/<kind>"): Sent(
            {"kind": "0103"}, body={"geometry": "point", "accuracy_class": "A"}),
        ("GET", "/api/v1/parts"): Sent(query=parts),
        ("POST", "/api/v1/parts"): Sent(body=part),
        ("GET", "/api/v1/parts/<code>"): Sent({"code": PART}),
        ("POST", "/api/v1/parts/<code>/photos"): Sent({"code": PART}, body={}),
        ("GET", "/api/v1/parts/<code>/photos/<uuid:photo>"): Sent(photo, {"size": "thumb"}),
        ("POST", "/api/v1/parts/<code>/steps"): Sent({"code": PART}, body={**part, "seen": 99}),
        ("POST", "/api/v1/photos"): Sent(body={}),
        ("GET", "/api/v1/places/imports/<int:number>/quarantine.csv"): Sent({"number": 1}),
        ("POST", "/api/v1/sessions"): Sent(body={"username": "nobody", "password": "x"}),
        ("POST", "/api/v1/shifts"): Sent(body={"name": "夜班", "begins": "20:00", "ends": "04:00"}),
        ("POST", "/api/v1/surveys"): Sent(body=survey),
        ("GET", "/api/v1/surveys/<int:survey>"): Sent({"survey": known["survey"]}),
        ("GET", "/api/v1/surveys/<int:survey>/cells"): Sent(
            {"survey": known["survey"]}, {"state": "done", "drawn": "true", "after": CELL}),
        ("GET", "/api/v1/surveys/<int:survey>/cells/<cell>"): Sent(at_cell),
        ("POST", "/api/v1/surveys/<int:survey>/cells/<cell>/done"): Sent(at_cell, body={}),
        ("POST", "/api/v1/surveys/<int:survey>/cells/<cell>/findings"): Sent(
            at_cell, body={"kind": "0103", "geometry": POINT, "note": "x", "changes": {}}),
        ("POST", "/api/v1/surveys/<int:survey>/close"): Sent({"survey": 9}, body={}),
        ("POST", "/api/v1/surveys/<int:survey>/samples"): Sent(
            {"survey": known["survey"]}, body={}),
        ("POST", "/api/v1/surveys/<int:survey>/samples/<cell>"): Sent(
            at_cell, body={"missed": 0, "surplus": 0, "wrong": 0}),
        ("POST", "/api/v1/positions"): Sent(
            body={"fixes": [{"lon": LON, "lat": LAT, "accuracy_m": 8, "at": AT}]}),
        ("GET", "/api/v1/tasks"): Sent(
            query={"purpose": "urgent", "state": "open", "overdue": "true", "mine": "true",
                   "after": "9", "limit": 2}),
        ("POST", "/api/v1/tasks"): Sent(body={**order, "inspector": "auto", "minutes": 30}),
        ("GET", "/api/v1/tasks/<uuid:task>"): Sent(task),
        ("POST", "/api/v1/tasks/<uuid:task>/answers"): Sent(
            task, body={"result": "x", "photos": [], "answers": {}}),
        ("POST", "/api/v1/tasks/<uuid:task>/reassignments"): Sent(
            task, body={"inspector": "auto"}),
        ("GET", "/api/v1/tasks/pairs"): Sent(query={"days": 90}),
        ("GET", "/api/v1/tracks/<int:person>"): Sent(
            {"person": known["inspector"]}, {"day": "2026-11-24"}),
        ("POST", "/api/v1/uploads"): Sent(query={"name": "a.csv"}, body={"any": "bytes"}),
        ("POST", "/api/v1/zones"): Sent(body={"name": "又一区", "members": [CELL]}),
        ("DELETE", "/api/v1/zones/<code>"): Sent({"code": "Z999901"}),
        ("GET", "/cases/<ref>"): Sent({"ref": known["case"]}),
        ("GET", "/cases/<ref>/sheet.pdf"): Sent({"ref": known["case"]}),
        ("GET", "/desk"): Sent(query={"state": "reported", "district": "379901"}),
        ("GET", "/evaluation"): Sent(query={"period": "2026-11"}),
        ("GET", "/evaluation/<objects>/trend"): Sent(
            {"objects": "departments"}, query={"period": "2026-11"}),
        ("GET", "/evaluation/regions/atlas"): Sent(query={"period": "2026-11"}),
        ("GET", "/evaluation/spread"): Sent(query={"period": "2026-11", "hour": "9"}),
        ("GET", "/evaluation/late"): Sent(query={"area": COMMUNITY}),
        ("GET", "/leader"): Sent(),
        ("POST", "/api/v1/evaluation-exports"): Sent(
            body={"objects": "departments", "period": "2026-11", "format": "xlsx"}),
        ("GET", "/api/v1/evaluation-exports/<int:job>"): Sent({"job": 1}),
        ("GET", "/api/v1/bulletins"): Sent(),
        ("GET", "/api/v1/bulletins/<month>"): Sent({"month": "2026-10"}),
        ("GET", "/evaluation/<objects>/<code>/cases"): Sent(
            {"objects": "departments", "code": "HW"},
            {"period": "2026-11", "indicator": "inst_num"}),
        ("POST", "/login"): Sent(body={"username": "nobody", "password": "x"}, form=True),
        ("POST", "/logout"): Sent(body={}, form=True),
        ("GET", "/m/surveys/<int:survey>/<cell>"): Sent(at_cell),
        ("GET", "/m/tasks/<uuid:task>"): Sent(task),
        ("GET", "/tasks"): Sent(query={"days": 30}),
        ("GET", "/tasks/pairs/<kind>/<first>/<int:verifier>"): Sent(
            {"kind": "reporter", "first": "1", "verifier": 2}, {"days": 30}),
        ("GET", "/ogc/collections/<name>"): Sent({"name": "cells"}),
        ("GET", "/ogc/collections/<name>/items"): Sent(
            {"name": "cells"}, {**items, "bbox-crs": items["crs"], "datetime": "2026-11-23/..",
                                "after": CELL, "community": COMMUNITY}),
        ("GET", "/ogc/collections/<name>/items/<key>"): Sent({"name": "cells", "key": CELL}),
        ("GET", "/photos/<uuid:photo_id>"): Sent({"photo_id": NOBODYS}),
        ("GET", "/photos/<uuid:photo_id>/<size>"): Sent({"photo_id": NOBODYS, "size": "thumb"}),
        ("POST", "/preferences"): Sent(body={"locale": "en", "theme": "dark"}, form=True),
        ("GET", "/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt"): Sent(
            {"layer": "cells", "z": 15, "x": 27143, "y": 12759}),
    }  # fmt: skip


def request_for(known: dict[Route, Sent], method: str, rule: Rule) -> Sent:
    """Return the sound request; a page or list without names in its address needs no line."""
    sent = known.get((method, rule.rule))
    if sent is None:
        assert method == "GET", f"tests/routes.py has no sound request for {method} {rule.rule}"
        assert not rule.arguments, f"tests/routes.py has no sound request for {method} {rule.rule}"
    return sent or Sent()
