"""Rows of a map file or table as attributes and shapes, and back as columns for COPY."""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa

from app.kernel import rows, shapes
from app.kernel.rows import Batch, Table

LONGEST = 2_000


def places(table: Table) -> dict[str, str | None]:
    """Return the columns that say where the rows of ``table`` are, or raise ``Refused``."""
    columns = table.columns_for(shapes.PLACE, {})
    shapes.require_place(table, columns)
    return columns


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
