"""Where a worker may die."""

POINTS = (
    "before the key is claimed",
    "after the key is claimed",
    "before the case is settled",
    "before the journal is written",
    "after the journal is written",
    "after the records are written",
    "before the commit",
    "after the commit",
    "before the answer is sent",
)
