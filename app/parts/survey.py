"""Reading the rows of a survey: where each part stands, and what else is told of it."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from app.kernel import rows
from app.kernel.errors import Refused
from app.kernel.rows import Batch, Floats, Shapes, Table
from app.kernel.tables import SRID
from app.places.positions import CHECKS, Extent, Way, judge, way_from

MOST_VERTICES = 10_000
USUAL = {
    "lon": ("lon", "lng", "longitude", "x", "经度"),
    "lat": ("lat", "latitude", "y", "纬度"),
    "name": (),
}
"""How the columns are usually called, where no mapping says it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How a batch of this file becomes rows of ours."""

    columns: dict[str, str | None]
    attributes: dict[str, str]
    way: Way
    extent: Extent | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a batch holds: positions and shapes in EPSG:4490, and for bad rows the reason."""

    lon: Floats
    lat: Floats
    shapes: Shapes
    reasons: Shapes

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Say which rows may be stored."""
        return np.array([reason is None for reason in self.reasons], dtype=bool)


def reader(table: Table, mapping: dict[str, Any], coord_sys: str, extent: Extent | None) -> Reader:
    """Return how the rows of ``table`` are to be read, or raise ``Refused``."""
    chosen, wanted = mapping["columns"], mapping["attributes"]
    columns = {
        key: table.require(chosen[key]) if key in chosen else table.find(names)
        for key, names in USUAL.items()
    }
    if not table.has_shapes and not (columns["lon"] and columns["lat"]):
        raise Refused(
            "No columns look like longitude and latitude. Say in a mapping which they are;"
            " the file has: %(columns)s.",
            columns=", ".join(table.columns),
        )
    for column in wanted.values():
        table.require(str(column))
    crs = f"EPSG:{mapping['epsg']}" if "epsg" in mapping else table.crs
    return Reader(columns, wanted, way_from(crs, coord_sys), extent)


def read(batch: Batch, how: Reader) -> Found:
    """Return where the rows of ``batch`` are, judged."""
    return _by_numbers(batch, how) if batch.shapes is None else _by_shape(batch.shapes, how)


def columns(batch: Batch, how: Reader, found: Found) -> dict[str, pa.Array]:
    """Return the good rows of ``batch`` as columns of the incoming table."""
    good, kept = found.good, pa.array(found.good)
    named = shapely.set_srid(found.shapes[good], SRID)
    return {
        "row": pa.array(batch.numbers[good], pa.int32()),
        "lon": pa.array(found.lon[good]),
        "lat": pa.array(found.lat[good]),
        "name": rows.texts(batch.column(how.columns["name"])).filter(kept),
        "words": _words(batch, how.attributes).filter(kept),
        "geom": pa.array(shapely.to_wkb(named, hex=True, include_srid=True), pa.string()),
    }


def _by_numbers(batch: Batch, how: Reader) -> Found:
    x_column, y_column = batch.column(how.columns["lon"]), batch.column(how.columns["lat"])
    x, y = rows.numbers(x_column), rows.numbers(y_column)
    blank = _blank(x_column) & _blank(y_column)
    lon, lat, faults = judge(x, y, blank, how.way, how.extent)
    reasons = _reasons(faults)
    # A point of NaN would be a warning here and is never stored.
    shapes = shapely.points(np.where(faults < 0, lon, 0.0), np.where(faults < 0, lat, 0.0))
    return Found(lon, lat, np.asarray(shapes), reasons)


def _blank(column: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = rows.texts(column).is_null().to_numpy(zero_copy_only=False)
    return found


def _reasons(faults: npt.NDArray[np.int64]) -> Shapes:
    # The fault -1 picks the last entry: none.
    return np.array([*(reason for reason, _ in CHECKS), None], dtype=object)[faults]


def _by_shape(shapes: Shapes, how: Reader) -> Found:
    shapes = np.asarray(shapely.force_2d(shapes))
    early = [_unfit(shape) for shape in shapes]
    unfit = np.array([reason is not None for reason in early], dtype=bool)
    shapes[unfit] = shapely.Point(0, 0)
    moved, faults = _moved(shapes, how)
    middle = shapely.point_on_surface(moved)
    reasons = _reasons(faults)
    reasons[unfit] = [reason for reason in early if reason is not None]
    return Found(shapely.get_x(middle), shapely.get_y(middle), moved, reasons)


def _unfit(shape: Any) -> str | None:
    """Return why a shape cannot be taken whatever its place, None if it can."""
    if shape is None or shape.is_empty:
        return "The row has no shape that can be read: is a ring not closed?"
    if (count := shapely.get_num_coordinates(shape)) > MOST_VERTICES:
        return f"The shape has {count} vertices, more than {MOST_VERTICES}. Simplify it."
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return "A coordinate is not finite."
    if not shape.is_valid:
        return f"The shape is not valid: {shapely.is_valid_reason(shape)}."
    return None


def _moved(shapes: Shapes, how: Reader) -> tuple[Shapes, npt.NDArray[np.int64]]:
    """Return shapes in EPSG:4490 and for each the worst fault among its vertices."""
    coords, owner = shapely.get_coordinates(shapes, return_index=True)
    blank = np.zeros(len(coords), dtype=bool)
    lon, lat, faults = judge(coords[:, 0].copy(), coords[:, 1].copy(), blank, how.way, how.extent)
    worst = np.full(len(shapes), -1, dtype=np.int64)
    np.maximum.at(worst, owner, faults)
    places = np.column_stack([lon, lat])
    moved = np.asarray(shapely.set_coordinates(shapes.copy(), places))
    # What is in the wrong place stands for its first vertex: its own numbers may overflow.
    bad = np.flatnonzero(worst >= 0)
    moved[bad] = shapely.points(places[np.searchsorted(owner, bad)])
    return moved, worst


def _words(batch: Batch, attributes: dict[str, str]) -> pa.Array:
    """Return the attributes of each row as one JSON object."""
    named = [rows.texts(batch.column(column)).to_pylist() for column in attributes.values()]
    if not named:
        return pa.nulls(len(batch.numbers), pa.string())
    return pa.array([_object(attributes, values) for values in zip(*named, strict=True)])


def _object(names: dict[str, str], values: tuple[str | None, ...]) -> str:
    told = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return json.dumps(told, ensure_ascii=False)
