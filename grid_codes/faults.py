"""The errors of this package.

``message`` is an English msgid whose placeholders ``facts`` fill; the caller translates it.
"""


class CodeFault(ValueError):
    """A code that breaks the rules of its profile, with a sentence for the user."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message % facts)
        self.message = message
        self.facts = facts


class UnknownProfile(CodeFault):
    """The name of a code profile that is not shipped."""


class HolidayFileFault(CodeFault):
    """A holiday file that cannot be read, with the place of the fault."""
