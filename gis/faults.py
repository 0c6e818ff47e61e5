"""The error of this package.

``message`` is an English msgid whose placeholders ``facts`` fill; the caller translates it.
"""


class GeometryFault(ValueError):
    """A geometry that cannot be taken, with a sentence that says what to do."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message % facts)
        self.message = message
        self.facts = facts
