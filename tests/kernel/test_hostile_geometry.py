"""Whatever a stranger sends: a sentence within a second, never a fault of ours, nothing changed.

The table of hostile values meets every door of the application that takes geometry, every field
of every body, every parameter of every query.  Doors are found in the application's own map.
"""

import json
import random
import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from tests.city import INSIDE, Program
from tests.conftest import clone, config_for
from tests.org.test_permissions import PHOTOS, knock
from tests.routes import RING, Sent, furnish, needed, request_for, routes, sound

LON, LAT = INSIDE
HUGE = 10**400
SECONDS = 1.0
SIGNING_IN = "/api/v1/sessions"
"""A password is made slow to try; the processor of a busy machine makes it slower."""
SURROGATE = "\ud800"


def deep(levels: int) -> Any:
    found: Any = [LON, LAT]
    for _ in range(levels):
        found = [found]
    return found


def moved(ring: list[list[float]], by: float) -> list[list[float]]:
    return [[x + by, y] for x, y in ring]


CROSSING = [[118.2, 36.6], [118.201, 36.601], [118.201, 36.6], [118.2, 36.601], [118.2, 36.6]]
POSITIONS: tuple[Any, ...] = (
    None, True, 7, "x", "118.2,36.6", {}, [], [[]], [None, None], ["118.2", "36.6"], [True, False],
    [LON], [LON, LAT, 0, 0], [float("nan"), LAT], [float("inf"), LAT], [LON, float("-inf")],
    [1e308, 1e308], [-1e308, LAT], [HUGE, LAT], [-HUGE, -HUGE], [LAT, LON], [181, 91], [0, 0],
    [180, 90], [-180, -90], [5e-324, 5e-324], [LON, [LAT]], [[LON, LAT]], {"lon": LON, "lat": LAT},
    [SURROGATE, "\0"], deep(50),
)  # fmt: skip
TYPES = (
    None, True, 7, [], {}, "", "point", "POINT", "Nothing", "GeometryCollection", "Feature",
    "FeatureCollection", "Circle", "'; DROP TABLE parts; --", SURROGATE, "x" * 100_000,
)  # fmt: skip
RINGS: tuple[Any, ...] = (
    [], [[]], [[[]]], RING, [RING[:3]], [RING[:2]], [RING[:1] * 4], [RING[:2] * 2 + RING[:1]],
    [CROSSING], [CROSSING, CROSSING], [RING, RING], [RING, moved(RING, 1)],
    [[[y, x] for x, y in RING]], [[[179.9, 36], [-179.9, 36], [-179.9, 37], [179.9, 36]]],
    [[[118.2, 36.6], [118.2, 36.6], [118.2, 36.6], [118.2, 36.6]]],
    [[[118.2, 36.6], [118.201, 36.6], [118.202, 36.6], [118.2, 36.6]]],
    [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]],
    [[[x, y, 1e308] for x, y in CROSSING]], [[[x, y, 0, 1] for x, y in RING]],
    [[*RING[:2], [float("nan"), 1], RING[0]]], [[*RING[:-1], [118.2001, 36.60010000001]]],
    [[[118.2 + n / 1e6, 36.6 + n % 2 / 1e6] for n in range(30_000)]],
)  # fmt: skip
LINES: tuple[Any, ...] = (
    [], [[]], [[LON, LAT]], [[LON, LAT], [LON, LAT]], [[LON, LAT], [LON + 90, LAT]],
    [[LON, LAT], [float("nan"), LAT]], [[LON, LAT], ["a", "b"]], [[LON, LAT], None],
    [[LON, LAT]] * 20_000, [[LAT, LON], [LAT, LON + 1]], "LINESTRING(0 0, 1 1)", {"a": 1}, deep(50),
    [[LON, LAT], [HUGE, HUGE]], [[179.9, 36], [-179.9, 36]], [True, False],
)  # fmt: skip
WHOLE: tuple[Any, ...] = (
    None, True, 7, -1, "x", "POINT(118 36)", "\\xdeadbeef", [], [[]], {}, {"type": "Point"},
    {"coordinates": [LON, LAT]}, {"type": "Point", "coordinates": [LON, LAT], "crs": {}},
    {"type": "Point", "coordinates": [LON, LAT], "crs": {"type": "name"}},
    {"type": "GeometryCollection", "geometries": []}, {"type": "Feature", "geometry": None},
    {"type": "MultiPolygon", "coordinates": [[[]]]}, {"type": "MultiPoint", "coordinates": []},
    {"type": "MultiPolygon", "coordinates": [[RING], [RING]]},
    {"type": "MultiLineString", "coordinates": [[[LON, LAT]]]},
)  # fmt: skip
GEOMETRIES: tuple[Any, ...] = (
    *WHOLE,
    *({"type": "Point", "coordinates": one} for one in POSITIONS),
    *({"type": one, "coordinates": [LON, LAT]} for one in TYPES),
    *({"type": "Polygon", "coordinates": one} for one in RINGS),
    *({"type": "LineString", "coordinates": one} for one in LINES),
)
VALUES: tuple[Any, ...] = (
    None, True, 7, -1, 0, 2**31, 2**63, -(2**63), HUGE, 1e308, -1e308, 0.5, float("nan"),
    float("inf"), "", " ", "\0", SURROGATE, "x" * 50_000, "𠮷" * 300, "\u202e\ufeff", "²", "١٢",
    [], [[]], [None], [True], [2**63], [-1], ["x"] * 3_000, {}, {"a": {"b": [1]}}, deep(50),
    "NaN", "1e999", "0x10", "1_000", "-0", "9" * 5_000, "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
QUOTES = ("'", '"', "''", "\\'", "`", "%27", "\u2019", "');", "'))", "'/*")
TAILS = (
    " OR 1=1 --", "; DROP TABLE parts; --", " UNION SELECT version() --", "||pg_sleep(3)||'",
    " AND 1=CAST((SELECT 1) AS int)", "; COPY cells TO PROGRAM 'id'; --", "%' OR 'a'='a",
    ") OR (1=1", "::int", " LIMIT 1 OFFSET -1", "/**/OR/**/1=1", "; COMMIT; --",
    " RETURNING *", "$$;SELECT 1;$$", ":name", "%(id)s", "{0}", "{{7*7}}", "${7*7}",
    "<script>alert(1)</script>", "%", "_", "\\", "\\%", "[a-z]", "*", "../../etc/passwd",
    "..\\..\\x", "\r\nX-A: b", "=cmd|' /C calc'!A0",
)  # fmt: skip
INJECTIONS = tuple(quote + tail for quote in QUOTES for tail in TAILS)
BOXES = (
    "", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,nan,nan,nan", "inf,0,inf,0", "1e308,1,1e308,2",
    "118.3,36.6,118.2,36.7", "-181,0,0,0", ",,,", "118.2;36.6;118.3;36.7", "36.6,118.2,36.7,118.3",
    "1,2,3,4,5,6,7", "True,0,1,1", "9" * 200, "0,0,0,0", "-180,-90,180,90", "[118.2,36.6,1,1]",
)  # fmt: skip
DIGEST = (
    "SELECT string_agg(t || n, ',' ORDER BY t) FROM (SELECT c.relname AS t,"
    " (xpath('/row/n/text()', query_to_xml('SELECT md5(coalesce(string_agg(x::text, '','' ORDER BY"
    " x::text), '''')) AS n FROM ' || quote_ident(c.relname) || ' x', false, true, '')))[1]::text"
    " AS n FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    " AND c.relname NOT IN ('audit', 'sign_ins', 'uploads', 'attempts', 'jobs')) y"
)


