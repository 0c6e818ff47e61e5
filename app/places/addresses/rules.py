"""What a query asks for, and how well a place answers it.  Pure.

The score is the one of the domain reference: half for the text, three tenths for how exact the
place is, two tenths for the divisions it lies in; below ``UNSURE`` a person picks on the map.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.places.addresses.splitter import Element, split
from app.places.addresses.words import normalise, similarity

UNSURE = 0.6
TYPES = ("region", "tract", "block", "street", "plate", "poi")
"""The place types of the standard: 区域 地片 区片 街巷 门（楼）牌 兴趣点."""

TYPE_CODES = {kind: f"{n:02d}" for n, kind in enumerate(TYPES, start=1)}
DEPTH: Mapping[str, float] = {
    "code": 1.0,
    "plate": 1.0,
    "crossing": 1.0,
    "interpolated": 0.9,
    "poi": 0.95,
    "block": 0.8,
    "tract": 0.75,
    "street": 0.6,
    "region": 0.4,
}
"""How exactly a precision places something, 0 to 1."""

ABOVE = ("country", "prov", "city", "district", "devzone", "town", "community")
BELOW = ("houseno", "cellno", "floorno", "roomno", "person", "assist", "redundant", "otherinfo")
"""Elements that name what a place lies in, and those finer than any place of the register."""

NUMBERS = ("roadno", "subroadno", "houseno", "cellno")
NAMED = ("road", "subroad", "poi", "subpoi", "community", "devzone")
CROSSING = re.compile(r"(?:与|和|跟|及|、|/|×|x|X|&|交)")
MEETS = re.compile(r"(?:交叉口|交叉路口|交汇处|交汇|交口|路口|口|角|相交处)")
NUMBER = re.compile(r"^(?:第)?(\d+)(?:号|弄|#)?(?:[-之附](\d+)号?)?")
BEFORE = re.compile(r"(\d+)(?:号)?$")
LATIN = re.compile(r"^([a-z]+)(\d*)(?:号)?$")
WRITTEN = r"[0-9a-z]+(?:[ _./-][0-9a-z]+)*"
POLE = re.compile(
    rf"(?:灯|杆)[柱杆]?的?(?:编|标)?[号码牌]*(?:为|是)?\s*:?\s*({WRITTEN})"
    rf"|(?<![0-9a-z])((?=[0-9./_-]*[a-z]){WRITTEN})号?的?(?:路灯|灯杆|灯柱|电杆|杆)"
    rf"|^((?=[a-z./_-]*\d){WRITTEN})$"
)
"""The number on a pole: behind its name, before it (then with a letter: 26号路灯 is a door), or
alone."""
SHORTEST = 3
CODE = re.compile(r"(?<!\d)\d{14,17}(?!\d)")


@dataclass(frozen=True, slots=True)
class Number:
    """A door number and its sub-number, as “26” or “26-3”."""

    number: int
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, read: its text in one spelling, its elements, what it says it lies in."""

    text: str
    elements: tuple[Element, ...]
    above: tuple[str, ...]
    names: tuple[str, ...]
    crossing: bool
    latin: tuple[str, int | None] | None
    code: str | None

    @property
    def weight(self) -> int:
        """Return how many characters a full answer explains."""
        # A door says where, whatever stands behind it is named beside.
        beside = ("poi", "subpoi") if any(e.label == "roadno" for e in self.elements) else ()
        idle = sum(len(e.text) for e in self.elements if e.label in (*ABOVE, *BELOW, *beside))
        return max(len(self.text) - idle, 1)


def understand(query: str) -> Asked:
    """Return what ``query`` asks for."""
    text = normalise(query).casefold()
    elements = tuple(split(text))
    latin = LATIN.match(text)
    return Asked(
        text=text,
        elements=elements,
        above=tuple(e.text for e in elements if e.label in ABOVE),
        names=tuple(e.text for e in elements if e.label in NAMED and len(e.text) > 1),
        crossing=bool(CROSSING.search(text)) or bool(MEETS.search(text)),
        latin=(latin[1], int(latin[2]) if latin[2] else None) if latin else None,
        code=carried(query),
    )


