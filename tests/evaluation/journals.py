"""Random journals, and a slow and plain reading of the counting rules (standards §7.1)."""

import json
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import text

from app.kernel.clock import CITY_TIME, local

BEGIN = datetime(2031, 5, 1, tzinfo=CITY_TIME)
AT = datetime(2031, 5, 25, 12, tzinfo=CITY_TIME)
PUBLIC = {"02", "03", "04", "05", "10", "13"}
GONE = {"void", "merged", "rejected"}
STAGES = {
    "reported": "collect", "accepted": "file", "filed": "dispatch", "dispatched": "handle",
    "handling": "handle", "suspended": "handle", "handled": "report", "verifying": "verify",
    "verified": "verify", "closed": "close", "void": "close", "merged": "close",
    "rejected": "close", "forced": "close",
}  # fmt: skip
WAYS = {
    "reported": "ask_confirm>reported accept>accepted accept>accepted reject>rejected"
    " merge>merged self_handle>closed",
    "accepted": "file>filed file>filed file>filed decline>rejected",
    "filed": "dispatch>dispatched dispatch>dispatched void>void urge>filed",
    "dispatched": "sign>handling sign>handling return>filed refuse_return>dispatched",
    "handling": "report_done>handled report_done>handled extend>handling suspend>suspended"
    " return>filed urge>handling instruct>handling force_close>forced",
    "suspended": "resume>handling void>void",
    "handled": "ask_verify>verifying",
    "verifying": "verify>verified",
}
CASE = text(
    "INSERT INTO cases (flow_id, source, kind, description, address, cell, place, state, stage,"
    " department, reporter_id, confirmed, exempt, self_handled, reported_at, filed_at, handled_at,"
    " handle_due_at, close_due_at, closed_at, steps) SELECT max(id), :source, 'E0102', '', '',"
    " :cell, ST_SetSRID(ST_MakePoint(118.2005, 36.6005), 4490), :state, :stage, :department,"
    " :reporter, :confirmed, :exempt, :self_handled, :reported_at, :filed_at, :handled_at,"
    " :handle_due_at, :close_due_at, :closed_at, :steps FROM flows RETURNING id"
)
STEP = text(
    "INSERT INTO case_steps (case_id, position, action, source, target, actor_id, post, answers,"
    " due_at, at, bulk) VALUES (:case_id, :position, :action, :source, :target, :actor, '',"
    " CAST(:answers AS jsonb), :due_at, :at, true)"
)
TASK = text(
    "INSERT INTO tasks (case_id, purpose, person_id, cell, place, given_by, given_at, due_at, way,"
    " answered_at, outcome, ended_at) VALUES (:case_id, :purpose, :person, :cell,"
    " ST_SetSRID(ST_MakePoint(118.2005, 36.6005), 4490), 1, :given_at, :due_at, 'by hand',"
    " :answered_at, :outcome, :ended_at)"
)


def made_up(random, posts):
    """Return a case with its journal and tasks, up to ``AT``; ``posts`` are people by post."""
    now = BEGIN + timedelta(hours=random.uniform(-300, 560))
    case = {
        "source": random.choice(["01", "01", "02", "05", "12"]), "state": "reported",
        "cell": random.choice(["37990100100101", "37990100100201", "37990200100103"]),
        "department": None, "reporter": random.choice(posts["inspector"]), "reported_at": now,
        "confirmed": random.choice([True, False]), "exempt": random.random() < 0.1,
        "self_handled": False, "filed_at": None, "handled_at": None, "handle_due_at": None,
        "close_due_at": None, "closed_at": None,
    }  # fmt: skip
    steps, tasks = [], []
    while case["state"] in WAYS or case["state"] == "verified":
        if not _step(random, posts, case, steps, tasks):
            break
    return case, steps, tasks


def _ways(case, steps):
    if case["state"] == "verified":
        failed = steps[-1]["answers"]["passed"] is False
        return ["rework>dispatched" if failed else "close>closed"]
    return WAYS[case["state"]].split()


def _step(random, posts, case, steps, tasks):
    last = steps[-1]["at"] if steps else case["reported_at"]
    at = last + timedelta(hours=random.expovariate(1 / 20))
    if at > AT:
        return False
    action, target = random.choice(_ways(case, steps)).split(">")
    due = last + timedelta(hours=random.uniform(1, 40)) if random.random() < 0.8 else None
    desk = {"file": "shift_leader", "decline": "shift_leader", "close": "shift_leader",
            "dispatch": "dispatcher"}.get(action, "agent")  # fmt: skip
    answers = {}
    if action == "dispatch":
        answers["department"] = random.choice(["HW", "YL"])
    if action == "verify":
        answers["passed"] = random.random() < 0.7
    steps.append({
        "action": action, "source": case["state"], "target": target, "at": at, "due_at": due,
        "actor": random.choice(posts[desk]), "answers": answers,
    })  # fmt: skip
    _settle(random, case, steps[-1])
    if action in ("ask_confirm", "verify"):
        tasks.append(
            _task(random, posts, "confirm" if action == "ask_confirm" else "verify", steps)
        )
    return True


