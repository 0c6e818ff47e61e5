"""Posts and their permissions as a city starts with them; afterwards they are rows."""

from datetime import timedelta

from app.kernel.errors import sentence

IDLE = timedelta(hours=12)
"""A session nobody used for this long is over (one shift)."""

LIFE = timedelta(hours=24)
TRIES, LOCK = 5, timedelta(minutes=30)
"""So many wrong passwords lock an account for so long (GB/T 22239, identification b)."""

POSTS: dict[str, str] = {
    "inspector": sentence("Inspector"),
    "agent": sentence("Call agent"),
    "shift_leader": sentence("Shift leader"),
    "dispatcher": sentence("Dispatcher"),
    "department": sentence("Department"),
    "evaluator": sentence("Evaluator"),
    "leader": sentence("Leader"),
    "commander": sentence("Commander"),
    "admin": sentence("Administrator"),
}

READ = {"case.read", "place.read", "part.read", "feed.read"}
PRESSES = {"case.urge", "case.instruct"}
PERMISSIONS: dict[str, set[str]] = {
    "inspector": READ
    | {"case.create", "case.inspect", "photo.add", "mobile.use"}
    | {"survey.read", "survey.work", "task.read", "task.answer", "patrol.send"},
    "agent": READ
    | {"case.create", "case.accept", "case.ask_verify", "case.ask_void", "photo.add"}
    | {"hotline.use", "desk.use"},
    "shift_leader": READ
    | {"case.create", "case.accept", "case.file", "case.ask_verify", "case.close", "photo.add"}
    | {"case.ask_void", "case.decide", "case.review"}
    | {"desk.use", "screen.read", "evaluation.read", "evaluation.appeal"}
    | {"task.read", "task.give", "task.oversee", "patrol.read"}
    | PRESSES,
    "dispatcher": READ
    | {"case.dispatch", "case.ask_void", "case.urge", "desk.use", "screen.read"}
    | {"task.read", "task.give", "task.oversee"},
    "department": READ
    | {"case.handle", "photo.add", "desk.use", "evaluation.read", "evaluation.appeal"},
    "evaluator": READ
    | {"evaluation.read", "desk.use", "admin.use", "survey.read", "survey.check"}
    | {"evaluation.sign", "evaluation.design", "evaluation.review", "evaluation.outside"}
    | {"task.read", "task.oversee", "patrol.read"},
    "leader": READ
    | PRESSES
    | {"case.decide", "case.approve", "evaluation.read", "screen.read", "desk.use"}
    | {"evaluation.sign", "evaluation.review"},
    "commander": READ
    | PRESSES
    | {"case.decide", "case.approve", "screen.read", "evaluation.read", "desk.use"}
    | {"evaluation.sign", "evaluation.review"},
    "admin": {"place.read", "part.read", "feed.read", "case.read", "desk.use", "evaluation.read"}
    | {"admin.use", "data.import", "job.manage", "place.edit", "part.edit", "layer.edit"}
    | {"survey.read", "survey.manage", "survey.check", "handbook.edit", "escalation.edit"}
    | {"evaluation.design", "evaluation.outside"},
}
