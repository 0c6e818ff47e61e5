"""Vector tiles: what they hold, who may see it, and when a copy is still true."""

import math

import pytest
from sqlalchemy import text

from app.parts import service as parts
from tests.city import INSIDE

LON, LAT = INSIDE


def tile(z, lon=LON, lat=LAT):
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{z}/{int((lon + 180) / 360 * n)}/{int(y * n)}"


def fetch(program, layer, z, **headers):
    path = f"/tiles/{layer}/{tile(z)}.mvt"
    return program.client.get(path, headers={**program.headers, **headers})


@pytest.mark.parametrize(
    ("layer", "z", "holds"),
    [
        ("cells", 16, b"37990100100101"),
        ("beats", 14, "责任网格".encode()),
        ("parts", 16, b"3799010103000001"),
        ("base", 15, "柳园路".encode()),
    ],
)
def test_a_tile_holds_its_layer(api, layer, z, holds):
    reply = fetch(api("leader1"), layer, z)
    assert reply.status_code == 200
    assert reply.mimetype == "application/vnd.mapbox-vector-tile"
    assert layer.encode() in reply.data or layer == "base"
    assert holds in reply.data


def test_a_copy_is_true_until_the_layer_changes(api, sessions):
    program = api("leader1")
    first = fetch(program, "parts", 16)
    again = fetch(program, "parts", 16, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with sessions.begin() as session:
        session.execute(text("UPDATE parts SET state = 'damaged'"))
    changed = fetch(program, "parts", 16, **{"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, b"damaged" in changed.data) == (200, True)


def test_below_zoom_14_parts_come_from_counts(api, app, sessions):
    assert b"n" not in fetch(api("leader1"), "parts", 12).data
    parts.recount(app.extensions["sessions"])
    found = fetch(api("leader1"), "parts", 12)
    assert b"parts" in found.data
    assert b"3799010103000001" not in found.data
    with sessions.begin() as session:
        rows = session.execute(text("SELECT z, sum(n) FROM part_counts GROUP BY z ORDER BY z"))
        assert [tuple(r) for r in rows] == [(z, 1) for z in range(14)]


def test_a_tile_of_cases_shows_each_reader_their_own(api):
    body = {"kind": "0102", "lon": LON, "lat": LAT}
    uid = api("inspector").post("/api/v1/cases", body).json["uid"].encode()
    assert uid in fetch(api("leader1"), "cases", 15).data
    assert uid not in fetch(api("sanitation"), "cases", 15).data
    assert uid not in fetch(api("dispatcher_yun"), "cases", 15).data


def test_a_department_and_a_leader_never_share_a_cached_tile_of_cases(api):
    tags = {fetch(api(who), "cases", 15).headers["ETag"] for who in ("leader1", "sanitation")}
    assert len(tags) == 2
