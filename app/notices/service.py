"""Making notices of what was committed, marking them read, and where people are reached."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalogue import queries as catalogue
from app.kernel import audit, queue
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import Refused, sentence
from app.notices import queries, rules

BATCH = 500
READ = text(
    "UPDATE notices SET read_at = :at WHERE reader_id = :reader AND read_at IS NULL"
    " AND (:every OR id = ANY(CAST(:ids AS bigint[])))"
)
KEEP = text(
    "INSERT INTO contacts (person_id, email, phone, by_email, by_sms, quiet_from, quiet_to)"
    " VALUES (:person, :email, :phone, :by_email, :by_sms, :quiet_from, :quiet_to)"
    " ON CONFLICT (person_id) DO UPDATE SET email = excluded.email, phone = excluded.phone,"
    " by_email = excluded.by_email, by_sms = excluded.by_sms, quiet_from = excluded.quiet_from,"
    " quiet_to = excluded.quiet_to"
)
WAITING = text("SELECT EXISTS (SELECT FROM deliveries WHERE state = 'waiting' AND run_at <= :at)")


def spread(session: Session, *, most: int = BATCH) -> int:
    """Tell people of the feed's next lines and return how many lines were read.

    Only what was committed is in the feed, and the cursor moves with the notices: whoever is
    stopped in the middle leaves nothing behind, and reads the same lines again.
    """
    told = {
        "tellings": json.dumps([asdict(one) for one in rules.TELLINGS]),
        "exact": [t.action for t in rules.TELLINGS if not t.action.endswith("_")],
        "outside": _outside(),
        "waits": queries.waits(session),
        "most": most,
    }
    found = session.execute(text(queries.source("spread")), told).one()
    wake(session, found.sent)
    return int(found.read)


def spread_all(session: Session) -> int:
    """Tell people of everything in the feed that they were not told of, batch by batch."""
    total = 0
    while read := spread(session):
        total += read
        if read < BATCH:
            break
    return total


def _outside() -> str:
    return json.dumps([{"kind": kind, "channel": channel} for kind, channel in rules.OUTSIDE])


def wake(session: Session, sent: int) -> None:
    """Ask the worker to send messages, if there are any."""
    if sent:
        queue.defer(session, "deliver_notices", dedupe="all")


def wake_due(session: Session, *, at: datetime) -> None:
    """Ask for the messages that wait to be sent, if any is ready."""
    wake(session, session.execute(WAITING, {"at": at}).scalar_one())


def digest(session: Session, *, at: datetime) -> int:
    """Tell each person what waits this morning, on working days; return how many were told."""
    day = local(at).date()
    if not catalogue.is_working_day(session, day):
        return 0
    told = {"waits": queries.waits(session), "at": at, "words": rules.DIGEST}
    found = session.execute(
        text(queries.source("digest")), {**told, "cause": f"digest:{day}"}
    ).one()
    wake(session, found.sent)
    return int(found.made)


def announce(
    session: Session, kind: str, words: str, *, cause: str, posts: Sequence[str], **facts: str
) -> int:
    """Tell everybody of ``posts`` once of something that concerns no case; return how many."""
    told = {"kind": kind, "words": words, "cause": cause, "posts": list(posts)}
    asked = text(queries.source("announce"))
    done = session.execute(asked, {**told, "facts": json.dumps(facts)})
    return int(done.rowcount)  # type: ignore[attr-defined]


def mark_read(
    session: Session, ids: Sequence[int], *, every: bool, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Mark notices of ``actor`` as read, all of them if ``every``; return how many stay unread."""
    told = {"reader": actor.person_id, "ids": list(ids), "every": every, "at": at}
    changed = session.execute(READ, told).rowcount  # type: ignore[attr-defined]
    audit.note(session, actor, "notice.read", "all" if every else ",".join(map(str, ids)))
    return {"read": changed, "unread": queries.count(session, actor.person_id)}


def keep_contact(session: Session, told: dict[str, Any], *, actor: Actor) -> dict[str, Any]:
    """Keep where ``actor`` is reached; a channel that is wanted needs an address."""
    for channel, address in (("by_email", "email"), ("by_sms", "phone")):
        if told[channel] and not told[address]:
            raise Refused(sentence("Write the address of each channel you want.")).about(address)
    if (told["quiet_from"] is None) != (told["quiet_to"] is None):
        raise Refused(sentence("Quiet hours need a beginning and an end.")).about("quiet_to")
    session.execute(KEEP, {**told, "person": actor.person_id})
    audit.note(session, actor, "notice.contact", str(actor.person_id))
    return {**told, **{name: _spoken(told[name]) for name in ("quiet_from", "quiet_to")}}


def _spoken(at: time | None) -> str | None:
    return f"{at:%H:%M}" if at else None
