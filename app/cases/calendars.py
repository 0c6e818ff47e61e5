"""By whose calendar a clock is walked: the department's while it handles, else the post's.

Pure: the handbook knows who works by which calendar from when on.
"""

from collections.abc import Mapping
from datetime import date

from app.catalogue.rules import Calendar, Handbook

POSTS: Mapping[str, str] = {
    "collect": "agent",
    "file": "shift_leader",
    "dispatch": "dispatcher",
    "report": "dispatcher",
    "verify": "inspector",
    "close": "shift_leader",
}
"""Who a stage waits for (standards §5.1); only ``handle`` waits for the department."""


def of_stage(book: Handbook, stage: str, department: str | None, *, on: date) -> Calendar:
    """Return the calendar of a clock that starts on a day in ``stage``."""
    if stage == "handle":
        return book.calendar_for(department=department, on=on)
    return book.calendar_for(post=POSTS.get(stage), on=on)


def of_departments(book: Handbook, *, on: date) -> dict[str, Calendar]:
    """Return the calendar of every department that has had one of its own, as of a day."""
    return {code: book.calendar_for(department=code, on=on) for code in book.departments_by}


def of_posts(book: Handbook, *, on: date) -> dict[str, Calendar]:
    """Return the calendar of each stage of the centre's own posts, as of a day."""
    return {stage: book.calendar_for(post=post, on=on) for stage, post in POSTS.items()}
