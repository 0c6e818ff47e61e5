-- Tell everybody who holds a post of :posts once, by :cause, of something that concerns no case.
-- :words is the msgid that :facts fill.  Leans on uq_notices_reader_id_cause_kind.
INSERT INTO notices (reader_id, cause, kind, words, facts)
SELECT p.id, :cause, :kind, :words, CAST(:facts AS jsonb)
FROM people p WHERE p.active AND p.post = ANY(:posts)
ON CONFLICT (reader_id, cause, kind) DO NOTHING
