"""What photos prove: looks alike, distances, times, and the decision they ask for."""

import io
import random
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image, ImageDraw, ImageEnhance
from sqlalchemy import text

from app.cases import evidence
from app.cases.evidence import Shot
from app.kernel import clock, reencode
from tests.city import INSIDE

LON, LAT = INSIDE
AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
GOOD = {"kind": "0102", "description": "垃圾", "lon": LON, "lat": LAT}


def scene(number: int) -> Image.Image:
    """Return a picture of a made-up street: sky, ground, boxes of many sizes; always the same."""
    pick = random.Random(number)
    image = Image.new("RGB", (1200, 900), tuple(pick.randrange(120, 250) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, pick.randrange(350, 600), 1200, 900), fill=(90, 90, pick.randrange(60, 120)))
    for _ in range(40):
        x, y = pick.randrange(1100), pick.randrange(800)
        size = pick.randrange(30, 320), pick.randrange(30, 320)
        colour = tuple(pick.randrange(256) for _ in range(3))
        draw.rectangle((x, y, x + size[0], y + size[1]), fill=colour)
    return image


def jpeg(image: Image.Image, quality: int = 85, **saved) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=quality, **saved)
    return kept.getvalue()


def again(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw)).convert("RGB")


def cropped(image: Image.Image, share: float) -> Image.Image:
    x, y = int(image.width * share), int(image.height * share)
    return image.crop((x, y, image.width - x, image.height - y))


COPIES = {
    "recompressed": lambda image: again(jpeg(image, 40)),
    "smaller": lambda image: image.resize((400, 300)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.25),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.75),
    "less colour": lambda image: ImageEnhance.Color(image).enhance(0.3),
    "cropped by a hundredth": lambda image: cropped(image, 0.01),
}


def bits(one: int, other: int) -> int:
    return ((one ^ other) & (2**64 - 1)).bit_count()


def alike(one: Image.Image, other: Image.Image) -> bool:
    looks = reencode.look(one), reencode.look(other)
    if None in looks:
        return False
    return bits(*looks) <= 10 and bits(reencode.edges(one), reencode.edges(other)) <= 12


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_known_however_it_was_saved(copy):
    found = [alike(scene(n), COPIES[copy](scene(n))) for n in range(25)]
    assert all(found), found


def test_different_pictures_are_never_taken_for_one():
    scenes = [scene(n) for n in range(60)]
    pairs = [(a, b) for n, a in enumerate(scenes) for b in scenes[:n]]
    assert not [1 for a, b in pairs if alike(a, b)]


def test_a_picture_that_shows_nothing_has_no_look():
    assert reencode.look(Image.new("RGB", (640, 480), (90, 120, 60))) is None


NEAR = Shot("p", AT, AT - timedelta(minutes=5), camera_metres=20, device_metres=5, metres_apart=20)


@pytest.mark.parametrize(
    ("changed", "score", "says", "serious"),
    [
        ({}, 100, [], False),
        ({"taken_at": AT - timedelta(hours=4)}, 80, ["taken 4 h before"], False),
        ({"taken_at": AT - timedelta(hours=49)}, 60, ["taken 49 h before"], False),
        ({"taken_at": AT + timedelta(hours=1)}, 80, ["ahead of ours"], False),
        ({"camera_metres": 101}, 80, ["taken 101 m from the pin"], False),
        ({"camera_metres": 420}, 50, ["taken 420 m from the pin"], True),
        ({"device_metres": 301}, 50, ["sent 301 m from the pin"], True),
        ({"metres_apart": 201}, 80, ["201 m apart"], False),
        ({"track_metres": 301}, 70, ["no nearer than 301 m"], False),
        ({"track_metres": 300}, 100, [], False),
        ({"twin": "E0102202611220017", "bits": 3}, 20, ["E0102202611220017"], True),
        ({"twin_step": 1, "bits": 0}, 20, ["with step 1"], True),
        (
            {"twin": "E1", "bits": 3, "camera_metres": 420},
            0,
            ["in case E1", "420 m from the pin"],
            True,
        ),
        (
            {"taken_at": None, "camera_metres": None, "device_metres": None, "metres_apart": None},
            85,
            ["nothing says"],
            False,
        ),
    ],
)
def test_each_reason_takes_its_share_and_is_said(changed, score, says, serious):
    facts = {name: getattr(NEAR, name) for name in Shot.__slots__} | changed
    shot = Shot(**facts)
    found = evidence.remarks(shot)
    assert evidence.score(found) == score
    told = [one.message % one.facts for one in found]
    assert len(told) == len(says)
    assert all(any(piece in line for line in told) for piece in says)
    assert evidence.is_serious([shot]) is serious


