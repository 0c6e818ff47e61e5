"""Addresses as text: one spelling of what people write in many ways; numbers; tokens.  Pure."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

MOST = 80
"""Characters of a query that are looked at: longer ones are stories, not addresses."""
DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = "零〇一二两三四五六七八九十百千"
# A numeral is a number where a unit of addresses follows, unless that unit begins a name (五号路).
COUNTED = re.compile(rf"([{NUMERAL}]+)(?=(?:号|弄|幢|栋|楼|层|室|单元|座)(?![路街线桥院巷]))")
TOKEN = re.compile(r"[0-9]+|[A-Za-z]+|.", re.DOTALL)
STREETS = ("大道", "大街", "胡同", "公路", "马路", "路", "街", "巷", "弄", "道", "里", "条")
NOISE = re.compile(r"[\s,，。;；:：、_·'\"“”()（）\[\]【】]+")


def normalise(text: str) -> str:
    """Return ``text`` as the register spells it.

    >>> normalise("柳园南路２６＃")
    '柳园南路26号'
    >>> normalise("建设路二百三十五号 （东门）")
    '建设路235号东门'
    >>> normalise("五号路12号至14号"), normalise("第三人民医院")
    ('五号路12号-14号', '第三人民医院')
    """
    plain = NOISE.sub("", unicodedata.normalize("NFKC", text))[:MOST]
    plain = re.sub(r"(?<=\d)(?:#|＃|No\.?|no\.?)(?!\d)", "号", plain)
    plain = re.sub(r"(?<=[\d号])[-－—–~～至](?=\d)", "-", plain)
    return COUNTED.sub(lambda found: str(number(found[1])), plain)


def number(numeral: str) -> int:
    """Return a Chinese numeral as a number, read digit by digit where it has no units.

    >>> [number(n) for n in ("二百三十五", "十二", "一〇五", "两千零八")]
    [235, 12, 105, 2008]
    """
    if not any(c in UNITS for c in numeral):
        return int("".join(str(DIGITS[c]) for c in numeral))
    total, digit = 0, 0
    for c in numeral:
        if c in UNITS:
            total += (digit or 1) * UNITS[c]
            digit = 0
        else:
            digit = DIGITS[c]
    return total + digit


def tokens(text: str) -> list[str]:
    """Return what the splitter labels one by one: numbers and Latin words whole, else characters.

    >>> tokens("柳园南路26号A座")
    ['柳', '园', '南', '路', '26', '号', 'A', '座']
    """
    return TOKEN.findall(text)


@cache
def pinyin(word: str) -> tuple[str, str]:
    """Return how ``word`` sounds, without tones, and its initials; Latin and digits stay.

    >>> pinyin("柳园南路")
    ('liuyuannanlu', 'lynl')
    """
    # Its dictionary takes 55 MiB, and few processes ever ask how a word sounds.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    whole = lazy_pinyin(word.lower(), style=Style.NORMAL)
    return "".join(whole), "".join(part[:1] for part in whole)


def pieces(text: str, *, shortest: int = 2, longest: int = 24) -> list[str]:
    """Return every part of ``text`` that may be a name, each once.

    >>> pieces("柳园路", longest=3)
    ['柳园', '园路', '柳园路']
    """
    found: dict[str, None] = {}
    for length in range(shortest, min(longest, len(text)) + 1):
        for start in range(len(text) - length + 1):
            found[text[start : start + length]] = None
    return list(found)


def similarity(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1: Dice's coefficient of their neighbouring pairs.

    >>> similarity("柳园南路", "柳园南路"), similarity("柳园", "东昌")
    (1.0, 0.0)
    """
    a, b = _pairs(one), _pairs(other)
    shared = sum(1 for pair in a if pair in b)
    return 2 * shared / (len(a) + len(b)) if a or b else float(one == other)


def _pairs(text: str) -> set[str]:
    padded = f"<{text}>"
    return {padded[i : i + 2] for i in range(len(padded) - 1)}


def ends_like_a_street(word: str, endings: Sequence[str] = STREETS) -> bool:
    """Say whether a name reads like a street's (街巷).

    >>> ends_like_a_street("柳园南路"), ends_like_a_street("光岳楼")
    (True, False)
    """
    return word.endswith(tuple(endings))
