"""Where a worker may die."""

POINTS = (
    "before the report is taken",
    "after the report is stored",
    "before the case is read",
    "before the case and its journal are written",
    "after the case and its journal are written",
    "after the records are written",
    "before the commit",
    "after the commit",
    "before the answer is sent",
)
