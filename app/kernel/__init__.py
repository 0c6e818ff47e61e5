"""What every capability stands on; it knows no business."""

import os

# Read by GDAL when it is loaded: no reader that follows a file's words to another file, a
# database or the network.  Here, because this runs before anything that loads GDAL.
os.environ.setdefault(
    "OGR_SKIP",
    "OGR_VRT,GDALG,WFS,CSW,ADBC,AmigoCloud,Carto,EEDA,Elasticsearch,GPSBabel,HTTP,NGW,OGCAPI,"
    "PLSCENES,PDF,PDS4,AIVector,SQLite,MVT,MBTiles,PMTiles,S57,VICAR,PCIDSK,Idrisi,MiraMonVector,"
    # These hold a whole file in memory, whatever its size.
    "TopoJSON,ESRIJSON,JSONFG",
)
# Megabytes of an OSM file's nodes that are indexed in memory before a file on disk takes over.
os.environ.setdefault("OSM_MAX_TMPFILE_SIZE", "8")
# Bytes after which a batch of map features ends, however few rows it has.
os.environ.setdefault("OGR_ARROW_MEM_LIMIT", "4000000")
# No file beside a packed one that says how large it is unpacked.
os.environ.setdefault("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO")
# Megabytes that one GeoJSON feature may take in memory: some twenty thousand vertices.
os.environ.setdefault("OGR_GEOJSON_MAX_OBJ_SIZE", "24")
# Readings of whole phrases cost 44 MiB in every process; those that matter in names of places are
# in app/places/addresses/words.py.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
