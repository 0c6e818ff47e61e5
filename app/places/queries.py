"""Reading places: which cell, which community, which address."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.errors import Refused, sentence
from gis.admit import admit_point
from gis.linear import wind
from grid_codes.profiles import Profile, profile

LOCATE = sql.read(Path(__file__).parent, "locate")


@dataclass(frozen=True, slots=True)
class Named:
    """A place with a code and a name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """A point inside a cell, with all that is said of it; degrees in EPSG:4490."""

    lon: float
    lat: float
    cell: str
    grade: str
    beat: Named | None
    community: Named | None
    street: Named | None
    district: Named | None
    address: str


SWAPPED = sentence("Longitude and latitude seem to be swapped: exchange them.")


def admit(lon: float, lat: float, coord_sys: str) -> tuple[float, float]:
    """Return a stranger's position in EPSG:4490, or raise the reason it cannot be one."""
    if abs(lat) > 90 >= abs(lon):
        raise Refused(SWAPPED, lon=lon, lat=lat).about("lon")
    point = admit_point(lon, lat, coord_sys)
    return float(point.x), float(point.y)


def locate(session: Session, lon: float, lat: float) -> Place:
    """Return the place at (``lon``, ``lat``), EPSG:4490, or raise ``Refused`` outside the city."""
    row = sql.ask(session, LOCATE, {"lon": lon, "lat": lat}).first()
    if row is None:
        raise _outside(session, lon, lat)
    return Place(
        lon,
        lat,
        row.cell,
        row.grade,
        Named(str(row.beat_id), row.beat) if row.beat else None,
        _named(row.community_code, row.community),
        _named(row.street_code, row.street),
        _named(row.district_code, row.district),
        _address(row, Point(lon, lat)),
    )


def _named(code: str | None, name: str | None) -> Named | None:
    return Named(code, name or "") if code else None


WINDS = dict(
    zip(
        ("east", "northeast", "north", "northwest", "west", "southwest", "south", "southeast"),
        ("东", "东北", "北", "西北", "西", "西南", "南", "东南"),
        strict=True,
    )
)
AT_THE_DOOR = 12.0
"""Metres from a door plate within which a place is that door."""


def _address(row: Any, here: Point) -> str:
    """Return the words an agent would use: the divisions, then the nearest thing with a name."""
    above = _above(row.district, row.street, row.community)
    if row.plate:
        return above + _from(row.plate, Point(row.plate_lon, row.plate_lat), here)
    if row.poi:
        return above + _from(row.poi, Point(row.poi_lon, row.poi_lat), here)
    if row.crossing_one:
        meeting = f"{row.crossing_one}与{row.crossing_other}交叉口"
        return above + _from(meeting, Point(row.crossing_lon, row.crossing_lat), here)
    return above + (f"{row.road}附近" if row.road else f"网格{row.cell}")


def _above(*names: str | None) -> str:
    """Return the names of the divisions in one, saying none twice.

    >>> _above("东区", "北街道", "北街道临时社区01"), _above("东区", None, "柳园社区")
    ('东区北街道临时社区01', '东区柳园社区')
    """
    said = [name for name in names if name]
    twice = {one for one, inner in pairwise(said) if inner.startswith(one)}
    return "".join(name for name in said if name not in twice)


def _from(name: str, origin: Point, here: Point) -> str:
    """Return ``name`` with the direction and the metres from it, as “光岳楼东北约60米”."""
    direction, metres = wind(origin, here)
    return name if metres <= AT_THE_DOOR else f"{name}{WINDS[direction]}约{round(metres / 5) * 5}米"


def _outside(session: Session, lon: float, lat: float) -> Refused:
    swapped = abs(lon) <= 90 and sql.ask(session, LOCATE, {"lon": lat, "lat": lon}).first()
    outside = sentence("No grid cell covers this point. The case must lie inside the city.")
    return Refused(SWAPPED if swapped else outside, lon=lon, lat=lat).about("lon")


DIVIDED = (
    "WITH used AS (SELECT DISTINCT community FROM cells WHERE ended_on IS NULL),"
    " codes AS (SELECT community AS code FROM used UNION SELECT left(community, 9) FROM used"
    "  UNION SELECT left(community, 6) FROM used)"
    " SELECT d.code, CASE WHEN d.level = 5 THEN concat(p.name, ' ', d.name) ELSE d.name END AS name"
    " FROM codes JOIN divisions d USING (code) LEFT JOIN divisions p ON p.code = d.parent_code"
    " ORDER BY length(d.code), d.code LIMIT :most"
)
CITY_PROFILE = "SELECT profile FROM city"


def city_profile(session: Session) -> Profile:
    """Return the code profile that the city runs; ``flask switch-profile`` changes it."""
    return profile(sql.ask(session, CITY_PROFILE, {}).one().profile)


def divided(session: Session, *, most: int = 400) -> list[dict[str, str]]:
    """Return at most ``most`` divisions that have cells, districts first: ``code`` and ``name``."""
    return sql.ask(session, DIVIDED, {"most": most}).dicts()


def city(session: Session) -> dict[str, Any]:
    """Return the city's name, its box (EPSG:4490 west, south, east, north), its districts.

    The box is that of the cells; until there are cells, of the areas; until then, the country.
    Zones follow the districts: they have the same powers.
    """
    row = session.execute(
        text(
            "SELECT ST_XMin(e) AS w, ST_YMin(e) AS s, ST_XMax(e) AS e, ST_YMax(e) AS n"
            " FROM (SELECT COALESCE((SELECT ST_Extent(geom) FROM cells WHERE ended_on IS NULL),"
            "  (SELECT ST_Extent(geom) FROM areas)) AS e) x"
        )
    ).one()
    districts = session.execute(
        text(
            "SELECT d.code, d.name, p.name AS city FROM areas a JOIN divisions d ON d.code = a.code"
            " LEFT JOIN divisions p ON p.code = d.parent_code"
            " WHERE a.level = 'district' ORDER BY d.code"
        )
    ).all()
    zones = session.execute(text("SELECT code, name FROM zones ORDER BY code LIMIT 500")).all()
    box = [row.w, row.s, row.e, row.n] if row.w is not None else [73.5, 18.0, 135.1, 53.6]
    return {
        "name": districts[0].city if districts and districts[0].city else "",
        "bbox": box,
        "districts": [{"code": d.code, "name": d.name} for d in [*districts, *zones]],
    }
