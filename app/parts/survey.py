"""Reading the rows of a survey: where each part stands, what is told of it, what might mend it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from app.kernel import rows
from app.kernel import shapes as places
from app.kernel.errors import sentence
from app.kernel.rows import Batch, Floats, Table
from app.parts import rules
from gis.faults import Reason
from gis.shapes import Extent, Judged, Repair, Shapes, Terms

MOST_VERTICES = 10_000
NO_DEPARTMENT = sentence("There is no department “%(value)s”.")
MIDDLE = sentence("take a point on the shape")


@dataclass(frozen=True, slots=True)
class Reader:
    """How a batch of this file becomes rows of ours."""

    columns: dict[str, str | None]
    told: dict[str, str]
    attributes: dict[str, str]
    terms: Terms
    geometry: str | None = None
    departments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found(Judged):
    """What a batch holds: its judged shapes, a position for each, what is told of each."""

    lon: Floats
    lat: Floats
    told: list[dict[str, Any]] | None


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
    columns = table.columns_for(places.PLACE, chosen)
    places.require_place(table, columns)
    told = {name: table.require(chosen[name]) for name in rules.BY_NAME if name in chosen}
    for column in wanted.values():
        table.require(str(column))
    terms = places.terms_of(table, mapping, coord_sys, extent=extent, most=MOST_VERTICES)
    known = {word: code for code, name in (departments or {}).items() for word in (code, name)}
    return Reader(columns, told, wanted, terms, geometry, known)


def read(batch: Batch, how: Reader) -> Found:
    """Return where the rows of ``batch`` are and what is told of them, judged."""
    judged = _fitting(places.read(batch, how.columns, how.terms), how.geometry)
    told = _told(batch, how, judged.reasons)
    lon, lat = places.spots(judged)
    return Found(judged.shapes, judged.reasons, judged.repairs, lon, lat, told)


def _fitting(judged: Judged, geometry: str | None) -> Judged:
    """Put aside also what is no shape of the kind; where it is drawn as points, offer one."""
    shapes, repairs = judged.shapes, dict(judged.repairs)
    for at in np.flatnonzero(judged.good & (shapely.get_type_id(shapes) != 0)).tolist():
        judged.reasons[at] = rules.misfit(shapes[at].geom_type, geometry)
        if judged.reasons[at] is not None and geometry == "point":
            repairs[at] = Repair(MIDDLE, shapely.point_on_surface(shapes[at]))
    kept = {at: r for at, r in repairs.items() if not rules.misfit(r.shape.geom_type, geometry)}
    return Judged(shapes, judged.reasons, kept)


def columns(batch: Batch, how: Reader, found: Found) -> dict[str, pa.Array]:
    """Return the good rows of ``batch`` as columns of the incoming table."""
    good, kept = found.good, pa.array(found.good)
    rest = found.told or []
    told = [json.dumps(rest[at], ensure_ascii=False) for at in np.flatnonzero(good)[: len(rest)]]
    return {
        "row": pa.array(batch.numbers[good], pa.int32()),
        "lon": pa.array(found.lon[good]),
        "lat": pa.array(found.lat[good]),
        "words": _words(batch, how.attributes).filter(kept),
        "told": pa.array(told, pa.string()) if told else pa.nulls(int(good.sum()), pa.string()),
        "geom": places.as_wkb(found.shapes[good]),
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


def _words(batch: Batch, attributes: dict[str, str]) -> pa.Array:
    """Return the attributes of each row as one JSON object."""
    named = [rows.texts(batch.column(column)).to_pylist() for column in attributes.values()]
    if not named:
        return pa.nulls(len(batch.numbers), pa.string())
    return pa.array([_object(attributes, values) for values in zip(*named, strict=True)])


def _object(names: dict[str, str], values: tuple[str | None, ...]) -> str:
    told = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return json.dumps(told, ensure_ascii=False)
