"""Photos: re-encoded, stripped, kept by hash, shown only to who may see them."""

import io
import zlib

import pytest
from PIL import Image

from app.kernel import files
from tests.city import INSIDE

EXIF_WITH_PLACE = {0x0132: "2026:11:22 09:00:00"}


def picture(kind="JPEG", size=(3000, 2000), **saved):
    kept = io.BytesIO()
    Image.new("RGB", size, (10, 120, 30)).save(kept, kind, **saved)
    return kept.getvalue()


def with_place():
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2026:11:22 09:01:02"}
    exif[0x8825] = {1: "N", 2: (36.0, 36.0, 1.8), 3: "E", 4: (118.0, 12.0, 1.8)}
    return picture(exif=exif)


def send(program, raw, name="near.jpg"):
    return program.client.post(
        "/api/v1/photos",
        data={"file": (io.BytesIO(raw), name)},
        headers=program.headers,
        content_type="multipart/form-data",
    )


def test_a_photo_keeps_its_time_and_place_beside_it_and_loses_them_inside(api, app):
    reply = send(api("inspector"), with_place())
    assert reply.status_code == 201, reply.text
    assert reply.json["taken_at"] == "2026-11-22T09:01:02+08:00"
    assert reply.json["lon"] == pytest.approx(118.2005)
    stored = files.path_of(app.config["FILES"], reply.json["sha256"])
    with Image.open(stored) as image:
        assert not image.getexif()
        assert max(image.size) == 2_560
    with Image.open(files.path_of(app.config["FILES"], reply.json["sha256"], thumb=True)) as small:
        assert max(small.size) == 320


def bomb():
    """Return a PNG that claims 20 000 × 20 000 pixels in a few hundred bytes."""
    head = b"IHDR" + (20_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    body = b"IDAT" + zlib.compress(b"\0" * 1_000)
    chunks = [
        len(c[4:]).to_bytes(4, "big") + c + zlib.crc32(c).to_bytes(4, "big")
        for c in (head, body, b"IEND")
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html></html>",
        b"%PDF-1.7",
        b"GIF89a" + b"\0" * 40,
        b"\xff\xd8\xff\xe0" + b"\0" * 500,
        picture()[:2_000],
        bomb(),
        b"PK\x03\x04" + b"\0" * 100,
        picture("BMP", (20, 20)),
    ],
    ids=["empty", "text", "svg", "html", "pdf", "gif", "head only", "cut", "bomb", "zip", "bmp"],
)
def test_what_is_not_an_honest_photo_is_refused(api, raw):
    reply = send(api("inspector"), raw)
    assert reply.status_code == 422, reply.text
    assert "file" in reply.json["fields"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_of_photo_are_taken_whatever_they_are_called(api, kind):
    reply = send(api("inspector"), picture(kind, (64, 64)), "../../etc/passwd.svg")
    assert reply.status_code == 201


def test_without_a_file_the_sentence_says_how_to_send_one(api):
    program = api("inspector")
    assert program.client.post("/api/v1/photos", headers=program.headers).status_code == 422


def test_a_photo_is_shown_to_who_may_see_its_case_and_to_nobody_else(api):
    inspector = api("inspector")
    photo = send(inspector, picture(size=(64, 64))).json["id"]
    assert inspector.get(f"/photos/{photo}").status_code == 200
    assert api("leader1").get(f"/photos/{photo}").status_code == 404
    lon, lat = INSIDE
    body = {"kind": "0102", "lon": lon, "lat": lat, "photos": [photo]}
    assert inspector.post("/api/v1/cases", body).status_code == 201
    shown = api("leader1").get(f"/photos/{photo}/thumb")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert api("sanitation").get(f"/photos/{photo}").status_code == 404
    assert api("dispatcher_yun").get(f"/photos/{photo}").status_code == 404
