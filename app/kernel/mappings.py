"""Mapping files: which column of a stranger's table is which of ours, in TOML."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from app.kernel.errors import Refused, sentence

Known = Mapping[str, type | frozenset[str]]
"""The keys a mapping may have: a type, ``dict`` for a free table of texts, or the table's keys."""


def read(path: Path | None, known: Known) -> dict[str, Any]:
    """Return the mapping in ``path``, or raise ``Refused`` naming the key that is wrong.

    Tables of ``known`` are always there, empty if the file lacks them.
    """
    return checked({} if path is None else _parsed(path), known)


def checked(found: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """Return a mapping that came from elsewhere, or raise ``Refused`` naming the key that is wrong.

    Tables of ``known`` are always there, empty if it lacks them.
    """
    for key, value in found.items():
        _check(key, value, known)
    return {key: {} for key, kind in known.items() if kind is dict or _is_table(kind)} | dict(found)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Refused(
            sentence("The mapping “%(file)s” is not TOML: %(fault)s."),
            file=path.name,
            fault=str(fault),
        ) from fault


def _is_table(kind: type | frozenset[str]) -> bool:
    return isinstance(kind, frozenset)


def _check(key: str, value: Any, known: Known) -> None:
    if key not in known:
        _refuse(key, known)
    kind = known[key]
    if isinstance(kind, frozenset):
        _check_table(key, value, kind)
    elif not isinstance(value, kind) or isinstance(value, bool):
        raise Refused(
            sentence("The mapping's key “%(key)s” must be a %(kind)s."), key=key, kind=NAMES[kind]
        )


def _check_table(key: str, value: Any, keys: frozenset[str]) -> None:
    if not isinstance(value, dict):
        raise Refused(sentence("The mapping's key “%(key)s” must be a table."), key=key)
    for name, column in value.items():
        if name not in keys:
            _refuse(f"{key}.{name}", sorted(f"{key}.{k}" for k in keys))
        if not isinstance(column, str):
            raise Refused(
                sentence("The mapping's key “%(key)s” must be a text."), key=f"{key}.{name}"
            )


def _refuse(key: str, known: Iterable[str]) -> NoReturn:
    raise Refused(
        sentence("The mapping has a key “%(key)s” that means nothing here. Known are: %(known)s."),
        key=key,
        known=", ".join(known),
    )


def box(mapping: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """Return ``bbox`` (west, south, east, north in degrees), or raise ``Refused``."""
    given = mapping.get("bbox")
    if given is None:
        return None
    if len(given) != 4 or not all(isinstance(n, int | float) for n in given):
        raise Refused(
            sentence("The mapping's key “bbox” must be four numbers: west, south, east, north.")
        )
    west, south, east, north = map(float, given)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise Refused(
            sentence("The mapping's key “bbox” must be four numbers: west, south, east, north.")
        )
    return west, south, east, north


NAMES: Mapping[type, str] = {
    str: sentence("text"),
    int: sentence("whole number"),
    list: sentence("list"),
    dict: sentence("table"),
}
