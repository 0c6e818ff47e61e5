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
# Megabytes that one GeoJSON feature may take in memory: some twenty thousand vertices.
os.environ.setdefault("OGR_GEOJSON_MAX_OBJ_SIZE", "24")
# Readings of whole phrases cost 44 MiB in every process; those that matter in names of places are
# in app/places/addresses/words.py.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
