"""Printing a case sheet (案卷单): gathered by the worker, drawn by a child process, kept a week."""

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from sqlalchemy.orm import Session, sessionmaker

from app.cases import queries as cases
from app.cases import views
from app.cases.forms import SOURCES
from app.cases.pressure import queries as pressure
from app.kernel import audit, clock
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence
from app.kernel.files import path_of
from app.kernel.i18n import translate
from app.kernel.queue import Progress
from app.org import queries as org
from app.parts.exports import place
from app.reports import queries

PRINTER = Path(__file__).with_name("printer.py")
PATIENCE = 120
REACH = 150.0
"""Metres around the case that its map shows, to each side."""
PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.globals["_"] = translate
Whole = dict[str, Any]


def print_case(
    progress: Progress, sessions: sessionmaker[Session], data: Path, *, uid: str
) -> None:
    """Write the sheet of case ``uid`` for the person who asked; the job tells the file's name.

    Whether they may see the case was judged when they asked.
    """
    actor = Actor(progress.actor_id or 0, "")
    with sessions() as session:
        page, name = _page(session, uid, actor, data / "files")
    made = draw(page, data / "files")
    folder = place(data, progress.job)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with sessions.begin() as session:
        audit.note(session, actor, "case.print", uid, result=name)
        progress.finish(session, {"name": name, "uid": uid})
        (folder / name).write_bytes(made)


def _page(session: Session, uid: str, actor: Actor, files: Path) -> tuple[str, str]:
    """Return the sheet as HTML and the name its file gets."""
    row, at = cases.one(session, uid, actor, whole=True), clock.now()
    case = views.whole(session, row, actor=actor, at=at)
    told = {
        "case": case,
        "steps": _with_names(session, with_lamps(case["steps"])),
        "orders": pressure.of_case(session, row.id, at=at),
        "urges": pressure.urges(session, row.id),
        "source": SOURCES.get(case["source"], case["source"]),
        "photos": _photos(session, row.id, files),
        "map": drawing(queries.surroundings(session, row.id, _reach(row.lat)), _reach(row.lat)),
        "head": queries.head(session, row.id),
        "printed_at": clock.local(at),
        "printed_by": queries.name_of(session, actor.person_id),
    }
    page = PAGES.get_template("reports/case_sheet.html").render(**told)
    return page, f"{case['number'] or uid}.pdf"


def _with_names(session: Session, steps: list[Whole]) -> list[Whole]:
    """Return the journal with inspectors named who were sent by their number."""
    sent = {
        int(answer["value"])
        for step in steps
        for answer in step["answers"]
        if answer["name"] == "inspector" and str(answer["value"]).isdecimal()
    }
    known = {str(number): name for number, name in org.names(session, sent).items()}
    for answer in (one for step in steps for one in step["answers"] if one["name"] == "inspector"):
        answer["value"] = known.get(str(answer["value"]), answer["value"])
    return steps


def _reach(lat: float) -> float:
    """Return ``REACH`` in the units of the web Mercator at latitude ``lat``."""
    return REACH / math.cos(math.radians(lat))


def _photos(session: Session, case_id: int, files: Path) -> list[Whole]:
    """Return the photos whose files are there; a sheet does without one that is lost."""
    found = [
        {"position": one["position"], "path": path_of(files, one["sha256"])}
        for one in queries.photos(session, case_id)
    ]
    return [{**one, "url": one["path"].as_uri()} for one in found if one["path"].is_file()]


def with_lamps(steps: list[Whole]) -> list[Whole]:
    """Return the journal with what the lamp showed when each step was taken.

    The clock a step stops is the one that the step before it left running; both are written in
    city time to the second, so they compare as text.
    """
    due: str | None = None
    shown = []
    for step in steps:
        shown.append({**step, "lamp": None if due is None else step["at"] <= due})
        due = step["due_at"]
    return shown


def drawing(found: list[Whole], reach: float) -> Whole:
    """Return the map: paths in drawing order, and each road's name once, where it is longest."""
    named: dict[str, Whole] = {}
    for one in found:
        known = named.get(one["name"])
        longer = known is None or len(one["path"]) > len(known["path"])
        if one["layer"] == "road" and one["name"] and longer:
            named[one["name"]] = one
    metres = reach / REACH
    return {"paths": found, "names": list(named.values())[:12], "reach": reach, "metre": metres}


def draw(page: str, files: Path, form: str = "pdf") -> bytes:
    """Return ``page`` as a PDF, or its first sheet as PNG.

    It is drawn by a child process that opens pictures below ``files`` and nothing else.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own file, no shell, the page comes by stdin
            [sys.executable, "-P", str(PRINTER), str(files), form],
            input=page.encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(sentence("The sheet takes too long to draw. Tell the operator.")) from None
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2_000:])
    return done.stdout
