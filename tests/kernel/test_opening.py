"""Strangers' files: read as what their name says, bounded, and never leading elsewhere."""

import gzip
import json
import os
import resource
import time
import zipfile

import numpy as np
import pyogrio
import pytest
import shapely

from app.kernel.errors import Refused
from app.kernel.opening import opened

ELSEWHERE = "lon,lat\n118.5,36.5\n"
VRT = """<OGRVRTDataSource><OGRVRTLayer name="{stem}"><SrcDataSource>{path}</SrcDataSource>
<SrcLayer>secret</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"""
LAUGHS = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>&b;</name></Document></kml>"""
LEADS = {
    "vrt": VRT,
    "gdalg": '{{"type": "gdal_streamed_alg", "command_line": "gdal vector ! read {path}"}}',
    "wfs": "<OGRWFSDataSource><URL>http://127.0.0.1:1/</URL></OGRWFSDataSource>",
    "entities": LAUGHS.replace("{", "{{").replace("}", "}}"),
}


def rows(path):
    with opened(path) as table:
        return sum(len(batch.numbers) for batch in table.batches)


@pytest.mark.parametrize("ending", ["geojson", "json", "gpkg", "kml", "gml", "gpx", "xml", "fgb"])
@pytest.mark.parametrize("lead", LEADS)
def test_a_file_that_leads_elsewhere_is_refused_whatever_it_is_called(tmp_path, lead, ending):
    secret = tmp_path / "secret.csv"
    secret.write_text(ELSEWHERE)
    file = tmp_path / f"p.{ending}"
    file.write_text(LEADS[lead].format(path=secret, stem="p"))
    with pytest.raises(Refused, match="is no table or map file"):
        rows(file)


def test_no_reader_is_loaded_that_follows_a_file_to_another():
    assert "OGR_VRT" in os.environ["OGR_SKIP"]
    dangerous = {"OGR_VRT", "GDALG", "WFS", "CSW", "HTTP", "SQLite", "OGCAPI", "Carto", "ADBC"}
    assert dangerous & set(pyogrio.list_drivers()) == set()


@pytest.mark.parametrize("inside", ["p.vrt", "../p.shp", "/etc/p.shp", "p.shp.exe", "p.gpkg"])
def test_an_archive_holds_a_shapefile_and_nothing_else(tmp_path, inside):
    file = tmp_path / "p.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("p.dbf", b"")
        archive.writestr(inside, VRT)
    with pytest.raises(Refused, match="one shapefile"):
        rows(file)


def test_a_packed_shapefile_is_read(tmp_path):
    points = shapely.to_wkb(shapely.points([118.2, 118.3], [36.6, 36.7]))
    made = {"driver": "ESRI Shapefile", "geometry_type": "Point", "crs": "EPSG:4490"}
    pyogrio.raw.write(tmp_path / "p.shp", points, [np.array(["a", "b"], object)], ["name"], **made)
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for piece in tmp_path.glob("p.[!z]*"):
            archive.write(piece, piece.name)
    assert rows(tmp_path / "p.zip") == 2


def bomb(path, name, *, size, extra=b""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "")
        with archive.open(name, "w", force_zip64=True) as part:
            part.write(extra)
            for _ in range(size):
                part.write(bytes(1_000_000))


@pytest.mark.parametrize(
    ("inside", "size"),
    [("xl/worksheets/sheet1.xml", 450), ("xl/worksheets/sheet1.xml", 30),
     ("xl/sharedStrings.xml", 61)],
)  # fmt: skip
def test_a_workbook_bomb_is_refused_within_a_second(tmp_path, inside, size):
    file = tmp_path / "p.xlsx"
    bomb(file, inside, size=size)
    begun = time.perf_counter()
    with pytest.raises(Refused, match="would unpack to"):
        rows(file)
    assert time.perf_counter() - begun < 1


def test_a_shapefile_bomb_is_refused_by_its_directory(tmp_path):
    file = tmp_path / "p.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("p.shp", bytes(30_000_000), zipfile.ZIP_DEFLATED)
    with pytest.raises(Refused, match="would unpack to"):
        rows(file)


def test_a_workbook_that_declares_entities_is_none(tmp_path):
    file = tmp_path / "p.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", LAUGHS)
    with pytest.raises(Refused, match="is not an XLSX workbook"):
        rows(file)


def test_an_open_ring_has_no_shape_but_what_closing_it_would_make(tmp_path):
    ring = [[118.2, 36.6], [118.3, 36.6], [118.3, 36.7]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon",
               "coordinates": [ring]}}  # fmt: skip
    file = tmp_path / "p.geojson.gz"
    with gzip.open(file, "wt") as stream:
        json.dump({"type": "FeatureCollection", "features": [feature]}, stream)
    with opened(file) as table:
        (batch,) = table.batches
    assert batch.shapes[0] is None
    assert batch.mended[0].is_valid


def test_a_shape_of_a_million_vertices_never_fills_the_memory(tmp_path):
    file = tmp_path / "p.geojson"
    line = ",".join("[118.2000001,36.6000001]" for _ in range(1_000_000))
    file.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
        f'"geometry":{{"type":"LineString","coordinates":[{line}]}}}}]}}'
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused, match="a shape too large"):
        rows(file)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
