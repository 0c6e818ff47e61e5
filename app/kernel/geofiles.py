"""Map files, read by GDAL: as the format their name says, and never as one that leads elsewhere.

GDAL chooses a reader by what a file begins with, whatever it is called, and some readers follow
what the file says to other files or to the network (VRT, GDALG, WFS …).  Those are taken out when
the process starts, and a file must begin as its ending says before GDAL sees it.
"""

import gzip
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from app.kernel import features
from app.kernel.errors import Refused, sentence
from app.kernel.rows import Batch, Table, counted

SIZE = 10_000
"""Rows in a batch: large enough for vectors to pay, small enough to keep memory flat."""
MOST_VERTICES = 100_000
HEAD = 4_096
TOO_LARGE = ("too complex", "Too large feature")
"""What GDAL says of a shape beyond the limits set in ``app.kernel``."""
WHOLE, MOST_WHOLE = (".kml",), 30_000_000
"""Such files are held in memory whole, so they may have only so many bytes."""
MOST_UNPACKED, MOST_ARCHIVE = 4_000_000_000, 2_000_000_000
LEAST_SQUEEZED, MOST_SQUEEZE = 20_000_000, 200
"""Bytes that a packed file may unpack to; nothing honest is packed two hundredfold."""


@contextmanager
def opened(path: Path, encoding: str, layer: str | None) -> Iterator[Table]:
    """Yield the table in a map file, opened only as the format that its name says."""
    source = _gdal_name(path)
    try:
        with _readable(path, source, encoding) as source, _quiet():
            chosen = layer or _only_layer(source, path.name)
            opening = pyogrio.raw.open_arrow(
                source, layer=chosen, batch_size=SIZE, use_pyarrow=True
            )
            with opening as (meta, reader):
                yield _shaped(meta, reader, partial(_straightened, source, chosen))
    except (DataSourceError, DataLayerError, pa.ArrowException) as fault:
        if any(words in str(fault) for words in TOO_LARGE):
            raise Refused(features.TOO_LARGE, file=path.name) from fault
        raise unreadable(path) from fault


@contextmanager
def _readable(path: Path, source: str, encoding: str) -> Iterator[str]:
    """Yield what GDAL shall open: ``source``, or its features one a line where it lists them bare.

    ``source`` was proved to be what its name says.
    """
    with _stream(path) as stream:
        is_bare = _bare(path).endswith(JSONS) and features.skipped(_plain(stream.read(HEAD)))
    if not is_bare:
        yield source
        return
    with (
        _stream(path) as stream,
        TextIOWrapper(stream, encoding=encoding) as words,
        features.as_lines(words, path.name) as lines,
    ):
        yield lines.as_posix()


