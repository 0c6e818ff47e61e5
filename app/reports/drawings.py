"""Drawings of a ranking for paper: bars, a map in five classes, as SVG.  Pure."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

CLASSES = ("#fff3d6", "#ffd48a", "#f7a35c", "#de6b48", "#a83232")
NONE, ALIKE = "#dfe3e8", CLASSES[1]
"""Of an area without data, and of areas that are all alike."""
WIDTH, LINE, NAMES = 680, 22, 150
MOST_BARS = 24
FONT = "Noto Sans CJK SC, sans-serif"
Row = Mapping[str, Any]


def bars(rows: Sequence[Row]) -> str:
    """Return the scores (0–100) as bars, best first; what has no score is left out."""
    known = [row for row in rows if row["score"] is not None][:MOST_BARS]
    height = LINE * len(known) + 4
    drawn = "".join(_bar(row, n) for n, row in enumerate(known))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" class="bars"'
        f' font-family="{FONT}" font-size="12">{drawn}</svg>'
    )


def _bar(row: Row, n: int) -> str:
    top, length = LINE * n + 2, max(0.0, min(100.0, row["score"])) * (WIDTH - NAMES - 60) / 100
    return (
        f'<text x="{NAMES - 8}" y="{top + 13}" text-anchor="end">{escape(row["name"][:14])}</text>'
        f'<rect x="{NAMES}" y="{top}" width="{length:.1f}" height="{LINE - 6}" fill="#0b5cad"/>'
        f'<text x="{NAMES + length + 6:.1f}" y="{top + 13}">{row["score"]:.2f}</text>'
    )


def breaks(values: Sequence[float]) -> list[float]:
    """Return up to four breaks that divide ``values`` into classes of about equal size.

    >>> breaks([1, 2, 3, 4, 5]), breaks([7, 7])
    ([2, 3, 4, 5], [])
    """
    ordered = sorted(values)
    cut = [ordered[len(ordered) * part // 5] for part in range(1, 5)] if ordered else []
    return sorted({one for one in cut if one > ordered[0]})


def colour(value: float | None, at: Sequence[float], *, more_is_worse: bool) -> str:
    """Return the colour of ``value`` among the classes that begin ``at``: the darker the worse."""
    if value is None:
        return NONE
    scale = CLASSES if more_is_worse else CLASSES[::-1]
    return scale[sum(1 for one in at if value >= one)] if at else ALIKE


def area_map(
    areas: Sequence[Row], values: Mapping[str, float | None], late: Mapping[str, int],
    *, more_is_worse: bool,
) -> str:  # fmt: skip
    """Return the areas coloured by ``values``, with a red mark where cases are ``late``."""
    if not areas:
        return ""
    known = [value for value in values.values() if value is not None]
    at = breaks(known)
    west, north = min(a["west"] for a in areas), min(a["north"] for a in areas)
    wide = max(a["east"] for a in areas) - west
    high = max(a["south"] for a in areas) - north
    shapes = "".join(
        f'<path d="{a["path"]}" fill="{colour(values.get(a["code"]), at, more_is_worse=more_is_worse)}"'  # noqa: E501
        f' stroke="#33404d" stroke-width="{wide / 600:.1f}"/>'
        for a in areas
    )
    marks = "".join(
        _mark(a, late.get(a["code"], 0), wide, names=len(areas) <= 60 and a["name"] != a["code"])
        for a in areas
    )
    box = f"{west:.0f} {north:.0f} {wide:.0f} {high:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" class="map"'
        f' font-family="{FONT}">{shapes}{marks}</svg>'
    )


def _mark(area: Row, late: int, wide: float, *, names: bool) -> str:
    size = wide / 48
    name = _named(area, size) if names else ""
    if not late:
        return name
    radius = size * min(2.0, 0.5 + late / 20)
    return name + (
        f'<circle cx="{area["x"]:.0f}" cy="{area["y"] + 1.6 * size:.0f}" r="{radius:.0f}"'
        f' fill="#c5221f"/><text x="{area["x"]:.0f}" y="{area["y"] + 1.9 * size:.0f}"'
        f' font-size="{size * 0.8:.0f}" text-anchor="middle" fill="#fff">{late}</text>'
    )


def _named(area: Row, size: float) -> str:
    """Return an area's name on a white rim, so that it is read on every colour."""
    place = f'x="{area["x"]:.0f}" y="{area["y"]:.0f}" font-size="{size:.0f}" text-anchor="middle"'
    name = escape(area["name"])
    rim = f'stroke="#fff" stroke-width="{size / 4:.0f}" stroke-linejoin="round"'
    return f"<text {place} {rim}>{name}</text><text {place}>{name}</text>"


def legend(values: Mapping[str, float | None], *, more_is_worse: bool) -> list[dict[str, Any]]:
    """Return the classes of a map: colour, words, how many areas; what has no data last."""
    known = [value for value in values.values() if value is not None]
    at = breaks(known)
    scale = CLASSES if more_is_worse else CLASSES[::-1]
    ends = [*at, None]
    found = []
    for n, end in enumerate(ends):
        low = at[n - 1] if n else None
        told = (
            f"< {end:g}"
            if low is None and end is not None
            else f"≥ {low:g}"
            if low
            else f"{known[0]:g}"
            if known
            else "—"
        )
        if low is not None and end is not None:
            told = f"{low:g}–{end:g}"
        count = sum(1 for value in known if sum(1 for one in at if value >= one) == n)
        found.append({"colour": scale[n] if at else ALIKE, "words": told, "n": count})
    return [*found, {"colour": NONE, "words": "—", "n": len(values) - len(known)}]
