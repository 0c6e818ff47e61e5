"""Opening a table of any kind: CSV, XLSX, Parquet, and whatever GDAL can open.

Whatever is wrong with a file as a whole raises ``Refused`` with a sentence; a row that cannot be
read is handed on with the reason.
"""

import codecs
import csv
import gzip
import lzma
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from app.kernel.errors import Refused
from app.kernel.rows import BLANK, Batch, Ints, Table

SIZE = 20_000
"""Rows in a batch: large enough for vectors to pay, small enough to keep memory flat."""
LONGEST_LINE = 4_000_000
MOST_UNPACKED = 4_000_000_000
MOST_WORKBOOK = 600_000_000
"""Bytes that a compressed file may unpack to, and an XLSX, whose texts are all held at once."""
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError)


@contextmanager
def opened(path: Path, *, encoding: str = "utf-8-sig", layer: str | None = None) -> Iterator[Table]:
    """Yield the table in ``path``; the end of its name says what it is."""
    name = path.name.lower().removesuffix(".gz").removesuffix(".xz")
    reader = next((READERS[end] for end in READERS if name.endswith(end)), _geographic)
    try:
        with reader(path, encoding, layer) as table:
            yield table
    except DAMAGED as damaged:
        raise Refused(
            "“%(file)s” ends too early or is damaged. Copy it again.", file=path.name
        ) from damaged
    except UnicodeDecodeError as foreign:
        raise Refused(
            "“%(file)s” is not text in %(encoding)s. Save it as UTF-8, or name its encoding"
            " in the mapping.",
            file=path.name,
            encoding=encoding,
        ) from foreign


def _numbered(first: int, count: int) -> Ints:
    return np.arange(first, first + count, dtype=np.int64)


@contextmanager
def _csv(path: Path, encoding: str, layer: str | None) -> Iterator[Table]:
    _check_encoding(encoding)
    with _unpacked(path) as raw, TextIOWrapper(raw, encoding=encoding, newline="") as stream:
        try:
            reader = csv.reader(_lines(stream, path.name), strict=True)
            columns = _header(next(reader, []), path.name)
            yield Table(columns, _csv_batches(reader, columns))
        except csv.Error as fault:
            raise Refused(
                "“%(file)s” is not a CSV table: %(fault)s.", file=path.name, fault=str(fault)
            ) from fault


def _check_encoding(name: str) -> None:
    try:
        codecs.lookup(name)
    except LookupError as unknown:
        raise Refused("There is no encoding “%(name)s”.", name=name) from unknown


def _lines(stream: TextIOWrapper, name: str) -> Iterator[str]:
    """Yield lines; one without an end, as a bomb or a binary file has, is refused."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise Refused("“%(file)s” has a line of more than 4 MB: it is no table.", file=name)
        yield line


def _unpacked(path: Path) -> Any:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")
    return lzma.open(path, "rb") if path.suffix.lower() == ".xz" else path.open("rb")


def _header(cells: Sequence[Any], name: str) -> tuple[str, ...]:
    columns = tuple(str(cell if cell is not None else "").strip(BLANK) for cell in cells)
    if not any(columns):
        raise Refused("“%(file)s” is empty: a header row was expected.", file=name)
    for column in columns:
        if columns.count(column) > 1:
            raise Refused(
                "“%(file)s” has two columns called “%(column)s”.", file=name, column=column
            )
    return columns


def _csv_batches(reader: Iterator[list[str]], columns: tuple[str, ...]) -> Iterator[Batch]:
    first = 1
    while rows := list(islice(reader, SIZE)):
        yield _batch(rows, columns, first)
        first += len(rows)


def _batch(rows: list[Any], columns: tuple[str, ...], first: int) -> Batch:
    """Return ``rows`` as a batch, those with too many or too few fields among the broken."""
    width = len(columns)
    where = _numbered(first, len(rows))
    told = f"The row has %s fields, the header has {width}."
    broken = tuple((first + i, told % len(row)) for i, row in enumerate(rows) if len(row) != width)
    if broken:
        bad = {number for number, _ in broken}
        where = np.array([n for n in where.tolist() if n not in bad], dtype=np.int64)
        rows = [row for row in rows if len(row) == width]
    fields = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
    arrays = [pa.array(values, pa.string()) for values in fields]
    return Batch(where, pa.RecordBatch.from_arrays(arrays, names=list(columns)), broken)


@contextmanager
def _xlsx(path: Path, encoding: str, layer: str | None) -> Iterator[Table]:
    _refuse_bomb(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (KeyError, ValueError, ParseError) as broken:
        raise Refused("“%(file)s” is not a sound XLSX workbook.", file=path.name) from broken
    try:
        if layer is not None and layer not in book.sheetnames:
            raise Refused("“%(file)s” has no sheet “%(layer)s”.", file=path.name, layer=layer)
        sheet = book[layer] if layer else book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(values_only=True)
        columns = _header(_without_tail(next(rows, ())), path.name)
        yield Table(columns, _xlsx_batches(rows, columns))
    finally:
        book.close()


def _refuse_bomb(path: Path) -> None:
    """Raise ``Refused`` if the directory of a workbook says that it is none, or too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            is_book = "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError) as broken:
        raise Refused("“%(file)s” is not an XLSX workbook.", file=path.name) from broken
    if size > MOST_WORKBOOK:
        raise Refused(
            "“%(file)s” would unpack to %(size)s MB, more than %(most)s MB. Save it as CSV.",
            file=path.name,
            size=size // 1_000_000,
            most=MOST_WORKBOOK // 1_000_000,
        )
    if not is_book:
        raise Refused("“%(file)s” is not an XLSX workbook.", file=path.name)


