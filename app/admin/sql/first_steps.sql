-- Which of the things that a city needs are there?
-- Parameters: none. Index: none needed, each EXISTS ends at the first row it meets.
SELECT EXISTS (SELECT FROM divisions) AS divisions,
       EXISTS (SELECT FROM areas WHERE code IS NOT NULL) AS areas,
       EXISTS (SELECT FROM base_features) AS base_map,
       EXISTS (SELECT FROM cells WHERE ended_on IS NULL) AS cells,
       EXISTS (SELECT FROM addresses) AS addresses,
       EXISTS (SELECT FROM parts) AS parts,
       EXISTS (SELECT FROM beat_cells) AS beats
