"""What an action offers to choose from, and what the rules are told of a case."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.cases import calendars, routing
from app.cases.answers import CHOSEN
from app.cases.facts import Facts, OpenRequest
from app.cases.tasks import service as tasks
from app.catalogue.rules import UNIT_NAMES, Calendar, Condition, Handbook, Limit
from app.kernel import clock
from app.kernel.clock import local
from app.kernel.i18n import translate
from app.workflow.engine import Move

Option = dict[str, str]
Offered = Mapping[str, list[Option]]
AS_THEY_ARE = (
    *("id", "state", "kind", "source", "number", "department", "reporter_id", "inspector_id"),
    *("confirmed", "passed", "rework_count", "extensions", "suspensions", "returns", "exempt"),
    *("appealed", "parent_id", "clock_at", "clock_limit", "clock_unit", "due_at", "handle_from"),
    *("handle_limit", "handle_due_at", "handled_at", "closed_at", "left_value", "left_for"),
)
"""Facts that are columns of the same name."""


def facts(row: Row[Any], book: Handbook, *, twin: str | None = None) -> Facts:
    """Gather what the rules may know about the case in ``row``."""
    known = {str(c.id): c for c in conditions_of(row, book)}
    told = {name: getattr(row, name) for name in AS_THEY_ARE}
    today = local(clock.now()).date()
    return Facts(
        **told,
        cell=row.cell or "",
        helpers=tuple(row.helpers),
        request=_request(row),
        condition=known.get(str(row.condition_id)) or condition_of(row, book),
        conditions=known,
        twin=twin,
        calendar=book.calendar(),
        calendars=calendars.of_departments(book, on=today),
        stages=calendars.of_posts(book, on=today),
        running=_running(row, book),
    )


def _running(row: Row[Any], book: Handbook) -> Calendar | None:
    """Return the calendar of the department that handles, as of the day its clock began."""
    begun = row.handle_from or row.clock_at
    if begun is None or row.department is None:
        return None
    return book.calendar_for(department=row.department, on=local(begun).date())


def _request(row: Row[Any]) -> OpenRequest | None:
    if row.request_id is None:
        return None
    return OpenRequest(
        id=row.request_id,
        kind=row.request_kind,
        levels=tuple(row.request_levels),
        done=row.request_done,
        asked_by=row.request_asked_by,
        reviewed_by=row.request_reviewed_by,
        until=row.request_until,
    )


def conditions_of(row: Row[Any], book: Handbook) -> tuple[Condition, ...]:
    """Return the conditions a case is or would be filed by: those of its day and its grade."""
    on = local(row.filed_at or clock.now()).date()
    return book.conditions_for(row.kind, grade=row.grade or "B", on=on)


def condition_of(row: Row[Any], book: Handbook) -> Condition | None:
    """Return the condition that the case was filed by, with the limit of its cell's grade."""
    found = row.condition_id and book.condition(row.kind, row.condition_id)
    on = local(row.filed_at or clock.now()).date()
    return book.graded(found, row.grade or "B", on=on) if found else None


def with_condition(known: Facts, condition: Condition | None) -> Facts:
    """Return ``known`` as it stands once ``condition`` is chosen."""
    return replace(known, condition=condition or known.condition)


def of(session: Session, move: Move, row: Row[Any], book: Handbook) -> dict[str, list[Option]]:
    """Return the choices of every field ``move`` asks for, the likeliest first."""
    return {
        ask.name: CHOICES[ask.name](session, row, book) for ask in move.asks if ask.type in CHOSEN
    }


def values(offered: Offered) -> dict[str, set[str]]:
    """Return the values each choice may take."""
    return {name: {option["value"] for option in listed} for name, listed in offered.items()}


def _departments(session: Session, row: Row[Any], book: Handbook) -> list[Option]:
    """Return every department, those that routing suggests before the others."""
    found = routing.suggestion(session, row, book)
    likely = routing.likeliest(found)
    listed = [{"value": code, "label": name} for code, name in book.departments.items()]
    return sorted(listed, key=lambda option: likely.get(option["value"], len(likely)))


def _conditions(session: Session, row: Row[Any], book: Handbook) -> list[Option]:
    return [
        {"value": str(c.id), "label": f"{c.text} · {_spoken(c.limit)}"}
        for c in conditions_of(row, book)
    ]


def _spoken(limit: Limit) -> str:
    return f"{limit.value:g} {translate(UNIT_NAMES[limit.unit])}"


def _inspectors(session: Session, row: Row[Any], book: Handbook) -> list[Option]:
    """Return the inspectors of the place, without the one who reported: nobody checks himself."""
    return tasks.choices(session, row)


def _kinds(session: Session, row: Row[Any], book: Handbook) -> list[Option]:
    """Return the kinds of the report's family, the present one first."""
    same = (k for k in book.kinds.values() if k.id[0] == row.kind[0])
    listed = [{"value": k.id, "label": f"{k.code} {k.name}"} for k in same]
    return sorted(listed, key=lambda option: option["value"] != row.kind)


CHOICES: dict[str, Callable[[Session, Row[Any], Handbook], list[Option]]] = {
    "department": _departments,
    "departments": _departments,
    "condition": _conditions,
    "inspector": _inspectors,
    "kind": _kinds,
}