def _without_tail(cells: Sequence[Any]) -> list[Any]:
    kept = list(cells)
    while kept and kept[-1] is None:
        kept.pop()
    return kept


def _xlsx_batches(rows: Iterator[Any], columns: tuple[str, ...]) -> Iterator[Batch]:
    first = 1
    while block := list(islice(rows, SIZE)):
        yield _batch([_fitted(row, len(columns)) for row in block], columns, first)
        first += len(block)


def _fitted(cells: Sequence[Any], width: int) -> list[str | None]:
    """Return the cells of a row as texts; a sheet leaves out empty cells at the end."""
    kept = [_cell(value) for value in _without_tail(cells)]
    return kept + [None] * (width - len(kept))


def _cell(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat(*((" ",) if isinstance(value, datetime) else ()))
    return None if value is None else str(value)


@contextmanager
def _parquet(path: Path, encoding: str, layer: str | None) -> Iterator[Table]:
    try:
        with pq.ParquetFile(path) as file:
            columns = tuple(file.schema_arrow.names)
            # Threads would decode ahead and hold the whole file.
            yield Table(columns, _counted(file.iter_batches(SIZE, use_threads=False)))
    except pa.ArrowException as fault:
        raise Refused("“%(file)s” is not a sound Parquet file.", file=path.name) from fault


def _counted(blocks: Iterator[pa.RecordBatch]) -> Iterator[Batch]:
    first = 1
    for block in blocks:
        yield Batch(_numbered(first, len(block)), block)
        first += len(block)


@contextmanager
def _geographic(path: Path, encoding: str, layer: str | None) -> Iterator[Table]:
    source = _gdal_name(path)
    try:
        with _quiet():
            chosen = layer or _only_layer(source, path.name)
            opening = pyogrio.raw.open_arrow(
                source, layer=chosen, batch_size=SIZE, use_pyarrow=True
            )
            with opening as (meta, reader):
                yield _shaped(meta, reader, partial(_straightened, source, chosen))
    except (DataSourceError, DataLayerError, pa.ArrowException) as fault:
        raise Refused(
            "“%(file)s” is no table or map file that can be read.", file=path.name
        ) from fault


def _only_layer(source: str, name: str) -> str:
    layers = [str(row[0]) for row in pyogrio.list_layers(source)]
    if len(layers) != 1:
        raise Refused(
            "“%(file)s” has not one layer but these: %(layers)s. Name one in the mapping.",
            file=name,
            layers=", ".join(layers) or "none",
        )
    return layers[0]


def _shaped(meta: Any, reader: Any, straighten: Callable[[int, int], Any]) -> Table:
    shape = meta["geometry_name"] or "wkb_geometry"
    columns = tuple(name for name in reader.schema.names if name != shape)
    batches = _with_shapes(_counted(reader), shape, straighten)
    return Table(columns, batches, shape in reader.schema.names, meta["crs"] or None)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep GDAL from warning of single rows: each row is judged, and put aside with its reason."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _with_shapes(
    batches: Iterator[Batch], column: str, straighten: Callable[[int, int], Any]
) -> Iterator[Batch]:
    """Yield ``batches`` with the binary of ``column`` made into shapes."""
    for batch in batches:
        if column not in batch.data.schema.names:
            yield batch
            continue
        raw = batch.data.column(column).to_numpy(zero_copy_only=False)
        try:
            shapes = shapely.from_wkb(raw, on_invalid="ignore")
        except NotImplementedError:
            raw = straighten(int(batch.numbers[0]) - 1, len(batch.numbers))
            shapes = shapely.from_wkb(raw, on_invalid="ignore")
        yield replace(batch, shapes=np.asarray(shapes))


def _straightened(source: str, layer: str, skip: int, most: int) -> Any:
    """Return the binary of some rows again, arcs as chains of short lines: GEOS knows no arcs."""
    _, _, raw, _ = pyogrio.raw.read(
        source, layer=layer, columns=[], skip_features=skip, max_features=most
    )
    return raw


def _gdal_name(path: Path) -> str:
    """Return what GDAL calls ``path``; a packed file is first proved whole and of sane size."""
    whole = path.resolve().as_posix()
    if path.suffix.lower() == ".zip":
        return f"/vsizip/{whole}"
    if path.suffix.lower() != ".gz":
        return whole
    with gzip.open(path, "rb") as packed:
        size = sum(len(block) for block in iter(lambda: packed.read(1 << 20), b""))
    if size > MOST_UNPACKED:
        raise Refused("“%(file)s” would unpack to more than 4 GB.", file=path.name)
    return f"/vsigzip/{whole}"


READERS: dict[str, Callable[[Path, str, str | None], Any]] = {
    ".csv": _csv,
    ".txt": _csv,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
}
