"""Making unit grids (单元网格) from areas, and checking those in use."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, cast

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import bulk, sql
from app.kernel.errors import Refused, sentence
from app.places.grouping import MOST_CELLS, groups
from app.places.service import LOCK, redraw
from gis.check import CellShape, Fault, FaultKind, Shape, check_cells
from gis.crs import Floats
from gis.divide import divide_all, number
from gis.mesh import Scale
from grid_codes.divisions import LENGTHS, Level
from grid_codes.profiles import Profile, cell_code

HERE = Path(__file__).parent
FIRST_PROVISIONAL = 601
"""Codes from 601 on are for areas merged or made for a purpose (CJ/T 349-2010)."""
GROUNDS = text(
    "SELECT code, name, level, ST_AsBinary(geom) AS geom FROM areas"
    " WHERE code IS NOT NULL AND starts_with(code, :within) AND level IN ('street', 'community')"
    " ORDER BY code"
)
LINES = text(
    "SELECT ST_AsBinary((ST_Dump(CASE WHEN ST_Dimension(geom) = 2 THEN ST_Boundary(geom)"
    "  ELSE geom END)).geom) FROM base_features"
    " WHERE layer IN ('road', 'water') AND ST_Dimension(geom) > 0"
    " AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)"
)
PARTS = text(
    "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM parts"
    " WHERE state <> 'removed' AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)) x"
).execution_options(stream_results=True)
USED = text(
    "SELECT code, ended_on IS NOT NULL AS ended FROM cells WHERE starts_with(code, :within)"
)
END = text(
    "UPDATE cells SET ended_on = current_date"
    " WHERE ended_on IS NULL AND starts_with(code, :within) AND left(code, :length) = ANY(:grounds)"
)
FORGET = text(
    "DELETE FROM areas WHERE level = 'community' AND left(code, :length) = ANY(:streets)"
    " AND right(code, 3) >= :first"
)
NAME_IT = text(
    "INSERT INTO divisions (code, name, level, parent_code) VALUES (:code, :name, 5, :parent)"
)
COVER = text(
    "INSERT INTO areas (level, code, name, within, geom)"
    " VALUES ('community', :code, :name, :within, ST_SetSRID(CAST(:geom AS geometry), 4490))"
)
STORE = text(
    "INSERT INTO cells (code, community, area_m2, geom)"
    " VALUES (:code, :community, :area, ST_SetSRID(CAST(:geom AS geometry), 4490))"
)
REPLACE = text(sql.read(HERE, "replace_cells"))
CAME = text(sql.read(HERE, "came_after"))
BEATS = text(sql.read(HERE, "join_beats"))
ZONES = text(sql.read(HERE, "join_zones"))
LEFT = text(
    "DELETE FROM beat_cells b USING cells c WHERE c.code = b.cell AND c.ended_on IS NOT NULL"
)
IN_USE = text(
    "SELECT code, ST_AsBinary(geom) AS geom FROM cells"
    " WHERE ended_on IS NULL AND starts_with(code, :within) ORDER BY code"
)
COMMUNITIES = text(
    "SELECT code, ST_AsBinary(geom) AS geom FROM areas"
    " WHERE level = 'community' AND starts_with(code, :within) ORDER BY code"
)


@dataclass(frozen=True, slots=True)
class Community:
    """A community and its cells; a provisional one is made for them, ``name`` says how called."""

    code: str
    cells: list[Polygon]
    name: str | None = None


def make_cells(
    session: Session,
    within: str,
    target_area: float,
    profile: Profile,
    *,
    balanced: bool = False,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Divide the areas whose code begins with ``within`` into cells; return how many.

    Communities are divided as they are; a street without any is grouped into provisional
    ones.  Cells in use there are ended, and no code is given a second time.  ``balanced`` makes
    cells smaller where parts are dense.  Raises ``Refused`` if there is nothing to divide, or if
    a community has more cells than its numbers reach.
    """
    bulk.unhurried(session)
    session.execute(LOCK)
    grounds = _grounds(session, within)
    names = {row.code: row.name for row in grounds}
    shapes = {row.code: _shape(row.geom) for row in grounds}
    _refuse_too_many(shapes, target_area)
    used = {row.code for row in session.execute(USED, {"within": within})}
    box = _box(shapes)
    lines: list[Any] = [shapely.from_wkb(bytes(line)) for line in session.scalars(LINES, box)]
    parts = _parts(session, box) if balanced else None
    divided = divide_all(shapes, lines, target_area, parts=parts, tell=tell)
    communities = list(_communities(session, divided, names))
    coded = [cell for community in communities for cell in _coded(community, profile, used)]
    _end(session, within, list(shapes))
    _cover(session, [c for c in communities if c.name is not None])
    session.execute(STORE, coded)
    codes = [cell["code"] for cell in coded]
    for heirs in (REPLACE, CAME, BEATS, ZONES):
        session.execute(heirs, {"codes": codes})
    session.execute(LEFT)
    redraw(session, codes)
    return len(coded)