def _settle(random, case, step):
    action, at = step["action"], step["at"]
    case["state"] = step["target"]
    limit = timedelta(hours=random.uniform(2, 60))
    if action == "file":
        case["filed_at"] = at
    if action == "dispatch":
        case["department"] = step["answers"]["department"]
    if action in ("dispatch", "resume", "extend", "rework"):
        case |= {"handle_due_at": at + limit, "close_due_at": at + 2 * limit}
    case |= {
        "suspend": {"handle_due_at": None, "close_due_at": None},
        "return": {"handle_due_at": None, "close_due_at": None, "department": None},
        "report_done": {"handled_at": at},
        "rework": {"handled_at": None},
        "self_handle": {"self_handled": True, "filed_at": at, "handled_at": at},
    }.get(action, {})
    if STAGES[step["target"]] == "close":
        case["closed_at"] = at


def _task(random, posts, purpose, steps):
    given = steps[-1]["at"] - timedelta(hours=random.uniform(0, 3))
    ended = steps[-1]["at"] if random.random() < 0.8 else None
    answered = ended is not None and random.random() < 0.8
    passed = "passed" if steps[-1]["answers"].get("passed", True) else "failed"
    outcome = "answered" if purpose == "confirm" else passed
    if ended is None:
        # A case has one open task; a second one could not be stored.
        ended = AT
        answered = False
    return {
        "purpose": purpose, "person": random.choice(posts["inspector"]), "given_at": given,
        "due_at": given + timedelta(hours=random.uniform(0.2, 4)), "ended_at": ended,
        "answered_at": ended if answered else None,
        "outcome": outcome if answered else "withdrawn",
    }  # fmt: skip


def store(session, made):
    """Store what ``made_up`` made and return the ids of the cases."""
    ids = []
    for case, steps, tasks in made:
        told = case | {"stage": STAGES[case["state"]], "steps": max(1, len(steps))}
        ids.append(session.execute(CASE, told).scalar_one())
        for position, step in enumerate(steps, start=1):
            shown = json.dumps(step["answers"])
            session.execute(
                STEP, step | {"case_id": ids[-1], "position": position, "answers": shown}
            )
        for task in tasks:
            session.execute(TASK, task | {"case_id": ids[-1], "cell": case["cell"]})
    return ids


class Count:
    """Counts of (side, object, city day, indicator)."""

    def __init__(self):
        self.found = Counter()

    def add(self, side, object, at, *names):
        """Count ``names`` at ``at``, unless it is not then yet or nobody's."""
        if object is None or at > AT:
            return
        for name in names:
            self.found[side, str(object), local(at).date(), name] += 1


def plainly(made):
    """Return what the cases count for, reading one after the other as the rules say."""
    count = Count()
    for case, steps, tasks in made:
        _reports(count, case)
        if case["state"] not in GONE and not case["self_handled"]:
            _whole(count, case, steps)
        if case["self_handled"]:
            count.add("inspector", case["reporter"], case["closed_at"], "patrol_deal_num")
        _held(count, case, steps)
        _filings(count, case, steps)
        _desk(count, case, steps)
        _tasks(count, case, tasks)
    return count.found


def _reports(count, case):
    accepted = case["state"] not in GONE and case["state"] != "reported"
    names = ["report_num"] + ["valid_report_num"] * accepted
    if case["source"] == "01":
        names.append("inspector_report_num")
        count.add("inspector", case["reporter"], case["reported_at"], *names)
    more = ["public_report_num"] if case["source"] in PUBLIC else []
    count.add("cell", case["cell"], case["reported_at"], *names, *more)


def _needs(case, due, done, prefix, late):
    """Return the names that what was due by ``due`` and done at ``done`` counts for."""
    names = [f"{prefix}_need_num"]
    if done is None:
        return names if case["exempt"] else [*names, f"overtime_to_{prefix}_num"]
    in_time = (done <= due or case["exempt"]) and not late
    return [*names, f"{prefix}_num", f"{prefix}_{'intime' if in_time else 'overtime'}_num"]


