-- Which incoming rows lie farther than :farthest metres from the middle one?  They are taken out.
DELETE FROM incoming_parts i
USING (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY lon) AS lon,
              percentile_disc(0.5) WITHIN GROUP (ORDER BY lat) AS lat FROM incoming_parts) middle
WHERE ST_DistanceSphere(ST_MakePoint(i.lon, i.lat), ST_MakePoint(middle.lon, middle.lat))
      > :farthest
RETURNING i.row, i.lon, i.lat
