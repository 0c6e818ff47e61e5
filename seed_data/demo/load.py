"""Storing the demo city: one transaction, about a minute, the same city every time."""

import json
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import photos
from app.catalogue.queries import handbook
from app.kernel import files
from app.kernel.auth import NOBODY, Actor
from app.org.rules import PERMISSIONS
from app.org.service import HASHER
from app.places.addresses import imports as addresses
from app.workflow import queries as flows
from grid_codes.profiles import profile
from seed_data.demo import doors, names, pictures
from seed_data.demo.copying import copy
from seed_data.demo.history import Cast, Life, Told, tell
from seed_data.demo.people import workers
from seed_data.demo.town import Town, build, spots

SEED = 20261122
CASES, DAYS = 22_000, 365
PUNCTUAL = (0.985, 0.955, 0.93, 0.99, 0.90, 0.875, 0.965, 0.945, 0.97, 0.99, 0.96, 0.895)
CASE_COLUMNS = (
    "source", "kind", "part_code", "condition_id", "description", "address", "cell", "state",
    "stage", "number", "department", "reporter_id", "inspector_id", "passed", "rework_count",
    "clock_at", "clock_limit", "clock_unit", "amber_at", "due_at", "reported_at", "filed_at",
    "dispatched_at", "handled_at", "handle_due_at", "close_due_at", "closed_at",
)  # fmt: skip
STEP_COLUMNS = (
    "position", "action", "source", "target", "actor_id", "post", "department", "answers",
    "due_at", "at",
)  # fmt: skip
Step = tuple[str, Callable[[], None]]


