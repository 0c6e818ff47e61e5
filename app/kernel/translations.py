"""Proof that every text a person may read has its Chinese."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_from_dir

from app.kernel.i18n import entries

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("app", "gis", "grid_codes")
KEYWORDS: dict[str, Any] = dict.fromkeys(
    (
        "_",
        "sentence",
        "Reason",
        "PutAside",
        "translate",
        "GeometryFault",
        "CodeFault",
        "UnknownProfile",
        "HolidayFileFault",
    )
)
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]


def texts() -> set[str]:
    """Return every msgid of the code, the templates and the shipped flows."""
    found: set[str] = set(_flow_texts())
    for folder in FOLDERS:
        lines = extract_from_dir(str(ROOT / folder), METHODS, keywords=KEYWORDS)
        for _, _, message, _, _ in lines:
            found |= {message} if isinstance(message, str) else set(message)
    return {text for text in found if text}


def _flow_texts() -> Iterator[str]:
    for file in sorted((ROOT / "seed_data" / "flows").glob("*.json")):
        yield from _labels(json.loads(file.read_text(encoding="utf-8")))


def _labels(found: Any) -> Iterator[str]:
    """Yield every ``label``, and all ``labels``, at any depth."""
    if isinstance(found, list):
        for one in found:
            yield from _labels(one)
    elif isinstance(found, dict):
        yield from (text for name, text in found.items() if name == "label")
        yield from found.get("labels", {}).values()
        for one in found.values():
            yield from _labels(one)


def missing() -> list[str]:
    """Return the texts without a Chinese translation, in order."""
    known = {m.id for m in entries("zh_Hans_CN") if m.id and m.string}
    return sorted(texts() - known)
