-- Which incoming rows share one spot (of about ten metres) with a tenth of the file and a hundred
-- others?  They are taken out.  No survey has so many parts in one place.
DELETE FROM incoming_parts
WHERE (round(lon::numeric, 4), round(lat::numeric, 4)) IN (
    SELECT round(lon::numeric, 4), round(lat::numeric, 4) FROM incoming_parts
    GROUP BY 1, 2
    HAVING count(*) > 100 AND count(*) * 10 > (SELECT count(*) FROM incoming_parts))
RETURNING row, lon, lat
