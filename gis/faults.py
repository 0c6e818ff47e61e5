"""What this package says of geometries that cannot be taken.

A text is an English msgid whose placeholders ``facts`` fill; the caller translates it.
"""

from collections.abc import Mapping
from typing import Any, Self


class GeometryFault(ValueError):
    """A geometry that cannot be taken, with a sentence that says what to do."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message % facts)
        self.message = message
        self.facts = facts


class Reason(str):
    """Why a row of a stranger's file cannot be stored: English as text, a msgid and its facts.

    >>> Reason("The row has %(has)s fields.", {"has": 3})
    'The row has 3 fields.'
    """

    message: str
    facts: dict[str, Any]

    def __new__(cls, message: str, facts: Mapping[str, Any] | None = None) -> Self:
        """Return the reason ``message``, a msgid whose placeholders ``facts`` fill."""
        found = super().__new__(cls, message % facts if facts else message)
        found.message, found.facts = message, dict(facts or {})
        return found