def _grounds(session: Session, within: str) -> list[Any]:
    """Return the communities below ``within`` and the streets that have none of their own."""
    street = LENGTHS[Level.STREET]
    first = str(FIRST_PROVISIONAL)
    rows = session.execute(GROUNDS, {"within": within[:street]}).all()
    real = [r for r in rows if r.level == "community" and r.code[street:] < first]
    settled = {row.code[:street] for row in real}
    found = [r for r in real if r.code.startswith(within)]
    found += [
        r
        for r in rows
        if r.level == "street" and r.code not in settled and r.code.startswith(within)
    ]
    if not found:
        raise Refused(
            sentence(
                "There is no street and no community with an area below %(within)s."
                " Import their areas first."
            ),
            within=within,
        )
    return found


def _refuse_too_many(shapes: Mapping[str, Shape], target_area: float) -> None:
    """Raise ``Refused`` before hours of work whose cells no codes would be left for."""
    most = (1000 - FIRST_PROVISIONAL) * MOST_CELLS
    for code, shape in shapes.items():
        if _area(shape) > most * target_area > 0:
            raise Refused(
                sentence(
                    "Area %(code)s would have more than %(most)s cells, and no codes left for them."
                    " Choose a larger target area."
                ),
                code=code,
                most=most,
            )


def _shape(raw: memoryview) -> Shape:
    return cast(Shape, shapely.from_wkb(bytes(raw)))


def _box(shapes: Mapping[str, Shape]) -> dict[str, float]:
    bounds = shapely.total_bounds(list(shapes.values())).tolist()
    return dict(zip(("west", "south", "east", "north"), bounds, strict=True))


def _parts(session: Session, box: Mapping[str, float]) -> Floats:
    """Return the places of the parts in ``box`` (n, 2): sixteen bytes each, a million is 16 MB."""
    rows = session.execute(PARTS, box).partitions(50_000)
    blocks = [np.array([tuple(row) for row in block], dtype=np.float64) for block in rows]
    return np.concatenate(blocks) if blocks else np.empty((0, 2))


def _communities(
    session: Session, divided: Mapping[str, list[Polygon]], names: Mapping[str, str]
) -> Iterator[Community]:
    """Yield the communities of every divided area, provisional ones for a street."""
    for code, cells in divided.items():
        if len(code) == LENGTHS[Level.COMMUNITY]:
            yield Community(code, cells)
            continue
        free = _free_codes(session, code)
        for place, group in enumerate(groups(cells), start=1):
            name = f"{names[code]}临时社区{place:02d}"
            yield Community(next(free), [cells[n] for n in group], name)


