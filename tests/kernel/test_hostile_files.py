"""Whatever file a stranger sends to be imported: a reason or rows put aside, never a failed job."""

import io
import json
import zipfile
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from app import create_app, jobs
from app.kernel import queue
from tests.city import INSIDE, Program
from tests.conftest import clone, config_for
from tests.kernel.test_hostile_geometry import GEOMETRIES, INJECTIONS, VALUES, ask
from tests.layers import working

LON, LAT = INSIDE
NOISE = Random(5).randbytes(4_000)
ENDINGS = ("csv", "xlsx", "parquet", "geojson", "gpkg", "zip", "kml", "gml", "fgb", "osm",
           "osm.pbf", "gpx", "csv.gz", "shp.zip")  # fmt: skip
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><kml><Document><name>&j;</name></Document></kml>"
)


def packed(name: str, raw: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, raw)
    return stream.getvalue()


def table(*rows: str) -> bytes:
    return "\n".join(("code,name,level,parent_code,street,number,lon,lat", *rows)).encode()


def strange_rows() -> Iterator[str]:
    for value in (*(v for v in VALUES if isinstance(v, str)), *INJECTIONS[:40]):
        plain = value.encode("utf-8", "replace").decode().replace('"', '""')[:2_000]
        yield ",".join(f'"{plain}"' for _ in range(8))


def features() -> bytes:
    """Return every hostile geometry as a feature of one collection, as far as JSON can say it."""
    whole = [
        {"type": "Feature", "properties": {"name": str(n), "code": None}, "geometry": shape}
        for n, shape in enumerate(GEOMETRIES)
    ]
    return json.dumps({"type": "FeatureCollection", "features": whole}).encode()


FILES: tuple[tuple[str, bytes], ...] = (
    *((f"noise.{ending}", NOISE) for ending in ENDINGS),
    *((f"nul.{ending}", b"\0" * 300) for ending in ("csv", "geojson", "zip", "osm")),
    ("head.csv", table()),
    ("strange.csv", table(*strange_rows())),
    ("wide.csv", (",".join(f"c{n}" for n in range(9_000)) + "\n1").encode()),
    ("twice.csv", b"name,name,lon,lat,lon\na,b,1,2,3\n"),
    ("shapes.geojson", features()),
    ("deep.geojson", b'{"type":"FeatureCollection","features":' + b"[" * 60_000),
    ("none.geojson", b'{"type":"FeatureCollection","features":[]}'),
    ("crs.geojson", b'{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":'
                    b'"EPSG:999999"}},"features":[]}'),
    ("laughs.kml", LAUGHS),
    ("laughs.gpx", LAUGHS),
    ("climbs.zip", packed("../../climbs.csv", table())),
    ("inner.zip", packed("a.zip", packed("b.csv", table()))),
    ("bomb.zip", packed("a.csv", b"0" * 30_000_000)),
)  # fmt: skip


def asked(upload: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    sheet = {"upload": upload, "holds": "osm"}
    return (
        ("divisions/imports", {"upload": upload}),
        ("areas/imports", {"upload": upload, "level": "community"}),
        ("addresses/imports", {"upload": upload, "holds": "doors"}),
        ("addresses/imports", {"upload": upload, "holds": "streets"}),
        ("part-imports", {"upload": upload, "kind": "0402", "mapping": {}}),
        ("layers/works/versions", {"upload": upload}),
        ("base-imports", {"source": "x", "sheets": [sheet]}),
    )


@pytest.fixture(scope="module")
def city(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    for address in clone(template):
        app = create_app(config_for(address, tmp_path_factory.mktemp("files")))
        admin = Program(app, "admin")
        made = admin.post("/api/v1/layers", {"name": "works", "title": "x"})
        assert made.status_code == 201
        yield app, admin
        app.extensions["engine"].dispose()


CITY = ("cells", "parts", "divisions", "beats", "zones", "people")


@pytest.mark.parametrize(("name", "raw"), FILES, ids=[name for name, _ in FILES])
def test_no_file_makes_a_job_fail_or_changes_what_is_there(
    city: Any, name: str, raw: bytes
) -> None:
    app, admin = city
    before = [ask(app, f"SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM {t} x")
              for t in CITY]  # fmt: skip
    upload = working.send(admin, name, raw)
    glanced = admin.get("/api/v1/part-imports/glance", upload=upload)
    assert glanced.status_code < 500, glanced.text
    for path, body in asked(upload):
        answer = admin.post(f"/api/v1/{path}", body)
        assert answer.status_code < 500, (path, answer.text)
    doers = jobs.handlers(app.extensions["sessions"], app.config["SETTINGS"])
    while queue.run_one(app.extensions["sessions"], doers):
        pass
    broken = ask(app, "SELECT name, error FROM jobs WHERE error IS NOT NULL")
    ask(app, "UPDATE jobs SET error = NULL, done_at = now() WHERE error IS NOT NULL RETURNING 1")
    assert broken == [], "\n".join(str(row)[-900:] for row in broken)
    after = [ask(app, f"SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM {t} x")
             for t in CITY]  # fmt: skip
    assert before == after
