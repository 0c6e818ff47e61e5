"""Telling the screens that there is something after number N; they read it themselves.

Every web process follows the feed on its own connection and speaks only to its
own sockets, so no broker stands between PostgreSQL and the browser.  A socket that
was away loses nothing: it asks the feed from the last number it has.
"""

import time

import psycopg2
import structlog
from flask import Flask, request
from flask_socketio import Namespace, SocketIO, join_room
from sqlalchemy.orm import Session, sessionmaker

from app.kernel.auth import NOBODY, Actor
from app.kernel.notices import listen
from app.live import queries
from app.org.routes import identify

log = structlog.get_logger("live")
socketio = SocketIO()
NAMESPACE = "/live"


class Live(Namespace):  # type: ignore[misc]
    """The only namespace: it accepts signed-in people and puts them where their scopes say."""

    def on_connect(self, auth: object = None) -> bool:
        """Let a signed-in person in and choose the rooms; the client never names one."""
        who = identify()
        if who is NOBODY or not who.may("feed.read"):
            return False
        for room in rooms_of(who):
            join_room(room)
        log.info("socket", person=who.person_id, agent=request.headers.get("User-Agent", "")[:80])
        return True


def rooms_of(who: Actor) -> list[str]:
    """Return the rooms that hear all ``who`` may see: a department's, or one for each area."""
    if who.department:
        return [f"department:{who.department}"]
    return [f"area:{area}" for area in who.areas]


def rooms_for(area: str, department: str | None) -> set[str]:
    """Return every room that must hear of something in cell ``area`` held by ``department``."""
    areas = {f"area:{area[:n]}" for n in range(len(area) + 1)}
    return areas | ({f"department:{department}"} if department else set())


def follow(dsn: str, readers: sessionmaker[Session]) -> None:
    """Listen for ever; run once per web process, in a background thread or greenlet."""
    last: int | None = None
    while True:
        try:
            for _ in listen(dsn, "feed", pause=15):
                last = push(readers, last)
        except psycopg2.Error as lost:
            log.warning("feed lost", error=str(lost).strip())
            time.sleep(1)


def push(readers: sessionmaker[Session], last: int | None) -> int:
    """Tell the sockets of everything after ``last``; return the newest number told."""
    with readers() as session:
        if last is None:
            return queries.newest(session)
        rows = queries.after(session, last, most=5_000)
    told = {room for row in rows for room in rooms_for(row.area, row.department)}
    newest: int = rows[-1].seq if rows else last
    for room in sorted(told):
        socketio.emit("feed", {"last": newest}, to=room, namespace=NAMESPACE)
    return newest


def install(app: Flask, *, mode: str) -> None:
    """Serve sockets from this process (websocket only, same origin, small messages)."""
    socketio.init_app(
        app,
        async_mode=mode,
        transports=["websocket"],
        max_http_buffer_size=64 * 1024,
        ping_interval=20,
        ping_timeout=20,
        manage_session=False,
    )
    if NAMESPACE not in socketio.server.namespace_handlers:
        socketio.on_namespace(Live(NAMESPACE))
