-- A city of 400 x 250 squares of 0.001 degrees: ten districts of ten streets of twenty communities
-- of fifty cells (单元网格), coded by CJ/T 214-2007; a beat (责任网格) a community; a road every
-- 0.01 degrees; eight departments; one person a post.  EPSG:4490.
INSERT INTO divisions (code, name, level, parent_code)
VALUES ('37', '山东省', 1, NULL), ('3715', '样城市', 2, '37');
INSERT INTO divisions (code, name, level, parent_code)
SELECT 371500 + d, '样' || d || '区', 3, '3715' FROM generate_series(1, 10) d;
INSERT INTO divisions (code, name, level, parent_code)
SELECT code || lpad(s::text, 3, '0'), '第' || s || '街道', 4, code
FROM divisions, generate_series(1, 10) s WHERE level = 3;
INSERT INTO divisions (code, name, level, parent_code)
SELECT code || lpad(c::text, 3, '0'), '第' || c || '社区', 5, code
FROM divisions, generate_series(1, 20) c WHERE level = 4;

INSERT INTO cells (code, community, area_m2, geom)
SELECT bench_cell(x, y), left(bench_cell(x, y), 12), 10000,
       ST_MakeEnvelope(115.8 + x * 0.001, 36.3 + y * 0.001, 115.8 + (x + 1) * 0.001, 36.3 + (y + 1) * 0.001, 4490)
FROM generate_series(0, 399) x, generate_series(0, 249) y;
INSERT INTO beats (name, district, geom)
SELECT community || '责任网格', left(community, 6), ST_Multi(ST_Envelope(ST_Collect(geom)))
FROM cells GROUP BY community;
UPDATE cells SET beat_id = b.id FROM beats b WHERE b.name = community || '责任网格';
INSERT INTO areas (level, code, name, geom)
SELECT 'district', left(community, 6), left(community, 6), ST_Multi(ST_Envelope(ST_Collect(geom)))
FROM cells GROUP BY left(community, 6);
INSERT INTO base_features (layer, cls, name, geom)
SELECT 'road', 'street', '经' || x || '路',
       ST_SetSRID(ST_MakeLine(ST_MakePoint(115.8 + x * 0.01, 36.3), ST_MakePoint(115.8 + x * 0.01, 36.55)), 4490)
FROM generate_series(0, 39) x
UNION ALL
SELECT 'road', 'street', '纬' || y || '路',
       ST_SetSRID(ST_MakeLine(ST_MakePoint(115.8, 36.3 + y * 0.01), ST_MakePoint(116.2, 36.3 + y * 0.01)), 4490)
FROM generate_series(0, 24) y;

INSERT INTO departments (code, name, position)
SELECT 'D' || n, '第' || n || '处置中心', n FROM generate_series(1, 8) n;
INSERT INTO routes (kind, area, department)
SELECT 'E0' || n, '', 'D' || n FROM generate_series(1, 6) n UNION ALL SELECT '', '', 'D8';
INSERT INTO people (username, name, post, department)
SELECT code, code, code, CASE code WHEN 'department' THEN 'D1' END FROM posts;
