"""Who is asking, and what they may do.

Code asks about permissions, never about posts: which post holds which
permission is data an administrator edits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.kernel.errors import Forbidden, sentence

View = TypeVar("View", bound=Callable[..., object])
PUBLIC = "public"
SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person in one post, with the area that post covers.

    ``area`` is a prefix of grid codes, empty for the whole city, or the code of a zone; what
    a zone covers is in ``members``: the divisions and cells it is made of.
    """

    person_id: int
    post: str
    permissions: frozenset[str] = frozenset()
    department: str | None = None
    area: str = ""
    name: str = ""
    username: str = ""
    session_id: int = 0
    csrf: str = field(default="", repr=False)
    locale: str | None = None
    theme: str = "auto"
    handbook: int | None = None
    """The handbook's version when this request began, so that nobody asks for it again."""
    members: tuple[str, ...] = ()

    @property
    def areas(self) -> tuple[str, ...]:
        """Return the beginnings of the cell codes that the actor's area covers."""
        return self.members if self.members else (self.area,)

    def covers(self, cell: str) -> bool:
        """Say whether ``cell`` lies in the actor's area."""
        return cell.startswith(self.areas)

    def may(self, permission: str) -> bool:
        """Say whether the actor holds ``permission`` somewhere."""
        if permission == SIGNED_IN:
            return self.person_id != 0
        return permission == PUBLIC or permission in self.permissions

    def require(self, permission: str, *, at: str | None = None) -> None:
        """Raise ``Forbidden`` unless the actor holds ``permission``, in cell ``at`` if given."""
        if not self.may(permission):
            raise Forbidden(
                sentence("Your post does not include this."), permission=permission, post=self.post
            )
        if at is not None and not self.covers(at):
            raise Forbidden(
                sentence("Cell %(cell)s lies outside your area."), permission=permission, cell=at
            )

    def require_whole_city(self) -> None:
        """Raise ``Forbidden`` if the actor's area is only a part of the city."""
        if not self.covers(""):
            raise Forbidden(
                sentence("This concerns the whole city, and your area is only a part of it."),
                area=self.area,
            )


NOBODY = Actor(0, "")


def requires(permission: str) -> Callable[[View], View]:
    """Declare the permission a view needs (or ``PUBLIC``); ``kernel.http`` enforces it."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return declare
