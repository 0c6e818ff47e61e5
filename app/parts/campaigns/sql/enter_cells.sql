-- Enters the cells in use of an area into survey :campaign, each with how many parts it is expected
-- to have.  :area is a prefix of cell codes, or a zone.  Leans on the primary keys of cells and
-- zone_members, and on ix_parts_geom.
INSERT INTO campaign_cells (campaign, cell, expected)
SELECT :campaign, c.code, (
    SELECT count(*) FROM parts p
    WHERE p.geom && c.geom AND p.state <> 'removed' AND in_cell_today(p.cell, p.geom, c.code, c.geom)
      AND (CAST(:kinds AS text[]) = '{}' OR p.kind = ANY(CAST(:kinds AS text[]))))
FROM cells c
WHERE c.ended_on IS NULL
  AND (c.code >= :area AND c.code < :area_end
       OR EXISTS (SELECT FROM zone_members m WHERE m.zone = :area AND starts_with(c.code, m.member)))
