"""Files of a ranking that people take away: XLSX, PDF, PNG, a map in one file.

The worker writes them.  What a ranking is comes from outside (``Ranking``): reports read
its shape, not its making.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from app.kernel import audit, clock
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence
from app.kernel.i18n import translate
from app.kernel.queue import Progress
from app.parts.exports import place
from app.reports import areas, drawings, map_file, queries, service, workbook

Ranking = Callable[..., dict[str, Any]]
"""Gives the ranking of ``(session, objects, period, at=…, level=…, post=…, scheme=…)``."""
FORMATS = {"xlsx": "xlsx", "pdf": "pdf", "png": "png", "map": "html"}
LONG = 400
"""So many rows a report prints; the workbook has them all."""
TITLES = {
    "departments": sentence("Evaluation of departments"),
    "district": sentence("Evaluation of districts"),
    "street": sentence("Evaluation of streets"),
    "community": sentence("Evaluation of communities"),
    "cell": sentence("Evaluation of cells"),
    "inspector": sentence("Evaluation of inspectors"),
    "agent": sentence("Evaluation of call agents"),
    "shift_leader": sentence("Evaluation of shift leaders"),
    "dispatcher": sentence("Evaluation of dispatchers"),
}


def check_format(form: str, objects: str) -> str:
    """Return ``form`` if a ranking of ``objects`` can be written so, or raise ``Refused``."""
    if form not in FORMATS:
        known = ", ".join(FORMATS)
        raise Refused(
            sentence("“%(format)s” cannot be written. Choose one of: %(known)s."),
            format=form[:20], known=known,
        ).about("format")  # fmt: skip
    if form == "map" and objects != "regions":
        raise Refused(sentence("Only regions can be drawn on a map.")).about("format")
    return form


def title(objects: str, level: str, post: str) -> str:
    """Return what a ranking is called, in the reader's language."""
    kind = {"regions": level or "street", "posts": post or "inspector"}.get(objects, objects)
    return translate(TITLES.get(kind, TITLES["departments"]))


def export(
    progress: Progress, sessions: sessionmaker[Session], data: Path, ranking: Ranking,
    *, form: str, objects: str, period: str, **more: str,
) -> None:  # fmt: skip
    """Write a ranking for the person who asked; the job tells the file's name."""
    name = f"{objects}-{more.get('level') or more.get('post') or ''}-{period}.{FORMATS[form]}"
    name = name.replace("--", "-").replace("..", "_")
    final = place(data, progress.job)
    final.mkdir(mode=0o700, parents=True, exist_ok=True)
    progress.tell(0, 3, sentence("computing the ranking"))
    with (
        TemporaryDirectory(prefix="writing-", dir=data / "exports") as folder,
        sessions.begin() as session,
    ):
        told = gathered(session, ranking, objects=objects, period=period, **more)
        progress.tell(1, 3, sentence("writing the file"))
        made = Path(folder) / name
        _write(made, form, told, data / "files")
        actor = Actor(progress.actor_id or 0, "")
        asked = json.dumps({"objects": objects, "period": period, **more})
        audit.note(session, actor, "evaluation.export", asked, result=form)
        progress.finish(session, {"name": name})
        made.replace(final / name)


def gathered(
    session: Session, ranking: Ranking, *, objects: str, period: str, level: str = "",
    post: str = "", scheme: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Return all that a file of a ranking shows: ranking, areas, what they are coloured by."""
    at = clock.now()
    found = ranking(session, objects, period, at=at, level=level, post=post, scheme=scheme or None)
    ground = (level or "street") if objects == "regions" else "street"
    late = areas.late_by_area(session, ground, at)
    lines = areas.outlines(session, ground)
    scores = {row["object"]: row["score"] for row in found["rows"]}
    values: dict[str, float | None] = {
        one["code"]: scores.get(one["code"])
        if objects == "regions"
        else float(late.get(one["code"], 0))
        for one in lines
    }
    return {
        "ranking": found,
        "title": title(objects, level, post),
        "areas": lines,
        "late": late,
        "values": values,
        "late_map": objects != "regions",
        "late_cases": queries.late_counts(session, at),
        "at": clock.local(at),
    }


def _write(path: Path, form: str, told: dict[str, Any], files: Path) -> None:
    if form == "xlsx":
        workbook.write(path, told["ranking"])
    elif form == "map":
        named = f"{told['title']} {told['ranking']['period']}"
        map_file.write(path, named, told["areas"], told["values"], told["late"])
    else:
        path.write_bytes(draw(told, files, picture=form == "png"))


def draw(told: dict[str, Any], files: Path, *, picture: bool = False) -> bytes:
    """Return the report of a ranking as PDF; as ``picture`` its drawings alone, as PNG."""
    worse = told["late_map"]
    page = service.PAGES.get_template("reports/ranking.html").render(
        **told,
        rows=told["ranking"]["rows"][:LONG],
        bars=drawings.bars(told["ranking"]["rows"]),
        map=drawings.area_map(told["areas"], told["values"], told["late"], more_is_worse=worse),
        legend=drawings.legend(told["values"], more_is_worse=worse),
        picture=picture,
        most_bars=drawings.MOST_BARS,
        spoken=lambda formula: spoken(formula, told["ranking"]["indicator_names"]),
    )
    return service.draw(page, files, "png" if picture else "pdf")


def spoken(formula: str, names: Mapping[str, str]) -> str:
    """Return ``formula`` with the names of its indicators in place of their codes.

    >>> spoken("archive_num ÷ archive_need_num", {"archive_num": "a", "archive_need_num": "b"})
    'a ÷ b'
    """
    return workbook.NAME.sub(lambda match: names.get(match[0], match[0]), formula)
