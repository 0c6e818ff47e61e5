"""Structured logs: one JSON object a line on standard error, with the request's id.

Telephone numbers and identity numbers are struck out whatever key they hide under.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

PRIVATE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)")


def strike_out(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask telephone and identity numbers in every text of ``event``."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = PRIVATE.sub(lambda m: f"{m[1]}****{m[2]}" if m[1] else "****", value)
    return event


def configure(level: str = "INFO") -> None:
    """Send every log line, ours and the libraries', through one JSON writer."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.format_exc_info,
        strike_out,
    ]
    writer = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        foreign_pre_chain=shared,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(writer)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("alembic", "apscheduler", "engineio", "socketio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
