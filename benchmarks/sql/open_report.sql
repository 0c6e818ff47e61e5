-- How many cases are open, by kind and department?
SELECT kind, department, count(*) FROM cases WHERE closed_at IS NULL GROUP BY kind, department
