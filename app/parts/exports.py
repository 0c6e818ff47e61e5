"""Exports of the register: GeoPackage, Shapefile, GeoJSON, XLSX, written row by row."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyogrio
import xlsxwriter
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import audit, bulk, clock, sql
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence
from app.kernel.queue import Progress
from app.parts import queries
from app.parts.filters import Filters
from app.parts.rules import SOURCE_WORDS, STATE_WORDS

HERE = Path(__file__).parent
ROWS = sql.read(HERE, "export_parts")
BATCH = 2_000
KEPT = timedelta(days=7)
FIELDS = (
    "ObjID", "ObjName", "DeptCode1", "DeptName1", "DeptCode2", "DeptName2", "DeptCode3",
    "DeptName3", "BGID", "ObjState", "ORDate", "CHDate", "DataSource", "Note", "StreetCode",
    "StreetName", "CommCode", "CommName", "KindCode", "KindName", "ExtID", "Attrs", "Lon", "Lat",
)  # fmt: skip
"""The standard's names; none is longer than the ten letters a shapefile has room for."""
STATES = {state: word for word, state in reversed(list(STATE_WORDS.items())) if not word.isascii()}
SOURCES = {source: word for word, source in SOURCE_WORDS.items() if not word.isascii()}
MOST_SHEET = 1_000_000
MOST_CELL = 32_767
LAYERS = {0: ("points", "Point"), 1: ("lines", "MultiLineString"), 2: ("areas", "MultiPolygon")}
Blocks = Iterator[Sequence[Any]]
WRITING = sentence("writing the file")


def check_format(form: str) -> str:
    """Return ``form`` if it is one that can be written, or raise ``Refused``."""
    if form not in WRITERS:
        raise Refused(
            sentence("“%(format)s” cannot be written. Choose one of: %(known)s."),
            format=form,
            known=", ".join(WRITERS),
        ).about("format")
    return form


def export(
    progress: Progress,
    sessions: sessionmaker[Session],
    data: Path,
    *,
    form: str,
    filters: dict[str, str],
) -> None:
    """Write the parts that fit ``filters`` for the person who asked; the job tells the name."""
    name = f"parts.{WRITERS[form][0]}"
    final = place(data, progress.job)
    final.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written aside: a worker that was only taken for dead must not write into the other's file.
    with (
        TemporaryDirectory(prefix="writing-", dir=data / "exports") as folder,
        sessions.begin() as session,
    ):
        count = write(session, Path(folder) / name, form, filters, progress.tell)
        actor = Actor(progress.actor_id or 0, "")
        audit.note(session, actor, "part.export", json.dumps(filters), result=f"{form} {count}")
        progress.finish(session, {"name": name, "parts": count})
        (Path(folder) / name).replace(final / name)


def place(data: Path, job: int) -> Path:
    """Return the folder that the export of ``job`` lies in."""
    return data / "exports" / str(job)


def sweep(data: Path) -> None:
    """Forget exports that are older than a week."""
    for folder in (data / "exports").glob("*"):
        if clock.now().timestamp() - folder.stat().st_mtime > KEPT.total_seconds():
            shutil.rmtree(folder, ignore_errors=True)


def write(
    session: Session,
    path: Path,
    form: str,
    filters: dict[str, str],
    tell: Callable[[int, int | None, str], None],
) -> int:
    """Write the parts that fit ``filters`` to ``path`` as ``form`` and return how many."""
    bulk.unhurried(session)
    wanted = Filters.read(session, filters)
    total = queries.count(session, wanted, most=10_000_000)
    if form == "xlsx" and total > MOST_SHEET:
        raise Refused(sentence("A sheet has room for a million rows. Narrow the filters."))
    clauses, binds = wanted.where()
    asked = text(ROWS.replace("/*where*/ true", " AND ".join(clauses) or "true"))
    rows = session.execute(
        asked, binds, execution_options={"stream_results": True, "yield_per": BATCH}
    )
    WRITERS[form][1](path, _told(rows.mappings().partitions(BATCH), total, tell))
    return total


