"""A case in a department's hands, for tests of what presses on it."""

from typing import Any

from sqlalchemy import text

from tests.city import INSIDE


def reported(api: Any) -> str:
    """Return the uid of a new case."""
    lon, lat = INSIDE
    body = {"kind": "0102", "lon": lon, "lat": lat, "description": "x"}
    uid: str = api("inspector").post("/api/v1/cases", body).json["uid"]
    return uid


def act(api: Any, who: str, uid: str, action: str, **answers: Any) -> Any:
    """Carry out ``action`` as ``who`` and return the answer."""
    seen = api(who).get(f"/api/v1/cases/{uid}").json["seen"]
    body = {"action": action, "answers": answers, "seen": seen}
    answer = api(who).post(f"/api/v1/cases/{uid}/steps", body)
    assert answer.status_code == 201, answer.text
    return answer.json


def dispatched(api: Any, department: str = "HW") -> str:
    """Return the uid of a case that waits for ``department`` to sign."""
    uid = reported(api)
    act(api, "leader1", uid, "accept")
    offered = api("leader1").get(f"/api/v1/cases/{uid}").json["actions"]
    asks = next(one for one in offered if one["action"] == "file")["asks"]
    conditions = next(ask for ask in asks if ask["name"] == "condition")["options"]
    act(api, "leader1", uid, "file", condition=conditions[0]["value"])
    act(api, "dispatcher", uid, "dispatch", department=department)
    return uid


def rows(sessions: Any, statement: str, **binds: Any) -> list[Any]:
    """Return what ``statement`` finds."""
    with sessions.begin() as session:
        return list(session.execute(text(statement), binds))
