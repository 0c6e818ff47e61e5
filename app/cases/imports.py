"""Importing the history of cases (案卷) from another system's table.

Each case gets one line in its journal that says so: from nothing to the state it was found in.
What happened in between is the other system's to tell.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import history
from app.cases.forms import SOURCES
from app.cases.history import Past, Reader
from app.catalogue.queries import handbook
from app.catalogue.rules import Handbook
from app.kernel import bulk, mappings, shapes, sql
from app.kernel.bulk import Run
from app.kernel.errors import Refused, sentence
from app.kernel.opening import opened
from app.kernel.rows import Batch, Table
from app.workflow import queries as flows
from app.workflow.engine import Flow, State
from gis.faults import Reason

HERE = Path(__file__).parent
KNOWN: mappings.Known = {
    "system": str,
    "zone": str,
    "columns": frozenset({*history.WORDS, *history.POSITIONS}),
    "kinds": dict,
    "default_kind": str,
    "departments": dict,
    "sources": dict,
    "default_source": str,
    "states": frozenset({"open", "closed"}),
    "default_point": list,
    "bbox": list,
    "coord_sys": str,
    "epsg": int,
    "encoding": str,
    "layer": str,
}
INCOMING = text(
    "CREATE TEMP TABLE incoming_cases (row int, external_id text, reported_at timestamptz,"
    " due_at timestamptz, closed_at timestamptz, kind text, department text, description text,"
    " address text, source text, lon float8, lat float8) ON COMMIT DROP"
)
KNOWN_BEFORE = text(sql.read(HERE, "forget_known_cases"))
COUNT = text(sql.read(HERE, "count_imported"))
STORE = text(sql.read(HERE, "store_imported"))
JOURNAL = text(
    "INSERT INTO case_steps (case_id, position, action, source, target, actor_id, post,"
    " department, answers, due_at, at, bulk)"
    " SELECT id, 1, 'import', '', state, 0, 'admin', NULL,"
    " jsonb_build_object('external_id', external_id), due_at, now(), true"
    " FROM cases WHERE import_id = :import ORDER BY id"
)
HIRE = text(
    "INSERT INTO departments (code, name, position)"
    " VALUES (:code, :name, 1000) ON CONFLICT DO NOTHING"
)
GIVEN_BEFORE = sentence("The identifier was given already, in row %(row)s.")
SHARE_OF_SOON = 0.8


def import_cases(
    session: Session,
    path: Path,
    *,
    mapping: Path,
    at: datetime,
    folder: Path,
    tell: Callable[[int], None],
) -> Run:
    """Store the cases in ``path`` as they were at ``at`` and return the report.

    A case that came from the same system before is left as it is.  Raises ``Refused`` for a
    mapping that names unknown kinds, sources, states or departments.
    """
    chosen = mappings.read(mapping, KNOWN)
    what = f"cases {chosen.get('system', path.name)}"
    with bulk.importing(session, what, path, folder, ("external_id",)) as run:
        session.execute(INCOMING)
        with opened(
            path, encoding=chosen.get("encoding", "utf-8-sig"), layer=chosen.get("layer")
        ) as table:
            reader = _reader(session, table, chosen, at)
            taken: dict[str, int] = {}
            unplaced = 0
            for batch in run.batches(table):
                unplaced += _take(session, batch, reader, run, taken)
                tell(run.read)
        if unplaced:
            run.warn(
                sentence("%(count)s cases have no position: they lie on the default point"),
                count=unplaced,
            )
        _forget_known(session, what, run)
        run.stored = _store(session, chosen, run, at)
    return run


def _reader(session: Session, table: Table, chosen: dict[str, Any], at: datetime) -> Reader:
    book = handbook(session)
    default_kind = chosen.get("default_kind")
    sources = {word: _source(code) for word, code in chosen["sources"].items()}
    return Reader(
        columns=history.columns_of(table, chosen["columns"]),
        zone=history.zone_of(chosen.get("zone", "Asia/Shanghai")),
        kinds={word: _kind(book, code) for word, code in chosen["kinds"].items()},
        default_kind=None if default_kind is None else _kind(book, default_kind),
        departments=_departments(session, chosen["departments"]),
        sources=sources,
        default_source=_source(chosen.get("default_source", "99")),
        default_point=_point(chosen.get("default_point")),
        terms=shapes.terms_of(table, chosen, None, extent=mappings.box(chosen)),
        now=at,
    )


def _kind(book: Handbook, code: object) -> str:
    return book.kind(str(code)).id


def _source(code: object) -> str:
    if code not in SOURCES:
        raise Refused(
            sentence("There is no source “%(source)s”. Known are: %(known)s."),
            source=code,
            known=", ".join(SOURCES),
        )
    return str(code)


def _point(given: list[Any] | None) -> tuple[float, float] | None:
    if given is None:
        return None
    if len(given) != 2 or not all(isinstance(n, int | float) for n in given):
        raise Refused(sentence("The mapping's key “default_point” must be two numbers: lon, lat."))
    return float(given[0]), float(given[1])


def _departments(session: Session, chosen: dict[str, Any]) -> dict[str, str]:
    """Return the code of each department by the file's word for it; new ones are created."""
    for word, told in chosen.items():
        if not isinstance(told, dict) or set(told) != {"code", "name"}:
            raise Refused(
                sentence("The mapping's key “departments.%(word)s” must say code and name."),
                word=word,
            )
    if chosen:
        session.execute(HIRE, list(chosen.values()))
    known = set(session.scalars(text("SELECT code FROM departments")))
    for told in chosen.values():
        if told["code"] not in known:
            raise Refused(
                sentence("Another department is called “%(name)s” already."), name=told["name"]
            )
    return {word: told["code"] for word, told in chosen.items()}


