-- Which incoming cases came from the system :what before?  They are taken out.
DELETE FROM incoming_cases i
USING cases c JOIN imports m ON m.id = c.import_id
WHERE m.what = :what AND c.external_id = i.external_id
RETURNING i.row
