"""What a kind of one code profile is called in another; extensions for what has no counterpart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from grid_codes.kinds import LETTERS, Family, Kind, kinds
from grid_codes.profiles import profile
from grid_codes.tables import read_table

COLUMNS: Mapping[str, str] = {
    "CJT214-2007": "code_cjt214",
    "GBT30428.2-2013": "code_gbt30428",
    "GBT47678.5-2026": "code_gbt47678",
}
EXTENSION = "21"
"""The big class of extensions in CJ/T 214; the national standards count down inside a class."""


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of a kind: its id now and then; ``others`` could have been meant as well."""

    old: str
    new: str
    name: str
    others: tuple[str, ...] = ()
    extension: bool = False


def counterparts(family: Family, source: str, target: str) -> dict[str, tuple[str, ...]]:
    """Return for the kind ids of profile ``source`` the ids in ``target``, if there are any.

    >>> counterparts("part", "CJT214-2007", "GBT47678.5-2026")["C0103"]
    ('C01003',)
    """
    found: dict[str, dict[str, None]] = {}
    for old, new in _pairs(family, source, target):
        found.setdefault(old, {}).update(dict.fromkeys(new))
    return {old: tuple(new) for old, new in found.items()}


def _pairs(family: Family, source: str, target: str) -> Iterator[tuple[str, list[str]]]:
    letter = LETTERS[family]
    for row in read_table("crosswalk"):
        if row["family"] == family:
            new = [letter + code for code in row[COLUMNS[target]].split("|") if code]
            for code in row[COLUMNS[source]].split("|"):
                if code:
                    yield letter + code, new


def plan(
    used: Iterable[tuple[str, str]],
    source: str,
    target: str,
    origins: Mapping[str, tuple[str, str]] | None = None,
) -> list[Move]:
    """Return what becomes of the kinds ``used`` (id, name) when ``target`` takes over.

    One that has no counterpart becomes an extension of ``target``, so that nothing is lost.
    ``origins`` says of extensions which kind of which profile they once were.
    """
    known = {
        **counterparts("part", source, target),
        **counterparts("event", source, target),
    }
    moves, orphans = [], []
    for old, name in sorted(used):
        new = known.get(old) or _by_origin((origins or {}).get(old), target)
        if new:
            moves.append(Move(old, new[0], name, new[1:]))
        else:
            orphans.append((old, name))
    return moves + list(_extensions(orphans, target, {move.new for move in moves}))


def _by_origin(origin: tuple[str, str] | None, target: str) -> tuple[str, ...]:
    if origin is None:
        return ()
    kind, before = origin
    if before == target:
        return (kind,)
    family: Family = "part" if kind[0] == LETTERS["part"] else "event"
    return counterparts(family, before, target).get(kind, ())


def _extensions(orphans: list[tuple[str, str]], target: str, taken: set[str]) -> Iterator[Move]:
    free = {letter: _free(letter, target, taken) for letter in LETTERS.values()}
    for old, name in orphans:
        yield Move(old, next(free[old[0]]), name, extension=True)


def _free(letter: str, target: str, taken: set[str]) -> Iterator[str]:
    """Yield the ids that a profile leaves for extensions and that nobody has."""
    known = _ids(target) | taken
    width = profile(target).kind_lengths[1]
    if target == "CJT214-2007":
        codes: Iterable[str] = (f"{EXTENSION}{n:0{width}d}" for n in range(1, 10**width))
    else:
        big = _other(letter, target)
        codes = (f"{big}{n:0{width}d}" for n in range(10**width - 1, 0, -1))
    return (letter + code for code in codes if letter + code not in known)


@cache
def _ids(name: str) -> frozenset[str]:
    return frozenset(kind.id for kind in kinds(name))


def _other(letter: str, target: str) -> str:
    """Return the big class “other” of a profile (其他), else its last one."""
    bigs = {k.big_code: k.big_name for k in kinds(target) if k.id[0] == letter}
    return next((code for code, name in bigs.items() if name.startswith("其他")), max(bigs))


def extended(move: Move, like: Kind | None, target: str) -> dict[str, str]:
    """Return the row of an extension kind of ``target``: named as before, in its new class."""
    bigs = {
        k.big_code: (k.big_name, k.big_name_en) for k in kinds(target) if k.id[0] == move.new[0]
    }
    width = profile(target).kind_lengths[0]
    big = move.new[1 : 1 + width]
    part = move.new[0] == "C"
    name, english = bigs.get(big, ("扩展部件" if part else "扩展事件", "extension"))
    return {
        "id": move.new,
        "family": "part" if part else "event",
        "code": move.new[1:],
        "name": move.name,
        "name_en": like.name_en if like else move.name,
        "big_code": big,
        "big_name": name,
        "big_name_en": english,
        "geometry": like.geometry if like else "",
        "accuracy_class": like.accuracy_class if like else "",
    }
