"""Opening a table of any kind: CSV, XLSX, Parquet, and whatever GDAL can open.

Whatever is wrong with a file as a whole raises ``Refused`` with a sentence; a row that cannot be
read is handed on with the reason.
"""

import codecs
import csv
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from io import TextIOWrapper
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.kernel import geofiles
from app.kernel.errors import Refused, sentence
from app.kernel.rows import BLANK, Batch, Table, counted, numbered
from gis.faults import Reason

SIZE = 10_000
"""Rows in a batch: large enough for vectors to pay, small enough to keep memory flat."""
LONGEST_LINE, MOST_CHARACTERS = 4_000_000, 8_000_000
MOST_WORKBOOK, MOST_TEXTS = 400_000_000, 60_000_000
"""Bytes that an XLSX may unpack to, and its texts, which are all held at once."""
LEAST_SQUEEZED, MOST_SQUEEZE = 20_000_000, 200
"""From this size on nothing honest is packed two hundredfold."""
MOST_COLUMNS = 1_000
UNEVEN = sentence("The row has %(has)s fields, the header has %(header)s.")
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError)


@contextmanager
def opened(path: Path, *, encoding: str = "utf-8-sig", layer: str | None = None) -> Iterator[Table]:
    """Yield the table in ``path``; the end of its name says what it is."""
    name = path.name.lower().removesuffix(".gz").removesuffix(".xz")
    reader = next((READERS[end] for end in READERS if name.endswith(end)), geofiles.opened)
    try:
        with reader(path, encoding, layer) as table:
            yield table
    except DAMAGED as damaged:
        raise Refused(
            sentence("“%(file)s” ends too early or is damaged. Copy it again."), file=path.name
        ) from damaged
    except UnicodeDecodeError as foreign:
        raise Refused(
            sentence(
                "“%(file)s” is not text in %(encoding)s. Save it as UTF-8, or name its encoding"
                " in the mapping."
            ),
            file=path.name,
            encoding=encoding,
        ) from foreign


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
                sentence("“%(file)s” is not a CSV table: %(fault)s."),
                file=path.name,
                fault=str(fault),
            ) from fault


def _check_encoding(name: str) -> None:
    try:
        codecs.lookup(name)
    except LookupError as unknown:
        raise Refused(sentence("There is no encoding “%(name)s”."), name=name) from unknown