class Loader:
    """Builds and stores the city part by part; the parts share what came before."""

    def __init__(self, session: Session, profile_name: str, data: Path, now: datetime) -> None:
        self.session, self.profile, self.data, self.now = session, profile(profile_name), data, now
        self.random = Random(SEED)  # noqa: S311 - the same city each time, nothing secret
        self.town: Town
        self.cases: list[Told] = []
        self.accounts: list[dict[str, str]] = []

    def steps(self) -> Iterator[tuple[str, Callable[[], None], int]]:
        """Yield what is to be done: a name, a function, and its share of the time."""
        yield "ground plan and cells", self.build, 8
        yield "base map", self.store_map, 6
        yield "addresses", self.store_addresses, 6
        yield "departments and people", self.store_people, 8
        yield "parts", self.store_parts, 12
        yield "a year of cases", self.live, 40
        yield "storing the cases", self.store_cases, 20
        yield "photos", self.store_photos, 6

    def build(self) -> None:
        """Draw the city and divide it into cells."""
        self.session.execute(text("SET LOCAL statement_timeout = 0"))
        self.town = build(self.profile, self.random)

    def store_map(self) -> None:
        """Store divisions, areas, cells, beats and the base map."""
        top = [(*names.PROVINCE, 1, None), (*names.CITY, 2, names.PROVINCE[0])]
        level = {"district": 3, "street": 4, "community": 5}
        land = self.town.grounds
        copy(
            self.session,
            "divisions",
            ("code", "name", "level", "parent_code"),
            [*top, *((g.code, g.name, level[g.level], g.parent) for g in land)],
        )
        copy(
            self.session,
            "areas",
            ("code", "name", "level", "within", "geom"),
            [(g.code, g.name, g.level, g.parent, g.shape) for g in land],
        )
        copy(
            self.session,
            "base_features",
            ("layer", "cls", "name", "geom"),
            [(f.layer, f.cls, f.name, f.shape) for f in self.town.features],
        )
        self._store_cells()

    def _store_cells(self) -> None:
        digits = sum(self.profile.cell_lengths[:-1])
        begun = (self.now - timedelta(days=DAYS + 30)).date()
        copy(
            self.session,
            "cells",
            ("code", "community", "area_m2", "grade", "begun_on", "geom"),
            [
                (code, code[:digits], 1, self.random.choice("ABBBC"), begun, shape)
                for code, shape in self.town.cells.items()
            ],
        )
        self.session.execute(text("UPDATE cells SET area_m2 = ST_Area(geom::geography)"))
        self.session.execute(text(BEATS))
        self.session.execute(text(BIND_BEATS))
        self.session.execute(text(LIST_BEATS))

    def store_addresses(self) -> None:
        """Store streets, doors, named places, and where the streets cross."""
        told = doors.addresses(self.town.features, Random(SEED))  # noqa: S311 - as above
        addresses.take(self.session, told, source="surveyed")

    def store_people(self) -> None:
        """Store departments, routes and people, with a random password for each account."""
        copy(
            self.session,
            "departments",
            ("code", "name", "position"),
            [(code, name, n) for n, (code, name) in enumerate(names.DEPARTMENTS)],
        )
        copy(self.session, "routes", ("kind", "area", "department"), names.ROUTES)
        rows = []
        for worker in workers():
            word = secrets.token_urlsafe(9) if worker.account else None
            if word:
                account = {"username": worker.username, "password": word, "post": worker.post}
                self.accounts.append(account)
            kept = HASHER.hash(word) if word else None
            rows.append(
                (worker.username, worker.name, worker.post, worker.department, worker.area, kept)
            )
        copy(
            self.session,
            "people",
            ("username", "name", "post", "department", "area", "password_hash"),
            rows,
        )
        self.session.execute(text(BIND_INSPECTORS))

    def store_parts(self) -> None:
        """Store the register of parts, each with its owner and its cell."""
        book = handbook(self.session)
        copy(
            self.session,
            "parts",
            ("code", "kind", "name", "owner", "cell", "begun_on", "geom"),
            [
                (code, part.kind, book.kinds[part.kind].name, _owner(part.kind, cell), cell,
                 (self.now - timedelta(days=DAYS)).date(), part.shape)
                for code, part, cell in self.town.parts
            ],
        )  # fmt: skip
        division = self.profile.part_lengths[0]
        counted = Counter((code[:division], part.kind) for code, part, _ in self.town.parts)
        copy(
            self.session,
            "part_serials",
            ("division", "kind", "last"),
            [(*key, n) for key, n in counted.items()],
        )

    def live(self) -> None:
        """Let the year happen."""
        book = handbook(self.session)
        flow = flows.current(self.session, book.version)
        rows = self.session.execute(text("SELECT code, grade FROM cells"))
        grades = {row.code: row.grade for row in rows}
        life = Life(flow, book, self._cast(), self.now, self.random, grades=grades)
        moments = life.moments(DAYS, CASES)
        places = spots(self.town, dict(book.kinds), round(CASES * 1.15), self.random)[:CASES]
        self.cases = [tell(life, spot, at) for spot, at in zip(places, moments, strict=True)]
        copy(
            self.session,
            "case_counters",
            ("prefix", "day", "last"),
            [(kind, day, n) for (kind, day), n in life.serials.items()],
        )

    def _cast(self) -> Cast:
        rows = self.session.execute(
            text("SELECT id, post, department, area FROM people ORDER BY id")
        )
        people = [
            Actor(r.id, r.post, frozenset(PERMISSIONS[r.post]), r.department, r.area) for r in rows
        ]
        first = {p.post: p for p in reversed(people)}
        return Cast(
            inspectors={
                code: [p for p in people if p.post == "inspector" and p.area == code]
                for code, _ in names.DISTRICTS
            },
            agent=first["agent"],
            shift=first["shift_leader"],
            dispatcher=first["dispatcher"],
            departments={p.department: p for p in people if p.department},
            punctual={
                code: rate for (code, _), rate in zip(names.DEPARTMENTS, PUNCTUAL, strict=True)
            },
        )

    def store_cases(self) -> None:
        """Store the cases and their journals."""
        flow = flows.current(self.session, handbook(self.session).version).id
        copy(
            self.session,
            "cases",
            ("id", "flow_id", "steps", "place", *CASE_COLUMNS),
            [
                (n, flow, len(told.steps), shapely.Point(told.columns["lon"], told.columns["lat"]),
                 *(told.columns.get(name) for name in CASE_COLUMNS))
                for n, told in enumerate(self.cases, start=1)
            ],
        )  # fmt: skip
        copy(
            self.session,
            "case_steps",
            ("case_id", "bulk", *STEP_COLUMNS),
            [
                (n, True, *(step[name] for name in STEP_COLUMNS))
                for n, told in enumerate(self.cases, start=1)
                for step in told.steps
            ],
        )
        self.session.execute(
            text("SELECT setval(pg_get_serial_sequence('cases', 'id'), max(id)) FROM cases")
        )
        self.session.execute(text(OUT_NOW))

    def store_photos(self) -> None:
        """Draw a few photos and show them with the reports and the results."""
        kept = [self._photo(tidy) for tidy in (False, False, False, False, True, True)]
        rows = []
        for n, told in enumerate(self.cases, start=1):
            rows.append((n, 1, kept[n % 4]))
            rows += [
                (n, s["position"], kept[4 + n % 2])
                for s in told.steps
                if s["action"] == "report_done"
            ]
        copy(self.session, "case_photos", ("case_id", "position", "photo_id"), rows)

    def _photo(self, tidy: bool) -> str:
        stored = files.store(self.data / "files", pictures.scene(self.random, tidy=tidy))
        # Each drawing is shown with thousands of cases: comparing them would say nothing.
        stored = replace(stored, look=None)
        photo_id: str = photos.keep(self.session, stored, actor=NOBODY)["id"]
        return photo_id