def _free_codes(session: Session, street: str) -> Iterator[str]:
    """Yield the codes that no provisional community of ``street`` ever had."""
    last = session.execute(
        text("SELECT max(right(code, 3)::int) FROM divisions WHERE parent_code = :street"),
        {"street": street},
    ).scalar()
    for serial in count(max(FIRST_PROVISIONAL, (last or 0) + 1)):
        if serial > 999:
            raise Refused(
                sentence(
                    "Street %(street)s has no codes left for provisional communities."
                    " Choose a larger target area."
                ),
                street=street,
            )
        yield f"{street}{serial:03d}"


def _coded(community: Community, profile: Profile, used: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a community's cells, numbered on from the last code ever used there."""
    width = profile.cell_lengths[-1]
    serials = (code[-width:] for code in used if code.startswith(community.code))
    start = max((int(serial) for serial in serials if serial.isdigit()), default=0)
    if start + len(community.cells) >= 10**width:
        raise Refused(
            sentence(
                "Community %(code)s would have %(count)s cells, numbered from %(first)s:"
                " %(profile)s ends at %(most)s. Choose a larger target area."
            ),
            code=community.code,
            count=len(community.cells),
            first=start + 1,
            profile=profile.name,
            most=10**width - 1,
        )
    for serial, cell in zip(number(community.cells), community.cells, strict=True):
        yield {
            "code": cell_code(profile, community.code, start + serial),
            "community": community.code,
            "area": Scale.around(cell).area(cell),
            "geom": shapely.to_wkb(cell, hex=True),
        }


def _end(session: Session, within: str, grounds: list[str]) -> None:
    """End the cells in use of the grounds that are divided anew, and their provisional areas."""
    for length in {len(code) for code in grounds}:
        session.execute(END, {"within": within, "length": length, "grounds": grounds})
    street = LENGTHS[Level.STREET]
    streets = [code for code in grounds if len(code) == street]
    session.execute(FORGET, {"length": street, "streets": streets, "first": str(FIRST_PROVISIONAL)})


def _cover(session: Session, communities: list[Community]) -> None:
    """Store provisional communities: their names in the tree, their ground as an area."""
    street = LENGTHS[Level.STREET]
    made = [
        {
            "code": c.code,
            "name": c.name,
            "parent": c.code[:street],
            "within": c.code[:street],
            "geom": shapely.to_wkb(_ground(c.cells), hex=True),
        }
        for c in communities
    ]
    if made:
        session.execute(NAME_IT, made)
        session.execute(COVER, made)


def _ground(cells: list[Polygon]) -> MultiPolygon:
    """Return what cells cover; they share their vertices, so that nothing is lost or gained."""
    return MultiPolygon(list(shapely.get_parts(shapely.coverage_union_all(cells))))


def check(session: Session, within: str, profile: Profile) -> tuple[int, list[Fault]]:
    """Return how many cells below ``within`` are in use, and everything wrong with them."""
    bulk.unhurried(session)
    cells = [
        CellShape(row.code, _shape(row.geom)) for row in session.execute(IN_USE, {"within": within})
    ]
    parents = {
        row.code: _shape(row.geom) for row in session.execute(COMMUNITIES, {"within": within})
    }
    used = session.execute(USED, {"within": within}).all()
    retired = {row.code for row in used if row.ended}
    if not cells:
        return 0, [Fault(code, FaultKind.GAP, area_m2=_area(p)) for code, p in parents.items()]
    faults = check_cells(cells, parents, profile, retired)
    return len(cells), [fault for fault in faults if not _explained(fault, retired, profile)]


def _area(shape: Shape) -> float:
    return Scale.around(shape).area(shape)


def _explained(fault: Fault, retired: set[str], profile: Profile) -> bool:
    """Say whether the numbers missing from a community are those of cells that have ended."""
    if fault.kind is not FaultKind.SEQUENCE:
        return False
    width = profile.cell_lengths[-1]
    missing = (f"{fault.code}{int(n):0{width}d}" for n in fault.detail.split(", "))
    return all(code in retired for code in missing)