def _whole(count, case, steps):
    for side, object in (("department", case["department"]), ("cell", case["cell"])):
        if case["filed_at"]:
            true = side == "cell" and case["source"] in PUBLIC and case["confirmed"]
            count.add(side, object, case["filed_at"], "inst_num",
                      *["public_confirmed_num"] * true)  # fmt: skip
        due, done = case["handle_due_at"], case["handled_at"]
        if due and case["state"] != "suspended" and side == "department":
            count.add(side, object, min(due, done or due),
                      *_needs(case, due, done, "dispose", False))  # fmt: skip
        due, done = case["close_due_at"], case["closed_at"]
        if due and case["state"] != "suspended":
            names = _needs(case, due, done, "archive", case["state"] == "forced")
            count.add(side, object, min(due, done or due), *names)
        if case["state"] == "suspended":
            count.add(side, object, steps[-1]["at"], "hang_num")
    if case["source"] == "01" and case["filed_at"]:
        count.add("inspector", case["reporter"], case["filed_at"], "inst_num")


HELD = {"dispatch": "dispatch_num", "return": "back_num", "refuse_return": "shirk_num",
        "extend": "postpone_num", "rework": "rework_num", "urge": "urge_num",
        "instruct": "supervise_num"}  # fmt: skip


def _held(count, case, steps):
    """Count what befell a department while it held the case, and who had sent it there."""
    if case["state"] in GONE:
        return
    holder = sender = None
    for n, step in enumerate(steps):
        at = step["at"]
        if step["action"] == "dispatch":
            holder, sender = step["answers"]["department"], step["actor"]
            after = [s["action"] for s in steps[n + 1 :]]
            spell = after[: after.index("dispatch")] if "dispatch" in after else after
            in_time = step["due_at"] is None or at <= step["due_at"]
            count.add("dispatcher", sender, min(at, step["due_at"] or at), "dispatch_need_num",
                      "dispatch_num", *["dispatch_intime_num"] * in_time,
                      "dispatch_wrong_num" if "return" in spell
                      else "accur_dispatch_num")  # fmt: skip
        if (step["action"] in HELD and step["source"] != "filed") or step["action"] == "dispatch":
            count.add("department", holder, at, HELD[step["action"]])
        if step["action"] == "rework":
            nth = sum(s["action"] == "rework" for s in steps[: n + 1])
            again = {1: ["rework_case_num"], 3: ["rework_thrice_num"]}
            count.add("department", holder, at, *again.get(nth, []))
        if step["action"] == "verify" and not step["answers"]["passed"]:
            count.add("department", holder, at, "verify_fail_num")
        if step["action"] == "return":
            count.add("dispatcher", sender, at, "back_num")


def _filings(count, case, steps):
    for step in steps:
        if step["action"] == "file" and case["state"] != "merged":
            void = case["state"] == "void"
            count.add("shift_leader", step["actor"], step["at"], "inst_num",
                      "cancel_num" if void else "accur_inst_num")  # fmt: skip


def _desk(count, case, steps):
    for step in steps:
        action, at, who = step["action"], step["at"], step["actor"]
        in_time = step["due_at"] is None or at <= step["due_at"]
        need = min(at, step["due_at"] or at)
        if case["state"] in ("void", "merged"):
            continue
        if action in ("accept", "reject"):
            count.add("agent", who, at, {"accept": "accept_num"}.get(action, "not_accept_num"))
        if action == "ask_confirm":
            count.add("agent", who, need, "confirm_need_num", "confirm_dispatch_need_num",
                      *["confirm_dispatch_intime_num"] * in_time)  # fmt: skip
        if action == "ask_verify":
            count.add("agent", who, need, "verify_need_num",
                      *["verify_dispatch_intime_num"] * in_time)  # fmt: skip
        if action in ("file", "decline"):
            count.add("shift_leader", who, need, "inst_need_num",
                      *["inst_intime_num"] * in_time,
                      *["not_inst_num"] * (action == "decline"))  # fmt: skip
        if action == "close":
            count.add("shift_leader", who, need, "archive_need_num", "archive_num",
                      *["archive_intime_num"] * in_time)  # fmt: skip


def _tasks(count, case, tasks):
    if case["state"] in ("void", "merged"):
        return
    for task in tasks:
        done, due, what = task["answered_at"], task["due_at"], task["purpose"]
        if done is None and task["ended_at"] and task["ended_at"] < due:
            continue
        names = [f"{what}_need_num"] + [f"{what}_num"] * (done is not None)
        names += [f"{what}_intime_num"] * (done is not None and done <= due)
        names += ["verify_fail_num"] * (task["outcome"] == "failed")
        count.add("inspector", task["person"], min(due, done or due), *names)
