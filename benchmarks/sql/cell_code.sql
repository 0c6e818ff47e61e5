-- Which code has the square in column :x (0–399) and row :y (0–249) of the city?
CREATE FUNCTION bench_cell(x integer, y integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (371501 + x / 40)::text || lpad((y / 50 * 2 + x % 40 / 20 + 1)::text, 3, '0')
        || lpad((y % 50 / 5 * 2 + x % 20 / 10 + 1)::text, 3, '0') || lpad((y % 5 * 10 + x % 10 + 1)::text, 2, '0')
$$
