"""What an action changes: each effect adds to the decision, and looks at nothing but the facts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time

from app.cases import clocks
from app.cases.facts import Decision, OpenRequest, Situation
from app.kernel.errors import Refused, sentence
from app.workflow.engine import Flow

Effect = Callable[[Decision, Situation], Decision]


def _give_task(decision: Decision, now: Situation) -> Decision:
    return decision.change(inspector_id=int(decision.answers["inspector"]))


def _end_task(decision: Decision, now: Situation) -> Decision:
    return decision.change(inspector_id=None)


def _keep_finding(decision: Decision, now: Situation) -> Decision:
    return decision.change(confirmed=decision.answers["found"])


def _take_kind(decision: Decision, now: Situation) -> Decision:
    return decision.change(kind=decision.answers.get("kind") or now.case.kind)


def _take_condition(decision: Decision, now: Situation) -> Decision:
    return decision.change(condition_id=int(decision.answers["condition"]))


def _number_case(decision: Decision, now: Situation) -> Decision:
    filed = decision.change(filed_at=now.at, filer_id=now.actor.person_id)
    return replace(filed, needs_number=now.case.number is None)


def _hand_over(decision: Decision, now: Situation) -> Decision:
    return decision.change(department=decision.answers["department"], dispatched_at=now.at)


def _take_back(decision: Decision, now: Situation) -> Decision:
    """Take the case from its department; what was left of the limit waits for it (§5.3)."""
    held = clocks.EFFECTS["hold_clock"](decision, now)
    return held.change(department=None, dispatched_at=None, returns=now.case.returns + 1)


def _suspend(decision: Decision, now: Situation) -> Decision:
    asked = now.case.request
    if asked is None or asked.until is None:
        raise Refused(sentence("Name a day within a year from now."))
    ends = datetime.combine(asked.until, time(), now.at.tzinfo)
    held = clocks.EFFECTS["hold_clock"](decision, now)
    return held.change(suspensions=now.case.suspensions + 1, suspended_until=ends)


def _resume(decision: Decision, now: Situation) -> Decision:
    return clocks.EFFECTS["start_clock"](decision, now).change(suspended_until=None)


def _end_handling(decision: Decision, now: Situation) -> Decision:
    return decision.change(handled_at=now.at)


def _keep_verdict(decision: Decision, now: Situation) -> Decision:
    return decision.change(passed=decision.answers["passed"])


def _count_rework(decision: Decision, now: Situation) -> Decision:
    again = now.case.rework_count + 1
    return decision.change(rework_count=again, passed=None, handled_at=None)


def _freeze(decision: Decision, now: Situation) -> Decision:
    return decision.change(closed_at=now.at)


def _reopen(decision: Decision, now: Situation) -> Decision:
    return decision.change(closed_at=None, passed=None)


def _exempt(decision: Decision, now: Situation) -> Decision:
    return decision.change(exempt=True)


def _count_appeal(decision: Decision, now: Situation) -> Decision:
    return decision.change(appealed=True)


def _self_handled(decision: Decision, now: Situation) -> Decision:
    return decision.change(self_handled=True, handled_at=now.at)


def _ask_help(decision: Decision, now: Situation) -> Decision:
    return decision.record("help", departments=list(decision.answers["departments"]))


def _end_help(decision: Decision, now: Situation) -> Decision:
    return decision.record("helped", department=now.actor.department)


def _divide(decision: Decision, now: Situation) -> Decision:
    """Make a part of the case for each department named, each with the whole handling limit."""
    limit = clocks.limit_of(now.flow.states["dispatched"], now.case.condition)
    parts = [
        {"department": one, **clocks.handling(limit, now.at, now.case.days(one))}
        for one in decision.answers["departments"]
    ]
    return decision.record("divide", parts=parts)


def _merge(decision: Decision, now: Situation) -> Decision:
    if now.case.into is None:
        raise Refused(sentence("Name the other case that this report is about."))
    into = now.case.into
    return decision.change(merged_into=into.id).record("absorb", into=into.id)


def _unmerge(decision: Decision, now: Situation) -> Decision:
    return decision.change(merged_into=None, closed_at=None)


def _ask_request(decision: Decision, now: Situation) -> Decision:
    """Note what is asked, and who must agree: more of them when it was granted before."""
    kind = now.flow.requests[now.case.about]
    levels = kind.later if kind.later and now.case.extensions else kind.levels
    until = decision.answers.get("until")
    return decision.record("ask", kind=kind.name, levels=list(levels), until=until)


def _review_request(decision: Decision, now: Situation) -> Decision:
    return decision.record("review", request=_request(now).id)


def _end_request(outcome: str) -> Effect:
    def end(decision: Decision, now: Situation) -> Decision:
        return decision.record("decide", request=_request(now).id, outcome=outcome)

    return end


def _request(now: Situation) -> OpenRequest:
    if now.case.request is None:
        raise Refused(sentence("Nobody has asked for this."))
    return now.case.request


def lapse(flow: Flow, decision: Decision, request: OpenRequest | None) -> Decision:
    """End a request that the case has left behind: nobody could grant it any more."""
    decided = any(record.what == "decide" for record in decision.records)
    if request is None or decided or flow.allows(decision.state, request.kind):
        return decision
    return decision.record("decide", request=request.id, outcome="lapsed")


EFFECTS: dict[str, Effect] = {
    **clocks.EFFECTS,
    "give_task": _give_task,
    "end_task": _end_task,
    "keep_finding": _keep_finding,
    "take_kind": _take_kind,
    "take_condition": _take_condition,
    "number_case": _number_case,
    "hand_over": _hand_over,
    "take_back": _take_back,
    "suspend": _suspend,
    "resume": _resume,
    "end_handling": _end_handling,
    "keep_verdict": _keep_verdict,
    "count_rework": _count_rework,
    "freeze": _freeze,
    "reopen": _reopen,
    "exempt": _exempt,
    "count_appeal": _count_appeal,
    "self_handled": _self_handled,
    "ask_help": _ask_help,
    "end_help": _end_help,
    "divide": _divide,
    "merge": _merge,
    "unmerge": _unmerge,
    "ask_request": _ask_request,
    "review_request": _review_request,
    "grant_request": _end_request("granted"),
    "refuse_request": _end_request("refused"),
    "withdraw_request": _end_request("withdrawn"),
}