def _bare(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")


def _stream(path: Path) -> Any:
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")


def _plain(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _only_layer(source: str, name: str) -> str:
    layers = [str(row[0]) for row in pyogrio.list_layers(source)]
    if len(layers) != 1:
        raise Refused(
            sentence(
                "“%(file)s” has not one layer but these: %(layers)s. Name one in the mapping."
            ),
            file=name,
            layers=", ".join(layers) or "none",
        )
    return layers[0]


def _shaped(meta: Any, reader: Any, straighten: Callable[[int, int], Any]) -> Table:
    shape = meta["geometry_name"] or "wkb_geometry"
    columns = tuple(name for name in reader.schema.names if name != shape)
    batches = _with_shapes(counted(reader), shape, straighten)
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
        yield from _slices(replace(batch, shapes=np.asarray(shapes), mended=_mended(raw, shapes)))


def _slices(batch: Batch) -> Iterator[Batch]:
    """Yield ``batch`` in pieces of some hundred thousand vertices: judging costs by the vertex."""
    ends = np.cumsum(shapely.get_num_coordinates(batch.shapes))
    marks = np.arange(MOST_VERTICES, ends[-1] if len(ends) else 0, MOST_VERTICES)
    cuts = np.unique([0, *(np.searchsorted(ends, marks) + 1), len(ends)])
    for start, end in pairwise(cuts.tolist()):
        yield Batch(
            batch.numbers[start:end],
            batch.data.slice(start, end - start),
            batch.broken if start == 0 else (),
            None if batch.shapes is None else batch.shapes[start:end],
            None if batch.mended is None else batch.mended[start:end],
        )


def _mended(raw: Any, shapes: Any) -> Any:
    """Return for rows without a shape the one that a closed ring would make; None if none lack."""
    lacking = np.array([shape is None for shape in shapes], dtype=bool)
    if not lacking.any():
        return None
    return np.asarray(shapely.from_wkb(np.where(lacking, raw, None), on_invalid="fix"))


def _straightened(source: str, layer: str, skip: int, most: int) -> Any:
    """Return the binary of some rows again, arcs as chains of short lines: GEOS knows no arcs."""
    _, _, raw, _ = pyogrio.raw.read(
        source, layer=layer, columns=[], skip_features=skip, max_features=most
    )
    return raw


def _gdal_name(path: Path) -> str:
    """Return what GDAL calls ``path``; a packed file is first proved whole and of sane size."""
    whole = path.resolve().as_posix()
    name = path.name.lower()
    if name.endswith(".zip"):
        _check_archive(path)
        return f"/vsizip/{whole}"
    packed = name.endswith(".gz")
    bare = _bare(path)
    with _stream(path) as stream:
        _check_head(path, bare, stream.read(HEAD))
        size = _left(stream) if packed else path.stat().st_size
    if bare.endswith(WHOLE) and size > MOST_WHOLE:
        raise Refused(
            sentence("“%(file)s” is larger than %(most)s MB. Save it as GeoPackage."),
            file=path.name,
            most=MOST_WHOLE // 1_000_000,
        )
    if packed and size > MOST_UNPACKED:
        raise Refused(sentence("“%(file)s” would unpack to more than 4 GB."), file=path.name)
    return f"/vsigzip/{whole}" if packed else whole


def _left(stream: Any) -> int:
    """Return how many bytes are still to come: reading them proves a packed file whole."""
    return sum(len(block) for block in iter(lambda: stream.read(1 << 20), b""))


def _check_head(path: Path, bare: str, head: bytes) -> None:
    """Raise ``Refused`` unless a file begins as files with its ending do."""
    begins = next((BEGINS[end] for end in BEGINS if bare.endswith(end)), None)
    if begins is None or not begins(_plain(head) if bare.endswith(TEXTS) else head):
        raise unreadable(path)


def unreadable(path: Path) -> Refused:
    """Return the refusal of a file that is not what its name says, or nothing known."""
    return Refused(sentence("“%(file)s” is no table or map file that can be read."), file=path.name)


def _is_json(head: bytes) -> bool:
    return head.startswith((b"{", b"[")) and b"gdal_streamed_alg" not in head


def _is_xml(*roots: bytes) -> Callable[[bytes], bool]:
    """Return a test for XML whose root is one of ``roots``, without a document type."""

    def fits(head: bytes) -> bool:
        found = re.search(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)", head)
        return b"<!DOCTYPE" not in head and found is not None and found[1] in roots

    return fits


def _is_sqlite(head: bytes) -> bool:
    return head.startswith(b"SQLite format 3\0")


BEGINS: dict[str, Callable[[bytes], bool]] = {
    ".geojson": _is_json,
    ".json": _is_json,
    ".geojsonl": _is_json,
    ".topojson": _is_json,
    ".gpkg": _is_sqlite,
    ".fgb": lambda head: head.startswith(b"fgb"),
    ".shp": lambda head: head.startswith(b"\0\0\x27\x0a"),
    ".kml": _is_xml(b"kml"),
    ".gpx": _is_xml(b"gpx"),
    ".gml": _is_xml(b"FeatureCollection", b"GMLFeatureCollection"),
    ".osm.xml": _is_xml(b"osm"),
    ".osm": _is_xml(b"osm"),
    ".xml": _is_xml(b"osm", b"FeatureCollection", b"gpx", b"kml"),
    ".pbf": lambda head: b"OSMHeader" in head[:64],
    ".tab": lambda head: head.lstrip().startswith(b"!"),
    ".mif": lambda head: head[:7].lower() == b"version",
    ".dxf": lambda head: b"SECTION" in head,
}
"""How a file with such an ending begins: what begins otherwise never reaches a reader."""
JSONS = (".geojson", ".json")
TEXTS = (".geojson", ".json", ".geojsonl", ".topojson", ".kml", ".gpx", ".gml", ".osm", ".xml")
IN_SHAPEFILES = (
    ".shp", ".shx", ".dbf", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".shp.xml", ".qmd", ".txt",
)  # fmt: skip
IN_GDB = (
    ".gdbtable",
    ".gdbtablx",
    ".gdbindexes",
    ".atx",
    ".spx",
    ".freelist",
    ".horizon",
    "gdb",
    "timestamps",
    ".lock",
)


def _check_archive(path: Path) -> None:
    """Raise ``Refused`` unless a .zip holds shapefiles or a geodatabase, of sane size."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError, NotImplementedError) as broken:
        raise unreadable(path) from broken
    known = (*IN_SHAPEFILES, *IN_GDB)
    if not entries or not all(_is_plain(entry.filename, known) for entry in entries):
        raise Refused(
            sentence("“%(file)s” must hold one shapefile (.shp .shx .dbf .prj) and nothing else."),
            file=path.name,
        )
    size, packed = (sum(getattr(e, n) for e in entries) for n in ("file_size", "compress_size"))
    if size > MOST_ARCHIVE or (size > LEAST_SQUEEZED and size > MOST_SQUEEZE * packed):
        raise Refused(
            sentence("“%(file)s” would unpack to %(size)s MB: too much. Split it."),
            file=path.name,
            size=size // 1_000_000,
        )


def _is_plain(name: str, endings: tuple[str, ...]) -> bool:
    return ".." not in name and not name.startswith("/") and name.lower().endswith(endings)
