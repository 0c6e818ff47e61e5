-- Move to base_retired what lies in the box of the incoming features and is of their kinds; what
-- of a road or a lake reaches beyond the box stays, as a feature of this import.
-- :self the import.  Leans on ix_base_features_geom3857.
WITH box AS (
    SELECT ST_SetSRID(CAST(ST_Extent(geom) AS geometry), 4490) AS geom,
           ST_Transform(ST_SetSRID(CAST(ST_Extent(geom) AS geometry), 4490), 3857) AS geom3857
    FROM incoming_base),
gone AS (
    DELETE FROM base_features b USING box
    WHERE b.geom3857 && box.geom3857 AND ST_Intersects(b.geom, box.geom)
      AND b.layer IN (SELECT DISTINCT layer FROM incoming_base)
    RETURNING b.import_id, b.layer, b.cls, b.name, b.tags, b.geom),
kept AS (
    INSERT INTO base_retired (retired_by, import_id, layer, cls, name, tags, geom)
    SELECT :self, import_id, layer, cls, name, tags, geom FROM gone RETURNING id),
beyond AS (
    INSERT INTO base_features (import_id, layer, cls, name, tags, geom)
    SELECT :self, g.layer, g.cls, g.name, g.tags, ST_Difference(g.geom, box.geom)
    FROM gone g, box
    WHERE ST_Dimension(g.geom) > 0 AND NOT ST_CoveredBy(g.geom, box.geom)
      AND g.layer IN ('road', 'path', 'rail', 'water', 'green')
    RETURNING id)
SELECT count(*) FROM kept
