"""Why an action may not be taken: each guard answers with a sentence, or with None."""

from collections.abc import Callable
from datetime import date, timedelta

from app.cases.facts import Answers, Facts
from app.kernel.auth import Actor
from app.kernel.errors import sentence

PUBLIC = frozenset({"02", "03", "04", "05", "10", "13"})
"""Sources whose reports are confirmed on site before filing (standards §5.2)."""
MOST_EXTENSIONS = 2
LONGEST_HOLD = timedelta(days=366)
REOPENED_WITHIN = timedelta(days=30)
CHILDREN = range(2, 11)
Guard = Callable[[Facts, Actor, Answers], str | None]


def _has_place(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return None if case.cell else sentence("Place the case on the map first.")


def _confirmed_if_public(case: Facts, actor: Actor, answers: Answers) -> str | None:
    if case.source not in PUBLIC or case.confirmed:
        return None
    if case.confirmed is False:
        return sentence("Nothing was found on site: do not accept this report.")
    return sentence("A report from the public is confirmed on site before it is accepted.")


def _meets_condition(case: Facts, actor: Actor, answers: Answers) -> str | None:
    known = str(answers.get("condition")) in case.conditions
    return None if known else sentence("Choose a filing condition of this kind.")


def _not_duplicate(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return case.twin and sentence("Case %(twin)s about the same part is still open.")


def _into_open(case: Facts, actor: Actor, answers: Answers) -> str | None:
    if case.into is None or case.into.id == case.id:
        return sentence("Name the other case that this report is about.")
    return None if case.into.open else sentence("That case has ended or was merged itself.")


def _names_department(case: Facts, actor: Actor, answers: Answers) -> str | None:
    named = answers.get("department")
    return None if named else sentence("Choose the department that is to handle it.")


def _names_children(case: Facts, actor: Actor, answers: Answers) -> str | None:
    named = len(answers.get("departments") or ())
    return None if named in CHILDREN else sentence("Choose two to ten departments.")


def _names_helpers(case: Facts, actor: Actor, answers: Answers) -> str | None:
    named = answers.get("departments") or ()
    if not named or case.department in named:
        return sentence("Choose departments other than the one that handles the case.")
    return None


def _is_whole(case: Facts, actor: Actor, answers: Answers) -> str | None:
    part = case.parent_id is not None
    return sentence("This is a part of a divided case; it is not divided again.") if part else None


def _own_case(case: Facts, actor: Actor, answers: Answers) -> str | None:
    held = case.department is not None and case.department == actor.department
    return None if held else sentence("Your department does not hold this case.")


def _is_helper(case: Facts, actor: Actor, answers: Answers) -> str | None:
    asked = actor.department is not None and actor.department in case.helpers
    return None if asked else sentence("Your department was not asked to help, or has helped.")


def _helpers_done(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return sentence("A department that helps has not reported yet.") if case.helpers else None


def _own_task(case: Facts, actor: Actor, answers: Answers) -> str | None:
    mine = case.inspector_id is not None and case.inspector_id == actor.person_id
    return None if mine else sentence("This task was given to another inspector.")


def _own_report(case: Facts, actor: Actor, answers: Answers) -> str | None:
    mine = case.reporter_id == actor.person_id
    return None if mine else sentence("Only who reported a problem may settle it on the spot.")


def _not_same_inspector(case: Facts, actor: Actor, answers: Answers) -> str | None:
    same = str(case.reporter_id) == answers.get("inspector")
    return sentence("Whoever reported the case may not check it. Choose another.") if same else None


def _has_photo(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return None if answers.get("photos") else sentence("Add at least one photo of the result.")


def _before_and_after(case: Facts, actor: Actor, answers: Answers) -> str | None:
    enough = len(answers.get("photos") or ()) >= 2
    return None if enough else sentence("Add a photo from before and one from after.")


def _verification_passed(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return None if case.passed else sentence("Verification failed: send it back for rework.")


def _verification_failed(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return sentence("Verification passed: there is nothing to rework.") if case.passed else None


def _before_deadline(case: Facts, actor: Actor, answers: Answers) -> str | None:
    early = case.due_at is not None and case.at is not None and case.at <= case.due_at
    return None if early else sentence("The deadline has passed: only before it this can be asked.")


def _extensions_left(case: Facts, actor: Actor, answers: Answers) -> str | None:
    used = case.extensions >= MOST_EXTENSIONS
    return (
        sentence("The limit was extended twice already; there is no third time.") if used else None
    )


def _never_suspended(case: Facts, actor: Actor, answers: Answers) -> str | None:
    again = case.suspensions > 0
    return (
        sentence("The case was suspended once already; there is no second time.") if again else None
    )


def _within_a_year(case: Facts, actor: Actor, answers: Answers) -> str | None:
    until, today = answers.get("until"), case.at.date() if case.at else date.min
    if until and today < date.fromisoformat(until) <= today + LONGEST_HOLD:
        return None
    return sentence("Name a day within a year from now.")


def _is_overdue(case: Facts, actor: Actor, answers: Answers) -> str | None:
    ended = case.handled_at or case.at
    late = bool(case.handle_due_at and ended and ended > case.handle_due_at) and not case.exempt
    return None if late else sentence("The case does not count as overdue.")


def _never_appealed(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return sentence("An appeal was decided already; there is no second.") if case.appealed else None


def _within_days(case: Facts, actor: Actor, answers: Answers) -> str | None:
    fresh = case.closed_at and case.at and case.at - case.closed_at <= REOPENED_WITHIN
    return None if fresh else sentence("Only within 30 days of its closing a case can be reopened.")


def _nothing_asked(case: Facts, actor: Actor, answers: Answers) -> str | None:
    busy = case.request is not None
    return sentence("Another request about this case waits for its decision.") if busy else None


def _asked(case: Facts) -> bool:
    return case.request is not None and case.request.kind == case.about


def _at_this_level(case: Facts, actor: Actor, answers: Answers) -> str | None:
    if not _asked(case) or case.request is None:
        return sentence("Nobody has asked for this.")
    mine = actor.may(case.request.next_level)
    return None if mine else sentence("This request waits for somebody else's decision.")


def _not_last_level(case: Facts, actor: Actor, answers: Answers) -> str | None:
    last = case.request is not None and case.request.is_last
    return sentence("There is no further level: grant or refuse the request.") if last else None


def _last_level(case: Facts, actor: Actor, answers: Answers) -> str | None:
    last = case.request is not None and case.request.is_last
    return None if last else sentence("This request needs a first review before it is granted.")


def _not_own_request(case: Facts, actor: Actor, answers: Answers) -> str | None:
    own = case.request and actor.person_id in (case.request.asked_by, case.request.reviewed_by)
    return (
        sentence("Nobody decides on what they asked for or reviewed themselves.") if own else None
    )


def _own_request(case: Facts, actor: Actor, answers: Answers) -> str | None:
    mine = _asked(case) and case.request and case.request.asked_by == actor.person_id
    return None if mine else sentence("Only who asked can withdraw the request.")


GUARDS: dict[str, Guard] = {
    "has_place": _has_place,
    "confirmed_if_public": _confirmed_if_public,
    "meets_condition": _meets_condition,
    "not_duplicate": _not_duplicate,
    "into_open": _into_open,
    "names_department": _names_department,
    "names_children": _names_children,
    "names_helpers": _names_helpers,
    "is_whole": _is_whole,
    "own_case": _own_case,
    "is_helper": _is_helper,
    "helpers_done": _helpers_done,
    "own_task": _own_task,
    "own_report": _own_report,
    "not_same_inspector": _not_same_inspector,
    "has_photo": _has_photo,
    "before_and_after": _before_and_after,
    "verification_passed": _verification_passed,
    "verification_failed": _verification_failed,
    "before_deadline": _before_deadline,
    "extensions_left": _extensions_left,
    "never_suspended": _never_suspended,
    "within_a_year": _within_a_year,
    "is_overdue": _is_overdue,
    "never_appealed": _never_appealed,
    "within_days": _within_days,
    "nothing_asked": _nothing_asked,
    "at_this_level": _at_this_level,
    "not_last_level": _not_last_level,
    "last_level": _last_level,
    "not_own_request": _not_own_request,
    "own_request": _own_request,
}
BY_ANSWERS = frozenset(
    {"meets_condition", "names_department", "names_children", "names_helpers", "into_open"}
    | {"not_same_inspector", "has_photo", "before_and_after", "within_a_year"}
)
"""Guards that judge what is answered; any other that refuses keeps an action from being offered."""
