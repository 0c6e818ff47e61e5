"""Rows of the command handbook as the standards have them: kinds and filing conditions."""

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from grid_codes.conditions import Condition
from grid_codes.kinds import kinds

SOUNDS = Path(__file__).parent / "pinyin.csv"
KEEP_KIND = text(
    "INSERT INTO kinds (id, family, code, name, name_en, big_code, big_name, big_name_en,"
    " geometry, accuracy_class, pinyin, initials, in_use)"
    " VALUES (:id, :family, :code, :name, :name_en, :big_code, :big_name, :big_name_en,"
    " :geometry, :accuracy_class, :pinyin, :initials, :in_use)"
)
KEEP_CONDITION = text(
    'INSERT INTO conditions (kind, position, text, "limit", unit, closing, area_grade, basis)'
    " VALUES (:kind, :position, :text, :limit, :unit, :closing, :grade, :basis)"
)


@cache
def _sounds() -> dict[str, tuple[str, str]]:
    """Return how the standards' names sound: readings that a program would get wrong are right."""
    rows = csv.DictReader(SOUNDS.read_text(encoding="utf-8").splitlines())
    return {row["name"]: (row["pinyin"], row["initials"]) for row in rows}


def kind_rows(profile: str) -> list[dict[str, Any]]:
    """Return the kinds of a code profile as the table keeps them."""
    return [
        sounded(
            {
                "id": kind.id,
                "family": kind.family,
                "code": kind.code,
                "name": kind.name,
                "name_en": kind.name_en,
                "big_code": kind.big_code,
                "big_name": kind.big_name,
                "big_name_en": kind.big_name_en,
                "geometry": kind.geometry,
                "accuracy_class": kind.accuracy_class,
            }
        )
        for kind in kinds(profile)
    ]


def sounded(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a kind in use, with the sound of its name."""
    whole, initials = _sounds().get(row["name"]) or _spoken(row["name"])
    blank = {name: row[name] or None for name in ("geometry", "accuracy_class")}
    return {**row, **blank, "pinyin": whole, "initials": initials, "in_use": True}


def _spoken(name: str) -> tuple[str, str]:
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - 55 MiB, and only here

    sounds = lazy_pinyin(name, style=Style.NORMAL)
    return "".join(sounds), "".join(sound[:1] for sound in sounds)


def store_kinds(session: Session, rows: list[dict[str, Any]]) -> None:
    """Store kinds."""
    session.execute(KEEP_KIND, rows)


def store_conditions(
    session: Session, wanted: Iterable[Condition], *, basis: str | None = None
) -> None:
    """Store filing conditions; ``basis`` says where they come from, if not the standard's words."""
    rows = [
        {
            "kind": c.kind_id,
            "position": c.position,
            "text": c.text,
            "limit": c.limit,
            "unit": c.unit,
            "closing": c.closing,
            "grade": c.area_grade,
            "basis": basis or c.basis,
        }
        for c in wanted
    ]
    if rows:
        session.execute(KEEP_CONDITION, rows)
