-- What does the base map name and number?  Roads are streets; a building or a point with a number is
-- a door, with a name a place; named grounds are tracts.  Leans on nothing: reads the map once.
SELECT f.id, CASE WHEN f.layer = 'road' THEN 'streets'
                  WHEN f.layer IN ('green', 'place') AND ST_Dimension(f.geom) = 2 THEN 'tracts'
                  ELSE 'doors' END AS holds,
       nullif(f.name, '') AS name, f.tags ->> 'alt_name' AS alias, f.tags ->> 'old_name' AS former,
       f.tags ->> 'addr:street' AS street, f.tags ->> 'addr:housenumber' AS number,
       coalesce(f.tags ->> 'amenity', f.tags ->> 'shop', f.tags ->> 'tourism',
                f.tags ->> 'leisure', f.tags ->> 'office', f.cls) AS category,
       ST_AsBinary(f.geom) AS geom
FROM base_features f
WHERE f.layer <> 'water'
  AND (f.name <> '' OR f.tags ? 'addr:housenumber' AND f.tags ? 'addr:street')
  AND NOT (f.layer = 'road' AND ST_Dimension(f.geom) <> 1)
  AND NOT (f.layer = 'place' AND f.cls IN ('district', 'street', 'community'))
ORDER BY f.id
