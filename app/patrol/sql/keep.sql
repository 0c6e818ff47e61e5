-- Keep the fixes of :person (arrays :times, :lons, :lats, :accuracies); one that came before is
-- left as it is.  The newest becomes the last position unless a newer one is known.  Gives how
-- many were new.  Leans on the keys of track_points and last_positions.
WITH fixes AS (
    SELECT DISTINCT ON (at) at, ST_SetSRID(ST_MakePoint(lon, lat), 4490) AS place, accuracy_m
    FROM unnest(CAST(:times AS timestamptz[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]),
                CAST(:accuracies AS float8[])) AS f (at, lon, lat, accuracy_m)
    ORDER BY at),
kept AS (
    INSERT INTO track_points (person_id, at, place, accuracy_m)
    SELECT :person, at, place, accuracy_m FROM fixes
    ON CONFLICT (person_id, at) DO NOTHING RETURNING at),
last AS (
    INSERT INTO last_positions (person_id, at, place, accuracy_m)
    SELECT :person, at, place, accuracy_m FROM fixes ORDER BY at DESC LIMIT 1
    ON CONFLICT (person_id) DO UPDATE
    SET at = excluded.at, place = excluded.place, accuracy_m = excluded.accuracy_m
    WHERE last_positions.at < excluded.at)
SELECT count(*) AS kept FROM kept