BEATS = (
    "INSERT INTO beats (name, district, geom) SELECT d.name || '责任网格', left(c.community, 6),"
    " ST_Multi(ST_Union(c.geom)) FROM cells c JOIN divisions d ON d.code = c.community"
    " GROUP BY d.name, left(c.community, 6)"
)
BIND_BEATS = (
    "UPDATE cells SET beat_id = b.id FROM beats b, divisions d"
    " WHERE d.code = cells.community AND b.name = d.name || '责任网格'"
)
LIST_BEATS = (
    "INSERT INTO beat_cells (shift_id, cell, beat_id) SELECT 1, code, beat_id FROM cells"
    " WHERE beat_id IS NOT NULL"
)

BIND_INSPECTORS = (
    "INSERT INTO beat_inspectors (beat_id, person_id) SELECT b.id, p.id FROM beats b"
    " JOIN people p ON p.post = 'inspector' AND p.area = b.district AND p.id % 3 = b.id % 3"
)
OUT_NOW = (
    "INSERT INTO tasks (case_id, purpose, person_id, cell, place, given_by, given_at, due_at, way)"
    " SELECT c.id, CASE c.state WHEN 'confirming' THEN 'confirm' ELSE 'verify' END,"
    "  c.inspector_id, c.cell, c.place, s.actor_id, s.at, c.due_at, 'by hand'"
    " FROM cases c JOIN case_steps s ON s.case_id = c.id AND s.position = c.steps"
    " WHERE c.state IN ('confirming', 'verifying') AND c.closed_at IS NULL"
)


def _owner(kind: str, cell: str) -> str:
    fitting = [r for r in names.ROUTES if kind.startswith(r[0]) and cell.startswith(r[1])]
    return max(fitting, key=lambda r: (len(r[0]), len(r[1])))[2]


def write_accounts(path: Path, accounts: list[dict[str, Any]]) -> None:
    """Write the demo accounts to ``path``, readable by its owner alone."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=1)


def is_empty(session: Session) -> bool:
    """Say whether nobody works here and nothing was reported yet."""
    tables = ("people", "cases", "cells")
    full = " OR ".join(f"EXISTS (SELECT FROM {table})" for table in tables)
    return not session.execute(text(f"SELECT {full}")).scalar_one()
