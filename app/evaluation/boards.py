"""What can be ranked: departments, regions by level, posts by kind.  Pure."""

from dataclasses import dataclass

from app.kernel.errors import NotFound, Refused, sentence

LEVELS = {
    "district": "districts",
    "street": "streets",
    "community": "communities",
    "cell": "cells",
}
POSTS = {
    "inspector": "inspectors",
    "agent": "agents",
    "shift_leader": "shift_leaders",
    "dispatcher": "dispatchers",
}


@dataclass(frozen=True, slots=True)
class Board:
    """A ranking: ``name`` is what is measured, ``object`` whose schemes score it."""

    name: str
    object: str


def board(objects: str, *, level: str = "", post: str = "") -> Board:
    """Return the ranking that an address and its query name; 404 or 422 for one there is not."""
    if objects == "departments":
        return Board("departments", "department")
    if objects == "regions":
        return Board(_chosen(LEVELS, level or "street", "level"), "region")
    if objects == "posts":
        return Board(_chosen(POSTS, post or "inspector", "post"), post or "inspector")
    raise NotFound(sentence("There is no such ranking."))


def named(name: str) -> Board:
    """Return the ranking called ``name``, as it is stored with what belongs to it."""
    if name == "departments":
        return Board(name, "department")
    if name in LEVELS.values():
        return Board(name, "region")
    post = next((post for post, one in POSTS.items() if one == name), None)
    if post is None:
        raise NotFound(sentence("There is no such ranking."))
    return Board(name, post)


def address(object_type: str, *, level: str = "") -> dict[str, str]:
    """Return how a ranking of what a scheme scores is asked for: ``objects``, level and post."""
    if object_type == "department":
        return {"objects": "departments"}
    if object_type == "region":
        return {"objects": "regions", "level": level}
    return {"objects": "posts", "post": object_type}


def _chosen(known: dict[str, str], given: str, field: str) -> str:
    if given not in known:
        raise Refused(
            sentence("“%(given)s” is not one of the choices: %(known)s."),
            given=given[:40],
            known=", ".join(known),
        ).about(field)
    return known[given]
