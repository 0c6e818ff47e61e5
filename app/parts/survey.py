"""Reading the rows of a survey: where each part stands, what is told of it, what might mend it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from app.kernel import rows
from app.kernel.errors import Reason, Refused, sentence
from app.kernel.rows import Batch, Floats, Shapes, Table
from app.kernel.tables import SRID
from app.parts import rules
from app.places.positions import CHECKS, Extent, Way, judge, way_from

MOST_VERTICES = 10_000
SWAPPED = sentence("Longitude and latitude are swapped.")
NO_SHAPE = sentence("The row has no shape that can be read: is a ring not closed?")
OPEN_RING = sentence("A ring is not closed.")
VERTICES = sentence("The shape has %(count)s vertices, more than %(most)s. Simplify it.")
INFINITE = sentence("A coordinate is not finite.")
INVALID = sentence("The shape is not valid: %(why)s.")
NO_DEPARTMENT = sentence("There is no department “%(value)s”.")
CLOSE_RING = sentence("close the ring")
UNTANGLE = sentence("part the shape where it crosses itself")
TURN = sentence("exchange longitude and latitude")
MIDDLE = sentence("take a point on the shape")


@dataclass(frozen=True, slots=True)
class Reader:
    """How a batch of this file becomes rows of ours."""

    columns: dict[str, str | None]
    told: dict[str, str]
    attributes: dict[str, str]
    way: Way
    extent: Extent | None
    geometry: str | None = None
    departments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repair:
    """What would make a bad row a good one: what is done, and the shape that comes of it."""

    what: str
    shape: Any


@dataclass(frozen=True, slots=True)
class Found:
    """What a batch holds: positions and shapes in EPSG:4490, and for bad rows the reason."""

    lon: Floats
    lat: Floats
    shapes: Shapes
    reasons: Shapes
    told: list[dict[str, Any]] | None = None
    repairs: dict[int, Repair] = field(default_factory=dict)

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Say which rows may be stored."""
        return np.array([reason is None for reason in self.reasons], dtype=bool)


def reader(
    table: Table,
    mapping: dict[str, Any],
    coord_sys: str,
    extent: Extent | None,
    *,
    geometry: str | None = None,
    departments: Mapping[str, str] | None = None,
) -> Reader:
    """Return how the rows of ``table`` are to be read, or raise ``Refused``.

    ``geometry`` is what the kind is drawn as, ``departments`` are codes and names.
    """
    chosen, wanted = mapping["columns"], mapping["attributes"]
    columns = {
        key: table.require(chosen[key]) if key in chosen else table.find(names)
        for key, names in rules.PLACE.items()
    }
    if not table.has_shapes and not columns["wkt"] and not (columns["lon"] and columns["lat"]):
        raise Refused(
            sentence(
                "No columns look like longitude and latitude. Say in a mapping which they are;"
                " the file has: %(columns)s."
            ),
            columns=", ".join(table.columns),
        )
    told = {name: table.require(chosen[name]) for name in rules.BY_NAME if name in chosen}
    for column in wanted.values():
        table.require(str(column))
    crs = f"EPSG:{mapping['epsg']}" if "epsg" in mapping else table.crs
    known = {word: code for code, name in (departments or {}).items() for word in (code, name)}
    return Reader(columns, told, wanted, way_from(crs, coord_sys), extent, geometry, known)


def read(batch: Batch, how: Reader) -> Found:
    """Return where the rows of ``batch`` are and what is told of them, judged."""
    if batch.shapes is not None:
        found = _by_shape(batch.shapes, batch.mended, how)
    elif how.columns["wkt"]:
        found = _by_words(batch, how)
    else:
        found = _by_numbers(batch, how)
    told = _told(batch, how, found.reasons)
    return Found(found.lon, found.lat, found.shapes, found.reasons, told, found.repairs)


