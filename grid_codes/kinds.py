"""The small classes (小类) of parts and events of each code profile.

The 2026 standard also lists a fault matter for each part, under the part's own code: here that
matter is the part kind itself, so that one problem never has two names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from grid_codes.profiles import profile, split_kind
from grid_codes.tables import read_table

Family = Literal["part", "event"]
LETTERS: Mapping[str, str] = {"part": "C", "event": "E"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One small class; ``geometry`` and ``accuracy_class`` (A, B, C) are empty for an event."""

    family: Family
    code: str
    big_code: str
    small_code: str
    name: str
    name_en: str
    big_name: str
    big_name_en: str
    geometry: str
    accuracy_class: str

    @property
    def id(self) -> str:
        """Return the code with the letter of its family, as case numbers carry it.

        Part and event codes overlap, so the code alone does not name a kind.
        """
        return LETTERS[self.family] + self.code


@cache
def kinds(profile_name: str) -> tuple[Kind, ...]:
    """Return the parts, then the events of a profile by code, or raise ``UnknownProfile``."""
    name = profile(profile_name).name
    parts = [_kind("part", r) for r in read_table("parts") if r["profile"] == name]
    events = [_kind("event", r) for r in read_table("events") if r["profile"] == name]
    return tuple(sorted([*parts, *events], key=lambda kind: kind.id))


def _kind(family: Family, row: Mapping[str, str]) -> Kind:
    big, small = split_kind(profile(row["profile"]), row["code"])
    return Kind(
        family,
        row["code"],
        big,
        small,
        row["name"],
        row["name_en"],
        row["big_name"],
        row["big_name_en"],
        row.get("geometry", ""),
        row.get("accuracy_class", ""),
    )
