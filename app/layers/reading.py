"""Rows of a map file or table as attributes and shapes, and back as columns for COPY."""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from app.kernel import rows
from app.kernel.errors import Refused, sentence
from app.kernel.rows import Batch, Table
from gis.shapes import Shapes

LON = ("lon", "lng", "longitude", "x", "经度")
LAT = ("lat", "latitude", "y", "纬度")
LONGEST = 2_000
REASONS = (
    sentence("The row has no shape that can be read: is a ring not closed?"),
    sentence("The shape is empty."),
    sentence("The shape mixes points, lines and areas."),
    sentence("The shape has more than 200000 vertices. Simplify it."),
    sentence("A coordinate is not finite."),
    sentence("The position 0, 0 means that there was none."),
    sentence("The numbers are no degrees: they look like metres or feet of a map grid."),
    sentence("Longitude and latitude are swapped."),
    sentence("The shape is not valid: it crosses or touches itself."),
)
"""What ``gis.shapes`` may say of a row; they stand here so that the catalogue knows them."""


def shapes(table: Table, batch: Batch) -> Shapes:
    """Return the shapes of ``batch``; those of a table without any from its lon and lat columns."""
    if batch.shapes is not None:
        return batch.shapes
    lon, lat = table.find(LON), table.find(LAT)
    if lon is None or lat is None:
        raise Refused(
            sentence(
                "The file holds no shapes, and no columns lon and lat."
                " Export it as GeoJSON, GeoPackage or Shapefile."
            )
        )
    x, y = rows.numbers(batch.column(lon)), rows.numbers(batch.column(lat))
    found = np.full(len(x), None, dtype=object)
    there = ~(np.isnan(x) | np.isnan(y))
    found[there] = shapely.points(x[there], y[there])
    return found


def records(batch: Batch) -> list[dict[str, Any]]:
    """Return the attributes of each row, as JSON can hold them; what is blank is left out."""
    named = [
        (name, batch.data.column(name).to_pylist())
        for name in batch.data.schema.names
        if not pa.types.is_binary(batch.data.schema.field(name).type)
    ]
    found: list[dict[str, Any]] = [{} for _ in batch.numbers]
    for name, values in named:
        for record, value in zip(found, values, strict=True):
            if (plain := _plain(value)) is not None:
                record[name] = plain
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if value is None or isinstance(value, bytes):
        return None
    bare = str(value).replace("\x00", "").encode("utf-8", "replace").decode()
    return bare.strip(rows.BLANK)[:LONGEST] or None


def as_json(found: Iterable[Mapping[str, Any]]) -> pa.Array:
    """Return ``found`` as a column of JSON."""
    return pa.array([json.dumps(one, ensure_ascii=False) for one in found], pa.string())


def as_wkb(found: Iterable[BaseGeometry]) -> pa.Array:
    """Return shapes in EPSG:4490 as a column of what PostGIS reads."""
    moved = shapely.set_srid(np.array([*found, None], dtype=object)[:-1], 4490)
    return pa.array(shapely.to_wkb(moved, hex=True, include_srid=True), pa.string())