def send(program, image, **device):
    reply = program.client.post(
        "/api/v1/photos",
        data={"file": (io.BytesIO(jpeg(image)), "a.jpg"), **device},
        headers=program.headers,
        content_type="multipart/form-data",
    )
    assert reply.status_code == 201, reply.text
    return reply.json["id"]


def accepted(api, *photos):
    inspector, leader = api("inspector"), api("leader1")
    uid = inspector.post("/api/v1/cases", {**GOOD, "photos": list(photos)}).json["uid"]
    step = {"action": "accept", "answers": {}, "seen": 1}
    assert leader.post(f"/api/v1/cases/{uid}/steps", step).status_code == 201
    return uid


def file(leader, uid, **answers):
    case = leader.get(f"/api/v1/cases/{uid}").json
    asks = next(a for a in case["actions"] if a["action"] == "file")["asks"]
    condition = next(ask for ask in asks if ask["name"] == "condition")["options"][0]["value"]
    body = {"action": "file", "answers": {"condition": condition, **answers}, "seen": 2}
    return leader.post(f"/api/v1/cases/{uid}/steps", body), [ask["name"] for ask in asks]


def test_a_reused_photo_asks_for_a_decision_that_the_journal_keeps(api):
    inspector, leader = api("inspector"), api("leader1")
    first = accepted(api, send(inspector, scene(101)))
    reply, asked = file(leader, first)
    assert (reply.status_code, "evidence" in asked) == (201, False)
    second = accepted(api, send(inspector, COPIES["recompressed"](scene(101))))
    shown = leader.get(f"/api/v1/cases/{second}").json["evidence"]
    (photo,) = shown.values()
    assert photo["serious"] is True
    assert photo["score"] == 20 - 15
    assert photo["twin"] == first
    reply, asked = file(leader, second)
    assert (reply.status_code, "evidence" in asked) == (422, True)
    reply, _ = file(leader, second, evidence="同一处再次发生")
    assert reply.status_code == 201
    step = leader.get(f"/api/v1/cases/{second}").json["steps"][-1]
    assert {"name": "evidence", "label": "仍采用这些照片的理由", "value": "同一处再次发生"} in step[
        "answers"
    ]


def test_a_photo_sent_from_far_off_asks_and_one_from_the_place_does_not(api):
    inspector, leader = api("inspector"), api("leader1")
    far = accepted(api, send(inspector, scene(102), lon=LON + 0.01, lat=LAT, accuracy_m=10))
    near = accepted(api, send(inspector, scene(103), lon=LON, lat=LAT, accuracy_m=10))
    assert [file(leader, uid)[0].status_code for uid in (far, near)] == [422, 201]


def test_the_track_is_looked_at_around_the_time_of_the_photo(api, sessions, people):
    inspector = api("inspector")
    fix = {"lon": LON + 0.01, "lat": LAT, "accuracy_m": 9, "at": clock.now().isoformat()}
    assert inspector.post("/api/v1/positions", {"fixes": [fix]}).json["kept"] == 1
    uid = accepted(api, send(inspector, scene(104)))
    (photo,) = api("leader1").get(f"/api/v1/cases/{uid}").json["evidence"].values()
    assert any("轨迹" in reason for reason in photo["reasons"])
    with sessions.begin() as session:
        session.execute(text("DELETE FROM track_points"))
        session.execute(text("DELETE FROM last_positions"))


@pytest.mark.parametrize("who", ["agent", "dispatcher", "inspector", "sanitation", "mayor"])
def test_evidence_is_shown_only_to_who_may_file_or_close(api, who):
    uid = accepted(api, send(api("inspector"), scene(105)))
    found = api(who).get(f"/api/v1/cases/{uid}")
    assert not (found.json or {}).get("evidence")


@pytest.mark.parametrize(
    "device", [{"lon": "x", "lat": LAT}, {"lon": LON}, {"lon": 0, "lat": 0}, {"lon": 200, "lat": 1}]
)
def test_a_device_place_that_cannot_be_is_refused(api, device):
    program = api("inspector")
    reply = program.client.post(
        "/api/v1/photos",
        data={"file": (io.BytesIO(jpeg(scene(106))), "a.jpg"), **device},
        headers=program.headers,
        content_type="multipart/form-data",
    )
    assert reply.status_code == 422


def test_the_bands_find_what_differs_in_seven_bits(sessions):
    """An oracle: any seven flipped bits share a probe, whichever they are."""
    pick = random.Random(7)
    with sessions() as session:
        for _ in range(300):
            one = pick.getrandbits(64) - 2**63
            other = one
            for bit in pick.sample(range(64), 7):
                other ^= (1 << bit) if bit < 63 else -(1 << 63)
            found = session.execute(
                text(
                    "SELECT hash_bands(:a) && hash_probes(:b) AS met, hash_distance(:a, :b) AS bits"
                ),
                {"a": one, "b": other},
            ).one()
            assert (found.met, found.bits) == (True, 7)
