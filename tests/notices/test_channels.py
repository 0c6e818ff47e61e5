"""Messages that leave the house: one id however often they are tried, signed, patient, given up."""

import hashlib
import hmac
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.kernel.queue import Progress
from app.notices import channels, rules
from config import check_channels
from tests.cases.pressing import dispatched, rows
from tests.notices.test_notices import house, tell  # noqa: F401 - a fixture

KEY = "only-for-tests"


class Smsc(BaseHTTPRequestHandler):
    """A gateway that keeps what it got and answers what it was told to."""

    got: list
    answers: list

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.headers["X-Signature"], body))
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP as taking a mail needs."""

    got: list

    def handle(self):
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (told := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(told)
                self.got.append(b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


@pytest.fixture
def gateway():
    kind = type("Gateway", (Smsc,), {"got": [], "answers": []})
    with HTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield channels.Gateway(f"http://127.0.0.1:{server.server_port}/send", KEY), kind
        server.shutdown()


@pytest.fixture
def post():
    kind = type("Post", (Smtp,), {"got": []})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        yield channels.Mail(f"smtp://127.0.0.1:{port}?from=wanmi@example.org"), kind
        server.shutdown()


def deliver(sessions, ways):
    return channels.deliver(Progress(0, sessions), sessions, ways)["tried"]


def reachable(sessions, api, **told):
    """Have one case dispatched and urged to somebody who wants mail and text messages."""
    wanted = {"email": "hw@example.org", "phone": "13800000000", "by_email": True, "by_sms": True}
    assert api("sanitation").post("/api/v1/notices/contact", wanted | told).status_code == 201
    uid = dispatched(api)
    api("dispatcher").post(f"/api/v1/cases/{uid}/urges", {"words": "快"})
    tell(sessions)


def states(sessions):
    found = rows(sessions, "SELECT d.channel, d.state, d.tries FROM deliveries d ORDER BY d.id")
    return sorted(tuple(row) for row in found)


def due_again(sessions):
    rows(sessions, "UPDATE deliveries SET run_at = now() RETURNING 1")


def test_urgent_notices_go_out_by_both_channels_and_others_by_mail_alone(house, gateway, post):  # noqa: F811
    sessions, api = house
    reachable(sessions, api)
    (sms, heard), (mail, mailed) = gateway, post
    assert deliver(sessions, {"sms": sms, "email": mail}) == 3
    assert states(sessions) == [("email", "sent", 1), ("email", "sent", 1), ("sms", "sent", 1)]
    ((signature, body),) = heard.got
    assert hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest() == signature
    told = json.loads(body)
    assert told["phone"] == "13800000000"
    assert told["text"].startswith("催办：")
    ids = {line for mail in mailed.got for line in mail.splitlines() if "Message-ID" in line}
    assert len(ids) == 2
    assert deliver(sessions, {"sms": sms, "email": mail}) == 0


def test_a_lost_answer_brings_the_same_id_again(house, gateway):  # noqa: F811
    sessions, api = house
    reachable(sessions, api, by_email=False)
    sms, heard = gateway
    heard.answers[:] = [500, 200]
    deliver(sessions, {"sms": sms})
    assert states(sessions) == [("sms", "waiting", 1)]
    assert deliver(sessions, {"sms": sms}) == 0
    due_again(sessions)
    deliver(sessions, {"sms": sms})
    assert states(sessions) == [("sms", "sent", 2)]
    first, second = (json.loads(body)["id"] for _, body in heard.got)
    assert first == second


def test_a_message_is_given_up_after_ten_failures_and_shown(house, gateway):  # noqa: F811
    sessions, api = house
    reachable(sessions, api, by_email=False)
    sms, heard = gateway
    heard.answers[:] = [503] * 20
    for _ in range(rules.MOST_TRIES + 2):
        due_again(sessions)
        deliver(sessions, {"sms": sms})
    assert states(sessions) == [("sms", "dead", 10)]
    assert len(heard.got) == rules.MOST_TRIES
    page = api("admin").get("/admin/escalation").text
    assert "HTTPError" in page
    assert "13800000000" not in page


def test_a_channel_that_is_not_set_up_sends_nothing_and_keeps_nothing_waiting(house):  # noqa: F811
    sessions, api = house
    reachable(sessions, api)
    deliver(sessions, {})
    assert {state for _, state, _ in states(sessions)} == {"off"}


def test_quiet_hours_put_messages_off_without_a_try(house, gateway):  # noqa: F811
    sessions, api = house
    reachable(sessions, api, by_email=False, quiet_from="00:00", quiet_to="23:59:59")
    sms, heard = gateway
    assert deliver(sessions, {"sms": sms}) == 1
    assert states(sessions) == [("sms", "waiting", 0)]
    assert heard.got == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"email": "", "by_email": True},
        {"phone": "abc"},
        {"phone": "", "by_sms": True},
        {"quiet_from": "22:00"},
        {"quiet_from": "25:00", "quiet_to": "07:00"},
    ],
)
def test_an_address_or_hour_that_makes_no_sense_is_refused(api, wrong):
    assert api("gardens").post("/api/v1/notices/contact", wrong).status_code == 422


@pytest.mark.parametrize(
    ("mail", "sms", "key", "fine"),
    [
        ("", "", "", True),
        ("smtp://h:25", "https://g/send", "k", True),
        ("http://h", "", "", False),
        ("", "https://g/send", "", False),
        ("", "ftp://g", "k", False),
    ],
)
def test_the_server_refuses_to_start_with_a_wrong_way_out(mail, sms, key, fine):
    if fine:
        return check_channels(mail, sms, key)
    with pytest.raises(SystemExit):
        check_channels(mail, sms, key)
    return None
