"""Reading what strangers send: JSON, numbers, identifiers, texts, each with its sentence."""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn
from uuid import UUID

from app.kernel.errors import AppError, Refused, TooLarge, sentence

LONG = 4_000
"""Characters a free text may have."""

MOST_JSON = 2_000_000
"""Bytes of a JSON body: twenty thousand vertices fit, and are read in a tenth of a second."""


def read_json(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in ``raw``; NaN, NUL characters and lone surrogates are refused."""
    if len(raw) > MOST_JSON:
        raise TooLarge(
            sentence("The request is larger than %(most)s MB. Send it as a file, or simplify it."),
            most=MOST_JSON // 1_000_000,
        )
    try:
        body = json.loads(raw, parse_constant=_no_constant)
        # A backslash-escaped surrogate parses, but no database can store it.
        json.dumps(body, ensure_ascii=False).encode()
    except RecursionError:
        raise AppError(sentence("The JSON is nested too deeply.")) from None
    except ValueError:
        raise AppError(
            sentence("The request body is not valid JSON in UTF-8 with finite numbers.")
        ) from None
    if not isinstance(body, dict):
        raise AppError(sentence("The request body must be a JSON object."))
    if b"\\u0000" in raw or b"\0" in raw:
        raise AppError(sentence("The request contains a NUL character. Remove it."))
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def text(body: Mapping[str, Any], name: str, *, required: bool = False, most: int = LONG) -> str:
    """Return the trimmed text ``name`` ("" when absent), at most ``most`` characters long."""
    value = body.get(name)
    if value is None or value == "":
        return _missing(name) if required else ""
    if not isinstance(value, str):
        raise Refused(sentence("“%(field)s” must be a text."), field=name).about(name)
    if "\0" in value:
        raise AppError(sentence("The request contains a NUL character. Remove it.")).about(name)
    if len(value) > most:
        raise Refused(
            sentence("“%(field)s” is longer than %(most)s characters."), field=name, most=most
        ).about(name)
    return value.strip() or (_missing(name) if required else "")


def _missing(name: str) -> NoReturn:
    raise Refused(sentence("“%(field)s” is missing."), field=name).about(name)


def number(body: Mapping[str, Any], name: str) -> float:
    """Return the finite number ``name``; a text of digits counts only in a query string."""
    value = body.get(name)
    if value is None or value == "":
        _missing(name)
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise Refused(sentence("“%(field)s” must be a finite number."), field=name).about(name)
    return found


def integer(body: Mapping[str, Any], name: str, *, least: int = 0, most: int = 2**31 - 1) -> int:
    """Return the whole number ``name`` between ``least`` and ``most``."""
    value = body.get(name)
    if value is None or value == "":
        _missing(name)
    try:
        found = int(str(value)) if not isinstance(value, bool) else least - 1
    except ValueError:
        found = least - 1
    if not least <= found <= most:
        raise Refused(
            sentence("“%(field)s” must be a whole number from %(least)s to %(most)s."),
            field=name,
            least=least,
            most=most,
        ).about(name)
    return found


def identifier(value: Any, name: str) -> UUID | None:
    """Return ``value`` as a UUID, None when absent."""
    if value is None or value == "":
        return None
    try:
        return UUID(str(value))
    except ValueError:
        raise Refused(sentence("“%(field)s” must be a UUID."), field=name).about(name) from None


def identifiers(body: Mapping[str, Any], name: str, *, most: int = 20) -> tuple[UUID, ...]:
    """Return the list of UUIDs ``name``, without repeats, at most ``most`` of them."""
    values = body.get(name) or []
    if not isinstance(values, list) or len(values) > most:
        raise Refused(
            sentence("“%(field)s” must be a list of at most %(most)s."), field=name, most=most
        ).about(name)
    found = (identifier(value, name) for value in values)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def box(args: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """Return ``bbox=west,south,east,north`` in degrees, None when absent."""
    given = text(args, "bbox", most=120)
    if not given:
        return None
    names = ("w", "s", "e", "n")
    parts = dict(zip(names, given.split(","), strict=False))
    if given.count(",") != 3:
        raise Refused(sentence("“bbox” must be west,south,east,north in degrees.")).about("bbox")
    w, s, e, n = (number(parts, name) for name in names)
    if not (-180 <= w <= e <= 180 and -90 <= s <= n <= 90):
        raise Refused(sentence("“bbox” must be west,south,east,north in degrees.")).about("bbox")
    return w, s, e, n
