"""Code profiles: how long each section of a cell, part or kind code is in one standard.

Nothing outside this table may count digits.  A city chooses one profile; CJ/T 214-2007 with
CJ/T 213-2005 is the default.
"""

import re
from dataclasses import dataclass
from itertools import accumulate

from grid_codes.faults import CodeFault, UnknownProfile


@dataclass(frozen=True, slots=True)
class Profile:
    """The code rules of one standard.

    ``cell_lengths``: county, street, community, sequence; ``part_lengths``: division, big
    class, small class, serial; ``kind_lengths``: big class, small class.
    """

    name: str
    cell_pattern: str
    cell_lengths: tuple[int, int, int, int]
    part_lengths: tuple[int, int, int, int]
    kind_lengths: tuple[int, int]


@dataclass(frozen=True, slots=True)
class CellCode:
    """The sections of a cell code (单元网格); each division carries its full code."""

    county: str
    street: str
    community: str
    sequence: str


@dataclass(frozen=True, slots=True)
class PartCode:
    """The sections of a part code (部件标识码)."""

    division: str
    big: str
    small: str
    serial: str


PROFILES = (
    Profile("CJT214-2007", "[0-9]{14}", (6, 3, 3, 2), (6, 2, 2, 6), (2, 2)),
    Profile("GBT30428.2-2013", "[0-9]{15}", (6, 3, 3, 3), (6, 2, 2, 6), (2, 2)),
    Profile("GBT47678.5-2026", "[0-9A-Z]{15}", (6, 3, 3, 3), (6, 2, 3, 6), (2, 3)),
)
DEFAULT_PROFILE = PROFILES[0].name


def profile(name: str) -> Profile:
    """Return the profile called ``name``, or raise ``UnknownProfile``."""
    for known in PROFILES:
        if known.name == name:
            return known
    names = ", ".join(p.name for p in PROFILES)
    raise UnknownProfile(
        "There is no code profile %(name)s. Choose one of: %(known)s.", name=name, known=names
    )


def split_cell(profile: Profile, code: str) -> CellCode:
    """Return the sections of a cell code, or raise ``CodeFault``."""
    if not re.fullmatch(profile.cell_pattern, code):
        raise CodeFault(
            "The cell code %(code)s is wrong: %(profile)s asks for %(length)s characters, "
            "county, street, community and sequence.",
            code=code,
            profile=profile.name,
            length=sum(profile.cell_lengths),
        )
    county, street, community, whole = accumulate(profile.cell_lengths)
    return CellCode(code[:county], code[:street], code[:community], code[community:whole])


def cell_code(profile: Profile, community: str, sequence: int) -> str:
    """Return the code of a community's cell ``sequence`` (from 1), or raise ``CodeFault``."""
    width = profile.cell_lengths[-1]
    if not 1 <= sequence < 10**width:
        raise CodeFault(
            "Community %(community)s cannot have a cell number %(sequence)s: "
            "%(profile)s counts from 1 to %(most)s.",
            community=community,
            sequence=sequence,
            profile=profile.name,
            most=10**width - 1,
        )
    code = f"{community}{sequence:0{width}d}"
    split_cell(profile, code)
    return code


def split_part(profile: Profile, code: str) -> PartCode:
    """Return the sections of a part code, or raise ``CodeFault``."""
    length = sum(profile.part_lengths)
    if not _is_digits(code, length):
        raise CodeFault(
            "The part code %(code)s is wrong: %(profile)s asks for %(length)s digits, "
            "division, big class, small class and serial.",
            code=code,
            profile=profile.name,
            length=length,
        )
    division, big, small, _ = accumulate(profile.part_lengths)
    return PartCode(code[:division], code[division:big], code[big:small], code[small:])


def part_code(profile: Profile, division: str, kind: str, serial: int) -> str:
    """Return the code of part number ``serial`` (from 1) of a kind in a county."""
    split_kind(profile, kind)
    width = profile.part_lengths[-1]
    if not 1 <= serial < 10**width:
        raise CodeFault(
            "Kind %(kind)s cannot have a part number %(serial)s: "
            "%(profile)s counts from 1 to %(most)s.",
            kind=kind,
            serial=serial,
            profile=profile.name,
            most=10**width - 1,
        )
    code = f"{division}{kind}{serial:0{width}d}"
    split_part(profile, code)
    return code


def split_kind(profile: Profile, code: str) -> tuple[str, str]:
    """Return big class and small class of a kind code, or raise ``CodeFault``."""
    big, _ = profile.kind_lengths
    if not _is_digits(code, sum(profile.kind_lengths)):
        raise CodeFault(
            "The kind code %(code)s is wrong: %(profile)s asks for %(length)s digits, "
            "big class and small class.",
            code=code,
            profile=profile.name,
            length=sum(profile.kind_lengths),
        )
    return code[:big], code[big:]


def kind_of(profile: Profile, code: str) -> str:
    """Return the kind code inside a part code, or raise ``CodeFault``."""
    sections = split_part(profile, code)
    return sections.big + sections.small


def _is_digits(code: str, length: int) -> bool:
    # str.isdigit() also accepts full-width and superscript digits, which no register knows.
    return len(code) == length and code.isascii() and code.isdigit()