def _lines(stream: TextIOWrapper, name: str) -> Iterator[str]:
    """Yield lines; one without an end, as a bomb or a binary file has, is refused."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise Refused(
                sentence("“%(file)s” has a line of more than 4 MB: it is no table."), file=name
            )
        yield line


def _unpacked(path: Path) -> Any:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")
    return lzma.open(path, "rb") if path.suffix.lower() == ".xz" else path.open("rb")


def _header(cells: Sequence[Any], name: str) -> tuple[str, ...]:
    columns = tuple(str(cell if cell is not None else "").strip(BLANK) for cell in cells)
    if len(columns) > MOST_COLUMNS:
        raise Refused(
            sentence("“%(file)s” has more than %(most)s columns."), file=name, most=MOST_COLUMNS
        )
    if not any(columns):
        raise Refused(sentence("“%(file)s” is empty: a header row was expected."), file=name)
    for column in columns:
        if columns.count(column) > 1:
            raise Refused(
                sentence("“%(file)s” has two columns called “%(column)s”."),
                file=name,
                column=column,
            )
    return columns


def _csv_batches(reader: Iterator[list[str]], columns: tuple[str, ...]) -> Iterator[Batch]:
    first = 1
    for rows in _blocks(reader):
        yield _batch(rows, columns, first)
        first += len(rows)


def _blocks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """Yield ``rows`` in lists that end at a number of rows or of characters."""
    block: list[Any] = []
    weight = 0
    for row in rows:
        block.append(row)
        weight += sum(len(cell) for cell in row if isinstance(cell, str))
        if len(block) == SIZE or weight > MOST_CHARACTERS:
            yield block
            block, weight = [], 0
    if block:
        yield block


def _batch(rows: list[Any], columns: tuple[str, ...], first: int) -> Batch:
    """Return ``rows`` as a batch, those with too many or too few fields among the broken."""
    width = len(columns)
    where = numbered(first, len(rows))
    broken = tuple(
        (first + i, Reason(UNEVEN, {"has": len(row), "header": width}))
        for i, row in enumerate(rows)
        if len(row) != width
    )
    if broken:
        bad = {number for number, _ in broken}
        where = np.array([n for n in where.tolist() if n not in bad], dtype=np.int64)
        rows = [row for row in rows if len(row) == width]
    fields = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
    arrays = [pa.array(values, pa.string()) for values in fields]
    return Batch(where, pa.RecordBatch.from_arrays(arrays, names=list(columns)), broken)


@contextmanager
def _xlsx(path: Path, encoding: str, layer: str | None) -> Iterator[Table]:
    # Only here: most processes never open a workbook, and it takes 16 MiB.
    import openpyxl  # noqa: PLC0415

    _refuse_bomb(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (KeyError, ValueError, ParseError) as broken:
        raise Refused(
            sentence("“%(file)s” is not a sound XLSX workbook."), file=path.name
        ) from broken
    try:
        if layer is not None and layer not in book.sheetnames:
            raise Refused(
                sentence("“%(file)s” has no sheet “%(layer)s”."), file=path.name, layer=layer
            )
        sheet = book[layer] if layer else book.worksheets[0]
        claimed = max(0, (sheet.max_row or 1) - 1)
        sheet.reset_dimensions()
        rows = sheet.iter_rows(values_only=True)
        columns = _header(_without_tail(next(rows, ())), path.name)
        yield Table(columns, _xlsx_batches(rows, columns), count=claimed)
    finally:
        book.close()


def _refuse_bomb(path: Path) -> None:
    """Raise ``Refused`` if the directory of a workbook says that it is none, or too large.

    Its texts are all held at once, so they have a limit of their own; an XML part that declares
    entities of its own is no workbook that a spreadsheet wrote.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            packed = sum(entry.compress_size for entry in archive.infolist())
            is_book = "xl/workbook.xml" in sizes
            is_odd = is_book and any(_declares(archive, name) for name in sizes)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as broken:
        raise _no_workbook(path) from broken
    total, texts = sum(sizes.values()), sizes.get("xl/sharedStrings.xml", 0)
    squeezed = total > LEAST_SQUEEZED and total > MOST_SQUEEZE * packed
    if total > MOST_WORKBOOK or texts > MOST_TEXTS or squeezed:
        raise Refused(
            sentence("“%(file)s” would unpack to %(size)s MB: too much. Save it as CSV."),
            file=path.name,
            size=total // 1_000_000,
        )
    if not is_book or is_odd:
        raise _no_workbook(path)


def _no_workbook(path: Path) -> Refused:
    return Refused(sentence("“%(file)s” is not an XLSX workbook."), file=path.name)


def _declares(archive: zipfile.ZipFile, name: str) -> bool:
    """Say whether an XML part begins with a document type, where entities are declared."""
    if not name.endswith((".xml", ".rels")):
        return False
    with archive.open(name) as part:
        return b"<!DOCTYPE" in part.read(65_536)


def _without_tail(cells: Sequence[Any]) -> list[Any]:
    kept = list(cells)
    while kept and kept[-1] is None:
        kept.pop()
    return kept


def _xlsx_batches(rows: Iterator[Any], columns: tuple[str, ...]) -> Iterator[Batch]:
    first = 1
    for block in _blocks(rows):
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
            yield Table(
                columns,
                counted(file.iter_batches(SIZE, use_threads=False)),
                count=file.metadata.num_rows,
            )
    except pa.ArrowException as fault:
        raise Refused(
            sentence("“%(file)s” is not a sound Parquet file."), file=path.name
        ) from fault


READERS: dict[str, Callable[[Path, str, str | None], Any]] = {
    ".csv": _csv,
    ".txt": _csv,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
}
