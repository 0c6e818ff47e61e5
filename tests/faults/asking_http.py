"""A reporter with patience: each thing is sent under one key until somebody acknowledges it."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from typing import Any
from uuid import uuid4

from tests.city import INSIDE

LON, LAT = INSIDE


class Reporter:
    """Reports case after case and accepts each; knows the last step that was acknowledged."""

    def __init__(self, address: str, inspector: dict[str, str], leader: dict[str, str]) -> None:
        self.address, self.inspector, self.leader = address, inspector, leader
        self.acknowledged: dict[str, int] = {}
        self.faults: list[int] = []

    def wait_until_it_answers(self) -> None:
        """Return once the server serves, or raise ``TimeoutError``."""
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the server never answered")

    def work(self, stop: threading.Event) -> None:
        """Report and accept until told to stop."""
        while not stop.is_set():
            body: dict[str, Any] = {
                "kind": "0102",
                "lon": LON,
                "lat": LAT,
                "client_uid": str(uuid4()),
            }
            begun = self.insist("/api/v1/cases", body, self.inspector, stop)
            if begun is None:
                return
            self.acknowledged[begun["uid"]] = 1
            step = {"action": "accept", "answers": {}, "seen": 1}
            path = f"/api/v1/cases/{begun['uid']}/steps"
            if self.insist(path, step, self.leader, stop) is None:
                return
            self.acknowledged[begun["uid"]] = 2

    def insist(
        self, path: str, body: dict[str, Any], headers: dict[str, str], stop: threading.Event
    ) -> dict[str, Any] | None:
        """Send ``body`` under one key until it is acknowledged; None if told to stop before."""
        key = str(uuid4())
        while not stop.is_set():
            answer = self.send(path, body, {**headers, "Idempotency-Key": key})
            if answer is not None:
                return answer
            time.sleep(0.02)
        return None

    def send(
        self, path: str, body: dict[str, Any], headers: dict[str, str]
    ) -> dict[str, Any] | None:
        """Return the acknowledgement, None if there was none."""
        request = urllib.request.Request(
            f"{self.address}{path}",
            data=json.dumps(body).encode(),
            headers={**headers, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                answer: dict[str, Any] = json.load(reply)
                return answer
        except urllib.error.HTTPError as refused:
            # 404: a careless database has forgotten a case that it had acknowledged.
            if refused.code not in (503, 404):
                self.faults.append(refused.code)
            return None
        except (OSError, http.client.HTTPException):
            return None
