"""Rows of a stranger's table, by batches: their columns as text, as numbers, as shapes.

Rows are counted from 1, the header not among them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.kernel.errors import Refused, sentence
from gis.faults import Reason
from gis.shapes import Shapes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
BLANK = " \t\r\n\u3000\u00a0\ufeff"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows: their numbers, columns and shapes, and the ones that could not be read.

    A shape is None where the bytes make none, as of a ring that is not closed; ``mended`` then
    holds what they make once it is closed, None for the others.
    """

    numbers: Ints
    data: pa.RecordBatch
    broken: tuple[tuple[int, Reason], ...] = ()
    shapes: Shapes | None = None
    mended: Shapes | None = None

    def column(self, name: str | None) -> pa.Array:
        """Return the column ``name``; an empty one if there is no such name."""
        if name is None:
            return pa.nulls(len(self.numbers), pa.string())
        return self.data.column(name)


@dataclass(frozen=True, slots=True)
class Table:
    """An open table; one with shapes says in ``crs`` what their coordinates are in, if it knows.

    ``count`` is how many rows it claims to have, for progress only; None if it does not say.
    """

    columns: tuple[str, ...]
    batches: Iterator[Batch]
    has_shapes: bool = False
    crs: str | None = None
    count: int | None = None

    def find(self, names: Sequence[str]) -> str | None:
        """Return the first column called one of ``names``, whatever its case."""
        known = {name.lower(): name for name in reversed(self.columns)}
        return next((known[name.lower()] for name in names if name.lower() in known), None)

    def require(self, name: str) -> str:
        """Return ``name`` if it is a column, or raise ``Refused`` listing those there are."""
        if name not in self.columns:
            raise Refused(
                sentence("The file has no column “%(column)s”. It has: %(columns)s."),
                column=name,
                columns=", ".join(self.columns) or "none",
            )
        return name

    def columns_for(
        self, usual: Mapping[str, Sequence[str]], chosen: Mapping[str, str]
    ) -> dict[str, str | None]:
        """Return the column for each of ``usual``: the ``chosen`` one, else one usually so called.

        Raises ``Refused`` for a chosen one that is not there.
        """
        return {
            key: self.require(chosen[key]) if key in chosen else self.find(names)
            for key, names in usual.items()
        }


def texts(column: pa.Array) -> pa.Array:
    """Return a column as trimmed text; what is blank becomes null.

    NUL characters, which PostgreSQL cannot hold, are dropped.
    """
    column = _as_text(column)
    bare = pc.utf8_trim(pc.replace_substring(column, "\x00", ""), characters=BLANK)
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)


def blank(column: pa.Array) -> Bools:
    """Say where a column has no text."""
    found: Bools = texts(column).is_null().to_numpy(zero_copy_only=False)
    return found


def numbers(column: pa.Array) -> Floats:
    """Return a column as numbers; what is blank or no number becomes NaN."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return _floats(column)
    words = texts(column)
    try:
        return _floats(pc.cast(words, pa.float64()))
    except pa.ArrowInvalid:
        return np.array([_number(word) for word in words.to_pylist()], dtype=np.float64)


def _floats(column: pa.Array) -> Floats:
    filled = pc.fill_null(pc.cast(column, pa.float64(), safe=False), np.nan)
    found: Floats = filled.to_numpy(zero_copy_only=False)
    return found


def _number(word: str | None) -> float:
    try:
        return float(word or "nan")
    except ValueError:
        return float("nan")


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return column
    try:
        return pc.cast(column, pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        values = (None if value is None else str(value) for value in column.to_pylist())
        return pa.array(values, pa.string())


def numbered(first: int, count: int) -> Ints:
    """Return ``count`` row numbers from ``first`` on."""
    return np.arange(first, first + count, dtype=np.int64)


def counted(blocks: Iterator[pa.RecordBatch]) -> Iterator[Batch]:
    """Yield ``blocks`` as batches, their rows counted from 1."""
    first = 1
    for block in blocks:
        yield Batch(numbered(first, len(block)), block)
        first += len(block)
