"""The barest Flask application: the least that a request with a database can cost here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from queue import LifoQueue
from typing import Any

import psycopg2
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)
POOL = 8
_idle: LifoQueue[Any] = LifoQueue()
for _ in range(POOL):
    _idle.put(None)

FIND = (
    "SELECT id, code FROM squares WHERE ST_Contains(geom, ST_SetSRID(ST_MakePoint(%s, %s), 4490))"
)
TELL = (
    "INSERT INTO told (kind, words, geom)"
    " VALUES (%s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4490)) RETURNING id"
)


@contextmanager
def cursor() -> Iterator[Any]:
    """Yield a cursor of an idle connection, opened at its first use."""
    connection = _idle.get()
    if connection is None:
        connection = psycopg2.connect(os.environ["FLOOR_DSN"])
        connection.autocommit = True
    try:
        with connection.cursor() as found:
            yield found
    finally:
        _idle.put(connection)


@app.get("/")
def hello() -> ResponseReturnValue:
    """Say hello."""
    return "hello"


@app.get("/cell")
def cell() -> ResponseReturnValue:
    """Return the square at a point."""
    with cursor() as found:
        found.execute(FIND, (float(request.args["lon"]), float(request.args["lat"])))
        row = found.fetchone()
    return jsonify(dict(zip(("id", "code"), row or (), strict=False)))


@app.post("/told")
def tell() -> ResponseReturnValue:
    """Store a point with a text."""
    body = request.get_json()
    with cursor() as found:
        found.execute(TELL, (body["kind"], body["words"], body["lon"], body["lat"]))
        row = found.fetchone()
    return jsonify(id=row[0]), 201
