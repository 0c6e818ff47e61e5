"""The errors this system raises on purpose.

A service raises one of these; ``kernel.http`` is the only place that turns one
into a page or a problem document.  ``message`` is an English msgid with
``%(name)s`` placeholders: the renderer translates it and fills it from
``facts``, so rules stay free of gettext.  ``facts`` also go to the log.
"""

from typing import Self


def sentence(message: str) -> str:
    """Mark ``message`` for the catalogue and return it unchanged; it is translated when shown."""
    return message


class AppError(Exception):
    """Something the caller may be told about."""

    status = 400
    code = "bad_request"
    title = sentence("The request cannot be read")

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts
        self.fields: dict[str, str] = {}
        self.current: dict[str, object] | None = None

    def about(self, field: str) -> Self:
        """Return self, with the message pinned to ``field`` of the form."""
        self.fields[field] = self.message
        return self


class NotSignedIn(AppError):
    """Nobody is signed in, or the session has ended."""

    status, code, title = 401, "not_signed_in", sentence("Sign in first")


class Forbidden(AppError):
    """The actor lacks the permission, or the thing is outside their area."""

    status, code, title = 403, "forbidden", sentence("Not allowed")


class NotFound(AppError):
    """No such thing, or none this actor may know of."""

    status, code, title = 404, "not_found", sentence("Not found")


class Conflict(AppError):
    """The thing has changed since the actor last saw it."""

    status, code, title = 409, "conflict", sentence("Someone was faster")


class TooLarge(AppError):
    """The request body is over the limit."""

    status, code, title = 413, "too_large", sentence("Too large")


class Refused(AppError):
    """The request is well formed, but a rule says no."""

    status, code, title = 422, "refused", sentence("Refused")


class TooMany(AppError):
    """The caller must wait before trying again."""

    status, code, title = 429, "too_many", sentence("Too many attempts")


class Unavailable(AppError):
    """The database is away; nothing was changed, and trying again is safe."""

    status, code, title = 503, "unavailable", sentence("Try again in a moment")
