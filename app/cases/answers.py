"""Reading what somebody answered to the fields an action asks for."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NoReturn

from app.cases.facts import Answers
from app.kernel.errors import Refused, sentence
from app.workflow.engine import Ask, Move

CHOSEN = frozenset({"choice", "choices"})
"""Types whose values must be among those offered."""


def check_answers(move: Move, answers: Answers, options: Mapping[str, set[str]]) -> dict[str, Any]:
    """Return what ``answers`` says to the fields ``move`` asks for, or raise naming the wrong one.

    ``options`` holds the values each choice may take.  What was not asked is left out.
    """
    read = {ask.name: _read(ask, answers.get(ask.name), options) for ask in move.asks}
    return {name: value for name, value in read.items() if value is not None}


def _read(ask: Ask, given: Any, options: Mapping[str, set[str]]) -> Any:
    """Return the answer to ``ask``, None if there is none and none is needed."""
    value = READERS[ask.type](ask.name, given)
    if value is None or value == ():
        return _wrong(ask.name, sentence("“%(field)s” is missing.")) if ask.required else None
    if ask.type in CHOSEN:
        for one in (value,) if isinstance(value, str) else value:
            if one not in options.get(ask.name, set()):
                _wrong(ask.name, sentence("“%(value)s” is not one of the choices."), value=one)
    return value


def _wrong(name: str, message: str, **facts: object) -> NoReturn:
    raise Refused(message, field=name, **facts).about(name)


def _text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, bool | list | dict | float):
        return None if value is None else _wrong(name, sentence("“%(field)s” must be a text."))
    found = str(value).strip()
    if len(found) > 4_000:
        _wrong(name, sentence("“%(field)s” is longer than %(most)s characters."), most=4_000)
    return found or None


def _truth(name: str, value: Any) -> bool | None:
    spoken = {True: True, False: False, "true": True, "false": False, None: None, "": None}
    if isinstance(value, list | dict) or value not in spoken:
        _wrong(name, sentence("“%(field)s” must be true or false."))
    return spoken[value]


def _list(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value) or len(value) > 20:
        _wrong(name, sentence("“%(field)s” must be a list of at most %(most)s."), most=20)
    return tuple(dict.fromkeys(value))


def _day(name: str, value: Any) -> str | None:
    """Return a day as it is kept in the journal: a text like 2026-12-31."""
    given = _text(name, value)
    try:
        return None if given is None else date.fromisoformat(given).isoformat()
    except ValueError:
        _wrong(name, sentence("“%(field)s” must be a day like 2026-12-31."))


READERS: dict[str, Callable[[str, Any], Any]] = {
    "text": _text,
    "longtext": _text,
    "case": _text,
    "choice": _text,
    "choices": _list,
    "bool": _truth,
    "photos": _list,
    "date": _day,
}
