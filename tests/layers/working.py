"""Doing the background work of layers at once, and files made up for it."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import text

from app import jobs
from app.kernel import queue
from tests.city import Program

SQUARE = 0.0004


def square(lon: float, lat: float, size: float = SQUARE, **properties: Any) -> dict[str, Any]:
    """Return a square as a GeoJSON feature, its lower left corner at ``lon``, ``lat``."""
    corners = [(0, 0), (size, 0), (size, size), (0, size), (0, 0)]
    return polygon([[lon + x, lat + y] for x, y in corners], **properties)


def polygon(ring: list[list[float]], **properties: Any) -> dict[str, Any]:
    """Return a ring as a GeoJSON feature."""
    return feature("Polygon", [ring], **properties)


def feature(shape_type: str, coordinates: Any, /, **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature."""
    shape = {"type": shape_type, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": shape}


def collection(*features: Any, **more: Any) -> bytes:
    """Return a GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def send(program: Program, name: str, content: bytes | Path) -> str:
    """Upload a file and return its id."""
    raw = content.read_bytes() if isinstance(content, Path) else content
    answer = program.client.post(
        f"/api/v1/uploads?name={name}",
        data=raw,
        headers=program.headers,
        content_type="application/octet-stream",
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def work(app: Flask, program: Program, job: int) -> dict[str, Any]:
    """Run what is waiting, and return how the job ended."""
    sessions = app.extensions["sessions"]
    done = jobs.handlers(sessions, app.config["SETTINGS"])
    while queue.run_one(sessions, done):
        pass
    told: dict[str, Any] = program.get(f"/api/v1/jobs/{job}").json
    with sessions.begin() as session:
        error = session.execute(text("SELECT error FROM jobs WHERE id = :id"), {"id": job})
        assert told["state"] != "running", error.scalar()
    return told


def new_layer(program: Program, title: str = "社区") -> str:
    """Enter a layer with a name of its own and return the name."""
    name = f"layer_{uuid4().hex[:10]}"
    answer = program.post("/api/v1/layers", {"name": name, "title": title})
    assert answer.status_code == 201, answer.text
    return name


def draft(app: Flask, program: Program, layer: str, name: str, content: bytes | Path, **how: Any):
    """Import a file into ``layer`` and return the job as it ended."""
    body = {"upload": send(program, name, content), **how}
    answer = program.post(f"/api/v1/layers/{layer}/versions", body)
    assert answer.status_code == 201, answer.text
    return work(app, program, answer.json["job"])


def publish(program: Program, layer: str, version: int | None):
    """Publish a version and return the answer."""
    seen = program.get(f"/api/v1/layers/{layer}").json
    body = {"version": version, "revision": seen["revision"]}
    return program.post(f"/api/v1/layers/{layer}/publish", body)


def base(app: Flask, program: Program, source: str, *files: tuple[str, str, bytes | Path], **how):
    """Import files (name, what it holds, content) as base map and return the job as it ended."""
    sheets = [{"upload": send(program, name, raw), "holds": kind} for name, kind, raw in files]
    answer = program.post("/api/v1/base-imports", {"source": source, "sheets": sheets, **how})
    assert answer.status_code == 201, answer.text
    return work(app, program, answer.json["job"])
