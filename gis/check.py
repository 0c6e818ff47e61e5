"""The checks a set of cells must pass before it is taken into use.

They follow the division rules of the unit grid standard (GB/T 30428.1): valid shapes of a
sensible size, no overlap, no gap in a community, codes that belong to it and number it through.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gis.mesh import Scale

Shape = Polygon | MultiPolygon

# Square metres.
LEAST_AREA, MOST_AREA = 100.0, 500_000.0
USUAL_AREA = (2_000.0, 50_000.0)
OVERLAP_TOLERANCE = 0.5
GAP_TOLERANCE = 1.0


class CodeRules(Protocol):
    """What these checks ask of a code profile."""

    @property
    def cell_pattern(self) -> str:
        """Return the pattern of a whole cell code."""

    @property
    def cell_lengths(self) -> tuple[int, int, int, int]:
        """Return the lengths of county, street, community and sequence."""


class FaultKind(StrEnum):
    """What may be wrong with a cell or, for a gap and a sequence, with a community."""

    CODE = "code"
    COMMUNITY = "community"
    DUPLICATE = "duplicate"
    SEQUENCE = "sequence"
    ENDED = "ended"
    REUSED = "reused"
    INVALID = "invalid"
    PARTS = "parts"
    SIZE = "size"
    UNUSUAL_SIZE = "unusual_size"
    OVERLAP = "overlap"
    OUTSIDE = "outside"
    GAP = "gap"


SENTENCES: Mapping[FaultKind, str] = {
    FaultKind.CODE: "The code %(code)s does not follow the code profile.",
    FaultKind.COMMUNITY: "Cell %(code)s: there is no community %(detail)s.",
    FaultKind.DUPLICATE: "The code %(code)s is given to %(detail)s cells.",
    FaultKind.SEQUENCE: "Community %(code)s: the cell numbers %(detail)s are missing.",
    FaultKind.ENDED: "Cell %(code)s is in use, but its term ended on %(detail)s.",
    FaultKind.REUSED: "The code %(code)s belonged to a cell that has ended.",
    FaultKind.INVALID: "Cell %(code)s has no valid shape: %(detail)s.",
    FaultKind.PARTS: "Cell %(code)s consists of %(detail)s separate parts.",
    FaultKind.SIZE: "Cell %(code)s cannot have an area of %(area)s m².",
    FaultKind.UNUSUAL_SIZE: "Cell %(code)s has an unusual area of %(area)s m².",
    FaultKind.OVERLAP: "Cells %(code)s and %(detail)s overlap by %(area)s m².",
    FaultKind.OUTSIDE: "Cell %(code)s lies outside community %(detail)s with %(area)s m².",
    FaultKind.GAP: "Community %(code)s is not covered by cells on %(area)s m².",
}
WARNINGS = frozenset({FaultKind.UNUSUAL_SIZE, FaultKind.PARTS})


@dataclass(frozen=True, slots=True)
class CellShape:
    """A cell in use, as it is or is to be stored: EPSG:4490."""

    code: str
    polygon: Shape
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding; ``detail`` is the other cell, the community, the reason or the numbers."""

    code: str
    kind: FaultKind
    detail: str = ""
    area_m2: float | None = None
    at: tuple[float, float] | None = field(default=None, compare=False)
    """Where to look, in degrees; None where the cell itself is the place."""

    @property
    def message(self) -> str:
        """Return the sentence for the user, a msgid that ``facts`` fill."""
        return SENTENCES[self.kind]

    @property
    def facts(self) -> dict[str, object]:
        """Return what fills the sentence; the area in square metres with two decimals."""
        area = "" if self.area_m2 is None else f"{self.area_m2:.2f}"
        return {"code": self.code, "detail": self.detail, "area": area}

    @property
    def is_warning(self) -> bool:
        """Tell whether the cell may be used if somebody has an explanation."""
        return self.kind in WARNINGS


def check_cells(
    cells: Sequence[CellShape],
    parents: Mapping[str, Shape],
    profile: CodeRules,
    retired: Collection[str] = (),
) -> list[Fault]:
    """Return everything that is wrong with ``cells``; an empty list means they may be used.

    ``parents`` are the communities to be covered, by code; ``retired`` the codes of ended cells.
    """
    sound = [cell for cell in cells if cell.polygon.is_valid and not cell.polygon.is_empty]
    scale = Scale.around(MultiPolygon([p for c in sound for p in _polygons(c)]))
    return [
        *_code_faults(cells, parents, profile),
        *_register_faults(cells, frozenset(retired)),
        *_sequence_faults(cells, profile),
        *_shape_faults(cells),
        *_size_faults(sound),
        *_overlaps(sound, scale),
        *_cover_faults(sound, parents, profile),
    ]


def _polygons(cell: CellShape) -> list[Polygon]:
    return list(shapely.get_parts(cell.polygon))


