"""The ways out of the house: e-mail by SMTP, text messages by a gateway over HTTP.

A message is sent at least once, always under the same id, so that whoever receives it twice can
drop one: mail by its Message-ID, the gateway by ``id``.
"""

import hashlib
import hmac
import json
import smtplib
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import Row, text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import clock
from app.kernel.queue import Progress
from app.notices import queries, rules
from config import Config

PATIENCE = 10.0
"""Seconds that a server of another house may take."""
TAKE = text(
    "SELECT d.id, d.notice_id, d.channel, d.tries, n.words, n.facts, k.email, k.phone,"
    " k.quiet_from, k.quiet_to FROM deliveries d JOIN notices n ON n.id = d.notice_id"
    " LEFT JOIN contacts k ON k.person_id = n.reader_id"
    " WHERE d.state = 'waiting' AND d.run_at <= :at ORDER BY d.run_at, d.id"
    " FOR UPDATE OF d SKIP LOCKED LIMIT 1"
)
SETTLE = text(
    "UPDATE deliveries SET state = :state, tries = :tries, run_at = :run_at, sent_at = :sent_at,"
    " error = :error, address_hash = :hash WHERE id = :id"
)


class Channel(Protocol):
    """A way to reach an address with a text; raises ``OSError`` or the like if it fails."""

    def send(self, address: str, words: str, message_id: str) -> None:
        """Send ``words``; ``message_id`` is the same however often this is tried."""


@dataclass(frozen=True, slots=True)
class Mail:
    """SMTP: ``smtp://user:password@host:port?from=address``; ``smtps://`` is TLS from the start."""

    url: str

    def send(self, address: str, words: str, message_id: str) -> None:
        """Send one mail; STARTTLS where the server offers it."""
        told = urlsplit(self.url)
        sender = parse_qs(told.query).get("from", [f"wanmi@{told.hostname}"])[0]
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = words.splitlines()[0][:120], sender, address
        mail["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
        mail["Date"] = clock.local(clock.now())
        mail.set_content(words)
        kind = smtplib.SMTP_SSL if told.scheme == "smtps" else smtplib.SMTP
        with kind(told.hostname or "", told.port or 0, timeout=PATIENCE) as server:
            if told.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if told.username:
                server.login(unquote(told.username), unquote(told.password or ""))
            server.send_message(mail)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A text-message gateway: a JSON POST, signed with HMAC-SHA256 in ``X-Signature``."""

    url: str
    key: str

    def send(self, address: str, words: str, message_id: str) -> None:
        """Hand one text message to the gateway; anything but 2xx raises."""
        body = json.dumps(
            {"id": message_id, "phone": address, "text": words}, ensure_ascii=False
        ).encode()
        signature = hmac.new(self.key.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Signature": signature}
        request = urllib.request.Request(self.url, body, headers)  # noqa: S310 - config checks it
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            answer.read(1_000)


def of(settings: Config) -> dict[str, Channel]:
    """Return the channels that this deployment has; none is on unless it is set."""
    found: dict[str, Channel] = {}
    if settings.mail_url:
        found["email"] = Mail(settings.mail_url)
    if settings.sms_url:
        found["sms"] = Gateway(settings.sms_url, settings.sms_key)
    return found


def deliver(
    progress: Progress, sessions: sessionmaker[Session], channels: Mapping[str, Channel]
) -> dict[str, int]:
    """Send every message that is ready and return how many were tried.

    The row stays locked while it is sent: two workers never send the same one, and a worker
    that dies leaves it waiting.
    """
    tried = 0
    while _deliver_one(sessions, channels):
        tried += 1
        progress.tell(tried)
    return {"tried": tried}


def _deliver_one(sessions: sessionmaker[Session], channels: Mapping[str, Channel]) -> bool:
    with sessions.begin() as session:
        at = clock.local(clock.now())
        row = session.execute(TAKE, {"at": at}).first()
        if row is None:
            return False
        session.execute(SETTLE, _settled(row, channels) | {"id": row.id})
    return True


def _settled(row: Row[Any], channels: Mapping[str, Channel]) -> dict[str, Any]:
    """Return what becomes of a message: sent, put off, tried again later, given up, or off."""
    at = clock.local(clock.now())
    address = (row.email if row.channel == "email" else row.phone) or ""
    kept = {"tries": row.tries, "run_at": at, "sent_at": None, "error": ""}
    kept["hash"] = hashlib.sha256(address.encode()).hexdigest() if address else ""
    channel = channels.get(row.channel)
    if channel is None or not address:
        return kept | {"state": "off"}
    awake = rules.awake_at(at, row.quiet_from, row.quiet_to)
    if awake > at:
        return kept | {"state": "waiting", "run_at": awake}
    try:
        words = queries.said(row.words, row.facts)
        channel.send(address, words, f"wanmi-notice-{row.notice_id}-{row.channel}")
    except (OSError, smtplib.SMTPException) as fault:
        return kept | _failed(row.tries + 1, at, fault)
    return kept | {"state": "sent", "sent_at": at, "tries": row.tries + 1}


def _failed(tries: int, at: Any, fault: Exception) -> dict[str, Any]:
    return {
        "state": "dead" if tries >= rules.MOST_TRIES else "waiting",
        "tries": tries,
        "run_at": at + rules.pause_after(tries),
        # The kind alone: what a server says may repeat the address.
        "error": type(fault).__name__,
    }