def _by_words(batch: Batch, how: Reader) -> Found:
    """Return rows by their well-known text; those without one by their longitude and latitude."""
    column = batch.column(how.columns["wkt"])
    found = _by_shape(*_from_words(column), how)
    blank = _blank(column)
    if not (blank.any() and how.columns["lon"] and how.columns["lat"]):
        return found
    other = _by_numbers(batch, how)
    for name in ("lon", "lat", "shapes", "reasons"):
        getattr(found, name)[blank] = getattr(other, name)[blank]
    mends = {at: mend for at, mend in other.repairs.items() if blank[at]}
    return replace(found, repairs=found.repairs | mends)


def _from_words(column: pa.Array) -> tuple[Shapes, Shapes]:
    """Return the shapes that well-known text makes, and those that a closed ring would make."""
    words = rows.texts(column).to_pylist()
    shapes = shapely.from_wkt(words, on_invalid="ignore")
    mended = shapely.from_wkt(
        [word if shape is None else None for word, shape in zip(words, shapes, strict=True)],
        on_invalid="fix",
    )
    return np.asarray(shapes), np.asarray(mended)


def columns(batch: Batch, how: Reader, found: Found) -> dict[str, pa.Array]:
    """Return the good rows of ``batch`` as columns of the incoming table."""
    good, kept = found.good, pa.array(found.good)
    named = shapely.set_srid(found.shapes[good], SRID)
    rest = found.told or []
    told = [json.dumps(rest[at], ensure_ascii=False) for at in np.flatnonzero(good)[: len(rest)]]
    return {
        "row": pa.array(batch.numbers[good], pa.int32()),
        "lon": pa.array(found.lon[good]),
        "lat": pa.array(found.lat[good]),
        "words": _words(batch, how.attributes).filter(kept),
        "told": pa.array(told, pa.string()) if told else pa.nulls(int(good.sum()), pa.string()),
        "geom": pa.array(shapely.to_wkb(named, hex=True, include_srid=True), pa.string()),
    }


def _told(batch: Batch, how: Reader, reasons: Shapes) -> list[dict[str, Any]] | None:
    """Return the fields of each row; a value that cannot be becomes the row's reason."""
    if not how.told:
        return None
    named = {n: rows.texts(batch.column(c)).to_pylist() for n, c in how.told.items()}
    found: list[dict[str, Any]] = [{} for _ in reasons]
    for name, values in named.items():
        for at, value in enumerate(values):
            if value is None:
                continue
            result = _field(name, value, how)
            if isinstance(result, Reason):
                reasons[at] = reasons[at] or result
            else:
                found[at][name] = result
    return found


def _field(name: str, value: str, how: Reader) -> str | Reason:
    if name == "owner":
        return how.departments.get(value) or Reason(NO_DEPARTMENT, {"value": value[:40]})
    return rules.parsed(name, value)


def _by_numbers(batch: Batch, how: Reader) -> Found:
    x_column, y_column = batch.column(how.columns["lon"]), batch.column(how.columns["lat"])
    x, y = rows.numbers(x_column), rows.numbers(y_column)
    blank = _blank(x_column) & _blank(y_column)
    lon, lat, faults = judge(x, y, blank, how.way, how.extent)
    reasons = _reasons(faults)
    # A point of NaN would be a warning here and is never stored.
    shapes = shapely.points(np.where(faults < 0, lon, 0.0), np.where(faults < 0, lat, 0.0))
    turned = {
        at: shapely.Point(y[at], x[at])
        for at, reason in enumerate(reasons)
        if reason is not None and reason.message == SWAPPED
    }
    wishes = {at: Repair(TURN, shape) for at, shape in turned.items()}
    return Found(lon, lat, np.asarray(shapes), reasons, None, dict(_possible(wishes, how)))