def carried(query: str) -> str | None:
    """Return the code or the number on a pole that ``query`` names, in small letters, if any.

    >>> [carried(q) for q in ("杆号为：ＬＤ-1234", "LD 1234号灯杆", "ld_12", "柳园路126号路灯")]
    ['ld-1234', 'ld1234', 'ld_12', None]
    """
    plain = unicodedata.normalize("NFKC", query).casefold().strip()
    code = CODE.search(plain)
    if code:
        return code[0]
    pole = POLE.search(plain)
    found = next(filter(None, pole.groups()), "").replace(" ", "") if pole else ""
    return found if len(found) >= SHORTEST else None


def number_beside(text: str, word: str) -> Number | None:
    """Return the door number that stands right after ``word`` in ``text``, or right before it.

    >>> number_beside("柳园南路26号", "柳园南路")
    Number(number=26, sub='')
    >>> number_beside("柳园南路26-3号", "柳园南路"), number_beside("4620mainst", "mainst").number
    (Number(number=26, sub='3'), 4620)
    """
    before, _, after = text.partition(word)
    found = NUMBER.match(after)
    if found and len(found[1]) <= 6:
        return Number(int(found[1]), found[2] or "")
    ahead = BEFORE.search(before)
    return Number(int(ahead[1])) if ahead and len(ahead[1]) <= 6 and word.isascii() else None


def door(given: str) -> Number | None:
    """Return a door number as registers write it, None if there is none.

    >>> door("2727"), door("12-3号"), door("１８弄5号"), door("A座")
    (Number(number=2727, sub=''), Number(number=12, sub='3'), Number(number=18, sub='弄5'), None)
    """
    plain = normalise(given)
    found = re.match(r"^(\d{1,6})(?:号)?(?:[-之附]?([0-9A-Za-z]*))?(弄\d+)?", plain)
    return Number(int(found[1]), (found[3] or found[2] or "")[:12]) if found else None


def door_name(street: str, number: int, sub: str) -> str:
    """Return what a door is called; the database's function of this name says the same.

    >>> door_name("柳园南路", 26, ""), door_name("柳园南路", 26, "3"), door_name("MAIN ST", 5, "")
    ('柳园南路26号', '柳园南路26-3号', '5 MAIN ST')
    """
    whole = f"{number}-{sub}" if sub else str(number)
    return f"{whole} {street}" if street.isascii() else f"{street}{whole}号"


def longest(words: Sequence[str]) -> list[str]:
    """Return the words that are no part of another.

    >>> longest(["柳园", "柳园南路", "光岳楼"])
    ['柳园南路', '光岳楼']
    """
    return [w for w in words if not any(w != other and w in other for other in words)]


def agreement(above: Sequence[str], lineage: Sequence[str]) -> float:
    """Return the share of the named divisions that a place really lies in; 1 if none was named.

    >>> agreement(["东昌府区", "柳园街道"], ["聊城市", "东昌府区", "古楼街道"])
    0.5
    >>> agreement(["东昌府"], ["东昌府区"]), agreement([], ["东昌府区"])
    (1.0, 1.0)
    """
    if not above:
        return 1.0
    fits = sum(any(said in name or name in said for name in lineage if name) for said in above)
    return fits / len(above)


def text_share(asked: Asked, word: str, *, extra: int = 0, likeness: float = 1.0) -> float:
    """Return how much of the query a name explains, 0 to 1.

    ``extra`` are characters explained beside the name (a number, the other street), ``likeness``
    how alike the name is to what was written.
    """
    explained = min((len(word) * likeness + extra) / asked.weight, 1.0)
    return max(explained, similarity(asked.text, word) * likeness)


def score(text: float, precision: str, parents: float, likeness: float = 1.0) -> float:
    """Return how well a place answers, 0 to 1; what was guessed earns only its likeness.

    >>> score(1.0, "plate", 1.0), round(score(0.5, "region", 1.0), 2)
    (1.0, 0.57)
    """
    return round(0.5 * text + (0.3 * DEPTH[precision] + 0.2 * parents) * likeness, 3)
