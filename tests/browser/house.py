"""A running Wanmi for browsers: web server, publisher, worker and counter, and a database."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from PIL import Image, ImageDraw
from playwright.sync_api import APIRequestContext, Playwright

from tests.city import INSIDE, PASSWORD

ROOT = Path(__file__).parent.parent.parent
START_SECONDS, STOP_SECONDS = 40, 15
WEB = ("gunicorn", "-c", "gunicorn.conf.py")
PUBLISHER = ("flask", "--app", "wsgi", "live")
WORKER = ("flask", "--app", "wsgi", "worker")
COUNTER = ("tests.browser.counter",)


@contextmanager
def running(database: str, data: Path) -> Iterator[str]:
    """Serve the city in ``database`` with files in ``data``; yield the address, leave nothing."""
    bind = f"127.0.0.1:{_free_port()}"
    chosen = {"DATABASE_URL": database, "DATA": str(data), "BIND": bind, "LOG_LEVEL": "WARNING"}
    # A machine that stands still for some seconds is no fault of a page.
    chosen["PATIENCE"] = "30000"
    with ExitStack() as stack:
        log = stack.enter_context((data / "server.log").open("wb"))
        for words in (WEB, PUBLISHER, WORKER, COUNTER):
            stack.enter_context(_process(words, os.environ | chosen, log))
        _wait(f"http://{bind}/healthz", data / "server.log")
        yield f"http://{bind}"


@contextmanager
def _process(words: tuple[str, ...], environment: dict[str, str], log: Any) -> Iterator[None]:
    command = (sys.executable, "-m", *words)
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _wait(address: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the server does not answer:\n{log.read_text()[-3000:]}")


def photo(text: str) -> bytes:
    """Return a JPEG as a phone would take it, with ``text`` on it; no two look alike."""
    picture = Image.new("RGB", (960, 720), (96, 128, 72))
    draw = ImageDraw.Draw(picture)
    pick = Random(text)
    for _ in range(12):
        x, y, shade = pick.randrange(800), pick.randrange(100, 600), pick.randrange(256)
        draw.rectangle(
            (x, y, x + pick.randrange(60, 300), y + pick.randrange(60, 300)), (shade,) * 3
        )
    draw.rectangle((240, 380, 620, 640), fill=(120, 84, 52))
    draw.text((40, 40), text, fill=(255, 255, 255))
    file = BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works through the API while others look at pages."""

    server: APIRequestContext

    @classmethod
    def arrive(cls, playwright: Playwright, origin: str, username: str) -> "Colleague":
        """Sign ``username`` in and return them."""
        door = playwright.request.new_context(base_url=origin)
        answer = door.post("/api/v1/sessions", data={"username": username, "password": PASSWORD})
        bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
        door.dispose()
        return cls(playwright.request.new_context(base_url=origin, extra_http_headers=bearer))

    def get(self, path: str) -> Any:
        """Return the JSON at ``path``."""
        return self.server.get(path).json()

    def _post(self, path: str, **sent: Any) -> Any:
        answer = self.server.post(path, headers={"Idempotency-Key": str(uuid4())}, **sent)
        assert answer.status == 201, answer.text()
        return answer.json()

    def send(self, path: str, **body: Any) -> Any:
        """Post ``body`` to ``path`` and return the JSON of what was made."""
        return self._post(path, data=body)

    def report(self, description: str, *, east: float = 0.0, kind: str = "E0102") -> str:
        """Report a problem ``east`` degrees east of the city's corner; return the case's uid."""
        near = {"name": "near.jpg", "mimeType": "image/jpeg", "buffer": photo(description)}
        sent = self._post("/api/v1/photos", multipart={"file": near})
        body = {
            "kind": kind,
            "description": description,
            "lon": INSIDE[0] + east,
            "lat": INSIDE[1],
            "photos": [sent["id"]],
        }
        return str(self._post("/api/v1/cases", data=body)["uid"])

    def take(self, uid: str, action: str, **answers: Any) -> None:
        """Take ``action`` on the case as it stands now; the first option where one is asked."""
        seen = self.get(f"/api/v1/cases/{uid}")
        asks = next(one["asks"] for one in seen["actions"] if one["action"] == action)
        first = {
            ask["name"]: ask["options"][0]["value"]
            for ask in asks
            if ask["required"] and ask.get("options")
        }
        body = {"action": action, "answers": first | answers, "seen": seen["seen"]}
        self._post(f"/api/v1/cases/{uid}/steps", data=body)
