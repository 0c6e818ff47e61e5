"""Where the rows of a stranger's table are: its columns as shapes in EPSG:4490, each judged."""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from app.kernel import rows
from app.kernel.errors import Refused, sentence
from app.kernel.rows import Batch, Floats, Table
from app.kernel.tables import SRID
from gis.faults import Reason
from gis.shapes import MOST_VERTICES, Extent, Judged, Shapes, Terms, judge
from gis.ways import way_from

PLACE: Mapping[str, tuple[str, ...]] = {
    "lon": ("lon", "lng", "longitude", "经度", "PointX", "x"),
    "lat": ("lat", "latitude", "纬度", "PointY", "y"),
    "wkt": ("wkt", "WKT", "geometry_wkt"),
}
"""How the columns that say where are usually called."""
Columns = Mapping[str, str | None]
NO_POSITION = Reason("The row has no position.")
NO_NUMBER = Reason("A coordinate is not a number.")


def terms_of(
    table: Table,
    mapping: Mapping[str, object],
    coord_sys: str | None,
    *,
    extent: Extent | None = None,
    home: Extent | None = None,
    most: int = MOST_VERTICES,
) -> Terms:
    """Return by what terms the shapes of ``table`` are judged.

    ``coord_sys`` and the mapping's ``epsg`` and ``coord_sys`` say what the file cannot.
    """
    crs = f"EPSG:{mapping['epsg']}" if "epsg" in mapping else table.crs
    system = coord_sys or str(mapping.get("coord_sys", "cgcs2000"))
    return Terms(way_from(crs, system), extent, home, most)


def require_place(table: Table, columns: Columns) -> None:
    """Raise ``Refused`` if nothing in ``table`` says where its rows are."""
    if table.has_shapes or columns.get("wkt") or (columns.get("lon") and columns.get("lat")):
        return
    raise Refused(
        sentence(
            "No columns look like longitude and latitude. Say in a mapping which they are;"
            " the file has: %(columns)s."
        ),
        columns=", ".join(table.columns),
    )


def read(batch: Batch, columns: Columns, terms: Terms) -> Judged:
    """Return where the rows of ``batch`` are: by its shapes, else its ``columns`` (``PLACE``)."""
    if batch.shapes is not None:
        return judge(batch.shapes, terms, batch.mended)
    if not columns.get("wkt"):
        return by_numbers(batch, columns, terms)
    words = batch.column(columns["wkt"])
    shapes, closed = _from_words(words)
    judged = judge(shapes, terms, closed)
    blank = rows.blank(words)
    if blank.any() and columns.get("lon") and columns.get("lat"):
        _fill(judged, by_numbers(batch, columns, terms), blank)
    return judged


def _from_words(column: pa.Array) -> tuple[Shapes, Shapes]:
    """Return the shapes that well-known text makes, and those that a closed ring would make."""
    words = rows.texts(column).to_pylist()
    shapes = shapely.from_wkt(words, on_invalid="ignore")
    closed = shapely.from_wkt(
        [word if shape is None else None for word, shape in zip(words, shapes, strict=True)],
        on_invalid="fix",
    )
    return np.asarray(shapes), np.asarray(closed)


def _fill(judged: Judged, other: Judged, where: rows.Bools) -> None:
    judged.shapes[where] = other.shapes[where]
    judged.reasons[where] = other.reasons[where]
    judged.repairs.update({at: one for at, one in other.repairs.items() if where[at]})


def by_numbers(batch: Batch, columns: Columns, terms: Terms) -> Judged:
    """Return where the rows of ``batch`` are by their columns ``lon`` and ``lat``."""
    given = [batch.column(columns[key]) for key in ("lon", "lat")]
    x, y = map(rows.numbers, given)
    points = np.full(len(x), None, dtype=object)
    there = ~(np.isnan(x) | np.isnan(y))
    points[there] = shapely.points(x[there], y[there])
    judged = judge(points, terms)
    judged.reasons[~there] = NO_NUMBER
    judged.reasons[rows.blank(given[0]) & rows.blank(given[1])] = NO_POSITION
    return judged


def spots(judged: Judged) -> tuple[Floats, Floats]:
    """Return a position for each row: on its shape, or for a bad one its first; NaN for none."""
    shapes, good = judged.shapes, judged.good
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    found = np.full((len(shapes), 2), np.nan)
    starts, first = np.unique(owner, return_index=True)
    found[starts] = points[first]
    spread = good & (shapely.get_type_id(shapes) != 0)
    found[spread] = shapely.get_coordinates(shapely.point_on_surface(shapes[spread]))
    return found[:, 0], found[:, 1]


def as_wkb(shapes: Iterable[BaseGeometry]) -> pa.Array:
    """Return shapes in EPSG:4490 as a column of what PostGIS reads."""
    named = shapely.set_srid(np.array([*shapes, None], dtype=object)[:-1], SRID)
    return pa.array(shapely.to_wkb(named, hex=True, include_srid=True), pa.string())