def _community(code: str, profile: CodeRules) -> str:
    return code[: sum(profile.cell_lengths[:-1])]


def _code_faults(
    cells: Sequence[CellShape], parents: Mapping[str, Shape], profile: CodeRules
) -> Iterator[Fault]:
    for cell in cells:
        community = _community(cell.code, profile)
        if not re.fullmatch(profile.cell_pattern, cell.code):
            yield Fault(cell.code, FaultKind.CODE)
        elif community not in parents:
            yield Fault(cell.code, FaultKind.COMMUNITY, community)


def _register_faults(cells: Sequence[CellShape], retired: frozenset[str]) -> Iterator[Fault]:
    for code, count in Counter(cell.code for cell in cells).items():
        if count > 1:
            yield Fault(code, FaultKind.DUPLICATE, str(count))
        if code in retired:
            yield Fault(code, FaultKind.REUSED)
    for cell in cells:
        if cell.ended_on is not None:
            yield Fault(cell.code, FaultKind.ENDED, cell.ended_on.isoformat())


def _sequence_faults(cells: Sequence[CellShape], profile: CodeRules) -> Iterator[Fault]:
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for cell in cells:
        community = _community(cell.code, profile)
        sequence = cell.code.removeprefix(community)
        # The 2026 profile allows letters; such a sequence has no order to be broken.
        if re.fullmatch(profile.cell_pattern, cell.code) and sequence.isdigit():
            numbers[community].add(int(sequence))
    for community, used in numbers.items():
        if missing := sorted(set(range(1, max(used))) - used):
            yield Fault(community, FaultKind.SEQUENCE, ", ".join(map(str, missing)))


def _shape_faults(cells: Sequence[CellShape]) -> Iterator[Fault]:
    for cell in cells:
        if cell.polygon.is_empty:
            yield Fault(cell.code, FaultKind.INVALID, "Empty")
        elif not cell.polygon.is_valid:
            yield Fault(cell.code, FaultKind.INVALID, shapely.is_valid_reason(cell.polygon))
        elif (count := len(_polygons(cell))) > 1:
            yield Fault(cell.code, FaultKind.PARTS, str(count))


def _size_faults(cells: Sequence[CellShape]) -> Iterator[Fault]:
    for cell in cells:
        area = Scale.around(cell.polygon).area(cell.polygon)
        if not LEAST_AREA <= area <= MOST_AREA:
            yield Fault(cell.code, FaultKind.SIZE, area_m2=area)
        elif not USUAL_AREA[0] <= area <= USUAL_AREA[1]:
            yield Fault(cell.code, FaultKind.UNUSUAL_SIZE, area_m2=area)


def _overlaps(cells: Sequence[CellShape], scale: Scale) -> Iterator[Fault]:
    shapes = np.array([cell.polygon for cell in cells], dtype=object)
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, two = one[one < two], two[one < two]
    areas = shapely.area(shapely.intersection(shapes[one], shapes[two])) * scale.lon * scale.lat
    for i in np.flatnonzero(areas >= OVERLAP_TOLERANCE):
        common = shapely.intersection(shapes[one[i]], shapes[two[i]])
        yield Fault(
            cells[one[i]].code,
            FaultKind.OVERLAP,
            cells[two[i]].code,
            area_m2=float(areas[i]),
            at=_inside(common),
        )


def _cover_faults(
    cells: Sequence[CellShape], parents: Mapping[str, Shape], profile: CodeRules
) -> Iterator[Fault]:
    inside: defaultdict[str, list[CellShape]] = defaultdict(list)
    for cell in cells:
        inside[_community(cell.code, profile)].append(cell)
    for code, parent in parents.items():
        scale = Scale.around(parent)
        cover = shapely.union_all([cell.polygon for cell in inside[code]])
        gap = parent.difference(cover)
        if scale.area(gap) > GAP_TOLERANCE:
            yield Fault(code, FaultKind.GAP, area_m2=scale.area(gap), at=_inside(gap))
        yield from _outside(inside[code], code, parent, scale)


def _inside(shape: shapely.Geometry) -> tuple[float, float]:
    point = shapely.point_on_surface(shape)
    return float(point.x), float(point.y)


def _outside(cells: Sequence[CellShape], code: str, parent: Shape, scale: Scale) -> Iterator[Fault]:
    shapes = np.array([cell.polygon for cell in cells], dtype=object)
    areas = shapely.area(shapely.difference(shapes, parent)) * scale.lon * scale.lat
    for cell, area in zip(cells, areas.tolist(), strict=True):
        if area >= OVERLAP_TOLERANCE:
            beyond = _inside(shapely.difference(cell.polygon, parent))
            yield Fault(cell.code, FaultKind.OUTSIDE, code, area_m2=area, at=beyond)
