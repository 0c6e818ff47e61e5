-- What is the least that a place can be asked of?  :cells squares of 0.001 degrees, 400 to a row,
-- :points points with one of 120 kinds, and a table to insert into; EPSG:4490 and, for tiles, 3857.
CREATE EXTENSION IF NOT EXISTS postgis;
SELECT setseed(0.42);
CREATE TABLE squares (id serial PRIMARY KEY, code text UNIQUE NOT NULL, geom geometry(Polygon, 4490) NOT NULL);
INSERT INTO squares (code, geom)
SELECT '371501' || lpad(n::text, 8, '0'),
       ST_MakeEnvelope(115.8 + n % 400 * 0.001, 36.3 + n / 400 * 0.001,
                       115.8 + (n % 400 + 1) * 0.001, 36.3 + (n / 400 + 1) * 0.001, 4490)
FROM generate_series(0, :cells - 1) n;
CREATE INDEX ON squares USING gist (geom);
CREATE TABLE points (id serial PRIMARY KEY, kind smallint NOT NULL, geom geometry(Point, 4490) NOT NULL,
                     geom3857 geometry(Point, 3857) NOT NULL);
INSERT INTO points (kind, geom, geom3857)
SELECT n % 120, p, ST_Transform(p, 3857)
FROM (SELECT n, ST_SetSRID(ST_MakePoint(115.8 + 0.2 * (random() + random()), 36.3 + 0.125 * (random() + random())), 4490) AS p
      FROM generate_series(1, :points) n) made;
CREATE INDEX ON points USING gist (geom);
CREATE INDEX ON points USING gist (geom3857);
CREATE TABLE told (id bigserial PRIMARY KEY, kind smallint, words text, at timestamptz DEFAULT now(),
                   geom geometry(Point, 4490) NOT NULL);
CREATE INDEX ON told USING gist (geom);
