-- Makes whole streets of the incoming pieces: pieces of one name within :reach degrees of each other
-- are one street.  Reads the incoming rows once.
CREATE TEMP TABLE whole_streets ON COMMIT DROP AS
SELECT s.word, min(s.name) AS name, array_remove(array_agg(DISTINCT s.alias), NULL) AS alias,
       array_remove(array_agg(DISTINCT s.former), NULL) AS former,
       coalesce(mode() WITHIN GROUP (ORDER BY s.category), '') AS category,
       ST_LineMerge(ST_UnaryUnion(ST_Collect(s.geom))) AS geom
FROM (SELECT i.*, ST_ClusterDBSCAN(i.geom, CAST(:reach AS float8), 1) OVER (PARTITION BY i.word) AS n
      FROM incoming_addresses i WHERE i.type = 'street' AND ST_Dimension(i.geom) = 1) s
GROUP BY s.word, s.n