def _blank(column: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = rows.texts(column).is_null().to_numpy(zero_copy_only=False)
    return found


KNOWN = np.array([*(Reason(message) for message, _ in CHECKS), None], dtype=object)


def _reasons(faults: npt.NDArray[np.int64]) -> Shapes:
    # The fault -1 picks the last entry: none.
    found: Shapes = KNOWN[faults]
    return found


def _by_shape(shapes: Shapes, mended: Shapes | None, how: Reader) -> Found:
    shapes = _singled(np.asarray(shapely.force_2d(shapes)))
    raw = shapes.copy()
    early = [_unfit(shape, how.geometry) for shape in shapes]
    unfit = np.array([reason is not None for reason in early], dtype=bool)
    shapes[unfit] = shapely.Point(0, 0)
    moved, faults = _moved(shapes, how)
    middle = shapely.point_on_surface(moved)
    reasons = _reasons(faults)
    reasons[unfit] = [reason for reason in early if reason is not None]
    wishes: dict[int, Repair] = {}
    for at in np.flatnonzero([reason is not None for reason in reasons]).tolist():
        closed = None if mended is None else mended[at]
        if closed is not None:
            reasons[at] = Reason(OPEN_RING)
        wish = _wish(raw[at], closed, reasons[at], how.geometry)
        if wish is not None:
            wishes[at] = wish
    lon, lat = shapely.get_x(middle), shapely.get_y(middle)
    return Found(lon, lat, moved, reasons, None, dict(_possible(wishes, how)))


def _singled(shapes: Shapes) -> Shapes:
    """Return shapes with a multipoint of one point as that point: the same place, said shorter."""
    single = (shapely.get_type_id(shapes) == 4) & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return shapes


def _unfit(shape: Any, geometry: str | None) -> Reason | None:
    """Return why a shape cannot be taken whatever its place, None if it can."""
    if shape is None or shape.is_empty:
        return Reason(NO_SHAPE)
    if (count := shapely.get_num_coordinates(shape)) > MOST_VERTICES:
        return Reason(VERTICES, {"count": int(count), "most": MOST_VERTICES})
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return Reason(INFINITE)
    if not shape.is_valid:
        return Reason(INVALID, {"why": shapely.is_valid_reason(shape)})
    return rules.misfit(shape.geom_type, geometry)


def _wish(shape: Any, closed: Any, reason: Reason, geometry: str | None) -> Repair | None:
    """Return what might mend a row in the file's own coordinates, None if nothing is known."""
    if closed is not None and not closed.is_empty:
        closed = shapely.force_2d(closed)
        return Repair(CLOSE_RING, closed) if closed.is_valid else _untangled(closed)
    if reason.message == INVALID:
        return _untangled(shape)
    if reason.message == SWAPPED:
        return Repair(TURN, shapely.transform(shape, lambda c: c[:, ::-1]))
    if reason.message == rules.UNFIT and geometry == "point":
        return Repair(MIDDLE, shapely.point_on_surface(shape))
    return None


def _untangled(shape: Any) -> Repair | None:
    """Return a self-crossing area as the areas it encloses; None if nothing is left of it."""
    if shapely.get_num_coordinates(shape) > MOST_VERTICES:
        return None
    found = shapely.make_valid(shape)
    if found.geom_type == "GeometryCollection":
        kept = [one for one in found.geoms if one.geom_type.endswith("Polygon")]
        found = shapely.union_all(kept) if kept else None
    if found is None or found.is_empty or not found.geom_type.endswith("Polygon"):
        return None
    return Repair(UNTANGLE, found)


def _possible(wishes: dict[int, Repair], how: Reader) -> Iterator[tuple[int, Repair]]:
    """Yield those repairs that lead to a shape which may be stored, in EPSG:4490."""
    if not wishes:
        return
    shapes = np.array([one.shape for one in wishes.values()], dtype=object)
    moved, faults = _moved(shapes, how)
    for (at, wish), shape, fault in zip(wishes.items(), moved, faults, strict=True):
        if fault < 0 and _unfit(shape, how.geometry) is None:
            yield at, Repair(wish.what, shape)


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