def _told(
    blocks: Any, total: int, tell: Callable[[int, int | None, str], None]
) -> Iterator[list[dict[str, Any]]]:
    """Yield blocks of rows in the words of the standard, telling how far they are."""
    done = 0
    for block in blocks:
        yield [_in_words(dict(row)) for row in block]
        done += len(block)
        tell(done, total, WRITING if done == len(block) else "")


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    row["ObjState"] = STATES[row["ObjState"]]
    row["DataSource"] = SOURCES.get(row["DataSource"], row["DataSource"])
    return row


def _geojson(path: Path, blocks: Blocks) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        comma = "\n"
        for row in (row for block in blocks for row in block):
            told = json.dumps({name: row[name] for name in FIELDS}, ensure_ascii=False)
            file.write(
                f'{comma}{{"type": "Feature", "properties": {told}, "geometry": {row["json"]}}}'
            )
            comma = ",\n"
        file.write("\n]}\n")


def _geopackage(path: Path, blocks: Blocks) -> None:
    path.unlink(missing_ok=True)
    begun = False
    for block in blocks:
        _append(path, block, "parts", "Unknown", "GPKG", append=begun)
        begun = True
    if not begun:
        _append(path, [], "parts", "Unknown", "GPKG", append=False)


def _shapefile(path: Path, blocks: Blocks) -> None:
    """Write one shapefile for points, one for lines, one for areas, packed together."""
    folder = path.parent / "shp"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    begun: set[int] = set()
    for block in blocks:
        for dimension, (name, kind) in LAYERS.items():
            rows = [row for row in block if row["dimension"] == dimension]
            if rows:
                file = folder / f"parts_{name}.shp"
                _append(file, rows, file.stem, kind, "ESRI Shapefile", append=dimension in begun)
                begun.add(dimension)
    if not begun:
        _append(folder / "parts_points.shp", [], "parts_points", "Point", "ESRI Shapefile",
                append=False)  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for piece in sorted(folder.iterdir()):
            archive.write(piece, piece.name)
    shutil.rmtree(folder)


def _append(
    path: Path, rows: Sequence[Any], layer: str, kind: str, driver: str, *, append: bool
) -> None:
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [bytes(row["wkb"]) for row in rows]
    values = [np.array([row[name] for row in rows], dtype=object) for name in FIELDS[:-2]]
    values += [np.array([row[name] for row in rows], dtype=np.float64) for name in FIELDS[-2:]]
    pyogrio.raw.write(
        path,
        shapes,
        values,
        np.array(FIELDS, dtype=object),
        layer=layer,
        driver=driver,
        geometry_type=kind,
        crs="EPSG:4490",
        encoding="UTF-8",
        append=append,
    )


def _workbook(path: Path, blocks: Blocks) -> None:
    """Write a sheet; what could be taken for a formula is marked as text, as spreadsheets do."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("parts")
        bold, plain = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
        for column, name in enumerate((*FIELDS, "WKT")):
            sheet.write_string(0, column, name, bold)
        rows = (row for block in blocks for row in block)
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate((*(row[name] for name in FIELDS), row["wkt"])):
                _cell(sheet, line, column, value, plain)


def _cell(sheet: Any, line: int, column: int, value: Any, plain: Any) -> None:
    if isinstance(value, float):
        sheet.write_number(line, column, round(value, 8))
    elif value and len(value) <= MOST_CELL:
        risky = value.startswith(("=", "+", "-", "@", "\t", "\r"))
        sheet.write_string(line, column, value, plain if risky else None)


WRITERS: dict[str, tuple[str, Callable[[Path, Blocks], None]]] = {
    "gpkg": ("gpkg", _geopackage),
    "shp": ("shp.zip", _shapefile),
    "geojson": ("geojson", _geojson),
    "xlsx": ("xlsx", _workbook),
}
"""The formats: the end of the file's name, and what writes it."""
