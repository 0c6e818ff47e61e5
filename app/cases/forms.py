"""What a client may send about a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kernel import fields
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence
from gis.crs import CoordSys

SOURCES: dict[str, str] = {
    "01": sentence("Inspector"),
    "02": sentence("Hotline 12319"),
    "03": sentence("Hotline 12345"),
    "04": sentence("Website"),
    "05": sentence("WeChat or app"),
    "06": sentence("Video"),
    "07": sentence("Sensor"),
    "08": sentence("Drone"),
    "09": sentence("Order from above"),
    "10": sentence("Media"),
    "11": sentence("Upper platform"),
    "12": sentence("Department"),
    "13": sentence("Petition"),
    "14": sentence("Grid officer"),
    "15": sentence("Special campaign"),
    "99": sentence("Other"),
}
ALIASES = {
    "inspector": "01",
    "hotline": "02",
    "12319": "02",
    "12345": "03",
    "web": "04",
    "app": "05",
    "video": "06",
    "sensor": "07",
    "drone": "08",
    "media": "10",
    "other": "99",
}
"""Words a program may send for the commonest sources."""

BY_POST = {"inspector": "01", "agent": "02"}
DUE = ("overdue", "soon")


@dataclass(frozen=True, slots=True)
class ReportForm:
    """A problem as somebody reports it; the position is as sent, in ``coord_sys``."""

    source: str
    kind: str
    part_code: str
    description: str
    lon: float
    lat: float
    coord_sys: str
    address: str
    photos: tuple[UUID, ...]
    client_uid: UUID | None
    captured_at: datetime | None
    caller_name: str
    caller_phone: str

    @classmethod
    def read(cls, body: Mapping[str, Any], who: Actor) -> ReportForm:
        """Return the form in ``body``, or raise naming the field that is wrong."""
        caller = body.get("caller") or {}
        if not isinstance(caller, dict):
            raise Refused(sentence("“%(field)s” must be an object."), field="caller").about(
                "caller"
            )
        return cls(
            source=_source(fields.text(body, "source", most=20), who),
            kind=fields.text(body, "kind", required=True, most=12),
            part_code=fields.text(body, "part_code", most=40),
            description=fields.text(body, "description"),
            lon=fields.number(body, "lon"),
            lat=fields.number(body, "lat"),
            coord_sys=_coord_sys(fields.text(body, "coord_sys", most=12)),
            address=fields.text(body, "address", most=300),
            photos=fields.identifiers(body, "photos"),
            client_uid=fields.identifier(body.get("client_uid"), "client_uid"),
            captured_at=_instant(body, "captured_at"),
            caller_name=fields.text(caller, "name", most=60),
            caller_phone=fields.text(caller, "phone", most=30),
        )


def _source(given: str, who: Actor) -> str:
    code = ALIASES.get(given, given) or BY_POST.get(who.post, "99")
    if code not in SOURCES:
        raise Refused(sentence("There is no source “%(source)s”."), source=given).about("source")
    return code


def _coord_sys(given: str) -> str:
    if given and given not in set(CoordSys):
        raise Refused(sentence("“coord_sys” must be one of cgcs2000, wgs84, gcj02, bd09.")).about(
            "coord_sys"
        )
    return given or CoordSys.CGCS2000


def _instant(body: Mapping[str, Any], name: str) -> datetime | None:
    given = fields.text(body, name, most=40)
    if not given:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1990 <= found.year <= 2200:
        raise Refused(
            sentence("“%(field)s” must be a time like 2026-11-22T09:00:00+08:00."), field=name
        ).about(name)
    return found


@dataclass(frozen=True, slots=True)
class StepForm:
    """One action and the answers it asks for; ``seen`` is the last step on the actor's screen."""

    action: str
    seen: int
    answers: Mapping[str, Any]

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> StepForm:
        """Return the form in ``body``, or raise naming the field that is wrong."""
        answers = body.get("answers") or {}
        if not isinstance(answers, dict):
            raise Refused(sentence("“%(field)s” must be an object."), field="answers").about(
                "answers"
            )
        return cls(
            action=fields.text(body, "action", required=True, most=40),
            seen=fields.integer(body, "seen"),
            answers=answers,
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """Which cases a list shows; every list, map and export of cases understands the same ones."""

    stage: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    category: str = ""
    district: str = ""
    cell: str = ""
    department: str = ""
    bbox: tuple[float, float, float, float] | None = None
    due: str = ""
    q: str = ""
    mine: str = ""
    after: int | None = None
    limit: int = 50

    @classmethod
    def read(cls, args: Mapping[str, Any]) -> Filters:
        """Return the filters in a query string, or raise naming the one that is wrong."""
        due = fields.text(args, "due", most=10)
        if due and due not in DUE:
            raise Refused(sentence("“due” must be overdue or soon.")).about("due")
        return cls(
            stage=_list(args, "stage"),
            state=_list(args, "state"),
            kind=_list(args, "kind"),
            category=fields.text(args, "category", most=6),
            district=fields.text(args, "district", most=20),
            cell=fields.text(args, "cell", most=20),
            department=fields.text(args, "department", most=60),
            bbox=fields.box(args),
            due=due,
            q=fields.text(args, "q", most=100),
            mine=fields.text(args, "mine", most=10),
            after=fields.integer(args, "after", most=2**62) if args.get("after") else None,
            limit=fields.integer(args, "limit", least=1, most=200) if args.get("limit") else 50,
        )

    def without_page(self) -> Filters:
        """Return the same filters from the first row on."""
        return replace(self, after=None)


def _list(args: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = fields.text(args, name, most=400)
    return tuple(part.strip() for part in given.split(",") if part.strip())
