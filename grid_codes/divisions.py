"""The tree of administrative divisions: province, city, district, street, community.

Codes follow GB/T 2260 and GB/T 10114: 2, 4, 6, 9 and 12 digits, each beginning with its parent.
"""

from enum import IntEnum

from grid_codes.faults import CodeFault


class Level(IntEnum):
    """The levels of the tree, numbered as division registers number them."""

    PROVINCE = 1
    CITY = 2
    DISTRICT = 3
    STREET = 4
    COMMUNITY = 5


LENGTHS = {
    Level.PROVINCE: 2,
    Level.CITY: 4,
    Level.DISTRICT: 6,
    Level.STREET: 9,
    Level.COMMUNITY: 12,
}


def level_of(code: str) -> Level:
    """Return the level of a division code, or raise ``CodeFault``."""
    for level, length in LENGTHS.items():
        if len(code) == length and code.isascii() and code.isdigit():
            return level
    raise CodeFault(
        "The division code %(code)s is wrong: write 2, 4, 6, 9 or 12 digits.", code=code
    )


def parent_of(code: str) -> str | None:
    """Return the code of the division above, None for a province, or raise ``CodeFault``."""
    level = level_of(code)
    return code[: LENGTHS[Level(level - 1)]] if level > Level.PROVINCE else None


def lineage(code: str) -> tuple[str, ...]:
    """Return the codes from the province down to ``code`` itself, or raise ``CodeFault``."""
    level = level_of(code)
    return tuple(code[:length] for above, length in LENGTHS.items() if above <= level)