def _take(session: Session, batch: Batch, reader: Reader, run: Run, taken: dict[str, int]) -> int:
    """Copy good rows into the incoming table, put others aside; return how many lack a place."""
    good: list[Past] = []
    for one in history.read(batch, reader):
        if not isinstance(one, Past):
            run.put_aside(one[0], one[1], (one[2],))
        elif taken.setdefault(one.external_id, one.row) != one.row:
            twice = Reason(GIVEN_BEFORE, {"row": taken[one.external_id]})
            run.put_aside(one.row, twice, (one.external_id,))
        else:
            good.append(one)
    bulk.copy(session, "incoming_cases", _columns(good))
    return sum(not one.placed for one in good)


def _columns(cases: list[Past]) -> dict[str, pa.Array]:
    names = [field.name for field in fields(Past) if field.name != "placed"]
    return {name: pa.array([_plain(getattr(one, name)) for one in cases]) for name in names}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _forget_known(session: Session, what: str, run: Run) -> None:
    session.execute(text("ANALYZE incoming_cases"))
    known = len(session.execute(KNOWN_BEFORE, {"what": what}).all())
    if known:
        run.warn(
            sentence("%(count)s cases were imported before and are left as they are"), count=known
        )


def _store(session: Session, chosen: dict[str, Any], run: Run, at: datetime) -> int:
    """Store the incoming cases with numbers and journals; return how many."""
    flow = flows.current(session, handbook(session).version)
    closed = _state(flow, chosen["states"].get("closed", "closed"))
    opened = _state(flow, chosen["states"].get("open", "handling"))
    session.execute(COUNT)
    stored: int = session.execute(
        STORE,
        {
            "flow": flow.id,
            "import": run.id,
            "closed": closed.name,
            "closed_stage": closed.stage,
            "open": opened.name,
            "open_stage": opened.stage,
            "soon": SHARE_OF_SOON,
            "at": at,
        },
    ).rowcount  # type: ignore[attr-defined]
    session.execute(JOURNAL, {"import": run.id})
    return stored


def _state(flow: Flow, name: str) -> State:
    if name not in flow.states:
        raise Refused(sentence("The flow has no state “%(state)s”."), state=name)
    return flow.states[name]
