"""A small city for tests: two districts, four communities, 48 cells, three departments."""

import json
from typing import Any
from uuid import uuid4

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app.kernel import migrations
from app.kernel.auth import Actor
from app.kernel.clock import now
from app.kernel.http import new_secret
from app.org import service as org
from app.org.rules import PERMISSIONS
from grid_codes.profiles import cell_code, profile
from seed_data.standard.load import load

PASSWORD = "Correct-horse-9"  # noqa: S105 - opens only what tests make
WEST, SOUTH, STEP = 118.2, 36.6, 0.001
COLUMNS, ROWS = 12, 4
INSIDE = (118.2005, 36.6005)
PEOPLE = (
    ("inspector", "inspector", None, ""),
    ("inspector2", "inspector", None, ""),
    ("inspector_yun", "inspector", None, "379902"),
    ("agent", "agent", None, ""),
    ("leader1", "shift_leader", None, ""),
    ("dispatcher", "dispatcher", None, ""),
    ("dispatcher_yun", "dispatcher", None, "379902"),
    ("sanitation", "department", "HW", ""),
    ("gardens", "department", "YL", ""),
    ("evaluator", "evaluator", None, ""),
    ("mayor", "leader", None, ""),
    ("commander", "commander", None, ""),
    ("admin", "admin", None, ""),
)


def build(engine: Engine) -> None:
    """Make the tables, the standard rows, and the city."""
    migrations.upgrade(engine)
    with sessionmaker(engine).begin() as session:
        load(session, "CJT214-2007")
        _places(session)
        _organisation(session)


def _places(session: Session) -> None:
    divisions = [("37", "齐州省", 1, None), ("3799", "澜州市", 2, "37")]
    for district, name in (("379901", "澄湖区"), ("379902", "云门区")):
        divisions.append((district, name, 3, "3799"))
        divisions.append((f"{district}001", f"{name[:2]}街道", 4, district))
        divisions += [
            (f"{district}00100{n}", f"{name[:2]}第{n}社区", 5, f"{district}001") for n in (1, 2)
        ]
    session.execute(
        text("INSERT INTO divisions (code, name, level, parent_code) VALUES (:c, :n, :l, :p)"),
        [dict(zip("cnlp", row, strict=True)) for row in divisions],
    )
    rules = profile("CJT214-2007")
    for column in range(COLUMNS):
        district = "379901" if column < 6 else "379902"
        community = f"{district}00100{1 + column % 6 // 3}"
        for row in range(ROWS):
            _cell(
                session,
                cell_code(rules, community, column % 3 * ROWS + row + 1),
                community,
                column,
                row,
            )
    session.execute(
        text(
            "INSERT INTO areas (level, code, name, geom) SELECT 'district', left(code, 6),"
            " min(left(code, 6)), ST_Multi(ST_Union(geom)) FROM cells GROUP BY left(code, 6)"
        )
    )
    session.execute(
        text(
            "INSERT INTO beats (name, district, geom) "
            " SELECT '责任网格' || left(code, 6), left(code, 6),"
            " ST_Multi(ST_Union(geom)) FROM cells GROUP BY left(code, 6)"
        )
    )
    session.execute(
        text("UPDATE cells SET beat_id = b.id FROM beats b WHERE b.district = left(code, 6)")
    )
    session.execute(
        text("INSERT INTO beat_cells (shift_id, cell, beat_id) SELECT 1, code, beat_id FROM cells")
    )
    session.execute(
        text(
            "INSERT INTO base_features (layer, cls, name, geom) VALUES ('road', 'street', '柳园路',"
            " ST_GeomFromText('LINESTRING(118.2 36.601, 118.212 36.601)', 4490))"
        )
    )


def _cell(session: Session, code: str, community: str, column: int, row: int) -> None:
    west, south = WEST + column * STEP, SOUTH + row * STEP
    session.execute(
        text(
            "INSERT INTO cells (code, community, area_m2, geom) SELECT :code, :community,"
            " ST_Area(g::geography), g FROM (SELECT ST_MakeEnvelope(:w, :s, :e, :n, 4490) g) x"
        ),
        {
            "code": code,
            "community": community,
            "w": west,
            "s": south,
            "e": WEST + (column + 1) * STEP,
            "n": SOUTH + (row + 1) * STEP,
        },
    )


def _organisation(session: Session) -> None:
    bodies = (("HW", "环卫中心"), ("YL", "园林中心"), ("SZ", "市政中心"))
    session.execute(
        text("INSERT INTO departments (code, name, position) VALUES (:code, :name, :n)"),
        [{"code": c, "name": n, "n": i} for i, (c, n) in enumerate(bodies)],
    )
    session.execute(
        text("INSERT INTO routes (kind, area, department) VALUES (:kind, :area, :department)"),
        [
            {"kind": "", "area": "", "department": "SZ"},
            {"kind": "E01", "area": "", "department": "HW"},
            {"kind": "E0102", "area": "379902", "department": "YL"},
            {"kind": "C04", "area": "", "department": "YL"},
        ],
    )
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    session.execute(
        text(
            "INSERT INTO people (username, name, post, department, area, password_hash)"
            " VALUES (:username, :name, :post, :department, :area, :hash)"
        ),
        [
            {
                "username": u,
                "name": f"测试{u}",
                "post": p,
                "department": d,
                "area": a,
                "hash": quick,
            }
            for u, p, d, a in PEOPLE
        ],
    )
    session.execute(
        text(
            "INSERT INTO parts (code, kind, name, owner, cell, geom) VALUES ('3799010103000001',"
            " 'C0103', '雨水井盖', 'SZ', '37990100100101',"
            " ST_SetSRID(ST_MakePoint(118.2005, 36.6006), 4490))"
        )
    )


def actors(session: Session) -> dict[str, Actor]:
    """Return every person of the city as an actor, by user name."""
    rows = session.execute(text("SELECT id, username, name, post, department, area FROM people"))
    return {
        r.username: Actor(
            r.id, r.post, frozenset(PERMISSIONS[r.post]), r.department, r.area, r.name, r.username
        )
        for r in rows
    }


class Program:
    """A program signed in with a bearer token; it sends a new key with each write."""

    def __init__(self, app: Flask, username: str) -> None:
        self.client = app.test_client()
        token = new_secret()
        with app.extensions["sessions"].begin() as session:
            person = actors(session)[username]
            org.open_session(session, person.person_id, token=token, csrf="x", at=now())
        self.headers = {"Authorization": f"Bearer {token}"}
        self.id = person.person_id

    def get(self, path: str, **query: Any) -> TestResponse:
        """Read ``path``."""
        return self.client.get(path, headers=self.headers, query_string=query, buffered=True)

    def post(self, path: str, body: Any, *, key: str | None = None) -> TestResponse:
        """Send ``body`` under ``key``, a new one if none is given."""
        headers = {**self.headers, "Idempotency-Key": key or str(uuid4())}
        return self.client.post(
            path, data=json.dumps(body), headers=headers, content_type="application/json"
        )
