"""What every template may use: texts, links, times, the reader."""

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request

from app.kernel import clock
from app.kernel.auth import NOBODY, Actor
from app.kernel.i18n import locale, translate


def install(app: Flask) -> None:
    """Give templates the words and helpers they are written with."""
    app.jinja_env.globals.update(
        _=translate,
        actor=reader,
        csrf_token=lambda: reader().csrf,
        static=static,
        now=lambda: clock.local(clock.now()),
        locale=locale,
        theme=theme,
    )
    app.jinja_env.filters.update(when=when, left=left, pct=pct)
    app.jinja_env.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}


def reader() -> Actor:
    """Return who reads the page; nobody on an error page shown before sign-in."""
    found: Actor = g.get("actor", NOBODY)
    return found


def theme() -> str:
    """Return the colours the reader likes: auto, light or dark."""
    return reader().theme if reader() is not NOBODY else request.cookies.get("theme", "auto")


@cache
def _mark(path: Path, changed: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def static(name: str) -> str:
    """Return the address of a static file, different whenever the file is."""
    path = Path(current_app.static_folder or "", name)
    mark = _mark(path, path.stat().st_mtime) if path.is_file() else "0"
    return f"/static/{name}?v={mark}"


def when(at: datetime | str | None) -> str:
    """Return an instant as people say it: “今天 09:41”, “11-22 09:41”, or with another year.

    >>> when(None)
    '—'
    """
    if not at:
        return "—"
    moment = clock.local(datetime.fromisoformat(at) if isinstance(at, str) else at)
    today: date = clock.local(clock.now()).date()
    if moment.date() == today:
        return translate("today %(time)s", time=f"{moment:%H:%M}")
    return f"{moment:%m-%d %H:%M}" if moment.year == today.year else f"{moment:%Y-%m-%d %H:%M}"


def left(due: Any) -> str:
    """Return what is left of a clock, of a deadline, or by how much it is over."""
    due_at = due.get("due_at") if isinstance(due, dict) else due
    if not due_at:
        return ""
    moment = datetime.fromisoformat(due_at) if isinstance(due_at, str) else due_at
    minutes = int((moment - clock.now()).total_seconds() // 60)
    over = minutes < 0
    spoken = _length(-minutes if over else minutes)
    return (
        translate("over by %(time)s", time=spoken)
        if over
        else translate("%(time)s left", time=spoken)
    )


def _length(minutes: int) -> str:
    days, rest = divmod(minutes, 24 * 60)
    if days:
        return translate("%(days)s d %(hours)s h", days=days, hours=rest // 60)
    if minutes >= 60:
        return translate("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
    return translate("%(minutes)s min", minutes=minutes)


def pct(value: float | None) -> str:
    """Return a rate as a percentage with one decimal.

    >>> pct(0.9372), pct(None)
    ('93.7%', '—')
    """
    return "—" if value is None else f"{value * 100:.1f}%"
