-- Who called about the case whose first step was made, if anybody did; follows the other parts
-- of a statement.
, called AS (
    INSERT INTO callers (case_id, name, phone)
    SELECT case_id, CAST(:caller_name AS text), CAST(:caller_phone AS text) FROM step
    WHERE CAST(:caller_name AS text) <> '' OR CAST(:caller_phone AS text) <> '')