@pytest.fixture(scope="module")
def city(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the application, its sound requests, and an administrator who may do everything."""
    for address in clone(template):
        app = create_app(config_for(address, tmp_path_factory.mktemp("hostile")))
        known = sound(furnish(app))
        ask(app, "INSERT INTO post_permissions SELECT DISTINCT 'admin', permission"
            " FROM post_permissions ON CONFLICT DO NOTHING RETURNING 1")  # fmt: skip
        yield app, known, Program(app, "admin")
        app.extensions["engine"].dispose()


def ask(app: Flask, question: str) -> Any:
    with app.extensions["sessions"].begin() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        return session.execute(text(question)).all()


def doors(city: Any) -> list[Any]:
    app, known, _ = city
    return [
        (method, rule, request_for(known, method, rule))
        for method, rule in routes(app)
        if not rule.rule.startswith(("/login", "/logout"))
    ]


def judge(city: Any, method: str, rule: Any, sent: Sent) -> tuple[list[Any], int]:
    """Send a request; return what is wrong with the answer, and its status."""
    app, _, program = city
    begun = time.perf_counter()
    answer = knock(app, program.client, method, rule, sent, program.headers)
    took = time.perf_counter() - begun
    wrong: list[Any] = []
    if answer.status_code >= 500:
        wrong.append(answer.status_code)
    if answer.status_code >= 400 and answer.is_json and not answer.json.get("detail"):
        wrong.append("no reason")
    if took > SECONDS and rule.rule != SIGNING_IN:
        wrong.append(f"{took:.1f} s")
    told = (method, rule.rule, repr(sent.args)[:80], repr(sent.query)[:120], repr(sent.body)[:160])
    return [(*told, *wrong)] if wrong else [], answer.status_code


def test_sound_requests_reach_what_lies_behind_the_doors(city: Any) -> None:
    statuses = [judge(city, m, r, s)[1] for m, r, s in doors(city) if m == "GET"]
    assert sum(status == 200 for status in statuses) > 50


def spoilt(sent: Sent, name: str, value: Any) -> Sent:
    return Sent(sent.args, sent.query, {**(sent.body or {}), name: value}, sent.form)


def test_no_geometry_of_a_stranger_is_a_fault_or_changes_anything(city: Any) -> None:
    app, _, _ = city
    (before,), found, tried = ask(app, DIGEST), [], 0
    shapes = {"geometry": GEOMETRIES, "line": LINES, "vertex": POSITIONS, "to": POSITIONS}
    for method, rule, sent in doors(city):
        for name in shapes.keys() & (sent.body or {}).keys():
            changed = {"verb": "split" if name == "line" else "move"} if "verb" in sent.body else {}
            for value in shapes[name]:
                body = {**sent.body, **changed, "seen": 99}
                wrong, status = judge(
                    city, method, rule, spoilt(Sent(sent.args, {}, body), name, value)
                )
                found += wrong
                tried += 1
                if status < 300 and rule.rule != "/api/v1/areas/previews":
                    found.append((rule.rule, name, repr(value)[:100], "was taken"))
    (after,) = ask(app, DIGEST)
    assert found == [], "\n".join(map(str, found))
    assert before == after
    assert tried >= 500


def test_no_value_in_any_field_of_any_body_is_a_fault(city: Any) -> None:
    chance, found = random.Random(11), []
    for method, rule, sent in doors(city):
        if method == "GET" or rule.rule in PHOTOS or sent.form:
            continue
        for name in sent.body or {}:
            for value in chance.sample(VALUES, 14):
                found += judge(city, method, rule, spoilt(sent, name, value))[0]
    assert found == [], "\n".join(map(str, found))


def test_no_text_in_any_parameter_is_a_fault(city: Any) -> None:
    app, _, _ = city
    found: list[Any] = []
    shuffled = random.Random(7).sample(INJECTIONS, len(INJECTIONS))
    texts_to_try, used = cycle(shuffled), 0
    (tables,) = ask(app, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    for method, rule, sent in doors(city):
        texts = [name for name, value in (sent.body or {}).items() if isinstance(value, str)]
        names = [("args", n) for n, v in sent.args.items() if isinstance(v, str) and "-" not in v]
        names += [("query", n) for n in sent.query] + [("body", n) for n in texts]
        for where, name in names:
            strange = list(islice(texts_to_try, 3))
            used += len(strange)
            if where == "query":
                strange += ["", "\0", "9" * 5_000, "-1", "²", str(2**63), "1e999", "nan"]
                strange += BOXES if "bbox" in name else []
            for value in strange:
                parts = {"args": sent.args, "query": sent.query, "body": sent.body}
                clean = value.replace("/", "").replace("\0", "") or "x"
                spoil = clean if where == "args" else value
                parts[where] = {**(parts[where] or {}), name: spoil}
                found += judge(city, method, rule, Sent(**parts, form=sent.form))[0]
    assert found == [], "\n".join(map(str, found))
    assert used >= len(INJECTIONS) == 300
    assert ask(app, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [tables]


FOREIGN = {b'{"geometry": []}'}
"""Of doors that know no such member, some have no member that must be there."""
RAW = (
    *FOREIGN,
    b"", b"\0", b"{", b"[]", b"null", b"\"x\"", b"{\"a\": NaN}", b"{\"a\": Infinity}", b"\xff\xfe",
    b"{\"a\": \"\\u0000\"}", b"{\"a\": \"\\ud800\"}", b"[" * 100_000, b"{\"a\":" * 50_000,
    b"{\"a\": 1" + b"0" * 5_000 + b"}", b"{\"geometry\": \"" + b"x" * 2_500_000 + b"\"}",
    json.dumps({"geometry": {"type": "LineString", "coordinates": [[1, 2]] * 1_000_000}}).encode(),
)  # fmt: skip


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: repr(raw[:12]))
def test_no_body_whatever_its_bytes_is_a_fault(city: Any, raw: bytes) -> None:
    app, _, program = city
    wrong = []
    for method, rule, sent in doors(city):
        takes = method == "POST" and sent.body and rule.rule.startswith("/api/") and not sent.form
        if not takes or rule.rule in PHOTOS | {"/api/v1/uploads"} or needed(app, rule) == "public":
            continue
        path = app.url_map.bind("localhost").build(rule.endpoint, sent.args, method=method)
        begun = time.perf_counter()
        answer = program.client.post(
            path, data=raw, headers=program.headers, content_type="application/json"
        )
        took = time.perf_counter() - begun
        taken = answer.status_code < 300 and raw in FOREIGN
        refused = 400 <= answer.status_code < 500 and answer.json["detail"]
        if not (taken or refused) or took > SECONDS:
            wrong.append((rule.rule, answer.status_code, took))
    assert wrong == []
