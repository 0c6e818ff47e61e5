"""One city and everything that its administrator may ask a worker for, on small made-up files."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from sqlalchemy import text

from app import jobs
from app.kernel import queue
from tests.city import SOUTH, STEP, WEST, Program
from tests.layers import working

LEASE = 0.4
DISTRICT = "379901"
DIVISIONS = b"code,name,level,parent_code\n379901002,X,4,379901\n379901002001,Y,5,379901002\n"
DOORS = "柳园路,{0},118.2{0:03d},36.6011\n"


@dataclass
class House:
    """A city on a database of its own, and its administrator."""

    app: Flask
    address: str
    admin: Program
    chance: random.Random
    serial: int = 0

    @property
    def sessions(self) -> Any:
        return self.app.extensions["sessions"]

    @property
    def settings(self) -> Any:
        return replace(self.app.config["SETTINGS"], lease=LEASE)

    def ask(self, question: str, **binds: Any) -> list[Any]:
        with self.sessions.begin() as session:
            return session.execute(text(question), binds).all()

    def post(self, path: str, body: dict[str, Any]) -> int:
        answer = self.admin.post(f"/api/v1/{path}", body)
        assert answer.status_code in (201, 202), answer.text
        return int(answer.json["job"])

    def settle(self) -> None:
        """Do here and undisturbed what waits."""
        doers = jobs.handlers(self.sessions, self.settings)
        while queue.run_one(self.sessions, doers):
            pass

    def send(self, name: str, raw: bytes) -> str:
        return working.send(self.admin, name, raw)


def squares(*names: str) -> bytes:
    return working.collection(
        *(
            working.square(WEST + n * STEP, SOUTH, name=name, 名称=name)
            for n, name in enumerate(names)
        )
    )


def parts_file(house: House) -> int:
    """Ask for the comparison of forty new parts with the register and return the job."""
    house.serial += 1
    lat = 36.6 + house.serial * 0.0003
    rows = "".join(f"{WEST + n * 0.0002:.6f},{lat:.6f},T-{house.serial}-{n}\n" for n in range(40))
    body = {
        "upload": house.send("t.csv", f"lon,lat,no\n{rows}".encode()),
        "kind": "0402",
        "mapping": {"columns": {"lon": "lon", "lat": "lat", "external_id": "no"}},
    }
    return house.post("part-imports", body)


def compared(house: House) -> int:
    parts_file(house)
    house.settle()
    return int(house.ask("SELECT max(id) FROM imports")[0][0])


def apply_parts(house: House) -> int:
    return house.post(f"part-imports/{compared(house)}/apply", {})


def undo_parts(house: House) -> int:
    number = compared(house)
    house.post(f"part-imports/{number}/apply", {})
    house.settle()
    return house.post(f"part-imports/{number}/undo", {})


def import_areas(house: House) -> int:
    ring = working.square(WEST, SOUTH, 3 * STEP, code="379901001001", name="A")
    upload = house.send("areas.geojson", working.collection(ring))
    return house.post("areas/imports", {"upload": upload, "level": "community"})


def make_cells(house: House) -> int:
    import_areas(house)
    house.settle()
    return house.post("cells/makings", {"within": DISTRICT, "target_area": 5_000})


def import_addresses(house: House) -> int:
    lines = "".join(DOORS.format(n) for n in range(1, 12))
    upload = house.send("doors.csv", ("street,number,lon,lat\n" + lines).encode())
    return house.post("addresses/imports", {"upload": upload, "holds": "doors"})


def import_layer(house: House) -> int:
    name = working.new_layer(house.admin)
    house.ask("UPDATE layers SET name = 'works' WHERE name = :name RETURNING 1", name=name)
    upload = house.send("works.geojson", squares(*"abcdefgh"))
    return house.post("layers/works/versions", {"upload": upload})


def import_base(house: House) -> int:
    upload = house.send("buildings.geojson", squares(*"abcdefgh"))
    sheets = [{"upload": upload, "holds": "building"}]
    return house.post("base-imports", {"source": "survey", "sheets": sheets})


def undo_base(house: House) -> int:
    import_base(house)
    house.settle()
    number = house.ask("SELECT max(id) FROM base_imports")[0][0]
    return house.post(f"base-imports/{number}/undo", {})


def print_case(house: House) -> int:
    report = {"kind": "0102", "lon": WEST + STEP / 2, "lat": SOUTH + STEP / 2, "description": "x"}
    uid = Program(house.app, "inspector").post("/api/v1/cases", report).json["uid"]
    return house.post(f"cases/{uid}/sheets", {})


def import_outside(house: House) -> int:
    rows = "".join(f"HW,2026-10-{n:02},{80 + n}\n" for n in range(1, 13))
    upload = house.send("marks.csv", ("object,day,value\n" + rows).encode())
    body = {"upload": upload, "objects": "departments", "kind": "satisfaction"}
    return house.post("outside-marks/imports", body)


JOBS: dict[str, Callable[[House], int]] = {
    "import_divisions": lambda h: h.post(
        "divisions/imports", {"upload": h.send("d.csv", DIVISIONS)}
    ),
    "import_areas": import_areas,
    "make_cells": make_cells,
    "check_cells": lambda h: h.post("cells/checks", {"within": DISTRICT}),
    "balance_beats": lambda h: h.post(
        "beats/balances", {"within": DISTRICT, "count": 3, "shift": 1, "by": "area"}
    ),
    "compare_parts": parts_file,
    "apply_parts": apply_parts,
    "undo_parts": undo_parts,
    "export_parts": lambda h: h.post("part-exports", {"format": "gpkg", "filters": {}}),
    "print_case": print_case,
    "export_ranking": lambda h: h.post(
        "evaluation-exports", {"objects": "departments", "period": "2026-11", "format": "xlsx"}
    ),
    "import_addresses": import_addresses,
    "import_outside": import_outside,
    "harvest_addresses": lambda h: h.post("addresses/harvest", {}),
    "import_base": import_base,
    "undo_base": undo_base,
    "import_layer": import_layer,
    "reprocess_clocks": lambda h: h.post("handbook/reprocessing", {"department": ""}),
    "count_layer": lambda h: h.post("layers/parts/count", {}),
}
